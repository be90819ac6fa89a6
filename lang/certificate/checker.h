/* checker: what the parts of the certificate's checker share; nothing else includes it. It is an interpreter of the program over one
 * witness, written from the semantics (docs/reference/proof-model.md) and sharing no code with lang/proof. It searches for nothing: the
 * states are given, and of each it makes every successor by running a function once per sequence of picks. */
#ifndef TAGOUT_LANG_CERTIFICATE_CHECKER_H
#define TAGOUT_LANG_CERTIFICATE_CHECKER_H

#include "lang/certificate/certificate.h"

enum { PICKS_MAX = 64, FUEL = 100000 /* instructions of one step: more is a state that no run has */, DEPTH_MAX = 8 /* sets that ask for sets */ };

/* What the code of a fan-out's body can do, seen by the witness. */
typedef struct Fan {
  uint32_t end;            /* behind its body */
  bool stops, fails;       /* by tolerance; because a member fails the scope */
  bool together;           /* all at once: nobody waits when another fails */
  bool shares;             /* another member's strand, before or behind, matters to the witness */
  uint32_t lets_go;        /* row + 1 of the lockout that releases each member as soon as it is through; 0 none */
  uint8_t takes[CERT_KINDS]; /* containers of members that others may take out: CERT_ASIDE, CERT_KEPT */
} Fan;

typedef struct Checker {
  const Program *p;
  Certificate c;
  uint8_t *starts;         /* by address: an instruction begins here */
  uint8_t holds[CERT_KINDS][CERT_KINDS]; /* [a][b]: what is of kind a is in, or names, or is one of kind b */
  uint8_t several[CERT_KINDS][CERT_KINDS]; /* [a][b]: a thing of kind a may belong to several of kind b */
  uint8_t counts[CERT_KINDS]; /* kinds whose failures matter to whoever gets them */
  Fan *fans;
  uint32_t service;        /* the fact so named, or NONE_INDEX */
  uint16_t all[CERT_FACTS], befalls[CERT_FACTS]; /* values that it has; that a hazard may give it */
  uint16_t writers[CERT_FACTS]; /* automations, as bits */
  uint32_t watched[CERT_EMERGENCIES]; /* addresses of their WATCH */
  uint32_t preempts;       /* kinds that an emergency of another run may take, as bits */
  uint32_t let;            /* while a rule about an automation is held: the kind of what that acts on; else NONE_INDEX */
  uint16_t *queuers;       /* by fact and kind: automations that watch it, and carry out when released what they saw while locked */

  uint32_t *table, mask;   /* rows of the certificate by hash: number + 1 */
  uint8_t *seen;           /* by row: 1 reached without a fault, 2 expanded */
  VEC(uint32_t) calm;      /* reached without a fault and not expanded */
  uint8_t *row;            /* scratch */

  CertState base, s;       /* a state, and the successor that is being made of it */
  uint32_t from;           /* its number */
  uint8_t picked[PICKS_MAX], of[PICKS_MAX];
  uint32_t picks, pick_at, fuel;
  bool impossible;         /* this sequence of picks cannot be */
  bool fault;              /* not the ordinary course */
  bool acted;              /* the block of an emergency has come to an instruction that takes time */
  bool goes_on;            /* nobody could notice this step: the next one belongs to it */
  bool left[CERT_KINDS];   /* the run can end and leave it out of service */
  bool stays_out[CERT_KINDS], comes_back[CERT_KINDS]; /* at an end without a fault, where the run has written its service */
  const char *after; StrId subject; uint32_t pc; /* what is being done, for the message */
  Buf *why;                /* the first reason to refuse */
} Checker;

void cert_refuse(Checker *k, const char *reason, StrId name); /* name: what it is about, or 0 */
static inline bool over(const Checker *k) { return k->impossible || k->why->len > 0; }
uint32_t cert_pick(Checker *k, uint32_t n); /* 0..n-1, each in turn */
bool cert_is_listed(Checker *k); /* is what has been made so far in the certificate? */
static inline CertFrame *strand(Checker *k) { return &k->s.frames[k->s.frame_count - 1]; }

/* ---- check_program.c: what the checker needs to know of the program ---- */
bool cert_look_at_program(Checker *k);
bool cert_look_at_fan(Checker *k, uint32_t pc); /* check_fan.c; false: its members may act on one thing at once */
void cert_look_at_lock(Checker *k, uint32_t pc);
uint32_t cert_followed(const Checker *k, CertClass klass, uint32_t row, uint32_t kind); /* number of the fact, or NONE_INDEX */
uint16_t cert_word_bits(const Checker *k, Slice values);

/* ---- check_value.c: conditions ---- */
typedef enum ValueTag { V_NUMBER, V_UNKNOWN, V_WITNESS, V_SIBLING, V_OTHER, V_FACT /* a value of fact ref */,
                        V_EITHER /* up to others */, V_BLUR /* not followed */ } ValueTag;
