/* worst: control flows forward, so the instructions that can be reached, in the order of their addresses, say first what
 * each costs (a variable is set before it is used), and then, from the last to the first, how long the longest way is. The
 * two kinds of jump that lead back cost nothing here: rounds of an iterator do not wait, and a person's retries are on no
 * way on which everything ends ok. */
#include <config.h>

#include "runtime/worst_core.h"

#include "runtime/fixed.h"
#include "runtime/limits.h"
#include "runtime/possible.h"
#include "runtime/vm_core.h"

#include <stdlib.h>
#include <string.h>

#define GATE_DEFAULT (INT64_C(4) * 3600 * 1000) /* `until last safe moment`: as the engine without a window */
#define LOCKS_AT_ONCE 128                       /* as the engine where the lockout says nothing */
#define UNLOCK_DEFAULT (INT64_C(120) * 1000)    /* as the engine where the automation says nothing */

static int64_t cap(int64_t t) { return worst_cap(t); }

static int64_t times(int64_t n, int64_t each) {
  int64_t t;
  return __builtin_mul_overflow(n, each, &t) ? WORST_CAP : cap(t);
}

/* What a region says: `none` where there is none, `later` where what it rests on is not known yet. */
static int64_t region(const Walk *w, CodeRef r, const int64_t *slots, int64_t none, int64_t later) {
  if (!r) return none;
  if (possible_varies(w->vm, r, possible_region_end(w->p, r), slots)) return later;
  int64_t v = vm_value(w->vm, r, slots, LIMIT_SLOTS);
  return v == VALUE_UNKNOWN ? none : v;
}

static int64_t duration(const Walk *w, CodeRef r, const int64_t *slots, int64_t none) {
  return cap(region(w, r, slots, none, WORST_CAP));
}

/* ---- what an instruction costs ---- */

static int64_t up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* The longest that an action may have to wait until a late effect of another one on the same fact has landed, or cannot. */
static int64_t late_most(const Program *p, const ActionRow *action) {
  int64_t most = 0;
  for (uint32_t b = 0; b < p->actions_count; b++)
    for (uint32_t i = 0; i < p->actions[b].makes.count && p->actions[b].may_land > most; i++)
      for (uint32_t j = 0; j < action->makes.count; j++)
        if (p->effects[p->actions[b].makes.first + i].fact == p->effects[action->makes.first + j].fact) most = p->actions[b].may_land;
  return most;
}

/* Every try fails at its deadline, and the last one too. */
static Cost whatever_happens(const Walk *w, const CallRow *c, Cost once, const int64_t *slots) {
  int64_t tries = c->retries + (int64_t)1, pauses = times(c->retries, duration(w, c->retry_after, slots, 0));
  int64_t late = late_most(w->p, &w->p->actions[c->action]);
  return (Cost){cap(times(tries, once.time) + pauses + late), times(tries, once.line), times(tries, once.own), once.group};
}

static Cost call_cost(Walk *w, const CallRow *c, const int64_t *slots) {
  if (w->fixed) fixed_not_by(w->p, c->action, w->fixed);
  const ActionRow *action = &w->p->actions[c->action];
  Cost cost = {.time = duration(w, c->within, slots, action->takes_most)};
  if (w->ordinary && action->takes_high > 0 && action->takes_high < cost.time) cost.time = action->takes_high;
  for (uint32_t i = 0; i < action->services.count; i++) {
    const ServiceRow *s = &w->p->services[w->p->index_list[action->services.first + i]];
    if (s->amount) cost.line += up(s->per, s->amount);
    int64_t working = s->overdue && action->takes_high > 0 && action->takes_high < cost.time ? action->takes_high : cost.time;
    int64_t busy = s->in_flight ? up(working, s->in_flight) : 0;
    if (working < cost.time) busy += up(cost.time - working, s->overdue); /* and overdue until its deadline */
    if (s->group == NONE_INDEX) cost.line += busy;
    else cost = cost_plus(cost, (Cost){.own = busy, .group = s->group});
  }
  return w->all ? whatever_happens(w, c, cost, slots) : cost;
}

