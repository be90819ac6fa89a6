#!/bin/sh
# Whole runbooks under seeded trouble: ten thousand runs of the shipped ones end well and replay exactly. STORM=N makes N runs of
# each (STORM=1000000 is a night).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
storm=${builddir:-.}/tests/oracle/storm
runbooks=$here/../../runbooks

# ends_well SEEDS RUNBOOK FLEET PARAMETER...
ends_well() {
  seeds=${STORM:-$1} runbook=$2 fleet=$3
  shift 3
  said=$("$storm" "$runbooks/$runbook.runbook" --fleet "$here/fleets/$fleet" --seeds "$seeds" "$@" 2>&1) || said="$said (exit status $?)"
  if expr "$said" : '.*: none, [0-9]* seeds' >/dev/null; then tap_pass "$runbook $*: $seeds seeds"; else tap_fail "$runbook $*: $seeds seeds"; fi
  echo "$said" | tail -400 | tap_comment
}
ends_well 4000 gb200-dc-power rack-of-two.csv cluster=TOY8
ends_well 3000 hopper-maintenance pod-of-two cluster=TOYPOD
ends_well 3000 hopper-maintenance pod-of-two cluster=TOYPOD switches=true
ends_well 3000 leaf-switch-reboot pod-of-two switch=leaf1

# It sees what is wrong: cases of the oracle that are.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf 'name,rack\nn1,r1\nn2,r1\n' >"$scratch/two.csv"
for case in abandon-cancel call-in-rollback left-drained let-two-lockouts; do
  status=0
  "$storm" "$here/cases/$case.runbook" --fleet "$scratch/two.csv" --seeds 400 --trouble 300 >"$scratch/said" 2>&1 || status=$?
  tap_is "$status" 1 "$case: something is found"
done
# What a policy forbids is not sent, whatever was not proved.
for case in make-drain-failed call-unreadable; do
  status=0
  "$storm" "$here/cases/$case.runbook" --fleet "$scratch/two.csv" --seeds 400 --trouble 300 >"$scratch/said" 2>&1 || status=$?
  tap_is "$status $(grep -cE 'MAKE|CALL' "$scratch/said" || :)" "0 0" "$case: the policy is kept"
done
"$storm" "$here/cases/abandon-cancel.runbook" --fleet "$scratch/two.csv" --seeds 400 --trouble 300 >"$scratch/again" 2>&1 || :
"$storm" "$here/cases/abandon-cancel.runbook" --fleet "$scratch/two.csv" --seeds 400 --trouble 300 >"$scratch/said" 2>&1 || :
tap_is "$(cat "$scratch/again")" "$(cat "$scratch/said")" "the same seeds are the same runs"
tap_done
