/* A site tied to a program: what is missing is named, arguments are built from the inventory, answers are read strictly. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "runtime/live_bind.h"
#include "runtime/schema.h"

#include "tests/unit/sample_program.h"

#include <stdlib.h>
#include <string.h>

typedef struct Fixture { Arena *arena; const Program *program; Fleet *fleet; } Fixture;

static int begin(void **state) {
  static const char csv[] = "name,rack\nn1,r1\nn2,r1\n";
  Fixture *f = xcalloc(1, sizeof *f);
  f->arena = arena_new();
  f->program = sample_program(f->arena);
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  f->fleet = fleet_load_text(&schema_of_program(f->program, f->arena)->fleet, "f.csv", FLEET_CSV, csv, sizeof csv - 1, sink);
  *state = f;
  return f->fleet ? 0 : -1;
}

static int finish(void **state) {
  Fixture *f = *state;
  fleet_free(f->fleet);
  arena_free(f->arena);
  free(f);
  return 0;
}

static const char *const rack_name[] = {"rack", "name"};
static const SitePart program_parts[] = {{.literal = "./act.sh"}};
static const SitePart node_parts[] = {{.literal = "node="}, {.param = 0}};
static const SitePart rack_parts[] = {{.param = 0, .path = rack_name, .path_len = 2}};
static const SiteArg act_args[] = {{program_parts, 1}, {node_parts, 2}, {rack_parts, 1}};

#define BOUND(what_, name_, verb_) \
  {.what = what_, .name = name_, .verb = verb_, .kind = "", .driver = "exec", .args = act_args, .arg_count = 3, .file = "s.runbook", .line = 7}
static const SiteBinding whole[] = {BOUND(SITE_ACTION, "shut_down", ""),        BOUND(SITE_AUTOMATION, "anvil", "lock"),
                                    BOUND(SITE_AUTOMATION, "anvil", "unlock"),  BOUND(SITE_AUTOMATION, "anvil", "state"),
                                    BOUND(SITE_SETTING, "profile", "set"),      BOUND(SITE_SETTING, "profile", "get"),
                                    BOUND(SITE_FACT, "power", "")};
#define WHOLE (sizeof whole / sizeof *whole)

static SiteImage site_of(const SiteBinding *bindings, uint32_t count) {
  return (SiteImage){.name = "phx", .title = "", .zone = "UTC", .fleet_format = "", .fleet_path = "", .bindings = bindings,
                     .binding_count = count};
}

static void what_is_not_bound_is_named(void **state) {
  Fixture *f = *state;
  for (uint32_t missing = 0; missing + 1 < WHOLE; missing++) { /* all but the fact: what is not read is unknown */
    SiteBinding some[WHOLE];
    uint32_t n = 0;
    for (uint32_t i = 0; i < WHOLE; i++)
      if (i != missing) some[n++] = whole[i];
    SiteImage site = site_of(some, n);
    DiagSink *sink = diag_sink_new(f->arena, NULL);
    assert_null(live_bind(&site, f->program, f->fleet, "/site", f->arena, sink));
    assert_int_equal(diag_errors(sink), 1);
    assert_int_equal(diag_get(sink, 0)->code, E_NOT_BOUND);
    assert_non_null(strstr(diag_get(sink, 0)->message, whole[missing].name));
  }
}

static void a_driver_that_is_not_there_is_named(void **state) {
  Fixture *f = *state;
  static const char *const names[] = {"redfish", "telepathy"};
  for (int i = 0; i < 2; i++) {
    SiteBinding some[WHOLE];
    memcpy(some, whole, sizeof whole);
    some[0].driver = names[i];
    SiteImage site = site_of(some, WHOLE);
    DiagSink *sink = diag_sink_new(f->arena, NULL);
    assert_null(live_bind(&site, f->program, f->fleet, "/site", f->arena, sink));
    const Diag *d = diag_get(sink, 0);
    assert_int_equal(d->code, E_NO_DRIVER);
    assert_string_equal(d->file, "s.runbook");
    assert_int_equal(d->line, 7);
    assert_non_null(strstr(d->message, names[i]));
  }
}

/* The programs of the site in which everything is bound to this one. */
static const Diag *program_check(Fixture *f, const char *program, const char *dir) {
  SiteBinding some[WHOLE];
  SitePart part = {.literal = program};
  SiteArg arg = {&part, 1};
  memcpy(some, whole, sizeof whole);
  some[0].args = &arg, some[0].arg_count = 1;
  for (uint32_t i = 1; i < WHOLE; i++) some[i].arg_count = 0; /* nothing to look for */
  SiteImage site = site_of(some, WHOLE);
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  const LiveBind *b = live_bind(&site, f->program, f->fleet, dir, f->arena, sink);
  assert_non_null(b);
  bool good = live_programs(b, sink);
  assert_int_equal(good, diag_count(sink) == 0);
  return diag_count(sink) ? diag_get(sink, 0) : NULL;
}

static void a_program_that_is_not_there_is_named(void **state) {
  Fixture *f = *state;
  static const char *const bad[] = {"./gone.sh", "/", "", "no-such-program-of-ours", "./passwd"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const Diag *d = program_check(f, bad[i], "/etc");
    assert_non_null(d);
    assert_int_equal(d->code, E_NO_PROGRAM);
    assert_int_equal(d->line, 7);
    assert_non_null(d->notes);
  }
  assert_null(program_check(f, "sh", "/etc"));
  assert_null(program_check(f, "/bin/sh", "/etc"));
  assert_null(program_check(f, "./sh", "/bin"));
}