static int64_t at_once(const Walk *w, Slice limits, const int64_t *slots) {
  int64_t least = limits.count ? INT32_MAX : LOCKS_AT_ONCE;
  for (uint32_t i = 0; i < limits.count; i++) {
    const LimitRow *row = &w->p->limits[limits.first + i];
    int64_t n = row->rule == LIMIT_RULE_AT_ONCE ? region(w, row->amount, slots, 1, 1) : LOCKS_AT_ONCE;
    if (row->rule == LIMIT_RULE_ALL) n = INT32_MAX;
    if (n < least) least = n;
  }
  return least < 1 ? 1 : least;
}

/* Entities of the automation's kind that cover the members, at most. */
static uint32_t covers(const Walk *w, const LockoutRow *l, const AutomationRow *a, const EntityVec *members) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < members->len; i++) {
    bool above = fleet_up(w->vm->fleet, l->kind, members->items[i], a->kind) != ENTITY_NONE;
    n += above ? 1 : fleet_members(w->vm->fleet, l->kind, members->items[i], a->kind).count;
  }
  return n;
}

/* Locks of all automations go out together; the quiet of all passes at the same time. */
static int64_t lock_time(const Walk *w, const LockoutRow *l, const EntityVec *members, int64_t limit) {
  int64_t count = 0, most = 0, quiet = 0;
  for (uint32_t i = 0; i < l->automations.count; i++) {
    const AutomationRow *a = &w->p->automations[w->p->index_list[l->automations.first + i]];
    count += covers(w, l, a, members);
    int64_t takes = w->ordinary && a->lock_high > 0 ? a->lock_high : a->lock_most;
    if (takes > most) most = takes;
    if (a->quiet > quiet) quiet = a->quiet;
  }
  return cap(times(up(count, limit), most) + quiet);
}

/* One automation after the other; with canaries, twice, and a watch between. */
static int64_t unlock_time(const Walk *w, const LockoutRow *l, const EntityVec *members, int64_t limit) {
  int64_t sum = l->watch;
  for (uint32_t i = 0; i < l->automations.count; i++) {
    const AutomationRow *a = &w->p->automations[w->p->index_list[l->automations.first + i]];
    int64_t rounds = up(covers(w, l, a, members), limit) + (l->canary_count ? 1 : 0);
    sum = cap(sum + times(rounds, a->lock_most > 0 ? a->lock_most : UNLOCK_DEFAULT));
  }
  return sum;
}

static int64_t lockout_time(const Walk *w, const LockoutRow *l, const int64_t *slots, bool release) {
  EntityVec members = {0};
  possible_members(w->vm, l->members, l->kind, slots, &members);
  int64_t limit = at_once(w, l->limits, slots);
  int64_t t = release ? unlock_time(w, l, &members, limit) : lock_time(w, l, &members, limit);
  vec_done(&members);
  return t;
}

int64_t worst_release(const Walk *w, uint32_t lockout, const int64_t *slots) { return lockout_time(w, &w->p->lockouts[lockout], slots, true); }

/* ---- fans ---- */

/* The most of the members that one entity of the group has; those without an entity of the group are a group of their own. */
static uint32_t fullest(const Walk *w, uint32_t kind, uint32_t group, const EntityVec *members) {
  uint32_t groups = fleet_count(w->vm->fleet, group), most = 0;
  uint32_t *counts = xcalloc(groups + 1, sizeof *counts);
  for (uint32_t i = 0; i < members->len; i++) {
    Entity g = fleet_up(w->vm->fleet, kind, members->items[i], group);
    uint32_t n = ++counts[g == ENTITY_NONE ? groups : g];
    if (n > most) most = n;
  }
  free(counts);
  return most;
}

int64_t worst_amount(const Walk *w, CodeRef r, const int64_t *slots) {
  int64_t amount = region(w, r, slots, 1, 1);
  return amount < 1 ? 1 : amount > INT32_MAX ? INT32_MAX : amount;
}

static uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* How many of the members count. */
static uint32_t counted(const Walk *w, const FanRow *f, uint32_t members) { return w->most ? lesser(w->most[f->kind], members) : members; }

