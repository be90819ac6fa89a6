/* calendar.c: local times to instants and back, windows, and how an instant is shown. All that it knows of
 * a zone is its offset at an instant. */
#include <config.h>

#include "runtime/calendar.h"

#include <inttypes.h>

#include "lang/limits.h"
#include "lang/quantity.h"

#define SECOND_MS INT64_C(1000)
#define DAY_MS INT64_C(86400000)
/* Every offset is less than a day: this long before and after a local time read as UTC, no clock shows it. */
#define AROUND_MS DAY_MS
/* The years 1 to 9999; instants beyond are taken for the ends of that. */
#define FIRST_MS (INT64_C(-719162) * DAY_MS)
#define LAST_MS (INT64_C(2932897) * DAY_MS - 1)

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static int64_t in_range(int64_t t) { return t < FIRST_MS ? FIRST_MS : t > LAST_MS ? LAST_MS : t; }
static int64_t offset_ms(const Zone *z, int64_t t) { return zone_offset(z, t, NULL) * SECOND_MS; }

unsigned calendar_weekday(int32_t day) {
  return (unsigned)(((int64_t)day + 3) % 7 + 7) % 7;
} /* day 0 was a Thursday */

int32_t zone_day(const Zone *z, int64_t t) {
  t = in_range(t);
  return (int32_t)floor_div(t + offset_ms(z, t), DAY_MS);
}

int64_t zone_day_start(const Zone *z, int32_t day) { return zone_instant(z, day, 0, false); }

/* The first instant in (low, high] at which the offset is no longer that of low; it changes once in
 * between. */
static int64_t change_between(const Zone *z, int64_t low, int64_t high) {
  int64_t before = offset_ms(z, low);
  low = floor_div(low, SECOND_MS); /* changes are at full seconds */
  high = floor_div(high, SECOND_MS) + 1;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    if (offset_ms(z, middle * SECOND_MS) == before)
      low = middle;
    else
      high = middle;
  }
  return high * SECOND_MS;
}

/* Two offsets can be meant, that before and that after a change nearby. Both hold where a local time comes
 * twice, neither where it does not exist. */
int64_t zone_instant(const Zone *z, int32_t day, int32_t ms_of_day, bool last) {
  int64_t local = day * DAY_MS + ms_of_day;
  int64_t before = local - offset_ms(z, local - AROUND_MS), after = local - offset_ms(z, local + AROUND_MS);
  bool first_holds = before + offset_ms(z, before) == local,
       second_holds = after + offset_ms(z, after) == local;
  if (first_holds && second_holds) return (before < after) == last ? after : before;
  if (first_holds) return before;
  if (second_holds) return after;
  return change_between(z, after, before);
}

/* ---- windows ---- */

static bool is_excepted(const Window *w, int32_t day) {
  for (uint32_t i = 0; i < w->except_count; i++)
    if (w->except[i] == day) return true;
  return false;
}

/* The opening of the day; false when there is none, or it lies in a gap. */
static bool opening_of(const Window *w, int32_t day, Opening *ret) {
  if (!(w->days >> calendar_weekday(day) & 1) || is_excepted(w, day)) return false;
  int32_t closes = w->to <= w->from ? day + 1 : day;
  *ret =
      (Opening){zone_instant(w->zone, day, w->from, false), zone_instant(w->zone, closes, w->to, true), day};
  return ret->open < ret->close;
}

bool window_next(const Window *w, int64_t t, Opening *ret) {
  int32_t today = zone_day(w->zone, t);
  for (int32_t day = today - 2; day <= today + LIMIT_CALENDAR_DAYS; day++) {
    Opening o;
    if (!opening_of(w, day, &o) || o.close <= t) continue;
    *ret = o;
    return true;
  }
  return false;
}

bool window_is_open(const Window *w, int64_t t, Opening *ret) {
  Opening o;
  if (!window_next(w, t, &o) || o.open > t) return false;
  if (ret) *ret = o;
  return true;
}

/* ---- for people ---- */

typedef struct LocalTime {
  int64_t year, month, day;
  int32_t number;
  int64_t second;
  const char *abbreviation;
} LocalTime;

static LocalTime local_time(const Zone *z, int64_t t) {
  LocalTime l;
  t = in_range(t);
  int64_t local = t + zone_offset(z, t, &l.abbreviation) * SECOND_MS;
  l.number = (int32_t)floor_div(local, DAY_MS);
  l.second = floor_div(local, SECOND_MS) - l.number * (DAY_MS / SECOND_MS);
  date_from_days(l.number, &l.year, &l.month, &l.day);
  return l;
}

void zone_format(const Zone *z, int64_t t, Buf *out) {
  LocalTime l = local_time(z, t);
  buf_printf(out, "%04" PRId64 "-%02" PRId64 "-%02" PRId64 " %02" PRId64 ":%02" PRId64 ":%02" PRId64 " %s",
             l.year, l.month, l.day, l.second / 3600, l.second / 60 % 60, l.second % 60, l.abbreviation);
}

void zone_format_short(const Zone *z, int64_t t, Buf *out) {
  static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  LocalTime l = local_time(z, t);
  buf_printf(out, "%s %02" PRId64 ":%02" PRId64, days[calendar_weekday(l.number)], l.second / 3600,
             l.second / 60 % 60);
}
