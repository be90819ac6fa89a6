#!/bin/sh
# Takes the suggested edits of the proof at their word: for every failing case of tests/conformance/proof and the wrong example of
# every page lang/explain/E07*.md, the edits of each finding, as `check --format json` gives them, are applied to the file, and the
# file is checked again as a user would. What was offered must make its finding go away, `the runbook is proved then` must mean that
# nothing is found any more, and the text must be as `tagout fmt` writes it. Two of three have an edit.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

least=67 # percent of the files below; the others want more than one edit, or to be told what is meant
top=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?path of the program}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LC_ALL=C
export LC_ALL

# apply FILE: the edits of the diagnostic that stands alone in $work/one, applied to the file, from the last to the first.
apply() {
  awk -v file="$1" '
    function unescape(s,   out, c) {
      for (out = ""; s != ""; s = substr(s, 2)) {
        c = substr(s, 1, 1)
        if (c == "\\") {
          s = substr(s, 2)
          c = substr(s, 1, 1)
          if (c == "n") c = "\n"
          else if (c == "t") c = "\t"
        }
        out = out c
      }
      return out
    }
    function number(s, key) { sub(".*\"" key "\": \\{\"offset\": ", "", s); sub(",.*", "", s); return s + 0 }
    {
      fixes = substr($0, index($0, "\"fixes\": ["))
      while (match(fixes, /"place": \{"file": "[^"]*", "start": \{"offset": [^}]*\}\}, "end": \{"offset": [^}]*\}\}\}, "text": "/)) {
        place = substr(fixes, RSTART, RLENGTH)
        fixes = substr(fixes, RSTART + RLENGTH)
        match(fixes, /^([^"\\]|\\.)*/)
        lo[++n] = number(place, "start"); hi[n] = number(place, "end"); text[n] = unescape(substr(fixes, 1, RLENGTH))
        fixes = substr(fixes, RLENGTH + 1)
      }
    }
    END {
      while ((getline line < file) > 0) all = all line "\n"
      for (i = n; i > 0; i--) all = substr(all, 1, lo[i]) text[i] substr(all, hi[i] + 1)
      printf "%s", all
    }' "$work/one"
}

messages() { sed -E 's/^\{"code": "[^"]*", "severity": "[^"]*", "title": "[^"]*", "message": "(([^"\\]|\\.)*)".*/\1/'; }
said() { "$tagout" check --format json "$1" 2>/dev/null | grep '^{"code"' || :; }

# A finding of the file in $work/file.runbook, its line of the report in $work/one: its edits keep their word.
keeps_word() {
  apply "$work/file.runbook" >"$work/edited.runbook"
  said "$work/edited.runbook" >"$work/after"
  messages <"$work/after" >"$work/found"
  wanted=$(messages <"$work/one")
  if grep -qxF -- "$wanted" "$work/found"; then echo "still found: $wanted"; fi
  case $(cat "$work/one") in
  *"the runbook is proved then"*) grep '"severity": "error"' "$work/after" | messages ;;
  *"this finding is gone then"*) ;;
  *) echo "it does not say what was tried" ;;
  esac
  "$tagout" fmt --check "$work/edited.runbook" || :
}

files=0 mended=0
try() { # try NAME, of $work/file.runbook
  said "$work/file.runbook" | grep '^{"code": "E07' >"$work/findings" || :
  test -s "$work/findings" || return 0
  files=$((files + 1))
  offered=0
  : >"$work/wrong"
  while IFS= read -r finding; do
    printf '%s\n' "$finding" >"$work/one"
    case $finding in *'"fixes": []'*) continue ;; esac
    offered=$((offered + 1))
    keeps_word </dev/null >>"$work/wrong" 2>&1
  done <"$work/findings"
  if test "$offered" -gt 0; then mended=$((mended + 1)); fi
  tap_is "$(cat "$work/wrong")" "" "$1: $offered edits, all of which help"
}

for case in "$top"/tests/conformance/proof/*.exit; do
  cp "${case%.exit}.runbook" "$work/file.runbook"
  try "$(basename "$case" .exit)"
done
for page in "$top"/lang/explain/E07*.md; do
  awk '/^```runbook$/ { n++; next } /^```/ { if (n) exit } n' "$page" >"$work/file.runbook"
  try "$(basename "$page" .md)"
done
if test $((mended * 100)) -ge $((files * least)); then tap_pass "an edit is offered in $mended of $files"
else tap_is "$mended of $files" "$least percent" "an edit is offered in two of three"; fi
tap_done
