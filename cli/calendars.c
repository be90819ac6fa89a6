/* calendars: see calendars.h. A calendar is read as any source is, and must be one from its first line to its last. */
#include <config.h>

#include "cli/calendars.h"

#include "cli/project.h"
#include "runtime/ics.h"

Source *calendar_load(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from, const char *path, Span place) {
  (void)ctx;
  const Closed *closed;
  uint32_t count;
  Source *s = source_load(map, arena, sink, path_beside(arena, from->name, path), place);
  return s && ics_closed(s->name, s->text, zone_utc(), 0, 1, arena, sink, &closed, &count) ? s : NULL;
}
