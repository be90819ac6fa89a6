/* The ways out: fail, end, roll back, cancel, hold, guards, settings; from the main strand and from inside fans. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* attempt { drain all, two at once; shut down all } roll back { power on all }; what is said tells the way. */
static Lab *with_attempt(const char *on_failure) {
  Lab *lab = lab_new(2, 2);
  uint32_t two = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX);
  for (uint32_t i = 0; i < 3; i++) lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){two, 1}, (Slice){0, 0}, false);
  lab_call(lab, DRAIN);
  lab_call(lab, SHUT_DOWN);
  lab_call(lab, POWER_ON);
  build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, "ATTEMPT 0\n FAN 0\n STR \"drained\"\n NOTIFY 0\n FAN 1\n STR \"down\"\n NOTIFY 0\n ATTEMPT_END 0\n"
                "drain: SLOT 0\n ACT 0\n ON_OK @drained");
  lab_code(lab, on_failure);
  lab_code(lab, "drained: MEMBER_DONE\n"
                "down: SLOT 0\n ACT 1\n MEMBER_DONE\n"
                "undo: STR \"undoing\"\n NOTIFY 0\n FAN 2\n STR \"undone\"\n NOTIFY 0\n UNDO_END 0\n"
                "up: SLOT 0\n ACT 2\n ON_OK @on\n STR \"does not come back\"\n SLOT 0\n SET_ASIDE 2\n on: MEMBER_DONE\n"
                "behind: STR \"through\"\n NOTIFY 0\n HALT");
  Program *p = build_program(lab->build);
  p->fans[0].body = lab_place(lab, "drain");
  p->fans[1].body = lab_place(lab, "down");
  p->fans[2].body = lab_place(lab, "up");
  p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind"), .line = 7};
  return lab;
}

static void drains_badly(Lab *lab, const Command *c, Fate *f) {
  if (c->kind != COMMAND_ACT) return;
  f->delay = SEC * (1 + c->entity);
  if ((c->subject == DRAIN && (lab->knob[0] >> c->entity & 1)) || (c->subject == POWER_ON && (lab->knob[1] >> c->entity & 1)))
    f->outcome = OUT_FAILED, f->lands = false;
}

static bool said(const Lab *lab, const char *text) {
  for (uint32_t i = 0; i < lab->commands.len; i++)
    if (lab->commands.items[i].kind == COMMAND_NOTIFY && strcmp(lab->commands.items[i].text, text) == 0) return true;
  return false;
}

static void an_attempt_that_works_passes_its_roll_back_by(void **state) {
  (void)state;
  Lab *lab = with_attempt("STR \"no\"\n FAIL");
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(said(lab, "through") && !said(lab, "undoing"));
  lab_free(lab);
}

static void a_failure_rolls_back_when_those_under_way_are_done(void **state) {
  (void)state;
  static const char *const exits[] = {"STR \"it does not drain\"\n FAIL", "STR \"it does not drain\"\n ROLL_BACK",
                                      "STR \"it does not drain\"\n SLOT 0\n SET_ASIDE 2"};
  for (uint32_t i = 0; i < 3; i++) {
    Lab *lab = with_attempt(exits[i]);
    lab->rule = drains_badly;
    lab->knob[0] = 1;
    lab_start(lab);
    lab_ends(lab, RUN_ROLLED_BACK);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 2);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, NONE_INDEX), 4); /* the set-aside one too */
    assert_true(said(lab, "undone") && !said(lab, "drained") && !said(lab, "through"));
    assert_int_equal(lab_notes(lab, NOTE_ROLL_BACK, NONE_INDEX, NONE_INDEX), 1);
    assert_true(lab_note(lab, NOTE_ROLL_BACK, NONE_INDEX, NONE_INDEX)->at >= T0 + 2 * SEC); /* node 1 was answered first */
    assert_non_null(strstr(engine_reason(lab->engine), "it does not drain"));
    for (uint32_t n = 0; n < 4; n++) assert_int_equal(lab_member(lab, NODE, n), MEMBER_ROLLED_BACK);
    lab_free(lab);
  }
}

