#!/bin/sh
# hands: one run and many hands on it: a second process that wants it, people who answer, pause, interrupt and abort, also while
# nobody has it; plans that may not be run. And the exit code of each.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

# ---- a run that waits for people ----

world people
if ! plan gated; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of gated.runbook"
  tap_done
  exit
fi
exits 2 "status without a run" "$TAGOUT" status
said 'there is no run'
exits 2 "a live run without a word" "$TAGOUT" run "$world/gated.plan"
said 'needs --yes'
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
exits 6 "a second process that wants the run" "$TAGOUT" resume --yes
said "process $(owner) on .*, of $(id -un)"
exits 0 "status" "$TAGOUT" status
said 'tagout ack .... back_go yes --all'
said 'nsd 2'
exits 0 "status as JSON" "$TAGOUT" status --format json
said '"gate": "back_go"'
exits 1 "the yes of who started it" "$TAGOUT" ack back_go yes --all
said 'must be somebody else'
exits 2 "a gate that does not exist" "$TAGOUT" ack front_go yes --as lead
exits 2 "which member?" "$TAGOUT" ack back_go yes --as lead --yes
said 'name them, or say --all'
exits 2 "a member that is not asked about" "$TAGOUT" ack back_go yes b1 z9 --as lead --yes
exits 0 "a yes for one member" "$TAGOUT" ack back_go yes a1 --as lead --yes
said 'taken at once'
until_told 'back_go: yes for node a1 by lead'
exits 0 "pause" "$TAGOUT" pause --yes --as lead
said 'nothing new is started'
until_told 'paused by lead'
exits 0 "pause again" "$TAGOUT" pause --as lead
said 'paused already'
exits 0 "go-on" "$TAGOUT" go-on --yes --as lead
until_told 'told to go on by lead'
kill -USR1 "$(owner)"
until_told 'in hand'
kill -INT "$(owner)"
until_told 'Nothing new is started'
kill -INT "$(owner)"
until_told 'Left.'
ends 5 "interrupted twice"

# ---- nobody has it ----

exits 0 "status of a run in nobody's hands" "$TAGOUT" status
said 'its process is gone'
exits 0 "a yes while nobody has the run" "$TAGOUT" ack back_go yes b1 --as lead --yes
said 'the run goes on with it once it is resumed: it cannot be taken back'
said 'taken by `tagout resume'
exits 2 "a name that no run has" "$TAGOUT" status 99
said 'no run is called'
exits 2 "resume of a live run without a yes" "$TAGOUT" resume --progress plain
said 'goes on live where it stopped'
said 'in flight when it stopped: '
said 'without a terminal to ask on it needs --yes'
exits 0 "resume" "$TAGOUT" resume --yes --progress plain
said 'back_go: yes for node b1 by lead'
said 'completed'
tap_is "$(find "$(run_folder)" -name report.txt | wc -l)" 1 "there is a report"
tap_run "every program is accounted for" lawful "$(run_folder)"
exits 0 "resume of a run that has ended" "$TAGOUT" resume --yes
said 'has ended already'
exits 1 "a message to a run that has ended" "$TAGOUT" pause
exits 0 "the log" "$TAGOUT" log
said 'gate back_go asks facility about 2 members (line'
exits 0 "the log as JSON" "$TAGOUT" log --format json
said '"what": "answer"'

# ---- a yes that wants evidence ----

world evidence
sed 's/ within 1h else roll back "no word"/ asks work_order : text asks crew : int&/' "$crash/gated.runbook" >"$world/evident.runbook"
sed '/^  bind service of x/s/$/ every 250ms/' "$tests/live/live.site.runbook" >"$world/site/live.site.runbook" # readings that wait
exits 0 "a plan whose gate asks for evidence" "$TAGOUT" plan "$world/evident.runbook" "$world/site/live.site.runbook" \
  --fleet "$world/site/fleet.csv" cluster=CR -o "$world/evident.plan"
