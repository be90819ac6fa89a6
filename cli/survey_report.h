/* survey_report: what a survey of mutants found, for people and for programs. */
#ifndef TAGOUT_CLI_SURVEY_REPORT_H
#define TAGOUT_CLI_SURVEY_REPORT_H

#include "cli/output.h"
#include "lang/mutate.h"

typedef enum Fate {
  FATE_CAUGHT,    /* a test fails on it */
  FATE_SURVIVED,  /* every test passes */
  FATE_UNCHECKED, /* the compiler refuses it: counted, and of no further use */
  FATE_BROKEN     /* the program broke down over it: a bug of tagout */
} Fate;

typedef struct Verdict {
  Fate fate;
  uint32_t trial;
  const char *test; /* the title of the test that failed; NULL: none */
} Verdict;

/* Prints; returns the share that was caught of those that check, in parts per million, rounded down. */
int64_t survey_report(const MutantList *mutants, const Verdict *verdicts, Format format);

#endif
