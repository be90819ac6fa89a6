# tree.sh: the hand-written files of the tree under test, for the scripts that read it. Source it after tap.sh.
# In a checkout they are what git tracks; in an unpacked tarball, everything that no generator wrote.
# shellcheck shell=sh

tree=${srcdir:-.}

# Paths from the top, one per line; those that match the extended regular expression $1.
tree_files() {
  (
    cd "$tree" || exit 1
    files=$(git ls-files 2>/dev/null) || files=
    if test -z "$files"; then
      files=$(find lang runtime stdlib runbooks cli tests docs editors bench ./*.* -type f 2>/dev/null | sed 's,^\./,,' |
        grep -vE '\.(o|a|log|trs|in|m4)$|(^|/)\.|^config\.|^(lang/explain|stdlib/stdlib)_files\.c$')
    fi
    printf '%s\n' "$files" | grep -vE '^lang/(grammar\.[ch]|grammar_quick\.c|scanner\.c)$' | grep -E "$1" |
      while IFS= read -r file; do if test -f "$file"; then printf '%s\n' "$file"; fi; done | LC_ALL=C sort
  )
}

# tree_none WHAT: ok when the file $found is empty; each line of it is one violation.
found=$(mktemp)
trap 'rm -f "$found"' EXIT
tree_none() {
  if test -s "$found"; then
    tap_fail "$1"
    head -n 40 "$found" | tap_comment
  else
    tap_pass "$1"
  fi
}

# tree_grep FILES PATTERN: FILE:LINE:TEXT of each match of the extended regular expression; FILES as tree_files takes it.
tree_grep() {
  tree_files "$1" | (cd "$tree" && xargs -r grep -nHE -e "$2" --) || :
}

# Standard input without the lines that match $1.
except() { grep -vE -e "$1" || :; }

tree_files '\.c$' | grep -q . || { echo "Bail out! no source under $tree"; exit 1; }
