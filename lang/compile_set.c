/* compile_set: members: sources, binders, quantifiers, counts, shares of a whole. */
#include <config.h>

#include "lang/compile_core.h"

#include "lang/limits.h"

#include <assert.h>

static void op(Compiler *k, Opcode o) { build_op(k->b, o, 0); }

/* ---- sources ---- */

const Symbol *compile_run_set(Compiler *k, uint32_t kind) { return body_set(k->c, k->body, kind); }

static void each_of_run(Compiler *k, uint32_t kind) {
  const Symbol *set = compile_run_set(k, kind);
  build_op(k->b, set ? OPCODE_EACH_SET : OPCODE_EACH_KIND, set ? set->index : kind);
}

static void open_name(Compiler *k, const NameRef *r) {
  switch (ref_meaning(r)) {
  case REF_SET: build_op(k->b, OPCODE_EACH_SET, r->name.symbol->index); return;
  case REF_RUN_SET: each_of_run(k, type_ref(r->node.type)); return;
  case REF_KIND: build_op(k->b, OPCODE_EACH_KIND, type_ref(r->node.type)); return;
  case REF_VAR: case REF_PARAM:
    compile_expr(k, &r->node);
    op(k, OPCODE_EACH_ONE);
    return;
  case REF_WORD: case REF_UNKNOWN: case REF_ALIAS: case REF_FAN: case REF_WRONG: break;
  }
  assert(!"no source of members");
}

/* The containers of a set's members. */
static void open_above(Compiler *k, const Of *of) {
  const NameRef *r = (const NameRef *)of->object;
  const Symbol *set = ref_meaning(r) == REF_RUN_SET ? compile_run_set(k, type_ref(r->node.type)) : r->name.symbol;
  build_op2(k->b, OPCODE_EACH_ABOVE, set->index, type_ref(of->node.type));
}

static void open_of(Compiler *k, const Of *of) {
  uint32_t kind = type_ref(of->node.type), below = type_ref(of->object->type);
  if (of_meaning(of) == OF_ABOVE) {
    open_above(k, of);
    return;
  }
  const Symbol *set = of_meaning(of) == OF_SET_BELOW ? of->name.symbol : of_meaning(of) == OF_RUN_BELOW ? compile_run_set(k, kind) : NULL;
  compile_expr(k, of->object);
  if (set) build_op2(k->b, OPCODE_EACH_SET_BELOW, set->index, below);
  else build_op2(k->b, OPCODE_EACH_BELOW, kind, below);
}

static void open_source(Compiler *k, const Node *source) {
  if (type_is(source->type, TYPE_ENTITY)) {
    compile_expr(k, source);
    op(k, OPCODE_EACH_ONE);
  } else if (source->kind == AST_NAME_REF) {
    open_name(k, (const NameRef *)source);
  } else if (source->kind == AST_OF) {
    open_of(k, (const Of *)source);
  } else {
    const Member *m = (const Member *)source;
    assert(source->kind == AST_MEMBER && member_meaning(m) == MEMBER_ATTR);
    compile_expr(k, m->object);
    build_op(k->b, OPCODE_EACH_REF, m->name.symbol->index);
  }
}

/* In a contract `nodes of r` means those still in; where the runbook has no such set, all that are below and still in. */
static bool only_still_in(Compiler *k, const Node *source) {
  if (source->kind != AST_OF || of_meaning((const Of *)source) != OF_RUN_BELOW) return false;
  return compile_run_set(k, type_ref(source->type)) == NULL;
}

uint32_t compile_source_kind(const Node *source) { return type_ref(source->type); }

/* ---- iterators ---- */

uint32_t compile_spare_slot(Compiler *k, Span span) {
  if (k->slots < LIMIT_SLOTS) return k->slots;
  compile_limit(k, span, "more than %u variables are needed here", LIMIT_SLOTS);
  return LIMIT_SLOTS - 1;
}

uint32_t compile_binder_slot(Compiler *k, const Binder *b) {
  uint32_t slot = k->frame->slot_base + b->name.symbol->index;
  if (slot < LIMIT_SLOTS) return slot;
  compile_limit(k, b->node.span, "more than %u variables are needed here", LIMIT_SLOTS);
  return LIMIT_SLOTS - 1;
}

