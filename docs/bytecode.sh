#!/bin/sh
# bytecode.sh: writes docs/reference/bytecode.md to standard output, from the tables of lang/. Run in the top of the
# sources:
#   sh docs/bytecode.sh >docs/reference/bytecode.md
# tests/bytecode-page.sh holds the page to its tables.
set -eu
cat <<'TEXT'
# Programs and their bytecode

`tagout compile` turns a runbook into a program: tables of plain rows, and code. `tagout disasm` shows it. This page is made
from the tables of the source (`lang/opcode.def`, `lang/program_layout.def`, `lang/verify.h`) by `docs/bytecode.sh`.

A program is self-contained: a host that runs it needs no compiler. It never changes; plans and journals name it by its digest.

## Code

Code is 32-bit words. An instruction is one word, its number in the low 8 bits, operand A in the high 24; where it has an
operand B, that is the word behind it. Values are 64-bit integers, one of them meaning "unknown"; a truth is 0, 1 or unknown.

A *region* is expression code: nothing in it waits, it ends in RETURN and leaves a value or has collected members. A *strand*
is the code of a run's main line or of one member of a fan-out; between its steps stands expression code. Address 0 is always
RETURN and means "no region".

| operand | is |
|---|---|
| IMM | a signed number of 24 bits |
| COUNT | a small number |
| SLOT | one of 12 variables |
| JUMP | the address of an instruction |
| STR, CONST | a string, a 64-bit constant |
| any other | a row of the table of that name |

TEXT
awk -f docs/bytecode.awk lang/opcode.def
cat <<'TEXT'
## What is checked before a program is used

A program from a file, and one fresh from the compiler, is proved harmless before anything else is done with it. The rules
have numbers; a diagnostic names the one that was broken (`tagout explain E0605`).

TEXT
sed -n 's/^  RULE([A-Z]*, "\(.*\)").*/\1/p' lang/verify.h | awk '{ printf "%d. %s\n", NR, $0 }'
cat <<'TEXT'

So the machine that runs a program checks nothing twice: a stack cannot overflow, a number cannot pass for a member of the
fleet, a lockout cannot be left behind. What a hostile program could still do is what a runbook can do: look at its
disassembly before you approve a plan that someone else made.

## The file

All integers are little-endian; nothing is aligned, nothing lies between the parts or behind the last.

| offset | bytes | what |
|---|---|---|
| 0 | 8 | mark: `89 'T' 'G' 'T' 0d 0a 1a 0a` |
| 8 | 4 | format version, 1 |
| 12 | 4 | number of sections |
| 16 | 8 | length of the file |
| 24 | 32 | SHA-256 of all other bytes |
| 56 | 16 | name, title, owner (strings), entry (address) |
| 72 | | sections: strings, then one per table |

A section is its number, the bytes of a row (0 for strings), the number of rows and the bytes of all rows, four bytes each,
and then the rows. A string is its bytes and a NUL; string 0 is empty. The fields of a row stand behind each other:

| class | bytes | is |
|---|---|---|
| WORD, SMALL, SLOT | 4 | a number |
| INT, MS | 8 | a signed number; milliseconds, not negative |
| FLAG, CHOICE3 | 1 | 0 or 1; 0, 1 or 2 |
| STR | 4 | a string |
| TYPE | 8 | class of a value, and what it refers to |
| REF, OPT | 4 | a row; OPT: or 4294967295 for none |
| ROWS, LIST, CODES | 8 | first and count: of rows, of rows by way of `index_list`, of numbers in `index_list` |
| REGION, PLACE | 4 | an address; 0 for none |
| BYTES | 32 | as they are |

TEXT
awk -f docs/bytecode.awk lang/program_layout.def
