/* Zones, local days and windows: the ordinary days, the hour that does not exist, the hour that comes
 * twice. */
#include <config.h>

#include "runtime/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/limits.h"
#include "lang/quantity.h"

static Arena *arena;
static DiagSink *sink;

static int set_up(void **state) {
  (void)state;
  arena = arena_new();
  sink = diag_sink_new(arena, NULL);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  arena_free(arena);
  return 0;
}

static Zone *zone(const char *name) {
  Zone *z = zone_load(arena, NULL, name, sink, (Span){0, 0});
  assert_non_null(z);
  return z;
}

enum { MON = 1, TUE = 2, WED = 4, SAT = 32, SUN = 64, DAILY = 127 };
#define HOUR 3600000
#define MINUTE 60000

static int32_t day(int64_t year, int64_t month, int64_t d) { return (int32_t)date_to_days(year, month, d); }
static int64_t utc(int64_t year, int64_t month, int64_t d, int32_t hour, int32_t minute) {
  return (int64_t)day(year, month, d) * 24 * HOUR + hour * HOUR + minute * MINUTE;
}

static void shows(const Zone *z, int64_t t, const char *wanted) {
  Buf b = BUF_INIT;
  zone_format(z, t, &b);
  assert_string_equal(b.data, wanted);
  buf_done(&b);
}

/* The opening at or after t, as people of the zone read it. */
static void opens(const Window *w, int64_t t, const char *open, const char *close) {
  Opening o;
  assert_true(window_next(w, t, &o));
  shows(w->zone, o.open, open);
  shows(w->zone, o.close, close);
  assert_int_equal(zone_day(w->zone, o.open), o.day);
  assert_true(o.open < o.close && o.close > t);
  assert_true(window_is_open(w, o.open, NULL));
  assert_true(window_is_open(w, o.close - 1, NULL));
}

static void test_days(void **state) {
  (void)state;
  assert_int_equal(calendar_weekday(0), 3);
  assert_int_equal(calendar_weekday(-1), 2);
  assert_int_equal(calendar_weekday(day(2026, 1, 5)), 0);
  assert_int_equal(calendar_weekday(day(2024, 2, 29)), 3);
  assert_int_equal(calendar_weekday(-719162), 0);
  assert_int_equal(zone_day(zone_utc(), -1), -1);
  assert_int_equal(zone_day(zone_utc(), 0), 0);
  assert_int_equal(zone_day(zone("Pacific/Kiritimati"), utc(2026, 1, 1, 10, 0)), day(2026, 1, 2));
  assert_int_equal(zone_day(zone("America/Phoenix"), utc(2026, 1, 1, 6, 59)), day(2025, 12, 31));
  assert_int_equal(zone_day(zone("America/Phoenix"), utc(2026, 1, 1, 7, 0)), day(2026, 1, 1));
  assert_int_equal(zone_day_start(zone("America/Phoenix"), day(2026, 1, 1)), utc(2026, 1, 1, 7, 0));
}

static void test_formats(void **state) {
  (void)state;
  const Zone *phoenix = zone("America/Phoenix"), *london = zone("Europe/London");
  shows(phoenix, utc(2026, 1, 5, 18, 0), "2026-01-05 11:00:00 MST");
  shows(phoenix, utc(2026, 7, 5, 18, 0), "2026-07-05 11:00:00 MST"); /* no summer time */
  shows(london, utc(2026, 7, 5, 18, 0) + 59999, "2026-07-05 19:00:59 BST");
  shows(zone_utc(), -1, "1969-12-31 23:59:59 UTC");
  shows(zone_utc(), INT64_MAX, "9999-12-31 23:59:59 UTC");
  shows(phoenix, INT64_MIN, "0000-12-31 16:31:42 LMT");
  shows(london, utc(2100, 7, 5, 18, 0), "2100-07-05 19:00:00 BST"); /* by the rule of the last line */
  Buf b = BUF_INIT;
  zone_format_short(phoenix, utc(2026, 1, 5, 18, 5), &b);
  assert_string_equal(b.data, "Mon 11:05");
  buf_done(&b);
  assert_string_equal(zone_name(phoenix), "America/Phoenix");
}

static void test_window_of_phoenix(void **state) {
  (void)state;
  const Zone *z = zone("America/Phoenix");
  Window w = {.zone = z, .days = MON | WED, .from = 11 * HOUR, .to = 20 * HOUR};
  opens(&w, utc(2026, 1, 5, 0, 0), "2026-01-05 11:00:00 MST", "2026-01-05 20:00:00 MST");
  opens(&w, utc(2026, 1, 5, 20, 0), "2026-01-05 11:00:00 MST", "2026-01-05 20:00:00 MST"); /* inside */
  opens(&w, utc(2026, 1, 6, 3, 0), "2026-01-07 11:00:00 MST",
        "2026-01-07 20:00:00 MST"); /* at the very end */
  opens(&w, utc(2026, 1, 8, 3, 0), "2026-01-12 11:00:00 MST", "2026-01-12 20:00:00 MST");
  opens(&w, utc(2026, 7, 6, 0, 0), "2026-07-06 11:00:00 MST", "2026-07-06 20:00:00 MST");
  assert_false(window_is_open(&w, utc(2026, 1, 5, 17, 59), NULL));
  assert_true(window_is_open(&w, utc(2026, 1, 5, 18, 0), NULL));
  assert_false(window_is_open(&w, utc(2026, 1, 6, 3, 0), NULL));
  Opening o;
  assert_true(window_is_open(&w, utc(2026, 1, 6, 2, 59), &o));
  assert_int_equal(o.close, utc(2026, 1, 6, 3, 0));
}

