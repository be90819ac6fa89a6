/* engine_tolerance: how many may be set aside before a fan stops: exactly as many as it says; the next one stops it. Counted
 * are entities of the tolerance's unit: X itself, or those that left along with X. A fan that is no inner one and says nothing
 * tolerates nothing. */
#include <config.h>

#include "runtime/engine_state.h"

#include <stdlib.h>

static FanTolerance open_tolerance(Engine *e, uint32_t index, const Strand *s, uint32_t members) {
  const ToleranceRow *row = &e->program->tolerances[index];
  int64_t amount = region_value(e, s, row->amount, 0), each = region_value(e, s, row->each, 0);
  FanTolerance t = {.row = index, .unit = row->unit, .amount = amount > 0 ? (uint32_t)amount : 0};
  t.each = each > 0 ? (uint32_t)each : 0;
  t.count_len = t.each ? (members + t.each - 1) / t.each : 1;
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
    f->tolerances[0] = (FanTolerance){.row = NONE_INDEX, .unit = NONE_INDEX, .count_len = 1};
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

static void count_in(Engine *e, uint32_t fan, FanTolerance *t, uint32_t ordinal, uint32_t units, TextId why) {
  uint32_t batch = t->each ? ordinal / t->each : 0;
  if (batch >= t->count_len) batch = t->count_len - 1;
  t->counts[batch] += units;
  if (t->counts[batch] <= t->amount || units == 0) return;
  if (t->row == NONE_INDEX) {
    fan_stop(e, fan, STOP_TOLERANCE, text_printf(e, "nothing may be set aside here: %s", text_of(e, why)));
    return;
  }
  const KindRow *kind = &e->program->kinds[t->unit];
  fan_stop(e, fan, STOP_TOLERANCE, text_printf(e, "%u %s set aside, at most %u may be; the last: %s", t->counts[batch],
                                               program_str(e->program, t->counts[batch] == 1 ? kind->name : kind->plural),
                                               t->amount, text_of(e, why)));
}

void tolerance_count_in(Engine *e, uint32_t fan, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t mark, TextId why) {
  Fan *f = &e->fans.items[fan];
  for (uint32_t i = 0; i < f->tolerance_count; i++) {
    FanTolerance *t = &f->tolerances[i];
    count_in(e, fan, t, ordinal, tolerance_units(e, t->unit, kind, entity, mark), why);
  }
  tolerance_count(e, f->strand, kind, entity, mark, why);
}

void tolerance_count(Engine *e, uint32_t strand, uint32_t kind, uint32_t entity, uint32_t mark, TextId why) {
  const Strand *s = strand_at(e, strand);
  if (s->fan != NONE_INDEX) tolerance_count_in(e, s->fan, s->ordinal, kind, entity, mark, why);
}
