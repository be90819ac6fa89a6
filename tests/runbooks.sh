#!/bin/sh
# The runbooks that come with Tagout, their tests, and the library: checked without a warning, laid out as fmt does, tested.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

tree=$(cd "${srcdir:-.}" && pwd)
cd "$tree"
for file in runbooks/*.runbook tests/live/*.runbook; do
  said=$("$TAGOUT" check "$file" 2>&1) || said="$said
exit status $?"
  tap_is "${said##*: }" "no mistakes found" "$file has no mistake and no warning"
done
tap_run "the library and the runbooks are laid out as fmt does" \
  "$TAGOUT" fmt --check stdlib/*.runbook runbooks/*.runbook tests/live/*.runbook

for file in runbooks/*.runbook; do
  grep -q '^test ' "$file" || continue
  said=$("$TAGOUT" test --tap "$file" 2>&1) || :
  printf '%s\n' "$said" >"${TMPDIR:-/tmp}/runbooks.$$"
  plan=no
  while IFS= read -r line; do
    case $line in
    'ok '*) tap_pass "${line#*- }" ;;
    'not ok '*) tap_fail "${line#*- }" ;;
    1..*) plan=yes ;;
    '# '*) printf '%s\n' "$line" ;;
    *) printf '# %s\n' "$line" ;;
    esac
  done <"${TMPDIR:-/tmp}/runbooks.$$"
  rm -f "${TMPDIR:-/tmp}/runbooks.$$"
  tap_is "$plan" yes "the tests of $file ran to their end"
done
tap_done
