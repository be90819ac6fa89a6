/* proof_scope: what a strand opens and must close: lockouts, attempts, settings, guards; gates; and the ways out, which pass every
 * scope from the inside outwards. */
#include <config.h>

#include "lang/proof/prover.h"

#include <string.h>

/* ---- scopes ---- */

void open_scope(Prover *v, uint8_t kind, uint32_t row, uint16_t owns) {
  FrameCell *f = top(v);
  if (f->scope_count == FRAME_SCOPES) {
    v->m.too_much = "scopes in one strand";
    v->dead = true;
    return;
  }
  f->scopes[f->scope_count++] = (ScopeCell){.kind = kind, .row = (uint16_t)row, .owns = owns};
}

void pop_scope(FrameCell *f) { f->scopes[--f->scope_count] = (ScopeCell){0}; }

static uint32_t attempts_open(const PState *s) {
  uint32_t n = 0;
  for (uint32_t f = 0; f < s->frame_count; f++)
    for (uint32_t i = 0; i < s->frames[f].scope_count; i++) n += s->frames[f].scopes[i].kind == IN_ATTEMPT && !s->frames[f].scopes[i].undoing;
  return n;
}

/* ---- lockouts ---- */

static bool locks_witness(Prover *v, const LockoutRow *row) {
  if (v->now.out[row->kind] != OUT_NOT || top(v)->sibling) return false;
  return row->members ? value_collects(v, row->members, top(v)->slots, row->kind, SIGHT_READ)
                      : row->set != NONE_INDEX && set_has(v, row->set);
}

/* An automation on something that holds the member, or that the member holds. */
static bool covers(const Prover *v, const LockoutRow *row, uint32_t automation) {
  uint32_t kind = v->p->automations[automation].kind;
  return leads(v, row->kind, kind) || leads(v, kind, row->kind);
}

void step_lock(Prover *v, uint32_t lockout) {
  const LockoutRow *row = &v->p->lockouts[lockout];
  bool ours = locks_witness(v, row);
  uint8_t outcome = v->dead ? 0 : (uint8_t)choose(v, tells_apart(v, top(v)->pc) ? 3 : 2);
  uint16_t owns = 0;
  v->move.kind = MOVE_LOCK, v->move.subject = lockout, v->move.outcome = outcome, v->move.of_sibling = !ours;
  top(v)->outcome = outcome;
  if (outcome) {
    fault(v);
    if (ours) hurt(v, row->kind);
  } else {
    for (uint32_t i = 0; ours && i < row->automations.count; i++) {
      uint32_t a = v->p->index_list[row->automations.first + i];
      if (!covers(v, row, a) || v->now.lock[a] != LOCK_IS_FREE) continue; /* what was handed over is no longer ours to hold */
      v->now.lock[a] = LOCK_IS_HELD;
      owns |= (uint16_t)(1u << a);
    }
    open_scope(v, IN_LOCKOUT, lockout, owns);
    if (ours) top(v)->scopes[top(v)->scope_count - 1].undoing = 1; /* the witness is a member */
  }
  step_next(v);
}

static bool failed_somewhere(const Prover *v, uint32_t kind) {
  return v->now.hurt[kind] & HURT;
}

static void abandoned(Prover *v, uint32_t lockout) {
  const LockoutRow *row = &v->p->lockouts[lockout];
  if (failed_somewhere(v, row->kind)) return;
  for (uint32_t i = 0; i < v->p->rules_count; i++)
    if (v->p->rules[i].form == RULE_FORM_NOT_ABANDONED) {
      find(v, FINDING_ABANDONED, i, lockout, NONE_INDEX, NONE_INDEX, row->kind);
      return;
    }
}

/* Released where its condition is read to hold, else handed over with its locks. */
void release(Prover *v, FrameCell *f, const ScopeCell *scope) {
  const LockoutRow *row = &v->p->lockouts[scope->row];
  bool free = v->now.out[row->kind] == OUT_NOT;
  v->move.kind = MOVE_RELEASE, v->move.subject = scope->row;
  if (free && row->release) {
    uint8_t slots[LIMIT_SLOTS];
    memcpy(slots, f->slots, sizeof slots);
    slots[row->release_slot] = (uint8_t)(1 + 2 * row->kind);
    Eval e = {.sight = SIGHT_READ, .collects = NONE_INDEX};
    Val x = value_region(v, &e, row->release, slots);
    int t = value_truth(v, &e, x, true);
    free = t == 1;
    if (t == -1) hurt(v, row->kind);
  }
  if (free && choose(v, 2) == 1) { /* an automation that does not let itself be unlocked */
    fault(v);
    hurt(v, row->kind);
    free = false;
  }
  if (v->dead) return;
  if (!free) v->move.kind = MOVE_HAND_OVER;
  for (uint32_t a = 0; a < v->p->automations_count; a++)
    if (scope->owns >> a & 1) v->now.lock[a] = free ? LOCK_IS_FREE : LOCK_IS_HANDED;
  if (!free) abandoned(v, scope->row);
}

