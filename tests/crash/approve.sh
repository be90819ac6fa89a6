#!/bin/sh
# approve: a plan is signed by people, with real keys; a live run is let in when the site's roles have said yes, and refused with
# the cause for every yes that does not count. And a plan runs once.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

# Four keys for all: ann, bob and cay are listed, old is listed and was revoked, late has expired; eve is listed nowhere.
make_keys ann bob old eve

# A site whose board approves, two of them.
approving() {
  world "$1"
  site=$world/site/live.site.runbook
  { sed '$d' "$site"; echo '  role board signers "board.allowed" revoked "board.revoked" quorum 2 approves plans'; echo '}'; } >"$site.new"
  sed 's/^site live/role board "The change board"\n\nsite live/' "$site.new" >"$site"
  rm "$site.new"
  { listed ann ann; listed bob bob; listed old old; listed late bob 'valid-before="20200101" '; listed soon bob 'valid-after="20990101" '
    listed root ann; listed "$(id -un)" ann; listed tests bob; listed twin ann; } >"$world/site/board.allowed"
  cat "$scratch/old.pub" >"$world/site/board.revoked"
  plan tiny
}
approves() { "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/$2" --as "$1" --yes; }
runs() { "$TAGOUT" run "$world/tiny.plan" --yes --progress none; }

approving board
exits 1 "nobody has approved" runs
said 'E0940'
said 'wants this plan approved by 2 of board: 0 have'
exits 0 "a drill needs nobody" "$TAGOUT" run "$world/tiny.plan" --world drill --speed 0 --progress none
exits 2 "without a terminal" "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/ann" --as ann
said 'needs --yes'
exits 0 "ann approves" approves ann ann
said 'members  '
said 'peak out  '
said 'proof  *holds on every path: its certificate was checked'
said 'no way back  '
said 'ann approves it for board'
exits 1 "one is not two" runs
said '2 of board: 1 has'
exits 0 "ann approves again" approves ann ann
cp "$world/tiny.plan.approvals/board-ann.approval" "$world/tiny.plan.approvals/board-again.approval"
exits 1 "the same person twice is one" runs
said '2 of board: 1 has'
rm "$world/tiny.plan.approvals/board-again.approval"
exits 0 "ann under another name" approves twin ann
exits 1 "the same key twice is one" runs
said '2 of board: 1 has'
rm "$world/tiny.plan.approvals/board-twin.approval"

# Signatures that would not count are not kept.
exits 1 "eve's key" approves eve eve
said 'E0943'
exits 1 "eve's key for bob" approves bob eve
said 'E0943'
exits 1 "a revoked key" approves old old
said 'E0944'
exits 1 "a key that has expired" approves late bob
said 'E0945'
said 'key has expired'
exits 1 "a key that is not valid yet" approves soon bob
said 'E0945'
exits 1 "who made the plan" approves "$(id -un)" ann
said 'E0946'
said 'made the plan'
tap_is "$(ls "$world/tiny.plan.approvals")" board-ann.approval "only ann's is kept"
exits 2 "no key" approves bob nokey
said 'there is no key to sign with'
exits 2 "another role" "$TAGOUT" approve "$world/tiny.plan" --role nobody --yes
said 'no such role approves plans; say --role with one of: board'

# Signatures that counted once and do not any more, or never.
file=$world/tiny.plan.approvals/board-bob.approval
exits 0 "bob approves" approves bob bob
exits 0 "two are enough" "$TAGOUT" approve "$world/tiny.plan" --verify
said 'board: 2 of 2'
said 'ann .* valid  SHA256:'
cp "$file" "$scratch/bob.approval"
sed 's/^at 2/at 3/' "$scratch/bob.approval" >"$file"
exits 1 "a line under the signature is changed" runs
said 'E0942'
said 'its lines were changed after they were signed'
exits 1 "and listed so" "$TAGOUT" approve "$world/tiny.plan" --verify
said 'bob .* NOT valid: its lines were changed'
exits 0 "a list refuses nothing" "$TAGOUT" approve "$world/tiny.plan" --list
sed 's/^person bob/person ann/' "$scratch/bob.approval" >"$file"
exits 1 "in another's name" runs
said 'E0942'
sed "s/^plan .*/plan $(printf '%064d' 7)/" "$scratch/bob.approval" >"$file"
exits 1 "over another plan" runs
said 'E0942'
said 'it is of the plan 000000000000..., and this is'
head -c 60 "$scratch/bob.approval" >"$file"
exits 1 "torn" runs
said 'E0941'
cp "$scratch/bob.approval" "$file"
cp "$world/site/board.allowed" "$scratch/allowed"
grep -v '^bob ' "$scratch/allowed" >"$world/site/board.allowed"
exits 1 "bob has left the board" runs
said 'E0943'
rm "$world/site/board.allowed"
exits 1 "the list of signers is gone" runs
said 'E0947'
said 'board.allowed: No such file or directory'
cp "$scratch/allowed" "$world/site/board.allowed"
cat "$scratch/bob.pub" >>"$world/site/board.revoked"
exits 1 "bob's key is revoked" runs
said 'E0944'
cat "$scratch/old.pub" >"$world/site/board.revoked"

