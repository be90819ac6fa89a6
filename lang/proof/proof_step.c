/* proof_step: the innermost strand goes on by one instruction that may wait, and all expression code before it. */
#include <config.h>

#include "lang/proof/prover.h"

#include <string.h>

void step_next(Prover *v) {
  FrameCell *f = top(v);
  f->pc += code_words(code_op(v->p->code[f->pc]));
}

static void leaves(Prover *v, uint8_t how) {
  top(v)->leaving = how;
  top(v)->tries = 0;
  memset(top(v)->args, 0, sizeof top(v)->args);
  v->move.kind = MOVE_EXIT, v->move.outcome = how;
}

bool tells_apart(const Prover *v, uint32_t pc) {
  for (pc += code_words(code_op(v->p->code[pc]));; pc += code_words(code_op(v->p->code[pc]))) {
    Opcode op = code_op(v->p->code[pc]);
    if (op == OPCODE_ON_FAILED || op == OPCODE_ON_UNKNOWN) return true;
    if (op != OPCODE_ON_OK) return false;
  }
}

/* ---- reasons to leave before a step ---- */

static bool left_the_procedure(const Prover *v) {
  for (uint32_t i = v->now.frame_count; i-- > 1;) {
    const FrameCell *f = &v->now.frames[i];
    if (f->sibling ? f->out : v->now.out[v->p->fans[f->fan - 1].kind] != OUT_NOT) return true;
  }
  return false;
}

static bool diverted(Prover *v) {
  FrameCell *f = top(v);
  if (f->emergency) return false;
  if (left_the_procedure(v)) leaves(v, LEAVE_OUT);
  else if (v->now.cancelled && !f->masked && v->now.frame_count == 1) leaves(v, LEAVE_CANCEL);
  else if (f->tripped) leaves(v, LEAVE_GUARD);
  else return false;
  return true;
}

static bool is_boundary(Opcode op) {
  if (op_info[op].blocks) return op != OPCODE_UNLOCK && op != OPCODE_SET_END;
  return op == OPCODE_STEP_BEGIN || op == OPCODE_NOTIFY;
}

/* ---- fan-outs ---- */

static void close_fan(Prover *v, const FanRow *row) {
  FrameCell *f = top(v);
  uint8_t stopped = f->stopped;
  f->open = f->member = f->stopped = f->others = 0;
  v->move.kind = MOVE_SILENT;
  switch (stopped) {
    case STOPPED_NOT: step_next(v); break;
    case STOPPED_FAIL: leaves(v, LEAVE_FAIL); break;
    case STOPPED_CANCEL: leaves(v, LEAVE_CANCEL); break;
    case STOPPED_GUARD: leaves(v, LEAVE_GUARD); break;
    default:
      if (row->on_stop) f->pc = row->on_stop;
      else leaves(v, LEAVE_FAIL);
  }
}

static void start_member(Prover *v, uint32_t fan, bool sibling) {
  if (v->now.frame_count == (top(v)->emergency ? FRAMES_MAX : FRAMES_OF_RUN)) {
    v->m.too_much = "fan-outs inside each other";
    v->dead = true;
    return;
  }
  FrameCell *outer = top(v);
  if (!sibling) outer->member = FAN_MEMBER_RUNS;
  FrameCell *f = &v->now.frames[v->now.frame_count++];
  memset(f, 0, sizeof *f); /* states are compared as bytes */
  f->pc = v->p->fans[fan].body, f->fan = (uint16_t)(fan + 1), f->sibling = sibling, f->masked = outer->masked;
  f->emergency = outer->emergency, f->during = outer->during;
  memcpy(f->slots, outer->slots, sizeof f->slots);
  f->slots[v->p->fans[fan].slot] = (uint8_t)((sibling ? 2 : 1) + 2 * v->p->fans[fan].kind);
  v->move.kind = sibling ? MOVE_OTHER : MOVE_MEMBER, v->move.subject = fan, v->move.of_sibling = sibling;
}

