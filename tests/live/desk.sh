#!/bin/sh
# desk: a runbook that stands, with real processes: incidents by command line and by a watched folder, limits, repeats that join, a
# member that another run has, approvals, and a desk that is stopped while its runs go on.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"
. "$tests/live/desk_lib.sh"

# ---- what can stand ----

standing plans
said 'next *tagout stand .*/link.plan$'
plan tiny
exits 2 "the plan of one run does not stand" "$TAGOUT" stand "$world/tiny.plan" --yes
said 'E0950.: its runbook serves no incident'
exits 2 "a plan that stands is not run" "$TAGOUT" run "$world/link.plan" --yes
said 'E0958.: this plan stands, and is not run'
exits 2 "without a terminal" "$TAGOUT" stand "$world/link.plan"
said 'needs --yes'
exits 2 "nothing stands yet" "$TAGOUT" stand --status
said 'no plan stands'

# ---- before a desk is up, and when it is ----

standing ways
logs=$(evidence a1.txt)
exits 0 "an incident before any plan stood" bring node=a1 --attach "$logs"
said 'incident 1: kept'
said 'no plan has stood for `link_fault` yet'
exits 0 "another, that is wrong" bring node=zz
desk_begins --folder "$world/spool"
desk_tells 'incident 1 of a1: started, run '
desk_tells 'incident 2: refused: field `node`: `zz` is not usable'
desk_tells 'incident 1 of a1: run '
tap_is "${heard##*: }" "completed" "its run completes"
exits 6 "a second desk" "$TAGOUT" stand "$world/link.plan" --yes
said 'E0951'
said "is served by process $desk on"
exits 1 "a field that is not there" bring nod=a1
said 'E0954.: incident `link_fault` has no field `nod`'
said 'did you mean `node`?'
tap_is "$(grep -c 'error\[' "$scratch/said")" 1 "one mistake is one diagnostic"
exits 1 "a field that is missing" bring
said 'field `node` is missing'
exits 1 "a node that is not there" bring node=a11
said 'did you mean `a1`?'
exits 1 "evidence as a field" bring node=a2 logs=x
said '`logs` is an attachment: give it with --attach'
exits 1 "evidence that is not there" bring node=a2 --attach logs=/nowhere/at-all
said 'E0956'
exits 2 "a key of two lines" bring node=a2 --key "a
b"
exits 2 "a person of two lines" bring node=a2 --as "a
b"
exits 2 "evidence whose path is no text" bring node=a2 --attach "logs=$(printf '/tmp/\377')"
exits 1 "a name that is none" "$TAGOUT" incident ../x node=a2
said 'E0953'

# The same key is one incident, and with another content a mistake.
logs=$(evidence a2.txt)
exits 0 "with a key" bring node=a2 --attach "$logs" --key T-1
rm "$world/a2.txt" # it is kept
desk_tells 'incident 3 of a2: started'
evidence a2.txt >/dev/null
exits 0 "the same again" bring node=a2 --attach "$logs" --key T-1
said 'incident 3: kept already, by this key'
exits 1 "the same key for another" bring node=b2 --key T-1
said 'E0955.: key `T-1` is that of incident 3'
desk_tells 'incident 3 of a2: run '
run=$(state 3 | sed 's/.*run //')
tap_is "$(cat "$TAGOUT_STATE/runs/$run/evidence/"*)" "what the node said" "the run has the evidence"
exits 0 "log" "$TAGOUT" log "$run"
said 'for incident 3: link_fault, by .*, key T-1'
tap_is "$(sed -n '3s/^[0-9-]*, //p' "$scratch/said")" "times are UTC" "behind the day"
exits 2 "a name that nothing stands for" "$TAGOUT" stand --status link_falt
said 'no plan stands for link_falt in .*; what stands is `link_fault`'
exits 0 "status" "$TAGOUT" status "$run"
said 'incident *3: link_fault, by .*, key T-1'

# ---- the watched folder ----

