#!/bin/sh
# desk: the process that serves incidents is killed: at moments that the clock picks, and before its writes to the queue. Whenever it
# is, no incident that was acknowledged is lost, none is served twice, and the runs go on. And whoever brings an incident while a call
# fails is told the truth.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
. "$tests/lib/tap.sh"
. "$tests/crash/lib.sh"
. "$tests/crash/said.sh"
. "$tests/live/desk_lib.sh"

separate='s/, repeats within 2h join it//; s/at most 2 per node/at most 1000 per node/'
desk_fails() { "$helpers/kill_after" "$1" env $2 "$TAGOUT" stand "$world/link.plan" --yes --folder "$world/spool" >>"$world/out" 2>&1 </dev/null || :; }

# can_preload LIBRARY: its path in $preload; none can be put before a sanitizer's.
can_preload() {
  preload=$helpers/$1
  test -f "$preload" && LD_PRELOAD=$preload "$TAGOUT" --version >/dev/null 2>&1
}

# all_served N: a desk that nobody kills brings all of them to their ends.
all_served() {
  desk_begins --folder "$world/spool"
  tries=0
  until test "$("$TAGOUT" stand --status --format json | grep -c '"state": "ended"')" -ge "$1"; do
    tries=$((tries + 1))
    if test "$tries" -gt 3000; then break; fi
  done
  desk_ends
}

# once N WHAT: N incidents, as many runs, each begun once.
once() {
  "$TAGOUT" stand --status --format json >"$world/queue.json"
  tap_is "$(grep -c '"state": "ended"' "$world/queue.json")" "$1" "$2: each incident was served to its end"
  tap_is "$(grep -c '"why": "completed"' "$world/queue.json")" "$1" "$2: each run completed"
  tap_is "$(ls "$TAGOUT_STATE/runs" | wc -l | tr -d ' ')" "$1" "$2: there are as many runs"
  bad=0
  for run in "$TAGOUT_STATE"/runs/*; do
    "$TAGOUT" log --verify "${run##*/}" >/dev/null 2>&1 || bad=$((bad + 1))
  done
  tap_is "$bad" 0 "$2: every record is whole"
  tap_is "$("$TAGOUT" ledger live | sed -n '1p;$p' | tr '\n' ' ')" "0 runs claim members or have some out 0 out of service " "$2: nothing is left in the ledger"
}

# ---- killed by the clock ----

standing clock "$separate"
kept=0
for ms in 10 60 110 160 210 260 310 360 410 460 560 660; do
  case $((ms % 4)) in 0) node=a1 ;; *) node=b1 ;; esac
  if "$TAGOUT" incident link_fault node=a2 --attach "$(evidence logs)" --key "C-$ms" >/dev/null; then kept=$((kept + 1)); fi
  printf '{"fields": {"node": "%s"}, "attach": {"logs": "https://logs/"}, "key": "F-%s"}' "$node" "$ms" >"$world/new"
  mv "$world/new" "$world/spool/$ms.json"
  kept=$((kept + 1))
  desk_fails "$((ms * 1000))" A=
done
all_served "$kept"
once "$kept" "killed by the clock"
tap_is "$(ls "$world/spool/taken" | wc -l | tr -d ' ')" 12 "killed by the clock: every file was taken"
tap_is "$(grep -c '^do drain .* begin' "$TAGOUT_LIVE/log")" "$kept" "killed by the clock: each run drained once"

# ---- killed before a write ----

before_writes() {
  standing writes "$separate"
  kept=0
  for at in 1 2 3 5 7 9 12 15 18 22 26 30; do
    printf '{"fields": {"node": "a1"}, "attach": {"logs": "https://logs/"}}' >"$world/new"
    mv "$world/new" "$world/spool/$at.json"
    kept=$((kept + 1))
    desk_fails 1500000 "LD_PRELOAD=$preload KILL_AT=$at KILL_FILE=queue.db"
  done
  all_served "$kept"
  once "$kept" "killed before a write"
}
if can_preload kill_at.so; then before_writes; else tap_skip "killed before a write" "a library cannot be preloaded into this build"; fi

