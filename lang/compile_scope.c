/* compile_scope: statements that open something: steps, fan-outs, lockouts, attempts, guards, settings; and gates. */
#include <config.h>

#include "lang/compile_core.h"

#include <string.h>

/* ---- fan-outs ---- */

/* `per day` names a zone; other limits have none. */
static LimitRow limit_row(Compiler *k, const Limit *l) {
  static const uint8_t rules[] = {[LIMIT_AT_ONCE] = LIMIT_RULE_AT_ONCE, [LIMIT_PER_TIME] = LIMIT_RULE_PER_TIME, [LIMIT_ALL_AT_ONCE] = LIMIT_RULE_ALL};
  LimitRow row = {.rule = rules[l->mode], .group = NONE_INDEX};
  if (l->mode != LIMIT_ALL_AT_ONCE) row.amount = compile_value_region(k, l->amount);
  row.per = compile_constant(l->per);
  if (l->group.symbol) row.group = l->group.symbol->kind == SYM_KIND ? l->group.symbol->index : l->group.symbol->entity_kind;
  row.zone = compile_plain_text(k, l->zone);
  row.text = compile_slice(k, l->node.span);
  row.line = compile_line(k, l->node.span.lo);
  return row;
}

/* Rows of one owner stand together; compiling an amount adds no limit. */
Slice compile_limits(Compiler *k, const NodeList *limits) {
  Slice s = {build_program(k->b)->limits_count, limits->len};
  for (uint32_t i = 0; i < limits->len; i++) {
    LimitRow row = limit_row(k, (const Limit *)limits->items[i]);
    build_row(k->b, limits, &row);
  }
  return s;
}

static Slice tolerances(Compiler *k, const Fan *f, uint32_t kind) {
  Slice s = {build_program(k->b)->tolerances_count, f->tolerances.len};
  for (uint32_t i = 0; i < f->tolerances.len; i++) {
    const Tolerance *t = (const Tolerance *)f->tolerances.items[i];
    const Share *share = t->amount->kind == AST_SHARE ? (const Share *)t->amount : NULL;
    ToleranceRow row = {.amount = compile_value_region(k, t->amount), .unit = kind, .group = NONE_INDEX};
    if (t->scope.symbol) row.group = t->scope.symbol->index;
    row.reach = t->zone ? REACH_DAY : t->scope.atom && !t->scope.symbol ? REACH_FLEET : REACH_STEP;
    row.zone = compile_plain_text(k, t->zone);
    if (share && share->each) row.each = compile_value_region(k, share->whole);
    if (t->unit.symbol) row.unit = t->unit.symbol->index;
    else if (type_is(t->amount->type, TYPE_COUNT)) row.unit = type_ref(t->amount->type);
    row.text = compile_slice(k, t->node.span);
    row.line = compile_line(k, t->node.span.lo);
    build_row(k->b, tolerances, &row);
  }
  return s;
}

static Slice word_codes(Compiler *k, const NodeList *words) {
  VEC(uint32_t) codes = {0};
  for (uint32_t i = 0; i < words->len; i++) {
    const Node *w = words->items[i];
    const Symbol *s = w->kind == AST_WORD ? ((const Word *)w)->name.symbol : ((const NameRef *)w)->name.symbol;
    vec_push(&codes, s->index);
  }
  Slice list = build_list(k->b, codes.items, codes.len);
  vec_done(&codes);
  return list;
}

Slice compile_order(Compiler *k, const NodeList *order) {
  Slice s = {build_program(k->b)->orders_count, order->len};
  for (uint32_t i = 0; i < order->len; i++) {
    const OrderKey *o = (const OrderKey *)order->items[i];
    OrderRow row = {.key = compile_value_region(k, o->key), .words = word_codes(k, &o->words), .descending = o->descending || o->first};
    build_row(k->b, orders, &row);
  }
  return s;
}

static uint32_t fan_kind(const Fan *f) { return ((const Binder *)f->binder)->name.symbol->entity_kind; }

static uint32_t fan_row(Compiler *k, const Fan *f, uint32_t step) {
  const Binder *b = (const Binder *)f->binder;
  FanRow row = {.step = step, .kind = fan_kind(f), .slot = compile_binder_slot(k, b), .line = compile_line(k, f->node.span.lo)};
  row.members = compile_fan_members(k, f);
  row.sense = compile_fan_asks(f) ? row.members : 0;
  const Fan *outer = k->fan_clauses;
  k->fan_clauses = f;
  row.limits = compile_limits(k, &f->limits);
  row.tolerances = tolerances(k, f, row.kind);
  k->fan_clauses = outer;
  uint32_t slots = k->slots;
  k->kinds[row.slot] = row.kind;
  k->slots = row.slot + 1;
  row.order = compile_order(k, &f->order);
  k->slots = slots;
  row.fits = f->fits != 0;
  row.inner = k->member != NULL;
  return build_row(k->b, fans, &row);
}

