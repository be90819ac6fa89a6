/* check_step: the innermost strand goes on to the next instruction that others could notice. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <string.h>

void cert_go_behind(Checker *k) {
  CertFrame *f = strand(k);
  f->pc += code_words(code_op(k->p->code[f->pc]));
}

bool cert_distinguished(const Checker *k, uint32_t pc) {
  Opcode op = code_op(k->p->code[pc]);
  do {
    pc += code_words(op);
    op = code_op(k->p->code[pc]);
    if (op == OPCODE_ON_FAILED || op == OPCODE_ON_UNKNOWN) return true;
  } while (op == OPCODE_ON_OK);
  return false;
}

static void leaves(Checker *k, uint8_t how) {
  CertFrame *f = strand(k);
  f->leaving = how, f->tries = 0;
  memset(f->args, 0, sizeof f->args);
  k->goes_on = false;
  k->after = "a strand leaves";
}

/* Before a step begins: the member has left, a person has cancelled, a guard has tripped. */
static bool is_diverted(Checker *k) {
  CertFrame *f = strand(k);
  bool gone = false;
  if (f->emergency) return false;
  for (uint32_t i = 1; i < k->s.frame_count; i++) {
    const CertFrame *g = &k->s.frames[i];
    gone |= g->sibling ? g->out != 0 : k->s.out[k->p->fans[g->fan - 1].kind] != CERT_STAYS;
  }
  if (gone) leaves(k, CERT_LEFT);
  else if (k->s.cancelled && !f->masked && k->s.frame_count == 1) leaves(k, CERT_CANCELS);
  else if (f->tripped) leaves(k, CERT_TRIPS);
  else return false;
  return true;
}

static bool begins_a_step(Opcode op) {
  if (op == OPCODE_UNLOCK || op == OPCODE_SET_END) return false;
  return op_info[op].blocks || op == OPCODE_STEP_BEGIN || op == OPCODE_NOTIFY;
}

/* ---- fan-outs ---- */

static void begin_member(Checker *k, uint32_t fan, bool sibling) {
  const FanRow *row = &k->p->fans[fan];
  CertFrame *outer = strand(k), *f = outer + 1;
  if (k->s.frame_count >= (outer->emergency ? CERT_FRAMES : CERT_FRAMES_OF_RUN)) {
    cert_refuse(k, "fan-outs are deeper within each other than a certificate can say", 0);
    return;
  }
  if (!sibling) outer->member = CERT_RUNS;
  k->s.frame_count++;
  memset(f, 0, sizeof *f);
  f->pc = row->body, f->fan = (uint16_t)(fan + 1), f->sibling = sibling, f->masked = outer->masked;
  f->emergency = outer->emergency, f->during = outer->during;
  memcpy(f->slots, outer->slots, sizeof f->slots);
  f->slots[row->slot] = (uint8_t)(2 * row->kind + (sibling ? 2 : 1));
  k->after = "a member begins";
}

static void open_fan(Checker *k, const FanRow *row) {
  CertFrame *f = strand(k);
  bool in = cert_collects(k, row->members, f->slots, row->kind, row->sense ? WHAT_IS_READ : WHAT_IS);
  f->open = 1;
  f->member = in && (f->emergency || k->s.out[row->kind] == CERT_STAYS) ? CERT_WAITS : CERT_NO_MEMBER;
  f->stopped = k->s.cancelled && !f->masked && k->s.frame_count == 1 ? CERT_BY_CANCEL : CERT_NOT_STOPPED;
  k->after = "a fan-out begins";
}

static void close_fan(Checker *k, const FanRow *row) {
  static const uint8_t how[] = {[CERT_BY_TOLERANCE] = CERT_FAILS, [CERT_BY_FAILURE] = CERT_FAILS, [CERT_BY_CANCEL] = CERT_CANCELS, [CERT_BY_GUARD] = CERT_TRIPS};
  CertFrame *f = strand(k);
  uint8_t stopped = f->stopped;
  f->open = f->member = f->stopped = f->others = 0;
  k->goes_on = true;
  if (stopped == CERT_NOT_STOPPED) cert_go_behind(k);
  else if (stopped == CERT_BY_TOLERANCE && row->on_stop) f->pc = row->on_stop;
  else leaves(k, how[stopped]);
}

