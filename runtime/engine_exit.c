/* engine_exit: the ways out. Whoever leaves passes every scope that it opened, innermost first: settings are put back,
 * lockouts released or handed over, and the innermost attempt of a failure runs its roll back before the way goes on. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_emergency.h"

#include <assert.h>
#include <string.h>

/* ---- scopes ---- */

uint32_t scope_open(Engine *e, uint32_t strand, ScopeKind kind, uint32_t row, uint32_t data) {
  Strand *s = strand_at(e, strand);
  Scope scope = {.outer = s->scope, .row = row, .strand = strand, .data = data, .kind = (uint8_t)kind};
  uint32_t id;
  if (e->spare_scopes.len) {
    id = e->spare_scopes.items[--e->spare_scopes.len];
    e->scopes.items[id] = scope;
  } else {
    id = e->scopes.len;
    vec_push(&e->scopes, scope);
  }
  s->scope = id;
  return id;
}

void scope_close(Engine *e, uint32_t strand) {
  Strand *s = strand_at(e, strand);
  uint32_t id = s->scope;
  assert(id != s->base);
  s->scope = e->scopes.items[id].outer;
  vec_push(&e->spare_scopes, id);
}

bool scope_is(const Engine *e, const Strand *s, ScopeKind kind, uint32_t row) {
  if (s->scope == s->base) return false;
  const Scope *scope = &e->scopes.items[s->scope];
  return scope->kind == (uint8_t)kind && scope->row == row;
}

/* ---- attempts ---- */

static bool is_failure(ExitKind exit) {
  switch (exit) {
    case EXIT_NONE: case EXIT_DONE: case EXIT_OUT: case EXIT_END: case EXIT_REFUSED: case EXIT_STALE: return false;
    case EXIT_GUARD: case EXIT_FAIL: case EXIT_CANCEL: case EXIT_ROLLED_BACK: return true;
  }
  return false;
}

/* Steps begun later than `since` end as failed. */
static void steps_break_off(Engine *e, uint32_t since, TextId why) {
  for (uint32_t i = 0; i < e->program->steps_count; i++) {
    if (!e->steps[i].begun || e->steps[i].ended || e->step_begun[i] <= since) continue;
    e->steps[i].ended = 1;
    note(e, NOTE_STEP_END, i, NONE_INDEX, NONE_INDEX, OUT_FAILED, e->program->steps[i].line, why);
  }
}

static Flow begin_undo(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Scope *scope = &e->scopes.items[s->scope];
  const AttemptRow *row = &e->program->attempts[scope->row];
  scope->undoing = 1;
  scope->why = s->why;
  scope->cancelled = s->exit == EXIT_CANCEL;
  note(e, NOTE_ROLL_BACK, NONE_INDEX, NONE_INDEX, NONE_INDEX, 0, row->line, s->why);
  if (s->fan == NONE_INDEX) steps_break_off(e, scope->steps, s->why);
  gates_void(e, scope->pass);
  marks_lift(e, scope->marks);
  s->masked = 1;
  s->exit = EXIT_NONE;
  s->phase = 0;
  s->pc = row->undo;
  return FLOW_ON;
}

Flow op_attempt_end(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t row = strand_op_a(e, s);
  if (scope_is(e, s, SCOPE_ATTEMPT, row)) scope_close(e, id);
  s->pc = e->program->attempts[row].end;
  return FLOW_ON;
}

Flow op_undo_end(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  TextId why = s->why;
  if (scope_is(e, s, SCOPE_ATTEMPT, strand_op_a(e, s))) {
    why = e->scopes.items[s->scope].why;
    scope_close(e, id);
  }
  return flow_exit(s, EXIT_ROLLED_BACK, why);
}

/* ---- the way out ---- */

static Flow end_main(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  ExitKind exit = (ExitKind)s->exit;
  TextId why = s->why;
  if (e->urgent->blocks || losses_open(e)) return FLOW_WAIT; /* whoever is last wakes it */
  strand_free(e, id);
  e->main = NONE_INDEX;
  switch (exit) {
    case EXIT_NONE: case EXIT_OUT: case EXIT_DONE: run_end(e, RUN_COMPLETED, 0); break;
    case EXIT_END: run_end(e, RUN_ENDED, why); break;
    case EXIT_GUARD: case EXIT_FAIL: run_end(e, RUN_FAILED, why); break;
    case EXIT_CANCEL: run_end(e, RUN_CANCELLED, why); break;
    case EXIT_REFUSED: run_end(e, RUN_REFUSED, why); break;
    case EXIT_STALE: run_end(e, RUN_STALE, why); break;
    case EXIT_ROLLED_BACK: run_end(e, RUN_ROLLED_BACK, why); break;
  }
  return FLOW_GONE;
}

static Flow enter_handler(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  s->pc = e->program->guards[e->scopes.items[s->scope].row].handler;
  s->outcome = e->scopes.items[s->scope].outcome;
  guard_close(e, s->scope);
  scope_close(e, id);
  s->exit = EXIT_NONE;
  s->phase = 0;
  return FLOW_ON;
}

/* Passes the innermost scope. FLOW_EXIT: it is closed, on outwards. */
static Flow pass_scope(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const Scope *scope = &e->scopes.items[s->scope];
  Flow flow = FLOW_ON;
  switch ((ScopeKind)scope->kind) {
    case SCOPE_GUARD:
      if (s->exit == EXIT_GUARD && scope->tripped) return enter_handler(e, id);
      guard_close(e, s->scope);
      break;
    case SCOPE_LOCKOUT: flow = lockout_release(e, id, scope->data); break;
    case SCOPE_ADJUST: flow = adjust_restore(e, id, scope->data); break;
    case SCOPE_ATTEMPT:
      if (s->exit == EXIT_CANCEL && s->fan != NONE_INDEX) break; /* nothing was done for the member: there is no way back */
      if (is_failure((ExitKind)s->exit) && !scope->undoing) return begin_undo(e, id);
      if (is_failure((ExitKind)s->exit)) s->exit = EXIT_FAIL; /* the roll back itself could not be finished */
      break;
  }
  if (flow == FLOW_WAIT) return FLOW_WAIT;
  scope_close(e, id);
  s->phase = 0;
  return FLOW_EXIT;
}

