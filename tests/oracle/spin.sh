#!/bin/sh
# SPIN on tiny fleets (spin/promela.h), a second oracle of the proof. What SPIN finds unsafe the proof has to refuse; where the
# proof refuses and SPIN finds nothing there has to be a reason. What it runs without being asked is a sample, for building a
# checker takes most of a second; SPIN=N: all cases on all fleets, N made-up runbooks, every third mutant of the shipped ones.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
command -v spin >/dev/null 2>&1 || tap_skip_all "spin is not installed (Debian package spin)"
command -v "${CC:-cc}" >/dev/null 2>&1 || tap_skip_all "there is no C compiler to build what spin writes"
PROMELA=$(cd "${builddir:-.}" && pwd)/tests/oracle/spin/promela
export PROMELA
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
all=${SPIN:+yes}
made_up=${SPIN:-4}

# A fleet may have `,taken` behind it: there the emergency of another run takes things.
# job NAME FILE FAULTS CODES FLEET...: to be looked at by run_jobs; the result is then in $work/NAME.
job() {
  job_name=$1
  shift
  printf 'sh "%s/spin/look.sh" %s >"%s/%s" 2>&1\n' "$here" "$(printf '"%s" ' "$@")" "$work" "$job_name" >>"$work/jobs"
}
run_jobs() {
  tr '\n' '\0' <"$work/jobs" | xargs -0 -n 1 -P 2 sh -c
  rm "$work/jobs"
}

codes_in() { sed 's/ *(.*//; s/DONE//' "$1" | tr ' ' '\n' | sed '/^$/d' | LC_ALL=C sort -u | paste -sd ' ' -; }
sorted() { tr ' ' '\n' | sed '/^$/d' | LC_ALL=C sort -u | paste -sd ' ' -; }

# The codes of the proof, as rules: NEED, POLICY (MAKE or CALL), LET, ABANDON, LEFT; others as they are.
proof_in() {
  sed -n 's/^error\[\(E07[0-9]*\)\].*/\1/p' "$1" |
    sed 's/E0701/NEED/; s/E0702/POLICY/; s/E0703/LET/; s/E0704/ABANDON/; s/E0705/LEFT/' | tr '\n' ' ' | sorted
}

# ---- the cases of the explorer, whose first line says what is broken ----

# What SPIN finds besides what the explorer does stands behind `spin:`.
expected_of() { sed -n 's/^# expect: //p; s/^# spin: //p' "$1" | sed 's/none//' | tr '\n' ' ' | sorted; }

cases='' number=0
for file in "$here"/cases/*.runbook; do
  name=$(basename "$file" .runbook)
  number=$((number + 1))
  if test "$name" = rig || { test -z "$all" && test $((number % 4)) -ne 1; }; then continue; fi
  wanted=$(expected_of "$file" | tr ' ' ',')
  if test -n "$wanted" || test -n "$all"; then fleets="1 2"; else fleets=1; fi
  # shellcheck disable=SC2086 # fleets are words
  job "case-$name" "$file" 2 "$wanted" $fleets
  cases="$cases $name"
done

# ---- what the proof has to say about ----

against=
# compare NAME FILE FAULTS FLEET...: with the codes of the proof, later.
compare() {
  compare_name=$1
  shift
  "$TAGOUT" check "$1" >"$work/$compare_name.check" 2>&1 || :
  proof=$(proof_in "$work/$compare_name.check")
  echo "$proof" >"$work/$compare_name.proof"
  compare_file=$1 compare_faults=$2
  echo "$2" >"$work/$compare_name.faults"
  shift 2
  job "$compare_name" "$compare_file" "$compare_faults" "$(echo "$proof" | sed 's/POLICY//; s/E[0-9]*//g' | sorted | tr ' ' ',')" "$@"
  against="$against $compare_name"
}

