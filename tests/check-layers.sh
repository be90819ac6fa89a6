#!/bin/sh
# No arrow runs upward: lang <- runtime <- cli. runtime/ sees of lang/ only what a compiled program needs, so that a
# host that runs an approved plan needs no compiler. Libraries of others have one room each, and only cli/ speaks.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
. "$here/lib/tree.sh"

# What runtime/ may include of lang/.
open='arena|buf|diag[a-z_]*|disasm|embedded|intern|limits|opcode|program[a-z_]*|quantity[a-z_]*|site|source|suggest|testcase|utf8|verify_code|waiver'

# includes ROOM: FILE:LINE:#include "path" of everything in the room.
includes() { tree_grep "^$1/.*\\.[chyl]\$" '^ *# *include *"'; }
not() { except "# *include *\"($1)\""; }

includes '(lang|runtime|stdlib|cli|tests)' | not '(lang|runtime|stdlib|cli|tests)/[^"]*' >"$found"
tree_none "includes are spelled from the top of the tree"
includes lang | not 'lang/[^"]*' >"$found"
tree_none "lang/ includes only lang/"
includes lang/certificate | not 'lang/certificate/[^"]*|lang/(arena|buf|limits|program)\.h' >"$found"
tree_none "the certificate's checker includes nothing of the prover, and of the program only its tables"
tree_grep '^(lang|runtime|cli|tests)/.*\.[chyl]$' '# *include "lang/certificate/checker\.h"' | except '^lang/certificate/' >"$found"
tree_none "nobody else sees the inside of the checker"
includes runtime | not "runtime/[^\"]*|lang/($open)\\.(h|def)" >"$found"
tree_none "runtime/ includes of lang/ only what a program needs"
includes stdlib | not 'stdlib/[^"]*|lang/embedded\.h' >"$found"
tree_none "stdlib/ includes only the table's type"

# room LIBRARY HEADER FILES: only those files include it.
room() {
  tree_grep '^(lang|runtime|stdlib|cli)/.*\.[chyl]$' "^ *# *include *<$2>" | except "^($3)[^/]*:[0-9]+:" >"$found"
  tree_none "$1 stays in its room"
}
room utf8proc 'utf8proc\.h' 'lang/utf8'
room sqlite 'sqlite3\.h' 'runtime/(journal|ledger|intake|store)'
room libuv 'uv\.h' 'runtime/(world_live|driver|drivers/)'
tree_grep '^lang/.*\.[chyl]$' '# *include *<(uv|sqlite3|jansson|ffi)\.h>' >"$found"
tree_none "lang/ has no need of the runtime's libraries"

# A comment or a string may name them; a call may not stand there. arena.c says one line before it aborts.
speaks='(^|[^a-zA-Z0-9_."])(printf|puts|putchar|perror|exit|_exit|quick_exit|longjmp|siglongjmp) *\(|[^a-zA-Z0-9_"](stdout|stderr)[^a-zA-Z0-9_]'
tree_grep '^(lang|runtime|stdlib)/.*\.[chyl]$' "$speaks" |
  except '^lang/arena\.c:|:[0-9]+: *(\*|/\*|//)' >"$found"
tree_none "library code neither prints nor exits"
tap_done
