#!/bin/sh
# takers: several processes that want the same run at once: one has it, the others say who and leave it alone, also while the one that
# has it is stopped. And a disk that is full, by the limit of a file's size: the run stops where it is, and goes on when there is room.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

# ---- who has it ----

world takers
if ! plan gated; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of gated.runbook"
  tap_done
  exit
fi
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
kill -KILL "$(owner)"
ends 137 "killed at a gate"

# take NAME: resumes it; what it says and its exit code are in files of that name.
take() {
  code=0
  timeout -s KILL 100 "$TAGOUT" resume --yes --progress none >"$scratch/$1.said" 2>&1 </dev/null || code=$?
  echo "$code" >"$scratch/$1.code"
}
takers='1 2 3 4 5 6'
for n in $takers; do take "$n" & done
tries=0
until test "$(cat "$scratch"/[1-6].code 2>/dev/null | wc -l)" -ge 5; do
  tries=$((tries + 1))
  if test "$tries" -gt 3000; then break; fi
done
has=$(owner)
tap_is "$(cat "$scratch"/[1-6].code | tr '\n' ' ')" "6 6 6 6 6 " "of six that want a run one has it"
tap_is "$(cat "$scratch"/[1-6].said | grep -c "the run is in the hands of process $has on .*, of $(id -un)")" 5 "and the others say who"
kill -STOP "$has"
exits 6 "who wants it while the one that has it is stopped" timeout -s KILL 20 "$TAGOUT" resume --yes
said "the run is in the hands of process $has on "
exits 0 "status" timeout -s KILL 20 "$TAGOUT" status
said "in hand *process $has on "
exits 0 "a yes" timeout -s KILL 20 "$TAGOUT" ack back_go yes --all --as lead --yes
said "kept for process $has on .*, which has not taken it yet"
exits 0 "the log" timeout -s KILL 20 "$TAGOUT" log --verify
kill -CONT "$has"
wait
tap_is "$(cat "$scratch"/[1-6].code | sort | tr '\n' ' ')" "0 6 6 6 6 6 " "it goes on as if nothing had been"
tap_run "every program is accounted for" lawful "$(run_folder)"
tap_is "$("$TAGOUT" status --format json | sed -n 's/^ "resumes": \([0-9]*\),/\1/p')" 1 "it was taken over once"

# ---- a disk that is full ----

world calm
plan tiny
"$TAGOUT" run "$world/tiny.plan" --yes --progress none >/dev/null 2>&1
fleet_state >"$scratch/calm.state"
for blocks in 40 100 150 200; do
  world "full$blocks"
  plan tiny
  status=0
  # shellcheck disable=SC3045 # dash and bash have it
  (trap '' XFSZ; ulimit -f "$blocks"; exec "$TAGOUT" run "$world/tiny.plan" --yes --progress none) >"$world/out" 2>&1 </dev/null || status=$?
  case $status in
    2 | 8) if says_why >"$scratch/try"; then tap_pass "no file may have more than $blocks blocks: exit code $status, and why"; else tap_fail "why"; tap_comment <"$world/out"; fi ;;
    *) tap_fail "no file may have more than $blocks blocks: exit code $status"; tap_comment <"$world/out" ;;
  esac
  if test -n "$(run_folder)"; then
    tap_run "a lock is known" locks_known "$(run_folder)"
    tap_run "there is room again" timeout -s KILL 20 "$TAGOUT" resume --yes --progress none
  else
    tap_run "there is room again" timeout -s KILL 20 "$TAGOUT" run "$world/tiny.plan" --yes --progress none
  fi
  tap_run "nothing twice, nothing lost" lawful "$(run_folder)"
  fleet_state >"$world/state.txt"
  tap_run "and the fleet is as it would have been" cmp "$scratch/calm.state" "$world/state.txt"
done
tap_done
