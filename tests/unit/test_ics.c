/* Calendars: what their events close, by day, by rule, across changes of the clock; and that nothing damaged is taken. */
#include <config.h>

#include "lang/quantity.h"
#include "runtime/ics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static Arena *arena;
static DiagSink *sink;

static int setup(void **state) {
  (void)state;
  arena = arena_new();
  sink = diag_sink_new(arena, NULL);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  arena_free(arena);
  return 0;
}

static const Zone *zone(const char *name) {
  const Zone *z = zone_load(arena, NULL, name, sink, (Span){0, 0});
  assert_non_null(z);
  return z;
}

static int64_t utc(int64_t y, int64_t m, int64_t d) { return date_to_days(y, m, d) * INT64_C(86400000); }

/* The lines of one event in a whole calendar. */
static const char *event(const char *lines) {
  return arena_printf(arena, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n", lines);
}

/* What the event closes of the years 2026 to 2028, as local times of `z`, one per line. */
static void closes(const Zone *z, const char *lines, const char *want) {
  const Closed *c;
  uint32_t n;
  Buf text = BUF_INIT;
  assert_true(ics_closed("test.ics", event(lines), z, utc(2026, 1, 1), utc(2029, 1, 1), arena, sink, &c, &n));
  for (uint32_t i = 0; i < n; i++) {
    zone_format(z, c[i].from, &text);
    buf_str(&text, " to ");
    zone_format(z, c[i].to, &text);
    buf_char(&text, '\n');
    assert_true(c[i].from < c[i].to && (i == 0 || c[i - 1].to < c[i].from));
  }
  assert_string_equal(text.data ? text.data : "", want);
  buf_done(&text);
}

static void times_are_of_their_zone(void **state) {
  (void)state;
  const Zone *z = zone("America/Phoenix");
  closes(z, "DTSTART:20260105T110000Z\r\nDTEND:20260105T123000Z\r\n", "2026-01-05 04:00:00 MST to 2026-01-05 05:30:00 MST\n");
  closes(z, "DTSTART:20260105T110000\r\nDTEND:20260105T123000\r\n", "2026-01-05 11:00:00 MST to 2026-01-05 12:30:00 MST\n");
  closes(z, "DTSTART;TZID=Europe/Berlin:20260105T110000\r\nDURATION:PT1H30M\r\n", "2026-01-05 03:00:00 MST to 2026-01-05 04:30:00 MST\n");
  closes(z, "DTSTART;X=\"a:b;c\";TZID=\"Europe/Berlin\":20260105T1100\r\n 00\r\nDURATION:PT1H\r\n",
         "2026-01-05 03:00:00 MST to 2026-01-05 04:00:00 MST\n");
}

static void whole_days_are_of_the_window(void **state) {
  (void)state;
  const Zone *z = zone("America/New_York");
  closes(z, "DTSTART;VALUE=DATE:20260105\r\n", "2026-01-05 00:00:00 EST to 2026-01-06 00:00:00 EST\n");
  closes(z, "DTSTART;VALUE=DATE:20260105\r\nDURATION:P1W\r\n", "2026-01-05 00:00:00 EST to 2026-01-12 00:00:00 EST\n");
  /* the day of the change has 23 hours, that of the other 25 */
  closes(z, "DTSTART;VALUE=DATE:20260308\r\nDTEND;VALUE=DATE:20260309\r\n", "2026-03-08 00:00:00 EST to 2026-03-09 00:00:00 EDT\n");
  closes(z, "DTSTART;VALUE=DATE:20261101\r\nDTEND;VALUE=DATE:20261102\r\n", "2026-11-01 00:00:00 EDT to 2026-11-02 00:00:00 EST\n");
  closes(z, "DTSTART;VALUE=DATE:20280229\r\n", "2028-02-29 00:00:00 EST to 2028-03-01 00:00:00 EST\n");
}

/* 02:30 does not exist on the 8th of March and comes only once on the 1st of November's 01:30, its first time. */
static void a_rule_keeps_its_local_time(void **state) {
  (void)state;
  closes(zone("America/New_York"), "DTSTART;TZID=America/New_York:20260307T023000\r\nDURATION:PT30M\r\nRRULE:FREQ=DAILY;COUNT=3\r\n",
         "2026-03-07 02:30:00 EST to 2026-03-07 03:00:00 EST\n2026-03-08 03:00:00 EDT to 2026-03-08 03:30:00 EDT\n"
         "2026-03-09 02:30:00 EDT to 2026-03-09 03:00:00 EDT\n");
  closes(zone("America/New_York"), "DTSTART;TZID=America/New_York:20261101T013000\r\nDURATION:PT30M\r\n",
         "2026-11-01 01:30:00 EDT to 2026-11-01 01:00:00 EST\n");
}

static void rules_name_their_days(void **state) {
  (void)state;
  static const struct { const char *start, *rule, *want; } all[] = {
      {"20260105", "FREQ=DAILY;INTERVAL=2;COUNT=3", "0105 0107 0109 "},
      {"20260105", "FREQ=WEEKLY;COUNT=3", "0105 0112 0119 "},
      {"20260105", "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260114", "0105 0107 0112 0114 "},
      {"20260105", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO;COUNT=4", "0105 0118 0119 0201 "},
      {"20260105", "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=SU,MO;COUNT=4", "0105 0111 0119 0125 "},
      {"20260131", "FREQ=MONTHLY;COUNT=4", "0131 0331 0531 0731 "},
      {"20260131", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "0131 0228 0331 "},
      {"20260105", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3", "0105 0202 0302 "},
      {"20260126", "FREQ=MONTHLY;BYDAY=-1MO;COUNT=3", "0126 0223 0330 "},
      {"20260213", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "0213 0313 1113 "},
      {"20260701", "FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1,2;COUNT=3", "0701 0702 0701 "},
      {"20261126", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2", "1126 1125 "},
      {"20260105", "FREQ=YEARLY;BYDAY=1MO;COUNT=2", "0105 0104 "},
      {"20240229", "FREQ=YEARLY", "0229 "},
      {"20200101", "FREQ=YEARLY;COUNT=8", "0101 0101 "},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    const Closed *c;
    uint32_t n;
    Buf days = BUF_INIT;
    const char *text = event(arena_printf(arena, "DTSTART:%sT100000Z\r\nDURATION:PT1H\r\nRRULE:%s\r\n", all[i].start, all[i].rule));
    assert_true(ics_closed("test.ics", text, zone_utc(), utc(2026, 1, 1), utc(2029, 1, 1), arena, sink, &c, &n));
    for (uint32_t k = 0; k < n; k++) {
      int64_t y, m, d;
      date_from_days(zone_day(zone_utc(), c[k].from), &y, &m, &d);
      buf_printf(&days, "%02d%02d ", (int)m, (int)d);
    }
    assert_string_equal(days.data, all[i].want);
    buf_done(&days);
  }
}

static void exceptions_and_more_dates(void **state) {
  (void)state;
  closes(zone_utc(),
         "DTSTART:20260105T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=4\r\nEXDATE:20260106T100000Z,20260107T100000Z\r\n"
         "RDATE:20260201T100000Z\r\nEXDATE;VALUE=DATE:20260108\r\n",
         "2026-01-05 10:00:00 UTC to 2026-01-05 11:00:00 UTC\n2026-01-08 10:00:00 UTC to 2026-01-08 11:00:00 UTC\n"
         "2026-02-01 10:00:00 UTC to 2026-02-01 11:00:00 UTC\n");
}

/* What touches is one; a cancelled event is none, one that is free is one; what is no event is passed over. */
static void events_are_joined(void **state) {
  (void)state;
  const Closed *c;
  uint32_t n;
  const char *text = "\xef\xbb\xbf" "begin:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:16010101T000000\nEND:STANDARD\nEND:VTIMEZONE\n"
                     "BEGIN:VEVENT\nDTSTART:20260105T100000Z\nDTEND:20260105T110000Z\nTRANSP:TRANSPARENT\nBEGIN:VALARM\nDURATION:X\nEND:VALARM\n"
                     "END:VEVENT\nBEGIN:VEVENT\nDTSTART:20260105T110000Z\nDTEND:20260105T120000Z\nEND:VEVENT\n"
                     "BEGIN:VEVENT\nDTSTART:20260106T110000Z\nDTEND:20260106T120000Z\nSTATUS:CANCELLED\nEND:VEVENT\n"
                     "BEGIN:VEVENT\nDTSTART:20260107T110000Z\nEND:VEVENT\n\nEND:VCALENDAR";
  assert_true(ics_closed("test.ics", text, zone_utc(), utc(2026, 1, 1), utc(2027, 1, 1), arena, sink, &c, &n));
  assert_int_equal(n, 1);
  assert_true(c[0].from == utc(2026, 1, 5) + 10 * 3600000 && c[0].to == utc(2026, 1, 5) + 12 * 3600000);
  assert_true(ics_closed("test.ics", text, zone_utc(), c[0].from + 1, c[0].to - 1, arena, sink, &c, &n)); /* no more than was asked for */
  assert_true(n == 1 && c[0].from == utc(2026, 1, 5) + 10 * 3600000 + 1);
}

static bool taken(const char *text) {
  const Closed *c;
  uint32_t n;
  DiagSink *own = diag_sink_new(arena, NULL);
  bool good = ics_closed("test.ics", text, zone_utc(), utc(2026, 1, 1), utc(2027, 1, 1), arena, own, &c, &n);
  assert_int_equal(diag_errors(own), good ? 0 : 1);
  if (!good) assert_int_equal(diag_get(own, 0)->code, E_CALENDAR_TEXT);
  return good;
}

static void what_is_not_understood_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {
      "DTSTART:20260230T100000Z\r\n", "DTSTART:20260105T250000Z\r\n", "DTSTART:2026010\r\n", "DTSTART:20260105T100000X\r\n",
      "DTSTART:19600105\r\n", "DTEND:20260105T100000Z\r\n", "DTSTART:20260105\r\nDTSTART:20260106\r\n",
      "DTSTART:20260105T100000Z\r\nDTEND:20260105\r\n", "DTSTART:20260105T100000Z\r\nDTEND:20260106T100000Z\r\nDURATION:P1D\r\n",
      "DTSTART:20260105\r\nDURATION:PT1H\r\n", "DTSTART:20260105\r\nDURATION:P\r\n", "DTSTART:20260105\r\nDURATION:-P1D\r\n",
      "DTSTART:20260105\r\nRRULE:FREQ=HOURLY\r\n", "DTSTART:20260105\r\nRRULE:COUNT=2\r\n", "DTSTART:20260105\r\nRRULE:FREQ=DAILY;BYSETPOS=1\r\n",
      "DTSTART:20260105\r\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20260108\r\n", "DTSTART:20260105\r\nRRULE:FREQ=WEEKLY;BYDAY=1MO\r\n",
      "DTSTART:20260105\r\nRRULE:FREQ=WEEKLY;BYMONTHDAY=3\r\n", "DTSTART:20260105\r\nRRULE:FREQ=DAILY;INTERVAL=0\r\n",
      "DTSTART:20260105\r\nRRULE:FREQ=DAILY;UNTIL=never\r\n", "DTSTART:20260105\r\nEXRULE:FREQ=DAILY\r\n",
      "DTSTART:20260105\r\nRDATE:20260106T100000Z\r\n", "DTSTART:20260105\r\nRDATE;VALUE=PERIOD:20260106T100000Z/PT1H\r\n",
      "DTSTART:20260105\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260105\r\n", "DTSTART;TZID=Mars/Base:20260105T100000\r\n", "DTSTART\r\n",
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(taken(event(bad[i])));
  static const char *const files[] = {"", "\n", "hello\n", "END:VCALENDAR\n", "BEGIN:VEVENT\nEND:VEVENT\n", "BEGIN:VCALENDAR\nEND:VEVENT\n",
                                      "BEGIN:VCALENDAR\nEND:VCALENDAR\nX:1\n", "X-A:1\nBEGIN:VCALENDAR\nEND:VCALENDAR\n"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) assert_false(taken(files[i]));
  assert_true(taken("BEGIN:VCALENDAR\nEND:VCALENDAR\n"));
}

/* Cut off anywhere, or with another byte anywhere: taken or refused with one diagnostic, and never half. */
static void no_damage_is_harmful(void **state) {
  (void)state;
  const char *whole = event("DTSTART;TZID=\"Europe/Berlin\":20260105T110000\r\nDURATION:PT1H30M\r\nRRULE:FREQ=MONTHLY;BYDAY=-1MO,2TU;COUNT=9\r\n"
                            "EXDATE:20260209T100000Z\r\nSUMMARY:long\r\n  line\r\n");
  size_t len = strlen(whole);
  uint64_t seed = 7;
  for (size_t i = 0; i < len; i++) {
    char *cut = arena_string(arena, whole, i);
    assert_int_equal(taken(cut), i >= len - 2); /* without its last line end it is whole */
    for (int k = 0; k < 4; k++) {
      char *changed = arena_string(arena, whole, len);
      seed = seed * UINT64_C(6364136223846793005) + 1;
      changed[i] = (char)(1 + seed % 127);
      taken(changed);
    }
  }
}

static void a_calendar_has_only_so_many_times(void **state) {
  (void)state;
  Buf text = BUF_INIT;
  buf_str(&text, "BEGIN:VCALENDAR\n");
  for (int i = 0; i < 300; i++) buf_str(&text, "BEGIN:VEVENT\nDTSTART:20260101T100000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY\nEND:VEVENT\n");
  buf_str(&text, "END:VCALENDAR\n");
  assert_false(taken(text.data));
  buf_done(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(times_are_of_their_zone),       cmocka_unit_test(whole_days_are_of_the_window),
      cmocka_unit_test(a_rule_keeps_its_local_time),   cmocka_unit_test(rules_name_their_days),
      cmocka_unit_test(exceptions_and_more_dates),     cmocka_unit_test(events_are_joined),
      cmocka_unit_test(what_is_not_understood_is_refused), cmocka_unit_test(no_damage_is_harmful),
      cmocka_unit_test(a_calendar_has_only_so_many_times),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
