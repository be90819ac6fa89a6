/* engine_late: requests that were given up may still be obeyed. Until the time by which such an effect lands has passed, or
 * it has been seen, no action is sent that makes the contrary true: a tray told to power on must not be caught by the
 * shutdown that timed out before. */
#include <config.h>

#include "runtime/engine_parts.h"

static void each_effect(Engine *e, const ActionRow *action, const Strand *s,
                        void (*visit)(Engine *e, const EffectRow *row, uint32_t entity, int64_t until, int64_t value), int64_t until) {
  for (uint32_t i = 0; i < action->makes.count; i++) {
    const EffectRow *row = &e->program->effects[action->makes.first + i];
    int64_t value = effect_value(e, row, action, s);
    e->scratch.len = 0;
    vm_collect(e->vm, row->targets, s->args, action->params.count, &e->scratch);
    for (uint32_t j = 0; j < e->scratch.len; j++) visit(e, row, e->scratch.items[j], until, value);
  }
}

/* Only where another value was known before will a reading tell that the effect has landed. */
static void add_late(Engine *e, const EffectRow *row, uint32_t entity, int64_t until, int64_t value) {
  Cell *cell = fact_cell(e, row->fact, row->kind, entity);
  bool tells = cell->value != VALUE_UNKNOWN && (row->values.count ? !effect_has(e, row->values, cell->value) : cell->value != value);
  vec_push(&e->lates, ((Late){.until = until, .value = value, .fact = row->fact, .kind = row->kind, .entity = entity,
                              .values = row->values, .masked = !tells}));
  cell->late = 1;
}

void late_record(Engine *e, const ActionRow *action, const Strand *s) {
  if (action->may_land > 0) each_effect(e, action, s, add_late, later(e, action->may_land));
}

static bool concerns(const Late *l, uint32_t fact, uint32_t kind, uint32_t entity) {
  return l->fact == fact && l->kind == kind && l->entity == entity;
}

/* Takes out what has passed and, when seen says so, what has landed. */
static void settle(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity, bool seen, int64_t value) {
  uint32_t kept = 0, left = 0;
  for (uint32_t i = 0; i < e->lates.len; i++) {
    Late l = e->lates.items[i];
    bool same = concerns(&l, fact, kind, entity);
    bool landed = seen && !l.masked && value != VALUE_UNKNOWN && (l.values.count ? effect_has(e, l.values, value) : l.value == value);
    bool over = same && (l.until <= e->now || landed);
    if (over) continue;
    left += same;
    e->lates.items[kept++] = l;
  }
  e->lates.len = kept;
  if (!left) fact_cell(e, fact, kind, entity)->late = 0;
}

/* Of two that are expected, a reading does not tell which has landed: the other may still. */
void late_seen(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity, int64_t value) {
  uint32_t expected = 0;
  for (uint32_t i = 0; i < e->lates.len; i++)
    expected += e->lates.items[i].until > e->now && concerns(&e->lates.items[i], fact, kind, entity);
  settle(e, fact, kind, entity, expected == 1, value);
}

/* Does every value that the late effect may write also satisfy the new one? */
static bool agrees(const Engine *e, const Late *l, Slice values, int64_t value) {
  if (l->values.count == 0) return l->value != VALUE_UNKNOWN && l->value == value;
  for (uint32_t i = 0; i < l->values.count; i++)
    if (!effect_has(e, values, e->program->index_list[l->values.first + i])) return false;
  return true;
}

static const Late *against(Engine *e, const EffectRow *row, uint32_t entity, int64_t value) {
  if (!fact_cell(e, row->fact, row->kind, entity)->late) return NULL;
  settle(e, row->fact, row->kind, entity, false, 0);
  for (uint32_t i = 0; i < e->lates.len; i++) {
    const Late *l = &e->lates.items[i];
    if (concerns(l, row->fact, row->kind, entity) && !agrees(e, l, row->values, value)) return l;
  }
  return NULL;
}

const Late *late_against(Engine *e, const ActionRow *action, const Strand *s) {
  for (uint32_t i = 0; i < action->makes.count && e->lates.len > 0; i++) {
    const EffectRow *row = &e->program->effects[action->makes.first + i];
    int64_t value = effect_value(e, row, action, s);
    e->scratch.len = 0;
    vm_collect(e->vm, row->targets, s->args, action->params.count, &e->scratch);
    for (uint32_t j = 0; j < e->scratch.len; j++) {
      const Late *l = against(e, row, e->scratch.items[j], value);
      if (l) return l;
    }
  }
  return NULL;
}

static void mask(Engine *e, const EffectRow *row, uint32_t entity, int64_t until, int64_t value) {
  (void)until, (void)value;
  if (!fact_cell(e, row->fact, row->kind, entity)->late) return;
  for (uint32_t i = 0; i < e->lates.len; i++)
    if (concerns(&e->lates.items[i], row->fact, row->kind, entity)) e->lates.items[i].masked = true;
}

/* Another action writes the fact too: from here on, that it reads so no longer tells whether the late one has landed. */
void late_masked(Engine *e, const ActionRow *action, const Strand *s) {
  if (e->lates.len > 0) each_effect(e, action, s, mask, 0);
}
