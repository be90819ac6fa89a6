/* peak_fan: a fan-out from what each of its members does. Every member is todo, at work, done or set aside. Whoever is todo
 * counts what it holds already, whoever is done what it holds then, and that is the floor; above it come those at work, no more
 * than the limits allow, and those set aside, no more than the tolerances do. When it stops, those at work may be set aside too,
 * but nobody new is at work then: the sum is the same. */
#include <config.h>

#include "runtime/peak_core.h"
#include "runtime/possible.h"
#include "runtime/vm_core.h"

#include <stdlib.h>
#include <string.h>

/* Counts of what one member holds. */
typedef struct Share {
  int64_t todo, most, done, aside, held, wanted;
  int64_t done_in; /* of `done`, without what was set aside within the member */
} Share;

typedef struct FanWalk {
  Seeker *k;
  Arena *arena;
  const FanRow *f;
  Around around;
  int64_t slots[LIMIT_SLOTS];
  EntityVec members;
  Share *shares;
  EntityVec any, done, aside, below; /* of all members together */
  int64_t done_in, done_aside;       /* sums of what members that are done hold, still in and set aside within */
  bool keeps, leaves, waits;
  uint32_t with;
  bool nobody;                       /* may be set aside, not within its members either: no tolerance is none */
} FanWalk;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static void append(EntityVec *to, Set from) {
  for (uint32_t i = 0; i < from.len; i++) vec_push(to, from.items[i]);
}

/* ---- members ---- */

static Set below(const FanWalk *w, Arena *arena, uint32_t member) {
  EntityVec all = {0};
  FleetMembers m = fleet_members(w->k->vm->fleet, w->f->kind, member, w->k->kind);
  for (uint32_t i = 0; i < m.count; i++) vec_push(&all, fleet_member(m, i));
  Set set = set_of(arena, &all);
  vec_done(&all);
  return set;
}

static void walk_member(FanWalk *w, uint32_t i, const Out *from) {
  Arena *arena = arena_new();
  Set holds = set_common(arena, from->in, below(w, arena, w->members.items[i]));
  Out in = {.live = true, .in = holds, .in_most = holds.len};
  w->slots[w->f->slot] = w->members.items[i];
  Strands s = peak_strand(w->k, arena, w->f->body, &w->around, w->slots, &in);
  w->shares[i] = (Share){holds.len, s.most, out_total(arena, &s.done), s.aside_most, s.held, s.wanted, least(s.done.in_most, s.done.in.len)};
  append(&w->any, s.any);
  append(&w->below, holds);
  append(&w->done, s.done.in);
  append(&w->aside, s.done.aside);
  append(&w->aside, s.aside);
  w->done_in += s.done.in_most;
  w->done_aside += s.done.aside_most;
  w->keeps |= s.keeps;
  w->leaves |= s.leaves;
  w->waits |= s.wanted > 0;
  w->with |= s.with;
  arena_free(arena);
}

/* ---- sums ---- */

static int down(const void *l, const void *r) {
  const int64_t *a = l, *b = r;
  return (*a < *b) - (*a > *b);
}

/* The sum of the n greatest that are above nothing. Sorts them. */
static int64_t greatest(int64_t *values, uint32_t count, int64_t n) {
  int64_t sum = 0;
  qsort(values, count, sizeof *values, down);
  for (uint32_t i = 0; i < count && i < n && values[i] > 0; i++) sum += values[i];
  return sum;
}

static int64_t amount(const FanWalk *w, CodeRef region, int64_t unknown) {
  if (!region || possible_varies(w->k->vm, region, possible_region_end(w->k->p, region), w->slots)) return unknown;
  int64_t v = vm_value(w->k->vm, region, w->slots, LIMIT_SLOTS);
  return v == VALUE_UNKNOWN ? unknown : v;
}

static Entity group_of(const FanWalk *w, uint32_t i, uint32_t kind) {
  return fleet_up(w->k->vm->fleet, w->f->kind, w->members.items[i], kind);
}

/* Of each group only the n greatest values stay; the others become nothing. */
static void keep_per_group(const FanWalk *w, int64_t *values, uint32_t kind, int64_t n) {
  uint32_t groups = fleet_count(w->k->vm->fleet, kind) + 1;
  EntityVec *lists = xcalloc(groups, sizeof *lists);
  for (uint32_t i = 0; i < w->members.len; i++) {
    Entity g = group_of(w, i, kind);
    vec_push(&lists[g == ENTITY_NONE ? groups - 1 : g], i);
  }
  for (uint32_t g = 0; g < groups; g++) {
    while ((int64_t)lists[g].len > n) {
      uint32_t low = 0;
      for (uint32_t i = 1; i < lists[g].len; i++)
        if (values[lists[g].items[i]] < values[lists[g].items[low]]) low = i;
      values[lists[g].items[low]] = 0;
      lists[g].items[low] = lists[g].items[--lists[g].len];
    }
    vec_done(&lists[g]);
  }
  free(lists);
}

