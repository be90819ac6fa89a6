/* standing: the locks that stand of one run, whether its process lives, is dead, or the run has ended. What people asked to be
 * broken, or broke, while nobody has taken the run's mail, counts. */
#ifndef TAGOUT_CLI_STANDING_H
#define TAGOUT_CLI_STANDING_H

#include "cli/status.h"

typedef struct Standing {
  RunState run;              /* replayed, and told of its mail about locks; to be looked at only */
  char owner[160];           /* who has it in hands; "" nobody */
  VEC(LockView) locks;       /* by automation, then by entity */
} Standing;

/* Tells a run that was replayed what people asked to be broken, or broke, and nobody has taken. False after saying what is wrong. */
bool standing_hear(RunState *r);
/* EXIT_DONE, or the exit code after saying what is wrong. In both cases standing_close. */
ExitCode standing_open(const char *dir, Standing *ret);
void standing_close(Standing *s);
int64_t standing_age(const Standing *s, const LockView *lock);  /* ms; of a drill by its own clock */
const char *standing_word(const LockView *lock);        /* "held", "handed over" */
const char *standing_run(const Standing *s);            /* "going, in hand of process 7 on h", "its process is gone", "completed" */

#endif
