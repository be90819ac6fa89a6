/* engine_fresh: is what was last read of a fact still worth believing when an action is sent on it?
 *
 *     who can change it since                         believed
 *     a hazard; an automation that was not locked     only when read for this very action
 *       here, by this run, all the time since
 *     nobody that is declared, and an action of       until somebody else is seen to have written it
 *       this run wrote it and it was read back
 *     nobody that is declared                         for READ_FRESH
 *
 * A writer that can only write the value that is there already changes nothing. The inventory is no reading. Times are kept
 * as numbers of commands, which grow with time: a cell needs no time of its own. */
#include <config.h>

#include "runtime/engine_parts.h"

/* ---- who else may write ---- */

/* Does the region reach only what is in, or around, the automation's entity? Then a lock on what covers the target covers
 * every entity from which the automation reaches it. */
static bool stays_near(const Program *p, CodeRef region) {
  bool up = false, below = false;
  for (uint32_t pc = region; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    switch (code_op(p->code[pc])) {
      case OPCODE_RETURN: return !(up && below);
      case OPCODE_UP: up = true; break;
      case OPCODE_EACH_BELOW: below = true; break;
      case OPCODE_SLOT: case OPCODE_NEXT: case OPCODE_JUMP: case OPCODE_COLLECT: break;
      default: return false;
    }
  }
  return false;
}

static void add_writers(Engine *e, Slice triggers, uint32_t automation) {
  const Program *p = e->program;
  for (uint32_t i = 0; i < triggers.count; i++) {
    Slice effects = p->triggers[triggers.first + i].effects;
    for (uint32_t j = 0; j < effects.count; j++) {
      const EffectRow *row = &p->effects[effects.first + j];
      uint32_t *first = &e->writer_of[(size_t)row->fact * p->kinds_count + row->kind];
      vec_push(&e->writers, ((Writer){.effect = effects.first + j, .next = *first,
                                      .automation = stays_near(p, row->targets) ? automation : NONE_INDEX}));
      *first = e->writers.len;
    }
  }
}

void fresh_init(Engine *e) {
  const Program *p = e->program;
  e->writer_of = arena_new_array(e->arena, uint32_t, size_product(p->facts_count + 1, p->kinds_count));
  for (uint32_t i = 0; i < p->hazards_count; i++) add_writers(e, p->hazards[i].triggers, NONE_INDEX);
  for (uint32_t i = 0; i < p->automations_count; i++) add_writers(e, p->automations[i].triggers, i);
}

static bool writes_only(const Engine *e, const EffectRow *row, int64_t value) {
  return row->values.count == 1 && effect_has(e, row->values, value);
}

static bool others_may_have_written(const Engine *e, const Cell *cell, Asked what) {
  for (uint32_t i = e->writer_of[(size_t)what.fact * e->program->kinds_count + what.kind]; i;) {
    const Writer *w = &e->writers.items[i - 1];
    bool locked = w->automation != NONE_INDEX && lock_held_since(e, w->automation, what.kind, what.entity, cell->stamp);
    if (!locked && !writes_only(e, &e->program->effects[w->effect], cell->value)) return true;
    i = w->next;
  }
  return false;
}

/* ---- how long ago ---- */

/* Two marks, half of READ_FRESH apart or more: the older one counts until it is too old. */
void fresh_time(Engine *e) {
  if (e->ages[0].from && e->now - e->ages[0].at < READ_FRESH / 2) return;
  e->ages[1] = e->ages[0];
  e->ages[0] = (Age){e->now, e->next_command};
}

static uint64_t recent_from(const Engine *e) {
  bool older = e->ages[1].from && e->now - e->ages[1].at <= READ_FRESH;
  return e->ages[older ? 1 : 0].from;
}

bool cell_fresh(const Engine *e, const Cell *cell, Asked what) {
  if (cell->stamp == 0) return false;
  if (!what.metric && others_may_have_written(e, cell, what)) return false;
  return (cell->written && !cell->late) || cell->stamp >= (uint32_t)recent_from(e);
}
