/* vm_run: the dispatch. Code was verified when it was loaded: depth, types, operands and targets need no check here. Each
 * instruction jumps to the next one by itself, which processors predict better than one jump for all; and what often stands
 * together (an attribute of a variable, a number, the comparison of the two and its jump) goes together, unless `stop`
 * stands in between. */
#include <config.h>

#include "runtime/vm_core.h"

#include <assert.h>

static inline int64_t truth(bool b) { return b ? 1 : 0; }

static int64_t part(int64_t fraction, int64_t whole, bool up) {
  Part p;
  if (fraction == VALUE_UNKNOWN || whole == VALUE_UNKNOWN) return VALUE_UNKNOWN;
  bool ok = up ? quantity_part_up(fraction, whole, &p) : quantity_part_down(fraction, whole, &p);
  return ok ? p.amount : VALUE_UNKNOWN;
}

static int64_t ratio(int64_t a, int64_t b) {
  int64_t r;
  if (a == VALUE_UNKNOWN || b == VALUE_UNKNOWN || !quantity_ratio(a, b, &r)) return VALUE_UNKNOWN;
  return r;
}

static inline int64_t up(Vm *vm, uint32_t to, uint32_t kind, int64_t entity) {
  if (entity == VALUE_UNKNOWN || to == kind) return entity;
  const FleetColumn *column = &vm->ups[(size_t)kind * vm->program->kinds_count + to];
  return fleet_column_value(*column, (Entity)entity);
}

#define HOST(function, ...) (vm->host.function ? vm->host.function(vm->host.ctx, __VA_ARGS__) : VALUE_UNKNOWN)

/* What only the host knows of an entity. An unknown entity has unknown facts. */
static int64_t ask_host(Vm *vm, Opcode op, uint32_t a, uint32_t b, int64_t value) {
  if (value == VALUE_UNKNOWN) return VALUE_UNKNOWN;
  Entity e = (Entity)value;
  switch ((int)op) {
    case OPCODE_FACT: return vm_fact(vm, a, b, e);
    case OPCODE_METRIC: return HOST(metric, a, b, e);
    case OPCODE_RECALL: return HOST(recall, a, e);
    case OPCODE_LOCKED: return HOST(locked, a, b, e);
    case OPCODE_TRIED: return HOST(tried, a, b, e);
    case OPCODE_YES: return HOST(yes, a, e);
    case OPCODE_STILL_IN: return truth(vm_still_in(vm, a, e));
    default: return VALUE_UNKNOWN;
  }
}

/* The next entity of the innermost iterator. False: there is none, and it is closed. */
static inline bool next_entity(Vm *vm, int64_t *slot) {
  VmIter *it = &vm->iters[vm->open - 1];
  if (it->walk == VM_WALK_PLAIN && it->at < it->count) {
    *slot = it->first + it->at++;
    return true;
  }
  while (it->at < it->count) {
    uint32_t e = it->items ? it->items[it->at] : it->first + it->at;
    it->at++;
    if (it->within && !(it->within[e >> 6] >> (e & 63) & 1)) continue;
    if (it->filter && !vm->host.still_in(vm->host.ctx, it->kind, e)) continue;
    *slot = e;
    return true;
  }
  vm->open--;
  *slot = VALUE_UNKNOWN;
  return false;
}

/* The stack's top is kept in a local; `sp` points to the first free cell. What may look at the virtual machine meanwhile gets
 * it written back. */
#define PUSH(v) (*sp++ = (v))
#define POP() (*--sp)
#define TOP (sp[-1])
#define SAVE() (vm->sp = (uint32_t)(sp - vm->stack))
#define KNOWN2(a, b) ((a) != VALUE_UNKNOWN && (b) != VALUE_UNKNOWN)
#define GO(target) { pc = (target); if (pc == stop) goto out; word = code[pc]; a = code_a(word); goto *labels[code_op(word)]; }
#define STEP GO(pc + 1)
#define BINARY(expression) { int64_t r = POP(), l = TOP; TOP = KNOWN2(l, r) ? (expression) : VALUE_UNKNOWN; STEP }
#define CHECKED(builtin) { int64_t r = POP(), l = TOP, sum; TOP = KNOWN2(l, r) && !builtin(l, r, &sum) ? sum : VALUE_UNKNOWN; STEP }
#define COMPARE(operator) { \
  int64_t r = POP(), l = POP(), t = KNOWN2(l, r) ? l operator r : VALUE_UNKNOWN; \
  uint32_t next = code[pc + 1]; \
  if (code_op(next) != OPCODE_JUMP_NOT || pc + 1 == stop) { PUSH(t); STEP } \
  if (t == 1) GO(pc + 2) \
  GO(code_a(next)) }

