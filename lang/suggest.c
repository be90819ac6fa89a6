/* suggest: see suggest.h. Distance is the number of inserted, deleted, changed or swapped bytes. A difference of
 * case only is nearer than any edit; a name that the wanted one is the beginning of is as near as the limit. */
#include <config.h>

#include "lang/suggest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define LONGEST 64u /* longer names get no suggestion: their table would cost more than it tells */

Suggest suggest_begin(const char *wanted, size_t len) {
  unsigned limit = len <= 2 ? 1 : (unsigned)(len <= LONGEST ? len : LONGEST) / 3;
  return (Suggest){.wanted = wanted, .len = len, .distance = limit + 1, .limit = limit};
}

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Optimal string alignment, three rows at a time. */
static unsigned edit_distance(const char *a, size_t a_len, const char *b, size_t b_len) {
  unsigned rows[3][LONGEST + 1];
  unsigned *before = rows[0], *above = rows[1], *row = rows[2];
  for (size_t j = 0; j <= b_len; j++) above[j] = (unsigned)j;
  for (size_t i = 1; i <= a_len; i++) {
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= b_len; j++) {
      unsigned cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = least(above[j - 1] + cost, least(above[j], row[j - 1]) + 1);
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = least(row[j], before[j - 2] + 1);
    }
    unsigned *oldest = before;
    before = above;
    above = row;
    row = oldest;
  }
  return above[b_len];
}

void suggest_offer(Suggest *s, const char *candidate) {
  size_t len = strlen(candidate);
  if (s->len == 0 || len == 0 || s->len > LONGEST || len > LONGEST) return;
  unsigned distance;
  if (len == s->len && strncasecmp(s->wanted, candidate, len) == 0) distance = 0;
  else distance = edit_distance(s->wanted, s->len, candidate, len);
  if (distance >= len) return; /* nothing in common: `x` is no misspelling of `y` */
  if (s->len >= 3 && len > s->len && strncmp(s->wanted, candidate, s->len) == 0)
    distance = least(distance, s->limit);
  if (distance >= s->distance) return;
  s->best = candidate;
  s->distance = distance;
}

const char *suggest_best(const Suggest *s) { return s->best; }
