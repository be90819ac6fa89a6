#!/bin/sh
# embed.sh OUT.c TABLE FOLDER SUFFIX: every file FOLDER/*SUFFIX as C arrays, and TABLE, an EmbeddedSet (lang/embedded.h)
# sorted by name. A make rule calls it every time: it does nothing when OUT is newer than all of them.
set -eu
LC_ALL=C
export LC_ALL
out=$1 table=$2 folder=$3 suffix=$4

if test -f "$out" && test -z "$(find "$folder" "$0" -newer "$out" 2>/dev/null | head -n 1)"; then
  exit 0
fi

mkdir -p "$(dirname "$out")"
tmp=$out.$$.tmp
trap 'rm -f "$tmp"' EXIT
count=0
rows=
{
  echo '/* Written by lang/embed.sh: do not edit. */'
  echo '#include <config.h>'
  echo
  echo '#include "lang/embedded.h"'
  for file in "$folder"/*"$suffix"; do
    test -f "$file" || continue
    name=${file##*/}
    name=${name%"$suffix"}
    echo
    echo "static const unsigned char text_${count}[] = {"
    # Two NULs end every text: the scanner wants them behind its input.
    od -An -v -tu1 "$file" | sed 's/  */,/g; s/^,//; s/$/,/'
    echo '0,0};'
    rows="$rows
  {\"$name\", (const char *)text_$count, sizeof text_$count - 2},"
    count=$((count + 1))
  done
  echo
  # One row more than counted: an empty table is no C.
  echo "static const EmbeddedFile files[] = {$rows"
  echo '  {0, 0, 0}};'
  echo
  echo "const EmbeddedSet $table = {files, $count};"
} >"$tmp"
# The folder is newer also when something else in it changed: then nothing that depends on OUT is made again.
if cmp -s "$tmp" "$out"; then exit 0; fi
mv "$tmp" "$out"
echo "  EMBED    $out ($count files)"
