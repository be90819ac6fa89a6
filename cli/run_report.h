/* run_report: what is left to say when a run has ended: a page in its folder, and its first lines for the person in front. */
#ifndef TAGOUT_CLI_RUN_REPORT_H
#define TAGOUT_CLI_RUN_REPORT_H

#include "cli/status.h"

/* Writes report.txt into the run's folder and prints the summary with its path. False when it cannot be written. */
bool run_report(RunState *r);
ExitCode run_exit(const RunState *r); /* of a run that has ended */

#endif