Flow unwind(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->outstanding > 0 && s->phase == 0) return FLOW_WAIT; /* what is in flight is answered first */
  while (s->scope != s->base) {
    Flow flow = pass_scope(e, id);
    if (flow != FLOW_EXIT) return flow;
  }
  if (s->fan == NONE_INDEX) return s->emergency ? emergency_over(e, id) : end_main(e, id);
  member_end(e, id, (ExitKind)s->exit);
  return FLOW_GONE;
}

/* ---- leaving: set aside, kept out ---- */

static void put_out(Engine *e, uint32_t id, uint32_t kind, uint32_t entity, MemberState state, TextId why) {
  uint32_t mark = member_put_out(e, kind, entity, state, why);
  if (mark == NONE_INDEX) return;
  const Strand *s = strand_at(e, id);
  uint32_t step = s->fan == NONE_INDEX ? NONE_INDEX : e->program->fans[e->fans.items[s->fan].row].step;
  uint32_t line = program_line(e->program, s->pc, NULL);
  note(e, state == MEMBER_SET_ASIDE ? NOTE_SET_ASIDE : NOTE_KEPT_OUT, step, kind, entity, state, line, why);
  if (state != MEMBER_SET_ASIDE) return;
  tally_lost(e, kind, entity, mark);
  tolerance_count(e, id, kind, entity, mark, why);
}

Flow op_out(Engine *e, uint32_t id, MemberState state) {
  Strand *s = strand_at(e, id);
  int64_t entity = vm_pop(e->vm), why = vm_pop(e->vm);
  if (entity != VALUE_UNKNOWN) put_out(e, id, strand_op_a(e, s), (uint32_t)entity, state, why == VALUE_UNKNOWN ? 0 : (TextId)why);
  Flow flow = flow_next(e, s);
  return strand_diverted(e, id) ? FLOW_EXIT : flow;
}

Flow op_refused(Engine *e, uint32_t id, MemberState state) {
  Strand *s = strand_at(e, id);
  const RefusalRow *row = &e->program->refusals[strand_op_a(e, s)];
  const GateRow *gate = &e->program->gates[row->gate];
  GateTokens *g = &e->gates[row->gate];
  int64_t slots[LIMIT_SLOTS];
  memcpy(slots, s->slots, sizeof slots);
  for (uint32_t i = 0; i < g->asked.len && gate->kind != NONE_INDEX; i++) {
    GateMember m = g->asked.items[i];
    if (m.strand != id || g->state[m.entity] == TOKEN_YES || g->state[m.entity] == TOKEN_USED) continue;
    slots[gate->slot] = m.entity;
    int64_t why = row->why ? vm_value(e->vm, row->why, slots, LIMIT_SLOTS) : 0;
    put_out(e, id, gate->kind, m.entity, state, why == VALUE_UNKNOWN ? 0 : (TextId)why);
  }
  Flow flow = flow_next(e, s);
  return strand_diverted(e, id) ? FLOW_EXIT : flow;
}

/* ---- the run ---- */

void run_end(Engine *e, RunOutcome outcome, TextId reason) {
  assert(e->outcome == RUN_GOING);
  e->outcome = outcome;
  e->reason = reason;
  buckets_stop(e);
  emergencies_stop(e);
  embargoes_end(e);
  risks_stop(e);
  steps_break_off(e, 0, reason);
  members_settle(e, outcome == RUN_ROLLED_BACK ? MEMBER_ROLLED_BACK : outcome == RUN_COMPLETED || outcome == RUN_ENDED ? MEMBER_DONE : MEMBER_FREE);
  note(e, NOTE_END, NONE_INDEX, NONE_INDEX, NONE_INDEX, outcome, 0, reason);
}

/* Members that have begun and wait for their turn, for time or for a reading, with nothing sent for them yet: they go. */
static void give_up_waiting(Engine *e) {
  for (uint32_t i = 0; i < e->fans.len; i++) {
    uint32_t strand = e->fans.items[i].strand;
    if (e->fans.items[i].used && strand_given_up(e, strand)) fan_stop(e, i, STOP_CANCEL, e->reason);
  }
  for (uint32_t i = 0; i < e->strand_count; i++)
    if (strand_given_up(e, i)) ready_strand(e, i);
}

/* A person cancels: nobody new starts, nobody is asked any more, who is under way finishes, then the failure edge. */
void run_cancel(Engine *e) {
  if (e->cancelled || e->main == NONE_INDEX) return;
  e->cancelled = true;
  queue_wake_all(e, &e->paused_queue);
  Strand *s = strand_at(e, e->main);
  if (!s->masked) {
    if (s->phase > 0 && s->exit == EXIT_NONE && code_op(e->program->code[s->pc]) == OPCODE_FAN && s->job != NONE_INDEX)
      fan_stop(e, s->job, STOP_CANCEL, e->reason);
    ready_strand(e, e->main);
  }
  for (uint32_t i = 0; i < e->flights.len; i++) {
    const Flight *f = &e->flights.items[i];
    if (f->command.kind == COMMAND_ASK && !strand_at(e, f->strand)->masked) ready_strand(e, f->strand);
  }
  give_up_waiting(e);
  for (uint32_t i = 0; i < e->fans.len; i++) ready_fan(e, i);
}
