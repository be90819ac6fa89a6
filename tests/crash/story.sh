#!/bin/sh
# story: the log of a night that went badly, and the first screen of its status: what happened to many at once is one line, days have
# dates, what stays and what comes next stand at the end, and a goal that was missed is not called completed without a word.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"

runbooks=$tests/../runbooks
fleet=$runbooks/samples/toy-8-racks.csv

# ---- the facility does not give the rows back ----

world dark
cat >"$world/faults.json" <<'END'
{"format": 1, "seed": 3, "faults": [{"gate": "energize_go", "answer": "none", "times": "always"}]}
END
exits 0 "a drill that ends in the dark" "$TAGOUT" run "$runbooks/gb200-dc-power.runbook" --fleet "$fleet" cluster=TOY8 \
  --start '2026-01-05 11:00' --faults "$world/faults.json" --speed 0 --progress none
said 'completed *within its tolerances, and short of its goal'
said 'goal *MISSED: 0 of 144 nodes are back, at least 142 were to be'
said '2 kept out, 2 handed over with 144 in them'
said 'stays *nsd, anvil, repair_coordination on 144 nodes (all of cluster TOY8): handed over to hardware_repair, since Mon 11:0.: the facility has not'
exits 0 "its log" "$TAGOUT" log
said 'gb200_dc_power-....: Data-centre power shutdown of GB200 racks'
said 'a drill: the fleet is simulated, started by'
said '^2026-01-05, times are MST (America/Phoenix)'
said 'row w1 is handed over to hardware_repair with its locks: the facility has not finished'
said 'with it go 72 nodes (all of row w1)'
said 'next *what was handed over is repaired'
tap_is "$(grep -c 'handed over' "$scratch/said")" 4 "a row is a line, not a hundred"
exits 0 "all of it" "$TAGOUT" log --all
tap_is "$(grep -c 'node .* is handed over' "$scratch/said")" 144 "--all has each"
exits 0 "its status" "$TAGOUT" status
said 'with it go 72 nodes (all of row w2)'
tap_run "fits a screen" test "$(wc -l <"$scratch/said")" -le 24
exits 0 "its locks" "$TAGOUT" locks
tap_is "$(wc -l <"$scratch/said")" 2 "432 locks for one reason are one line"
exits 0 "each of them" "$TAGOUT" locks --all
tap_is "$(wc -l <"$scratch/said")" 433 "--all has each"

# ---- the window closes, the next day goes on ----

world slow
cat >"$world/faults.json" <<'END'
{"format": 1, "seed": 3, "faults": [{"action": "diagnose", "on": {"node": "r03-n07"}, "outcome": "failed", "times": "always"},
  {"action": "drain", "on": {"rack": "r05"}, "outcome": "unknown", "times": "always"}]}
END
exits 0 "two days of work" "$TAGOUT" run "$crash/slow.runbook" --fleet "$fleet" cluster=TOY8 --start '2026-01-05 11:00' --faults "$world/faults.json" \
  --speed 0 --progress none
said 'goal *MISSED: it was to take at most 4h'
said 'goal *MISSED: 12. of 144 nodes are back'
exits 0 "its log" "$TAGOUT" log
said 'node r03-n07 is set aside: fails its diagnosis'
tap_is "$(grep -c 'is set aside: does not drain' "$scratch/said" || true)" 1 "a rack whose nodes do not drain is a line"
said '18 nodes (all of rack r05) are set aside: does not drain'
said 'waits until Wed 11:00:00: what is left of the window is too short for one more; step check starts nobody, . are left'
said '^2026-01-07, times are MST'
said 'Wed 11:00:00  step check goes on: the window is open'
said 'stays *nothing: no lock stands'

# ---- drains and diagnoses fail all over the place, in turns ----

world mixed
cat >"$world/faults.json" <<'END'
{"format": 1, "seed": 3, "faults": [{"action": "diagnose", "on": {"rack": "r01"}, "outcome": "failed", "times": "always"},
  {"action": "diagnose", "on": {"rack": "r03"}, "outcome": "unknown", "times": "always"},
  {"action": "drain", "on": {"rack": "r02"}, "outcome": "unknown", "times": "always"}]}
END
exits 4 "a day of mixed trouble" "$TAGOUT" run "$crash/slow.runbook" --fleet "$fleet" cluster=TOY8 --start '2026-01-05 11:00' --faults "$world/faults.json" \
  --speed 0 --progress none
exits 0 "its log" "$TAGOUT" log
tap_run "is told in few lines" test "$(grep -c 'is set aside\|are set aside' "$scratch/said")" -le 12
exits 0 "all of it" "$TAGOUT" log --all
tap_is "$(grep -c 'is set aside' "$scratch/said")" 38 "--all has each"

