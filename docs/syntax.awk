# The rows of lang/keyword.def as a table of docs/reference/syntax.md, sorted by word.
BEGIN {
  class["RESERVED"] = "reserved"; class["OPENER"] = "opens"; class["SOFT"] = ""; class["LATER"] = "reserved for later"
  line["BREAKS"] = ""; line["GOES_ON"] = "goes on"; line["WAITS"] = "waits"; line["BINDS"] = "waits, goes on"
}
/^KEYWORD\(/ {
  split($0, f, /[(,]/)
  word = f[3]; gsub(/[ "]/, "", word)
  c = f[4]; gsub(/ /, "", c)
  l = f[5]; gsub(/ /, "", l)
  sentence = $0
  sub(/^[^"]*"[^"]*"[^"]*"/, "", sentence)
  sub(/"\)$/, "", sentence)
  row[++n] = "| `" word "` | " class[c] " | " line[l] " | " sentence " |"
  key[n] = word
}
END {
  for (i = 2; i <= n; i++) {
    for (j = i; j > 1 && key[j] < key[j - 1]; j--) {
      t = key[j]; key[j] = key[j - 1]; key[j - 1] = t
      t = row[j]; row[j] = row[j - 1]; row[j - 1] = t
    }
  }
  for (i = 1; i <= n; i++) print row[i]
}
