#!/bin/sh
# status: whoever tells how a run stands says the same: the process that has it in hands, what was kept of a run that has ended,
# and the journal replayed. What was kept is believed only for the run as it was left.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

world told
if ! plan control; then
  tap_comment <"$world/plan.out"
  tap_fail "a plan of control.runbook"
  tap_done
  exit
fi

# timeless FILE: without what depends on the moment of the question
timeless() { grep -v expected_end_ms "$1" | sed 's/, for [0-9]*[a-z]*\("\{0,1\}\)/\1/'; }
# as_before WHAT: the last command said what the first one said.
as_before() {
  timeless "$scratch/first" >"$scratch/a"
  timeless "$scratch/said" >"$scratch/b"
  tap_run "$1" diff "$scratch/a" "$scratch/b"
}
keep_first() { cp "$scratch/said" "$scratch/first"; }

# ---- of a living process ----

begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
run=$(run_folder)
pid=$(owner)
exits 0 "status of a run that goes on" "$TAGOUT" status --format json
said '"gate": "back_go"'
keep_first
mv "$run/journal.db" "$run/away"
exits 0 "with a journal that is not there: its process tells" "$TAGOUT" status --format json
mv "$run/away" "$run/journal.db"
as_before "the same"
printf '%s' "$run" >"$run/ask/text-1-gone.told"
exits 0 "beside an answer that nobody took" "$TAGOUT" status --format json
as_before "the same"
kill -STOP "$pid"
exits 0 "with a process that does not answer: from the journal" "$TAGOUT" status --format json
as_before "the same"
kill -CONT "$pid"
exits 0 "a yes for both" "$TAGOUT" ack back_go yes --all --as guard --yes
ends 0 "the run"
tap_run "no question is left behind" test ! -e "$run/ask"

# ---- of a run that has ended ----

for format in json text; do
  exits 0 "status of a run that has ended, $format" "$TAGOUT" status --format "$format"
  said completed
  keep_first
  tap_run "it was kept" test -s "$run/status.kept"
  mv "$run/status.kept" "$world/kept"
  exits 0 "without it" "$TAGOUT" status --format "$format"
  as_before "the same"
  sed 's/completed/cancelled/' "$world/kept" >"$run/status.kept"
  exits 0 "with another that somebody wrote" "$TAGOUT" status --format "$format"
  as_before "the same"
  head -c 100 "$world/kept" >"$run/status.kept"
  exits 0 "with one that is cut off" "$TAGOUT" status --format "$format"
  as_before "the same"
  mv "$world/kept" "$run/status.kept"
done
mv "$run/record.json" "$world/record.json"
exits 2 "with a file missing in its folder" "$TAGOUT" status
mv "$world/record.json" "$run/record.json"
exits 0 "with the file back, and no longer as it was" "$TAGOUT" status
as_before "the same"
tap_done
