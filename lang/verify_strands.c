/* verify_strands: step code. One pass in the order of addresses sees every path, because control leads back only to
 * states that were proved before. */
#include <config.h>

#include "lang/verify.h"

#include <string.h>

/* ---- scopes ---- */

static uint32_t set_slots(const State *s) {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++)
    if (s->slots[i] != HOLDS_NOTHING) bits |= 1u << i;
  return bits;
}

/* The scope that an instruction opens inside that of s; NULL and a fault past the limit. */
static const Scope *scope_inside(Verifier *v, uint32_t pc, const State *s, ScopeKind kind, uint32_t row) {
  uint32_t depth = s->scope ? s->scope->depth + 1 : 1;
  if (depth > LIMIT_SCOPES) {
    verify_fault(v, pc, RULE_SCOPES, "more than %u scopes are open", LIMIT_SCOPES);
    return NULL;
  }
  Scope *scope = arena_new_object(v->arena, Scope);
  *scope = (Scope){.outer = s->scope, .kind = kind, .row = row, .depth = depth, .kept = set_slots(s)};
  scope->can_roll_back = kind == SCOPE_ATTEMPT || (s->scope && s->scope->can_roll_back);
  return scope;
}

static bool scope_open(Verifier *v, Walk *w, ScopeKind kind, uint32_t row) {
  w->now.scope = scope_inside(v, w->pc, &w->now, kind, row);
  return w->now.scope != NULL;
}

static bool scope_close(Verifier *v, Walk *w, ScopeKind kind, uint32_t row) {
  const Scope *top = w->now.scope;
  if (!top || top->kind != kind || top->row != row)
    return verify_fault(v, w->pc, RULE_SCOPES, "what it closes is not the innermost open scope");
  w->now.scope = top->outer;
  return true;
}

/* ---- rows ---- */

static bool meet(Verifier *v, Walk *w, OperandClass klass, uint32_t row) {
  if (v->met[klass][row]) return verify_fault(v, w->pc, RULE_ONCE, "another instruction has met row %u before", row);
  v->met[klass][row] = 1;
  return true;
}

static State with_slot(const State *s, uint32_t slot, Holds what) {
  State inner = {0};
  memcpy(inner.slots, s->slots, sizeof inner.slots);
  inner.slots[slot] = what;
  return inner;
}

static bool fan_regions(Verifier *v, const FanRow *f, const State *s) {
  const Program *p = v->p;
  State inner = with_slot(s, f->slot, HOLDS_ENTITY + f->kind);
  if (!verify_members(v, f->members, s, f->kind) || !verify_limit_rows(v, f->limits, s)) return false;
  for (uint32_t i = 0; i < f->order.count; i++)
    if (!verify_region(v, p->orders[f->order.first + i].key, &inner, HOLDS_ANYTHING)) return false;
  for (uint32_t i = 0; i < f->tolerances.count; i++) {
    const ToleranceRow *t = &p->tolerances[f->tolerances.first + i];
    if (!verify_region(v, t->amount, s, HOLDS_NUMBER) || !verify_region_if(v, t->each, s, HOLDS_NUMBER)) return false;
  }
  return true;
}

static bool fan(Verifier *v, Walk *w, uint32_t row) {
  const FanRow *f = &v->p->fans[row];
  if (!fan_regions(v, f, &w->now)) return false;
  w->now.outcome = false;
  if (f->on_stop && !verify_seed(v, w, f->on_stop, &w->now, true)) return false;
  State body = with_slot(&w->now, f->slot, HOLDS_ENTITY + f->kind);
  body.scope = w->now.scope;
  body.scope = scope_inside(v, w->pc, &body, SCOPE_FAN, row);
  return body.scope && verify_seed(v, w, f->body, &body, true);
}

/* Its block is a strand like that of a fan's member: it holds no scope of the run. */
static bool watch(Verifier *v, Walk *w, uint32_t row) {
  const EmergencyRow *e = &v->p->emergencies[row];
  State none = {0}, body = with_slot(&none, e->slot, HOLDS_ENTITY + e->kind);
  if (w->now.scope) return verify_fault(v, w->pc, RULE_SCOPES, "an emergency inside a scope");
  if (row && e->body <= v->p->emergencies[row - 1].body) return verify_fault(v, w->pc, RULE_TARGETS, "emergencies out of order");
  if (!verify_region(v, e->condition, &body, HOLDS_NUMBER)) return false;
  body.scope = scope_inside(v, w->pc, &body, SCOPE_FAN, v->p->fans_count + row);
  return body.scope && verify_seed(v, w, e->body, &body, true);
}

