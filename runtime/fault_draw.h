/* fault_draw: how long each command of a simulated run takes and how it goes: by the fault plan's rules first, else by its rates
 * and the contract's durations, drawn from a hash of (seed, command's meaning, attempt), so that the draw of one member
 * depends on nothing that happens to another. Integers only: the same on every machine. */
#ifndef TAGOUT_RUNTIME_FAULT_DRAW_H
#define TAGOUT_RUNTIME_FAULT_DRAW_H

#include "runtime/faults.h"
#include "runtime/simfleet.h"

typedef struct FaultDraw FaultDraw;
typedef struct Drawn {
  Outcome outcome;
  int64_t duration; /* ms until it is done */
  int64_t landing;  /* ms after its end at which the effect takes place after all; 0 never */
} Drawn;

FaultDraw *fault_draw_new(const Program *p, const Fleet *fleet, const Faults *faults); /* faults may be NULL */
void fault_draw_free(FaultDraw *d);
void fault_draw_facts(FaultDraw *d, SimFleet *truth);             /* the facts that are wrong from the start */
void fault_draw_time(FaultDraw *d, int64_t now);                   /* the time is another */
void fault_draw_begins(FaultDraw *d, const Fault *f);             /* its moment has come: it is in force from now on */
void fault_draw_fact(const FaultDraw *d, const Fault *f, SimFleet *truth);        /* the fact becomes what the rule says */
bool fault_draw_strikes(const FaultDraw *d, const Fault *f, uint32_t kind, Entity e); /* is the rule about it? */
Drawn fault_draw_action(FaultDraw *d, const Command *c, const ActionRow *row);
Drawn fault_draw_lock(FaultDraw *d, const Command *c, const AutomationRow *row); /* LOCK and UNLOCK */
int64_t fault_draw_quiet(FaultDraw *d, const Command *c, const AutomationRow *row);    /* ms from locked to quiet */
int64_t fault_draw_answer(FaultDraw *d, const Command *c, int64_t *ret_answer);   /* ms; 1, 0 or VALUE_UNKNOWN: never */
int64_t fault_draw_latency(FaultDraw *d, const Command *c);                       /* of a reading */
bool fault_draw_silent(FaultDraw *d, const Command *c, int64_t now);              /* this reading stays away */
int64_t fault_draw_metric(FaultDraw *d, const Command *c);                        /* what it reads */
int64_t fault_draw_reaction(FaultDraw *d, uint32_t automation, Entity e);         /* ms until an automation acts */

#endif
