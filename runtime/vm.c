/* vm: regions. Who runs code of a strand is the engine, with vm_run. */
#include <config.h>

#include "runtime/vm_core.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static VmAttr attribute(const Program *p, const Fleet *f, uint32_t attr) {
  const AttrRow *row = &p->attrs[attr];
  if (row->type.klass == VALUE_LIST) return (VmAttr){0};
  return (VmAttr){fleet_column(f, row->kind, attr - p->kinds[row->kind].attrs.first), row->type.klass == VALUE_TEXT};
}

static void find_columns(Vm *vm) {
  const Program *p = vm->program;
  vm->attrs = xcalloc(p->attrs_count + 1, sizeof *vm->attrs);
  for (uint32_t i = 0; i < p->attrs_count; i++) vm->attrs[i] = attribute(p, vm->fleet, i);
  vm->ups = xcalloc(size_product(p->kinds_count, p->kinds_count) + 1, sizeof *vm->ups);
  for (uint32_t k = 0; k < p->kinds_count; k++)
    for (uint32_t to = 0; to < p->kinds_count; to++)
      if (to != k) vm->ups[(size_t)k * p->kinds_count + to] = fleet_up_column(vm->fleet, k, to);
}

Vm *vm_new(const Program *program, const Fleet *fleet, const VmHost *host) {
  Vm *vm = xcalloc(1, sizeof *vm);
  vm->program = program;
  vm->fleet = fleet;
  vm->host = *host;
  find_columns(vm);
  vm_texts_init(vm);
  vm_sets_init(vm);
  return vm;
}

void vm_emergency(Vm *vm, bool emergency) { vm->emergency = emergency; }

void vm_free(Vm *vm) {
  if (!vm) return;
  vm_sets_done(vm);
  vm_texts_done(vm);
  free(vm->attrs);
  free(vm->ups);
  free(vm);
}

static void run_region(Vm *vm, CodeRef region, const int64_t *slots, uint32_t slot_count) {
  int64_t copy[VM_SLOTS];
  assert(slot_count <= LIMIT_SLOTS || slot_count <= VM_SLOTS);
  for (uint32_t i = 0; i < slot_count; i++) copy[i] = slots[i];
  for (uint32_t i = slot_count; i < LIMIT_SLOTS; i++) copy[i] = VALUE_UNKNOWN;
  uint32_t end = vm_run(vm, region, NONE_INDEX, copy);
  assert(code_op(vm->program->code[end]) == OPCODE_RETURN);
  (void)end;
}

/* Most regions that leave a value are a number, a variable, or an attribute or a fact of a variable, by itself or compared to a
 * number: these need neither stack nor frame. False, before anything was asked for: it is none of them. */
static inline bool is_simple(Vm *vm, CodeRef region, const int64_t *slots, uint32_t slot_count, int64_t *ret) {
  const uint32_t *at = vm->program->code + region;
  if (code_op(*at) == OPCODE_INT) {
    *ret = code_imm(*at);
    return code_op(at[1]) == OPCODE_RETURN;
  }
  if (code_op(*at) != OPCODE_SLOT || code_a(*at) >= slot_count) return false;
  const uint32_t *of = at + 1, *end = code_op(*of) == OPCODE_ATTR || code_op(*of) == OPCODE_FACT ? of + code_words(code_op(*of)) : of;
  bool compared = code_op(*end) == OPCODE_INT && vm_holds_when[code_op(end[1])] && code_op(end[2]) == OPCODE_RETURN;
  if (!compared && code_op(*end) != OPCODE_RETURN) return false;
  int64_t v = slots[code_a(*at)];
  if (code_op(*of) == OPCODE_ATTR) v = vm_attribute(vm, &vm->attrs[code_a(*of)], v);
  if (code_op(*of) == OPCODE_FACT && v != VALUE_UNKNOWN) v = vm_fact(vm, code_a(*of), of[1], (Entity)v);
  *ret = compared && v != VALUE_UNKNOWN ? vm_compare(code_op(end[1]), v, code_imm(*end)) : v;
  return true;
}

int64_t vm_value(Vm *vm, CodeRef region, const int64_t *slots, uint32_t slot_count) {
  int64_t simple;
  if (is_simple(vm, region, slots, slot_count, &simple)) return simple;
  uint32_t sp = vm->sp, open = vm->open;
  run_region(vm, region, slots, slot_count);
  int64_t value = vm->sp > sp ? vm->stack[vm->sp - 1] : VALUE_UNKNOWN;
  vm->sp = sp;
  vm->open = open;
  return value;
}

void vm_collect(Vm *vm, CodeRef region, const int64_t *slots, uint32_t slot_count, EntityVec *out) {
  uint32_t sp = vm->sp, open = vm->open;
  EntityVec *outer = vm->out;
  vm->out = out;
  run_region(vm, region, slots, slot_count);
  vm->out = outer;
  vm->sp = sp;
  vm->open = open;
}
