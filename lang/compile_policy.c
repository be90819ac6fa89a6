/* compile_policy: the policies that a runbook obeys, as rows: what no run of it may do. They speak of effects, so that the
 * proof and the engine can hold every action, whatever its name, against them. A rule about an action that the runbook never
 * reaches has no row. Code of a rule sees the policy's parameters in variables 0.. . */
#include <config.h>

#include "lang/compile_core.h"

/* The codes of the values that are forbidden; `not on` is every other word. */
static Slice forbidden(Compiler *k, const Node *target, const NodeList *values, bool negated) {
  VEC(uint32_t) codes = {0};
  uint32_t words = type_is(target->type, TYPE_ENUM) ? k->c->enums.items[type_ref(target->type)].word_len : 0;
  uint8_t named[LIMIT_WORDS + 1] = {0};
  for (uint32_t i = 0; words && i < values->len; i++) {
    int64_t code;
    if (constant_value(values->items[i], &code) && code > 0 && code <= words) named[code] = 1;
  }
  for (uint32_t code = 1; code <= words && code <= LIMIT_WORDS; code++)
    if (named[code] != negated) vec_push(&codes, code);
  Slice s = build_list(k->b, codes.items, codes.len);
  vec_done(&codes);
  return s;
}

static void about_fact(Compiler *k, RuleRow *row, const Node *target, const NodeList *values, bool negated) {
  const Of *of = (const Of *)target;
  row->fact = of->name.symbol->index;
  row->kind = type_ref(of->object->type);
  row->target = compile_value_region(k, of->object);
  row->values = forbidden(k, target, values, negated);
}

/* False: the runbook never reaches the action. */
static bool about_call(Compiler *k, RuleRow *row, const Call *call) {
  uint32_t action = k->actions[call->name.symbol->index];
  if (action == NONE_INDEX || call->args.len == 0) return false;
  row->action = action;
  row->target = compile_value_region(k, call->args.items[0]);
  if (type_is(call->args.items[0]->type, TYPE_ENTITY)) row->kind = type_ref(call->args.items[0]->type);
  return row->kind != NONE_INDEX;
}

static bool rule_row(Compiler *k, const Node *n, RuleRow *row) {
  const Node *unless = NULL;
  switch (n->kind) {
  case AST_NEVER_MAKE: {
    const NeverMake *m = (const NeverMake *)n;
    row->form = RULE_FORM_MAKE;
    about_fact(k, row, m->target, &m->values, m->negated);
    unless = m->unless;
    break;
  }
  case AST_NEVER_LET: {
    const NeverLet *l = (const NeverLet *)n;
    row->form = RULE_FORM_LET;
    about_fact(k, row, l->target, &l->values, false);
    unless = l->unless;
    break;
  }
  case AST_NEVER_CALL:
    row->form = RULE_FORM_CALL;
    if (!about_call(k, row, (const Call *)((const NeverCall *)n)->call)) return false;
    unless = ((const NeverCall *)n)->unless;
    break;
  case AST_FINALLY:
    row->form = ((const Finally *)n)->rule == FINALLY_RELEASED ? RULE_FORM_RELEASED : RULE_FORM_NOT_ABANDONED;
    break;
  default: return false;
  }
  if (unless) row->unless = compile_value_region(k, unless);
  return true;
}

static void policy(Compiler *k, const Symbol *s) {
  const PolicyDecl *d = (const PolicyDecl *)s->decl;
  Frame frame = {.params = d->params};
  k->frame = &frame;
  PolicyRow row = {.name = compile_atom(k, s->name), .title = compile_plain_text(k, d->title)};
  row.params = compile_params(k, &d->params);
  row.rules.first = build_program(k->b)->rules_count;
  row.line = compile_line(k, s->span.lo);
  for (uint32_t i = 0; i < d->rules.len; i++) {
    RuleRow rule = {.fact = NONE_INDEX, .kind = NONE_INDEX, .action = NONE_INDEX};
    if (!rule_row(k, d->rules.items[i], &rule)) continue;
    rule.text = compile_slice(k, d->rules.items[i]->span);
    rule.line = compile_line(k, d->rules.items[i]->span.lo);
    build_row(k->b, rules, &rule);
  }
  row.rules.count = build_program(k->b)->rules_count - row.rules.first;
  build_row(k->b, policies, &row);
  k->slots = 0;
}

void compile_policies(Compiler *k) {
  for (uint32_t i = 0; i < k->runbook->clauses.len; i++) {
    const Node *n = k->runbook->clauses.items[i];
    if (n->kind != AST_OBEY) continue;
    const Obey *o = (const Obey *)n;
    for (uint32_t j = 0; j < o->names.len; j++) policy(k, ((const Word *)o->names.items[j])->name.symbol);
  }
}