static void step_fan(Checker *k, uint32_t fan) {
  const FanRow *row = &k->p->fans[fan];
  CertFrame *f = strand(k);
  k->goes_on = false;
  if (!f->open) { open_fan(k, row); return; }
  if (k->s.window_over && f->member == CERT_WAITS && !f->masked && k->s.frame_count == 1) {
    cert_has_failed(k, row->kind);
    cert_take_out(k, row->kind, CERT_KEPT);
  }
  if (f->member == CERT_WAITS && !f->emergency && k->s.out[row->kind] != CERT_STAYS) f->member = CERT_THROUGH;
  bool others = k->fans[fan].shares && !f->stopped && !f->others && k->s.frame_count < CERT_FRAMES_OF_RUN - 1;
  if (others && cert_pick(k, 2)) begin_member(k, fan, true);
  else if (f->member == CERT_WAITS && !f->stopped) begin_member(k, fan, false);
  else close_fan(k, row);
}

/* ---- steps that read ---- */

static int reads(Checker *k, CodeRef region, const uint8_t *slots) {
  Look l = {.sight = WHAT_IS_READ, .wanted = NONE_INDEX};
  return cert_truth(k, &l, cert_condition(k, &l, region, slots), true);
}

void cert_time_passes(Checker *k, int64_t at_least) {
  for (uint32_t i = 0; i < k->c.tables.late_count; i++)
    if (k->p->actions[k->c.tables.lates[i]].may_land <= at_least) k->s.late[i] = 0;
}

int64_t cert_duration(Checker *k, CodeRef region, const uint8_t *slots) {
  Look l = {.sight = WHAT_IS, .wanted = NONE_INDEX};
  Value x = region ? cert_condition(k, &l, region, slots) : (Value){.tag = V_UNKNOWN};
  return x.tag == V_NUMBER ? x.n : -1;
}

static void confirm(Checker *k, uint32_t row) {
  CertFrame *f = strand(k);
  int t = reads(k, k->p->confirms[row].condition, f->slots);
  f->outcome = t == 1 ? 0 : t == 0 ? 1 : 2;
  int64_t held = cert_duration(k, k->p->confirms[row].held, f->slots);
  if (t == 1) cert_time_passes(k, held);
  k->goes_on = false;
  k->after = "something is confirmed";
  cert_go_behind(k);
}

static void leave_out(Checker *k, const LeaveOutRow *row) {
  uint32_t kind = k->p->sets[row->set].kind;
  uint8_t slots[LIMIT_SLOTS];
  memcpy(slots, strand(k)->slots, sizeof slots);
  slots[row->slot] = (uint8_t)(2 * kind + 1);
  if (cert_in_set(k, row->set) && k->s.out[kind] == CERT_STAYS && reads(k, row->condition, slots) != 0) {
    cert_take_out(k, kind, CERT_LEFT_OUT);
    k->goes_on = false;
    k->after = "it is left out";
  }
  cert_go_behind(k);
}

static void require(Checker *k, const RequireRow *row) {
  int t = reads(k, row->condition, strand(k)->slots);
  k->goes_on = false;
  k->after = "a requirement is read";
  if (t == 1) cert_go_behind(k);
  else leaves(k, CERT_REQUIREMENT);
}

static void select_set(Checker *k, uint32_t set) {
  bool in = cert_collects(k, k->p->sets[set].members, strand(k)->slots, k->p->sets[set].kind, WHAT_IS_READ);
  k->s.set[set] = in ? CERT_IN : CERT_NOT_IN;
  cert_go_behind(k);
}

