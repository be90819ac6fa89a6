/* proof_value: expression code over what is known of the witness. A loop over members is two rounds: one for any other member,
 * of whom nothing is known, and one for the witness, where it belongs to them. A fact of the witness is split in those of its
 * values that satisfy a comparison and those that do not, each a branch of its own; so nothing that was asked once is ever
 * forgotten, and nothing is split that nobody asks for. */
#include <config.h>

#include "lang/proof/prover.h"
#include "lang/waiver.h"

#include <assert.h>
#include <string.h>

/* ---- small things ---- */

static Val val_int(int64_t v) { return (Val){.tag = T_INT, .v = v}; }
static Val val(Tag tag, uint32_t ref) { return (Val){.tag = tag, .ref = ref}; }
Val value_of_slot(uint8_t s) {
  if (s == SLOT_UNSET) return val(T_UNKNOWN, 0);
  if (s == SLOT_OPAQUE) return val(T_OPAQUE, 0);
  return val((s - 1u) % 2 ? T_SIBLING : T_WITNESS, (s - 1u) / 2);
}
uint8_t slot_of(Val x) {
  if (x.tag == T_UNKNOWN) return SLOT_UNSET;
  if (x.tag == T_WITNESS) return (uint8_t)(1 + 2 * x.ref);
  return x.tag == T_SIBLING || x.tag == T_OTHER ? (uint8_t)(2 + 2 * x.ref) : SLOT_OPAQUE;
}

void witness_slots(const Prover *v, Slice param_types, uint8_t slots[LIMIT_SLOTS]) {
  memset(slots, SLOT_UNSET, LIMIT_SLOTS);
  for (uint32_t i = 0; i < param_types.count; i++) {
    ValueType t = v->p->param_types[param_types.first + i];
    slots[i] = t.klass == VALUE_ENTITY ? (uint8_t)(1 + 2 * t.ref) : SLOT_OPAQUE;
  }
}

static void refine(Prover *v, uint32_t var, uint16_t keep) {
  v->now.mask[var] &= keep;
  if (v->now.mask[var] == 0) v->dead = true;
}

/* ---- truth ---- */

/* Bit of a value in a mask. Words are counted from 1; of a truth, true is the first bit and false the second. */
static uint16_t bit_of(const Prover *v, uint32_t var, int64_t value) {
  const Var *d = &v->m.vars[var];
  ValueType t = d->kind == VAR_FACT ? v->p->facts[d->row].type : d->kind == VAR_ATTR ? v->p->attrs[d->row].type : v->p->params[d->row].type;
  if (t.klass == VALUE_BOOL) return value ? 1 : 2;
  return value >= 1 && value <= WORDS_MAX ? (uint16_t)(1u << (value - 1)) : 0;
}

static void differs(Prover *v, uint32_t var) {
  fault(v);
  hurt(v, v->m.vars[var].entity_kind);
}

/* A reading may find what we never wrote otherwise than it ordinarily is, and anything changed by a hazard. Either is remembered
 * as found: what comes of it is no doing of ours. */
static uint16_t as_read(Prover *v, Eval *e, uint32_t var) {
  const Var *d = &v->m.vars[var];
  uint64_t bit = UINT64_C(1) << var;
  bool fresh = e->sight == SIGHT_READ && d->kind == VAR_FACT && !(e->read & bit);
  e->read |= bit;
  if (fresh && (v->now.ghost[var] & FOUND) && v->now.mask[var] == d->ordinary && (d->all & ~d->ordinary) && choose(v, 2) == 1) {
    differs(v, var);
    v->now.mask[var] = d->all & ~d->ordinary;
  }
  if (fresh && (d->befalls & ~v->now.mask[var]) && choose(v, 2) == 1) {
    differs(v, var);
    v->now.mask[var] = d->befalls;
    v->now.ghost[var] = FOUND;
  }
  return v->now.mask[var];
}

/* Splits on a set of values: true within it. */
static bool split(Prover *v, Eval *e, uint32_t var, uint16_t keep) {
  uint16_t mask = as_read(v, e, var);
  if (!(mask & keep)) return false;
  if (!(mask & ~keep)) return true;
  bool in = choose(v, 2) == 0;
  refine(v, var, in ? keep : (uint16_t)~keep);
  return in;
}

