/* kept: what `status` says of a run that has ended, kept beside its journal in `status.kept`. It is bound to the head of the
 * journal's hash chain, and to the folder: files that are not exactly those it was written beside (inode, size, times of the
 * last change), or other bytes in it than were written, and the journal is replayed as if there were none. Nothing but the
 * time that `status` takes rests on it. */
#ifndef TAGOUT_CLI_KEPT_H
#define TAGOUT_CLI_KEPT_H

#include "cli/output.h"
#include "cli/run_state.h"

/* What there is to keep of a run that has ended; while its journal is open. */
void kept_make(RunState *r, Buf *ret);
/* After the journal was closed. A failure is not told: the status takes longer then. */
void kept_write(const char *dir, const Buf *made);
/* False, with nothing said: none that stands for the run as it is. */
bool kept_status(const char *dir, Format format, Buf *out);

#endif
