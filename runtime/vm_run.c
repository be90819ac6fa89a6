/* vm_run: the dispatch. Code was verified when it was loaded: depth, types, operands and targets need no check here. */
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

static int64_t attribute(Vm *vm, uint32_t attr, int64_t entity) {
  if (entity == VALUE_UNKNOWN) return VALUE_UNKNOWN;
  int64_t v = fleet_column_value(vm->attrs[attr], (Entity)entity);
  return vm->program->attrs[attr].type.klass == VALUE_TEXT ? vm_fleet_text(vm, v) : v;
}

static int64_t up(Vm *vm, uint32_t to, uint32_t kind, int64_t entity) {
  if (entity == VALUE_UNKNOWN) return VALUE_UNKNOWN;
  Entity e = fleet_up(vm->fleet, kind, (Entity)entity, to);
  return e == ENTITY_NONE ? VALUE_UNKNOWN : (int64_t)e;
}

#define HOST(function, ...) (vm->host.function ? vm->host.function(vm->host.ctx, __VA_ARGS__) : VALUE_UNKNOWN)

/* What only the host knows of an entity. An unknown entity has unknown facts. */
static int64_t ask_host(Vm *vm, Opcode op, uint32_t a, uint32_t b, int64_t value) {
  if (value == VALUE_UNKNOWN) return VALUE_UNKNOWN;
  Entity e = (Entity)value;
  switch ((int)op) {
    case OPCODE_FACT: return HOST(fact, a, b, e);
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
static bool next_entity(Vm *vm, int64_t *slot) {
  VmIter *it = &vm->iters[vm->open - 1];
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

#define PUSH(v) (vm->stack[vm->sp++] = (v))
#define POP() (vm->stack[--vm->sp])
#define TOP (vm->stack[vm->sp - 1])
#define KNOWN2(a, b) ((a) != VALUE_UNKNOWN && (b) != VALUE_UNKNOWN)
#define BINARY(expression) { int64_t r = POP(), l = TOP; TOP = KNOWN2(l, r) ? (expression) : VALUE_UNKNOWN; break; }
#define CHECKED(builtin) { int64_t r = POP(), l = TOP, out; TOP = KNOWN2(l, r) && !builtin(l, r, &out) ? out : VALUE_UNKNOWN; break; }

uint32_t vm_run(Vm *vm, uint32_t pc, uint32_t stop, int64_t *slots) {
  const Program *p = vm->program;
  const uint32_t *code = p->code;
  while (pc != stop) {
    uint32_t word = code[pc];
    uint32_t a = code_a(word);
    switch (code_op(word)) {
      case OPCODE_CONST: PUSH(p->consts[a]); break;
      case OPCODE_INT: PUSH(code_imm(word)); break;
      case OPCODE_UNKNOWN: PUSH(VALUE_UNKNOWN); break;
      case OPCODE_STR: PUSH(a); break;
      case OPCODE_SLOT: PUSH(slots[a]); break;
      case OPCODE_STORE: slots[a] = POP(); break;
      case OPCODE_PARAM: PUSH(vm->host.params[a]); break;
      case OPCODE_DUP: { int64_t top = TOP; PUSH(top); break; }
      case OPCODE_DROP: vm->sp--; break;
      case OPCODE_ATTR: TOP = attribute(vm, a, TOP); break;
      case OPCODE_UP: TOP = up(vm, a, code[++pc], TOP); break;
      case OPCODE_NAME: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : vm_name(vm, a, (Entity)TOP); break;
      case OPCODE_FACT: case OPCODE_METRIC: case OPCODE_LOCKED: case OPCODE_TRIED:
        TOP = ask_host(vm, code_op(word), a, code[++pc], TOP); break;
      case OPCODE_RECALL: case OPCODE_YES: case OPCODE_STILL_IN: TOP = ask_host(vm, code_op(word), a, 0, TOP); break;
      case OPCODE_IN_SET: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : truth(vm_in_set(vm, a, (Entity)TOP)); break;
      case OPCODE_ADD: CHECKED(__builtin_add_overflow)
      case OPCODE_SUB: CHECKED(__builtin_sub_overflow)
      case OPCODE_MUL: CHECKED(__builtin_mul_overflow)
      case OPCODE_DIV: BINARY(r == 0 ? VALUE_UNKNOWN : l / r)
      case OPCODE_NEG: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : -TOP; break;
      case OPCODE_PART_DOWN: { int64_t b = POP(); TOP = part(TOP, b, false); break; }
      case OPCODE_PART_UP: { int64_t b = POP(); TOP = part(TOP, b, true); break; }
      case OPCODE_RATIO: { int64_t b = POP(); TOP = ratio(TOP, b); break; }
      case OPCODE_EQ: BINARY(l == r)
      case OPCODE_NE: BINARY(l != r)
      case OPCODE_LT: BINARY(l < r)
      case OPCODE_LE: BINARY(l <= r)
      case OPCODE_GT: BINARY(l > r)
      case OPCODE_GE: BINARY(l >= r)
      case OPCODE_AND: { int64_t b = POP(), c = TOP; TOP = b == 0 || c == 0 ? 0 : KNOWN2(b, c) ? 1 : VALUE_UNKNOWN; break; }
      case OPCODE_OR: { int64_t b = POP(), c = TOP; TOP = b == 1 || c == 1 ? 1 : KNOWN2(b, c) ? 0 : VALUE_UNKNOWN; break; }
      case OPCODE_NOT: TOP = TOP == VALUE_UNKNOWN ? VALUE_UNKNOWN : truth(TOP == 0); break;
      case OPCODE_IS_UNKNOWN: TOP = truth(TOP == VALUE_UNKNOWN); break;
      case OPCODE_MAYBE: TOP = truth(TOP != 0); break;
      case OPCODE_SURELY: TOP = truth(TOP == 1); break;
      case OPCODE_SHOW: TOP = vm_show(vm, p->shows[a].type, TOP); break;
      case OPCODE_JOIN: { vm->sp -= a; int64_t text = vm_join(vm, vm->stack + vm->sp, a); PUSH(text); break; }
      case OPCODE_JUMP: pc = a; continue;
      case OPCODE_JUMP_FALSE: if (POP() == 0) { pc = a; continue; } break;
      case OPCODE_JUMP_TRUE: if (POP() == 1) { pc = a; continue; } break;
      case OPCODE_JUMP_UNKNOWN: if (POP() == VALUE_UNKNOWN) { pc = a; continue; } break;
      case OPCODE_JUMP_NOT: if (POP() != 1) { pc = a; continue; } break;
      case OPCODE_EACH_KIND: vm_each_kind(vm, a); break;
      case OPCODE_EACH_SET: vm_each_set(vm, a); break;
      case OPCODE_EACH_BELOW: vm_each_below(vm, a, code[++pc], POP()); break;
      case OPCODE_EACH_SET_BELOW: vm_each_set_below(vm, a, code[++pc], POP()); break;
      case OPCODE_EACH_ABOVE: vm_each_above(vm, a, code[++pc]); break;
      case OPCODE_EACH_YES: vm_each_yes(vm, a); break;
      case OPCODE_EACH_REF: vm_each_ref(vm, a, POP()); break;
      case OPCODE_EACH_ONE: vm_each_one(vm, POP()); break;
      case OPCODE_NEXT: {
        uint32_t done = code[++pc];
        if (!next_entity(vm, &slots[a])) { pc = done; continue; }
        break;
      }
      case OPCODE_CLOSE: vm->open--; break;
      case OPCODE_COLLECT: {
        int64_t e = POP();
        if (vm->out && e != VALUE_UNKNOWN) vec_push(vm->out, (Entity)e);
        break;
      }
      case OPCODE_RETURN: case OPCODE_SENSE: case OPCODE_ACT: case OPCODE_CONFIRM: case OPCODE_WAIT: case OPCODE_GATE:
      case OPCODE_ON_OK: case OPCODE_ON_FAILED: case OPCODE_ON_UNKNOWN: case OPCODE_FAN: case OPCODE_MEMBER_DONE:
      case OPCODE_STEP_BEGIN: case OPCODE_STEP_END: case OPCODE_LOCK: case OPCODE_UNLOCK: case OPCODE_ATTEMPT:
      case OPCODE_ATTEMPT_END: case OPCODE_UNDO_END: case OPCODE_SET_BEGIN: case OPCODE_SET_END: case OPCODE_GUARD_BEGIN:
      case OPCODE_GUARD_END: case OPCODE_REQUIRE: case OPCODE_LEAVE_OUT: case OPCODE_SELECT: case OPCODE_REMEMBER:
      case OPCODE_NOTIFY: case OPCODE_SAFE_POINT: case OPCODE_SET_ASIDE: case OPCODE_KEEP_OUT: case OPCODE_ASIDE_WITHOUT_YES:
      case OPCODE_OUT_WITHOUT_YES: case OPCODE_ROLL_BACK: case OPCODE_FAIL: case OPCODE_END: case OPCODE_HOLD: case OPCODE_HALT:
      case OPCODE_COUNT:
        return pc;
    }
    pc++;
  }
  return pc;
}
