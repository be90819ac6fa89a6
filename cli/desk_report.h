/* desk_report: a desk to look at, from its files: whether it is up or not. */
#ifndef TAGOUT_CLI_DESK_REPORT_H
#define TAGOUT_CLI_DESK_REPORT_H

#include "cli/desk_home.h"
#include "cli/output.h"
#include "runtime/intake.h"

/* Every desk of the state folder, or the one so named: who serves it, what waits and for what, which runs go on, what came of the
 * last incidents. EXIT_USAGE after saying that there is none. */
ExitCode desk_report(const char *state, const char *name, Format format);
/* One incident as JSON, for a request: a new text that the caller frees. */
char *desk_incident_json(const Incident *i);

/* What plans stand for: "`link_fault`, `leak`"; nothing is added where none does. */
void desk_names(const char *state, Buf *out);

#endif
