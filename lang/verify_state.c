/* verify_state: the abstract state of one walk over code: cells, iterators, and how states join at jump targets. */
#include <config.h>

#include "lang/verify.h"

#include <stddef.h>
#include <string.h>

static const char *holds_text(Verifier *v, Holds h) {
  switch (h) {
    case HOLDS_NOTHING: return "nothing";
    case HOLDS_NUMBER: return "a number";
    case HOLDS_TEXT: return "a text";
    case HOLDS_UNKNOWN: return "unknown";
    default: break;
  }
  return arena_printf(v->arena, "an entity of kind %s", program_str(v->p, v->p->kinds[h - HOLDS_ENTITY].name));
}

bool verify_push(Verifier *v, Walk *w, Holds what) {
  if (w->now.depth == LIMIT_STACK) return verify_fault(v, w->pc, RULE_STACK, "the stack is full: its limit is %u", LIMIT_STACK);
  w->now.stack[w->now.depth++] = what;
  return true;
}

bool verify_pop(Verifier *v, Walk *w, Holds *ret) {
  if (w->now.depth == 0) return verify_fault(v, w->pc, RULE_STACK, "the stack is empty");
  *ret = w->now.stack[--w->now.depth];
  return true;
}

bool verify_pop_as(Verifier *v, Walk *w, Holds want) {
  Holds have = HOLDS_NOTHING;
  if (!verify_pop(v, w, &have)) return false;
  if (have == want || have == HOLDS_UNKNOWN) return true;
  return verify_fault(v, w->pc, RULE_VALUES, "it works on %s, and gets %s", holds_text(v, want), holds_text(v, have));
}

bool verify_write_slot(Verifier *v, Walk *w, uint32_t slot, Holds what) {
  if (w->now.scope && (w->now.scope->kept >> slot & 1))
    return verify_fault(v, w->pc, RULE_VARIABLES, "variable %u is relied on by an open scope", slot);
  w->now.slots[slot] = what == HOLDS_UNKNOWN ? HOLDS_NOTHING : what;
  return true;
}

/* ---- labels ---- */

void verify_walk_reset(Walk *w) { w->label_count = 0; }

static Label *label_find(Verifier *v, Walk *w, uint32_t pc) {
  if (!(v->starts[pc] & (START_JOIN | START_LANDING))) return NULL;
  for (uint32_t i = w->label_count; i-- > 0; v->work++)
    if (w->labels.items[i].pc == pc) return &w->labels.items[i];
  return NULL;
}

static void state_copy(State *to, const State *from) {
  memcpy(to, from, offsetof(State, stack) + from->depth * sizeof from->stack[0]);
}

static void label_add(Verifier *v, Walk *w, uint32_t pc, uint32_t until, const State *s) {
  uint32_t i = w->label_count++;
  if (i == w->labels.len) vec_push(&w->labels, ((Label){0, 0, arena_new_object(v->arena, State)}));
  w->labels.items[i].pc = pc;
  w->labels.items[i].until = until;
  v->starts[pc] |= START_JOIN;
  state_copy(w->labels.items[i].state, s);
}

static void label_drop(Walk *w, Label *l) {
  State *state = l->state;
  Label *end = w->labels.items + --w->label_count;
  memmove(l, l + 1, (size_t)((char *)end - (char *)l));
  end->state = state;
}

/* ---- joins ---- */

static Holds holds_join(Holds a, Holds b) {
  if (a == b || b == HOLDS_UNKNOWN) return a;
  return a == HOLDS_UNKNOWN ? b : HOLDS_NOTHING;
}

static bool shapes_agree(Verifier *v, uint32_t pc, const State *a, const State *b) {
  if (a->depth != b->depth)
    return verify_fault(v, pc, RULE_STACK, "paths with %u and %u values on the stack join here", a->depth, b->depth);
  if (a->iterators != b->iterators || memcmp(a->rounds, b->rounds, a->iterators * sizeof a->rounds[0]) != 0)
    return verify_fault(v, pc, RULE_ITERATORS, "paths with different iterators join here");
  if (a->scope != b->scope) return verify_fault(v, pc, RULE_SCOPES, "paths with different open scopes join here");
  if (a->sense_end != b->sense_end) return verify_fault(v, pc, RULE_TARGETS, "a jump leads into or out of the code of a SENSE");
  return true;
}

static void state_join(State *into, const State *other) {
  for (uint32_t i = 0; i < into->depth; i++) into->stack[i] = holds_join(into->stack[i], other->stack[i]);
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) into->slots[i] = holds_join(into->slots[i], other->slots[i]);
  into->outcome = into->outcome && other->outcome;
}

