/* binds: what keeps a run from starting more at this moment, and when there is room again, for people and as data. */
#ifndef TAGOUT_CLI_BINDS_H
#define TAGOUT_CLI_BINDS_H

#include "cli/run_state.h"

struct json_t;

/* A line each, `label` columns in front of the text: "step drain: 600 at once; 18 wait; next place when one ends". */
void binds_text(RunState *r, int label, Buf *out);
struct json_t *binds_json(RunState *r);

#endif
