/* Zone files: the same offsets as the C library over ninety years, and every damage found. */
#include <config.h>

#include "runtime/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/zone_rule.h"

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

static void test_same_as_the_c_library(void **state) {
  (void)state;
  static const char *const names[] = {"America/Phoenix",   "America/New_York",  "Europe/Dublin",
                                      "Asia/Tokyo",        "Australia/Sydney",  "Australia/Lord_Howe",
                                      "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu",
                                      "Pacific/Apia",      "America/Nuuk",      "Asia/Gaza",
                                      "Etc/GMT+5",         "Europe/Stockholm"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    Zone *z = zone_load(arena, NULL, names[i], sink, (Span){0, 0});
    assert_non_null(z);
    setenv("TZ", names[i], 1);
    tzset();
    for (int64_t s = -INT64_C(2000000000); s < INT64_C(4000000000); s += 1000003) {
      time_t t = (time_t)s;
      struct tm tm;
      localtime_r(&t, &tm);
      const char *abbreviation;
      assert_int_equal(zone_offset(z, s * 1000, &abbreviation), tm.tm_gmtoff);
      assert_string_equal(abbreviation, tm.tm_zone);
    }
  }
  setenv("TZ", "UTC", 1);
  tzset();
}

/* ---- names ---- */

static const Diag *unknown(const char *dir, const char *name) {
  uint32_t before = diag_count(sink);
  assert_null(zone_load(arena, dir, name, sink, (Span){0, 0}));
  assert_int_equal(diag_count(sink), before + 1);
  for (uint32_t i = 0; i < diag_count(sink); i++)
    if (diag_get(sink, i)->order == before) return diag_get(sink, i);
  return NULL;
}

static void test_unknown_zones(void **state) {
  (void)state;
  static const char *const names[] = {
      "America/Pheonix",  "",         "/etc/passwd",  "../passwd", "America/../UTC",
      "America//Phoenix", "America/", "Pacific Time", "America"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    assert_int_equal(unknown(NULL, names[i])->code, E_ZONE_UNKNOWN);
  tear_down(NULL), set_up(NULL);
  assert_string_equal(unknown(NULL, "America/Pheonix")->notes->text, "did you mean `America/Phoenix`?");
  assert_string_equal(unknown(NULL, "America")->notes->text, "`America` is a region: add a city");
  assert_string_equal(unknown(NULL, ".")->notes->text, "zones are named by region and city, such as America/Phoenix");
  const Diag *none = unknown(NULL, "");
  assert_string_equal(none->message, "no time zone is given where one is needed");
  assert_string_equal(none->notes->text, "fill the column `site.zone` of the inventory: a region and a city, such as America/Phoenix");
  tear_down(NULL), set_up(NULL);
  const Diag *d = unknown("no-such-folder", "America/Phoenix");
  assert_string_equal(d->notes->text,
                      "there are no time zones in no-such-folder: install them (Debian package tzdata)");
  assert_non_null(zone_load(arena, "no-such-folder", "UTC", sink, (Span){0, 0})); /* needs no file */
  assert_int_equal(zone_offset(zone_utc(), 0, NULL), 0);
}

/* ---- files ---- */

/* A file with one change (at 1000 s, from AAA +1h to BBB +2h) and a rule. */
static size_t make_file(uint8_t *out, const char *rule) {
  static const uint8_t first[44] = {'T', 'Z', 'i', 'f', '2'};
  static const uint8_t second[44] = {'T', 'Z', 'i', 'f', '2', [35] = 1, [39] = 2, [43] = 8};
  static const uint8_t part[] = {0, 0, 0,    0,    0, 0, 3,   0xe8, 1,   0, 0,   0x0e, 0x10, 0, 0,
                                 0, 0, 0x1c, 0x20, 0, 4, 'A', 'A',  'A', 0, 'B', 'B',  'B',  0};
  memcpy(out, first, 44);
  memcpy(out + 44, second, 44);
  memcpy(out + 88, part, sizeof part);
  return 88 + sizeof part + (size_t)sprintf((char *)out + 88 + sizeof part, "\n%s\n", rule);
}

static void test_a_small_file(void **state) {
  (void)state;
  uint8_t bytes[256];
  const char *why, *abbreviation;
  size_t len = make_file(bytes, "");
  Zone *z = zone_parse(arena, "small", bytes, len, &why);
  assert_non_null(z);
  assert_int_equal(zone_offset(z, 999999, &abbreviation), 3600);
  assert_string_equal(abbreviation, "AAA");
  assert_int_equal(zone_offset(z, 1000000, &abbreviation), 7200);
  assert_string_equal(abbreviation, "BBB");
  len = make_file(bytes, "<+03>-3");
  z = zone_parse(arena, "small", bytes, len, &why);
  assert_int_equal(zone_offset(z, 999999, NULL), 3600);
  assert_int_equal(zone_offset(z, 1000000, &abbreviation), 10800);
  assert_string_equal(abbreviation, "+03");
}

static void refused(uint8_t *bytes, size_t len, const char *wanted) {
  const char *why = NULL;
  assert_null(zone_parse(arena, "bad", bytes, len, &why));
  assert_string_equal(why, wanted);
}

static void test_damaged_files(void **state) {
  (void)state;
  uint8_t bytes[256] = {0};
  const size_t part = 88;
  size_t len = make_file(bytes, "AAA-1");
  for (size_t n = 0; n < len; n++) { /* cut off anywhere */
    const char *why = NULL;
    assert_null(zone_parse(arena, "bad", bytes, n, &why));
    assert_non_null(why);
  }
  bytes[0] = 'X', refused(bytes, len, "it is no time zone file"), make_file(bytes, "AAA-1");
  bytes[4] = 0, refused(bytes, len, "it has no 64-bit part"), make_file(bytes, "AAA-1");
  bytes[44] = 'X', refused(bytes, len, "it ends in the middle"), make_file(bytes, "AAA-1");
  bytes[76] = 0xff, refused(bytes, len, "it ends in the middle"),
  make_file(bytes, "AAA-1"); /* times without end */
  bytes[part + 8] = 2, refused(bytes, len, "its changes are in disorder"), make_file(bytes, "AAA-1");
  bytes[part + 9] = 0x7f, refused(bytes, len, "an offset of more than a day"), make_file(bytes, "AAA-1");
  bytes[part + 14] = 9, refused(bytes, len, "an abbreviation is missing"), make_file(bytes, "AAA-1");
  bytes[part + 28] = 'B', refused(bytes, len, "an abbreviation is missing"), make_file(bytes, "AAA-1");
  bytes[len - 2] = 'x', refused(bytes, len, "its last line is no rule"), make_file(bytes, "AAA-1");
  bytes[44 + 39] = 0, refused(bytes, len, "it describes no local time"), make_file(bytes, "AAA-1");
  bytes[44 + 31] = 1, refused(bytes, len + 12, "it counts leap seconds"), make_file(bytes, "AAA-1");
  for (size_t i = 0; i < len; i++) { /* every byte, to every value: refused or usable, never out of bounds */
    for (int value = 0; value < 256; value++) {
      const char *why;
      bytes[i] = (uint8_t)value;
      Zone *z = zone_parse(arena, "bad", bytes, len, &why);
      if (z) zone_offset(z, INT64_C(1800000000000), NULL);
    }
    make_file(bytes, "AAA-1");
  }
}

static void test_a_damaged_file_on_disk(void **state) {
  (void)state;
  char dir[] = "zones-XXXXXX", path[64];
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/Bad", dir);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_true(fputs("TZif nothing", f) >= 0);
  assert_int_equal(fclose(f), 0);
  assert_int_equal(unknown(dir, "Bad")->code, E_ZONE_DAMAGED);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(dir), 0);
}

