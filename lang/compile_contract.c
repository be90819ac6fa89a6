/* compile_contract: what the library declares: contracts of the actions that a runbook can reach, automations, hazards.
 * Their code sees their parameters in variables 0.. . */
#include <config.h>

#include "lang/compile_core.h"

/* ---- rows of conditions and effects ---- */

Slice compile_needs(Compiler *k, const NodeList *conditions) {
  Slice s = {build_program(k->b)->need_rows_count, conditions->len};
  for (uint32_t i = 0; i < conditions->len; i++) {
    const Node *n = conditions->items[i];
    const Over *over = n->kind == AST_OVER ? (const Over *)n : NULL;
    const Node *condition = over ? over->condition : n->kind == AST_NEEDS ? ((const Needs *)n)->condition : n;
    NeedRow row = {.condition = compile_value_region(k, condition), .text = compile_slice(k, condition->span)};
    if (over) row.over = compile_value_region(k, over->duration);
    row.line = compile_line(k, n->span.lo);
    build_row(k->b, need_rows, &row);
  }
  return s;
}

/* Region: collects what an effect is on. */
static CodeRef effect_targets(Compiler *k, const Node *over, const Node *object) {
  uint32_t slots = k->slots;
  build_region_begin(k->b);
  compile_mark(k, object);
  Loop loop = {0};
  if (over) loop = compile_each_filtered(k, (const Binder *)over);
  compile_expr(k, object);
  build_op(k->b, OPCODE_COLLECT, 0);
  if (over) compile_round(k, &loop);
  k->slots = slots;
  return build_region_end(k->b);
}

static void effect_values(Compiler *k, const Effect *e, EffectRow *row) {
  VEC(uint32_t) codes = {0};
  bool words = type_is(e->target->type, TYPE_ENUM);
  for (uint32_t i = 0; words && i < e->values.len; i++) {
    int64_t code;
    if (constant_value(e->values.items[i], &code)) vec_push(&codes, (uint32_t)code);
  }
  row->values = build_list(k->b, codes.items, codes.len);
  if (!words && !e->over && e->values.len == 1) row->value = compile_value_region(k, e->values.items[0]);
  vec_done(&codes);
}

static void effect_row(Compiler *k, const Effect *e) {
  const Of *target = (const Of *)e->target;
  EffectRow row = {.fact = target->name.symbol->index, .kind = type_ref(target->object->type), .may = e->mode != EFFECT_IS};
  row.targets = effect_targets(k, e->over, target->object);
  effect_values(k, e, &row);
  build_row(k->b, effects, &row);
}

static Slice effects_of(Compiler *k, const NodeList *clauses, AstKind kind) {
  Slice s = {build_program(k->b)->effects_count, 0};
  for (uint32_t i = 0; i < clauses->len; i++) {
    const Node *n = clauses->items[i];
    if (n->kind != kind) continue;
    const NodeList *effects = kind == AST_MAKES ? &((const Makes *)n)->effects : &((const OnFailure *)n)->effects;
    for (uint32_t e = 0; e < effects->len; e++) effect_row(k, (const Effect *)effects->items[e]);
  }
  s.count = build_program(k->b)->effects_count - s.first;
  return s;
}

/* ---- actions ---- */

static Slice learns(Compiler *k, const NodeList *clauses) {
  Slice s = {build_program(k->b)->learns_count, 0};
  for (uint32_t i = 0; i < clauses->len; i++) {
    if (clauses->items[i]->kind != AST_LEARNS) continue;
    const NodeList *targets = &((const Learns *)clauses->items[i])->targets;
    for (uint32_t t = 0; t < targets->len; t++) {
      const Of *of = (const Of *)targets->items[t];
      LearnRow row = {of->name.symbol->index, type_ref(of->object->type), effect_targets(k, NULL, of->object)};
      build_row(k->b, learns, &row);
    }
  }
  s.count = build_program(k->b)->learns_count - s.first;
  return s;
}

static void takes(const Takes *t, int64_t *low, int64_t *high, int64_t *most) {
  *low = compile_constant(t->low);
  *high = t->high ? compile_constant(t->high) : *low;
  *most = t->most ? compile_constant(t->most) : *high;
}

static void repeat(Compiler *k, const Repeat *r, ActionRow *row) {
  static const uint8_t rules[] = {[REPEAT_SAFE] = REPEAT_RULE_SAFE, [REPEAT_CHECK] = REPEAT_RULE_CHECK, [REPEAT_ASK] = REPEAT_RULE_ASK};
  row->repeat = rules[r->mode];
  row->check = compile_value_region(k, r->condition);
}

static void action_clause(Compiler *k, const Node *n, ActionRow *row, uint32_t *service) {
  switch (n->kind) {
  case AST_TAKES: takes((const Takes *)n, &row->takes_low, &row->takes_high, &row->takes_most); return;
  case AST_MAY_LAND: row->may_land = compile_constant(((const MayLand *)n)->until); return;
  case AST_REPEAT: repeat(k, (const Repeat *)n, row); return;
  case AST_THROUGH: *service = ((const Through *)n)->service.symbol->index; return;
  case AST_IN_FLIGHT: *service = ((const InFlight *)n)->per.symbol->index; return;
  case AST_UNDO: {
    const Call *call = (const Call *)((const Undo *)n)->call;
    if (call) row->undo = compile_action(k, call->name.symbol);
    row->has_undo_none = call == NULL;
    return;
  }
  default: return; /* needs and effects are gathered from all clauses */
  }
}

