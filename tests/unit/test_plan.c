/* The plan file: what is written is read; whatever is changed in it is refused; what has changed in the fleet is named. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "runtime/plan.h"
#include "runtime/schema.h"

#include "tests/unit/sample_program.h"

#include <stdlib.h>
#include <string.h>

typedef struct Fixture { Arena *arena; const Program *program; Fleet *fleet; Plan *plan; Buf bytes; } Fixture;

static const char inventory[] = "name,rack\nn1,r1\nn2,r1\nn3,r2\n";

static Fleet *load(Fixture *f, const char *csv) {
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  return fleet_load_text(&schema_of_program(f->program, f->arena)->fleet, "f.csv", FLEET_CSV, csv, strlen(csv), sink);
}

static const Frozen *frozen(Fixture *f, const Fleet *fleet) {
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  static const ParamText of_incident[] = {{.name = "node", .value = "n1"}};
  const Frozen *out = freeze(f->program, fleet, of_incident, 1, 1767639600000, f->arena, sink);
  assert_non_null(out);
  return out;
}

static int begin(void **state) {
  static const char *const path[] = {"rack", "name"};
  static const SitePart parts[] = {{.literal = "node="}, {.param = 0, .path = path, .path_len = 2}};
  static const SiteArg args[] = {{parts, 2}};
  static const SiteBinding bindings[] = {{.what = SITE_ACTION, .name = "shut_down", .verb = "", .kind = "", .driver = "exec", .args = args,
                                          .arg_count = 1, .file = "s.runbook", .line = 3}};
  static const SiteSigners roles[] = {{.name = "facility", .signers = "keys/facility", .revoked = "keys/old", .quorum = 2, .approves = true}};
  static const SiteImage site = {.name = "phx", .title = "Phoenix", .zone = "UTC", .fleet_format = "csv", .fleet_path = "f.csv",
                                 .bindings = bindings, .binding_count = 1, .roles = roles, .role_count = 1};
  Fixture *f = xcalloc(1, sizeof *f);
  f->arena = arena_new();
  f->program = sample_program(f->arena);
  f->fleet = load(f, inventory);
  static const ParamText params[] = {{.name = "soft", .value = "10min"}};
  f->plan = plan_make(f->program, f->fleet, frozen(f, f->fleet), "f.csv", &site, "/site", params, 1, 1767639600000, f->arena);
  plan_write(f->plan, &f->bytes);
  *state = f;
  return 0;
}

static int finish(void **state) {
  Fixture *f = *state;
  buf_done(&f->bytes);
  fleet_free(f->fleet);
  arena_free(f->arena);
  free(f);
  return 0;
}

static void what_is_written_is_read(void **state) {
  Fixture *f = *state;
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  Plan *p = plan_read("a.plan", f->bytes.data, f->bytes.len, f->arena, sink);
  assert_non_null(p);
  assert_int_equal(diag_count(sink), 0);
  assert_string_equal(p->digest, f->plan->digest);
  assert_string_equal(p->fleet_path, "f.csv");
  assert_int_equal(p->start, f->plan->start);
  assert_int_equal(p->param_count, 1);
  assert_string_equal(p->params[0].value, "10min");
  assert_int_equal(p->target_count, 1);
  assert_string_equal(p->targets[0].members[2], "n3");
  assert_string_equal(p->site->bindings[0].args[0].parts[1].path[1], "name");
  assert_string_equal(p->site->roles[0].signers, "keys/facility");
  assert_string_equal(p->site->roles[0].revoked, "keys/old");
  assert_int_equal(p->site->roles[0].quorum, 2);
  assert_true(p->site->roles[0].approves);
  assert_memory_equal(p->program->digest, f->program->digest, 32);
  Buf again = BUF_INIT;
  plan_write(p, &again);
  assert_string_equal(again.data, f->bytes.data);
  buf_done(&again);
}

static void whatever_is_changed_is_refused(void **state) {
  Fixture *f = *state;
  for (size_t i = 0; i < f->bytes.len; i += 7) { /* any byte; white space between values is the only thing that may change */
    char before = f->bytes.data[i];
    if (before == ' ' || before == '\n') continue;
    f->bytes.data[i] = before == 'x' ? 'y' : 'x';
    DiagSink *sink = diag_sink_new(f->arena, NULL);
    assert_null(plan_read("a.plan", f->bytes.data, f->bytes.len, f->arena, sink));
    assert_true(diag_errors(sink) > 0);
    f->bytes.data[i] = before;
  }
  for (size_t len = 0; len + 2 < f->bytes.len; len += 101) {
    DiagSink *sink = diag_sink_new(f->arena, NULL);
    assert_null(plan_read("a.plan", f->bytes.data, len, f->arena, sink));
    assert_int_equal(diag_get(sink, 0)->code, E_PLAN_FILE);
    assert_non_null(diag_get(sink, 0)->notes); /* how to come by a good one */
  }
}

static void what_has_changed_is_named(void **state) {
  Fixture *f = *state;
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  f->plan->made_at = 1767639600000;
  assert_true(plan_is_fresh(f->plan, f->fleet, frozen(f, f->fleet), f->plan->made_at, sink));
  Fleet *today = load(f, "name,rack\nn2,r1\nn1,r1\nn3,r2\n"); /* another order is no other fleet */
  assert_true(plan_is_fresh(f->plan, today, frozen(f, today), 0, sink));
  assert_int_equal(diag_count(sink), 0);
  fleet_free(today);
  today = load(f, "name,rack\nn1,r1\nn3,r2\nn4,r2\n");
  assert_false(plan_is_fresh(f->plan, today, frozen(f, today), f->plan->made_at + 3 * 3600000, sink));
  assert_non_null(strstr(diag_get(sink, 0)->message, "since the plan was made 3h ago: "));
  assert_int_equal(diag_get(sink, 0)->code, E_PLAN_STALE);
  assert_non_null(strstr(diag_get(sink, 0)->message, "n2 is no longer in it"));
  assert_non_null(strstr(diag_get(sink, 0)->message, "n4 is new in it"));
  fleet_free(today);
}

/* The vectors of FIPS 180-2, and of nothing. */
static void a_digest_is_sha_256(void **state) {
  (void)state;
  char text[DIGEST_HEX];
  digest_hex("abc", 3, text);
  assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  digest_hex(NULL, 0, text);
  assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(what_is_written_is_read), TEST(whatever_is_changed_is_refused), TEST(what_has_changed_is_named),
                                     TEST(a_digest_is_sha_256)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