begins "$TAGOUT" run "$world/evident.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
exits 0 "status says what it asks for" "$TAGOUT" status
said 'back_go yes --all work_order=... crew=...'
exits 2 "a bare yes" "$TAGOUT" ack back_go yes --all --as lead --yes
said 'back_go asks for work_order, a text'
exits 2 "a yes with half of it" "$TAGOUT" ack back_go yes --all work_order=WO-7 --as lead --yes
said 'back_go asks for crew, a plain number'
exits 2 "a yes with the wrong sort" "$TAGOUT" ack back_go yes --all work_order=WO-7 crew=two --as lead --yes
said 'and this is none'
exits 2 "a yes with what nobody asks for" "$TAGOUT" ack back_go yes --all work_order=WO-7 crew=2 mood=good --as lead --yes
said 'nobody asks for `mood`'
exits 0 "a yes for one member" "$TAGOUT" ack back_go yes a1 work_order=WO-7 crew=2 --as lead --yes
until_told 'back_go: yes for node a1 by lead; work_order=WO-7; crew=2'
exits 0 "status keeps it" "$TAGOUT" status
said 'evidence *back_go: yes for a1 by lead; work_order=WO-7; crew=2'
exits 0 "status as JSON keeps it" "$TAGOUT" status --format json
said '"text": "lead; work_order=WO-7; crew=2"'
exits 0 "the other yes" "$TAGOUT" ack back_go yes b1 "work_order=WO 8" crew=3 --as lead --yes
ends 0 "through"
exits 0 "the log" "$TAGOUT" log
said 'by lead; work_order=WO 8; crew=3'

# ---- given up ----

world abort
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility'
exits 2 "abort without a word" "$TAGOUT" abort
exits 0 "abort" "$TAGOUT" abort --yes --as lead
said 'the roll back of the open attempt runs'
until_told 'cancelled by lead'
ends 5 "given up"
exits 0 "status" "$TAGOUT" status
said 'rolled back'
said 'no lock stands'

# ---- nobody can know but a person ----

world asked
cp "$crash/asked.runbook" "$world/site/asked.runbook"
cat >"$world/site/swap.sh" <<'END'
#!/bin/sh
echo "$TAGOUT_COMMAND swap" >>"$TAGOUT_LIVE/starts"
mkdir -p "$TAGOUT_LIVE/service"
echo repair >"$TAGOUT_LIVE/service/a1"
echo swapping >"$TAGOUT_LIVE/swapping"
while :; do read -r nothing; done <"$TAGOUT_LIVE/for_ever"
END
chmod +x "$world/site/swap.sh"
mkfifo "$TAGOUT_LIVE/swapping" "$TAGOUT_LIVE/for_ever"
exits 0 "a plan with an action that cannot be looked into" "$TAGOUT" plan "$world/site/asked.runbook" \
  --fleet "$world/site/fleet.csv" node=a1 -o "$world/asked.plan"
begins "$TAGOUT" run "$world/asked.plan" --yes --progress plain
read -r heard <"$TAGOUT_LIVE/swapping"
tap_is "$heard" swapping "its program is at work"
kill -KILL "$(owner)"
ends 137 "killed in the middle of it"
begins "$TAGOUT" resume --yes --progress plain
until_told 'was swap_card of a1 done?'
exits 0 "status asks" "$TAGOUT" status
said 'tagout ack .... [0-9][0-9]* yes'
question=$(sed -n 's/.*tagout ack .... \([0-9]*\) yes.*/\1/p' "$scratch/said")
exits 0 "a person knows" "$TAGOUT" ack "$question" yes --as lead --yes
ends 0 "gone on"
tap_is "$(grep -c swap "$TAGOUT_LIVE/starts")" 1 "it was not done twice"

# ---- a journal that this program did not write ----

