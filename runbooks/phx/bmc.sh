#!/bin/sh
# bmc.sh VERB ADDRESS: one tray's power through its management controller, with ipmitool.
#
#   soft | off | on    ask for it, and see it done
#   status             print on or off
#
# A controller answers "accepted", not "done", so every verb reads until the state is there. It does not wait for ever: at its
# deadline the runtime ends it, and that is unknown, as is a controller that does not answer (exit 75).
set -u
verb=${1:?verb} address=${2:?address of the controller}

ipmi() { ipmitool -I lanplus -H "$address" -U "${BMC_USER:?}" -E -N 3 -R 2 chassis power "$@" 2>/dev/null; }

status() {
  case $(ipmi status) in
  *'is on') echo on ;;
  *'is off') echo off ;;
  *) return 75 ;;
  esac
}

case $verb in
status) status ;;
soft | off | on)
  wanted=off
  if test "$verb" = on; then wanted=on; fi
  ipmi "$verb" >/dev/null || exit 75
  until test "$(status)" = "$wanted"; do sleep 5; done
  ;;
*)
  echo "bmc.sh: unknown verb $verb" >&2
  exit 64
  ;;
esac
