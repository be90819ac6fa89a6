#!/bin/sh
# odds: two people who say different things of one run at the same moment, or of a run whose process is dead: one of them has it, the
# other is told so, and a no is never lost behind a yes that nobody has acted upon.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

# ---- a yes and a no, both before anybody has acted ----

world gate
if ! plan gated; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of gated.runbook"
  tap_done
  exit
fi
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility'
kill -KILL "$(owner)"
ends 137 "killed at a gate"
exits 0 "a yes for both" "$TAGOUT" ack back_go yes --all --as lead --yes
exits 0 "another's no for one" "$TAGOUT" ack back_go no a1 --as guard --yes
said 'lead has said yes to 1 of these, and nobody has taken it yet: the no counts'
exits 0 "status" "$TAGOUT" status
said 'not taken *back_go: yes for 2 nodes (.*) by lead'
said 'not taken *back_go: no for node a1 by guard'
begins "$TAGOUT" resume --yes --progress plain
until_told 'back_go: no for node a1 by guard, not signed'
until_told 'back_go: an answer that does NOT count for node a1 by lead: nothing is asked any more'
until_told 'roll back: no word'
ends 4 "the no counts"
exits 0 "no lock is left" "$TAGOUT" locks
said 'no lock stands'

# ---- while it lives: the first has it, the second is told ----

world live
plan control
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
owner=$(owner)
kill -STOP "$owner" # so that both are there at once
for who in ann bob; do
  { code=0; "$TAGOUT" take --yes --as $who >"$scratch/take.$who" 2>&1 || code=$?; echo "$code" >"$scratch/code.$who"; } &
done
sent() { "$helpers/journal_facts" "$(run_folder)" | grep -c '^letter' || true; }
while test "$(sent)" -lt 2; do :; done
kill -CONT "$owner"
until_told 'taken over by'
until_told 'not done: '
while ! test -s "$scratch/code.ann" || ! test -s "$scratch/code.bob"; do :; done
tap_is "$(cat "$scratch/code.ann" "$scratch/code.bob" | sort | tr '\n' ' ')" '0 1 ' "one has it, the other is refused"
cat "$scratch/take.ann" "$scratch/take.bob" >"$scratch/said"
said 'nothing came of it: .* has taken it meanwhile'
exits 0 "a no for one" "$TAGOUT" ack back_go no a1 --as guard --yes
exits 2 "a yes behind it" "$TAGOUT" ack back_go yes a1 --as lead --yes
said 'back_go does not ask about `a1`'
exits 0 "a no for the other" "$TAGOUT" ack back_go no b1 --as guard --yes
ends 4 "rolled back"

# ---- while it is dead: whoever speaks second speaks behind the first ----

world dead
plan control
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
kill -KILL "$(owner)"
ends 137 "killed"
exits 0 "taken" "$TAGOUT" take --yes --as ann
exits 0 "and taken from her" "$TAGOUT" take --yes --as bob
said 'from ann to bob'
exits 0 "held" "$TAGOUT" hold b1 --yes --as ann
exits 1 "held twice" "$TAGOUT" hold b1 --yes --as bob
said 'b1 is held already, by ann'
exits 0 "paused" "$TAGOUT" pause --yes --as ann
exits 0 "paused twice" "$TAGOUT" pause --yes --as bob
said 'is paused already'
exits 0 "set aside" "$TAGOUT" set-aside a1 --yes --as ann --because 'its fan is broken'
exits 1 "set aside twice" "$TAGOUT" set-aside a1 --yes --as bob --because 'its fan is broken'
said 'a1 is out already: set aside by ann: its fan is broken'
exits 0 "given up" "$TAGOUT" abort --yes --as bob
said 'it is about 2 nodes; out of service now: 2'
said 'through by .* at the latest: .* for what is in flight, .* for the roll back, .* to let the locks go'
exits 1 "given up twice" "$TAGOUT" abort --yes --as ann
said 'it is being given up already'
begins "$TAGOUT" resume --yes --progress plain
until_told 'taken over by ann'
until_told 'taken over by bob'
until_told 'cancelled by bob'
ends 5 "the roll back does not wait for the pause"
exits 0 "status" "$TAGOUT" status
said 'no lock stands'
exits 0 "its record is whole" "$TAGOUT" log --verify
tap_done
