/* simulate: one run from begin to end in the simulated world, nothing durable: the dry run of a plan, a test of the language, a
 * trial of the forecast. Crashes and cancels of the fault plan happen here: a crash throws the engine away and builds a new one
 * from the recorded events, exactly as a resume from a journal does. */
#ifndef TAGOUT_RUNTIME_SIMULATE_H
#define TAGOUT_RUNTIME_SIMULATE_H

#include "runtime/engine.h"
#include "runtime/faults.h"
#include "runtime/simfleet.h"
#include "runtime/turn.h"

struct Monitor;

typedef struct SimulateConfig {
  const Program *program;
  const Fleet *fleet;
  const Frozen *frozen;
  const Faults *faults;     /* may be NULL */
  int64_t start;            /* ms UTC */
  struct Monitor *monitor;  /* sees what must never be; NULL: nobody looks */
  uint64_t events_most;     /* given up as stuck beyond so many; 0: no end */
  TurnObserver observer;    /* told of every event and note, once; may be all NULL */
} SimulateConfig;

typedef struct Simulation Simulation;

/* Runs to the end. Never NULL. */
Simulation *simulate(const SimulateConfig *config);
void simulation_free(Simulation *s);

Engine *simulation_engine(Simulation *s);          /* in its last state */
const SimFleet *simulation_truth(const Simulation *s);
bool simulation_stuck(const Simulation *s);        /* the run did not end: a bug in the engine, never a user's mistake */
int64_t simulation_ended(const Simulation *s);     /* ms UTC */
uint64_t simulation_events(const Simulation *s);
/* True when every replay after a crash came to the same commands: law 1. */
bool simulation_replayed(const Simulation *s);

#endif
