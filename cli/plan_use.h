/* plan_use: a plan runs once. plans/DIGEST in the state folder names the run that used it; it is written before there is a run,
 * and locked while one is made, so that two that start at once are not both let in. A run that goes on is the same run. */
#ifndef TAGOUT_CLI_PLAN_USE_H
#define TAGOUT_CLI_PLAN_USE_H

#include "cli/verb.h"
#include "lang/arena.h"
#include "lang/diag.h"

typedef struct PlanUse { int fd; const char *path; } PlanUse; /* fd -1: nothing is claimed */

/* EXIT_STALE after a diagnostic: E_PLAN_USED, with the run that used it. EXIT_USAGE: the mark cannot be looked at, which is
 * said. file: the plan's name, for messages. */
ExitCode plan_use_claim(const char *state, const char *digest, const char *file, Arena *arena, DiagSink *sink, PlanUse *ret);
/* Before the run is made, and once it is: false after saying why it cannot be kept. */
bool plan_use_by(const PlanUse *u, const char *run_id);
bool plan_use_begun(const PlanUse *u, const char *run_id);
void plan_use_done(PlanUse *u);

#endif