int value_truth(Prover *v, Eval *e, Val x, bool may_be_unknown) {
  switch (x.tag) {
    case T_INT: return x.v != 0;
    case T_UNKNOWN: return -1;
    case T_VAR: return split(v, e, x.ref, bit_of(v, x.ref, 1));
    default: break;
  }
  uint32_t c = choose(v, may_be_unknown ? 3 : 2);
  if (c == 2) fault(v);
  return c == 0 ? 1 : c == 1 ? 0 : -1;
}

static Val known(Prover *v, Eval *e, Val x) { return x.tag == T_VAR ? val_int(split(v, e, x.ref, bit_of(v, x.ref, 1))) : x; }

static Val both(Prover *v, Eval *e, Val l, Val r) {
  l = known(v, e, l), r = known(v, e, r);
  if ((l.tag == T_INT && l.v == 0) || (r.tag == T_INT && r.v == 0)) return val_int(0);
  if (l.tag == T_UNKNOWN || r.tag == T_UNKNOWN) return val(T_UNKNOWN, 0);
  if (l.tag == T_OPAQUE || r.tag == T_OPAQUE) return val(T_OPAQUE, 0);
  return l.tag == T_OTHERS || r.tag == T_OTHERS ? val(T_OTHERS, 0) : val_int(1);
}

static Val either(Prover *v, Eval *e, Val l, Val r) {
  l = known(v, e, l), r = known(v, e, r);
  if ((l.tag == T_INT && l.v != 0) || (r.tag == T_INT && r.v != 0)) return val_int(1);
  if (l.tag == T_OPAQUE || r.tag == T_OPAQUE) return val(T_OPAQUE, 0);
  if (l.tag == T_OTHERS || r.tag == T_OTHERS) return val(T_OTHERS, 0);
  return l.tag == T_UNKNOWN || r.tag == T_UNKNOWN ? val(T_UNKNOWN, 0) : val_int(0);
}

static Val not(Prover *v, Eval *e, Val x) {
  x = known(v, e, x);
  return x.tag == T_INT ? val_int(!x.v) : x;
}

/* ---- comparisons ---- */

static bool holds(Opcode op, int64_t l, int64_t r) {
  switch (op) {
    case OPCODE_EQ: return l == r;
    case OPCODE_NE: return l != r;
    case OPCODE_LT: return l < r;
    case OPCODE_LE: return l <= r;
    case OPCODE_GT: return l > r;
    default: return l >= r;
  }
}

static uint16_t satisfying(const Prover *v, Opcode op, uint32_t var, int64_t value) {
  uint16_t keep = 0;
  for (int64_t x = 0; x <= WORDS_MAX; x++)
    if (holds(op, x, value)) keep |= bit_of(v, var, x);
  return keep;
}

static bool is_entity(Val x) { return x.tag == T_WITNESS || x.tag == T_SIBLING || x.tag == T_OTHER; }

static Val compare_entities(Opcode op, Val l, Val r) {
  if (l.tag == T_OTHER || r.tag == T_OTHER) return l.tag == r.tag ? val(T_OTHERS, 0) : val_int(op == OPCODE_NE);
  if (l.tag == r.tag) return val_int(op == OPCODE_EQ);
  return val_int(op == OPCODE_NE);
}

static Val compare(Prover *v, Eval *e, Opcode op, Val l, Val r) {
  if (l.tag == T_UNKNOWN || r.tag == T_UNKNOWN) return val(T_UNKNOWN, 0);
  if (is_entity(l) && is_entity(r)) return compare_entities(op, l, r);
  if (l.tag == T_VAR && r.tag == T_INT) return val_int(split(v, e, l.ref, satisfying(v, op, l.ref, r.v)));
  if (l.tag == T_INT && r.tag == T_INT) return val_int(holds(op, l.v, r.v));
  if (l.tag == T_OPAQUE || r.tag == T_OPAQUE || l.tag == T_VAR || r.tag == T_VAR) return val(T_OPAQUE, 0);
  return val(T_OTHERS, 0);
}