static bool gate(Verifier *v, Walk *w, uint32_t row) {
  const GateRow *g = &v->p->gates[row];
  State inner = g->once ? w->now : with_slot(&w->now, g->slot, HOLDS_ENTITY + g->kind);
  if (!g->once && !verify_members(v, g->members, &w->now, g->kind)) return false;
  return verify_region(v, g->text, &inner, HOLDS_TEXT) && verify_region_if(v, g->within, &w->now, HOLDS_NUMBER);
}

static bool lock(Verifier *v, Walk *w, uint32_t row) {
  const LockoutRow *l = &v->p->lockouts[row];
  State inner = with_slot(&w->now, l->release_slot, HOLDS_ENTITY + l->kind);
  if (!verify_members(v, l->members, &w->now, l->kind) || !verify_limit_rows(v, l->limits, &w->now)) return false;
  if (!verify_region_if(v, l->because, &w->now, HOLDS_TEXT) || !verify_region(v, l->release, &inner, HOLDS_NUMBER)) return false;
  for (const Scope *s = w->now.scope; s; s = s->outer) /* one strand takes all locks of a run: no two of it wait for each other */
    if (s->kind == SCOPE_FAN) return verify_fault(v, w->pc, RULE_SCOPES, "a lockout inside a fan");
  return scope_open(v, w, SCOPE_LOCKOUT, row);
}

static bool adjust(Verifier *v, Walk *w, uint32_t row) {
  const AdjustRow *a = &v->p->adjusts[row];
  if (!verify_members(v, a->members, &w->now, a->kind)) return false;
  if (!verify_region(v, a->value, &w->now, verify_holds(v->p->settings[a->setting].type))) return false;
  return scope_open(v, w, SCOPE_ADJUST, row);
}

static bool attempt(Verifier *v, Walk *w, uint32_t row) {
  State undo = w->now;
  undo.scope = scope_inside(v, w->pc, &w->now, SCOPE_UNDO, row);
  undo.outcome = false;
  if (!undo.scope || !verify_seed(v, w, v->p->attempts[row].undo, &undo, true)) return false;
  return scope_open(v, w, SCOPE_ATTEMPT, row);
}

static bool attempt_end(Verifier *v, Walk *w, uint32_t row) {
  if (!scope_close(v, w, SCOPE_ATTEMPT, row) || !verify_seed(v, w, v->p->attempts[row].end, &w->now, true)) return false;
  w->alive = false;
  return true;
}

static bool guard(Verifier *v, Walk *w, uint32_t row) {
  const GuardRow *g = &v->p->guards[row];
  if (!verify_need_rows(v, g->conditions, &w->now)) return false;
  State handler = w->now;
  handler.outcome = true;
  return verify_seed(v, w, g->handler, &handler, true) && scope_open(v, w, SCOPE_GUARD, row);
}

static bool call(Verifier *v, Walk *w, uint32_t row) {
  const CallRow *c = &v->p->calls[row];
  Slice params = v->p->actions[c->action].params;
  if (!verify_region_if(v, c->within, &w->now, HOLDS_NUMBER) || !verify_region_if(v, c->retry_after, &w->now, HOLDS_NUMBER)) return false;
  for (uint32_t i = params.count; i-- > 0;)
    if (!verify_pop_as(v, w, verify_holds(v->p->param_types[params.first + i]))) return false;
  return true;
}

static bool confirm(Verifier *v, Walk *w, uint32_t row) {
  const ConfirmRow *c = &v->p->confirms[row];
  const State *s = &w->now;
  return verify_region(v, c->condition, s, HOLDS_NUMBER) && verify_region_if(v, c->held, s, HOLDS_NUMBER) &&
         verify_region_if(v, c->within, s, HOLDS_NUMBER);
}

static bool leave_out(Verifier *v, uint32_t row) {
  const LeaveOutRow *l = &v->p->leave_outs[row];
  State none = {0}, member = with_slot(&none, l->slot, HOLDS_ENTITY + v->p->sets[l->set].kind);
  return verify_region(v, l->condition, &member, HOLDS_NUMBER) && verify_region_if(v, l->most, &none, HOLDS_NUMBER);
}