/* ---- gates ---- */

void step_gate(Prover *v, uint32_t gate) {
  const GateRow *row = &v->p->gates[gate];
  FrameCell *f = top(v);
  uint8_t outcome;
  bool asked = row->once || (v->now.out[row->kind] == OUT_NOT && value_collects(v, row->members, f->slots, row->kind, SIGHT_READ));
  if (v->dead) return;
  uint32_t answer = asked ? choose(v, tells_apart(v, f->pc) ? 3 : 2) : 0;
  if (asked) {
    v->now.yes[gate] = answer == 0 ? YES_GIVEN : YES_REFUSED;
    v->now.yes_depth[gate] = (uint8_t)attempts_open(&v->now);
    if (answer != 0 && !row->once) hurt(v, row->kind);
    if (answer != 0) fault(v);
  }
  if (answer == 0) {
    outcome = row->once ? 0 : (uint8_t)choose(v, tells_apart(v, f->pc) ? 3 : 2); /* others may have said otherwise */
    if (outcome != 0) fault(v);
  } else {
    outcome = answer == 1 || row->once ? (uint8_t)answer : (uint8_t)(1 + choose(v, 2));
  }
  v->move.kind = MOVE_GATE, v->move.subject = gate, v->move.outcome = (uint8_t)answer, v->move.of_sibling = !asked, v->move.value = outcome;
  f->outcome = outcome;
  step_next(v);
}

/* ---- leaving the procedure ---- */

static void mark(Prover *v, uint32_t kind, uint8_t state) {
  if (v->now.out[kind] != OUT_NOT) return;
  v->now.out[kind] = state;
  v->now.out_depth[kind] = state == OUT_LEFT ? 0 : (uint8_t)attempts_open(&v->now);
}

/* It takes along all that belongs to it. */
void put_out(Prover *v, uint32_t kind, uint8_t state) {
  if (v->now.out[kind] != OUT_NOT) return;
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (leads(v, k, kind)) mark(v, k, state);
}

static void take_in_again(Prover *v, uint32_t depth) {
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (v->now.out[k] != OUT_LEFT && v->now.out[k] != OUT_NOT && v->now.out_depth[k] >= depth) v->now.out[k] = OUT_NOT, v->now.out_depth[k] = 0;
  for (uint32_t g = 0; g < v->p->gates_count; g++)
    if (v->now.yes[g] != YES_NONE && v->now.yes_depth[g] >= depth) v->now.yes[g] = YES_NONE, v->now.yes_depth[g] = 0;
}

static bool is_failure(uint8_t how) { return how == LEAVE_FAIL || how == LEAVE_CANCEL || how == LEAVE_GUARD || how == LEAVE_ROLLED_BACK; }

static void begin_undo(Prover *v, ScopeCell *scope) {
  FrameCell *f = top(v);
  uint32_t depth = attempts_open(&v->now);
  scope->undoing = 1;
  v->move.kind = MOVE_ROLL_BACK, v->move.subject = scope->row;
  take_in_again(v, depth);
  f->masked = 1;
  f->leaving = LEAVE_NOT;
  f->tripped = f->outcome = 0;
  if (v->now.frame_count == 1) v->now.cancelled = 1, v->now.window_over = 0; /* neither matters any more */
  f->pc = v->p->attempts[scope->row].undo;
}

static void enter_handler(Prover *v, FrameCell *f) {
  f->pc = v->p->guards[f->scopes[f->scope_count - 1].row].handler;
  f->outcome = 1 + (uint8_t)choose(v, 2);
  f->leaving = LEAVE_NOT;
  f->tripped = 0;
  pop_scope(f);
}

/* The lockout that lets go of each member when it is through with this fan-out does so, or hands it over. */
static void let_go_early(Prover *v, FrameCell *outer, uint32_t fan) {
  for (uint32_t i = outer->scope_count; i-- > 0;) {
    ScopeCell *scope = &outer->scopes[i];
    if (scope->kind != IN_LOCKOUT) continue;
    if (v->m.fans[fan].lets_go == scope->row + 1u && scope->undoing) {
      release(v, outer, scope);
      scope->undoing = 0, scope->owns = 0;
    }
    return;
  }
}

