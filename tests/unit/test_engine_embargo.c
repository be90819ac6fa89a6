/* `while CONDITION start no member`: what it keeps from starting, where others wait, what passes it by, and that nothing of it
 * is forgotten by a crash. The condition: the feed of the first row is not closed. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HOUR (60 * MIN)

static void add_embargo(Lab *lab, bool parks) {
  build_region_begin(lab->build);
  build_int(lab->build, 0);
  build_op2(lab->build, OPCODE_FACT, FEED, ROW);
  build_int(lab->build, CLOSED);
  build_op(lab->build, OPCODE_NE, 0);
  EmbargoRow row = {.condition = build_region_end(lab->build), .text = build_str(lab->build, "feed of row is not closed"), .parks = parks, .line = 3};
  build_row(lab->build, embargoes, &row);
}

/* The feed reads knob 2 between knob 0 and knob 1; actions take 4 minutes. */
static void stormy(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_READ && c->subject == FEED && lab->now - T0 >= lab->knob[0] && lab->now - T0 < lab->knob[1]) f->value = lab->knob[2];
  if (c->kind == COMMAND_ACT) f->delay = 4 * MIN;
}

static void storm(Lab *lab, int64_t from, int64_t until, int64_t value) {
  lab->rule = stormy;
  lab->knob[0] = from;
  lab->knob[1] = until;
  lab->knob[2] = value;
}

/* Four nodes, two at once: drained, a safe point, given back; in a step, and an attempt whose roll back gives all back. */
static Lab *work(bool parks) {
  Lab *lab = lab_new(1, 4);
  add_embargo(lab, parks);
  Slice limits = {lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX), 1};
  lab_step(lab, "work");
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), limits, (Slice){lab_tolerance(lab, 0, NODE), 1}, false);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), limits, (Slice){0, 0}, false);
  lab_call(lab, DRAIN);
  lab_call(lab, GIVE_BACK);
  lab_call(lab, GIVE_BACK);
  build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, "ATTEMPT 0\n STEP_BEGIN 0\n FAN 0\n STEP_END 0\n ATTEMPT_END 0\n undo: FAN 1\n UNDO_END 0\n behind: HALT");
  lab_code(lab, "body: SLOT 0\n ACT 0\n ON_FAILED @bad\n ON_UNKNOWN @bad\n SAFE_POINT\n SLOT 0\n ACT 1\n MEMBER_DONE");
  lab_code(lab, "bad: STR \"bad\"\n SLOT 0\n SET_ASIDE 2\n MEMBER_DONE\n back: SLOT 0\n ACT 2\n MEMBER_DONE");
  Program *p = build_program(lab->build);
  p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind"), .line = 7};
  p->fans[0].body = lab_place(lab, "body");
  p->fans[1].body = lab_place(lab, "back");
  p->fans[0].step = 0;
  p->steps[0].fan = 0;
  return lab;
}

static uint32_t sent(const Lab *lab, uint32_t action) { return lab_commands(lab, COMMAND_ACT, action, NONE_INDEX); }

/* ---- what stands still ---- */

static void nothing_begins_before_it_was_read_as_clear(void **state) {
  (void)state;
  static const int64_t values[] = {OPEN, VALUE_UNKNOWN};
  static const char *const why[] = {"feed of w0 is open", "feed of w0 could not be read"};
  for (uint32_t i = 0; i < 2; i++) {
    Lab *lab = work(false);
    storm(lab, 0, HOUR, values[i]);
    lab_start(lab);
    lab_until(lab, T0 + 59 * MIN);
    assert_int_equal(sent(lab, DRAIN), 0);
    EmbargoView w;
    assert_true(engine_embargo(lab->engine, 0, &w));
    assert_non_null(strstr(w.why, strstr(why[i], " is ") ? "is open" : "could not be read"));
    assert_int_equal(w.unknown, i == 1);
    assert_in_range(w.since, T0, T0 + MIN);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(sent(lab, DRAIN), 4);
    assert_int_equal(lab_notes(lab, NOTE_HELD_BACK, 0, NONE_INDEX), 1);
    assert_int_equal(lab_notes(lab, NOTE_GOES_ON, 0, NONE_INDEX), 1);
    assert_in_range(lab_note(lab, NOTE_GOES_ON, 0, NONE_INDEX)->value, 59 * MIN, 62 * MIN);
    assert_false(engine_embargo(lab->engine, 0, &w));
    lab_free(lab);
  }
}

