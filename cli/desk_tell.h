/* desk_tell: a run is told which incidents joined it, and gets their evidence. */
#ifndef TAGOUT_CLI_DESK_TELL_H
#define TAGOUT_CLI_DESK_TELL_H

#include "runtime/intake.h"

/* Of the runbook so named, those that have joined a run that is there and do not stand in its letter box yet; leader: of this incident's
 * run only, 0: of all. Each is told once, whichever process does it. False: the queue cannot be used, intake_why says why. */
bool desk_tell(Intake *in, const char *state, const char *name, uint64_t leader, Arena *arena);

#endif
