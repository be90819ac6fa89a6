/* engine_tolerance: how many may be set aside before a fan stops: exactly as many as it says; the next one stops it. Counted
 * are entities of the tolerance's unit: X itself, or those that left along with X. A fan that is no inner one and says nothing
 * tolerates nothing. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <stdlib.h>
#include <string.h>

#define DAY (24 * HOUR)
#define LONGEST_DAY (25 * HOUR)

/* A day of UTC is that day; of any other zone the engine knows no days, and keeps to any span of the longest (as the budget). */
static int64_t span_of(const Engine *e, const ToleranceRow *row) {
  if (!row->per_day) return 0;
  return strcmp(program_str(e->program, row->zone), "UTC") == 0 ? -1 : LONGEST_DAY;
}

static FanTolerance open_tolerance(Engine *e, uint32_t index, const Strand *s, uint32_t members) {
  const ToleranceRow *row = &e->program->tolerances[index];
  int64_t amount = region_value(e, s, row->amount, 0), each = region_value(e, s, row->each, 0);
  FanTolerance t = {.row = index, .unit = row->unit, .amount = amount > 0 ? (uint32_t)amount : 0};
  t.each = each > 0 ? (uint32_t)each : 0;
  t.group = row->group;
  t.span = span_of(e, row);
  t.count_len = t.each ? (members + t.each - 1) / t.each : 1;
  if (t.group != NONE_INDEX) t.each = 0, t.count_len = fleet_count(e->fleet, t.group) + 1;
  if (t.count_len == 0) t.count_len = 1;
  t.counts = xcalloc(t.count_len, sizeof *t.counts);
  return t;
}

void tolerances_open(Engine *e, Fan *f, const FanRow *row, const Strand *s) {
  f->tolerance_count = row->tolerances.count;
  if (row->tolerances.count == 0 && !row->inner) f->tolerance_count = 1;
  f->tolerances = xcalloc(f->tolerance_count + 1, sizeof *f->tolerances);
  for (uint32_t i = 0; i < row->tolerances.count; i++)
    f->tolerances[i] = open_tolerance(e, row->tolerances.first + i, s, f->members.len);
  if (row->tolerances.count == 0 && !row->inner) {
    f->tolerances[0] = (FanTolerance){.row = NONE_INDEX, .unit = NONE_INDEX, .group = NONE_INDEX, .count_len = 1};
    f->tolerances[0].counts = xcalloc(1, sizeof *f->tolerances[0].counts);
  }
}

void tolerances_close(Fan *f) {
  for (uint32_t i = 0; i < f->tolerance_count; i++) {
    free(f->tolerances[i].counts);
    vec_done(&f->tolerances[i].times);
  }
  free(f->tolerances);
  f->tolerances = NULL;
}

/* How many entities of `unit` left with this mark. */
uint32_t tolerance_units(Engine *e, uint32_t unit, uint32_t kind, uint32_t entity, uint32_t mark) {
  if (unit == NONE_INDEX || unit == kind) return 1;
  if (!fleet_leads_up(fleet_schema(e->fleet), unit, kind)) return 0;
  FleetMembers below = fleet_members(e->fleet, kind, entity, unit);
  uint32_t n = 0;
  for (uint32_t i = 0; i < below.count; i++) n += mark == NONE_INDEX || member_mark(e, unit, fleet_member(below, i)) == mark;
  return n;
}

static int64_t utc_day(int64_t t) { return t >= 0 ? t / DAY : -((-t + DAY - 1) / DAY); }

static bool counts_still(const Engine *e, const FanTolerance *t, int64_t at) {
  return t->span < 0 ? utc_day(at) == utc_day(e->now) : e->now - at < t->span;
}

uint32_t *tolerance_at(Engine *e, FanTolerance *t, uint32_t ordinal, uint32_t kind, uint32_t entity) {
  uint32_t at = t->each ? ordinal / t->each : 0, over = 0;

  if (t->group != NONE_INDEX) {
    Entity up = fleet_up(e->fleet, kind, entity, t->group);
    at = up == ENTITY_NONE ? t->count_len - 1 : up;
  }
  if (t->span) {
    while (over < t->times.len && !counts_still(e, t, t->times.items[over])) over++;
    for (uint32_t i = over; i < t->times.len; i++) t->times.items[i - over] = t->times.items[i];
    t->times.len -= over;
    t->counts[0] = t->times.len;
  }
  return &t->counts[at < t->count_len ? at : t->count_len - 1];
}

void tolerance_uncount(Engine *e, FanTolerance *t, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t units) {
  uint32_t *count = tolerance_at(e, t, ordinal, kind, entity);
  if (units > *count) units = *count; /* it left on another day */
  *count -= units;
  if (t->span) t->times.len = *count;
}

static void count_in(Engine *e, uint32_t fan, FanTolerance *t, uint32_t *count, uint32_t units, TextId why) {
  *count += units;
  for (uint32_t i = 0; i < units && t->span; i++) vec_push(&t->times, e->now);
  if (*count <= t->amount || units == 0) return;
  if (t->row == NONE_INDEX) {
    fan_stop(e, fan, STOP_TOLERANCE, text_printf(e, "nothing may be set aside here: %s", text_of(e, why)));
    return;
  }
  const KindRow *kind = &e->program->kinds[t->unit];
  fan_stop(e, fan, STOP_TOLERANCE, text_printf(e, "%u %s set aside%s%s, at most %u may be; the last: %s", *count,
                                               program_str(e->program, *count == 1 ? kind->name : kind->plural),
                                               t->span ? " in a day" : t->group != NONE_INDEX ? " in one " : "",
                                               t->group == NONE_INDEX ? "" : program_str(e->program, e->program->kinds[t->group].name),
                                               t->amount, text_of(e, why)));
}

void tolerance_count_in(Engine *e, uint32_t fan, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t mark, TextId why) {
  Fan *f = &e->fans.items[fan];
  for (uint32_t i = 0; i < f->tolerance_count; i++) {
    FanTolerance *t = &f->tolerances[i];
    count_in(e, fan, t, tolerance_at(e, t, ordinal, kind, entity), tolerance_units(e, t->unit, kind, entity, mark), why);
  }
  tolerance_count(e, f->strand, kind, entity, mark, why);
}

void tolerance_count(Engine *e, uint32_t strand, uint32_t kind, uint32_t entity, uint32_t mark, TextId why) {
  const Strand *s = strand_at(e, strand);
  if (s->fan != NONE_INDEX) tolerance_count_in(e, s->fan, s->ordinal, kind, entity, mark, why);
}