/* The most that members at work hold above their floor; one_less: when one more of them is not among them. */
static int64_t at_work(const FanWalk *w, int64_t *gains, bool one_less, int64_t *ret_limit) {
  int64_t n = w->f->limits.count ? INT64_MAX : 1;
  for (uint32_t i = 0; i < w->f->limits.count; i++) {
    const LimitRow *l = &w->k->p->limits[w->f->limits.first + i];
    int64_t v = l->rule == LIMIT_RULE_AT_ONCE ? most(amount(w, l->amount, INT64_MAX), 1) : INT64_MAX;
    if (v == INT64_MAX) continue;
    if (l->group == NONE_INDEX) n = least(n, v);
    else keep_per_group(w, gains, l->group, v);
  }
  if (ret_limit) *ret_limit = n;
  return greatest(gains, w->members.len, one_less && n != INT64_MAX ? n - 1 : n);
}

/* By groups of a kind that contains the members: a group that leaves takes all of its members along. */
static int64_t greatest_groups(const FanWalk *w, const int64_t *values, uint32_t kind, int64_t n) {
  uint32_t groups = fleet_count(w->k->vm->fleet, kind) + 1;
  int64_t *sums = xcalloc(groups, sizeof *sums);
  for (uint32_t i = 0; i < w->members.len; i++) {
    Entity g = group_of(w, i, kind);
    sums[g == ENTITY_NONE ? groups - 1 : g] += most(values[i], 0);
  }
  int64_t sum = greatest(sums, groups, n);
  free(sums);
  return sum;
}

/* What a tolerance lets be set aside, in what is counted; all: the sum of everybody's. */
static int64_t tolerated(const FanWalk *w, const ToleranceRow *t, int64_t *values, int64_t all) {
  int64_t n = amount(w, t->amount, INT64_MAX), each = t->each ? amount(w, t->each, 0) : 0, sum;
  if (n < 0) n = 0;
  if (t->reach == REACH_DAY || (t->each && each <= 0)) return all;
  if (t->group != NONE_INDEX && __builtin_mul_overflow(n, fleet_count(w->k->vm->fleet, t->group) + (int64_t)1, &n)) return all;
  if (each > 0 && __builtin_mul_overflow(n, (w->members.len + each - 1) / each, &n)) return all;
  if (t->unit == w->f->kind || t->unit == NONE_INDEX) sum = greatest(values, w->members.len, n);
  else if (fleet_leads_up(fleet_schema(w->k->vm->fleet), w->f->kind, t->unit)) sum = greatest_groups(w, values, t->unit, n);
  else sum = all;
  return least(sum, all);
}

static int64_t set_aside(const FanWalk *w, int64_t *values) {
  int64_t all = greatest(values, w->members.len, INT64_MAX), sum = all;
  if (!w->leaves) return 0;
  if (w->keeps || (w->f->inner && w->f->tolerances.count == 0)) return all;
  if (w->f->tolerances.count == 0) return 0;
  for (uint32_t i = 0; i < w->f->tolerances.count; i++)
    sum = least(sum, tolerated(w, &w->k->p->tolerances[w->f->tolerances.first + i], values, all));
  return sum;
}

typedef enum Column { AT_WORK, ASIDE, ASIDE_ALL, HELD, WANTED } Column;

/* What a member holds at least when it is todo or done. */
static int64_t floor_of(const FanWalk *w, uint32_t i) {
  const Share *s = &w->shares[i];
  return most(s->todo, w->nobody ? s->done_in : s->done);
}

/* What each holds then, above its floor; ASIDE_ALL: in all. HELD: while it waits, or when it was set aside because the fan-out
 * stopped. In the order of the members. */
static int64_t *column(const FanWalk *w, Column c) {
  int64_t *values = arena_new_array(w->arena, int64_t, w->members.len);
  for (uint32_t i = 0; i < w->members.len; i++) {
    const Share *s = &w->shares[i];
    int64_t v = c == AT_WORK ? s->most : c == HELD ? most(s->held, s->aside) : c == WANTED ? s->wanted : s->aside;
    values[i] = c == ASIDE_ALL ? v : v - floor_of(w, i);
  }
  return values;
}

