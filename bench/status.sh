#!/bin/sh
# status: how long `tagout status` takes for a run of 18,500 nodes: of a run that goes on, told by its process; of one that has
# ended, as it was kept; and from the journal alone, by how many actions each node has behind it: what a run costs whose process is
# dead, as its events are fed to an engine again.
#   bench/status.sh TAGOUT FOLDER [ROUNDS]   FOLDER: where beside was built
set -eu
tagout=$(realpath "$1") built=$(realpath "$2") rounds=${3:-5}
work=$(mktemp -d)
going=
trap 'test -z "$going" || kill -KILL "$going"; rm -rf "$work"' EXIT
{ echo name; seq -f 'n%05.0f' 1 18500; } >"$work/fleet.csv"
cd "$work"

set --
for actions in 1 2 5 20; do
  {
    cat <<'EOF'
kind Node {
  key name : text
}

action touch(n: Node) {
  takes  1s to 2s, at most 1min
  repeat safe
}

runbook touch_all "Touch every node" {
  owner "bench"

  select nodes = n in Node

  step touch "Touch" for each n in nodes, 1800 at once, stop after 1 nodes set aside {
EOF
    yes '    touch(n) else set aside n "fails"' | sed "${actions}q"
    printf '  }\n}\n'
  } >touch.runbook
  "$tagout" plan touch.runbook --fleet=fleet.csv --output=touch.plan >/dev/null
  "$tagout" run touch.plan --world=drill --speed=0 --progress=none --state="$work/$actions" >/dev/null
  cp -R "$work/$actions" "$work/$actions.copy" # other files: what was kept does not count for them
  set -- "$@" "$actions each, ended" "$tagout status --state=$work/$actions" \
    "$actions each, journal" "$tagout status --state=$work/$actions.copy"
done
"$tagout" run touch.plan --world=drill --speed=5 --progress=none --state="$work/going" >/dev/null 2>&1 &
going=$!
until "$tagout" status --state="$work/going" 2>/dev/null | grep -q busy; do :; done
"$built/beside" "$rounds" 1 "20 each, going" "$tagout status --state=$work/going" "$@"
