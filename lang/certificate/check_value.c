/* check_value: conditions over what is known of the witness. A loop over members has two rounds: any other member, of whom nothing is
 * known, and the witness, where it is one. A fact is split where a comparison asks. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <string.h>

static Value number(int64_t n) { return (Value){.tag = V_NUMBER, .n = n}; }
static Value tagged(ValueTag tag, uint32_t ref) { return (Value){.tag = tag, .ref = ref}; }
static bool is_thing(Value x) { return x.tag == V_WITNESS || x.tag == V_SIBLING || x.tag == V_OTHER; }

Value cert_value_of(uint8_t slot) {
  if (slot == 0) return tagged(V_UNKNOWN, 0);
  if (slot == 255) return tagged(V_BLUR, 0);
  return tagged(slot % 2 ? V_WITNESS : V_SIBLING, (slot - 1u) / 2);
}

uint8_t cert_slot_for(Value x) {
  if (is_thing(x)) return (uint8_t)(2 * x.ref + (x.tag == V_WITNESS ? 1 : 2));
  return x.tag == V_UNKNOWN ? 0 : 255;
}

/* ---- what is known of a fact ---- */

static uint16_t bit(const Checker *k, uint32_t f, int64_t value) {
  const CertFact *row = &k->c.tables.facts[f];
  ValueType t = row->klass == CERT_FACT ? k->p->facts[row->row].type : row->klass == CERT_ATTR ? k->p->attrs[row->row].type : k->p->params[row->row].type;
  if (t.klass == VALUE_BOOL) return value ? 1 : 2;
  return value >= 1 && value <= CERT_VALUES ? (uint16_t)(1u << (value - 1)) : 0;
}

static void surprises(Checker *k, uint32_t f, uint16_t values) {
  k->fault = true;
  cert_has_failed(k, k->c.tables.facts[f].kind);
  k->s.values[f] = values;
}

/* The first time that a reading asks for it, it may be otherwise: found so, or through a hazard. */
static uint16_t values_read(Checker *k, Look *l, uint32_t f) {
  bool first = !(l->facts >> f & 1) && l->sight == WHAT_IS_READ && k->c.tables.facts[f].klass == CERT_FACT;
  uint16_t unusual = k->all[f] & 0xfffe;
  l->facts |= UINT64_C(1) << f;
  if (first && (k->s.origin[f] & ORIGIN_FOUND) && k->s.values[f] == 1 && unusual && cert_pick(k, 2)) surprises(k, f, unusual);
  if (first && (k->befalls[f] & ~k->s.values[f]) && cert_pick(k, 2)) {
    surprises(k, f, k->befalls[f]);
    k->s.origin[f] = ORIGIN_FOUND;
  }
  return k->s.values[f];
}

static bool within(Checker *k, Look *l, uint32_t f, uint16_t wanted) {
  uint16_t values = values_read(k, l, f);
  if (!(values & wanted)) return false;
  if (!(values & ~wanted)) return true;
  bool yes = cert_pick(k, 2) == 0;
  k->s.values[f] = values & (yes ? wanted : (uint16_t)~wanted);
  return yes;
}

/* A fact whose value is a truth, as a truth. */
static Value settled(Checker *k, Look *l, Value x) { return x.tag == V_FACT ? number(within(k, l, x.ref, bit(k, x.ref, 1))) : x; }

int cert_truth(Checker *k, Look *l, Value x, bool may_be_unknown) {
  x = settled(k, l, x);
  if (x.tag == V_NUMBER) return x.n != 0;
  if (x.tag == V_UNKNOWN) return -1;
  uint32_t which = cert_pick(k, may_be_unknown ? 3 : 2);
  if (which == 2) k->fault = true;
  return which == 0 ? 0 : which == 1 ? 1 : -1;
}

/* ---- operators ---- */