static const LiveBind *bound(Fixture *f) {
  SiteImage *site = arena_new_object(f->arena, SiteImage);
  *site = site_of(whole, WHOLE);
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  const LiveBind *b = live_bind(site, f->program, f->fleet, "/site", f->arena, sink);
  assert_non_null(b);
  return b;
}

static void arguments_come_from_the_inventory(void **state) {
  Fixture *f = *state;
  const LiveBind *b = bound(f);
  Command c = {.kind = COMMAND_ACT, .subject = 0, .entity = 1, .kind_of_entity = SAMPLE_NODE, .arg_count = 1, .args = {1}};
  char **args = live_args(b, live_binding(b, &c), &c);
  assert_string_equal(args[0], "/site/./act.sh");
  assert_string_equal(args[1], "node=n2");
  assert_string_equal(args[2], "r1");
  assert_null(args[3]);
  live_args_free(args);
  Command notice = {.kind = COMMAND_NOTIFY, .subject = 0, .text = "hello"};
  assert_null(live_binding(b, &notice)); /* a channel that nobody listens to */
}

static int64_t value(const LiveBind *b, const Command *c, const char *output) {
  Buf text = BUF_INIT;
  int64_t v = live_value(b, c, output, 1000000, &text);
  assert_int_equal(text.len, 0);
  buf_done(&text);
  return v;
}

static void answers_are_read_strictly(void **state) {
  Fixture *f = *state;
  const LiveBind *b = bound(f);
  Command read = {.kind = COMMAND_READ, .subject = 0, .kind_of_entity = SAMPLE_NODE}, inspect = {.kind = COMMAND_INSPECT};
  assert_int_equal(value(b, &read, "on\n"), 1);
  assert_int_equal(value(b, &read, "  off and more\n"), 2);
  static const char *const nothing[] = {"", "\n", "ON", "maybe", "unknown", "onoff"};
  for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) assert_true(value(b, &read, nothing[i]) == VALUE_UNKNOWN);
  assert_int_equal(value(b, &inspect, "locked"), 1);
  assert_int_equal(value(b, &inspect, "busy"), 2);
  assert_int_equal(value(b, &inspect, "free"), 0);
  assert_true(value(b, &inspect, "yes") == VALUE_UNKNOWN);
}

/* The sample's fact, as a text. */
static void a_text_is_the_whole_first_line(void **state) {
  Fixture *f = *state;
  Program p = *f->program;
  FactRow facts[] = {p.facts[0]};
  facts[0].type = (ValueType){.klass = VALUE_TEXT};
  p.facts = facts;
  SiteImage site = site_of(whole, WHOLE);
  const LiveBind *b = live_bind(&site, &p, f->fleet, "/site", f->arena, diag_sink_new(f->arena, NULL));
  Command read = {.kind = COMMAND_READ, .subject = 0, .kind_of_entity = SAMPLE_NODE};
  Buf text = BUF_INIT;
  assert_true(live_value(b, &read, "  R52.10 beta \r\nmore\n", 0, &text) != VALUE_UNKNOWN);
  assert_string_equal(text.data, "R52.10 beta");
  char *long_line = xcalloc(1, 300);
  memset(long_line, 'x', 299);
  static const char *const nothing[] = {"", " \n", "\377\376", NULL};
  for (size_t i = 0; nothing[i]; i++) assert_true(live_value(b, &read, nothing[i], 0, &text) == VALUE_UNKNOWN);
  assert_true(live_value(b, &read, long_line, 0, &text) == VALUE_UNKNOWN);
  free(long_line);
  buf_done(&text);
}

static void a_stale_sample_is_unknown(void **state) {
  Fixture *f = *state;
  SiteBinding bindings[WHOLE + 1];
  memcpy(bindings, whole, sizeof whole);
  bindings[WHOLE] = (SiteBinding){.what = SITE_METRIC, .name = "errors", .verb = "", .kind = "", .driver = "exec", .args = act_args,
                                  .arg_count = 3, .file = "s.runbook", .line = 8, .every = 120000};
  SiteImage site = site_of(bindings, WHOLE + 1);
  const LiveBind *b = live_bind(&site, f->program, f->fleet, "/site", f->arena, diag_sink_new(f->arena, NULL));
  Command meter = {.kind = COMMAND_METER, .subject = 0, .kind_of_entity = SAMPLE_NODE};
  assert_int_equal(value(b, &meter, "17\n"), 17);            /* sampled as it was asked; it is 1000 s */
  assert_int_equal(value(b, &meter, "17 900\n"), 17);        /* 100 s ago */
  assert_int_equal(value(b, &meter, "17 880.5 x\n"), 17);
  assert_int_equal(value(b, &meter, "17 1010\n"), 17);       /* a clock that is a little fast */
  assert_true(value(b, &meter, "17 879\n") == VALUE_UNKNOWN); /* 121 s ago */
  assert_true(value(b, &meter, "17 1200\n") == VALUE_UNKNOWN);
  assert_true(value(b, &meter, "17 lately\n") == VALUE_UNKNOWN);
  bindings[WHOLE].every = 0;
  assert_int_equal(value(b, &meter, "17 lately\n"), 17);     /* no `stale after`: as it was */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(a_text_is_the_whole_first_line), TEST(a_stale_sample_is_unknown),
                                     TEST(what_is_not_bound_is_named), TEST(a_driver_that_is_not_there_is_named),
                                     TEST(a_program_that_is_not_there_is_named),
                                     TEST(arguments_come_from_the_inventory), TEST(answers_are_read_strictly)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
