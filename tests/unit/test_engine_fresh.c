/* Needs rest on fresh readings: what others may have changed is read again right before the action is sent, what only this
 * run can change is not. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* All nodes of the rack of the node in slot 0. */
static CodeRef neighbours(Lab *lab) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_UP, RACK, NODE);
  build_op2(lab->build, OPCODE_EACH_BELOW, NODE, RACK);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 1, 0);
  build_op(lab->build, OPCODE_SLOT, 1);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

static uint32_t effect(Lab *lab, uint32_t fact, CodeRef targets, uint32_t word) {
  return build_row(lab->build, effects, (&(EffectRow){.fact = fact, .kind = NODE, .targets = targets, .may = 1,
                                                      .values = build_list(lab->build, &word, 1)}));
}

static uint32_t trigger(Lab *lab, CodeRef targets, uint32_t word) {
  uint32_t made = effect(lab, SERVICE, targets, word);
  return build_row(lab->build, triggers, (&(TriggerRow){.effects = {made, 1}}));
}

static void hazard(Lab *lab, uint32_t word) {
  uint32_t row = trigger(lab, lab_itself(lab), word);
  build_row(lab->build, hazards, (&(HazardRow){.name = build_str(lab->build, "fire"), .kind = NODE, .triggers = {row, 1}}));
}

static void acts(Lab *lab, uint32_t automation, CodeRef targets, uint32_t word) {
  uint32_t row = trigger(lab, targets, word);
  build_program(lab->build)->automations[automation].triggers = (Slice){row, 1};
}

static void need_service(Lab *lab, uint32_t action, int64_t word) {
  CodeRef condition = lab_fact_is(lab, SERVICE, NODE, 0, word);
  uint32_t row = build_row(lab->build, need_rows, (&(NeedRow){.condition = condition, .text = build_str(lab->build, "it"), .line = 3}));
  build_program(lab->build)->actions[action].needs = (Slice){row, 1};
}

/* On each of four nodes of one rack, all at once: `before`, then shut_down, which needs the node drained. Calls: 0 shut_down,
 * 1 drain, 2 learn. */
static Lab *then_shut_down(const char *before, const char *outer) {
  Lab *lab = lab_new(1, 4);
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){all, 1}, (Slice){0, 0}, true);
  lab_call(lab, SHUT_DOWN);
  if (strstr(before, "ACT 1")) lab_call(lab, DRAIN);
  if (strstr(before, "ACT 2")) lab_call(lab, LEARN);
  if (strstr(before, "CONFIRM"))
    build_row(lab->build, confirms, (&(ConfirmRow){.condition = lab_fact_is(lab, SERVICE, NODE, 0, DRAINED), .line = 7}));
  need_service(lab, SHUT_DOWN, DRAINED);
  lab_code(lab, outer);
  lab_code(lab, "HALT\n body:");
  lab_code(lab, before);
  lab_code(lab, "SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  return lab;
}

#define DRAIN_AND_WAIT "SLOT 0\n ACT 1\n CONST 3600000\n WAIT"
#define LOOK_AND_WAIT "CONFIRM 0\n CONST 3600000\n WAIT"

static uint32_t reads(const Lab *lab) { return lab_commands(lab, COMMAND_READ, SERVICE, NONE_INDEX); }
static uint32_t sent(const Lab *lab) { return lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX); }

static void found(Lab *lab, int64_t word) {
  lab_prepare(lab);
  for (uint32_t i = 0; i < 4; i++) lab->truth[SERVICE][NODE][i] = word;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
}

/* Runs to half an hour into the wait; then somebody else drains no more: node 1 is under investigation. */
static void somebody_interferes(Lab *lab, uint32_t reads_before, uint32_t reads_after, bool seen) {
  lab_until(lab, T0 + 40 * MIN);
  assert_int_equal(reads(lab), reads_before);
  lab->truth[SERVICE][NODE][1] = INVESTIGATE;
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(reads(lab), reads_before + reads_after);
  assert_int_equal(sent(lab), seen ? 3 : 4);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, SHUT_DOWN, 1), seen);
  if (seen) assert_string_equal(lab_note(lab, NOTE_SURPRISE, SHUT_DOWN, 1)->text, "shut_down is not sent: it needs it");
  lab_free(lab);
}

static void what_this_run_wrote_and_nobody_else_can_is_not_read_again(void **state) {
  (void)state;
  Lab *lab = then_shut_down(DRAIN_AND_WAIT, "FAN 0");
  lab_start(lab);
  somebody_interferes(lab, 4, 0, false); /* undeclared: the contracts are believed */
}

