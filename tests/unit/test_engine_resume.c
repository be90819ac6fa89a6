/* After a crash: what was in flight is issued again, looked at or asked about, as its contract says; nothing is lost. */
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

static Lab *one_act(uint32_t action, LabRule *rule) {
  Lab *lab = lab_new(1, 1);
  lab_lockout(lab, &(uint32_t){NSD}, 1, lab_fact_is(lab, SERVICE, NODE, 4, IN_SERVICE));
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, action);
  lab_code(lab, "LOCK 0\n ON_OK @held\n STR \"no lock\"\n FAIL\n held: FAN 0\n JUMP @out\n"
                "body: SLOT 0\n ACT 0\n ON_OK @ok\n ON_FAILED @failed\n STR \"unknown\"\n NOTIFY 0\n MEMBER_DONE\n"
                "ok: STR \"ok\"\n NOTIFY 0\n MEMBER_DONE\n failed: STR \"failed\"\n NOTIFY 0\n MEMBER_DONE\n"
                "out: UNLOCK 0\n HALT");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab->rule = rule;
  return lab;
}

/* Lets it go until the action is under way, and crashes then. */
static const Command *crash_in_act(Lab *lab, int64_t after, int64_t down) {
  lab_start(lab);
  while (lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX) == 0) lab_until(lab, lab->now + 100);
  lab_until(lab, lab->now + after);
  lab_resume(lab, down);
  return lab_command(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX);
}

static void what_is_safe_to_repeat_is_issued_again(void **state) {
  (void)state;
  Lab *lab = one_act(DRAIN, NULL);
  const Command *c = crash_in_act(lab, 100, 60 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, 0), 2);
  assert_true(c->again && c->attempt == 1 && c->deadline == lab->now + 5 * MIN); /* its time begins anew */
  for (uint32_t i = 0, id = 0; i < lab->commands.len; i++)
    if (lab->commands.items[i].kind == COMMAND_ACT) {
      assert_true(id == 0 || lab->commands.items[i].id == id);
      id = (uint32_t)lab->commands.items[i].id;
    }
  lab_ends(lab, RUN_COMPLETED);
  assert_true(said(lab, "ok"));
  lab_free(lab);
}

static void slow(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_ACT) f->delay = 10 * SEC, f->lands = !c->again || lab->knob[0];
  if (c->kind == COMMAND_READ && lab->knob[1] && lab->now > T0 + 10 * MIN) f->value = VALUE_UNKNOWN;
  if (c->kind == COMMAND_ASK && lab->knob[2] >= 0) f->answers = true, f->value = lab->knob[2], f->delay = MIN;
}

static void what_must_be_checked_is_read_first(void **state) {
  (void)state;
  /* it took effect while we were down: done, and not sent again */
  Lab *lab = one_act(SHUT_DOWN, slow);
  lab->knob[2] = -1;
  crash_in_act(lab, 100, 20 * MIN);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 0), 1);
  assert_true(said(lab, "ok"));
  lab_free(lab);
  /* it never started: known not to be done, so it is sent again */
  lab = one_act(SHUT_DOWN, slow);
  lab->knob[0] = 1;
  lab->knob[2] = -1;
  crash_in_act(lab, 100, SEC);
  lab_until(lab, lab->now + SEC);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 0), 2);
  assert_true(lab_command(lab, COMMAND_ACT, SHUT_DOWN, 0)->again);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(said(lab, "ok"));
  lab_free(lab);
  /* it cannot be read: nobody knows */
  lab = one_act(SHUT_DOWN, slow);
  lab->knob[1] = 1;
  lab->knob[2] = -1;
  crash_in_act(lab, 100, 20 * MIN);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 0), 1);
  assert_true(said(lab, "unknown"));
  lab_free(lab);
}

