/* faults: what shall go wrong in a simulated world, as data: written by hand (a fault file, a test's `given` lines), drawn
 * from a seed, or both. A rule names what it strikes by program index; the first rule that matches and is not used up wins.
 *
 * File format (JSON, version 1), read by faults_read:
 *   {"format": 1, "seed": 7, "rates": {"failed": "0.5%", "unknown": "0.5%", "silent": "1%"}, "faults": [
 *     {"action": "power_on",  "on": {"rack": "r03"}, "outcome": "failed", "times": "always"},
 *     {"action": "shut_down", "on": {"node": "r05-n07"}, "outcome": "unknown", "times": 1, "landing": "12min"},
 *     {"lock": "anvil", "on": {"node": "r01-n01"}, "outcome": "failed"},
 *     {"gate": "electrical_go", "on": {"row": "w2"}, "answer": "no", "after": "20min"},
 *     {"fact": "power", "on": {"node": "r01-n01"}, "is": "off"},
 *     {"read": "power", "on": {"node": "r01-n02"}, "times": 3}]} */
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
  FAULT_FACT,   /* the fact is `value` from the start */
  FAULT_READ,   /* reading the fact gives no answer */
  FAULT_CRASH,  /* the runtime dies `after` into step `subject`, and is resumed `value` ms later */
  FAULT_CANCEL  /* a person cancels the run `after` into step `subject` */
} FaultKind;

typedef struct Fault {
  FaultKind kind;
  uint32_t subject;     /* action, automation, gate, fact or step */
  uint32_t on_kind;     /* kind of `on`, or NONE_INDEX: whatever it is */
  Entity on;            /* strikes it and everything in it; ENTITY_NONE: every one */
  Outcome outcome;
  uint32_t times;       /* how often per entity; 0: always */
  int64_t landing;      /* ms after the deadline at which the effect takes place after all; 0: never */
  int64_t after;        /* ms: an answer's delay, a crash's moment within its step */
  int64_t value;
} Fault;

typedef struct Faults {
  Fault *items;
  uint32_t count;
  uint64_t seed;        /* of durations and rates */
  uint32_t rate_failed, rate_unknown, rate_silent; /* ppm of actions, and of entities whose readings stay away */
} Faults;

/* NULL when anything is wrong with the file; every mistake is in the sink. */
const Faults *faults_read(const Program *p, const Fleet *fleet, const char *file, const char *bytes, size_t len,
                          Arena *arena, DiagSink *sink);

#endif
