/* The compiler beyond what its goldens show: the same bytes every time, programs that pass their own check, and every
 * limit of the machine at its last value and one past it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "lang/compile.h"
#include "lang/limits.h"
#include "lang/program_build.h"

#include <stdlib.h>
#include <string.h>

typedef struct Fixture { Compilation *c; Buf text; } Fixture;

static int begin(void **state) {
  Fixture *f = xcalloc(1, sizeof *f);
  f->c = compilation_new(NULL);
  *state = f;
  return 0;
}

static int finish(void **state) {
  Fixture *f = *state;
  compilation_free(f->c);
  buf_done(&f->text);
  free(f);
  return 0;
}

static const char library[] =
    "kind Rack { key name : text }\nkind Node in Rack { key name : text }\nfact power of Node : on, off\nrole lead\nchannel ops\n"
    "action cut(n: Node) \"Cut\" { makes power of n is off  takes 1min  undo none  repeat safe }\n";

/* The library, then a runbook `t` with that text behind its sets. */
static void source(Fixture *f, const char *procedures, const char *body) {
  buf_str(&f->text, library);
  buf_str(&f->text, procedures);
  buf_str(&f->text, "runbook t \"T\" {\n  owner \"tests\"\n  param p : int = 1\n  select racks = r in Rack\n  select nodes = n in Node\n");
  buf_str(&f->text, body);
  buf_str(&f->text, "\n}\n");
  size_t len = f->text.len;
  buf_add(&f->text, "\0", 2);
  compilation_add(f->c, source_add(f->c->map, "t.runbook", f->text.data, len));
  if (compilation_check(f->c)) return;
  fail_msg("%s: %s", diag_code_text(diag_get(f->c->sink, 0)->code), diag_get(f->c->sink, 0)->message);
}

static const Program *compiled(Fixture *f) {
  return compile_runbook(f->c, (RunbookDecl *)f->c->runbooks.items[0]->decl, f->c->arena);
}

static void compiles(Fixture *f) {
  if (!compiled(f)) fail_msg("%s", diag_get(f->c->sink, 0)->message);
}

static void passes_a_limit(Fixture *f) {
  assert_null(compiled(f));
  assert_int_equal(diag_errors(f->c->sink), 1);
  for (uint32_t i = 0; i < diag_count(f->c->sink); i++) {
    const Diag *d = diag_get(f->c->sink, i);
    if (d->severity != SEV_ERROR) continue; /* a warning of the checker about names that are not used */
    assert_int_equal(d->code, E_CODE_LIMIT);
    assert_true(d->span.lo > 0);
  }
}

/* ---- the same every time ---- */

static void compiling_twice_gives_equal_bytes(void **state) {
  Fixture *f = *state;
  source(f, "", "for each r in racks, 1 at once { for each n in nodes of r, all at once { cut(n) else set aside r \"${n.name}\" } }");
  Buf first = BUF_INIT, second = BUF_INIT;
  program_write(compiled(f), &first);
  program_write(compiled(f), &second);
  assert_int_equal(first.len, second.len);
  assert_memory_equal(first.data, second.data, first.len);
  buf_done(&first);
  buf_done(&second);
}

static void a_compiled_program_can_be_read(void **state) {
  Fixture *f = *state;
  source(f, "", "for each n in nodes, 1 at once { cut(n) else hold \"${n.name}\" for lead 1h, then fail \"no\" }");
  Buf image = BUF_INIT;
  program_write(compiled(f), &image);
  assert_non_null(program_read("t.program", (const uint8_t *)image.data, image.len, f->c->arena, f->c->sink));
  buf_done(&image);
}

static void lines_lead_to_the_source(void **state) {
  Fixture *f = *state;
  source(f, "", "  wait 1min\n  wait 2min");
  const Program *p = compiled(f);
  const char *name = NULL;
  uint32_t line = program_line(p, p->entry, &name);
  assert_string_equal(name, "t.runbook");
  assert_int_equal(program_line(p, p->entry + 2, &name), line + 1);
}

static void what_is_never_reached_has_no_code(void **state) {
  Fixture *f = *state;
  source(f, "", "when p > 1 { fail \"a\" } otherwise { end \"b\" }");
  const Program *p = compiled(f);
  assert_int_not_equal(code_op(p->code[p->code_count - 1]), OPCODE_HALT);
}

/* ---- limits ---- */

/* p + (p + (p + ... )): as many operands wait as there are brackets. */
static void nested_operands(Fixture *f, uint32_t brackets) {
  Buf body = BUF_INIT;
  buf_str(&body, "require 0 < p");
  for (uint32_t i = 0; i < brackets; i++) buf_str(&body, " + (p");
  buf_fill(&body, ')', brackets);
  source(f, "", body.data);
  buf_done(&body);
}