static Val arithmetic(Opcode op, Val l, Val r) {
  if (l.tag == T_UNKNOWN || r.tag == T_UNKNOWN) return val(T_UNKNOWN, 0);
  if (l.tag == T_INT && r.tag == T_INT) {
    int64_t x;
    if (op == OPCODE_ADD && !__builtin_add_overflow(l.v, r.v, &x)) return val_int(x);
    if (op == OPCODE_SUB && !__builtin_sub_overflow(l.v, r.v, &x)) return val_int(x);
    if (op == OPCODE_MUL && !__builtin_mul_overflow(l.v, r.v, &x)) return val_int(x);
  }
  return val(l.tag == T_OPAQUE || r.tag == T_OPAQUE ? T_OPAQUE : T_OTHERS, 0);
}

/* ---- what is known of an entity ---- */

static Val read_var(Prover *v, Eval *e, uint32_t var) {
  if (var == NONE_INDEX) return val(T_OPAQUE, 0);
  if ((v->now.settled || v->now.taken) && v->m.vars[var].kind == VAR_FACT && is_settled(v, v->m.vars[var].entity_kind))
    return e->sight == SIGHT_AS_FOUND && !is_taken(v, v->m.vars[var].entity_kind) ? val_int(1) : val(T_OTHERS, 0); /* what another run does is no doing of this one */
  if (e->sight == SIGHT_AS_FOUND && (v->now.ghost[var] & OURS)) return val_int(1);
  if (e->sight != SIGHT_READ || v->m.vars[var].kind != VAR_FACT) return val(T_VAR, var);
  if (!e->asked) {
    e->asked = true;
    if (choose(v, 2) == 1) fault(v), e->unknown = true;
  }
  if (!e->unknown) {
    v->now.ghost[var] &= (uint8_t)~UNSURE;
    return val(T_VAR, var);
  }
  if (v->now.ghost[var] & OURS) v->now.ghost[var] |= UNSURE; /* what it only found, the run reads again anyway */
  hurt(v, v->m.vars[var].entity_kind); /* not to be read is to have failed */
  return val(T_UNKNOWN, 0);
}

static Val fact(Prover *v, Eval *e, uint32_t fact_row, uint32_t kind, Val x) {
  if (x.tag == T_WITNESS) return read_var(v, e, v->m.fact_var[fact_row * v->p->kinds_count + kind]);
  return x.tag == T_UNKNOWN ? x : val(x.tag == T_OPAQUE ? T_OPAQUE : T_OTHERS, 0);
}

bool is_named(const Prover *v) {
  for (uint32_t i = 0; i < v->m.var_count; i++)
    if (v->m.vars[i].kind == VAR_PARAM && v->p->params[v->m.vars[i].row].type.klass == VALUE_ENTITY && v->now.mask[i] == 2) return false;
  return true;
}

/* Outside of loops another thing is what a parameter names; what is above it may be the witness's too. */
static Val above_other(Prover *v, const Eval *e, uint32_t kind) {
  return val(!e->inside_other && choose(v, 2) == 1 ? T_WITNESS : T_OTHER, kind);
}

static Val attribute(Prover *v, Eval *e, uint32_t attr, Val x) {
  ValueType t = v->p->attrs[attr].type;
  if (t.klass == VALUE_ENTITY) {
    if (x.tag == T_WITNESS || x.tag == T_SIBLING) return val(T_WITNESS, t.ref);
    return x.tag == T_OTHER ? above_other(v, e, t.ref) : x;
  }
  if (x.tag == T_WITNESS && v->m.attr_var[attr] != NONE_INDEX) return read_var(v, e, v->m.attr_var[attr]);
  return x.tag == T_UNKNOWN ? x : val(x.tag == T_WITNESS ? T_OPAQUE : T_OTHERS, 0);
}

/* Is the witness what the parameter names? Open until asked, then fixed. */
bool is_param(Prover *v, uint32_t row) {
  uint32_t var = v->m.param_var[row];
  if (var == NONE_INDEX) return choose(v, 2) == 0;
  if (v->now.mask[var] == v->m.vars[var].all) v->now.mask[var] = choose(v, 2) == 0 ? 1 : 2;
  return v->now.mask[var] == 1;
}

static Val parameter(Prover *v, Eval *e, uint32_t row) {
  ValueType t = v->p->params[row].type;
  if (t.klass == VALUE_ENTITY) return val(is_param(v, row) ? T_WITNESS : T_OTHER, t.ref);
  return v->m.param_var[row] != NONE_INDEX ? read_var(v, e, v->m.param_var[row]) : val(T_OPAQUE, 0);
}

