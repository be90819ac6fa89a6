# said.sh: what a command says and with which code it exits. Source it after lib.sh; it needs $scratch.
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
