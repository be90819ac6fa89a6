/* The simulated world: commands take their contract's time, faults strike where they are told to, late effects land late,
 * automations that are free act and locked ones do not, and the same seed gives the same events. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "runtime/schema.h"
#include "runtime/world_sim.h"

#include "tests/unit/sample_program.h"

#include <stdlib.h>
#include <string.h>

#define START INT64_C(1767639600000)
enum { ON = 1, OFF = 2, SHUT_DOWN = 0, ANVIL = 0, POWER = 0, GO = 0 };

typedef struct Fixture { Arena *arena; const Program *program; Fleet *fleet; int64_t params[1]; World *world; uint64_t last; } Fixture;

static int begin(void **state) {
  static const char csv[] = "name,rack\nn1,r1\nn2,r1\nn3,r2\n";
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
  if (f->world) f->world->ops->free(f->world);
  fleet_free(f->fleet);
  arena_free(f->arena);
  free(f);
  return 0;
}

static void make_world(Fixture *f, const Faults *faults) {
  if (f->world) f->world->ops->free(f->world);
  SimConfig config = {.program = f->program, .fleet = f->fleet, .params = f->params, .faults = faults, .start = START, .wake_fd = -1};
  f->world = world_sim_new(&config);
  f->last = 0;
}

static uint64_t send(Fixture *f, CommandKind kind, uint32_t subject, Entity e, int64_t within) {
  int64_t now = f->world->ops->now(f->world);
  Command c = {.id = ++f->last, .kind = kind, .subject = subject, .entity = e, .kind_of_entity = SAMPLE_NODE, .arg_count = 1,
               .args = {e}, .issued = now, .deadline = within ? now + within : 0, .attempt = 1};
  f->world->ops->submit(f->world, &c);
  return c.id;
}

static Event next(Fixture *f) {
  Event e = {.kind = EVENT_TICK};
  assert_int_equal(f->world->ops->wait(f->world, INT64_MAX, &e, 1), 1);
  return e;
}
static void nothing_more(Fixture *f) {
  Event e;
  assert_int_equal(f->world->ops->wait(f->world, INT64_MAX, &e, 1), 0);
}
static int64_t power(Fixture *f, Entity e) { return simfleet_fact(world_sim_fleet(f->world), POWER, SAMPLE_NODE, e); }
static void lock_all(Fixture *f) { /* so that the automation of the sample stays quiet */
  for (Entity e = 0; e < 3; e++) {
    send(f, COMMAND_LOCK, ANVIL, e, 60000);
    assert_int_equal(next(f).outcome, OUT_OK);
  }
}

static void an_action_takes_its_time(void **state) {
  Fixture *f = *state;
  make_world(f, NULL);
  lock_all(f);
  int64_t before = f->world->ops->now(f->world);
  send(f, COMMAND_ACT, SHUT_DOWN, 0, 60000);
  assert_int_equal(power(f, 0), ON);
  Event e = next(f);
  assert_int_equal(e.outcome, OUT_OK);
  assert_in_range(e.at - before, 1000, 60000);
  assert_int_equal(power(f, 0), OFF);
  send(f, COMMAND_READ, POWER, 0, 60000);
  assert_int_equal(next(f).value, OFF);
  send(f, COMMAND_ACT, SHUT_DOWN, 0, 60000); /* its need, power on, does not hold any more */
  assert_int_equal(next(f).outcome, OUT_FAILED);
  nothing_more(f);
}

static void faults_strike_where_they_should(void **state) {
  Fixture *f = *state;
  Fault rules[] = {{.kind = FAULT_ACTION, .subject = SHUT_DOWN, .on_kind = SAMPLE_RACK, .on = 0, .outcome = OUT_FAILED, .times = 1},
                   {.kind = FAULT_READ, .subject = POWER, .on_kind = SAMPLE_NODE, .on = 2, .times = 0}};
  Faults faults = {.items = rules, .count = 2};
  make_world(f, &faults);
  lock_all(f);
  for (Entity e = 0; e < 2; e++) { /* once for each node of the rack */
    send(f, COMMAND_ACT, SHUT_DOWN, e, 60000);
    assert_int_equal(next(f).outcome, OUT_FAILED);
    assert_int_equal(power(f, e), ON);
  }
  send(f, COMMAND_ACT, SHUT_DOWN, 0, 60000);
  assert_int_equal(next(f).outcome, OUT_OK);
  send(f, COMMAND_ACT, SHUT_DOWN, 2, 60000); /* another rack */
  assert_int_equal(next(f).outcome, OUT_OK);
  for (int i = 0; i < 3; i++) {
    send(f, COMMAND_READ, POWER, 2, 60000);
    Event e = next(f);
    assert_int_equal(e.kind, EVENT_READING);
    assert_true(e.value == VALUE_UNKNOWN);
  }
}

