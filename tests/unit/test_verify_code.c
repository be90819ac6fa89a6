/* verify_code: for every rule, programs that keep it and programs that break it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "lang/verify.h"

#include "tests/unit/sample_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Fixture { Arena *arena; ProgramBuild *b; } Fixture;

static int begin(void **state) {
  Fixture *f = xcalloc(1, sizeof *f);
  f->arena = arena_new();
  f->b = sample_library(f->arena);
  *state = f;
  return 0;
}

static int finish(void **state) {
  Fixture *f = *state;
  build_free(f->b);
  arena_free(f->arena);
  free(f);
  return 0;
}

/* The number of the rule that the program breaks, 0 when it breaks none, -1 when its rows are refused. */
static int broken_rule(Fixture *f, const Program *p) {
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  bool ok = verify_code(p, "test.tgp", sink);
  assert_int_equal(diag_errors(sink), ok ? 0 : 1);
  if (ok) return 0;
  const Diag *d = diag_get(sink, 0);
  if (d->code == E_PROGRAM_TABLE) return -1;
  assert_int_equal(d->code, E_PROGRAM_CODE);
  assert_non_null(d->notes);
  int rule = 0;
  assert_int_equal(sscanf(d->notes->text, "rule %d:", &rule), 1);
  return rule;
}

static Program *done(Fixture *f) {
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  Program *p = build_finish(f->b, 0, sink);
  assert_non_null(p);
  return p;
}

static void keeps(Fixture *f) { assert_int_equal(broken_rule(f, done(f)), 0); }
static void breaks(Fixture *f, VerifyRule rule) { assert_int_equal(broken_rule(f, done(f)), (int)rule + 1); }

static uint32_t op(Fixture *f, Opcode o, uint32_t a) { return build_op(f->b, o, a); }
static void text(Fixture *f) { build_op(f->b, OPCODE_STR, build_str(f->b, "why")); }
static void halt(Fixture *f) { build_op(f->b, OPCODE_HALT, 0); }

static void the_sample_passes(void **state) {
  Fixture *f = *state;
  assert_int_equal(broken_rule(f, sample_program(f->arena)), 0);
}

static void the_empty_runbook_passes(void **state) {
  Fixture *f = *state;
  halt(f);
  keeps(f);
}

/* ---- 1: decodes ---- */

static void an_unknown_opcode(void **state) {
  Fixture *f = *state;
  halt(f);
  Program *p = done(f);
  p->code[p->code_count - 1] = OPCODE_COUNT;
  assert_int_equal(broken_rule(f, p), RULE_DECODES + 1);
}

static void a_missing_second_word(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_UP, SAMPLE_RACK);
  breaks(f, RULE_DECODES);
}

static void address_0_is_not_return(void **state) {
  Fixture *f = *state;
  halt(f);
  Program *p = done(f);
  p->code[0] = OPCODE_HALT;
  assert_int_equal(broken_rule(f, p), RULE_DECODES + 1);
}

/* ---- 2: operands ---- */

static void an_operand_out_of_range(void **state) {
  static const struct { Opcode op; uint32_t last; } cases[] = {
    {OPCODE_SLOT, LIMIT_SLOTS - 1}, {OPCODE_PARAM, 0}, {OPCODE_ATTR, 3}, {OPCODE_NAME, SAMPLE_NODE}, {OPCODE_JOIN, LIMIT_STACK},
    {OPCODE_EACH_SET, 0}, {OPCODE_RECALL, 0}, {OPCODE_SHOW, 0}, {OPCODE_NOTIFY, 0}, {OPCODE_SELECT, 0},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (uint32_t over = 0; over < 2; over++) {
      void *inner = NULL;
      begin(&inner);
      Fixture *f = inner;
      op(f, cases[i].op, cases[i].last + over);
      halt(f);
      int rule = broken_rule(f, done(f));
      if (over) assert_int_equal(rule, RULE_OPERANDS + 1);
      else assert_int_not_equal(rule, RULE_OPERANDS + 1); /* the last one is in range; other rules may be broken */
      finish(&inner);
    }
}

static void an_operand_where_none_belongs(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_HALT, 1);
  breaks(f, RULE_OPERANDS);
}

/* ---- 3: targets ---- */

static void a_jump_into_an_instruction(void **state) {
  Fixture *f = *state;
  uint32_t j = op(f, OPCODE_JUMP, 2);
  build_op2(f->b, OPCODE_UP, SAMPLE_RACK, SAMPLE_NODE);
  halt(f);
  (void)j;
  breaks(f, RULE_TARGETS);
}

