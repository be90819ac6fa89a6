/* Gates: a yes per member, its time, its use, its end; who gets no yes. */
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

static CodeRef yes(Lab *lab, uint32_t gate) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_EACH_YES, gate);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 0, 0);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

static CodeRef has_yes(Lab *lab, uint32_t gate) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_YES, gate);
  return build_region_end(lab->build);
}

static CodeRef question(Lab *lab) {
  build_row(lab->build, shows, (&(ShowRow){{.klass = VALUE_ENTITY, .ref = ROW}}));
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_STR, build_str(lab->build, "open "));
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_SHOW, 0);
  build_op(lab->build, OPCODE_STR, build_str(lab->build, "?"));
  build_op(lab->build, OPCODE_JOIN, 3);
  return build_region_end(lab->build);
}

/* 12 racks in 3 rows; a yes per row lets its breakers be opened, which needs it. */
static Lab *rows(const char *behind) {
  Lab *lab = lab_new(12, 1);
  CodeRef text = question(lab), members = lab_above(lab, RACKS, ROW, 0), within = lab_number(lab, 30 * MIN);
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "go"), .role = FACILITY, .kind = ROW, .slot = 0, .text = text,
                                           .members = members, .within = within, .line = 7}));
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  uint32_t need = build_row(lab->build, need_rows, (&(NeedRow){.condition = has_yes(lab, 0), .text = build_str(lab->build, "gate go"), .line = 3}));
  build_program(lab->build)->actions[OPEN_BREAKERS].needs = (Slice){need, 1};
  lab_fan(lab, ROW, 0, yes(lab, 0), (Slice){all, 1}, (Slice){0, 0}, true);
  lab_call(lab, OPEN_BREAKERS);
  lab_code(lab, "GATE 0\n ON_OK @ok\n ON_FAILED @no\n STR \"silence\"\n NOTIFY 0\n JUMP @ok\n no: STR \"no\"\n NOTIFY 0\n ok:");
  lab_code(lab, behind);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n ON_OK @opened\n STR \"not opened\"\n NOTIFY 0\n opened: MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  return lab;
}

static void answer(Lab *lab, uint32_t row, int64_t value) {
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .subject = 0, .entity = row, .kind_of_entity = ROW, .value = value, .text = "dana"});
}

static void a_yes_for_each_member_opens_the_gate(void **state) {
  (void)state;
  Lab *lab = rows("");
  lab_start(lab);
  assert_int_equal(lab_commands(lab, COMMAND_ASK, 0, NONE_INDEX), 3);
  const Command *ask = lab_command(lab, COMMAND_ASK, 0, 1);
  assert_string_equal(ask->text, "open w1?");
  assert_true(ask->args[0] == FACILITY && ask->kind_of_entity == ROW && ask->deadline == T0 + 30 * MIN);
  assert_int_equal(lab_note(lab, NOTE_GATE_OPEN, 0, NONE_INDEX)->value, 3);
  for (uint32_t i = 0; i < 3; i++) {
    lab->now += MIN;
    assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 0);
    answer(lab, i, 1);
  }
  assert_int_equal(lab_commands(lab, COMMAND_ACT, OPEN_BREAKERS, NONE_INDEX), 3);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_note(lab, NOTE_GATE_CLOSED, 0, NONE_INDEX)->value, OUT_OK);
  assert_int_equal(lab_commands(lab, COMMAND_WITHDRAW, NONE_INDEX, NONE_INDEX), 0);
  lab_free(lab);
}

static void no_and_silence_are_told_apart_and_give_no_token(void **state) {
  (void)state;
  for (int64_t no = 0; no <= 1; no++) {
    Lab *lab = rows("");
    lab_start(lab);
    answer(lab, 0, 1);
    if (no) answer(lab, 1, 0);
    lab_until(lab, T0 + 30 * MIN - 1);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 0);
    lab_ends(lab, RUN_COMPLETED);
    assert_true(said(lab, no ? "no" : "silence"));
    assert_int_equal(lab_commands(lab, COMMAND_WITHDRAW, NONE_INDEX, NONE_INDEX), no ? 1 : 2);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, OPEN_BREAKERS, NONE_INDEX), 1);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, OPEN_BREAKERS, 0), 1);
    lab_free(lab);
  }
}

static void an_answer_that_nobody_waits_for_changes_nothing(void **state) {
  (void)state;
  Lab *lab = rows("");
  lab_start(lab);
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .subject = 7, .entity = 0, .value = 1});
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .subject = 0, .entity = 77, .value = 1});
  answer(lab, 0, 0);
  answer(lab, 0, 1); /* no stays no */
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 0);
  lab_free(lab);
}

