/* view: the engine's state made comparable. Identities are what a thing is (a strand: the members it is about, from the
 * outside inwards), not where it is kept; times are relative to now; a set of things is a sum of digests. What is left out
 * can only make two states look alike, which loses paths and never invents one: every path that is reported was run. */
#include <config.h>

#include "tests/oracle/view.h"

#include "runtime/engine_embargo.h"

#include <string.h>

typedef uint64_t Hash;

static Hash mix(Hash h, uint64_t v) {
  h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
  return h ^ h >> 29;
}

static Hash mix_bytes(Hash h, const void *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) h = mix(h, ((const uint8_t *)bytes)[i]);
  return h;
}

static uint64_t ahead(const Engine *e, int64_t at) { return at == INT64_MAX || at == INT64_MIN ? (uint64_t)at : (uint64_t)(at - e->now); }

bool view_has_yes(const Engine *e, uint32_t gate, uint32_t entity) { return e->gates[gate].state[entity] == TOKEN_YES; }

/* ---- strands ---- */

static Hash name_of(const Engine *e, uint32_t id) {
  const Strand *s = strand_at((Engine *)e, id);
  Hash h = mix(1, s->task);
  while (s->fan != NONE_INDEX) {
    const Fan *f = &e->fans.items[s->fan];
    h = mix(mix(h, f->row), s->member);
    s = strand_at((Engine *)e, f->strand);
  }
  return s->task == TASK_CODE ? h : mix(mix(mix(h, s->job), s->member), s->ordinal);
}

static int64_t timer_at(const Engine *e, uint32_t timer) {
  return timer == TIMER_NONE ? INT64_MAX : e->timers.heap.items[e->timers.slots.items[timer].pos].at;
}

static Hash scopes_of(const Engine *e, const Strand *s) {
  Hash h = 2;
  for (uint32_t i = s->scope; i != NONE_INDEX; i = e->scopes.items[i].outer) {
    const Scope *c = &e->scopes.items[i];
    h = mix(h, (uint64_t)c->kind << 32 | c->row);
    h = mix(h, (uint64_t)c->undoing << 2 | (uint64_t)c->tripped << 1 | c->cancelled);
    for (uint32_t k = 0; c->since && k < e->program->guards[c->row].conditions.count; k++)
      h = mix(h, c->since[k] ? ahead(e, c->since[k]) : 1);
  }
  return h;
}

/* Which readings are fresh for a strand that waits for others. */
static Hash fresh_for(const Engine *e, const Strand *s) {
  Hash sum = 0;
  uint32_t kinds = e->program->kinds_count;
  for (uint32_t r = 0; r < e->program->facts_count * kinds; r++)
    for (uint32_t i = 0; e->facts[r] && i < fleet_count(e->fleet, r % kinds); i++)
      if (e->facts[r][i].stamp >= (uint32_t)s->sense_from) sum += mix(mix(3, r), i);
  return sum;
}

static Hash strand_shape(const Engine *e, uint32_t id) {
  const Strand *s = strand_at((Engine *)e, id);
  Hash h = name_of(e, id);
  Opcode op = code_op(e->program->code[s->pc]);
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) h = mix(h, (uint64_t)s->slots[i]);
  h = mix(h, s->pc);
  h = mix(h, s->phase | (uint64_t)s->outcome << 8 | (uint64_t)s->exit << 16 | (uint64_t)s->wait << 24 | (uint64_t)s->stage << 32 |
                 (uint64_t)s->masked << 40 | (uint64_t)s->tripped << 41 | (uint64_t)s->queued << 42 | (uint64_t)s->begun << 43 | (uint64_t)s->read << 48);
  h = mix(h, (uint64_t)s->outstanding << 32 | s->attempt);
  h = mix(h, ahead(e, timer_at(e, s->timer)));
  h = mix(h, scopes_of(e, s));
  if (s->task != TASK_CODE || op == OPCODE_CONFIRM || op == OPCODE_GATE || op == OPCODE_HOLD || s->wait || s->stage) {
    h = mix(h, ahead(e, s->since));
    h = mix(h, ahead(e, s->until));
  }
  if (s->task != TASK_CODE || s->exit || op == OPCODE_UNLOCK) h = mix_bytes(h, s->args, sizeof s->args);
  if (op == OPCODE_ACT) h = mix(h, s->answer);
  return s->outstanding ? mix(h, fresh_for(e, s)) : h;
}

/* ---- the rest ---- */

