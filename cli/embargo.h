/* embargo: `while ... start no member` on the screen: what stands, since when, and what it keeps from starting. */
#ifndef TAGOUT_CLI_EMBARGO_H
#define TAGOUT_CLI_EMBARGO_H

#include "cli/run_state.h"
#include "lang/buf.h"
#include <jansson.h>

void embargo_text(RunState *r, int label, Buf *out); /* a line for each that stands; nothing when none does */
json_t *embargo_json(RunState *r);                    /* a list; the caller owns it */

#endif
