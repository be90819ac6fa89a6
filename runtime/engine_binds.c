/* engine_binds: what keeps members and actions from starting at this moment. Only asks: nothing of the state changes. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_parts.h"

/* The ceiling that is reached: which of a throttle's rules, and until when. */
static bool reached(const Throttle *t, int64_t now, Binding *ret) {
  ret->next = throttle_when(t, now);
  if (ret->next <= now) return false;
  ret->per = 0;
  if (t->at_once && t->running >= t->at_once) {
    ret->rule = BIND_AT_ONCE;
    ret->amount = t->at_once;
  } else if (ret->next == INT64_MAX) {
    ret->rule = BIND_OVERDUE;
    ret->amount = t->overdue_most;
  } else {
    ret->rule = BIND_RATE;
    ret->amount = t->amount;
    ret->per = t->per;
  }
  return true;
}

/* ---- steps ---- */

static const Throttle *throttle_of(const Engine *e, const FanLimit *l, uint32_t kind, uint32_t member) {
  if (l->group == NONE_INDEX) return &l->throttles[0];
  Entity up = fleet_up(e->fleet, kind, member, l->group);
  return &l->throttles[up == ENTITY_NONE ? l->count - 1 : up];
}

/* The limit that holds a member up longest; false: none does. */
static bool member_bound(const Engine *e, const Fan *f, uint32_t kind, uint32_t member, Binding *ret) {
  bool any = false;
  for (uint32_t i = 0; i < f->limit_count; i++) {
    Binding b = *ret;
    if (!reached(throttle_of(e, &f->limits[i], kind, member), e->now, &b) || (any && b.next <= ret->next)) continue;
    b.group = f->limits[i].group;
    *ret = b;
    any = true;
  }
  return any;
}

/* Of a fan with groups: bound when the first of every group is; then by what lets one of them start first. */
static bool fan_bound(const Engine *e, const Fan *f, const FanRow *row, Binding *ret) {
  Binding first = *ret;
  if (f->group_kind == NONE_INDEX) return member_bound(e, f, row->kind, f->members.items[f->next], ret);
  for (uint32_t g = 0; g < f->group_count; g++) {
    uint32_t head = f->head[f->groups[g]];
    Binding b = first;
    if (head == NONE_INDEX) continue;
    if (!member_bound(e, f, row->kind, f->members.items[head], &b)) return false;
    if (g == 0 || b.next < ret->next) *ret = b;
  }
  return true;
}

/* When the window is open for what needs so long: now, later, or INT64_MAX. */
static int64_t opens_at(const Engine *e, const Fan *f) {
  const Frozen *z = e->frozen;
  int64_t needs = f->needs > 0 ? f->needs : 0;
  for (uint32_t i = e->opening; i < z->opening_count; i++) {
    int64_t from = z->openings[i].open > e->now ? z->openings[i].open : e->now;
    if (z->openings[i].close > e->now && from + needs <= z->openings[i].close) return from;
  }
  return z->opening_count ? INT64_MAX : e->now;
}

static bool risk_bound(const Engine *e, const Fan *f, Binding *ret) {
  if (!risk_waits(f)) return false;
  const FanTolerance *t = f->tolerances;
  while (t->tally == NONE_INDEX) t++;
  ret->rule = BIND_TOLERANCE;
  ret->amount = t->amount;
  ret->group = e->program->tolerances[t->row].group;
  ret->next = INT64_MAX;
  return true;
}

static bool step_binding(Engine *e, const Fan *f, Binding *ret) {
  const FanRow *row = &e->program->fans[f->row];
  if (!f->used || row->step == NONE_INDEX || f->left == 0 || f->stop || e->paused || embargo_keeps(e, f)) return false;
  const Strand *outer = strand_at(e, f->strand);
  bool windowed = !outer->masked && (outer->fan == NONE_INDEX || row->fits);
  int64_t open = windowed ? opens_at(e, f) : e->now;
  *ret = (Binding){.step = row->step, .service = NONE_INDEX, .group = NONE_INDEX, .waiting = f->left, .rule = BIND_WINDOW, .next = open};
  return open > e->now || risk_bound(e, f, ret) || fan_bound(e, f, row, ret);
}

