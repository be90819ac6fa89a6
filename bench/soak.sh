#!/bin/sh
# soak: a fortnight of a fleet of 18,500 with faults, drilled in SECONDS (30): is memory flat? Exit status 1 when, after the first
# day, the process ever holds more than a tenth (and 1 MiB) above the most that it held in that day.
#   bench/soak.sh TAGOUT [SECONDS]
set -eu
tagout=$1 seconds=${2:-30}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{ echo name,power; seq -f 'n%05.0f,on' 1 18500; } >"$work/fleet.csv"
cat >"$work/faults.json" <<'EOF'
{"format": 1, "seed": 3, "rates": {"failed": "1%", "unknown": "1%", "silent": "1%"}}
EOF
cat >"$work/soak.runbook" <<'EOF'
type Power : on, off

kind Node {
  key name : text
}

fact power of Node : Power

action switch_off(n: Node) {
  takes  2min to 5min, at most 30min
  makes  power of n is off
  repeat safe
}

action switch_on(n: Node) {
  takes  10min to 30min, at most 2h
  makes  power of n is on
  repeat safe
}

runbook fortnight "Every node off and on again, through a fortnight" {
  owner "bench"

  select nodes = n in Node

  step round "Off and on" for each n in nodes, 500 at once, 55 per hour, stop after 50% of nodes set aside {
    switch_off(n) else set aside n "does not switch off"
    switch_on(n) else set aside n "does not switch on"
  }
}
EOF
cd "$work"
"$tagout" plan soak.runbook --fleet=fleet.csv --output=soak.plan >/dev/null
speed=$(awk -v s="$seconds" 'BEGIN { printf "%d", 14 * 86400 / s }')
"$tagout" run soak.plan --world=drill --speed="$speed" --faults=faults.json --progress=none --state="$work" >out 2>&1 &
run=$!

# kB resident, ten times in a simulated day
pause=$(awk -v s="$seconds" 'BEGIN { printf "%.3f", s / 140 }')
while held=$(awk '/^VmRSS/ { print $2 }' "/proc/$run/status" 2>/dev/null) && test -n "$held"; do
  echo "$held"
  sleep "$pause"
done >held
wait "$run" || {
  cat out
  exit 1
}
sed -n '1,2p' out
# The report at the end reads all of the journal again: the last sample may fall into it.
sed '$d' held | awk '
  NR <= 10 { if ($1 > day) day = $1; next }
  { last = $1; if ($1 > most) most = $1 }
  END {
    if (NR < 70) { print "too few samples: on a machine as busy as this it takes more seconds"; exit 1 }
    printf "  resident: %.1f MiB in the first day, then %.1f MiB at most, %.1f MiB at the end\n", day / 1024, most / 1024, last / 1024
    exit most > day * 1.1 + 1024
  }'
