/* verify_code, rules 8 to 14, of strands and rows: for every rule, programs that keep it and programs that break it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "tests/unit/verify_fixture.h"

#include <stdio.h>

/* ---- 8: strands ---- */

static void a_strand_without_end(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_SAFE_POINT, 0);
  breaks(f, RULE_STRANDS);
}

static void a_member_done_outside_a_fan(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_MEMBER_DONE, 0);
  breaks(f, RULE_STRANDS);
}

static void a_return_in_a_strand(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_RETURN, 0);
  breaks(f, RULE_STRANDS);
}

/* A fan-out; its body is written by the caller, behind the jump that is returned. */
static uint32_t fan(Fixture *f) {
  CodeRef members = sample_nodes(f->b);
  uint32_t row = build_row(f->b, fans, (&(FanRow){.step = NONE_INDEX, .kind = SAMPLE_NODE, .slot = 0, .members = members}));
  op(f, OPCODE_FAN, row);
  uint32_t over = op(f, OPCODE_JUMP, 0);
  build_program(f->b)->fans[row].body = build_here(f->b);
  return over;
}

static void a_halt_in_a_fan(void **state) {
  Fixture *f = *state;
  uint32_t over = fan(f);
  halt(f);
  build_land(f->b, over);
  halt(f);
  breaks(f, RULE_STRANDS);
}

static void a_fan_body(void **state) {
  Fixture *f = *state;
  uint32_t over = fan(f);
  op(f, OPCODE_MEMBER_DONE, 0);
  build_land(f->b, over);
  halt(f);
  keeps(f);
}

/* ---- 9: scopes ---- */

static void nested_steps(Fixture *f, uint32_t count) {
  steps(f, count);
  for (uint32_t i = count; i-- > 0;) op(f, OPCODE_STEP_END, i);
  halt(f);
}

static void as_many_scopes_as_allowed(void **state) {
  nested_steps(*state, LIMIT_SCOPES);
  keeps(*state);
}

static void one_scope_too_many(void **state) {
  nested_steps(*state, LIMIT_SCOPES + 1);
  breaks(*state, RULE_SCOPES);
}

static void scopes_closed_in_the_wrong_order(void **state) {
  Fixture *f = *state;
  steps(f, 2);
  op(f, OPCODE_STEP_END, 0);
  op(f, OPCODE_STEP_END, 1);
  halt(f);
  breaks(f, RULE_SCOPES);
}

static void a_scope_left_open(void **state) {
  Fixture *f = *state;
  steps(f, 1);
  halt(f);
  breaks(f, RULE_STRANDS);
}

static void a_jump_out_of_a_scope(void **state) {
  Fixture *f = *state;
  build_int(f->b, 1);
  uint32_t j = op(f, OPCODE_JUMP_TRUE, 0);
  steps(f, 1);
  build_land(f->b, j);
  op(f, OPCODE_STEP_END, 0);
  halt(f);
  breaks(f, RULE_SCOPES);
}

static void a_roll_back_without_attempt(void **state) {
  Fixture *f = *state;
  text(f);
  op(f, OPCODE_ROLL_BACK, 0);
  breaks(f, RULE_SCOPES);
}

/* An attempt whose roll back tries `inside` again. */
static void attempt(Fixture *f, bool roll_back_inside_undo) {
  build_row(f->b, attempts, (&(AttemptRow){.line = 1}));
  op(f, OPCODE_ATTEMPT, 0);
  op(f, OPCODE_ATTEMPT_END, 0);
  build_program(f->b)->attempts[0].undo = build_here(f->b);
  if (roll_back_inside_undo) {
    text(f);
    op(f, OPCODE_ROLL_BACK, 0);
  } else {
    op(f, OPCODE_UNDO_END, 0);
  }
  build_program(f->b)->attempts[0].end = build_here(f->b);
  halt(f);
}

static void an_attempt(void **state) {
  attempt(*state, false);
  keeps(*state);
}

static void a_roll_back_of_itself(void **state) {
  attempt(*state, true);
  breaks(*state, RULE_SCOPES);
}

