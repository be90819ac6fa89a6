/* Sites and tests as plain data: what is written arrives, named. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "lang/compile.h"

#include <stdlib.h>
#include <string.h>

static const char text[] =
    "kind Rack { key name : text }\nkind Node in Rack { key name : text\n  bmc : text }\n"
    "fact power of Node : on, off\nrole lead\nchannel ops\nmetric load of Rack : int\nsetting pace of Rack : slow, fast\n"
    "automation bot \"Bot\" {\n  on n: Node\n  lock takes 1s, at most 1min, quiet within 1min\n}\n"
    "action cut(n: Node) \"Cut\" { makes power of n is off  takes 1min  undo none  repeat safe }\n"
    "site here \"Here\" {\n"
    "  zone \"UTC\"\n"
    "  fleet csv \"fleet.csv\"\n"
    "  bind cut(n) by exec \"/bin/cut\" \"--node=${n.name}\" n.bmc n.rack.name\n"
    "  bind power of n: Node by exec \"/bin/power\" every 10s\n"
    "  bind bot lock(x) by exec \"/bin/bot\" \"lock\" x.name\n"
    "  bind bot unlock(x) by exec \"/bin/bot\" \"unlock\" x.name\n"
    "  bind bot state(x) by exec \"/bin/bot\" \"state\" x.name\n"
    "  metric load of Rack : int exec \"/bin/load\" stale after 2min\n"
    "  role lead signers \"keys/lead\"\n"
    "  channel ops exec \"/bin/say\"\n"
    "}\n"
    "runbook t \"T\" {\n  owner \"tests\"\n  param p : duration\n  select nodes = n in Node\n"
    "  step down for each n in nodes, 1 at once { cut(n) else set aside n \"no\" }\n"
    "  gate \"go?\" by lead as go for each n in nodes within 1h else fail \"no\"\n}\n"
    "test \"it works\" of t {\n"
    "  given fleet \"f.csv\"\n"
    "  given param p = 30min\n"
    "  given cut on node \"n1\" fails once\n"
    "  given cut is unknown 3 times, landing 12min later\n"
    "  given bot unlock fails always\n"
    "  given power of node \"n2\" is off\n"
    "  given no answer to go on node \"n1\"\n"
    "  given crash during step down, resume after 20min\n"
    "  given seed 7\n"
    "  given start 2026-01-05 11:00 in \"America/Phoenix\"\n"
    "  expect outcome completed\n"
    "  expect handed over node \"n1\", \"n2\"\n"
    "  expect nothing kept out\n"
    "  expect every automation unlocked except on node \"n1\"\n"
    "  expect power of node \"n2\" is not on\n"
    "  expect nodes out at most 3, finish within 8h\n"
    "}\n";

static int begin(void **state) {
  Compilation *c = compilation_new(NULL);
  char *copy = arena_alloc(c->arena, sizeof text + 1);
  memcpy(copy, text, sizeof text);
  compilation_add(c, source_add(c->map, "here.runbook", copy, sizeof text - 1));
  if (!compilation_check(c)) fail_msg("%s", diag_get(c->sink, 0)->message);
  *state = c;
  return 0;
}

static int finish(void **state) {
  compilation_free(*state);
  return 0;
}

static const SiteImage *site(Compilation *c) { return compile_site(c, (SiteDecl *)c->sites.items[0]->decl, c->arena); }

static const SiteBinding *binding(const SiteImage *s, SiteBindWhat what) {
  for (uint32_t i = 0; i < s->binding_count; i++)
    if (s->bindings[i].what == what) return &s->bindings[i];
  fail_msg("nothing of that sort is bound");
  return NULL;
}

static void a_site_names_its_place(void **state) {
  const SiteImage *s = site(*state);
  assert_string_equal(s->name, "here");
  assert_string_equal(s->title, "Here");
  assert_string_equal(s->zone, "UTC");
  assert_string_equal(s->fleet_format, "csv");
  assert_string_equal(s->fleet_path, "fleet.csv");
  assert_int_equal(s->role_count, 1);
  assert_string_equal(s->roles[0].name, "lead");
  assert_string_equal(s->roles[0].signers, "keys/lead");
}

static void arguments_are_literals_and_paths(void **state) {
  const SiteBinding *b = binding(site(*state), SITE_ACTION);
  assert_string_equal(b->name, "cut");
  assert_string_equal(b->driver, "exec");
  assert_string_equal(b->file, "here.runbook");
  assert_true(b->line > 1);
  assert_int_equal(b->arg_count, 4);
  assert_int_equal(b->args[1].part_count, 2);
  assert_string_equal(b->args[1].parts[0].literal, "--node=");
  assert_null(b->args[1].parts[1].literal);
  assert_string_equal(b->args[1].parts[1].path[0], "name");
  assert_int_equal(b->args[2].parts[0].param, 0);
  assert_string_equal(b->args[2].parts[0].path[0], "bmc");
  assert_int_equal(b->args[3].parts[0].path_len, 2);
  assert_string_equal(b->args[3].parts[0].path[0], "rack");
  assert_string_equal(b->args[3].parts[0].path[1], "name");
}

static void other_bindings_say_what_they_are_of(void **state) {
  const SiteImage *s = site(*state);
  assert_string_equal(binding(s, SITE_FACT)->kind, "Node");
  assert_int_equal(binding(s, SITE_FACT)->every, 10000);
  assert_string_equal(binding(s, SITE_AUTOMATION)->verb, "lock");
  assert_string_equal(binding(s, SITE_METRIC)->kind, "Rack");
  assert_int_equal(binding(s, SITE_METRIC)->every, 120000);
  assert_string_equal(binding(s, SITE_CHANNEL)->name, "ops");
}

static const TestCase *test(Compilation *c) { return compile_test(c, c->tests.items[0], c->arena); }

static const Given *given(const TestCase *t, GivenWhat what, uint32_t nth) {
  for (uint32_t i = 0; i < t->given_count; i++)
    if (t->given[i].what == what && nth-- == 0) return &t->given[i];
  fail_msg("nothing of that sort is given");
  return NULL;
}

static void a_test_says_what_is_given(void **state) {
  const TestCase *t = test(*state);
  assert_string_equal(t->title, "it works");
  assert_string_equal(t->runbook, "t");
  assert_string_equal(t->fleet, "f.csv");
  assert_string_equal(t->params[0].name, "p");
  assert_string_equal(t->params[0].value, "30min");
  assert_int_equal(t->seed, 7);
  assert_true(t->has_start);
  assert_int_equal(t->start_ms, 11 * 3600000);
  assert_string_equal(t->start_zone, "America/Phoenix");
  const Given *g = given(t, GIVEN_ACTION_GOES, 0);
  assert_string_equal(g->member, "n1");
  assert_int_equal(g->outcome, 1);
  assert_int_equal(g->times, 1);
  g = given(t, GIVEN_ACTION_GOES, 1);
  assert_string_equal(g->kind, "");
  assert_int_equal(g->outcome, 2);
  assert_int_equal(g->times, 3);
  assert_int_equal(g->landing, 720000);
  assert_int_equal(given(t, GIVEN_UNLOCK_GOES, 0)->times, 0);
  assert_string_equal(given(t, GIVEN_FACT_IS, 0)->value, "off");
  assert_int_equal(given(t, GIVEN_GATE_SAYS, 0)->answer, -1);
  assert_int_equal(given(t, GIVEN_CRASH_IN, 0)->after, 1200000);
}

static const Expect *expected(const TestCase *t, ExpectWhat what) {
  for (uint32_t i = 0; i < t->expect_count; i++)
    if (t->expects[i].what == what) return &t->expects[i];
  fail_msg("nothing of that sort is expected");
  return NULL;
}

static void a_test_says_what_is_expected(void **state) {
  const TestCase *t = test(*state);
  assert_string_equal(expected(t, EXPECT_RUN_OUTCOME)->value, "completed");
  assert_int_equal(expected(t, EXPECT_HANDED)->member_count, 2);
  assert_string_equal(expected(t, EXPECT_HANDED)->members[1], "n2");
  assert_int_equal(expected(t, EXPECT_KEPT)->member_count, 0);
  assert_string_equal(expected(t, EXPECT_ALL_UNLOCKED)->members[0], "n1");
  assert_string_equal(expected(t, EXPECT_FACT_IS)->value, "on");
  assert_true(expected(t, EXPECT_FACT_IS)->negated);
  assert_int_equal(expected(t, EXPECT_OUT_AT_MOST)->number, 3);
  assert_int_equal(expected(t, EXPECT_ENDS_WITHIN)->number, 8 * 3600000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_site_names_its_place),
    cmocka_unit_test(arguments_are_literals_and_paths),
    cmocka_unit_test(other_bindings_say_what_they_are_of),
    cmocka_unit_test(a_test_says_what_is_given),
    cmocka_unit_test(a_test_says_what_is_expected),
  };
  return cmocka_run_group_tests_name("compile_site", tests, begin, finish);
}