static Val upward(Prover *v, const Eval *e, Val x, uint32_t kind) {
  if (x.tag == T_WITNESS || x.tag == T_SIBLING) return val(T_WITNESS, kind);
  return x.tag == T_OTHER ? above_other(v, e, kind) : x;
}

static Val locked(Prover *v, Eval *e, uint32_t automation, Val x) {
  e->locks_read = true;
  if (x.tag == T_WITNESS && (v->now.settled || v->now.taken) && is_settled(v, x.ref)) return val(T_OTHERS, 0); /* read right before, like its facts */
  if (x.tag == T_WITNESS) return val_int(v->now.lock[automation] == LOCK_IS_HELD);
  return x.tag == T_UNKNOWN ? x : val(T_OTHERS, 0);
}

static Val was_tried(Prover *v, uint32_t action, uint32_t since, Val x) {
  uint32_t i = model_tried(v, action, since), emergency = emergency_of(v);
  if (x.tag == T_WITNESS && emergency && v->let_kind == NONE_INDEX && emergency_skips(v->p, emergency - 1, action)) return val_int(1);
  if (x.tag == T_WITNESS && i != NONE_INDEX) return val_int(v->now.tried[i]);
  return x.tag == T_UNKNOWN ? x : val(T_OTHERS, 0);
}

static Val has_yes(Prover *v, Eval *e, uint32_t gate, Val x) {
  if (x.tag != T_WITNESS && x.tag != T_INT) return x.tag == T_UNKNOWN ? x : val(T_OTHERS, 0);
  bool yes = v->now.yes[gate] == YES_GIVEN;
  if (yes) e->yes_read |= 1u << gate;
  return val_int(yes);
}

static Val of_entity(Prover *v, Eval *e, Opcode op, uint32_t a, uint32_t b, Val x) {
  switch ((int)op) {
    case OPCODE_FACT: return fact(v, e, a, b, x);
    case OPCODE_ATTR: return attribute(v, e, a, x);
    case OPCODE_UP: return upward(v, e, x, a);
    case OPCODE_LOCKED: return locked(v, e, a, x);
    case OPCODE_TRIED: return was_tried(v, a, b, x);
    case OPCODE_YES: return has_yes(v, e, a, x);
    case OPCODE_IN_SET:
      if (x.tag == T_WITNESS) return val_int(set_has(v, a) && v->now.out[v->p->sets[a].kind] == OUT_NOT);
      return x.tag == T_UNKNOWN ? x : val(T_OTHERS, 0);
    case OPCODE_STILL_IN:
      if (x.tag == T_WITNESS) return val_int(v->now.out[a] == OUT_NOT);
      return x.tag == T_UNKNOWN ? x : val(T_OTHERS, 0);
    default: return x.tag == T_UNKNOWN ? x : val(T_OPAQUE, 0); /* metrics, what was remembered, names */
  }
}

/* ---- loops ---- */

typedef struct Round { uint32_t kind, next; bool witness, others, in_other; } Round;

static bool member_in(Prover *v, uint32_t set) { return set_has(v, set) && v->now.out[v->p->sets[set].kind] == OUT_NOT; }

/* Is the witness of `kind` below x? A sibling's own things are its own, unless a thing may belong to several. What a parameter names
 * holds the witness only if it is the witness: of a thing that is below it, it is taken to be. */
static bool below(Prover *v, const Eval *e, uint32_t kind, uint32_t of, Val x) {
  if (x.tag == T_WITNESS) return true;
  if (x.tag == T_OTHER && !e->inside_other) return false;
  return is_entity(x) && many(v, kind, of) && choose(v, 2) == 0;
}

static Round open_round(Prover *v, const Eval *e, Opcode op, uint32_t a, uint32_t b, Val x) {
  const Program *p = v->p;
  Round r = {.others = x.tag != T_UNKNOWN};
  switch ((int)op) {
    case OPCODE_EACH_KIND: r.kind = a, r.witness = r.others = true; break;
    case OPCODE_EACH_SET: r.kind = p->sets[a].kind, r.witness = member_in(v, a), r.others = true; break;
    case OPCODE_EACH_BELOW: r.kind = a, r.witness = below(v, e, a, b, x); break;
    case OPCODE_EACH_SET_BELOW: r.kind = p->sets[a].kind, r.witness = below(v, e, r.kind, b, x) && member_in(v, a); break;
    case OPCODE_EACH_ABOVE: r.kind = b, r.others = true, r.witness = member_in(v, a) || choose(v, 2) == 0; break;
    case OPCODE_EACH_YES:
      r.kind = p->gates[a].kind, r.others = true;
      r.witness = (v->now.yes[a] == YES_GIVEN || v->now.yes[a] == YES_USED) && v->now.out[r.kind] == OUT_NOT;
      break;
    case OPCODE_EACH_REF: r.kind = p->attrs[a].type.ref, r.witness = x.tag == T_WITNESS || (is_entity(x) && choose(v, 2) == 0); break;
    default: r.kind = x.ref, r.witness = x.tag == T_WITNESS, r.others = is_entity(x) && x.tag != T_WITNESS; break; /* EACH_ONE */
  }
  return r;
}

