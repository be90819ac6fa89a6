#!/bin/sh
# incident: the plan of a runbook that stands, and live runs for single incidents made of it by hand: what a run is for is claimed.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

world incident

# plan_of NAME FIELD...: a plan of the standing runbook; without fields it stands.
plan_of() {
  name=$1
  shift
  status=0
  "$TAGOUT" plan "$crash/incident.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" "$@" \
    -o "$world/$name.plan" >"$scratch/said" 2>&1 || status=$?
}

go() { # go NAME: a live run of the plan
  status=0
  "$helpers/kill_after" 60000000 "$TAGOUT" run "$world/$1.plan" --yes --progress=none >"$scratch/said" 2>&1 </dev/null || status=$?
}

plan_of stands
tap_is "$status $(sed -n 2p "$scratch/said")" "0 STANDS: one run per node, at most 2 at once" "without fields the plan stands"
tap_is "$(grep -c '"nodes"' "$world/stands.plan" || :)" 0 "and names no member"
tap_is "$(sed -n '$s/^ *next *//p' "$scratch/said")" "tagout stand $world/stands.plan" "and says how it is served"
go stands
tap_is "$status $(grep -c 'error\[E0958\]' "$scratch/said")" "2 1" "it is not run"

plan_of evidence node=a1
go evidence
tap_is "$status $(wc -l <"$TAGOUT_LIVE/starts" | tr -d ' ')" "0 0" "without evidence a run ends quietly, and starts nothing"
plan_of over node=a1 note=why.txt over_limit=yes
go over
tap_is "$status $(wc -l <"$TAGOUT_LIVE/starts" | tr -d ' ')" "0 0" "beyond the limit it goes the other way"
plan_of looked node=a1 note=why.txt
go looked
tap_is "$status $(grep -c ' do diagnose a1' "$TAGOUT_LIVE/starts")" "0 1" "with it the node is looked at"

# Two that are for one node.
echo "diagnose a2 slow 2" >"$TAGOUT_LIVE/control"
plan_of first node=a2 note=why.txt
"$TAGOUT" run "$world/first.plan" --yes --progress=none >/dev/null 2>&1 </dev/null &
first=$!
until grep -qs '^do diagnose a2 begin' "$TAGOUT_LIVE/log"; do kill -0 "$first" || break; done
plan_of second node=a2 note=again.txt
go second
tap_is "$status $(grep -c 'works on 1 of these members already, .a2. among them' "$scratch/said")" "3 1" "a second run for the same node is refused"
status=0
wait "$first" || status=$?
tap_is "$status" 0 "the first goes on to its end"

# The runbook that comes with Tagout, served: what counts as a repeat is shortened, and how long links are watched.
world nvlink
sed -e 's/repeats within 2h/repeats within 1ms/' -e 's/held for 15min/held for 1s/' "$tests/../runbooks/nvlink-reboot.runbook" >"$world/reboots.runbook"
echo "the switch says so" >"$world/switch.log"
echo "operations * slow 0.3" >"$TAGOUT_LIVE/control" # the run has ended by then, and people are told all the same
"$TAGOUT" plan "$world/reboots.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" -o "$world/reboots.plan" >/dev/null
"$TAGOUT" stand "$world/reboots.plan" --yes >"$world/said" 2>&1 </dev/null &
desk=$!

# bring FIELD...: an incident, and its run to the end.
brought=0
bring() {
  "$TAGOUT" incident nvlink_fault "$@" >/dev/null
  brought=$((brought + 1))
  until test "$(grep -c ': run .*: ' "$world/said")" -ge "$brought"; do kill -0 "$desk" || break; done
}
bring node=b1
tap_is "$(wc -l <"$TAGOUT_LIVE/starts" | tr -d ' ') $(grep -c 'nothing is touched' "$world/said")" "2 1" "without logs nothing but what is asked first is read"
for again in 1 2 3; do bring node=b2 --attach "logs=$world/switch.log"; done
tap_is "$(grep -c '^do reboot b2 ok' "$TAGOUT_LIVE/log")" 2 "a node is rebooted twice a day"
tap_is "$(cat "$TAGOUT_LIVE/service/b2") $(grep -c 'beyond the limit' "$world/said")" "repair 1" "the third time it goes to repair"
tap_is "$(grep -c 'switch.log' "$TAGOUT_LIVE/log")" 2 "whoever reads of a reboot finds the evidence"
kill "$desk"
wait "$desk" 2>/dev/null || :
tap_is "$("$TAGOUT" locks)" "no lock stands" "no lock is left"
tap_done