static void end_member(Prover *v) {
  PState *s = &v->now;
  FrameCell f = *top(v);
  memset(top(v), 0, sizeof *top(v));
  s->frame_count--;
  FrameCell *outer = top(v);
  v->move.kind = MOVE_DONE, v->move.subject = f.fan - 1u, v->move.outcome = f.leaving, v->move.of_sibling = f.sibling;
  if (f.sibling) outer->others = 2;
  else outer->member = FAN_MEMBER_DONE;
  bool lost = f.leaving == LEAVE_FAIL || f.leaving == LEAVE_REFUSED;
  if (lost) outer->stopped = STOPPED_FAIL;
  if (f.leaving == LEAVE_ROLLED_BACK && choose(v, 2) == 1) outer->stopped = STOPPED_TOLERANCE;
  if (!f.sibling) let_go_early(v, outer, f.fan - 1u);
}

/* Nobody has left, and the witness was one of those it is about, where it is about a set. */
static bool took_part(const Prover *v) {
  bool member = v->p->sets_count == 0;
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (v->now.out[k] != OUT_NOT) return false;
  if (!is_named(v)) return false;
  bool asked = false;
  for (uint32_t i = 0; i < v->p->sets_count; i++) {
    member |= v->now.set[i] == SET_IN;
    asked |= v->now.set[i] != SET_OPEN;
  }
  return member || !asked;
}

void end_run(Prover *v) {
  PState *s = &v->now;
  v->move.kind = MOVE_END, v->move.outcome = top(v)->leaving;
  uint8_t how = top(v)->leaving;
  if (how == LEAVE_DONE && v->nodes[v->from].faults == 0 && took_part(v)) v->completes = true;
  s->ended = 1 + how;
  memset(s->frames, 0, sizeof s->frames);
  s->frame_count = 0;
  if (v->m.service == NONE_INDEX) return;
  for (uint32_t k = 0; k < v->p->kinds_count; k++) {
    uint32_t var = v->m.fact_var[v->m.service * v->p->kinds_count + k];
    if (var == NONE_INDEX || s->out[k] != OUT_NOT) continue;
    bool away = s->mask[var] & ~v->m.vars[var].ordinary, in_order = how == LEAVE_DONE && v->nodes[v->from].faults + v->faults == 0;
    bool owned = false;
    for (uint32_t a = 0; a < v->p->automations_count; a++) owned |= s->lock[a] == LOCK_IS_HANDED;
    if (in_order && (s->ghost[var] & OURS)) *(away && !owned ? &v->leaves_out[k] : &v->gives_back[k]) = true;
    if (!away || !(s->ghost[var] & TEMPORARY)) continue;
    if (!owned) find(v, FINDING_LEFT, v->m.service, k, NONE_INDEX, v->m.service, k);
  }
}

/* One scope outwards; with none left, the strand has ended. */
void leave(Prover *v) {
  FrameCell *f = top(v);
  if (f->scope_count == 0) {
    if (f->emergency && f->fan == 0) emergency_ends(v);
    else if (v->now.frame_count > 1) end_member(v);
    else end_run(v);
    return;
  }
  ScopeCell *scope = &f->scopes[f->scope_count - 1];
  v->move.kind = MOVE_SILENT;
  switch (scope->kind) {
    case IN_LOCKOUT:
      if (scope->undoing) release(v, f, scope);
      break;
    case IN_ATTEMPT:
      if (is_failure(f->leaving) && !scope->undoing) { begin_undo(v, scope); return; }
      if (is_failure(f->leaving)) f->leaving = LEAVE_FAIL;
      break;
    case IN_GUARD:
      if (f->leaving == LEAVE_GUARD && f->tripped == f->scope_count) { enter_handler(v, f); return; }
      break;
    default: break;
  }
  pop_scope(f);
}

/* The instruction that ends a scope in order. */
void close_scope(Prover *v, uint8_t kind, uint32_t row) {
  FrameCell *f = top(v);
  v->move.kind = MOVE_SILENT;
  if (f->scope_count > 0 && f->scopes[f->scope_count - 1].kind == kind && f->scopes[f->scope_count - 1].row == row) {
    ScopeCell *scope = &f->scopes[f->scope_count - 1];
    if (kind == IN_LOCKOUT && scope->undoing) release(v, f, scope);
    pop_scope(f);
  }
  step_next(v);
}
