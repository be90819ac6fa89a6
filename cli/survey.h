/* survey: `tagout test --mutate`: which mistakes in a runbook its tests would not notice. Every mutant (lang/mutate.h) goes
 * through the front end and, in a process of its own, through the tests of its runbook until one fails. */
#ifndef TAGOUT_CLI_SURVEY_H
#define TAGOUT_CLI_SURVEY_H

#include "cli/output.h"

typedef struct Survey {
  const char *const *files;  /* as the user gave them; none is "-", because each is read again for every mutant */
  int file_count;
  const char *only;          /* only the tests whose title contains it; NULL: all */
  const char *list;          /* write the mutants that check to this folder and run nothing; NULL: no */
  const char *at_least;      /* "80%": fewer caught than this is a failure; NULL: never */
  Format format;             /* text or json */
} Survey;

/* EXIT_CHECK when the files have errors, a test fails already without a mutant, or fewer are caught than asked for. */
ExitCode survey_run(const Survey *s);

#endif
