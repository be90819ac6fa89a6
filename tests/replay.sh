#!/bin/sh
# What the proof finds is replayed on the engine before it is shown: how often that comes to the end that the proof says, over the
# failing cases of conformance/proof and the wrong examples of docs/proof.md and lang/explain/E07*.md; and what is saved shows it
# again with the command that is printed. At least so many in a hundred:
minimum=93
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

tree=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?path of the program}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$(dirname "$tagout"):$PATH
export PATH NO_COLOR=1 COLUMNS=80

# Every example of a page that is a whole file.
examples() { # examples PAGE PREFIX
  awk -v prefix="$2" '
    !inside && /^```runbook/ && !/fragment/ { inside = 1; file = sprintf("%s-%02d.runbook", prefix, ++n); next }
    inside && /^```$/ { inside = 0; close(file); next }
    inside { print > file }' "$1"
}

cp "$tree"/tests/conformance/proof/*.runbook "$work"
examples "$tree/docs/proof.md" "$work/page"
for page in "$tree"/lang/explain/E07*.md; do examples "$page" "$work/$(basename "$page" .md)"; done
cd "$work"

: >findings
for file in *.runbook; do
  tagout check --format json --save-faults "faults-$file" "$file" 2>/dev/null >said || :
  grep -o '^{"code": "E070[1-7]".*' said | while IFS= read -r line; do
    code=${line#*: \"} && code=${code%%\"*}
    at=${line#*\"place\": *\"line\": } && at=${at%%,*}
    command=${line##*\"command\": \"} && command=${command%%\"*}
    case $line in
      *'"replay": {"reproduced": true'*) echo "yes $file $code $at $command" ;;
      *) echo "no $file $code $at" ;;
    esac
  done >>findings
done
all=$(wc -l <findings)
good=$(grep -c '^yes' findings || :)
grep '^no' findings | tap_comment 'not reproduced: '
echo "$good of $all findings come to their end on the engine" | tap_comment
tap_is "$(test "$all" -gt 40 && test $((good * 100)) -ge $((all * minimum)) && echo enough)" enough "at least $minimum% of the findings are reproduced"

# The command that is printed runs, and its dry run breaks a rule at the line of the finding.
: >silent
while read -r how file code at command; do
  test "$how" = yes || continue
  status=0
  eval "$command" >plan 2>&1 || status=$?
  if test "$code" = E0707; then continue; fi # nothing is broken: it only never completes
  if test $status -ne 3 || ! grep -q '^UNSAFE' plan; then echo "$file $code: exit $status: $command" >>silent; fi
  case $code in
    E0701 | E0702) grep -q "(line $at)\|obeyed late" plan || echo "$file $code: not at line $at: $command" >>silent ;;
  esac
done <findings
tap_is "$(cat silent)" "" "every saved way is seen again by the plan that is printed"
tap_done