/* The last address from which something leads back to pc; a NEXT is left behind at its end. */
static uint32_t last_way_back(const Verifier *v, uint32_t pc) {
  if (code_op(v->p->code[pc]) == OPCODE_NEXT) return v->p->code[pc + 1];
  uint32_t lo = 0, hi = v->retries.len;
  while (lo < hi) {
    uint32_t mid = (lo + hi) / 2;
    if (v->retries.items[mid].from < pc) lo = mid + 1;
    else hi = mid;
  }
  uint32_t last = pc;
  for (; lo < v->retries.len && v->retries.items[lo].to == pc; lo++) last = v->retries.items[lo].from;
  return last;
}

bool verify_arrive(Verifier *v, Walk *w) {
  if (v->work > 64 * (uint64_t)v->p->code_count) return verify_fault(v, w->pc, RULE_WORK, "this is as far as it is worth while");
  if (w->alive && w->now.sense_end == w->pc) w->now.sense_end = 0;
  while (w->label_count && w->labels.items[w->label_count - 1].until < w->pc) w->label_count--;
  Label *l = label_find(v, w, w->pc);
  if (l && w->alive) {
    if (!shapes_agree(v, w->pc, &w->now, l->state)) return false;
    state_join(&w->now, l->state);
  } else if (l) {
    state_copy(&w->now, l->state);
    w->alive = true;
  }
  bool landing = w->alive && (v->starts[w->pc] & START_LANDING);
  if (l) label_drop(w, l);
  if (landing) label_add(v, w, w->pc, last_way_back(v, w->pc), &w->now);
  return true;
}

/* What was proved at `target` must hold on the way back to it too. The variable of a NEXT is about to be written. */
static bool arrive_again(Verifier *v, Walk *w, uint32_t target) {
  Label *l = label_find(v, w, target);
  if (!l) return verify_fault(v, w->pc, RULE_TARGETS, "it leads back to code that was never reached");
  if (!shapes_agree(v, w->pc, l->state, &w->now)) return false;
  bool next = code_op(v->p->code[target]) == OPCODE_NEXT;
  uint32_t own = next ? code_a(v->p->code[target]) : LIMIT_SLOTS;
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++)
    if (i != own && l->state->slots[i] != HOLDS_NOTHING && holds_join(l->state->slots[i], w->now.slots[i]) != l->state->slots[i])
      return verify_fault(v, w->pc, RULE_VARIABLES, "variable %u comes back changed", i);
  for (uint32_t i = 0; i < w->now.depth; i++)
    if (holds_join(l->state->stack[i], w->now.stack[i]) != l->state->stack[i])
      return verify_fault(v, w->pc, RULE_VALUES, "the stack comes back changed");
  if (l->state->outcome && !w->now.outcome) return verify_fault(v, w->pc, RULE_OUTCOMES, "the outcome is lost on the way back");
  return true;
}

static bool may_go_back(const Verifier *v, const Walk *w, uint32_t target) {
  Opcode op = code_op(v->p->code[w->pc]);
  if (op >= OPCODE_JUMP && op <= OPCODE_JUMP_NOT) return code_op(v->p->code[target]) == OPCODE_NEXT;
  return op == OPCODE_ON_OK && w->pc > 0 && (v->starts[w->pc - 1] & START_INSTRUCTION) &&
         code_op(v->p->code[w->pc - 1]) == OPCODE_HOLD;
}

bool verify_seed(Verifier *v, Walk *w, uint32_t target, const State *s, bool forward_only) {
  if (target >= v->p->code_count || !(v->starts[target] & START_INSTRUCTION))
    return verify_fault(v, w->pc, RULE_TARGETS, "%u is not the address of an instruction", target);
  if (target <= w->pc) {
    if (forward_only || !may_go_back(v, w, target))
      return verify_fault(v, w->pc, RULE_TARGETS, "it leads back to %u", target);
    return arrive_again(v, w, target);
  }
  if (target > w->furthest) w->furthest = target;
  Label *l = label_find(v, w, target);
  if (!l) {
    label_add(v, w, target, UINT32_MAX, s);
    return true;
  }
  if (!shapes_agree(v, target, l->state, s)) return false;
  state_join(l->state, s);
  return true;
}

bool verify_branch(Verifier *v, Walk *w, uint32_t target) {
  State *s = &w->now;
  uint32_t sense_end = s->sense_end;
  if (sense_end && target > sense_end) return verify_fault(v, w->pc, RULE_TARGETS, "a jump leads out of the code of a SENSE");
  if (target == sense_end) s->sense_end = 0;
  bool ok = verify_seed(v, w, target, s, false);
  s->sense_end = sense_end;
  return ok;
}
