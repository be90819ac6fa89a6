/* simulate: the loop without a journal, and the deaths that a fault plan asks for. */
#include <config.h>

#include "runtime/simulate.h"

#include "runtime/moment.h"
#include "runtime/monitor.h"
#include "runtime/world_sim.h"

#include <stdlib.h>
#include <string.h>

/* An event as it was fed, to be fed again after a crash. */
typedef struct Recorded { Event event; char *text; } Recorded;

/* A crash whose moment has come. */
typedef struct Doom { int64_t at; const Fault *fault; } Doom;

struct Simulation {
  SimulateConfig config;
  Engine *engine;
  World *world;
  Turn turn;
  VEC(Recorded) recorded;  /* when the fault plan has crashes; else nobody is to be fed again */
  uint64_t events;
  bool records;
  VEC(Doom) dooms;
  Moments moments;
  bool replayed, stuck;
};

static void record(void *ctx, Engine *e, const Event *event) {
  Simulation *s = ctx;
  Recorded r = {*event, s->records && event->text ? xstrdup(event->text) : NULL};
  r.event.text = r.text;
  s->events++;
  if (s->records) vec_push(&s->recorded, r);
  if (s->config.monitor) monitor_event(s->config.monitor, e, event);
  if (s->config.observer.event) s->config.observer.event(s->config.observer.ctx, e, event);
}

static void look_for_doom(void *ctx, Engine *e, const Note *note) {
  Simulation *s = ctx;
  uint32_t iterator = 0;
  const Fault *f;
  while ((f = moments_come(&s->moments, s->config.program, s->config.fleet, note, &iterator)) != NULL)
    if (f->kind == FAULT_CRASH) vec_push(&s->dooms, ((Doom){note->at + f->after, f}));
  world_sim_told(s->world, note);
  if (s->config.observer.note) s->config.observer.note(s->config.observer.ctx, e, note);
}

static void start_turn(Simulation *s) {
  TurnObserver observer = {s, record, look_for_doom};
  turn_init(&s->turn, s->engine, s->world, NULL, observer);
}

/* The engine is gone; a new one is fed what was recorded and must ask for the same commands. */
static void crash_and_resume(Simulation *s, const Fault *fault) {
  uint64_t before = engine_digest(s->engine);
  int64_t latest = s->turn.latest;
  turn_done(&s->turn);
  engine_free(s->engine);
  world_sim_crash(s->world, s->world->ops->now(s->world) + fault->value);
  s->engine = engine_new(s->config.program, s->config.fleet, s->config.frozen);
  for (uint32_t i = 0; i < s->recorded.len; i++) engine_feed(s->engine, &s->recorded.items[i].event);
  s->replayed = s->replayed && engine_digest(s->engine) == before;
  start_turn(s);
  s->turn.latest = latest;
  turn_feed(&s->turn, (Event){.kind = EVENT_RESUMED, .value = VALUE_UNKNOWN, .text = "simulated crash"}, NULL);
}

static int64_t next_doom(const Simulation *s, uint32_t *ret_index) {
  int64_t at = INT64_MAX;
  for (uint32_t i = 0; i < s->dooms.len; i++) {
    if (s->dooms.items[i].at >= at) continue;
    at = s->dooms.items[i].at;
    *ret_index = i;
  }
  return at;
}

static void meet_doom(Simulation *s, uint32_t index) {
  const Fault *fault = s->dooms.items[index].fault;
  s->dooms.items[index] = s->dooms.items[--s->dooms.len];
  crash_and_resume(s, fault);
}

#define AFTERMATH_MS (60 * 60 * 1000) /* automations act within minutes */

static void run(Simulation *s) {
  turn_feed(&s->turn, (Event){.kind = EVENT_BEGIN, .value = VALUE_UNKNOWN}, NULL);
  while (engine_outcome(s->engine) == RUN_GOING) {
    uint32_t doomed = 0;
    int64_t doom = next_doom(s, &doomed);
    if (doom <= s->world->ops->now(s->world)) {
      meet_doom(s, doomed);
      continue;
    }
    bool enough = s->config.events_most && s->events >= s->config.events_most;
    if (enough || turn_wait(&s->turn, doom, NULL) == TURN_STUCK) {
      s->stuck = true;
      return;
    }
  }
  if (!s->config.monitor) return;
  monitor_ended(s->config.monitor, s->engine);
  world_sim_rest(s->world, s->turn.latest + AFTERMATH_MS);
}

Simulation *simulate(const SimulateConfig *config) {
  Simulation *s = xcalloc(1, sizeof *s);
  s->config = *config;
  s->replayed = true;
  for (uint32_t i = 0; config->faults && i < config->faults->count; i++) s->records |= config->faults->items[i].kind == FAULT_CRASH;
  SimConfig sim = {.program = config->program, .fleet = config->fleet, .params = config->frozen->params,
                   .texts = config->frozen->texts, .text_count = config->frozen->text_count,
                   .faults = config->faults, .start = config->start, .wake_fd = -1};
  if (config->monitor) sim.watch = (SimWatch){config->monitor, monitor_acted, monitor_landed};
  s->world = world_sim_new(&sim);
  moments_init(&s->moments, config->faults);
  if (config->monitor) monitor_begin(config->monitor, world_sim_truth(s->world));
  s->engine = engine_new(config->program, config->fleet, config->frozen);
  start_turn(s);
  run(s);
  return s;
}

void simulation_free(Simulation *s) {
  if (!s) return;
  turn_done(&s->turn);
  engine_free(s->engine);
  s->world->ops->free(s->world);
  for (uint32_t i = 0; i < s->recorded.len; i++) free(s->recorded.items[i].text);
  vec_done(&s->recorded);
  vec_done(&s->dooms);
  moments_done(&s->moments);
  free(s);
}

Engine *simulation_engine(Simulation *s) { return s->engine; }
const SimFleet *simulation_truth(const Simulation *s) { return world_sim_fleet(s->world); }
bool simulation_stuck(const Simulation *s) { return s->stuck; }
int64_t simulation_ended(const Simulation *s) { return s->turn.latest; }
uint64_t simulation_events(const Simulation *s) { return s->events; }
bool simulation_replayed(const Simulation *s) { return s->replayed; }