static void open_fan(Prover *v, uint32_t fan) {
  const FanRow *row = &v->p->fans[fan];
  FrameCell *f = top(v);
  bool in = value_collects(v, row->members, f->slots, row->kind, row->sense ? SIGHT_READ : SIGHT_TRUTH);
  if (v->dead) return;
  in = in && (f->emergency || v->now.out[row->kind] == OUT_NOT); /* an emergency is about what has left */
  f->open = 1;
  f->member = in ? FAN_MEMBER_WAITS : FAN_MEMBER_NONE;
  f->stopped = v->now.cancelled && !f->masked && v->now.frame_count == 1 ? STOPPED_CANCEL : STOPPED_NOT;
  v->move.kind = MOVE_FAN, v->move.subject = fan, v->move.of_sibling = !in;
}

static void step_fan(Prover *v, uint32_t fan) {
  const FanRow *row = &v->p->fans[fan];
  FrameCell *f = top(v);
  if (!f->open) { open_fan(v, fan); return; }
  if (v->now.window_over && f->member == FAN_MEMBER_WAITS && !f->masked && v->now.frame_count == 1) {
    hurt(v, row->kind);
    put_out(v, row->kind, OUT_KEPT);
  }
  if (f->member == FAN_MEMBER_WAITS && !f->emergency && v->now.out[row->kind] != OUT_NOT) f->member = FAN_MEMBER_DONE;
  bool waits = f->member == FAN_MEMBER_WAITS && !f->stopped;
  bool others = v->m.fans[fan].shares && !f->stopped && f->others == 0 && v->now.frame_count < FRAMES_OF_RUN - 1;
  if (others && choose(v, 2) == 1) { start_member(v, fan, true); return; }
  if (waits) start_member(v, fan, false);
  else close_fan(v, row);
}

/* ---- steps that read ---- */

static int sensed(Prover *v, CodeRef region, const uint8_t *slots) {
  Eval e = {.sight = SIGHT_READ, .collects = NONE_INDEX};
  Val x = value_region(v, &e, region, slots);
  return value_truth(v, &e, x, true);
}

/* What could be obeyed late cannot any more. */
void time_passes(Prover *v, int64_t at_least) {
  for (uint32_t i = 0; i < v->m.late_count; i++)
    if (v->p->actions[v->m.late_actions[i]].may_land <= at_least) v->now.late[i] = 0;
}

static void step_confirm(Prover *v, uint32_t confirm) {
  FrameCell *f = top(v);
  int t = sensed(v, v->p->confirms[confirm].condition, f->slots);
  uint8_t outcome = t == 1 ? 0 : t == 0 ? 1 : 2;
  Val held = v->p->confirms[confirm].held ? value_of_region(v, v->p->confirms[confirm].held, f->slots) : (Val){.tag = T_OPAQUE};
  if (outcome == 0 && held.tag == T_INT) time_passes(v, held.v);
  v->move.kind = MOVE_CONFIRM, v->move.subject = confirm, v->move.outcome = outcome, v->move.of_sibling = f->sibling;
  f->outcome = outcome;
  step_next(v);
}

static void step_require(Prover *v, uint32_t require) {
  v->move.kind = MOVE_REQUIRE, v->move.subject = require;
  if (sensed(v, v->p->requires[require].condition, top(v)->slots) == 1) step_next(v);
  else leaves(v, LEAVE_REFUSED);
}

static void step_leave_out(Prover *v, uint32_t rule) {
  const LeaveOutRow *row = &v->p->leave_outs[rule];
  uint32_t kind = v->p->sets[row->set].kind;
  v->move.kind = MOVE_SILENT;
  if (set_has(v, row->set) && v->now.out[kind] == OUT_NOT && !v->dead) {
    uint8_t slots[LIMIT_SLOTS];
    memcpy(slots, top(v)->slots, sizeof slots);
    slots[row->slot] = (uint8_t)(1 + 2 * kind);
    if (sensed(v, row->condition, slots) != 0) {
      put_out(v, kind, OUT_LEFT);
      v->move.kind = MOVE_LEFT_OUT, v->move.subject = rule;
    }
  }
  step_next(v);
}

