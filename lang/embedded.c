/* Finds an embedded file by name. The tables themselves are written by lang/embed.sh. */
#include <config.h>

#include "lang/embedded.h"

#include <string.h>

static int compare_name(const char *name, size_t len, const char *other) {
  size_t other_len = strlen(other);
  int order = memcmp(name, other, len < other_len ? len : other_len);
  if (order != 0) return order;
  return (len > other_len) - (len < other_len);
}

const EmbeddedFile *embedded_find(const EmbeddedSet *set, const char *name, size_t len) {
  size_t lo = 0, hi = set->count;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    int order = compare_name(name, len, set->files[mid].name);
    if (order == 0) return &set->files[mid];
    if (order < 0) hi = mid;
    else lo = mid + 1;
  }
  return NULL;
}
