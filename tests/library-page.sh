#!/bin/sh
# docs/library.md says what the modules say, and every module is on it.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"

tree=${srcdir:-.}
tap_is "$(cd "$tree" && cat docs/library.md)" "$(cd "$tree" && sh docs/library.sh)" "docs/library.md is what docs/library.sh makes of stdlib/"
for file in "$tree"/stdlib/*.runbook; do
  module=$(basename "$file" .runbook)
  tap_run "$module is on the page" grep -q "^## $module\$" "$tree/docs/library.md"
done
# A tag that nobody can look up is no source.
for tag in $(grep -oh '\[[A-Z][A-Z0-9., -]*\]' "$tree"/stdlib/*.runbook | tr -d '[] ' | tr ',' '\n' | sort -u); do
  tap_run "source $tag is listed" grep -q "^|.*\(${tag%%-*}.*-${tag#*-}\|$tag\)[ ,|]" "$tree/docs/sources.md"
done
tap_done