/* ---- steps that end something ---- */

static void put_out(Checker *k, uint32_t kind, Value x, uint8_t how) {
  CertFrame *f = strand(k);
  k->goes_on = false;
  k->after = "it is set aside or kept out";
  if (x.tag == V_WITNESS && f->outcome) cert_has_failed(k, kind);
  if (x.tag == V_WITNESS) cert_take_out(k, kind, how);
  if (x.tag == V_SIBLING && f->sibling && kind == k->p->fans[f->fan - 1].kind) f->out = 1;
  cert_go_behind(k);
}

static void without_yes(Checker *k, uint32_t refusal, uint8_t how) {
  uint32_t g = k->p->refusals[refusal].gate, kind = k->p->gates[g].kind;
  bool refused = k->s.yes[g] == CERT_REFUSED;
  if (refused && kind != NONE_INDEX && k->s.out[kind] == CERT_STAYS) {
    cert_take_out(k, kind, how);
    k->goes_on = false;
    k->after = "nobody said yes";
  }
  if (refused) k->s.yes[g] = CERT_NO_YES;
  cert_go_behind(k);
}

static void wait(Checker *k, Value duration) {
  if (duration.tag == V_NUMBER) cert_time_passes(k, duration.n);
  k->goes_on = false;
  k->after = "a wait is over";
  cert_go_behind(k);
}

static void people_or_setting(Checker *k, uint32_t outcomes) {
  strand(k)->outcome = (uint8_t)cert_pick(k, outcomes);
  k->fault |= strand(k)->outcome != 0;
  k->goes_on = false;
  k->after = "people, or a setting, have answered";
}

static void end_undo(Checker *k) {
  CertFrame *f = strand(k);
  if (f->scope_count && f->scopes[f->scope_count - 1].kind == CERT_ATTEMPT) f->scopes[--f->scope_count] = (CertScope){0};
  leaves(k, CERT_ROLLED_BACK);
}

/* ---- the instruction ---- */

static void branch(Checker *k, uint8_t wanted, uint32_t to) {
  if (strand(k)->outcome == wanted) strand(k)->pc = to;
  else cert_go_behind(k);
}

