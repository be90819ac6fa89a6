# Puts the grammar together: the parts of grammar*.y as they are, with one token per row of keyword.def and the rules
# for words that may be names in front of the last `%%`. Usage: awk -f grammar.awk keyword.def grammar.y ... >whole.y
FILENAME ~ /keyword\.def$/ {
  if ($0 !~ /^KEYWORD\(/) next
  split($0, field, /[(,]/) # KEYWORD(TOKEN, "spelling", CLASS, NEWLINE, ...
  for (i = 2; i <= 4; i++) gsub(/ /, "", field[i])
  tokens = tokens "%token <atom> " field[2] " " field[3] " ;\n"
  if (field[4] == "SOFT") soft = soft " | " field[2]
  if (field[4] == "OPENER") opener = opener " | " field[2]
  next
}
$0 == "%%" && ++parts == 2 {
  print "/* Words of keyword.def. */"
  printf "%s", tokens
  print "%nterm <atom> soft opener ;"
  print "soft: " substr(soft, 4) ";"
  print "opener: " substr(opener, 4) ";"
}
{ print }
