/* faults: what shall go wrong in a simulated world, as data: written by hand (a fault file, a test's `given` lines), drawn
 * from a seed, or both. A rule names what it strikes by program index; the first rule that matches and is not used up wins.
 *
 * File format (JSON, version 1), read by faults_read, written by faults_write:
 *   {"format": 1, "seed": 7, "rates": {"failed": "0.5%", "unknown": "0.5%", "silent": "1%"}, "faults": [
 *     {"action": "power_on",  "on": {"rack": "r03"}, "outcome": "failed", "times": "always"},
 *     {"action": "shut_down", "on": {"node": "r05-n07"}, "outcome": "unknown", "times": 1, "landing": "12min"},
 *     {"action": "drain", "on": {"node": "r01-n01"}, "outcome": "failed", "nth": 2},
 *     {"lock": "anvil", "on": {"node": "r01-n01"}, "outcome": "failed"},
 *     {"gate": "electrical_go", "on": {"row": "w2"}, "answer": "no", "after": "20min"},
 *     {"fact": "power", "on": {"node": "r01-n01"}, "is": "off"},
 *     {"metric": "unreachable", "on": {"cluster": "ams25"}, "is": "0.7%", "after": "1h", "for": "20min"},
 *     {"read": "power", "on": {"node": "r01-n02"}, "times": 3}]}
 *
 * What happens at a moment of the run says so with `at`: rules that strike are in force from then on (`for`: so long), the others
 * happen then, once:
 *   {"fact": "leak", "on": {"cooling_unit": "r01-cu"}, "is": "wet", "at": {"step": "down", "moment": "begins"}, "told": true},
 *   {"automation": "anvil", "on": {"node": "r01-n01"}, "at": {"action": "reboot", "on": {"node": "r01-n01"}, "moment": "begins", "nth": 1}},
 *   {"late": "shut_down", "on": {"node": "r01-n01"}, "at": {"action": "return_to_service", "moment": "ends"}},
 *   {"pass": "8h", "at": {"gate": "go", "moment": "begins"}}, {"cancel": "run", "at": {"step": "up", "on": {"rack": "r02"}}}
 * A moment: an action, a step (`on`: of that member), a gate, a lock, an unlock, or {"run": "rolls_back"}, {"run": "ends"}; it `begins` or,
 * when nothing is said, `ends`; the first time, or the nth. Without `at` a fact, a cancel and a pass are counted
 * from the start; a fact with `for` is as it was before once that time is over. `"automations": "as written"`: they act where a fault says so, and at no other time. */
#ifndef TAGOUT_RUNTIME_FAULTS_H
#define TAGOUT_RUNTIME_FAULTS_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/diag.h"
#include "lang/program.h"
#include "runtime/fleet.h"
#include "runtime/world.h"

typedef enum FaultKind {
  FAULT_ACTION, /* an action ends with `outcome` */
  FAULT_LOCK,   /* locking an automation ends with `outcome` */
  FAULT_UNLOCK, /* unlocking it does */
  FAULT_ANSWER, /* a gate is answered: value 1 yes, 0 no, VALUE_UNKNOWN never */
  FAULT_FACT,   /* the fact becomes `value`, `after` its moment or the start; when it `lasts`, then what it was before */
  FAULT_READ,   /* reading the fact gives no answer */
  FAULT_CRASH,  /* the runtime dies, `after` that moment, and is resumed `value` ms later: simulate, not a drill */
  FAULT_CANCEL, /* a person cancels the run, `after` that moment */
  FAULT_AUTOMATION, /* the automation acts, if it is free and has a reason */
  FAULT_LATE,   /* the action takes effect, as a request does that had no answer */
  FAULT_METRIC, /* the metric reads `value`, `after` its moment or the start, for as long as it `lasts`; without a rule it reads 0 */
  FAULT_PASS    /* time goes by: `value` ms */
} FaultKind;

typedef enum MomentKind {
  MOMENT_NONE,  /* from the start */
  MOMENT_ACTION_BEGINS, MOMENT_ACTION_ENDS, MOMENT_STEP_BEGINS, MOMENT_STEP_ENDS, MOMENT_GATE_BEGINS, MOMENT_GATE_ENDS,
  MOMENT_LOCKED, MOMENT_UNLOCKED, MOMENT_ROLL_BACK, MOMENT_RUN_ENDS
} MomentKind;

/* When: told by the engine's notes. on_kind, on: of what the note is about, NONE_INDEX: any. */
typedef struct Moment { MomentKind kind; uint32_t subject, on_kind; Entity on; uint32_t nth; } Moment; /* nth: 0: every time */

typedef struct Fault {
  FaultKind kind;
  uint32_t subject;     /* action, automation, gate or fact */
  uint32_t on_kind;     /* kind of `on`, or NONE_INDEX: whatever it is */
  Entity on;            /* strikes it and everything in it; ENTITY_NONE: every one */
  Outcome outcome;
  uint32_t times;       /* how often per entity; 0: always */
  uint32_t nth;         /* only the nth time, per entity; 0: from the first on */
  Moment at;            /* from when on it is in force; when it happens */
  int64_t lasts;        /* ms that it is in force; 0: on */
  int64_t landing;      /* ms after the deadline at which the effect takes place after all; 0: never */
  int64_t after;        /* ms: an answer's delay, a crash's or a cancel's behind its moment */
  int64_t value;
  bool told;            /* a fact that changes at its moment: the run is told that it has */
} Fault;

typedef struct Faults {
  Fault *items;
  uint32_t count;
  uint64_t seed;        /* of durations and rates */
  uint32_t rate_failed, rate_unknown, rate_silent; /* ppm of actions, and of entities whose readings stay away */
  bool as_written;      /* automations act where a rule says so only */
} Faults;

/* What happens at its moment, as opposed to what is in force from then on. */
bool fault_happens(const Fault *f);

/* NULL when anything is wrong with the file; every mistake is in the sink. */
const Faults *faults_read(const Program *p, const Fleet *fleet, const char *file, const char *bytes, size_t len,
                          Arena *arena, DiagSink *sink);
/* The file that reads as these faults. */
void faults_write(const Program *p, const Fleet *fleet, const Faults *faults, Buf *out);

#endif
