/* engine_tally: what is set aside beyond one fan. A tolerance per KIND, per day or per fleet counts over the whole run: a second step, and
 * each of the fans inside of the members of a step, goes on where the last one stopped. It counts whoever is set aside still; per day,
 * whoever was on that day, back or not. No member starts while more is lost than the tolerance of its fan lets. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <stdlib.h>
#include <string.h>

#define DAY (24 * HOUR)
#define LONGEST_DAY (25 * HOUR)

/* A day of UTC is that day; of any other zone the engine knows no days, and keeps to any span of the longest (as the budget). */
static int64_t span_of(const Program *p, const ToleranceRow *row) {
  if (row->reach != REACH_DAY) return 0;
  return strcmp(program_str(p, row->zone), "UTC") == 0 ? -1 : LONGEST_DAY;
}

static bool says_the_same(const Program *p, const ToleranceRow *a, const ToleranceRow *b) {
  return a->unit == b->unit && a->group == b->group && a->reach == b->reach && strcmp(program_str(p, a->zone), program_str(p, b->zone)) == 0;
}

static uint32_t find_tally(const Engine *e, const ToleranceRow *row) {
  for (uint32_t i = 0; i < e->tally_count; i++)
    if (says_the_same(e->program, &e->program->tolerances[e->tallies[i].row], row)) return i;
  return NONE_INDEX;
}

/* What others have lost counts as if the run had. Tolerances that say the same have each of them the same losses. */
static void begin_with(Engine *e, const FrozenLoss *l) {
  Tally *t = &e->tallies[e->tally_of[l->tolerance]];
  if (t->row != l->tolerance) return;
  Entity up = t->group == NONE_INDEX || l->entity == ENTITY_NONE ? ENTITY_NONE : fleet_up(e->fleet, t->unit, l->entity, t->group);
  t->counts[t->group == NONE_INDEX ? 0 : up == ENTITY_NONE ? t->count_len - 1 : up]++;
  if (t->span) vec_push(&t->times, l->at);
}

void tallies_init(Engine *e) {
  const Program *p = e->program;
  e->tallies = arena_new_array(e->arena, Tally, p->tolerances_count + 1);
  e->tally_of = arena_new_array(e->arena, uint32_t, p->tolerances_count + 1);
  for (uint32_t i = 0; i < p->tolerances_count; i++) {
    const ToleranceRow *row = &p->tolerances[i];
    e->tally_of[i] = NONE_INDEX;
    if (row->group == NONE_INDEX && row->reach == REACH_STEP) continue;
    e->tally_of[i] = find_tally(e, row);
    if (e->tally_of[i] != NONE_INDEX) continue;
    e->tally_of[i] = e->tally_count;
    Tally *t = &e->tallies[e->tally_count++];
    *t = (Tally){.unit = row->unit, .row = i, .group = row->group, .span = span_of(p, row)};
    t->count_len = t->group == NONE_INDEX ? 1 : fleet_count(e->fleet, t->group) + 1;
    t->counts = arena_new_array(e->arena, uint32_t, t->count_len);
  }
  for (uint32_t i = 0; i < e->frozen->loss_count; i++) begin_with(e, &e->frozen->losses[i]);
}

void tallies_done(Engine *e) {
  for (uint32_t i = 0; i < e->tally_count; i++) vec_done(&e->tallies[i].times);
}

/* ---- where it counts ---- */

static int64_t utc_day(int64_t t) { return t >= 0 ? t / DAY : -((-t + DAY - 1) / DAY); }

static bool counts_still(const Engine *e, const Tally *t, int64_t at) {
  return t->span < 0 ? utc_day(at) == utc_day(e->now) : e->now - at < t->span;
}

/* Of days that are over nothing counts. */
static void drop_old(const Engine *e, Tally *t) {
  uint32_t over = 0;
  while (over < t->times.len && !counts_still(e, t, t->times.items[over])) over++;
  if (over == 0) return;
  memmove(t->times.items, &t->times.items[over], (t->times.len - over) * sizeof *t->times.items);
  t->times.len -= over;
  t->counts[0] = t->times.len;
}

