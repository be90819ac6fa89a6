/* braces: which `{` lacks its `}`, and which `}` is one too many, told from the indentation. Only asked when the braces
 * of a file do not add up. Internal to the front end. */
#ifndef TAGOUT_LANG_BRACES_H
#define TAGOUT_LANG_BRACES_H

#include "lang/source.h"
#include <stdbool.h>

typedef struct BraceRepair {
  SrcPos at;      /* of the `}` that is too many; of the first token of the line before which one is missing */
  Span opener;    /* whose `}` is missing; {0,0}: the one at `at` is too many */
  uint32_t indent; /* where the missing one would stand */
} BraceRepair;

typedef struct BraceRepairs { BraceRepair *items; uint32_t len, cap; } BraceRepairs;

/* Adds, in order of place, what makes the braces add up. False, and nothing added: the indentation does not tell. */
bool braces_repair(const Source *s, BraceRepairs *ret);

#endif
