#!/bin/sh
# told: notices and tickets come at least once, each with the same command. The process is killed where they are durable and not one
# of them was sent, for each turn of a run in turn, the last one too; and while the program that tells somebody is at it.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

preload kill_at.so

telling() {
  world "$1"
  if test "$1" != calm; then cp "$scratch/calm/told.plan" "$world/told.plan"; fi
}

# The messages that have come: command, channel and text, each once.
heard() { awk '$2 == "notify" { $4 = ""; print }' "$TAGOUT_LIVE/starts" | LC_ALL=C sort -u; }

telling calm
if ! plan told; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of told.runbook"
  tap_done
  exit
fi
export KILL_FILE=journal.head # it is written right behind a commit, and before what was committed is done
tap_run "an undisturbed run" env LD_PRELOAD="$preload" KILL_COUNT="$scratch/count" "$TAGOUT" run "$world/told.plan" --yes --progress none
heard >"$scratch/calm.heard"
tap_is "$(cut -d' ' -f3 "$scratch/calm.heard" | sort | uniq -c | tr -s ' \n' ' ')" " 3 operations 1 severity " "four messages come"
turns=$(cat "$scratch/count")
if test "$turns" -gt 10; then tap_pass "$turns turns are counted"; else tap_fail "only $turns turns are counted"; fi

# try N: the process dies behind the commit of turn N.
try() {
  telling "turn$1"
  status=0
  LD_PRELOAD=$preload KILL_AT=$1 "$TAGOUT" run "$world/told.plan" --yes --progress none >"$world/out" 2>&1 || status=$?
  test "$status" -ne 0 || test "$1" -le $((turns * 3 / 4)) || return 0 # two runs do not take the same turns
  test "$status" -eq 137 || { echo "turn $1: not killed: exit status $status"; return 1; }
  "$TAGOUT" status >"$world/before" || { echo "turn $1: no status"; return 1; }
  "$TAGOUT" resume --yes --progress none >"$world/out" 2>&1 || { echo "turn $1: resume: exit status $?"; cat "$world/out"; return 1; }
  if grep -q 'has ended already; .* sent again (1)$' "$world/out"; then
    ended=$((ended + 1))
    grep -q 'messages *1 may not have come: `tagout resume' "$world/before" || { echo "turn $1: status does not tell"; cat "$world/before"; return 1; }
  fi
  heard >"$world/heard"
  cut -d' ' -f2- "$world/heard" | sort -u | cmp -s "$scratch/calm.told" - || { echo "turn $1: not told"; cat "$world/heard"; return 1; }
  test "$(wc -l <"$world/heard")" -eq 4 || { echo "turn $1: a message has two commands"; cat "$world/heard"; return 1; }
  lawful "$(run_folder)" || { echo "turn $1: not lawful"; return 1; }
  "$TAGOUT" status --format json | grep -q '"messages_unanswered": 0' || { echo "turn $1: one has no answer"; return 1; }
  "$TAGOUT" log --verify >/dev/null || { echo "turn $1: the record does not hold"; return 1; }
  rm -rf "$world"
}

cut -d' ' -f2- "$scratch/calm.heard" | sort -u >"$scratch/calm.told"
# tries FROM TO
tries() {
  n=$1
  while test "$n" -le "$2"; do
    if ! try "$n" >"$scratch/try" 2>&1; then
      tap_comment <"$scratch/try"
      bad=$((bad + 1))
    fi
    n=$((n + 1))
  done
}
bad=0
ended=0
tries 1 "$turns"
rounds=0 # the last turn of one run need not be the last of another
while test "$ended" -eq 0 && test "$rounds" -lt 5; do
  rounds=$((rounds + 1))
  tries $((turns - 3)) $((turns + 3))
done
tap_is "$bad" 0 "killed behind each of $turns commits, resumed, and everybody has been told"
if test "$ended" -gt 0; then tap_pass "$ended of them behind the end of the run"; else tap_fail "none of them behind the end of the run"; fi

# ---- while somebody is being told ----

# The program that tells kills who has started it, and dies, before it has told anybody.
telling struck
mv "$scratch/calm/site/act.sh" "$scratch/act.sh" # the plan names the programs of the site that it was made for
cat >"$scratch/calm/site/act.sh" <<END
#!/bin/sh
if test "\$1" = notify && mkdir "\$TAGOUT_LIVE/struck" 2>/dev/null; then
  kill -KILL "\$PPID"
  exit 1
fi
exec '$scratch/act.sh' "\$@"
END
chmod +x "$scratch/calm/site/act.sh"
exits 137 "the process dies while it tells somebody" "$TAGOUT" run "$world/told.plan" --yes --progress none
exits 0 "resumed" "$TAGOUT" resume --yes --progress none
heard >"$world/heard"
tap_is "$(cut -d' ' -f2- "$world/heard" | sort -u)" "$(cat "$scratch/calm.told")" "everybody has been told"
tap_is "$(wc -l <"$world/heard")" 4 "by the same command"
mv "$scratch/act.sh" "$scratch/calm/site/act.sh"

# ---- a channel that is down ----

telling down
echo 'operations - fail' >"$TAGOUT_LIVE/control"
exits 0 "a run whose notices do not get through" "$TAGOUT" run "$world/told.plan" --yes --progress plain
said 'a notice to operations did not get through: exit status 1'
exits 0 "its log" "$TAGOUT" log
said 'a notice to operations did not get through: exit status 1'
exits 0 "its status" "$TAGOUT" status --format json
said '"messages_unanswered": 0'
tap_done
