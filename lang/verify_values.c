/* verify_values: what each expression instruction takes and leaves. */
#include <config.h>

#include "lang/verify.h"

Holds verify_holds(ValueType type) {
  switch ((ValueClass)type.klass) {
    case VALUE_INT: case VALUE_BOOL: case VALUE_ENUM: case VALUE_QUANTITY: return HOLDS_NUMBER;
    case VALUE_TEXT: return HOLDS_TEXT;
    case VALUE_ENTITY: return HOLDS_ENTITY + type.ref;
    case VALUE_LIST: return HOLDS_NOTHING;
  }
  __builtin_unreachable();
}

static bool take_give(Verifier *v, Walk *w, Holds take, Holds give) {
  return verify_pop_as(v, w, take) && verify_push(v, w, give);
}

static bool kinds_have(Verifier *v, Slice kinds, uint32_t kind) {
  for (uint32_t i = 0; i < kinds.count; i++)
    if (v->p->index_list[kinds.first + i] == kind) return true;
  return false;
}

/* A fact or a metric of an entity. */
static bool observe(Verifier *v, Walk *w, Slice kinds, ValueType type, uint32_t kind) {
  if (!kinds_have(v, kinds, kind)) return verify_fault(v, w->pc, RULE_VALUES, "entities of that kind do not have it");
  return take_give(v, w, HOLDS_ENTITY + kind, verify_holds(type));
}

static bool read_attr(Verifier *v, Walk *w, uint32_t attr) {
  const AttrRow *a = &v->p->attrs[attr];
  if (a->type.klass == VALUE_LIST) return verify_fault(v, w->pc, RULE_VALUES, "the attribute is a list");
  return take_give(v, w, HOLDS_ENTITY + a->kind, verify_holds(a->type));
}

static bool tried(Verifier *v, Walk *w, uint32_t action) {
  Slice params = v->p->actions[action].params;
  if (params.count == 0 || v->p->param_types[params.first].klass != VALUE_ENTITY)
    return verify_fault(v, w->pc, RULE_VALUES, "the action is not done to an entity");
  return take_give(v, w, verify_holds(v->p->param_types[params.first]), HOLDS_NUMBER);
}

static Holds gate_member(const Verifier *v, uint32_t gate) {
  uint32_t kind = v->p->gates[gate].kind;
  return kind == NONE_INDEX ? HOLDS_NUMBER : HOLDS_ENTITY + kind;
}

static bool arithmetic(Verifier *v, Walk *w) {
  return verify_pop_as(v, w, HOLDS_NUMBER) && take_give(v, w, HOLDS_NUMBER, HOLDS_NUMBER);
}

static bool equality(Verifier *v, Walk *w) {
  Holds right = HOLDS_NOTHING;
  if (!verify_pop(v, w, &right)) return false;
  if (right == HOLDS_UNKNOWN) return verify_pop(v, w, &right) && verify_push(v, w, HOLDS_NUMBER);
  return take_give(v, w, right, HOLDS_NUMBER);
}

static bool join_texts(Verifier *v, Walk *w, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (!verify_pop_as(v, w, HOLDS_TEXT)) return false;
  return verify_push(v, w, HOLDS_TEXT);
}

static bool duplicate(Verifier *v, Walk *w) {
  Holds top = HOLDS_NOTHING;
  return verify_pop(v, w, &top) && verify_push(v, w, top) && verify_push(v, w, top);
}

static bool read_slot(Verifier *v, Walk *w, uint32_t slot) {
  if (w->now.slots[slot] == HOLDS_NOTHING) return verify_fault(v, w->pc, RULE_VARIABLES, "variable %u is not set", slot);
  return verify_push(v, w, w->now.slots[slot]);
}

static bool store_slot(Verifier *v, Walk *w, uint32_t slot) {
  Holds what = HOLDS_NOTHING;
  return verify_pop(v, w, &what) && verify_write_slot(v, w, slot, what);
}

/* ---- iterators ---- */

static bool open_iterator(Verifier *v, Walk *w) {
  if (w->now.iterators == LIMIT_ITERATORS)
    return verify_fault(v, w->pc, RULE_ITERATORS, "more than %u iterators are open", LIMIT_ITERATORS);
  uint32_t next = w->pc + code_words(code_op(v->p->code[w->pc]));
  if (next >= v->p->code_count || code_op(v->p->code[next]) != OPCODE_NEXT)
    return verify_fault(v, w->pc, RULE_ITERATORS, "no NEXT follows it");
  w->now.rounds[w->now.iterators++] = next;
  return true;
}

