/* prover: what the parts of the proof share; nothing else includes it.
 *
 * A state is plain bytes. The witness is one entity of every kind, each within the next: what is known of it is a mask of
 * possible values per fact, split only where code asks. Successors are made by running a function over a copy of the state
 * once per sequence of choices: every `choose` is a branch. */
#ifndef TAGOUT_LANG_PROOF_PROVER_H
#define TAGOUT_LANG_PROOF_PROVER_H

#include "lang/buf.h"
#include "lang/limits.h"
#include "lang/proof/proof.h"

/* ---- the state ---- */

enum { VARS_MAX = 48, AUTOS_MAX = 12, SETS_MAX = 16, KINDS_MAX = 32, GATES_MAX = 24, TRIED_MAX = 16, LATES_MAX = 16,
       FRAMES_OF_RUN = 5, FRAMES_MAX = 7 /* with those of an emergency */, EMERGENCIES_MAX = 8, FRAME_SCOPES = 8, WORDS_MAX = 15 };

/* How a fact came to be what it is. */
enum { FOUND = 1 /* never written by us: as it ordinarily is, or as a reading found it */, OURS = 2 /* written by this run, or by what it caused */,
       TEMPORARY = 4 /* by an action that has a way back, which is to be gone */,
       UNSURE = 8 /* the last reading of it failed */, EXPOSED = 16 /* an automation could write it when the run did */,
       THEIRS = 32 /* of what is ours: an automation wrote it */ };
enum { HURT = 1 /* something of it failed */ };
enum { LOCK_IS_FREE, LOCK_IS_HELD, LOCK_IS_HANDED };
enum { SET_OPEN, SET_IN, SET_NOT };
enum { OUT_NOT, OUT_LEFT, OUT_ASIDE, OUT_KEPT };
enum { YES_NONE, YES_GIVEN, YES_USED, YES_REFUSED };
enum { STOPPED_NOT, STOPPED_TOLERANCE, STOPPED_FAIL, STOPPED_CANCEL, STOPPED_GUARD };
enum { LEAVE_NOT, LEAVE_DONE, LEAVE_OUT, LEAVE_END, LEAVE_FAIL, LEAVE_CANCEL, LEAVE_GUARD, LEAVE_REFUSED, LEAVE_ROLLED_BACK };
enum { FAN_MEMBER_NONE, FAN_MEMBER_WAITS, FAN_MEMBER_RUNS, FAN_MEMBER_DONE };
enum { IN_LOCKOUT = 1, IN_ATTEMPT, IN_ADJUST, IN_GUARD };
enum { SLOT_UNSET, SLOT_OPAQUE = 255 }; /* else 1 + 2 * kind: the witness, 2 + 2 * kind: a sibling */

typedef struct ScopeCell { uint8_t kind, undoing; uint16_t row, owns; } ScopeCell; /* owns: of a lockout: automations as bits */

typedef struct FrameCell {
  uint32_t pc;
  uint16_t fan;          /* row + 1; 0 the main strand, or the block of an emergency */
  uint16_t during;       /* of an emergency: 1 + the action that was under way when it came, and may take effect before or behind what it does */
  uint8_t sibling;       /* not the witness's own strand but that of another member */
  uint8_t outcome, tries, leaving, masked, out, tripped;
  uint8_t open, member, stopped, others; /* of the fan-out at pc */
  uint8_t emergency;     /* 1 + the one whose block this is a strand of; 0 none */
  uint8_t scope_count;
  ScopeCell scopes[FRAME_SCOPES];
  uint8_t slots[LIMIT_SLOTS];
  uint8_t args[LIMIT_ACTION_PARAMS]; /* of the call that is tried again */
} FrameCell;

