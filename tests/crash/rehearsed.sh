#!/bin/sh
# rehearsed: a plan whose dry run fails. The plan says so, whoever signs is told, and a live run is refused before anything is done,
# unless somebody insists and says why, which stays with the run.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"
. "$tests/live/desk_lib.sh"

make_keys ann

# In the simulated fleet a node needs minutes to drain; the programs of this one need no time at all.
hasty() {
  world "$1"
  sed 's/drain(n) else set aside n "does not drain"/drain(n) within 30s else fail "too slow"/' "$crash/tiny.runbook" >"$world/tiny.runbook"
  status=0
  "$TAGOUT" plan "$world/tiny.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR -o "$world/tiny.plan" \
    >"$scratch/said" 2>&1 </dev/null || status=$?
}
runs() { "$TAGOUT" run "$world/tiny.plan" --yes --progress none "$@"; }
begun() { find "$TAGOUT_STATE/runs" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l | tr -d ' '; }

hasty refused
tap_is "$status" 3 "the plan fails"
said '^FAILS: the dry run ends failed: too slow$'
said 'next  *mend what fails, and plan it again'
exits 3 "it is not run" runs
said 'error.E0959.: begun now, its dry run ends failed: too slow'
said 'tiny.plan --world drill. shows where'
said 'despite-dry-run=WHY starts it all the same'
exits 2 "without a reason" runs --despite-dry-run=
said 'despite-dry-run=WHY: why, in one line'
exits 2 "with one of two lines" runs --despite-dry-run 'one
two'
tap_is "$(begun) $(grep -c . "$TAGOUT_LIVE/starts")" "0 0" "nothing was begun, and no program was started"
exits 4 "a drill needs nobody's word" "$TAGOUT" run "$world/tiny.plan" --world drill --speed 0 --progress none
rm -r "$TAGOUT_STATE/runs"

exits 2 "on a word, and without a terminal" "$TAGOUT" run "$world/tiny.plan" --despite-dry-run 'here they drain at once'
said 'Its dry run ends failed: too slow'
said 'needs --yes'
exits 0 "with a reason" runs --despite-dry-run 'here they drain at once'
by="$(id -un): here they drain at once"
for verb in status log; do
  exits 0 "the $verb" "$TAGOUT" $verb
  said "ends failed: too slow; started despite it by $by"
done
exits 0 "as data" "$TAGOUT" status --format json
said '"fails": "ends failed: too slow"'
said "\"despite\": \"$by\""
cp "$(run_folder)/report.txt" "$scratch/said"
said "dry run .*ends failed: too slow; started despite it by $by"
exits 0 "it is in the record that the journal vouches for" "$TAGOUT" log --verify
sed 's/at once/now/' "$(run_folder)/record.json" >"$scratch/changed"
cat "$scratch/changed" >"$(run_folder)/record.json"
exits 1 "and a reason that was changed is found" "$TAGOUT" log --verify
said 'record.json was changed after the run was made'

# ---- whoever signs ----

world signed
site=$world/site/live.site.runbook
{ sed '$d' "$site"; echo '  role board signers "board.allowed" approves plans'; echo '}'; } >"$site.new"
sed 's/^site live/role board "The change board"\n\nsite live/' "$site.new" >"$site"
listed ann ann >"$world/site/board.allowed"
plan tiny
cp "$world/plan.out" "$scratch/said"
said 'next  *tagout approve .*/tiny.plan, then tagout run .*/tiny.plan'
exits 0 "of a plan that goes well" "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/ann" --as ann --yes
tap_is "$(sed -n 2p "$scratch/said" | cut -c1-10)" "MEETS: P90" "the second line says so"
rm "$world/tiny.plan"
sed 's/drain(n) else set aside n "does not drain"/drain(n) within 30s else fail "too slow"/' "$crash/tiny.runbook" >"$world/tiny.runbook"
"$TAGOUT" plan "$world/tiny.runbook" "$site" --fleet "$world/site/fleet.csv" cluster=CR -o "$world/tiny.plan" >"$scratch/said" 2>&1 || :
exits 5 "of one that fails" "$helpers/on_terminal" 80x24 -t 'Type approve to sign it, though its dry run fails, as ann, for board: ' 'no
' -- "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/ann" --as ann
said 'FAILS: the dry run ends failed: too slow'
said 'a live run of it needs --despite-dry-run=WHY'
exits 0 "it can be signed" "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/ann" --as ann --yes
exits 3 "and is not run for that" runs
said 'E0959'
exits 0 "but for a reason" runs --despite-dry-run 'here they drain at once'

# ---- the run of an incident: nobody is there to insist, and it is not held up ----

standing incident 's/drain(n) else set aside n "does not drain"/drain(n) within 30s else fail "too slow"/'
said 'FAILS: it ends failed: too slow'
exits 2 "whoever lets it stand is told" "$TAGOUT" stand "$world/link.plan"
said 'The dry run of an example fails: node=a1: ends failed: too slow.$'
desk_begins
exits 0 "an incident" bring node=a1 --attach "$(evidence a1.txt)"
desk_tells 'incident 1 of a1: run '
tap_is "${heard##*: }" completed "its run completes"
exits 0 "its status" "$TAGOUT" status
said 'dry run *ends failed: too slow$'
desk_ends
tap_done
