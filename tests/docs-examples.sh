#!/bin/sh
# Takes every example out of README.md and docs/ and does with it what the page says it does. A block's first line says how:
#
#   ```runbook             a complete file: no mistake, no warning, laid out as fmt does; its tests pass
#   ```runbook fragment    a piece of one: it can be read
#   ```runbook as NAME     complete, kept as NAME for the commands that follow on the page
#   ```runbook as NAME wrong   kept as it is: a command that follows says what is wrong with it
#   ```console             the lines that begin with `$ tagout` are run and exit 0
#   ```console exits N     the last of them exits N
#   ```console shows       ... and print exactly what the block shows
#
# Every page has a folder of its own, with the runbooks and samples of the source tree in it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

top=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?path of the program}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
PATH=$(dirname "$tagout"):$PATH
export PATH XDG_STATE_HOME="$work/state" NO_COLOR=1 COLUMNS=80

# split PAGE FOLDER: every block as FOLDER/NNN with its first line in NNN.how
split() {
  awk -v folder="$2" '
    !inside && /^```[a-z]/ { inside = 1; n++; file = sprintf("%s/%03d", folder, n); sub(/^```/, "")
      print FNR " " $0 > (file ".how"); close(file ".how"); printf "" > file; next }
    inside && /^```$/ { inside = 0; close(file); next }
    inside { print > file }' "$1"
}

runbook() { # runbook NAME BLOCK FILE
  cp "$2" "$3"
  said=$(tagout check "$3" 2>&1)
  tap_is "${said##*: }" "no mistakes found" "$1 has no mistake and no warning"
  tap_run "$1 is laid out as fmt does" tagout fmt --check "$3"
  if grep -q '^test ' "$3"; then tap_run "$1: its tests" tagout test "$3"; fi
}

# A piece is read inside what it is a piece of; fmt reads it, and what it means is not asked.
fragment() { # fragment NAME BLOCK
  case $(head -n 1 "$2") in
  site\ * | test\ * | campaign\ *) cat "$2" >fragment.runbook ;;
  needs\ *) { echo 'action a() "a" {'; cat "$2"; echo '}'; } >fragment.runbook ;;
  *) { echo 'runbook a "a" {'; cat "$2"; echo '}'; } >fragment.runbook ;;
  esac
  tap_run "$1 can be read" tagout fmt fragment.runbook
}

console() { # console NAME BLOCK HOW
  wanted=0
  case $3 in *exits*) wanted=${3##*exits } wanted=${wanted%% *} ;; esac
  status=0
  : >"$work/said"
  while IFS= read -r line; do
    case $line in '$ tagout'*) ;; *) continue ;; esac
    printf '%s\n' "$line" >>"$work/said"
    status=0
    eval "${line#\$ }" >>"$work/said" 2>&1 </dev/null || status=$?
  done <"$2"
  tap_is "$status" "$wanted" "$1 runs"
  if test "$status" -ne "$wanted"; then tap_comment <"$work/said"; fi
  case $3 in *shows*) tap_is "$(cat "$work/said")" "$(cat "$2")" "$1 shows what it prints" ;; esac
}

for page in "$top/README.md" "$top"/docs/*.md "$top"/docs/reference/*.md; do
  test -f "$page" || continue
  name=${page#"$top"/}
  place=$work/$(printf %s "$name" | tr / -)
  mkdir -p "$place/blocks" "$place/page"
  ln -s "$top/runbooks" "$place/page/runbooks"
  ln -s "$top/runbooks/samples" "$place/page/samples"
  split "$page" "$place/blocks"
  cd "$place/page" || exit 99
  for how in "$place"/blocks/*.how; do
    test -f "$how" || continue
    block=${how%.how}
    read -r line words <"$how"
    case $words in
    'runbook fragment') fragment "$name:$line" "$block" ;;
    'runbook as '*' wrong')
      file=${words#runbook as }
      cp "$block" "${file% wrong}" ;;
    'runbook as '*) runbook "$name:$line" "$block" "${words#runbook as }" ;;
    runbook)
      file=$(sed -n 's/^module \([a-z_]*\)$/\1/p' "$block")
      runbook "$name:$line" "$block" "${file:-example-$line}.runbook" ;;
    console*) console "$name:$line" "$block" "$words" ;;
    esac
  done
done
tap_done