static void a_late_effect_lands_late(void **state) {
  Fixture *f = *state;
  Fault rule = {.kind = FAULT_ACTION, .subject = SHUT_DOWN, .on_kind = SAMPLE_NODE, .on = 1, .outcome = OUT_UNKNOWN, .times = 1,
                .landing = 720000};
  Faults faults = {.items = &rule, .count = 1};
  make_world(f, &faults);
  lock_all(f);
  int64_t before = f->world->ops->now(f->world);
  send(f, COMMAND_ACT, SHUT_DOWN, 1, 30000);
  Event e = next(f);
  assert_int_equal(e.outcome, OUT_UNKNOWN);
  assert_int_equal(e.at - before, 30000); /* silence lasts until the deadline */
  assert_int_equal(power(f, 1), ON);
  Event none;
  assert_int_equal(f->world->ops->wait(f->world, before + 30000 + 719999, &none, 1), 0);
  assert_int_equal(power(f, 1), ON);
  assert_int_equal(f->world->ops->wait(f->world, before + 30000 + 720000, &none, 1), 0);
  assert_int_equal(power(f, 1), OFF);
}

static void a_slow_action_is_unknown_at_its_deadline(void **state) {
  Fixture *f = *state;
  make_world(f, NULL);
  lock_all(f);
  send(f, COMMAND_ACT, SHUT_DOWN, 0, 10);
  Event e = next(f);
  assert_int_equal(e.outcome, OUT_UNKNOWN);
  assert_int_equal(power(f, 0), ON);
  nothing_more(f); /* and yet it takes effect */
  assert_int_equal(power(f, 0), OFF);
}

/* The sample's automation switches off what is on, unless it is locked. Unlocking is when it looks. */
static void a_free_automation_acts(void **state) {
  Fixture *f = *state;
  make_world(f, NULL);
  lock_all(f);
  send(f, COMMAND_UNLOCK, ANVIL, 1, 60000);
  assert_int_equal(next(f).outcome, OUT_OK);
  assert_int_equal(power(f, 1), ON);
  nothing_more(f);
  assert_int_equal(power(f, 1), OFF);
  assert_int_equal(power(f, 0), ON); /* locked */
  send(f, COMMAND_INSPECT, ANVIL, 0, 60000);
  assert_int_equal(next(f).value, 1);
  send(f, COMMAND_INSPECT, ANVIL, 1, 60000);
  assert_int_equal(next(f).value, 0);
}

static void people_answer_or_not(void **state) {
  Fixture *f = *state;
  Fault rules[] = {{.kind = FAULT_ANSWER, .subject = GO, .on_kind = SAMPLE_NODE, .on = 1, .times = 0, .value = 0, .after = 5000},
                   {.kind = FAULT_ANSWER, .subject = GO, .on_kind = SAMPLE_NODE, .on = 2, .times = 0, .value = VALUE_UNKNOWN}};
  Faults faults = {.items = rules, .count = 2};
  make_world(f, &faults);
  uint64_t yes = send(f, COMMAND_ASK, GO, 0, 0), no = send(f, COMMAND_ASK, GO, 1, 0);
  send(f, COMMAND_ASK, GO, 2, 0);
  Event e = next(f);
  assert_int_equal(e.command, no);
  assert_int_equal(e.value, 0);
  assert_int_equal(e.at, START + 5000);
  e = next(f);
  assert_int_equal(e.command, yes);
  assert_int_equal(e.value, 1);
  nothing_more(f);
}