static void a_jump_back(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_SAFE_POINT, 0);
  op(f, OPCODE_JUMP, 0);
  halt(f);
  breaks(f, RULE_TARGETS);
}

static void a_jump_out_of_a_sense(void **state) {
  Fixture *f = *state;
  uint32_t sense = op(f, OPCODE_SENSE, 0);
  build_int(f->b, 1);
  uint32_t out = op(f, OPCODE_JUMP_TRUE, 0);
  build_int(f->b, 60000);
  build_land(f->b, sense);
  op(f, OPCODE_WAIT, 0);
  build_land(f->b, out);
  halt(f);
  breaks(f, RULE_TARGETS);
}

static void a_step_inside_a_sense(void **state) {
  Fixture *f = *state;
  uint32_t sense = op(f, OPCODE_SENSE, 0);
  op(f, OPCODE_SAFE_POINT, 0);
  build_land(f->b, sense);
  halt(f);
  breaks(f, RULE_REGIONS);
}

/* A held step may be tried again; no other step may. */
static void held_step(Fixture *f, bool directly) {
  build_row(f->b, holds, (&(HoldRow){0, sample_number(f->b, 60000), 1}));
  op(f, OPCODE_SAFE_POINT, 0);
  text(f);
  op(f, OPCODE_HOLD, 0);
  if (!directly) op(f, OPCODE_SAFE_POINT, 0);
  op(f, OPCODE_ON_OK, 0);
  halt(f);
}

static void a_retry_behind_a_hold(void **state) {
  held_step(*state, true);
  keeps(*state);
}

static void a_retry_behind_something_else(void **state) {
  held_step(*state, false);
  breaks(*state, RULE_TARGETS);
}

/* ---- 4: stack ---- */

static void an_empty_stack(void **state) {
  Fixture *f = *state;
  build_int(f->b, 1);
  op(f, OPCODE_ADD, 0);
  op(f, OPCODE_WAIT, 0);
  halt(f);
  breaks(f, RULE_STACK);
}

static void fill_stack(Fixture *f, uint32_t depth) {
  for (uint32_t i = 0; i < depth; i++) build_int(f->b, 1);
  for (uint32_t i = 0; i < depth; i++) op(f, OPCODE_DROP, 0);
  halt(f);
}

static void a_full_stack(void **state) {
  fill_stack(*state, LIMIT_STACK);
  keeps(*state);
}

static void an_overfull_stack(void **state) {
  fill_stack(*state, LIMIT_STACK + 1);
  breaks(*state, RULE_STACK);
}

static void unequal_stacks_at_a_join(void **state) {
  Fixture *f = *state;
  build_int(f->b, 1);
  uint32_t j = op(f, OPCODE_JUMP_TRUE, 0);
  build_int(f->b, 1);
  build_land(f->b, j);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_STACK);
}

/* ---- 5: iterators ---- */

static void loop(Fixture *f, Opcode each, uint32_t operand, uint32_t slot) {
  op(f, each, operand);
  uint32_t next = build_op2(f->b, OPCODE_NEXT, slot, 0);
  op(f, OPCODE_JUMP, next);
  build_land(f->b, next);
}

static void a_loop(void **state) {
  Fixture *f = *state;
  loop(f, OPCODE_EACH_SET, 0, 0);
  halt(f);
  keeps(f);
}

static void an_iterator_without_next(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_EACH_SET, 0);
  op(f, OPCODE_CLOSE, 0);
  halt(f);
  breaks(f, RULE_ITERATORS);
}

static void a_close_without_iterator(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_CLOSE, 0);
  halt(f);
  breaks(f, RULE_ITERATORS);
}

static void a_next_without_iterator(void **state) {
  Fixture *f = *state;
  build_op2(f->b, OPCODE_NEXT, 0, 2);
  halt(f);
  breaks(f, RULE_ITERATORS);
}

static void nested_loops(Fixture *f, uint32_t depth) {
  for (uint32_t i = 0; i < depth; i++) {
    op(f, OPCODE_EACH_SET, 0);
    build_op2(f->b, OPCODE_NEXT, i, 0);
  }
  for (uint32_t i = depth; i-- > 0;) {
    op(f, OPCODE_JUMP, 3 * i + 1);
    build_land(f->b, 3 * i + 1);
  }
  halt(f);
}

static void as_many_loops_as_allowed(void **state) {
  nested_loops(*state, LIMIT_ITERATORS);
  keeps(*state);
}

static void one_loop_too_many(void **state) {
  nested_loops(*state, LIMIT_ITERATORS + 1);
  breaks(*state, RULE_ITERATORS);
}

