/* Actions: needs before, read-back after, three outcomes, retries, deadlines, late effects, tokens of `tried`. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A call on each of four nodes, one after the other; then it says how it went. */
static Lab *one_call(uint32_t action, LabRule *rule) {
  Lab *lab = lab_new(1, 4);
  lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, action);
  lab_code(lab, "FAN 0\n HALT\n"
                "body: SLOT 0\n ACT 0\n ON_OK @ok\n ON_FAILED @failed\n"
                "STR \"unknown\"\n NOTIFY 0\n MEMBER_DONE\n"
                "ok: STR \"ok\"\n NOTIFY 0\n MEMBER_DONE\n"
                "failed: STR \"failed\"\n NOTIFY 0\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  lab->rule = rule;
  return lab;
}

static void wants_said(Lab *lab, uint32_t nth, const char *text) {
  for (uint32_t i = 0; i < lab->commands.len; i++)
    if (lab->commands.items[i].kind == COMMAND_NOTIFY && nth-- == 0) {
      assert_string_equal(lab->commands.items[i].text, text);
      return;
    }
  fail_msg("nothing said");
}

static void an_action_that_works_is_read_back(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, NULL);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 4);
  assert_int_equal(lab_commands(lab, COMMAND_READ, POWER, NONE_INDEX), 4);
  wants_said(lab, 0, "ok");
  assert_int_equal(engine_fact(lab->engine, POWER, NODE, 2), OFF);
  assert_int_equal(lab_notes(lab, NOTE_ACTION_BEGIN, SHUT_DOWN, NONE_INDEX), 4);
  assert_int_equal(lab_note(lab, NOTE_ACTION_END, SHUT_DOWN, 0)->value, OUT_OK);
  assert_int_equal(lab_note(lab, NOTE_ACTION_END, SHUT_DOWN, 0)->line, 7);
  const Command *c = lab_command(lab, COMMAND_ACT, SHUT_DOWN, 0);
  assert_true(c->deadline == c->issued + 5 * MIN && c->attempt == 1 && c->arg_count == 1 && c->args[0] == 0);
  lab_free(lab);
}

static void fails(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind != COMMAND_ACT) return;
  f->outcome = (Outcome)lab->knob[0];
  f->lands = false;
}

static void failed_and_unknown_are_told_apart(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, fails);
  lab->knob[0] = OUT_FAILED;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  wants_said(lab, 0, "failed");
  assert_int_equal(lab_commands(lab, COMMAND_READ, POWER, NONE_INDEX), 0);
  assert_true(engine_fact(lab->engine, POWER, NODE, 0) == VALUE_UNKNOWN); /* it may be old, new or unknown */
  lab_free(lab);
  lab = one_call(SHUT_DOWN, fails);
  lab->knob[0] = OUT_UNKNOWN;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  wants_said(lab, 0, "unknown");
  lab_free(lab);
}

static void lies(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_ACT) f->lands = false;
}

static void a_contract_that_lies_is_a_surprise(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, lies);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  wants_said(lab, 0, "unknown");
  assert_string_equal(lab_note(lab, NOTE_SURPRISE, SHUT_DOWN, 0)->text,
                      "shut_down said it was done, but power of n000 reads on");
  assert_int_equal(engine_fact(lab->engine, POWER, NODE, 0), ON);
  lab_free(lab);
}

static void cannot_be_read(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_READ) f->value = VALUE_UNKNOWN;
}

static void what_cannot_be_read_back_is_unknown(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, cannot_be_read);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  wants_said(lab, 0, "unknown");
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, NONE_INDEX, NONE_INDEX), 0);
  lab_free(lab);
}

static void says_nothing(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_ACT || (lab->knob[0] && c->kind == COMMAND_READ)) f->answers = false;
}