static Hash facts_shape(const Engine *e, Hash h) {
  uint32_t kinds = e->program->kinds_count;
  for (uint32_t r = 0; r < e->program->facts_count * kinds; r++)
    for (uint32_t i = 0; i < fleet_count(e->fleet, r % kinds); i++) {
      const Cell *c = e->facts[r] ? &e->facts[r][i] : NULL;
      int64_t value = c ? c->value : engine_fact(e, r / kinds, r % kinds, i);
      h = mix(h, (uint64_t)value << 1 | (c && c->late));
      h = mix(h, c ? (uint64_t)c->written << 1 | cell_fresh(e, c, (Asked){r / kinds, r % kinds, i, false}) : 0);
    }
  for (uint32_t i = 0; i < e->lates.len; i++) {
    const Late *l = &e->lates.items[i];
    h = mix(mix(h, ahead(e, l->until)), (uint64_t)l->fact << 40 | (uint64_t)l->kind << 24 | (uint64_t)l->entity << 1 | l->masked);
  }
  return h;
}

static Hash members_shape(const Engine *e, Hash h) {
  for (uint32_t k = 0; k < e->program->kinds_count; k++)
    if (e->members[k].state) h = mix_bytes(h, e->members[k].state, fleet_count(e->fleet, k));
  for (uint32_t i = 0; i < e->marks.len; i++) {
    const Mark *m = &e->marks.items[i];
    h = mix(h, (uint64_t)m->kind << 40 | (uint64_t)m->entity << 16 | (uint64_t)m->state << 8 | m->lifted);
  }
  for (uint32_t i = 0; i < e->program->sets_count; i++)
    for (uint32_t j = 0; j < e->sets[i].count; j++) h = mix(h, e->sets[i].items[j]);
  return h;
}

static Hash lock_shape(const Lockout *l, Hash h) {
  h = mix(h, l->row | (uint64_t)l->open << 32 | (uint64_t)l->failed << 33 | (uint64_t)l->exit << 36 | (uint64_t)l->giving_back << 44);
  if (l->member_state) h = mix_bytes(h, l->member_state, l->members.len);
  h = mix(h, (uint64_t)l->next << 40 | (uint64_t)l->flying << 20 | l->held);
  for (uint32_t i = 0; i < l->items.len; i++)
    h = mix(h, (uint64_t)l->items.items[i].free << 16 | (uint64_t)l->items.items[i].tries << 8 | (uint64_t)l->items.items[i].locking << 4 | l->items.items[i].done);
  for (uint32_t i = 0; i < l->waiting.len; i++) h = mix(h, l->waiting.items[i]);
  return h;
}

static Hash locks_shape(const Engine *e, Hash h) {
  for (uint32_t a = 0; a < e->program->automations_count; a++)
    for (uint32_t i = 0; e->locks[a] && i < fleet_count(e->fleet, e->program->automations[a].kind); i++)
      h = mix(h, (uint64_t)e->locks[a][i].refs << 8 | e->locks[a][i].state);
  for (uint32_t i = 0; i < e->lockouts.len; i++) h = lock_shape(&e->lockouts.items[i], h);
  for (uint32_t i = 0; i < e->lockouts.len; i++)
    for (uint32_t j = 0; e->lockouts.items[i].open && j < e->lockouts.items[i].items.len; j++)
      h = mix(h, ahead(e, e->lockouts.items[i].held < e->lockouts.items[i].items.len ? e->lockouts.items[i].items.items[j].until : INT64_MAX));
  return h;
}

/* What is used up of a ceiling in time. */
static Hash throttle_shape(const Engine *e, const Throttle *t, Hash h) {
  h = mix(mix(h, (uint64_t)t->overdue << 32 | t->running), t->taken);
  for (uint32_t i = 0; i < t->count; i++) {
    int64_t start = t->starts[(t->head + i) % t->cap];
    if (start + t->per > e->now) h = mix(h, ahead(e, start));
  }
  return h;
}

static Hash fans_shape(const Engine *e) {
  Hash sum = 0;
  for (uint32_t i = 0; i < e->fans.len; i++) {
    const Fan *f = &e->fans.items[i];
    if (!f->used) continue;
    Hash h = mix(name_of(e, f->strand), f->row);
    h = mix(h, (uint64_t)f->left << 48 | (uint64_t)f->running << 32 | (uint64_t)f->done << 16 | f->aside);
    h = mix(h, (uint64_t)f->next << 8 | f->stop);
    for (uint32_t t = 0; t < f->tolerance_count; t++)
      for (uint32_t c = 0; c < f->tolerances[t].count_len; c++) h = mix(h, f->tolerances[t].counts[c]);
    for (uint32_t l = 0; l < f->limit_count; l++)
      for (uint32_t c = 0; c < f->limits[l].count; c++) h = throttle_shape(e, &f->limits[l].throttles[c], h);
    sum += h;
  }
  return sum;
}

