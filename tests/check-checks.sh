#!/bin/sh
# The scripts that read the tree, on a tree where everything is wrong: each of their points must fail.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

bad=$(mktemp -d)
trap 'rm -rf "$bad"' EXIT
for room in lang lang/certificate runtime stdlib runbooks cli tests docs editors bench tests/unit; do mkdir -p "$bad/$room"; done
for room in lang runtime stdlib cli tests; do : >"$bad/$room/local.mk"; done

printf '%s\n' '#include "bad.h"' '#include "lang/certificate/checker.h"' '#include "runtime/bad.h"' '#include <uv.h>' '#include <sqlite3.h>' '#include <utf8proc.h>' \
  'static void speak(void) { printf("no"); }' "/* TO""DO */ char *p = \"/ho""me/somebody\"; " "$(printf '\t')int x;" \
  '<<<<''<<< mine' >"$bad/lang/bad.c"
yes '/* one line too many */' | head -n 600 >>"$bad/lang/bad.c"
printf 'int last;' >>"$bad/lang/bad.c"
printf '#include "lang/ast.h"\nextern size_t undeclared;\n' >"$bad/runtime/bad.h"
printf '#include "lang/ast.h"\n' >"$bad/stdlib/bad.h"
printf '#include "lang/proof/proof.h"\n' >"$bad/lang/certificate/bad.c"
: >"$bad/cli/bad.c"
: >"$bad/tests/unit/test_bad.c"

mkdir "$bad/lang/explain"
printf 'DIAG(E_BAD, "E0001", SEV_ERROR, "a")\nDIAG(E_WORSE, "E0001", SEV_ERROR, "b")\n' >"$bad/lang/diag.def"
echo 'Nobody says this.' >"$bad/lang/explain/E0002.md"

for check in codes headers layers lists sizes words; do
  output=$(cd "$bad" && srcdir=. CHECK_CFLAGS= sh "$here/check-$check.sh" 2>&1) || :
  passed=$(printf '%s\n' "$output" | grep -c '^ok' || :)
  failed=$(printf '%s\n' "$output" | grep -c '^not ok' || :)
  tap_is "$passed passed, $((failed > 0)) or more failed" "0 passed, 1 or more failed" "check-$check.sh misses nothing"
  printf '%s\n' "$output" | grep '^ok' | tap_comment '     passed: '
done
tap_done
