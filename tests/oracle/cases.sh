#!/bin/sh
# The explorer on small runbooks whose verdict was written down by hand, in their first line, before it was run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
explore=${builddir:-.}/tests/oracle/explore

for file in "$here"/cases/*.runbook; do
  name=$(basename "$file" .runbook)
  test "$name" != rig || continue
  expected=$(sed -n 's/^# expect: //p' "$file")
  options=$(sed -n 's/^# options: //p' "$file")
  # shellcheck disable=SC2086 # options are words
  said=$("$explore" "$file" $options 2>&1) || said="$said (exit status $?)"
  found=$(printf '%s\n' "${said#*runbook:}" | sed 's/ (never completes)//; s/ (at most.*//; s/@[0-9]*//g' | tr ' ' '\n' | sed '/^$/d' | LC_ALL=C sort -u | paste -sd ' ' -)
  wanted=$(printf '%s\n' "$expected" | tr ' ' '\n' | LC_ALL=C sort -u | paste -sd ' ' -)
  tap_is "$found" "$wanted" "$name"
done
tap_done
