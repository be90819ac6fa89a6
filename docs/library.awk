# library.awk: one module of stdlib as a section of docs/library.md. Reads the canonical layout: one declaration per block, one
# clause per line. Run by docs/library.sh.

function title(s) { return match(s, /"[^"]*"/) ? substr(s, RSTART + 1, RLENGTH - 2) : "" }
function untitled(s) { sub(/ *"[^"]*"/, "", s); return s }
function strip(s, pattern) { sub(pattern, "", s); return s }
function row(head, text) {
  if (heading != head) { if (heading != "") print ""; print head; heading = head }
  print text
}

# What stands deeper than a clause goes on with the line before; so does a title on a line of its own.
{ if (($0 ~ /^ +"/ || $0 ~ /^    /) && n > 0) lines[n] = lines[n] " " strip($0, "^ +"); else lines[++n] = $0 }

END {
  for (i = 1; i <= n && lines[i] ~ /^#/; i++) header = header strip(lines[i], "^# ?") "\n"
  for (; i <= n && lines[i] !~ /^module /; i++) ;
  split(lines[i], word, " ")
  print "## " word[2] "\n"
  header = strip(header, "^[a-z]+: ")
  print toupper(substr(header, 1, 1)) substr(header, 2)
  for (i++; i <= n; i++) {
    line = lines[i]
    if (line ~ /^type /) {
      split(strip(line, "^type +"), part, / *: */)
      row("| type | values |\n|---|---|", "| `" part[1] "` | " part[2] " |")
    } else if (line ~ /^(role|channel) /) {
      split(line, word, " ")
      row("| " word[1] " | |\n|---|---|", "| `" word[2] "` | " title(line) " |")
    } else if (line ~ /^fact /) {
      plain = untitled(strip(line, "^fact "))
      name = strip(plain, " of .*"); of = strip(strip(plain, "^.* of "), " *:.*"); values = strip(plain, "^[^:]*: *")
      row("| fact | of | values | |\n|---|---|---|---|", "| `" name "` | " of " | " values " | " title(line) " |")
    } else if (line ~ /^(metric|setting) /) {
      split(line, word, " ")
      plain = untitled(strip(line, "^[a-z]+ ")); of = strip(strip(plain, "^.* of "), " *:.*"); values = strip(plain, "^[^:]*: *")
      row("| " word[1] " | of | values | |\n|---|---|---|---|", "| `" word[2] "` | " of " | " values " | " title(line) " |")
    } else if (line ~ /^kind /) {
      attributes = ""
      for (i++; lines[i] !~ /^}/; i++) {
        split(strip(strip(lines[i], " *#.*$"), "^ *(key )?"), part, / *: */)
        attributes = attributes (attributes == "" ? "" : ", ") "`" part[1] "` " part[2]
      }
      row("| kind | what it is | attributes |\n|---|---|---|",
          "| `" strip(strip(untitled(line), "^kind "), " *\\{$") "` | " title(line) " | " attributes " |")
    } else if (line ~ /^action /) {
      makes = needs = takes = undo = through = ""
      for (i++; lines[i] !~ /^}/; i++) {
        clause = strip(strip(lines[i], "^ +"), " +#.*$")
        if (clause ~ /^(also )?(makes|learns) /) makes = makes (makes == "" ? "" : "<br>") strip(clause, "^(also )?makes +")
        if (clause ~ /^needs /) needs = needs (needs == "" ? "" : "<br>") strip(clause, "^needs +")
        if (clause ~ /^takes /) takes = strip(clause, "^takes +")
        if (clause ~ /^through /) takes = takes "<br>" clause
        if (clause ~ /^undo /) undo = strip(clause, "^undo +")
      }
      row("| action | makes | needs | takes | undo |\n|---|---|---|---|---|",
          "| `" strip(strip(untitled(line), "^action "), " *\\{$") "` " title(line) " | " makes " | " needs " | " takes " | " undo " |")
    } else if (line ~ /^(automation|hazard|policy) /) {
      split(line, word, " ")
      acts = ""
      for (i++; lines[i] !~ /^}/; i++)
        if (lines[i] !~ /^ +(on |lock |backlog )/) acts = acts (acts == "" ? "" : "<br>") untitled(strip(lines[i], "^ +"))
      row("| " word[1] " | " (word[1] == "policy" ? "rules" : "does") " |\n|---|---|",
          "| `" strip(strip(untitled(line), "^[a-z]+ "), " *\\{$") "` " title(line) " | " acts " |")
    }
  }
  print ""
}
