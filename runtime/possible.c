/* possible: a region that collects is one loop: what opens the iterator, NEXT, one condition after the other, each with a
 * JUMP_NOT to the next round, and COLLECT. So the iterator and each condition can be run by itself, or left out. Code of
 * another shape is legal in a program file; of it nothing is known, and the answer is every entity of the kind. */
#include <config.h>

#include "runtime/possible.h"

#include "lang/limits.h"
#include "runtime/vm_core.h"

#include <string.h>

#define GATES_DEEP 8u /* gates whose members were asked for by gates before; deeper: every entity */

typedef struct Shape { uint32_t opener, next, collect; } Shape;

typedef struct Asking {
  Vm *vm;
  const Program *p;
  const int64_t *slots;
  uint32_t depth;
} Asking;

static void ask(const Asking *a, CodeRef region, uint32_t kind, EntityVec *out);

uint32_t possible_region_end(const Program *p, CodeRef region) {
  uint32_t pc = region;
  while (code_op(p->code[pc]) != OPCODE_RETURN) pc += code_words(code_op(p->code[pc]));
  return pc;
}

static bool of_later(const Vm *vm, uint32_t set) {
  uint32_t count = 0;
  if (vm->program->sets[set].after_step == NONE_INDEX) return false;
  if (vm->host.set) vm->host.set(vm->host.ctx, set, &count);
  return count == 0;
}

/* `open`: variables that have no value yet. Those that an iterator of the code itself sets do not count. */
static bool varies(const Vm *vm, uint32_t from, uint32_t to, uint32_t open) {
  const Program *p = vm->program;
  for (uint32_t pc = from; pc < to; pc += code_words(code_op(p->code[pc]))) {
    uint32_t a = code_a(p->code[pc]);
    switch ((int)code_op(p->code[pc])) {
      case OPCODE_FACT:
        if (!vm->fixed || !vm->fixed[a]) return true;
        break;
      case OPCODE_METRIC: case OPCODE_RECALL: case OPCODE_LOCKED: case OPCODE_TRIED: case OPCODE_YES:
      case OPCODE_EACH_YES:
        return true;
      case OPCODE_EACH_SET: case OPCODE_EACH_SET_BELOW: case OPCODE_EACH_ABOVE: case OPCODE_IN_SET:
        if (of_later(vm, a)) return true;
        break;
      case OPCODE_NEXT: case OPCODE_STORE: open &= ~(1u << a); break;
      case OPCODE_SLOT:
        if (open >> a & 1) return true;
        break;
      default: break;
    }
  }
  return false;
}

bool possible_varies(const Vm *vm, uint32_t from, uint32_t to, const int64_t *slots) {
  uint32_t open = 0;
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++)
    if (slots[i] == VALUE_UNKNOWN) open |= 1u << i;
  return varies(vm, from, to, open);
}

bool possible_reads_slots(const Program *p, uint32_t from, uint32_t to) {
  uint32_t open = ~0u;
  for (uint32_t pc = from; pc < to; pc += code_words(code_op(p->code[pc]))) {
    uint32_t a = code_a(p->code[pc]);
    if (code_op(p->code[pc]) == OPCODE_NEXT) open &= ~(1u << a);
    if (code_op(p->code[pc]) == OPCODE_SLOT && (open >> a & 1)) return true;
  }
  return false;
}

/* ---- the loop ---- */

static bool find_shape(const Program *p, CodeRef region, Shape *ret) {
  uint32_t end = possible_region_end(p, region), found = 0, before = 0;
  *ret = (Shape){0};
  for (uint32_t pc = region; pc < end; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) != OPCODE_COLLECT) continue;
    ret->collect = pc;
    found++;
  }
  if (found != 1 || code_op(p->code[ret->collect + 1]) != OPCODE_JUMP) return false;
  ret->next = code_a(p->code[ret->collect + 1]);
  for (uint32_t pc = region; pc < ret->next; pc += code_words(code_op(p->code[pc]))) before = pc;
  ret->opener = before;
  return ret->next > region && ret->next < ret->collect && code_op(p->code[ret->next]) == OPCODE_NEXT;
}

static void everything(const Asking *a, uint32_t kind, EntityVec *out) {
  for (uint32_t i = 0; i < fleet_count(a->vm->fleet, kind); i++) vec_push(out, i);
}

/* Runs code in the middle of a region. The value on top when it arrives at `to`, unknown otherwise. */
static int64_t value_at(const Asking *a, uint32_t from, uint32_t to, const int64_t *slots) {
  int64_t copy[VM_SLOTS];
  uint32_t sp = a->vm->sp, open = a->vm->open;
  memcpy(copy, slots, LIMIT_SLOTS * sizeof *copy);
  uint32_t end = vm_run(a->vm, from, to, copy);
  int64_t value = end == to && a->vm->sp > sp ? a->vm->stack[a->vm->sp - 1] : VALUE_UNKNOWN;
  a->vm->sp = sp;
  a->vm->open = open;
  return value;
}