static int64_t fan_lasts(const Walk *w, const FanRow *f, const EntityVec *members, int64_t each, const int64_t *slots) {
  uint32_t total = counted(w, f, members->len);
  Ceiling *ceilings = xcalloc(f->limits.count + 1, sizeof *ceilings);
  uint32_t count = 0;
  for (uint32_t i = 0; i < f->limits.count; i++) {
    const LimitRow *l = &w->p->limits[f->limits.first + i];
    uint32_t n = (uint32_t)worst_amount(w, l->amount, slots);
    if (l->rule == LIMIT_RULE_ALL) continue;
    Ceiling *c = &ceilings[count++];
    c->most = l->group == NONE_INDEX ? 0 : lesser(fullest(w, f->kind, l->group, members), total);
    if (l->rule == LIMIT_RULE_AT_ONCE) c->at_once = n;
    else c->amount = n, c->per = l->per;
  }
  if (f->limits.count == 0) ceilings[count++].at_once = 1;
  int64_t lasts = limits_last(ceilings, count, total, each);
  free(ceilings);
  return cap(lasts);
}

/* What the members of a fan keep places busy that each group has for itself: of the fullest group, where members are in groups; of the
 * worst member, where groups are in members; else of all. */
typedef struct Shared { const Walk *w; const FanRow *f; int64_t *sums, most; } Shared;

static void share(Shared *s, uint32_t member, Cost one) {
  const FleetSchema *schema = fleet_schema(s->w->vm->fleet);
  uint32_t groups = fleet_count(s->w->vm->fleet, one.group);
  bool above = one.group == s->f->kind || fleet_leads_up(schema, s->f->kind, one.group);
  int64_t sum = one.own;
  if (above || !fleet_leads_up(schema, one.group, s->f->kind)) {
    if (!s->sums) s->sums = xcalloc((size_t)groups + 1, sizeof *s->sums);
    Entity g = above ? fleet_up(s->w->vm->fleet, s->f->kind, member, one.group) : ENTITY_NONE;
    int64_t *at = &s->sums[g == ENTITY_NONE ? groups : g];
    *at = sum = cap(*at + sum);
  }
  if (sum > s->most) s->most = sum;
}

static Cost members_worst(Walk *w, const FanRow *f, const uint32_t *members, uint32_t count, const int64_t *outer) {
  int64_t slots[LIMIT_SLOTS];
  Cost most = {0}, sum = {0};
  Shared shared = {.w = w, .f = f};
  uint32_t of = counted(w, f, count);
  memcpy(slots, outer, sizeof slots);
  for (uint32_t i = 0; i < count; i++) {
    slots[f->slot] = members[i];
    Cost one = way_worst(w, f->body, slots);
    if (!cost_alike(most, one)) one = cost_in_line(one); /* of two sorts of groups the first has its own lines */
    if (one.own > 0) share(&shared, members[i], one);
    most = cost_greater(most, one);
    sum.line = cap(sum.line + one.line);
  }
  free(shared.sums);
  int64_t line = times(of, most.line);
  return (Cost){most.time, of < count && line < sum.line ? line : sum.line, shared.most, most.group};
}

/* So many at once, whoever they are. */
static uint32_t abreast(const Walk *w, const FanRow *f, uint32_t total, const int64_t *slots) {
  int64_t most = f->limits.count ? total : 1;
  for (uint32_t i = 0; i < f->limits.count; i++) {
    const LimitRow *l = &w->p->limits[f->limits.first + i];
    int64_t n = l->rule == LIMIT_RULE_AT_ONCE ? worst_amount(w, l->amount, slots) : most;
    if (n < most) most = n;
  }
  return most < 1 ? 1 : (uint32_t)most;
}

/* Most members take what is usual; those that are slow hold their place for so much longer, several at the same time. */
static int64_t fan_mixed(Walk *w, const FanRow *f, const EntityVec *members, int64_t slow, const int64_t *slots) {
  uint32_t total = counted(w, f, members->len);
  int64_t each = members_worst(w->usual, f, members->items, members->len, slots).time;
  int64_t rounds = up(lesser(w->slow[f->kind], total), abreast(w, f, total, slots));
  int64_t mixed = cap(fan_lasts(w, f, members, each, slots) + times(rounds, slow - each)), all = fan_lasts(w, f, members, slow, slots);
  return mixed < all ? mixed : all;
}