/* ---- rules ---- */

static void test_rules(void **state) {
  (void)state;
  static const char *const good[] = {"MST7",
                                     "EST5EDT,M3.2.0,M11.1.0",
                                     "<+0330>-3:30",
                                     "IST-1GMT0,M10.5.0,M3.5.0/1",
                                     "AAA0BBB,J60/0,365/-2:30:15",
                                     "WWW3EDT4,0/0,J365/23",
                                     "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"};
  static const char *const bad[] = {"",
                                    "MST",
                                    "MS7",
                                    "MST7x",
                                    "MST25",
                                    "EST5EDT",
                                    "EST5EDT,M3.2.0",
                                    "EST5EDT,M13.2.0,M11.1.0",
                                    "EST5EDT,M3.6.0,M11.1.0",
                                    "EST5EDT,M3.2.7,M11.1.0",
                                    "EST5EDT,J0,J1",
                                    "EST5EDT,J366,J1",
                                    "EST5EDT,366,1",
                                    "EST5EDT,M3.2.0/168,M11.1.0",
                                    "<+03-3",
                                    "AAAAAAAAAAAAAAAA1",
                                    "MST7:60"};
  ZoneRule r;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_true(zone_rule_parse(good[i], strlen(good[i]), &r));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(zone_rule_parse(bad[i], strlen(bad[i]), &r));
  assert_true(zone_rule_parse(good[1], strlen(good[1]), &r));
  assert_int_equal(r.standard_offset, -18000);
  assert_int_equal(r.summer_offset, -14400);
  assert_true(zone_rule_parse(good[5], strlen(good[5]), &r)); /* summer time all the year round */
  for (int64_t t = 0; t < INT64_C(100000000); t += 100000) assert_true(zone_rule_summer(&r, t));
  assert_true(zone_rule_parse(good[4], strlen(good[4]), &r)); /* J60 is 1 March, in leap years too */
  assert_false(zone_rule_summer(&r, INT64_C(1709251199)));    /* 2024-02-29 23:59:59 */
  assert_true(zone_rule_summer(&r, INT64_C(1709251200)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_as_the_c_library),  cmocka_unit_test(test_unknown_zones),
      cmocka_unit_test(test_a_small_file),           cmocka_unit_test(test_damaged_files),
      cmocka_unit_test(test_a_damaged_file_on_disk), cmocka_unit_test(test_rules),
  };
  return cmocka_run_group_tests_name("zone", tests, set_up, tear_down);
}