/* Kleene's, where `deciding` is the truth that settles it: false for and, true for or. */
static Value combine(Checker *k, Look *l, Value a, Value b, bool deciding) {
  a = settled(k, l, a), b = settled(k, l, b);
  if ((a.tag == V_NUMBER && (a.n != 0) == deciding) || (b.tag == V_NUMBER && (b.n != 0) == deciding)) return number(deciding);
  bool unknown = a.tag == V_UNKNOWN || b.tag == V_UNKNOWN;
  if (unknown && !deciding) return tagged(V_UNKNOWN, 0);
  if (a.tag == V_BLUR || b.tag == V_BLUR) return tagged(V_BLUR, 0);
  if (a.tag == V_EITHER || b.tag == V_EITHER) return tagged(V_EITHER, 0);
  return unknown ? tagged(V_UNKNOWN, 0) : number(!deciding);
}

static bool compare(Opcode op, int64_t a, int64_t b) {
  switch ((int)op) {
    case OPCODE_EQ: return a == b;
    case OPCODE_NE: return a != b;
    case OPCODE_LT: return a < b;
    case OPCODE_LE: return a <= b;
    case OPCODE_GT: return a > b;
    default: return a >= b;
  }
}

static Value compared(Checker *k, Look *l, Opcode op, Value a, Value b) {
  if (a.tag == V_UNKNOWN || b.tag == V_UNKNOWN) return tagged(V_UNKNOWN, 0);
  if (is_thing(a) && is_thing(b))
    return a.tag == V_OTHER && b.tag == V_OTHER ? tagged(V_EITHER, 0) : number((a.tag == b.tag) == (op == OPCODE_EQ));
  if (a.tag == V_NUMBER && b.tag == V_NUMBER) return number(compare(op, a.n, b.n));
  if (a.tag == V_FACT && b.tag == V_NUMBER) {
    uint16_t wanted = 0;
    for (int64_t x = 0; x <= CERT_VALUES; x++)
      if (compare(op, x, b.n)) wanted |= bit(k, a.ref, x);
    return number(within(k, l, a.ref, wanted));
  }
  bool blurred = a.tag == V_BLUR || b.tag == V_BLUR || a.tag == V_FACT || b.tag == V_FACT;
  return tagged(blurred ? V_BLUR : V_EITHER, 0);
}

static Value computed(const Look *l, Opcode op, Value a, Value b) {
  int64_t n;
  if (l->elsewhere) return tagged(V_EITHER, 0);
  if (a.tag == V_UNKNOWN || b.tag == V_UNKNOWN) return tagged(V_UNKNOWN, 0);
  if (a.tag == V_NUMBER && b.tag == V_NUMBER) {
    if (op == OPCODE_ADD && !__builtin_add_overflow(a.n, b.n, &n)) return number(n);
    if (op == OPCODE_SUB && !__builtin_sub_overflow(a.n, b.n, &n)) return number(n);
    if (op == OPCODE_MUL && !__builtin_mul_overflow(a.n, b.n, &n)) return number(n);
  }
  return tagged(a.tag == V_BLUR || b.tag == V_BLUR ? V_BLUR : V_EITHER, 0);
}

static Value single(Checker *k, Look *l, Opcode op, Value x) {
  bool open = x.tag == V_EITHER || x.tag == V_BLUR;
  switch ((int)op) {
    case OPCODE_NOT: x = settled(k, l, x); return x.tag == V_NUMBER ? number(!x.n) : x;
    case OPCODE_NEG: return x.tag == V_NUMBER && x.n != INT64_MIN ? number(-x.n) : x;
    case OPCODE_IS_UNKNOWN: return x.tag == V_UNKNOWN ? number(1) : open ? x : number(0);
    case OPCODE_MAYBE: return x.tag == V_UNKNOWN ? number(1) : x;
    default: return x.tag == V_UNKNOWN ? number(0) : x; /* SURELY */
  }
}

/* ---- what is asked of a thing ---- */

