/* verify_fixture: a program that a test writes instruction by instruction. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "tests/unit/verify_fixture.h"

#include <stdio.h>
#include <stdlib.h>

int fixture_begin(void **state) {
  Fixture *f = xcalloc(1, sizeof *f);
  f->arena = arena_new();
  f->b = sample_library(f->arena);
  *state = f;
  return 0;
}

int fixture_end(void **state) {
  Fixture *f = *state;
  build_free(f->b);
  arena_free(f->arena);
  free(f);
  return 0;
}

int broken_rule(Fixture *f, const Program *p) {
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

Program *finished(Fixture *f) {
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  Program *p = build_finish(f->b, 0, sink);
  assert_non_null(p);
  return p;
}

void keeps(Fixture *f) { assert_int_equal(broken_rule(f, finished(f)), 0); }
void breaks(Fixture *f, VerifyRule rule) { assert_int_equal(broken_rule(f, finished(f)), (int)rule + 1); }

uint32_t op(Fixture *f, Opcode o, uint32_t a) { return build_op(f->b, o, a); }
void text(Fixture *f) { build_op(f->b, OPCODE_STR, build_str(f->b, "why")); }
void halt(Fixture *f) { build_op(f->b, OPCODE_HALT, 0); }

void steps(Fixture *f, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    build_row(f->b, steps, (&(StepRow){.fan = NONE_INDEX, .parent = i ? i - 1 : NONE_INDEX}));
    op(f, OPCODE_STEP_BEGIN, i);
  }
}

void loop(Fixture *f, Opcode each, uint32_t operand, uint32_t slot) {
  op(f, each, operand);
  uint32_t next = build_op2(f->b, OPCODE_NEXT, slot, 0);
  op(f, OPCODE_JUMP, next);
  build_land(f->b, next);
}
