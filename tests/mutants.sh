#!/bin/sh
# The mutants of the runbooks that come with Tagout: each that is written down checks, says what was changed, and differs
# from the original; and what the tests of a runbook catch never becomes less.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

tree=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$tree"

written() { # written FILE FOLDER: every mutant of the file is written, as many as are said
  said=$("$TAGOUT" test --mutate --list "$2" "$1")
  tap_is "${said%% mutants written*}" "$(find "$2" -name '*.runbook' | wc -l | tr -d ' ')" "the mutants of $1 are written"
  find "$2" -name '*.runbook' -exec sh -c 'for m; do head -n 1 "$m"; done' sh {} + | grep -v "^# mutant [0-9]* ([a-z-]*) of $1: ." \
    >"$work/wrong" || :
  tap_is "$(cat "$work/wrong")" "" "each of $1 says in its first line what was changed"
}

for file in runbooks/*.runbook; do
  grep -q '^test ' "$file" || continue
  written "$file" "$work/$(basename "$file" .runbook)"
done

# The smallest runbook, all of it.
file=runbooks/leaf-switch-reboot.runbook
: >"$work/wrong"
for mutant in "$work"/leaf-switch-reboot/*.runbook; do
  "$TAGOUT" check --no-proof --quiet "$mutant" >/dev/null 2>&1 || echo "$mutant has errors" >>"$work/wrong"
  if tail -n +2 "$mutant" | cmp -s - "$file"; then echo "$mutant is the original" >>"$work/wrong"; fi
done
tap_is "$(cat "$work/wrong")" "" "every mutant of $file checks, and is another runbook"
tap_run "the tests of $file catch what they caught" "$TAGOUT" test --mutate --at-least=50% "$file"
tap_done
