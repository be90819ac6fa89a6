/* effects: what an action or an automation may leave behind, as a list of cells with the values that each may take. A variant
 * is one combination of them, counted like digits. */
#include <config.h>

#include "tests/oracle/truth.h"

static void add_option(Effects *e, uint32_t at, int16_t value) {
  for (uint32_t i = 0; i < e->on[at].options; i++)
    if (e->on[at].option[i] == value) return;
  if (e->on[at].options < sizeof e->on[at].option / sizeof *e->on[at].option) e->on[at].option[e->on[at].options++] = value;
}

/* The cell's place in the list; a new one has no options. */
static uint32_t place(const Ground *g, Effects *e, uint32_t fact, uint32_t kind, uint32_t entity) {
  uint32_t cell = cell_of(g, fact, kind, entity), i = 0;
  while (i < e->count && e->on[i].cell != cell) i++;
  if (i < e->count) return i;
  if (e->count == MAX_EFFECTS) return NONE_INDEX;
  e->on[i].cell = cell;
  e->on[i].fact = fact;
  e->on[i].kind = kind;
  e->on[i].entity = entity;
  e->on[i].options = 0;
  e->count++;
  return i;
}

static void add_values(Ground *g, Effects *e, uint32_t at, const EffectRow *row, const int64_t *args, uint32_t count) {
  for (uint32_t i = 0; i < row->values.count; i++) add_option(e, at, (int16_t)g->program->index_list[row->values.first + i]);
  if (row->values.count || !row->value) return;
  int64_t value = vm_value(g->vm, row->value, args, count);
  if (value != VALUE_UNKNOWN) add_option(e, at, (int16_t)value);
}

/* old: the value that it has is an option, too. */
static void add_row(Ground *g, Effects *e, const EffectRow *row, const int64_t *args, uint32_t count, bool old) {
  EntityVec targets = {0};
  vm_collect(g->vm, row->targets, args, count, &targets);
  for (uint32_t i = 0; i < targets.len; i++) {
    if (g->cells[row->fact * g->program->kinds_count + row->kind] == NONE_INDEX) continue;
    uint32_t at = place(g, e, row->fact, row->kind, targets.items[i]);
    if (at == NONE_INDEX) continue;
    if (old) add_option(e, at, g->truth->fact[e->on[at].cell]);
    add_values(g, e, at, row, args, count);
  }
  vec_done(&targets);
}

/* Facts that the failure of the contract speaks of take its values; the others are old or new. */
static void add_failure(Ground *g, Effects *e, const ActionRow *a, const int64_t *args) {
  const EffectRow *rows = g->program->effects;
  for (uint32_t i = 0; i < a->on_failure.count; i++) add_row(g, e, &rows[a->on_failure.first + i], args, a->params.count, true);
  for (uint32_t i = 0; i < a->makes.count; i++) {
    Effects made = {0};
    add_row(g, &made, &rows[a->makes.first + i], args, a->params.count, true);
    for (uint32_t j = 0; j < made.count; j++) {
      uint32_t known = e->count, at = place(g, e, made.on[j].fact, made.on[j].kind, made.on[j].entity);
      if (at != known) continue; /* spoken of, or no room */
      for (uint32_t k = 0; k < made.on[j].options; k++) add_option(e, at, made.on[j].option[k]);
    }
  }
}

void effects_of_action(Ground *g, uint32_t action, const int64_t *args, EffectCase how, Effects *ret) {
  const ActionRow *a = &g->program->actions[action];
  ret->count = 0;
  if (how == EFFECT_FAILED) {
    add_failure(g, ret, a, args);
    return;
  }
  for (uint32_t i = 0; i < a->makes.count; i++) {
    const EffectRow *row = &g->program->effects[a->makes.first + i];
    add_row(g, ret, row, args, a->params.count, row->may);
  }
}

void effects_of_trigger(Ground *g, const TriggerRow *trigger, uint32_t entity, Effects *ret) {
  int64_t self = entity;
  ret->count = 0;
  for (uint32_t i = 0; i < trigger->effects.count; i++)
    add_row(g, ret, &g->program->effects[trigger->effects.first + i], &self, 1, false);
}

uint32_t effects_variants(const Effects *e) {
  uint32_t n = 1;
  for (uint32_t i = 0; i < e->count; i++)
    if (e->on[i].options) n *= e->on[i].options;
  return n < MAX_VARIANTS ? n : MAX_VARIANTS;
}

static int16_t chosen(const Effects *e, uint32_t i, uint32_t *variant) {
  int16_t value = e->on[i].option[*variant % e->on[i].options];
  *variant /= e->on[i].options;
  return value;
}

bool effects_change(const Ground *g, const Effects *e, uint32_t variant) {
  for (uint32_t i = 0; i < e->count; i++)
    if (e->on[i].options && g->truth->fact[e->on[i].cell] != chosen(e, i, &variant)) return true;
  return false;
}

void effects_apply(Ground *g, const Effects *e, uint32_t variant, bool by_run) {
  for (uint32_t i = 0; i < e->count; i++) {
    if (!e->on[i].options) continue;
    uint32_t cell = e->on[i].cell;
    int16_t value = chosen(e, i, &variant);
    if (g->truth->fact[cell] != value) g->truth->wrote[cell] = by_run;
    g->truth->fact[cell] = value;
  }
}