static void stopped_and_lost_answers_do_not_come(void **state) {
  Fixture *f = *state;
  make_world(f, NULL);
  lock_all(f);
  uint64_t act = send(f, COMMAND_ACT, SHUT_DOWN, 0, 60000);
  Command stop = {.id = ++f->last, .kind = COMMAND_STOP, .args = {(int64_t)act}};
  f->world->ops->submit(f->world, &stop);
  nothing_more(f);
  send(f, COMMAND_ACT, SHUT_DOWN, 1, 60000);
  world_sim_crash(f->world, f->world->ops->now(f->world) + 600000);
  assert_int_equal(power(f, 1), OFF); /* what was in flight took its effect; nobody heard */
  nothing_more(f);
}

static uint64_t history(Fixture *f, uint64_t seed) {
  Faults faults = {.seed = seed, .rate_failed = 200000, .rate_unknown = 200000, .rate_silent = 300000};
  make_world(f, &faults);
  for (Entity e = 0; e < 3; e++) {
    send(f, COMMAND_LOCK, ANVIL, e, 60000);
    send(f, COMMAND_ACT, SHUT_DOWN, e, 60000);
    send(f, COMMAND_READ, POWER, e, 60000);
  }
  uint64_t hash = 1469598103934665603u;
  Event e;
  while (f->world->ops->wait(f->world, INT64_MAX, &e, 1) == 1)
    hash = ((hash ^ e.command) * 1099511628211u ^ (uint64_t)e.at) * 1099511628211u ^ ((uint64_t)e.outcome << 32 ^ (uint64_t)e.value);
  return hash;
}

static void the_same_seed_gives_the_same_events(void **state) {
  Fixture *f = *state;
  assert_true(history(f, 1) == history(f, 1));
  assert_true(history(f, 1) != history(f, 2));
}

static void a_fault_file_is_read_and_its_mistakes_named(void **state) {
  Fixture *f = *state;
  static const char good[] = "{\"format\": 1, \"seed\": 7, \"rates\": {\"failed\": \"0.5%\"}, \"faults\": ["
                             "{\"action\": \"shut_down\", \"on\": {\"rack\": \"r2\"}, \"outcome\": \"unknown\", \"times\": 2, \"landing\": \"12min\"},"
                             "{\"gate\": \"go\", \"answer\": \"no\", \"after\": \"20min\"},"
                             "{\"fact\": \"power\", \"on\": {\"node\": \"n1\"}, \"is\": \"off\"}]}";
  static const char *const bad[] = {"", "[]", "{\"format\": 2}", "{\"format\": 1, \"faults\": [3]}", "{\"format\": 1, \"faults\": [{}]}",
                                    "{\"format\": 1, \"faults\": [{\"action\": \"fly\", \"outcome\": \"ok\"}]}",
                                    "{\"format\": 1, \"faults\": [{\"action\": \"shut_down\"}]}",
                                    "{\"format\": 1, \"faults\": [{\"action\": \"shut_down\", \"outcome\": \"ok\", \"on\": {\"rack\": \"r9\"}}]}",
                                    "{\"format\": 1, \"faults\": [{\"action\": \"shut_down\", \"outcome\": \"unknown\", \"landing\": \"12\"}]}",
                                    "{\"format\": 1, \"faults\": [{\"fact\": \"power\", \"is\": \"blue\"}]}",
                                    "{\"format\": 1, \"rates\": {\"failed\": \"150%\"}}",
                                    "{\"format\": 1, \"sed\": 7}",
                                    "{\"format\": 1, \"seed\": \"7\"}",
                                    "{\"format\": 1, \"seed\": -1}",
                                    "{\"format\": 1, \"seed\": 1.5}",
                                    "{\"format\": 1, \"rates\": {\"broken\": \"1%\"}}",
                                    "{\"format\": 1, \"rates\": {\"failed\": 0.005}}",
                                    "{\"format\": 1, \"rates\": {\"failed\": \"60%\", \"unknown\": \"60%\"}}",
                                    "{\"format\": 1, \"rates\": []}",
                                    "{\"format\": 1, \"faults\": {}}",
                                    "{\"format\": 1, \"faults\": [{\"action\": \"shut_down\", \"lock\": \"anvil\", \"outcome\": \"ok\"}]}",
                                    "{\"format\": 1, \"faults\": [{\"action\": \"shut_down\", \"outcome\": \"ok\", \"tmies\": 1}]}",
                                    "{\"format\": 1, \"faults\": [{\"action\": \"shut_down\", \"outcome\": \"ok\", \"landing\": \"12min\"}]}",
                                    "{\"format\": 1, \"faults\": [{\"action\": 1, \"outcome\": \"ok\"}]}",
                                    "{\"format\": 1, \"faults\": [{\"fact\": \"power\", \"is\": \"off\", \"outcome\": \"failed\"}]}",
                                    "{\"format\": 1, \"faults\": [{\"crash\": \"down\"}]}"};
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  const Faults *faults = faults_read(f->program, f->fleet, "f.json", good, sizeof good - 1, f->arena, sink);
  assert_non_null(faults);
  assert_int_equal(faults->count, 3);
  assert_int_equal(faults->seed, 7);
  assert_int_equal(faults->rate_failed, 5000);
  assert_int_equal(faults->items[0].on, 1);
  assert_int_equal(faults->items[0].times, 2);
  assert_int_equal(faults->items[0].landing, 720000);
  assert_int_equal(faults->items[2].value, OFF);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    sink = diag_sink_new(f->arena, NULL);
    assert_null(faults_read(f->program, f->fleet, "f.json", bad[i], strlen(bad[i]), f->arena, sink));
    assert_int_equal(diag_errors(sink), 1);
    assert_int_equal(diag_get(sink, 0)->code, E_FAULT_FILE);
    assert_non_null(diag_get(sink, 0)->notes); /* every one says how to mend it */
  }
}

