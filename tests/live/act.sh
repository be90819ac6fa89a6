#!/bin/sh
# act.sh: a fleet made of files, so that a live run has real processes to start and something real to change. Every action, fact
# and automation of the runbooks is bound to it by live.site.runbook.
#
#   act.sh init FLEET.csv FOLDER              make the folder of a fleet, with who belongs to whom
#   act.sh do ACTION ENTITY [VALUE]           carry an action out
#   act.sh read FACT ENTITY                   print the fact
#   act.sh lock|unlock|state AUTOMATION ENTITY
#   act.sh set SETTING ENTITY VALUE           act.sh get SETTING ENTITY
#   act.sh notify CHANNEL TEXT
#
# $TAGOUT_LIVE is the folder of the fleet:
#   FACT/ENTITY      value of a fact; no file: its ordinary value
#   members          lines "RACK NODE", "SWITCH NODE": what an action on one also changes
#   lock/AUTOMATION.ENTITY, setting/SETTING.ENTITY
#   log              one line per begin, end and read of everything but reads: "VERB NAME ENTITY begin", "... ok"
#   control          who shall misbehave: lines "NAME ENTITY MODE [ARGUMENT]", NAME an action, fact or automation, ENTITY or *;
#                    the first that fits counts. MODE:
#                      fail            exit 1, nothing changes          unknown       exit 75, nothing changes
#                      lost            it is done, exit 75              slow SECONDS  takes longer
#                      hang            does nothing and does not end    once MODE     as MODE, the first time only
#                      late SECONDS    exit 75 now, done later          held FIFO     waits for a line of the fifo
# Exit status: 0 ok, 75 unknown (EX_TEMPFAIL), any other failed.
set -u
export LC_ALL=C

verb=${1:?verb} name=${2:?name} entity=${3:?entity}
shift 3

if test "$verb" = init; then
  mkdir -p "$entity"
  exec awk -F, -v OFS=' ' '
    { sub(/\r$/, "") }
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; self = column["node"] ? column["node"] : column["name"]; next }
    column["rack"] && $column["rack"] != "" { print $column["rack"], $self }
    column["leaves"] { n = split($column["leaves"], leaf, / *[;|] */); for (i = 1; i <= n; i++) print leaf[i], $self }
  ' "$name" >"$entity/members"
fi
cd "${TAGOUT_LIVE:?folder of the fleet}" || exit 74

note() { printf '%s %s %s %s\n' "$verb" "$name" "$entity" "$1" >>log; }

# put FOLDER ENTITY VALUE: a reader sees the old value or the new one, never half of it.
put() {
  test -d "$1" || mkdir -p "$1"
  printf '%s\n' "$3" >"$1/.$2.$$" && mv "$1/.$2.$$" "$1/$2"
}

members=
find_members() {
  while read -r whose member; do
    if test "$whose" = "$entity"; then members="$members $member"; fi
  done <members
}

# put_all FOLDER VALUE: on every member
put_all() { for member in $members; do put "$1" "$member" "$2"; done; }

# ordinary FACT: what a fact is before anybody changed it.
ordinary() {
  case $1 in
  service) echo in_service ;;
  power | shelf | switch_trays) echo on ;;
  controller) echo answering ;;
  boot) echo ready ;;
  feed) echo closed ;;
  on_restore) echo stays_off ;;
  coolant) echo flowing ;;
  leak) echo dry ;;
  diagnosis) echo passed ;;
  storm_hold) echo clear ;;
  no_fly) echo lifted ;;
  link | nvlink) echo up ;;
  job) echo over_nvlink ;;
  restarted) echo earlier ;;
  reach) echo reachable ;;
  fabric) echo converged ;;
  vm_work) echo idle ;;
  image | firmware) echo previous ;;
  build) echo 417 ;;
  staged) echo nothing ;;
  reset_level) echo warm ;;
  host_update) echo pending ;;
  images) echo staged ;;
  image_service) echo healthy ;;
  *) return 1 ;;
  esac
}