/* Opens the round of an iterator that was just opened. */
static Loop begin_rounds(Compiler *k, uint32_t slot, uint32_t kind, Span span) {
  Loop loop = {.slots = k->slots};
  if (++k->iterators > LIMIT_ITERATORS) compile_limit(k, span, "more than %u sets are walked within each other", LIMIT_ITERATORS);
  loop.next = build_op2(k->b, OPCODE_NEXT, slot, 0);
  while (k->slots <= slot) k->kinds[k->slots++] = NONE_INDEX;
  k->kinds[slot] = kind;
  return loop;
}

Loop compile_each(Compiler *k, const Node *source, uint32_t slot) {
  open_source(k, source);
  Loop loop = begin_rounds(k, slot, type_ref(source->type), source->span);
  if (only_still_in(k, source)) {
    build_op(k->b, OPCODE_SLOT, slot);
    build_op(k->b, OPCODE_STILL_IN, type_ref(source->type));
    build_op(k->b, OPCODE_JUMP_NOT, loop.next);
  }
  return loop;
}

/* Each conjunct of a filter alone: the cheap ones come first where the author put them first, and facts are asked only of
 * members that passed them. */
static void filter(Compiler *k, const Node *where, uint32_t next) {
  if (where->kind == AST_BINARY && ((const Binary *)where)->op == OP_AND) {
    filter(k, ((const Binary *)where)->left, next);
    filter(k, ((const Binary *)where)->right, next);
    return;
  }
  compile_expr(k, where);
  build_op(k->b, OPCODE_JUMP_NOT, next);
}

Loop compile_each_filtered(Compiler *k, const Binder *b) {
  Loop loop = compile_each(k, b->source, compile_binder_slot(k, b));
  if (b->where) filter(k, b->where, loop.next);
  return loop;
}

static uint32_t gate_row(Compiler *k, const Symbol *gate) { return compile_frame_of(k, gate->body)->gates[gate->index]; }

Loop compile_each_of_fan(Compiler *k, const Fan *f) {
  const Binder *b = (const Binder *)f->binder;
  if (f->given.atom == 0) return compile_each_filtered(k, b);
  uint32_t row = gate_row(k, f->given.symbol);
  build_op(k->b, OPCODE_EACH_YES, row);
  Loop loop = begin_rounds(k, compile_binder_slot(k, b), f->given.symbol->entity_kind, b->node.span);
  if (b->where) filter(k, b->where, loop.next);
  return loop;
}

bool compile_fan_asks(const Fan *f) { return compile_asks(((const Binder *)f->binder)->where); }

void compile_round(Compiler *k, Loop *loop) {
  build_op(k->b, OPCODE_JUMP, loop->next);
  build_land(k->b, loop->next);
  k->slots = loop->slots;
  k->iterators--;
}

/* ---- counts and quantifiers: the value so far lies below what the loop works on ---- */

void compile_count(Compiler *k, const Node *source, const Binder *filtered) {
  build_int(k->b, 0);
  k->nesting++;
  Loop loop = filtered ? compile_each_filtered(k, filtered) : compile_each(k, source, compile_spare_slot(k, source->span));
  build_int(k->b, 1);
  op(k, OPCODE_ADD);
  compile_round(k, &loop);
  k->nesting--;
}

/* Truth is 0 or 1, and what is added to unknown is unknown: a member that cannot be asked makes the count unknown. Facts are
 * asked only of members that pass what stands before and asks for none. */
static void count_where(Compiler *k, const Quantified *q, const Binder *b) {
  const Node *condition = q->condition;
  build_int(k->b, 0);
  k->nesting++;
  Loop loop = compile_each_filtered(k, b);
  if (condition->kind == AST_BINARY && ((const Binary *)condition)->op == OP_AND &&
      !compile_asks(((const Binary *)condition)->left)) {
    filter(k, ((const Binary *)condition)->left, loop.next);
    condition = ((const Binary *)condition)->right;
  }
  compile_expr(k, condition);
  op(k, OPCODE_ADD);
  compile_round(k, &loop);
  k->nesting--;
}