static void step_select(Prover *v, uint32_t set) {
  const SetRow *row = &v->p->sets[set];
  v->move.kind = MOVE_SILENT;
  bool in = value_collects(v, row->members, top(v)->slots, row->kind, SIGHT_READ);
  v->now.set[set] = in ? SET_IN : SET_NOT;
  step_next(v);
}

/* ---- exits ---- */

static void step_out(Prover *v, uint32_t kind, const Val *x, uint8_t state) {
  FrameCell *f = top(v);
  v->move.kind = MOVE_OUT, v->move.subject = kind, v->move.outcome = state, v->move.of_sibling = x->tag != T_WITNESS;
  if (x->tag == T_WITNESS) {
    if (f->outcome != 0) hurt(v, kind);
    put_out(v, kind, state);
  } else if (x->tag == T_SIBLING && f->sibling && kind == v->p->fans[f->fan - 1].kind) {
    f->out = 1;
  }
  step_next(v);
}

static void step_refused(Prover *v, uint32_t refusal, uint8_t state) {
  uint32_t gate = v->p->refusals[refusal].gate, kind = v->p->gates[gate].kind;
  v->move.kind = MOVE_SILENT;
  if (kind != NONE_INDEX && v->now.yes[gate] == YES_REFUSED && v->now.out[kind] == OUT_NOT) {
    put_out(v, kind, state);
    v->move.kind = MOVE_OUT, v->move.subject = kind, v->move.outcome = state;
  }
  if (v->now.yes[gate] == YES_REFUSED) v->now.yes[gate] = YES_NONE;
  step_next(v);
}

/* ---- waiting ---- */

static void step_wait(Prover *v, const Val *duration) {
  v->move.kind = MOVE_WAIT;
  if (duration->tag == T_INT) time_passes(v, duration->v);
  step_next(v);
}

static void step_hold(Prover *v, uint32_t hold) {
  uint8_t outcome = (uint8_t)choose(v, 3);
  if (outcome) fault(v);
  v->move.kind = MOVE_HOLD, v->move.subject = hold, v->move.outcome = outcome;
  top(v)->outcome = outcome;
  step_next(v);
}

static void step_setting(Prover *v, uint32_t adjust) {
  uint8_t outcome = (uint8_t)choose(v, tells_apart(v, top(v)->pc) ? 3 : 2);
  if (outcome) fault(v);
  v->move.kind = MOVE_SETTING, v->move.subject = adjust, v->move.outcome = outcome;
  top(v)->outcome = outcome;
  open_scope(v, IN_ADJUST, adjust, 0);
  step_next(v);
}

/* ---- the instruction ---- */

static void jump_on(Prover *v, uint8_t wanted, uint32_t to) {
  if (top(v)->outcome == wanted) top(v)->pc = to;
  else step_next(v);
}

static bool is_branch(Opcode op) {
  return op == OPCODE_ON_OK || op == OPCODE_ON_FAILED || op == OPCODE_ON_UNKNOWN || op == OPCODE_STEP_END || op == OPCODE_REMEMBER;
}

