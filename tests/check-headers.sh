#!/bin/sh
# Each header compiles alone: whoever includes it needs to know nothing else.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
. "$here/lib/tree.sh"

compile() {
  # shellcheck disable=SC2086 # flags are words
  printf '#include "%s"\n' "$1" | ${CC:-cc} $CHECK_CFLAGS -I"$tree" -fsyntax-only -x c -
}

for header in $(tree_files '^(lang|runtime|stdlib|cli|tests)/.*\.h$'); do tap_run "$header" compile "$header"; done
tap_done