void compile_quantified(Compiler *k, const Quantified *q) {
  const Binder *b = (const Binder *)q->binder;
  if (q->quantifier == QUANT_COUNT && !q->condition) compile_count(k, b->source, b);
  else if (q->quantifier == QUANT_COUNT) count_where(k, q, b);
  if (q->quantifier == QUANT_COUNT) return;
  build_int(k->b, q->quantifier == QUANT_EVERY);
  k->nesting++;
  Loop loop = compile_each_filtered(k, b);
  compile_expr(k, q->condition);
  op(k, q->quantifier == QUANT_EVERY ? OPCODE_AND : OPCODE_OR);
  compile_round(k, &loop);
  k->nesting--;
}

const Symbol *compile_frozen_set(Compiler *k, const Node *set) {
  if (set->kind != AST_NAME_REF) return NULL;
  const NameRef *r = (const NameRef *)set;
  if (ref_meaning(r) == REF_SET) return r->name.symbol;
  return ref_meaning(r) == REF_RUN_SET ? compile_run_set(k, type_ref(set->type)) : NULL;
}

/* `x in SET`: a frozen set is asked; any other is walked. */
void compile_in_set(Compiler *k, const Node *subject, const Node *set) {
  const Symbol *frozen = compile_frozen_set(k, set);
  if (frozen) {
    compile_expr(k, subject);
    build_op(k->b, OPCODE_IN_SET, frozen->index);
    return;
  }
  build_int(k->b, 0);
  k->nesting++;
  uint32_t slot = compile_spare_slot(k, set->span);
  Loop loop = compile_each(k, set, slot);
  compile_expr(k, subject);
  build_op(k->b, OPCODE_SLOT, slot);
  op(k, OPCODE_EQ);
  op(k, OPCODE_OR);
  compile_round(k, &loop);
  k->nesting--;
}

/* ---- shares: 6% of nodes ---- */

/* In a limit or a tolerance: what the fan-out itself has. */
static void count_fan(Compiler *k, const Fan *f) {
  build_int(k->b, 0);
  Loop loop = compile_each_of_fan(k, f);
  build_int(k->b, 1);
  op(k, OPCODE_ADD);
  compile_round(k, &loop);
}

static bool is_fan(const Node *whole) { return whole->kind == AST_NAME_REF && ref_meaning((const NameRef *)whole) == REF_FAN; }

void compile_share(Compiler *k, const Share *s) {
  compile_expr(k, s->amount);
  if (!type_is(s->amount->type, TYPE_FRACTION)) return; /* 16 of 32: the whole is for the reader */
  k->nesting++;
  if (s->whole->kind == AST_LITERAL) compile_expr(k, s->whole);
  else if (is_fan(s->whole)) count_fan(k, k->fan_clauses);
  else compile_count(k, s->whole, NULL);
  k->nesting--;
  op(k, k->round_up ? OPCODE_PART_UP : OPCODE_PART_DOWN);
}

/* ---- regions that collect ---- */

/* Regions begin with an empty stack. */
typedef struct Inside { uint32_t iterators, nesting; } Inside;

static Inside region_begin(Compiler *k, const Node *from) {
  Inside before = {k->iterators, k->nesting};
  k->iterators = k->nesting = 0;
  build_region_begin(k->b);
  compile_mark(k, from);
  return before;
}

/* The round so far is one member that is in; ends the region. */
static CodeRef region_collects(Compiler *k, Loop *loop, uint32_t slot, Inside before) {
  build_op(k->b, OPCODE_SLOT, slot);
  op(k, OPCODE_COLLECT);
  compile_round(k, loop);
  k->iterators = before.iterators;
  k->nesting = before.nesting;
  return build_region_end(k->b);
}

CodeRef compile_members(Compiler *k, const Node *source) {
  Inside before = region_begin(k, source);
  uint32_t slot = compile_spare_slot(k, source->span);
  Loop loop = compile_each(k, source, slot);
  return region_collects(k, &loop, slot, before);
}

CodeRef compile_filtered(Compiler *k, const Binder *b) {
  Inside before = region_begin(k, &b->node);
  Loop loop = compile_each_filtered(k, b);
  return region_collects(k, &loop, compile_binder_slot(k, b), before);
}

CodeRef compile_fan_members(Compiler *k, const Fan *f) {
  const Binder *b = (const Binder *)f->binder;
  Inside before = region_begin(k, f->binder);
  Loop loop = compile_each_of_fan(k, f);
  return region_collects(k, &loop, compile_binder_slot(k, b), before);
}