static void silence_ends_at_the_deadline_and_a_grace(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, says_nothing);
  lab_start(lab);
  lab_until(lab, T0 + 5 * MIN + 29 * SEC);
  assert_int_equal(lab_commands(lab, COMMAND_STOP, NONE_INDEX, NONE_INDEX), 0);
  lab_until(lab, T0 + 5 * MIN + 30 * SEC);
  assert_int_equal(lab_commands(lab, COMMAND_STOP, NONE_INDEX, NONE_INDEX), 1);
  assert_int_equal(lab_command(lab, COMMAND_STOP, NONE_INDEX, NONE_INDEX)->args[0], 1);
  wants_said(lab, 0, "unknown");
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void a_stale_answer_is_ignored(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, says_nothing);
  lab_start(lab);
  uint64_t first = lab_command(lab, COMMAND_ACT, SHUT_DOWN, 0)->id;
  lab_until(lab, T0 + 6 * MIN);
  uint32_t before = lab->commands.len;
  lab_feed(lab, (Event){.kind = EVENT_OUTCOME, .command = first, .outcome = OUT_OK});
  lab_feed(lab, (Event){.kind = EVENT_OUTCOME, .command = 9999, .outcome = OUT_OK});
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .command = lab_command(lab, COMMAND_ACT, SHUT_DOWN, 1)->id, .value = 1});
  assert_int_equal(lab->commands.len, before);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* ---- retries ---- */

static void fails_twice(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_ACT && c->entity == 0 && c->attempt <= 2) {
    f->outcome = OUT_FAILED;
    f->lands = false;
  }
}

static void retries_come_after_their_pause(void **state) {
  (void)state;
  for (uint32_t retries = 1; retries <= 2; retries++) {
    Lab *lab = one_call(SHUT_DOWN, fails_twice);
    CodeRef after = lab_number(lab, 2 * MIN);
    CallRow *call = &build_program(lab->build)->calls[0];
    call->retries = retries;
    call->retry_after = after;
    lab_start(lab);
    lab_until(lab, T0 + SEC + 2 * MIN - 1);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 0), 1);
    lab_until(lab, T0 + SEC + 2 * MIN);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 0), 2);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 0), retries + 1);
    assert_int_equal(lab_command(lab, COMMAND_ACT, SHUT_DOWN, 0)->attempt, retries + 1);
    wants_said(lab, 0, retries == 1 ? "failed" : "ok");
    lab_free(lab);
  }
}

static void within_says_less_than_the_contract(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, NULL);
  CodeRef within = lab_number(lab, 90 * SEC);
  build_program(lab->build)->calls[0].within = within;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  const Command *c = lab_command(lab, COMMAND_ACT, SHUT_DOWN, 0);
  assert_true(c->deadline == c->issued + 90 * SEC);
  lab_free(lab);
}

/* ---- needs ---- */

static void need(Lab *lab, uint32_t action, CodeRef condition, const char *text) {
  uint32_t row = build_row(lab->build, need_rows, (&(NeedRow){.condition = condition, .text = build_str(lab->build, text), .line = 3}));
  build_program(lab->build)->actions[action].needs = (Slice){row, 1};
}

static void what_it_needs_is_checked_and_read_before_it_is_refused(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, NULL);
  need(lab, SHUT_DOWN, lab_fact_is(lab, SERVICE, NODE, 0, DRAINED), "service of n is drained");
  lab_prepare(lab);
  lab->truth[SERVICE][NODE][1] = DRAINED; /* the inventory says in_service, the world knows better */
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 1);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 1), 1);
  assert_int_equal(lab_commands(lab, COMMAND_READ, SERVICE, NONE_INDEX), 4);
  wants_said(lab, 0, "failed");
  assert_string_equal(lab_note(lab, NOTE_SURPRISE, SHUT_DOWN, 0)->text,
                      "shut_down is not sent: it needs service of n is drained");
  lab_free(lab);
}

static void what_only_the_inventory_says_is_read_before_it_is_believed(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, NULL);
  need(lab, SHUT_DOWN, lab_fact_is(lab, SERVICE, NODE, 0, IN_SERVICE), "service of n is in_service");
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_READ, SERVICE, NONE_INDEX), 4);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 4);
  lab_free(lab);
}

