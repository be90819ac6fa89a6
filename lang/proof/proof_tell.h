/* proof_tell: a way to a finding in sentences, one per thing that happened, with the line of the runbook where it stands. */
#ifndef TAGOUT_LANG_PROOF_PROOF_TELL_H
#define TAGOUT_LANG_PROOF_PROOF_TELL_H

#include "lang/buf.h"
#include "lang/proof/proof.h"

/* Appends the sentence of a move; false: it says nothing to a reader, and nothing was appended. names: per kind what the witness is called,
 * NULL: by its kind. */
bool tell_move(const Program *p, const Move *m, const char *const *names, Buf *out);
/* Where it stands: line and file; 0: nowhere. */
uint32_t tell_line(const Program *p, const Move *m, const char **ret_source);
/* What is wrong, in one sentence without a full stop. */
void tell_finding(const Program *p, const Finding *f, Buf *out);
/* What to do about it, NULL: nothing general can be said. */
const char *tell_help(const Program *p, const Finding *f, Arena *arena);

#endif