# Let in, once.
exits 0 "two have approved" runs
exits 6 "it ran already" runs
said 'E0948'
said 'ran already, as [0-9-]*-tiny'
exits 0 "it may still be drilled" "$TAGOUT" run "$world/tiny.plan" --world drill --speed 0 --progress none
tap_is "$(grep -h 'approved ' "$TAGOUT_STATE"/runs/*/report.txt)" "  approved    board: ann, bob" "its report says who approved"
rm -r "$TAGOUT_STATE"/runs/*tiny*
exits 6 "also once its folder is gone" runs
said 'E0948'

# The starter does not count, and another plan is another plan.
approving starter
exits 0 "ann approves" approves ann ann
exits 0 "bob approves" approves bob bob
me=$(id -un)
sed "s/\"by\": \"$me\"/\"by\": \"somebody\"/" "$world/tiny.plan" >"$world/other.plan"
exits 2 "a plan whose maker was changed" "$TAGOUT" run "$world/other.plan" --yes
said 'E0910'

# ---- the last approval reserves room in the fleet's budget ----

approving room
cp "$crash/shared.runbook" "$world/site/shared.runbook"
for place in 1 2; do
  "$TAGOUT" plan "$world/site/shared.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR "place=$place" most=1 \
    -o "$world/$place.plan" >"$scratch/planned" 2>&1
done
tap_is "$(grep -c 'reserves      1 Node out at once, 2 leaving, on .*20..-..-.. (UTC)' "$scratch/planned")" 1 "a plan says what it will reserve"
signs() { "$TAGOUT" approve "$world/$1.plan" --key "$scratch/$2" --as "$2" --yes; }
exits 0 "one approval" signs 1 ann
said 'reserves     1 Node out at once'
exits 2 "reserves nothing yet" "$TAGOUT" ledger live
exits 0 "the last approval" signs 1 bob
exits 0 "reserves" "$TAGOUT" ledger live
said 'shared: 1 Node at once, 2 a day, .*; approved, not begun'
exits 0 "another plan gets its first approval" signs 2 ann
exits 3 "and no last one, where there is no room" signs 2 bob
said 'E0949'
said '1 are for shared: plan [0-9a-f]*, approved and not begun'
tap_is "$(ls "$world/2.plan.approvals")" board-ann.approval "it is not kept"
exits 2 "a plan is named by more than two characters" "$TAGOUT" ledger live --release ab
exits 2 "without a terminal" "$TAGOUT" ledger live --release "$world/1.plan"
said 'shared: 1 Node at once, 2 a day, .*; approved, not begun'
said 'nothing was done: without a terminal to ask on it needs --yes'
exits 0 "nobody will run the first" "$TAGOUT" ledger live --release "$world/1.plan" --yes
exits 2 "twice is once" "$TAGOUT" ledger live --release "$world/1.plan" --yes
said 'nothing reserved that it could give up'
exits 0 "then there is room" signs 2 bob
exits 0 "and it runs" "$TAGOUT" run "$world/2.plan" --yes --progress none
exits 0 "which ends it" "$TAGOUT" ledger live
tap_is "$(grep -c reserved "$scratch/said")" 0 "nothing is reserved any more"

# ---- a plan that has gone stale is neither signed nor run ----

approving stale
sed 's/"drain" n.name/& n.bmc/' "$world/site/live.site.runbook" >"$world/site.new"
cat "$world/site.new" >"$world/site/live.site.runbook"
sed '1s/$/,bmc/; 2,$s/$/,10.0.0.1/' "$crash/fleet.csv" >"$world/site/fleet.csv"
rm "$world/tiny.plan"
plan tiny
exits 0 "ann approves" approves ann ann
exits 0 "bob approves" approves bob bob
sed 's/^\(a1,.*\)10.0.0.1$/\110.0.0.9/' "$world/site/fleet.csv" >"$world/fleet.new"
cat "$world/fleet.new" >"$world/site/fleet.csv"
exits 6 "the address of a controller has changed" runs
said 'E0911'
said '`bmc` has changed since the plan was made.* for 1 of 2 nodes: a1 was `10.0.0.1` and is `10.0.0.9`'
exits 6 "nor is it signed" approves ann ann
said 'a1 was `10.0.0.1` and is `10.0.0.9`'
sed '1s/$/,bmc/; 2,$s/$/,10.0.0.1/' "$crash/fleet.csv" >"$world/site/fleet.csv"
echo '# another word' >>"$world/site/live.site.runbook"
exits 6 "the site has changed" runs
said 'live.site.runbook has changed since the plan was made.*: its text was [0-9a-f]*... and is [0-9a-f]*...'
exits 0 "a drill of it misleads nobody" "$TAGOUT" run "$world/tiny.plan" --world drill --speed 0 --progress none
cat "$world/site.new" >"$world/site/live.site.runbook"
exits 0 "as it was, it runs" runs

# The calendar that freezes its window is a part of the plan.
approving calendar
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nEND:VEVENT\nEND:VCALENDAR\n' >"$world/site/freeze.ics"
sed '/^  owner/a\
  window daily 00:00 to 24:00 in "UTC", end soft, freeze from "freeze.ics"' "$crash/tiny.runbook" >"$world/site/tiny.runbook"
rm "$world/tiny.plan"
exits 0 "it is planned" "$TAGOUT" plan "$world/site/tiny.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR \
  -o "$world/tiny.plan"
exits 0 "and approved" approves ann ann
sed 's/20200101/20200102/' "$world/site/freeze.ics" >"$world/freeze.new"
cat "$world/freeze.new" >"$world/site/freeze.ics"
exits 6 "another calendar" approves bob bob
said 'freeze.ics has changed since the plan was made'
tap_done