static Value asked(Checker *k, Look *l, uint32_t f) {
  const CertFact *row = &k->c.tables.facts[f];
  if (row->klass == CERT_FACT && cert_is_with_people(k, row->kind)) {
    bool by_us = !cert_is_anothers(k, row->kind); /* what another run does to it is no doing of this one */
    return l->sight == WITHOUT_US && by_us ? number(1) : tagged(V_EITHER, 0);
  }
  if (k->s.values[f] == 0 && row->klass != CERT_FACT) k->s.values[f] = k->all[f]; /* nobody writes it: it may be anything still */
  if (k->s.values[f] == 0) {
    cert_refuse(k, "is read where the certificate does not follow it any more", k->p->facts[row->row].name);
    return tagged(V_BLUR, 0);
  }
  if (l->sight == WITHOUT_US && (k->s.origin[f] & ORIGIN_OURS)) return number(1);
  if (l->sight != WHAT_IS_READ || row->klass != CERT_FACT) return tagged(V_FACT, f);
  if (!l->reading) {
    l->reading = true;
    l->failed = cert_pick(k, 2);
    k->fault |= l->failed;
  }
  if (!l->failed) {
    k->s.origin[f] &= (uint8_t)~ORIGIN_UNSURE;
    return tagged(V_FACT, f);
  }
  if (k->s.origin[f] & ORIGIN_OURS) k->s.origin[f] |= ORIGIN_UNSURE;
  cert_has_failed(k, row->kind);
  return tagged(V_UNKNOWN, 0);
}

/* Outside of loops another thing is what a parameter names, and what that is in may be what the witness is in. */
static Value above(Checker *k, const Look *l, uint32_t kind, Value x) {
  if (x.tag == V_WITNESS || x.tag == V_SIBLING) return tagged(V_WITNESS, kind);
  if (x.tag == V_OTHER) return tagged(!l->elsewhere && cert_pick(k, 2) ? V_WITNESS : V_OTHER, kind);
  return x;
}

static Value attribute(Checker *k, Look *l, uint32_t attr, Value x) {
  ValueType t = k->p->attrs[attr].type;
  if (t.klass == VALUE_ENTITY) return above(k, l, t.ref, x);
  uint32_t f = cert_followed(k, CERT_ATTR, attr, k->p->attrs[attr].kind);
  if (x.tag == V_WITNESS) return f == NONE_INDEX ? tagged(V_BLUR, 0) : asked(k, l, f);
  return x.tag == V_UNKNOWN ? x : tagged(V_EITHER, 0);
}

static Value parameter(Checker *k, Look *l, uint32_t row) {
  ValueType t = k->p->params[row].type;
  uint32_t f = cert_followed(k, CERT_PARAM, row, NONE_INDEX);
  if (t.klass != VALUE_ENTITY) return f == NONE_INDEX ? tagged(V_BLUR, 0) : asked(k, l, f);
  if (f == NONE_INDEX) return tagged(cert_pick(k, 2) ? V_WITNESS : V_OTHER, t.ref);
  if (k->s.values[f] != 1 && k->s.values[f] != 2) k->s.values[f] = cert_pick(k, 2) ? 1 : 2; /* once it is asked, it is the witness or not */
  return tagged(k->s.values[f] == 1 ? V_WITNESS : V_OTHER, t.ref);
}

static Value gave_yes(Checker *k, Look *l, uint32_t g) {
  bool yes = k->s.yes[g] == CERT_YES;
  if (yes) l->yes |= 1u << g;
  return number(yes);
}

static Value tried_since(Checker *k, uint32_t action, uint32_t since) {
  uint32_t urgent = k->let == NONE_INDEX ? cert_urgent(k) : 0;
  if (urgent && cert_skips(k->p, urgent - 1, action)) return number(1);
  const CertTables *t = &k->c.tables;
  for (uint32_t i = 0; i < t->tried_count; i++)
    if (t->tried[i].action == action && t->tried[i].since == since) return number(k->s.tried[i]);
  return tagged(V_BLUR, 0);
}