typedef struct PState {
  uint16_t mask[VARS_MAX];  /* bit v - 1: value v is possible */
  uint8_t ghost[VARS_MAX];
  uint8_t lock[AUTOS_MAX];
  uint8_t set[SETS_MAX];
  uint8_t out[KINDS_MAX];   /* OUT_ */
  uint8_t out_depth[KINDS_MAX]; /* attempts that were open when it left */
  uint8_t hurt[KINDS_MAX];
  uint8_t yes[GATES_MAX];
  uint8_t yes_depth[GATES_MAX];
  uint8_t tried[TRIED_MAX];
  uint8_t late[LATES_MAX];
  uint8_t cancelled, ended, frame_count, window_over;
  uint16_t queued;          /* automations that have seen, while they were locked, what they will act on when they are let go */
  uint8_t struck;           /* emergencies that have hit the witness, as bits */
  uint8_t settled;          /* of these, those whose block is through: what they have hit is with people, and may be anything from then on */
  uint32_t taken;           /* kinds of which the emergency of another run has taken the witness's, as bits */
  FrameCell frames[FRAMES_MAX];
} PState;

typedef struct Node { uint32_t parent; uint32_t faults; Move move; } Node; /* how a state was reached */

/* ---- the model: what of a program the proof looks at ---- */

typedef enum VarKind { VAR_FACT, VAR_ATTR, VAR_PARAM } VarKind;
typedef struct Var {
  VarKind kind;
  uint32_t row, entity_kind;
  uint16_t all, ordinary;
  uint16_t befalls;      /* values that a hazard may give it at any time */
  uint16_t writers;      /* automations that may write it, as bits */
  uint16_t queuers;      /* automations that watch it and carry out later what they could not while they were locked */
  uint32_t last_use;     /* behind this address nothing asks for it */
} Var;
typedef struct TriedPair { uint32_t action, since; } TriedPair;
typedef struct FanInfo {
  uint32_t end;          /* behind its body */
  bool stops, fails;     /* others may pass its tolerance, fail it */
  bool outs;             /* its body sets members aside: else only emergencies of other runs do */
  bool together;         /* `all at once`: all have begun before any can fail */
  bool shares, clashes;  /* others act on the witness: one member after the other, at once */
  bool common_yes;       /* they need a yes that is one for all of them */
  uint8_t aside[KINDS_MAX]; /* containers of its members that others may set aside (1) or keep out (2) */
  uint32_t shared_pc;
  uint32_t lets_go;      /* the lockout that releases each member as soon as it is through, + 1 */
} FanInfo;

typedef struct Model {
  Var vars[VARS_MAX];
  uint32_t var_count;
  uint32_t *fact_var;    /* fact * kinds + kind: var or NONE_INDEX */
  uint32_t *attr_var, *param_var;
  uint8_t *leads;        /* a * kinds + b: links lead from a up to b (a == b too) */
  uint8_t *many;         /* a * kinds + b: a thing of kind a may belong to several of kind b */
  FanInfo *fans;
  TriedPair tried[TRIED_MAX];
  uint32_t tried_count;
  uint32_t late_actions[LATES_MAX];
  uint32_t late_count;
  uint8_t owned[KINDS_MAX]; /* kinds that lockouts hold, or that are in service or not: whose failures count */
  uint8_t gone_over[KINDS_MAX]; /* kinds of fan-outs: what people may set aside */
  uint32_t last_lock;    /* address of the last LOCK: who left before it would go without; 0 none */
  uint32_t service;      /* the fact of that name, or NONE_INDEX */
  uint32_t preempts;     /* kinds that the emergency of another run may be about, as bits */
  uint8_t *step_seen;
  uint8_t *sent;         /* of each action: Proof.sent */
  uint32_t watches[EMERGENCIES_MAX]; /* addresses of their WATCH */
  uint32_t reaches_others[EMERGENCIES_MAX]; /* an action on something that is not of what it is about alone: its address, 0 none */
  const char *too_much;  /* what does not fit, or NULL */
} Model;

/* ---- the search ---- */

typedef struct Choice { uint8_t taken, of; } Choice;
enum { CHOICES_MAX = 64 };