/* The step that a fan inside of others is in; NONE_INDEX: none. */
static uint32_t step_around(Engine *e, const Fan *f) {
  uint32_t outer = strand_at(e, f->strand)->fan;
  while (outer != NONE_INDEX && e->program->fans[e->fans.items[outer].row].step == NONE_INDEX) outer = strand_at(e, e->fans.items[outer].strand)->fan;
  return outer == NONE_INDEX ? NONE_INDEX : e->program->fans[e->fans.items[outer].row].step;
}

static bool inner_bound(Engine *e, const Fan *f, Binding *ret) {
  const FanRow *row = &e->program->fans[f->row];
  if (!f->used || row->step != NONE_INDEX || f->left == 0 || f->stop || e->paused || embargo_keeps(e, f)) return false;
  *ret = (Binding){.step = step_around(e, f), .service = NONE_INDEX, .group = NONE_INDEX, .waiting = f->left, .line = row->line};
  return ret->step != NONE_INDEX && (risk_bound(e, f, ret) || fan_bound(e, f, row, ret));
}

/* A `for each` inside a step is open once per member of the step: all of them together. */
static uint32_t inner_bindings(Engine *e, Binding *ret, uint32_t n, uint32_t max) {
  uint32_t from = n;
  for (uint32_t i = 0; i < e->fans.len; i++) {
    Binding b;
    uint32_t at = from;
    if (!inner_bound(e, &e->fans.items[i], &b)) continue;
    while (at < n && (ret[at].line != b.line || ret[at].rule != b.rule || ret[at].group != b.group || ret[at].per != b.per)) at++;
    if (at == max) continue;
    if (at == n) ret[n++] = b;
    else ret[at].waiting += b.waiting, ret[at].next = b.next < ret[at].next ? b.next : ret[at].next;
  }
  return n;
}

/* ---- services ---- */

/* Of all groups together: who waits for a place, and when the next one is let in. */
static bool group_binding(Engine *e, const Bucket *b, Binding *ret) {
  Binding one = *ret;
  if (b->queue.head == NONE_INDEX || !reached(&b->rate, e->now, &one)) return false;
  uint32_t waiting = ret->waiting;
  int64_t next = ret->next;
  *ret = one;
  ret->group = b->group;
  ret->waiting = waiting;
  if (waiting > 0 && next < ret->next) ret->next = next;
  for (uint32_t i = b->queue.head; i != NONE_INDEX; i = strand_at(e, i)->queue_next) ret->waiting++;
  return true;
}

static bool service_binding(Engine *e, uint32_t service, bool grouped, Binding *ret) {
  *ret = (Binding){.step = NONE_INDEX, .service = service, .group = NONE_INDEX};
  bool any = false;
  for (uint32_t i = 0; i < e->buckets.len; i++) {
    const Bucket *b = &e->buckets.items[i];
    if (b->service == service && (b->group != NONE_INDEX) == grouped) any |= group_binding(e, b, ret);
  }
  return any;
}

uint32_t engine_bindings(Engine *e, Binding *ret, uint32_t max) {
  uint32_t n = 0;
  if (e->outcome != RUN_GOING) return 0;
  for (uint32_t i = 0; i < e->fans.len && n < max; i++) n += step_binding(e, &e->fans.items[i], &ret[n]);
  n = inner_bindings(e, ret, n, max);
  for (uint32_t i = 0; i < e->program->services_count && n < max; i++) {
    n += service_binding(e, i, false, &ret[n]);
    if (e->program->services[i].group != NONE_INDEX && n < max) n += service_binding(e, i, true, &ret[n]);
  }
  return n;
}
