/* testrun: set up, simulate, compare. */
#include <config.h>

#include "runtime/testrun.h"

#include "runtime/freeze.h"
#include "runtime/program_names.h"
#include "runtime/schema.h"
#include "runtime/testfaults.h"

#include <string.h>

/* A test that names no start begins on a Monday of a winter week, 2026-01-05 19:00 UTC, or when the window opens next. */
#define DEFAULT_START_MS INT64_C(1767639600000)

typedef struct Handed { uint32_t kind; Entity entity; } Handed;

typedef struct Checker {
  const TestCase *test;
  const Program *program;
  const Fleet *fleet;
  Simulation *run;
  TestResult *result;
  DiagSink *sink;
  TurnObserver observer;       /* of the caller, may be all NULL */
  VEC(Handed) handed;          /* what the run handed over by name, and still owns */
} Checker;

const char *run_outcome_text(RunOutcome o) {
  switch (o) {
  case RUN_GOING: return "going";
  case RUN_COMPLETED: return "completed";
  case RUN_ROLLED_BACK: return "rolled_back";
  case RUN_FAILED: return "failed";
  case RUN_REFUSED: return "refused";
  case RUN_STALE: return "stale";
  case RUN_ENDED: return "ended";
  case RUN_CANCELLED: return "cancelled";
  }
  return "?";
}

const char *member_state_text(MemberState s) {
  switch (s) {
  case MEMBER_FREE: return "not part of the run";
  case MEMBER_IN: return "still in";
  case MEMBER_LEFT_OUT: return "left out";
  case MEMBER_SET_ASIDE: return "set aside";
  case MEMBER_KEPT_OUT: return "kept out";
  case MEMBER_DONE: return "done";
  case MEMBER_ROLLED_BACK: return "rolled back";
  }
  return "?";
}

__attribute__((format(printf, 3, 4))) static void failed(Checker *c, const Expect *e, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  buf_printf(&c->result->failures, "%s:%u: ", c->test->file, e->line);
  buf_vprintf(&c->result->failures, format, ap);
  buf_char(&c->result->failures, '\n');
  va_end(ap);
  c->result->passed = false;
}

static Entity named_member(Checker *c, const Expect *e, uint32_t kind, const char *name) {
  Entity member = kind == NONE_INDEX ? ENTITY_NONE : fleet_find(c->fleet, kind, name, strlen(name));
  if (member == ENTITY_NONE) failed(c, e, "the inventory has no %s `%s`", e->kind, name);
  return member;
}

/* ---- one function per kind of expectation ---- */

static void check_outcome(Checker *c, const Expect *e) {
  const char *got = run_outcome_text(c->result->outcome);
  if (strcmp(got, e->value) != 0)
    failed(c, e, "expected outcome %s, got %s: %s", e->value, got, engine_reason(simulation_engine(c->run)));
}

static void watch_event(void *ctx, Engine *e, const Event *event) {
  Checker *c = ctx;
  if (c->observer.event) c->observer.event(c->observer.ctx, e, event);
}

static void watch_note(void *ctx, Engine *e, const Note *note) {
  Checker *c = ctx;
  Handed h = {note->kind_of_entity, note->entity};
  if (note->kind == NOTE_HANDED_OVER) vec_push(&c->handed, h);
  if (c->observer.note) c->observer.note(c->observer.ctx, e, note);
}

/* Handed over by name: itself, or something that belongs to it. */
static bool handed_over(Checker *c, uint32_t kind, Entity e) {
  for (uint32_t i = 0; i < c->handed.len; i++)
    if (fleet_up(c->fleet, c->handed.items[i].kind, c->handed.items[i].entity, kind) == e) return true;
  return false;
}

static bool is_in_state(Checker *c, const Expect *e, uint32_t kind, Entity member, MemberState *ret_state) {
  *ret_state = engine_member(simulation_engine(c->run), kind, member, NULL);
  switch (e->what) {
  case EXPECT_HANDED: return handed_over(c, kind, member);
  case EXPECT_ASIDE: return *ret_state == MEMBER_SET_ASIDE;
  case EXPECT_KEPT: return *ret_state == MEMBER_KEPT_OUT;
  case EXPECT_LEFT: return *ret_state == MEMBER_LEFT_OUT;
  case EXPECT_DONE: return *ret_state == MEMBER_DONE || *ret_state == MEMBER_IN;
  case EXPECT_RUN_OUTCOME:
  case EXPECT_ALL_UNLOCKED:
  case EXPECT_FACT_IS:
  case EXPECT_OUT_AT_MOST:
  case EXPECT_ENDS_WITHIN: break;
  }
  return false;
}