static void what_was_only_read_is_believed_for_a_short_time(void **state) {
  (void)state;
  Lab *lab = then_shut_down(LOOK_AND_WAIT, "FAN 0");
  found(lab, DRAINED);
  somebody_interferes(lab, 4, 4, true);
  lab = then_shut_down("CONFIRM 0\n CONST 30000\n WAIT", "FAN 0");
  found(lab, DRAINED);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(reads(lab), 4);
  assert_int_equal(sent(lab), 4);
  lab_free(lab);
}

static void what_a_hazard_may_write_is_read_right_before(void **state) {
  (void)state;
  Lab *lab = then_shut_down(DRAIN_AND_WAIT, "FAN 0");
  hazard(lab, INVESTIGATE);
  lab_start(lab);
  somebody_interferes(lab, 4, 4, true);
  lab = then_shut_down("SLOT 0\n ACT 1", "FAN 0"); /* however short the time */
  hazard(lab, INVESTIGATE);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(reads(lab), 8);
  lab_free(lab);
}

static void a_writer_of_what_is_there_already_changes_nothing(void **state) {
  (void)state;
  Lab *lab = then_shut_down(DRAIN_AND_WAIT, "FAN 0");
  hazard(lab, DRAINED);
  lab_start(lab);
  somebody_interferes(lab, 4, 0, false);
}

static void what_does_not_hold_is_not_read_twice(void **state) {
  (void)state;
  Lab *lab = then_shut_down("", "FAN 0");
  hazard(lab, INVESTIGATE);
  found(lab, DRAINED); /* the inventory says in_service */
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(reads(lab), 4);
  assert_int_equal(sent(lab), 4);
  lab_free(lab);
}

/* ---- automations ---- */

static Lab *automated(const char *before, const char *outer, bool near) {
  Lab *lab = then_shut_down(before, outer);
  static const uint32_t anvil[] = {ANVIL};
  if (strstr(outer, "LOCK")) lab_lockout(lab, anvil, 1, lab_fact_is(lab, POWER, NODE, 4, OFF));
  acts(lab, ANVIL, near ? lab_itself(lab) : neighbours(lab), INVESTIGATE);
  return lab;
}

static void an_automation_that_is_not_locked_may_write(void **state) {
  (void)state;
  Lab *lab = automated(DRAIN_AND_WAIT, "FAN 0", true);
  lab_start(lab);
  somebody_interferes(lab, 4, 4, true);
}

static void a_locked_automation_writes_nothing(void **state) {
  (void)state;
  Lab *lab = automated(DRAIN_AND_WAIT, "LOCK 0\n FAN 0\n UNLOCK 0", true);
  lab_start(lab);
  somebody_interferes(lab, 4, 0, false);
}

static void a_lock_counts_from_when_it_is_held(void **state) {
  (void)state;
  Lab *lab = automated("", "FAN 1\n LOCK 0\n FAN 0\n FAN 2\n UNLOCK 0", true);
  lab_call(lab, DRAIN);
  lab_call(lab, SHUT_DOWN);
  for (uint32_t i = 1; i < 3; i++) {
    CodeRef members = lab_set(lab, NODES, 0);
    lab_fan(lab, NODE, 0, members, build_program(lab->build)->fans[0].limits, (Slice){0, 0}, true);
  }
  lab_code(lab, "drain: SLOT 0\n ACT 1\n MEMBER_DONE\n again: SLOT 0\n ACT 2\n MEMBER_DONE");
  build_program(lab->build)->fans[1].body = lab_place(lab, "drain");
  build_program(lab->build)->fans[2].body = lab_place(lab, "again");
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(reads(lab), 8); /* drained before it was locked: read once more under the lock, and then believed */
  assert_int_equal(sent(lab), 8);
  lab_free(lab);
}

static void a_lock_that_was_lost_and_had_again_begins_anew(void **state) {
  (void)state;
  Lab *lab = automated(DRAIN_AND_WAIT, "LOCK 0\n FAN 0\n UNLOCK 0", true);
  lab_start(lab);
  lab_until(lab, T0 + 20 * MIN);
  lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_LOCK_LOST, .subject = ANVIL, .entity = 1, .kind_of_entity = NODE});
  lab_until(lab, T0 + 25 * MIN);
  assert_true(engine_locked(lab->engine, ANVIL, NODE, 1));
  somebody_interferes(lab, 4, 1, true);
}

static void a_lock_of_this_node_does_not_hold_its_neighbours(void **state) {
  (void)state;
  Lab *lab = automated(DRAIN_AND_WAIT, "LOCK 0\n FAN 0\n UNLOCK 0", false);
  lab_start(lab);
  somebody_interferes(lab, 4, 4, true);
}

/* ---- while it waits, and while it reads ---- */

