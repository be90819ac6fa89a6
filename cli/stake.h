/* stake: what is at stake when a person steers a run, in lines for the screen. */
#ifndef TAGOUT_CLI_STAKE_H
#define TAGOUT_CLI_STAKE_H

#include "cli/run_state.h"

void stake_members(const RunState *r);                      /* "  it is about 320 nodes; out of service now: 12" */
void stake_in_flight(RunState *r, const char *what);        /* "  in flight: 3 reboot; the last ends by Sat 22:16" */
void stake_locks(const RunState *r, const char *until);     /* "  960 locks stand"; nothing where none does */

#endif
