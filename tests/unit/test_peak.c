/* The numbers of a plan against the engine: on small fleets every node's actions go well or fail in every combination, and the
 * most that were ever out is the peak that was found ahead. With a budget of what is needed nobody waits in vain; with one
 * less, somebody does. What each step took, and the way back from a cancel at any time, is no longer than was said. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "runtime/freeze.h"
#include "runtime/plan_bounds.h"
#include "runtime/schema.h"
#include "runtime/simulate.h"
#include "tests/unit/program_case.h"

#include <stdlib.h>
#include <string.h>

#define START INT64_C(1767639600000)
#define MINUTE INT64_C(60000)
#define DAY (24 * 60 * MINUTE)
#define SIX 6u

/* What a node's actions do. */
enum { WELL, NO_DRAIN, NO_RETURN, NO_AGAIN, WAYS };

typedef struct Case { ProgramCase c; const Program *p; Fleet *fleet; const Frozen *frozen; PlanBounds bounds; } Case;

static const char library[] =
    "kind Rack { key name : text }\nkind Node in Rack { key name : text }\nfact service of Node : in_service, drained\nrole people\n"
    "action drain(n: Node) \"Drain\" { makes service of n is drained  takes 2min to 9min, at most 10min  undo give_back(n)  repeat safe }\n"
    "action give_back(n: Node) \"Back\" { makes service of n is in_service  takes 1min to 4min, at most 5min  undo none  repeat safe }\n"
    "action again(n: Node) \"Back\" { makes service of n is in_service  takes 1min to 4min, at most 5min  undo none  repeat safe }\n"
    "runbook t \"T\" {\n  owner \"tests\"\n  select racks = r in Rack\n  select nodes = n in Node\n"
    "  select early = n in Node where n.rack.name is \"r1\"\n  select late = n in Node where n.rack.name is not \"r1\"\n";

/* Three racks of two nodes. body: behind the sets; budget: 0 none. */
static void open_case(Case *t, const char *body, int64_t budget) {
  static const char inventory[] = "name,rack\nn1,r1\nn2,r1\nn3,r2\nn4,r2\nn5,r3\nn6,r3\n";
  Buf text = BUF_INIT;
  buf_str(&text, library);
  if (budget) buf_printf(&text, "  budget nodes out: at most %lld at once\n", (long long)budget);
  buf_printf(&text, "%s\n}\n", body);
  *t = (Case){.c = program_case(text.data, E_OVER_BUDGET)};
  t->p = t->c.program;
  buf_done(&text);
  DiagSink *sink = diag_sink_new(t->c.arena, NULL);
  t->fleet = fleet_load_text(&schema_of_program(t->p, t->c.arena)->fleet, "f.csv", FLEET_CSV, inventory, strlen(inventory), sink);
  assert_non_null(t->fleet);
  t->frozen = freeze(t->p, t->fleet, NULL, 0, START, t->c.arena, sink);
  assert_non_null(t->frozen);
  t->bounds = plan_bounds(t->p, t->fleet, t->frozen, START, t->c.arena, NULL);
}

static void close_case(Case *t) {
  fleet_free(t->fleet);
  program_case_done(&t->c);
}

static uint32_t action(const Case *t, const char *name) {
  for (uint32_t i = 0; i < t->p->actions_count; i++)
    if (strcmp(program_str(t->p, t->p->actions[i].name), name) == 0) return i;
  return NONE_INDEX; /* the runbook does not use it */
}

static uint32_t node_kind(const Case *t) { return fleet_kind_index(fleet_schema(t->fleet), "Node"); }

typedef struct Watch { const Case *of; int64_t begin[8]; int64_t cancelled; } Watch;

/* A second for each reading that may come in between: the bounds leave readings out. */
static void watch(void *ctx, Engine *e, const Note *note) {
  Watch *w = ctx;
  (void)e;
  if (note->kind == NOTE_STEP_BEGIN) w->begin[note->subject] = note->at;
  if (note->kind != NOTE_STEP_END) return;
  int64_t took = note->at - w->begin[note->subject], most = w->of->bounds.steps[note->subject].lasts;
  if (took > most + MINUTE) fail_msg("step %u took %lld ms of %lld", note->subject, (long long)took, (long long)most);
}