/* ---- 10: waiting ---- */

static void a_wait_with_a_full_hand(void **state) {
  Fixture *f = *state;
  build_int(f->b, 1);
  build_int(f->b, 60000);
  op(f, OPCODE_WAIT, 0);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_WAITING);
}

static void a_wait_inside_a_loop(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_EACH_SET, 0);
  uint32_t next = build_op2(f->b, OPCODE_NEXT, 0, 0);
  op(f, OPCODE_SAFE_POINT, 0);
  op(f, OPCODE_JUMP, next);
  build_land(f->b, next);
  halt(f);
  breaks(f, RULE_WAITING);
}

/* ---- 11: variables ---- */

static void an_unset_variable(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_SLOT, 3);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_VARIABLES);
}

static void a_variable_behind_its_loop(void **state) {
  Fixture *f = *state;
  loop(f, OPCODE_EACH_SET, 0, 0);
  op(f, OPCODE_SLOT, 0);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_VARIABLES);
}

static void stored_in_a_scope(Fixture *f, bool relied_on) {
  build_int(f->b, 1);
  op(f, OPCODE_STORE, relied_on ? 1 : 2);
  steps(f, 1);
  build_int(f->b, 2);
  op(f, OPCODE_STORE, 1);
  op(f, OPCODE_STEP_END, 0);
  halt(f);
}

static void a_fresh_variable_in_a_scope(void **state) {
  stored_in_a_scope(*state, false);
  keeps(*state);
}

static void a_kept_variable_changed_in_a_scope(void **state) {
  stored_in_a_scope(*state, true);
  breaks(*state, RULE_VARIABLES);
}

/* ---- 12: outcomes ---- */

static void an_outcome_of_nothing(void **state) {
  Fixture *f = *state;
  uint32_t j = op(f, OPCODE_ON_OK, 0);
  op(f, OPCODE_SAFE_POINT, 0);
  build_land(f->b, j);
  halt(f);
  breaks(f, RULE_OUTCOMES);
}

/* ---- 13: once ---- */

static void a_row_met_twice(void **state) {
  Fixture *f = *state;
  build_row(f->b, confirms, (&(ConfirmRow){.condition = sample_number(f->b, 1)}));
  op(f, OPCODE_CONFIRM, 0);
  op(f, OPCODE_CONFIRM, 0);
  halt(f);
  breaks(f, RULE_ONCE);
}

static void a_row_never_met(void **state) {
  Fixture *f = *state;
  build_row(f->b, confirms, (&(ConfirmRow){.condition = sample_number(f->b, 1)}));
  halt(f);
  breaks(f, RULE_ONCE);
}

/* ---- 14: work ---- */

/* Many regions that end alike, one within the other: checking them all would take the square of the file. */
static void many_owners_of_a_long_region(void **state) {
  Fixture *f = *state;
  build_region_begin(f->b);
  for (int i = 0; i < 2000; i++) {
    build_int(f->b, i);
    op(f, OPCODE_DROP, 0);
  }
  build_int(f->b, 1);
  CodeRef longest = build_region_end(f->b);
  for (uint32_t i = 0; i < 2000; i++) build_row(f->b, goals, (&(GoalRow){.within = longest + 2 * i}));
  halt(f);
  breaks(f, RULE_WORK);
}

/* One region for all of them is proved once. */
static void many_owners_of_one_region(void **state) {
  Fixture *f = *state;
  build_region_begin(f->b);
  build_int(f->b, 1);
  for (int i = 0; i < 2000; i++) op(f, OPCODE_NOT, 0);
  CodeRef shared = build_region_end(f->b);
  for (uint32_t i = 0; i < 5000; i++) build_row(f->b, goals, (&(GoalRow){.within = shared}));
  halt(f);
  keeps(f);
}

/* ---- rows ---- */

