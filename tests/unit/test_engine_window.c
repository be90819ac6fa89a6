/* The window is over: once members were kept out, only a roll back starts anybody. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Nodes go down, one every 4 minutes, and may take 5; then the shelves of each rack, which may take 1. */
static Lab *nodes_then_racks(bool in_roll_back) {
  Lab *lab = lab_new(4, 1);
  uint32_t slow = lab_limit(lab, LIMIT_RULE_PER_TIME, 1, 4 * MIN, NONE_INDEX);
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){slow, 1}, (Slice){0, 0}, false);
  lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){all, 1}, (Slice){0, 0}, false);
  lab_call(lab, SHUT_DOWN);
  lab_call(lab, SHELVES_OFF);
  build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, "ATTEMPT 0\n FAN 0");
  lab_code(lab, in_roll_back ? "STR \"back\"\n FAIL\n ATTEMPT_END 0\n undo: FAN 1\n UNDO_END 0" : "FAN 1\n ATTEMPT_END 0\n undo: UNDO_END 0");
  lab_code(lab, "behind: HALT\n down: SLOT 0\n ACT 0\n MEMBER_DONE\n rack: SLOT 0\n ACT 1\n MEMBER_DONE");
  Program *p = build_program(lab->build);
  p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind"), .line = 7};
  p->fans[0].body = lab_place(lab, "down");
  p->fans[1].body = lab_place(lab, "rack");
  p->fans[0].fits = p->fans[1].fits = 1;
  p->actions[SHELVES_OFF].takes_most = MIN;
  return lab;
}

static void when_some_were_kept_out_nothing_shorter_begins(void **state) {
  (void)state;
  for (uint32_t minutes = 12; minutes <= 60; minutes += 48) {
    Lab *lab = nodes_then_racks(false);
    Opening open = {.open = T0, .close = T0 + minutes * MIN};
    lab->frozen.openings = &open;
    lab->frozen.opening_count = 1;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    bool kept_out = minutes == 12;
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), kept_out ? 2 : 4);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, NONE_INDEX), kept_out ? 0 : 4);
    for (uint32_t i = 0; i < 4; i++) {
      assert_int_equal(lab_member(lab, RACK, i), kept_out ? MEMBER_KEPT_OUT : MEMBER_DONE);
      assert_int_equal(lab_notes(lab, NOTE_KEPT_OUT, NONE_INDEX, i), kept_out ? 1 + (i >= 2) : 0);
    }
    lab_free(lab);
  }
}

static void the_way_back_begins_whoever_was_kept_out(void **state) {
  (void)state;
  Lab *lab = nodes_then_racks(true);
  Opening open = {.open = T0, .close = T0 + 12 * MIN};
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  lab_start(lab);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 2);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, NONE_INDEX), 4);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(when_some_were_kept_out_nothing_shorter_begins),
      cmocka_unit_test(the_way_back_begins_whoever_was_kept_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
