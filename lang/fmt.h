/* fmt: the one canonical layout of a runbook: two blanks per block, lines of at most 100 cells where they can be
 * broken, clauses in their order, at most one blank line, comments where they were. Formatting what was formatted
 * changes nothing, and the tree stays the same. */
#ifndef TAGOUT_LANG_FMT_H
#define TAGOUT_LANG_FMT_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/diag.h"
#include "lang/intern.h"
#include "lang/source.h"
#include <stdbool.h>

/* The source in canonical layout, appended to out. False: it has syntax errors, now in the sink; out is untouched. */
bool fmt_source(const Source *s, Arena *a, Intern *names, DiagSink *sink, Buf *out);

#endif