static bool open_below(Verifier *v, Walk *w, Holds owner) { return verify_pop_as(v, w, owner) && open_iterator(v, w); }

static bool open_refs(Verifier *v, Walk *w, uint32_t attr) {
  const AttrRow *a = &v->p->attrs[attr];
  if (a->type.klass != VALUE_LIST) return verify_fault(v, w->pc, RULE_VALUES, "the attribute is not a list");
  return open_below(v, w, HOLDS_ENTITY + a->kind);
}

static bool open_one(Verifier *v, Walk *w) {
  Holds what = HOLDS_NOTHING;
  if (!verify_pop(v, w, &what)) return false;
  if (what < HOLDS_ENTITY) return verify_fault(v, w->pc, RULE_VALUES, "it iterates an entity and gets none");
  w->now.stack[w->now.depth] = what; /* where iterated_kind looks for it */
  return open_iterator(v, w);
}

static bool open_yes(Verifier *v, Walk *w, uint32_t gate) {
  if (v->p->gates[gate].kind == NONE_INDEX) return verify_fault(v, w->pc, RULE_VALUES, "the gate has no members");
  return open_iterator(v, w);
}

/* The kind that the iterator opened at pc walks, from its operands alone; NONE_INDEX for EACH_ONE. */
static uint32_t iterated_kind(const Program *p, uint32_t pc) {
  uint32_t a = code_a(p->code[pc]);
  switch ((int)code_op(p->code[pc])) {
    case OPCODE_EACH_KIND: case OPCODE_EACH_BELOW: return a;
    case OPCODE_EACH_SET: case OPCODE_EACH_SET_BELOW: return p->sets[a].kind;
    case OPCODE_EACH_ABOVE: return p->code[pc + 1];
    case OPCODE_EACH_YES: return p->gates[a].kind;
    case OPCODE_EACH_REF: return p->attrs[a].type.ref;
    default: return NONE_INDEX;
  }
}

/* The opener stands directly before its NEXT: one word, or two when it has an operand B. */
static uint32_t opener_of(const Verifier *v, uint32_t next) {
  return v->starts[next - 1] & START_INSTRUCTION ? next - 1 : next - 2;
}

static bool close_iterator(Verifier *v, Walk *w) {
  if (w->now.iterators == 0) return verify_fault(v, w->pc, RULE_ITERATORS, "no iterator is open");
  uint32_t next = w->now.rounds[--w->now.iterators];
  return verify_write_slot(v, w, code_a(v->p->code[next]), HOLDS_NOTHING);
}

static bool next_round(Verifier *v, Walk *w, uint32_t slot, uint32_t done) {
  if (w->now.iterators == 0 || w->now.rounds[w->now.iterators - 1] != w->pc)
    return verify_fault(v, w->pc, RULE_ITERATORS, "its iterator is not the innermost one");
  uint32_t opener = opener_of(v, w->pc);
  uint32_t kind = iterated_kind(v->p, opener);
  if (!close_iterator(v, w) || !verify_branch(v, w, done)) return false;
  w->now.iterators++; /* where it stays open; its round stands there still */
  Holds what = kind == NONE_INDEX ? w->now.stack[w->now.depth] : HOLDS_ENTITY + kind;
  return verify_write_slot(v, w, slot, what);
}

/* ---- control ---- */

static bool branch_on(Verifier *v, Walk *w, uint32_t target) {
  return verify_pop_as(v, w, HOLDS_NUMBER) && verify_branch(v, w, target);
}

static bool jump(Verifier *v, Walk *w, uint32_t target) {
  if (!verify_branch(v, w, target)) return false;
  w->alive = false;
  return true;
}

static bool collect(Verifier *v, Walk *w) {
  if (w->strand || w->collects == HOLDS_NOTHING) return verify_fault(v, w->pc, RULE_REGIONS, "nothing is collected here");
  return verify_pop_as(v, w, w->collects);
}

