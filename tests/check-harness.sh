#!/bin/sh
# The harness itself: a conformance run must pass what is right, fail what is wrong, and never write outside a checkout.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# A program under test that prints its arguments and its input, and exits with the number in EXIT of the input.
cat >fake <<'END'
#!/bin/sh
echo "$@"
cat "$2" -
echo warned >&2
exit "$(sed -n 's/^# exit //p' "$2")"
END
chmod +x fake
TAGOUT=$work/fake
export TAGOUT
unset UPDATE || :

mkdir -p demo/a demo/with
echo 'verb: show' >demo.phase
echo '# exit 3' >demo/a/one.runbook
printf 'two words\nlast' >demo/a/one.args
echo typed >demo/a/one.stdin
echo 3 >demo/a/one.exit
printf 'show one.runbook two words last\n# exit 3\ntyped\n--- stderr\nwarned\n' >demo/a/one.expected
echo 'not a case' >demo/with/helper.runbook

conformance() { sh "$here/conformance/run.sh" "$work/demo.phase" >out 2>&1; }
good='ok 1 - a/one
ok 2 - a/one exits with 3
1..2'

conformance || :
tap_is "$(cat out)" "$good" "a right case passes, with arguments, input, stderr and exit code"

echo 4 >demo/a/one.exit
if conformance; then tap_fail "a wrong exit code fails"; else tap_is "$(grep -c '^not ok' out)" 1 "a wrong exit code fails"; fi
echo 3 >demo/a/one.exit

printf x >>demo/a/one.expected
if conformance; then tap_fail "one byte more fails"; else tap_is "$(grep '^not ok' out)" "not ok 1 - a/one" "one byte more fails"; fi
cp demo/a/one.expected before

UPDATE=1
export UPDATE
if conformance; then tap_fail "UPDATE=1 fails outside a checkout"; else tap_pass "UPDATE=1 fails outside a checkout"; fi
tap_run "UPDATE=1 writes nothing outside a checkout" cmp before demo/a/one.expected

if command -v git >/dev/null 2>&1; then
  git init -q . && git add demo.phase
  rm demo/a/one.exit
  conformance || :
  unset UPDATE
  conformance || :
  tap_is "$(cat out)" "$good" "UPDATE=1 in a checkout writes what the next run expects"
  mkdir untracked && cp -r demo demo.phase untracked && printf x >>untracked/demo/a/one.expected
  cp untracked/demo/a/one.expected before
  UPDATE=1 sh "$here/conformance/run.sh" "$work/untracked/demo.phase" >out 2>&1 || :
  tap_run "UPDATE=1 writes nothing in a folder that git does not track" cmp before untracked/demo/a/one.expected
else
  tap_skip "UPDATE=1 in a checkout" "git is not installed"
fi
unset UPDATE || :

rm -r demo/a
if conformance; then tap_fail "a phase without cases fails"; else tap_run "a phase without cases fails" grep '^Bail out!' out; fi
tap_done
