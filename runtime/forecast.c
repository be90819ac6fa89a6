/* forecast: the trials, and what is read off them. */
#include <config.h>

#include "runtime/forecast.h"

#include "runtime/simulate.h"
#include "runtime/testrun.h"

#include <stdlib.h>
#include <string.h>

typedef struct OutAt { int64_t at; uint32_t out; } OutAt;

/* What the observer of the first trial gathers. */
typedef struct Watch {
  StepTime *steps;
  VEC(OutAt) curve;          /* a point whenever the number of nodes out changed */
  uint32_t peak, set_aside, handed_over, actions;
  int64_t peak_at;
  BindTally *binds;
} Watch;

static void watch_event(void *ctx, Engine *e, const Event *event) {
  Watch *w = ctx;
  uint32_t out = engine_nodes_out(e, NULL);
  bind_tally_look(w->binds, e, event->at);
  if (w->curve.len && w->curve.items[w->curve.len - 1].out == out) return;
  OutAt point = {event->at, out};
  vec_push(&w->curve, point);
  if (out <= w->peak) return;
  w->peak = out;
  w->peak_at = event->at;
}

static void watch_note(void *ctx, Engine *e, const Note *note) {
  Watch *w = ctx;
  (void)e;
  if (note->kind == NOTE_SET_ASIDE) w->set_aside++;
  if (note->kind == NOTE_HANDED_OVER) w->handed_over++;
  if (note->kind == NOTE_ACTION_BEGIN) w->actions++;
  if (note->kind == NOTE_STEP_BEGIN && !w->steps[note->subject].seen)
    w->steps[note->subject] = (StepTime){.begin = note->at, .end = note->at, .seen = true};
  if (note->kind == NOTE_STEP_END) w->steps[note->subject].end = note->at;
}

static void fill_curve(Forecast *f, const Watch *w) {
  uint32_t at = 0, out = 0;
  for (uint32_t i = 0; i < FORECAST_CURVE; i++) {
    int64_t t = f->start + f->first_took * (int64_t)i / (int64_t)(FORECAST_CURVE - 1);
    uint32_t most = out; /* the highest between this point and the last: a peak is never lost */
    for (; at < w->curve.len && w->curve.items[at].at <= t; at++) {
      out = w->curve.items[at].out;
      if (out > most) most = out;
    }
    f->curve[i] = most;
  }
}

static void keep_breaches(Forecast *f, Monitor *m, bool faultless, Arena *arena) {
  if (!m) return;
  uint32_t n, kept = 0;
  const Breach *seen = monitor_breaches(m, &n);
  Breach *out = arena_new_array(arena, Breach, n + 1);
  for (uint32_t i = 0; i < n; i++) {
    bool purpose = seen[i].kind == BREACH_LEFT && faultless && f->outcome == RUN_COMPLETED; /* it is there to take them out of service */
    if (seen[i].kind != BREACH_NOT_DONE && !purpose) out[kept++] = seen[i]; /* how it ended the verdict says */
  }
  f->breaches = out;
  f->breach_count = kept;
  monitor_free(m);
}

static void first_trial(Forecast *f, const SimulateConfig *base, StepTime *steps, bool watched, Arena *arena) {
  Watch w = {.steps = steps, .binds = &f->binds};
  SimulateConfig config = *base;
  Monitor *monitor = watched ? monitor_new(base->program, base->fleet, base->frozen) : NULL;
  config.monitor = monitor;
  config.observer = (TurnObserver){&w, watch_event, watch_note};
  Simulation *s = simulate(&config);
  Engine *e = simulation_engine(s);
  f->outcome = engine_outcome(e);
  const char *reason = engine_reason(e);
  f->reason = arena_string(arena, reason ? reason : "", reason ? strlen(reason) : 0);
  f->first_took = simulation_ended(s) - f->start;
  f->events = simulation_events(s);
  f->peak = w.peak;
  f->peak_at = w.peak_at;
  f->set_aside = w.set_aside;
  f->handed_over = w.handed_over;
  f->out_of_window += engine_ran_out_of_window(e);
  f->actions = w.actions;
  for (uint32_t i = 0; i < config.program->steps_count; i++) {
    steps[i].count = engine_step_count(e, i);
    if (steps[i].seen && steps[i].end == steps[i].begin && !steps[i].count.ended) steps[i].end = simulation_ended(s);
  }
  bind_tally_end(&f->binds, simulation_ended(s));
  fill_curve(f, &w);
  vec_done(&w.curve);
  simulation_free(s);
  keep_breaches(f, monitor, base->faults->count == 0, arena);
}

static int by_value(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

/* The value that at least `percent` of the sorted values do not exceed. */
static int64_t nearest_rank(const int64_t *sorted, uint32_t n, uint32_t percent) {
  uint32_t rank = (n * percent + 99) / 100;
  return sorted[rank ? rank - 1 : 0];
}

const Forecast *forecast(const Program *p, const Fleet *fleet, const Frozen *frozen, const Faults *faults, int64_t start,
                         uint32_t trials, bool watched, Arena *arena) {
  Forecast *f = arena_new_object(arena, Forecast);
  StepTime *steps = arena_new_array(arena, StepTime, p->steps_count);
  int64_t *took = arena_new_array(arena, int64_t, trials);
  Faults given = faults ? *faults : (Faults){.seed = 0};
  SimulateConfig config = {.program = p, .fleet = fleet, .frozen = frozen, .faults = &given, .start = start};
  f->trials = trials;
  f->start = start;
  f->steps = steps;
  first_trial(f, &config, steps, watched, arena);
  took[0] = f->first_took;
  f->completed = f->outcome == RUN_COMPLETED;
  for (uint32_t i = 1; i < trials; i++) {
    uint32_t peak;
    given.seed = (faults ? faults->seed : 0) + i;
    Simulation *s = simulate(&config);
    took[i] = simulation_ended(s) - start;
    f->completed += engine_outcome(simulation_engine(s)) == RUN_COMPLETED;
    f->out_of_window += engine_ran_out_of_window(simulation_engine(s));
    engine_nodes_out(simulation_engine(s), &peak);
    if (peak > f->peak) f->peak = peak;
    simulation_free(s);
  }
  qsort(took, trials, sizeof *took, by_value);
  f->p50 = nearest_rank(took, trials, 50);
  f->p90 = nearest_rank(took, trials, 90);
  f->longest = took[trials - 1];
  return f;
}

bool forecast_fails(const Forecast *f) { return f->breach_count > 0 || (f->outcome != RUN_COMPLETED && f->outcome != RUN_ENDED); }

void forecast_failure(const Forecast *f, Buf *out) {
  if (f->breach_count) buf_str(out, "breaks a rule");
  else buf_printf(out, "ends %s: %s", f->outcome == RUN_ROLLED_BACK ? "rolled back" : run_outcome_text(f->outcome), f->reason);
}
