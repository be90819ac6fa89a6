/* repair_state: what the parts of repair share. repair.c owns the table of kinds and what is offered, repair_trial.c tries,
 * repair_diff.c writes an edit as few ranges as it needs, repair_find.c finds in the tree what a finding is about and gives the
 * words; each repair_KIND.c proposes. A proposal claims nothing: what does not compile or does not help is dropped. */
#ifndef TAGOUT_CLI_REPAIR_STATE_H
#define TAGOUT_CLI_REPAIR_STATE_H

#include "cli/repair.h"
#include "lang/ast.h"
#include "lang/mutate.h"

#define MENDER_DEPTH 24u
#define MENDER_LEAVES 8u
#define PROPOSAL_EDITS 6u

/* The edits lie in one source and do not overlap. what: an order without a full stop. */
typedef struct Proposal { SourceEdit edits[PROPOSAL_EDITS]; uint32_t count; const char *what; } Proposal;
typedef struct ProposalList { Proposal *items; uint32_t len, cap; } ProposalList;

/* A statement on the way from the body down to the place, in the list that it stands in. */
typedef struct Frame { Node *node; NodeList list; uint32_t at; } Frame;

/* The parameters of a contract or policy and what stands for them at the call. */
typedef struct Terms { const struct Symbol *from[MENDER_LEAVES]; const char *to[MENDER_LEAVES]; uint32_t count; } Terms;

typedef struct Mender {
  const Compilation *c;
  const Program *p;
  const Finding *f;
  Arena *arena;
  RunbookDecl *runbook;
  const Source *source;                /* where the place is: what is edited */
  SrcPos at;                           /* the place: the first word of its line */
  Frame frames[MENDER_DEPTH];          /* outermost first; depth 0: no place is known */
  uint32_t depth;
  Call *call;                          /* at the place, of the action that the finding is about; or NULL */
  ActionDecl *action;                  /* its contract */
  Node *rule;                          /* the condition that does not hold; NULL: none can be named */
  Node *leaves[MENDER_LEAVES];         /* its parts, without `and` and `or` */
  uint32_t leaf_count;
  Terms terms;                         /* of the rule */
  ProposalList out;
} Mender;

/* ---- repair_find.c ---- */
bool mender_look(Mender *m);                                    /* fills the rest from c, p, f, arena; false: nothing to edit */
void each_node(Node *n, void (*see)(void *ctx, Node *n), void *ctx); /* n and all below it, n first; accepts NULL */
const Fan *fan_of(const Node *stmt);                            /* of a step or an `each`; NULL: it has none */
const Fan *fan_around(const Mender *m, uint32_t depth);         /* the innermost around frame `depth`; NULL: none */
Block *block_of(Node *stmt);                                    /* of a step, an `each`, a lockout, an attempt; NULL */
Lockout *lockout_around(const Mender *m);                       /* NULL: none */
Attempt *attempt_around(const Mender *m, bool *ret_rolling);    /* *ret_rolling: the place is in its roll back */
Symbol *set_of_kind(const Mender *m, uint32_t kind);            /* that the runbook selects; NULL: none */
const Node *declared(const SymbolList *list, const Compilation *c, const char *name); /* by name: a program has only what it uses */
const ActionDecl *called_action(const Mender *m, uint32_t call); /* the contract of a row of calls; NULL: none */
Symbol *fact_named(const Mender *m, const char *name);          /* the fact of that name; NULL: none is declared */

bool happened(const Mender *m, MoveKind kind);                  /* on the way to the finding */

/* ---- words, in the arena ---- */
const char *source_words(const Mender *m, Span span);           /* as it stands in whatever source */
const char *name_words(const Mender *m, Name name);
const char *in_terms(const Mender *m, const Node *n);           /* with what stands at the call; NULL: a name would change its meaning */
const char *indent_at(const Mender *m, SrcPos pos);             /* the blanks before the statement's line */
const char *exit_words(Mender *m, uint32_t depth, const char *why); /* how a member leaves beside frame `depth - 1`, as its neighbours do */
const char *ordinary_word(const Mender *m, const Symbol *fact); /* its first value; NULL: it has no words */

/* ---- proposals ---- */
Proposal *propose(Mender *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void edit_replace(Proposal *p, Span span, const char *text);
void edit_insert(Proposal *p, SrcPos at, const char *text);
void insert_before(Mender *m, Proposal *p, const Node *stmt, const char *text); /* lines between \n; before a statement */
void insert_behind(Mender *m, Proposal *p, const Node *stmt, const char *text);
void use_module(Mender *m, Proposal *p, const struct Module *module); /* names it in the file, where it is not yet; accepts NULL */
void remove_lines(Mender *m, Proposal *p, Span span);           /* with the line end behind it, where it stands alone */

void move_before(Mender *m, const Node *stmt, const Node *to);

/* ---- the kinds ---- */
void repair_skip(Mender *m);
void repair_excuse(Mender *m);
void repair_lock_more(Mender *m);
void repair_lock_other(Mender *m);
void repair_lock_around(Mender *m);
void repair_hold(Mender *m);
void repair_ask_first(Mender *m);
void repair_make(Mender *m);
void repair_confirm(Mender *m);
void repair_words(Mender *m);
void repair_given(Mender *m);
void repair_alone(Mender *m);
void repair_swap(Mender *m);
void repair_move(Mender *m);
void repair_join(Mender *m);
void repair_forward(Mender *m);
void repair_where(Mender *m);
void repair_turn(Mender *m);
void repair_exit(Mender *m);
void repair_tolerate(Mender *m);
void repair_wait(Mender *m);
void repair_return(Mender *m);

/* ---- repair_trial.c ---- */
typedef struct Trial {
  bool compiles, proved, harmless;     /* harmless: nothing new is found, and what was done on a good day still is */
  bool gone;                           /* the finding that it was tried for */
  uint32_t states;
  const uint8_t *sent;                 /* of each action of the runbook as it was: Proof.sent of what it is now */
  const char *text; size_t len;        /* the whole source afterwards, in canonical layout where it was so before */
} Trial;
bool trial_does(const Repair *r, const Finding *f, const Trial *trial); /* what was sent before still is, and what f is about */
void trial_run(Repair *r, const Mender *m, const Proposal *p, Trial *ret);

/* ---- repair_diff.c ---- */
/* Few edits that lead from the source to the text, in order of place. At most `most`; 0: none. */
uint32_t diff_edits(const Source *s, const char *text, size_t len, SourceEdit *out, uint32_t most, Arena *arena);

#endif
