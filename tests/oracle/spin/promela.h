/* promela: a runbook as a Promela model of a whole tiny fleet, for SPIN.
 *
 * It is written from the tree of the compiler's front end, not from its bytecode, and shares nothing with the proof
 * (lang/proof) or the explorer. Every entity is there, every fact of it is a small variable. A process runs the main
 * strand, one runs each member of each fan-out, one is each automation on each entity, one lands late effects, one is the
 * person who cancels. Names that bind an entity are gone: a fan-out over three nodes is three processes.
 *
 * The text is written several times into the same World: what is asked for anywhere (which facts, which `tried`, which
 * late effects contradict an action) is known from the pass before. */
#ifndef TAGOUT_TESTS_ORACLE_SPIN_PROMELA_H
#define TAGOUT_TESTS_ORACLE_SPIN_PROMELA_H

#include "lang/compilation.h"

enum { PASSES = 4 };

typedef struct Thing { uint32_t kind, at; } Thing; /* an entity */

/* Who a name is here and now, innermost first. */
typedef struct Env { const struct Env *outer; const Symbol *var; Thing thing; } Env;

/* Promela expressions: it is known to hold, it is known not to. Neither: unknown. */
typedef struct Truth { const char *yes, *no; } Truth;

/* What is; what a reading says, which may be nothing; the same where what is fresh is not read again; what the plan knows,
 * which takes every fact as it wishes. */
typedef enum Sight { SIGHT_TRUTH, SIGHT_READ, SIGHT_NEED, SIGHT_PLAN } Sight;

typedef struct Entry { Thing thing; const char *in; } Entry; /* in: a Promela expression: it belongs to them now */
typedef VEC(Entry) Entries;

typedef struct Cell { uint32_t fact; Thing thing; } Cell;
typedef struct Asked { uint32_t cell; const char *when; } Asked; /* when: a Promela expression: it is read at all */
typedef struct TriedPair { const Symbol *action, *since; } TriedPair;
typedef struct GateUse { Atom name; uint32_t id, kind; } GateUse; /* kind: TYPE_NO_KIND: one yes for the run */
typedef struct LateUse { const Symbol *action; uint32_t count; Thing args[4]; } LateUse;
typedef struct Array { const char *name; uint32_t size, first; } Array; /* of bytes; first: what they begin as */

typedef struct World {
  Compilation *c;
  Arena *arena;
  const Symbol *symbol; /* of the runbook */
  RunbookDecl *runbook;
  char **params;        /* name=value, as given */
  uint32_t param_count;
  uint32_t members, racks, outsiders;
  bool left_out;        /* outsiders are those whom `leave out` finds; else those whom an attribute keeps out of a set */
  uint32_t *count;      /* entities per kind */
  bool **selected;      /* per set: who the plan takes */
  uint32_t pass;
  Buf *out;             /* of the process that is being written */
  Buf processes;
  uint32_t next_label, next_fan, next_lockout;
  bool abandons, windowed;
  bool *fact_read, *fact_needed, *out_read; /* per fact, per fact, per kind: somebody asks for it; an action needs it */
  bool *struck_read, *gone_read; /* per kind: whether an emergency has hit it; whether it is with people */
  bool strikes, taken;  /* something may be hit by an emergency; also by one of another run */
  const EmergencyClause *urgent; /* whose block is being written */
  const Thing *let;     /* what an automation acts on, while a rule about that is written */
  uint32_t service;     /* the fact of that name, or UINT32_MAX */
  VEC(Cell) cells;      /* number 1 + index */
  VEC(Asked) asked;     /* cells that the last condition read */
  VEC(GateUse) needed;  /* gates that it read; kind is then the place in the gate's array */
  uint32_t opaque;      /* parts of it that nobody follows */
  bool assumed;         /* the plan took a condition as met */
  bool granted;         /* locks and gates are taken as had */
  VEC(TriedPair) tried;
  VEC(GateUse) gates;   /* asked so far, in the order of the text */
  uint32_t next_gate;
  VEC(LateUse) lates;
  VEC(const Symbol *) locked; /* automations that some lockout names */
  VEC(Array) arrays;
  const char *refused;  /* what is not translated, or NULL */
} World;

#define TEXT(w, ...) ((const char *)arena_printf((w)->arena, __VA_ARGS__))

uint32_t line_of(const World *w, const Node *n);
const char *word_of(const World *w, Atom a);

/* ---- fleet.c: who there is ---- */
void fleet_make(World *w);
bool thing_in(const World *w, Thing a, Thing container);             /* belongs to it, through any number of links; not itself */
bool thing_up(const World *w, Thing a, uint32_t kind, Thing *ret);   /* itself, if it is of that kind */
bool thing_link(const World *w, Thing a, const Symbol *attr, Thing *ret);
bool thing_same(Thing a, Thing b);
bool thing_is_outsider(const World *w, Thing a);

/* ---- state.c: variables ---- */
const char *array_at(World *w, const char *name, uint32_t size, uint32_t at, uint32_t first);
uint32_t cell_number(World *w, uint32_t fact, Thing t);
const char *cell_name(World *w, uint32_t fact, Thing t);             /* f_power_node[0] */
const char *fresh_name(World *w, uint32_t fact, Thing t);            /* an action of the run wrote it, and it was read back */
const char *out_name(World *w, Thing t);                             /* not in any more: 1 + attempts that were open */
const char *lock_name(World *w, const Symbol *automation, uint32_t at);
const char *hurt_name(World *w, Thing t);
const char *handed_name(World *w, Thing t);
const char *ours_name(World *w, Thing t);                            /* whether it serves was written by the run last */
const char *struck_name(World *w, Thing t);                          /* an emergency has hit it, or what it is in */
const char *gone_name(World *w, Thing t);                            /* and is through: 1 this run's, 2 another's */
const char *set_name(World *w, const Symbol *set, Thing t);          /* of a set that a step fills */
const char *gate_name(World *w, uint32_t id, uint32_t kind, uint32_t at);
const char *tried_name(World *w, const Symbol *action, const Symbol *since, Thing t);
const char *late_name(World *w, uint32_t late);
const char *near_name(World *w, const char *(*name)(World *w, Thing t), Thing t, bool below); /* of it or what contains it; what is in it */
void declare_arrays(World *w, Buf *out);