spool=$world/spool
printf '{"fields": {"node": "b1"}, "attach": {"logs": "b1.txt"}}' >"$world/b1.json"
evidence b1.txt >/dev/null
mv "$world/b1.txt" "$spool/"
mv "$world/b1.json" "$spool/"
desk_tells 'b1.json: incident 4'
tap_is "$(ls "$spool/taken" | tr '\n' ' ')" "b1.json b1.txt " "what is taken is moved on"
desk_tells 'incident 4 of b1: started'
printf '{"fields": {"node": "b1"}, "atach": {}}' >"$world/bad.json"
mv "$world/bad.json" "$spool/"
desk_tells 'bad.json: refused: '
tap_is "$(ls "$spool/refused" | tr '\n' ' ')" "bad.json bad.json.why " "what is wrong is put aside with the reason"
tap_is "$(grep -c 'did you mean "attach"?' "$spool/refused/bad.json.why")" 1 "which says the fix"
ln -s /etc/hostname "$spool/leak.txt"
printf '{"fields": {"node": "b2"}, "attach": {"logs": "leak.txt"}}' >"$world/leak.json"
mv "$world/leak.json" "$spool/"
desk_tells 'leak.json: refused: `logs`: there is no file `leak.txt` beside it'
ln -s /etc/hostname "$spool/link.json"
mkdir "$spool/dir.json"
desk_tells 'dir.json: refused: it is no file that can be read'
desk_tells 'link.json: refused: it is no file that can be read'
sed 's/link_fault/other_fault/; s/^runbook link_faults/runbook others/' "$live/link.runbook" | sed 's/on incident link_fault/on incident other_fault/' >"$world/other.runbook"
"$TAGOUT" plan "$world/other.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" -o "$world/other.plan" >"$scratch/said" 2>&1
exits 2 "a second desk on one folder" "$TAGOUT" stand "$world/other.plan" --yes --folder "$spool"
said 'another desk watches it'
echo '{}' >"$world/plain"
mv "$world/plain" "$spool/$(printf 'a\377.json')"
desk_tells "refused: a file's name is not UTF-8 of one line"
# Half a file is nobody's, whoever writes it; the rest makes it whole.
printf '{"fields": {"node": ' >"$spool/half.json"
evidence b2.txt >/dev/null # a run that ends for want of evidence takes no repeat in
mv "$world/b2.txt" "$spool/"
printf '{"fields": {"node": "b2"}, "attach": {"logs": "b2.txt"}}' >"$world/whole.json"
mv "$world/whole.json" "$spool/"
desk_tells 'whole.json: incident 5'
tap_is "$(ls "$spool"/*.json)" "$spool/half.json" "half a file stays where it is"
printf '"b2"}}' >>"$spool/half.json"
desk_tells 'half.json: incident 6'
tap_is "$(state 6 | cut -d: -f1 | cut -d, -f1-2)" "b2, joined 5" "a repeat joins"
desk_ends
tap_is "$desk_status" 0 "SIGTERM ends the desk"
desk_begins --folder "$spool"
mv "$spool/taken/b1.txt" "$spool/"
mv "$spool/taken/b1.json" "$spool/"
desk_tells 'b1.json: incident 4, brought before'
desk_ends

# ---- limits ----

standing limits 's/, repeats within 2h join it//'
holds drain '*'
desk_begins
for node in a1 a2 b1 b2; do bring node=$node --attach "$(evidence $node.txt)" >/dev/null; done
desk_tells 'incident 3 of b1: waiting: 2 of at most 2 runs go on'
bring node=a1 --attach "$logs" >/dev/null
desk_tells 'incident 5 of a1: waiting: another run about a1 goes on'
until test "$(grep -c '^do drain a. begin' "$TAGOUT_LIVE/log")" -eq 2; do kill -0 "$desk" || break; done
lets_go 2
desk_tells 'incident 3 of b1: started'
desk_tells 'incident 5 of a1: started'
desk_tells 'incident 5 of a1: run '
tap_is "$(cat "$TAGOUT_LIVE/service/a1")" in_service "twice it comes back"
bring node=a1 --attach "$logs" >/dev/null
desk_tells 'incident 6 of a1: started, run '
case $heard in *', beyond the limit per member') tap_pass "the third in a day is beyond the limit" ;; *) tap_fail "the third in a day is beyond the limit" ;; esac
desk_tells 'incident 6 of a1: run '
tap_is "$(cat "$TAGOUT_LIVE/service/a1")" repair "and goes the way behind else"
tap_is "$(awk '$1 == "do" && $2 == "drain" && $4 == "begin" { n++; if (n > most) most = n }
  $1 == "do" && ($2 == "return_to_service" || $2 == "mark_for_repair") && $4 == "ok" { n-- } END { print most + 0 }' "$TAGOUT_LIVE/log")" 2 "never more than two at once"
