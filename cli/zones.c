/* zones: see zones.h. A room of its own, for a window is one thing to the language and another to the calendar. */
#include <config.h>

#include "cli/zones.h"

#include "runtime/calendar.h"

void zones_check(void *ctx, Arena *arena, DiagSink *sink, const char *name, Span place) {
  (void)ctx;
  zone_load(arena, NULL, name, sink, place);
}
