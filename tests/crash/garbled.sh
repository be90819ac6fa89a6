#!/bin/sh
# garbled: the files beside a journal, and those that live runs share, with one byte changed or cut off. Whoever reads one says the
# same as before, because it does not rest on that byte, or names the file and what is wrong with it. Places are sampled evenly;
# GARBLED=all takes every one.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

# flip FILE AT: one bit of one byte.
flip() {
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059 # the format is the byte
  printf "\\$(printf %03o $((byte ^ (1 << $2 % 7))))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# reads COMMAND...: what it says is in $scratch/now, also when it fails.
reads() {
  status=0
  timeout -s KILL 20 "$@" >"$scratch/now" 2>"$scratch/why" </dev/null || status=$?
}

# honest WHAT: it says what it said before, or that and why it does not.
honest() {
  if test "$status" -eq "$good" && cmp -s "$scratch/before" "$scratch/now"; then return 0; fi
  if test "$status" -ne 0 && test "$status" -lt 128 && grep -Eq '^(tagout[ a-z-]*: |error)' "$scratch/why"; then return 0; fi
  if test "$status" -ne 0 && test "$status" -lt 128 && grep -Eq "$not_whole" "$scratch/now"; then return 0; fi
  { echo "$1: exit status $status"; cat "$scratch/why"; diff "$scratch/before" "$scratch/now"; } 2>&1 | head -20 | tap_comment
  bad=$((bad + 1))
}

# damaged WHAT PLACES FILE COMMAND...: the file with a byte changed, then cut off, in so many places, read by the command.
damaged() {
  what=$1 places=$2 file=$3
  shift 3
  bad=0 n=0
  size=$(wc -c <"$file")
  cp -p "$file" "$scratch/whole"
  reads "$@"
  good=$status
  mv "$scratch/now" "$scratch/before"
  if test "${GARBLED-}" = all || test "$places" -gt "$size"; then places=$size; fi
  while test "$n" -lt "$places"; do
    at=$((n * size / places))
    n=$((n + 1))
    cat "$scratch/whole" >"$file"
    flip "$file" "$at"
    reads "$@"
    honest "byte $at of $size is changed"
    head -c "$at" "$scratch/whole" >"$file"
    reads "$@"
    honest "cut off at $at of $size"
  done
  cat "$scratch/whole" >"$file"
  touch -r "$scratch/whole" "$file"
  tap_is "$bad" 0 "$what: $places places, changed and cut off"
}
not_whole='NOT valid|^  *first bad|not whole|missing'

# ---- a run that has ended ----

make_keys ann
world ended
site=$world/site/live.site.runbook
{ sed '$d' "$site"; echo '  role board signers "board.allowed" quorum 1 approves plans'; echo '}'; } >"$site.new"
sed 's/^site live/role board "The change board"\n\nsite live/' "$site.new" >"$site"
rm "$site.new"
listed ann ann >"$world/site/board.allowed"
plan tiny
exits 0 "ann approves" "$TAGOUT" approve "$world/tiny.plan" --key "$scratch/ann" --as ann --yes
damaged "the plan" 24 "$world/tiny.plan" "$TAGOUT" approve "$world/tiny.plan" --verify
damaged "an approval" 24 "$world/tiny.plan.approvals/board-ann.approval" "$TAGOUT" approve "$world/tiny.plan" --verify
echo 'drain a1 lost' >"$TAGOUT_LIVE/control"
echo 'return_to_service a1 fail' >>"$TAGOUT_LIVE/control"
"$TAGOUT" run "$world/tiny.plan" --yes --progress none >"$world/out" 2>&1 || :
dir=$(run_folder)
damaged "status.kept" 24 "$dir/status.kept" "$TAGOUT" status
damaged "journal.head" 24 "$dir/journal.head" "$TAGOUT" log --verify
damaged "record.json" 24 "$dir/record.json" "$TAGOUT" log --verify
damaged "the run's copy of the inventory" 16 "$(find "$dir/inventory" -type f | head -n 1)" "$TAGOUT" status
damaged "the ledger" 24 "$TAGOUT_STATE/fleets/live.db" "$TAGOUT" ledger live
tap_done
