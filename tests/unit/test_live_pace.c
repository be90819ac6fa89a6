/* How often a system is asked: `every` of a binding. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/live_pace.h"

static Command reading(uint64_t id, uint32_t entity, int64_t deadline) {
  return (Command){.id = id, .kind = COMMAND_READ, .subject = 3, .kind_of_entity = 2, .entity = entity, .deadline = deadline};
}

static bool waits(LivePace *p, uint64_t id, uint32_t entity, int64_t every, int64_t now) {
  Command c = reading(id, entity, now + 120000);
  return live_pace_waits(p, &c, every, now);
}

static void a_reading_that_comes_too_soon_waits(void **state) {
  (void)state;
  LivePace p = {0};
  Command c;
  assert_false(waits(&p, 1, 7, 10000, 1000));
  assert_true(waits(&p, 2, 7, 10000, 4000));
  assert_true(live_pace_next(&p) == 11000);
  assert_false(waits(&p, 3, 8, 10000, 4000));   /* another entity */
  assert_false(live_pace_take(&p, 10999, &c));
  assert_true(live_pace_take(&p, 11000, &c));
  assert_int_equal(c.id, 2);
  assert_true(live_pace_next(&p) == INT64_MAX);
  assert_false(waits(&p, 4, 7, 10000, 21000));  /* 10 s after the last */
  live_pace_done(&p);
}

static void two_that_wait_go_together(void **state) {
  (void)state;
  LivePace p = {0};
  Command c;
  assert_false(waits(&p, 1, 7, 10000, 1000));
  assert_true(waits(&p, 2, 7, 10000, 2000));
  assert_true(waits(&p, 3, 7, 10000, 3000));
  assert_true(live_pace_take(&p, 11000, &c));
  assert_true(live_pace_take(&p, 11000, &c));
  assert_int_equal(c.id, 3);
  assert_false(live_pace_take(&p, 11000, &c));
  live_pace_done(&p);
}

static void nobody_waits_past_half_of_its_time(void **state) {
  (void)state;
  LivePace p = {0};
  Command late = reading(2, 7, 6000), over = reading(3, 8, 900);
  assert_false(waits(&p, 1, 7, 3600000, 1000));
  assert_true(live_pace_waits(&p, &late, 3600000, 2000));
  assert_true(live_pace_next(&p) == 4000);
  assert_false(waits(&p, 4, 8, 3600000, 500));
  assert_false(live_pace_waits(&p, &over, 3600000, 1000)); /* its time is over: now or never */
  live_pace_done(&p);
}

static void only_paced_readings_wait(void **state) {
  (void)state;
  LivePace p = {0};
  Command act = {.id = 9, .kind = COMMAND_ACT, .subject = 3, .kind_of_entity = 2, .entity = 7, .deadline = 120000};
  for (int i = 0; i < 3; i++) assert_false(waits(&p, 1, 7, 0, 1000));
  for (int i = 0; i < 3; i++) assert_false(live_pace_waits(&p, &act, 10000, 1000));
  live_pace_done(&p);
}

static void who_is_given_up_waits_no_more(void **state) {
  (void)state;
  LivePace p = {0};
  assert_false(waits(&p, 1, 7, 10000, 1000));
  assert_true(waits(&p, 2, 7, 10000, 2000));
  assert_false(live_pace_drop(&p, 1));
  assert_true(live_pace_drop(&p, 2));
  assert_true(live_pace_next(&p) == INT64_MAX);
  live_pace_done(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_reading_that_comes_too_soon_waits),
      cmocka_unit_test(two_that_wait_go_together),
      cmocka_unit_test(nobody_waits_past_half_of_its_time),
      cmocka_unit_test(only_paced_readings_wait),
      cmocka_unit_test(who_is_given_up_waits_no_more),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
