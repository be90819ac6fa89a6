/* calendars: the calendar files that windows are frozen by, found beside the file that names them. */
#ifndef TAGOUT_CLI_CALENDARS_H
#define TAGOUT_CLI_CALENDARS_H

#include "lang/source_load.h"

/* The `calendar` of a ModuleLoader; it needs no ctx. */
Source *calendar_load(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from, const char *path, Span place);

#endif