/* As often as the site's binding says that it is read: of one of another kind nothing is said. */
static void it_is_looked_at_as_often_as_its_site_says(void **state) {
  (void)state;
  static const struct { const char *fact, *kind; int64_t every, looks; } all[] = {
      {"feed", "", 10 * SEC, 10 * SEC}, {"feed", "", 5 * MIN, 5 * MIN}, {"feed", "Row", 20 * SEC, 20 * SEC},
      {"feed", "Node", 20 * SEC, MIN},  {"feed", "", 0, MIN},           {"power", "", 10 * SEC, MIN},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    Lab *lab = work(false);
    SiteBinding b = {.what = SITE_FACT, .name = all[i].fact, .verb = "", .kind = all[i].kind, .every = all[i].every};
    SiteImage site = {.bindings = &b, .binding_count = 1};
    storm(lab, 0, HOUR, OPEN);
    lab->site = &site;
    lab_start(lab);
    lab_until(lab, T0 + HOUR - 1);
    uint32_t reads = lab_commands(lab, COMMAND_READ, FEED, NONE_INDEX), wanted = (uint32_t)(HOUR / all[i].looks);
    assert_true(reads + reads / 20 + 1 >= wanted && reads <= wanted); /* a reading takes a moment */
    lab_ends(lab, RUN_COMPLETED);
    lab_free(lab);
  }
}

static void who_has_started_goes_on_to_a_safe_point_or_to_its_end(void **state) {
  (void)state;
  for (uint32_t parks = 0; parks < 2; parks++) {
    Lab *lab = work(parks);
    storm(lab, 3 * MIN, 3 * MIN + HOUR, OPEN);
    lab_start(lab);
    lab_until(lab, T0 + 3 * MIN + 30 * SEC);
    EmbargoCount c = engine_embargo_count(lab->engine);
    lab_until(lab, T0 + 62 * MIN);
    assert_int_equal(sent(lab, DRAIN), 2);
    assert_int_equal(sent(lab, GIVE_BACK), parks ? 0 : 2);
    c = engine_embargo_count(lab->engine);
    assert_int_equal(c.parked, parks ? 2 : 0);
    assert_int_equal(c.going, 0);
    assert_int_equal(c.waiting, 2);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(sent(lab, DRAIN), 4);
    assert_int_equal(sent(lab, GIVE_BACK), 4);
    lab_free(lab);
  }
}

