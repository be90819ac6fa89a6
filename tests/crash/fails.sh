#!/bin/sh
# fails: a small live run in which one call fails, once: an open, a read, a write, a sync, a start of a program, an allocation.
# Whatever it is, the process ends with a documented exit code and says what it met, or goes on without it; then the run goes
# through, the fleet ends as it would have, nothing is done twice, and the record holds. The points are sampled evenly;
# FAILS=all tries every one.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"

preload fail_at.so
seconds_most=5 # it takes a tenth of one

calm_run FAIL_COUNT

# ends_well STATUS KIND: a documented end; only a lack of memory may abort.
ends_well() {
  case $1 in
    0) return 0 ;;
    2 | 8) says_why ;;
    134) test "$2" = memory && grep -q 'out of memory' "$world/out" || { echo "aborts"; return 1; } ;;
    137) echo "hangs"; return 1 ;;
    *) echo "exit status $1"; return 1 ;;
  esac
}

# try KIND N: the N-th call of the kind fails; says what is wrong.
try() {
  world "$1$2"
  cp "$scratch/calm/tiny.plan" "$world/tiny.plan"
  status=0
  LD_PRELOAD=$preload FAIL_KIND=$1 FAIL_AT=$2 FAIL_SAID=$world/said timeout -s KILL "$seconds_most" \
    "$TAGOUT" run "$world/tiny.plan" --yes --progress none >"$world/out" 2>&1 || status=$?
  if test -f "$world/said"; then
    echo "$1 $2: $(cat "$world/said"): exit status $status"
    cat "$world/out"
    ends_well "$status" "$1" || return 1
  elif test "$status" -ne 0 || test "$2" -le $(($3 * 3 / 4)); then # two runs do not call alike: the last ones may not come
    echo "$1 $2: nothing failed, exit status $status"
    return 1
  fi
  if test "$status" -ne 0; then go_on || return 1; fi
  fleet_state >"$world/state.txt"
  diff -u "$scratch/calm.state" "$world/state.txt" || { echo "another fleet"; return 1; }
  lawful "$(run_folder)" || { echo "not lawful"; return 1; }
  "$TAGOUT" log --verify || { echo "the record does not hold"; return 1; }
  rm -rf "$world"
}

# go_on: the run that is there, or the plan once more when none came to be.
go_on() {
  dir=$(run_folder)
  if test -n "$dir"; then
    locks_known "$dir" || { echo "a lock is forgotten"; return 1; }
    if test "$status" -eq 2; then grep -q 'tagout resume' "$world/out" || { echo "it is not said how to go on"; return 1; }; fi
    "$TAGOUT" resume --yes --progress none || { echo "resume: exit status $?"; return 1; }
  else
    "$TAGOUT" run "$world/tiny.plan" --yes --progress none || { echo "the second start: exit status $?"; return 1; }
  fi
}

# fail_each KIND POINTS: as many points of the kind, from the first to the last.
fail_each() {
  calls=$(awk -v kind="$1" '$1 == kind { print $2 }' "$scratch/count")
  points=$2
  if test "${FAILS-}" = all || test "$points" -gt "$calls"; then points=$calls; fi
  i=0
  bad=0
  while test "$i" -lt "$points"; do
    n=$((1 + i * calls / points))
    if ! try "$1" "$n" "$calls" >"$scratch/try" 2>&1; then
      tap_comment <"$scratch/try"
      bad=$((bad + 1))
    fi
    i=$((i + 1))
  done
  if test "$points" -gt 0; then tap_is "$bad" 0 "$1 fails at $points of $calls points, and the run goes through"; else tap_fail "no $1 is counted"; fi
}

fail_each open 9
fail_each read 4
fail_each write 8
fail_each sync 4
fail_each truncate 2
fail_each rename 3
fail_each unlink 2
fail_each mkdir 3
fail_each mmap 2
fail_each lock 1
fail_each handle 3
fail_each spawn 2
fail_each memory 7

# A plan that cannot be written is not there, and the file is named.
for kind in open write sync rename; do
  world "plan-$kind"
  LD_PRELOAD=$preload FAIL_COUNT=$scratch/count plan tiny
  rm -f "$world/tiny.plan"
  last=$(awk -v kind="$kind" '$1 == kind { print $2 }' "$scratch/count")
  status=0
  LD_PRELOAD=$preload FAIL_KIND=$kind FAIL_AT=$last FAIL_SAID=$world/said plan tiny || status=$?
  tap_is "$status $(cut -d' ' -f2 "$world/said")" "2 $world/tiny.plan$(test $kind = rename || echo .new)" "$kind of the plan fails: exit code 2"
  tap_run "and the file is named" grep -q "$world/tiny.plan: " "$world/plan.out"
  tap_is "$(ls "$world" | grep -c 'tiny.plan' || true)" 0 "and nothing is left of it"
done
tap_done
