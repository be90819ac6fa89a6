#!/bin/sh
# scheduler.sh VERB NODE: a node's place in Slurm.
#
#   drain     bar new work and see the node empty      resume    let work in again
#   state     print in_service, draining, drained or repair
set -u
verb=${1:?verb} node=${2:?node}

state() {
  said=$(scontrol -o show node "$node" 2>/dev/null) || return 75
  said=${said#*State=}
  case ${said%% *} in
  *'*'*) return 75 ;; # Slurm gets no answer from it: what it says is old
  *MIXED*DRAIN* | *ALLOCATED*DRAIN* | *COMPLETING*DRAIN*) echo draining ;;
  *DRAIN*) echo drained ;;
  *DOWN* | *FAIL*) echo repair ;;
  *) echo in_service ;;
  esac
}

case $verb in
state) state ;;
drain)
  scontrol update "nodename=$node" state=drain "reason=tagout run ${TAGOUT_RUN:-by hand}" || exit 1
  until test "$(state)" = drained; do sleep 15; done
  ;;
resume)
  scontrol update "nodename=$node" state=resume || exit 1
  test "$(state)" = in_service
  ;;
*)
  echo "scheduler.sh: unknown verb $verb" >&2
  exit 64
  ;;
esac
