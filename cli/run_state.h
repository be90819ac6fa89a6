/* run_state: one run with everything it needs, taken from its folder: record, plan, inventory, engine; and the way from its
 * journal to the state that it is in now. To read it (status, log) or to take it over (run, resume). */
#ifndef TAGOUT_CLI_RUN_STATE_H
#define TAGOUT_CLI_RUN_STATE_H

#include "cli/run_record.h"
#include "cli/tally.h"
#include "cli/verb.h"
#include "runtime/faults.h"
#include "runtime/journal.h"
#include "runtime/plan.h"

typedef struct RunState {
  const char *dir, *id;
  Arena *arena;
  RunRecord record;
  Journal *journal;
  Plan *plan;
  const Program *program;
  Fleet *fleet;
  const Frozen *frozen;
  const Faults *faults;      /* of a drill; NULL none */
  const Zone *zone;          /* in which times are shown */
  Engine *engine;
  bool misread;              /* its plan is of a format that this version does not read */
  int64_t cap;               /* nodes out at once by the budget; 0: it declares none */
  Tally tally;
  int64_t now;               /* of its world, for what is shown: later than its last event while it waits */
} RunState;

/* EXIT_DONE, or the exit code after saying what is wrong. In both cases run_close. */
ExitCode run_open(const char *dir, JournalMode mode, RunState *ret);
void run_close(RunState *r);

/* What a person types for it: the last four characters of its name. */
const char *run_short(const RunState *r);

/* Feeds the journal to the engine and the tally. world: a simulated world at the run's start, brought along until it stands
 * where the journal ends; or NULL. When the engine does not come to the very commands that the journal holds, or the world not
 * to the very events, it is said and false: nothing may be done then. */
bool run_replay(RunState *r, World *world);

#endif
