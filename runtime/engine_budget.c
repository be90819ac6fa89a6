/* engine_budget: how many are out of service at once and per day. Charged when an action is sent that takes an entity out of
 * service; refunded only when an action that brings it back was read back as done, or when it is released from a lockout and
 * reads in service. Nothing else refunds: not failure, not a crash, not lost contact. A day of UTC is counted as that day; of any other zone the engine knows no days, and keeps the
 * limit in every span of 25 hours, the longest that a day can be. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <stdlib.h>
#include <string.h>

#define DAY (24 * HOUR)
#define LONGEST_DAY (25 * HOUR)

static bool find_service(Engine *e) {
  const Program *p = e->program;
  for (uint32_t i = 0; i < p->facts_count; i++) {
    if (strcmp(program_str(p, p->facts[i].name), "service") != 0 || p->facts[i].type.klass != VALUE_ENUM) continue;
    Slice words = p->enums[p->facts[i].type.ref].words;
    for (uint32_t w = 0; w < words.count; w++) {
      if (strcmp(program_str(p, p->enum_words[words.first + w]), "in_service") != 0) continue;
      e->budget.service = i;
      e->budget.in_service = w + 1;
      return true;
    }
  }
  return false;
}

static bool counts_by_utc_day(const Engine *e, const LimitRow *row) {
  return row->per == DAY && strcmp(program_str(e->program, row->zone), "UTC") == 0;
}

static void add_limit(Engine *e, const LimitRow *row) {
  Budget *b = &e->budget;
  int64_t amount = vm_value(e->vm, row->amount, NULL, 0);
  if (row->rule == LIMIT_RULE_ALL) return;
  uint32_t n = amount > 0 ? (uint32_t)amount : 1;
  if (row->rule == LIMIT_RULE_AT_ONCE) {
    b->at_once = b->at_once && b->at_once < n ? b->at_once : n;
    return;
  }
  uint32_t i = b->day_count++;
  b->day_rows[i] = row;
  b->day_counts[i] = 0;
  b->day_now[i] = INT64_MIN;
  b->days[i] = (Throttle){.amount = n, .per = row->per == DAY ? LONGEST_DAY : row->per};
}

void budget_init(Engine *e) {
  const Program *p = e->program;
  Budget *b = &e->budget;
  *b = (Budget){.kind = NONE_INDEX, .queue = QUEUE_EMPTY, .waking = NONE_INDEX, .timer = TIMER_NONE};
  if (!find_service(e)) return;
  b->kind = p->budgets_count ? p->budgets[0].kind : p->index_list[p->facts[b->service].kinds.first]; /* without a budget: counted only */
  b->charged = arena_new_array(e->arena, uint8_t, fleet_count(e->fleet, b->kind) + 1);
  b->back = arena_new_array(e->arena, uint8_t, fleet_count(e->fleet, b->kind) + 1);
  uint32_t rows = 0;
  for (uint32_t i = 0; i < p->budgets_count; i++) rows += p->budgets[i].limits.count;
  b->days = arena_new_array(e->arena, Throttle, rows + 1);
  b->day_rows = arena_new_array(e->arena, const LimitRow *, rows + 1);
  b->day_counts = arena_new_array(e->arena, uint32_t, rows + 1);
  b->day_now = arena_new_array(e->arena, int64_t, rows + 1);
  for (uint32_t i = 0; i < p->budgets_count; i++)
    for (uint32_t j = 0; j < p->budgets[i].limits.count && p->budgets[i].kind == b->kind; j++)
      add_limit(e, &p->limits[p->budgets[i].limits.first + j]);
}

void budget_done(Engine *e) {
  for (uint32_t i = 0; i < e->budget.day_count; i++) throttle_done(&e->budget.days[i]);
}

uint32_t budget_targets(Engine *e, const Strand *s, const ActionRow *action, Charge which) {
  Budget *b = &e->budget;
  uint32_t n = 0;
  for (uint32_t i = 0; i < action->makes.count; i++) {
    const EffectRow *row = &e->program->effects[action->makes.first + i];
    if (row->fact != b->service || row->kind != b->kind || effect_has(e, row->values, b->in_service)) continue;
    e->scratch.len = 0;
    vm_collect(e->vm, row->targets, s->args, action->params.count, &e->scratch);
    for (uint32_t j = 0; j < e->scratch.len; j++)
      if (b->charged[e->scratch.items[j]] == which) e->scratch.items[n++] = e->scratch.items[j];
    break;
  }
  return e->scratch.len = n;
}

/* How many of its targets the action would take out of service that are not out already. They are in e->scratch. */
static uint32_t wanted(Engine *e, const Strand *s, const ActionRow *action) { return budget_targets(e, s, action, CHARGE_NONE); }

static int64_t utc_day(int64_t t) { return t >= 0 ? t / DAY : -((-t + DAY - 1) / DAY); }