typedef struct Value { ValueTag tag; uint32_t ref; int64_t n; } Value;
typedef enum Sight { WHAT_IS, WHAT_IS_READ, WITHOUT_US /* had the run left all as it was */ } Sight;
typedef struct Look {
  Sight sight;
  uint64_t facts;          /* that were asked for, as bits */
  uint32_t yes;            /* gates whose yes held, as bits */
  uint32_t wanted;         /* the kind whose witness is collected */
  bool reading, failed;    /* whether the reading succeeds was picked; it does not */
  bool collecting, got;    /* for wanted; it was collected */
  bool locks, elsewhere;   /* a lock was asked for; the round is about another member */
} Look;
Value cert_value_of(uint8_t slot);
uint8_t cert_slot_for(Value x);
/* Code from pc to an instruction of a step, which is returned, or to the RETURN of a region. */
uint32_t cert_evaluate(Checker *k, Look *l, uint32_t pc, uint8_t *slots, Value *stack, uint32_t *depth);
Value cert_condition(Checker *k, Look *l, CodeRef region, const uint8_t *slots);
int cert_truth(Checker *k, Look *l, Value x, bool may_be_unknown); /* 1, 0, -1 unknown */
bool cert_collects(Checker *k, CodeRef region, const uint8_t *slots, uint32_t kind, Sight sight);
bool cert_in_set(Checker *k, uint32_t set);

/* ---- check_act.c: actions ---- */
void cert_act(Checker *k, uint32_t pc, const Value *args); /* args NULL: once more */
void cert_has_failed(Checker *k, uint32_t kind);
enum { WRITE_SURE = 1 /* even where the contract says may */, WRITE_ANY = 2 /* any value */ };
void cert_write_effect(Checker *k, const EffectRow *e, const uint8_t *slots, uint8_t origin, int how);
void cert_obeyed_late(Checker *k, uint32_t action, const uint8_t *slots); /* do its needs hold when it is? */
void cert_argument_slots(const Checker *k, Slice params, uint8_t slots[LIMIT_SLOTS]);

/* ---- check_scope.c: lockouts, gates, ways out ---- */
void cert_lock(Checker *k, uint32_t lockout);
void cert_gate(Checker *k, uint32_t gate);
void cert_leave(Checker *k);
void cert_take_out(Checker *k, uint32_t kind, uint8_t how);
void cert_enter(Checker *k, uint8_t kind, uint32_t row);
void cert_close(Checker *k, uint8_t kind, uint32_t row);

/* ---- check_emergency.c ---- */
uint32_t cert_urgent(const Checker *k);              /* 1 + the emergency whose block goes on; 0: none */
bool cert_skips(const Program *p, uint32_t row, uint32_t action);
bool cert_is_waived(const Program *p, uint32_t row, CodeRef need);
bool cert_was_hit(const Checker *k, uint32_t kind);  /* the witness of the kind, or what it is in */
bool cert_is_with_people(const Checker *k, uint32_t kind); /* it was hit, and the block is through: it may be anything */
void cert_emergency_is_through(Checker *k);
void cert_emergency_goes_on(Checker *k); /* to its next instruction that takes time, or to its end */
void cert_one_instruction(Checker *k);   /* check_step.c: of the innermost strand, or one scope outwards */
bool cert_is_urgent_action(const Checker *k, uint32_t action); /* of an emergency that has hit the witness */
bool cert_may_come(const Checker *k, const CertState *s, uint32_t row);
void cert_emergency_comes(Checker *k, uint32_t row, uint32_t under_way); /* under_way: an action, or NONE_INDEX */
void cert_comes_meanwhile(Checker *k, uint32_t action);
void cert_may_be_undone(Checker *k);
bool cert_look_at_emergency(Checker *k, uint32_t pc); /* false: it may act on what it shares with others */
bool cert_reaches_others(const Checker *k, const FanRow *f, uint32_t end); /* check_fan.c: a call of the body is on something that is not the member's own */

void cert_leaves_for_good(Checker *k, uint32_t kind);
void cert_forget_what_is_with_people(Checker *k);

/* ---- check_preempt.c: emergencies of other runs ---- */
void cert_look_at_preemptions(Checker *k);
bool cert_is_anothers(const Checker *k, uint32_t kind); /* the witness of the kind, or what it is in, was taken */
uint32_t cert_what_may_be_taken(const Checker *k, const CertState *s); /* kinds, as bits */
void cert_is_taken(Checker *k, uint32_t kind);
void cert_is_taken_meanwhile(Checker *k);

/* ---- check_step.c, check_move.c: what comes next ---- */
bool cert_distinguished(const Checker *k, uint32_t pc); /* failed from unknown, by the code behind */
void cert_go_behind(Checker *k);
void cert_run_step(Checker *k);
void cert_time_passes(Checker *k, int64_t at_least); /* ms: what had to land by then has landed, or never will */
int64_t cert_duration(Checker *k, CodeRef region, const uint8_t *slots); /* ms; -1: none, or not known */
typedef void Happens(Checker *k, uint32_t a, uint32_t b);
void cert_what_may_come(Checker *k, void (*each)(Checker *k, Happens *happens, uint32_t a, uint32_t b));
void cert_automation_writes(Checker *k, uint32_t automation, uint32_t trigger);
bool cert_anybody_watches(const Checker *k, const CertState *s);

#endif
