#!/bin/sh
# storm: real programs, killed with their runtime 200 times at random moments. A run that was killed is resumed until it is
# through; then the fleet must be as an undisturbed run leaves it, and the journal must account for every program.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

wanted=${STORM_KILLS:-200}
seed=${STORM_SEED:-20260105}

world calm
plan small || {
  cat "$world/plan.out" | tap_comment
  tap_fail "a plan of small.runbook"
  tap_done
  exit
}
began=$(date +%s%N)
tap_run "an undisturbed run" "$TAGOUT" run "$world/small.plan" --yes --progress plain
calm_us=$((($(date +%s%N) - began) / 1000))
fleet_state >"$scratch/calm.state"
tap_run "nothing is started without its intent, nothing is left without an answer" lawful "$(run_folder)"

# One run through the storm. Kills it has survived in $kills. Every try draws the next moment, so that one that lies behind
# the end of a run is not drawn again and again.
kills=0
tries=0
storm() {
  while :; do
    dir=$(run_folder)
    pause=$(sed -n "$((tries % 1000 + 1))p" "$scratch/pauses")
    tries=$((tries + 1))
    status=0
    if test -n "$dir"; then
      "$helpers/kill_after" "$pause" "$TAGOUT" resume --yes --progress none >"$world/out" 2>&1 || status=$?
    else
      "$helpers/kill_after" "$pause" "$TAGOUT" run "$world/small.plan" --yes --progress none >"$world/out" 2>&1 || status=$?
    fi
    test "$status" -eq 137 || return "$status"
    kills=$((kills + 1))
    dir=$(run_folder)
    if test -n "$dir" && ! locks_known "$dir" >"$world/locks" 2>&1; then
      cat "$world/locks" | tap_comment
      return 99
    fi
  done
}

# Moments in microseconds, more early ones than late ones, on a scale of this machine's undisturbed run.
awk -v seed="$seed" -v most="$calm_us" 'BEGIN {
  srand(seed)
  for (i = 0; i < 1000; i++) print 2000 + int(rand() * rand() * most)
}' >"$scratch/pauses"
runs=0
while test "$kills" -lt "$wanted" && test "$runs" -lt 200; do
  runs=$((runs + 1))
  world "storm$runs"
  cp "$scratch/calm/small.plan" "$world/small.plan"
  status=0
  storm || status=$?
  fleet_state >"$scratch/storm.state"
  if test "$status" -ne 0; then
    tap_fail "run $runs, $kills kills so far: through"
    echo "exit status $status" | tap_comment
    tap_comment <"$world/out"
    break
  fi
  if ! cmp -s "$scratch/calm.state" "$scratch/storm.state"; then
    tap_fail "run $runs, $kills kills so far: the fleet is as it would have been"
    diff -u "$scratch/calm.state" "$scratch/storm.state" | tap_comment
    break
  fi
  tap_run "run $runs, $kills kills so far: nothing twice, nothing lost" lawful "$(run_folder)"
  tap_run "run $runs: its journal replays to the same commands" "$TAGOUT" status
done
echo "$kills kills over $runs runs, seed $seed" | tap_comment
if test "$kills" -ge "$wanted"; then tap_pass "$wanted kills"; else tap_fail "$wanted kills"; fi
tap_done