/* One run; the most that were out. */
static uint32_t run(const Case *t, const Faults *faults, bool timed, int64_t *ret_took) {
  Watch w = {.of = t};
  SimulateConfig config = {.program = t->p, .fleet = t->fleet, .frozen = t->frozen, .faults = faults, .start = START};
  if (timed) config.observer = (TurnObserver){&w, NULL, watch};
  Simulation *s = simulate(&config);
  uint32_t peak;
  assert_false(simulation_stuck(s));
  engine_nodes_out(simulation_engine(s), &peak);
  if (ret_took && simulation_ended(s) - START > *ret_took) *ret_took = simulation_ended(s) - START;
  simulation_free(s);
  return peak;
}

/* Every combination of what the nodes do, under two seeds of durations. */
static uint32_t run_all(const Case *t, bool timed, int64_t *ret_longest) {
  static const char *const names[] = {"", "drain", "give_back", "again"};
  uint32_t most = 0, all = 1;
  int64_t longest = 0;
  for (uint32_t i = 0; i < SIX; i++) all *= WAYS;
  for (uint32_t n = 0; n < 2 * all; n++) {
    Fault items[SIX];
    Faults faults = {.items = items, .seed = n < all ? 7 : 11};
    uint32_t ways = n % all;
    bool new = true; /* not the same as another combination */
    for (uint32_t node = 0; node < SIX; node++, ways /= WAYS) {
      uint32_t a = ways % WAYS == WELL ? 0 : action(t, names[ways % WAYS]);
      new &= a != NONE_INDEX;
      if (ways % WAYS == WELL) continue;
      items[faults.count++] = (Fault){.kind = FAULT_ACTION, .subject = a, .on_kind = node_kind(t), .on = node, .outcome = OUT_FAILED};
    }
    if (!new) continue;
    uint32_t peak = run(t, &faults, timed, &longest);
    if (peak > most) most = peak;
  }
  if (ret_longest) *ret_longest = longest;
  return most;
}

static void peak_is(const char *body, int64_t peak) {
  Case t;
  open_case(&t, body, 0);
  uint32_t seen = run_all(&t, true, NULL);
  if (t.bounds.peak.most != peak || seen != peak)
    fail_msg("by hand %lld, found ahead %lld, seen %u: %s", (long long)peak, (long long)t.bounds.peak.most, seen, body);
  close_case(&t);
}

#define AGAIN "{ drain(n) else set aside n \"no drain\"\n again(n) else set aside n \"no return\" }\n"
#define CYCLE "{ drain(n) else set aside n \"no drain\"\n give_back(n) else set aside n \"no return\" }\n"

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most_of(int64_t a, int64_t b) { return a > b ? a : b; }

/* ---- what is out ---- */

static void limit_and_those_set_aside(void **state) {
  (void)state;
  for (int64_t k = 1; k <= 4; k++)
    for (int64_t m = 0; m <= 3; m++) {
      Buf b = BUF_INIT;
      buf_printf(&b, "  step a \"A\" for each n in nodes, %lld at once, stop after %lld nodes set aside " CYCLE, (long long)k, (long long)m);
      peak_is(b.data, least(SIX, k + m));
      buf_done(&b);
    }
}

static void waves_keep_those_set_aside_before(void **state) {
  (void)state;
  for (int64_t k1 = 1; k1 <= 2; k1++)
    for (int64_t m1 = 0; m1 <= 1; m1++)
      for (int64_t k2 = 1; k2 <= 3; k2++) {
        Buf b = BUF_INIT;
        buf_printf(&b, "  step a \"A\" for each n in early, %lld at once, stop after %lld nodes set aside " CYCLE, (long long)k1, (long long)m1);
        buf_printf(&b, "  step b \"B\" for each n in late, %lld at once, stop after 1 nodes set aside " CYCLE, (long long)k2);
        peak_is(b.data, most_of(least(2, k1 + m1), m1 + least(4, k2 + 1)));
        buf_done(&b);
      }
}

static void the_same_members_again(void **state) {
  (void)state;
  peak_is("  step a \"A\" for each n in nodes, 2 at once, stop after 1 nodes set aside " CYCLE
          "  step b \"B\" for each n in nodes, 2 at once, stop after 1 nodes set aside " AGAIN, 4);
  peak_is("  step a \"A\" for each n in nodes, 3 at once, stop after 2 nodes set aside " CYCLE
          "  step b \"B\" for each n in nodes, 3 at once, stop after 2 nodes set aside " AGAIN, 6);
}

