#!/bin/sh
# control: what people do to single members and steps of a run, from a second terminal, while its process lives and while it is
# dead, with kill -9 between what is asked and its taking. Whatever they do, every lock is released or handed over by name.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

# refuses CODE WHAT PATTERN COMMAND...
refuses() {
  wanted=$3
  exits "$1" "$2" "$TAGOUT" $4
  said "$wanted"
}

# ---- hold, while it lives and when it is dead ----

world hold
if ! plan control; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of control.runbook"
  tap_done
  exit
fi
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
refuses 2 "without a terminal nothing is done" 'nothing was done: without a terminal to ask on it needs --yes' "hold b1"
refuses 2 "two members of the latest run" 'of several words the first names the run: `tagout hold RUN MEMBER...`' "hold a1 b1 --yes"
refuses 2 "a step that there is not" 'has no step `nosuch`; its steps are out, back, twice, undo' "stop-after nosuch --yes"
refuses 2 "a member that is misspelt" 'has no `b11`; did you mean `b1`?' "hold b11 --yes"
refuses 1 "a node that the run is not about" 'b2 is no member of this run' "hold b2 --yes"
refuses 1 "who is not held" 'a1 is not held' "unhold a1 --yes"
exits 5 "on a terminal it asks, and takes no for an answer" "$helpers/on_terminal" 80x24 -t 'Type hold to do it' 'no
' -- "$TAGOUT" hold b1
said 'nothing was done'
exits 0 "on a terminal, the word is typed" "$helpers/on_terminal" 80x24 -t 'Type hold to do it' 'hold
' -- "$TAGOUT" hold a1
until_told 'node a1 is held by'
exits 0 "unhold" "$TAGOUT" unhold a1 --yes
until_told 'node a1 is no longer held by'
exits 0 "hold" "$TAGOUT" hold b1 --yes --as lead --because 'somebody works on it'
said 'nothing new is started for Node b1; the others go on'
said 'nsd stays locked on it'
said 'taken at once by process'
until_told 'node b1 is held by lead: somebody works on it'
refuses 1 "who is held already" 'b1 is held already, by lead: somebody works on it' "hold b1 --yes"
exits 0 "status" "$TAGOUT" status
said 'held *node b1 by lead: somebody works on it, since '
exits 0 "status as JSON" "$TAGOUT" status --format json
said '"by": "lead: somebody works on it"'
exits 5 "on a terminal a yes is asked for once more" "$helpers/on_terminal" 80x24 -t 'Type yes to say it' 'no
' -- "$TAGOUT" ack back_go yes --all --as guard
said 'nothing was done'
refuses 2 "and without a terminal it is not taken for said" 'nothing was done: without a terminal to ask on it needs --yes' \
  "ack back_go yes --all --as guard"
refuses 2 "nor is a no" 'nothing was done: without a terminal' "ack back_go no a1 --as guard"
exits 0 "a yes for both" "$TAGOUT" ack back_go yes --all --as guard --yes
said 'yes for 2 nodes (.*): .* may come back'
said 'the run goes on with it at once: it cannot be taken back'
until_told 'step back begins'
kill -KILL "$(owner)"
ends 137 "killed while a member is held"
exits 0 "unhold, while it is dead" "$TAGOUT" unhold b1 --yes --as lead
said 'held by lead: somebody works on it, since'
said 'its process is gone: taken by `tagout resume'
begins "$TAGOUT" resume --yes --progress plain
until_told 'node b1 is no longer held by lead'
ends 0 "resumed"
exits 0 "status" "$TAGOUT" status
said 'no lock stands'

# ---- set aside, asked while it is dead, killed again before it is taken ----

world aside
plan control
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
refuses 2 "set aside without a reason" 'say why: --because=TEXT' "set-aside a1 --yes"
kill -KILL "$(owner)"
ends 137 "killed at a gate"
exits 0 "set aside, while it is dead" "$TAGOUT" set-aside a1 --yes --as lead --because 'its fan is broken'
said 'Node a1 leaves the procedure at its next statement'
said 'nsd stays locked on it'
said 'handed over by name to hardware_repair'
"$helpers/kill_after" 1 "$TAGOUT" resume --yes --progress none >/dev/null 2>&1 </dev/null || true
begins "$TAGOUT" resume --yes --progress plain
until_told 'node a1 is set aside: set aside by lead: its fan is broken'
refuses 1 "who is out already" 'a1 is out already: set aside by lead: its fan is broken' "set-aside a1 --yes --because again"
refuses 1 "to try again what has left" 'a1 has left the procedure' "retry a1 --yes --as guard"
exits 2 "nobody asks about it any more" "$TAGOUT" ack back_go yes a1 --as guard --yes
exits 0 "a yes for the other" "$TAGOUT" ack back_go yes b1 --as guard --yes
ends 0 "gone on without it"
exits 0 "status" "$TAGOUT" status
said 'node a1 is handed over to hardware_repair with its locks: set aside by lead: its fan is broken'
tap_is "$(ls "$TAGOUT_LIVE/lock")" nsd.a1 "it keeps its lock, the other has none"
tap_run "the journal knows the lock" locks_known "$(run_folder)"

