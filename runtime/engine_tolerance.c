/* engine_tolerance: how many may be set aside before a fan stops: exactly as many as it says; the next one stops it. Counted
 * are entities of the tolerance's unit: X itself, or those that left along with X. A fan that is no inner one and says nothing
 * tolerates nothing. What counts beyond the fan is in engine_tally.c. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <stdlib.h>

static FanTolerance open_tolerance(Engine *e, uint32_t index, const Strand *s, uint32_t members) {
  const ToleranceRow *row = &e->program->tolerances[index];
  int64_t amount = region_value(e, s, row->amount, 0), each = region_value(e, s, row->each, 0);
  FanTolerance t = {.row = index, .unit = row->unit, .tally = e->tally_of[index]};
  t.amount = amount <= 0 ? 0 : amount < UINT32_MAX ? (uint32_t)amount : UINT32_MAX;
  if (t.tally != NONE_INDEX) return t;
  t.each = each > 0 && each < UINT32_MAX ? (uint32_t)each : 0;
  t.count_len = t.each ? (uint32_t)(((uint64_t)members + t.each - 1) / t.each) : 1;
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
    f->tolerances[0] = (FanTolerance){.row = NONE_INDEX, .unit = NONE_INDEX, .tally = NONE_INDEX, .count_len = 1};
    f->tolerances[0].counts = xcalloc(1, sizeof *f->tolerances[0].counts);
  }
}

void tolerances_close(Fan *f) {
  for (uint32_t i = 0; i < f->tolerance_count; i++) free(f->tolerances[i].counts);
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

static uint32_t *count_at(FanTolerance *t, uint32_t ordinal) {
  uint32_t at = t->each ? ordinal / t->each : 0;
  return &t->counts[at < t->count_len ? at : t->count_len - 1];
}

uint32_t tolerance_before(Engine *e, FanTolerance *t, uint32_t ordinal, uint32_t kind, uint32_t entity) {
  return t->tally == NONE_INDEX ? *count_at(t, ordinal) : tally_at(e, t->tally, kind, entity);
}

/* A person has taken it back: it counts nowhere any more. */
void tolerance_uncount(Engine *e, uint32_t fan, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t mark) {
  Fan *f = &e->fans.items[fan];
  for (uint32_t i = 0; i < f->tolerance_count; i++) {
    FanTolerance *t = &f->tolerances[i];
    if (t->tally != NONE_INDEX) continue;
    uint32_t units = tolerance_units(e, t->unit, kind, entity, mark), *count = count_at(t, ordinal);
    *count -= units < *count ? units : *count;
  }
}

void tolerance_passed(Engine *e, uint32_t fan, const FanTolerance *t, uint32_t count, TextId why) {
  const ToleranceRow *row = &e->program->tolerances[t->row];
  const KindRow *kind = &e->program->kinds[t->unit];
  bool day = row->reach == REACH_DAY, in_each = row->group != NONE_INDEX;
  const char *last = text_of(e, why);
  fan_stop(e, fan, STOP_TOLERANCE,
           text_printf(e, "%u %s set aside%s%s, at most %u may be%s%s", count, program_str(e->program, count == 1 ? kind->name : kind->plural),
                       day ? " in a day" : in_each ? " in one " : "", in_each ? program_str(e->program, e->program->kinds[row->group].name) : "",
                       t->amount, *last ? "; the last: " : "", last));
}

static void count_in(Engine *e, uint32_t fan, FanTolerance *t, uint32_t ordinal, uint32_t units, TextId why) {
  uint32_t *count = count_at(t, ordinal);
  *count += units;
  if (*count <= t->amount || units == 0) return;
  if (t->row != NONE_INDEX) tolerance_passed(e, fan, t, *count, why);
  else fan_stop(e, fan, STOP_TOLERANCE, text_printf(e, "nothing may be set aside here: %s", text_of(e, why)));
}

void tolerance_count_in(Engine *e, uint32_t fan, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t mark, TextId why) {
  Fan *f = &e->fans.items[fan];
  for (uint32_t i = 0; i < f->tolerance_count; i++) {
    FanTolerance *t = &f->tolerances[i];
    if (t->tally == NONE_INDEX) {
      count_in(e, fan, t, ordinal, tolerance_units(e, t->unit, kind, entity, mark), why);
      continue;
    }
    uint32_t count = tally_most(e, t->tally, kind, entity, mark);
    if (count > t->amount) tolerance_passed(e, fan, t, count, why);
  }
  tolerance_count(e, f->strand, kind, entity, mark, why);
}

void tolerance_count(Engine *e, uint32_t strand, uint32_t kind, uint32_t entity, uint32_t mark, TextId why) {
  const Strand *s = strand_at(e, strand);
  if (s->fan != NONE_INDEX) tolerance_count_in(e, s->fan, s->ordinal, kind, entity, mark, why);
}
