/* rough: the simulated world of the drill (runtime/world_sim.h) on a bad day. What it answers is lost, late or heard twice; facts
 * flap; automations come back by themselves, and some that did not are said to have; the clock that the run reads steps forward
 * and backward. All of it is drawn from the seed. */
#ifndef TAGOUT_TESTS_SIM_ROUGH_H
#define TAGOUT_TESTS_SIM_ROUGH_H

#include "runtime/faults.h"
#include "runtime/ledger.h"
#include "runtime/simfleet.h"
#include "runtime/world.h"
#include "runtime/engine.h"
#include "tests/sim/tally.h"

/* How often, in ten thousand: of the answers, and of the waits. */
typedef struct Weather { uint32_t lost, late, doubled, clock, flap, loose, alarm; } Weather;

typedef struct RoughConfig {
  const Program *program;
  const Fleet *fleet;
  const Frozen *frozen;
  const Faults *faults;
  int64_t start;             /* ms UTC */
  Weather weather;
  uint64_t seed;
  Tally *tally;              /* counts what came to pass */
  bool sticks;               /* an unlock is answered ok, and is none */
  void *ctx;
  void (*sent)(void *ctx, const Command *c, int64_t now);              /* a command has left the run */
  Outcome (*permit)(void *ctx, const Command *c, int64_t now);         /* the ledger is asked */
  void (*refund)(void *ctx, const Command *c, int64_t now);
} RoughConfig;

World *rough_new(const RoughConfig *config);
SimFleet *rough_truth(World *w);
/* The process is dead for so long: nobody hears an answer. settles: whatever was in flight has taken
 * its effect by then; else some of it does later, perhaps behind what was done again. */
void rough_dies(World *w, int64_t ms, bool settles);
void rough_unlock(World *w, uint32_t automation, uint32_t entity); /* by hand */
/* From now on what was lost or slow is neither, and the clock goes as clocks do: how a bad day ends. */
void rough_calms(World *w);

#endif