static void a_roll_back_that_fails_is_a_failed_run(void **state) {
  (void)state;
  Lab *lab = with_attempt("STR \"no\"\n FAIL");
  lab->rule = drains_badly;
  lab->knob[0] = 1;
  lab->knob[1] = 1; /* one does not come back, and nothing is tolerated */
  lab_start(lab);
  lab_ends(lab, RUN_FAILED);
  assert_int_equal(lab_member(lab, NODE, 0), MEMBER_SET_ASIDE);
  lab_free(lab);
}

static void end_in_a_fan_ends_the_member_quietly(void **state) {
  (void)state;
  Lab *lab = with_attempt("STR \"nothing to do\"\n END");
  lab->rule = drains_badly;
  lab->knob[0] = 3;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 4);
  lab_free(lab);
}

static void who_is_kept_out_counts_against_no_tolerance(void **state) {
  (void)state;
  Lab *lab = with_attempt("STR \"not today\"\n SLOT 0\n KEEP_OUT 2");
  lab->rule = drains_badly;
  lab->knob[0] = 3;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 2);
  assert_int_equal(lab_member(lab, NODE, 1), MEMBER_KEPT_OUT);
  assert_int_equal(lab_notes(lab, NOTE_KEPT_OUT, NONE_INDEX, NONE_INDEX), 2);
  lab_free(lab);
}

/* ---- straight lines ---- */

static Lab *straight(const char *code) {
  Lab *lab = lab_new(1, 2);
  lab_code(lab, code);
  return lab;
}

static void the_main_strand_ends_as_it_says(void **state) {
  (void)state;
  static const struct { const char *code; RunOutcome outcome; const char *reason; } all[] = {
      {"HALT", RUN_COMPLETED, ""}, {"STR \"why\"\n FAIL", RUN_FAILED, "why"}, {"STR \"why\"\n END", RUN_ENDED, "why"}};
  for (uint32_t i = 0; i < 3; i++) {
    Lab *lab = straight(all[i].code);
    lab_start(lab);
    lab_ends(lab, all[i].outcome);
    assert_string_equal(engine_reason(lab->engine), all[i].reason);
    assert_int_equal(lab_note(lab, NOTE_END, NONE_INDEX, NONE_INDEX)->value, all[i].outcome);
    lab_free(lab);
  }
}

static void a_wait_lasts_as_long_as_it_says(void **state) {
  (void)state;
  Lab *lab = straight("CONST 600000\n WAIT\n STR \"over\"\n NOTIFY 0\n HALT");
  lab_start(lab);
  assert_true(engine_next_timer(lab->engine) == T0 + 10 * MIN);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(lab_command(lab, COMMAND_NOTIFY, 0, NONE_INDEX)->issued == T0 + 10 * MIN);
  lab_free(lab);
}

/* ---- nested attempts ---- */

static void an_inner_roll_back_fails_the_outer_attempt(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  for (uint32_t i = 0; i < 2; i++) build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, "ATTEMPT 0\n ATTEMPT 1\n STR \"broken\"\n FAIL\n"
                "undo1: STR \"inner\"\n NOTIFY 0\n UNDO_END 1\n"
                "behind1: ATTEMPT_END 0\n"
                "undo0: STR \"outer\"\n NOTIFY 0\n UNDO_END 0\n"
                "behind0: HALT");
  Program *p = build_program(lab->build);
  p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo0"), .end = lab_place(lab, "behind0")};
  p->attempts[1] = (AttemptRow){.undo = lab_place(lab, "undo1"), .end = lab_place(lab, "behind1")};
  lab_start(lab);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_true(said(lab, "inner") && said(lab, "outer"));
  assert_string_equal(engine_reason(lab->engine), "broken");
  lab_free(lab);
}