world journal
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility'
kill -KILL "$(owner)"
ends 137 "killed at a gate"
mkdir "$world/copy"
cp -R "$(run_folder)/." "$world/copy"
head=$("$TAGOUT" log --verify | sed -n 's/^  head *//p')
exits 0 "its record is whole" "$TAGOUT" log --verify --head "$head"
said 'anchored    to its end by the noted head'
tap_run "a command of its journal is changed" "$helpers/journal_edit" "$(run_folder)" "UPDATE command SET entity=1-entity WHERE id=1"
exits 1 "its record is not whole" "$TAGOUT" log --verify
said 'first bad   event [0-9]*, or what came of it.* was changed, ....-..-.. ..:..:.. UTC'
exits 2 "resume of a journal that was changed" "$TAGOUT" resume --yes
said 'changed since it was written: event [0-9]*, or what came of it.* was changed; restore it from a copy'
restore() { for file in journal.db journal.db-wal; do cat "$world/copy/$file" >"$(run_folder)/$file"; done; }
restore
version=$("$TAGOUT" --version | sed 's/.* //')
unnoted() { rm -f "$(run_folder)/journal.head"; }
tap_run "its journal is written anew, the chain with it" "$helpers/journal_forge" "$(run_folder)" "$version"
exits 2 "journal.head tells" "$TAGOUT" log --verify
said 'its end is gone, or another one was put in'
unnoted
exits 0 "without it nothing in it tells" "$TAGOUT" log --verify
exits 1 "the noted head does" "$TAGOUT" log --verify --head "$head"
said 'the noted head is of no turn of this journal'
exits 2 "resume of a journal that does not fit" "$TAGOUT" resume --yes
said 'the engine does not ask for the commands that the journal holds'
if grep -q 'made by' "$scratch/said"; then tap_fail "the version is not to blame"; else tap_pass "the version is not to blame"; fi
restore
unnoted
tap_run "by another version" "$helpers/journal_forge" "$(run_folder)" 0.0.1
exits 2 "resume of another version's journal" "$TAGOUT" resume --yes
said 'made by version 0.0.1, and this is version'
sed 's/"by": "[^"]*"/"by": "nobody"/' "$world/copy/record.json" >"$(run_folder)/record.json"
exits 1 "who started it is changed" "$TAGOUT" log --verify
said 'record.json: changed since the run was made'
exits 2 "resume of a run whose record was changed" "$TAGOUT" resume --yes
said 'record.json: changed since the run was made'

# ---- plans that may not be run ----

world plans
plan gated
exits 2 "a world that does not exist" "$TAGOUT" run "$world/gated.plan" --world real
exits 0 "a plan, drilled" "$TAGOUT" run "$world/gated.plan" --world drill --speed 0 --progress none
exits 0 "the same, drilled again" "$TAGOUT" run "$world/gated.plan" --world drill --speed 0 --progress none
exits 2 "a name that two runs have" "$TAGOUT" status 20
said 'say more of its name'
exits 0 "the last four characters of a name" "$TAGOUT" status "$(ls "$TAGOUT_STATE/runs" | sed -n '1s/.*-//p')"
sed 's/"title": "O/"title": "P/' "$world/gated.plan" >"$world/changed.plan"
exits 2 "a plan that was changed" "$TAGOUT" run "$world/changed.plan" --yes
said 'E0910'
head -c 500 "$world/gated.plan" >"$world/short.plan"
exits 2 "a plan that was cut off" "$TAGOUT" run "$world/short.plan" --yes
exits 2 "a plan that is not there" "$TAGOUT" run "$world/none.plan" --yes
sed '$s/^b2,2,b,2,b-cu/c1,1,c,3,c-cu/' "$crash/fleet.csv" >"$world/site/fleet.csv"
exits 6 "a plan whose targets have changed" "$TAGOUT" run "$world/gated.plan" --yes
said 'c1 is new in it'
cat "$crash/fleet.csv" >"$world/site/fleet.csv"
day=$(LC_ALL=C date -u -d '+3 days' +%a)
sed "s/^  select nodes/  window $day 01:00 to 23:00 in \"UTC\"\\n&/" "$crash/gated.runbook" >"$world/windowed.runbook"
exits 0 "a plan for another day" "$TAGOUT" plan "$world/windowed.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" \
  cluster=CR -o "$world/windowed.plan"
exits 7 "outside the window" "$TAGOUT" run "$world/windowed.plan" --yes
said 'the window is closed until'
tap_is "$(find "$TAGOUT_STATE/runs" -name record.json | wc -l)" 2 "what was refused left no run behind"
tap_done