/* ---- the interpreter ---- */

static uint32_t next_round(Eval *e, Round *rounds, uint8_t *slots, uint32_t slot, uint32_t *open) {
  Round *r = &rounds[*open - 1];
  r->in_other = false;
  e->inside_other = false;
  for (uint32_t i = 0; i < *open; i++) e->inside_other |= rounds[i].in_other;
  if (r->others) {
    r->others = false;
    r->in_other = e->inside_other = true;
    slots[slot] = (uint8_t)(2 + 2 * r->kind);
    return 1;
  }
  if (r->witness) {
    r->witness = false;
    slots[slot] = (uint8_t)(1 + 2 * r->kind);
    return 1;
  }
  --*open;
  slots[slot] = SLOT_UNSET;
  return 0;
}

/* A sibling met in a loop is just another: what is above it need not be above the witness. */
static Val loop_var(const Eval *e, uint8_t s) {
  Val x = value_of_slot(s);
  if (e->inside_other && x.tag == T_SIBLING) x.tag = T_OTHER;
  return x;
}

static bool jumps(Prover *v, Eval *e, Opcode op, Val x) {
  if (e->inside_other && x.tag == T_OTHERS) return false; /* with what follows or without: the same, where others are concerned */
  int t = value_truth(v, e, x, e->sight == SIGHT_READ && op != OPCODE_JUMP_NOT);
  switch ((int)op) {
    case OPCODE_JUMP_FALSE: return t == 0;
    case OPCODE_JUMP_TRUE: return t == 1;
    case OPCODE_JUMP_UNKNOWN: return t == -1;
    default: return t != 1;
  }
}

#define POP (stack[--n])
#define PUSH(x) (stack[n++] = (x))