desk_ends

# ---- repeats are told to the run ----

standing repeats
holds drain a1
desk_begins
bring node=a1 --attach "$(evidence a1.txt)" >/dev/null
desk_tells 'incident 1 of a1: started'
bring node=a1 --attach "$(evidence second.txt)" --key T-2 --as ann >/dev/null
desk_tells 'incident 2 of a1: joins incident 1, run '
until grep -qs '^do drain a1 begin' "$TAGOUT_LIVE/log"; do kill -0 "$desk" || break; done
lets_go 1
desk_tells 'incident 1 of a1: run '
run=$(state 1 | sed 's/.*run //')
exits 0 "log" "$TAGOUT" log "$run"
said 'joined by incident 2: by ann, key T-2'
exits 0 "status" "$TAGOUT" status "$run"
said 'joined by *1, the last is incident 2: by ann, key T-2'
tap_is "$(ls "$TAGOUT_STATE/runs/$run/evidence" | tr '\n' ' ')" "1-a1.txt 2-second.txt " "the run has the evidence of both"
exits 0 "the record is whole" "$TAGOUT" log --verify "$run"
tap_is "$(grep -c '^do drain a1 begin' "$TAGOUT_LIVE/log")" 1 "and the node was drained once"

# A run that had nothing to work with takes nobody in: what it wanted may have come now.
bring node=b1 >/dev/null
desk_tells 'incident 3 of b1: run '
bring node=b1 --attach "$logs" >/dev/null
desk_tells 'incident 4 of b1: started'
desk_tells 'incident 4 of b1: run '
desk_ends

# ---- a member that another run has ----

standing claimed
plan tiny
holds drain a1
"$helpers/kill_after" 60000000 "$TAGOUT" run "$world/tiny.plan" --yes --progress none >"$scratch/tiny" 2>&1 </dev/null &
tiny=$!
until grep -qs '^do drain a1 begin' "$TAGOUT_LIVE/log"; do kill -0 "$tiny" || break; done
desk_begins
bring node=a1 --attach "$(evidence a1.txt)" >/dev/null
desk_tells 'incident 1 of a1: started'
desk_tells 'incident 1 of a1: waiting: run '
other=$(basename "$(run_folder)")
tap_is "${heard##*waiting: }" "run $other works on a1" "and for whom it waits"
lets_go 1
status=0
wait "$tiny" || status=$?
tap_is "$status" 0 "the other run completes"
desk_tells 'incident 1 of a1: started'
desk_tells 'incident 1 of a1: run '
tap_is "${heard##*: }" completed "then it has the member"

# ---- a desk that is stopped leaves its runs alone ----

