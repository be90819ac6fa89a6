/* monitor_state: the inside of the monitor, for monitor*.c only. */
#ifndef TAGOUT_RUNTIME_MONITOR_STATE_H
#define TAGOUT_RUNTIME_MONITOR_STATE_H

#include "runtime/monitor.h"
#include "runtime/vm.h"

/* An action that was sent. */
typedef struct Done { uint64_t command; uint32_t action, kind, entity; bool in_flight, ended_ok, urgent; } Done; /* urgent: of an emergency */

struct Monitor {
  const Program *program;
  const Fleet *fleet;
  const Frozen *frozen;
  Engine *engine;            /* as of the last event */
  SimFleet *truth;
  Arena *arena;
  Vm *vm;                    /* its facts are the truth */
  int64_t **found;           /* fact * kinds + kind: values per entity at the start; NULL: no such fact */
  bool look_as_found;        /* its facts are those for the moment */
  uint8_t **hurt, **handed;  /* kind: per entity: something about it did not go well; it was handed over by name */
  uint8_t **struck;          /* kind: per entity: an emergency has acted on it */
  uint32_t urgent;           /* while rules are held against an emergency's action: its row + 1 */
  uint8_t **took_out;        /* kind: per entity: an action of this run has taken it out of service */
  VEC(Command) sent;
  VEC(Done) done;
  VEC(Breach) breaches;
  EntityVec scratch;
  uint32_t service;          /* the fact of that name, or NONE_INDEX */
  uint32_t line;             /* of the runbook: where the run was last */
  int64_t now;
};

void monitor_breach(Monitor *m, Breach b);   /* fills in the time */
bool monitor_locked(const Monitor *m, uint32_t automation, uint32_t kind, uint32_t entity); /* in the world, whoever did it */
/* Is what the bytes say of it, of something that contains it, or of something in it, set? */
bool monitor_marked(const Monitor *m, uint8_t *const *bytes, uint32_t kind, uint32_t entity);
bool monitor_marked_above(const Monitor *m, uint8_t *const *bytes, uint32_t kind, uint32_t entity); /* it, or what contains it */

/* ---- monitor_rules.c ---- */
void rules_sent(Monitor *m, const Command *c, uint32_t line);
void rules_refused(Monitor *m, const Note *note);
void rules_handed(Monitor *m, const Note *note);
void rules_ended(Monitor *m);

#endif
