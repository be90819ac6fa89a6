/* mutate_state: what the parts of the mutator share. mutate.c owns the list and the text; mutate_stmt.c knows statements,
 * mutate_exit.c the ways out of them, mutate_fan.c fan-outs and heads, mutate_cond.c conditions and sets. Internal to
 * the mutator. */
#ifndef TAGOUT_LANG_MUTATE_STATE_H
#define TAGOUT_LANG_MUTATE_STATE_H

#include "lang/compilation.h"
#include "lang/mutate.h"

typedef struct Mutator {
  const Compilation *c;
  const Source *source;
  Arena *arena;
  MutantList *out;
  const char *runbook; /* "" in a procedure */
  const Body *body;
  Atom member;         /* the variable of the innermost fan-out or gate; 0: none */
} Mutator;

/* ---- mutate.c ---- */

/* A new mutant at the end of the list; the pointer holds until the next one. */
Mutant *mutant_new(Mutator *m, MutantKind kind, Span place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void mutant_replace(Mutant *mutant, Span span, const char *text);
void mutant_remove(Mutator *m, Mutant *mutant, Span span); /* leaves its line ends */
const char *text_at(Mutator *m, Span span);                /* as it stands in the source */
const char *brief_at(Mutator *m, Span span);               /* on one line, and not long: for sentences */
uint32_t line_at(Mutator *m, Span span);
/* Where the word or sign stands that is the last before pos, or 0 when it is another. */
SrcPos word_before(const Mutator *m, SrcPos pos, const char *word);
const char *words_of(Mutator *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline const char *name_of(Mutator *m, Name name) { return intern_text(m->c->names, name.atom); }

/* ---- the walk; `of` names the surroundings in sentences: "the confirm of line 72" ---- */
void mutate_block(Mutator *m, Node *block);                       /* accepts NULL */
void mutate_handlers(Mutator *m, NodeList handlers, const char *of, bool gate);
void mutate_exit(Mutator *m, Node *exit, const char *of, bool gate);
bool stmt_is_exit(const Node *stmt);
void mutate_fan(Mutator *m, Node *fan, const char *of);           /* accepts NULL */
void mutate_limits(Mutator *m, NodeList limits, bool may_drop, const char *of);
void mutate_threshold(Mutator *m, Node *amount, const char *of);  /* accepts NULL and what is no threshold */
void mutate_head(Mutator *m, NodeList clauses);
void mutate_condition(Mutator *m, Node *condition, MutantKind drop, const char *of); /* accepts NULL */
void mutate_binder(Mutator *m, Node *binder, const char *of);     /* accepts NULL */

#endif