static bool member_still(Checker *k, uint32_t set) { return cert_in_set(k, set) && k->s.out[k->p->sets[set].kind] == CERT_STAYS; }

/* Of the witness; of anybody else it is up to others. */
static Value of_witness(Checker *k, Look *l, Opcode op, uint32_t a, uint32_t b, uint32_t kind) {
  switch ((int)op) {
    case OPCODE_FACT: {
      uint32_t f = cert_followed(k, CERT_FACT, a, b);
      return f == NONE_INDEX ? tagged(V_BLUR, 0) : asked(k, l, f);
    }
    case OPCODE_LOCKED: return cert_is_with_people(k, kind) ? tagged(V_EITHER, 0) : number(k->s.lock[a] == CERT_HELD); /* it is read, like its facts */
    case OPCODE_TRIED: return tried_since(k, a, b);
    case OPCODE_IN_SET: return number(member_still(k, a));
    default: return number(k->s.out[a] == CERT_STAYS); /* STILL_IN */
  }
}

static Value of_thing(Checker *k, Look *l, Opcode op, uint32_t a, uint32_t b, Value x) {
  if (op == OPCODE_LOCKED) l->locks = true;
  switch ((int)op) {
    case OPCODE_ATTR: return attribute(k, l, a, x);
    case OPCODE_UP: return above(k, l, a, x);
    case OPCODE_YES: if (x.tag == V_WITNESS || x.tag == V_NUMBER) return gave_yes(k, l, a); break;
    case OPCODE_FACT: case OPCODE_LOCKED: case OPCODE_TRIED: case OPCODE_IN_SET: case OPCODE_STILL_IN:
      if (x.tag == V_WITNESS) return of_witness(k, l, op, a, b, x.ref);
      if (x.tag == V_BLUR) return x;
      break;
    default: return x.tag == V_UNKNOWN ? x : tagged(V_BLUR, 0); /* METRIC, RECALL, NAME */
  }
  return x.tag == V_UNKNOWN ? x : tagged(V_EITHER, 0);
}

/* ---- loops ---- */

typedef struct Loop { uint32_t kind; bool other, witness, elsewhere; } Loop;

/* Of another thing that a parameter names the witness is no part: the witness is whatever is looked at. */
static bool may_belong(Checker *k, const Look *l, uint32_t kind, uint32_t of, Value x) {
  if (x.tag == V_OTHER && !l->elsewhere) return false;
  return x.tag == V_WITNESS || (is_thing(x) && k->several[kind][of] && cert_pick(k, 2));
}

static Loop open_loop(Checker *k, const Look *l, Opcode op, uint32_t a, uint32_t b, Value x) {
  const Program *p = k->p;
  Loop r = {.other = x.tag != V_UNKNOWN};
  switch ((int)op) {
    case OPCODE_EACH_KIND: r.kind = a, r.witness = true; break;
    case OPCODE_EACH_SET: r.kind = p->sets[a].kind, r.witness = member_still(k, a); break;
    case OPCODE_EACH_BELOW: r.kind = a, r.witness = may_belong(k, l, a, b, x); break;
    case OPCODE_EACH_SET_BELOW: r.kind = p->sets[a].kind, r.witness = may_belong(k, l, r.kind, b, x) && member_still(k, a); break;
    case OPCODE_EACH_ABOVE: r.kind = b, r.witness = member_still(k, a) || cert_pick(k, 2); break;
    case OPCODE_EACH_YES:
      r.kind = p->gates[a].kind;
      r.witness = (k->s.yes[a] == CERT_YES || k->s.yes[a] == CERT_YES_USED) && k->s.out[r.kind] == CERT_STAYS;
      break;
    case OPCODE_EACH_REF: r.kind = p->attrs[a].type.ref, r.witness = x.tag == V_WITNESS || (is_thing(x) && cert_pick(k, 2)); break;
    default: r.kind = x.ref, r.witness = x.tag == V_WITNESS, r.other = x.tag == V_SIBLING || x.tag == V_OTHER; break; /* EACH_ONE */
  }
  return r;
}

