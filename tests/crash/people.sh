# people.sh: what people see and do at a run that goes on in the background. Source it after lib.sh.
# shellcheck shell=sh

. "$tests/crash/said.sh"

# begins COMMAND...: in the background, bounded; what it says is read by until_told.
begins() {
  rm -f "$scratch/voice" "$scratch/status"
  mkfifo "$scratch/voice"
  { code=0; "$helpers/kill_after" 60000000 "$@" 2>"$scratch/voice" >/dev/null </dev/null || code=$?; echo "$code" >"$scratch/status"; } &
  exec 3<"$scratch/voice"
}

# until_told PATTERN: reads on until the run says so.
until_told() {
  while IFS= read -r heard <&3; do
    case $heard in *"$1"*) tap_pass "it says \`$1\`"; return ;; esac
    echo "$heard" >>"$scratch/heard"
  done
  tap_fail "it says \`$1\`"
  tap_comment <"$scratch/heard"
}

# ends CODE WHAT
ends() {
  cat <&3 >>"$scratch/heard"
  exec 3<&-
  wait
  tap_is "$(cat "$scratch/status")" "$1" "$2: exit code $1"
}

owner() { "$TAGOUT" status | sed -n 's/^ *in hand *process \([0-9]*\) .*/\1/p'; }