static void what_changed_in_the_line_is_seen_and_the_place_given_back(void **state) {
  (void)state;
  Lab *lab = then_shut_down("SLOT 0\n ACT 1", "FAN 0");
  hazard(lab, INVESTIGATE);
  build_program(lab->build)->actions[SHUT_DOWN].services = (Slice){build_list(lab->build, &(uint32_t){SERVICE_NSD}, 1).first, 1};
  build_program(lab->build)->services[0].in_flight = 1;
  lab_start(lab);
  for (uint32_t i = 0; i < 1000 && sent(lab) == 0; i++) lab_until(lab, lab->now + 10); /* the first is under way, the others stand in line */
  lab->truth[SERVICE][NODE][1] = INVESTIGATE;
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab), 3);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, SHUT_DOWN, 1), 1);
  assert_int_equal(reads(lab), 8); /* in line nothing is read, and what has just been read is not read again to refuse it */
  lab_free(lab);
}

static Lab *while_it_reads(void) {
  Lab *lab = then_shut_down("SLOT 0\n ACT 1", "FAN 0");
  hazard(lab, INVESTIGATE);
  lab_start(lab);
  for (uint32_t i = 0; i < 1000 && reads(lab) < 8; i++) lab_until(lab, lab->now + 10);
  assert_int_equal(reads(lab), 8);
  return lab;
}

static void a_pause_while_it_reads_holds_it_back(void **state) {
  (void)state;
  Lab *lab = while_it_reads();
  lab_control(lab, CONTROL_PAUSE);
  lab_until(lab, lab->now + 30 * MIN);
  assert_int_equal(sent(lab), 0);
  lab->truth[SERVICE][NODE][1] = INVESTIGATE;
  lab_control(lab, CONTROL_GO_ON);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab), 3);
  assert_int_equal(reads(lab), 12);
  lab_free(lab);
}

static void a_crash_while_it_reads_reads_again(void **state) {
  (void)state;
  Lab *lab = while_it_reads();
  lab->truth[SERVICE][NODE][1] = INVESTIGATE;
  lab_resume(lab, 30 * MIN);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(sent(lab), 3);
  lab_free(lab);
}

static void what_is_not_sent_takes_nothing_of_the_budget(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), two = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){all, 1}, (Slice){0, 0}, true);
  build_row(lab->build, budgets, (&(BudgetRow){NODE, {two, 1}, 7}));
  lab_call(lab, DRAIN);
  CodeRef on = lab_fact_is(lab, POWER, NODE, 0, ON);
  uint32_t row = build_row(lab->build, need_rows, (&(NeedRow){.condition = on, .text = build_str(lab->build, "it"), .line = 3}));
  build_program(lab->build)->actions[DRAIN].needs = (Slice){row, 1};
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_prepare(lab);
  lab->truth[POWER][NODE][0] = lab->truth[POWER][NODE][1] = OFF; /* the inventory says on */
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, NONE_INDEX), 2);
  assert_int_equal(engine_nodes_out(lab->engine, NULL), 2);
  lab_free(lab);
}

/* ---- what an action makes besides ---- */

static void what_an_action_may_have_made_is_old(void **state) {
  (void)state;
  for (uint32_t may = 0; may < 2; may++) {
    Lab *lab = then_shut_down("SLOT 0\n ACT 1\n SLOT 0\n ACT 2", "FAN 0");
    uint32_t made = effect(lab, SERVICE, lab_itself(lab), INVESTIGATE);
    if (may) build_program(lab->build)->actions[LEARN].makes = (Slice){made, 1};
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(reads(lab), may ? 8 : 4);
    assert_int_equal(sent(lab), 4);
    lab_free(lab);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_this_run_wrote_and_nobody_else_can_is_not_read_again),
      cmocka_unit_test(what_was_only_read_is_believed_for_a_short_time),
      cmocka_unit_test(what_a_hazard_may_write_is_read_right_before),
      cmocka_unit_test(a_writer_of_what_is_there_already_changes_nothing),
      cmocka_unit_test(what_does_not_hold_is_not_read_twice),
      cmocka_unit_test(an_automation_that_is_not_locked_may_write),
      cmocka_unit_test(a_locked_automation_writes_nothing),
      cmocka_unit_test(a_lock_counts_from_when_it_is_held),
      cmocka_unit_test(a_lock_that_was_lost_and_had_again_begins_anew),
      cmocka_unit_test(a_lock_of_this_node_does_not_hold_its_neighbours),
      cmocka_unit_test(what_changed_in_the_line_is_seen_and_the_place_given_back),
      cmocka_unit_test(a_pause_while_it_reads_holds_it_back),
      cmocka_unit_test(a_crash_while_it_reads_reads_again),
      cmocka_unit_test(what_is_not_sent_takes_nothing_of_the_budget),
      cmocka_unit_test(what_an_action_may_have_made_is_old),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
