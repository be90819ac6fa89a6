#!/bin/sh
# run.sh PHASE.phase: the conformance cases of one phase, as TAP.
#
# PHASE.phase holds `verb: WORDS`; the cases lie anywhere under the folder PHASE/ beside it:
#   CASE.runbook    the input; its first comment says which rule it shows
#   CASE.expected   standard output, byte for byte, but for digests of plans, which cover the library's text too;
#                   what went to standard error follows a line `--- stderr`
#   CASE.args       optional: arguments behind the file's name, one per line
#   CASE.stdin      optional: standard input, else empty
#   CASE.exit       optional: the exit code, else 0
# Files under a folder named `with` are no cases: modules, fleets, sites that cases use.
# Each case runs `tagout VERB CASE.runbook ARGUMENTS` in its own folder, with a fixed environment.
# UPDATE=1 rewrites .expected and .exit (in a checkout only).
set -eu

phase_file=$1
case $phase_file in /*) ;; *) phase_file=$(pwd)/$phase_file ;; esac
phase=$(basename "$phase_file" .phase)
conformance=$(dirname "$phase_file")
root=$conformance/$phase
lib=$(dirname "$0")/../lib
. "$lib/tap.sh"
. "$lib/golden.sh"
# shellcheck disable=SC2034 # read by golden.sh
golden_anchor=$phase_file

LC_ALL=C.UTF-8 NO_COLOR=1 COLUMNS=80 TZ=UTC TERM=dumb
export LC_ALL NO_COLOR COLUMNS TZ TERM
tagout=${TAGOUT:?TAGOUT names the program under test}
verb=$(sed -n 's/^verb: *//p' "$phase_file")
test -n "$verb" || { echo "Bail out! $phase_file has no verb"; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
HOME=$scratch/home XDG_STATE_HOME=$scratch/state
export HOME XDG_STATE_HOME

# The arguments of a case, one per line, as positional parameters of the command.
run_case() {
  input=/dev/null
  if test -f "$name.stdin"; then input=$name.stdin; fi
  # shellcheck disable=SC2086 # a verb may be two words
  set -- $verb "$name.runbook"
  if test -f "$name.args"; then
    while IFS= read -r argument || test -n "$argument"; do set -- "$@" "$argument"; done <"$name.args"
  fi
  rm -rf "$HOME" "$XDG_STATE_HOME"
  mkdir "$HOME" "$XDG_STATE_HOME"
  status=0
  timeout 60 "$tagout" "$@" <"$input" >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
  sed -E 's/[0-9a-f]{64}/DIGEST/; s/^(  plan +)[0-9a-f]{16}$/\1DIGEST/' "$scratch/stdout" >"$scratch/actual"
  if test -s "$scratch/stderr"; then
    echo '--- stderr' >>"$scratch/actual"
    cat "$scratch/stderr" >>"$scratch/actual"
  fi
}

check_exit() {
  wanted=0
  if test -f "$name.exit"; then wanted=$(cat "$name.exit"); fi
  if test "$status" -ne "$wanted" && golden_may_update; then
    rm -f "$name.exit"
    if test "$status" -ne 0; then echo "$status" >"$name.exit"; fi
    wanted=$status
  fi
  tap_is "$status" "$wanted" "$case exits with $wanted"
}

find "$root" -name '*.runbook' ! -path '*/with/*' | sort >"$scratch/cases"
test -s "$scratch/cases" || { echo "Bail out! no case under $root"; exit 1; }
while IFS= read -r file; do
  case=${file#"$root/"}
  case=${case%.runbook}
  name=$(basename "$case")
  cd "$(dirname "$file")"
  run_case
  golden_compare "$case" "$scratch/actual" "$name.expected"
  check_exit
done <"$scratch/cases"
tap_done
