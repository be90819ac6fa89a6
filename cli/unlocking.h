/* unlocking: takes locks off that a run no longer can or will, by the programs of its site, and reads each back. */
#ifndef TAGOUT_CLI_UNLOCKING_H
#define TAGOUT_CLI_UNLOCKING_H

#include "cli/standing.h"

/* off[i]: whether locks[i] has been unlocked and reads as not locked; what went wrong with the others is said. In a drill nothing real
 * stands, and all are off. EXIT_DONE: all of them. */
ExitCode unlocking(const Standing *s, const LockView *locks, uint32_t count, bool *off);

#endif
