#!/bin/sh
# Mutants of the shipped runbooks, each through the explorer on the smallest fleet that shows something: what it finds unsafe the
# proof has to refuse. One in 52 of them in `make check`; MUTANTS=1 takes all, MUTANT_FAULTS=2 looks for worse days.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
explore=${builddir:-.}/tests/oracle/explore
every=${MUTANTS:-52}
faults=${MUTANT_FAULTS:-1}
states=${MUTANT_STATES:-60000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The numbers of leaf-switch-reboot are those of a pod of 32; here one node that is lost is worth asking for, two go without asking.
smaller() {
  sed -e 's/at least 16 {/at least 3 {/' -e 's/at least 15 {/at least 2 {/' -e 's/at least 5 {/at least 1 {/' "$1"
}

# mutants RUNBOOK FLEET PARAMETER...: *seen*, *unsafe*: how many; *missed*: those that the proof takes although they are
mutants() {
  runbook=$1 fleet=$2
  shift 2
  mkdir -p "$work/$runbook"
  "$TAGOUT" test --mutate --list "$work/$runbook" "$here/../../runbooks/$runbook.runbook" >/dev/null
  number=0
  for mutant in "$work/$runbook"/*.runbook; do
    number=$((number + 1))
    test $((number % every)) -eq 0 || continue
    seen=$((seen + 1))
    smaller "$mutant" >"$work/mutant.runbook"
    said=$("$explore" "$work/mutant.runbook" --fleet "$here/fleets/$fleet" "$@" --faults "$faults" --delays 0 --steps 5000 \
      --states "$states" 2>&1) || said="$said (exit status $?)"
    case $said in *@*) ;; *) continue ;; esac
    unsafe=$((unsafe + 1))
    if "$TAGOUT" check --quiet "$work/mutant.runbook" >/dev/null 2>&1; then
      missed="$missed
$(head -n 1 "$mutant"):${said##*.runbook:}"
    fi
  done
}

seen=0 unsafe=0 missed=
mutants gb200-dc-power rack-of-two.csv cluster=TOY8
mutants hopper-maintenance pod-of-one cluster=TOYPOD switches=true
mutants leaf-switch-reboot pod-of-one-lost switch=leaf1
mutants nvlink-reboot rack-of-two.csv node=r01-n01 logs=x
tap_is "$missed" "" "the proof refuses every mutant that the explorer finds unsafe ($unsafe of $seen)"
tap_is "$((unsafe > 0))" 1 "some of them are unsafe"
tap_done
