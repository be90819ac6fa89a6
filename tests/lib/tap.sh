# tap.sh: TAP from POSIX sh. Source it, call one function per point, end with tap_done; a script that dies before
# that has no plan, which the driver counts as an error. Needs nothing but printf.
# shellcheck shell=sh

tap_count=0
tap_bad=0

tap_pass() {
  tap_count=$((tap_count + 1))
  printf 'ok %d - %s\n' "$tap_count" "$1"
}

tap_fail() {
  tap_count=$((tap_count + 1))
  tap_bad=$((tap_bad + 1))
  printf 'not ok %d - %s\n' "$tap_count" "$1"
}

# tap_is GOT WANTED WHAT
tap_is() {
  if test "$1" = "$2"; then
    tap_pass "$3"
  else
    tap_fail "$3"
    printf '%s\n' "$1" | tap_comment '     got: '
    printf '%s\n' "$2" | tap_comment '  wanted: '
  fi
}

# tap_run WHAT COMMAND...: ok when the command succeeds; its output becomes comments when it does not.
tap_run() {
  tap_what=$1
  shift
  if tap_output=$("$@" 2>&1); then
    tap_pass "$tap_what"
  else
    tap_fail "$tap_what"
    printf '%s\n' "$tap_output" | tap_comment
  fi
}

tap_skip() {
  tap_count=$((tap_count + 1))
  printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# Ends the script: nothing of it can run here.
tap_skip_all() {
  printf '1..0 # SKIP %s\n' "$1"
  exit 0
}

# Standard input as comment lines, each behind an optional prefix.
tap_comment() {
  while IFS= read -r tap_line || test -n "$tap_line"; do printf '# %s%s\n' "${1-}" "$tap_line"; done
}

tap_done() {
  printf '1..%d\n' "$tap_count"
  test "$tap_bad" -eq 0
}