static void a_fault_file_that_is_written_reads_the_same(void **state) {
  Fixture *f = *state;
  static const char text[] =
      "{\"format\": 1, \"seed\": 7, \"automations\": \"as written\", \"faults\": [\n"
      "  {\"action\": \"shut_down\", \"outcome\": \"failed\", \"nth\": 2},\n"
      "  {\"action\": \"shut_down\", \"outcome\": \"unknown\", \"times\": \"always\", \"landing\": \"12min\"},\n"
      "  {\"fact\": \"power\", \"is\": \"off\", \"at\": {\"action\": \"shut_down\", \"moment\": \"begins\", \"nth\": 3}, \"after\": \"5s\"},\n"
      "  {\"read\": \"power\", \"times\": \"always\", \"at\": {\"run\": \"rolls_back\"}, \"for\": \"30min\"},\n"
      "  {\"late\": \"shut_down\", \"at\": {\"run\": \"ends\"}},\n"
      "  {\"pass\": \"8h\", \"at\": {\"action\": \"shut_down\"}},\n"
      "  {\"crash\": \"run\", \"for\": \"10min\", \"at\": {\"action\": \"shut_down\"}},\n"
      "  {\"cancel\": \"run\", \"at\": {\"action\": \"shut_down\"}}]}\n";
  DiagSink *sink = diag_sink_new(f->arena, NULL);
  const Faults *faults = faults_read(f->program, f->fleet, "f.json", text, sizeof text - 1, f->arena, sink);
  assert_non_null(faults);
  assert_true(faults->as_written);
  assert_int_equal(faults->items[6].value, 600000);
  Buf out = BUF_INIT;
  faults_write(f->program, f->fleet, faults, &out);
  assert_string_equal(out.data, text);
  buf_done(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
int main(void) {
  const struct CMUnitTest tests[] = {TEST(an_action_takes_its_time),        TEST(faults_strike_where_they_should),
                                     TEST(a_late_effect_lands_late),        TEST(a_slow_action_is_unknown_at_its_deadline),
                                     TEST(a_free_automation_acts),          TEST(people_answer_or_not),
                                     TEST(stopped_and_lost_answers_do_not_come), TEST(the_same_seed_gives_the_same_events),
                                     TEST(a_fault_file_is_read_and_its_mistakes_named),
                                     TEST(a_fault_file_that_is_written_reads_the_same)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
