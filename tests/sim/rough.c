/* rough: a world around a world. The clock that it shows is the inner one's and a difference; what it holds back comes at a time
 * of the inner one. */
#include <config.h>

#include "tests/sim/rough.h"

#include "lang/arena.h"
#include "lang/buf.h"
#include "lang/limits.h"
#include "runtime/world_sim.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_MS INT64_C(1000)
#define HOUR_MS (3600 * SECOND_MS)
enum { BATCH = 64 };

typedef enum HeldKind { HELD_EVENT, HELD_UNFLAP } HeldKind;
typedef struct Held {
  int64_t at;                /* of the inner clock */
  HeldKind kind;
  Event event;               /* text: a copy */
  uint32_t fact, fact_kind, entity;
  int64_t value;             /* UNFLAP: what it was */
} Held;

typedef struct Rough {
  World world;
  RoughConfig c;
  World *inner;
  int64_t difference;        /* ms: what the clock shows beyond the inner one */
  uint64_t random;
  VEC(Held) held;
  VEC(char *) texts;         /* of the events handed out last */
  Event ready[BATCH];
} Rough;

/* ---- chance ---- */

static uint64_t next_random(Rough *w) { /* splitmix64 */
  uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint32_t below(Rough *w, uint32_t n) { return n ? (uint32_t)(next_random(w) % n) : 0; }
static bool chance(Rough *w, uint32_t in_ten_thousand) { return in_ten_thousand > 0 && below(w, 10000) < in_ten_thousand; }
static int64_t span(Rough *w, int64_t most) { return (int64_t)(next_random(w) % (uint64_t)most); }

/* ---- what is held back ---- */

static int64_t inner_now(Rough *w) { return w->inner->ops->now(w->inner); }

static void hold_event(Rough *w, const Event *e, int64_t at) {
  Held h = {.at = at, .kind = HELD_EVENT, .event = *e};
  if (e->text) h.event.text = xstrdup(e->text);
  vec_push(&w->held, h);
}

/* The first whose time has come, in the order in which they were held. */
static bool take_held(Rough *w, int64_t now, Held *ret) {
  uint32_t first = UINT32_MAX;
  for (uint32_t i = 0; i < w->held.len; i++)
    if (w->held.items[i].at <= now && (first == UINT32_MAX || w->held.items[i].at < w->held.items[first].at)) first = i;
  if (first == UINT32_MAX) return false;
  *ret = w->held.items[first];
  for (uint32_t i = first; i + 1 < w->held.len; i++) w->held.items[i] = w->held.items[i + 1];
  w->held.len--;
  return true;
}

static int64_t next_held(const Rough *w) {
  int64_t at = INT64_MAX;
  for (uint32_t i = 0; i < w->held.len; i++)
    if (w->held.items[i].at < at) at = w->held.items[i].at;
  return at;
}

static void drop_texts(Rough *w) {
  for (uint32_t i = 0; i < w->texts.len; i++) free(w->texts.items[i]);
  w->texts.len = 0;
}

/* ---- trouble ---- */

static void step_clock(Rough *w) {
  static const int64_t steps[] = {HOUR_MS, -HOUR_MS, 5 * 60 * SECOND_MS, -5 * 60 * SECOND_MS, 26 * HOUR_MS, -SECOND_MS};
  w->difference += steps[below(w, 6)];
  happened(w->c.tally, HAPPENED_CLOCK);
}

/* A fact with words reads as another one of them for a while, as a bad sensor makes it. */
static void flap(Rough *w) {
  const Program *p = w->c.program;
  uint32_t fact = below(w, p->facts_count);
  if (p->facts_count == 0 || p->facts[fact].type.klass != VALUE_ENUM || p->facts[fact].kinds.count == 0) return;
  uint32_t kind = p->index_list[p->facts[fact].kinds.first + below(w, p->facts[fact].kinds.count)];
  if (fleet_count(w->c.fleet, kind) == 0) return;
  Held h = {.kind = HELD_UNFLAP, .at = inner_now(w) + SECOND_MS + span(w, 10 * 60 * SECOND_MS), .fact = fact, .fact_kind = kind,
            .entity = below(w, fleet_count(w->c.fleet, kind))};
  for (uint32_t i = 0; i < w->held.len; i++) { /* one that flaps already would be put back to what it only reads as */
    const Held *o = &w->held.items[i];
    if (o->kind == HELD_UNFLAP && o->fact == fact && o->fact_kind == kind && o->entity == h.entity) return;
  }
  SimFleet *truth = world_sim_truth(w->inner);
  h.value = simfleet_fact(truth, fact, kind, h.entity);
  uint32_t words = p->enums[p->facts[fact].type.ref].words.count;
  if (h.value == VALUE_UNKNOWN || words < 2) return;
  simfleet_set_fact(truth, fact, kind, h.entity, 1 + below(w, words));
  vec_push(&w->held, h);
  happened(w->c.tally, HAPPENED_FLAPPED);
}

/* Only what nothing has written since. */
static void unflap(Rough *w, const Held *h) { simfleet_set_fact(world_sim_truth(w->inner), h->fact, h->fact_kind, h->entity, h->value); }

static bool any_lock(Rough *w, uint32_t *ret_automation, uint32_t *ret_entity) {
  const Program *p = w->c.program;
  bool quiet;
  if (p->automations_count == 0) return false;
  *ret_automation = below(w, p->automations_count);
  uint32_t count = fleet_count(w->c.fleet, p->automations[*ret_automation].kind);
  if (count == 0) return false;
  *ret_entity = below(w, count);
  return simfleet_locked(world_sim_truth(w->inner), *ret_automation, *ret_entity, inner_now(w), &quiet);
}

static void come_back(Rough *w) {
  uint32_t automation, entity;
  if (!any_lock(w, &automation, &entity)) return;
  simfleet_unlock(world_sim_truth(w->inner), automation, entity);
  happened(w->c.tally, HAPPENED_LOOSE);
}

static bool false_alarm(Rough *w, Event *ret) {
  uint32_t automation, entity;
  if (!any_lock(w, &automation, &entity)) return false;
  *ret = (Event){.kind = EVENT_ALARM, .value = ALARM_LOCK_LOST, .subject = automation, .entity = entity,
                 .kind_of_entity = w->c.program->automations[automation].kind};
  happened(w->c.tally, HAPPENED_ALARMED);
  return true;
}

/* ---- the world ---- */

static int64_t rough_now(World *world) {
  Rough *w = (Rough *)world;
  return inner_now(w) + w->difference;
}

static void answer_permit(Rough *w, const Command *c) {
  Event e = {.kind = EVENT_OUTCOME, .command = c->id, .outcome = w->c.permit(w->c.ctx, c, rough_now(&w->world)), .value = VALUE_UNKNOWN};
  hold_event(w, &e, inner_now(w) + 1 + span(w, 50));
}

static void rough_submit(World *world, const Command *c) {
  Rough *w = (Rough *)world;
  w->c.sent(w->c.ctx, c, rough_now(world));
  if (c->kind == COMMAND_PERMIT || c->kind == COMMAND_RISK || c->kind == COMMAND_TALLY) answer_permit(w, c);
  else if (c->kind == COMMAND_REFUND) w->c.refund(w->c.ctx, c, rough_now(world));
  if (w->c.sticks && c->kind == COMMAND_UNLOCK) {
    Event e = {.kind = EVENT_OUTCOME, .command = c->id, .outcome = OUT_OK, .value = VALUE_UNKNOWN};
    hold_event(w, &e, inner_now(w) + SECOND_MS);
    return;
  }
  Command own = *c;
  own.issued -= w->difference;
  if (own.deadline) own.deadline -= w->difference;
  w->inner->ops->submit(w->inner, &own);
}

/* What was answered, through the weather: how many of it are heard now. */
static uint32_t through(Rough *w, const Event *e, Event *ret) {
  const Weather *a = &w->c.weather;
  if (e->kind != EVENT_OUTCOME && e->kind != EVENT_READING && e->kind != EVENT_ANSWER) return *ret = *e, 1;
  if (e->kind != EVENT_ANSWER && chance(w, a->lost)) return happened(w->c.tally, HAPPENED_LOST), 0;
  if (chance(w, a->doubled)) {
    hold_event(w, e, inner_now(w) + span(w, HOUR_MS / 2));
    happened(w->c.tally, HAPPENED_DOUBLED);
  }
  if (!chance(w, a->late)) return *ret = *e, 1;
  happened(w->c.tally, HAPPENED_LATE);
  hold_event(w, e, inner_now(w) + 1 + span(w, chance(w, 2000) ? 4 * HOUR_MS : 60 * SECOND_MS));
  return 0;
}

static uint32_t from_held(Rough *w, Event *ret, uint32_t max) {
  Held h;
  uint32_t n = 0;
  while (n < max && take_held(w, inner_now(w), &h)) {
    if (h.kind == HELD_UNFLAP) {
      unflap(w, &h);
      continue;
    }
    if (h.event.text) vec_push(&w->texts, (char *)h.event.text);
    ret[n++] = h.event;
  }
  return n;
}

static void trouble(Rough *w) {
  if (chance(w, w->c.weather.clock)) step_clock(w);
  if (chance(w, w->c.weather.flap)) flap(w);
  if (chance(w, w->c.weather.loose)) come_back(w);
}

static uint32_t rough_wait(World *world, int64_t until, Event *ret, uint32_t max) {
  Rough *w = (Rough *)world;
  uint32_t n = 0;
  drop_texts(w);
  trouble(w);
  if (chance(w, w->c.weather.alarm) && false_alarm(w, &ret[0])) n = 1;
  while (n == 0) {
    int64_t held = next_held(w), to = until == INT64_MAX ? INT64_MAX : until - w->difference;
    int64_t next = held < to ? held : to;
    uint32_t answers = w->inner->ops->wait(w->inner, next, w->ready, max < BATCH ? max : BATCH);
    for (uint32_t i = 0; i < answers; i++) n += through(w, &w->ready[i], &ret[n]);
    if (n < max && held <= inner_now(w)) n += from_held(w, ret + n, max - n);
    if (answers == 0 && (to <= inner_now(w) || (to == INT64_MAX && w->held.len == 0))) break;
  }
  for (uint32_t i = 0; i < n; i++) ret[i].at = rough_now(world);
  return n;
}

static void rough_free(World *world) {
  Rough *w = (Rough *)world;
  for (uint32_t i = 0; i < w->held.len; i++) free((char *)w->held.items[i].event.text);
  drop_texts(w);
  vec_done(&w->texts);
  vec_done(&w->held);
  w->inner->ops->free(w->inner);
  free(w);
}

static const WorldOps rough_ops = {.name = "rough", .now = rough_now, .submit = rough_submit, .wait = rough_wait, .free = rough_free};

World *rough_new(const RoughConfig *config) {
  Rough *w = xcalloc(1, sizeof *w);
  SimConfig sim = {.program = config->program, .fleet = config->fleet, .params = config->frozen->params, .texts = config->frozen->texts,
                   .text_count = config->frozen->text_count, .faults = config->faults, .start = config->start, .wake_fd = -1};
  w->world.ops = &rough_ops;
  w->c = *config;
  w->random = config->seed;
  w->inner = world_sim_new(&sim);
  return &w->world;
}

SimFleet *rough_truth(World *world) { return world_sim_truth(((Rough *)world)->inner); }

void rough_dies(World *world, int64_t ms, bool settles) {
  Rough *w = (Rough *)world;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < w->held.len; i++) {
    if (w->held.items[i].kind == HELD_EVENT) free((char *)w->held.items[i].event.text);
    else w->held.items[kept++] = w->held.items[i];
  }
  w->held.len = kept;
  world_sim_crash(w->inner, inner_now(w) + ms);
  if (settles) world_sim_settle(w->inner);
}

void rough_unlock(World *world, uint32_t automation, uint32_t entity) { simfleet_unlock(rough_truth(world), automation, entity); }

void rough_calms(World *world) {
  Rough *w = (Rough *)world;
  w->c.weather = (Weather){0};
}
