#!/bin/sh
# The sample inventories in the tree are what their generator makes, with whatever awk this machine has.
set -eu
here=$(dirname "$0")
. "$here/lib/tap.sh"
samples=${srcdir:-.}/runbooks/samples
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

for awk in awk mawk gawk original-awk 'busybox awk'; do
  command -v "${awk%% *}" >/dev/null || continue
  rm -rf "$made"/*
  $awk -v out="$made" -f "$samples/generate.awk" "$samples/clusters.csv"
  for file in $(cd "$made" && find . -type f | LC_ALL=C sort); do
    tap_run "$awk makes ${file#./}" cmp "$made/$file" "$samples/$file"
  done
  tap_is "$(cd "$made" && find . -type f | wc -l | tr -d ' ')" 11 "$awk makes eleven files"
done
tap_done
