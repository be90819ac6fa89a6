/* evidence: what a gate asks for besides a yes (`asks work_order : text`). It comes with `tagout ack` as NAME=VALUE, and goes
 * into the journal, the log and the status as part of the answer's text: "dana; work_order=WO-7". */
#ifndef TAGOUT_CLI_EVIDENCE_H
#define TAGOUT_CLI_EVIDENCE_H

#include "lang/buf.h"
#include "lang/program.h"

bool evidence_is(const char *word); /* NAME=VALUE: no name of a member */
/* Appends " work_order=... approved=..." : what the gate asks for. gate: NONE_INDEX for a hold. */
void evidence_wanted(const Program *p, uint32_t gate, Buf *out);
/* Every piece once, each of its type, and none that was not asked for: appends the answer's text. False after saying what is
 * missing or wrong. */
bool evidence_take(const Program *p, uint32_t gate, const char *who, const char *const *words, int count, Buf *out);

#endif
