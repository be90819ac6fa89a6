/* What surrounds the work: requirements, members left out, sets frozen late, guards, settings, safe points, what is remembered. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool said(const Lab *lab, const char *text) {
  for (uint32_t i = 0; i < lab->commands.len; i++)
    if (lab->commands.items[i].kind == COMMAND_NOTIFY && strcmp(lab->commands.items[i].text, text) == 0) return true;
  return false;
}

/* ---- require, leave out, select ---- */

static CodeRef every_node_is_on(Lab *lab) {
  build_region_begin(lab->build);
  build_int(lab->build, 1);
  build_op(lab->build, OPCODE_EACH_SET, NODES);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 0, 0);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_FACT, POWER, NODE);
  build_int(lab->build, ON);
  build_op(lab->build, OPCODE_EQ, 0);
  build_op(lab->build, OPCODE_AND, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

static void a_requirement_is_read_and_must_be_true(void **state) {
  (void)state;
  static const int64_t readings[] = {ON, OFF, VALUE_UNKNOWN};
  for (uint32_t i = 0; i < 3; i++) {
    Lab *lab = lab_new(1, 4);
    CodeRef condition = every_node_is_on(lab), text = lab_text(lab, "a node is off");
    build_row(lab->build, requires, (&(RequireRow){.condition = condition, .text = text, .asks = 1, .line = 7}));
    lab_code(lab, "REQUIRE 0\n STR \"on\"\n NOTIFY 0\n HALT");
    lab_prepare(lab);
    lab->truth[POWER][NODE][3] = readings[i];
    lab_feed(lab, (Event){.kind = EVENT_BEGIN});
    lab_ends(lab, i == 0 ? RUN_COMPLETED : RUN_REFUSED);
    assert_int_equal(lab_commands(lab, COMMAND_READ, POWER, NONE_INDEX), 4);
    assert_string_equal(engine_reason(lab->engine), i == 0 ? "" : "a node is off");
    lab_free(lab);
  }
}

static Lab *leaving_out(int64_t most) {
  Lab *lab = lab_new(1, 4);
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_FACT, SERVICE, NODE);
  build_int(lab->build, IN_SERVICE);
  build_op(lab->build, OPCODE_NE, 0);
  CodeRef condition = build_region_end(lab->build);
  build_row(lab->build, leave_outs, (&(LeaveOutRow){.set = NODES, .slot = 0, .condition = condition, .most = lab_number(lab, most),
                                                    .text = build_str(lab->build, "not in service"), .line = 7}));
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  lab_code(lab, "LEAVE_OUT 0\n FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_prepare(lab);
  lab->truth[SERVICE][NODE][1] = DRAINED;
  lab->truth[SERVICE][NODE][2] = VALUE_UNKNOWN; /* not known to be in service: not touched */
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  return lab;
}

static void who_is_out_already_is_left_as_found(void **state) {
  (void)state;
  Lab *lab = leaving_out(2);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 2);
  assert_int_equal(lab_member(lab, NODE, 1), MEMBER_LEFT_OUT);
  assert_int_equal(lab_member(lab, NODE, 2), MEMBER_LEFT_OUT);
  assert_int_equal(lab_notes(lab, NOTE_LEFT_OUT, 0, NONE_INDEX), 2);
  lab_free(lab);
  lab = leaving_out(1);
  lab_ends(lab, RUN_STALE);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 0);
  assert_string_equal(engine_reason(lab->engine), "2 of nodes are to be left out (not in service), and at most 1 may be");
  lab_free(lab);
}

static void who_the_plan_left_out_counts(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  build_row(lab->build, leave_outs, (&(LeaveOutRow){.set = NODES, .slot = 0, .condition = lab_number(lab, 0), .most = lab_number(lab, 0),
                                                    .text = build_str(lab->build, "out"), .line = 7}));
  lab_code(lab, "LEAVE_OUT 0\n HALT");
  static const uint32_t third = 2;
  lab->left_out[0] = (Members){&third, 1};
  lab_start(lab);
  lab_ends(lab, RUN_STALE);
  lab_free(lab);
}

static void a_set_may_be_frozen_late(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_EACH_SET, NODES);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 0, 0);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_FACT, POWER, NODE);
  build_int(lab->build, OFF);
  build_op(lab->build, OPCODE_EQ, 0);
  build_op(lab->build, OPCODE_JUMP_NOT, next);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  CodeRef cold = build_region_end(lab->build);
  uint32_t set = build_row(lab->build, sets, (&(SetRow){build_str(lab->build, "cold"), NODE, cold, 0, 7}));
  lab_step(lab, "query");
  lab_fan(lab, NODE, 0, lab_set(lab, set, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, POWER_ON);
  lab_code(lab, "STEP_BEGIN 0\n STEP_END 0\n SELECT 2\n FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_prepare(lab);
  lab->truth[POWER][NODE][1] = lab->truth[POWER][NODE][3] = OFF;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, NONE_INDEX), 2);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 3), 1);
  lab_free(lab);
}

