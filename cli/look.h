/* look: a verb that shows a run and changes nothing: it finds the run that is meant, opens its journal for reading, and
 * prints what the verb has to say of it. */
#ifndef TAGOUT_CLI_LOOK_H
#define TAGOUT_CLI_LOOK_H

#include "cli/output.h"
#include "cli/run_state.h"

/* What is to be seen, into out. False after saying why there is nothing. */
typedef bool (*Look)(RunState *r, const char *dir, Format format, const Args *args, Buf *out);

/* The same without the journal, where that can be had; false: it cannot. */
typedef bool (*Glance)(const char *dir, Format format, Buf *out);

/* glance: may be NULL. format, state: indices of the options --format (text or json) and --state among the verb's. */
ExitCode look_at(const Args *args, int format, int state, Glance glance, Look look);

#endif
