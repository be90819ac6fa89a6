#!/bin/sh
# A live run is begun only where the certificate in its plan holds for the program in its plan.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
forge=$(cd "${builddir:-.}" && pwd)/tests/certificate/forge

# refused WHAT PATTERN COMMAND...: exit code 1, E0792, the pattern, and nothing was started.
refused() {
  what=$1 pattern=$2
  shift 2
  : >"$TAGOUT_LIVE/starts"
  status=0
  "$@" >"$world/out" 2>&1 || status=$?
  tap_is "$status $(grep -c 'error\[E0792\]' "$world/out") $(grep -c "$pattern" "$world/out") $(wc -l <"$TAGOUT_LIVE/starts" | tr -d ' ')" "1 1 1 0" "$what"
}

world run
plan tiny
plan small
"$TAGOUT" plan "$crash/tiny.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR --unproved \
  -o "$world/unproved.plan" >/dev/null
refused "a plan without a certificate is not run" "the plan has no certificate" "$TAGOUT" run "$world/unproved.plan" --yes --progress none
"$forge" plan "$world/tiny.plan" "$world/small.plan" "$world/foreign.plan"
refused "a plan with the certificate of another program is not run" "that of another program" "$TAGOUT" run "$world/foreign.plan" --yes --progress none
"$forge" plan "$world/tiny.plan" - "$world/short.plan"
refused "a plan whose certificate lacks a state is not run" "not in the certificate" "$TAGOUT" run "$world/short.plan" --yes --progress none
tap_is "$(run_folder)" "" "none of them has left a run behind"

tap_run "its own certificate is enough" "$TAGOUT" run "$world/tiny.plan" --yes --progress none
rm -rf "$TAGOUT_STATE"
tap_run "with --unproved none is asked for" "$TAGOUT" run "$world/unproved.plan" --unproved --yes --progress none
rm -rf "$TAGOUT_STATE"

# A run that was cut off, or was through by then: who insisted once need not again, and whose certificate holds is not asked.
for name in unproved tiny; do
  micros=75000 # longer each time, until the kill comes when there is a run: a busy machine begins late
  while test -z "$(run_folder)" && test $micros -lt 60000000; do
    micros=$((micros * 2))
    "$helpers/kill_after" $micros "$TAGOUT" run "$world/$name.plan" --unproved --yes --progress none >"$world/out" 2>&1 || :
  done
  if test -z "$(run_folder)"; then tap_fail "$name: there is a run"; else tap_run "$name: it is resumed" "$TAGOUT" resume --yes --progress none; fi
  rm -rf "$TAGOUT_STATE"
done
tap_done
