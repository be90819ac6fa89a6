#!/bin/sh
# Program files by the verbs: the same runbook gives the same bytes, a file says what its runbook says, and a damaged one
# is refused with its code.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"

tree=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?TAGOUT names the program under test}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for runbook in "$tree"/runbooks/*-*.runbook "$tree"/tests/conformance/code/*.runbook; do
  name=$(basename "$runbook" .runbook)
  "$tagout" compile -o "$scratch/one" "$runbook" 2>/dev/null
  "$tagout" compile -o "$scratch/two" "$runbook" 2>/dev/null
  tap_run "$name: compiling twice gives the same bytes" cmp "$scratch/one" "$scratch/two"
  tap_is "$("$tagout" disasm "$scratch/one" | cksum)" "$("$tagout" disasm "$runbook" 2>/dev/null | cksum)" \
    "$name: the file says what the runbook says"
done

# refused CODE WHAT: the file $scratch/bad is refused with that code and exit code 1.
refused() {
  status=0
  "$tagout" disasm "$scratch/bad" >"$scratch/out" 2>"$scratch/err" || status=$?
  tap_is "$status $(sed -n '1s/.*\[\(E[0-9]*\)\].*/\1/p' "$scratch/err") $(wc -c <"$scratch/out")" "1 $1 0" "$2 is refused, and nothing of it is shown"
}
head -c 1000 "$scratch/one" >"$scratch/bad"
refused E0603 "a file that was cut off"
{ head -c 200 "$scratch/one"; printf X; tail -c +202 "$scratch/one"; } >"$scratch/bad"
refused E0603 "a file with another byte"
cp "$tree/runbooks/local.mk" "$scratch/bad"
refused E0600 "a file that is no program"
: >"$scratch/bad"
refused E0600 "an empty file"
{ head -c 8 "$scratch/one"; printf '\011'; tail -c +10 "$scratch/one"; } >"$scratch/bad"
refused E0601 "a file of another format"
tap_done