number=0
for file in "$here"/../conformance/proof/*.runbook; do
  number=$((number + 1))
  if test -n "$all" || test $((number % 16)) -eq 1; then compare "proof-$(basename "$file" .runbook)" "$file" 1 1 1+1 1+1,left; fi
done

# Emergencies: the cases that were written by hand, and made-up ones.
for file in "$here"/../conformance/proof/emergency-*.runbook; do
  name=$(basename "$file" .runbook)
  case $name in *-cuts-a-wet-rack | *-and-anvil | *-tried-not-skipped) ;; *) test -n "$all" || continue ;; esac
  compare "urgent-$name" "$file" 1 1
done
mkdir "$work/urgent"
"${PROMELA%/spin/promela}/generate" 33 "$made_up" "$work/urgent" urgent >/dev/null 2>&1
for file in "$work"/urgent/g*.runbook; do compare "urgent-$(basename "$file" .runbook)" "$file" 1 1; done
compare urgent-taken "$here/../conformance/proof/reboot-under-lock.runbook" 1 1,taken

mkdir "$work/made-up"
"${PROMELA%/spin/promela}/generate" 11 "$made_up" "$work/made-up" >/dev/null 2>&1
for file in "$work"/made-up/g*.runbook; do
  # shellcheck disable=SC2046 # fleets are words
  compare "made-up-$(basename "$file" .runbook)" "$file" $(test -n "$all" && echo 2 1 2 1+1,left || echo 1 1)
done

# ---- what comes with Tagout, and what is left of it after a mistake ----

runbooks=$here/../../runbooks
# SPIN's models know no incidents: the work of the leaf switch without them, as a runbook that is told the switch.
mkdir "$work/once"
cp "$runbooks/gb200-dc-power.runbook" "$runbooks/hopper-maintenance.runbook" "$work/once"
awk '/^# ---- tests/ { exit }
  /^incident / { skip = 1 }
  skip { if (/^}/) skip = 0; next }
  /^  on incident / { head = 1 }
  head { if (/else run /) head = 0; next }
  { gsub(/i\.switch/, "switch"); line[++n] = $0 }
  /^  obey / { line[++n] = "  param switch : Switch \"the leaf switch\"" }
  END { for (k = n; line[k] != "  }"; k--) {}; for (i = 1; i <= n; i++) if (i != k) print line[i] }' \
  "$runbooks/leaf-switch-reboot.runbook" >"$work/once/leaf-switch-reboot.runbook"
tap_run "the work of the leaf switch is a runbook" "$TAGOUT" check --quiet "$work/once/leaf-switch-reboot.runbook"
runbooks=$work/once
if test -n "$all"; then
  for name in gb200-dc-power hopper-maintenance leaf-switch-reboot; do
    compare "shipped-$name" "$runbooks/$name.runbook" 1 2
    "$TAGOUT" test --mutate --list="$work/mutants-$name" "$runbooks/$name.runbook" >/dev/null
    number=0
    for file in "$work/mutants-$name"/*.runbook; do
      number=$((number + 1))
      test $((number % 3)) -ne 1 || compare "mutant-$name-$(basename "$file" .runbook)" "$file" 1 2
    done
  done
else
  compare shipped-hopper-maintenance "$runbooks/hopper-maintenance.runbook" 1 1
  compare shipped-leaf-switch-reboot "$runbooks/leaf-switch-reboot.runbook" 1 1
fi

run_jobs

for name in $cases; do
  expected=$(expected_of "$here/cases/$name.runbook")
  case $(cat "$work/case-$name") in
  not*) tap_skip "case $name" "$(cat "$work/case-$name")" ;;
  *) tap_is "$(codes_in "$work/case-$name")" "$expected" "case $name" ;;
  esac
done

# How many things at least have to go wrong, by the ways that the proof shows.
faults_shown() {
  sed -n 's/.*the shortest way there, with nothing .*/0/p; s/.*the shortest way there, with one thing .*/1/p
    s/.*the shortest way there, with \([0-9]*\) things* .*/\1/p' "$1" | sort -n | head -n 1
}

# Why SPIN may find nothing where the proof refuses: it looks at so many faults, and the proof stops where it cannot follow.
reason_for() {
  shown=$(faults_shown "$work/$1.check")
  if test -n "$shown" && test "$shown" -gt "$(cat "$work/$1.faults")"; then
    echo "$shown things have to go wrong"
    return
  fi
  case "$1 $2" in
  *' E0706') echo "several members act on one thing: SPIN looks at what comes of it, the proof does not" ;;
  *' E079'*) echo "what cannot be followed, or not to its end, is refused" ;;
  *) return 1 ;;
  esac
}

# The proof does not report LEFT of a runbook that takes its members out of service for good (docs/reference/proof-model.md).
same=0 fewer=0 more=0 skipped=0 reasons=0
missed='' unseen=''
for name in $against; do
  said=$(cat "$work/$name") proof=$(cat "$work/$name.proof")
  case $said in
  not* | promela:*) skipped=$((skipped + 1)) && continue ;; # a mutant may be no runbook
  failed*) missed="$missed$name: $said;" && continue ;;
  esac
  spin=$(codes_in "$work/$name" | sed 's/MAKE/POLICY/g; s/CALL/POLICY/g' | sorted)
  if test -z "$spin" && ! grep -q DONE "$work/$name"; then spin=E0707; fi
  if test "$spin" = "$proof"; then
    same=$((same + 1))
  elif test -z "$proof" && test "$spin" != LEFT; then
    missed="$missed$name: $said;"
  elif test -n "$spin"; then
    others=$(echo "$spin" | tr ' ' '\n' | grep -vxF "$(echo "$proof" | tr ' ' '\n')" || :)
    if test -n "$others"; then more=$((more + 1)); else fewer=$((fewer + 1)); fi
  elif why=$(reason_for "$name" "$proof"); then
    reasons=$((reasons + 1))
    echo "# $name: $proof: $why"
  else
    unseen="$unseen$name: $proof;"
  fi
done
tap_is "$missed" "" "the proof refuses what SPIN finds"
tap_is "$unseen" "" "what the proof refuses SPIN finds, or there is a reason"
echo "# of $(echo "$against" | wc -w): $same the same codes, $fewer fewer of them, $more others beside them," \
  "$reasons not seen, with a reason, $skipped not translated"
find "$work" -maxdepth 1 -type f ! -name '*.*' -exec cat {} + |
  sed -n 's/.*(\([0-9]*\) states, \([0-9]*\) fleets)/\1 \2/p' | awk '{ s += $1; f += $2 } END { print "# " s " states in " f " models" }'
tap_done
