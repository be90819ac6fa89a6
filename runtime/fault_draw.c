/* fault_draw: rules first, then rates, then the contract's durations. */
#include <config.h>

#include "runtime/fault_draw.h"

#include <stdlib.h>

#define PPM 1000000u
#define STRAGGLER_PPM 10000u              /* 1 % of actions take longer than usual: boot times have a heavy tail */
#define SILENT_SPELL_MS (3 * 60 * 1000)   /* a management controller that stops answering is back after this (or never) */
#define SILENT_FOR_EVER_PPM 200000u       /* of the silent ones */
#define READ_LOW_MS 200
#define READ_HIGH_MS 1500
#define UNLOCK_LOW_MS 2000
#define UNLOCK_HIGH_MS 20000
#define ANSWER_LOW_MS (60 * 1000)
#define ANSWER_HIGH_MS (10 * 60 * 1000)
#define REACTION_LOW_MS (60 * 1000)       /* automations act within minutes */
#define REACTION_HIGH_MS (5 * 60 * 1000)

typedef struct Used { uint32_t fault; uint32_t kind; Entity entity; uint32_t times; } Used;

struct FaultDraw {
  const Program *program;
  const Fleet *fleet;
  const Faults *faults; /* may be NULL */
  uint64_t seed;
  int64_t now;
  int64_t *since;       /* per rule: when its moment came; INT64_MAX: not yet */
  VEC(Used) used;       /* how often a counted rule struck an entity */
};

FaultDraw *fault_draw_new(const Program *p, const Fleet *fleet, const Faults *faults) {
  FaultDraw *d = xcalloc(1, sizeof *d);
  d->program = p;
  d->fleet = fleet;
  d->faults = faults;
  d->seed = faults ? faults->seed : 0;
  d->since = xcalloc(faults ? faults->count + 1 : 1, sizeof *d->since);
  for (uint32_t i = 0; faults && i < faults->count; i++) d->since[i] = faults->items[i].at.kind == MOMENT_NONE ? INT64_MIN : INT64_MAX;
  return d;
}

void fault_draw_free(FaultDraw *d) {
  if (!d) return;
  vec_done(&d->used);
  free(d->since);
  free(d);
}

/* splitmix64's finalizer: a well-mixed 64-bit hash of a 64-bit number. */
static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

enum { SALT_DURATION = 1, SALT_OUTCOME, SALT_QUIET, SALT_ANSWER, SALT_LATENCY, SALT_SILENT, SALT_REACTION };

static uint64_t draw(const FaultDraw *d, uint32_t salt, uint64_t what, uint64_t who, uint64_t again) {
  return mix(mix(mix(d->seed * 31 + salt) ^ what) ^ who * 0x100000001b3u) ^ mix(again + 1);
}

static uint64_t draw_command(const FaultDraw *d, uint32_t salt, const Command *c) {
  uint64_t what = ((uint64_t)c->kind << 32) | c->subject;
  uint64_t who = ((uint64_t)c->kind_of_entity << 32) | c->entity;
  return mix(draw(d, salt, what, who, c->attempt));
}

static uint32_t ppm_of(uint64_t x) { return (uint32_t)(mix(x) % PPM); }

/* Skewed to the low end: the square of a uniform draw, as durations of machines are. */
static int64_t between(int64_t low, int64_t high, uint64_t x) {
  uint64_t u = ppm_of(x);
  return low + (int64_t)((uint64_t)(high - low) / 1000 * (u * u / PPM) / (PPM / 1000));
}

/* ---- rules ---- */

static bool strikes(const FaultDraw *d, const Fault *f, uint32_t kind, Entity e) {
  if (f->on_kind == NONE_INDEX) return true;
  return kind != NONE_INDEX && fleet_up(d->fleet, kind, e, f->on_kind) == f->on;
}

/* How often the rule has met the entity, this time included. */
static uint32_t meet(FaultDraw *d, uint32_t index, uint32_t kind, Entity e) {
  for (uint32_t i = 0; i < d->used.len; i++) {
    Used *u = &d->used.items[i];
    if (u->fault == index && u->kind == kind && u->entity == e) return ++u->times;
  }
  Used first = {index, kind, e, 1};
  vec_push(&d->used, first);
  return 1;
}

static bool in_force(const FaultDraw *d, uint32_t index) {
  const Fault *f = &d->faults->items[index];
  if (d->since[index] == INT64_MAX) return false;
  int64_t since = d->since[index] + (f->kind == FAULT_METRIC ? f->after : 0);
  return since <= d->now && (f->lasts == 0 || d->now < since + f->lasts);
}

/* The first rule that strikes. A rule for the nth time counts also what another one strikes. */
static const Fault *rule_for(FaultDraw *d, FaultKind kind, uint32_t subject, uint32_t entity_kind, Entity e) {
  const Fault *found = NULL;
  for (uint32_t i = 0; d->faults && i < d->faults->count; i++) {
    const Fault *f = &d->faults->items[i];
    if (f->kind != kind || f->subject != subject || !in_force(d, i) || !strikes(d, f, entity_kind, e)) continue;
    if (f->nth) {
      bool now = meet(d, i, entity_kind, e) == f->nth;
      if (now && !found) found = f;
    } else if (!found && (f->times == 0 || meet(d, i, entity_kind, e) <= f->times)) {
      found = f;
    }
  }
  return found;
}

void fault_draw_time(FaultDraw *d, int64_t now) {
  for (uint32_t i = 0; d->now == 0 && d->faults && i < d->faults->count; i++) /* the first time: what is in force from the start */
    if (d->since[i] == INT64_MIN) d->since[i] = now;
  d->now = now;
}

