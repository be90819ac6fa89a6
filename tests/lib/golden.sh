# golden.sh: what a program wrote against a file that says what it should write. Source it after tap.sh.
# With UPDATE=1 the file is rewritten instead, but only in a checkout: never in an unpacked tarball or in distcheck.
# shellcheck shell=sh

# golden_anchor names a file beside the goldens that git tracks if this is a checkout; whoever sources this sets it.
golden_anchor=

golden_may_update() {
  test "${UPDATE-}" = 1 && test -n "$golden_anchor" &&
    (cd "$(dirname "$golden_anchor")" && git ls-files --error-unmatch "$(basename "$golden_anchor")") >/dev/null 2>&1
}

# golden_compare WHAT ACTUAL EXPECTED: one point; the difference as comments.
golden_compare() {
  if golden_may_update; then
    cmp -s "$2" "$3" || cp "$2" "$3"
    tap_pass "$1 # written"
  elif test ! -f "$3"; then
    tap_fail "$1"
    echo "$3 does not exist; UPDATE=1 writes it" | tap_comment
    tap_comment '  ' <"$2"
  elif cmp -s "$3" "$2"; then
    tap_pass "$1"
  else
    tap_fail "$1"
    diff -u "$3" "$2" | tap_comment
  fi
}