static Cost fan_cost(Walk *w, const FanRow *f, const int64_t *slots, Cost *ret_each) {
  EntityVec members = {0};
  possible_members(w->vm, f->members, f->kind, slots, &members);
  if (w->fixed) fixed_until(w->p, f->body, UINT32_MAX, w->fixed);
  Cost cost = members_worst(w, f, members.items, members.len, slots);
  *ret_each = cost;
  if (members.len == 0) cost.time = 0;
  else cost.time = w->usual ? fan_mixed(w, f, &members, cost.time, slots) : fan_lasts(w, f, &members, cost.time, slots);
  vec_done(&members);
  return cost;
}

/* ---- the strand's own code ---- */

/* What the code before the place leaves on the stack. */
static int64_t popped(const Walk *w, const WayPlace *at, const int64_t *before, int64_t later) {
  if (possible_varies(w->vm, at->stand.statement, at->pc, before)) return later;
  int64_t v = stand_value(w->vm, at->stand, at->pc, before);
  return v == VALUE_UNKNOWN ? later : v;
}

/* The last moment at which people may answer; on the way back, where there is nobody to be asked about, nothing. */
static Cost gate_cost(const Walk *w, const GateRow *g, const int64_t *slots) {
  EntityVec members = {0};
  if (w->most && g->kind != NONE_INDEX) possible_members(w->vm, g->members, g->kind, slots, &members);
  bool asks = !w->most || g->kind == NONE_INDEX || members.len > 0;
  vec_done(&members);
  return (Cost){.time = asks ? duration(w, g->within, slots, GATE_DEFAULT) : 0};
}

static Cost cost_of(Walk *w, const WayPlace *at, int64_t *slots, Cost *ret_each) {
  const Program *p = w->p;
  uint32_t word = p->code[at->pc], a = code_a(word);
  switch ((int)code_op(word)) {
    case OPCODE_STORE: slots[a] = popped(w, at, slots, VALUE_UNKNOWN); return (Cost){0};
    case OPCODE_ACT: return call_cost(w, &p->calls[a], slots);
    case OPCODE_CONFIRM: return (Cost){.time = duration(w, w->ordinary ? p->confirms[a].held : p->confirms[a].within, slots, 0)};
    case OPCODE_WAIT: return (Cost){.time = cap(popped(w, at, slots, WORST_CAP))};
    case OPCODE_GATE: return gate_cost(w, &p->gates[a], slots);
    case OPCODE_ATTEMPT: return w->back ? way_worst(w, p->attempts[a].undo, slots) : (Cost){0};
    case OPCODE_HOLD: return (Cost){.time = duration(w, p->holds[a].duration, slots, 0)};
    case OPCODE_FAN: return fan_cost(w, &p->fans[a], slots, ret_each);
    case OPCODE_LOCK: return (Cost){.time = lockout_time(w, &p->lockouts[a], slots, false)};
    case OPCODE_UNLOCK: return (Cost){.time = lockout_time(w, &p->lockouts[a], slots, true)};
    default: return (Cost){0};
  }
}

/* ---- ways that are the same for every member ---- */

static bool plain(const Walk *w, CodeRef r) { return !r || !possible_reads_slots(w->p, r, possible_region_end(w->p, r)); }

static bool plain_limits(const Walk *w, Slice limits) {
  for (uint32_t i = 0; i < limits.count; i++)
    if (!plain(w, w->p->limits[limits.first + i].amount)) return false;
  return true;
}

static bool same_cost(Walk *w, const WayPlace *at) {
  const Program *p = w->p;
  uint32_t word = p->code[at->pc], a = code_a(word);
  switch ((int)code_op(word)) {
    case OPCODE_STORE: return false;
    case OPCODE_ACT: return plain(w, p->calls[a].within);
    case OPCODE_CONFIRM: return plain(w, p->confirms[a].within) && plain(w, p->confirms[a].held);
    case OPCODE_WAIT: return !possible_reads_slots(p, at->stand.statement, at->pc);
    case OPCODE_GATE: return plain(w, p->gates[a].within) && (!w->most || plain(w, p->gates[a].members));
    case OPCODE_ATTEMPT: return !w->back || way_at(w, p->attempts[a].undo)->same;
    case OPCODE_HOLD: return plain(w, p->holds[a].duration);
    case OPCODE_FAN: return plain(w, p->fans[a].members) && plain_limits(w, p->fans[a].limits) && way_at(w, p->fans[a].body)->same;
    case OPCODE_LOCK: case OPCODE_UNLOCK: return plain(w, p->lockouts[a].members) && plain_limits(w, p->lockouts[a].limits);
    default: return true;
  }
}