/* ---- silence that was made, and what an action teaches ---- */

static void what_an_action_silences_is_believed(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  uint32_t fan = lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, SHELVES_OFF);
  build_row(lab->build, confirms, (&(ConfirmRow){.condition = lab_every_below(lab, NODE, RACK, 0, 1, POWER, OFF), .line = 7}));
  lab_code(lab, "FAN 0\n HALT\n"
                "body: SLOT 0\n ACT 0\n ON_OK @ok\n STR \"no\"\n FAIL\n"
                "ok: CONFIRM 0\n ON_OK @off\n STR \"not off\"\n FAIL\n"
                "off: MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(engine_fact(lab->engine, CONTROLLER, NODE, 3), SILENT);
  assert_int_equal(engine_fact(lab->engine, POWER, NODE, 3), OFF); /* nobody can read it, and it stands */
  lab_free(lab);
}

static void what_an_action_learns_is_read(void **state) {
  (void)state;
  Lab *lab = one_call(LEARN, NULL);
  lab_prepare(lab);
  lab->truth[POWER][NODE][0] = OFF;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(engine_fact(lab->engine, POWER, NODE, 0), OFF);
  wants_said(lab, 0, "ok");
  lab_free(lab);
}

/* ---- late effects ---- */

/* shut_down, given up after a minute; then power_on at once. */
static Lab *down_and_up(LabRule *rule, uint32_t between) {
  Lab *lab = lab_new(1, 1);
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  CodeRef within = lab_number(lab, MIN);
  lab_call(lab, SHUT_DOWN);
  lab_call(lab, POWER_ON);
  lab_call(lab, between);
  build_program(lab->build)->calls[0].within = within;
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0");
  lab_code(lab, "SLOT 0\n ACT 2");
  lab_code(lab, "SLOT 0\n ACT 1\n ON_OK @ok\n STR \"no\"\n FAIL\n ok: MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  lab->rule = rule;
  return lab;
}

static void lands_late(Lab *lab, const Command *c, Fate *f) {
  if (c->kind != COMMAND_ACT || c->subject != SHUT_DOWN) return;
  f->outcome = OUT_UNKNOWN;
  f->delay = MIN;
  f->lands_after = lab->knob[0];
  f->lands = lab->knob[0] > 0;
}

static void a_late_effect_is_waited_out(void **state) {
  (void)state;
  Lab *lab = down_and_up(lands_late, DRAIN);
  lab_start(lab);
  lab_until(lab, T0 + 16 * MIN - SEC);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 0), 0);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, 0), 1); /* it contradicts nothing */
  lab_ends(lab, RUN_COMPLETED);
  assert_true(lab_command(lab, COMMAND_ACT, POWER_ON, 0)->issued >= T0 + 16 * MIN);
  lab_free(lab);
}

static void a_late_effect_that_is_seen_need_not_be_waited_out(void **state) {
  (void)state;
  Lab *lab = down_and_up(lands_late, DRAIN);
  lab->knob[0] = 3 * MIN;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  int64_t on = lab_command(lab, COMMAND_ACT, POWER_ON, 0)->issued;
  assert_true(on >= T0 + 4 * MIN && on <= T0 + 6 * MIN);
  assert_int_equal(lab->truth[POWER][NODE][0], ON);
  lab_free(lab);
}

/* Off because another action cut it: that says nothing of the shutdown, which may still land after power_on. */
static void off_by_another_hand_does_not_prove_that_it_landed(void **state) {
  (void)state;
  Lab *lab = down_and_up(lands_late, POWER_OFF);
  lab->knob[0] = 10 * MIN;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(lab_command(lab, COMMAND_ACT, POWER_OFF, 0)->issued < T0 + 2 * MIN); /* the same value may be written */
  assert_true(lab_command(lab, COMMAND_ACT, POWER_ON, 0)->issued >= T0 + 16 * MIN);
  assert_int_equal(lab->truth[POWER][NODE][0], ON);
  lab_free(lab);
}