/* ---- sense, remember ---- */

static void sense_reads_what_the_code_ahead_asks_for(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 2);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  build_row(lab->build, shows, (&(ShowRow){{.klass = VALUE_ENUM, .ref = 0}}));
  lab_code(lab, "FAN 0\n HALT\n"
                "body: SENSE @behind\n SLOT 0\n FACT 0 2\n INT 2\n EQ\n JUMP_NOT @on\n SLOT 0\n FACT 1 2\n INT 1\n EQ\n JUMP @behind\n on: INT 0\n"
                "behind: JUMP_TRUE @yes\n STR \"no\"\n NOTIFY 0\n MEMBER_DONE\n yes: STR \"off and in service\"\n NOTIFY 0\n"
                "SENSE @read\n SLOT 0\n SLOT 0\n FACT 0 2\n read: REMEMBER 0\n SLOT 0\n RECALL 0\n SHOW 0\n NOTIFY 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_prepare(lab);
  lab->truth[POWER][NODE][1] = OFF;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_READ, SERVICE, 0), 0); /* asked for only where power is off */
  assert_int_equal(lab_commands(lab, COMMAND_READ, SERVICE, 1), 1);
  assert_true(said(lab, "no") && said(lab, "off and in service") && said(lab, "off"));
  lab_free(lab);
}

/* ---- guards ---- */

static Lab *guarded(int64_t over, const char *inside) {
  Lab *lab = lab_new(1, 4);
  build_region_begin(lab->build); /* errors of every row are 0 */
  build_int(lab->build, 1);
  build_op(lab->build, OPCODE_EACH_KIND, ROW);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 1, 0);
  build_op(lab->build, OPCODE_SLOT, 1);
  build_op2(lab->build, OPCODE_METRIC, 0, ROW);
  build_int(lab->build, 0);
  build_op(lab->build, OPCODE_EQ, 0);
  build_op(lab->build, OPCODE_AND, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  NeedRow need = {.condition = build_region_end(lab->build), .text = build_str(lab->build, "no errors"), .line = 7};
  if (over) need.over = lab_number(lab, over);
  uint32_t row = build_row(lab->build, need_rows, &need);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){lab_limit(lab, LIMIT_RULE_PER_TIME, 1, 10 * MIN, NONE_INDEX), 1}, (Slice){0, 0}, false);
  lab_call(lab, DRAIN);
  lab_code(lab, "GUARD_BEGIN 0");
  lab_code(lab, inside);
  lab_code(lab, "GUARD_END 0\n STR \"through\"\n NOTIFY 0\n HALT\n"
                "body: SLOT 0\n ACT 0\n MEMBER_DONE\n"
                "handler: ON_FAILED @failed\n STR \"unknown\"\n FAIL\n failed: STR \"failed\"\n FAIL");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  build_row(lab->build, guards, (&(GuardRow){{row, 1}, lab_place(lab, "handler"), 7}));
  return lab;
}

/* The metric is knob 2 between knob 0 and knob 1. */
static void has_errors(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_METER && lab->now - T0 >= lab->knob[0] && lab->now - T0 < lab->knob[1]) f->value = lab->knob[2];
  if (c->kind == COMMAND_ACT) f->delay = 4 * MIN;
}

static void a_guard_that_holds_is_not_in_the_way(void **state) {
  (void)state;
  Lab *lab = guarded(0, "FAN 0");
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(said(lab, "through"));
  assert_in_range(lab_commands(lab, COMMAND_METER, 0, 0), 30, 32); /* once a minute */
  lab_free(lab);
}

static void a_guard_that_falls_starts_no_more_and_goes_to_its_handler(void **state) {
  (void)state;
  static const struct { int64_t value; const char *reason; } all[] = {{7, "failed"}, {VALUE_UNKNOWN, "unknown"}};
  for (uint32_t i = 0; i < 2; i++) {
    Lab *lab = guarded(0, "FAN 0");
    lab->rule = has_errors;
    lab->knob[0] = 11 * MIN;
    lab->knob[1] = 60 * MIN;
    lab->knob[2] = all[i].value;
    lab_start(lab);
    lab_ends(lab, RUN_FAILED);
    assert_string_equal(engine_reason(lab->engine), all[i].reason);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 2);
    assert_true(lab->now > T0 + 14 * MIN && lab->now < T0 + 15 * MIN); /* the one under way was finished */
    assert_int_equal(lab_notes(lab, NOTE_ALARM, 0, NONE_INDEX), 1);
    lab_free(lab);
  }
}