static void as_many_operands_as_allowed(void **state) {
  nested_operands(*state, LIMIT_STACK / 2 - 2);
  compiles(*state);
}

static void one_operand_too_many(void **state) {
  nested_operands(*state, LIMIT_STACK / 2 - 1);
  passes_a_limit(*state);
}

/* Quantifiers within each other, and a count in the innermost one. */
static void nested_quantifiers(Fixture *f, uint32_t count) {
  Buf body = BUF_INIT;
  buf_str(&body, "require ");
  for (uint32_t i = 0; i < count; i++) buf_printf(&body, "some x%u in nodes: ", i);
  buf_str(&body, "count of racks > 1");
  source(f, "", body.data);
  buf_done(&body);
}

static void as_many_iterators_as_allowed(void **state) {
  nested_quantifiers(*state, LIMIT_ITERATORS - 1);
  compiles(*state);
}

static void one_iterator_too_many(void **state) {
  nested_quantifiers(*state, LIMIT_ITERATORS);
  passes_a_limit(*state);
}

/* A procedure with that many parameters, in which something is counted. */
static void variables(Fixture *f, uint32_t count) {
  Buf procedure = BUF_INIT, body = BUF_INIT;
  buf_str(&procedure, "procedure q(");
  buf_str(&body, "run q(");
  for (uint32_t i = 0; i < count; i++) {
    buf_printf(&procedure, "%sa%u: int", i ? ", " : "", i);
    buf_printf(&body, "%s%u", i ? ", " : "", i);
  }
  buf_str(&procedure, ") {\n  notify ops \"${count of nodes}");
  for (uint32_t i = 0; i < count; i++) buf_printf(&procedure, " ${a%u}", i);
  buf_str(&procedure, "\"\n}\n");
  buf_str(&body, ")");
  source(f, procedure.data, body.data);
  buf_done(&procedure);
  buf_done(&body);
}

static void as_many_variables_as_allowed(void **state) {
  variables(*state, LIMIT_SLOTS - 1);
  compiles(*state);
}

static void one_variable_too_many(void **state) {
  variables(*state, LIMIT_SLOTS);
  passes_a_limit(*state);
}

/* Each procedure runs the one before it twice. */
static void more_code_than_a_program_holds(void **state) {
  Fixture *f = *state;
  Buf procedures = BUF_INIT;
  buf_str(&procedures, "procedure q0(d: duration) {\n");
  for (int i = 0; i < 64; i++) buf_str(&procedures, "  wait d\n");
  buf_str(&procedures, "}\n");
  for (int i = 1; i < 20; i++) buf_printf(&procedures, "procedure q%d() {\n  run q%d(%s)\n  run q%d(%s)\n}\n", i, i - 1, i == 1 ? "1min" : "", i - 1, i == 1 ? "1min" : "");
  source(f, procedures.data, "run q19()");
  buf_done(&procedures);
  passes_a_limit(f);
}

static void as_many_words_as_a_program_holds(void **state) {
  Fixture *f = *state;
  for (uint32_t over = 0; over < 2; over++) {
    ProgramBuild *b = build_new(f->c->arena);
    for (uint32_t i = 0; i < LIMIT_CODE_WORDS - 2 + over; i++) build_op(b, OPCODE_SAFE_POINT, 0);
    Program *p = build_finish(b, 0, f->c->sink);
    assert_int_equal(p == NULL, over);
    if (p) assert_int_equal(p->code_count, LIMIT_CODE_WORDS - 1);
    build_free(b);
  }
  assert_int_equal(diag_get(f->c->sink, 0)->code, E_PROGRAM_LIMIT);
}

#define COMPILE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void) {
  const struct CMUnitTest tests[] = {
    COMPILE_TEST(compiling_twice_gives_equal_bytes), COMPILE_TEST(a_compiled_program_can_be_read),
    COMPILE_TEST(lines_lead_to_the_source), COMPILE_TEST(what_is_never_reached_has_no_code),
    COMPILE_TEST(as_many_operands_as_allowed), COMPILE_TEST(one_operand_too_many), COMPILE_TEST(as_many_iterators_as_allowed),
    COMPILE_TEST(one_iterator_too_many), COMPILE_TEST(as_many_variables_as_allowed), COMPILE_TEST(one_variable_too_many),
    COMPILE_TEST(more_code_than_a_program_holds), COMPILE_TEST(as_many_words_as_a_program_holds),
  };
  return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
