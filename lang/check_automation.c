/* check_automation: automations, hazards and settings are well formed; and the rules of policies. */
#include <config.h>

#include "lang/check.h"

/* ---- automations and hazards ---- */

static void declare_on(Checker *k, const Symbol *s, Node *on) {
  if (!on || on->kind != AST_PARAM) return;
  ParamDecl *p = (ParamDecl *)on;
  Symbol *var = symbol_new(k, SYM_VAR, NS_VALUE, &p->name, &p->node);
  var->index = k->slots++;
  var->entity_kind = s->entity_kind;
  var->type = s->entity_kind == TYPE_NO_KIND ? type_plain(TYPE_POISON) : type_of(TYPE_ENTITY, s->entity_kind);
  p->name.symbol = var;
  declare_local(k, var, "the variable");
}

static void check_lock(Checker *k, AutoLock *l) {
  if (l->takes && l->takes->kind == AST_TAKES) check_takes(k, (Takes *)l->takes);
  if (l->quiet) check_duration(k, l->quiet, "how long it takes to be quiet", false);
}

static void check_trigger(Checker *k, AutoWhen *w) {
  if (w->condition) check_condition(k, w->condition);
  check_effects(k, &w->effects);
  check_text(k, w->why);
}

/* Returns the `lock` clause. */
static Node *check_auto_clauses(Checker *k, const Symbol *s, Node *on, NodeList *clauses) {
  Node *lock = NULL;
  ScopeMark mark = enter_names(k);
  declare_on(k, s, on);
  for (uint32_t i = 0; i < clauses->len; i++) {
    Node *n = clauses->items[i];
    if (n->kind == AST_AUTO_WHEN) check_trigger(k, (AutoWhen *)n);
    else if (n->kind == AST_EFFECT) check_effects(k, &(NodeList){&clauses->items[i], 1});
    else if (n->kind == AST_AUTO_LOCK) check_lock(k, (AutoLock *)(lock = n));
  }
  leave_names(k, mark);
  return lock;
}

void check_automation(Checker *k, Symbol *s) {
  AutomationDecl *a = (AutomationDecl *)s->decl;
  if (check_auto_clauses(k, s, a->on, &a->clauses) || incomplete(k, &a->node)) return;
  Diag *d = diag_new(k->c->sink, E_NO_LOCK, s->span, "the automation `%s` does not say how it is locked",
                     name_text(k, s->name));
  diag_note(k->c->sink, d,
            "say how long that takes: `lock takes 5s to 30s, at most 3min, quiet within 10min`");
  diag_note(k->c->sink, d, "what cannot be locked is a `hazard`");
}

void check_hazard(Checker *k, Symbol *s) {
  HazardDecl *h = (HazardDecl *)s->decl;
  check_auto_clauses(k, s, h->on, &h->clauses);
}

/* ---- settings ---- */

void check_setting(Checker *k, Symbol *s) {
  SettingDecl *d = (SettingDecl *)s->decl;
  for (uint32_t i = 0; i < d->clauses.len; i++)
    if (d->clauses.items[i]->kind == AST_TAKES) check_takes(k, (Takes *)d->clauses.items[i]);
  if (d->kinds.len > 1)
    diag_new(k->c->sink, E_SETTING_KIND, d->kinds.items[1]->span,
             "a setting is of one kind: declare one for each");
}

/* ---- policies ---- */

static void check_rule_values(Checker *k, Node *target, NodeList *values) {
  check_fact_target(k, target);
  TypeId fact = target->type;
  for (uint32_t i = 0; i < values->len && !type_silent(fact); i++) {
    TypeId t = check_expr(k, values->items[i], fact);
    if (!type_silent(t) && !type_compatible(fact, t)) report_type(k, values->items[i], type_text(k->c, fact));
  }
}

static void check_never_call(Checker *k, NeverCall *n) {
  if (n->call && n->call->kind == AST_CALL) {
    Call *call = (Call *)n->call;
    Symbol *s = resolve_global(k, &call->name, NS_ACTION, "the action");
    if (s && s->kind == SYM_ACTION)
      check_arguments(k, call->node.span, &call->args, &((ActionDecl *)s->decl)->params, s);
    else if (s)
      diag_new(k->c->sink, E_WRONG_NAME, call->name.span,
               "a policy speaks of actions, and this is a procedure");
  }
  if (n->unless) check_condition(k, n->unless);
}

static void check_rule(Checker *k, Node *n) {
  switch (n->kind) {
  case AST_NEVER_MAKE: {
    NeverMake *m = (NeverMake *)n;
    check_rule_values(k, m->target, &m->values);
    if (m->unless) check_condition(k, m->unless);
    break;
  }
  case AST_NEVER_CALL: check_never_call(k, (NeverCall *)n); break;
  case AST_NEVER_LET:
    check_rule_values(k, ((NeverLet *)n)->target, &((NeverLet *)n)->values);
    if (((NeverLet *)n)->unless) check_condition(k, ((NeverLet *)n)->unless);
    break;
  default: break; /* `finally` needs no check; anything else the parser refused */
  }
}

void check_policy(Checker *k, Symbol *s) {
  PolicyDecl *p = (PolicyDecl *)s->decl;
  ScopeMark mark = enter_names(k);
  declare_params(k, &p->params, LIMIT_PARAMS, NULL);
  for (uint32_t i = 0; i < p->rules.len; i++) check_rule(k, p->rules.items[i]);
  leave_names(k, mark);
  if (p->rules.len == 0 && !incomplete(k, &p->node))
    diag_new(k->c->sink, W_EMPTY, s->span, "the policy `%s` has no rule", name_text(k, s->name));
}