echo "drain b1 slow 2" >"$TAGOUT_LIVE/control"
before=$(grep -c '^do drain b1 begin' "$TAGOUT_LIVE/log")
bring node=b1 --attach "$(evidence b1.txt)" >/dev/null
desk_tells 'incident 2 of b1: started'
run=${heard##*run }
desk_ends
exits 0 "status without a desk" "$TAGOUT" stand --status
said 'in hand *nobody'
exits 0 "an incident meanwhile" bring node=b2 --attach "$(evidence b2.txt)"
said 'no desk is up: it is served once `tagout stand` is'
exits 1 "that is wrong is refused all the same" bring node=zz
desk_begins
until_state 2 completed
until_state 3 completed
tap_is "$(grep -c '^do drain b1 begin' "$TAGOUT_LIVE/log")" "$((before + 1))" "nothing was done twice"
desk_ends

# ---- a flood ----

standing flood
for i in $(seq 2000); do echo '{"fields": {"node": "b1"}, "attach": {"logs": "https://logs/"}}' >"$world/spool/f$i.json"; done
desk_begins --folder "$world/spool"
bring node=a1 --key mine --attach "$(evidence a1.txt)" >/dev/null
desk_tells "of a1: started"
tap_run "who comes by another way does not wait until all files are taken" test "$(find "$world/spool" -maxdepth 1 -name '*.json' | wc -l)" -gt 0
until test "$(find "$world/spool" -maxdepth 1 -name '*.json' | wc -l)" -eq 0; do desk_hears incident || break; done
desk_ends
tap_is "$(ls "$world/spool/taken" | wc -l | tr -d ' ')" 2000 "and all are taken"

# ---- what is over is kept for a while, and then removed ----

# later DAYS OPTIONS: a desk of so many days later, where a library can be put before this build.
preload=$helpers/stand_still.so
later() {
  echo "$(($1 * 86400000))" >"$world/date"
  shift
  LD_PRELOAD=$preload DATE_AHEAD=$world/date desk_begins --folder "$world/spool" "$@"
}
held() { find "$TAGOUT_STATE/incidents/evidence" -type f | wc -l | tr -d ' '; }
if test -f "$preload" && LD_PRELOAD=$preload "$TAGOUT" --version >/dev/null 2>&1; then
  standing kept
  desk_begins --folder "$world/spool"
  bring node=a1 --attach "$(evidence a1.txt)" >/dev/null
  desk_tells 'incident 1 of a1: run '
  bring node=a1 --attach "$(echo more >"$world/more.txt"; echo "logs=$world/more.txt")" >/dev/null
  desk_tells 'incident 2 of a1: joins incident 1'
  echo x >"$world/spool/bad.json"
  printf '{"fields": {"node": "a2"}, "attach": {"logs": "https://logs/"}}' >"$world/a2.json"
  mv "$world/a2.json" "$world/spool/"
  desk_tells 'incident 3 of a2: run '
  exits 0 "status" "$TAGOUT" stand --status
  said 'keeps *what is over for 90 days'
  desk_ends
  mv "$world/spool/bad.json" "$world/spool/refused/" 2>/dev/null || :
  run=$(state 1 | sed 's/.*run //')
  bring node=b1 --attach "$(echo late >"$world/late.txt"; echo "logs=$world/late.txt")" >/dev/null
  tap_is "$(held)" 3 "each piece of evidence is kept once"
  later 91 --keep 100
  desk_tells 'incident 4 of b1: run '
  tap_is "$(queue | wc -l | tr -d ' ')" 4 "what is kept for 100 days is there after 91"
  desk_ends
  later 98
  desk_tells '3 incidents removed: over for 90 days'
  tap_is "$(queue | cut -d, -f1)" "4 b1" "after 90 days what is over is removed, and nothing else"
  tap_is "$(held)" 1 "with the evidence that none of the others needs"
  tap_is "$(ls "$world/spool/taken" "$world/spool/refused" | grep -c json || :)" 0 "and the files that were taken and refused"
  tap_is "$(ls "$TAGOUT_STATE/runs/$run/evidence" | tr '\n' ' ')" "1-a1.txt 2-more.txt " "the run keeps its evidence"
  exits 0 "and its log" "$TAGOUT" log "$run"
  said 'for incident 1: link_fault'
  said 'joined by incident 2'
  desk_ends
fi

# ---- approvals ----

make_keys ann
standing approved
site=$world/site/live.site.runbook
{ sed '$d' "$site"; echo '  role board signers "board.allowed" quorum 1 approves plans'; echo '}'; } >"$site.new"
sed 's/^site live/role board "The change board"\n\nsite live/' "$site.new" >"$site"
listed ann ann >"$world/site/board.allowed"
"$TAGOUT" plan "$world/link.runbook" "$site" --fleet "$world/site/fleet.csv" -o "$world/link.plan" >"$scratch/said" 2>&1
exits 1 "nobody has approved it" "$TAGOUT" stand "$world/link.plan" --yes
said 'E0940'
exits 0 "ann approves" "$TAGOUT" approve "$world/link.plan" --key "$scratch/ann" --as ann --yes
desk_begins
bring node=a1 --attach "$(evidence a1.txt)" >/dev/null
desk_tells 'incident 1 of a1: run '
run=$(state 1 | sed 's/.*run //')
tap_is "$(grep -c '"approved": "board: ann"' "$TAGOUT_STATE/runs/$run/record.json")" 1 "its approval is that of its runs"
listed ann ann 'valid-before="20200101" ' >"$world/site/board.allowed"
bring node=a2 --attach "$(evidence a2.txt)" >/dev/null
desk_tells 'incident 2 of a2: waiting: '
case $heard in *E0940*) tap_pass "once it has expired, incidents wait" ;; *) tap_fail "once it has expired, incidents wait" ;; esac
desk_ends
tap_done