static void done_and_still_out_count_all(void **state) {
  (void)state;
  peak_is("  step a \"A\" for each n in nodes, 2 at once { drain(n) }\n  step b \"B\" for each n in nodes, 2 at once { give_back(n) }\n", 6);
  peak_is("  step a \"A\" for each n in late, 2 at once { drain(n) }\n  step b \"B\" for each n in early, 1 at once { drain(n)\n give_back(n) }\n", 5);
}

#define RACKS_THROUGH \
  "{\n for each n in nodes of r, all at once { drain(n) else set aside r \"no drain\" }\n" \
  "    for each n in nodes of r, all at once { give_back(n) else set aside r \"no return\" }\n }\n"

static void racks_count_what_is_in_them(void **state) {
  (void)state;
  peak_is("  step a \"A\" for each r in racks, 1 at once " RACKS_THROUGH, 2);
  peak_is("  step a \"A\" for each r in racks, 1 at once, stop after 1 racks set aside " RACKS_THROUGH, 4);
  peak_is("  step a \"A\" for each r in racks, 2 at once, stop after 1 racks set aside " RACKS_THROUGH, 6);
  peak_is("  step a \"A\" for each r in racks, 1 at once { for each n in nodes of r, 1 at once " CYCLE "}\n", 2);
  peak_is("  step a \"A\" for each r in racks, 1 at once, stop after 0 racks set aside { for each n in nodes of r, 1 at once " CYCLE "}\n", 6);
  peak_is("  step a \"A\" for each r in racks, 1 at once { for each n in nodes of r, 1 at once { drain(n)\n give_back(n) else set aside r \"x\" } }\n", 2);
}

static void limits_by_group(void **state) {
  (void)state;
  peak_is("  step a \"A\" for each n in nodes, 6 at once, 1 at once per rack " CYCLE, 3);
  peak_is("  step a \"A\" for each n in nodes, 2 at once, 1 at once per rack, stop after 1 nodes set aside " CYCLE, 3);
}

static void a_rack_leaves_with_its_nodes(void **state) {
  (void)state;
  peak_is("  step a \"A\" for each n in nodes, 2 at once, stop after 1 racks set aside { drain(n) else set aside n.rack \"x\"\n"
          " give_back(n) else set aside n.rack \"x\" }\n", 4);
}

static void a_roll_back_begins_with_who_is_out(void **state) {
  (void)state;
  peak_is("  attempt {\n  step a \"A\" for each n in nodes, 2 at once, stop after 1 nodes set aside { drain(n) }\n"
          "  step b \"B\" for each n in nodes, 2 at once { give_back(n) }\n  } roll back {\n"
          "  step c \"C\" for each n in nodes, 2 at once, stop after 6 nodes set aside { give_back(n) }\n  }\n", 6);
}

/* Not exact, and never below: whatever happens, cancels, crashes, silence. */
static void never_above(void **state) {
  (void)state;
  static const char *const bodies[] = {
      "  attempt {\n  step a \"A\" for each r in racks, 2 at once, stop after 1 racks set aside " RACKS_THROUGH
      "  } roll back {\n  step c \"C\" for each n in nodes where service of n is drained, 3 at once, stop after 6 nodes set aside { give_back(n) }\n  }\n",
      "  step a \"A\" for each n in nodes, 3 at once, stop after 2 nodes set aside { drain(n), retry 2 after 1min\n wait 3min\n give_back(n) }\n"
      "  step b \"B\" for each r in racks, 1 at once, stop after 1 racks set aside { for each n in nodes of r, 1 at once, stop after 1 nodes set aside"
      " else set aside r \"two\" " CYCLE "}\n"};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    Case t;
    open_case(&t, bodies[i], 0);
    for (uint64_t seed = 1; seed <= 600; seed++) {
      Fault trouble = {.kind = seed % 3 ? FAULT_CANCEL : FAULT_CRASH, .subject = 0, .on_kind = NONE_INDEX, .on = ENTITY_NONE,
                       .after = (int64_t)(seed % 20) * MINUTE, .value = 10 * MINUTE};
      Faults faults = {.items = &trouble, .count = seed % 2, .seed = seed, .rate_failed = 200000, .rate_unknown = 100000, .rate_silent = 20000};
      uint32_t peak = run(&t, &faults, false, NULL);
      if (peak > t.bounds.peak.most) fail_msg("seed %llu: %u are out, never above %lld", (unsigned long long)seed, peak, (long long)t.bounds.peak.most);
    }
    close_case(&t);
  }
}

