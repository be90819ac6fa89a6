/* compile_expr: expressions to expression code. Each leaves one value. */
#include <config.h>

#include "lang/compile_core.h"

#include "lang/limits.h"

#include <assert.h>
#include <string.h>

static void op(Compiler *k, Opcode o) { build_op(k->b, o, 0); }

/* ---- does it read? ---- */

bool compile_asks(const Node *n);

static bool list_asks(const NodeList *list) {
  for (uint32_t i = 0; i < list->len; i++)
    if (compile_asks(list->items[i])) return true;
  return false;
}

bool compile_asks(const Node *n) {
  if (!n) return false;
  if (n->kind == AST_OF && (of_meaning((const Of *)n) == OF_FACT || of_meaning((const Of *)n) == OF_METRIC)) return true;
  const AstInfo *info = ast_info((AstKind)n->kind);
  for (uint32_t i = 0; i < info->field_count; i++) {
    const char *at = (const char *)n + info->fields[i].offset;
    if (info->fields[i].kind == FIELD_NODE && compile_asks(*(Node *const *)(const void *)at)) return true;
    if (info->fields[i].kind == FIELD_LIST && list_asks((const NodeList *)(const void *)at)) return true;
  }
  return false;
}

uint32_t compile_sense_begin(Compiler *k, bool asks) { return asks && !build_in_region(k->b) ? build_op(k->b, OPCODE_SENSE, 0) : NONE_INDEX; }

void compile_sense_end(Compiler *k, uint32_t sense) {
  if (sense != NONE_INDEX) build_land(k->b, sense);
}

void compile_sensed(Compiler *k, const Node *e) {
  uint32_t sense = compile_sense_begin(k, compile_asks(e));
  compile_expr(k, e);
  compile_sense_end(k, sense);
}

/* ---- names and members ---- */

static uint32_t entity_kind(const Node *e) { return type_ref(e->type); }

/* In the branch of a gate there is no single member to speak of, but in the text of an exit. */
static void variable(Compiler *k, uint32_t slot) {
  if (k->gate != NONE_INDEX && slot >= k->slots) op(k, OPCODE_UNKNOWN);
  else build_op(k->b, OPCODE_SLOT, slot);
}

static void name_ref(Compiler *k, const NameRef *r) {
  const Symbol *s = r->name.symbol;
  switch (ref_meaning(r)) {
  case REF_VAR: variable(k, k->frame->slot_base + s->index); return;
  case REF_PARAM: build_op(k->b, OPCODE_PARAM, s->index); return;
  case REF_WORD: build_int(k->b, s->index); return;
  case REF_UNKNOWN: op(k, OPCODE_UNKNOWN); return;
  case REF_SET: case REF_RUN_SET: case REF_KIND: case REF_FAN: case REF_ALIAS: case REF_WRONG: break;
  }
  assert(!"a set is no value");
}

static void member(Compiler *k, const Member *m) {
  if (member_meaning(m) == MEMBER_FIELD) {
    build_op(k->b, OPCODE_PARAM, m->name.symbol->index);
    return;
  }
  compile_expr(k, m->object);
  switch (member_meaning(m)) {
  case MEMBER_ATTR: build_op(k->b, OPCODE_ATTR, m->name.symbol->index); return;
  case MEMBER_UP: build_op2(k->b, OPCODE_UP, entity_kind(&m->node), entity_kind(m->object)); return;
  case MEMBER_NAME: build_op(k->b, OPCODE_NAME, entity_kind(m->object)); return;
  case MEMBER_FIELD: case MEMBER_BELOW: case MEMBER_WRONG: break;
  }
  assert(!"a list is no value");
}

uint32_t compile_remember_row(Compiler *k, const Symbol *s) {
  Frame *f = compile_frame_of(k, s->body);
  uint32_t *row = &f->remembers[s->index];
  if (*row == NONE_INDEX)
    *row = build_row(k->b, remembers, (&(RememberRow){compile_atom(k, s->name), s->entity_kind, compile_value_type(s->type)}));
  return *row;
}

