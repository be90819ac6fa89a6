/* monitor: watches a run in a simulated world and says what happened there that must never be. It judges over what is true in that
 * world, not over what the engine knows, and shares no code with the proof: what it reports has happened. */
#ifndef TAGOUT_RUNTIME_MONITOR_H
#define TAGOUT_RUNTIME_MONITOR_H

#include "runtime/engine.h"
#include "runtime/simfleet.h"

typedef enum BreachKind {
  BREACH_NEED,      /* row: of need_rows; subject: the action, which was sent, or was refused by the engine, though it was reached; or was
                       obeyed late: line 0 */
  BREACH_MAKE,      /* row: of rules; subject: the action whose effect is forbidden */
  BREACH_CALL,      /* row: of rules; subject: the action */
  BREACH_LET,       /* row: of rules; subject: the automation, which had a reason only because of what the run has done */
  BREACH_ABANDONED, /* row: of rules; handed over though nothing of it failed */
  BREACH_LEFT,      /* out of service at the end, and nobody owns it */
  BREACH_CLASH,     /* subject: the action that two members carry out on the same thing at once */
  BREACH_NOT_DONE   /* the run did not complete, or somebody was left behind */
} BreachKind;

typedef struct Breach {
  BreachKind kind;
  uint32_t row, subject;           /* NONE_INDEX: by kind */
  uint32_t line;                   /* of the runbook: where the run was */
  uint32_t kind_of_entity, entity; /* what it happened to; NONE_INDEX */
  int64_t at;                      /* ms UTC */
} Breach;

typedef struct Monitor Monitor;
Monitor *monitor_new(const Program *p, const Fleet *fleet, const Frozen *frozen); /* borrows them */
void monitor_free(Monitor *m);

/* Called by simulate: how things stand at the start; behind every event that the engine took; in the world; at the end. */
void monitor_begin(Monitor *m, SimFleet *truth);
void monitor_event(Monitor *m, Engine *e, const Event *event);
void monitor_acted(void *monitor, uint32_t automation, uint32_t trigger, Entity e, int64_t at);
void monitor_landed(void *monitor, const Command *c, int64_t at); /* a late effect, which needs what its action needs */
void monitor_ended(Monitor *m, Engine *e);

/* Each kind, row, subject, line and entity once, in the order of time. The monitor's until it is freed. */
const Breach *monitor_breaches(const Monitor *m, uint32_t *ret_count);
/* "`power_off` of r01-n01 at line 41, though this does not hold: lockout of anvil on n" */
void breach_tell(const Program *p, const Fleet *fleet, const Breach *b, Buf *out);

#endif