static void a_guard_that_is_broken_already_lets_nobody_start(void **state) {
  (void)state;
  Lab *lab = guarded(0, "FAN 0");
  lab->rule = has_errors;
  lab->knob[1] = 60 * MIN;
  lab->knob[2] = 7;
  lab_start(lab);
  lab_ends(lab, RUN_FAILED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 0);
  lab_free(lab);
}

static void a_guard_may_fail_for_a_while(void **state) {
  (void)state;
  for (int64_t lasts = 4; lasts <= 6; lasts += 2) {
    Lab *lab = guarded(5 * MIN, "FAN 0");
    lab->rule = has_errors;
    lab->knob[0] = 11 * MIN;
    lab->knob[1] = (11 + lasts) * MIN + 30 * SEC;
    lab->knob[2] = 7;
    lab_start(lab);
    lab_ends(lab, lasts == 4 ? RUN_COMPLETED : RUN_FAILED);
    lab_free(lab);
  }
}

static void a_guard_ends_a_wait(void **state) {
  (void)state;
  Lab *lab = guarded(0, "CONST 7200000\n WAIT\n FAN 0");
  lab->rule = has_errors;
  lab->knob[0] = 11 * MIN;
  lab->knob[1] = 600 * MIN;
  lab->knob[2] = 7;
  lab_start(lab);
  lab_ends(lab, RUN_FAILED);
  assert_true(lab->now < T0 + 13 * MIN);
  lab_free(lab);
}

/* ---- settings ---- */

static Lab *setting(void) {
  Lab *lab = lab_new(1, 4);
  CodeRef members = lab_set(lab, NODES, 5), value = lab_number(lab, 9);
  build_row(lab->build, adjusts, (&(AdjustRow){0, NODE, members, value, 7}));
  lab_code(lab, "SET_BEGIN 0\n ON_OK @set\n STR \"not set\"\n NOTIFY 0\n JUMP @end\n set: STR \"set\"\n NOTIFY 0\n CONST 60000\n WAIT\n end: SET_END 0\n HALT");
  return lab;
}

static void a_setting_is_changed_read_back_and_put_back(void **state) {
  (void)state;
  Lab *lab = setting();
  lab_prepare(lab);
  lab->setting[2] = 3;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_until(lab, T0 + 30 * SEC);
  assert_true(said(lab, "set"));
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab->setting[i], 9);
  lab_ends(lab, RUN_COMPLETED);
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab->setting[i], i == 2 ? 3 : 5);
  assert_int_equal(lab_commands(lab, COMMAND_SET, 0, NONE_INDEX), 8);
  lab_free(lab);
}

static void a_cancel_puts_a_setting_back(void **state) {
  (void)state;
  Lab *lab = setting();
  lab_start(lab);
  lab_until(lab, T0 + 30 * SEC);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_CANCELLED);
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab->setting[i], 5);
  lab_free(lab);
}

static void one_cannot_be_read(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_GET && c->entity == 1) f->value = VALUE_UNKNOWN;
}

static void what_cannot_be_read_is_not_changed(void **state) {
  (void)state;
  Lab *lab = setting();
  lab->rule = one_cannot_be_read;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(said(lab, "not set"));
  assert_int_equal(lab_commands(lab, COMMAND_SET, 0, 1), 0);
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab->setting[i], 5);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, 0, 1), 1);
  lab_free(lab);
}

/* Knob 0: from then on node 1 reads knob 1, or what it was set to where that is 0; the first knob 2 changes back are not obeyed. */
static void meddled(Lab *lab, const Command *c, Fate *f) {
  if (c->entity != 1) return;
  if (c->kind == COMMAND_GET && lab->knob[1] && lab->now - T0 >= lab->knob[0]) f->value = lab->knob[1];
  if (c->kind != COMMAND_SET || c->args[0] != 5 || lab->knob[2]-- <= 0) return;
  lab->setting[1] = 9;
  f->outcome = OUT_FAILED;
}

static Lab *meddling(int64_t from, int64_t value, int64_t disobeys) {
  Lab *lab = setting();
  lab->rule = meddled;
  lab->knob[0] = from;
  lab->knob[1] = value;
  lab->knob[2] = disobeys;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  return lab;
}