static void an_attempt_of_a_member_rolls_back_the_member(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, 1, NODE), 1}, false);
  lab_call(lab, DRAIN);
  lab_call(lab, GIVE_BACK);
  build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, "FAN 0\n HALT\n"
                "body: ATTEMPT 0\n SLOT 0\n ACT 0\n ON_OK @ok\n STR \"no\"\n FAIL\n ok: ATTEMPT_END 0\n"
                "undo: SLOT 0\n ACT 1\n UNDO_END 0\n"
                "behind: MEMBER_DONE");
  Program *p = build_program(lab->build);
  p->fans[0].body = lab_place(lab, "body");
  p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind")};
  lab->rule = drains_badly;
  lab->knob[0] = 2;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, GIVE_BACK, 1), 1);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, GIVE_BACK, NONE_INDEX), 1);
  assert_int_equal(lab_note(lab, NOTE_MEMBER_END, NONE_INDEX, 1)->value, MEMBER_ROLLED_BACK);
  lab_free(lab);
}

/* ---- cancel ---- */

static void a_cancel_lets_those_under_way_finish_and_rolls_back(void **state) {
  (void)state;
  Lab *lab = with_attempt("STR \"no\"\n FAIL");
  lab_start(lab);
  lab_until(lab, T0 + 500);
  lab_control(lab, CONTROL_CANCEL);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 2);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, NONE_INDEX), 4);
  assert_true(strncmp(engine_reason(lab->engine), "cancelled", 9) == 0);
  lab_free(lab);
}

/* At every moment of a run a cancel leads to its end, and a roll back is never cancelled. */
static void a_cancel_works_at_every_moment(void **state) {
  (void)state;
  for (int64_t at = 0; at < 12 * SEC; at += 250) {
    Lab *lab = with_attempt("STR \"no\"\n FAIL");
    lab->rule = drains_badly;
    lab->knob[0] = at % 500 ? 4 : 0; /* some of the runs roll back by themselves */
    lab_start(lab);
    lab_until(lab, T0 + at);
    if (engine_outcome(lab->engine) == RUN_GOING) lab_control(lab, CONTROL_CANCEL);
    lab_go(lab);
    RunOutcome o = engine_outcome(lab->engine);
    assert_true(o == RUN_ROLLED_BACK || o == RUN_COMPLETED || (o == RUN_CANCELLED && said(lab, "through")));
    if (o == RUN_ROLLED_BACK) assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, NONE_INDEX), 4);
    lab_free(lab);
  }
}

static void without_an_attempt_the_run_is_cancelled(void **state) {
  (void)state;
  Lab *lab = straight("CONST 600000\n WAIT\n STR \"over\"\n NOTIFY 0\n HALT");
  lab_start(lab);
  lab_until(lab, T0 + MIN);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_CANCELLED);
  assert_false(said(lab, "over"));
  assert_true(lab->now == T0 + MIN);
  lab_free(lab);
}

/* What has begun and waits is not work yet, whatever it waits for: time, a place in a service, a member below it. What was worked
 * on goes through its whole body: a machine is not left half way. */
static void a_cancel_sends_nothing_for_whom_nothing_was_sent(void **state) {
  (void)state;
  Lab *lab = lab_new(3, 2);
  Slice all = {lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), 1};
  lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), all, (Slice){0, 0}, false);
  lab_fan(lab, NODE, 1, lab_below(lab, NODES, RACK, 0, 1), all, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  lab_call(lab, SHUT_DOWN);
  build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  build_program(lab->build)->services[0].in_flight = 0;
  build_program(lab->build)->services[0].amount = 1;
  build_program(lab->build)->services[0].per = 10 * MIN;
  Slice through = build_list(lab->build, (uint32_t[]){0}, 1);
  build_program(lab->build)->actions[DRAIN].services = through;
  lab_code(lab, "FAN 0\n HALT\n body: ATTEMPT 0\n FAN 1\n ATTEMPT_END 0\n"
                "undo: SLOT 0\n STR \"undone\"\n NOTIFY 0\n UNDO_END 0\n behind: MEMBER_DONE\n"
                "node: SLOT 1\n ACT 0\n CONST 600000\n WAIT\n SLOT 1\n ACT 1\n MEMBER_DONE");
  Program *p = build_program(lab->build);
  p->fans[0].body = lab_place(lab, "body");
  p->fans[1].body = lab_place(lab, "node");
  p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind"), .line = 7};
  lab_start(lab);
  lab_until(lab, T0 + 5 * MIN); /* one node of the first rack is drained, and waits; all others stand in the line */
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 1);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_CANCELLED);
  for (uint32_t n = 0; n < lab->nodes; n++) { /* the rack that was begun is gone through as a whole */
    assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, n), n < 2);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, n), n < 2);
  }
  assert_false(said(lab, "undone")); /* there is nothing to be undone */
  assert_int_equal(lab_note(lab, NOTE_MEMBER_END, NONE_INDEX, 0)->value, MEMBER_DONE);
  assert_int_equal(lab_note(lab, NOTE_MEMBER_END, NONE_INDEX, 2)->value, MEMBER_IN);
  lab_free(lab);
}

