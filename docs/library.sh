#!/bin/sh
# library.sh: writes docs/library.md to standard output, from the modules of stdlib. Run in the top of the sources:
#   sh docs/library.sh >docs/library.md
# tests/library-page.sh holds the page to its modules.
set -eu
cat <<'END'
# The library

What comes with Tagout, module by module. This page is made from the modules by `docs/library.sh`; every contract as a whole, with the
reasons for its numbers, stands in `stdlib/`. Tags such as [NICO-RACK] or S0 there name the source of a number.

Every fact can also be unknown. The first value of a fact is the ordinary one: a simulated fleet starts there.

END
for module in fleet state people automation service power cooling network nvlink firmware nsd health storm policy; do
  awk -f docs/library.awk "stdlib/$module.runbook"
done