/* ---- expr.c: conditions ---- */
Truth truth_of(World *w, const Env *env, const Node *e, Sight sight);
bool thing_of(World *w, const Env *env, const Node *e, Thing *ret); /* false: there is none */
const char *both(World *w, const char *a, const char *b);
const char *either(World *w, const char *a, const char *b);
const char *negated(World *w, const char *a);
void asking(World *w);                        /* forget what was read: a new condition begins */
void write_reading(World *w);                 /* inside `atomic`: what may go wrong while it is read; before its text is used */
void write_read_over(World *w);
bool all_locked(World *w, const NodeList *automations, Thing t, Entries *ret); /* the entities whose locks these are */

/* ---- set.c: sources and binders ---- */
void among(World *w, const Env *env, const Node *source, Sight sight, Entries *ret);
void binder_of(World *w, const Env *env, const Binder *b, Sight sight, Entries *ret); /* with its `where`, taken as true */
Env bound(const Env *env, const Binder *b, Thing t);
void sets_make(World *w);
void write_left_out(World *w);
enum { LOCK_HANDED = 255 }; /* stays locked, and is not the run's any more; below: the lockout that holds it */

/* ---- act.c, effect.c: actions and rules ---- */
typedef struct Strand Strand;
typedef struct Change { uint32_t fact; Thing thing; const char *in; uint32_t count; uint32_t values[16]; bool may; } Change;
typedef VEC(Change) Changes;
void changes_of(World *w, const Env *env, const NodeList *effects, Changes *ret);
void write_changes(World *w, const Changes *c, bool by_run);
void write_fresh(World *w, const Changes *c, bool fresh);
void write_failure(World *w, const Env *env, const ActionDecl *a);
void write_made(World *w, const Changes *makes, uint32_t line);
void write_called(World *w, const Symbol *action, Thing t, uint32_t line);
bool forbidden_to_automations(World *w, uint32_t fact, uint32_t kind, uint32_t value);
void write_let(World *w, const Change *c, uint32_t value); /* an automation does it: is it forbidden here? */
void write_call(World *w, Strand *s, const Call *call, uint32_t done);
void write_time(World *w, const Node *duration); /* so much has passed: what could land has, or cannot any more */
void write_late_needs(World *w, const LateUse *l);
const Env *late_env(World *w, const LateUse *l);
const Env *bind_args(World *w, const Env *env, const NodeList *params, const NodeList *args);
int64_t may_land_of(const ActionDecl *a);

/* ---- flow.c: strands and statements ---- */
enum { EXIT_NONE, EXIT_OUT, EXIT_END, EXIT_FAIL, EXIT_CANCEL, EXIT_GUARD, EXIT_BACK };
typedef struct FanUse { uint32_t id, kind; uint32_t units[4], amounts[4], tolerances; } FanUse; /* units: TYPE_NO_KIND: any */
struct Strand {
  const Strand *outer;  /* NULL: the main strand */
  const FanUse *fan;    /* that it is a member of */
  Thing member;
  const Env *env;
  bool masked, guard;   /* nobody can cancel it; a condition must hold throughout */
  uint32_t attempts;    /* open around here */
  uint32_t leave;       /* label of the way out of the innermost scope */
  uint32_t again;       /* label of what a person may have tried again; 0 none */
  const struct Held *early; /* what lets go of each member behind early_fan */
  const Fan *early_fan;
  const Gate *gate;     /* whose branch this is */
  uint32_t gate_id;
  const Entries *asked; /* by it */
};
void write_model(World *w, Buf *out);
uint32_t new_label(World *w);
void write_statement(World *w, Strand *s, const Node *n);
void write_block(World *w, Strand *s, const Node *block);
void write_diverted(World *w, const Strand *s);  /* somebody else has put it out, or cancelled */
void write_handlers(World *w, Strand *s, const NodeList *handlers, uint32_t done);
void write_leave(World *w, const Strand *s, uint32_t how);
void write_hurt(World *w, Thing t);
void write_put_out(World *w, const Strand *s, Thing t, bool aside);
void write_members(World *w, const Env *env, const Fan *f, Entries *ret); /* of a fan-out or a gate */
void write_fan(World *w, Strand *s, const Fan *fan, const Node *body, bool inner);
void write_lockout(World *w, Strand *s, const Lockout *l);
void write_early_release(World *w, const Strand *member); /* of a member that is done */
void write_attempt(World *w, Strand *s, const Attempt *a);
void write_guarded(World *w, Strand *s, const Throughout *t, NodeList rest);
void write_setting(World *w, Strand *s, const WithSetting *t);
void write_gate(World *w, Strand *s, const Gate *g);
void write_exit(World *w, Strand *s, const Node *n);
bool is_way_out(const Node *n);

/* ---- emergency.c ---- */
void find_strikes(World *w);
void write_emergencies(World *w);
bool is_skipped(const EmergencyClause *e, const Symbol *action);
bool is_waived(const EmergencyClause *e, const Node *need);

/* ---- adversary.c: what nobody decides ---- */
const char *unwatched(World *w, uint32_t fact, Thing t); /* whoever else could change it is locked */
void write_adversaries(World *w);
void write_ends(World *w);
#endif