typedef struct Prover {
  const Program *p;
  Arena *arena;
  Model m;
  PState base, now;      /* the state whose successors are made; one of these */
  Move move;             /* what leads to it */
  uint32_t faults;       /* of this move */
  bool dead;             /* this sequence of choices cannot be */
  bool stops_here;       /* what was silent changes what a cancel leads to: a state of its own */
  Choice choices[CHOICES_MAX];
  uint32_t choice_count, choice_at;
  PState *states;        /* chunks would move; grown by doubling */
  Node *nodes;
  uint32_t state_count, state_cap, states_most;
  uint64_t *table;       /* by hash: its upper half over the state's number + 1; 0 free */
  uint32_t table_mask;
  uint32_t from, edges;  /* the state whose successors are made */
  VEC(uint32_t) level, next;
  VEC(Finding) findings;
  bool people;           /* may people set members aside? */
  uint32_t people_from;  /* not before the main strand has come to this address */
  bool acted;            /* the block of an emergency has come to an instruction that takes time */
  uint16_t struck_as[VARS_MAX]; /* what was possible when it came */
  Move strike;           /* this move began with an emergency; kind MOVE_START: it did not */
  uint32_t let_kind;     /* while a rule about an automation is judged: the kind of what it acts on; else NONE_INDEX */
  bool completes, gave_up;
  bool leaves_out[KINDS_MAX], gives_back[KINDS_MAX]; /* when nothing fails, what it has taken out of service stays out; is back at the end */
  uint32_t irreversible;
  ProofEnough *enough;   /* NULL: all that there is */
  void *enough_ctx;
  bool ended_early;
} Prover;

uint32_t choose(Prover *v, uint32_t n);              /* 0..n-1 */
static inline void fault(Prover *v) { v->faults++, v->move.fault = 1; }
static inline FrameCell *top(Prover *v) { return &v->now.frames[v->now.frame_count - 1]; }
static inline uint32_t emergency_of(const Prover *v) { return v->now.frame_count ? v->now.frames[v->now.frame_count - 1].emergency : 0; } /* row + 1 */
void find(Prover *v, FindingKind kind, uint32_t row, uint32_t subject, uint32_t pc, uint32_t fact, uint32_t member_kind);
static inline bool leads(const Prover *v, uint32_t a, uint32_t b) { return v->m.leads[a * v->p->kinds_count + b]; }
static inline bool many(const Prover *v, uint32_t a, uint32_t b) { return v->m.many[a * v->p->kinds_count + b]; }

/* ---- proof_model.c ---- */
void model_make(Prover *v);
uint32_t model_tried(const Prover *v, uint32_t action, uint32_t since);
uint16_t codes_mask(const Prover *v, Slice values);    /* words as bits */
uint32_t model_late(const Prover *v, uint32_t action);

/* ---- proof_fan.c ---- */
void fans_scan(Prover *v);

/* ---- proof_value.c: code over what is known ---- */
typedef enum Tag { T_INT, T_UNKNOWN, T_WITNESS, T_SIBLING, T_OTHER, T_VAR, T_OTHERS /* depends on others: either */, T_OPAQUE /* not followed: either */ } Tag;
typedef struct Val { Tag tag; uint32_t ref; int64_t v; } Val;
typedef enum Sight { SIGHT_TRUTH /* what is */, SIGHT_READ /* what a reading says: may be unknown */, SIGHT_AS_FOUND /* had the run done nothing */ } Sight;
typedef struct Eval {
  Sight sight;
  uint64_t read;         /* vars that were read */
  bool asked, unknown;   /* whether a reading succeeds has been chosen; it does not */
  bool locks_read;       /* whether something is locked was asked */
  uint32_t yes_read;     /* gates whose yes held, as bits */
  bool collected;        /* the witness of `collects` */
  uint32_t collects;     /* kind, or NONE_INDEX */
  bool inside_other;     /* a round of another member goes on */
} Eval;
/* Runs code from pc to the first step (or `stop`), or a region to its RETURN; its value is on the stack. */
uint32_t value_run(Prover *v, Eval *e, uint32_t pc, uint32_t stop, uint8_t *slots, Val *stack, uint32_t *depth);
Val value_of_slot(uint8_t slot);
Val value_region(Prover *v, Eval *e, CodeRef region, const uint8_t *slots);
Val value_of_region(Prover *v, CodeRef region, const uint8_t *slots); /* of a duration: nothing is asked for */
int value_truth(Prover *v, Eval *e, Val x, bool may_be_unknown); /* 1, 0, -1 unknown: chosen where it is open */
bool value_collects(Prover *v, CodeRef region, const uint8_t *slots, uint32_t kind, Sight sight); /* is the witness among them? */
void witness_slots(const Prover *v, Slice param_types, uint8_t slots[LIMIT_SLOTS]);
uint8_t slot_of(Val x);
bool is_param(Prover *v, uint32_t row);              /* of an entity: is it the witness? decided where it is open */
bool is_named(const Prover *v);                      /* no parameter is known to name another thing than the witness */
bool set_has(Prover *v, uint32_t set);               /* is the witness a member? decided where it is open */