static void property(Compiler *k, const Of *of) {
  const Symbol *s = of->name.symbol;
  switch (of_meaning(of)) {
  case OF_FACT:
    compile_expr(k, of->object);
    build_op2(k->b, OPCODE_FACT, s->index, entity_kind(of->object));
    return;
  case OF_METRIC:
    compile_expr(k, of->object);
    build_op2(k->b, OPCODE_METRIC, s->index, entity_kind(of->object));
    return;
  case OF_REMEMBERED:
    compile_expr(k, of->object);
    build_op(k->b, OPCODE_RECALL, compile_remember_row(k, s));
    return;
  case OF_COUNT: compile_count(k, of->object, NULL); return;
  case OF_BELOW: case OF_SET_BELOW: case OF_RUN_BELOW: case OF_ABOVE: case OF_WRONG: break;
  }
  assert(!"a set is no value");
}

/* ---- operators ---- */

static Opcode binary_opcode(const Binary *b) {
  switch ((BinaryOp)b->op) {
  case OP_AND: return OPCODE_AND;
  case OP_OR: return OPCODE_OR;
  case OP_LT: return OPCODE_LT;
  case OP_LE: return OPCODE_LE;
  case OP_GT: return OPCODE_GT;
  case OP_GE: return OPCODE_GE;
  case OP_ADD: return OPCODE_ADD;
  case OP_SUB: return OPCODE_SUB;
  case OP_MUL: return OPCODE_MUL;
  case OP_DIV: return type_is(b->node.type, TYPE_FRACTION) && !type_is(b->right->type, TYPE_INT) ? OPCODE_RATIO : OPCODE_DIV;
  }
  __builtin_unreachable();
}

/* While an operand waits on the stack, others are computed above it. */
static void above_waiting(Compiler *k, const Node *e) {
  if (++k->nesting == LIMIT_STACK / 2) compile_limit(k, e->span, "an expression nested deeper than %u operands", LIMIT_STACK / 2 - 1);
  if (k->nesting < LIMIT_STACK / 2) compile_expr(k, e);
  else build_int(k->b, 0);
  k->nesting--;
}

/* The side that must be reached is rounded up, the side that must not be passed down. */
static void binary(Compiler *k, const Binary *b) {
  bool up = k->round_up;
  k->round_up = b->op == OP_LT || b->op == OP_LE ? true : b->op == OP_GT || b->op == OP_GE ? false : up;
  compile_expr(k, b->left);
  k->round_up = b->op == OP_LT || b->op == OP_LE ? false : b->op == OP_GT || b->op == OP_GE ? true : up;
  above_waiting(k, b->right);
  k->round_up = up;
  op(k, binary_opcode(b));
}

static bool is_unknown_word(const Node *v) { return v->kind == AST_NAME_REF && ref_meaning((const NameRef *)v) == REF_UNKNOWN; }

/* One value behind `is`. `unknown` asks whether it was read at all. */
static void is_one(Compiler *k, const Is *is, const Node *value) {
  if (is_unknown_word(value)) {
    above_waiting(k, is->subject);
    op(k, OPCODE_IS_UNKNOWN);
    return;
  }
  above_waiting(k, is->subject);
  above_waiting(k, value);
  op(k, OPCODE_EQ);
  if (is->mode == IS_MAY_BE) op(k, OPCODE_MAYBE);
}

static void is_values(Compiler *k, const Is *is) {
  const Node *first = is->values.items[0];
  bool in = is->mode == IS_IN || is->mode == IS_NOT_IN;
  if (in && is->values.len == 1 && (type_is(first->type, TYPE_SET) || type_is(first->type, TYPE_LIST))) {
    compile_in_set(k, is->subject, first);
  } else {
    is_one(k, is, first);
    for (uint32_t i = 1; i < is->values.len; i++) {
      k->nesting++;
      is_one(k, is, is->values.items[i]);
      k->nesting--;
      op(k, OPCODE_OR);
    }
  }
  if (is->mode == IS_NOT || is->mode == IS_NOT_IN) op(k, OPCODE_NOT);
}