uint32_t value_run(Prover *v, Eval *e, uint32_t pc, uint32_t stop, uint8_t *slots, Val *stack, uint32_t *depth) {
  const Program *p = v->p;
  Round rounds[LIMIT_ITERATORS + 1];
  uint32_t n = *depth, open = 0;
  while (pc != stop && !v->dead) {
    uint32_t word = p->code[pc], a = code_a(word);
    Opcode op = code_op(word);
    uint32_t words = code_words(op), b = words == 2 ? p->code[pc + 1] : 0;
    Val x, y;
    switch ((int)op) {
      case OPCODE_CONST: PUSH(val_int(p->consts[a])); break;
      case OPCODE_INT: PUSH(val_int(code_imm(word))); break;
      case OPCODE_IN_EMERGENCY: PUSH(val_int(v->let_kind == NONE_INDEX ? emergency_of(v) != 0 : struck_within(v, v->let_kind))); break;
      case OPCODE_UNKNOWN: PUSH(val(T_UNKNOWN, 0)); break;
      case OPCODE_STR: PUSH(val(T_OPAQUE, 0)); break;
      case OPCODE_SLOT: PUSH(loop_var(e, slots[a])); break;
      case OPCODE_STORE: x = POP, slots[a] = slot_of(x); break;
      case OPCODE_PARAM: PUSH(parameter(v, e, a)); break;
      case OPCODE_DUP: x = stack[n - 1], PUSH(x); break;
      case OPCODE_DROP: n--; break;
      case OPCODE_ADD: case OPCODE_SUB: case OPCODE_MUL: case OPCODE_DIV: case OPCODE_PART_DOWN: case OPCODE_PART_UP: case OPCODE_RATIO:
        y = POP, x = POP, PUSH(e->inside_other ? val(T_OTHERS, 0) : arithmetic(op, x, y)); break;
      case OPCODE_NEG: x = POP, PUSH(x.tag == T_INT ? val_int(-x.v) : x); break;
      case OPCODE_EQ: case OPCODE_NE: case OPCODE_LT: case OPCODE_LE: case OPCODE_GT: case OPCODE_GE:
        y = POP, x = POP, PUSH(compare(v, e, op, x, y)); break;
      case OPCODE_AND: y = POP, x = POP, PUSH(both(v, e, x, y)); break;
      case OPCODE_OR: y = POP, x = POP, PUSH(either(v, e, x, y)); break;
      case OPCODE_NOT: x = POP, PUSH(not(v, e, x)); break;
      case OPCODE_IS_UNKNOWN: x = POP, PUSH(x.tag == T_UNKNOWN ? val_int(1) : x.tag == T_OTHERS || x.tag == T_OPAQUE ? x : val_int(0)); break;
      case OPCODE_MAYBE: x = POP, PUSH(x.tag == T_UNKNOWN ? val_int(1) : x); break;
      case OPCODE_SURELY: x = POP, PUSH(x.tag == T_UNKNOWN ? val_int(0) : x); break;
      case OPCODE_SHOW: break;
      case OPCODE_JOIN: n -= a, PUSH(val(T_OPAQUE, 0)); break;
      case OPCODE_JUMP: pc = a; continue;
      case OPCODE_JUMP_FALSE: case OPCODE_JUMP_TRUE: case OPCODE_JUMP_UNKNOWN: case OPCODE_JUMP_NOT:
        x = POP;
        if (jumps(v, e, op, x)) { pc = a; continue; }
        break;
      case OPCODE_EACH_KIND: case OPCODE_EACH_SET: case OPCODE_EACH_ABOVE: case OPCODE_EACH_YES:
        rounds[open++] = open_round(v, e, op, a, b, val(T_OTHER, 0)); break;
      case OPCODE_EACH_BELOW: case OPCODE_EACH_SET_BELOW: case OPCODE_EACH_REF: case OPCODE_EACH_ONE:
        x = POP, rounds[open++] = open_round(v, e, op, a, b, x); break;
      case OPCODE_NEXT:
        if (!next_round(e, rounds, slots, a, &open)) { pc = b; continue; }
        break;
      case OPCODE_CLOSE: open--; break;
      case OPCODE_COLLECT: x = POP; e->collected |= x.tag == T_WITNESS && x.ref == e->collects; break;
      case OPCODE_RETURN: stop = pc; continue;
      default:
        if (op >= OPCODE_SENSE) { *depth = n; return pc; }
        x = POP, PUSH(of_entity(v, e, op, a, b, x));
    }
    pc += words;
  }
  *depth = n;
  return pc;
}

Val value_region(Prover *v, Eval *e, CodeRef region, const uint8_t *slots) {
  Val stack[LIMIT_STACK];
  uint8_t own[LIMIT_SLOTS];
  uint32_t depth = 0;
  memcpy(own, slots, sizeof own);
  value_run(v, e, region, NONE_INDEX, own, stack, &depth);
  return depth ? stack[depth - 1] : val(T_UNKNOWN, 0);
}

Val value_of_region(Prover *v, CodeRef region, const uint8_t *slots) {
  Eval e = {.sight = SIGHT_TRUTH, .collects = NONE_INDEX};
  return value_region(v, &e, region, slots);
}

bool value_collects(Prover *v, CodeRef region, const uint8_t *slots, uint32_t kind, Sight sight) {
  Eval e = {.sight = sight, .collects = kind};
  value_region(v, &e, region, slots);
  return e.collected;
}

/* A set that the plan froze was taken from all that there is, before anything was left out. */
bool set_has(Prover *v, uint32_t set) {
  if (v->now.set[set] == SET_OPEN) {
    const SetRow *row = &v->p->sets[set];
    uint8_t none[LIMIT_SLOTS] = {0}, out[KINDS_MAX];
    memcpy(out, v->now.out, sizeof out);
    memset(v->now.out, OUT_NOT, sizeof v->now.out);
    bool in = row->after_step == NONE_INDEX && value_collects(v, row->members, none, row->kind, SIGHT_TRUTH);
    memcpy(v->now.out, out, sizeof out);
    v->now.set[set] = in ? SET_IN : SET_NOT;
  }
  return v->now.set[set] == SET_IN;
}
