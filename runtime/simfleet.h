/* simfleet: what is true in a simulated fleet, as opposed to what a run has observed of it. Facts, locks, settings, and the
 * automations as the adversaries that they are: one that is not locked acts when its trigger holds (Anvil takes a node that
 * is off for a dead one and moves it to investigate); one that replays its backlog comes back to what it saw while it was locked. Knows no clock: the world says when.
 *
 * A fact that the inventory does not give starts at its first declared value: libraries declare the normal value first. */
#ifndef TAGOUT_RUNTIME_SIMFLEET_H
#define TAGOUT_RUNTIME_SIMFLEET_H

#include "lang/program.h"
#include "runtime/fleet.h"
#include "runtime/vm.h"

typedef struct SimFleet SimFleet;

/* An entity whose truth has changed: automations look at it. */
typedef struct SimTouched { uint32_t kind; Entity entity; } SimTouched;

SimFleet *simfleet_new(const Program *p, const Fleet *fleet, const int64_t *params);
void simfleet_free(SimFleet *s);

/* Texts are numbers here, as in a virtual machine of its own: those of the parameters must be the first, in their order. */
int64_t simfleet_text(SimFleet *s, const char *text);
const char *simfleet_text_of(const SimFleet *s, int64_t text);

int64_t simfleet_fact(const SimFleet *s, uint32_t fact, uint32_t kind, Entity e);
void simfleet_set_fact(SimFleet *s, uint32_t fact, uint32_t kind, Entity e, int64_t value);

/* First need of the action that is known to be false on these arguments, or NONE_INDEX. */
uint32_t simfleet_refuses(SimFleet *s, uint32_t action, const int64_t *args, uint32_t arg_count, uint32_t emergency); /* emergency: row + 1 of the one that does it, 0 none */
/* The action takes effect: everything its contract makes true becomes true. */
void simfleet_effect(SimFleet *s, uint32_t action, const int64_t *args, uint32_t arg_count);

/* Locks: `quiet_at` is when nothing of the automation is in flight any more. */
void simfleet_lock(SimFleet *s, uint32_t automation, Entity e, int64_t quiet_at);
void simfleet_unlock(SimFleet *s, uint32_t automation, Entity e);
bool simfleet_locked(const SimFleet *s, uint32_t automation, Entity e, int64_t now, bool *ret_quiet);

int64_t simfleet_setting(const SimFleet *s, uint32_t setting, Entity e);
void simfleet_set_setting(SimFleet *s, uint32_t setting, Entity e, int64_t value);

/* What changed since the last call; the caller lets the automations look at it. */
uint32_t simfleet_touched(SimFleet *s, const SimTouched **ret);
/* The automation that would act now on what was touched: entity of its own kind, and trigger; NONE_INDEX: none more.
 * Start with *iterator = 0. */
uint32_t simfleet_provoked(SimFleet *s, SimTouched touched, uint32_t *iterator, Entity *ret_entity, uint32_t *ret_trigger);
/* The automation acts, if it is free and its trigger still holds. */
bool simfleet_act(SimFleet *s, uint32_t automation, uint32_t trigger, Entity e);

#endif