static void what_others_changed_meanwhile_is_left_to_them(void **state) {
  (void)state;
  Lab *lab = meddling(30 * SEC, 8, 0);
  assert_int_equal(lab_commands(lab, COMMAND_SET, 0, 1), 1);
  assert_int_equal(lab_commands(lab, COMMAND_SET, 0, 2), 2);
  assert_non_null(strstr(lab_note(lab, NOTE_SURPRISE, 0, 1)->text, "reads 8: somebody else has changed it, and it is left so; before the run it was 5"));
  lab_free(lab);
  lab = meddling(30 * SEC, 5, 0); /* as it was, already */
  assert_int_equal(lab_commands(lab, COMMAND_SET, 0, 1), 1);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, 0, NONE_INDEX), 0);
  lab_free(lab);
  lab = meddling(30 * SEC, VALUE_UNKNOWN, 0); /* nobody knows: it is put back, and tried again */
  assert_int_equal(lab_commands(lab, COMMAND_SET, 0, 1), 4);
  assert_int_equal(lab->setting[1], 5);
  assert_non_null(strstr(lab_note(lab, NOTE_SURPRISE, 0, 1)->text, "could not be put back in 3 tries: it was 5, and now reads nothing that can be read"));
  lab_free(lab);
}

static void what_does_not_go_back_is_tried_three_times(void **state) {
  (void)state;
  for (int64_t disobeys = 1; disobeys <= 3; disobeys++) {
    Lab *lab = meddling(0, 0, disobeys);
    assert_int_equal(lab_commands(lab, COMMAND_SET, 0, 1), disobeys < 3 ? 2 + disobeys : 4);
    assert_int_equal(lab->setting[1], disobeys < 3 ? 5 : 9);
    assert_int_equal(lab_notes(lab, NOTE_SURPRISE, 0, 1), disobeys == 3);
    assert_true(lab->now >= T0 + MIN + (disobeys < 3 ? disobeys : 2) * MIN);
    lab_free(lab);
  }
}

static void a_crash_at_any_moment_puts_a_setting_back(void **state) {
  (void)state;
  for (int64_t at = 0; at < 80; at += 1) {
    Lab *lab = setting();
    lab_start(lab);
    lab_until(lab, T0 + at * SEC);
    lab_resume(lab, 10 * MIN);
    lab_ends(lab, RUN_COMPLETED);
    for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab->setting[i], 5);
    lab_free(lab);
  }
}

/* ---- safe points ---- */

static void a_safe_point_parks_in_a_pause_and_outside_the_window(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  lab_code(lab, "CONST 60000\n WAIT\n SAFE_POINT\n STR \"on\"\n NOTIFY 0\n CONST 600000\n WAIT\n SAFE_POINT\n HALT");
  Opening open[] = {{.open = T0, .close = T0 + 5 * MIN}, {.open = T0 + 60 * MIN, .close = T0 + 70 * MIN}};
  lab->frozen.openings = open;
  lab->frozen.opening_count = 2;
  lab_start(lab);
  lab_control(lab, CONTROL_PAUSE);
  lab_until(lab, T0 + 3 * MIN);
  assert_false(said(lab, "on"));
  lab_control(lab, CONTROL_GO_ON);
  assert_true(said(lab, "on"));
  lab_ends(lab, RUN_COMPLETED);
  assert_true(lab->now == T0 + 60 * MIN);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_requirement_is_read_and_must_be_true),
      cmocka_unit_test(who_is_out_already_is_left_as_found),
      cmocka_unit_test(who_the_plan_left_out_counts),
      cmocka_unit_test(a_set_may_be_frozen_late),
      cmocka_unit_test(sense_reads_what_the_code_ahead_asks_for),
      cmocka_unit_test(a_guard_that_holds_is_not_in_the_way),
      cmocka_unit_test(a_guard_that_falls_starts_no_more_and_goes_to_its_handler),
      cmocka_unit_test(a_guard_that_is_broken_already_lets_nobody_start),
      cmocka_unit_test(a_guard_may_fail_for_a_while),
      cmocka_unit_test(a_guard_ends_a_wait),
      cmocka_unit_test(a_setting_is_changed_read_back_and_put_back),
      cmocka_unit_test(a_cancel_puts_a_setting_back),
      cmocka_unit_test(what_cannot_be_read_is_not_changed),
      cmocka_unit_test(what_others_changed_meanwhile_is_left_to_them),
      cmocka_unit_test(what_does_not_go_back_is_tried_three_times),
      cmocka_unit_test(a_crash_at_any_moment_puts_a_setting_back),
      cmocka_unit_test(a_safe_point_parks_in_a_pause_and_outside_the_window),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