/* ---- automations, actions, gates ---- */

static void locked(Compiler *k, const Locked *l) {
  for (uint32_t i = 0; i < l->automations.len; i++) {
    const Word *w = (const Word *)l->automations.items[i];
    if (i) k->nesting++;
    compile_expr(k, l->target);
    build_op2(k->b, OPCODE_LOCKED, w->name.symbol->index, entity_kind(l->target));
    if (i) {
      k->nesting--;
      op(k, OPCODE_AND);
    }
  }
}

/* Nothing came with it: the empty text. */
static void attached(Compiler *k, const Attached *a) {
  compile_expr(k, a->object);
  build_op(k->b, OPCODE_STR, 0);
  op(k, OPCODE_NE);
}

static void tried(Compiler *k, const Tried *t) {
  const Call *call = (const Call *)t->call, *since = (const Call *)t->since;
  uint32_t action = compile_action(k, call->name.symbol);
  compile_expr(k, call->args.items[0]);
  build_op2(k->b, OPCODE_TRIED, action, since ? compile_action(k, since->name.symbol) : action);
}

/* Pushes the entity of the gate's kind that is here: the innermost variable that is one or is in one. */
static bool push_gate_member(Compiler *k, uint32_t kind) {
  if (k->frame->body == NULL) {
    for (uint32_t i = 0; i < k->frame->params.len; i++) {
      const ParamDecl *p = (const ParamDecl *)k->frame->params.items[i];
      if (!type_is(p->type->type, TYPE_ENTITY)) continue;
      uint32_t from = type_ref(p->type->type);
      if (from != kind && !kind_leads_up(k->c, from, kind)) continue;
      build_op(k->b, OPCODE_SLOT, i);
      if (from != kind) build_op2(k->b, OPCODE_UP, kind, from);
      return true;
    }
    return false;
  }
  for (uint32_t slot = k->slots; slot-- > 0;) {
    uint32_t from = k->kinds[slot];
    if (from == NONE_INDEX || (from != kind && !kind_leads_up(k->c, from, kind))) continue;
    build_op(k->b, OPCODE_SLOT, slot);
    if (from != kind) build_op2(k->b, OPCODE_UP, kind, from);
    return true;
  }
  return false;
}

static void gate_yes(Compiler *k, uint32_t row) {
  uint32_t kind = build_program(k->b)->gates[row].kind;
  if (kind == NONE_INDEX) build_int(k->b, 0);
  else if (!push_gate_member(k, kind)) op(k, OPCODE_UNKNOWN);
  build_op(k->b, OPCODE_YES, row);
}

/* In a contract: any gate of that name that the runbook asks. */
static void gate_ref(Compiler *k, const GateRef *g) {
  if (g->name.symbol) {
    uint32_t row = compile_frame_of(k, g->name.symbol->body)->gates[g->name.symbol->index];
    if (row == NONE_INDEX) build_int(k->b, 0);
    else gate_yes(k, row);
    return;
  }
  StrId name = compile_atom(k, g->name.atom);
  build_int(k->b, 0);
  for (uint32_t i = 0; i < build_program(k->b)->gates_count; i++) {
    if (build_program(k->b)->gates[i].name != name) continue;
    gate_yes(k, i);
    op(k, OPCODE_OR);
  }
}

/* ---- texts ---- */

static uint32_t show_row(Compiler *k, ValueType type) {
  const Program *p = build_program(k->b);
  for (uint32_t i = 0; i < p->shows_count; i++)
    if (p->shows[i].type.klass == type.klass && p->shows[i].type.ref == type.ref) return i;
  return build_row(k->b, shows, (&(ShowRow){type}));
}

static void text_part(Compiler *k, const Node *part) {
  if (part->kind == AST_TEXT_PART) {
    Atom bytes = ((const TextPart *)part)->bytes.atom;
    build_op(k->b, OPCODE_STR, compile_atom(k, bytes));
    return;
  }
  compile_expr(k, part);
  if (!type_is(part->type, TYPE_TEXT)) build_op(k->b, OPCODE_SHOW, show_row(k, compile_value_type(part->type)));
}