static CodeRef named(Lab *lab) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_NAME, ROW);
  build_op(lab->build, OPCODE_STR, build_str(lab->build, " has no yes"));
  build_op(lab->build, OPCODE_JOIN, 2);
  return build_region_end(lab->build);
}

static void who_gets_no_yes_leaves_with_a_text_of_its_own(void **state) {
  (void)state;
  for (int64_t aside = 0; aside <= 1; aside++) {
    Lab *lab = rows(aside ? "ASIDE_WITHOUT_YES 0" : "OUT_WITHOUT_YES 0");
    build_row(lab->build, refusals, (&(RefusalRow){0, named(lab)}));
    lab_start(lab);
    answer(lab, 1, 1);
    answer(lab, 2, 0);
    lab_ends(lab, RUN_COMPLETED);
    const char *why;
    assert_int_equal(engine_member(lab->engine, ROW, 0, &why), aside ? MEMBER_SET_ASIDE : MEMBER_KEPT_OUT);
    assert_string_equal(why, "w0 has no yes");
    assert_int_equal(lab_member(lab, RACK, 11), aside ? MEMBER_SET_ASIDE : MEMBER_KEPT_OUT); /* with its row */
    assert_int_equal(lab_member(lab, RACK, 4), MEMBER_DONE);
    assert_int_equal(lab_notes(lab, aside ? NOTE_SET_ASIDE : NOTE_KEPT_OUT, NONE_INDEX, NONE_INDEX), 2);
    lab_free(lab);
  }
}

/* ---- tokens ---- */

static void fails_once(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_ACT && c->subject == OPEN_BREAKERS && lab->knob[0]-- > 0) f->outcome = OUT_FAILED, f->lands = false;
}

/* The fan once more: the yes was used up by the success. */
static void a_success_uses_a_yes_up_and_a_retry_keeps_it(void **state) {
  (void)state;
  Lab *lab = rows("FAN 1\n JUMP @again\n first: SLOT 0\n ACT 1\n MEMBER_DONE\n again:");
  uint32_t fan = lab_fan(lab, ROW, 0, yes(lab, 0), (Slice){0, 1}, (Slice){0, 0}, true);
  build_program(lab->build)->fans[fan].body = lab_place(lab, "first");
  uint32_t call = lab_call(lab, OPEN_BREAKERS);
  build_program(lab->build)->calls[call].retries = 1;
  lab->rule = fails_once;
  lab->knob[0] = 1;
  lab_start(lab);
  for (uint32_t i = 0; i < 3; i++) answer(lab, i, 1);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, OPEN_BREAKERS, 0), 2); /* failed, retried */
  assert_int_equal(lab_commands(lab, COMMAND_ACT, OPEN_BREAKERS, NONE_INDEX), 4);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, OPEN_BREAKERS, NONE_INDEX), 3); /* the second time, without a token */
  assert_true(said(lab, "not opened"));
  lab_free(lab);
}

static void a_roll_back_never_inherits_a_yes(void **state) {
  (void)state;
  Lab *lab = lab_new(4, 1);
  CodeRef members = lab_above(lab, RACKS, ROW, 0), within = lab_number(lab, 30 * MIN), text = lab_text(lab, "go?");
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "go"), .role = FACILITY, .kind = ROW, .slot = 0, .text = text,
                                           .members = members, .within = within, .line = 7}));
  uint32_t need = build_row(lab->build, need_rows, (&(NeedRow){.condition = has_yes(lab, 0), .text = build_str(lab->build, "gate go"), .line = 3}));
  build_program(lab->build)->actions[OPEN_BREAKERS].needs = (Slice){need, 1};
  lab_fan(lab, ROW, 0, yes(lab, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_fan(lab, ROW, 0, lab_above(lab, RACKS, ROW, 0), (Slice){0, 0}, (Slice){0, 0}, true);
  lab_call(lab, OPEN_BREAKERS);
  lab_call(lab, OPEN_BREAKERS);
  lab_code(lab, "ATTEMPT 0\n GATE 0\n STR \"back\"\n ROLL_BACK\n"
                "undo: FAN 0\n FAN 1\n UNDO_END 0\n"
                "given: STR \"inherited\"\n NOTIFY 0\n SLOT 0\n ACT 0\n MEMBER_DONE\n all: SLOT 0\n ACT 1\n MEMBER_DONE\n"
                "end: HALT");
  Program *p = build_program(lab->build);
  p->fans[0].body = lab_place(lab, "given");
  p->fans[1].body = lab_place(lab, "all");
  build_row(lab->build, attempts, (&(AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "end"), .line = 7}));
  lab_start(lab);
  answer(lab, 0, 1);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_false(said(lab, "inherited"));
  assert_int_equal(lab_commands(lab, COMMAND_ACT, OPEN_BREAKERS, NONE_INDEX), 0);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, OPEN_BREAKERS, 0), 1);
  lab_free(lab);
}

