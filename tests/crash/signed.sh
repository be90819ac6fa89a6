#!/bin/sh
# signed: where the site names signers of the role that a gate asks, an answer counts when it is signed: by two people here, neither of
# them who started the run. Everything else is in the log with its reason, and opens nothing.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

make_keys ann bob eve
me=$(id -un)

world signed
site=$world/site/live.site.runbook
{ sed '$d' "$site"; echo '  role facility signers "facility.allowed" quorum 2'; echo '}'; } >"$site.new"
mv "$site.new" "$site"
{ listed ann ann; listed bob bob; listed twin ann; listed "$me" eve; listed late bob 'valid-before="20200101" '; } >"$world/site/facility.allowed"
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility'
kill -KILL "$(owner)"
ends 137 "killed at a gate"

ack() { who=$1 key=$2; shift 2; "$TAGOUT" ack back_go "$@" --as "$who" --key "$scratch/$key" --yes; }
# answers: how many messages wait in the inbox.
files() { find "$(run_folder)/acks" -name '*.ack' 2>/dev/null | wc -l; }

exits 2 "no key" ack ann nokey yes --all
said 'there is no key to sign with'
exits 2 "eve's key for ann" ack ann eve yes --all
said 'this answer would not count'
said 'does not list this key for ann'
exits 2 "a key that has expired" ack late bob yes --all
said 'is not valid now'
exits 1 "who started the run" ack "$me" eve yes --all
tap_is "$(files)" 0 "nothing that would not count is kept"
exits 0 "status" "$TAGOUT" status
said 'facility is asked until .* about 2 members, 2 to sign: '
exits 0 "ann, for both" ack ann ann yes --all
tap_is "$(files)" 1 "one signature for two members"
said 'back_go: yes for b1, by ann'
exits 0 "ann's key under another name" ack twin ann yes a1
exits 0 "bob, for one" ack bob bob yes a1

# An answer for a1 is none for b1, a yes of another run is none here, and one without a signature is none at all.
gate=$("$helpers/journal_facts" "$(run_folder)" | awk '$1 == "waits" && $3 == "ask" { print $2 }' | tail -n 1)
send() { "$helpers/inbox_send" "$(run_folder)" "$gate" "$1"; }
ref() { find "$(run_folder)/acks" -name '*.ack' -exec grep -l "^person $1\$" {} + | sed 's,.*/,,; s,\.ack$,,'; }
tap_run "a yes without a signature" send "cay"
tap_run "bob's yes for a1, sent for b1" send "bob [signed $(ref bob)]"
tap_run "bob's yes in cay's name" send "cay [signed $(ref bob)]"
tap_run "a signature that is not there" send "bob [signed 0123456789abcdef0123456789abcdef]"

# What bob would have signed, with ann's words, in another time, for another gate, run or plan: signed by him, and worth nothing here.
forged() {
  sed -n '/BEGIN SSH/q; p' "$(run_folder)/acks/$(ref ann).ack" | sed -e 's/^person ann$/person bob/; s/^says ann$/says bob/' -e "$1" >"$scratch/forged"
  cp "$scratch/forged" "$scratch/forged.text"
  rm -f "$scratch/forged.sig"
  ssh-keygen -q -Y sign -f "$scratch/bob" -n ack@tagout "$scratch/forged" 2>/dev/null
  cat "$scratch/forged.text" "$scratch/forged.sig" >"$scratch/forged.ack"
  name=$(sha256sum "$scratch/forged.ack" | cut -c1-32)
  cp "$scratch/forged.ack" "$(run_folder)/acks/$name.ack"
  send "bob [signed $name]"
}
tap_run "a yes whose time is over" forged 's/^until .*/until 2020-01-01T00:00:00Z/'
tap_run "a yes for another gate" forged 's/^gate .*/gate forth_go/'
tap_run "a yes of another run" forged 's/^run .*/run 20200101-000000-gated-abcd/'
tap_run "a yes to another plan" forged 's/^plan ./plan x/'
tap_run "a yes for another role" forged 's/^role .*/role hardware_repair/'

