#!/bin/sh
# preempt: two live runs in two processes. An emergency of one hits a rack in which the other has a node: the power is cut at once, the
# other is told and leaves the rack alone, also when its process is dead.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

# plan_of RUNBOOK PLACE
plan_of() {
  "$TAGOUT" plan "$crash/$1.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR "place=$2" \
    -o "$world/$1.plan" >"$scratch/said" 2>&1 || tap_comment <"$scratch/said"
}

# begin: a run of the nodes in the second place, until it has one out and waits for it to come back.
begin() {
  echo "return_to_service a2 hang" >"$TAGOUT_LIVE/control"
  plan_of shared 2
  plan_of leaks 1
  "$TAGOUT" run "$world/shared.plan" --yes --progress=none >/dev/null 2>&1 </dev/null &
  other=$!
  until grep -qs '^do return_to_service a2 begin' "$TAGOUT_LIVE/log"; do kill -0 "$other" || break; done
  folder=$(run_folder)
  mkdir -p "$TAGOUT_LIVE/leak"
  echo wet >"$TAGOUT_LIVE/leak/b-cu"
}

cut() { # the run with the emergency
  status=0
  "$helpers/kill_after" 60000000 "$TAGOUT" run "$world/leaks.plan" --yes --progress=none >"$scratch/said" 2>&1 </dev/null || status=$?
}

end_other() {
  kill -9 "$other"
  wait "$other" 2>/dev/null || :
}

drains() { grep -c "^do drain $1 begin" "$TAGOUT_LIVE/log" || :; }
powers() { echo $(for n in a1 a2 b1 b2; do cat "$TAGOUT_LIVE/power/$n" 2>/dev/null || echo on; done); }
other_log() { "$TAGOUT" log "$(basename "$folder")" 2>&1; }

# Its process goes on.
world alive
begin
cut
tap_is "$status" 0 "the run with the emergency completes with what is dry, and hands over its node that is not"
tap_is "$(powers)" "on on off off" "all of the wet rack is off, also the node of the other run, and nothing else"
tap_is "$(drains b1)" 0 "it did not wait for the drain"
tap_is "$(grep -c "run $(basename "$folder") is pre-empted at b: " "$scratch/said")" 1 "it says whom it pre-empts"
until other_log | grep -q 'is pre-empted by run .*-leaks-.*leak of r.cooling is wet'; do kill -0 "$other" || break; done
tap_is "$(other_log | grep -c 'b is pre-empted by run .*-leaks-.*Cut the rack: leak of r.cooling is wet')" 1 "the other has it in its log, with the reason"
tap_is "$("$TAGOUT" ledger live | grep -c "shared.*claimed")" 1 "and keeps its claims while it goes on"
end_other
: >"$TAGOUT_LIVE/control"
status=0
"$TAGOUT" resume --yes "$(basename "$folder")" --progress=none >"$scratch/said" 2>&1 </dev/null || status=$?
tap_is "$status $(drains a2) $(drains b2)" "4 1 0" "it never touches the wet rack, and hands its node over"
tap_is "$(powers)" "on on off off" "which stays off"

# Its process is dead: it keeps nothing that is wet, and knows when it is resumed.
world dead
begin
end_other
cut
tap_is "$(powers)" "on on off off" "a dead run holds nothing up"
: >"$TAGOUT_LIVE/control"
rm "$TAGOUT_LIVE/leak/b-cu"
status=0
"$TAGOUT" resume --yes "$(basename "$folder")" --progress=none >"$scratch/said" 2>&1 </dev/null || status=$?
tap_is "$status $(drains b2)" "4 0" "resumed it leaves the rack alone, dry as it may be again"
tap_is "$(other_log | grep -c 'b is pre-empted by run ')" 1 "as it was told"
tap_is "$("$TAGOUT" ledger live | head -1)" "0 runs claim members or have some out" "nothing stays claimed"
tap_done
