/* Emergencies: whatever the run does when the condition reads true, its thing is taken out and the block acts; and what undoes it is
 * undone again. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* It takes its time, so that something can happen meanwhile. */
static void slowly(const Command *c, Fate *fate) {
  if (c->kind == COMMAND_ACT && c->subject == DRAIN) fate->delay = MIN;
}

static void slow(Lab *lab, const Command *c, Fate *fate) {
  (void)lab;
  slowly(c, fate);
}

/* A step that drains every node, one after the other; where a node is said to be investigated, it is switched off. */
static Lab *drained_one_by_one(uint32_t nodes, int64_t tolerated) {
  Lab *lab = lab_new(1, nodes);
  lab->rule = slow;
  lab_step(lab, "out");
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, tolerated, NODE), 1}, false);
  build_program(lab->build)->fans[0].step = 0;
  build_program(lab->build)->steps[0].fan = 0;
  EmergencyRow row = {.title = build_str(lab->build, "Cut it"), .text = build_str(lab->build, "service of n is investigate"), .kind = NODE, .slot = 0};
  row.condition = lab_fact_is(lab, SERVICE, NODE, 0, INVESTIGATE);
  build_row(lab->build, emergencies, &row);
  lab_call(lab, DRAIN);
  lab_call(lab, POWER_OFF);
  lab_code(lab, "WATCH 0\n STEP_BEGIN 0\n FAN 0\n STEP_END 0\n JUMP @end\n"
                "body: SLOT 0\n ACT 0\n MEMBER_DONE\n"
                "end: HALT\n"
                "cut: SLOT 0\n ACT 1\n ON_OK @off\n STR \"stays on\"\n FAIL\n off: MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  build_program(lab->build)->emergencies[0].body = lab_place(lab, "cut");
  return lab;
}

static uint32_t cuts(const Lab *lab, uint32_t node) { return lab_commands(lab, COMMAND_ACT, POWER_OFF, node); }
static void strike(Lab *lab, uint32_t node) { lab->truth[SERVICE][NODE][node] = INVESTIGATE; }

static void is_cut(Lab *lab, uint32_t node) {
  assert_int_equal(cuts(lab, node), 1);
  assert_int_equal(lab_member(lab, NODE, node), MEMBER_SET_ASIDE);
  assert_true(lab_command(lab, COMMAND_ACT, POWER_OFF, node)->emergency);
}

static void it_fires_for_what_it_is_about_and_for_nothing_else(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 4);
  lab_start(lab);
  lab_until(lab, T0 + 10 * SEC);
  strike(lab, 3);
  lab_until(lab, T0 + 2 * MIN);
  is_cut(lab, 3);
  assert_int_equal(cuts(lab, 0) + cuts(lab, 1) + cuts(lab, 2), 0);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, 3), 0);
  lab_free(lab);
}

static void a_pause_does_not_hold_it_back(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 4);
  lab_start(lab);
  lab_until(lab, T0 + 10 * SEC);
  lab_control(lab, CONTROL_PAUSE);
  strike(lab, 3);
  lab_until(lab, T0 + 60 * MIN);
  is_cut(lab, 3);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 1);
  lab_control(lab, CONTROL_GO_ON);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void a_hold_of_the_member_does_not(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 4);
  lab_start(lab);
  lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = CONTROL_HOLD, .kind_of_entity = NODE, .entity = 3, .text = "by ann: so"});
  strike(lab, 3);
  lab_until(lab, T0 + 5 * MIN);
  is_cut(lab, 3);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void the_end_of_the_window_does_not(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 4);
  const Opening open[] = {{.open = T0, .close = T0 + 30 * SEC}, {.open = T0 + 24 * 60 * MIN, .close = T0 + 25 * 60 * MIN}};
  lab->frozen.openings = open;
  lab->frozen.opening_count = 2;
  lab_start(lab);
  lab_until(lab, T0 + 60 * MIN);
  uint32_t drained = lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX);
  assert_true(drained < 4);
  strike(lab, 3);
  lab_until(lab, T0 + 62 * MIN);
  is_cut(lab, 3);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), drained);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void it_counts_in_the_tolerance(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 0);
  lab_start(lab);
  lab_until(lab, T0 + 10 * SEC);
  strike(lab, 3);
  lab_ends(lab, RUN_FAILED);
  is_cut(lab, 3);
  lab_free(lab);
}

