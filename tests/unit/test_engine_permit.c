/* Room in the ledger that runs share: nothing leaves service without it, what is refused gives everything back and asks again, and
 * what is back is refunded. The rule of a test is the ledger. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM, ASKED, GIVEN, SILENT_FOR }; /* knobs: places left for us; permits asked for; who has one, as bits; how many go unanswered */

static void ledger(Lab *lab, const Command *c, Fate *f) {
  int64_t bit = INT64_C(1) << c->entity % 63;
  if (c->kind == COMMAND_REFUND && (lab->knob[GIVEN] & bit)) lab->knob[ROOM]++, lab->knob[GIVEN] ^= bit;
  if (c->kind != COMMAND_PERMIT) return;
  lab->knob[ASKED]++;
  f->answers = lab->knob[SILENT_FOR]-- <= 0;
  f->outcome = f->answers && lab->knob[ROOM] > 0 ? OUT_OK : OUT_FAILED;
  if (f->outcome == OUT_OK) lab->knob[ROOM]--, lab->knob[GIVEN] |= bit;
}

/* Four nodes of a rack, drained and given back a minute later, through a service of so many per hour. */
static Lab *sharing(int64_t room, uint32_t per_hour) {
  Lab *lab = lab_new(1, 4);
  lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  uint32_t first = lab_limit(lab, LIMIT_RULE_AT_ONCE, 3, 0, NONE_INDEX), day = lab_limit(lab, LIMIT_RULE_PER_TIME, 90, 24 * 60 * MIN, NONE_INDEX);
  build_program(lab->build)->limits[day].zone = build_str(lab->build, "UTC");
  build_row(lab->build, budgets, (&(BudgetRow){NODE, {first, 2}, 7}));
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 1}, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  lab_call(lab, GIVE_BACK);
  if (per_hour) {
    Program *p = build_program(lab->build);
    p->services[SERVICE_NSD].amount = per_hour;
    p->services[SERVICE_NSD].per = 60 * MIN;
    p->services[SERVICE_NSD].in_flight = 0;
    uint32_t list[] = {SERVICE_NSD};
    Slice through = build_list(lab->build, list, 1);
    build_program(lab->build)->actions[DRAIN].services = through;
  }
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n ON_OK @back\n STR \"no room\"\n SLOT 0\n SET_ASIDE 2\n"
                "back: INT 60000\n WAIT\n SLOT 0\n ACT 1\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  lab->shared = true;
  lab->rule = ledger;
  lab->knob[ROOM] = room;
  return lab;
}

static void nothing_leaves_without_a_permit(void **state) {
  (void)state;
  Lab *lab = sharing(90, 0);
  lab_start(lab);
  assert_int_equal(lab_commands(lab, COMMAND_PERMIT, SERVICE, NONE_INDEX), 3);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 0);
  const Command *c = lab_command(lab, COMMAND_PERMIT, SERVICE, 0);
  assert_true(c->args[0] == 3 && c->args[1] == 90 && c->args[2] == 2); /* the limits, and the row of the day's */
  lab_ends(lab, RUN_COMPLETED);
  for (uint32_t i = 0; i < 4; i++)
    assert_true(lab_command(lab, COMMAND_PERMIT, SERVICE, i)->id < lab_command(lab, COMMAND_ACT, DRAIN, i)->id);
  assert_int_equal(lab_commands(lab, COMMAND_REFUND, SERVICE, NONE_INDEX), 4);
  assert_true(lab->knob[GIVEN] == 0 && lab->knob[ASKED] == 4);
  uint32_t kind, n = 0;
  for (uint32_t e = engine_given_back(lab->engine, GIVEN_BACK, 0, &kind); e != NONE_INDEX; e = engine_given_back(lab->engine, GIVEN_BACK, e + 1, &kind)) n++;
  assert_true(n == 4 && kind == NODE && engine_given_back(lab->engine, GIVEN_UNUSED, 0, &kind) == NONE_INDEX);
  lab_free(lab);
}

