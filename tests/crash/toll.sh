#!/bin/sh
# toll: two live runs of one fleet, each of which tolerates that so many are lost of all runs: together they lose as many as one alone
# would, and a run that is killed keeps what it has lost and whom it has at work.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

# many NAME: a world with six racks of two.
many() {
  world "$1"
  { head -1 "$crash/fleet.csv"
    for r in a1 b2 c3 d4 e5 f6; do for n in 1 2; do echo "${r%?}$n,$n,${r%?},${r#?},${r%?}-cu,w,CR,PHX,UTC,us-phoenix,US,GB200,in_service,on"; done; done; } >"$world/site/fleet.csv"
  "$tests/live/act.sh" init "$world/site/fleet.csv" "$TAGOUT_LIVE"
}

# plan_of PLACE MOST: every run has a plan of its own.
plan_of() {
  plans=$((${plans:-0} + 1))
  "$TAGOUT" plan "$crash/toll.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR "place=$1" "most=$2" \
    --start "2026-01-05T$((plans + 10)):00Z" -o "$world/$1.plan" >"$scratch/planned" 2>&1 || tap_comment <"$scratch/planned"
}

# go NAME PLACE: a live run; its exit code is in $scratch/NAME.
go() {
  status=0
  "$helpers/kill_after" 60000000 "$TAGOUT" run "$world/$2.plan" --yes --progress=none >"$scratch/$1.said" 2>&1 </dev/null || status=$?
  echo "$status" >"$scratch/$1"
}

ledger() { "$TAGOUT" ledger live; }
drained() { grep -c '^do drain .* begin' "$TAGOUT_LIVE/log" || :; }
lost() { ledger | grep -c '^  Node:.* set aside by ' || :; }

# Nothing drains, and each run alone would stop at its third.
for round in 1 2; do
  many "both$round"
  echo "drain * fail" >"$TAGOUT_LIVE/control"
  plan_of 1 2
  plan_of 2 2
  go one 1 &
  go two 2 &
  wait
  tap_is "$(drained)" 3 "two runs that tolerate two of all runs lose three together, not six, round $round"
  tap_is "$(lost)" 3 "the ledger has each of them"
  tap_is "$(cat "$scratch/one") $(cat "$scratch/two")" "4 4" "and both stop, outside their tolerance"
done
# Who has lost how many of the three is chance; one of the two has not lost them all.
tap_run "and it is said that the other has lost some of them" grep -q '3 nodes set aside, [123] of them by other runs; of all runs at most 2 may be lost' \
  "$scratch/one.said" "$scratch/two.said"

# Who plans then is told; who runs starts nobody.
plan_of 1 2
tap_is "$(grep -c 'set aside *3 nodes by other runs' "$scratch/planned")" 1 "a plan knows what the ledger holds"
before=$(drained)
: >"$TAGOUT_LIVE/control"
go again 1
tap_is "$(cat "$scratch/again") $(drained)" "4 $before" "and a run of it starts nobody"
for n in $(ledger | sed -n 's/^  \(Node:[^ ]*\) set aside by .*/\1/p'); do
  "$TAGOUT" ledger live --back "$n" --because "seen in the scheduler" --yes >"$scratch/said" 2>&1
done
tap_is "$(lost)" 0 "a person says that they are back"
plan_of 1 2
go again 1
tap_is "$(cat "$scratch/again")" 0 "and the next run goes through"

# With nothing tolerated, one waits while the other has somebody at work: also for one that is dead.
many dead
echo "return_to_service * hang" >"$TAGOUT_LIVE/control"
plan_of 1 0
plan_of 2 0
"$TAGOUT" run "$world/1.plan" --yes --progress=none >/dev/null 2>&1 </dev/null &
victim=$!
until grep -qs '^do return_to_service .* begin' "$TAGOUT_LIVE/log"; do kill -0 "$victim" || break; done
first=$(basename "$(run_folder)")
kill -9 "$victim"
wait "$victim" 2>/dev/null || :
tap_is "$(ledger | grep -c "1 at work in run $first")" 1 "the ledger has whom a killed run has at work"
"$TAGOUT" run "$world/2.plan" --yes --progress=none >"$scratch/second.said" 2>&1 </dev/null &
second=$!
until "$TAGOUT" log 2>/dev/null | grep -q 'starts nobody: .*other runs have 1 at work'; do kill -0 "$second" || break; done
tap_is "$(drained)" 1 "another run starts nobody meanwhile"
tap_is "$("$TAGOUT" log | grep -c "starts nobody: 0 nodes set aside, and other runs have 1 at work there; of all runs at most 0 may be lost, as by run $first")" 1 "and says why, once"
tap_is "$("$TAGOUT" status | grep -c 'binds *step round: at most 0 set aside, with what other runs have at work; 6 wait')" 1 "status names what binds"
: >"$TAGOUT_LIVE/control"
"$TAGOUT" resume "$first" --yes --progress=none >"$scratch/said" 2>&1 </dev/null || :
wait "$second" && status=0 || status=$?
tap_is "$status $(drained)" "0 12" "when it is resumed both go through"
tap_is "$(ledger | grep -c 'at work in run')" 0 "and nobody is at work any more"

# What a killed run has lost is counted once, however often it is resumed, and nothing is lost of it.
many resumed
echo "drain a1 fail
drain b1 hang" >"$TAGOUT_LIVE/control"
plan_of 1 1
"$TAGOUT" run "$world/1.plan" --yes --progress=none >/dev/null 2>&1 </dev/null &
victim=$!
until grep -qs '^do drain b1 begin' "$TAGOUT_LIVE/log"; do kill -0 "$victim" || break; done
kill -9 "$victim"
wait "$victim" 2>/dev/null || :
tap_is "$(lost)" 1 "what a killed run has lost stays in the ledger"
"$TAGOUT" resume --yes --progress=none >"$scratch/said" 2>&1 </dev/null &
victim=$!
until test "$(grep -c '^do drain b1 begin' "$TAGOUT_LIVE/log")" -gt 1; do kill -0 "$victim" || break; done
kill -9 "$victim"
wait "$victim" 2>/dev/null || :
echo "drain a1 fail" >"$TAGOUT_LIVE/control"
status=0
"$TAGOUT" resume --yes --progress=none >"$scratch/said" 2>&1 </dev/null || status=$?
tap_is "$status $(lost)" "0 1" "resumed twice it counts once, and within its tolerance it completes"
tap_done
