#!/bin/sh
# Every diagnostic has a long text, and a test that names it; no long text is of a code that does not exist.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
. "$here/lib/tree.sh"

codes=$(sed -n 's/^ *DIAG([^,]*, *"\([A-Z][0-9]*\)".*/\1/p' "$tree/lang/diag.def" | LC_ALL=C sort)
test -n "$codes" || { echo "Bail out! no code in lang/diag.def"; exit 1; }
names=$(mktemp)
trap 'rm -f "$found" "$names"' EXIT

printf '%s\n' "$codes" | uniq -d >"$found"
tree_none "no code stands twice in lang/diag.def"

for code in $codes; do
  if test ! -s "$tree/lang/explain/$code.md"; then echo "$code"; fi
done >"$found"
tree_none "each code is explained in lang/explain/"

tree_files '^lang/explain/.*\.md$' | sed 's,.*/,,; s,\.md$,,' | while IFS= read -r name; do
  printf '%s\n' "$codes" | grep -qx "$name" || echo "$name"
done >"$found"
tree_none "lang/explain/ explains nothing else"

# A unit test names the constant, a golden shows the code.
tree_files '^tests/unit/.*\.[ch]$|^tests/conformance/.*\.expected$|^tests/.*\.sh$' |
  (cd "$tree" && xargs -r grep -hoE '[EWN]_[A-Z_0-9]+|[EWN][0-9]{4}' --) | LC_ALL=C sort -u >"$names"
sed -n 's/^ *DIAG(\([^,]*\), *"\([A-Z][0-9]*\)".*/\1 \2/p' "$tree/lang/diag.def" | while read -r name code; do
  grep -qx -e "$name" -e "$code" "$names" || echo "$code $name"
done >"$found"
tree_none "each code is named by a test"
tap_done
