#!/bin/sh
# drill: a drill is cut off too. Its simulated fleet is rebuilt from the journal, must answer again as it did, and goes on from
# there: the run ends, and nothing is left off, out or locked.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

wanted=${DRILL_KILLS:-40}
world calm
plan small || {
  tap_comment <"$world/plan.out"
  tap_fail "a plan of small.runbook"
  tap_done
  exit
}
cat >"$scratch/faults.json" <<'END'
{"format": 1, "seed": 3, "faults": [
  {"action": "shut_down", "on": {"node": "a1"}, "outcome": "unknown", "times": 1, "landing": "10min"},
  {"action": "diagnose", "on": {"node": "b2"}, "outcome": "failed", "times": 1},
  {"read": "power", "on": {"node": "b1"}, "times": 2}]}
END

awk 'BEGIN { srand(7); for (i = 0; i < 1000; i++) print 1000 + int(rand() * 60000) }' >"$scratch/pauses"
kills=0
runs=0
while test "$kills" -lt "$wanted" && test "$runs" -lt 100; do
  runs=$((runs + 1))
  world "drill$runs"
  cp "$scratch/calm/small.plan" "$world/small.plan"
  sed "s/\"seed\": 3/\"seed\": $runs/" "$scratch/faults.json" >"$world/faults.json"
  while :; do
    pause=$(sed -n "$((kills + 1))p" "$scratch/pauses")
    status=0
    if test -n "$(run_folder)"; then
      "$helpers/kill_after" "$pause" "$TAGOUT" resume --yes --progress none >"$world/out" 2>&1 || status=$?
    else
      "$helpers/kill_after" "$pause" "$TAGOUT" run "$world/small.plan" --speed 20000 --faults "$world/faults.json" --progress none \
        >"$world/out" 2>&1 || status=$?
    fi
    test "$status" -eq 137 || break
    kills=$((kills + 1))
  done
  # One node is ill and may not be: the run fails, always, and hands it over.
  if test "$status" -ne 4 || ! grep -q 'failed' "$world/out"; then
    tap_fail "drill $runs, $kills kills so far: ends as it has to"
    echo "exit status $status" | tap_comment
    tap_comment <"$world/out"
    break
  fi
  tap_run "drill $runs, $kills kills so far: its journal replays" "$TAGOUT" status
done
if test "$kills" -ge "$wanted"; then tap_pass "$wanted kills"; else tap_fail "$wanted kills"; fi
tap_done
