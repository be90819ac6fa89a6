/* vm_sets: the iterators. Each walks entities in their order: all of a kind and those below an entity in the inventory's,
 * a frozen set in the order in which it was collected. */
#include <config.h>

#include "runtime/vm_core.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WORD(entity) ((entity) >> 6)
#define BIT(entity) (UINT64_C(1) << ((entity) & 63))

void vm_sets_init(Vm *vm) { vm->sets = xcalloc(vm->program->sets_count + 1, sizeof *vm->sets); }

void vm_sets_done(Vm *vm) {
  for (uint32_t i = 0; i < vm->program->sets_count; i++) free(vm->sets[i].bits);
  free(vm->sets);
  free(vm->seen);
  for (uint32_t i = 0; i < LIMIT_ITERATORS * VM_NESTING; i++) vec_done(&vm->iters[i].own);
}

static VmIter *open_iter(Vm *vm, uint32_t kind, bool filter) {
  assert(vm->open < LIMIT_ITERATORS * VM_NESTING);
  VmIter *it = &vm->iters[vm->open++];
  it->items = NULL;
  it->first = it->count = it->at = 0;
  it->kind = kind;
  it->within = NULL;
  it->filter = filter && vm->host.still_in;
  it->walk = VM_WALK_LIST;
  it->own.len = 0;
  return it;
}

static void walk(VmIter *it, FleetMembers m) {
  it->items = m.items;
  it->first = m.first;
  it->count = m.count;
}

static void walk_list(VmIter *it, const uint32_t *items, uint32_t count) {
  static const uint32_t nothing[1] = {0};
  it->items = items ? items : nothing;
  it->count = count;
}

static const uint32_t *set_members(Vm *vm, uint32_t set, uint32_t *ret_count) {
  *ret_count = 0;
  return vm->host.set ? vm->host.set(vm->host.ctx, set, ret_count) : NULL;
}

static VmSet *set_bits(Vm *vm, uint32_t set) {
  VmSet *s = &vm->sets[set];
  uint32_t count, kind = vm->program->sets[set].kind;
  const uint32_t *items = set_members(vm, set, &count);
  if (s->bits && s->items == items && s->count == count) return s;
  size_t words = WORD(fleet_count(vm->fleet, kind)) + 1;
  free(s->bits);
  *s = (VmSet){.items = items, .count = count, .bits = xcalloc(words, sizeof *s->bits), .ascending = true};
  for (uint32_t i = 0; i < count; i++) {
    s->bits[WORD(items[i])] |= BIT(items[i]);
    if (i > 0 && items[i] <= items[i - 1]) s->ascending = false;
  }
  return s;
}

bool vm_in_set(Vm *vm, uint32_t set, Entity e) {
  return (set_bits(vm, set)->bits[WORD(e)] & BIT(e)) && vm_still_in(vm, vm->program->sets[set].kind, e);
}

void vm_each_kind(Vm *vm, uint32_t kind) {
  VmIter *it = open_iter(vm, kind, false);
  it->count = fleet_count(vm->fleet, kind);
  it->walk = VM_WALK_ALL;
}

void vm_each_set(Vm *vm, uint32_t set) {
  uint32_t count;
  const uint32_t *items = set_members(vm, set, &count);
  walk_list(open_iter(vm, vm->program->sets[set].kind, true), items, count);
}

void vm_each_below(Vm *vm, uint32_t kind, uint32_t of_kind, int64_t entity) {
  VmIter *it = open_iter(vm, kind, false);
  if (entity != VALUE_UNKNOWN) walk(it, fleet_members(vm->fleet, of_kind, (Entity)entity, kind));
}

/* Members of the set in its own order, where that is not the inventory's. */
static void walk_in_set_order(VmIter *it, FleetMembers below, const VmSet *s) {
  for (uint32_t i = 0; i < s->count; i++)
    for (uint32_t j = 0; j < below.count; j++)
      if (fleet_member(below, j) == s->items[i]) {
        vec_push(&it->own, s->items[i]);
        break;
      }
  walk_list(it, it->own.items, it->own.len);
}

void vm_each_set_below(Vm *vm, uint32_t set, uint32_t of_kind, int64_t entity) {
  VmSet *s = set_bits(vm, set);
  uint32_t kind = vm->program->sets[set].kind;
  VmIter *it = open_iter(vm, kind, true);
  if (entity == VALUE_UNKNOWN) return;
  FleetMembers below = fleet_members(vm->fleet, of_kind, (Entity)entity, kind);
  if (!s->ascending) {
    walk_in_set_order(it, below, s);
    return;
  }
  walk(it, below);
  it->within = s->bits;
}

static void need_seen(Vm *vm, uint32_t kind) {
  uint32_t words = WORD(fleet_count(vm->fleet, kind)) + 1;
  if (vm->seen_words >= words) return;
  free(vm->seen);
  vm->seen = xcalloc(words, sizeof *vm->seen);
  vm->seen_words = words;
}

void vm_each_above(Vm *vm, uint32_t set, uint32_t kind) {
  uint32_t count, member_kind = vm->program->sets[set].kind;
  const uint32_t *items = set_members(vm, set, &count);
  VmIter *it = open_iter(vm, kind, false);
  need_seen(vm, kind);
  for (uint32_t i = 0; i < count; i++) {
    if (!vm_still_in(vm, member_kind, items[i])) continue;
    Entity up = fleet_up(vm->fleet, member_kind, items[i], kind);
    if (up == ENTITY_NONE || (vm->seen[WORD(up)] & BIT(up))) continue;
    vm->seen[WORD(up)] |= BIT(up);
    vec_push(&it->own, up);
  }
  for (uint32_t i = 0; i < it->own.len; i++) vm->seen[WORD(it->own.items[i])] = 0;
  walk_list(it, it->own.items, it->own.len);
}

void vm_each_yes(Vm *vm, uint32_t gate) {
  uint32_t count = 0;
  const uint32_t *items = vm->host.yeses ? vm->host.yeses(vm->host.ctx, gate, &count) : NULL;
  walk_list(open_iter(vm, vm->program->gates[gate].kind, true), items, count);
}

void vm_each_ref(Vm *vm, uint32_t attr, int64_t entity) {
  const AttrRow *row = &vm->program->attrs[attr];
  VmIter *it = open_iter(vm, row->type.ref, false);
  if (entity == VALUE_UNKNOWN) return;
  walk(it, fleet_refs(vm->fleet, row->kind, attr - vm->program->kinds[row->kind].attrs.first, (Entity)entity));
}

void vm_each_one(Vm *vm, int64_t entity) {
  VmIter *it = open_iter(vm, 0, false);
  if (entity == VALUE_UNKNOWN) return;
  it->first = (Entity)entity;
  it->count = 1;
}