static void what_others_have_is_waited_for(void **state) {
  (void)state;
  Lab *lab = sharing(1, 0);
  lab_start(lab);
  lab_until(lab, T0 + 20 * SEC);
  uint32_t peak;
  assert_int_equal(engine_nodes_out(lab->engine, &peak), 1);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 1);
  Buf text = BUF_INIT;
  assert_non_null(strstr(engine_waiting_for(lab->engine, 0, &text), "fleet's budget"));
  buf_done(&text);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 4);
  assert_true(lab->knob[GIVEN] == 0);
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab_member(lab, NODE, i), MEMBER_DONE);
  lab_free(lab);
}

static void a_ledger_that_is_silent_grants_nothing(void **state) {
  (void)state;
  Lab *lab = sharing(90, 0);
  lab->knob[SILENT_FOR] = 3;
  lab_start(lab);
  lab_until(lab, T0 + MIN);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 0);
  lab_until(lab, T0 + 2 * MIN);
  assert_int_equal(lab_notes(lab, NOTE_ALARM, NONE_INDEX, NONE_INDEX), 1); /* told once, however many wait */
  assert_non_null(strstr(lab_note(lab, NOTE_ALARM, NONE_INDEX, NONE_INDEX)->text, "the fleet's ledger cannot be asked"));
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 4);
  uint32_t again = 0;
  for (uint32_t i = 0; i < lab->notes.len; i++) again += strcmp(lab->notes.items[i].text, "the fleet's ledger answers again") == 0;
  assert_int_equal(again, 1);
  lab_free(lab);
}

/* Asking in vain costs no place in a service: one an hour is one drain an hour, however often there was no room. */
static void asking_in_vain_takes_nothing(void **state) {
  (void)state;
  Lab *lab = sharing(0, 1);
  lab_start(lab);
  lab_until(lab, T0 + 10 * MIN);
  assert_true(lab->knob[ASKED] > 5);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 0);
  lab->knob[ROOM] = 90;
  lab_until(lab, T0 + 12 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 1);
  lab_until(lab, T0 + 60 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 1);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 4);
  lab_free(lab);
}

static void a_fleet_without_room_for_a_day_fails_the_action(void **state) {
  (void)state;
  Lab *lab = sharing(0, 0);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 0);
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab_member(lab, NODE, i), MEMBER_SET_ASIDE);
  assert_true(lab->now - T0 >= 24 * 60 * MIN);
  lab_free(lab);
}

static void a_crash_while_it_is_asked_asks_again(void **state) {
  (void)state;
  Lab *lab = sharing(90, 0);
  lab_start(lab);
  lab_resume(lab, MIN);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 4);
  lab_free(lab);
}

static void drain_is_refused(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind != COMMAND_ACT || c->entity != 2) return;
  f->outcome = OUT_FAILED;
  f->lands = false;
}

/* Its drain failed, and nothing more was done with it: that it is in service is read for the release, and it counts as out no more. */
static void who_is_released_in_service_is_not_out(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  lab->shared = true;
  lab_lockout(lab, (const uint32_t[]){NSD, ANVIL}, 2, lab_fact_is(lab, SERVICE, NODE, 4, IN_SERVICE));
  lab_code(lab, "LOCK 0\n ON_OK @held\n STR \"no lock\"\n FAIL\n held: FAN 0\n UNLOCK 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, false);
  lab_call(lab, DRAIN);
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab->rule = drain_is_refused;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  uint32_t peak;
  assert_int_equal(engine_nodes_out(lab->engine, &peak), 3); /* the others are drained, and handed over */
  assert_int_equal(peak, 4);
  assert_int_equal(lab_commands(lab, COMMAND_REFUND, SERVICE, NONE_INDEX), 1);
  assert_int_equal(lab_commands(lab, COMMAND_REFUND, SERVICE, 2), 1);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_leaves_without_a_permit),
      cmocka_unit_test(what_others_have_is_waited_for),
      cmocka_unit_test(a_ledger_that_is_silent_grants_nothing),
      cmocka_unit_test(asking_in_vain_takes_nothing),
      cmocka_unit_test(a_fleet_without_room_for_a_day_fails_the_action),
      cmocka_unit_test(a_crash_while_it_is_asked_asks_again),
      cmocka_unit_test(who_is_released_in_service_is_not_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
