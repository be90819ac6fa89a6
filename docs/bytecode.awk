# bytecode.awk: tables of docs/reference/bytecode.md. Run by docs/bytecode.sh over opcode.def (a table per group of
# instructions) and over program_layout.def (a row per table of a program).

function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }

/^\/\* ---- / && FILENAME ~ /opcode/ {
  heading = $0
  sub(/^\/\* ---- /, "", heading)
  sub(/ ----.*/, "", heading)
  sub(/[:;].*/, "", heading)
  heading = toupper(substr(heading, 1, 1)) substr(heading, 2)
  printf "### %s\n\n| instruction | A | B | takes | leaves | waits | |\n|---|---|---|---|---|---|---|\n", heading
  open = 1
}

/^OP\(/ {
  text = $0
  sub(/^[^"]*"/, "", text)
  sub(/"\)$/, "", text)
  head = $0
  sub(/^OP\(/, "", head)
  sub(/"[^"]*"\)$/, "", head)
  n = split(head, part, ",")
  a = trim(part[2]); b = trim(part[3]); pops = trim(part[4])
  printf "| `%s` | %s | %s | %s | %s | %s | %s |\n", trim(part[1]), a == "NONE" ? "" : a, b == "NONE" ? "" : b,
         pops == "-1" ? "A" : pops, trim(part[5]), trim(part[6]) == "1" ? "yes" : "", text
  next
}

open && /^$/ { print ""; open = 0 }

/^(FIELD|SCALAR)\(/ {
  head = $0
  scalar = head ~ /^SCALAR/
  sub(/^[A-Z]*\(/, "", head)
  sub(/\)$/, "", head)
  split(head, part, ",")
  table = trim(part[1])
  klass = trim(part[scalar ? 3 : 4])
  target = trim(part[scalar ? 4 : 5])
  field = (scalar ? "value" : trim(part[3])) " " klass (target == "code" ? "" : " of " target)
  if (!(table in fields)) { order[++tables] = table; fields[table] = field }
  else fields[table] = fields[table] ", " field
}

END {
  if (open) print ""
  if (tables) print "| table | fields |\n|---|---|"
  for (i = 1; i <= tables; i++) printf "| `%s` | %s |\n", order[i], fields[order[i]]
}