/* ---- once, until the last safe moment, cancel ---- */

static void a_gate_without_members_asks_once(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  CodeRef text = lab_text(lab, "all clear?"), within = lab_number(lab, 10 * MIN);
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "clear"), .role = FACILITY, .kind = NONE_INDEX, .once = 1,
                                           .text = text, .within = within, .line = 7}));
  lab_code(lab, "GATE 0\n ON_OK @ok\n STR \"no\"\n FAIL\n ok: INT 0\n YES 0\n JUMP_TRUE @yes\n STR \"no token\"\n FAIL\n yes: HALT");
  lab_start(lab);
  assert_int_equal(lab_commands(lab, COMMAND_ASK, 0, 0), 1);
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .command = lab_command(lab, COMMAND_ASK, 0, 0)->id, .value = 1});
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void until_the_last_safe_moment(void **state) {
  (void)state;
  Lab *lab = rows("");
  build_program(lab->build)->gates[0].until_last_safe = 1;
  build_program(lab->build)->gates[0].within = 0;
  Opening open = {.open = T0, .close = T0 + 60 * MIN};
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  lab_start(lab);
  assert_true(lab_command(lab, COMMAND_ASK, 0, 0)->deadline == T0 + 55 * MIN); /* every row may get a yes: breakers take 5min at most */
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
  lab = rows("CONST 1200000\n WAIT");
  build_program(lab->build)->gates[0].until_last_safe = 1;
  build_program(lab->build)->gates[0].within = 0;
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  lab_start(lab);
  assert_true(lab_command(lab, COMMAND_ASK, 0, 0)->deadline == T0 + 35 * MIN);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
  lab = rows("");
  build_program(lab->build)->gates[0].until_last_safe = 1;
  build_program(lab->build)->gates[0].within = 0;
  lab_start(lab);
  assert_true(lab_command(lab, COMMAND_ASK, 0, 0)->deadline == T0 + 240 * MIN); /* no window: a plain four hours */
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void a_cancel_closes_a_gate(void **state) {
  (void)state;
  Lab *lab = rows("");
  lab_start(lab);
  answer(lab, 0, 1);
  lab->now += MIN;
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_CANCELLED);
  assert_int_equal(lab_commands(lab, COMMAND_WITHDRAW, 0, NONE_INDEX), 2);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 0);
  assert_true(lab->now == T0 + MIN);
  lab_free(lab);
}

/* Members by facts are read before anybody is asked. */
static void a_gate_reads_the_facts_of_its_members(void **state) {
  (void)state;
  Lab *lab = lab_new(4, 1);
  build_region_begin(lab->build); /* each node whose power is off */
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
  CodeRef members = build_region_end(lab->build), text = lab_text(lab, "go?"), within = lab_number(lab, MIN);
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "go"), .role = FACILITY, .kind = NODE, .slot = 0, .text = text,
                                           .members = members, .within = within, .line = 7}));
  lab_code(lab, "GATE 0\n HALT");
  lab_prepare(lab);
  lab->truth[POWER][NODE][2] = OFF;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_READ, POWER, NONE_INDEX), 4);
  assert_int_equal(lab_commands(lab, COMMAND_ASK, 0, NONE_INDEX), 1);
  assert_int_equal(lab_commands(lab, COMMAND_ASK, 0, 2), 1);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_yes_for_each_member_opens_the_gate),
      cmocka_unit_test(no_and_silence_are_told_apart_and_give_no_token),
      cmocka_unit_test(an_answer_that_nobody_waits_for_changes_nothing),
      cmocka_unit_test(who_gets_no_yes_leaves_with_a_text_of_its_own),
      cmocka_unit_test(a_success_uses_a_yes_up_and_a_retry_keeps_it),
      cmocka_unit_test(a_roll_back_never_inherits_a_yes),
      cmocka_unit_test(a_gate_without_members_asks_once),
      cmocka_unit_test(until_the_last_safe_moment),
      cmocka_unit_test(a_cancel_closes_a_gate),
      cmocka_unit_test(a_gate_reads_the_facts_of_its_members),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
