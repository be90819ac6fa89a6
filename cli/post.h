/* post: messages to a run from another process: durable before the verb returns, taken by whoever has the run in hands, now or
 * after a resume. */
#ifndef TAGOUT_CLI_POST_H
#define TAGOUT_CLI_POST_H

#include "cli/status.h"

/* Opens the run for reading and brings it to its present state. A run that has ended takes no messages: said, EXIT_USAGE. In
 * all cases run_close. What people told a run whose process is dead counts as if it had been taken. word: which run, NULL the latest; state: the option, or NULL. */
ExitCode post_open(const char *word, const char *state, RunState *ret);
/* May this person say yes to something that the run asks? False after saying why not: neither who started it nor who is on duty. */
bool post_may_say_yes(const RunState *r, const char *who, const char *verb);
bool post_send(const RunState *r, const Event *e);   /* false after saying why */
/* Where a process has the run: waits a moment until it has taken what was sent, and says so, or for each what came of it instead
 * (EXIT_CHECK). Where none has: who will take it. */
ExitCode post_outcome(const RunState *r, const char *verb, const Event *sent, uint32_t count);

#endif
