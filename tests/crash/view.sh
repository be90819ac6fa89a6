#!/bin/sh
# view: what a person in front of a run sees: drawn in place on a terminal, in lines elsewhere; never wider or longer than the
# terminal, never thousands of lines, and no escape where none is wanted.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

unset COLUMNS NO_COLOR
TERM=xterm
export TERM
escape=$(printf '\033')

world drill
plan small || {
  tap_comment <"$world/plan.out"
  tap_fail "a plan of small.runbook"
  tap_done
  exit
}
cat >"$world/faults.json" <<'END'
{"format": 1, "seed": 1, "faults": [{"action": "diagnose", "on": {"node": "b2"}, "outcome": "failed", "times": 1}]}
END
drill="$TAGOUT run $world/small.plan --world drill --faults $world/faults.json"

# shown OPTIONS... -- COMMAND...: on a terminal; the status in $status, the pictures in $scratch/shown.
shown() {
  status=0
  "$helpers/on_terminal" "$@" >"$scratch/shown" || status=$?
  tr -d '\r' <"$scratch/shown" >"$scratch/lines"
}

# Lines without escapes, each as wide as a terminal shows it: the ellipsis is one cell.
plain() { sed "s/$escape\\[[0-9;]*[A-Za-z]//g; s/…/~/g" "$scratch/lines"; }
# The first line and the last ones are no part of a picture, and have no width to keep.
widest() { plain | sed -e '/^small: /,$d' -e '/^run /d' | awk '{ if (length($0) > n) n = length($0) } END { print n + 0 }'; }
# The most lines that a picture went back over.
tallest() { grep -o "$escape\\[[0-9]*A" "$scratch/lines" | tr -dc '0-9\n' | sort -n | tail -n 1; }

# below N LIMIT WHAT
below() { if test "${1:-0}" -lt "$2" && test "${1:-0}" -gt 0; then tap_pass "$3: $1"; else tap_fail "$3: ${1:-none}"; fi; }

# shellcheck disable=SC2086 # the words of one command line
{
  shown 80x24 -- $drill --speed 2000
  tap_is "$status" 4 "a drill on a terminal ends as it has to"
  below "$(widest)" 80 "no line of it is wider than 80 columns"
  below "$(tallest)" 24 "no picture is higher than 24 rows"
  tap_run "trouble is pinned at the bottom" grep -q '! node b2 is set aside: is ill (line' "$scratch/lines"
  tap_run "what it waits for is shown" grep -q 'waits for' "$scratch/lines"
  tap_run "in colour" grep -q "$escape\\[31m" "$scratch/lines"

  shown 48x9 -- $drill --speed 2000
  below "$(tallest)" 9 "no picture is higher than 9 rows"
  below "$(widest)" 48 "no line of it is wider than 48 columns"

  shown 80x24 -r 'waits for' 40x12 -- $drill --speed 2000
  tap_is "$status" 4 "a terminal that changes its size"

  NO_COLOR=1 shown 80x24 -- env NO_COLOR=1 $drill --speed 2000
  if grep -q "$escape\\[[0-9;]*m" "$scratch/lines"; then tap_fail "NO_COLOR: no colour"; else tap_pass "NO_COLOR: no colour"; fi
  tap_run "and still drawn in place" grep -q "$escape\\[[0-9]*A" "$scratch/lines"

  shown 80x24 -- env TERM=dumb $drill --speed 0
  if grep -q "$escape" "$scratch/lines"; then tap_fail "TERM=dumb: no escapes"; else tap_pass "TERM=dumb: no escapes"; fi
  tap_run "but lines" grep -q 'step down begins: Power down (line' "$scratch/lines"

  shown 80x24 -- $drill --speed 0 --progress none
  if grep -q -e "$escape" -e 'step down' "$scratch/lines"; then tap_fail "none: only the end"; else tap_pass "none: only the end"; fi

  status=0
  $drill --speed 0 >"$scratch/out" 2>"$scratch/lines" || status=$?
  if grep -q "$escape" "$scratch/lines"; then tap_fail "into a file: no escapes"; else tap_pass "into a file: no escapes"; fi
  below "$(wc -l <"$scratch/lines")" 40 "and few lines"

  # The keys of a terminal reach its foreground: the programs of the site must not get them.
  shown 80x24 -t 'waits for' '^C' -t 'Nothing new is started' '^C' -- $drill --speed 100
  tap_is "$status" 5 "Ctrl-C twice leaves"
  tap_run "and says how to go on" grep -q 'tagout resume' "$scratch/lines"

  world live
  plan tiny
  shown 80x24 -t 'to start it: ' '2^J' -- "$TAGOUT" run "$world/tiny.plan"
  tap_is "$status" 0 "a live run starts when the number of its members is typed"
  rm "$world/tiny.plan"
  plan tiny
  shown 80x24 -t 'to start it: ' 'yes^J' -- "$TAGOUT" run "$world/tiny.plan"
  tap_is "$status" 5 "and not when anything else is"
}
tap_done
