#!/bin/sh
# The runbooks that come with Tagout, along every path with one fault, on fleets of two nodes: nothing is found.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
explore=${builddir:-.}/tests/oracle/explore

# finds_nothing RUNBOOK FLEET PARAMETER...
finds_nothing() {
  runbook=$1 fleet=$2
  shift 2
  said=$("$explore" "$here/../../runbooks/$runbook.runbook" --fleet "$here/fleets/$fleet" "$@" --faults 1 --delays 0 \
    --steps 5000 --states 1000000 2>&1) || said="$said (exit status $?)"
  tap_is "${said##*.runbook: }" "none (at most 1 faults)" "$runbook $*"
}
finds_nothing gb200-dc-power rack-of-two.csv cluster=TOY8
finds_nothing hopper-maintenance pod-of-two cluster=TOYPOD
finds_nothing hopper-maintenance pod-of-two cluster=TOYPOD switches=true
finds_nothing nvlink-reboot rack-of-two.csv node=r01-n01 logs=x
finds_nothing firmware-after-repair pod-of-two node=n01 work_order=x
tap_done
