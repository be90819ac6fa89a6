/* worst: control flows forward, so the addresses that can be reached, taken from the last to the first, give the longest
 * way in one pass. The two kinds of jump that lead back cost nothing here: rounds of an iterator do not wait, and a
 * person's retries are on no way on which everything ends ok. */
#include <config.h>

#include "runtime/worst.h"

#include "lang/limits.h"
#include "runtime/id_map.h"
#include "runtime/limits.h"
#include "runtime/vm_core.h"

#include <stdlib.h>
#include <string.h>

#define GATE_DEFAULT (INT64_C(4) * 3600 * 1000) /* `until last safe moment`: as the engine without a window */

typedef struct Place { uint32_t pc, statement; int64_t worst; } Place; /* statement: where the code before it starts with an empty stack */
typedef struct Walk {
  Vm *vm;
  const Program *p;
  const int64_t *slots;
  VEC(Place) places;
  IdMap index;  /* pc + 1 -> place */
} Walk;

static int64_t cap(int64_t t) { return t < 0 ? 0 : t > WORST_CAP ? WORST_CAP : t; }

static int64_t region(Walk *w, CodeRef r, int64_t none) {
  if (!r) return none;
  int64_t v = vm_value(w->vm, r, w->slots, LIMIT_SLOTS);
  return v == VALUE_UNKNOWN ? none : v;
}

/* ---- what an instruction costs ---- */

static int64_t call_time(Walk *w, const CallRow *c) {
  return cap(region(w, c->within, w->p->actions[c->action].takes_most));
}

static int64_t lock_time(Walk *w, const LockoutRow *l, bool release) {
  int64_t most = 0;
  for (uint32_t i = 0; i < l->automations.count; i++) {
    const AutomationRow *a = &w->p->automations[w->p->index_list[l->automations.first + i]];
    int64_t t = a->lock_most + (release ? 0 : a->quiet);
    if (release) most += t;
    else if (t > most) most = t;
  }
  return cap(most + (release ? l->watch : 0));
}

static int64_t fan_time(Walk *w, const FanRow *f) {
  EntityVec members = {0};
  int64_t slots[LIMIT_SLOTS];
  memcpy(slots, w->slots, sizeof slots);
  vm_collect(w->vm, f->members, w->slots, LIMIT_SLOTS, &members);
  uint32_t count = members.len;
  if (count) slots[f->slot] = members.items[0];
  vec_done(&members);
  if (!count) return 0;
  int64_t each = worst_time(w->vm, f->body, slots), lasts;
  Ceiling *ceilings = xcalloc(f->limits.count + 1, sizeof *ceilings);
  for (uint32_t i = 0; i < f->limits.count; i++) {
    const LimitRow *l = &w->p->limits[f->limits.first + i];
    int64_t amount = region(w, l->amount, 1);
    uint32_t n = amount < 1 ? 1 : amount > INT32_MAX ? INT32_MAX : (uint32_t)amount;
    ceilings[i].groups = l->group == NONE_INDEX ? 1 : fleet_count(w->vm->fleet, l->group);
    if (l->rule == LIMIT_RULE_AT_ONCE) ceilings[i].at_once = n;
    if (l->rule == LIMIT_RULE_PER_TIME) ceilings[i].amount = n, ceilings[i].per = l->per;
  }
  limits_binding(ceilings, f->limits.count, count, each, &lasts);
  free(ceilings);
  return cap(lasts);
}

static int64_t popped(Walk *w, const Place *at) {
  int64_t slots[LIMIT_SLOTS];
  memcpy(slots, w->slots, sizeof slots);
  uint32_t sp = w->vm->sp, open = w->vm->open;
  uint32_t end = vm_run(w->vm, at->statement, at->pc, slots);
  int64_t v = end == at->pc && w->vm->sp > sp ? w->vm->stack[w->vm->sp - 1] : 0;
  w->vm->sp = sp;
  w->vm->open = open;
  return v == VALUE_UNKNOWN ? 0 : v;
}

