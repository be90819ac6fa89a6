/* ics: what an iCalendar file (RFC 5545) closes. Its events are times at which a window does not open; nothing else of a
 * calendar matters here. Pure: bytes and times are arguments.
 *
 * A file is understood whole or refused: a freeze that was read as something else is worse than none that was read. Where it
 * leaves a choice, more is closed: an event counts also when it is marked as free (TRANSP), and one that was moved
 * (RECURRENCE-ID) closes both its old and its new time. A cancelled event closes nothing. */
#ifndef TAGOUT_RUNTIME_ICS_H
#define TAGOUT_RUNTIME_ICS_H

#include "runtime/calendar.h"

typedef struct Closed { int64_t from, to; } Closed; /* ms UTC, from <= t < to */

/* What the events take up of from..to: in order, none touches the next. Whole days and times without a zone are of `zone`.
 * In the arena. False when the file is damaged or says what is not understood: one diagnostic (E_CALENDAR_TEXT), with its line. */
bool ics_closed(const char *file, const char *bytes, const Zone *zone, int64_t from, int64_t to, Arena *arena, DiagSink *sink,
                const Closed **ret, uint32_t *ret_count);

#endif
