#!/bin/sh
# look.sh FILE FAULTS CODES FLEET...: what SPIN finds in a runbook, as one line of codes: NEED MAKE CALL LET ABANDON LEFT, and DONE
# where the run can complete; then how many states it looked at, over how many fleets.
#
# A fleet is `N`, nodes of which all are selected; `N+M`, with M that an attribute keeps out of what it can; `N+M,left`, with M
# that are left out, in whatever state; `N,taken`, where the emergency of another run takes something. After the first fleet by which all of CODES (separated by commas) have been seen, no
# other is looked at; with none given, all are. PARAMS: parameters of the runbook. PROMELA: the exporter.
set -eu
file=$1 faults=$2 wanted=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/hits"
states=0 fleets=0

# look OPTION...: on one fleet. Hits are added; what SPIN cannot do ends all.
look() {
  if ! "$PROMELA" "$file" "$@" >"$work/model.pml" 2>"$work/why"; then
    sed 's/.*not translated: /not translated: /' "$work/why"
    exit 0
  fi
  # shellcheck disable=SC2086 # words
  (cd "$work" && spin "-DMAXF=$faults" -a model.pml && ${CC:-cc} -O0 -w -DSAFETY -DCOLLAPSE -DVECTORSZ=4096 -DMEMLIM=1500 \
    ${SPIN_CFLAGS-} -o pan pan.c && ./pan -E -m500000 ${SPIN_FLAGS-}) >"$work/said" 2>&1 || :
  if ! grep -q 'states, stored' "$work/said" || grep -qE '^(error|pan:[0-9]+:)|resizing|pan: reached|out of memory' "$work/said"; then
    echo "failed: $(grep -E '^(spin|error|pan)' "$work/said" | head -n 1)"
    exit 0
  fi
  sed -n 's/^HIT \([A-Z]*\)@.*/\1/p' "$work/said" >>"$work/hits"
  states=$((states + $(awk '/states, stored/ { printf "%d", $1; exit }' "$work/said")))
  fleets=$((fleets + 1))
}

seen_enough() {
  test -n "$wanted" || return 1
  for code in $(echo "$wanted" | tr , ' '); do grep -qx "$code" "$work/hits" || return 1; done
}

for fleet in "$@"; do
  inside=${fleet%%+*} outside=0 left=
  case $fleet in *+*) outside=${fleet#*+} outside=${outside%,left} ;; esac
  inside=${inside%%,*}
  case $fleet in *,left) left=--left-out ;; *,taken) left=--taken ;; esac
  # shellcheck disable=SC2086 # words, or none
  look --members "$inside" --outsiders "$outside" $left ${PARAMS-}
  if seen_enough; then break; fi
done
echo "$(LC_ALL=C sort -u "$work/hits" | paste -sd ' ' -) ($states states, $fleets fleets)"
