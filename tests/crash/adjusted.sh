#!/bin/sh
# adjusted: a live run that has changed a setting, killed before one write to its journal after the other: resumed, it puts the
# setting back. A hold that stands is known of a run that nobody has, and read again when it is resumed. What is as it was is not
# set again.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

preload kill_at.so

# ---- killed ----

world calm
if ! plan adjusted; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of adjusted.runbook"
  tap_done
  exit
fi
tap_run "an undisturbed run" env LD_PRELOAD="$preload" KILL_COUNT="$scratch/count" "$TAGOUT" run "$world/adjusted.plan" --yes --progress none
tap_is "$(cat "$TAGOUT_LIVE/setting/nsd_polling.CR")" normal "the setting is put back"
tap_is "$(grep -c '^set nsd_polling CR ok$' "$TAGOUT_LIVE/log")" 2 "it was changed, and changed back"
fleet_state >"$scratch/calm.state"
writes=$(cat "$scratch/count")

# try N: killed before the N-th write; says what is wrong.
try() {
  world "write$1"
  cp "$scratch/calm/adjusted.plan" "$world/adjusted.plan"
  status=0
  LD_PRELOAD=$preload KILL_AT=$1 "$TAGOUT" run "$world/adjusted.plan" --yes --progress none >"$world/out" 2>&1 || status=$?
  if test "$status" -eq 0; then test "$1" -gt $((writes * 3 / 4)) && return 0; fi
  test "$status" -eq 137 || { echo "write $1: not killed: exit status $status"; return 1; }
  if test -n "$(run_folder)"; then set -- "$1" resume --yes; else set -- "$1" run "$world/adjusted.plan" --yes; fi
  number=$1
  shift
  "$TAGOUT" "$@" --progress none >"$world/out" 2>&1 || { echo "write $number: $1: exit status $?"; cat "$world/out"; return 1; }
  fleet_state >"$world/state.txt"
  diff -u "$scratch/calm.state" "$world/state.txt" || { echo "write $number: another fleet"; return 1; }
  lawful "$(run_folder)" || { echo "write $number: not lawful"; return 1; }
  rm -rf "$world"
}

n=20
bad=0
tried=0
while test "$n" -le "$writes"; do
  if ! try "$n" >"$scratch/try" 2>&1; then
    tap_comment <"$scratch/try"
    bad=$((bad + 1))
  fi
  n=$((n + 9))
  tried=$((tried + 1))
done
if test "$tried" -gt 5; then tap_is "$bad" 0 "killed before each of $tried writes, resumed: the setting is put back"; else tap_fail "only $tried writes"; fi

# ---- held, and nobody has it ----

world held
plan adjusted
mkdir -p "$TAGOUT_LIVE/storm_hold"
echo standing >"$TAGOUT_LIVE/storm_hold/PHX"
begins "$TAGOUT" run "$world/adjusted.plan" --yes --progress plain
until_told 'held: no member starts: storm_hold of PHX is standing'
kill -9 "$(owner)"
cat <&3 >/dev/null
exec 3<&-
wait
exits 0 "status of a run that is held, and that nobody has" "$TAGOUT" status
said 'its process is gone'
said 'held  *storm_hold of PHX is standing, since'
tap_is "$(cat "$TAGOUT_LIVE/log" 2>/dev/null | grep -c '^do ' || true)" 0 "nothing was begun"
echo clear >"$TAGOUT_LIVE/storm_hold/PHX"
exits 0 "resumed when it is over" "$TAGOUT" resume --yes --progress plain
said 'the hold has ended'
said 'completed'
tap_is "$(cat "$TAGOUT_LIVE/setting/nsd_polling.CR")" normal "the setting is put back"
rm -f "$TAGOUT_LIVE/storm_hold/PHX"
rmdir "$TAGOUT_LIVE/storm_hold"
fleet_state >"$world/state.txt"
tap_run "and the fleet is as it would have been" cmp "$scratch/calm.state" "$world/state.txt"

# ---- somebody else ----

world meddled
plan adjusted
echo 'drain a1 slow 2' >"$TAGOUT_LIVE/control"
begins "$TAGOUT" run "$world/adjusted.plan" --yes --progress plain
until_told 'step out begins'
exits 0 "status of a run that has changed a setting" "$TAGOUT" status
said 'settings  *nsd_polling of cluster CR is short and was normal, since'
echo normal >"$TAGOUT_LIVE/setting/nsd_polling.CR"
ends 0 "a run whose setting somebody else has put back already"
tap_is "$(cat "$TAGOUT_LIVE/setting/nsd_polling.CR")" normal "it is as it was"
tap_is "$(grep -c '^set nsd_polling CR ok$' "$TAGOUT_LIVE/log")" 1 "and was not set once more"
tap_done
