/* scope: the table of names, used by the checker alone. Every atom heads a chain of the symbols of that name,
 * the innermost first; a chain is as long as the name has meanings, which is one or two. Global symbols stay;
 * local ones are pushed while a body is walked and popped in reverse order. */
#ifndef TAGOUT_LANG_SCOPE_H
#define TAGOUT_LANG_SCOPE_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/symbols.h"

typedef struct Scope {
  Symbol **heads; /* by atom */
  uint32_t head_len;
  VEC(Symbol *) locals; /* those to be popped, in order of arrival */
  VEC(Symbol *) globals;
} Scope;

void scope_init(Scope *s);
void scope_done(Scope *s);
void scope_add_global(Scope *s, Symbol *symbol);
void scope_push(Scope *s, Symbol *symbol);
static inline uint32_t scope_mark(const Scope *s) { return s->locals.len; }
void scope_pop(Scope *s, uint32_t mark); /* back to what scope_mark said */

/* The first meaning of any namespace; follow `outer`. */
static inline Symbol *scope_head(const Scope *s, Atom name) {
  return name < s->head_len ? s->heads[name] : NULL;
}
static inline Symbol *scope_next(Symbol *from, Namespace space) {
  while (from && from->space != space) from = from->outer;
  return from;
}
static inline Symbol *scope_find(const Scope *s, Atom name, Namespace space) {
  return scope_next(scope_head(s, name), space);
}

#endif