# ---- nobody has the run for a while ----

world left
plan gated
begins "$TAGOUT" run "$world/gated.plan" --yes --progress plain
until_told 'gate back_go asks facility'
kill -KILL "$(owner)"
ends 137 "killed"
exits 0 "its status" "$TAGOUT" status
said 'in hand *nobody since .*: its process is gone. `tagout resume'
exits 0 "its log" "$TAGOUT" log
said 'stays *nsd on 2 nodes (.*): locked, since'
said 'next *its process is gone: `tagout resume'
said 'tagout ack .* back_go yes --all'
# ---- an emergency of another run, a pause, a killed process, another person ----

# in_order WHAT PATTERN...: the last command said one after the other.
in_order() {
  what=$1 from=1
  shift
  for pattern in "$@"; do
    found=$(sed -n "$from,\$p" "$scratch/said" | grep -n -m 1 -e "$pattern" | cut -d: -f1)
    if test -z "$found"; then
      tap_fail "$what: \`$pattern\` in its place"
      tap_comment <"$scratch/said"
      return
    fi
    from=$((from + found))
  done
  tap_pass "$what"
}

world night
plan control
"$TAGOUT" plan "$crash/leaks.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR place=2 -o "$world/leaks.plan" \
  >"$scratch/said" 2>&1 || tap_comment <"$scratch/said"
begins "$TAGOUT" run "$world/control.plan" --yes --progress plain
until_told 'gate back_go asks facility about 2 members'
night=$(basename "$(run_folder)")
exits 0 "a yes for one" "$TAGOUT" ack "$night" back_go yes a1 --as guard --yes
exits 0 "a pause" "$TAGOUT" pause "$night" --as ann --because "storm warning" --yes
until_told 'paused by ann'
mkdir -p "$TAGOUT_LIVE/leak"
echo wet >"$TAGOUT_LIVE/leak/b-cu"
exits 0 "a run that cuts the wet rack" "$TAGOUT" run "$world/leaks.plan" --yes --progress none
exits 0 "its log" "$TAGOUT" log
in_order "what happened, what was done about it, and what became of the rack" 'alarm on rack b: emergency: Cut the rack: leak of r.cooling is wet' \
  'power_off is done by the emergency on 2 nodes (all of rack b)' 'rack b is handed over to hardware_repair with its locks: emergency' \
  'with it goes node b2' 'the run ends: completed'
tap_is "$(grep -c 'rack b is set aside' "$scratch/said" || :)" 0 "that the rack leaves is not told twice"
until_told 'rack b is pre-empted by run '
kill -KILL "$("$TAGOUT" status "$night" | sed -n 's/^ *in hand *process \([0-9]*\) .*/\1/p')"
ends 137 "killed"
exits 0 "somebody else takes it" "$TAGOUT" take "$night" --as bob --because "night shift" --yes
exits 0 "and lets it go on" "$TAGOUT" go-on "$night" --as bob --because "the storm has passed" --yes
exits 0 "resumed" "$TAGOUT" resume "$night" --yes --progress none
exits 8 "one asks for the lock" "$TAGOUT" unlock --break --because "dry" --as ann --yes "$night"
exits 0 "another breaks it" "$TAGOUT" unlock --break --because "seen dry" --as bob --yes "$night"
exits 0 "the log of the night" "$TAGOUT" log "$night"
in_order "who did what, why and when" 'started by ' 'gate back_go asks facility about 2 members' 'back_go: yes for node a1 by guard' 'paused by ann: storm warning' \
  'rack b is pre-empted by run .*-leaks-.*: emergency, Cut the rack: leak of r.cooling is wet' 'resumed by ' 'taken over by bob: night shift' \
  'told to go on by bob: the storm has passed' 'step twice ends; 1 done' \
  'rack b is handed over to hardware_repair with its locks: pre-empted by run ' 'with it goes node b1' 'the run ends: ' \
  'asked to break the lock of nsd on node b1 by ann: dry' 'the lock of nsd on node b1 is broken by bob: seen dry, asked by ann: dry' \
  'nsd is released on node b1' 'stays *nothing: no lock stands' 'next *1 counts as out of service'
said 'nsd is released on node a1'
tap_is "$(grep -c 'pre-empted' "$scratch/said")" 2 "the reason stands where it came, and where it ended"
tap_run "the night fits a screen" test "$(wc -l <"$scratch/said")" -le 28
exits 0 "all of it" "$TAGOUT" log --all "$night"
said 'rack b is set aside.*pre-empted by run'
tap_done
