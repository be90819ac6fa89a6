/* desk_keep: what was served is kept for so many days and then removed, so that a desk that stands for years does not fill its disk: the
 * incidents that are over, the evidence that none of the others needs, what lies in `taken` and `refused` of the watched folder. A run
 * keeps what it is about: its journal says which incidents it was for, its folder has their evidence. */
#ifndef TAGOUT_CLI_DESK_KEEP_H
#define TAGOUT_CLI_DESK_KEEP_H

#include "cli/desk.h"

/* What is due now: looks once an hour, and removes some at a time. False when the queue cannot be used any more. */
bool desk_keep(Desk *d);

#endif