static Hash adjusts_shape(const Engine *e, Hash h) {
  for (uint32_t i = 0; i < e->adjusts.len; i++) {
    const Adjust *a = &e->adjusts.items[i];
    h = mix(h, (uint64_t)a->row << 40 | (uint64_t)a->next << 20 | (uint64_t)a->flying << 2 | (uint64_t)a->back << 1 | a->failed);
    for (uint32_t j = 0; j < a->items.len; j++) {
      const AdjustItem *t = &a->items.items[j];
      h = mix(h, (uint64_t)t->old << 24 | (uint64_t)t->changed << 16 | (uint64_t)t->failed << 8 | t->phase);
      h = mix(h, (uint64_t)t->tries << 48 | (t->phase && t->again > e->now ? ahead(e, t->again) : 0));
    }
  }
  return h;
}

static Hash flights_shape(const Engine *e) {
  Hash sum = 0;
  for (uint32_t i = 0; i < e->flights.len; i++) {
    const Command *c = &e->flights.items[i].command;
    Hash h = mix(name_of(e, e->flights.items[i].strand), (uint64_t)c->kind << 48 | (uint64_t)c->subject << 24 | c->entity);
    sum += mix(mix(h, ahead(e, c->deadline)), (uint64_t)c->attempt << 32 | e->flights.items[i].item);
  }
  return sum;
}

static Hash gates_shape(const Engine *e, Hash h) {
  for (uint32_t i = 0; i < e->program->gates_count; i++) {
    uint32_t kind = e->program->gates[i].kind;
    h = mix_bytes(h, e->gates[i].state, kind == NONE_INDEX ? 1 : fleet_count(e->fleet, kind));
    for (uint32_t j = 0; j < e->gates[i].yes.len; j++) h = mix(h, e->gates[i].yes.items[j]);
  }
  return h;
}

static Hash others_shape(const Engine *e, Hash h) {
  const Budget *b = &e->budget;
  h = mix(h, (uint64_t)e->outcome | (uint64_t)e->paused << 8 | (uint64_t)e->cancelled << 9 | (uint64_t)e->begun << 10 |
                 (uint64_t)e->window_over << 11);
  if (b->kind != NONE_INDEX) h = mix_bytes(h, b->charged, fleet_count(e->fleet, b->kind));
  for (uint32_t i = b->queue.head; i != NONE_INDEX; i = strand_at((Engine *)e, i)->queue_next) h = mix(h, name_of(e, i));
  for (uint32_t i = 0; i < e->program->remembers_count; i++)
    if (e->recalls[i]) h = mix_bytes(h, e->recalls[i], fleet_count(e->fleet, e->program->remembers[i].kind) * sizeof **e->recalls);
  for (uint32_t i = 0; i < e->buckets.len; i++) h = throttle_shape(e, &e->buckets.items[i].rate, h);
  for (uint32_t i = 0; i < e->lost.len; i++) h = mix(h, (uint64_t)e->lost.items[i].automation << 32 | e->lost.items[i].entity);
  for (uint32_t i = 0; i < e->program->embargoes_count; i++) h = mix(h, e->embargoes[i].state);
  for (uint32_t i = 0; i < e->holds.len; i++) h = mix(h, ahead(e, e->holds.items[i].since));
  return h;
}

/* A window, a day of the budget: then the time of day counts as well. */
static bool knows_the_day(const Engine *e) { return e->frozen->opening_count > 0 || e->budget.day_count > 0; }

uint64_t view_shape(const Engine *e) {
  if (e->outcome != RUN_GOING) return mix(members_shape(e, 4), e->outcome);
  Hash sum = 0;
  for (uint32_t i = 0; i < e->strand_count; i++)
    if (strand_at((Engine *)e, i)->task != TASK_FREE) sum += strand_shape(e, i);
  Hash h = mix(mix(mix(5, sum), fans_shape(e)), flights_shape(e));
  if (knows_the_day(e)) h = mix(h, (uint64_t)e->now);
  return adjusts_shape(e, others_shape(e, gates_shape(e, locks_shape(e, members_shape(e, facts_shape(e, h))))));
}

/* ---- confirms ---- */

void view_confirms(const Engine *e, int64_t now, ViewConfirm *visit, void *ctx) {
  for (uint32_t i = 0; i < e->strand_count; i++) {
    const Strand *s = strand_at((Engine *)e, i);
    bool confirms = s->task == TASK_CODE && s->exit == EXIT_NONE && code_op(e->program->code[s->pc]) == OPCODE_CONFIRM;
    if (!confirms || s->phase == 0 || now < s->until || s->fan == NONE_INDEX) continue;
    const ConfirmRow *row = &e->program->confirms[code_a(e->program->code[s->pc])];
    visit(ctx, row->condition, s->slots, LIMIT_SLOTS, e->program->fans[e->fans.items[s->fan].row].kind, s->member);
  }
}
