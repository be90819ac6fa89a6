/* suggest: the nearest of some names to one that was not found, for "did you mean". Offer the candidates one by
 * one; of equally near ones the first wins, so the answer depends only on their order. */
#ifndef TAGOUT_LANG_SUGGEST_H
#define TAGOUT_LANG_SUGGEST_H

#include <stddef.h>

typedef struct Suggest {
  const char *wanted; /* as written; must outlive the Suggest */
  size_t len;
  const char *best;   /* nearest so far, or NULL */
  unsigned distance;  /* of best */
  unsigned limit;     /* farther than that is no suggestion */
} Suggest;

Suggest suggest_begin(const char *wanted, size_t len);
void suggest_offer(Suggest *s, const char *candidate); /* NUL-terminated, must outlive the Suggest */
const char *suggest_best(const Suggest *s);            /* NULL: nothing is near enough */

#endif