static void a_pause_that_ends_meanwhile_changes_nothing(void **state) {
  (void)state;
  Lab *lab = work(true);
  storm(lab, 3 * MIN, HOUR, OPEN);
  lab_start(lab);
  lab_until(lab, T0 + 5 * MIN);
  lab_control(lab, CONTROL_PAUSE);
  lab_until(lab, T0 + 10 * MIN);
  lab_control(lab, CONTROL_GO_ON);
  lab_until(lab, T0 + 50 * MIN);
  assert_int_equal(sent(lab, GIVE_BACK), 0);
  lab_control(lab, CONTROL_PAUSE);
  lab_until(lab, T0 + 80 * MIN);
  assert_int_equal(sent(lab, GIVE_BACK), 0); /* the hold has ended, the pause has not */
  lab_control(lab, CONTROL_GO_ON);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* ---- what passes it by ---- */

static void a_cancel_and_its_roll_back_wait_for_nobody(void **state) {
  (void)state;
  Lab *lab = work(true);
  storm(lab, 3 * MIN, 100 * HOUR, OPEN);
  lab_start(lab);
  lab_until(lab, T0 + 30 * MIN);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_true(lab->now < T0 + HOUR);
  assert_int_equal(sent(lab, DRAIN), 2);
  assert_int_equal(sent(lab, GIVE_BACK), 6); /* those under way finish, then everybody */
  lab_free(lab);
}

static void second_fails_late(Lab *lab, const Command *c, Fate *f) {
  stormy(lab, c, f);
  if (c->kind == COMMAND_ACT && c->subject == DRAIN && c->entity == 1) f->delay = 20 * MIN, f->outcome = OUT_FAILED;
}

static void a_step_that_stops_lets_those_at_a_safe_point_finish(void **state) {
  (void)state;
  Lab *lab = work(true);
  storm(lab, 3 * MIN, 100 * HOUR, OPEN);
  lab->rule = second_fails_late;
  lab_start(lab);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_true(lab->now < T0 + HOUR);
  lab_free(lab);
}

static void the_window_goes_on_counting(void **state) {
  (void)state;
  Lab *lab = work(true);
  Opening open = {.open = T0, .close = T0 + 2 * HOUR};
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  lab->frozen.window_hard = 1;
  storm(lab, 0, 5 * HOUR, OPEN);
  lab_start(lab);
  lab_until(lab, T0 + 3 * HOUR);
  assert_int_equal(lab_notes(lab, NOTE_KEPT_OUT, NONE_INDEX, NONE_INDEX), 0); /* not even its step has begun */
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, DRAIN), 0);
  assert_int_equal(lab_notes(lab, NOTE_KEPT_OUT, NONE_INDEX, NONE_INDEX), 4);
  lab_free(lab);
  lab = work(true);
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  lab->frozen.window_hard = 1;
  storm(lab, 3 * MIN, 5 * HOUR, OPEN);
  lab_start(lab);
  lab_until(lab, T0 + 2 * HOUR + 2 * MIN);
  assert_int_equal(lab_notes(lab, NOTE_KEPT_OUT, NONE_INDEX, NONE_INDEX), 2); /* at once, though nobody may start */
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void what_is_inside_a_member_goes_on(void **state) {
  (void)state;
  Lab *lab = lab_new(2, 4);
  add_embargo(lab, true);
  uint32_t one = lab_limit(lab, LIMIT_RULE_AT_ONCE, 1, 0, NONE_INDEX);
  lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){one, 1}, (Slice){0, 0}, false);
  lab_fan(lab, NODE, 1, lab_below(lab, NODES, RACK, 0, 1), (Slice){one, 1}, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  lab_code(lab, "FAN 0\n HALT\n rack: FAN 1\n MEMBER_DONE\n node: SLOT 1\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "rack");
  build_program(lab->build)->fans[1].body = lab_place(lab, "node");
  storm(lab, 3 * MIN, 2 * HOUR, OPEN);
  lab_start(lab);
  lab_until(lab, T0 + 110 * MIN);
  assert_int_equal(sent(lab, DRAIN), 4);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, DRAIN), 8);
  lab_free(lab);
}

/* ---- crashes ---- */

static void what_was_clear_before_a_crash_is_read_again_first(void **state) {
  (void)state;
  Lab *lab = work(false);
  storm(lab, 5 * MIN, 3 * HOUR, OPEN);
  lab_start(lab);
  lab_until(lab, T0 + 4 * MIN + 30 * SEC);
  uint32_t before = sent(lab, DRAIN);
  lab_resume(lab, HOUR); /* the storm came while nobody looked */
  lab_until(lab, T0 + 2 * HOUR);
  assert_int_equal(sent(lab, DRAIN), before);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab, DRAIN), 4 + (before < 2));
  lab_free(lab);
}

static void a_hold_that_ended_while_nobody_had_the_run_ends_at_once(void **state) {
  (void)state;
  Lab *lab = work(true);
  storm(lab, 3 * MIN, HOUR, OPEN);
  lab_start(lab);
  lab_until(lab, T0 + 30 * MIN);
  lab_resume(lab, 5 * HOUR);
  lab_until(lab, T0 + 5 * HOUR + 32 * MIN);
  assert_int_equal(lab_notes(lab, NOTE_GOES_ON, 0, NONE_INDEX), 1);
  assert_int_equal(sent(lab, GIVE_BACK), 2);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_begins_before_it_was_read_as_clear),
      cmocka_unit_test(it_is_looked_at_as_often_as_its_site_says),
      cmocka_unit_test(who_has_started_goes_on_to_a_safe_point_or_to_its_end),
      cmocka_unit_test(a_pause_that_ends_meanwhile_changes_nothing),
      cmocka_unit_test(a_cancel_and_its_roll_back_wait_for_nobody),
      cmocka_unit_test(a_step_that_stops_lets_those_at_a_safe_point_finish),
      cmocka_unit_test(the_window_goes_on_counting),
      cmocka_unit_test(what_is_inside_a_member_goes_on),
      cmocka_unit_test(what_was_clear_before_a_crash_is_read_again_first),
      cmocka_unit_test(a_hold_that_ended_while_nobody_had_the_run_ends_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
