# desk_lib.sh: a runbook that stands, and the process that serves it. Source it after tap.sh, crash/lib.sh and crash/said.sh.
# shellcheck shell=sh

live=$tests/live

# standing NAME [SED]: a world of its own, with link.runbook (changed by SED) planned to stand.
standing() {
  world "$1"
  sed "${2-}" "$live/link.runbook" >"$world/link.runbook"
  "$TAGOUT" plan "$world/link.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" -o "$world/link.plan" >"$scratch/said" 2>&1 ||
    tap_comment <"$scratch/said"
  desk_dir=$TAGOUT_STATE/desks/link_fault
  mkdir "$world/spool"
  : >"$TAGOUT_LIVE/log"
}

# holds NAME ENTITY: from now on such an action waits in the middle; lets_go N: of these so many go on, and nobody waits from now on.
holds() {
  test -p "$TAGOUT_LIVE/gate" || mkfifo "$TAGOUT_LIVE/gate"
  exec 5<>"$TAGOUT_LIVE/gate"
  echo "$1 $2 held gate" >"$TAGOUT_LIVE/control"
}
lets_go() {
  : >"$TAGOUT_LIVE/control"
  n=$1
  while test "$n" -gt 0; do
    echo >&5
    n=$((n - 1))
  done
}

# desk_begins OPTIONS: the process that stands, bounded; what it says is read by desk_tells. The test goes on when it is up.
desk_begins() {
  rm -f "$world/voice"
  mkfifo "$world/voice"
  "$helpers/kill_after" 120000000 "$TAGOUT" stand "$world/link.plan" --yes "$@" >"$world/voice" 2>&1 </dev/null &
  desk_outer=$!
  exec 4<"$world/voice"
  : >"$world/desk.heard"
  desk_hears 'link_fault stands, process ' || tap_fail "the desk is up"
  desk=${heard##*process }
}

# desk_hears TEXT: reads on until the desk says so; nothing is said of it.
desk_hears() {
  while IFS= read -r heard <&4; do
    echo "$heard" >>"$world/desk.heard"
    case $heard in *"$1"*) return ;; esac
  done
  tap_comment <"$world/desk.heard"
  return 1
}

# desk_tells TEXT: the same, as a point.
desk_tells() {
  if desk_hears "$1"; then tap_pass "the desk says \`$1\`"; else tap_fail "the desk says \`$1\`"; fi
}

# desk_ends [SIGNAL]
desk_ends() {
  kill "-${1:-TERM}" "$desk" 2>/dev/null || :
  cat <&4 >>"$world/desk.heard"
  exec 4<&-
  desk_status=0
  wait "$desk_outer" || desk_status=$?
}

bring() { "$TAGOUT" incident link_fault "$@"; }
# evidence FILE: one that exists.
evidence() { echo "what the node said" >"$world/$1"; echo "logs=$world/$1"; }

# queue: a line for each of the last incidents, in order: "ID MEMBER, STATE: WHY, run RUN".
queue() { "$TAGOUT" stand --status link_fault | sed -n '/^  the last/,$s/^    \([0-9]*\)  \(.*\); came .*/\1 \2/p'; }
# state ID: what has become of one.
state() { queue | sed -n "s/^$1 //p"; }

# until_state ID TEXT: the desk is up, and brings it about.
until_state() {
  tries=0
  until state "$1" | grep -q "$2"; do
    tries=$((tries + 1))
    if test "$tries" -gt 2000; then break; fi
  done
  if state "$1" | grep -q "$2"; then tap_pass "incident $1 is \`$2\` at last"; else
    tap_fail "incident $1 is \`$2\` at last"
    queue | tap_comment
  fi
}