# ---- the process of a run is killed, with the desk and without; a person leaves one ----

# begun NODE N: a run about the node is in the middle of its N-th drain; its name in $run, its process in $leader.
begun() {
  until test "$(grep -c "^do drain $1 begin" "$TAGOUT_LIVE/log" 2>/dev/null)" -ge "$2"; do kill -0 "$desk" 2>/dev/null || break; done
  run=$("$TAGOUT" stand --status | sed -n '/^  under way/,/^  the last/s/.*run \([^;]*\);.*/\1/p')
  leader=$("$TAGOUT" status "$run" | sed -n 's/^ *in hand *process \([0-9]*\) .*/\1/p')
}

standing runs "$separate"
echo "drain * slow 1" >"$TAGOUT_LIVE/control"
desk_begins
bring node=a1 --attach "$(evidence logs)" >/dev/null
begun a1 1
kill -KILL "$leader"
desk_tells "incident 1 of a1: run $run: completed"
exits 0 "its log" "$TAGOUT" log "$run"
said 'resumed by'
bring node=b1 --attach "$(evidence logs)" >/dev/null
begun b1 1
kill -KILL "$leader" "$desk"
desk_ends
desk_begins
desk_tells "incident 2 of b1: run $run: completed"
bring node=a2 --attach "$(evidence logs)" >/dev/null
begun a2 1
kill -TERM "$leader"
until "$TAGOUT" status "$run" | grep -q 'paused'; do kill -0 "$leader" || break; done
kill -TERM "$leader"
desk_tells "incident 3 of a2: run $run has no process: \`tagout resume $run\` goes on"
exits 0 "a person goes on with it" "$TAGOUT" resume --yes "$run" --progress none
desk_tells "incident 3 of a2: run $run: completed"
desk_ends
once 3 "killed runs"

# ---- a call that fails while an incident is brought ----

while_bringing() {
  standing fails "$separate"
  bad=0 tried=0 told=0 acknowledged=0
  for kind in open read write sync rename mkdir lock truncate; do
    n=1
    while test "$n" -le 40; do
      key=$kind-$n
      rm -f "$world/failed"
      status=0
      LD_PRELOAD=$preload FAIL_KIND=$kind FAIL_AT=$n FAIL_SAID=$world/failed timeout -s KILL 30 \
        "$TAGOUT" incident link_fault node=a1 --attach "$(evidence logs)" --key "$key" >"$world/brought" 2>&1 || status=$?
      if ! test -f "$world/failed"; then break; fi
      tried=$((tried + 1))
      grep -q 'E0957' "$world/brought" && told=$((told + 1))
      known=no
      "$TAGOUT" incident link_fault node=a1 --attach "$(evidence logs)" --key "$key" | grep -q 'kept already' && known=yes
      case $status.$known in
        0.yes) acknowledged=$((acknowledged + 1)) ;;
        1.* | 2.*) grep -q '^tagout: \|^error' "$world/brought" || { echo "$key: says nothing: $(cat "$world/failed")" | tap_comment; bad=$((bad + 1)); } ;;
        *) { echo "$key: exit status $status, kept: $known"; cat "$world/failed" "$world/brought"; } | tap_comment; bad=$((bad + 1)) ;;
      esac
      n=$((n + 1))
    done
  done
  tap_is "$bad" 0 "of $tried calls that failed none made it say that it keeps what it does not"
  if test "$told" -gt 0; then tap_pass "it says E0957 when it cannot be kept"; else tap_fail "it says E0957 when it cannot be kept"; fi
}
if can_preload fail_at.so; then while_bringing; else tap_skip "a call that fails" "a library cannot be preloaded into this build"; fi
tap_done
