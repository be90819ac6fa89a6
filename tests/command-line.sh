#!/bin/sh
# The command line by its mistakes: each is answered with the exit code of its sort and a line that names what is wrong.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

tree=$(cd "${srcdir:-.}" && pwd)
tagout=${TAGOUT:?TAGOUT names the program under test}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
TAGOUT_STATE=$scratch/state
export TAGOUT_STATE
cd "$scratch"
cat >inspect.runbook <<'END'
use fleet, state, service, health

runbook inspect "Diagnose every node of a cluster" {
  owner "my-team"

  param cluster : Cluster "the cluster"
  param soft : duration = 45min "how long draining may take"

  select nodes = n in Node where n.cluster is cluster

  step check "Drain, diagnose, return" for each n in nodes, 6 at once, stop after 2 nodes set aside {
    drain(n) within soft else set aside n "does not drain"
    diagnose(n) else set aside n "fails its diagnosis"
    return_to_service(n) else set aside n "is not accepted back"
  }
}
END
fleet=$tree/runbooks/samples/toy-1-rack.csv

# says EXIT PATTERN ARGUMENTS...: the exit code, and a line on standard error that holds PATTERN (a fixed string; - none).
says() {
  wanted=$1 pattern=$2
  shift 2
  status=0
  timeout 60 "$tagout" "$@" </dev/null >out 2>err || status=$?
  if test "$status" -ne "$wanted"; then
    tap_fail "tagout $*: exits with $wanted"
    { echo "it was $status"; cat err; } | tap_comment
  elif test "$pattern" != - && ! grep -qF -e "$pattern" err; then
    tap_fail "tagout $*: says $pattern"
    tap_comment <err
  else
    tap_pass "tagout $*"
  fi
}

# plan ARGUMENTS... of the runbook above; a run of it.
plan() { wanted=$1 pattern=$2; shift 2; says "$wanted" "$pattern" plan inspect.runbook --fleet "$fleet" "$@"; }

# verbs and options
says 2 - # nothing at all: the usage
says 2 'there is no verb `chek`; did you mean `check`?' chek
says 2 'there is no verb `nosuch`' help nosuch
says 2 'something is missing' check
says 2 'needs a value: `--format`' check --format
says 2 '--format is text, json or sarif, not `xml`' check --format=xml inspect.runbook
says 2 '--format is text or json, not `sarif`' plan --format=sarif inspect.runbook
says 2 '--format is text or json, not `zz`' status --format=zz
says 2 'takes no value: `--quiet=yes`' check --quiet=yes inspect.runbook
says 2 'did you mean `--fleet`?' plan --flet=x inspect.runbook
says 2 'unknown option `-x`' plan -x inspect.runbook
says 2 'too much: `b`' compile a b
echo '{"format": 2}' >a.plan
says 2 'this is JSON, not the text of a runbook' check a.plan
tap_is "$(grep -c '^error' err out | tr '\n' ' ')" "err:1 out:0 " "one mistake, one diagnostic"
says 2 'a plan is carried out by `tagout run a.plan`' plan a.plan
says 2 '--check or --stdout' fmt --check --stdout inspect.runbook
says 0 - check inspect.runbook --quiet
says 0 - check -- inspect.runbook

# files
says 2 '`nope.runbook` cannot be read' check nope.runbook
says 2 '`--foo` cannot be read' check -- --foo
says 2 '`.` is a directory' check .
says 0 - check inspect.runbook inspect.runbook
tap_is "$(cat out)" "1 runbook, 0 tests: no mistakes found" "a file named twice is one file"
says 2 'Is a directory' run .
says 2 'nope.plan: No such file' run nope.plan
says 2 'is a folder' plan inspect.runbook --fleet "$fleet" cluster=TOY1 -o .

# parameters: a wrong one is wrong usage, not a plan that cannot be
plan 0 - cluster=TOY1
plan 2 'E0900' soft=5min
plan 2 'E0901' cluster=TOY1 clutser=TOY1
plan 2 'did you mean `cluster`?' cluster=TOY1 clutser=TOY1
plan 2 'E0902' cluster=TOY9
plan 2 'E0902' cluster=
plan 2 'E0902' cluster=TOY1 soft=10
plan 2 'expected a duration such as 30min' cluster=TOY1 soft=10
plan 2 'E0902' cluster=TOY1 soft=10kW
plan 2 'a duration is not negative' cluster=TOY1 soft=-5min
plan 2 '`cluster` is given twice' cluster=TOY1 cluster=TOY1
plan 2 'which inventory?' cluster=TOY1 --fleet=

# numbers and times
plan 2 '--seed is a whole number' cluster=TOY1 --seed=abc
plan 2 '--seed is a whole number' cluster=TOY1 --seed=-1
plan 2 '--seed is a whole number' cluster=TOY1 --seed=99999999999999999999
plan 2 '--trials is a whole number from 1 to 100000, not `5x`' cluster=TOY1 --trials=5x
plan 2 '--trials is a whole number from 1 to 100000, not `0`' cluster=TOY1 --trials=0
plan 2 '`tomorrow` is not a start' cluster=TOY1 --start=tomorrow
plan 2 '`2026-02-30T10:00Z` is not a start' cluster=TOY1 --start=2026-02-30T10:00Z
plan 2 'before 1970' cluster=TOY1 --start=1900-01-01T00:00Z
says 2 '--seed is a whole number' run inspect.runbook --fleet "$fleet" cluster=TOY1 --seed=abc
says 2 '--speed is a number' run inspect.runbook --fleet "$fleet" cluster=TOY1 --speed=fast

# help fits a terminal, for every verb that is listed; a verb is named as it is typed
verbs=$("$tagout" --help | sed -n 's/^  \([a-z-]*\)  *.*/\1/p')
for verb in --help $verbs; do
  case $verb in --*) "$tagout" --help >out ;; *) "$tagout" "$verb" --help >out ;; esac
  tap_is "$(awk 'length($0) > 80' out)" "" "$verb: no line of its help is over 80 columns"
done
for verb in $verbs; do
  missing=
  for option in $("$tagout" "$verb" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
    # -o is the short form of --output
    grep -qE -e "Fl -$option( |\$)" "$tree/docs/tagout.1" || test "$option" = output || missing="$missing --$option"
  done
  tap_is "$missing" "" "$verb: the manual page knows each of its options"
  tap_run "$verb: and itself" grep -qE -e "^\.It Nm Cm $verb( |\$)" "$tree/docs/tagout.1"
done
says 2 'there is no verb `setaside`; did you mean `set-aside`?' setaside

# what is written must arrive
for words in '--version' '--help' 'check --help' 'explain E0200' 'check inspect.runbook' 'disasm inspect.runbook'; do
  status=0
  # shellcheck disable=SC2086 # words
  "$tagout" $words >/dev/full 2>err || status=$?
  tap_is "$status $(cat err)" "2 tagout: the output could not be written" "tagout $words, and nowhere to write"
done
tap_done