/* ---- proof_act.c ---- */
void step_act(Prover *v, uint32_t pc, const Val *args); /* args: NULL: it is tried again */
void apply_effect(Prover *v, const EffectRow *row, const uint8_t *slots, uint8_t ghost, bool on_failure);
void hurt(Prover *v, uint32_t kind);
void late_needs_hold(Prover *v, uint32_t action, const uint8_t *slots);
bool values_meet(const Prover *v, Slice a, Slice b);    /* is a word in both? */

/* ---- proof_scope.c: lockouts, gates, exits ---- */
void step_lock(Prover *v, uint32_t row);
void release(Prover *v, FrameCell *f, const ScopeCell *scope);
void step_gate(Prover *v, uint32_t row);
void put_out(Prover *v, uint32_t kind, uint8_t state);

void leave(Prover *v);                               /* one scope outwards, or out of the frame */
void close_scope(Prover *v, uint8_t kind, uint32_t row);
void end_run(Prover *v);
void open_scope(Prover *v, uint8_t kind, uint32_t row, uint16_t owns);
void pop_scope(FrameCell *f);                        /* its innermost, without what closing it takes */

/* ---- proof_idle.c ---- */
void find_idle(Prover *v);

/* ---- proof_emergency.c ---- */
/* It comes now, where its condition may read true. during: the action that was under way, NONE_INDEX none. */
void emergency_strikes(Prover *v, uint32_t row, uint32_t during);
bool emergency_is_watched(const Prover *v, const PState *s, uint32_t row);
bool struck_within(const Prover *v, uint32_t kind); /* an emergency has hit the witness of that kind, or what it is in */
bool is_settled(const Prover *v, uint32_t kind); /* the same, and its block is through: nothing is followed of it any more */
bool is_struck_action(const Prover *v, uint32_t action); /* one that an emergency which has hit the witness carries out */
void emergency_goes_on(Prover *v); /* to its next instruction that takes time, or to its end: nobody else could notice what is between */
void emergency_ends(Prover *v);
void redo_what_was_under_way(Prover *v);

void put_out_for_good(Prover *v, uint32_t kind);
void settle(Prover *v);            /* what nobody follows any more is forgotten */

/* ---- proof_preempt.c: emergencies of other runs ---- */
bool is_taken(const Prover *v, uint32_t kind); /* the witness of that kind, or what it is in */
void preempts_scan(Prover *v);
uint32_t preempts_now(const Prover *v, const PState *s); /* which kinds may be taken, as bits */
void preempt(Prover *v, uint32_t kind);
void preempt_under_way(Prover *v);

/* ---- proof_step.c ---- */
bool tells_apart(const Prover *v, uint32_t pc);        /* does the code behind distinguish failed from unknown? */
void step(Prover *v);                                /* the innermost strand goes on */
void step_next(Prover *v);                           /* behind its instruction */
void time_passes(Prover *v, int64_t at_least);       /* ms */

/* ---- proof_move.c: what the run does not decide ---- */
/* under_way: the address of the action that goes on meanwhile, or 0. */
void automation_acts(Prover *v, uint32_t automation, uint32_t trigger, uint32_t under_way);
bool somebody_watches(const Prover *v, const PState *s); /* is an automation free that could act? */
typedef void Make(Prover *v, uint32_t a, uint32_t b);
void each_move(Prover *v, void (*each)(Prover *v, Make *make, uint32_t a, uint32_t b));

#endif