/* When limit i in time has room for n more; INT64_MAX never. */
static int64_t day_when(Engine *e, uint32_t i, uint32_t n) {
  Budget *b = &e->budget;
  Throttle *t = &b->days[i];
  if (n > t->amount) return INT64_MAX;
  if (counts_by_utc_day(e, b->day_rows[i])) {
    int64_t today = utc_day(e->now);
    uint32_t used = b->day_now[i] == today ? b->day_counts[i] : 0;
    return used + n <= t->amount ? e->now : (today + 1) * DAY;
  }
  if (t->count + n <= t->amount) return e->now;
  int64_t oldest = t->starts[(t->head + (t->count + n - t->amount) - 1) % t->amount] + t->per;
  return oldest > e->now ? oldest : e->now;
}

bool budget_admits(Engine *e, uint32_t id, const ActionRow *action, int64_t *ret_when) {
  Budget *b = &e->budget;
  uint32_t n = wanted(e, strand_at(e, id), action);
  *ret_when = INT64_MIN; /* it takes nothing: no need to stand in line */
  if (n == 0) return true;
  *ret_when = e->now;
  if (b->at_once && b->count + n > b->at_once) *ret_when = INT64_MAX;
  for (uint32_t i = 0; i < b->day_count; i++) {
    int64_t when = day_when(e, i, n);
    if (when > *ret_when) *ret_when = when;
  }
  if (*ret_when > e->now && *ret_when != INT64_MAX && b->timer == TIMER_NONE)
    b->timer = timers_add(&e->timers, *ret_when, TIMER_BUDGET, 0);
  return *ret_when <= e->now;
}

static void count_day(Engine *e, uint32_t i) {
  Budget *b = &e->budget;
  Throttle *t = &b->days[i];
  if (!counts_by_utc_day(e, b->day_rows[i])) {
    throttle_start(t, e->now);
    t->running = 0;
    return;
  }
  int64_t today = utc_day(e->now);
  if (b->day_now[i] != today) b->day_counts[i] = 0;
  b->day_now[i] = today;
  b->day_counts[i]++;
}

void budget_charge(Engine *e, const Strand *s, const ActionRow *action) {
  Budget *b = &e->budget;
  if (b->kind == NONE_INDEX) return;
  uint32_t n = wanted(e, s, action);
  for (uint32_t i = 0; i < n; i++) {
    b->charged[e->scratch.items[i]] = b->shared ? CHARGE_ASKED : CHARGE_OUT;
    for (uint32_t d = 0; d < b->day_count; d++) count_day(e, d);
  }
  b->count += n;
  if (b->count > b->peak) b->peak = b->count;
}

static void uncount_day(Engine *e, uint32_t i, int64_t at) {
  Budget *b = &e->budget;
  if (counts_by_utc_day(e, b->day_rows[i])) {
    if (b->day_now[i] == utc_day(at) && b->day_counts[i] > 0) b->day_counts[i]--;
    return;
  }
  b->days[i].running = 1;
  throttle_undo(&b->days[i], at);
}

void budget_uncharge(Engine *e, uint32_t entity, int64_t at) {
  Budget *b = &e->budget;
  b->charged[entity] = CHARGE_NONE;
  b->count--;
  for (uint32_t d = 0; d < b->day_count; d++) uncount_day(e, d, at);
}

void budget_pump(Engine *e) {
  Budget *b = &e->budget;
  if (b->waking != NONE_INDEX || b->queue.head == NONE_INDEX) return;
  if (b->at_once && b->count >= b->at_once) return;
  if (b->timer != TIMER_NONE) return;
  b->waking = queue_take(e, &b->queue);
  ready_strand(e, b->waking);
}

void budget_refund(Engine *e, uint32_t entity) {
  Budget *b = &e->budget;
  if (engine_fact(e, b->service, b->kind, entity) != b->in_service) return;
  permit_refund(e, entity);
  if (!b->charged[entity]) return;
  b->charged[entity] = CHARGE_NONE;
  b->count--;
  budget_pump(e);
}

/* One that was charged, and which no late effect may still take out. */
static void back_if_seen(Engine *e, uint32_t entity) {
  const Budget *b = &e->budget;
  if (b->charged[entity] == CHARGE_OUT && !fact_cell(e, b->service, b->kind, entity)->late) budget_refund(e, entity);
}

void budget_released(Engine *e, uint32_t kind, uint32_t entity) {
  const Budget *b = &e->budget;
  if (b->kind == NONE_INDEX) return;
  if (kind == b->kind) {
    back_if_seen(e, entity);
    return;
  }
  FleetMembers in = fleet_members(e->fleet, kind, entity, b->kind);
  for (uint32_t i = 0; i < in.count; i++) back_if_seen(e, fleet_member(in, i));
}

uint32_t engine_out_kind(const Engine *e) { return e->budget.kind; }

uint32_t engine_nodes_out(const Engine *e, uint32_t *ret_peak) {
  if (ret_peak) *ret_peak = e->budget.peak;
  return e->budget.count;
}
