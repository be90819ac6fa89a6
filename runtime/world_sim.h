/* world_sim: a world in which time is a number. Commands take as long as their contracts say, faults strike where the fault
 * plan or the seed wants them, people answer, automations that are not locked act. The same program, fleet, faults and
 * commands give the same events, on any machine (integers only). Paced, it is the drill: the same world, its clock tied to
 * the real one by a factor. */
#ifndef TAGOUT_RUNTIME_WORLD_SIM_H
#define TAGOUT_RUNTIME_WORLD_SIM_H

#include "runtime/engine.h"
#include "runtime/faults.h"
#include "runtime/simfleet.h"
#include "runtime/world.h"

/* Told of what happens in the world and that no run is told of; may be all NULL. */
typedef struct SimWatch {
  void *ctx;
  void (*acted)(void *ctx, uint32_t automation, uint32_t trigger, Entity e, int64_t at); /* its effect has taken place */
  void (*landed)(void *ctx, const Command *c, int64_t at); /* late; its effect takes place now */
} SimWatch;

typedef struct SimConfig {
  const Program *program;
  const Fleet *fleet;
  const int64_t *params;
  const char *const *texts; /* those of params, as in Frozen */
  uint32_t text_count;
  const Faults *faults;   /* may be NULL */
  int64_t start;          /* ms UTC at which the clock begins */
  double speed;           /* simulated ms per real ms; 0: as fast as it goes */
  SimWatch watch;
  int wake_fd;            /* paced: wait() ends early when it is readable; -1 none */
} SimConfig;

World *world_sim_new(const SimConfig *config);
/* From now on its clock is tied to the real one by this factor, or by 0 to nothing; as in SimConfig. */
void world_sim_pace(World *w, double speed, int wake_fd);
/* The runtime is dead until `until`: what was in flight takes its effect, its answers are lost. */
void world_sim_crash(World *w, int64_t until);
/* Behind a crash: what was in flight has taken its effect, all of it; nothing of it comes later, and no answer does. */
void world_sim_settle(World *w);
/* What the run has noted: faults that wait for a moment are told by it that it has come. */
void world_sim_told(World *w, const Note *note);
/* The run is over: what is under way in the world goes on until then. */
void world_sim_rest(World *w, int64_t until);
SimFleet *world_sim_truth(World *w);
/* What is true, for the expectations of tests. */
const SimFleet *world_sim_fleet(const World *w);

#endif
