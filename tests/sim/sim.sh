#!/bin/sh
# Whole runs in a rough world, on a rough disk, among people: the shipped runbooks that take long. SEEDS=N makes N runs of each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
. "$here/lib.sh"
runbooks=$here/../../runbooks fleets=$here/../oracle/fleets

holds 500 "$runbooks/gb200-dc-power.runbook" "$fleets/rack-of-two.csv" cluster=TOY8
holds 900 "$runbooks/hopper-maintenance.runbook" "$fleets/pod-of-two" cluster=TOYPOD switches=true
tap_done