static int64_t cost(Walk *w, const Place *at) {
  const Program *p = w->p;
  uint32_t word = p->code[at->pc], a = code_a(word);
  switch ((int)code_op(word)) {
    case OPCODE_ACT: return call_time(w, &p->calls[a]);
    case OPCODE_CONFIRM: return cap(region(w, p->confirms[a].within, 0));
    case OPCODE_WAIT: return cap(popped(w, at));
    case OPCODE_GATE: return cap(region(w, p->gates[a].within, GATE_DEFAULT));
    case OPCODE_HOLD: return cap(region(w, p->holds[a].duration, 0));
    case OPCODE_FAN: return fan_time(w, &p->fans[a]);
    case OPCODE_LOCK: return lock_time(w, &p->lockouts[a], false);
    case OPCODE_UNLOCK: return lock_time(w, &p->lockouts[a], true);
    default: return 0;
  }
}

/* ---- the way ---- */

static bool ends(Opcode op) {
  switch ((int)op) {
    case OPCODE_HALT: case OPCODE_MEMBER_DONE: case OPCODE_UNDO_END: case OPCODE_ROLL_BACK: case OPCODE_FAIL: case OPCODE_END:
    case OPCODE_RETURN: case OPCODE_JUMP: case OPCODE_ON_OK:
      return true;
    default: return false;
  }
}

/* Where else it may go, when every outcome is ok. */
static uint32_t jump_of(const Program *p, uint32_t pc) {
  Opcode op = code_op(p->code[pc]);
  if (op == OPCODE_ON_FAILED || op == OPCODE_ON_UNKNOWN) return NONE_INDEX;
  if (op == OPCODE_ATTEMPT_END) return p->attempts[code_a(p->code[pc])].end;
  if (op == OPCODE_SENSE) return NONE_INDEX;
  if (op_info[op].a == OPERAND_JUMP) return code_a(p->code[pc]);
  return op_info[op].b == OPERAND_JUMP ? p->code[pc + 1] : NONE_INDEX;
}

static void reach(Walk *w, uint32_t pc, uint32_t statement) {
  uint32_t known;
  if (id_map_get(&w->index, (uint64_t)pc + 1, &known)) return;
  id_map_put(&w->index, (uint64_t)pc + 1, w->places.len);
  vec_push(&w->places, ((Place){pc, statement, 0}));
}

static int deepest_first(const void *l, const void *r) {
  const Place *a = l, *b = r;
  return (a->pc < b->pc) - (a->pc > b->pc);
}

static int64_t worst_of(const Walk *w, uint32_t pc) {
  uint32_t i;
  return id_map_get(&w->index, (uint64_t)pc + 1, &i) ? w->places.items[i].worst : 0;
}

static void find_places(Walk *w, uint32_t pc) {
  reach(w, pc, pc);
  for (uint32_t i = 0; i < w->places.len; i++) {
    Place at = w->places.items[i];
    Opcode op = code_op(w->p->code[at.pc]);
    uint32_t next = at.pc + code_words(op), jump = jump_of(w->p, at.pc);
    bool step = op_info[op].blocks || op >= OPCODE_SENSE;
    if (jump != NONE_INDEX && jump > at.pc) reach(w, jump, step ? jump : at.statement);
    if (!ends(op) && op != OPCODE_ATTEMPT_END) reach(w, next, step ? next : at.statement);
  }
}

int64_t worst_time(Vm *vm, uint32_t pc, const int64_t *slots) {
  Walk w = {.vm = vm, .p = vm->program, .slots = slots};
  find_places(&w, pc);
  qsort(w.places.items, w.places.len, sizeof *w.places.items, deepest_first);
  for (uint32_t i = 0; i < w.places.len; i++) id_map_put(&w.index, (uint64_t)w.places.items[i].pc + 1, i);
  for (uint32_t i = 0; i < w.places.len; i++) {
    Place *at = &w.places.items[i];
    Opcode op = code_op(w.p->code[at->pc]);
    uint32_t jump = jump_of(w.p, at->pc);
    int64_t on = ends(op) || op == OPCODE_ATTEMPT_END ? 0 : worst_of(&w, at->pc + code_words(op));
    if (jump != NONE_INDEX && jump > at->pc && worst_of(&w, jump) > on) on = worst_of(&w, jump);
    at->worst = cap(on + cost(&w, at));
  }
  int64_t worst = worst_of(&w, pc);
  vec_done(&w.places);
  id_map_done(&w.index);
  return worst;
}
