#!/bin/sh
# What limits.sh, sim.sh and made-up.sh came to, from what they have printed (make runs them before this): enough runs that did
# something, and some of each thing that can go wrong or that a run can do.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"

sums=$(cat "$builddir/tests/sim/limits.log" "$builddir/tests/sim/sim.log" "$builddir/tests/sim/made-up.log" | awk '
  match($0, /[0-9]+ seeds from [0-9]+, [0-9]+ of them acted/) {
    split(substr($0, RSTART, RLENGTH), word, " ")
    seeds += word[1]; acted += word[5]
  }
  sub(/^# *happened: /, "") {
    n = split($0, part, ", ")
    for (i = 1; i <= n; i++) {
      match(part[i], / [0-9]+$/)
      what = substr(part[i], 1, RSTART - 1)
      if (!(what in times)) order[++kinds] = what
      times[what] += substr(part[i], RSTART + 1)
    }
  }
  END {
    printf "%d %d simulated runs, %d of them acted\n", acted, seeds, acted
    for (i = 1; i <= kinds; i++) printf "%d %s\n", times[order[i]], order[i]
  }')
{
  read -r acted total
  echo "# $total"
  if test "$acted" -ge 10000; then tap_pass "ten thousand runs"; else tap_fail "only $acted runs"; fi
  while read -r times what; do
    if test "$times" -gt 0; then tap_pass "$what: $times"; else tap_fail "$what: never"; fi
  done
  if test "$tap_count" -gt 20; then tap_pass "all was counted"; else tap_fail "nothing was counted"; fi
} <<END
$sums
END
tap_done
