/* desk_run: the process of one incident's run. It makes the run's plan from the one that stands, its folder, and leads it to its end; or
 * puts the incident back with the reason why its run cannot begin now. It outlives the desk that started it. */
#ifndef TAGOUT_CLI_DESK_RUN_H
#define TAGOUT_CLI_DESK_RUN_H

#include "cli/desk_home.h"
#include "runtime/intake.h"

/* The folder of an incident's run. In the arena. */
const char *desk_run_dir(Arena *arena, const char *state, const Incident *i);
/* What the process says, and what it holds while it lives. In the arena. */
const char *desk_run_said(Arena *arena, const char *desk_dir, uint64_t id);
const char *desk_run_lock(Arena *arena, const char *desk_dir, uint64_t id);

/* The whole life of that process. Its errors go to stderr, which is the file of desk_run_said. */
ExitCode desk_run(const char *state, const char *name, uint64_t id);

#endif
