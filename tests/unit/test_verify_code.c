/* verify_code, rules 1 to 7, of code and its values: for every rule, programs that keep it and programs that break it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "tests/unit/verify_fixture.h"

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
  Program *p = finished(f);
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
  Program *p = finished(f);
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
      fixture_begin(&inner);
      Fixture *f = inner;
      op(f, cases[i].op, cases[i].last + over);
      halt(f);
      int rule = broken_rule(f, finished(f));
      if (over) assert_int_equal(rule, RULE_OPERANDS + 1);
      else assert_int_not_equal(rule, RULE_OPERANDS + 1); /* the last one is in range; other rules may be broken */
      fixture_end(&inner);
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
  Program *p = finished(f);
  p->code[p->confirms[0].condition + 1] = OPCODE_UNKNOWN; /* over its RETURN */
  assert_int_equal(broken_rule(f, p), RULE_REGIONS + 1);
}

static void collecting_the_wrong_kind(void **state) {
  Fixture *f = *state;
  halt(f);
  Program *p = finished(f);
  p->sets[0].kind = SAMPLE_RACK;
  assert_int_equal(broken_rule(f, p), RULE_VALUES + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    RULE_TEST(the_sample_passes), RULE_TEST(the_empty_runbook_passes), RULE_TEST(an_unknown_opcode),
    RULE_TEST(a_missing_second_word), RULE_TEST(address_0_is_not_return),
    RULE_TEST(an_operand_out_of_range), RULE_TEST(an_operand_where_none_belongs),
    RULE_TEST(a_jump_into_an_instruction), RULE_TEST(a_jump_back), RULE_TEST(a_jump_out_of_a_sense),
    RULE_TEST(a_step_inside_a_sense), RULE_TEST(a_retry_behind_a_hold),
    RULE_TEST(a_retry_behind_something_else), RULE_TEST(an_empty_stack), RULE_TEST(a_full_stack),
    RULE_TEST(an_overfull_stack), RULE_TEST(unequal_stacks_at_a_join), RULE_TEST(a_loop),
    RULE_TEST(an_iterator_without_next), RULE_TEST(a_close_without_iterator),
    RULE_TEST(a_next_without_iterator), RULE_TEST(as_many_loops_as_allowed), RULE_TEST(one_loop_too_many),
    RULE_TEST(an_iterator_open_on_one_path), RULE_TEST(a_number_for_an_entity),
    RULE_TEST(an_entity_of_another_kind), RULE_TEST(a_fact_of_a_kind_without_it),
    RULE_TEST(a_number_for_a_text), RULE_TEST(a_text_compared_with_a_number), RULE_TEST(a_list_as_a_value),
    RULE_TEST(a_wrong_argument), RULE_TEST(a_region_that_leaves_a_number),
    RULE_TEST(a_region_that_leaves_a_text), RULE_TEST(a_region_that_collects_where_a_value_is_due),
    RULE_TEST(a_region_that_leaves_two_values), RULE_TEST(a_region_with_a_step),
    RULE_TEST(a_missing_region), RULE_TEST(a_region_without_end), RULE_TEST(collecting_the_wrong_kind),
  };
  return cmocka_run_group_tests_name("verify_code", tests, NULL, NULL);
}