static void a_cancel_ends_a_pause(void **state) {
  (void)state;
  Lab *lab = with_attempt("STR \"no\"\n FAIL");
  lab_start(lab);
  lab_control(lab, CONTROL_PAUSE);
  lab_until(lab, T0 + 60 * MIN);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_ROLLED_BACK);
  lab_free(lab);
}

/* ---- hold ---- */

static Lab *with_hold(LabRule *rule) {
  Lab *lab = lab_new(1, 1);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  build_row(lab->build, holds, (&(HoldRow){REPAIR, lab_number(lab, 30 * MIN), 7}));
  lab_code(lab, "FAN 0\n HALT\n"
                "body: SLOT 0\n ACT 0\n ON_OK @ok\n STR \"help\"\n HOLD 0\n ON_OK @body\n ON_UNKNOWN @silent\n"
                "STR \"refused\"\n NOTIFY 0\n MEMBER_DONE\n silent: STR \"silence\"\n NOTIFY 0\n MEMBER_DONE\n"
                "ok: STR \"ok\"\n NOTIFY 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab->rule = rule;
  return lab;
}

/* knob 0: failures to come; knob 1: what the person says */
static void needs_help(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_ACT && lab->knob[0]-- > 0) f->outcome = OUT_FAILED, f->lands = false;
  if (c->kind == COMMAND_ASK) f->answers = lab->knob[1] >= 0, f->delay = 10 * MIN, f->value = lab->knob[1];
}

static void a_person_may_retry_refuse_or_say_nothing(void **state) {
  (void)state;
  static const struct { int64_t failures, says; const char *end; int64_t after; } all[] = {
      {1, 1, "ok", 10}, {1, 0, "refused", 10}, {1, -1, "silence", 30}, {99, 1, "silence", 30}};
  for (uint32_t i = 0; i < 4; i++) {
    Lab *lab = with_hold(needs_help);
    lab->knob[0] = all[i].failures;
    lab->knob[1] = all[i].says;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_true(said(lab, all[i].end));
    int64_t at = lab_command(lab, COMMAND_NOTIFY, 0, NONE_INDEX)->issued - T0;
    assert_true(at >= all[i].after * MIN && at < (all[i].after + 1) * MIN); /* retries do not prolong it */
    const Command *ask = lab_command(lab, COMMAND_ASK, NONE_INDEX, 0);
    assert_string_equal(ask->text, "help");
    assert_true(ask->subject == NONE_INDEX && ask->args[0] == REPAIR && ask->deadline < T0 + 31 * MIN);
    assert_int_equal(lab_commands(lab, COMMAND_WITHDRAW, NONE_INDEX, NONE_INDEX), said(lab, "silence") ? 1 : 0);
    lab_free(lab);
  }
}

static void a_cancel_ends_a_hold(void **state) {
  (void)state;
  Lab *lab = with_hold(needs_help);
  lab->knob[0] = 1;
  lab->knob[1] = -1;
  lab_start(lab);
  lab_until(lab, T0 + 2 * MIN);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_CANCELLED);
  assert_true(said(lab, "silence") && lab->now == T0 + 2 * MIN);
  lab_free(lab);
}

