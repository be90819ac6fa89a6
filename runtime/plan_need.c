/* plan_need: see plan_need.h. */
#include <config.h>

#include "runtime/plan_need.h"

#include "lang/limits.h"
#include "lang/quantity.h"
#include "runtime/possible.h"
#include "runtime/vm_core.h"

#include <stdlib.h>

#define DAYS_MOST 400u /* of a run; more are not looked ahead */
#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* ---- how many may leave ---- */

typedef struct Those { const Program *p; const Fleet *fleet; uint32_t kind; uint8_t *in; } Those;

/* What of the kind the entity is, has in it, or is in. */
static void mark(const Those *t, uint32_t kind, Entity e, uint8_t in) {
  const FleetSchema *schema = fleet_schema(t->fleet);
  if (kind == t->kind) {
    t->in[e] = in;
    return;
  }
  if (fleet_leads_up(schema, t->kind, kind)) {
    FleetMembers below = fleet_members(t->fleet, kind, e, t->kind);
    for (uint32_t i = 0; i < below.count; i++) t->in[fleet_member(below, i)] = in;
  } else if (in && fleet_leads_up(schema, kind, t->kind)) {
    Entity up = fleet_up(t->fleet, kind, e, t->kind);
    if (up != ENTITY_NONE) t->in[up] = in;
  }
}

static void mark_set(const Those *t, Vm *vm, const Frozen *frozen, uint32_t set) {
  const SetRow *row = &t->p->sets[set];
  int64_t slots[LIMIT_SLOTS];
  EntityVec later = {0};
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) slots[i] = VALUE_UNKNOWN;
  if (row->after_step != NONE_INDEX) possible_members(vm, row->members, row->kind, slots, &later);
  for (uint32_t i = 0; i < later.len; i++) mark(t, row->kind, later.items[i], 1);
  for (uint32_t i = 0; i < frozen->sets[set].count; i++) mark(t, row->kind, frozen->sets[set].items[i], 1);
  vec_done(&later);
}

static uint32_t may_leave(const Program *p, const Fleet *fleet, const Frozen *frozen, uint32_t kind) {
  VmHost host = {.params = frozen->params};
  Vm *vm = vm_new(p, fleet, &host);
  Those t = {p, fleet, kind, xcalloc((size_t)fleet_count(fleet, kind) + 1, 1)};
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->sets_count; i++) mark_set(&t, vm, frozen, i);
  for (uint32_t i = 0; i < p->leave_outs_count; i++)
    for (uint32_t j = 0; j < frozen->left_out[i].count; j++) mark(&t, p->sets[p->leave_outs[i].set].kind, frozen->left_out[i].items[j], 0);
  for (uint32_t e = 0; e < fleet_count(fleet, kind); e++) n += t.in[e];
  free(t.in);
  vm_free(vm);
  return n;
}

/* ---- the budget ---- */

static void per_day(const Program *p, const Fleet *fleet, const Frozen *frozen, uint32_t kind, BudgetLimits *limits) {
  VmHost host = {.params = frozen->params};
  Vm *vm = vm_new(p, fleet, &host);
  for (uint32_t i = 0; i < p->budgets_count; i++)
    for (uint32_t j = 0; j < p->budgets[i].limits.count && p->budgets[i].kind == kind; j++) {
      const LimitRow *l = &p->limits[p->budgets[i].limits.first + j];
      int64_t n = l->rule == LIMIT_RULE_PER_TIME && l->per == DAY_MS ? vm_value(vm, l->amount, NULL, 0) : VALUE_UNKNOWN;
      if (n == VALUE_UNKNOWN || (limits->per_day && n >= limits->per_day)) continue;
      limits->per_day = n < 1 ? 1 : (uint32_t)n;
      limits->zone = program_str(p, l->zone);
    }
  vm_free(vm);
}

PlanNeed plan_need(const Program *p, const Fleet *fleet, const Frozen *frozen, const PlanBounds *b, int64_t start, int64_t took, Arena *arena) {
  PlanNeed need = {.kind = NONE_INDEX, .zone = zone_utc(), .limits = {.zone = "UTC"}};
  if (b->peak.kind == NONE_INDEX || b->peak.most <= 0) return need;
  need.kind = b->peak.kind;
  if (b->budget != INT64_MAX) need.limits.at_once = (uint32_t)b->budget;
  per_day(p, fleet, frozen, need.kind, &need.limits);
  const Zone *zone = zone_load(arena, NULL, need.limits.zone, diag_sink_new(arena, NULL), (Span){0, 0});
  if (zone) need.zone = zone; /* else as the ledger counts it */
  uint32_t leave = may_leave(p, fleet, frozen, need.kind), out = (uint32_t)(b->peak.most < b->budget ? b->peak.most : b->budget);
  if (out > leave) leave = out;
  if (need.limits.per_day && leave > need.limits.per_day) leave = need.limits.per_day;
  int32_t first = zone_day(need.zone, start), last = zone_day(need.zone, start + took);
  need.count = last - first >= (int32_t)DAYS_MOST ? DAYS_MOST : (uint32_t)(last - first + 1);
  ReserveDay *days = arena_new_array(arena, ReserveDay, need.count);
  for (uint32_t i = 0; i < need.count; i++)
    days[i] = (ReserveDay){zone_day_start(need.zone, first + (int32_t)i), zone_day_start(need.zone, first + (int32_t)i + 1), out, leave};
  need.days = days;
  return need;
}

/* ---- shown ---- */

void plan_need_date(const Zone *zone, int64_t at, Buf *out) {
  int64_t y, m, d;
  date_from_days(zone_day(zone, at), &y, &m, &d);
  buf_printf(out, "%04lld-%02lld-%02lld", (long long)y, (long long)m, (long long)d);
}

void plan_need_text(const PlanNeed *need, const Program *p, Buf *out) {
  const ReserveDay *first = &need->days[0];
  const char *members = program_str(p, first->out == 1 ? p->kinds[need->kind].name : p->kinds[need->kind].plural);
  buf_printf(out, "%u %s out at once, %u leaving, on %s", first->out, members, first->leaves, need->count > 1 ? "each day from " : "");
  plan_need_date(need->zone, first->from, out);
  if (need->count > 1) {
    buf_str(out, " to ");
    plan_need_date(need->zone, need->days[need->count - 1].from, out);
  }
  buf_printf(out, " (%s)", need->limits.zone);
}
