# lib.sh: source it after tap.sh.
# shellcheck shell=sh

builddir=$(cd "${builddir:-.}" && pwd)
sim=$builddir/tests/sim/sim

# holds SEEDS RUNBOOK FLEET WORD...: nothing is found in so many runs.
holds() {
  seeds=${SEEDS:-$1} runbook=$2 fleet_of_it=$3
  shift 3
  status=0
  said=$("$sim" "$runbook" --fleet "$fleet_of_it" --seeds "$seeds" "$@" 2>&1) || status=$?
  tap_is "$status" 0 "$(basename "$runbook") $*: $seeds seeds"
  echo "$said" | tail -n 40 | tap_comment
}
