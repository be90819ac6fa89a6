/* compile_head: the head of a runbook: parameters, selections, window, budgets, goal, and what is required and left out
 * before its body begins. */
#include <config.h>

#include "lang/compile_core.h"

#include <string.h>

static const Node *next_clause(const NodeList *clauses, AstKind kind, uint32_t *at) {
  for (; *at < clauses->len; ++*at)
    if (clauses->items[*at]->kind == kind) return clauses->items[(*at)++];
  return NULL;
}

#define EACH_CLAUSE(k, Type, KIND, clause) \
  for (uint32_t at_ = 0, more_ = 1; more_;) \
    for (const Type *clause = (const Type *)next_clause(&(k)->runbook->clauses, AST_##KIND, &at_); clause || (more_ = 0); \
         clause = (const Type *)next_clause(&(k)->runbook->clauses, AST_##KIND, &at_))

static CodeRef no_text(Compiler *k) {
  build_region_begin(k->b);
  build_op(k->b, OPCODE_STR, 0);
  return build_region_end(k->b);
}

static void params(Compiler *k) {
  for (uint32_t i = 0; i < k->body->params.len; i++) {
    const Symbol *s = k->body->params.items[i];
    const ParamDecl *p = (const ParamDecl *)s->decl;
    ParamRow row = {compile_atom(k, s->name), compile_plain_text(k, p->title), compile_value_type(s->type), compile_value_region(k, p->value), 0};
    if (compile_is_attachment(k, p)) row.value = no_text(k);
    row.line = compile_line(k, p->node.span.lo);
    build_row(k->b, params, &row);
  }
}

static void sets(Compiler *k) {
  for (uint32_t i = 0; i < k->body->sets.len; i++) {
    const Symbol *s = k->body->sets.items[i];
    const Select *select = (const Select *)s->decl;
    SetRow row = {compile_atom(k, s->name), s->entity_kind, 0, NONE_INDEX, compile_line(k, select->node.span.lo)};
    row.members = compile_filtered(k, (const Binder *)select->binder);
    build_row(k->b, sets, &row);
  }
}

void compile_selects_after(Compiler *k, const Symbol *step, uint32_t row) {
  for (uint32_t i = 0; i < k->body->sets.len; i++) {
    const Select *select = (const Select *)k->body->sets.items[i]->decl;
    if (select->after.atom == 0 || select->after.symbol != step) continue;
    build_program(k->b)->sets[i].after_step = row;
    build_op(k->b, OPCODE_SELECT, i);
  }
}

/* ---- window, budget, goal ---- */

static uint32_t day_bits(Compiler *k, const NodeList *days) {
  static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  uint32_t bits = 0;
  for (uint32_t i = 0; i < days->len; i++) {
    const char *name = intern_text(k->c->names, ((const Word *)days->items[i])->name.atom);
    for (uint32_t d = 0; d < 7; d++)
      if (strcmp(name, names[d]) == 0) bits |= 1u << d;
  }
  return bits ? bits : 0x7f;
}

static Slice dates(Compiler *k, const NodeList *list) {
  VEC(uint32_t) days = {0};
  for (uint32_t i = 0; i < list->len; i++) vec_push(&days, (uint32_t)compile_constant(list->items[i]));
  Slice s = build_list(k->b, days.items, days.len);
  vec_done(&days);
  return s;
}

static void windows(Compiler *k) {
  EACH_CLAUSE(k, Window, WINDOW, w) {
    WindowRow row = {.days = day_bits(k, &w->days), .from = compile_constant(w->from), .to = compile_constant(w->to), .hard = w->hard != 0};
    row.zone = compile_text_region(k, w->zone);
    row.except = dates(k, &w->except);
    row.freeze = compile_plain_text(k, w->freeze);
    for (uint32_t i = 0; i < k->c->calendars.len; i++)
      if (k->c->calendars.items[i].window == &w->node) row.calendar = build_str(k->b, k->c->calendars.items[i].source->text);
    row.line = compile_line(k, w->node.span.lo);
    build_row(k->b, windows, &row);
  }
}

static void budgets(Compiler *k) {
  EACH_CLAUSE(k, Budget, BUDGET, b) {
    const Symbol *of = b->of.symbol;
    BudgetRow row = {of->kind == SYM_KIND ? of->index : of->entity_kind, compile_limits(k, &b->limits), compile_line(k, b->node.span.lo)};
    build_row(k->b, budgets, &row);
  }
}

static void goals(Compiler *k) {
  EACH_CLAUSE(k, Goal, GOAL, g) {
    GoalRow row = {.within = compile_value_region(k, g->within), .line = compile_line(k, g->node.span.lo)};
    k->round_up = true;
    row.back = compile_value_region(k, g->back);
    k->round_up = false;
    build_row(k->b, goals, &row);
  }
}

/* ---- before the body ---- */

static void requires(Compiler *k) {
  EACH_CLAUSE(k, Require, REQUIRE, r) {
    RequireRow row = {.condition = compile_value_region(k, r->condition), .text = compile_text_region(k, r->why)};
    row.written = compile_slice(k, r->condition->span);
    row.asks = compile_asks(r->condition);
    row.line = compile_line(k, r->node.span.lo);
    compile_mark(k, &r->node);
    build_op(k->b, OPCODE_REQUIRE, build_row(k->b, requires, &row));
  }
}

static void embargoes(Compiler *k) {
  EACH_CLAUSE(k, Embargo, EMBARGO, w) {
    EmbargoRow row = {.condition = compile_value_region(k, w->condition), .parks = w->parks != 0};
    row.text = compile_slice(k, w->condition->span);
    row.line = compile_line(k, w->node.span.lo);
    build_row(k->b, embargoes, &row);
  }
}

static CodeRef zero(Compiler *k) {
  build_region_begin(k->b);
  build_int(k->b, 0);
  return build_region_end(k->b);
}

static void leave_outs(Compiler *k) {
  EACH_CLAUSE(k, LeaveOut, LEAVE_OUT, l) {
    const Binder *b = (const Binder *)l->binder;
    LeaveOutRow row = {.set = ((const NameRef *)b->source)->name.symbol->index, .slot = compile_binder_slot(k, b)};
    uint32_t slots = k->slots;
    row.most = l->most ? compile_value_region(k, l->most) : zero(k);
    k->kinds[row.slot] = type_ref(b->source->type);
    k->slots = row.slot + 1;
    row.condition = compile_value_region(k, b->where);
    k->slots = slots;
    row.text = compile_slice(k, b->where->span);
    row.line = compile_line(k, l->node.span.lo);
    compile_mark(k, &l->node);
    build_op(k->b, OPCODE_LEAVE_OUT, build_row(k->b, leave_outs, &row));
  }
}

void compile_head(Compiler *k) {
  Program *p = build_program(k->b);
  p->name = compile_atom(k, k->runbook->name.atom);
  p->title = compile_plain_text(k, k->runbook->title);
  EACH_CLAUSE(k, Owner, OWNER, o) p->owner = compile_plain_text(k, o->text);
  params(k);
  sets(k);
  compile_campaign_member(k);
  windows(k);
  budgets(k);
  goals(k);
  embargoes(k);
  requires(k);
  leave_outs(k);
  compile_watches(k);
}