static bool anywhere_else(const Loop *loops, uint32_t open) {
  bool elsewhere = false;
  for (uint32_t i = 0; i < open; i++) elsewhere |= loops[i].elsewhere;
  return elsewhere;
}

/* True: a round with the member in the slot. False: the loop is closed. */
static bool round_of(Look *l, Loop *loops, uint32_t *open, uint8_t *slot) {
  Loop *r = &loops[*open - 1];
  bool more = r->other || r->witness;
  r->elsewhere = r->other;
  *slot = more ? (uint8_t)(2 * r->kind + (r->other ? 2 : 1)) : 0;
  if (r->other) r->other = false;
  else r->witness = false;
  if (!more) --*open;
  l->elsewhere = anywhere_else(loops, *open);
  return more;
}

/* ---- the interpreter ---- */

/* Which other members are collected concerns nobody here. */
static bool jumps(Checker *k, Look *l, Opcode op, Value x, uint32_t open) {
  if (l->collecting && open == 1 && l->elsewhere && x.tag == V_EITHER) return false;
  int t = cert_truth(k, l, x, l->sight == WHAT_IS_READ && op != OPCODE_JUMP_NOT);
  return op == OPCODE_JUMP_FALSE ? t == 0 : op == OPCODE_JUMP_TRUE ? t == 1 : op == OPCODE_JUMP_UNKNOWN ? t == -1 : t != 1;
}

static int operands(Opcode op, uint32_t a) { return op_info[op].pops < 0 ? (int)a : op_info[op].pops; }

/* What a step is made of never underflows in a program that was verified; a forged state may start anywhere in it. */
static bool fits(Checker *k, Opcode op, uint32_t a, uint32_t depth, uint32_t open) {
  bool opens = op >= OPCODE_EACH_KIND && op <= OPCODE_EACH_ONE;
  bool needs_open = op == OPCODE_NEXT || op == OPCODE_CLOSE;
  if (k->fuel > 0 && operands(op, a) <= (int)depth && depth < LIMIT_STACK - 1 && (!opens || open < LIMIT_ITERATORS) && (!needs_open || open)) {
    k->fuel--;
    return true;
  }
  cert_refuse(k, "a state stands where no run can be", 0);
  return false;
}

