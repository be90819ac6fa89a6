/* engine_guard: what must hold while a block runs. Each guard has a strand of its own that reads its conditions again and
 * again; when one is not surely true, nobody new starts in the guarded block, and its owner goes to the handler at its next
 * step. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <string.h>

enum { GUARD_NEW, GUARD_SENSE, GUARD_WAIT };

/* Nothing in the block begins before its conditions were read once: a guard that is broken already lets nobody start. */
Flow op_guard_begin(Engine *e, uint32_t id) {
  Strand *owner = strand_at(e, id);
  if (owner->phase > 0) {
    const Scope *scope = &e->scopes.items[owner->scope];
    return scope->since ? flow_next(e, owner) : FLOW_WAIT;
  }
  uint32_t watcher = strand_new(e, TASK_GUARD);
  Strand *s = strand_at(e, watcher);
  memcpy(s->slots, owner->slots, sizeof s->slots);
  s->masked = owner->masked;
  s->job = scope_open(e, id, SCOPE_GUARD, strand_op_a(e, owner), watcher);
  ready_strand(e, watcher);
  owner->phase = 1;
  return FLOW_WAIT;
}

void guard_close(Engine *e, uint32_t scope) {
  Scope *s = &e->scopes.items[scope];
  if (s->data != NONE_INDEX) strand_free(e, s->data);
  s->data = NONE_INDEX;
}

Flow op_guard_end(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (!scope_is(e, s, SCOPE_GUARD, strand_op_a(e, s))) return flow_next(e, s);
  guard_close(e, s->scope);
  scope_close(e, id);
  return flow_next(e, s);
}

static const GuardRow *guard_row(const Engine *e, const Strand *s) {
  return &e->program->guards[e->scopes.items[s->job].row];
}

static const NeedRow *condition_row(const Engine *e, const Strand *s, uint32_t i) {
  return &e->program->need_rows[guard_row(e, s)->conditions.first + i];
}

static void ask_guard(Engine *e, Strand *s) {
  for (uint32_t i = 0; i < guard_row(e, s)->conditions.count; i++)
    vm_value(e->vm, condition_row(e, s, i)->condition, s->slots, LIMIT_SLOTS);
}

/* The first condition that has not surely held for as long as its guard allows. */
static const NeedRow *broken(Engine *e, uint32_t id, int64_t *ret_value) {
  Strand *s = strand_at(e, id);
  Scope *scope = &e->scopes.items[s->job];
  uint32_t count = guard_row(e, s)->conditions.count;
  if (!scope->since) scope->since = arena_new_array(e->arena, int64_t, count + 1);
  for (uint32_t i = 0; i < count; i++) {
    const NeedRow *need = condition_row(e, s, i);
    *ret_value = vm_value(e->vm, need->condition, s->slots, LIMIT_SLOTS);
    if (*ret_value == 1) scope->since[i] = 0;
    else if (scope->since[i] == 0) scope->since[i] = e->now + 1;
    if (*ret_value != 1 && e->now + 1 - scope->since[i] >= region_value(e, s, need->over, 0)) return need;
  }
  return NULL;
}

static void trip(Engine *e, uint32_t watcher, const NeedRow *need, int64_t value) {
  Scope *scope = &e->scopes.items[strand_at(e, watcher)->job];
  uint32_t owner = scope->strand;
  Strand *s = strand_at(e, owner);
  scope->tripped = 1;
  scope->outcome = value == 0 ? OUT_FAILED : OUT_UNKNOWN;
  scope->why = text_printf(e, "it no longer holds: %s", program_str(e->program, need->text));
  scope->data = NONE_INDEX;
  s->tripped = 1;
  note(e, NOTE_ALARM, scope->row, NONE_INDEX, NONE_INDEX, 0, need->line, scope->why);
  if (s->phase > 0 && s->exit == EXIT_NONE && code_op(e->program->code[s->pc]) == OPCODE_FAN && s->job != NONE_INDEX)
    fan_stop(e, s->job, STOP_GUARD, scope->why);
  ready_strand(e, owner);
  strand_free(e, watcher);
}

void guard_run(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == GUARD_WAIT && s->timer != TIMER_NONE) return;
  if (s->phase != GUARD_SENSE) {
    sense_begin(e, s);
    s->phase = GUARD_SENSE;
  }
  if (s->outstanding > 0 || !sense_round(e, id, ask_guard)) return;
  int64_t value;
  const NeedRow *need = broken(e, id, &value);
  if (need) {
    trip(e, id, need, value);
    return;
  }
  s->phase = GUARD_WAIT;
  strand_timer(e, id, e->now + GUARD_EVERY);
  uint32_t owner = e->scopes.items[s->job].strand;
  if (code_op(e->program->code[strand_at(e, owner)->pc]) == OPCODE_GUARD_BEGIN) ready_strand(e, owner);
}
