/* conduct: leads a run from where its journal ends to its own end, or to where a person stops it. A new run and one that was
 * cut off are the same to it: the first has an empty journal. */
#ifndef TAGOUT_CLI_CONDUCT_H
#define TAGOUT_CLI_CONDUCT_H

#include "cli/progress.h"

typedef struct ConductOptions {
  ProgressMode progress;
  const char *by;            /* who does this */
  const char *plan;          /* the bytes of the plan that this process has just launched: its certificate holds, its members */
  size_t plan_len;           /* are claimed. NULL: another process made the run */
} ConductOptions;

/* dir: the folder of a run. Everything is said and printed; returns the exit code of the verb. */
ExitCode conduct(const char *dir, const ConductOptions *options);

#endif
