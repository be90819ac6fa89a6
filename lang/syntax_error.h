/* syntax_error: one syntax error; the tokens that could have stood where another did, and how a message says them. Internal to the
 * front end. */
#ifndef TAGOUT_LANG_SYNTAX_ERROR_H
#define TAGOUT_LANG_SYNTAX_ERROR_H

#include "lang/parse_state.h"

typedef struct Expected {
  const int *tokens;
  uint32_t count;
} Expected;

/* One syntax error: the token that cannot stand, the one before it, and what could stand. */
typedef struct Slip {
  Parse *p;
  int found;
  Span span;
  Token before;
  Expected expected;
} Slip;

/* syntax_habit.c: spellings of other languages, and of people. True: said. */
bool syntax_habit(const Slip *s);
bool syntax_gate(const Slip *s); /* the line is a gate, and the next one its `for each` */
void syntax_shape(const Slip *s, Diag *d); /* notes how the clause on the line is written */

bool expected_has(const Expected *e, int token);
/* "a name", "`,` or `)`", "a statement"; NULL when there is nothing short to say. In the arena. */
const char *expected_text(const Expected *e, Arena *arena);
/* "`needs`, `makes` or `takes`": what can begin a line where only some words can; NULL elsewhere. In the arena. */
const char *expected_openers(const Expected *e, Arena *arena);

#endif
