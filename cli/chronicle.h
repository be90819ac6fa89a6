/* chronicle: the story of a run from its journal, in the order in which it happened. */
#ifndef TAGOUT_CLI_CHRONICLE_H
#define TAGOUT_CLI_CHRONICLE_H

#include "cli/status.h"

/* Which run it is, in two lines. */
void chronicle_head(const RunState *r, Buf *out);
/* One line per sentence: time, sentence, line of the runbook. Unless `all`, members, actions and single locks are counted
 * instead of listed, and what happens to many at once is one line. Days begin with their date and zone. False after saying why the journal cannot be read. */
bool chronicle_text(RunState *r, bool all, Buf *out);
/* Everything, as an array of objects {seq, at_ms, what, loudness, line, member, text}. */
bool chronicle_json(RunState *r, Buf *out);

#endif