uint32_t cert_evaluate(Checker *k, Look *l, uint32_t pc, uint8_t *slots, Value *stack, uint32_t *depth) {
  Loop loops[LIMIT_ITERATORS];
  uint32_t n = *depth, open = 0;
  while (!over(k)) {
    uint32_t word = k->p->code[pc], a = code_a(word);
    Opcode op = code_op(word);
    uint32_t next = pc + code_words(op), b = code_words(op) == 2 ? k->p->code[pc + 1] : 0;
    if (op == OPCODE_RETURN || op >= OPCODE_SENSE) break;
    if (!fits(k, op, a, n, open)) break;
    Value y = op_info[op].pops == 2 ? stack[--n] : tagged(V_UNKNOWN, 0), x = op_info[op].pops >= 1 ? stack[--n] : tagged(V_OTHER, 0);
    switch ((int)op) {
      case OPCODE_CONST: stack[n++] = number(k->p->consts[a]); break;
      case OPCODE_INT: stack[n++] = number(code_imm(word)); break;
      case OPCODE_IN_EMERGENCY: stack[n++] = number(k->let == NONE_INDEX ? cert_urgent(k) != 0 : cert_was_hit(k, k->let)); break;
      case OPCODE_UNKNOWN: stack[n++] = tagged(V_UNKNOWN, 0); break;
      case OPCODE_STR: stack[n++] = tagged(V_BLUR, 0); break;
      case OPCODE_SLOT:
        stack[n] = cert_value_of(slots[a]);
        if (l->elsewhere && stack[n].tag == V_SIBLING) stack[n].tag = V_OTHER; /* what is above it need not be above the witness */
        n++;
        break;
      case OPCODE_STORE: slots[a] = cert_slot_for(x); break;
      case OPCODE_PARAM: stack[n++] = parameter(k, l, a); break;
      case OPCODE_DUP: stack[n++] = x, stack[n++] = x; break;
      case OPCODE_DROP: break;
      case OPCODE_ADD: case OPCODE_SUB: case OPCODE_MUL: case OPCODE_DIV: case OPCODE_PART_DOWN: case OPCODE_PART_UP: case OPCODE_RATIO:
        stack[n++] = computed(l, op, x, y); break;
      case OPCODE_EQ: case OPCODE_NE: case OPCODE_LT: case OPCODE_LE: case OPCODE_GT: case OPCODE_GE:
        stack[n++] = compared(k, l, op, x, y); break;
      case OPCODE_AND: case OPCODE_OR: stack[n++] = combine(k, l, x, y, op == OPCODE_OR); break;
      case OPCODE_NOT: case OPCODE_NEG: case OPCODE_IS_UNKNOWN: case OPCODE_MAYBE: case OPCODE_SURELY:
        stack[n++] = single(k, l, op, x); break;
      case OPCODE_SHOW: stack[n++] = x; break;
      case OPCODE_JOIN: n -= a, stack[n++] = tagged(V_BLUR, 0); break;
      case OPCODE_JUMP: next = a; break;
      case OPCODE_JUMP_FALSE: case OPCODE_JUMP_TRUE: case OPCODE_JUMP_UNKNOWN: case OPCODE_JUMP_NOT:
        if (jumps(k, l, op, x, open)) next = a;
        break;
      case OPCODE_EACH_KIND: case OPCODE_EACH_SET: case OPCODE_EACH_ABOVE: case OPCODE_EACH_YES:
      case OPCODE_EACH_BELOW: case OPCODE_EACH_SET_BELOW: case OPCODE_EACH_REF: case OPCODE_EACH_ONE:
        loops[open++] = open_loop(k, l, op, a, b, x); break;
      case OPCODE_NEXT: if (!round_of(l, loops, &open, &slots[a])) next = b; break;
      case OPCODE_CLOSE: l->elsewhere = anywhere_else(loops, --open); break;
      case OPCODE_COLLECT: l->got |= x.tag == V_WITNESS && x.ref == l->wanted; break;
      default: stack[n++] = of_thing(k, l, op, a, b, x);
    }
    pc = next;
  }
  *depth = n;
  return pc;
}

Value cert_condition(Checker *k, Look *l, CodeRef region, const uint8_t *slots) {
  Value stack[LIMIT_STACK];
  uint8_t own[LIMIT_SLOTS];
  uint32_t depth = 0;
  memcpy(own, slots, sizeof own);
  cert_evaluate(k, l, region, own, stack, &depth);
  return depth ? stack[depth - 1] : tagged(V_UNKNOWN, 0);
}

bool cert_collects(Checker *k, CodeRef region, const uint8_t *slots, uint32_t kind, Sight sight) {
  Look l = {.sight = sight, .wanted = kind, .collecting = true};
  cert_condition(k, &l, region, slots);
  return l.got;
}

/* A set that the plan froze was taken of all that there is, before anything left. */
bool cert_in_set(Checker *k, uint32_t set) {
  const SetRow *row = &k->p->sets[set];
  if (k->s.set[set] == CERT_OPEN) {
    uint8_t none[LIMIT_SLOTS] = {0}, out[CERT_KINDS];
    memcpy(out, k->s.out, sizeof out);
    memset(k->s.out, CERT_STAYS, sizeof k->s.out);
    bool in = row->after_step == NONE_INDEX && cert_collects(k, row->members, none, row->kind, WHAT_IS);
    memcpy(k->s.out, out, sizeof out);
    k->s.set[set] = in ? CERT_IN : CERT_NOT_IN;
  }
  return k->s.set[set] == CERT_IN;
}
