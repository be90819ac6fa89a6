#!/bin/sh
# soak: a fortnight of a fleet of 18,500 with faults, silence and a lockout on every rack, drilled as fast as it goes; six times on
# the way the process is killed, and the run resumed from its journal. Is memory flat? Exit status 1 when, after the first day, any
# of the processes holds more than a tenth (and 1 MiB) above the most that was held in that day, when the run does not complete, or
# when its record does not hold.
#   bench/soak.sh TAGOUT
set -eu
tagout=$1
kills=6
growth=36000000 # of the journal, in bytes, from one death to the next: a seventh of the fortnight
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk 'BEGIN { print "name,rack,power"; for (i = 0; i < 18500; i++) printf "n%05d,r%04d,on\n", i + 1, i / 18 + 1 }' >"$work/fleet.csv"
cat >"$work/faults.json" <<'END'
{"format": 1, "seed": 3, "rates": {"failed": "1%", "unknown": "1%", "silent": "1%"}}
END
cat >"$work/soak.runbook" <<'END'
type Power : on, off
type Alarm : still, ringing

kind Rack { key name : text }
kind Node in Rack { key name : text }

fact power of Node : Power
fact alarm of Rack : Alarm

role repair "Takes over"

automation medic "Rings about a rack with dark nodes" {
  on r: Rack
  when alarm of r may be (still, unknown): alarm of r may become ringing "a dark node is a fault"
  lock takes 5s to 30s, at most 3min, quiet within 10min
  backlog discard
}

action switch_off(n: Node) {
  needs  lockout of medic on n.rack
  makes  power of n is off
  takes  2min to 5min, at most 30min
  repeat safe
}

action switch_on(n: Node) {
  makes  power of n is on
  takes  10min to 30min, at most 2h
  repeat safe
}

runbook fortnight "Every node off and on again, through a fortnight" {
  owner "bench"

  select racks = r in Rack
  select nodes = n in Node where n.rack in racks

  lockout medic on racks because "a soak" {
    release each r when every n in all nodes of r: power of n is on
    otherwise hand over to repair

    step round "Off and on" for each n in nodes, 500 at once, 55 per hour, stop after 50% of nodes set aside {
      switch_off(n) else set aside n "does not switch off"
      switch_on(n) else set aside n "does not switch on"
    }
  }
}
END
cd "$work"
"$tagout" plan soak.runbook --fleet=fleet.csv --output=soak.plan >/dev/null
state=--state=$work

# sample LIFE: how far the journal has come and the kB resident, until the process has ended, or has lived long enough and is killed.
sample() {
  while held=$(awk '/^VmRSS/ { print $2 }' "/proc/$run/status" 2>/dev/null) && test -n "$held"; do
    size=$(stat -c %s runs/*/journal.db 2>/dev/null || echo 0)
    echo "$1 $size $held" >>held
    if test "$1" -le "$kills" && test "$size" -ge $((growth * $1)); then kill -KILL "$run"; break; fi
    sleep 0.05
  done
}

n=1
: >held
"$tagout" run soak.plan --world=drill --speed=0 --faults=faults.json --progress=none "$state" >out 2>&1 &
run=$!
while :; do
  sample "$n"
  status=0
  wait "$run" 2>/dev/null || status=$?
  test "$status" -eq 137 || break
  n=$((n + 1))
  "$tagout" resume --yes "$state" --progress=none >out 2>&1 &
  run=$!
done
if test "$status" -ne 0 || ! "$tagout" log --verify "$state" >verified; then
  cat out verified
  exit 1
fi
sed -n '1,2p' out

# Not counted: what comes before the first event, and the report at the end, which reads all of the journal again. What has been
# written since reaches the file in pieces of some MB.
awk -v lives="$n" -v wanted="$kills" '
  { life[NR] = $1; size[NR] = $2; held[NR] = $3; if ($2 > end) end = $2 }
  END {
    for (i = 1; i <= NR; i++) {
      if (size[i] == 0 || size[i] == size[1] || size[i] > end - 8000000) continue
      if (life[i] == 1 && size[i] <= end / 14) { days++; if (held[i] > day) day = held[i]; continue }
      samples++
      if (held[i] > most) { most = held[i]; when = life[i] }
      last = held[i]
    }
    if (lives != wanted + 1) { print "killed " lives - 1 " times, not " wanted; exit 1 }
    if (days < 2 || samples < 70) { print "too few samples: " days + 0 " in the first day, " samples + 0 " behind it"; exit 1 }
    printf "  resident: %.1f MiB in the first day, then %.1f MiB at most (process %d of %d), %.1f MiB at the end\n", day / 1024, most / 1024,
           when, lives, last / 1024
    exit most > day * 1.1 + 1024
  }' held