static void test_except(void **state) {
  (void)state;
  const int32_t except[] = {day(2026, 1, 7), day(2026, 1, 5)};
  Window w = {.zone = zone("America/Phoenix"),
              .days = MON | WED,
              .from = 11 * HOUR,
              .to = 20 * HOUR,
              .except = except,
              .except_count = 2};
  opens(&w, utc(2026, 1, 5, 0, 0), "2026-01-12 11:00:00 MST", "2026-01-12 20:00:00 MST");
}

static void test_window_over_midnight(void **state) {
  (void)state;
  const int32_t except[] = {day(2026, 1, 6)};
  Window w = {.zone = zone("Europe/Amsterdam"),
              .days = MON | TUE,
              .from = 22 * HOUR,
              .to = 6 * HOUR,
              .except = except,
              .except_count = 1};
  opens(&w, utc(2026, 1, 6, 4, 0), "2026-01-05 22:00:00 CET",
        "2026-01-06 06:00:00 CET"); /* the exception opens nothing, it closes nothing */
  opens(&w, utc(2026, 1, 6, 5, 0), "2026-01-12 22:00:00 CET", "2026-01-13 06:00:00 CET");
  Window whole = {.zone = zone_utc(), .days = SUN, .from = 0, .to = 0};
  opens(&whole, utc(2026, 1, 1, 0, 0), "2026-01-04 00:00:00 UTC", "2026-01-05 00:00:00 UTC");
  whole.to = 24 * HOUR;
  opens(&whole, utc(2026, 1, 1, 0, 0), "2026-01-04 00:00:00 UTC", "2026-01-05 00:00:00 UTC");
}

/* New York, 2026-03-08: 02:00 becomes 03:00. */
static void test_the_hour_that_does_not_exist(void **state) {
  (void)state;
  const Zone *z = zone("America/New_York");
  int32_t d = day(2026, 3, 8);
  assert_int_equal(zone_instant(z, d, 2 * HOUR, false), utc(2026, 3, 8, 7, 0));
  assert_int_equal(zone_instant(z, d, 2 * HOUR + 30 * MINUTE, false), utc(2026, 3, 8, 7, 0));
  assert_int_equal(zone_instant(z, d, 2 * HOUR + 30 * MINUTE + 1, true), utc(2026, 3, 8, 7, 0));
  assert_int_equal(zone_instant(z, d, 3 * HOUR - 1, true), utc(2026, 3, 8, 7, 0));
  assert_int_equal(zone_instant(z, d, 2 * HOUR - 1, false), utc(2026, 3, 8, 7, 0) - 1);
  assert_int_equal(zone_instant(z, d, 3 * HOUR, false), utc(2026, 3, 8, 7, 0));
  Window opens_in_it = {.zone = z, .days = DAILY, .from = 2 * HOUR + 30 * MINUTE, .to = 5 * HOUR};
  opens(&opens_in_it, utc(2026, 3, 8, 5, 0), "2026-03-08 03:00:00 EDT", "2026-03-08 05:00:00 EDT");
  Window closes_in_it = {.zone = z, .days = DAILY, .from = HOUR, .to = 2 * HOUR + 30 * MINUTE};
  opens(&closes_in_it, utc(2026, 3, 8, 5, 0), "2026-03-08 01:00:00 EST", "2026-03-08 03:00:00 EDT");
  Window lies_in_it = {
      .zone = z, .days = DAILY, .from = 2 * HOUR + 10 * MINUTE, .to = 2 * HOUR + 50 * MINUTE};
  opens(&lies_in_it, utc(2026, 3, 8, 5, 0), "2026-03-09 02:10:00 EDT", "2026-03-09 02:50:00 EDT");
}