void fault_draw_begins(FaultDraw *d, const Fault *f) { d->since[f - d->faults->items] = d->now; }

static void set_facts(const FaultDraw *d, const Fault *f, SimFleet *truth) {
  Slice kinds = d->program->facts[f->subject].kinds;
  for (uint32_t k = 0; k < kinds.count; k++) {
    uint32_t kind = d->program->index_list[kinds.first + k];
    for (Entity e = 0; e < fleet_count(d->fleet, kind); e++)
      if (strikes(d, f, kind, e)) simfleet_set_fact(truth, f->subject, kind, e, f->value);
  }
}

void fault_draw_facts(FaultDraw *d, SimFleet *truth) {
  if (!d->faults) return;
  for (uint32_t i = 0; i < d->faults->count; i++) {
    const Fault *f = &d->faults->items[i];
    if (f->kind == FAULT_FACT && f->at.kind == MOMENT_NONE && f->after == 0) set_facts(d, f, truth);
  }
  const SimTouched *ignored;
  simfleet_touched(truth, &ignored); /* how things stand at the start is nobody's news */
}

void fault_draw_fact(const FaultDraw *d, const Fault *f, SimFleet *truth) { set_facts(d, f, truth); }

bool fault_draw_strikes(const FaultDraw *d, const Fault *f, uint32_t kind, Entity e) { return strikes(d, f, kind, e); }

/* ---- draws ---- */

static int64_t action_duration(const FaultDraw *d, const Command *c, const ActionRow *row) {
  uint64_t x = draw_command(d, SALT_DURATION, c);
  if (row->takes_most > row->takes_high && ppm_of(x ^ 1) < STRAGGLER_PPM) return between(row->takes_high, row->takes_most, x);
  return between(row->takes_low, row->takes_high, x);
}

static bool entity_silent(const FaultDraw *d, uint32_t kind, Entity e) {
  uint32_t rate = d->faults ? d->faults->rate_silent : 0;
  return rate > 0 && kind != NONE_INDEX && ppm_of(draw(d, SALT_SILENT, kind, e, 0)) < rate;
}

Drawn fault_draw_action(FaultDraw *d, const Command *c, const ActionRow *row) {
  Drawn out = {.outcome = OUT_OK, .duration = action_duration(d, c, row)};
  const Fault *f = rule_for(d, FAULT_ACTION, c->subject, c->kind_of_entity, c->entity);
  if (f) {
    out.outcome = f->outcome;
    out.landing = f->landing;
    return out;
  }
  if (!d->faults) return out;
  uint32_t luck = ppm_of(draw_command(d, SALT_OUTCOME, c));
  if (luck < d->faults->rate_failed) out.outcome = OUT_FAILED;
  else if (luck < d->faults->rate_failed + d->faults->rate_unknown) {
    out.outcome = OUT_UNKNOWN;
    if (row->may_land > 0 && (luck & 1)) out.landing = between(1000, row->may_land, draw_command(d, SALT_QUIET, c));
  }
  return out;
}

Drawn fault_draw_lock(FaultDraw *d, const Command *c, const AutomationRow *row) {
  bool lock = c->kind == COMMAND_LOCK;
  int64_t low = lock ? row->lock_low : UNLOCK_LOW_MS, high = lock ? row->lock_high : UNLOCK_HIGH_MS;
  Drawn out = {.outcome = OUT_OK, .duration = between(low, high, draw_command(d, SALT_DURATION, c))};
  const Fault *f = rule_for(d, lock ? FAULT_LOCK : FAULT_UNLOCK, c->subject, c->kind_of_entity, c->entity);
  if (f) out.outcome = f->outcome;
  if (out.outcome == OUT_UNKNOWN && c->deadline) out.duration = c->deadline - c->issued;
  return out;
}

int64_t fault_draw_quiet(FaultDraw *d, const Command *c, const AutomationRow *row) {
  return between(0, row->quiet / 2, draw_command(d, SALT_QUIET, c));
}

int64_t fault_draw_answer(FaultDraw *d, const Command *c, int64_t *ret_answer) {
  *ret_answer = 1;
  const Fault *f = rule_for(d, FAULT_ANSWER, c->subject, c->kind_of_entity, c->entity);
  if (f) *ret_answer = f->value;
  if (f && f->after > 0) return f->after;
  return between(ANSWER_LOW_MS, ANSWER_HIGH_MS, draw_command(d, SALT_ANSWER, c));
}

int64_t fault_draw_latency(FaultDraw *d, const Command *c) {
  return between(READ_LOW_MS, READ_HIGH_MS, draw_command(d, SALT_LATENCY, c));
}

bool fault_draw_silent(FaultDraw *d, const Command *c, int64_t now) {
  if (rule_for(d, FAULT_READ, c->subject, c->kind_of_entity, c->entity)) return true;
  if (!entity_silent(d, c->kind_of_entity, c->entity)) return false;
  bool for_ever = ppm_of(draw(d, SALT_SILENT, c->kind_of_entity, c->entity, 1)) < SILENT_FOR_EVER_PPM;
  uint64_t spell = (uint64_t)(now / SILENT_SPELL_MS);
  return for_ever || (draw(d, SALT_SILENT, c->kind_of_entity, c->entity, 2 + spell) & 1);
}

int64_t fault_draw_reaction(FaultDraw *d, uint32_t automation, Entity e) {
  return between(REACTION_LOW_MS, REACTION_HIGH_MS, draw(d, SALT_REACTION, automation, e, 0));
}

int64_t fault_draw_metric(FaultDraw *d, const Command *c) {
  const Fault *f = rule_for(d, FAULT_METRIC, c->subject, c->kind_of_entity, c->entity);
  return f ? f->value : 0; /* nothing is wrong with a simulated metric */
}