static uint32_t *count_of(Engine *e, Tally *t, uint32_t kind, uint32_t entity) {
  if (t->span) drop_old(e, t);
  if (t->group == NONE_INDEX) return &t->counts[0];
  Entity up = fleet_up(e->fleet, kind, entity, t->group);
  return &t->counts[up == ENTITY_NONE ? t->count_len - 1 : up];
}

uint32_t tally_at(Engine *e, uint32_t tally, uint32_t kind, uint32_t entity) { return *count_of(e, &e->tallies[tally], kind, entity); }

/* ---- who counts ---- */

/* The entities of the unit that left with the mark: the entity, or those in it. */
static FleetMembers units_in(Engine *e, uint32_t unit, uint32_t kind, uint32_t entity) {
  return fleet_leads_up(fleet_schema(e->fleet), unit, kind) ? fleet_members(e->fleet, kind, entity, unit) : (FleetMembers){NULL, 0, 0};
}

static bool left_with(const Engine *e, uint32_t unit, uint32_t entity, uint32_t mark) {
  return mark == NONE_INDEX || member_mark(e, unit, entity) == mark;
}

static void count_one(Engine *e, Tally *t, uint32_t kind, uint32_t entity, int by) {
  uint32_t *count = count_of(e, t, kind, entity);
  if (by < 0 && *count == 0) return; /* it left on another day */
  *count += (uint32_t)by;
  if (t->span && by > 0) vec_push(&t->times, e->now);
  if (t->span && by < 0) t->times.len--;
}

static void count_all(Engine *e, Tally *t, uint32_t kind, uint32_t entity, uint32_t mark, int by) {
  if (t->unit == kind) {
    count_one(e, t, kind, entity, by);
    return;
  }
  FleetMembers in = units_in(e, t->unit, kind, entity);
  for (uint32_t i = 0; i < in.count; i++)
    if (left_with(e, t->unit, fleet_member(in, i), mark)) count_one(e, t, t->unit, fleet_member(in, i), by);
}

void tally_lost(Engine *e, uint32_t kind, uint32_t entity, uint32_t mark) {
  for (uint32_t i = 0; i < e->tally_count; i++) count_all(e, &e->tallies[i], kind, entity, mark, 1);
  loss_tell(e, mark == NONE_INDEX ? TALLY_ROLLED_BACK : TALLY_LOST, kind, entity);
}

/* Before its mark is lifted. In a day it was lost all the same. */
void tally_in_again(Engine *e, uint32_t mark, bool never) {
  const Mark *m = &e->marks.items[mark];
  if (m->state != MEMBER_SET_ASIDE) return;
  for (uint32_t i = 0; i < e->tally_count; i++)
    if (!e->tallies[i].span || never) count_all(e, &e->tallies[i], m->kind, m->entity, mark, -1);
  loss_tell(e, never ? TALLY_NEVER : TALLY_IN_AGAIN, m->kind, m->entity);
}

uint32_t tally_most(Engine *e, uint32_t tally, uint32_t kind, uint32_t entity, uint32_t mark) {
  const Tally *t = &e->tallies[tally];
  if (t->unit == kind) return tally_at(e, tally, kind, entity);
  uint32_t most = 0;
  FleetMembers in = units_in(e, t->unit, kind, entity);
  for (uint32_t i = 0; i < in.count; i++) {
    if (!left_with(e, t->unit, fleet_member(in, i), mark)) continue;
    uint32_t n = tally_at(e, tally, t->unit, fleet_member(in, i));
    if (n > most) most = n;
  }
  return most;
}

/* ---- before a member starts ---- */

bool tallies_stop(Engine *e, uint32_t fan, uint32_t member) {
  Fan *f = &e->fans.items[fan];
  for (uint32_t i = 0; i < f->tolerance_count; i++) {
    const FanTolerance *t = &f->tolerances[i];
    uint32_t count = t->tally == NONE_INDEX ? 0 : tally_at(e, t->tally, e->program->fans[f->row].kind, member);
    if (count <= t->amount) continue;
    tolerance_passed(e, fan, t, count, 0);
    return true;
  }
  return false;
}
