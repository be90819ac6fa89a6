#!/bin/sh
# What a proof leaves behind, and who believes it: the checker accepts the certificates of what is proved, and none of those that a liar
# could write: of what is not safe, without a state, with a bit flipped, of another program.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

tree=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?TAGOUT names the program under test}
forge=${builddir:-.}/tests/certificate/forge
generate=${builddir:-.}/tests/oracle/generate
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
proof=$tree/tests/conformance/proof

# What the prover reached is accepted where the first line says that the runbook is safe, and refused where not.
"$forge" states "$proof"/*.runbook | sed 's,^[^:]*/,,' >"$scratch/said"
wrong=
for file in "$proof"/*.runbook; do
  name=$(basename "$file")
  if grep -qs people "${file%.runbook}.args"; then continue; fi # what people may do besides is no part of a certificate
  said=$(grep "^$name: " "$scratch/said")
  case $(head -n 1 "$file") in
    '# safe'* | '# E0780'*) case $said in *': proved, accepted') ;; *) wrong="$wrong
$said" ;; esac ;;
    *) case $said in *', accepted') wrong="$wrong
$said" ;; esac ;;
  esac
done
tap_is "$wrong" "" "the certificates of the safe cases are accepted, those of the others refused"
tap_is "$(($(grep -c ': proved, accepted' "$scratch/said") > 9))" 1 "there are safe ones"

# The checker and the prover share no code; on what is made up they say the same.
mkdir "$scratch/made"
"$generate" 23 "${MADE_UP:-120}" "$scratch/made" >/dev/null
"$forge" states "$scratch"/made/g*.runbook >"$scratch/said"
tap_is "$(grep -E 'proved, refused|(unsafe|open), accepted' "$scratch/said" || :)" "" "made-up runbooks: accepted what is proved, and nothing else"
tap_is "$(($(grep -c 'proved, accepted' "$scratch/said") > 20))" 1 "some of them are proved"
mkdir "$scratch/urgent"
"$generate" 23 "${MADE_UP:-120}" "$scratch/urgent" urgent >/dev/null
"$forge" states "$scratch"/urgent/g*.runbook >"$scratch/said"
tap_is "$(grep -E 'proved, refused|(unsafe|open), accepted' "$scratch/said" || :)" "" "made-up emergencies: likewise"
tap_is "$(($(grep -c 'proved, accepted' "$scratch/said") > 10))" 1 "some of them are proved, too"

# Every state is needed, and none can be another.
small=$proof/drained-and-back.runbook
tap_is "$("$forge" remove "$small" | sed 's/.*: \(.*\) of .*/\1/')" 0 "no certificate is accepted without one of its states"
for file in "$small" "$proof/reboot-under-lock.runbook" "$tree/runbooks/leaf-switch-reboot.runbook"; do
  tap_is "$("$forge" flip "$file" 5 200 | sed 's/.*: \(.*\) of .*/\1/')" 0 "$(basename "$file"): none is accepted with a bit flipped"
done

# By the verbs: beside the program, and checked there.
for file in "$tree"/runbooks/*-*.runbook; do
  name=$(basename "$file" .runbook)
  "$tagout" compile -o "$scratch/$name.program" "$file"
  tap_run "$name: its certificate is accepted" "$tagout" check-proof "$scratch/$name.program" "$scratch/$name.proof"
  tap_is "$(($(wc -c <"$scratch/$name.proof") < 3000000))" 1 "$name: it is smaller than three megabytes"
done

# refused WHAT PROGRAM PROOF PATTERN
refused() {
  status=0
  "$tagout" check-proof "$2" "$3" >"$scratch/out" 2>&1 || status=$?
  tap_is "$status $(grep -c "$4" "$scratch/out")" "1 1" "$1 is refused"
}
leaf=$scratch/leaf-switch-reboot
refused "the certificate of another program" "$scratch/hopper-maintenance.program" "$leaf.proof" "of another program"
# The safe runbook's certificate for the same runbook without one of its locks.
sed 's/ anvil,//' "$tree/runbooks/leaf-switch-reboot.runbook" >"$scratch/mutant.runbook"
if cmp -s "$scratch/mutant.runbook" "$tree/runbooks/leaf-switch-reboot.runbook"; then tap_fail "the mutant is another runbook"; fi
"$tagout" compile -o "$scratch/mutant.program" "$scratch/mutant.runbook" >"$scratch/out" 2>&1 || :
tap_is "$(grep -c 'is not proved safe' "$scratch/out") $(find "$scratch" -name mutant.proof | wc -l)" "1 0" "what is not proved has no certificate"
refused "the certificate of the safe runbook for the mutant" "$scratch/mutant.program" "$leaf.proof" "of another program"
"$forge" lie "$tree/runbooks/leaf-switch-reboot.runbook" "$scratch/mutant.runbook" >"$scratch/out"
tap_is "$(grep -c ': refused' "$scratch/out")" 1 "also when it says that it is the mutant's"
for bytes in 0 7 8 40 75 200 5000; do
  head -c $bytes "$leaf.proof" >"$scratch/bad.proof"
  refused "one of $bytes bytes" "$leaf.program" "$scratch/bad.proof" refused
done
{ head -c 200 "$leaf.proof"; printf X; tail -c +202 "$leaf.proof"; } >"$scratch/bad.proof"
refused "one with another byte" "$leaf.program" "$scratch/bad.proof" damaged
tap_done
