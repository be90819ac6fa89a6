/* vm_core: the inside of the virtual machine, for vm*.c and for the engine, whose strands run expression code between
 * their steps. One stack and one pile of iterators serve nested runs: a region that a step needs is run on top of what
 * the strand has pushed, and leaves both as it found them. */
#ifndef TAGOUT_RUNTIME_VM_CORE_H
#define TAGOUT_RUNTIME_VM_CORE_H

#include "lang/limits.h"
#include "runtime/vm.h"

#define VM_NESTING 3u /* a strand, a region of its step, a region that the host asks for meanwhile */
#define VM_SLOTS (LIMIT_SLOTS + 4u) /* regions run on a copy of their variables */

/* vm_scan.c: comparisons of attributes to numbers, judged for a block of entities at a time. */
#define VM_SCAN_TESTS 4u
#define VM_SCAN_BLOCK 64u
typedef struct VmTest { FleetColumn column; int64_t least, most, but; } VmTest; /* holds in [least, most], except at `but` */
typedef struct VmScan {
  VmTest tests[VM_SCAN_TESTS];
  uint32_t test_count, body; /* body: address behind the tests */
  Entity base, ahead;        /* first of the block; first that is not judged */
  uint64_t left;             /* of the block: those that are left */
} VmScan;

typedef enum VmWalk {
  VM_WALK_LIST,
  VM_WALK_ALL,               /* first, first + 1, ...: nothing to look up; at its first step it becomes one of those below */
  VM_WALK_PLAIN,
  VM_WALK_SCAN
} VmWalk;

/* A walk over entities: items[at..count), or first + at when items is NULL; those that are out are passed over. */
typedef struct VmIter {
  const Entity *items;
  Entity first;
  uint32_t count, at, kind;
  const uint64_t *within; /* bitmap of a set: only its members; NULL: all */
  bool filter;            /* only those still in */
  uint8_t walk;           /* VmWalk */
  VmScan scan;
  EntityVec own;          /* memory for a list that had to be computed */
} VmIter;

/* Membership of a frozen set, built when it is first asked for. */
typedef struct VmSet { const uint32_t *items; uint32_t count; uint64_t *bits; bool ascending; } VmSet;

typedef struct VmAttr { FleetColumn column; bool text; } VmAttr;

struct Vm {
  const Program *program;
  const Fleet *fleet;
  VmHost host;
  const uint8_t *fixed;    /* per fact: nobody writes it any more: it does not vary, and unread it has its ordinary value; NULL: none is */
  uint32_t sp;             /* cells in use */
  uint32_t open;           /* iterators in use */
  bool emergency;          /* what IN_EMERGENCY answers */
  EntityVec *out;          /* where COLLECT adds; NULL: nowhere */
  Intern *names;           /* every text that has an id */
  VEC(uint32_t) text_of_atom; /* atom - 1 -> text id */
  VEC(Atom) texts;         /* text id - string_count -> atom */
  uint32_t *fleet_text;    /* fleet text id -> text id + 1, 0 not seen yet */
  VmAttr *attrs;           /* one per program attribute */
  FleetColumn *ups;        /* kind * kinds + ancestor's kind */
  VmSet *sets;
  uint64_t *seen;          /* bitmap for distinct ancestors, of `seen_words` words, zero between uses */
  uint32_t seen_words;
  Buf scratch;
  int64_t stack[LIMIT_STACK * VM_NESTING];
  VmIter iters[LIMIT_ITERATORS * VM_NESTING];
};

/* Runs expression code from pc on. Returns the address of the first instruction that is not expression code (a step, or
 * RETURN), or `stop` when it gets there. What was pushed is on the stack. */
uint32_t vm_run(Vm *vm, uint32_t pc, uint32_t stop, int64_t *slots);

/* Comparisons by their outcome: bit 0 when less, bit 1 when equal, bit 2 when greater; other instructions 0. */
extern const uint8_t vm_holds_when[256];
static inline int64_t vm_compare(uint8_t op, int64_t left, int64_t right) {
  return vm_holds_when[op] >> ((left > right) - (left < right) + 1) & 1;
}

static inline int64_t vm_pop(Vm *vm) { return vm->stack[--vm->sp]; }

/* vm_text.c */
int64_t vm_fleet_text(Vm *vm, int64_t fleet_text);
int64_t vm_name(Vm *vm, uint32_t kind, Entity e);
int64_t vm_show(Vm *vm, ValueType type, int64_t value);
int64_t vm_join(Vm *vm, const int64_t *texts, uint32_t count);
void vm_texts_init(Vm *vm);
void vm_texts_done(Vm *vm);

/* vm_scan.c: the walk, at its first step, of the NEXT at that address and its variable; the next entity, false: there is none */
void vm_scan_prepare(Vm *vm, VmIter *it, uint32_t next, uint32_t slot);
bool vm_scan_next(VmIter *it, int64_t *slot);

/* vm_sets.c: each opens one iterator */
void vm_each_kind(Vm *vm, uint32_t kind);
void vm_each_set(Vm *vm, uint32_t set);
void vm_each_below(Vm *vm, uint32_t kind, uint32_t of_kind, int64_t entity);
void vm_each_set_below(Vm *vm, uint32_t set, uint32_t of_kind, int64_t entity);
void vm_each_above(Vm *vm, uint32_t set, uint32_t kind);
void vm_each_yes(Vm *vm, uint32_t gate);
void vm_each_ref(Vm *vm, uint32_t attr, int64_t entity);
void vm_each_one(Vm *vm, int64_t entity);
bool vm_in_set(Vm *vm, uint32_t set, Entity e);
void vm_sets_init(Vm *vm);
void vm_sets_done(Vm *vm);

static inline int64_t vm_attribute(Vm *vm, const VmAttr *attr, int64_t entity) {
  if (entity == VALUE_UNKNOWN) return VALUE_UNKNOWN;
  int64_t v = fleet_column_value(attr->column, (Entity)entity);
  return attr->text ? vm_fleet_text(vm, v) : v;
}

static inline int64_t vm_fact(Vm *vm, uint32_t fact, uint32_t kind, Entity e) {
  int64_t v = vm->host.fact ? vm->host.fact(vm->host.ctx, fact, kind, e) : VALUE_UNKNOWN;
  return v == VALUE_UNKNOWN && vm->fixed && vm->fixed[fact] ? 1 : v;
}

static inline bool vm_still_in(const Vm *vm, uint32_t kind, uint32_t entity) {
  return !vm->host.still_in || vm->host.still_in(vm->host.ctx, kind, entity);
}

#endif