static void an_iterator_open_on_one_path(void **state) {
  Fixture *f = *state;
  build_int(f->b, 1);
  uint32_t j = op(f, OPCODE_JUMP_TRUE, 0);
  op(f, OPCODE_EACH_SET, 0);
  uint32_t next = build_op2(f->b, OPCODE_NEXT, 0, 0);
  build_land(f->b, j);
  op(f, OPCODE_SAFE_POINT, 0);
  build_land(f->b, next);
  halt(f);
  breaks(f, RULE_ITERATORS);
}

/* ---- 6: values ---- */

static void a_number_for_an_entity(void **state) {
  Fixture *f = *state;
  build_int(f->b, 99999);
  op(f, OPCODE_ATTR, 2);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_VALUES);
}

static void an_entity_of_another_kind(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_EACH_KIND, SAMPLE_RACK);
  uint32_t next = build_op2(f->b, OPCODE_NEXT, 0, 0);
  op(f, OPCODE_SLOT, 0);
  build_op2(f->b, OPCODE_FACT, 0, SAMPLE_NODE);
  op(f, OPCODE_DROP, 0);
  op(f, OPCODE_JUMP, next);
  build_land(f->b, next);
  halt(f);
  breaks(f, RULE_VALUES);
}

static void a_fact_of_a_kind_without_it(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_UNKNOWN, 0);
  build_op2(f->b, OPCODE_FACT, 0, SAMPLE_RACK);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_VALUES);
}

static void a_number_for_a_text(void **state) {
  Fixture *f = *state;
  build_int(f->b, 1);
  op(f, OPCODE_NOTIFY, 0);
  halt(f);
  breaks(f, RULE_VALUES);
}

static void a_text_compared_with_a_number(void **state) {
  Fixture *f = *state;
  text(f);
  build_int(f->b, 1);
  op(f, OPCODE_EQ, 0);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_VALUES);
}

static void a_list_as_a_value(void **state) {
  Fixture *f = *state;
  op(f, OPCODE_UNKNOWN, 0);
  op(f, OPCODE_ATTR, 3);
  op(f, OPCODE_DROP, 0);
  halt(f);
  breaks(f, RULE_VALUES);
}

static void a_wrong_argument(void **state) {
  Fixture *f = *state;
  build_row(f->b, calls, (&(CallRow){.action = 0}));
  build_int(f->b, 1);
  op(f, OPCODE_ACT, 0);
  halt(f);
  breaks(f, RULE_VALUES);
}

/* ---- 7: regions ---- */

static void confirm_by(Fixture *f, CodeRef condition) {
  build_row(f->b, confirms, (&(ConfirmRow){.condition = condition}));
  op(f, OPCODE_CONFIRM, 0);
  halt(f);
}

static void a_region_that_leaves_a_number(void **state) {
  Fixture *f = *state;
  confirm_by(f, sample_number(f->b, 1));
  keeps(f);
}

static void a_region_that_leaves_a_text(void **state) {
  Fixture *f = *state;
  confirm_by(f, sample_text(f->b, "1"));
  breaks(f, RULE_REGIONS);
}

static void a_region_that_collects_where_a_value_is_due(void **state) {
  Fixture *f = *state;
  confirm_by(f, sample_nodes(f->b));
  breaks(f, RULE_REGIONS);
}

static void a_region_that_leaves_two_values(void **state) {
  Fixture *f = *state;
  build_region_begin(f->b);
  build_int(f->b, 1);
  build_int(f->b, 1);
  confirm_by(f, build_region_end(f->b));
  breaks(f, RULE_REGIONS);
}

static void a_region_with_a_step(void **state) {
  Fixture *f = *state;
  build_region_begin(f->b);
  op(f, OPCODE_SAFE_POINT, 0);
  build_int(f->b, 1);
  confirm_by(f, build_region_end(f->b));
  breaks(f, RULE_REGIONS);
}

static void a_missing_region(void **state) {
  Fixture *f = *state;
  confirm_by(f, 0);
  breaks(f, RULE_TARGETS);
}

static void a_region_without_end(void **state) {
  Fixture *f = *state;
  confirm_by(f, sample_number(f->b, 1));
  Program *p = done(f);
  p->code[p->confirms[0].condition + 1] = OPCODE_UNKNOWN; /* over its RETURN */
  assert_int_equal(broken_rule(f, p), RULE_REGIONS + 1);
}

static void collecting_the_wrong_kind(void **state) {
  Fixture *f = *state;
  halt(f);
  Program *p = done(f);
  p->sets[0].kind = SAMPLE_RACK;
  assert_int_equal(broken_rule(f, p), RULE_VALUES + 1);
}

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