static const char *state_word(ExpectWhat what) {
  return what == EXPECT_HANDED ? "handed over" : what == EXPECT_ASIDE ? "set aside" : what == EXPECT_KEPT ? "kept out"
       : what == EXPECT_LEFT ? "left out" : "done";
}

/* `expect nothing handed over`: no member of any kind is. */
static void check_nothing(Checker *c, const Expect *e) {
  if (e->what == EXPECT_HANDED) {
    if (c->handed.len)
      failed(c, e, "expected nothing handed over, but %u members are, `%s` first", c->handed.len,
             fleet_name(c->fleet, c->handed.items[0].kind, c->handed.items[0].entity));
    return;
  }
  for (uint32_t k = 0; k < c->program->kinds_count; k++)
    for (Entity m = 0; m < fleet_count(c->fleet, k); m++) {
      MemberState state;
      if (!is_in_state(c, e, k, m, &state)) continue;
      failed(c, e, "expected nothing %s, but %s `%s` is", state_word(e->what), program_str(c->program, c->program->kinds[k].name),
             fleet_name(c->fleet, k, m));
      return;
    }
}

static void check_members(Checker *c, const Expect *e) {
  if (e->member_count == 0) {
    check_nothing(c, e);
    return;
  }
  uint32_t kind = program_kind(c->program, e->kind);
  for (uint32_t i = 0; i < e->member_count; i++) {
    Entity member = named_member(c, e, kind, e->members[i]);
    MemberState state;
    const char *why = "";
    if (member == ENTITY_NONE || is_in_state(c, e, kind, member, &state)) continue;
    engine_member(simulation_engine(c->run), kind, member, &why);
    failed(c, e, "expected %s `%s` %s, but it is %s%s%s", e->kind, e->members[i], state_word(e->what), member_state_text(state),
           why && *why ? ": " : "", why ? why : "");
  }
}

static bool excepted(Checker *c, const Expect *e, uint32_t kind, Entity member) {
  uint32_t of = e->member_count ? program_kind(c->program, e->kind) : NONE_INDEX;
  for (uint32_t i = 0; i < e->member_count && of != NONE_INDEX; i++) {
    Entity except = fleet_find(c->fleet, of, e->members[i], strlen(e->members[i]));
    if (except != ENTITY_NONE && fleet_up(c->fleet, kind, member, of) == except) return true;
  }
  return false;
}

static void check_unlocked(Checker *c, const Expect *e) {
  for (uint32_t a = 0; a < c->program->automations_count; a++) {
    const AutomationRow *row = &c->program->automations[a];
    const char *name = program_str(c->program, row->name);
    if (*e->subject && strcmp(e->subject, name) != 0) continue;
    for (Entity m = 0; m < fleet_count(c->fleet, row->kind); m++) {
      bool quiet;
      if (!simfleet_locked(simulation_truth(c->run), a, m, 0, &quiet) || excepted(c, e, row->kind, m)) continue;
      failed(c, e, "expected %s unlocked, but it is locked on `%s`", name, fleet_name(c->fleet, row->kind, m));
      return;
    }
  }
}

/* A setting, in truth, at the end. False: there is none of that name. */
static bool check_setting(Checker *c, const Expect *e, uint32_t kind) {
  uint32_t setting = program_setting(c->program, e->subject);
  if (setting == NONE_INDEX) return false;
  Entity member = named_member(c, e, kind, e->members[0]);
  if (member == ENTITY_NONE) return true;
  ValueType type = c->program->settings[setting].type;
  int64_t got = simfleet_setting(simulation_truth(c->run), setting, member);
  const char *is = type.klass == VALUE_ENUM ? program_enum_word(c->program, type.ref, got) : "another";
  if ((strcmp(is, e->value) == 0) == e->negated)
    failed(c, e, "expected %s of %s `%s` is %s%s, but it is %s", e->subject, e->kind, e->members[0], e->negated ? "not " : "", e->value, is);
  return true;
}

static void check_fact(Checker *c, const Expect *e) {
  uint32_t kind = program_kind(c->program, e->kind), fact = program_fact(c->program, e->subject);
  if (fact == NONE_INDEX) {
    if (check_setting(c, e, kind)) return;
    failed(c, e, "the runbook knows no fact `%s`", e->subject);
    return;
  }
  Entity member = named_member(c, e, kind, e->members[0]);
  if (member == ENTITY_NONE) return;
  int64_t got = simfleet_fact(simulation_truth(c->run), fact, kind, member), want = program_fact_code(c->program, fact, e->value);
  if ((got == want) != e->negated) return;
  const char *is = program_enum_word(c->program, c->program->facts[fact].type.ref, got);
  failed(c, e, "expected %s of %s `%s` is %s%s, but it is %s", e->subject, e->kind, e->members[0], e->negated ? "not " : "", e->value, is);
}

