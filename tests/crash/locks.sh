#!/bin/sh
# locks: every lock that stands is listed with its run, whether that goes on, is dead or has ended; and what two people may take off.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

stand() { (cd "$TAGOUT_LIVE/lock" && echo *); }

# ---- a run that goes on, then is dead ----

world dead
if ! plan control; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of control.runbook"
  tap_done
  exit
fi
exits 0 "no run at all" "$TAGOUT" locks
said 'no lock stands'
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
id=$(basename "$(run_folder)")
exits 0 "locks" "$TAGOUT" locks
said "$id: going, in hand of process $(owner) on .*; 2 locks"
said 'nsd Node a1: held, since .*, because a test$'
exits 2 "to unlock by the way" "$TAGOUT" unlock "$id" a1 --yes
said 'a run lets go of its locks by itself'
exits 1 "locks of a run that goes on" "$TAGOUT" unlock --break --because 'in a hurry' "$id" a1 --yes --as lead
said 'nsd on a1: the run goes on in hand of process'
kill -KILL "$(owner)"
ends 137 "killed"
exits 0 "locks" "$TAGOUT" locks
said "$id: going, its process is gone; .*; 2 locks"
exits 2 "without a terminal" "$TAGOUT" unlock --break --because 'to be swapped' "$id" b1 --as lead
said 'needs --yes'
exits 8 "one person asks" "$TAGOUT" unlock --break --because 'to be swapped' "$id" b1 --yes --as lead
said 'these stay locked until somebody else asks for it, too'
exits 8 "the same person again" "$TAGOUT" unlock --break --because 'really' "$id" b1 --yes --as lead
tap_is "$(stand)" "nsd.a1 nsd.b1" "both locks stand"
exits 0 "locks" "$TAGOUT" locks "$id"
said 'nsd Node b1: held, .*; to be broken, says lead: really'
exits 1 "a lock that nobody has" "$TAGOUT" unlock --break --because 'x' "$id" b2 --yes --as guard
said 'no such lock'
exits 2 "an automation that does not exist" "$TAGOUT" unlock --break --because 'x' "$id" b1 --automation=nds --yes --as guard
echo 'nsd b1 once fail' >"$TAGOUT_LIVE/control"
exits 4 "one that cannot be unlocked" "$TAGOUT" unlock --break --because 'agreed' "$id" b1 --yes --as guard
said 'nsd on b1 could not be unlocked'
tap_is "$(stand)" "nsd.a1 nsd.b1" "both locks stand"
exits 0 "another person" "$TAGOUT" unlock --break --because 'agreed' "$id" b1 --automation=nsd --yes --as guard
said 'these are unlocked now, and act again'
said 'asked for by lead: really'
said 'nsd on b1 is unlocked'
tap_is "$(stand)" nsd.a1 "one lock stands"
exits 0 "locks" "$TAGOUT" locks
said '; 1 lock$'
exits 0 "status" "$TAGOUT" status
said 'not taken *the lock of nsd on node b1 is broken by guard: agreed, asked by lead: really'
begins "$TAGOUT" resume --yes --progress plain
until_told 'node b1 is set aside: its lock of nsd was broken by guard: agreed, asked by lead: really'
exits 0 "a yes for the other" "$TAGOUT" ack back_go yes a1 --as head --yes
ends 0 "gone on without it"
exits 0 "locks" "$TAGOUT" locks
said 'no lock stands'
tap_run "the journal knows the locks" locks_known "$(run_folder)"

# ---- given up behind that: the roll back leaves alone what the automation may act on ----

world given_up
plan control
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
kill -KILL "$(owner)"
ends 137 "killed"
id=$(basename "$(run_folder)")
exits 8 "one person asks" "$TAGOUT" unlock --break --because 'to be swapped' "$id" b1 --yes --as lead
exits 0 "another does it" "$TAGOUT" unlock --break --because 'agreed' "$id" b1 --yes --as guard
exits 0 "abort" "$TAGOUT" abort --yes
exits 5 "resumed, and rolled back" "$TAGOUT" resume --yes --progress none
tap_is "$(grep -c '^do return_to_service a1 begin' "$TAGOUT_LIVE/log") $(grep -c '^do return_to_service b1 begin' "$TAGOUT_LIVE/log")" "1 0" \
  "nothing more is done to what the broken lock covered"

# ---- a run that has ended, and handed a lock over ----

world ended
plan control
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
exits 0 "set aside" "$TAGOUT" set-aside a1 --yes --as lead --because 'its fan is broken'
until_told 'node a1 is set aside'
exits 0 "a yes for the other" "$TAGOUT" ack back_go yes b1 --as guard --yes
ends 0 "gone on without it"
id=$(basename "$(run_folder)")
exits 0 "locks" "$TAGOUT" locks
said "$id: completed; .*; 1 lock\$"
said 'nsd Node a1: handed over to hardware_repair, since .*, because a test; set aside by lead: its fan is broken'
exits 0 "locks as JSON" "$TAGOUT" locks --format json
said '"state": "handed over"'
exits 8 "one person asks" "$TAGOUT" unlock --break --because 'repaired' "$id" --yes --as lead
exits 0 "another person" "$TAGOUT" unlock --break --because 'seen it' "$id" --yes --as guard
tap_is "$(stand)" '*' "no lock stands in the fleet"
exits 0 "locks" "$TAGOUT" locks
said 'no lock stands'
exits 1 "once more" "$TAGOUT" unlock --break --because 'seen it' "$id" --yes --as guard
exits 0 "its story" "$TAGOUT" log
said 'asked to break the lock of nsd on node a1 by lead: repaired'
said 'the lock of nsd on node a1 is broken by guard: seen it, asked by lead: repaired'
said 'stays *nothing: no lock stands'
exits 0 "what was done behind its end is under the hash chain" "$TAGOUT" log --verify
exits 0 "status" "$TAGOUT" status
said 'stays *nothing: no lock stands'
exits 0 "its end is told again, and nothing else" "$TAGOUT" resume --yes
: >"$(run_folder)/journal.db"
exits 2 "a run that cannot be read" "$TAGOUT" locks
said "$id cannot be read: what it locked is not in this list"
tap_done