static void steps(Fixture *f, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    build_row(f->b, steps, (&(StepRow){.fan = NONE_INDEX, .parent = i ? i - 1 : NONE_INDEX}));
    op(f, OPCODE_STEP_BEGIN, i);
  }
}

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

/* Many rows that share one long region: checking them all would take the square of the file. */
static void many_owners_of_a_long_region(void **state) {
  Fixture *f = *state;
  build_region_begin(f->b);
  build_int(f->b, 1);
  for (int i = 0; i < 2000; i++) op(f, OPCODE_NOT, 0);
  CodeRef shared = build_region_end(f->b);
  for (int i = 0; i < 100; i++) {
    build_row(f->b, goals, (&(GoalRow){.within = shared}));
  }
  halt(f);
  breaks(f, RULE_WORK);
}

/* ---- rows ---- */

static void rows_that_cannot_be(void **state) {
  Fixture *f = *state;
  halt(f);
  Program *p = done(f);
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
  p->params[0].type = (ValueType){.klass = VALUE_LIST, .ref = SAMPLE_NODE};
  assert_int_equal(broken_rule(f, p), -1);
  p->params[0].type = (ValueType){.klass = VALUE_LIST + 1};
  assert_int_equal(broken_rule(f, p), -1);
  p->params[0].type = (ValueType){.klass = VALUE_INT};
  assert_int_equal(broken_rule(f, p), 0);
}

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void) {
  const struct CMUnitTest tests[] = {
    RULE_TEST(the_sample_passes), RULE_TEST(the_empty_runbook_passes),
    RULE_TEST(an_unknown_opcode), RULE_TEST(a_missing_second_word), RULE_TEST(address_0_is_not_return),
    RULE_TEST(an_operand_out_of_range), RULE_TEST(an_operand_where_none_belongs),
    RULE_TEST(a_jump_into_an_instruction), RULE_TEST(a_jump_back), RULE_TEST(a_jump_out_of_a_sense), RULE_TEST(a_step_inside_a_sense),
    RULE_TEST(a_retry_behind_a_hold), RULE_TEST(a_retry_behind_something_else),
    RULE_TEST(an_empty_stack), RULE_TEST(a_full_stack), RULE_TEST(an_overfull_stack), RULE_TEST(unequal_stacks_at_a_join),
    RULE_TEST(a_loop), RULE_TEST(an_iterator_without_next), RULE_TEST(a_close_without_iterator), RULE_TEST(a_next_without_iterator),
    RULE_TEST(as_many_loops_as_allowed), RULE_TEST(one_loop_too_many), RULE_TEST(an_iterator_open_on_one_path),
    RULE_TEST(a_number_for_an_entity), RULE_TEST(an_entity_of_another_kind), RULE_TEST(a_fact_of_a_kind_without_it),
    RULE_TEST(a_number_for_a_text), RULE_TEST(a_text_compared_with_a_number), RULE_TEST(a_list_as_a_value), RULE_TEST(a_wrong_argument),
    RULE_TEST(a_region_that_leaves_a_number), RULE_TEST(a_region_that_leaves_a_text),
    RULE_TEST(a_region_that_collects_where_a_value_is_due), RULE_TEST(a_region_that_leaves_two_values), RULE_TEST(a_region_with_a_step),
    RULE_TEST(a_missing_region), RULE_TEST(a_region_without_end), RULE_TEST(collecting_the_wrong_kind),
    RULE_TEST(a_strand_without_end), RULE_TEST(a_member_done_outside_a_fan), RULE_TEST(a_return_in_a_strand),
    RULE_TEST(a_halt_in_a_fan), RULE_TEST(a_fan_body),
    RULE_TEST(as_many_scopes_as_allowed), RULE_TEST(one_scope_too_many), RULE_TEST(scopes_closed_in_the_wrong_order),
    RULE_TEST(a_scope_left_open), RULE_TEST(a_jump_out_of_a_scope), RULE_TEST(a_roll_back_without_attempt), RULE_TEST(an_attempt),
    RULE_TEST(a_roll_back_of_itself),
    RULE_TEST(a_wait_with_a_full_hand), RULE_TEST(a_wait_inside_a_loop),
    RULE_TEST(an_unset_variable), RULE_TEST(a_variable_behind_its_loop), RULE_TEST(a_fresh_variable_in_a_scope),
    RULE_TEST(a_kept_variable_changed_in_a_scope),
    RULE_TEST(an_outcome_of_nothing), RULE_TEST(a_row_met_twice), RULE_TEST(a_row_never_met), RULE_TEST(many_owners_of_a_long_region),
    RULE_TEST(rows_that_cannot_be),
  };
  return cmocka_run_group_tests_name("verify_code", tests, NULL, NULL);
}