/* Tolerances by groups want the values in the members' order, so each sum has a column of its own. */
static PeakParts add_up(const FanWalk *w, const Out *from) {
  PeakParts sum = {.line = w->f->line, .step = w->f->step, .before = out_total(w->arena, from)};
  int64_t limit = 0;
  for (uint32_t i = 0; i < w->members.len; i++) sum.done += floor_of(w, i) - w->shares[i].todo;
  sum.at_once = at_work(w, column(w, AT_WORK), false, &limit);
  sum.aside = set_aside(w, column(w, ASIDE));
  const ToleranceRow *only = w->f->tolerances.count == 1 ? &w->k->p->tolerances[w->f->tolerances.first] : NULL;
  bool alike = only && only->group == NONE_INDEX && only->reach != REACH_DAY && w->k->p->tolerances[w->f->tolerances.first].unit == w->f->kind;
  int64_t m = alike ? amount(w, w->k->p->tolerances[w->f->tolerances.first].amount, INT64_MAX) : INT64_MAX, both;
  if (__builtin_add_overflow(limit, m, &both)) both = INT64_MAX;
  int64_t all = greatest(column(w, AT_WORK), w->members.len, w->keeps ? INT64_MAX : both);
  if (sum.at_once + sum.aside > all) sum.aside = all - sum.at_once;
  return sum;
}

static int64_t total(const PeakParts *s) { return s->before + s->done + s->at_once + s->aside; }

/* What the budget must have room for, or the last of them waits for what does not come back: the others that wait hold what
 * they hold, everybody else is done or set aside. */
static PeakParts least_budget(const FanWalk *w, const PeakParts *peak, int64_t *ret_held) {
  PeakParts sum = *peak;
  int64_t wanted = 0, *one = column(w, WANTED);
  for (uint32_t i = 0; i < w->members.len; i++) wanted = most(wanted, one[i]);
  sum.aside = set_aside(w, column(w, ASIDE));
  sum.at_once = at_work(w, column(w, HELD), false, NULL);
  *ret_held = total(&sum);
  sum.at_once = at_work(w, column(w, HELD), true, NULL) + wanted;
  return sum;
}

/* ---- what becomes of it ---- */

static void close(FanWalk *w, const Out *from, FanOut *r) {
  Set below_all = set_of(w->arena, &w->below), done = set_of(w->arena, &w->done);
  Set rest = set_minus(w->arena, from->in, below_all);
  int64_t growth = 0;
  for (uint32_t i = 0; i < w->members.len; i++) growth += most(w->shares[i].done - w->shares[i].todo, 0);
  r->after = (Out){.live = true, .in = set_union(w->arena, rest, done)};
  r->after.in_most = least(least(from->in_most, rest.len) + w->done_in, from->in_most + growth);
  r->after.in_most = least(r->after.in_most, r->after.in.len);
  int64_t within = w->nobody ? 0 : w->done_aside;
  int64_t aside = within + set_aside(w, column(w, ASIDE_ALL));
  bool some = aside > 0 && (w->leaves || within > 0);
  r->after.aside = some ? set_union(w->arena, from->aside, set_of(w->arena, &w->aside)) : from->aside;
  r->after.aside_most = least(from->aside_most + aside, r->after.aside.len);
  r->stopped = (Out){.live = true, .in = set_union(w->arena, r->any, out_all(w->arena, from)), .in_most = r->most};
}

static void note(Seeker *k, const PeakParts *peak, const PeakParts *need, int64_t of_peak, int64_t of_need, bool waits) {
  if (of_peak > k->peak->most) k->peak->most = of_peak, k->peak->most_of = *peak;
  if (waits && of_need > k->peak->need) k->peak->need = of_need, k->peak->need_of = *need;
}

static void fan_done(FanWalk *w) {
  free(w->shares);
  vec_done(&w->members);
  vec_done(&w->any);
  vec_done(&w->done);
  vec_done(&w->aside);
  vec_done(&w->below);
}

FanOut peak_fan(Seeker *k, Arena *arena, const FanRow *f, const Around *outer, const int64_t *slots, const Out *from) {
  FanWalk w = {.k = k, .arena = arena, .f = f, .around = {outer, f, outer && outer->depth < 31 ? outer->depth + 1 : outer ? 31 : 0}};
  FanOut r = {.after = *from, .stopped = *from, .any = out_all(arena, from), .most = out_total(arena, from)};
  if (r.any.len == 0 && !peak_touches(k, f->body)) return r; /* nobody is out, and nobody goes */
  memcpy(w.slots, slots, sizeof w.slots);
  possible_members(k->vm, f->members, f->kind, slots, &w.members);
  w.shares = xcalloc((size_t)w.members.len + 1, sizeof *w.shares);
  for (uint32_t i = 0; i < w.members.len; i++) walk_member(&w, i, from);
  w.slots[f->slot] = slots[f->slot];
  w.nobody = f->tolerances.count == 0 && !f->inner && !w.keeps;
  if (w.members.len > 0) {
    int64_t held;
    PeakParts peak = add_up(&w, from), need = least_budget(&w, &peak, &held);
    r.any = set_union(arena, r.any, set_of(arena, &w.any));
    r.most = least(total(&peak), r.any.len);
    if (w.waits) r.held = least(held, r.any.len), r.wanted = least(total(&need), r.any.len);
    close(&w, from, &r);
    r.with = w.with;
    r.keeps = w.keeps;
    if (!outer) note(k, &peak, &need, r.most, r.wanted, w.waits);
  }
  fan_done(&w);
  return r;
}
