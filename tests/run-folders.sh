#!/bin/sh
# The folder of a run, damaged in every way: each verb says what is wrong with which file and how to go on; nothing is
# taken for damage that is not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

tree=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?TAGOUT names the program under test}
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
cd "$scratch"
cp "$tagout" program
cat >wait.runbook <<'END'
use fleet

runbook pause "Wait beside every node" {
  owner "tests"
  select nodes = n in Node where n.sku is GB200
  step look for each n in nodes, 6 at once { wait 10min }
}
END
TAGOUT_STATE=$scratch/good ./program run wait.runbook --fleet "$tree/runbooks/samples/toy-1-rack.csv" --speed=0 --progress=none \
  2>/dev/null >/dev/null
id=$(ls good/runs)

# A copy of the run to be damaged; $run is its folder.
fresh() {
  rm -rf bad
  cp -R good bad
  run=bad/runs/$id
}

# says PATTERN VERB...: exits with 2, and one line on standard error holds PATTERN.
says() {
  pattern=$1
  shift
  status=0
  TAGOUT_STATE=$scratch/bad ./program "$@" </dev/null >out 2>err || status=$?
  if grep -qF -e "$pattern" err; then tap_is "$status" 2 "$what: $*"; else tap_fail "$what: $* says $pattern"; tap_comment <err; fi
}
each() {
  for verb in status log resume pause abort; do says "$1" $verb; done
}

what='no journal'; fresh; rm "$run"/journal.db*; each "journal.db: the run's journal is gone: restore it from a copy"
damaged='journal.db: not a journal, or damaged beyond reading: restore it from a copy'
what='an empty journal'; fresh; : >"$run/journal.db"; each "$damaged"
what='another file'; fresh; cp wait.runbook "$run/journal.db"; each "$damaged"
what='a torn journal'; fresh; head -c 5000 "$run/journal.db" >half; mv half "$run/journal.db"; each "$damaged"
what='a torn record'; fresh; head -c 20 "$run/record.json" >half; mv half "$run/record.json"; each 'record.json: damaged'
what='another record'; fresh; echo '{"format": 1}' >"$run/record.json"; each 'record.json: not the record of a run of this version'
what='no inventory'; fresh; rm -r "$run/inventory"; each "the run's copy of the inventory is gone"
what='a damaged inbox'; fresh; cp wait.runbook "$run/inbox.db"; says 'inbox.db: damaged: move it away' resume
what='no such run'; fresh; says 'no run is called `zzzz`' status zzzz
what='no run at all'; rm -rf bad; each 'there is no run in'

# Who may not write may look: a run that has ended, and one that was left.
as_other=
if test "$(id -u)" -eq 0; then
  as_other='setpriv --reuid=65534 --regid=65534 --clear-groups'
  if ! $as_other true 2>/dev/null; then
    tap_skip 'other users' 'there is no setpriv'
    tap_done
    exit
  fi
fi
fresh
chmod -R a+rX,u-w,go-w bad
status=0
TAGOUT_STATE=$scratch/bad $as_other ./program status >out 2>err </dev/null || status=$?
tap_is "$status $(sed -n 3p out | cut -c1-23) $(cat err)" "0   drill, as fast as pos " "who may not write sees how a run stands"
status=0
TAGOUT_STATE=$scratch/bad $as_other ./program log >out 2>err </dev/null || status=$?
tap_is "$status $(grep -c 'the run ends: completed' out) $(cat err)" "0 1 " "who may not write sees its story"
for verb in resume; do
  status=0
  TAGOUT_STATE=$scratch/bad $as_other ./program $verb >out 2>err </dev/null || status=$?
  tap_is "$status $(grep -c 'owner.lock: Permission denied' err)" "2 1" "$verb needs who may write"
done
chmod u+w "$run"
chmod 000 "$run/journal.db"
what='a journal that may not be read'
status=0
TAGOUT_STATE=$scratch/bad $as_other ./program status >out 2>err </dev/null || status=$?
tap_is "$status $(grep -c 'journal.db: Permission denied' err)" "2 1" "$what"
tap_done
