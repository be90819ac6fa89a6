/* syntax_error: the tokens that could have stood where another did, and how a message says them. Internal to the
 * front end. */
#ifndef TAGOUT_LANG_SYNTAX_ERROR_H
#define TAGOUT_LANG_SYNTAX_ERROR_H

#include "lang/parse_state.h"

typedef struct Expected {
  const int *tokens;
  uint32_t count;
} Expected;

bool expected_has(const Expected *e, int token);
/* "a name", "`,` or `)`", "a statement"; NULL when there is nothing short to say. In the arena. */
const char *expected_text(const Expected *e, Arena *arena);

#endif
