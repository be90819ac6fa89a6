/* What a standing runbook does with an incident: each rule alone, at its edges, and which comes first. The clock is an argument. */
#include <config.h>

#include "runtime/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW INT64_C(1767639600000)
#define HOUR INT64_C(3600000)

static const DeskLimits none = {0};
static const DeskLimits all = {.at_once = 5, .per_member = 2, .per = 24 * HOUR, .join = 2 * HOUR, .otherwise = true};

static void without_limits_each_starts(void **state) {
  (void)state;
  DeskView view = {.open = 1000, .lately = 1000};
  assert_int_equal(desk_decide(&none, &view, NOW), DESK_START);
  view = (DeskView){.before = true, .begun = NOW - 1}; /* ended a moment ago */
  assert_int_equal(desk_decide(&none, &view, NOW), DESK_START);
}

static void there_is_one_run_per_member(void **state) {
  (void)state;
  DeskView going = {.before = true, .going = true, .begun = NOW - 1}, waits = {.before = true, .waits = true};
  assert_int_equal(desk_decide(&none, &going, NOW), DESK_WAIT_MEMBER);
  assert_int_equal(desk_decide(&none, &waits, NOW), DESK_WAIT_MEMBER);
}

static void a_repeat_joins_within_the_window(void **state) {
  (void)state;
  DeskView view = {.before = true, .going = true, .open = 5, .lately = 2, .begun = NOW};
  assert_int_equal(desk_decide(&all, &view, NOW), DESK_JOIN);
  assert_int_equal(desk_decide(&all, &view, NOW + 2 * HOUR - 1), DESK_JOIN);
  assert_int_equal(desk_decide(&all, &view, NOW + 2 * HOUR), DESK_WAIT_MEMBER);
  assert_int_equal(desk_decide(&all, &view, NOW - HOUR), DESK_JOIN); /* it came before the run began, and is looked at only now */
}

static void a_late_alarm_joins_a_run_that_completed(void **state) {
  (void)state;
  DeskView view = {.before = true, .begun = NOW, .lately = 1};
  assert_int_equal(desk_decide(&all, &view, NOW + HOUR), DESK_JOIN);
  assert_int_equal(desk_decide(&all, &view, NOW + 2 * HOUR), DESK_START);
  view.vain = true;
  assert_int_equal(desk_decide(&all, &view, NOW + HOUR), DESK_START);
}

static void a_run_that_waits_is_joined_however_long_it_waits(void **state) {
  (void)state;
  DeskView view = {.before = true, .waits = true};
  assert_int_equal(desk_decide(&all, &view, NOW + 100 * HOUR), DESK_JOIN);
}

static void room_is_counted_over_all_members(void **state) {
  (void)state;
  DeskView view = {.open = 4};
  assert_int_equal(desk_decide(&all, &view, NOW), DESK_START);
  view.open = 5;
  assert_int_equal(desk_decide(&all, &view, NOW), DESK_WAIT_ROOM);
  view.open = 6; /* the limit was lowered while they went on */
  assert_int_equal(desk_decide(&all, &view, NOW), DESK_WAIT_ROOM);
}

static void above_the_limit_per_member_there_is_another_way_or_none(void **state) {
  (void)state;
  DeskLimits no_other = all;
  no_other.otherwise = false;
  DeskView view = {.lately = 1};
  assert_int_equal(desk_decide(&all, &view, NOW), DESK_START);
  view.lately = 2;
  assert_int_equal(desk_decide(&all, &view, NOW), DESK_OTHERWISE);
  assert_int_equal(desk_decide(&no_other, &view, NOW), DESK_REFUSE);
  view.open = 5; /* the other way is a run as well; a refusal needs no room */
  assert_int_equal(desk_decide(&all, &view, NOW), DESK_WAIT_ROOM);
  assert_int_equal(desk_decide(&no_other, &view, NOW), DESK_REFUSE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_limits_each_starts),
      cmocka_unit_test(there_is_one_run_per_member),
      cmocka_unit_test(a_repeat_joins_within_the_window),
      cmocka_unit_test(a_late_alarm_joins_a_run_that_completed),
      cmocka_unit_test(a_run_that_waits_is_joined_however_long_it_waits),
      cmocka_unit_test(room_is_counted_over_all_members),
      cmocka_unit_test(above_the_limit_per_member_there_is_another_way_or_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
