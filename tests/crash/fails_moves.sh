#!/bin/sh
# fails_moves: what people do to runs and plans, each in turn with one call that fails, once: an open, a read, a write, a sync, an
# allocation. Whatever it is, the command ends with a documented exit code and says what it met; what it says is done is done; said
# again it is done, once; and every run that it was about goes on to its end. The points are sampled evenly; FAILS=all tries every one.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

preload fail_at.so
kinds='open read write sync truncate rename unlink mkdir mmap lock handle spawn memory'
seconds_most=20

# ---- a command and its points ----

# keep: what each try begins with. back: the world is as it was kept.
keep() { rm -rf "$scratch/kept" && cp -a "$world" "$scratch/kept"; }
back() { rm -rf "$world" && cp -a "$scratch/kept" "$world"; }

# failing KIND N COMMAND...: the N-th call of the kind fails in it; the exit status is in $status.
failing() {
  kind=$1 number=$2
  shift 2
  status=0
  rm -f "$scratch/failed"
  env LD_PRELOAD="$preload" FAIL_KIND="$kind" FAIL_AT="$number" FAIL_SAID="$scratch/failed" timeout -s KILL "$seconds_most" \
    "$@" >"$world/out" 2>&1 </dev/null || status=$?
}

# ends_well GOOD: the documented ends of a command that met an error; only a lack of memory may abort.
ends_well() {
  case $status in
    "$1") return 0 ;;
    134) test "$kind" = memory && grep -q 'out of memory' "$world/out" || { echo "aborts"; return 1; } ;;
    1 | 2 | 8) says_why ;;
    137) echo "hangs"; return 1 ;;
    *) echo "exit status $status"; return 1 ;;
  esac
}

# points CALLS: how many of so many calls are tried.
points() {
  if test "${FAILS-}" = all || test "$1" -le 1; then echo "$1"; elif test "$1" -le 8; then echo 2; else echo 3; fi
}

# fail_each WHAT GOOD CHECK COMMAND...: the command, which ends with GOOD when nothing fails, with a failure at each point, and CHECK
# after it: 0 when it said that it was done. CHECK says what is wrong.
fail_each() {
  what=$1 good=$2 check=$3
  shift 3
  back
  status=0
  LD_PRELOAD=$preload FAIL_COUNT=$scratch/count "$@" >"$world/out" 2>&1 </dev/null || status=$?
  if test "$status" -ne "$good"; then
    tap_comment <"$world/out"
    tap_fail "$what: exit status $status"
    return 0
  fi
  tried=0 bad=0
  for each in $kinds; do
    calls=$(awk -v kind="$each" '$1 == kind { print $2 }' "$scratch/count")
    wanted=$(points "$calls")
    i=0
    while test "$i" -lt "$wanted"; do
      at=$((1 + i * calls / wanted))
      i=$((i + 1))
      tried=$((tried + 1))
      back
      failing "$each" "$at" "$@"
      { echo "$each $at: $(cat "$scratch/failed" 2>/dev/null): exit status $status"; cat "$world/out"; } >"$scratch/try"
      if { ends_well "$good" && $check "$(test "$status" -eq "$good" && echo 0 || echo 1)" "$@"; } >>"$scratch/try" 2>&1; then continue; fi
      tap_comment <"$scratch/try"
      bad=$((bad + 1))
    done
  done
  tap_is "$bad" 0 "$what: a call fails at $tried points, and nothing is lost"
}

letters() { facts "$(run_folder)" | grep -c '^letter$' || :; }
whole() { "$TAGOUT" log --verify >"$world/verified" 2>&1 || { echo "the record does not hold"; cat "$world/verified"; return 1; }; }

# ---- a run that was killed goes on ----

world dead
plan tiny
"$TAGOUT" run "$world/tiny.plan" --yes --progress none >/dev/null 2>&1
fleet_state >"$scratch/calm.state"
world dead
cat >"$world/strike.sh" <<END
#!/bin/sh
# As act.sh, but the first drain kills who has started it, in the middle.
case "\$2" in drain) if mkdir "\$TAGOUT_LIVE/.struck" 2>/dev/null; then kill -KILL "\$PPID"; fi ;; esac
exec '$tests/live/act.sh' "\$@"
END
sed -i "s|^exec .*|exec sh '$world/strike.sh' \"\$@\"|" "$world/site/act.sh"
plan tiny
"$TAGOUT" run "$world/tiny.plan" --yes --progress none >/dev/null 2>&1 || :
keep

