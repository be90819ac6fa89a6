/* way: first every address that is reached, with the stack that stands open there; then, sorted, addresses become places. */
#include <config.h>

#include "runtime/way.h"

#include "runtime/id_map.h"

#include <stdlib.h>

typedef struct Finder { const Program *p; WayKind kind; WayPlaces *places; IdMap index; } Finder;

static bool ends(const Finder *f, Opcode op) {
  switch ((int)op) {
    case OPCODE_HALT: case OPCODE_MEMBER_DONE: case OPCODE_UNDO_END: case OPCODE_ROLL_BACK: case OPCODE_FAIL: case OPCODE_END:
    case OPCODE_RETURN: case OPCODE_JUMP: case OPCODE_ATTEMPT_END:
      return true;
    case OPCODE_ON_OK: return f->kind == WAY_OK;
    default: return false;
  }
}

static uint32_t jump_of(const Finder *f, uint32_t pc) {
  const Program *p = f->p;
  Opcode op = code_op(p->code[pc]);
  if (f->kind == WAY_OK && (op == OPCODE_ON_FAILED || op == OPCODE_ON_UNKNOWN)) return NONE_INDEX;
  if (op == OPCODE_ATTEMPT_END) return p->attempts[code_a(p->code[pc])].end;
  if (op == OPCODE_SENSE) return NONE_INDEX;
  if (op_info[op].a == OPERAND_JUMP) return code_a(p->code[pc]);
  return op_info[op].b == OPERAND_JUMP ? p->code[pc + 1] : NONE_INDEX;
}

static uint32_t other_of(const Finder *f, uint32_t pc) {
  const Program *p = f->p;
  uint32_t a = code_a(p->code[pc]), to = 0;
  if (f->kind == WAY_OK) return NONE_INDEX;
  switch ((int)code_op(p->code[pc])) {
    case OPCODE_FAN: to = p->fans[a].on_stop; break;
    case OPCODE_ATTEMPT: to = p->attempts[a].undo; break;
    case OPCODE_GUARD_BEGIN: to = p->guards[a].handler; break;
    default: break;
  }
  return to ? to : NONE_INDEX;
}

static void reach(Finder *f, uint32_t pc, Stand stand) {
  uint32_t known;
  if (pc == NONE_INDEX || id_map_get(&f->index, (uint64_t)pc + 1, &known)) return;
  id_map_put(&f->index, (uint64_t)pc + 1, f->places->len);
  vec_push(f->places, ((WayPlace){.pc = pc, .next = NONE_INDEX, .jump = NONE_INDEX, .other = NONE_INDEX, .stand = stand_at(stand, pc)}));
}

/* At first the addresses of what follows; link makes them places. */
static void find(Finder *f, uint32_t pc) {
  reach(f, pc, (Stand){0});
  for (uint32_t i = 0; i < f->places->len; i++) {
    WayPlace at = f->places->items[i];
    Opcode op = code_op(f->p->code[at.pc]);
    Stand stand = stand_behind(f->p, at.pc, at.stand);
    at.next = ends(f, op) ? NONE_INDEX : at.pc + code_words(op);
    at.jump = jump_of(f, at.pc);
    at.other = other_of(f, at.pc);
    if (at.jump != NONE_INDEX && at.jump <= at.pc) at.jump = NONE_INDEX;
    f->places->items[i] = at;
    reach(f, at.next, stand);
    if (op == OPCODE_NEXT) stand.iterators--; /* its jump closes it */
    reach(f, at.jump, stand);
    reach(f, at.other, (Stand){0});
  }
}

static int by_address(const void *l, const void *r) {
  const WayPlace *a = l, *b = r;
  return (a->pc > b->pc) - (a->pc < b->pc);
}

static void link(const Finder *f, uint32_t *ref) {
  uint32_t to;
  *ref = *ref != NONE_INDEX && id_map_get(&f->index, (uint64_t)*ref + 1, &to) ? to : NONE_INDEX;
}

void way_find(const Program *p, uint32_t pc, WayKind kind, WayPlaces *out) {
  Finder f = {.p = p, .kind = kind, .places = out};
  find(&f, pc);
  qsort(out->items, out->len, sizeof *out->items, by_address);
  for (uint32_t i = 0; i < out->len; i++) id_map_put(&f.index, (uint64_t)out->items[i].pc + 1, i);
  for (uint32_t i = 0; i < out->len; i++) {
    link(&f, &out->items[i].next);
    link(&f, &out->items[i].jump);
    link(&f, &out->items[i].other);
  }
  id_map_done(&f.index);
}
