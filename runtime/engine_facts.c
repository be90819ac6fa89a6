/* engine_facts: what the run has observed, and what code that it runs may ask of it. A fact starts as the inventory gives
 * it; a reading replaces it; an action that failed makes it unknown. */
#include <config.h>

#include "lang/waiver.h"
#include "runtime/engine_emergency.h"

#include <stdlib.h>
#include <string.h>

static int64_t silent_code(const Program *p, const FactRow *row) {
  if (row->type.klass != VALUE_ENUM) return VALUE_UNKNOWN;
  Slice words = p->enums[row->type.ref].words;
  for (uint32_t i = 0; i < words.count; i++)
    if (strcmp(program_str(p, p->enum_words[words.first + i]), "silent") == 0) return i + 1;
  return VALUE_UNKNOWN;
}

void facts_init(Engine *e) {
  const Program *p = e->program;
  e->facts = arena_new_array(e->arena, Cell *, size_product(p->facts_count + 1, p->kinds_count));
  e->metrics = arena_new_array(e->arena, Cell *, size_product(p->metrics_count + 1, p->kinds_count));
  e->silent = arena_new_array(e->arena, int64_t, p->facts_count + 1);
  for (uint32_t i = 0; i < p->facts_count; i++) e->silent[i] = silent_code(p, &p->facts[i]);
  fresh_init(e);
}

void facts_done(Engine *e) {
  const Program *p = e->program;
  for (size_t i = 0; i < (size_t)p->facts_count * p->kinds_count; i++) free(e->facts[i]);
  for (size_t i = 0; i < (size_t)p->metrics_count * p->kinds_count; i++) free(e->metrics[i]);
  vec_done(&e->lates);
  vec_done(&e->asked);
  vec_done(&e->writers);
}

static Cell *new_column(const Engine *e, uint32_t kind) {
  uint32_t count = fleet_count(e->fleet, kind);
  Cell *cells = xcalloc(count ? count : 1, sizeof *cells);
  for (uint32_t i = 0; i < count; i++) cells[i].value = VALUE_UNKNOWN;
  return cells;
}

Cell *fact_cell(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity) {
  Cell **column = &e->facts[(size_t)fact * e->program->kinds_count + kind];
  if (!*column) {
    *column = new_column(e, kind);
    for (uint32_t i = 0; i < fleet_count(e->fleet, kind); i++)
      (*column)[i].value = schema_fact(e->schema, e->fleet, fact, kind, i);
  }
  return &(*column)[entity];
}

Cell *metric_cell(Engine *e, uint32_t metric, uint32_t kind, uint32_t entity) {
  Cell **column = &e->metrics[(size_t)metric * e->program->kinds_count + kind];
  if (!*column) *column = new_column(e, kind);
  return &(*column)[entity];
}

int64_t engine_fact(const Engine *e, uint32_t fact, uint32_t kind, uint32_t entity) {
  const Cell *column = e->facts[(size_t)fact * e->program->kinds_count + kind];
  return column ? column[entity].value : schema_fact(e->schema, e->fleet, fact, kind, entity);
}

bool fact_silent(Engine *e, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < e->program->facts_count; i++) {
    const Cell *column = e->facts[(size_t)i * e->program->kinds_count + kind];
    if (e->silent[i] != VALUE_UNKNOWN && column && column[entity].value == e->silent[i]) return true;
  }
  return false;
}

/* A reading. An entity that was made silent cannot be read: what was known of it stands. */
void fact_read(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity, int64_t value, uint64_t command) {
  Cell *cell = fact_cell(e, fact, kind, entity);
  cell->stamp = (uint32_t)command;
  if (value == VALUE_UNKNOWN && cell->value != VALUE_UNKNOWN && fact_silent(e, kind, entity)) return;
  if (cell->value != value) cell->written = 0;
  cell->value = value;
  if (cell->late) late_seen(e, fact, kind, entity, value);
}

/* ---- the surroundings of code ---- */

static int64_t ask_cell(Engine *e, Cell *cell, Asked what) {
  const Strand *s = e->sensing;
  if (!s || cell->stamp >= (uint32_t)s->sense_from) return cell->value;
  if (e->only_stale && cell_fresh(e, cell, what)) return cell->value;
  if (cell->mark != (e->round & 0x3fffffffu)) {
    cell->mark = e->round & 0x3fffffffu;
    vec_push(&e->asked, what);
  }
  return VALUE_UNKNOWN;
}

static int64_t host_fact(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) {
  Engine *e = ctx;
  return ask_cell(e, fact_cell(e, fact, kind, entity), (Asked){fact, kind, entity, false});
}

static int64_t host_metric(void *ctx, uint32_t metric, uint32_t kind, uint32_t entity) {
  Engine *e = ctx;
  return ask_cell(e, metric_cell(e, metric, kind, entity), (Asked){metric, kind, entity, true});
}

static int64_t host_locked(void *ctx, uint32_t automation, uint32_t kind, uint32_t entity) {
  return lock_held(ctx, automation, kind, entity);
}

static int64_t host_tried(void *ctx, uint32_t action, uint32_t since, uint32_t entity) {
  Engine *e = ctx;
  if (e->urgent->judging && emergency_skips(e->program, e->urgent->judging - 1u, action)) return 1;
  uint32_t when = e->tried[action] ? e->tried[action][entity] : 0;
  uint32_t reset = action != since && e->succeeded[since] ? e->succeeded[since][entity] : 0;
  return when > reset;
}

static int64_t host_yes(void *ctx, uint32_t gate, uint32_t entity) {
  Engine *e = ctx;
  uint8_t *state = &e->gates[gate].state[entity];
  if (*state != TOKEN_YES) return 0;
  if (e->using_yes) *state = TOKEN_USED;
  return 1;
}

static int64_t host_recall(void *ctx, uint32_t remember, uint32_t entity) {
  Engine *e = ctx;
  return e->recalls[remember] ? e->recalls[remember][entity] : VALUE_UNKNOWN;
}

static bool host_still_in(void *ctx, uint32_t kind, uint32_t entity) { return !member_out(ctx, kind, entity); }

static const uint32_t *host_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  Engine *e = ctx;
  *ret_count = e->sets[set].count;
  return e->sets[set].items;
}

static const uint32_t *host_yeses(void *ctx, uint32_t gate, uint32_t *ret_count) {
  Engine *e = ctx;
  *ret_count = e->gates[gate].yes.len;
  return e->gates[gate].yes.items;
}

void host_init(Engine *e, VmHost *host) {
  *host = (VmHost){.ctx = e, .fact = host_fact, .metric = host_metric, .locked = host_locked, .tried = host_tried,
                   .yes = host_yes, .recall = host_recall, .still_in = host_still_in, .set = host_set,
                   .yeses = host_yeses, .params = e->params};
}