Way *way_at(Walk *w, uint32_t pc) {
  uint32_t known;
  if (id_map_get(&w->way_of, (uint64_t)pc + 1, &known)) return w->ways.items[known];
  Way *way = xcalloc(1, sizeof *way);
  way->pc = pc;
  id_map_put(&w->way_of, (uint64_t)pc + 1, w->ways.len);
  vec_push(&w->ways, way);
  way_find(w->p, pc, w->all ? WAY_ALL : WAY_OK, &way->places);
  way->spans = xcalloc(way->places.len + 1, sizeof *way->spans);
  way->same = true;
  for (uint32_t i = 0; i < way->places.len && way->same; i++) way->same = same_cost(w, &way->places.items[i]);
  return way;
}

uint32_t place_at(const Way *way, uint32_t pc) {
  for (uint32_t i = 0; i < way->places.len; i++)
    if (way->places.items[i].pc == pc) return i;
  return NONE_INDEX;
}

/* Where it may go on besides: a fan that stopped, at the end; a guard that no longer holds, at the last moment. An attempt that
 * fails is no part of what it attempts: its roll back is asked for by itself. */
uint32_t turns_to(const Walk *w, const Way *way, uint32_t i) {
  uint32_t word = w->p->code[way->places.items[i].pc];
  if (code_op(word) == OPCODE_FAN) return way->places.items[i].other;
  return w->all && code_op(word) == OPCODE_GUARD_END ? place_at(way, w->p->guards[code_a(word)].handler) : NONE_INDEX;
}

Cost way_worst(Walk *w, uint32_t pc, const int64_t *outer) {
  Way *way = way_at(w, pc);
  if (way->known) return way->worst;
  int64_t slots[LIMIT_SLOTS];
  memcpy(slots, outer, sizeof slots);
  const WayPlace *places = way->places.items;
  for (uint32_t i = 0; i < way->places.len; i++) way->spans[i].cost = cost_of(w, &places[i], slots, &way->spans[i].each);
  for (uint32_t i = way->places.len; i-- > 0;) {
    const WayPlace *at = &places[i];
    Cost on = {0};
    if (at->next != NONE_INDEX) on = cost_greater(on, way->spans[at->next].worst);
    if (at->jump != NONE_INDEX) on = cost_greater(on, way->spans[at->jump].worst);
    if (turns_to(w, way, i) != NONE_INDEX) on = cost_greater(on, way->spans[turns_to(w, way, i)].worst);
    way->spans[i].worst = cost_plus(on, way->spans[i].cost);
  }
  way->worst = way->spans[0].worst;
  way->known = way->same;
  return way->worst;
}

/* ---- */

void walk_done(Walk *w) {
  for (uint32_t i = 0; i < w->ways.len; i++) {
    vec_done(&w->ways.items[i]->places);
    free(w->ways.items[i]->spans);
    free(w->ways.items[i]);
  }
  vec_done(&w->ways);
  id_map_done(&w->way_of);
}

int64_t worst_time(Vm *vm, uint32_t pc, const int64_t *slots) {
  Walk w = {.vm = vm, .p = vm->program};
  Cost worst = way_worst(&w, pc, slots);
  walk_done(&w);
  return cost_sum(worst);
}

int64_t worst_member(Vm *vm, const FanRow *fan, const uint32_t *members, uint32_t count, const int64_t *slots, bool back) {
  Walk w = {.vm = vm, .p = vm->program, .back = back};
  Cost worst = members_worst(&w, fan, members, count, slots);
  walk_done(&w);
  return cost_sum(worst);
}

