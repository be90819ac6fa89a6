#!/bin/sh
# processes: what carrying out programs costs, beside the floor and the peers that are installed.
#   bench/processes.sh TAGOUT FOLDER [ROUNDS]   FOLDER: where spawn_floor and beside were built
# 1. 10,000 times `true`, 64 at once: Tagout with each step in its durable journal and its output kept.
# 2. 1,800 times `sleep 2`, all at once.
# 3. 1,000 times `true`, 64 at once, beside Ansible: 200 hosts that are this machine, five tasks each. Where it is installed.
set -eu
tagout=$(realpath "$1") built=$(realpath "$2") rounds=${3:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ulimit -n 16384

# runbook FILE COUNT AT_ONCE PROGRAM [ARGUMENT]: a plan of COUNT actions that are one program each
plan() {
  file=$1 count=$2 at_once=$3 program=\"$4\"${5:+" \"$5\""}
  { echo name; seq -f 'n%06.0f' 1 "$count"; } >"$work/$file.csv"
  cat >"$work/$file.runbook" <<EOF
kind Node {
  key name : text
}

action touch(n: Node) {
  takes  1s to 2s, at most 1min
  repeat safe
}

site here "This machine" {
  zone "UTC"
  fleet csv "$file.csv"
  bind touch(n) by exec $program
}

runbook touch_all "Touch every node" {
  owner "bench"

  select nodes = n in Node

  step touch "Touch" for each n in nodes, $at_once at once, stop after 1 nodes set aside {
    touch(n) else set aside n "fails"
  }
}
EOF
  (cd "$work" && "$tagout" plan "$file.runbook" --output="$file.plan" >/dev/null 2>&1)
}

peers() {
  count=$1 command=$2
  printf 'rule t\n  command = %s\n' "$command" >"$work/build.ninja"
  seq -f 'build o%.0f: t' 1 "$count" >>"$work/build.ninja"
  { printf 'all:'; seq -f ' o%.0f' 1 "$count" | tr -d '\n'; printf '\n%%:\n\t@%s\n' "$command"; } >"$work/Makefile"
}

# beside UNITS AT_ONCE FILE COMMAND...: the floor first
beside() {
  units=$1 at_once=$2 file=$3 command=$4
  peers "$units" "$command"
  set -- "floor" "$built/spawn_floor $units $at_once $command" \
    "tagout" "cd $work && $tagout run $file.plan --yes --progress=none --state=$work/state\$\$"
  ! command -v xargs >/dev/null || set -- "$@" "xargs" "seq $units | xargs -P$at_once -n1 sh -c 'exec $command'"
  ! command -v make >/dev/null || set -- "$@" "make" "make -s -j$at_once -C $work all"
  ! command -v ninja >/dev/null || set -- "$@" "ninja" "rm -f $work/.ninja_log; ninja --quiet -j$at_once -C $work"
  "$built/beside" "$rounds" "$units" "$@"
}

echo "10,000 times true, 64 at once"
plan true 10000 64 true
beside 10000 64 true true
echo
echo "1,800 times sleep 2, all at once"
plan sleep 1800 1800 sleep 2
beside 1800 1800 sleep "sleep 2"

command -v ansible-playbook >/dev/null || exit 0

# tasks MODULE: a playbook of five of them
tasks() {
  printf -- '- hosts: all\n  gather_facts: false\n  tasks:\n'
  for task in 1 2 3 4 5; do printf '    - name: task %s\n      ansible.builtin.%s: "true"\n' $task "$1"; done
}

ansible() { echo "ANSIBLE_PIPELINING=1 ansible-playbook -i $work/hosts.ini -f 64 $work/$1.yml"; }

echo
echo "1,000 times true, 64 at once: Ansible with five tasks on 200 hosts"
seq -f 'h%03.0f ansible_connection=local ansible_python_interpreter=/usr/bin/python3' 200 >"$work/hosts.ini"
for module in raw command; do tasks $module >"$work/$module.yml"; done
plan thousand 1000 64 true
"$built/beside" 1 1000 "tagout" "cd $work && $tagout run thousand.plan --yes --progress=none --state=$work/state\$\$" \
  "ansible raw" "$(ansible raw)" "ansible command" "$(ansible command)"