static bool require(Verifier *v, uint32_t row) {
  const RequireRow *r = &v->p->requires[row];
  State none = {0};
  return verify_region(v, r->condition, &none, HOLDS_NUMBER) && verify_region_if(v, r->text, &none, HOLDS_TEXT);
}

static bool member_exit(Verifier *v, Walk *w, uint32_t kind) {
  return verify_pop_as(v, w, HOLDS_ENTITY + kind) && verify_pop_as(v, w, HOLDS_TEXT);
}

static bool refusal(Verifier *v, Walk *w, uint32_t row) {
  const RefusalRow *r = &v->p->refusals[row];
  const GateRow *g = &v->p->gates[r->gate];
  if (g->once) return verify_fault(v, w->pc, RULE_VALUES, "the gate has no members");
  State inner = with_slot(&w->now, g->slot, HOLDS_ENTITY + g->kind);
  return verify_region(v, r->why, &inner, HOLDS_TEXT);
}

static bool remember(Verifier *v, Walk *w, uint32_t row) {
  const RememberRow *r = &v->p->remembers[row];
  return verify_pop_as(v, w, verify_holds(r->type)) && verify_pop_as(v, w, HOLDS_ENTITY + r->kind);
}

/* ---- control ---- */

static bool sense(Verifier *v, Walk *w, uint32_t end) {
  if (end <= w->pc + 1 || !(v->starts[end] & START_INSTRUCTION))
    return verify_fault(v, w->pc, RULE_TARGETS, "there is no code up to %u", end);
  w->now.sense_end = end;
  return true;
}

static bool on_outcome(Verifier *v, Walk *w, uint32_t target) {
  if (!w->now.outcome) return verify_fault(v, w->pc, RULE_OUTCOMES, "no step has one here");
  return verify_branch(v, w, target);
}

static bool leave(Verifier *v, Walk *w) {
  w->alive = false;
  return verify_pop_as(v, w, HOLDS_TEXT);
}

static bool roll_back(Verifier *v, Walk *w) {
  if (!w->now.scope || !w->now.scope->can_roll_back) return verify_fault(v, w->pc, RULE_SCOPES, "no attempt is open to roll back");
  return leave(v, w);
}

static bool end_of(Verifier *v, Walk *w, ScopeKind kind) {
  const Scope *s = w->now.scope;
  w->alive = false;
  if (s && s->kind == kind) return true;
  return verify_fault(v, w->pc, RULE_STRANDS, "the body that it ends is not the innermost open scope");
}

static bool halt(Verifier *v, Walk *w) {
  w->alive = false;
  return !w->now.scope || verify_fault(v, w->pc, RULE_STRANDS, "the runbook ends inside an open scope");
}

