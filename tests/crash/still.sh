#!/bin/sh
# still: a run whose process stands still (SIGSTOP) while an emergency of another run takes a rack from it. Nobody waits for it longer than
# some minutes, and when it wakes up it does nothing to what is not its own any more, wherever it was stopped. Its clock is set ahead
# meanwhile, so that the minutes cost nothing (stand_still.c).
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
preload stand_still.so

# plan_of RUNBOOK PLACE
plan_of() {
  "$TAGOUT" plan "$crash/$1.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR "place=$2" \
    -o "$world/$1.plan" >"$scratch/said" 2>&1 || tap_comment <"$scratch/said"
}

# live NAME: its plan is carried out in the background.
live() {
  LD_PRELOAD=$preload CLOCK_AHEAD=$world/ahead STOP_AT=$world/stop "$TAGOUT" run "$world/$1.plan" --yes --progress=none \
    >/dev/null 2>"$world/$1.said" </dev/null &
}

ledger() { "$TAGOUT" ledger live; }
claims_of() { ledger | awk -v run="-$1-" 'index($1, run) { print $2 }'; }
begun_at_b() { grep '^do [a-z_]* b2 begin' "$TAGOUT_LIVE/log" | grep -vc '^do power_off' || :; }
stopped() { test "$(sed -n 's/^State:[^A-Z]*\([A-Z]\).*/\1/p' "/proc/$1/status" 2>/dev/null)" = "${2:-T}"; }

# begin NAME: a run of the nodes in the second place, until it has one out and waits for it to come back.
begin() {
  world "$1"
  mkfifo "$TAGOUT_LIVE/return_to_service-a1" "$TAGOUT_LIVE/return_to_service-a2"
  sed -i '/^exec/i test ! -p "$TAGOUT_LIVE/$2-$3" || read -r _ <"$TAGOUT_LIVE/$2-$3"' "$world/site/act.sh"
  plan_of shared 2
  plan_of leaks 1
  live shared
  other=$!
  until grep -q ' do return_to_service a2' "$TAGOUT_LIVE/starts"; do kill -0 "$other" || break; done
  folder=$(run_folder)
}

# end_programs PROCESS: those that it has started.
end_programs() {
  for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do kill -KILL "-$child" 2>/dev/null || :; done
}

# answer PROGRAM: it ends, and tells the other so. (PROGRAM: its verb and its member; it waits in a pipe of that name.)
answer() { echo >"$TAGOUT_LIVE/$1"; }

# emergency: the run that cuts the wet rack, until it has told the other and waits for a node of its own.
emergency() {
  mkdir -p "$TAGOUT_LIVE/leak"
  echo wet >"$TAGOUT_LIVE/leak/b-cu"
  live leaks
  cutter=$!
  until grep -qs 'is pre-empted at b' "$world/leaks.said" && grep -q '^do power_off b1 ok' "$TAGOUT_LIVE/log" &&
    grep -q '^do power_off b2 ok' "$TAGOUT_LIVE/log" && grep -q ' do return_to_service a1' "$TAGOUT_LIVE/starts"; do
    kill -0 "$cutter" || break
  done
}

# The minutes for which it is waited pass; a signal lets the one with the emergency look at its clock.
pass_minutes() {
  echo 360000 >"$world/ahead"
  kill -USR1 "$cutter"
  until test "$(claims_of shared)" = 1; do kill -0 "$cutter" || break; done
}

wake() {
  kill -CONT "$other"
  status=0
  wait "$other" || status=$?
  kill -STOP "$cutter" 2>/dev/null || :
  end_programs "$cutter"
  kill -KILL "$cutter" 2>/dev/null || :
  wait "$cutter" 2>/dev/null || :
}

# It is stopped while it waits for the last word about its node: what it does next is for the other rack.
begin waiting
mkfifo "$TAGOUT_LIVE/service-a2"
reads=$(grep -c ' read service a2' "$TAGOUT_LIVE/starts")
answer return_to_service-a2
until test "$(grep -c ' read service a2' "$TAGOUT_LIVE/starts")" -gt "$reads"; do kill -0 "$other" || break; done
kill -STOP "$other"
emergency
tap_is "$(claims_of shared)" 2 "who is told keeps its claims for the moment"
pass_minutes
tap_is "$(claims_of shared)" 1 "who stands still for minutes loses what the emergency hit, and nothing else"
answer service-a2
wake
tap_is "$(begun_at_b)" 0 "when it wakes up it hears of it before it goes on"
tap_is "$status" 4 "and ends without that node"
tap_is "$("$TAGOUT" log "$(basename "$folder")" 2>&1 | grep -c 'b is pre-empted by run .*Cut the rack')" 1 "its log says why"

# It is stopped in the middle of the turns that lead to the other rack, behind each sync of its journal in turn, until it is too late.
refused=0 touched=0 place=1
while :; do
  begin "turn$place"
  echo "$place" >"$world/stop"
  answer return_to_service-a2
  until stopped "$other" || test "$(begun_at_b)" -gt 0; do kill -0 "$other" || break; done
  if test "$(begun_at_b)" -gt 0; then break; fi
  emergency
  pass_minutes
  wake
  test "$(begun_at_b)" -eq 0 || touched=$((touched + 1))
  if "$TAGOUT" log --all "$(basename "$folder")" 2>&1 | grep -q 'not begun: an emergency of another run'; then refused=$((refused + 1)); fi
  place=$((place + 1))
done
end_programs "$other"
kill -KILL "$other"
wait "$other" 2>/dev/null || :
tap_is "$touched" 0 "wherever in a turn it is stopped, it begins nothing there when it wakes up"
tap_run "also where it had decided to" test "$refused" -gt 0
tap_done
