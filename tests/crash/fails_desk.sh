#!/bin/sh
# fails_desk: the process that serves incidents, with one call that fails, once: it ends and says what it met, or goes on. Whatever it
# is, the next one serves every incident that was kept, each once. FAILS=all tries more points.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"
. "$tests/live/desk_lib.sh"

preload fail_at.so
standing fails 's/, repeats within 2h join it//; s/at most 2 per node/at most 1000 per node/'
serve_ms=500

# ends_well KIND: killed by us, or a documented end that says why; a lack of memory aborts.
ends_well() {
  case $status in
    137) return 0 ;;
    2) says_why ;;
    134) test "$1" = memory ;;
    *) return 1 ;;
  esac
}

kept=0 bad=0
points='open:9 open:16 read:4 read:16 read:30 write:4 write:30 sync:4 rename:1 mkdir:4 lock:1 handle:4 spawn:1 memory:60'
if test "${FAILS-}" = all; then
  for kind in open read write sync rename mkdir lock truncate handle spawn memory; do
    for at in 1 2 3 4 5 6 7 8 10 12 14 17 20 24 28 33 40 50 60 80; do points="$points $kind:$at"; done
  done
fi
for point in $points; do
  "$TAGOUT" incident link_fault node=a2 --attach "$(evidence logs)" --key "$kept" >/dev/null
  kept=$((kept + 1))
  status=0
  rm -f "$world/failed"
  timeout -s KILL 30 "$helpers/kill_after" "${serve_ms}000" env LD_PRELOAD="$preload" FAIL_KIND="${point%:*}" FAIL_AT="${point#*:}" FAIL_SAID="$world/failed" \
    "$TAGOUT" stand "$world/link.plan" --yes --folder "$world/spool" >"$world/out" 2>&1 </dev/null || status=$?
  if ! ends_well "${point%:*}" >"$scratch/try"; then
    bad=$((bad + 1))
    { echo "$point: $(cat "$world/failed" 2>/dev/null): exit status $status"; cat "$scratch/try" "$world/out"; } | tap_comment
  fi
done
tap_is "$bad" 0 "a call fails at $kept points, and it is said or gone on"

ended() { "$TAGOUT" stand --status --format json | grep -c '"state": "ended"' || :; }
desk_begins --folder "$world/spool"
tries=0
until test "$(ended)" -ge "$kept"; do
  tries=$((tries + 1))
  if test "$tries" -gt 1500; then break; fi
done
desk_ends
tap_is "$("$TAGOUT" stand --status --format json | grep -c '"why": "completed"')" "$kept" "each incident was served to its end"
tap_is "$(ls "$TAGOUT_STATE/runs" | wc -l | tr -d ' ')" "$kept" "by one run each"
broken=0
for run in "$TAGOUT_STATE"/runs/*; do
  "$TAGOUT" log --verify "${run##*/}" >/dev/null 2>&1 || broken=$((broken + 1))
done
tap_is "$broken" 0 "every record is whole"
tap_is "$("$TAGOUT" ledger live | sed -n '1p;$p' | tr '\n' ' ')" "0 runs claim members or have some out 0 out of service " "nothing is left in the ledger"
tap_done