static bool step_instruction(Verifier *v, Walk *w, Opcode op, uint32_t a) {
  switch ((int)op) {
    case OPCODE_SENSE: return sense(v, w, a);
    case OPCODE_ACT: return meet(v, w, OPERAND_CALL, a) && call(v, w, a);
    case OPCODE_CONFIRM: return meet(v, w, OPERAND_CONFIRM, a) && confirm(v, w, a);
    case OPCODE_WAIT: return verify_pop_as(v, w, HOLDS_NUMBER);
    case OPCODE_GATE: return meet(v, w, OPERAND_GATE, a) && gate(v, w, a);
    case OPCODE_ON_OK: case OPCODE_ON_FAILED: case OPCODE_ON_UNKNOWN: return on_outcome(v, w, a);
    case OPCODE_FAN: return meet(v, w, OPERAND_FAN, a) && fan(v, w, a);
    case OPCODE_MEMBER_DONE: return end_of(v, w, SCOPE_FAN);
    case OPCODE_STEP_BEGIN: return meet(v, w, OPERAND_STEP, a) && scope_open(v, w, SCOPE_STEP, a);
    case OPCODE_STEP_END: return scope_close(v, w, SCOPE_STEP, a);
    case OPCODE_LOCK: return meet(v, w, OPERAND_LOCKOUT, a) && lock(v, w, a);
    case OPCODE_UNLOCK: return scope_close(v, w, SCOPE_LOCKOUT, a);
    case OPCODE_ATTEMPT: return meet(v, w, OPERAND_ATTEMPT, a) && attempt(v, w, a);
    case OPCODE_ATTEMPT_END: return attempt_end(v, w, a);
    case OPCODE_UNDO_END: return end_of(v, w, SCOPE_UNDO) && scope_close(v, w, SCOPE_UNDO, a);
    case OPCODE_SET_BEGIN: return meet(v, w, OPERAND_ADJUST, a) && adjust(v, w, a);
    case OPCODE_SET_END: return scope_close(v, w, SCOPE_ADJUST, a);
    case OPCODE_GUARD_BEGIN: return meet(v, w, OPERAND_GUARD, a) && guard(v, w, a);
    case OPCODE_GUARD_END: return scope_close(v, w, SCOPE_GUARD, a);
    case OPCODE_REQUIRE: return meet(v, w, OPERAND_REQUIRE, a) && require(v, a);
    case OPCODE_LEAVE_OUT: return meet(v, w, OPERAND_LEAVE, a) && leave_out(v, a);
    case OPCODE_SELECT: case OPCODE_SAFE_POINT: return true;
    case OPCODE_REMEMBER: return remember(v, w, a);
    case OPCODE_NOTIFY: return verify_pop_as(v, w, HOLDS_TEXT);
    case OPCODE_SET_ASIDE: case OPCODE_KEEP_OUT: return member_exit(v, w, a);
    case OPCODE_ASIDE_WITHOUT_YES: case OPCODE_OUT_WITHOUT_YES: return meet(v, w, OPERAND_REFUSAL, a) && refusal(v, w, a);
    case OPCODE_ROLL_BACK: return roll_back(v, w);
    case OPCODE_FAIL: case OPCODE_END: return leave(v, w);
    case OPCODE_HOLD:
      return meet(v, w, OPERAND_HOLD, a) && verify_region(v, v->p->holds[a].duration, &w->now, HOLDS_NUMBER) &&
             verify_pop_as(v, w, HOLDS_TEXT);
    case OPCODE_HALT: return halt(v, w);
    case OPCODE_WATCH: return meet(v, w, OPERAND_EMERGENCY, a) && watch(v, w, a);
    default: return verify_fault(v, w->pc, RULE_STRANDS, "an instruction of a region stands in a strand");
  }
}

static bool has_outcome(Opcode op) {
  return op == OPCODE_ACT || op == OPCODE_CONFIRM || op == OPCODE_GATE || op == OPCODE_LOCK || op == OPCODE_SET_BEGIN || op == OPCODE_HOLD;
}

static bool strand_instruction(Verifier *v, Walk *w) {
  Opcode op = code_op(v->p->code[w->pc]);
  if (op < OPCODE_SENSE && op != OPCODE_RETURN && op != OPCODE_COLLECT) return verify_expression(v, w);
  if (w->now.sense_end) return verify_fault(v, w->pc, RULE_REGIONS, "a step stands in the code of a SENSE");
  if (!step_instruction(v, w, op, code_a(v->p->code[w->pc]))) return false;
  if (has_outcome(op)) w->now.outcome = true;
  if (op_info[op].blocks && (w->now.depth || w->now.iterators))
    return verify_fault(v, w->pc, RULE_WAITING, "%u values and %u iterators are left", w->now.depth, w->now.iterators);
  return true;
}

/* Every row that has an instruction of its own was met: its regions are proved, and no other code is behind it. */
static bool all_met(Verifier *v) {
  for (uint32_t c = 0; c < OPERAND_CLASS_COUNT; c++)
    for (uint32_t i = 0; v->met[c] && i < v->row_count[c]; i++)
      if (!v->met[c][i]) return verify_fault(v, v->p->entry, RULE_ONCE, "no instruction reaches row %u of a table of steps", i);
  return true;
}

bool verify_strands(Verifier *v) {
  Walk *w = &v->strands;
  uint32_t count = v->p->code_count;
  w->pc = w->furthest = v->p->entry;
  w->strand = w->alive = true;
  if (w->pc == 0 || w->pc >= count || !(v->starts[w->pc] & START_INSTRUCTION))
    return verify_fault(v, 0, RULE_TARGETS, "the entry %u is not the address of an instruction", w->pc);
  for (; w->pc < count; w->pc += code_words(code_op(v->p->code[w->pc]))) {
    if (!verify_arrive(v, w)) return false;
    if (w->alive && !strand_instruction(v, w)) return false;
  }
  if (w->alive) return verify_fault(v, count - 1, RULE_STRANDS, "a strand runs off the end of the code");
  return all_met(v);
}