/* New York, 2026-11-01: 02:00 becomes 01:00. */
static void test_the_hour_that_comes_twice(void **state) {
  (void)state;
  const Zone *z = zone("America/New_York");
  int32_t d = day(2026, 11, 1);
  assert_int_equal(zone_instant(z, d, HOUR + 30 * MINUTE, false), utc(2026, 11, 1, 5, 30));
  assert_int_equal(zone_instant(z, d, HOUR + 30 * MINUTE, true), utc(2026, 11, 1, 6, 30));
  assert_int_equal(zone_instant(z, d, HOUR, false), utc(2026, 11, 1, 5, 0));
  assert_int_equal(zone_instant(z, d, HOUR, true), utc(2026, 11, 1, 6, 0));
  assert_int_equal(zone_instant(z, d, 2 * HOUR, false), utc(2026, 11, 1, 7, 0));
  assert_int_equal(zone_instant(z, d, 2 * HOUR, true), utc(2026, 11, 1, 7, 0));
  Window w = {.zone = z, .days = SUN, .from = HOUR + 30 * MINUTE, .to = 4 * HOUR};
  opens(&w, utc(2026, 11, 1, 0, 0), "2026-11-01 01:30:00 EDT",
        "2026-11-01 04:00:00 EST"); /* three hours and a half */
  Window closes_in_it = {.zone = z, .days = SAT, .from = 23 * HOUR, .to = HOUR + 30 * MINUTE};
  opens(&closes_in_it, utc(2026, 11, 1, 0, 0), "2026-10-31 23:00:00 EDT", "2026-11-01 01:30:00 EST");
  assert_true(window_is_open(&w, utc(2026, 11, 1, 6, 15), NULL)); /* 01:15 the second time */
}

static void test_odd_days(void **state) {
  (void)state;
  const Zone *apia = zone("Pacific/Apia"); /* went from 29 to 31 December 2011 */
  assert_int_equal(zone_instant(apia, day(2011, 12, 30), 12 * HOUR, false), utc(2011, 12, 30, 10, 0));
  assert_int_equal(zone_day_start(apia, day(2011, 12, 31)), utc(2011, 12, 30, 10, 0));
  Window w = {.zone = apia, .days = DAILY, .from = 9 * HOUR, .to = 17 * HOUR};
  opens(&w, utc(2011, 12, 30, 4, 0), "2011-12-31 09:00:00 +14",
        "2011-12-31 17:00:00 +14");         /* no 30th at all */
  const Zone *beirut = zone("Asia/Beirut"); /* its clock jumps at midnight: the day begins at one */
  assert_int_equal(zone_day_start(beirut, day(2024, 3, 31)), utc(2024, 3, 30, 22, 0));
  shows(beirut, zone_day_start(beirut, day(2024, 3, 31)), "2024-03-31 01:00:00 EEST");
  Window leap = {.zone = zone("Europe/Berlin"), .days = DAILY, .from = 23 * HOUR, .to = HOUR};
  opens(&leap, utc(2028, 2, 29, 12, 0), "2028-02-29 23:00:00 CET", "2028-03-01 01:00:00 CET");
  const Zone *howe = zone("Australia/Lord_Howe"); /* its summer time is half an hour */
  assert_int_equal(zone_instant(howe, day(2026, 4, 5), HOUR + 45 * MINUTE, true) -
                       zone_instant(howe, day(2026, 4, 5), HOUR + 45 * MINUTE, false),
                   30 * MINUTE);
  const Zone *dublin = zone("Europe/Dublin"); /* its winter time is the exception */
  shows(dublin, utc(2060, 7, 1, 12, 0), "2060-07-01 13:00:00 IST");
  shows(dublin, utc(2060, 1, 1, 12, 0), "2060-01-01 12:00:00 GMT");
}

static void test_windows_that_never_open(void **state) {
  (void)state;
  Opening o;
  Window never = {.zone = zone_utc(), .days = 0, .from = 0, .to = 24 * HOUR};
  assert_false(window_next(&never, 0, &o));
  assert_false(window_is_open(&never, 0, NULL));
  Window late = {.zone = zone_utc(), .days = DAILY, .from = 0, .to = HOUR};
  assert_true(window_next(&late, INT64_MIN, &o));
  assert_false(window_next(&late, INT64_MAX, &o));
}

/* Daily, but for a run of days from today on: found on the last day that is looked at, not on the one after. */
static void test_how_far_is_looked(void **state) {
  (void)state;
  static int32_t except[LIMIT_CALENDAR_DAYS + 1];
  for (int32_t i = 0; i <= LIMIT_CALENDAR_DAYS; i++) except[i] = day(2026, 1, 5) + i;
  Window w = {.zone = zone_utc(), .days = DAILY, .from = 11 * HOUR, .to = 20 * HOUR, .except = except};
  Opening o;
  w.except_count = LIMIT_CALENDAR_DAYS;
  assert_true(window_next(&w, utc(2026, 1, 5, 0, 0), &o));
  assert_int_equal(o.day, day(2026, 1, 5) + LIMIT_CALENDAR_DAYS);
  w.except_count = LIMIT_CALENDAR_DAYS + 1;
  assert_false(window_next(&w, utc(2026, 1, 5, 0, 0), &o));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_days),
      cmocka_unit_test(test_formats),
      cmocka_unit_test(test_window_of_phoenix),
      cmocka_unit_test(test_except),
      cmocka_unit_test(test_window_over_midnight),
      cmocka_unit_test(test_the_hour_that_does_not_exist),
      cmocka_unit_test(test_the_hour_that_comes_twice),
      cmocka_unit_test(test_odd_days),
      cmocka_unit_test(test_windows_that_never_open),
      cmocka_unit_test(test_how_far_is_looked),
  };
  return cmocka_run_group_tests_name("calendar", tests, set_up, tear_down);
}