/* Long texts are joined piece by piece: the stack holds no more than a piece. */
enum { TEXT_PIECE = 16 };

void compile_text(Compiler *k, const Node *text) {
  if (!text || text->kind != AST_TEXT) {
    if (text) compile_expr(k, text);
    else build_op(k->b, OPCODE_STR, 0);
    return;
  }
  const NodeList *parts = &((const Text *)text)->parts;
  if (parts->len == 0) build_op(k->b, OPCODE_STR, 0);
  uint32_t waiting = 0, before = k->nesting;
  for (uint32_t i = 0; i < parts->len; i++) {
    text_part(k, parts->items[i]);
    k->nesting = before + ++waiting;
    if (waiting < TEXT_PIECE && (i + 1 < parts->len || waiting == 1)) continue;
    build_op(k->b, OPCODE_JOIN, waiting);
    waiting = 1;
  }
  k->nesting = before;
}

/* ---- all of them ---- */

static bool is_operation(const Node *e) { return e->kind == AST_BINARY || e->kind == AST_UNARY; }

void compile_expr(Compiler *k, const Node *e) {
  int64_t constant;
  if (is_operation(e) && constant_value(e, &constant)) {
    build_int(k->b, constant);
    return;
  }
  switch (e->kind) {
  case AST_LITERAL: build_int(k->b, ((const Literal *)e)->value.value); return;
  case AST_BOOL: build_int(k->b, ((const Bool *)e)->value); return;
  case AST_TEXT: compile_text(k, e); return;
  case AST_NAME_REF: name_ref(k, (const NameRef *)e); return;
  case AST_MEMBER: member(k, (const Member *)e); return;
  case AST_OF: property(k, (const Of *)e); return;
  case AST_BINARY: binary(k, (const Binary *)e); return;
  case AST_UNARY:
    compile_expr(k, ((const Unary *)e)->operand);
    op(k, ((const Unary *)e)->op == OP_NOT ? OPCODE_NOT : OPCODE_NEG);
    return;
  case AST_IS: is_values(k, (const Is *)e); return;
  case AST_QUANTIFIED: compile_quantified(k, (const Quantified *)e); return;
  case AST_LOCKED: locked(k, (const Locked *)e); return;
  case AST_TRIED: tried(k, (const Tried *)e); return;
  case AST_GATE_REF: gate_ref(k, (const GateRef *)e); return;
  case AST_ATTACHED: attached(k, (const Attached *)e); return;
  case AST_EMERGENCY: op(k, OPCODE_IN_EMERGENCY); return;
  case AST_RATE: compile_expr(k, ((const Rate *)e)->amount); return;
  case AST_UNITS: compile_expr(k, ((const Units *)e)->amount); return;
  case AST_SHARE: compile_share(k, (const Share *)e); return;
  default: break;
  }
  assert(!"no expression");
}

/* A region sees the variables of its owner, but nothing of what its owner has on the stack. */
typedef struct Inside { uint32_t nesting, iterators; } Inside;

static Inside region_begin(Compiler *k) {
  Inside before = {k->nesting, k->iterators};
  k->nesting = k->iterators = 0;
  build_region_begin(k->b);
  return before;
}

static CodeRef region_end(Compiler *k, Inside before) {
  k->nesting = before.nesting;
  k->iterators = before.iterators;
  return build_region_end(k->b);
}

CodeRef compile_value_region(Compiler *k, const Node *e) {
  if (!e) return 0;
  Inside before = region_begin(k);
  compile_mark(k, e);
  compile_expr(k, e);
  return region_end(k, before);
}

CodeRef compile_text_region(Compiler *k, const Node *text) {
  if (!text) return 0;
  Inside before = region_begin(k);
  compile_mark(k, text);
  compile_text(k, text);
  return region_end(k, before);
}