begins "$TAGOUT" resume --yes --progress plain
until_told 'back_go: one yes of several for node b1 by ann, signed'
until_told 'back_go: an answer that does NOT count for node a1 by twin: the same person, or the same key, has said yes already'
until_told 'back_go: yes for node a1 by bob, signed'
until_told 'an answer that does NOT count for node b1 by cay: it is not signed, and the site names signers of facility'
until_told 'an answer that does NOT count for node b1 by bob: this question was not signed'
until_told 'an answer that does NOT count for node b1 by cay: something else was signed'
until_told 'an answer that does NOT count for node b1 by bob: its signature is not in the run'
for why in 'its time is over' 'it is for another gate' 'it is of another run' 'it is of another plan' 'it is signed for hardware_repair'; do
  until_told "an answer that does NOT count for node b1 by bob: $why"
done
kill -KILL "$(owner)"
ends 137 "killed with one yes of two"

# The yes that was heard before the crash counts after it; a signature that was changed does not.
exits 0 "bob, for the other" ack bob bob yes b1
cp "$(run_folder)/acks/$(ref bob | tail -n 1).ack" "$scratch/kept.ack"
exits 0 "resume" "$TAGOUT" resume --yes --progress plain
said 'back_go: yes for node b1 by bob, signed'
said 'completed'
exits 0 "its record is whole" "$TAGOUT" log --verify
tap_run "every program is accounted for" lawful "$(run_folder)"

# ---- who takes locks off by hand signs as well, where the site names signers of the role they are handed over to ----

world broken
site=$world/site/live.site.runbook
{ sed '$d' "$site"; echo '  role hardware_repair signers "repair.allowed"'; echo '}'; } >"$site.new"
mv "$site.new" "$site"
{ listed ann ann; listed bob bob; listed twin ann; } >"$world/site/repair.allowed"
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility'
kill -KILL "$(owner)"
ends 137 "killed"
id=$(basename "$(run_folder)")
unlock() { who=$1 key=$2; shift 2; "$TAGOUT" unlock --break --because 'the ticket is closed' --yes "$id" "$@" --as "$who" --key "$scratch/$key"; }
exits 2 "no key" unlock ann nokey a1
exits 2 "eve's key for ann" unlock ann eve a1
said 'this answer would not count: .* does not list this key for ann'
exits 8 "ann asks" unlock ann ann a1
said 'asked; it takes somebody else'
exits 0 "locks" "$TAGOUT" locks
said 'nsd Node a1: .*; to be broken, says ann: the ticket is closed, signed'
exits 2 "ann's key under another name" unlock twin ann a1
said 'this is the key that asked for it: it takes another person'
exits 2 "eve's key for bob" unlock bob eve a1
tap_is "$(ls "$TAGOUT_LIVE/lock")" "nsd.a1
nsd.b1" "both locks stand"
refs=$(find "$(run_folder)/acks" -name '*.ack')
exits 0 "bob" unlock bob bob a1
said 'nsd on a1 is unlocked'
tap_is "$(ls "$TAGOUT_LIVE/lock")" nsd.b1 "one lock stands"
exits 8 "bob asks for the other" unlock bob bob b1
for file in $refs "$(run_folder)"/acks/*.ack; do echo >>"$file"; done
exits 8 "what was signed was changed: it is as if nobody had asked" unlock ann ann b1
said 'what bob: the ticket is closed.* asked of nsd on b1 does not count: its file was changed'
tap_is "$(ls "$TAGOUT_LIVE/lock")" nsd.b1 "it stands"

# ---- a site without signers believes ----

world believed
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility'
exits 0 "status" "$TAGOUT" status
said 'facility is asked until .* about 2 members, unsigned: '
exits 0 "night is on duty" "$TAGOUT" take --yes --as night
exits 1 "and does not say yes" "$TAGOUT" ack back_go yes --all --as night@home
gate=$("$helpers/journal_facts" "$(run_folder)" | awk '$1 == "waits" && $3 == "ask" { print $2 }' | tail -n 1)
tap_run "nor past the verb" send night
until_told 'an answer that does NOT count for node b1 by night: who is on duty does not say yes'
exits 0 "a claim" "$TAGOUT" ack back_go yes --all --as lead --yes
said 'not signed: the site names nobody who signs here, and believes that you are lead'
until_told 'back_go: yes for node a1 by lead, not signed'
ends 0 "it is believed"
tap_done
