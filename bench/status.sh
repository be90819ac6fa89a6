#!/bin/sh
# status: how long `tagout status` takes for a run of 18,500 nodes, by how many actions each of them has behind it: the state is
# not kept, it is the journal's events fed to an engine again.
#   bench/status.sh TAGOUT FOLDER [ROUNDS]   FOLDER: where beside was built
set -eu
tagout=$1 built=$2 rounds=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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
  set -- "$@" "$actions each" "$tagout status --state=$work/$actions"
done
"$built/beside" "$rounds" 1 "$@"