static bool one_instruction(Verifier *v, Walk *w, Opcode op, uint32_t a, uint32_t b) {
  const Program *p = v->p;
  switch ((int)op) {
    case OPCODE_CONST: case OPCODE_INT: return verify_push(v, w, HOLDS_NUMBER);
    case OPCODE_UNKNOWN: return verify_push(v, w, HOLDS_UNKNOWN);
    case OPCODE_STR: return verify_push(v, w, HOLDS_TEXT);
    case OPCODE_SLOT: return read_slot(v, w, a);
    case OPCODE_STORE: return store_slot(v, w, a);
    case OPCODE_PARAM: return verify_push(v, w, verify_holds(p->params[a].type));
    case OPCODE_DUP: return duplicate(v, w);
    case OPCODE_DROP: return verify_pop(v, w, &(Holds){0});
    case OPCODE_ATTR: return read_attr(v, w, a);
    case OPCODE_UP: return take_give(v, w, HOLDS_ENTITY + b, HOLDS_ENTITY + a);
    case OPCODE_NAME: return take_give(v, w, HOLDS_ENTITY + a, HOLDS_TEXT);
    case OPCODE_FACT: return observe(v, w, p->facts[a].kinds, p->facts[a].type, b);
    case OPCODE_METRIC: return observe(v, w, p->metrics[a].kinds, p->metrics[a].type, b);
    case OPCODE_RECALL: return take_give(v, w, HOLDS_ENTITY + p->remembers[a].kind, verify_holds(p->remembers[a].type));
    case OPCODE_LOCKED: return take_give(v, w, HOLDS_ENTITY + b, HOLDS_NUMBER);
    case OPCODE_TRIED: return tried(v, w, a);
    case OPCODE_YES: return take_give(v, w, gate_member(v, a), HOLDS_NUMBER);
    case OPCODE_IN_SET: return take_give(v, w, HOLDS_ENTITY + p->sets[a].kind, HOLDS_NUMBER);
    case OPCODE_STILL_IN: return take_give(v, w, HOLDS_ENTITY + a, HOLDS_NUMBER);
    case OPCODE_IN_EMERGENCY: return verify_push(v, w, HOLDS_NUMBER);
    case OPCODE_ADD: case OPCODE_SUB: case OPCODE_MUL: case OPCODE_DIV: case OPCODE_PART_DOWN: case OPCODE_PART_UP:
    case OPCODE_RATIO: case OPCODE_LT: case OPCODE_LE: case OPCODE_GT: case OPCODE_GE: case OPCODE_AND: case OPCODE_OR:
      return arithmetic(v, w);
    case OPCODE_NEG: case OPCODE_NOT: case OPCODE_MAYBE: case OPCODE_SURELY: return take_give(v, w, HOLDS_NUMBER, HOLDS_NUMBER);
    case OPCODE_EQ: case OPCODE_NE: return equality(v, w);
    case OPCODE_IS_UNKNOWN: return verify_pop(v, w, &(Holds){0}) && verify_push(v, w, HOLDS_NUMBER);
    case OPCODE_SHOW: return take_give(v, w, verify_holds(p->shows[a].type), HOLDS_TEXT);
    case OPCODE_JOIN: return join_texts(v, w, a);
    case OPCODE_JUMP: return jump(v, w, a);
    case OPCODE_JUMP_FALSE: case OPCODE_JUMP_TRUE: case OPCODE_JUMP_UNKNOWN: case OPCODE_JUMP_NOT: return branch_on(v, w, a);
    case OPCODE_EACH_KIND: case OPCODE_EACH_SET: case OPCODE_EACH_ABOVE: return open_iterator(v, w);
    case OPCODE_EACH_BELOW: case OPCODE_EACH_SET_BELOW: return open_below(v, w, HOLDS_ENTITY + b);
    case OPCODE_EACH_YES: return open_yes(v, w, a);
    case OPCODE_EACH_REF: return open_refs(v, w, a);
    case OPCODE_EACH_ONE: return open_one(v, w);
    case OPCODE_NEXT: return next_round(v, w, a, b);
    case OPCODE_CLOSE: return close_iterator(v, w);
    case OPCODE_COLLECT: return collect(v, w);
    default: return verify_fault(v, w->pc, RULE_REGIONS, "a step stands in expression code");
  }
}

bool verify_expression(Verifier *v, Walk *w) {
  uint32_t word = v->p->code[w->pc];
  Opcode op = code_op(word);
  uint32_t words = code_words(op);
  return one_instruction(v, w, op, code_a(word), words == 2 ? v->p->code[w->pc + 1] : 0);
}