const uint8_t vm_holds_when[256] = {[OPCODE_EQ] = 2, [OPCODE_NE] = 5, [OPCODE_LT] = 1, [OPCODE_LE] = 3, [OPCODE_GT] = 4, [OPCODE_GE] = 6};

uint32_t vm_run(Vm *vm, uint32_t pc, uint32_t stop, int64_t *slots) {
  static const void *const labels[OPCODE_COUNT] = {
#define OP(name, a, b, pops, pushes, blocks, text) [OPCODE_##name] = &&OPERATION_##name,
#include "lang/opcode.def"
#undef OP
  };
  const Program *p = vm->program;
  const uint32_t *code = p->code;
  int64_t *sp = vm->stack + vm->sp;
  uint32_t word, a;
  int64_t left;
  GO(pc)

OPERATION_CONST: PUSH(p->consts[a]); STEP
OPERATION_INT:
  if (!vm_holds_when[code_op(code[pc + 1])] || pc + 1 == stop) { PUSH(code_imm(word)); STEP }
  left = POP();
compare_int: { /* the INT at pc, in `word`, with `left`, which is not on the stack */
  int64_t r = code_imm(word), t = VALUE_UNKNOWN;
  if (left != VALUE_UNKNOWN) t = vm_compare(code_op(code[pc + 1]), left, r);
  uint32_t next = code[pc + 2];
  if (code_op(next) != OPCODE_JUMP_NOT || pc + 2 == stop) { PUSH(t); GO(pc + 2) }
  if (t == 1) GO(pc + 3)
  GO(code_a(next))
}
OPERATION_UNKNOWN: PUSH(VALUE_UNKNOWN); STEP
OPERATION_STR: PUSH(a); STEP
OPERATION_SLOT: {
  uint32_t next = code[pc + 1];
  if (code_op(next) != OPCODE_ATTR || pc + 1 == stop) { PUSH(slots[a]); STEP }
  left = vm_attribute(vm, &vm->attrs[code_a(next)], slots[a]);
  word = code[pc + 2];
  if (code_op(word) == OPCODE_INT && vm_holds_when[code_op(code[pc + 3])] && stop - pc > 3) { pc += 2; goto compare_int; }
  PUSH(left);
  GO(pc + 2)
}
OPERATION_IN_EMERGENCY: PUSH(truth(vm->emergency)); STEP
OPERATION_STORE: slots[a] = POP(); STEP
OPERATION_PARAM: PUSH(vm->host.params[a]); STEP
OPERATION_DUP: { int64_t top = TOP; PUSH(top); STEP }
OPERATION_DROP: sp--; STEP
OPERATION_ATTR: TOP = vm_attribute(vm, &vm->attrs[a], TOP); STEP
OPERATION_UP: TOP = up(vm, a, code[++pc], TOP); STEP
OPERATION_NAME: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : vm_name(vm, a, (Entity)TOP); STEP
OPERATION_FACT:
OPERATION_METRIC:
OPERATION_LOCKED:
OPERATION_TRIED: SAVE(); TOP = ask_host(vm, code_op(word), a, code[++pc], TOP); STEP
OPERATION_RECALL:
OPERATION_YES:
OPERATION_STILL_IN: SAVE(); TOP = ask_host(vm, code_op(word), a, 0, TOP); STEP
OPERATION_IN_SET: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : truth(vm_in_set(vm, a, (Entity)TOP)); STEP

OPERATION_ADD: CHECKED(__builtin_add_overflow)
OPERATION_SUB: CHECKED(__builtin_sub_overflow)
OPERATION_MUL: CHECKED(__builtin_mul_overflow)
OPERATION_DIV: BINARY(r == 0 ? VALUE_UNKNOWN : l / r)
OPERATION_NEG: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : -TOP; STEP
OPERATION_PART_DOWN: { int64_t r = POP(); TOP = part(TOP, r, false); STEP }
OPERATION_PART_UP: { int64_t r = POP(); TOP = part(TOP, r, true); STEP }
OPERATION_RATIO: { int64_t r = POP(); TOP = ratio(TOP, r); STEP }
OPERATION_EQ: COMPARE(==)
OPERATION_NE: COMPARE(!=)
OPERATION_LT: COMPARE(<)
OPERATION_LE: COMPARE(<=)
OPERATION_GT: COMPARE(>)
OPERATION_GE: COMPARE(>=)
OPERATION_AND: { int64_t r = POP(), l = TOP; TOP = r == 0 || l == 0 ? 0 : KNOWN2(l, r) ? 1 : VALUE_UNKNOWN; STEP }
OPERATION_OR: { int64_t r = POP(), l = TOP; TOP = r == 1 || l == 1 ? 1 : KNOWN2(l, r) ? 0 : VALUE_UNKNOWN; STEP }
OPERATION_NOT: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : truth(TOP == 0); STEP
OPERATION_IS_UNKNOWN: TOP = truth(TOP == VALUE_UNKNOWN); STEP
OPERATION_MAYBE: TOP = truth(TOP != 0); STEP
OPERATION_SURELY: TOP = truth(TOP == 1); STEP

OPERATION_SHOW: TOP = vm_show(vm, p->shows[a].type, TOP); STEP
OPERATION_JOIN: { sp -= a; int64_t text = vm_join(vm, sp, a); PUSH(text); STEP }

OPERATION_JUMP: GO(a)
OPERATION_JUMP_FALSE: if (POP() == 0) GO(a) STEP
OPERATION_JUMP_TRUE: if (POP() == 1) GO(a) STEP
OPERATION_JUMP_UNKNOWN: if (POP() == VALUE_UNKNOWN) GO(a) STEP
OPERATION_JUMP_NOT: if (POP() != 1) GO(a) STEP

OPERATION_EACH_KIND: vm_each_kind(vm, a); STEP
OPERATION_EACH_SET: vm_each_set(vm, a); STEP
OPERATION_EACH_BELOW: vm_each_below(vm, a, code[++pc], POP()); STEP
OPERATION_EACH_SET_BELOW: vm_each_set_below(vm, a, code[++pc], POP()); STEP
OPERATION_EACH_ABOVE: vm_each_above(vm, a, code[++pc]); STEP
OPERATION_EACH_YES: vm_each_yes(vm, a); STEP
OPERATION_EACH_REF: vm_each_ref(vm, a, POP()); STEP
OPERATION_EACH_ONE: vm_each_one(vm, POP()); STEP
OPERATION_NEXT: {
  uint32_t done = code[++pc];
  VmIter *it = &vm->iters[vm->open - 1];
  if (it->walk == VM_WALK_ALL) {
    if (stop == NONE_INDEX) vm_scan_prepare(vm, it, pc - 1, a);
    else it->walk = VM_WALK_PLAIN;
  }
  if (it->walk == VM_WALK_SCAN) {
    if (vm_scan_next(it, &slots[a])) GO(it->scan.body)
    it->at = it->count;
  }
  if (!next_entity(vm, &slots[a])) GO(done)
  STEP
}
OPERATION_CLOSE: vm->open--; STEP
OPERATION_COLLECT: {
  int64_t e = POP();
  if (vm->out && e != VALUE_UNKNOWN) {
    if (vm->out->len < vm->out->cap) vm->out->items[vm->out->len++] = (Entity)e;
    else vec_push(vm->out, (Entity)e);
  }
  STEP
}

OPERATION_RETURN: OPERATION_SENSE: OPERATION_ACT: OPERATION_CONFIRM: OPERATION_WAIT: OPERATION_GATE: OPERATION_ON_OK:
OPERATION_ON_FAILED: OPERATION_ON_UNKNOWN: OPERATION_FAN: OPERATION_MEMBER_DONE: OPERATION_STEP_BEGIN: OPERATION_STEP_END:
OPERATION_LOCK: OPERATION_UNLOCK: OPERATION_ATTEMPT: OPERATION_ATTEMPT_END: OPERATION_UNDO_END: OPERATION_SET_BEGIN:
OPERATION_SET_END: OPERATION_GUARD_BEGIN: OPERATION_GUARD_END: OPERATION_REQUIRE: OPERATION_LEAVE_OUT: OPERATION_SELECT:
OPERATION_REMEMBER: OPERATION_NOTIFY: OPERATION_SAFE_POINT: OPERATION_SET_ASIDE: OPERATION_KEEP_OUT:
OPERATION_ASIDE_WITHOUT_YES: OPERATION_OUT_WITHOUT_YES: OPERATION_ROLL_BACK: OPERATION_FAIL: OPERATION_END: OPERATION_HOLD:
OPERATION_HALT: OPERATION_WATCH:
out:
  SAVE();
  return pc;
}
