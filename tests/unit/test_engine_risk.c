/* Tolerances over all runs of a fleet: before a member starts the ledger is asked, what is lost is written there and again until it is, and
 * nothing ends before. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A step over two racks of four, of which one node of the fleet may be lost; nodes of knob[0] fail. */
static Lab *sharing(bool shared) {
  Lab *lab = lab_new(2, 4);
  lab->shared = shared;
  uint32_t tolerance = lab_tolerance(lab, 1, NODE);
  build_program(lab->build)->tolerances[tolerance].reach = REACH_FLEET;
  lab_step(lab, "down");
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){tolerance, 1}, false);
  build_program(lab->build)->fans[fan].step = 0;
  build_program(lab->build)->steps[0].fan = fan;
  lab_call(lab, SHUT_DOWN);
  lab_code(lab, "STEP_BEGIN 0\n FAN 0\n STEP_END 0\n HALT\n"
                "body: SLOT 0\n ACT 0\n ON_OK @done\n STR \"it stays on\"\n SLOT 0\n SET_ASIDE 2\n done: MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  return lab;
}

static void some_fail(const Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_ACT && (lab->knob[0] >> c->entity & 1)) f->outcome = OUT_FAILED, f->lands = false;
}

static uint32_t tallies(const Lab *lab, TallyKind what) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->commands.len; i++) n += lab->commands.items[i].kind == COMMAND_TALLY && lab->commands.items[i].args[0] == (int64_t)what;
  return n;
}

static void all_well(Lab *lab, const Command *c, Fate *f) { some_fail(lab, c, f); }

static void who_starts_has_asked_and_who_is_through_is_told(void **state) {
  (void)state;
  Lab *lab = sharing(true);
  lab->rule = all_well;
  lab->knob[0] = 0x04;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_RISK, NONE_INDEX, NONE_INDEX), 8 + 1); /* each, and a look behind the one that is lost */
  assert_int_equal(tallies(lab, TALLY_LOST), 1);
  assert_int_equal(tallies(lab, TALLY_THROUGH), 8);
  lab_free(lab);
  lab = sharing(false);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_RISK, NONE_INDEX, NONE_INDEX) + lab_commands(lab, COMMAND_TALLY, NONE_INDEX, NONE_INDEX), 0);
  lab_free(lab);
}

/* The third asks in vain until the clock says so. */
static void full_for_a_while(Lab *lab, const Command *c, Fate *f) {
  some_fail(lab, c, f);
  if (c->kind == COMMAND_RISK && c->entity == 2 && lab->now < T0 + lab->knob[1]) f->outcome = OUT_UNKNOWN;
}

static void who_has_no_room_asks_again(void **state) {
  (void)state;
  Lab *lab = sharing(true);
  lab->rule = full_for_a_while;
  lab->knob[1] = 3 * MIN;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(lab_command(lab, COMMAND_ACT, NONE_INDEX, 2)->issued >= T0 + 3 * MIN);
  assert_int_equal(lab_notes(lab, NOTE_WAITING, NONE_INDEX, NONE_INDEX), 1); /* said once */
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 8);
  lab_free(lab);
}

static void others_have_lost(Lab *lab, const Command *c, Fate *f) {
  some_fail(lab, c, f);
  if (c->kind != COMMAND_RISK) return;
  bool look = c->args[3] != 0;
  if (look ? lab->knob[1] == 1 : lab->knob[1] == 2 && c->entity == 5) f->outcome = OUT_FAILED;
}

/* It is seen behind a loss of its own, also of the last member, and before a start. */
static void a_fan_stops_when_others_have_lost_too_many(void **state) {
  (void)state;
  static const struct { int64_t fails, when; uint32_t sent; RunOutcome end; } all[] = {
      {0x01, 1, 1, RUN_FAILED}, {0x80, 1, 8, RUN_FAILED}, {0, 1, 8, RUN_COMPLETED}, {0, 2, 5, RUN_FAILED},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    Lab *lab = sharing(true);
    lab->rule = others_have_lost;
    lab->knob[0] = all[i].fails;
    lab->knob[1] = all[i].when;
    lab_start(lab);
    lab_ends(lab, all[i].end);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), all[i].sent);
    lab_free(lab);
  }
}

static void unwritten_for_a_while(Lab *lab, const Command *c, Fate *f) {
  some_fail(lab, c, f);
  if (c->kind == COMMAND_TALLY && lab->now < T0 + lab->knob[1]) f->outcome = OUT_UNKNOWN;
}

/* The last member is lost, and the ledger cannot be written: the same entry again, until it can, for an hour. */
static void what_is_lost_is_written_before_anything_ends(void **state) {
  (void)state;
  for (int64_t minutes = 2; minutes <= 120; minutes *= 60) {
    Lab *lab = sharing(true);
    lab->rule = unwritten_for_a_while;
    lab->knob[0] = 0x80;
    lab->knob[1] = minutes * MIN;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    int64_t seq = 0, last = 0;
    for (uint32_t k = 0; k < lab->commands.len; k++) {
      const Command *c = &lab->commands.items[k];
      if (c->kind != COMMAND_TALLY || c->args[0] != TALLY_LOST) continue;
      assert_true(seq == 0 || c->args[2] == seq);
      seq = c->args[2], last = c->issued;
    }
    assert_true(minutes == 2 ? last >= T0 + 2 * MIN && last < T0 + 3 * MIN : last >= T0 + 60 * MIN && last < T0 + 62 * MIN);
    assert_int_equal(lab_notes(lab, NOTE_SURPRISE, NONE_INDEX, NONE_INDEX) > 0, minutes > 2);
    lab_free(lab);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(who_starts_has_asked_and_who_is_through_is_told),
      cmocka_unit_test(who_has_no_room_asks_again),
      cmocka_unit_test(a_fan_stops_when_others_have_lost_too_many),
      cmocka_unit_test(what_is_lost_is_written_before_anything_ends),
  };
  return cmocka_run_group_tests_name("engine_risk", tests, NULL, NULL);
}