static void rows_that_cannot_be(void **state) {
  Fixture *f = *state;
  halt(f);
  Program *p = finished(f);
  p->kinds[SAMPLE_RACK].parent = SAMPLE_NODE;
  assert_int_equal(broken_rule(f, p), -1);
  p->kinds[SAMPLE_RACK].parent = NONE_INDEX;
  p->actions[0].takes_low = p->actions[0].takes_most + 1;
  assert_int_equal(broken_rule(f, p), -1);
  p->actions[0].takes_low = -1;
  assert_int_equal(broken_rule(f, p), -1);
  p->actions[0].takes_low = 0;
  p->kinds[SAMPLE_NODE].key = 2;
  assert_int_equal(broken_rule(f, p), -1);
  p->kinds[SAMPLE_NODE].key = 1;
  p->kinds[SAMPLE_NODE].attrs = (Slice){1, UINT32_MAX};
  assert_int_equal(broken_rule(f, p), -1);
  p->kinds[SAMPLE_NODE].attrs = (Slice){1, 3};
  p->attrs[2].own = 2;
  assert_int_equal(broken_rule(f, p), -1);
  p->attrs[2].own = 1; /* the rack: one entity */
  assert_int_equal(broken_rule(f, p), 0);
  p->attrs[2].own = 0;
  p->attrs[3].own = 1; /* a list */
  assert_int_equal(broken_rule(f, p), -1);
  p->attrs[3].own = 0;
  p->params[0].type = (ValueType){.klass = VALUE_LIST, .ref = SAMPLE_NODE};
  assert_int_equal(broken_rule(f, p), -1);
  p->params[0].type = (ValueType){.klass = VALUE_LIST + 1};
  assert_int_equal(broken_rule(f, p), -1);
  p->params[0].type = (ValueType){.klass = VALUE_INT};
  assert_int_equal(broken_rule(f, p), 0);
}

static void an_enumeration_of(Fixture *f, uint32_t words) {
  uint32_t first = build_program(f->b)->enum_words_count;
  for (uint32_t i = 0; i < words; i++) {
    char word[16];
    snprintf(word, sizeof word, "w%u", i);
    StrId s = build_str(f->b, word);
    build_row(f->b, enum_words, &s);
  }
  build_row(f->b, enums, (&(EnumRow){build_str(f->b, "many"), {first, words}}));
  halt(f);
}

static void as_many_words_as_allowed(void **state) {
  Fixture *f = *state;
  an_enumeration_of(f, LIMIT_WORDS);
  keeps(f);
}

static void one_word_too_many(void **state) {
  Fixture *f = *state;
  an_enumeration_of(f, LIMIT_WORDS + 1);
  assert_int_equal(broken_rule(f, finished(f)), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    RULE_TEST(a_strand_without_end), RULE_TEST(a_member_done_outside_a_fan),
    RULE_TEST(a_return_in_a_strand), RULE_TEST(a_halt_in_a_fan), RULE_TEST(a_fan_body),
    RULE_TEST(as_many_scopes_as_allowed), RULE_TEST(one_scope_too_many),
    RULE_TEST(scopes_closed_in_the_wrong_order), RULE_TEST(a_scope_left_open),
    RULE_TEST(a_jump_out_of_a_scope), RULE_TEST(a_roll_back_without_attempt), RULE_TEST(an_attempt),
    RULE_TEST(a_roll_back_of_itself), RULE_TEST(a_wait_with_a_full_hand), RULE_TEST(a_wait_inside_a_loop),
    RULE_TEST(an_unset_variable), RULE_TEST(a_variable_behind_its_loop),
    RULE_TEST(a_fresh_variable_in_a_scope), RULE_TEST(a_kept_variable_changed_in_a_scope),
    RULE_TEST(an_outcome_of_nothing), RULE_TEST(a_row_met_twice), RULE_TEST(a_row_never_met),
    RULE_TEST(many_owners_of_a_long_region), RULE_TEST(many_owners_of_one_region), RULE_TEST(rows_that_cannot_be), RULE_TEST(as_many_words_as_allowed),
    RULE_TEST(one_word_too_many),
  };
  return cmocka_run_group_tests_name("verify_strands", tests, NULL, NULL);
}
