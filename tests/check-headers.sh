#!/bin/sh
# Each header compiles alone: whoever includes it needs to know nothing else.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
. "$here/lib/tree.sh"

for header in $(tree_files '^(lang|runtime|stdlib|cli|tests)/.*\.h$'); do
  # shellcheck disable=SC2086 # flags are words
  tap_run "$header" ${CC:-cc} $CHECK_CFLAGS -fsyntax-only -x c "$tree/$header"
done
tap_done
