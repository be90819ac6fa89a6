#!/bin/sh
# Whole runs in a rough world, on a rough disk, among people: the shipped runbooks that are through soon, standing ones with the fields
# of an incident, and made-up ones. SEEDS=N makes N runs of each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
. "$here/lib.sh"
runbooks=$here/../../runbooks fleets=$here/../oracle/fleets

holds 500 "$runbooks/leaf-switch-reboot.runbook" "$here/fleets/pod-lost" switch=leaf1
holds 600 "$runbooks/nvlink-reboot.runbook" "$runbooks/samples/toy-1-rack.csv" node=r01-n07 logs=ticket-7
holds 300 "$runbooks/firmware-after-repair.runbook" "$runbooks/samples/toy-1-pod" node=n07 work_order=WO-811
holds 300 "$runbooks/nsd-throughput.runbook" "$fleets/rack-of-two.csv" site=PHX canary=TOY8
holds 500 "$runbooks/storm-hold.runbook" "$fleets/rack-of-two.csv" site=PHX
holds 1700 "$here/../crash/leaks.runbook" "$fleets/rack-of-two.csv" cluster=TOY8 place=1

# Those that the proof takes; the same ones every time.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$builddir/tests/oracle/generate" 1 60 "$scratch" >/dev/null
printf 'name,rack\nn1,r1\nn2,r1\nn3,r2\n' >"$scratch/racks.csv"
taken=0
for file in "$scratch"/g1-*.runbook; do
  "$TAGOUT" check "$file" >/dev/null 2>&1 || continue
  taken=$((taken + 1))
  holds 260 "$file" "$scratch/racks.csv"
done
if test "$taken" -ge 20; then tap_pass "$taken made-up runbooks"; else tap_fail "only $taken made-up runbooks"; fi
tap_done