/* The body of a member: a strand of its own, behind a jump that the others take. */
static void fan(Compiler *k, const Fan *f, uint32_t step, const Node *body) {
  uint32_t row = fan_row(k, f, step), slots = k->slots, gate = k->gate, retry = k->retry;
  AtHand member = {.outer = k->member, .slot = build_program(k->b)->fans[row].slot, .kind = fan_kind(f)};
  Fixups over = {0};
  if (step != NONE_INDEX) build_program(k->b)->steps[step].fan = row;
  build_op(k->b, OPCODE_FAN, row);
  vec_push(&over, compile_jump(k, OPCODE_JUMP));
  build_program(k->b)->fans[row].body = build_here(k->b);
  k->member = &member;
  k->slots = member.slot + 1;
  k->kinds[member.slot] = member.kind;
  k->gate = k->retry = NONE_INDEX;
  k->alive = true;
  compile_block(k, body);
  if (k->alive) build_op(k->b, OPCODE_MEMBER_DONE, 0);
  k->member = member.outer;
  k->slots = slots;
  k->gate = gate;
  k->retry = retry;
  k->alive = false;
  if (f->on_stop) {
    build_program(k->b)->fans[row].on_stop = build_here(k->b);
    k->alive = true;
    compile_mark(k, f->on_stop);
    compile_statement(k, f->on_stop);
  }
  compile_land(k, &over);
}

void compile_each_statement(Compiler *k, const Each *e) { fan(k, (const Fan *)e->fan, NONE_INDEX, e->body); }

void compile_step(Compiler *k, const Step *s) {
  uint32_t outer = k->step, row_of;
  StepRow row = {compile_atom(k, s->name.atom), compile_plain_text(k, s->title), NONE_INDEX, compile_line(k, s->node.span.lo), outer};
  row_of = k->step = build_row(k->b, steps, &row);
  build_op(k->b, OPCODE_STEP_BEGIN, k->step);
  if (s->fan) fan(k, (const Fan *)s->fan, k->step, s->body);
  else compile_block(k, s->body);
  if (k->alive) build_op(k->b, OPCODE_STEP_END, k->step);
  k->step = outer;
  if (k->alive && s->name.symbol) compile_selects_after(k, s->name.symbol, row_of);
}

/* ---- lockouts ---- */

static Slice automation_rows(Compiler *k, const NodeList *words) {
  VEC(uint32_t) rows = {0};
  for (uint32_t i = 0; i < words->len; i++) vec_push(&rows, ((const Word *)words->items[i])->name.symbol->index);
  Slice list = build_list(k->b, rows.items, rows.len);
  vec_done(&rows);
  return list;
}

static CodeRef always(Compiler *k) {
  build_region_begin(k->b);
  build_int(k->b, 1);
  return build_region_end(k->b);
}

/* `first 1 rack`: the kind that a word means, in the singular or the plural. */
static uint32_t kind_called(Compiler *k, const Name *word, uint32_t otherwise) {
  for (uint32_t i = 0; i < k->c->kinds.len; i++)
    if (word->atom && (k->c->kinds.items[i].singular == word->atom || k->c->kinds.items[i].plural == word->atom)) return i;
  return otherwise;
}

static void release(Compiler *k, LockoutRow *row, const Release *r) {
  const Binder *b = (const Binder *)r->binder;
  row->release_slot = compile_binder_slot(k, b);
  uint32_t slots = k->slots;
  k->slots = row->release_slot + 1;
  k->kinds[row->release_slot] = row->kind;
  if (b->where) row->release = compile_value_region(k, b->where);
  k->slots = slots;
  row->as_soon_as_done = r->each_when_done != 0;
  row->release_order = automation_rows(k, &r->order);
  row->watch = compile_constant(r->watch);
  if (!r->first) return;
  row->canary_count = (uint32_t)compile_constant(r->first);
  row->canary_kind = type_is(r->first->type, TYPE_COUNT) ? type_ref(r->first->type) : kind_called(k, &r->first_kind, row->kind);
}

static uint32_t lockout_row(Compiler *k, const Lockout *l) {
  LockoutRow row = {.kind = compile_source_kind(l->set), .set = NONE_INDEX, .canary_kind = NONE_INDEX};
  row.automations = automation_rows(k, &l->automations);
  const Symbol *set = compile_frozen_set(k, l->set);
  if (set) row.set = set->index;
  row.members = compile_members(k, l->set);
  row.because = compile_text_region(k, l->because);
  row.limits = compile_limits(k, &l->limits);
  row.line = compile_line(k, l->node.span.lo);
  row.release_slot = compile_spare_slot(k, l->node.span);
  for (uint32_t i = 0; i < l->release.len; i++) {
    const Node *n = l->release.items[i];
    if (n->kind == AST_RELEASE) release(k, &row, (const Release *)n);
    else if (n->kind == AST_HAND_OVER) row.hand_over = ((const HandOver *)n)->role.symbol->index;
  }
  if (!row.release) row.release = always(k);
  return build_row(k->b, lockouts, &row);
}