# ---- one too many: the runbook's way out ----

world many
plan control
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
exits 0 "both are set aside" "$TAGOUT" set-aside "$(basename "$(run_folder)")" a1 b1 --yes --as lead --because 'no power'
said 'Node b1 leaves the procedure'
until_told 'roll back'
ends 4 "rolled back"
exits 0 "status" "$TAGOUT" status
said 'no lock stands'

# ---- stop after a step, and the run changes hands ----

world stop
plan control
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
refuses 1 "a step that has ended" 'step out has ended already' "stop-after out --yes"
refuses 2 "a step that does not exist" 'has no step `bakc`; did you mean `back`?' "stop-after bakc --yes"
exits 0 "stop after a step" "$TAGOUT" stop-after back --yes --as lead
said 'step back goes on to its end, then nothing new is started'
until_told 'told to stop after step back by lead'
exits 0 "status" "$TAGOUT" status
said 'stops *after step back, by lead'
exits 0 "take" "$TAGOUT" take --yes --as night
said 'who is on duty from then on'
until_told 'taken over by night'
refuses 0 "twice" 'night is on duty for .* already' "take --as night"
refuses 1 "the yes of who is on duty" 'night has taken this run' "ack back_go yes --all --as night"
exits 0 "status" "$TAGOUT" status
said 'on duty *night, since'
exits 0 "a yes for both" "$TAGOUT" ack back_go yes --all --as guard --yes
until_told 'step back ends'
kill -KILL "$(owner)"
ends 137 "killed"
begins "$TAGOUT" resume --yes --progress plain
until_told 'resumed by'
exits 0 "status" "$TAGOUT" status
said 'paused *by lead, since'
said 'waits for *a person: it is paused'
exits 0 "it goes on" "$TAGOUT" go-on --yes --as night
said 'paused by lead, since'
until_told 'told to go on by night'
ends 0 "through"

# ---- try again ----

world again
plan control
echo 'return_to_service b1 once fail' >"$TAGOUT_LIVE/control"
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
refuses 1 "nothing to try again" 'nothing about b1 waits for a person' "retry b1 --yes --as guard"
exits 0 "a yes for both" "$TAGOUT" ack back_go yes --all --as guard --yes
until_told 'b1 is not accepted back'
exits 1 "who started it may not" "$TAGOUT" retry b1 --yes
exits 0 "retry" "$TAGOUT" retry b1 --yes --as guard
said 'what waits for a person about Node b1 is tried again'
ends 0 "through"
# ---- a move that the proof follows only from a place on ----

world early
plan early
echo 'drain a1 slow 3' >"$TAGOUT_LIVE/control"
begins "$TAGOUT" run "$world/early.plan" --yes --progress plain
until_told 'step out begins'
refuses 1 "before the switch trays are cut" 'not proved safe when a person takes a member out of it now' "set-aside a2 --yes --because x"
said 'tagout hold .... a2'
said 'tagout abort ....'
until_told 'gate back_go asks facility about 2 members'
exits 0 "behind that it is proved" "$TAGOUT" set-aside a2 --yes --as lead --because 'its fan is broken'
said 'proved safe from here on'
until_told 'node a2 is set aside: set aside by lead: its fan is broken'
exits 0 "a yes for both" "$TAGOUT" ack back_go yes --all --as guard --yes
ends 0 "gone on without it"
tap_is "$(cd "$TAGOUT_LIVE/lock" && echo *)" 'anvil.a2 nsd.a2 repair_coordination.a2' "it keeps its locks"

# ---- what binds ----

world binds
cat >"$world/look.runbook" <<'END'
use fleet
runbook look "Look at one after the other" {
  owner "tests"
  param cluster : Cluster
  select nodes = n in Node where n.rack.cluster is cluster and n.slot is 1
  step look for each n in nodes, 1 at once { wait 1h }
}
END
exits 0 "a plan" "$TAGOUT" plan "$world/look.runbook" --fleet "$world/site/fleet.csv" cluster=CR -o "$world/look.plan"
begins "$TAGOUT" run "$world/look.plan" --world drill --speed 1 --progress plain
until_told 'step look begins'
exits 0 "status" "$TAGOUT" status
said 'binds *step look: 1 at once; 1 wait; next place when one ends'
exits 0 "status as JSON" "$TAGOUT" status --format json
said '"limit": "1 at once"'
kill -KILL "$(owner)"
ends 137 "killed"
exits 0 "status of a dead run" "$TAGOUT" status
said 'binds *step look: 1 at once; 1 wait; next place when one ends'
tap_done