Slice compile_params(Compiler *k, const NodeList *params) {
  Slice s = {build_program(k->b)->param_types_count, params->len};
  for (uint32_t i = 0; i < params->len; i++) {
    const ParamDecl *p = (const ParamDecl *)params->items[i];
    ValueType type = compile_value_type(p->type->type);
    build_row(k->b, param_types, &type);
    k->kinds[i] = type_is(p->type->type, TYPE_ENTITY) ? type_ref(p->type->type) : NONE_INDEX;
  }
  k->slots = params->len;
  return s;
}

static NodeList only(Compiler *k, const NodeList *clauses, AstKind kind) {
  NodeList list = {arena_new_array(k->arena, Node *, clauses->len), 0};
  for (uint32_t i = 0; i < clauses->len; i++)
    if (clauses->items[i]->kind == kind) list.items[list.len++] = clauses->items[i];
  return list;
}

static void contract(Compiler *k, uint32_t at) {
  const Symbol *s = k->wanted.items[at];
  const ActionDecl *a = (const ActionDecl *)s->decl;
  Frame frame = {.params = a->params};
  uint32_t service = NONE_INDEX;
  k->frame = &frame;
  ActionRow row = {.name = compile_atom(k, s->name), .title = compile_plain_text(k, a->title), .undo = NONE_INDEX, .repeat = REPEAT_RULE_ASK};
  row.params = compile_params(k, &a->params);
  NodeList needs = only(k, &a->clauses, AST_NEEDS);
  row.needs = compile_needs(k, &needs);
  row.makes = effects_of(k, &a->clauses, AST_MAKES);
  row.on_failure = effects_of(k, &a->clauses, AST_ON_FAILURE);
  row.learns = learns(k, &a->clauses);
  for (uint32_t i = 0; i < a->clauses.len; i++) action_clause(k, a->clauses.items[i], &row, &service);
  row.services = build_list(k->b, &service, service != NONE_INDEX);
  build_program(k->b)->actions[at] = row;
  k->slots = 0;
}

/* An action's undo may want one more. */
void compile_contracts(Compiler *k) {
  for (uint32_t i = 0; i < k->wanted.len; i++) contract(k, i);
}

/* ---- automations and hazards ---- */

static Slice effect_list(Compiler *k, const NodeList *effects) {
  Slice s = {build_program(k->b)->effects_count, effects->len};
  for (uint32_t i = 0; i < effects->len; i++) effect_row(k, (const Effect *)effects->items[i]);
  return s;
}

static Slice triggers(Compiler *k, uint32_t kind, const NodeList *clauses) {
  Slice s = {build_program(k->b)->triggers_count, 0};
  Frame frame = {0};
  k->frame = &frame;
  k->slots = 1;
  k->kinds[0] = kind;
  for (uint32_t i = 0; i < clauses->len; i++) {
    Node *n = clauses->items[i];
    TriggerRow row = {0};
    if (n->kind == AST_AUTO_WHEN) {
      const AutoWhen *w = (const AutoWhen *)n;
      row = (TriggerRow){compile_value_region(k, w->condition), effect_list(k, &w->effects), compile_plain_text(k, w->why)};
    } else if (n->kind == AST_EFFECT) {
      row.effects = effect_list(k, &(NodeList){&n, 1});
    } else {
      continue;
    }
    build_row(k->b, triggers, &row);
  }
  k->slots = 0;
  s.count = build_program(k->b)->triggers_count - s.first;
  return s;
}

static void automation_clause(const Node *n, AutomationRow *row) {
  if (n->kind == AST_AUTO_BACKLOG) row->backlog_replay = ((const AutoBacklog *)n)->mode == BACKLOG_REPLAY;
  if (n->kind != AST_AUTO_LOCK) return;
  const AutoLock *l = (const AutoLock *)n;
  if (l->takes) takes((const Takes *)l->takes, &row->lock_low, &row->lock_high, &row->lock_most);
  row->quiet = compile_constant(l->quiet);
}

void compile_adversaries(Compiler *k) {
  for (uint32_t i = 0; i < k->c->automations.len; i++) {
    const Symbol *s = k->c->automations.items[i];
    const AutomationDecl *a = (const AutomationDecl *)s->decl;
    AutomationRow row = {.name = compile_atom(k, s->name), .title = compile_plain_text(k, a->title), .kind = s->entity_kind};
    row.triggers = triggers(k, s->entity_kind, &a->clauses);
    for (uint32_t c = 0; c < a->clauses.len; c++) automation_clause(a->clauses.items[c], &row);
    build_row(k->b, automations, &row);
  }
  for (uint32_t i = 0; i < k->c->hazards.len; i++) {
    const Symbol *s = k->c->hazards.items[i];
    const HazardDecl *h = (const HazardDecl *)s->decl;
    HazardRow row = {compile_atom(k, s->name), compile_plain_text(k, h->title), s->entity_kind, triggers(k, s->entity_kind, &h->clauses)};
    build_row(k->b, hazards, &row);
  }
}
