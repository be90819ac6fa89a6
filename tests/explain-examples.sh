#!/bin/sh
# Takes the explanations of the diagnostics at their word. In lang/explain/CODE.md the first block that begins with
# ```runbook and nothing else is wrong: `tagout check` reports CODE. Every further one is right: it reports no error.
# Only the pages of the proof want their examples proved: the others show one rule in a few lines.
# Blocks of another kind (```runbook fragment, ```sh, ```csv ...) are only shown.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

top=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?path of the program}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# split PAGE FOLDER: the complete runbooks of a page as FOLDER/1.runbook, FOLDER/2.runbook ...
split() {
  awk -v folder="$2" '
    /^```runbook$/ { inside = 1; file = folder "/" ++n ".runbook"; printf "" > file; next }
    /^```/ { if (inside) close(file); inside = 0; next }
    inside { print > file }' "$1"
}

for page in "$top"/lang/explain/*.md; do
  code=$(basename "$page" .md)
  mkdir "$work/$code"
  split "$page" "$work/$code"
  for file in "$work/$code"/*.runbook; do
    test -f "$file" || continue
    case $code in E07*) proof= ;; *) proof=--no-proof ;; esac
    # shellcheck disable=SC2086 # no argument where it is empty
    said=$("$tagout" check $proof "$file" 2>&1)
    status=$?
    case ${file##*/} in
    1.runbook)
      case $said in
      *"[$code]"*) tap_pass "$code: the wrong example is refused with it" ;;
      *) tap_is "$said" "[$code]" "$code: the wrong example is refused with it" ;;
      esac
      ;;
    *)
      if test "$status" -ne 0; then tap_is "$said" "" "$code: example ${file##*/} is right"
      else tap_pass "$code: example ${file##*/} is right"; fi
      ;;
    esac
  done
done
tap_done
