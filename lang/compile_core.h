/* compile_core: what the parts of the compiler (compile*.c) share; nothing else includes it.
 *
 * Variables. The checker counts the variables around each binder; where a procedure is inlined, its variables start
 * behind those in scope at the `run`. Iterators that count or quantify take the next free ones and give them back. */
#ifndef TAGOUT_LANG_COMPILE_CORE_H
#define TAGOUT_LANG_COMPILE_CORE_H

#include "lang/compile.h"
#include "lang/limits.h"
#include "lang/program_build.h"

/* A runbook, a procedure where it is inlined, or a contract: what its symbols are here. */
typedef struct Frame {
  struct Frame *outer;
  const Body *body;        /* NULL: a contract */
  uint32_t slot_base;
  uint32_t *gates, *remembers; /* by symbol index: row, or NONE_INDEX until it has one */
  NodeList params;         /* of a contract */
} Frame;

/* The member of the innermost fan-out: what an exit without a target speaks of. */
typedef struct AtHand { struct AtHand *outer; uint32_t slot, kind; } AtHand;

typedef VEC(uint32_t) Fixups; /* jumps that wait for their target */

/* What went wrong, in words, made only where nobody handles it: before, the name, after, the text of the span. */
typedef struct Wrong { const char *before; Atom name; const char *after; Span span; } Wrong;

/* An open iterator. */
typedef struct Loop { uint32_t next, slots; } Loop;

typedef struct Compiler {
  Compilation *c;
  ProgramBuild *b;
  Arena *arena;
  RunbookDecl *runbook;
  const Body *body;        /* of the runbook */
  Frame *frame;
  AtHand *member;          /* NULL outside of fan-outs */
  uint32_t gate;           /* inside the handlers of a gate that asks per member: its row; else NONE_INDEX */
  const Fan *fan_clauses;  /* while limits and tolerances of a fan-out are compiled: what 6% of its members is of */
  uint32_t step;           /* row of the enclosing step, or NONE_INDEX */
  uint32_t retry;          /* where the step that is being handled begins; NONE_INDEX: no handler */
  uint32_t slots;          /* variables in use */
  uint32_t kinds[LIMIT_SLOTS]; /* of the entities in them; NONE_INDEX: no entity, or nothing that has a name */
  uint32_t iterators, nesting; /* open ones; operands that wait on the stack */
  bool emergency;          /* in the block of one: what nobody handles ends it */
  bool alive;              /* does control reach the next instruction? */
  bool round_up;           /* a part of a whole must be reached, not kept below */
  bool failed;             /* a limit was passed and reported */
  uint32_t *actions;       /* by symbol index: row, or NONE_INDEX */
  StrId *strings;          /* by atom: string, 0 not asked for yet */
  uint32_t string_count;
  VEC(const Symbol *) wanted; /* actions with a row, in the order of their rows */
  Buf scratch;
  const Source *line_source; /* the place whose line was asked for last */
  uint32_t line_row;       /* row of line_source */
  SrcPos line_pos;
  uint32_t line;
} Compiler;

