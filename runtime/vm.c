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
  if (slot_count) memcpy(copy, slots, slot_count * sizeof *copy);
  for (uint32_t i = slot_count; i < LIMIT_SLOTS; i++) copy[i] = VALUE_UNKNOWN;
  uint32_t end = vm_run(vm, region, NONE_INDEX, copy);
  assert(code_op(vm->program->code[end]) == OPCODE_RETURN);
  (void)end;
}

int64_t vm_value(Vm *vm, CodeRef region, const int64_t *slots, uint32_t slot_count) {
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