static void what_says_nothing_is_asked_about(void **state) {
  (void)state;
  static const struct { int64_t says; const char *end; } all[] = {{1, "ok"}, {0, "failed"}, {-1, "unknown"}};
  for (uint32_t i = 0; i < 3; i++) {
    Lab *lab = one_act(POWER_OFF, slow);
    lab->knob[2] = all[i].says;
    crash_in_act(lab, 100, 20 * MIN);
    const Command *ask = lab_command(lab, COMMAND_ASK, NONE_INDEX, 0);
    assert_true(ask->args[0] == REPAIR && ask->deadline == lab->now + 60 * MIN); /* of the lockout's hand over */
    assert_non_null(strstr(ask->text, "power_off of n000"));
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_OFF, 0), 1);
    assert_true(said(lab, all[i].end));
    lab_free(lab);
  }
}

static void locks_readings_and_questions_are_issued_again(void **state) {
  (void)state;
  Lab *lab = one_act(DRAIN, NULL);
  lab_start(lab);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NSD, 0), 1);
  lab_resume(lab, 3 * 60 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NSD, 0), 2);
  assert_true(lab_command(lab, COMMAND_LOCK, NSD, 0)->again);
  assert_int_equal(lab_commands(lab, COMMAND_STOP, NONE_INDEX, NONE_INDEX), 0); /* its deadline passed while we were away */
  lab_ends(lab, RUN_COMPLETED);
  assert_true(said(lab, "ok"));
  lab_free(lab);
}

/* A whole run, killed once at every quarter of a second: the same end, and no action twice but where it may be. */
static void a_run_that_is_killed_at_any_moment_ends_the_same(void **state) {
  (void)state;
  for (int64_t at = 0; at < 20 * SEC; at += 250) {
    Lab *lab = lab_new(2, 2);
    lab_lockout(lab, &(uint32_t){NSD}, 1, lab_fact_is(lab, SERVICE, NODE, 4, IN_SERVICE));
    for (uint32_t i = 0; i < 4; i++) lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, false);
    lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX);
    static const uint32_t actions[] = {DRAIN, SHUT_DOWN, POWER_ON, GIVE_BACK};
    for (uint32_t i = 0; i < 4; i++) lab_call(lab, actions[i]);
    lab_code(lab, "LOCK 0\n ON_OK @held\n STR \"no lock\"\n FAIL\n held: FAN 0\n FAN 1\n FAN 2\n FAN 3\n UNLOCK 0\n HALT\n"
                  "b0: SLOT 0\n ACT 0\n ON_OK @d0\n STR \"x\"\n FAIL\n d0: MEMBER_DONE\n"
                  "b1: SLOT 0\n ACT 1\n ON_OK @d1\n STR \"x\"\n FAIL\n d1: MEMBER_DONE\n"
                  "b2: SLOT 0\n ACT 2\n ON_OK @d2\n STR \"x\"\n FAIL\n d2: MEMBER_DONE\n"
                  "b3: SLOT 0\n ACT 3\n ON_OK @d3\n STR \"x\"\n FAIL\n d3: MEMBER_DONE");
    static const char *const bodies[] = {"b0", "b1", "b2", "b3"};
    for (uint32_t i = 0; i < 4; i++) {
      build_program(lab->build)->fans[i].body = lab_place(lab, bodies[i]);
      build_program(lab->build)->fans[i].limits = (Slice){0, 1};
    }
    lab_start(lab);
    lab_until(lab, T0 + at);
    if (engine_outcome(lab->engine) == RUN_GOING) lab_resume(lab, 90 * SEC);
    lab_ends(lab, RUN_COMPLETED);
    for (uint32_t i = 0; i < 4; i++) {
      assert_int_equal(lab->truth[POWER][NODE][i], ON);
      assert_int_equal(lab->truth[SERVICE][NODE][i], IN_SERVICE);
      assert_int_equal(lab->locked[NSD][i], 0);
      assert_int_equal(lab_member(lab, NODE, i), MEMBER_DONE);
      assert_int_equal(lab_notes(lab, NOTE_ACTION_END, SHUT_DOWN, i), 1);
      assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, i), 1); /* it had landed: it is not done twice */
    }
    lab_free(lab);
  }
}

