/* What a campaign's numbers become, and the calendars that people have: rounding, files that are no calendars. */
#include <config.h>

#include "runtime/campaign_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void six_percent_is_seventeen_visits(void **state) {
  (void)state;
  assert_int_equal(campaign_visits(2016, 60000), 17);
  assert_int_equal(campaign_a_day(2016, 60000), 121); /* 120.96 */
  assert_int_equal(campaign_visits(2016, 91000), 11);
  assert_int_equal(campaign_visits(2016, 100000), 10);
  assert_int_equal(campaign_visits(2016, 1000000), 1);
  assert_int_equal(campaign_visits(2016, 333334), 3);
}

static void no_visit_is_empty(void **state) {
  (void)state;
  for (uint32_t nodes = 1; nodes < 700; nodes++)
    for (uint32_t share = 10000; share <= 1000000; share += 10000) {
      uint32_t visits = campaign_visits(nodes, share), a_day = campaign_a_day(nodes, share);
      assert_true(visits >= 1 && visits <= (1000000 + share - 1) / share);
      assert_true((uint64_t)a_day * visits >= nodes);       /* all of it is done */
      assert_true((uint64_t)a_day * (visits - 1) < nodes);  /* and the last day has something to do */
    }
}

static bool reads(const char *text, Arena *arena, Published *ret) {
  DiagSink *sink = diag_sink_new(arena, NULL);
  bool ok = published_read("published", text, strlen(text), arena, ret, sink);
  assert_int_equal(ok ? 0 : 1, diag_errors(sink));
  if (!ok) assert_int_equal(diag_get(sink, 0)->code, E_PUBLISHED);
  return ok;
}

static void a_calendar_is_read_from_csv_and_json(void **state) {
  Arena *arena = arena_new();
  Published a, b;
  (void)state;
  assert_true(reads("member,visit,date,sequence\r\n\"A, 1\",1,2026-01-05,0\r\nB,2,2026-01-07,3\r\nC,,,\r\n", arena, &a));
  assert_int_equal(a.count, 2);
  assert_string_equal(a.visits[0].member, "A, 1");
  assert_int_equal(a.visits[1].number, 2);
  assert_int_equal(a.visits[1].sequence, 3);
  assert_int_equal(a.visits[1].date - a.visits[0].date, 2);
  assert_true(reads("{\"members\": [{\"name\": \"A, 1\", \"visits\": [{\"visit\": 1, \"date\": \"2026-01-05\", \"sequence\": 0}]}]}", arena, &b));
  assert_int_equal(b.count, 1);
  assert_int_equal(b.visits[0].date, a.visits[0].date);
  arena_free(arena);
}

static void what_is_no_calendar_is_refused(void **state) {
  static const char *const bad[] = {
      "", "{", "{}", "{\"members\": 1}", "{\"members\": [{}]}", "{\"members\": [{\"name\": \"A\", \"visits\": [{}]}]}",
      "{\"members\": [{\"name\": \"A\", \"visits\": [{\"visit\": 0, \"date\": \"2026-01-05\"}]}]}",
      "{\"members\": [{\"name\": \"A\", \"visits\": [{\"visit\": 1, \"date\": \"2026-02-30\"}]}]}",
      "name,size\nA,1\n", "member,visit,date\nA,1,soon\n", "member,visit,date\nA,-1,2026-01-05\n", "member,visit,date\nA,x,2026-01-05\n"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Arena *arena = arena_new();
    Published p;
    assert_false(reads(bad[i], arena, &p));
    arena_free(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(six_percent_is_seventeen_visits),
    cmocka_unit_test(no_visit_is_empty),
    cmocka_unit_test(a_calendar_is_read_from_csv_and_json),
    cmocka_unit_test(what_is_no_calendar_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