static void what_undoes_it_is_undone_again(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(40, 40);
  lab_start(lab);
  lab_until(lab, T0 + 10 * SEC);
  strike(lab, 3);
  lab_until(lab, T0 + 3 * MIN);
  is_cut(lab, 3);
  lab_until(lab, T0 + 6 * MIN);
  is_cut(lab, 3); /* it reads off: nothing more */
  lab->truth[POWER][NODE][3] = ON;
  lab_until(lab, T0 + 9 * MIN);
  assert_int_equal(cuts(lab, 3), 2);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void it_fires_again_when_it_has_been_over(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(40, 40);
  lab_start(lab);
  strike(lab, 3);
  lab_until(lab, T0 + 3 * MIN);
  is_cut(lab, 3);
  lab->truth[SERVICE][NODE][3] = DRAINED;
  lab_until(lab, T0 + 6 * MIN);
  is_cut(lab, 3);
  strike(lab, 3);
  lab_until(lab, T0 + 9 * MIN);
  assert_int_equal(cuts(lab, 3), 2);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void silent_service(Lab *lab, const Command *c, Fate *fate) {
  slowly(c, fate);
  if (c->kind == COMMAND_READ && c->subject == SERVICE && (int64_t)c->entity == lab->knob[0]) fate->value = VALUE_UNKNOWN;
}

static void what_cannot_be_read_is_none_and_is_told_once(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(40, 40);
  lab->rule = silent_service;
  lab->knob[0] = 3;
  lab_start(lab);
  lab_until(lab, T0 + 5 * MIN);
  assert_int_equal(cuts(lab, NONE_INDEX), 0);
  assert_int_equal(lab_notes(lab, NOTE_ALARM, 0, 3), 1);
  lab->knob[0] = -1;
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void a_runtime_that_was_dead_acts_when_it_is_resumed(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 4);
  lab_start(lab);
  lab_until(lab, T0 + 10 * SEC);
  strike(lab, 3);
  lab_resume(lab, 20 * MIN);
  lab_until(lab, lab->now + MIN);
  is_cut(lab, 3);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void stays_on(Lab *lab, const Command *c, Fate *fate) {
  (void)lab;
  slowly(c, fate);
  if (c->kind != COMMAND_ACT || c->subject != POWER_OFF) return;
  fate->outcome = OUT_FAILED;
  fate->lands = false;
}

static void what_fails_is_told_and_the_run_waits_for_it(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 4);
  lab->rule = stays_on;
  lab_start(lab);
  lab_until(lab, T0 + 10 * SEC);
  strike(lab, 3);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(cuts(lab, 3) >= 1);
  assert_true(lab_notes(lab, NOTE_ALARM, 0, 3) >= 2);
  lab_free(lab);
}

static void an_alarm_of_the_world_is_looked_at_at_once(void **state) {
  (void)state;
  Lab *lab = drained_one_by_one(4, 4);
  lab_start(lab);
  lab_until(lab, T0 + 10 * SEC);
  strike(lab, 3);
  lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_FACT, .subject = SERVICE, .kind_of_entity = NODE, .entity = 3});
  lab_until(lab, T0 + 13 * SEC);
  assert_int_equal(cuts(lab, 3), 1);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_fires_for_what_it_is_about_and_for_nothing_else),
      cmocka_unit_test(a_pause_does_not_hold_it_back),
      cmocka_unit_test(a_hold_of_the_member_does_not),
      cmocka_unit_test(the_end_of_the_window_does_not),
      cmocka_unit_test(it_counts_in_the_tolerance),
      cmocka_unit_test(what_undoes_it_is_undone_again),
      cmocka_unit_test(it_fires_again_when_it_has_been_over),
      cmocka_unit_test(what_cannot_be_read_is_none_and_is_told_once),
      cmocka_unit_test(a_runtime_that_was_dead_acts_when_it_is_resumed),
      cmocka_unit_test(what_fails_is_told_and_the_run_waits_for_it),
      cmocka_unit_test(an_alarm_of_the_world_is_looked_at_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
