/* zones: the system's time zones, for the checker, which knows none. */
#ifndef TAGOUT_CLI_ZONES_H
#define TAGOUT_CLI_ZONES_H

#include "lang/diag.h"

/* The check_zone of a ModuleLoader; it needs no ctx. */
void zones_check(void *ctx, Arena *arena, DiagSink *sink, const char *name, Span place);

#endif
