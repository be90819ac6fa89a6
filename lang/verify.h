/* verify: the parts of verify_code (verify_*.c); nothing else includes this. A program is checked once, when it is read
 * or compiled, by abstract interpretation: what kind of value each cell holds, which iterators and scopes are open. So
 * the virtual machine needs no check of its own, and a hostile file can do no more than a runbook could. The first
 * broken rule ends the check. */
#ifndef TAGOUT_LANG_VERIFY_H
#define TAGOUT_LANG_VERIFY_H

#include "lang/limits.h"
#include "lang/program.h"

/* The numbered rules; a diagnostic names the one that was broken. */
#define VERIFY_RULES(RULE) \
  RULE(DECODES, "every word of the code belongs to an instruction, and address 0 holds RETURN") \
  RULE(OPERANDS, "every operand is in its range") \
  RULE(TARGETS, "control goes to the start of an instruction, and back only to the next round of an iterator or to a held step") \
  RULE(STACK, "the stack is as deep as an instruction needs, never deeper than its limit, and equally deep where paths join") \
  RULE(ITERATORS, "an iterator is opened directly before its NEXT, closed on every path, and the same where paths join") \
  RULE(VALUES, "an instruction gets the kind of value that it works on") \
  RULE(REGIONS, "a region is expression code that ends in RETURN with what its owner expects") \
  RULE(STRANDS, "a strand ends in HALT, MEMBER_DONE, UNDO_END or an exit, and never runs into other code") \
  RULE(SCOPES, "scopes are closed in the order in which they were opened, on every path") \
  RULE(WAITING, "where a strand may wait, its stack is empty and no iterator is open") \
  RULE(VARIABLES, "a variable is set before it is read, and not changed inside a scope that relies on it") \
  RULE(OUTCOMES, "an outcome is asked for only behind a step that has one") \
  RULE(ONCE, "every row of a step is met by exactly one instruction") \
  RULE(WORK, "checking the code is not out of proportion to its length")

typedef enum VerifyRule {
#define RULE(name, text) RULE_##name,
  VERIFY_RULES(RULE)
#undef RULE
  RULE_COUNT
} VerifyRule;

/* What a cell holds: nothing that may be read, a number (truths, words, durations too), a text, the literal unknown, or
 * an entity of a kind (HOLDS_ENTITY + kind). */
typedef uint32_t Holds;
enum { HOLDS_NOTHING, HOLDS_NUMBER, HOLDS_TEXT, HOLDS_UNKNOWN, HOLDS_ENTITY, HOLDS_ANYTHING = UINT32_MAX /* only wanted, never held */ };

typedef enum ScopeKind { SCOPE_STEP, SCOPE_LOCKOUT, SCOPE_ATTEMPT, SCOPE_UNDO, SCOPE_ADJUST, SCOPE_GUARD, SCOPE_FAN } ScopeKind;
typedef struct Scope {
  const struct Scope *outer;
  ScopeKind kind;
  uint32_t row, depth;
  uint32_t kept;        /* bit per variable that must not change inside */
  bool can_roll_back;   /* an attempt is open here */
} Scope;

/* The state before an instruction. */
typedef struct State {
  Holds slots[LIMIT_SLOTS];
  uint32_t rounds[LIMIT_ITERATORS]; /* open iterators: the address of their NEXT */
  uint32_t depth, iterators;
  uint32_t sense_end;   /* inside the code of a SENSE: where it ends; 0 outside */
  const Scope *scope;   /* of a strand; NULL in a region and at the top of the main strand */
  bool outcome;         /* some step before has an outcome */
  Holds stack[LIMIT_STACK]; /* last, so that a copy needs only the cells in use */
} State;

/* A state kept for its address: that of a jump forward until the walk gets there, that of a way back until the walk is
 * behind the last jump that leads back. Few wait at a time, mostly for the newest, so they are searched from the end. */
typedef struct Label { uint32_t pc, until; State *state; } Label;

/* A region that was proved for these variables and this result: owners share regions. */
typedef struct Proved { CodeRef ref; Holds want, collects; Holds slots[LIMIT_SLOTS]; } Proved;

typedef struct Retry { uint32_t from, to; } Retry; /* an ON_OK that leads back */

/* One walk over code: a region, or all strands. */
typedef struct Walk {
  State now;
  bool alive;           /* does control reach pc at all? */
  bool strand;
  uint32_t pc, furthest; /* furthest: the highest address that a jump leads to */
  VEC(Label) labels;    /* those past label_count keep their memory for the next ones */
  uint32_t label_count;
  Holds collects;       /* region: what COLLECT may add; HOLDS_NOTHING: it is to leave a value */
} Walk;

typedef struct Verifier {
  const Program *p;
  const char *file;
  DiagSink *sink;
  Arena *arena;
  uint8_t *starts;      /* per address: START_ flags */
  VEC(Retry) retries;   /* in the order of from */
  Walk region, strands;
  Proved *proved;       /* hash table by ref; the last proof of each region, ref 0: free */
  uint32_t proved_mask, proved_count;
  uint64_t work;        /* instructions of regions and labels looked at so far */
  uint32_t row_count[OPERAND_CLASS_COUNT]; /* operands of a class are below this */
  uint8_t *met[OPERAND_CLASS_COUNT]; /* per row of a step: an instruction met it */
} Verifier;

enum { START_INSTRUCTION = 1, START_LANDING = 2 /* a jump from below leads here */, START_JOIN = 4 /* a state waits here */ };

/* ---- verify_tables.c: rows, without code ---- */
bool verify_tables(const Program *p, const char *file, DiagSink *sink);

/* ---- verify_code.c ---- */
bool verify_fault(Verifier *v, uint32_t pc, VerifyRule rule, const char *format, ...) __attribute__((format(printf, 4, 5)));
Holds verify_holds(ValueType type);

/* ---- verify_state.c: cells, iterators, joins ---- */
bool verify_push(Verifier *v, Walk *w, Holds what);
bool verify_pop(Verifier *v, Walk *w, Holds *ret);
bool verify_pop_as(Verifier *v, Walk *w, Holds want);
bool verify_write_slot(Verifier *v, Walk *w, uint32_t slot, Holds what);
bool verify_arrive(Verifier *v, Walk *w);                        /* joins what jumps brought to w->pc */
bool verify_branch(Verifier *v, Walk *w, uint32_t target);       /* control may also go to target, with the state now */
bool verify_seed(Verifier *v, Walk *w, uint32_t target, const State *s, bool forward_only);
void verify_walk_reset(Walk *w);

/* ---- verify_values.c: expression instructions ---- */
bool verify_expression(Verifier *v, Walk *w);                    /* the instruction at w->pc; moves on */

/* ---- verify_regions.c ---- */
/* A region that leaves a value; one that collects entities of a kind; the same where none (0) will do. entry: what its
 * owner puts into variables. */
bool verify_region(Verifier *v, CodeRef ref, const State *entry, Holds want);
bool verify_region_if(Verifier *v, CodeRef ref, const State *entry, Holds want);
bool verify_members(Verifier *v, CodeRef ref, const State *entry, uint32_t kind);
bool verify_row_regions(Verifier *v);                            /* of rows that no instruction meets */
bool verify_need_rows(Verifier *v, Slice needs, const State *entry);
bool verify_limit_rows(Verifier *v, Slice limits, const State *entry);

/* ---- verify_strands.c ---- */
bool verify_strands(Verifier *v);

#endif
