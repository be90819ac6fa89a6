#!/bin/sh
# docs/reference/syntax.md has the words of the language.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"

tree=${srcdir:-.}
page=docs/reference/syntax.md
tap_is "$(cd "$tree" && cat $page)" "$(cd "$tree" && sh docs/syntax.sh)" "$page is what docs/syntax.sh makes of lang/keyword.def"
tap_done