# went_on DONE COMMAND...: or is resumed again.
went_on() {
  dir=$(run_folder)
  locks_known "$dir" || { echo "a lock is forgotten"; return 1; }
  if test "$1" -ne 0; then "$TAGOUT" resume --yes --progress none || { echo "resumed again: exit status $?"; return 1; }; fi
  fleet_state >"$world/state.txt"
  diff -u "$scratch/calm.state" "$world/state.txt" || { echo "another fleet"; return 1; }
  lawful "$dir" || { echo "not lawful"; return 1; }
  whole
}
fail_each "resume" 0 went_on "$TAGOUT" resume --yes --progress none

# ---- what people say to a run whose process is dead ----

world word
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
kill -KILL "$(owner)"
ends 137 "killed at a gate"
keep

# was_said DONE COMMAND...: a letter lies in the inbox when it was said, and once it is said again; the run takes it.
was_said() {
  before=$(letters)
  if test "$1" -eq 0 && test "$before" -eq 0; then echo "it says that it is said, and it is not"; return 1; fi
  if test "$1" -ne 0; then
    shift
    status=0
    "$@" >"$world/again" 2>&1 </dev/null || status=$?
    test "$status" -eq 0 || { test "$before" -gt 0 && test "$status" -eq 1; } || { echo "said again: exit status $status"; cat "$world/again"; return 1; }
  fi
  test "$(letters)" -gt 0 || { echo "said twice, and it is not there"; return 1; }
  whole
}
for move in "pause" "stop-after back" "hold a1" "set-aside a1 --because broken" "ack back_go yes --all" "abort" "take"; do
  # shellcheck disable=SC2086 # words
  fail_each "$move" 0 was_said "$TAGOUT" $move --as lead --yes
done
back
exits 0 "a yes at last" "$TAGOUT" ack back_go yes --all --as lead --yes
exits 0 "and the run goes on to its end" timeout -s KILL "$seconds_most" "$TAGOUT" resume --yes --progress none

# ---- a lock that two people take off ----

# gone_on: to an end of its own, whichever its tolerances make it.
gone_on() {
  status=0
  timeout -s KILL "$seconds_most" "$TAGOUT" resume --yes --progress none || status=$?
  test "$status" -eq 0 || test "$status" -eq 4
}

back
id=$(basename "$(run_folder)")
stands() { test -f "$TAGOUT_LIVE/lock/nsd.b1"; }
# one_asks DONE COMMAND...: nothing is unlocked; the other person's word counts then.
one_asks() {
  stands || { echo "it is unlocked"; return 1; }
  if test "$1" -ne 0; then shift; "$@" >/dev/null 2>&1 </dev/null || test $? -eq 8 || { echo "asked again: exit status $?"; return 1; }; fi
  "$TAGOUT" unlock --break --because agreed "$id" b1 --yes --as guard >"$world/again" 2>&1 || { echo "the other: exit status $?"; cat "$world/again"; return 1; }
  if stands; then echo "it stands"; return 1; fi
  whole
}
fail_each "one person wants a lock off" 8 one_asks "$TAGOUT" unlock --break --because 'to be swapped' "$id" b1 --yes --as lead
back
exits 8 "one person asks" "$TAGOUT" unlock --break --because 'to be swapped' "$id" b1 --yes --as lead
keep
# unlocked DONE COMMAND...: as the journal says.
unlocked() {
  if test "$1" -eq 0 && stands; then echo "it says that it is off, and it stands"; return 1; fi
  shift
  if "$TAGOUT" locks | grep -q 'nsd Node b1'; then
    "$@" >"$world/again" 2>&1 </dev/null || { echo "once more: exit status $?"; cat "$world/again"; return 1; }
  fi
  if stands; then echo "it stands"; return 1; fi
  if "$TAGOUT" locks | grep -q 'nsd Node b1'; then echo "it is still listed"; return 1; fi
  whole
}
fail_each "the other takes it off" 0 unlocked "$TAGOUT" unlock --break --because agreed "$id" b1 --yes --as guard
exits 0 "a yes for the one that is left" "$TAGOUT" ack back_go yes a1 --as head --yes
tap_run "the run goes on without it" gone_on

# ---- what counts as out of service ----