static void rounds(const Asking *a, CodeRef region, const Shape *s, EntityVec *out) {
  int64_t copy[VM_SLOTS];
  uint32_t sp = a->vm->sp, open = a->vm->open, slot = code_a(a->p->code[s->next]);
  memcpy(copy, a->slots, LIMIT_SLOTS * sizeof *copy);
  if (vm_run(a->vm, region, s->next, copy) == s->next)
    while (vm_run(a->vm, s->next, s->next + 2, copy) == s->next + 2) vec_push(out, (Entity)copy[slot]);
  a->vm->sp = sp;
  a->vm->open = open;
}

static bool opens_below(Opcode op) {
  return op == OPCODE_EACH_BELOW || op == OPCODE_EACH_SET_BELOW || op == OPCODE_EACH_REF || op == OPCODE_EACH_ONE;
}

static bool among(const EntityVec *all, uint32_t entity) {
  for (uint32_t i = 0; i < all->len; i++)
    if (all->items[i] == entity) return true;
  return false;
}

/* Of a set of later, those that belong to an entity which is known already. */
static void below_of_later(const Asking *a, CodeRef region, const Shape *s, uint32_t kind, EntityVec *out) {
  uint32_t set = code_a(a->p->code[s->opener]), of_kind = a->p->code[s->opener + 1];
  bool open = possible_varies(a->vm, region, s->opener, a->slots);
  int64_t owner = open ? VALUE_UNKNOWN : value_at(a, region, s->opener, a->slots);
  EntityVec all = {0};
  ask(a, a->p->sets[set].members, kind, &all);
  FleetMembers below = owner == VALUE_UNKNOWN ? (FleetMembers){0} : fleet_members(a->vm->fleet, of_kind, (Entity)owner, kind);
  for (uint32_t i = 0; i < below.count; i++)
    if (among(&all, fleet_member(below, i))) vec_push(out, fleet_member(below, i));
  for (uint32_t i = 0; i < all.len && owner == VALUE_UNKNOWN; i++) vec_push(out, all.items[i]);
  vec_done(&all);
}

/* What the iterator may walk. */
static void candidates(const Asking *a, CodeRef region, const Shape *s, uint32_t kind, EntityVec *out) {
  uint32_t word = a->p->code[s->opener];
  Opcode op = code_op(word);
  if (op == OPCODE_EACH_YES) {
    ask(a, a->p->gates[code_a(word)].members, kind, out);
  } else if (op == OPCODE_EACH_SET && of_later(a->vm, code_a(word))) {
    ask(a, a->p->sets[code_a(word)].members, kind, out);
  } else if (op == OPCODE_EACH_SET_BELOW && of_later(a->vm, code_a(word))) {
    below_of_later(a, region, s, kind, out);
  } else if (possible_varies(a->vm, region, s->next, a->slots)) {
    everything(a, kind, out);
  } else if (opens_below(op) && value_at(a, region, s->opener, a->slots) == VALUE_UNKNOWN) {
    everything(a, kind, out);
  } else {
    rounds(a, region, s, out);
  }
}

/* May the member pass every condition? */
static bool passes(const Asking *a, const Shape *s, uint32_t member) {
  int64_t slots[LIMIT_SLOTS];
  uint32_t from = s->next + 2;
  memcpy(slots, a->slots, sizeof slots);
  slots[code_a(a->p->code[s->next])] = member;
  for (uint32_t pc = from; pc < s->collect; pc += code_words(code_op(a->p->code[pc]))) {
    if (code_op(a->p->code[pc]) != OPCODE_JUMP_NOT || code_a(a->p->code[pc]) != s->next) continue;
    if (!possible_varies(a->vm, from, pc, slots) && value_at(a, from, pc, slots) == 0) return false;
    from = pc + 1;
  }
  return true;
}

static void ask(const Asking *outer, CodeRef region, uint32_t kind, EntityVec *out) {
  Asking a = *outer;
  Shape shape;
  if (!region || a.depth++ >= GATES_DEEP || !find_shape(a.p, region, &shape)) {
    everything(&a, kind, out);
    return;
  }
  EntityVec all = {0};
  candidates(&a, region, &shape, kind, &all);
  for (uint32_t i = 0; i < all.len; i++)
    if (passes(&a, &shape, all.items[i])) vec_push(out, all.items[i]);
  vec_done(&all);
}

void possible_members(Vm *vm, CodeRef region, uint32_t kind, const int64_t *slots, EntityVec *out) {
  Asking a = {.vm = vm, .p = vm->program, .slots = slots};
  ask(&a, region, kind, out);
}
