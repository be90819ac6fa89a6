/* certified: may a plan be run live? Its program is not proved again: what the proof left behind in the plan is checked, over the very
 * bytes that are about to run. */
#ifndef TAGOUT_CLI_CERTIFIED_H
#define TAGOUT_CLI_CERTIFIED_H

#include "runtime/plan.h"

/* file: where the plan comes from, for the message. False: a diagnostic (E_CERTIFICATE) says why. */
bool certificate_holds(const Plan *plan, const char *file, DiagSink *sink);

/* Line of the first statement, in the order of the text, that has no undo and makes something other than it ordinarily is; 0 none. */
uint32_t certified_no_way_back(const Program *p);

#endif