static void obey(Prover *v, Opcode op, uint32_t a, Val *stack, uint32_t depth) {
  FrameCell *f = top(v);
  uint32_t pc = f->pc;
  v->acted |= op_info[op].blocks && op != OPCODE_FAN;
  if (op_info[op].blocks) f->outcome = 0; /* what it was is of no interest behind here */
  switch ((int)op) {
    case OPCODE_ON_OK: jump_on(v, 0, a); break;
    case OPCODE_ON_FAILED: jump_on(v, 1, a); break;
    case OPCODE_ON_UNKNOWN: jump_on(v, 2, a); break;
    case OPCODE_ACT: {
      uint32_t n = v->p->actions[v->p->calls[a].action].params.count;
      step_act(v, pc, f->tries ? NULL : stack + depth - n);
      break;
    }
    case OPCODE_CONFIRM: step_confirm(v, a); break;
    case OPCODE_WAIT: step_wait(v, &stack[depth - 1]); break;
    case OPCODE_GATE: step_gate(v, a); break;
    case OPCODE_FAN: step_fan(v, a); break;
    case OPCODE_LOCK: step_lock(v, a); break;
    case OPCODE_UNLOCK: close_scope(v, IN_LOCKOUT, a); break;
    case OPCODE_ATTEMPT: open_scope(v, IN_ATTEMPT, a, 0); v->stops_here = true; step_next(v); break;
    case OPCODE_ATTEMPT_END: close_scope(v, IN_ATTEMPT, a); top(v)->pc = v->p->attempts[a].end; break;
    case OPCODE_UNDO_END:
      if (f->scope_count && f->scopes[f->scope_count - 1].kind == IN_ATTEMPT) pop_scope(f);
      leaves(v, LEAVE_ROLLED_BACK);
      break;
    case OPCODE_SET_BEGIN: step_setting(v, a); break;
    case OPCODE_SET_END: close_scope(v, IN_ADJUST, a); break;
    case OPCODE_GUARD_BEGIN: open_scope(v, IN_GUARD, a, 0); v->stops_here = true; step_next(v); break;
    case OPCODE_GUARD_END: close_scope(v, IN_GUARD, a); break;
    case OPCODE_REQUIRE: step_require(v, a); break;
    case OPCODE_LEAVE_OUT: step_leave_out(v, a); break;
    case OPCODE_SELECT: step_select(v, a); break;
    case OPCODE_SET_ASIDE: step_out(v, a, &stack[depth - 1], OUT_ASIDE); break;
    case OPCODE_KEEP_OUT: step_out(v, a, &stack[depth - 1], OUT_KEPT); break;
    case OPCODE_ASIDE_WITHOUT_YES: step_refused(v, a, OUT_ASIDE); break;
    case OPCODE_OUT_WITHOUT_YES: step_refused(v, a, OUT_KEPT); break;
    case OPCODE_ROLL_BACK: case OPCODE_FAIL: leaves(v, LEAVE_FAIL); break;
    case OPCODE_END: leaves(v, LEAVE_END); break;
    case OPCODE_MEMBER_DONE: case OPCODE_HALT: leaves(v, LEAVE_DONE); break;
    case OPCODE_HOLD: step_hold(v, a); break;
    case OPCODE_STEP_BEGIN:
      if (is_named(v) && !v->now.taken) v->m.step_seen[a] = 1; /* what is there for another run's emergency alone serves nobody */
      step_next(v);
      break;
    default: step_next(v); break; /* STEP_END, REMEMBER, NOTIFY, SAFE_POINT */
  }
}

/* Expression code up to the next instruction of a step; that of a SENSE is run on readings. */
static Opcode run_code(Prover *v, Val *stack, uint32_t *depth) {
  FrameCell *f = top(v);
  Eval e = {.sight = SIGHT_READ, .collects = NONE_INDEX};
  for (;;) {
    f->pc = value_run(v, &e, f->pc, NONE_INDEX, f->slots, stack, depth);
    Opcode op = code_op(v->p->code[f->pc]);
    if (op != OPCODE_SENSE || v->dead) return op;
    f->pc += code_words(op);
  }
}

void step(Prover *v) {
  Val stack[LIMIT_STACK];
  uint32_t depth = 0;
  uint8_t was_fault = v->move.kind == MOVE_SILENT && v->faults > 0;
  v->move = (Move){.kind = MOVE_SILENT, .fault = was_fault};
  if (top(v)->leaving) { leave(v); return; }
  for (;;) {
    Opcode op = run_code(v, stack, &depth);
    if (v->dead) return;
    v->move.pc = top(v)->pc;
    if (is_boundary(op) && !top(v)->open && diverted(v)) return;
    obey(v, op, code_a(v->p->code[top(v)->pc]), stack, depth);
    if (!is_branch(op) || v->dead) return;
    depth = 0;
  }
}