/* ---- waiting for the budget ---- */

static void needs(const char *body, int64_t need) {
  Case enough, less;
  int64_t longest;
  open_case(&enough, body, need);
  assert_int_equal(enough.bounds.peak.need, need);
  run_all(&enough, false, &longest);
  assert_true(longest < DAY);
  close_case(&enough);
  if (need == 1) return;
  open_case(&less, body, need - 1);
  DiagSink *sink = diag_sink_new(less.c.arena, NULL);
  assert_false(plan_bounds_check(less.p, less.fleet, &less.bounds, sink));
  assert_int_equal(diag_get(sink, 0)->code, E_STARVES);
  run_all(&less, false, &longest);
  if (longest < DAY) fail_msg("nobody waits in vain for %lld: %s", (long long)need - 1, body);
  close_case(&less);
}

static void nobody_waits_in_vain(void **state) {
  (void)state;
  needs("  step a \"A\" for each n in nodes, 1 at once " CYCLE, 1);
  needs("  step a \"A\" for each n in nodes, 3 at once " CYCLE, 3);
  needs("  step a \"A\" for each n in nodes, 3 at once, stop after 2 nodes set aside " CYCLE, 5);
  needs("  step a \"A\" for each n in nodes, 3 at once { drain(n) }\n  step b \"B\" for each n in nodes, 3 at once { give_back(n) }\n", 6);
  needs("  step a \"A\" for each r in racks, 1 at once " RACKS_THROUGH, 2);
  needs("  step a \"A\" for each r in racks, 2 at once " RACKS_THROUGH, 4);
}

/* ---- turning back ---- */

static void turning_back_takes_no_longer(void **state) {
  (void)state;
  Case t;
  open_case(&t,
            "  attempt {\n  step a \"A\" for each n in nodes, 2 at once, stop after 1 nodes set aside { drain(n), retry 1 after 3min\n wait 4min }\n"
            "  step b \"B\" { wait 1h }\n  } roll back {\n  wait 5min\n"
            "  step c \"C\" for each n in nodes, 3 at once, stop after 6 nodes set aside { give_back(n), retry 2 after 1min }\n  }\n", 0);
  const WorstStep *a = &t.bounds.steps[0], *b = &t.bounds.steps[1], *c = &t.bounds.steps[2];
  int64_t member = (2 * 10 + 3 + 4) * MINUTE, undo = (5 + 2 * (3 * 5 + 2)) * MINUTE;
  assert_int_equal(a->lasts, 3 * member);
  assert_int_equal(a->finish, member);
  assert_int_equal(a->undo, undo);
  assert_int_equal(a->release, 0);
  assert_int_equal(a->back, member + undo);
  assert_int_equal(b->lasts, 60 * MINUTE);
  assert_int_equal(b->back, undo);
  assert_int_equal(c->back, -1);
  for (int64_t after = 0; after < 60; after++) {
    Fault cancel = {.kind = FAULT_CANCEL, .subject = (uint32_t)(after % 2), .on_kind = NONE_INDEX, .on = ENTITY_NONE, .after = after * MINUTE};
    Faults faults = {.items = &cancel, .count = 1, .seed = (uint64_t)after, .rate_failed = 100000};
    int64_t took = 0;
    run(&t, &faults, true, &took);
    assert_true(took <= a->lasts + b->lasts + a->back + 5 * MINUTE);
  }
  close_case(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(limit_and_those_set_aside),  cmocka_unit_test(waves_keep_those_set_aside_before),
      cmocka_unit_test(the_same_members_again),     cmocka_unit_test(done_and_still_out_count_all),
      cmocka_unit_test(racks_count_what_is_in_them), cmocka_unit_test(limits_by_group),
      cmocka_unit_test(a_rack_leaves_with_its_nodes), cmocka_unit_test(a_roll_back_begins_with_who_is_out),
      cmocka_unit_test(never_above),                cmocka_unit_test(nobody_waits_in_vain),
      cmocka_unit_test(turning_back_takes_no_longer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
