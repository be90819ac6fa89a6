#!/bin/sh
# A file owns one idea: no hand-written source is over 600 lines.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
. "$here/lib/tree.sh"
ceiling=600

tree_files '\.(c|h|l|y|def|sh|runbook)$|^quickstart$' | except '^(tests/conformance|tests/fuzz|runbooks)/' |
  while IFS= read -r file; do
    lines=$(wc -l <"$tree/$file")
    if test "$lines" -gt $ceiling; then echo "$file has $lines lines"; fi
  done >"$found"
tree_none "no hand-written file is over $ceiling lines"
tap_done
