/* reserve: room in the fleet's budget, set apart for a plan when the last approval is given, or else when its run starts. */
#ifndef TAGOUT_CLI_RESERVE_H
#define TAGOUT_CLI_RESERVE_H

#include "cli/verb.h"
#include "runtime/plan.h"
#include "runtime/plan_need.h"

/* EXIT_DONE: reserved, or there is nothing to reserve. EXIT_INFEASIBLE after E_NO_ROOM: who has the rest, on which day, and the
 * next day with room. Runs that have ended, or whose folder is gone, are removed from the ledger on the way. run: "" none yet. */
ExitCode reserve_take(Ledger *l, const Plan *plan, const char *plan_file, const char *run, const PlanNeed *need, Arena *arena, DiagSink *sink);
/* One line per plan that has something reserved; "" when none has. */
int reserve_list(Ledger *l, Buf *out);
/* What a plan has that nobody has begun, as a person says: word is a plan file, or how its digest begins. Says what goes, and asks, unless
 * the word is given. */
ExitCode reserve_release(Ledger *l, const char *word, bool given);

#endif
