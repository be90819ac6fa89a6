/* stand: counts what is on the stack from what each instruction pops and pushes. */
#include <config.h>

#include "runtime/stand.h"

#include "runtime/vm_core.h"

#include <string.h>

Stand stand_at(Stand s, uint32_t pc) {
  if (s.depth == 0 && s.iterators == 0) s.statement = pc;
  return s;
}

Stand stand_behind(const Program *p, uint32_t pc, Stand s) {
  Opcode op = code_op(p->code[pc]);
  if (op_info[op].blocks || op >= OPCODE_SENSE) return (Stand){0};
  uint32_t pops = op_info[op].pops < 0 ? code_a(p->code[pc]) : (uint32_t)op_info[op].pops, pushes = (uint32_t)op_info[op].pushes;
  s.depth = s.depth + pushes - pops;
  if (op >= OPCODE_EACH_KIND && op <= OPCODE_EACH_ONE) s.iterators++;
  if (op == OPCODE_CLOSE) s.iterators--;
  return s;
}

int64_t stand_value(Vm *vm, Stand s, uint32_t pc, const int64_t *slots) {
  int64_t copy[VM_SLOTS];
  memcpy(copy, slots, LIMIT_SLOTS * sizeof *copy);
  uint32_t sp = vm->sp, open = vm->open;
  uint32_t end = vm_run(vm, s.statement, pc, copy);
  int64_t v = end == pc && vm->sp > sp ? vm->stack[vm->sp - 1] : VALUE_UNKNOWN;
  vm->sp = sp;
  vm->open = open;
  return v;
}
