#!/bin/sh
# charged: what comes back into service is written into the fleet's ledger, whatever happens in between. The process is killed before
# every second write to the ledger in turn (FAILS=all: every single one) and resumed; and the ledger cannot be written for a while.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

preload kill_at.so
killer=$preload
preload fail_at.so

world calm
if ! "$TAGOUT" plan "$crash/shared.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR place=1 \
  -o "$world/shared.plan" >"$world/plan.out" 2>&1; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of shared.runbook"
  tap_done
  exit
fi
export KILL_FILE=live.db
tap_run "an undisturbed run" env LD_PRELOAD="$killer" KILL_COUNT="$scratch/count" "$TAGOUT" run "$world/shared.plan" --yes --progress none
writes=$(cat "$scratch/count")
if test "$writes" -gt 20; then tap_pass "$writes writes are counted"; else tap_fail "only $writes writes are counted"; fi
nothing='0 runs claim members or have some out 0 out of service '

# try N: killed before the N-th write to the ledger; the first that it is resumed it may only be found out that it has ended.
try() {
  world "write$1"
  cp "$scratch/calm/shared.plan" "$world/shared.plan"
  status=0
  LD_PRELOAD=$killer KILL_AT=$1 "$TAGOUT" run "$world/shared.plan" --yes --progress none >"$world/out" 2>&1 || status=$?
  if test "$status" -eq 0; then test "$1" -gt $((writes * 3 / 4)) && return 0; fi
  test "$status" -eq 137 || { echo "write $1: not killed: exit status $status"; return 1; }
  if test -n "$(run_folder)"; then
    "$TAGOUT" resume --yes --progress none >"$world/out" 2>&1 || { echo "write $1: resume: exit status $?"; cat "$world/out"; return 1; }
  fi
  test "$("$TAGOUT" ledger live | head -2 | tr '\n' ' ')" = "$nothing" || { echo "write $1: something stays out"; "$TAGOUT" ledger live; return 1; }
  rm -rf "$world"
}

n=1
bad=0
if test "${FAILS-}" = all; then step=1; else step=2; fi
while test "$n" -le "$writes"; do
  if ! try "$n" >"$scratch/try" 2>&1; then
    tap_comment <"$scratch/try"
    bad=$((bad + 1))
  fi
  n=$((n + step))
done
tap_is "$bad" 0 "killed before one in $step of $writes writes, resumed, and nothing counts as out"

# ---- a ledger that cannot be written ----

# silent KIND: from the first drain on calls of this kind on the ledger fail, a few times: what came back is not written, and nobody else
# may leave.
silent() {
  world "silent-$1"
  cp "$scratch/calm/shared.plan" "$world/shared.plan"
  exits 0 "a run whose ledger has a $1 error for a while" env LD_PRELOAD="$preload" FAIL_KIND="$1" FAIL_FILE=/fleets/ FAIL_WHEN="$TAGOUT_LIVE/service/a1" \
    FAIL_AT=1 FAIL_TIMES=3 "$TAGOUT" run "$world/shared.plan" --yes --progress plain
  said "alarm: the fleet's ledger cannot be asked, it is tried again, and nothing more leaves service until then: .*live.db: "
  said "the fleet's ledger answers again"
  tap_is "$("$TAGOUT" ledger live | head -2 | tr '\n' ' ')" "$nothing" "and nothing counts as out"
}
silent sync
silent write
tap_done