static void the_second_lands_later(Lab *lab, const Command *c, Fate *f) {
  lands_late(lab, c, f);
  if (c->kind == COMMAND_ACT && c->subject == SHUT_DOWN && c->attempt == 2) f->lands_after = 10 * MIN;
}

/* Asked twice, and one of the two has landed: nobody can tell which, so the other one is waited out. */
static void one_of_two_that_is_seen_says_nothing_of_the_other(void **state) {
  (void)state;
  Lab *lab = down_and_up(the_second_lands_later, DRAIN);
  build_program(lab->build)->calls[0].retries = 1;
  build_program(lab->build)->calls[0].retry_after = lab_number(lab, 10 * SEC);
  lab->knob[0] = 3 * MIN;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, 0), 2);
  assert_true(lab_command(lab, COMMAND_ACT, POWER_ON, 0)->issued >= T0 + 17 * MIN + 10 * SEC);
  assert_int_equal(lab->truth[POWER][NODE][0], ON);
  lab_free(lab);
}

/* ---- tried ---- */

static void tried_counts_since(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, SHUT_DOWN);
  lab_call(lab, POWER_ON);
  build_row(lab->build, shows, (&(ShowRow){{.klass = VALUE_BOOL}}));
  lab_code(lab, "FAN 0\n HALT\n"
                "body: SLOT 0\n TRIED 2 4\n SHOW 0\n NOTIFY 0\n"
                "SLOT 0\n ACT 0\n SLOT 0\n TRIED 2 4\n SHOW 0\n NOTIFY 0\n"
                "SLOT 0\n ACT 1\n SLOT 0\n TRIED 2 4\n SHOW 0\n NOTIFY 0\n SLOT 0\n TRIED 2 2\n SHOW 0\n NOTIFY 0\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  static const char *const said[] = {"no", "yes", "no", "yes"};
  for (uint32_t i = 0; i < 4; i++) wants_said(lab, i, said[i]);
  lab_free(lab);
}

/* ---- services ---- */

static void a_service_is_shared_and_never_exceeded(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, NULL);
  build_program(lab->build)->services[0].amount = 1;
  build_program(lab->build)->services[0].per = 10 * MIN;
  build_program(lab->build)->actions[SHUT_DOWN].services = build_list(lab->build, &(uint32_t){0}, 1);
  build_program(lab->build)->fans[0].limits = (Slice){0, 1}; /* all at once: only the service holds them */
  lab_start(lab);
  lab_until(lab, T0 + 10 * MIN - 1);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 1);
  lab_ends(lab, RUN_COMPLETED);
  for (uint32_t i = 0; i < 4; i++) assert_true(lab_command(lab, COMMAND_ACT, SHUT_DOWN, i)->issued == T0 + i * 10 * MIN); /* in order */
  lab_free(lab);
}

static void in_flight_through_a_service(void **state) {
  (void)state;
  Lab *lab = one_call(SHUT_DOWN, NULL);
  build_program(lab->build)->services[0].in_flight = 2;
  build_program(lab->build)->actions[SHUT_DOWN].services = build_list(lab->build, &(uint32_t){0}, 1);
  build_program(lab->build)->fans[0].limits = (Slice){0, 1};
  lab_start(lab);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 2);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 4);
  lab_free(lab);
}

/* ---- the budget ---- */

static Lab *budgeted(int64_t at_once, int64_t per_day, const char *zone) {
  Lab *lab = lab_new(1, 4);
  lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  uint32_t first = lab_limit(lab, LIMIT_RULE_AT_ONCE, at_once, 0, NONE_INDEX);
  uint32_t day = lab_limit(lab, LIMIT_RULE_PER_TIME, per_day, 24 * 60 * MIN, NONE_INDEX);
  build_program(lab->build)->limits[day].zone = build_str(lab->build, zone);
  build_row(lab->build, budgets, (&(BudgetRow){NODE, {first, 2}, 7}));
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 1}, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  lab_call(lab, GIVE_BACK);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n INT 60000\n WAIT\n SLOT 0\n ACT 1\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  return lab;
}