world out
echo 'drain a1 lost' >"$TAGOUT_LIVE/control"
echo 'return_to_service a1 fail' >>"$TAGOUT_LIVE/control"
plan tiny
"$TAGOUT" run "$world/tiny.plan" --yes --progress none >/dev/null 2>&1 || :
keep
is_out() { "$TAGOUT" ledger live | grep -q '^  *Node *a1 '; }
# came_back DONE COMMAND...
came_back() {
  if test "$1" -eq 0 && is_out; then echo "it says that it is back, and it counts as out"; return 1; fi
  shift
  if is_out; then "$@" >"$world/again" 2>&1 </dev/null || { echo "once more: exit status $?"; cat "$world/again"; return 1; }; fi
  if is_out; then echo "it counts as out"; "$TAGOUT" ledger live; return 1; fi
}
fail_each "a person says that it is back" 0 came_back "$TAGOUT" ledger live --back Node:a1 --because 'seen it' --as lead --yes

# ---- a yes to a plan ----

make_keys ann bob
world board
site=$world/site/live.site.runbook
{ sed '$d' "$site"; echo '  role board signers "board.allowed" quorum 2 approves plans'; echo '}'; } >"$site.new"
sed 's/^site live/role board "The change board"\n\nsite live/' "$site.new" >"$site"
rm "$site.new"
{ listed ann ann; listed bob bob; } >"$world/site/board.allowed"
plan tiny
approves() { "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/$1" --as "$1" --yes; }
exits 0 "ann approves" approves ann
keep
kept_approvals() { (cd "$world/tiny.plan.approvals" && echo *); }
# approved DONE COMMAND...: bob's word is there and counts, or it is not there at all, and nothing is left of it.
approved() {
  enough=1
  "$TAGOUT" approve "$world/tiny.plan" --verify >"$world/verified" 2>&1 && enough=0
  if test "$1" -eq 0 && test "$enough" -ne 0; then echo "it says that it is kept, and it does not count"; cat "$world/verified"; return 1; fi
  case $(kept_approvals) in
    board-ann.approval | "board-ann.approval board-bob.approval") ;;
    *) echo "left over: $(kept_approvals)"; return 1 ;;
  esac
  shift
  if test "$enough" -ne 0; then "$@" >"$world/again" 2>&1 </dev/null || { echo "once more: exit status $?"; cat "$world/again"; return 1; }; fi
  "$TAGOUT" approve "$world/tiny.plan" --verify >"$world/verified" 2>&1 || { echo "two are not enough"; cat "$world/verified"; return 1; }
}
fail_each "approve" 0 approved "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/bob" --as bob --yes
back
exits 0 "bob approves" approves bob
keep
# began DONE COMMAND...: with the word of both, or not at all.
began() {
  if test "$1" -ne 0; then
    dir=$(run_folder)
    if test -n "$dir"; then "$TAGOUT" resume --yes --progress none >"$world/again" 2>&1; else shift; "$@" >"$world/again" 2>&1 </dev/null; fi || { echo "once more: exit status $?"; cat "$world/again"; return 1; }
  fi
  fleet_state >"$world/state.txt"
  diff -u "$scratch/calm.state" "$world/state.txt" || { echo "another fleet"; return 1; }
  whole
}
FAIL_FILE=approval
export FAIL_FILE
fail_each "a run that reads who has approved" 0 began "$TAGOUT" run "$world/tiny.plan" --yes --progress none
unset FAIL_FILE

# ---- a run that is going: who speaks to it, and the run itself while it hears it ----

world going
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
# heard DONE COMMAND...: said again it is heard as well; the run is none the worse.
heard() {
  if test "$1" -ne 0; then shift; "$@" >"$world/again" 2>&1 </dev/null || { echo "once more: exit status $?"; cat "$world/again"; return 1; }; fi
}
keep() { :; }
back() { :; }
fail_each "take, of a run that goes on" 0 heard "$TAGOUT" take --as lead --yes
exits 0 "a yes" "$TAGOUT" ack back_go yes --all --as head --yes
ends 0 "the run has heard everything"
whole || tap_fail "its record"

# Nobody says a second time that there is something in the inbox: a run that could not read it looks again.
world deaf
plan gated
begins env LD_PRELOAD="$preload" FAIL_KIND=read FAIL_FILE=inbox.db FAIL_WHEN="$world/now" FAIL_AT=1 FAIL_TIMES=2 \
  "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
: >"$world/now"
exits 0 "a yes" "$TAGOUT" ack back_go yes --all --as head --yes
until_told 'inbox.db cannot be read: what people say is not heard, and it is tried again'
until_told 'inbox.db can be read again'
ends 0 "the run has heard it"
tap_done