/* ---- compile.c: helpers of all ---- */
StrId compile_atom(Compiler *k, Atom a);
StrId compile_slice(Compiler *k, Span span);                   /* the source text, white space folded */
const char *compile_literal_text(const Compilation *c, const Node *text, Arena *arena); /* without ${}; "" for NULL */
StrId compile_plain_text(Compiler *k, const Node *text);       /* the same, as a string of the program */
void compile_fold(Compiler *k, Span span, Buf *out);           /* the same, appended */
uint32_t compile_line(Compiler *k, SrcPos pos);
void compile_mark(Compiler *k, const Node *n);                 /* the next instruction comes from there */
ValueType compile_value_type(TypeId t);
uint32_t compile_action(Compiler *k, const Symbol *action);          /* its row; asks for its contract */
void compile_limit(Compiler *k, Span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
int64_t compile_constant(const Node *n);                       /* NULL: 0 */
Frame *compile_new_frame(Compiler *k, const Body *body);       /* inside the present one */
Frame *compile_frame_of(Compiler *k, const Body *body);

/* ---- compile_expr.c ---- */
void compile_expr(Compiler *k, const Node *e);                 /* leaves its value */
void compile_text(Compiler *k, const Node *text);
bool compile_asks(const Node *n);                              /* does it read facts or metrics? */
CodeRef compile_value_region(Compiler *k, const Node *e);      /* 0 for NULL */
CodeRef compile_text_region(Compiler *k, const Node *text);    /* 0 for NULL */
uint32_t compile_remember_row(Compiler *k, const Symbol *s);
uint32_t compile_sense_begin(Compiler *k, bool asks);
void compile_sense_end(Compiler *k, uint32_t sense);
void compile_sensed(Compiler *k, const Node *e);               /* in a strand: reads first what it asks for */

/* ---- compile_set.c ---- */
Loop compile_each(Compiler *k, const Node *source, uint32_t slot);  /* opens an iterator into a variable */
Loop compile_each_filtered(Compiler *k, const Binder *b);           /* the binder's members that surely pass its filter */
Loop compile_each_of_fan(Compiler *k, const Fan *f);                /* the same, or those that a gate said yes to */
void compile_round(Compiler *k, Loop *loop);                        /* the next round; behind it the iterator is closed */
uint32_t compile_spare_slot(Compiler *k, Span span);
uint32_t compile_binder_slot(Compiler *k, const Binder *b);
uint32_t compile_source_kind(const Node *source);
void compile_count(Compiler *k, const Node *source, const Binder *filtered); /* leaves how many */
void compile_quantified(Compiler *k, const Quantified *q);
void compile_share(Compiler *k, const Share *s);
void compile_in_set(Compiler *k, const Node *subject, const Node *set);
CodeRef compile_members(Compiler *k, const Node *source);          /* region: collects all of it */
const Symbol *compile_frozen_set(Compiler *k, const Node *set);     /* the set that a name means; NULL: no such name */
CodeRef compile_filtered(Compiler *k, const Binder *b);            /* region: collects what passes */
CodeRef compile_fan_members(Compiler *k, const Fan *f);
bool compile_fan_asks(const Fan *f);
const Symbol *compile_run_set(Compiler *k, uint32_t kind);         /* the runbook's set of that kind; NULL: none */

/* ---- compile_stmt.c ---- */
void compile_block(Compiler *k, const Node *block);
void compile_statement(Compiler *k, const Node *s);
void compile_statements(Compiler *k, NodeList list);
void compile_land(Compiler *k, Fixups *jumps);                     /* they lead here; empties the list */
uint32_t compile_jump(Compiler *k, Opcode op);
void compile_call(Compiler *k, const Call *call, Fixups *done);

/* ---- compile_exit.c ---- */
bool compile_exit(Compiler *k, const Node *s);                     /* false: s is no exit */
void compile_handlers(Compiler *k, const NodeList *handlers, Wrong wrong, uint32_t again, Fixups *done);

/* ---- compile_emergency.c ---- */
void compile_watches(Compiler *k);                                 /* behind the head: what is refused cuts nothing off */
void compile_emergencies(Compiler *k);                             /* behind the main strand */

/* ---- compile_scope.c ---- */
void compile_step(Compiler *k, const Step *s);
void compile_each_statement(Compiler *k, const Each *e);
void compile_lockout(Compiler *k, const Lockout *l);
void compile_attempt(Compiler *k, const Attempt *a);
void compile_throughout(Compiler *k, const Throughout *t, NodeList rest);
void compile_setting(Compiler *k, const WithSetting *s);
void compile_gate(Compiler *k, const Gate *g);

/* ---- compile_incident.c ---- */
void compile_on_incident(Compiler *k, const OnIncident *o);
void compile_unless(Compiler *k, const Unless *u);
bool compile_is_attachment(Compiler *k, const ParamDecl *p);       /* a field that is one */
Slice compile_limits(Compiler *k, const NodeList *limits);
Slice compile_order(Compiler *k, const NodeList *order);

/* ---- compile_campaign.c ---- */
void compile_campaign_member(Compiler *k);                         /* from here on its variable is known; of a campaign only */
void compile_campaign(Compiler *k, const Campaign *c);

/* ---- compile_tables.c, compile_head.c, compile_contract.c ---- */
void compile_tables(Compiler *k);                                  /* kinds, facts and what else is declared once */
void compile_head(Compiler *k);                                    /* rows of the head, and its instructions */
void compile_selects_after(Compiler *k, const Symbol *step, uint32_t row);
void compile_adversaries(Compiler *k);
void compile_contracts(Compiler *k);                               /* of every action that is wanted */
Slice compile_needs(Compiler *k, const NodeList *conditions);
Slice compile_params(Compiler *k, const NodeList *params);         /* of a contract or a policy: variables 0.. */
void compile_policies(Compiler *k);                                /* behind the body: of what it reaches */

#endif