static void the_budget_is_charged_at_drain_and_refunded_when_back(void **state) {
  (void)state;
  Lab *lab = budgeted(3, 100, "UTC");
  lab_start(lab);
  uint32_t peak;
  assert_int_equal(engine_nodes_out(lab->engine, &peak), 3);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 3);
  lab_until(lab, T0 + 61 * SEC);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 3); /* given back, but not yet read back */
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 4);
  assert_int_equal(engine_nodes_out(lab->engine, &peak), 0);
  assert_int_equal(peak, 3);
  lab_free(lab);
}

static void failure_never_refunds(void **state) {
  (void)state;
  Lab *lab = budgeted(4, 100, "UTC");
  lab->rule = fails;
  lab->knob[0] = OUT_FAILED;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(engine_nodes_out(lab->engine, NULL), 4);
  lab_free(lab);
}

static void a_day_of_the_budget(void **state) {
  (void)state;
  Lab *lab = budgeted(100, 2, "UTC");
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  int64_t midnight = (T0 / (24 * 60 * MIN) + 1) * 24 * 60 * MIN;
  assert_true(lab_command(lab, COMMAND_ACT, DRAIN, 1)->issued == T0);
  assert_true(lab_command(lab, COMMAND_ACT, DRAIN, 2)->issued == midnight);
  assert_true(lab_command(lab, COMMAND_ACT, DRAIN, 3)->issued == midnight);
  lab_free(lab);
  lab = budgeted(100, 2, "America/Phoenix"); /* a zone that the engine does not know: any 25 hours */
  lab_start(lab);
  lab_until(lab, T0 + 24 * 60 * MIN - SEC); /* one second before it gives up */
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 2);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void a_budget_without_room_fails_in_the_end(void **state) {
  (void)state;
  Lab *lab = budgeted(2, 100, "UTC");
  build_program(lab->build)->calls[1].action = DRAIN; /* nobody gives anything back */
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, 2), 0);
  assert_int_equal(lab_note(lab, NOTE_SURPRISE, DRAIN, 2)->value, OUT_FAILED);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_action_that_works_is_read_back),
      cmocka_unit_test(failed_and_unknown_are_told_apart),
      cmocka_unit_test(a_contract_that_lies_is_a_surprise),
      cmocka_unit_test(what_cannot_be_read_back_is_unknown),
      cmocka_unit_test(silence_ends_at_the_deadline_and_a_grace),
      cmocka_unit_test(a_stale_answer_is_ignored),
      cmocka_unit_test(retries_come_after_their_pause),
      cmocka_unit_test(within_says_less_than_the_contract),
      cmocka_unit_test(what_it_needs_is_checked_and_read_before_it_is_refused),
      cmocka_unit_test(what_only_the_inventory_says_is_read_before_it_is_believed),
      cmocka_unit_test(what_an_action_silences_is_believed),
      cmocka_unit_test(what_an_action_learns_is_read),
      cmocka_unit_test(a_late_effect_is_waited_out),
      cmocka_unit_test(a_late_effect_that_is_seen_need_not_be_waited_out),
      cmocka_unit_test(one_of_two_that_is_seen_says_nothing_of_the_other),
      cmocka_unit_test(off_by_another_hand_does_not_prove_that_it_landed),
      cmocka_unit_test(tried_counts_since),
      cmocka_unit_test(a_service_is_shared_and_never_exceeded),
      cmocka_unit_test(in_flight_through_a_service),
      cmocka_unit_test(the_budget_is_charged_at_drain_and_refunded_when_back),
      cmocka_unit_test(failure_never_refunds),
      cmocka_unit_test(a_day_of_the_budget),
      cmocka_unit_test(a_budget_without_room_fails_in_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