/* ---- confirm ---- */

static Lab *with_confirm(int64_t held, int64_t within) {
  Lab *lab = lab_new(1, 1);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  ConfirmRow row = {.condition = lab_fact_is(lab, POWER, NODE, 0, OFF), .within = lab_number(lab, within), .line = 7};
  if (held) row.held = lab_number(lab, held);
  build_row(lab->build, confirms, &row);
  lab_code(lab, "FAN 0\n HALT\n body: CONFIRM 0\n ON_OK @ok\n ON_FAILED @failed\n STR \"unknown\"\n NOTIFY 0\n MEMBER_DONE\n"
                "ok: STR \"ok\"\n NOTIFY 0\n MEMBER_DONE\n failed: STR \"failed\"\n NOTIFY 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  return lab;
}

/* The node reads off between knob 0 and knob 1, unknown from knob 2 on. */
static void comes_and_goes(Lab *lab, const Command *c, Fate *f) {
  if (c->kind != COMMAND_READ) return;
  int64_t t = lab->now - T0;
  f->value = lab->knob[2] && t >= lab->knob[2] ? VALUE_UNKNOWN : t >= lab->knob[0] && t < lab->knob[1] ? OFF : ON;
}

static void confirm_reads_until_it_holds_and_goes_on_holding(void **state) {
  (void)state;
  static const struct { int64_t held, within, from, to, dark; const char *end; int64_t at; } all[] = {
      {0, 2 * MIN, 45 * SEC, 60 * MIN, 0, "ok", 50}, {0, 2 * MIN, 60 * MIN, 0, 0, "failed", 120},
      {0, 2 * MIN, 60 * MIN, 0, 1, "unknown", 120}, {MIN, 5 * MIN, 45 * SEC, 60 * MIN, 0, "ok", 110},
      {MIN, 5 * MIN, 45 * SEC, 80 * SEC, 0, "failed", 300}, {MIN, 90 * SEC, 45 * SEC, 60 * MIN, 0, "unknown", 90}};
  for (uint32_t i = 0; i < 6; i++) {
    Lab *lab = with_confirm(all[i].held, all[i].within);
    lab->rule = comes_and_goes;
    lab->knob[0] = all[i].from;
    lab->knob[1] = all[i].to;
    lab->knob[2] = all[i].dark;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_true(said(lab, all[i].end));
    int64_t at = lab_command(lab, COMMAND_NOTIFY, 0, NONE_INDEX)->issued - T0;
    assert_true(at >= all[i].at * SEC && at <= all[i].at * SEC + 2 * SEC);
    lab_free(lab);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_attempt_that_works_passes_its_roll_back_by),
      cmocka_unit_test(a_failure_rolls_back_when_those_under_way_are_done),
      cmocka_unit_test(a_roll_back_that_fails_is_a_failed_run),
      cmocka_unit_test(end_in_a_fan_ends_the_member_quietly),
      cmocka_unit_test(who_is_kept_out_counts_against_no_tolerance),
      cmocka_unit_test(the_main_strand_ends_as_it_says),
      cmocka_unit_test(a_wait_lasts_as_long_as_it_says),
      cmocka_unit_test(an_inner_roll_back_fails_the_outer_attempt),
      cmocka_unit_test(an_attempt_of_a_member_rolls_back_the_member),
      cmocka_unit_test(a_cancel_lets_those_under_way_finish_and_rolls_back),
      cmocka_unit_test(a_cancel_works_at_every_moment),
      cmocka_unit_test(without_an_attempt_the_run_is_cancelled),
      cmocka_unit_test(a_cancel_sends_nothing_for_whom_nothing_was_sent),
      cmocka_unit_test(a_cancel_ends_a_pause),
      cmocka_unit_test(a_person_may_retry_refuse_or_say_nothing),
      cmocka_unit_test(a_cancel_ends_a_hold),
      cmocka_unit_test(confirm_reads_until_it_holds_and_goes_on_holding),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
