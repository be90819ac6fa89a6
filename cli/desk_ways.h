/* desk_ways: the loop of the standing process: what wakes it (the queue that somebody else wrote, files in the watched folder, requests,
 * children that ended, a clock, signals), until it is told to stop. */
#ifndef TAGOUT_CLI_DESK_WAYS_H
#define TAGOUT_CLI_DESK_WAYS_H

#include "cli/desk.h"

/* The desk is open and its lock is held. EXIT_DONE once it was stopped; else after saying why it cannot go on. */
ExitCode desk_ways_serve(Desk *d);

#endif