static void locks_in_a_minute(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_LOCK && c->subject == ANVIL) f->delay = MIN;
  if (c->kind == COMMAND_INSPECT && c->subject == ANVIL && !c->again) f->value = lab->now < T0 + 85 * MIN ? 2 : 1;
}

/* Its time to become quiet is as long after a death as it would have been without. */
static void a_lock_that_is_asked_for_again_has_its_time_again(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  lab_lockout(lab, (const uint32_t[]){NSD, ANVIL}, 2, lab_number(lab, 1));
  lab_code(lab, "LOCK 0\n ON_OK @held\n STR \"no locks\"\n FAIL\n held: UNLOCK 0\n HALT");
  lab->rule = locks_in_a_minute;
  lab_start(lab);
  lab_until(lab, T0 + MIN / 2);
  lab_resume(lab, 80 * MIN);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void answer(Lab *lab, uint64_t id, Outcome outcome, const char *text) {
  lab_feed(lab, (Event){.kind = EVENT_OUTCOME, .command = id, .outcome = outcome, .value = VALUE_UNKNOWN, .text = text});
}

/* The last thing that it does is to tell two people. Nobody waits; what has no answer goes out again, also behind the end. */
static void a_message_without_an_answer_goes_out_again(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  lab_code(lab, "STR \"one\"\n NOTIFY 0\n STR \"two\"\n NOTIFY 0\n HALT");
  lab_prepare(lab);
  lab_feed(lab, (Event){.kind = EVENT_BEGIN, .value = BEGIN_NOTICES});
  assert_int_equal(engine_outcome(lab->engine), RUN_COMPLETED);
  assert_int_equal(engine_untold(lab->engine), 2);
  uint64_t two = lab_command(lab, COMMAND_NOTIFY, 0, NONE_INDEX)->id;
  answer(lab, two - 1, OUT_OK, NULL);
  assert_int_equal(engine_untold(lab->engine), 1);
  lab_feed(lab, (Event){.kind = EVENT_RESUMED, .value = VALUE_UNKNOWN});
  assert_int_equal(lab_commands(lab, COMMAND_NOTIFY, 0, NONE_INDEX), 3);
  const Command *again = lab_command(lab, COMMAND_NOTIFY, 0, NONE_INDEX);
  assert_true(again->id == two && again->again && strcmp(again->text, "two") == 0);
  answer(lab, two, OUT_FAILED, "no such number");
  assert_string_equal(lab_note(lab, NOTE_UNTOLD, 0, NONE_INDEX)->text, "no such number");
  answer(lab, two, OUT_FAILED, "late"); /* it has been heard of */
  assert_int_equal(lab_notes(lab, NOTE_UNTOLD, 0, NONE_INDEX), 1);
  lab_feed(lab, (Event){.kind = EVENT_RESUMED, .value = VALUE_UNKNOWN});
  assert_int_equal(lab_commands(lab, COMMAND_NOTIFY, 0, NONE_INDEX), 3);
  lab_free(lab);
}

/* A world that does not say what has become of its messages is not told again. */
static void a_message_that_nobody_answers_is_sent_once(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  lab_code(lab, "STR \"one\"\n NOTIFY 0\n HALT");
  lab_start(lab);
  lab_resume(lab, MIN);
  assert_int_equal(lab_commands(lab, COMMAND_NOTIFY, 0, NONE_INDEX), 1);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_lock_that_is_asked_for_again_has_its_time_again),
      cmocka_unit_test(a_message_without_an_answer_goes_out_again),
      cmocka_unit_test(a_message_that_nobody_answers_is_sent_once),
      cmocka_unit_test(what_is_safe_to_repeat_is_issued_again),
      cmocka_unit_test(what_must_be_checked_is_read_first),
      cmocka_unit_test(what_says_nothing_is_asked_about),
      cmocka_unit_test(locks_readings_and_questions_are_issued_again),
      cmocka_unit_test(a_run_that_is_killed_at_any_moment_ends_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
