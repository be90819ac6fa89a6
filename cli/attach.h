/* attach: evidence that comes with an incident. A file is copied to incidents/evidence/DIGEST/NAME in the state folder, and is on the
 * disk, before the incident is: whoever brought it may remove it once the incident is acknowledged. When a run begins it gets a copy
 * of its own. An address (`https://...`) is a text, and nobody fetches it. */
#ifndef TAGOUT_CLI_ATTACH_H
#define TAGOUT_CLI_ATTACH_H

#include "lang/arena.h"
#include "lang/diag.h"
#include "runtime/intake.h"
#include <stdbool.h>

#define ATTACH_MOST 268435456u      /* bytes of a file */

bool attach_is_address(const char *value);
/* NULL after one diagnostic (E_EVIDENCE): the file cannot be read or is too large, or it cannot be kept. In the arena, absolute. */
const char *attach_keep(const char *state, const char *path, Arena *arena, DiagSink *sink);
/* Held from before evidence is kept until its incident is: nobody sweeps it away in between. -1 where that cannot be had; close it. */
int attach_hold(const char *state);
/* Removes what is attached to no incident any more, and what was never kept as a whole. Somebody brings an incident at this moment:
 * nothing, another time. A negative errno: the queue cannot be read. */
int attach_sweep(const char *state, Intake *in, Arena *arena);
/* Gives a run what was kept: its path in the run's folder, the same when it is there already. NULL after saying why not. */
const char *attach_bring(const char *kept, const char *run_dir, uint64_t incident, Arena *arena);

#endif
