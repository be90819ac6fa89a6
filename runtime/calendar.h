/* calendar: windows, time zones, local days. Pure: time is an argument, int64_t milliseconds since 1970-01-01
 * 00:00 UTC; the clock is never read. The only input is the zone's file of the system's tzdata.
 *
 * Twice a year a zone's clock jumps. A local time that does not exist (02:30 on the day the clock goes
 * from 02:00 to 03:00) means the first instant after the gap. A local time that comes twice means, for an
 * opening, its first occurrence, and for a closing its last: a window never opens late or closes early
 * because the clock was set back; it is an hour longer. A window that lies wholly in a gap does not open
 * that day. */
#ifndef TAGOUT_RUNTIME_CALENDAR_H
#define TAGOUT_RUNTIME_CALENDAR_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A day is a number, 1970-01-01 is 0; date_to_days and date_from_days of lang/quantity.h convert it. */
unsigned calendar_weekday(int32_t day); /* 0 Monday ... 6 Sunday */

/* ---- zones ---- */

typedef struct Zone Zone; /* in the arena it was loaded into; immutable */

/* The IANA zone from dir (NULL: the system's, /usr/share/zoneinfo). NULL when there is none or its file is
 * damaged; the diagnostic is at place. "UTC" needs no file. */
Zone *zone_load(Arena *arena, const char *dir, const char *name, DiagSink *sink, Span place);
/* The same from bytes of a TZif file, for tests; NULL with a reason in *ret_why. */
Zone *zone_parse(Arena *arena, const char *name, const void *bytes, size_t len, const char **ret_why);
const Zone *zone_utc(void);
const char *zone_name(const Zone *z);

/* Seconds east of UTC at the instant t; the abbreviation ("MST") in *ret_abbreviation if it is not NULL. */
int32_t zone_offset(const Zone *z, int64_t t, const char **ret_abbreviation);
int32_t zone_day(const Zone *z, int64_t t);            /* the local day that t is in: the day of a budget */
int64_t zone_day_start(const Zone *z, int32_t day);    /* its first instant */
/* The instant of a local time, ms_of_day from 0 to 86,400,000; last: of two occurrences the last one. */
int64_t zone_instant(const Zone *z, int32_t day, int32_t ms_of_day, bool last);

/* "2026-01-05 11:00:00 MST" and "Mon 11:00": how an instant is shown to people. */
void zone_format(const Zone *z, int64_t t, Buf *out);
void zone_format_short(const Zone *z, int64_t t, Buf *out);

/* ---- windows ---- */

typedef struct Window {
  const Zone *zone;
  uint8_t days;          /* bit 0 Monday ... bit 6 Sunday: the days on which it opens; 0x7f is daily */
  int32_t from, to;      /* ms of the local day, 0..86,400,000; to <= from: it closes on the next day */
  const int32_t *except; /* days on which it does not open, in any order */
  uint32_t except_count;
  bool hard;             /* end hard: at the end nothing may still be under way */
} Window;

typedef struct Opening {
  int64_t open, close;   /* open <= t < close is inside */
  int32_t day;           /* the local day on which it opened */
} Opening;

/* The opening that t is in, else the next one. False when none follows within LIMIT_CALENDAR_DAYS. */
bool window_next(const Window *w, int64_t t, Opening *ret);
/* Is t inside? Then the opening in *ret (may be NULL). */
bool window_is_open(const Window *w, int64_t t, Opening *ret);

#endif
