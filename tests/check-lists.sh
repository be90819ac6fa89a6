#!/bin/sh
# Every file of a room stands in the room's local.mk, or the tarball misses it.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
. "$here/lib/tree.sh"

for room in lang runtime stdlib cli; do
  tree_files "^$room/[^/]*\\.(c|h|def|l|y|sh|runbook)\$|^$room/[a-z]+/[^/]*\\.[ch]\$" | while IFS= read -r file; do
    cat "$tree/$room"/*.mk | grep -qE "%D%/${file#"$room/"}( |\$)" || echo "$file"
  done >"$found"
tree_none "$room/local.mk lists every file of $room/"
done
tree_files '^tests/unit/test_.*\.c$' | while IFS= read -r file; do
  grep -qE "%D%/unit/$(basename "$file" .c)( |\$)" "$tree/tests/local.mk" || echo "$file"
done >"$found"
tree_none "tests/local.mk lists every unit test"
tap_done