static void check(Checker *c, const Expect *e) {
  switch (e->what) {
  case EXPECT_RUN_OUTCOME: check_outcome(c, e); break;
  case EXPECT_HANDED:
  case EXPECT_ASIDE:
  case EXPECT_KEPT:
  case EXPECT_LEFT:
  case EXPECT_DONE: check_members(c, e); break;
  case EXPECT_ALL_UNLOCKED: check_unlocked(c, e); break;
  case EXPECT_FACT_IS: check_fact(c, e); break;
  case EXPECT_OUT_AT_MOST:
    if (c->result->peak_out > e->number)
      failed(c, e, "expected at most %lld nodes out, but %u were", (long long)e->number, c->result->peak_out);
    break;
  case EXPECT_ENDS_WITHIN:
    if (c->result->took <= e->number) break;
    Buf took = BUF_INIT;
    quantity_show(QUANTITY_DURATION, c->result->took, &took);
    failed(c, e, "expected an end in time, but it took %s", took.data);
    buf_done(&took);
    break;
  }
}

/* ---- the run ---- */

static int64_t start_of(const TestCase *test, Arena *arena, DiagSink *sink) {
  if (!test->has_start) return DEFAULT_START_MS;
  const Zone *zone = *test->start_zone ? zone_load(arena, NULL, test->start_zone, sink, (Span){0, 0}) : zone_utc();
  return zone ? zone_instant(zone, (int32_t)test->start_day, (int32_t)test->start_ms, false) : 0;
}

static void run_on(Checker *c, Arena *arena) {
  ParamText *params = arena_new_array(arena, ParamText, c->test->param_count);
  for (uint32_t i = 0; i < c->test->param_count; i++) {
    const TestParam *given = &c->test->params[i];
    params[i] = (ParamText){given->name, given->value, c->test->file, given->line};
  }
  int64_t start = start_of(c->test, arena, c->sink);
  const Frozen *frozen = freeze(c->program, c->fleet, params, c->test->param_count, start, arena, c->sink);
  if (frozen && !c->test->has_start && frozen->opening_count && frozen->openings[0].open > start) {
    start = frozen->openings[0].open;
    frozen = freeze(c->program, c->fleet, params, c->test->param_count, start, arena, c->sink);
  }
  const Faults *faults = frozen ? testfaults(c->test, c->program, c->fleet, arena, c->sink) : NULL;
  if (!faults) return;
  SimulateConfig config = {.program = c->program, .fleet = c->fleet, .frozen = frozen, .faults = faults, .start = start,
                           .observer = {c, watch_event, watch_note}};
  TestResult *r = c->result;
  c->run = simulate(&config);
  *r = (TestResult){.passed = true, .outcome = engine_outcome(simulation_engine(c->run)), .took = simulation_ended(c->run) - start,
                    .events = simulation_events(c->run), .failures = r->failures};
  engine_nodes_out(simulation_engine(c->run), &r->peak_out);
  Expect own = {.line = c->test->line};
  if (simulation_stuck(c->run)) failed(c, &own, "the run never ended: this is a bug of tagout");
  if (!simulation_replayed(c->run)) failed(c, &own, "a replay after the crash came to another state: this is a bug of tagout");
  for (uint32_t i = 0; i < c->test->expect_count; i++) check(c, &c->test->expects[i]);
  r->ended = xcalloc(c->program->code_count, 1);
  memcpy(r->ended, engine_ended(simulation_engine(c->run)), c->program->code_count);
  simulation_free(c->run);
}

TestResult testrun(const TestCase *test, const Program *p, const char *fleet_path, TurnObserver observer, DiagSink *sink) {
  TestResult result = {.impossible = true, .failures = BUF_INIT};
  Arena *arena = arena_new();
  Fleet *fleet = fleet_load(&schema_of_program(p, arena)->fleet, fleet_path, FLEET_BY_NAME, sink);
  Checker c = {.test = test, .program = p, .fleet = fleet, .result = &result, .sink = sink, .observer = observer};
  if (fleet) run_on(&c, arena);
  vec_done(&c.handed);
  fleet_free(fleet);
  arena_free(arena);
  return result;
}
