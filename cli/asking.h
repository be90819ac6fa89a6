/* asking: `status` of a run that a living process has in hands is told by that process from what it holds in memory: exact, as
 * of a moment after the question, and in a time that does not depend on how much lies behind the run.
 *
 * A question is a file in the folder `ask` of the run, named after the format and whoever asks; what is in it is the folder's
 * name as that person gave it. The answer is a file beside it, put there by rename. Nothing of it is durable, and nothing
 * rests on it: where no answer comes, the journal is replayed. */
#ifndef TAGOUT_CLI_ASKING_H
#define TAGOUT_CLI_ASKING_H

#include "cli/output.h"
#include "cli/run_state.h"

#define ASKING_FOLDER "ask"

/* False, with nothing said: nobody has the run, or no answer came within ASKING_MS. */
bool asking_status(const char *dir, Format format, Buf *out);

/* The side of the process that has the run: the folder made, and emptied of what nobody waits for any more; every question in
 * it answered; the folder taken away. */
void asking_open(const char *dir);
void asking_answer(RunState *r);
void asking_close(const char *dir);

#endif
