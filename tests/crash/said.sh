# said.sh: what a command says and with which code it exits, also one in the background. Source it after lib.sh.
# shellcheck shell=sh

# exits CODE WHAT COMMAND...: what the command says is in $scratch/said.
exits() {
  code=$1 what=$2
  shift 2
  status=0
  "$@" >"$scratch/said" 2>&1 </dev/null || status=$?
  if test "$status" -eq "$code"; then
    tap_pass "$what: exit code $code"
  else
    tap_fail "$what: exit code $code"
    echo "it was $status" | tap_comment
    tap_comment <"$scratch/said"
  fi
}

# said PATTERN: the last command did.
said() {
  if grep -q -e "$1" "$scratch/said"; then
    tap_pass "and says \`$1\`"
  else
    tap_fail "and says \`$1\`"
    tap_comment <"$scratch/said"
  fi
}

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

# make_keys NAME...: a real key for each, $scratch/NAME.
make_keys() {
  command -v ssh-keygen >/dev/null || { echo "Bail out! ssh-keygen is missing (Debian package openssh-client)"; exit 1; }
  for name in "$@"; do ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$scratch/$name" </dev/null; done
}

# listed PERSON KEY [OPTIONS]: the line of an allowed_signers file.
listed() { printf '%s %s%s\n' "$1" "${3-}" "$(cut -d' ' -f1,2 "$scratch/$2.pub")"; }
