#!/bin/sh
# shared: several live runs of one fleet. Two never work on one member, and together they never have more out of service than
# the budget says, also when one of them is killed in the middle.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

world shared

# plan_of PLACE [MOST]: a plan is carried out once, so every run has one of its own.
plan_of() {
  plans=$((${plans:-0} + 1))
  "$TAGOUT" plan "$crash/shared.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR "place=$1" "most=${2:-2}" \
    --start "2026-01-05T$((plans + 10)):00Z" -o "$world/$1.plan" >"$scratch/said" 2>&1 || tap_comment <"$scratch/said"
}

# go NAME PLACE: a live run; its exit code is in $scratch/NAME.
go() {
  status=0
  "$helpers/kill_after" 60000000 "$TAGOUT" run "$world/$2.plan" --yes --progress=none >"$scratch/$1.said" 2>&1 </dev/null || status=$?
  echo "$status" >"$scratch/$1"
}

ledger() { "$TAGOUT" ledger live; }

# The most that were out at once, by what the systems saw: from the begin of a drain to the end of a return.
most_out() {
  awk '$1 == "do" && $2 == "drain" && $4 == "begin" { n++; if (n > most) most = n }
       $1 == "do" && $2 == "return_to_service" && $4 == "ok" { n-- } END { print most + 0 }' "$TAGOUT_LIVE/log"
}

echo "drain * slow 0.2" >"$TAGOUT_LIVE/control"
plan_of 1
plan_of 2
go one 1 &
go two 2 &
wait
tap_is "$(cat "$scratch/one") $(cat "$scratch/two")" "0 0" "two runs on different nodes both complete"
tap_is "$(expr "$(most_out)" '<=' 2)" 1 "together they never had more out than the budget says"
tap_is "$(grep -c '^do drain' "$TAGOUT_LIVE/log")" 8 "each node was drained once"
tap_is "$(ledger | head -2 | tr '\n' ' ')" "0 runs claim members or have some out 0 out of service " "nothing is left in the ledger"

# What a run may have out at most is set apart when it starts: who would need more than the rest is told at once, and by whom.
world reserved
echo "return_to_service * hang" >"$TAGOUT_LIVE/control"
plan_of 1 1
plan_of 2 1
"$TAGOUT" run "$world/1.plan" --yes --progress=none >/dev/null 2>&1 </dev/null &
victim=$!
until grep -qs '^do return_to_service .* begin' "$TAGOUT_LIVE/log"; do kill -0 "$victim" || break; done
go two 2
tap_is "$(cat "$scratch/two")" 3 "a run for which there is no room is refused"
tap_is "$(grep -c 'E0949.*no room for this run on .*: it may need 1 Node out at once, 1 of 1 are spoken for' "$scratch/two.said")" 1 "with the sum"
tap_is "$(grep -c '1 are for shared: run .*-shared-' "$scratch/two.said")" 1 "and the run that has the rest"
tap_is "$(grep -c 'the next day with room is 20' "$scratch/two.said")" 1 "and the day on which there is room"
tap_is "$(ls "$TAGOUT_STATE/runs" | wc -l | tr -d ' ')" 1 "and leaves no folder behind"
tap_is "$(ledger | grep -c ' shared: 1 Node at once, 2 a day, 20.*; run .*-shared-')" 1 "the ledger lists what is reserved"
kill -9 "$victim"
wait "$victim" 2>/dev/null || :
: >"$TAGOUT_LIVE/control"
go two 2
tap_is "$(cat "$scratch/two")" 3 "a killed run keeps what is reserved for it"
status=0
"$TAGOUT" ledger live --release "$world/1.plan" >"$scratch/said" 2>&1 || status=$?
tap_is "$status" 2 "and nobody gives it up for a run that can be resumed"
"$TAGOUT" resume --yes --progress=none >"$scratch/said" 2>&1 </dev/null || :
go two 2
tap_is "$(cat "$scratch/two")" 0 "when it has ended, there is room"
tap_is "$(ledger | grep -c reserved)" 0 "and nothing stays reserved"

# A run that is killed keeps what it has.
world killed
echo "return_to_service * hang" >"$TAGOUT_LIVE/control"
plan_of 1
"$TAGOUT" run "$world/1.plan" --yes --progress=none >/dev/null 2>&1 </dev/null &
victim=$!
until grep -qs '^do return_to_service .* begin' "$TAGOUT_LIVE/log"; do kill -0 "$victim" || break; done
kill -9 "$victim"
wait "$victim" 2>/dev/null || :
: >"$TAGOUT_LIVE/control"
tap_is "$(ledger | grep -c ' of .*-shared-')" 1 "what a killed run has out stays in the ledger"
plan_of 1
go again 1
tap_is "$(cat "$scratch/again")" 3 "another run on its members is refused"
tap_is "$(grep -c 'works on 2 of these members already' "$scratch/again.said")" 1 "and it says who has them"
tap_is "$(ls "$TAGOUT_STATE/runs" | wc -l | tr -d ' ')" 1 "and leaves no folder behind"
status=0
"$TAGOUT" resume --yes --progress=none >"$scratch/said" 2>&1 </dev/null || status=$?
tap_is "$status" 0 "the killed run is resumed and completes"
plan_of 1
go again 1
tap_is "$(cat "$scratch/again")" 0 "then its members are free for another"

# A run whose folder somebody removed can never go on: its claims are void, what it had out is not back.
plan_of 1
"$TAGOUT" run "$world/1.plan" --yes --progress=none >/dev/null 2>&1 </dev/null &
victim=$!
before=$(grep -c '^do drain .* begin' "$TAGOUT_LIVE/log")
until test "$(grep -c '^do drain .* begin' "$TAGOUT_LIVE/log")" -gt "$before"; do kill -0 "$victim" || break; done
kill -9 "$victim"
wait "$victim" 2>/dev/null || :
out=$(ledger | sed -n 's/^  \(Node:[^ ]*\) of .*/\1/p')
rm -rf "$(ls -d "$TAGOUT_STATE"/runs/* | tail -1)"
tap_is "$(ledger | grep -c 'claimed .*its folder is gone')" 1 "the ledger says whose folder is gone"
status=0
"$TAGOUT" ledger live --back "$out" >"$scratch/said" 2>&1 || status=$?
tap_is "$status" 2 "a node is not back without a reason"
status=0
"$TAGOUT" ledger live --back "$out" --because "seen in the scheduler" >"$scratch/said" 2>&1 </dev/null || status=$?
tap_is "$status" 2 "nor on a word that nobody was asked for"
tap_is "$(grep -c 'nothing was done: without a terminal to ask on it needs --yes' "$scratch/said")" 1 "and it says how to give it"
tap_is "$(grep -c "^$out is out of service by .*-shared-" "$scratch/said")" 1 "and where it is out"
tap_is "$(ledger | sed -n '$p')" "  $out of $(ledger | sed -n "s/^  $out of //p")" "it is out still"
"$TAGOUT" ledger live --back "$out" --because "seen in the scheduler" --yes >"$scratch/said" 2>&1
tap_is "$(ledger | sed -n '$p')" "0 out of service" "with both it is"
status=0
"$TAGOUT" ledger live --back "$out" --because "seen in the scheduler" >"$scratch/said" 2>&1 </dev/null || status=$?
tap_is "$status $(cat "$scratch/said")" "2 tagout ledger: $out is not out; without --back it lists what is" "once is enough, and nobody is asked"
tap_is "$("$TAGOUT" ledger | tail -1)" "  live" "without a site it says which there are"
plan_of 1
go again 1
tap_is "$(cat "$scratch/again")" 0 "and its members are free"
tap_done
