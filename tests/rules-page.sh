#!/bin/sh
# docs/reference/rules.md says what the registry of diagnostics says.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"

tree=${srcdir:-.}
page=docs/reference/rules.md
tap_is "$(cd "$tree" && cat $page)" "$(cd "$tree" && sh docs/rules.sh)" "$page is what docs/rules.sh makes of lang/diag.def"
tap_done