void compile_lockout(Compiler *k, const Lockout *l) {
  uint32_t row = lockout_row(k, l);
  Fixups locked = {0};
  build_op(k->b, OPCODE_LOCK, row);
  vec_push(&locked, compile_jump(k, OPCODE_ON_OK));
  compile_handlers(k, &l->handlers, (Wrong){"the lockout could not be taken", 0, "", {0, 0}}, NONE_INDEX, &locked);
  compile_land(k, &locked);
  compile_block(k, l->body);
  if (k->alive) build_op(k->b, OPCODE_UNLOCK, row);
}

/* ---- attempts ---- */

void compile_attempt(Compiler *k, const Attempt *a) {
  uint32_t row = build_row(k->b, attempts, (&(AttemptRow){.line = compile_line(k, a->node.span.lo)})), retry = k->retry;
  build_op(k->b, OPCODE_ATTEMPT, row);
  compile_block(k, a->body);
  bool through = k->alive;
  if (through) build_op(k->b, OPCODE_ATTEMPT_END, row);
  build_program(k->b)->attempts[row].undo = build_here(k->b);
  k->alive = true;
  k->retry = NONE_INDEX;
  if (a->undo) compile_block(k, a->undo);
  if (k->alive) build_op(k->b, OPCODE_UNDO_END, row);
  k->retry = retry;
  if (through) build_program(k->b)->attempts[row].end = build_here(k->b);
  k->alive = through;
}

/* ---- guards ---- */

void compile_throughout(Compiler *k, const Throughout *t, NodeList rest) {
  Slice conditions = compile_needs(k, &t->conditions);
  uint32_t row = build_row(k->b, guards, (&(GuardRow){conditions, 0, compile_line(k, t->node.span.lo)}));
  build_op(k->b, OPCODE_GUARD_BEGIN, row);
  if (t->body) compile_block(k, t->body);
  else compile_statements(k, rest);
  Fixups over = {0};
  if (k->alive) {
    build_op(k->b, OPCODE_GUARD_END, row);
    vec_push(&over, compile_jump(k, OPCODE_JUMP));
  }
  build_program(k->b)->guards[row].handler = build_here(k->b);
  k->alive = true;
  compile_handlers(k, &t->handlers, (Wrong){"a condition that must hold throughout does not", 0, "", {0, 0}}, NONE_INDEX, &over);
  compile_land(k, &over);
}

/* ---- settings ---- */

void compile_setting(Compiler *k, const WithSetting *s) {
  AdjustRow row = {.setting = s->name.symbol->index, .kind = compile_source_kind(s->set), .line = compile_line(k, s->node.span.lo)};
  row.members = compile_members(k, s->set);
  row.value = compile_value_region(k, s->value);
  uint32_t at = build_row(k->b, adjusts, &row);
  Fixups set = {0};
  build_op(k->b, OPCODE_SET_BEGIN, at);
  vec_push(&set, compile_jump(k, OPCODE_ON_OK));
  compile_handlers(k, &s->handlers, (Wrong){"", s->name.atom, " could not be set", {0, 0}}, NONE_INDEX, &set);
  compile_land(k, &set);
  compile_block(k, s->body);
  if (k->alive) build_op(k->b, OPCODE_SET_END, at);
}

/* ---- gates ---- */

static Slice gate_asks(Compiler *k, const NodeList *asks) {
  Slice s = {build_program(k->b)->asks_count, asks->len};
  for (uint32_t i = 0; i < asks->len; i++) {
    const Asks *a = (const Asks *)asks->items[i];
    build_row(k->b, asks, (&(AskRow){compile_atom(k, a->name.atom), compile_value_type(a->type->type)}));
  }
  return s;
}

static uint32_t gate_row(Compiler *k, const Gate *g) {
  const Fan *f = (const Fan *)g->fan;
  GateRow row = {.name = compile_atom(k, g->name.atom), .role = g->role.symbol->index, .kind = NONE_INDEX, .once = f == NULL};
  uint32_t slots = k->slots;
  if (f) {
    row.kind = fan_kind(f);
    row.slot = compile_binder_slot(k, (const Binder *)f->binder);
    row.members = compile_fan_members(k, f);
    k->slots = row.slot + 1;
    k->kinds[row.slot] = row.kind;
  }
  row.text = compile_text_region(k, g->text);
  k->slots = slots;
  row.within = compile_value_region(k, g->within);
  row.until_last_safe = g->until_last_safe != 0;
  row.asks = gate_asks(k, &g->asks);
  row.line = compile_line(k, g->node.span.lo);
  uint32_t at = build_row(k->b, gates, &row);
  if (g->name.symbol) compile_frame_of(k, g->name.symbol->body)->gates[g->name.symbol->index] = at;
  return at;
}

void compile_gate(Compiler *k, const Gate *g) {
  uint32_t row = gate_row(k, g), again = build_here(k->b), outer = k->gate;
  Fixups yes = {0};
  build_op(k->b, OPCODE_GATE, row);
  vec_push(&yes, compile_jump(k, OPCODE_ON_OK));
  k->gate = g->fan ? row : NONE_INDEX;
  compile_handlers(k, &g->handlers, (Wrong){"no yes of gate ", g->name.atom, "", {0, 0}}, again, &yes);
  k->gate = outer;
  compile_land(k, &yes);
}
