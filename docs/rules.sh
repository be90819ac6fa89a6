#!/bin/sh
# rules.sh: writes docs/reference/rules.md to standard output, from the registry of diagnostics. Run in the top of the
# sources:
#   sh docs/rules.sh >docs/reference/rules.md
# tests/rules-page.sh holds the page to the registry.
set -eu
cat <<'TEXT'
# What is checked

`tagout check` reads a runbook as the run will, and says everything that is wrong with it at once: each mistake once, at its
place, with a second place where two do not fit together, and with the text to write instead where that is certain enough.
`tagout explain CODE` tells more about a code, with an example that is wrong and one that is right. This page is made from the
registry of the source (`lang/diag.def`) by `docs/rules.sh`.

A code never changes its meaning and is never used again. Errors keep a runbook from being planned; warnings do not.

## What it does not do

- It does not know the fleet: an empty selection, a zone of the inventory that does not exist, a member in a test that is not in the inventory
  are found by `plan` and `test`.
- It believes contracts. Whether an action does what its contract says is found by the run, which reads the facts back.
- It adds up only what stands in the text: limits that can never bind, a fan-out beyond the budget, work that is longer than its
  window. What rests on how many members there are is the plan's.

Whether every way through a runbook keeps the needs of its actions and the policies that it obeys is proved behind all this, as
soon as nothing else is wrong: E07xx, and [the page about it](../proof.md). `--no-proof` leaves that out.

## Silence

What follows from a mistake is not reported again. An expression with a mistake is compared with nothing; a name that could
not be found is looked for no further; what was left out of a block that could not be read is not missed. When a module does
not exist, the names that it might declare are not reported one by one. A hundred messages are printed, the rest is counted.
Unused names are mentioned only when everything else is right.

TEXT
awk '
  /^\/\* ---- E/ {
    heading = $0
    sub(/^\/\* ---- E[0-9x]*: */, "", heading)
    sub(/ ----.*/, "", heading)
    sub(/ \(.*/, "", heading)
    if (said) print ""
    said = 0
  }
  /^DIAG\(/ {
    text = $0
    sub(/^[^"]*"/, "", text)
    code = text
    sub(/".*/, "", code)
    title = text
    sub(/^[^"]*"[^"]*"/, "", title)
    sub(/"\).*/, "", title)
    if (!said) printf "## %s\n\n| code | | what |\n|---|---|---|\n", toupper(substr(heading, 1, 1)) substr(heading, 2)
    said = 1
    kind = $0 ~ /SEV_WARNING/ ? "warning" : $0 ~ /SEV_NOTE/ ? "note" : "error"
    printf "| %s | %s | %s |\n", code, kind, title
  }' lang/diag.def
