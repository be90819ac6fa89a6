/* post: messages to a run from another process: durable before the verb returns, taken by whoever has the run in hands, now or
 * after a resume. */
#ifndef TAGOUT_CLI_POST_H
#define TAGOUT_CLI_POST_H

#include "cli/status.h"

/* Opens the run for reading and brings it to its present state. A run that has ended takes no messages: said, EXIT_USAGE. In
 * all cases run_close. word: which run, NULL the latest; state: the option, or NULL. */
ExitCode post_open(const char *word, const char *state, RunState *ret);
/* May this person say yes to something that the run asks? False after saying why not: neither who started it nor who is on duty. */
bool post_may_say_yes(const RunState *r, const char *who, const char *verb);
bool post_send(const RunState *r, const Event *e);   /* false after saying why */
void post_say_when(const RunState *r);               /* when it will be taken */

#endif
