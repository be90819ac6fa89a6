# lib.sh: a fleet of files, a site that carries things out on it, and runs that are cut off. Source it after tap.sh; it needs
# $tests (the folder of the tests), $TAGOUT and $builddir.
# shellcheck shell=sh

crash=$tests/crash
helpers=$(cd "${builddir:-.}" && pwd)/tests/crash
# Killing a process needs no disk: in memory the same writes take a tenth of the time.
if test -z "${TMPDIR-}" && test -w /dev/shm; then TMPDIR=/dev/shm; fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tagout-crash.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# world NAME: a fleet of its own, the site beside it, a state folder. Every program of the site says in `starts` which command
# it is started for, before it does anything.
world() {
  world=$scratch/$1
  mkdir -p "$world/site"
  cat "$crash/fleet.csv" >"$world/site/fleet.csv" # not cp: the source may be read-only
  cat "$tests/live/live.site.runbook" >"$world/site/live.site.runbook"
  cat >"$world/site/act.sh" <<END
#!/bin/sh
echo "\$TAGOUT_COMMAND \$*" >>"\$TAGOUT_LIVE/starts"
exec '$tests/live/act.sh' "\$@"
END
  chmod +x "$world/site/act.sh"
  TAGOUT_LIVE=$world/fleet TAGOUT_STATE=$world/state
  export TAGOUT_LIVE TAGOUT_STATE
  "$tests/live/act.sh" init "$world/site/fleet.csv" "$TAGOUT_LIVE"
  : >"$TAGOUT_LIVE/starts"
}

# plan NAME: a plan of NAME.runbook for the fleet of this world, once.
plan() {
  test -f "$world/$1.plan" ||
    "$TAGOUT" plan "$crash/$1.runbook" "$world/site/live.site.runbook" --fleet "$world/site/fleet.csv" cluster=CR \
      -o "$world/$1.plan" >"$world/plan.out" 2>&1
}

# The folder of the one run of this world; empty when there is none yet.
run_folder() {
  for record in "$TAGOUT_STATE"/runs/*/record.json; do
    if test -f "$record"; then dirname "$record"; fi
  done
}

# What the fleet is like: every file but those that say how it came to be.
fleet_state() {
  (cd "$TAGOUT_LIVE" && find . -type f ! -name '.*' ! -name starts ! -name log ! -name members ! -name control | LC_ALL=C sort |
    while IFS= read -r file; do printf '%s %s\n' "$file" "$(cat "$file")"; done)
}

# facts FOLDER: the journal as lines, see journal_facts.c.
facts() { "$helpers/journal_facts" "$1"; }

# locks_known FOLDER: every lock that stands in the fleet is one that the journal knows.
locks_known() {
  facts "$1" >"$scratch/facts" || return 1
  for file in "$TAGOUT_LIVE"/lock/*; do
    test -f "$file" || continue
    if ! grep -q "^known ${file##*/}\$" "$scratch/facts"; then
      echo "the journal does not know the lock ${file##*/}"
      return 1
    fi
  done
}

# lawful FOLDER: nothing was started that the journal does not hold, nothing that had finished was started again, nothing was
# forgotten.
lawful() {
  facts "$1" >"$scratch/facts" || return 1
  awk -v starts="$TAGOUT_LIVE/starts" '
    $1 == "issued" { issued[$2]++; if ($2 in answered) { print "command " $2 " was issued again after its answer"; bad = 1 } }
    $1 == "answered" { answered[$2] = 1 }
    $1 == "waits" { print "command " $2 " (" $3 ") has no answer"; bad = 1 }
    END {
      while ((getline line < starts) > 0) { split(line, word, " "); started[word[1]]++ }
      for (id in started) if (started[id] > issued[id]) {
        print "command " id " was started " started[id] " times and issued " issued[id] + 0 " times"
        bad = 1
      }
      exit bad
    }' "$scratch/facts"
}

# preload LIBRARY: its path in $preload; where none can be put before this build (a sanitizer's), the test is skipped.
preload() {
  preload=$helpers/$1
  if ! test -f "$preload" || ! LD_PRELOAD=$preload "$TAGOUT" --version >/dev/null 2>&1; then
    tap_skip_all "a library cannot be preloaded into this build"
  fi
}

# calm_run VARIABLE: tiny.runbook run with the library and nothing going wrong: what the library counts is in $scratch/count, which
# VARIABLE names to it, what the fleet is like then in $scratch/calm.state.
calm_run() {
  world calm
  if ! plan tiny; then
    tap_comment <"$world/plan.out"
    tap_fail "a plan of tiny.runbook"
    tap_done
    exit
  fi
  tap_run "an undisturbed run" env LD_PRELOAD="$preload" "$1=$scratch/count" "$TAGOUT" run "$world/tiny.plan" --yes --progress none
  fleet_state >"$scratch/calm.state"
}

# says_why: the message names a cause, or that memory is out. To SQLite a page that cannot be read is a damaged file.
says_why() {
  grep -Eq 'out of memory|lack of memory' "$world/out" && return 0
  grep -Eq '^(tagout[ a-z-]*: |error)' "$world/out" || { echo "no message"; return 1; }
  grep -Eq 'Too many open files|No space left|Input/output error|No locks available|Cannot allocate|temporarily unavailable|is full|disk I/O error|ulimit -n|unable to open|readonly|damaged' "$world/out" ||
    { echo "no cause"; return 1; }
}
