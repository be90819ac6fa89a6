#!/bin/sh
# writes: a small live run, killed before every single write to its journal in turn, then resumed. Half of a page, a commit that
# was not synced, a journal that was just being made: whatever is there, the run goes through, the fleet ends as it would have,
# and the journal accounts for every program.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

preload kill_at.so

calm_run KILL_COUNT
writes=$(cat "$scratch/count")
if test "$writes" -gt 20; then tap_pass "$writes writes are counted"; else tap_fail "only $writes writes are counted"; fi

# try N: killed before the N-th write; says what is wrong.
try() {
  world "write$1"
  cp "$scratch/calm/tiny.plan" "$world/tiny.plan"
  status=0
  LD_PRELOAD=$preload KILL_AT=$1 "$TAGOUT" run "$world/tiny.plan" --yes --progress none >"$world/out" 2>&1 || status=$?
  # Two runs do not write alike to the byte: the last writes may not come.
  if test "$status" -eq 0; then test "$1" -gt $((writes * 3 / 4)) && return 0; fi
  test "$status" -eq 137 || { echo "write $1: not killed: exit status $status"; return 1; }
  dir=$(run_folder)
  if test -n "$dir"; then
    locks_known "$dir" || { echo "write $1: a lock is forgotten"; return 1; }
    "$TAGOUT" resume --yes --progress none >"$world/out" 2>&1 || { echo "write $1: resume: exit status $?"; cat "$world/out"; return 1; }
  else
    "$TAGOUT" run "$world/tiny.plan" --yes --progress none >"$world/out" 2>&1 || { echo "write $1: the second start: exit status $?"; return 1; }
  fi
  fleet_state >"$world/state.txt"
  diff -u "$scratch/calm.state" "$world/state.txt" || { echo "write $1: another fleet"; return 1; }
  lawful "$(run_folder)" || { echo "write $1: not lawful"; return 1; }
  "$TAGOUT" status >/dev/null || { echo "write $1: does not replay"; return 1; }
  rm -rf "$world"
}

n=1
bad=0
while test "$n" -le "$writes"; do
  if ! try "$n" >"$scratch/try" 2>&1; then
    tap_comment <"$scratch/try"
    bad=$((bad + 1))
  fi
  n=$((n + 1))
done
tap_is "$bad" 0 "killed before each of $writes writes, resumed, and as if nothing had been"

# A full disk stops the run where it is: nothing is started that is not written down, and it goes on when there is room again.
for n in 60 90 120; do
  world "full$n"
  cp "$scratch/calm/tiny.plan" "$world/tiny.plan"
  status=0
  LD_PRELOAD=$preload FULL_AT=$n "$TAGOUT" run "$world/tiny.plan" --yes --progress none >"$world/out" 2>&1 || status=$?
  tap_is "$status" 8 "the disk is full from write $n on: exit code 8"
  tap_run "and it is said how to go on" grep -q 'tagout resume' "$world/out"
  tap_run "there is room again" "$TAGOUT" resume --yes --progress none
  tap_run "nothing twice, nothing lost" lawful "$(run_folder)"
  fleet_state >"$world/state.txt"
  tap_run "and the fleet is as it would have been" cmp "$scratch/calm.state" "$world/state.txt"
done
tap_done