# effect ACTION: what its contract promises.
effect() {
  case $1 in
  drain) put service "$entity" drained ;;
  return_to_service) put service "$entity" in_service ;;
  mark_for_repair) put service "$entity" repair ;;
  shut_down | power_off)
    put boot "$entity" not_ready
    put diagnosis "$entity" untested
    put power "$entity" off
    ;;
  power_on) put power "$entity" on ;;
  check_nvlink) put nvlink "$entity" up ;;
  await_boot) put boot "$entity" ready ;;
  reset_controller) put controller "$entity" answering ;;
  reboot)
    put diagnosis "$entity" untested
    put power "$entity" on
    put boot "$entity" ready
    ;;
  switch_trays_off)
    put diagnosis "$entity" untested
    put switch_trays "$entity" off
    ;;
  switch_trays_on) put switch_trays "$entity" on ;;
  shelves_off)
    put_all controller silent
    put shelf "$entity" off
    ;;
  shelves_on)
    put_all controller answering
    put shelf "$entity" on
    ;;
  open_breakers) put feed "$entity" open ;;
  close_breakers) put feed "$entity" closed ;;
  cooling_off) put coolant "$entity" stopped ;;
  cooling_on) put coolant "$entity" flowing ;;
  read_leaks | read_reset_level) ;;
  diagnose) put diagnosis "$entity" passed ;;
  validate)
    for member in $members; do
      if test "$(value boot "$member")" = ready; then put diagnosis "$member" passed; fi
    done
    put diagnosis "$entity" passed
    ;;
  reboot_switch | reboot_switch_undrained | update_switch)
    put_all reach reachable
    put restarted "$entity" recently
    put link "$entity" up
    ;;
  check_fabric) put fabric "$entity" converged ;;
  stage_firmware) put staged "$entity" package ;;
  activate_firmware | reset_nic)
    put diagnosis "$entity" untested
    put firmware "$entity" current
    ;;
  restore_firmware)
    put diagnosis "$entity" untested
    put firmware "$entity" previous
    ;;
  repave | install_build)
    put boot "$entity" not_ready
    put diagnosis "$entity" untested
    case $1 in repave) put image "$entity" fresh ;; *) put image "$entity" previous ;; esac
    ;;
  apply_host_update) put host_update "$entity" applied ;;
  *) return 1 ;;
  esac
}

value() { cat "$1/$2" 2>/dev/null || ordinary "$1"; }

# Sets mode and argument from the first line of control that fits; "once" is spent by the file that it leaves.
mode=
argument=
find_mode() {
  test -f control || return 0
  number=0
  while read -r who whom what rest; do
    number=$((number + 1))
    case $who in "$name") ;; *) continue ;; esac
    case $whom in "$entity" | '*') ;; *) continue ;; esac
    if test "$what" = once; then
      test -d once || mkdir -p once
      mkdir "once/$number.$entity" 2>/dev/null || continue
      what=${rest%% *}
      rest=${rest#"$what"}
    fi
    mode=$what
    argument=${rest# }
    return 0
  done <control
}

# misbehave: ends the script, or returns to let the work be done.
misbehave() {
  case $mode in
  '') ;;
  slow) sleep "$argument" ;;
  held) read -r _ <"$argument" || : ;;
  fail)
    note failed
    exit 1
    ;;
  unknown)
    note unknown
    exit 75
    ;;
  lost) # the request is obeyed, its answer gets lost
    "$@" || exit 1
    note lost
    exit 75
    ;;
  late)
    ( # outlives this process and its group: the fleet obeys, whoever asked
      trap '' TERM HUP INT
      sleep "$argument"
      "$@"
      note late
    ) </dev/null >/dev/null 2>&1 &
    note unknown
    exit 75
    ;;
  hang)
    note hangs
    while :; do sleep 60; done
    ;;
  *)
    echo "act.sh: control: unknown mode $mode" >&2
    exit 64
    ;;
  esac
}

find_mode
case $verb in
do)
  case $name in shelves_* | validate | reboot_switch* | update_switch) find_members ;; esac
  note begin
  misbehave effect "$name"
  if ! effect "$name"; then
    echo "act.sh: unknown action $name" >&2
    exit 64
  fi
  note ok
  ;;
read)
  misbehave true
  value "$name" "$entity" || exit 64
  ;;
lock)
  note begin
  misbehave put lock "$name.$entity" locked
  put lock "$name.$entity" locked
  note ok
  ;;
unlock)
  note begin
  misbehave rm -f "lock/$name.$entity"
  rm -f "lock/$name.$entity"
  note ok
  ;;
state) if test -f "lock/$name.$entity"; then echo locked; else echo free; fi ;;
set)
  note begin
  misbehave put setting "$name.$entity" "$1"
  put setting "$name.$entity" "$1"
  note ok
  ;;
get) cat "setting/$name.$entity" 2>/dev/null || echo normal ;;
notify)
  misbehave note "$*"
  note "$*"
  ;;
*)
  echo "act.sh: unknown verb $verb" >&2
  exit 64
  ;;
esac
