#!/bin/sh
# Whole runs with every kind of limit, all of them small; through the nights in which the clocks go forward and back, too. And the
# judge itself: what is broken on purpose is found, a seed that found something is the same run again, to the last byte.
# SEEDS=N makes N runs of each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/tap.sh"
. "$here/lib.sh"
fleet=$here/fleets/three-racks.csv

holds 500 "$here/limits.runbook" "$fleet"
holds 300 "$here/limits.runbook" "$fleet" --start 1774735200000 # 2026-03-28 22:00 UTC: in Amsterdam there is no 02:30 that night
holds 300 "$here/limits.runbook" "$fleet" --start 1792879200000 # 2026-10-24 22:00 UTC: and here there are two
holds 300 "$here/limits.runbook" "$fleet" --start 1835301600000 # 2028-02-27 22:00 UTC: a leap year's

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# finds BREAK RULE: without what is named the rule is broken, and somebody sees it.
finds() {
  status=0
  "$sim" "$here/limits.runbook" --fleet "$fleet" --seeds 200 --break "$1" >"$scratch/said" 2>&1 || status=$?
  tap_is "$status $(sed -n '1s/.*: seed [0-9]*: \([A-Z_]*\): .*/\1/p' "$scratch/said")" "1 $2" "without $1: $2"
}
finds at-once AT_ONCE
finds rate RATE
finds places PLACES
finds calls RATE
finds tolerance TOLERANCE
finds budget BUDGET
finds window WINDOW
finds sync UNWRITTEN
finds replay REPLAY
finds unlock LOCK_LOST
finds others TOLERANCE

# What is printed with a seed shows the same run again.
again=$(sed -n '2s/^  again: tests.sim.sim //p' "$scratch/said")
for n in 1 2; do
  eval "set -- $again"
  "$sim" "$@" >"$scratch/run$n" 2>&1 || :
done
tap_run "it is the same run" cmp "$scratch/run1" "$scratch/run2"
tap_run "of many events" test "$(wc -l <"$scratch/run1")" -gt 20
tap_is "$(grep ': seed ' "$scratch/run1")" "$(sed -n 1p "$scratch/said")" "that finds the same"
tap_done
