/* Every limit of the checker, at the limit and one past it; and that what is wrong is said once, however much of it. */
#include <config.h>

#include "lang/limits.h"
#include "tests/unit/check_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static Buf b = BUF_INIT;

/* The text in b, behind the prelude: how often E_LIMIT, and nothing else wrong. */
static void expect_limit(uint32_t count) {
  Compilation *c = checked_runbook(b.data);
  assert_int_equal(count_code(c, E_LIMIT), count);
  assert_int_equal(diag_errors(c->sink), count);
  compilation_free(c);
  buf_reset(&b);
}

static void put(const char *text) { buf_str(&b, text); }
static void head(void) { put("runbook r \"x\" {\n  owner \"x\"\n  select nodes = n in Node where n.sku is H100\n"); }

static void parameters(uint32_t n) {
  put("runbook r \"x\" {\n  owner \"x\"\n");
  for (uint32_t i = 0; i < n; i++) buf_printf(&b, "  param p%u : int = 1\n", i);
  put("  wait 1min\n}\n");
}
static void action_parameters(uint32_t n) {
  put("action a(");
  for (uint32_t i = 0; i < n; i++) buf_printf(&b, "%sp%u: int", i ? ", " : "", i);
  put(") \"x\" {\n  takes 1min\n}\n");
}
static void sets(uint32_t n) {
  put("runbook r \"x\" {\n  owner \"x\"\n");
  for (uint32_t i = 0; i < n; i++) buf_printf(&b, "  select s%u = n in Node where n.sku is H100\n", i);
  put("  wait 1min\n}\n");
}
static void words(uint32_t n) {
  put("fact f of Node : ");
  for (uint32_t i = 0; i < n; i++) buf_printf(&b, "%sw%u", i ? ", " : "", i);
  put("\n");
}
static void attributes(uint32_t n) {
  put("kind Big { key name : text\n");
  for (uint32_t i = 1; i < n; i++) buf_printf(&b, "  a%u : int\n", i);
  put("}\n");
}
static void kinds(uint32_t n) {
  for (uint32_t i = 6; i < n; i++) buf_printf(&b, "kind K%u { key name : text }\n", i); /* the prelude has six */
}
static void retries(uint32_t n) {
  head();
  buf_printf(&b, "  step a \"x\" for each n in nodes {\n    touch(n), retry %u after 1min\n  }\n}\n", n);
}

/* n variables in scope: fan-outs within each other. */
static void variables(uint32_t n) {
  head();
  put("  step a \"x\" for each v0 in nodes {\n");
  for (uint32_t i = 1; i < n; i++) buf_printf(&b, "for each v%u in nodes {\n", i);
  put("wait 1min\n");
  for (uint32_t i = 1; i < n; i++) put("}\n");
  put("  }\n}\n");
}
/* The same, some of them of a procedure. */
static void inlined_variables(uint32_t n) {
  put("procedure p(a: Node, b: Node, d: Node) {\n  wait 1min\n}\n");
  head();
  put("  step a \"x\" for each v0 in nodes {\n");
  for (uint32_t i = 1; i + 3 < n; i++) buf_printf(&b, "for each v%u in nodes {\n", i);
  put("run p(v0, v0, v0)\n");
  for (uint32_t i = 1; i + 3 < n; i++) put("}\n");
  put("  }\n}\n");
}
static void iterators(uint32_t n) {
  head();
  put("  require ");
  for (uint32_t i = 0; i < n; i++) buf_printf(&b, "every v%u in nodes: ", i);
  put("power of v0 is on \"x\"\n  wait 1min\n}\n");
}
static void blocks(uint32_t n) {
  head();
  for (uint32_t i = 0; i < n; i++) buf_printf(&b, "step s%u \"x\" {\n", i);
  put("wait 1min\n");
  for (uint32_t i = 0; i < n; i++) put("}\n");
  put("}\n");
}
static void inlined(uint32_t n) {
  put("procedure p1() {\n  wait 1min\n}\n");
  for (uint32_t i = 2; i < n; i++) buf_printf(&b, "procedure p%u() {\n  run p%u()\n}\n", i, i - 1);
  head();
  buf_printf(&b, "  run p%u()\n}\n", n - 1);
}

static const struct { const char *name; void (*make)(uint32_t); uint32_t limit; } limits[] = {
  {"parameters", parameters, LIMIT_PARAMS},
  {"action parameters", action_parameters, LIMIT_ACTION_PARAMS},
  {"sets", sets, LIMIT_SETS},
  {"words", words, LIMIT_ENUM_WORDS},
  {"attributes", attributes, LIMIT_ATTRS},
  {"kinds", kinds, LIMIT_KINDS},
  {"retries", retries, LIMIT_RETRIES},
  {"variables", variables, LIMIT_SLOTS},
  {"variables with those of a procedure", inlined_variables, LIMIT_SLOTS},
  {"iterators", iterators, LIMIT_ITERATORS},
  {"blocks", blocks, LIMIT_SCOPES},
  {"procedures within procedures", inlined, LIMIT_INLINE},
};

static void at_the_limit_and_one_past_it(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    print_message("%s\n", limits[i].name);
    limits[i].make(limits[i].limit);
    expect_limit(0);
    limits[i].make(limits[i].limit + 1);
    expect_limit(1);
  }
  buf_done(&b);
}

static void many_mistakes_are_counted(void **state) {
  (void)state;
  head();
  put("  step a \"x\" for each n in nodes {\n");
  for (uint32_t i = 0; i < 5000; i++) buf_printf(&b, "    tuch%u(n)\n", i);
  put("  }\n}\n");
  Compilation *c = checked_runbook(b.data);
  assert_int_equal(diag_errors(c->sink), 5000);
  assert_int_equal(diag_count(c->sink), LIMIT_DIAGNOSTICS);
  compilation_free(c);
  buf_done(&b);
}

/* A long way round through procedures is walked without recursion. */
static void long_chains_end(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 50000; i++) buf_printf(&b, "procedure p%u() {\n  run p%u()\n}\n", i, (i + 1) % 50000);
  Compilation *c = checked_runbook(b.data);
  assert_int_equal(count_code(c, E_RECURSION), 1);
  compilation_free(c);
  buf_done(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(at_the_limit_and_one_past_it),
    cmocka_unit_test(many_mistakes_are_counted),
    cmocka_unit_test(long_chains_end),
  };
  return cmocka_run_group_tests_name("check_limits", tests, NULL, NULL);
}