/* True: the code behind it belongs to this step. */
static bool obey(Checker *k, Opcode op, uint32_t a, const Value *stack, uint32_t depth) {
  CertFrame *f = strand(k);
  k->acted |= op_info[op].blocks && op != OPCODE_FAN;
  Value last = depth ? stack[depth - 1] : (Value){.tag = V_UNKNOWN};
  switch ((int)op) {
    case OPCODE_ON_OK: branch(k, 0, a); return true;
    case OPCODE_ON_FAILED: branch(k, 1, a); return true;
    case OPCODE_ON_UNKNOWN: branch(k, 2, a); return true;
    case OPCODE_STEP_END: case OPCODE_REMEMBER: cert_go_behind(k); return true;
    case OPCODE_ACT: cert_act(k, f->pc, f->tries ? NULL : stack + depth - k->p->actions[k->p->calls[a].action].params.count); return false;
    case OPCODE_CONFIRM: confirm(k, a); return false;
    case OPCODE_WAIT: wait(k, last); return false;
    case OPCODE_GATE: cert_gate(k, a); return false;
    case OPCODE_FAN: step_fan(k, a); return false;
    case OPCODE_LOCK: cert_lock(k, a); return false;
    case OPCODE_UNLOCK: cert_close(k, CERT_LOCKOUT, a); return false;
    case OPCODE_ATTEMPT: cert_enter(k, CERT_ATTEMPT, a), k->goes_on = false; break; /* a cancel leads elsewhere from here */
    case OPCODE_ATTEMPT_END: cert_close(k, CERT_ATTEMPT, a); f->pc = k->p->attempts[a].end; return false;
    case OPCODE_UNDO_END: end_undo(k); return false;
    case OPCODE_SET_BEGIN: people_or_setting(k, cert_distinguished(k, f->pc) ? 3 : 2), cert_enter(k, CERT_ADJUST, a); break;
    case OPCODE_SET_END: cert_close(k, CERT_ADJUST, a); return false;
    case OPCODE_GUARD_BEGIN: cert_enter(k, CERT_GUARD, a), k->goes_on = false; break;
    case OPCODE_GUARD_END: cert_close(k, CERT_GUARD, a); return false;
    case OPCODE_REQUIRE: require(k, &k->p->requires[a]); return false;
    case OPCODE_LEAVE_OUT: leave_out(k, &k->p->leave_outs[a]); return false;
    case OPCODE_SELECT: select_set(k, a); return false;
    case OPCODE_SET_ASIDE: put_out(k, a, last, CERT_ASIDE); return false;
    case OPCODE_KEEP_OUT: put_out(k, a, last, CERT_KEPT); return false;
    case OPCODE_ASIDE_WITHOUT_YES: without_yes(k, a, CERT_ASIDE); return false;
    case OPCODE_OUT_WITHOUT_YES: without_yes(k, a, CERT_KEPT); return false;
    case OPCODE_ROLL_BACK: case OPCODE_FAIL: leaves(k, CERT_FAILS); return false;
    case OPCODE_END: leaves(k, CERT_ENDS); return false;
    case OPCODE_MEMBER_DONE: case OPCODE_HALT: leaves(k, CERT_DONE); return false;
    case OPCODE_HOLD: people_or_setting(k, 3); break;
    case OPCODE_STEP_BEGIN: case OPCODE_NOTIFY: case OPCODE_SAFE_POINT: case OPCODE_WATCH: break;
    default: cert_refuse(k, "an instruction that the checker does not know", 0); return false;
  }
  cert_go_behind(k);
  return false;
}

/* Expression code, that of SENSE included, up to the next instruction of a step. */
static Opcode work_out(Checker *k, Value *stack, uint32_t *depth) {
  CertFrame *f = strand(k);
  Look l = {.sight = WHAT_IS_READ, .wanted = NONE_INDEX};
  Opcode op;
  do {
    f->pc = cert_evaluate(k, &l, f->pc, f->slots, stack, depth);
    op = code_op(k->p->code[f->pc]);
    if (op == OPCODE_SENSE) f->pc += code_words(op);
  } while (op == OPCODE_SENSE && !over(k));
  return op;
}

static void step_once(Checker *k) {
  Value stack[LIMIT_STACK];
  bool more = true;
  while (more && !over(k)) {
    uint32_t depth = 0;
    Opcode op = work_out(k, stack, &depth);
    uint32_t a = code_a(k->p->code[strand(k)->pc]);
    k->pc = strand(k)->pc;
    if (over(k) || (begins_a_step(op) && !strand(k)->open && is_diverted(k))) return;
    int pops = op == OPCODE_ACT ? (int)k->p->actions[k->p->calls[a].action].params.count : op_info[op].pops;
    if (op == OPCODE_RETURN || k->fuel-- == 0 || (pops > (int)depth && !(op == OPCODE_ACT && strand(k)->tries))) {
      cert_refuse(k, "a state stands where no run can be", 0);
      return;
    }
    if (op_info[op].blocks) strand(k)->outcome = 0; /* nothing behind here asks for it */
    more = obey(k, op, a, stack, depth);
  }
}

void cert_one_instruction(Checker *k) {
  k->goes_on = true;
  if (strand(k)->leaving) cert_leave(k);
  else step_once(k);
}

/* What is in the certificate on the way is a state of its own, whose successors are looked at there. */
void cert_run_step(Checker *k) {
  if (cert_urgent(k)) {
    cert_emergency_goes_on(k);
    return;
  }
  do {
    cert_one_instruction(k);
  } while (k->goes_on && !over(k) && !k->s.ended && !(k->pick_at > 0 && cert_is_listed(k)));
}
