/* proof: is a runbook safe on every path? The proof runs the very code of the program over one witness: a node with all that
 * contains it, any node of any fleet. What other members do to the witness is a move that may come at any time, as is what
 * automations, hazards, late effects, people and crashes do. What is found reachable is found for every fleet, because each
 * rule speaks of one thing and its containers (docs/proof.md has the argument and its limits). */
#ifndef TAGOUT_LANG_PROOF_PROOF_H
#define TAGOUT_LANG_PROOF_PROOF_H

#include "lang/buf.h"
#include "lang/program.h"
#include <stdbool.h>
#include <stdint.h>

typedef enum ProofVerdict { PROOF_HOLDS, PROOF_FAILS, PROOF_OPEN } ProofVerdict;

/* What can be wrong. row: of need_rows, rules, policies, lockouts, steps, facts: by kind. */
#define FINDING_KINDS(FINDING) \
  FINDING(NEED, "an action is reached while something that it needs does not hold") \
  FINDING(MAKE, "an effect that a policy forbids") \
  FINDING(CALL, "an action that a policy forbids here") \
  FINDING(LET, "an automation acts on what the run has done") \
  FINDING(ABANDONED, "something is handed to people though nothing of it failed") \
  FINDING(LEFT, "the run ends and leaves something out of service without an owner") \
  FINDING(CONFLICT, "two members may act on the same thing at once") \
  FINDING(NEVER_DONE, "the runbook cannot complete, not even without a fault") \
  FINDING(UNREACHED, "a step that is never reached") \
  FINDING(IDLE, "a policy that has nothing to say about the runbook") \
  FINDING(OPAQUE, "a condition that the proof cannot decide") \
  FINDING(TOO_LARGE, "more than the proof can look at")

typedef enum FindingKind {
#define FINDING(name, text) FINDING_##name,
  FINDING_KINDS(FINDING)
#undef FINDING
  FINDING_KIND_COUNT
} FindingKind;

/* What happened on the way. subject, value: by kind; line 0: no line of the runbook. */
#define MOVES(MOVE) \
  MOVE(START) MOVE(ACT) MOVE(REFUSED) MOVE(CONFIRM) MOVE(WAIT) MOVE(GATE) MOVE(HOLD) MOVE(LOCK) MOVE(RELEASE) MOVE(HAND_OVER) \
  MOVE(FAN) MOVE(MEMBER) MOVE(DONE) MOVE(OUT) MOVE(EXIT) MOVE(ROLL_BACK) MOVE(READ) MOVE(REQUIRE) MOVE(LEFT_OUT) MOVE(SETTING) \
  MOVE(AUTOMATION) MOVE(HAZARD) MOVE(LATE) MOVE(OTHER_OUT) MOVE(OTHER_STOP) MOVE(OTHER) MOVE(CANCEL) MOVE(PERSON_OUT) MOVE(WINDOW) MOVE(TRIP) MOVE(END) MOVE(SILENT) MOVE(EMERGENCY) MOVE(PREEMPT)
typedef enum MoveKind {
#define MOVE(name) MOVE_##name,
  MOVES(MOVE)
#undef MOVE
  MOVE_KIND_COUNT
} MoveKind;

typedef struct Move {
  uint8_t kind, outcome, fault, of_sibling; /* MoveKind; 0 ok, 1 failed, 2 unknown, 3 not yet: where a way ends; fault: it counts as one */
  uint32_t subject;      /* action, confirm, gate, lockout, fan, automation, hazard, member kind: by kind */
  uint32_t value;        /* LATE, AUTOMATION: effect row; OUT: kind; REFUSED: 1 by a policy */
  uint32_t pc;
} Move;

/* What the proof follows of the witness: a fact, an attribute or a parameter with few values. */
typedef enum TracedKind { TRACED_FACT, TRACED_ATTR, TRACED_PARAM } TracedKind;
typedef struct Traced { TracedKind kind; uint32_t row, member_kind; uint16_t ordinary; } Traced; /* ordinary: as bits; of a fact the first */

typedef struct Finding {
  FindingKind kind;
  uint32_t row, subject; /* subject: action; of LET: automation */
  uint32_t pc;           /* where in the code; 0: nowhere */
  uint32_t fact, member_kind; /* what went wrong with what; NONE_INDEX */
  uint32_t faults, len;
  const Move *path;      /* shortest: fewest faults, then fewest moves */
  const uint16_t *trace; /* len rows of traced_count: which values each may have behind the move, as bits (of a truth: yes, no); 0: nobody asks any more */
  const uint8_t *sets;   /* per set of the program: 0: it was not asked, 1: the witness is a member, 2: it is not */
} Finding;

/* With all that it needs, and to the witness. On a good day: nothing has gone wrong before. */
enum { SENT_ON_SOME_WAY = 1, SENT_ON_A_GOOD_DAY = 2 };

typedef struct Proof {
  ProofVerdict verdict;
  const Finding *findings;
  uint32_t finding_count;
  const Traced *traced;
  uint32_t traced_count;
  uint32_t states, edges;
  const uint8_t *sent;    /* of each action: SENT_ON_SOME_WAY, SENT_ON_A_GOOD_DAY */
  bool leaves_out;        /* what it takes out of service stays out though nothing fails: that is what it is for */
  uint32_t irreversible;  /* line of the first step behind which there is no way back; 0 none */
} Proof;

/* Beyond this a runbook is called too entangled: about a second, and some hundred megabytes. */
#define PROOF_STATES_MOST 500000u

/* states_most: gives up (TOO_LARGE) beyond so many. The proof lives in the arena. */
const Proof *prove(const Program *p, uint32_t states_most, Arena *arena);
/* The same, but ends at a finding that is enough to know: then the verdict is PROOF_FAILS and findings may be missing. It is asked of
 * each when it is found first; its path may get shorter later. */
typedef bool ProofEnough(void *ctx, const Finding *f);
const Proof *prove_until(const Program *p, uint32_t states_most, ProofEnough *enough, void *ctx, Arena *arena);
/* The same, where a person may set any member aside at any moment behind the last lockout: what `tagout set-aside` asks before it
 * does so. It looks at some times as many states; a runbook that holds alone need not hold then. from: an address; only once the main
 * strand has come there, 0 from the start: less is to be looked at, and what lies behind a run is no obstacle to it. */
const Proof *prove_with_people(const Program *p, uint32_t from, uint32_t states_most, Arena *arena);
/* The same. What was reached is added to *ret_states as a certificate (lang/certificate/certificate.h): where the proof holds it is one,
 * where it does not the checker refuses it. Nothing is added when the proof gave up. */
const Proof *prove_and_certify(const Program *p, uint32_t states_most, Arena *arena, Buf *ret_states);

#endif
