#!/bin/sh
# What may not stand in a file that we publish: paths of somebody's machine, loose ends, stray blanks.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
. "$here/lib/tree.sh"

# Conformance cases and fuzz corpora hold whatever they need to.
text='^(lang|runtime|stdlib|runbooks|cli|docs|editors|bench|tests/unit|tests/lib)/|^[^/]*$|^tests/[^/]*\.(sh|mk)$|^\.ci/'
code='\.([chlyd]|def|sh|runbook)$|^quickstart$'

# The patterns are written so that they do not match themselves.
tree_grep "$text" '(^|[^A-Za-z0-9_.$}])/(home|Users|work|root)/[A-Za-z0-9]' >"$found"
tree_none "no path of a machine"
tree_grep "$text" '(^|[^A-Za-z])(TOD[O]|FIXM[E]|XX[X])([^A-Za-z]|$)' >"$found"
tree_none "no loose end"
tree_grep "$text" '^(<{7}|>{7}|={7})( |$)' >"$found"
tree_none "no conflict marker"
tree_grep "$code" '[[:blank:]]+$' | except '^tests/(conformance|fuzz)/' >"$found"
tree_none "no blank ends a line of code"
tree_grep '\.[chly]$' "$(printf '\t')" >"$found"
tree_none "no tab in C"

tree_files "$code" | except '^tests/(conformance|fuzz)/' | while IFS= read -r file; do
  if test -n "$(tail -c 1 "$tree/$file")"; then echo "$file"; fi
done >"$found"
tree_none "every file of code ends in a newline"
tap_done
