#!/bin/sh
# docs/reference/bytecode.md says what the tables of instructions, rows and rules say.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"

tree=${srcdir:-.}
page=docs/reference/bytecode.md
tap_is "$(cd "$tree" && cat $page)" "$(cd "$tree" && sh docs/bytecode.sh)" "$page is what docs/bytecode.sh makes of lang/"
for op in $(sed -n 's/^OP(\([A-Z_]*\),.*/\1/p' "$tree/lang/opcode.def"); do
  tap_run "$op is on the page" grep -q "^| \`$op\` |" "$tree/$page"
done
tap_done
