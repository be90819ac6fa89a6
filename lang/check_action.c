/* check_action: contracts are well formed. What an action makes and may leave behind are values that its
 * facts have; its deadline, its undo and its rule for a repetition fit. Whether runbooks keep the needs is
 * the proof's. */
#include <config.h>

#include "lang/check.h"

/* ---- effects ---- */

static void check_effect_value(Checker *k, const Effect *e, Node *value, TypeId fact) {
  TypeId t = check_expr(k, value, fact);
  if (type_silent(t)) return;
  if (type_is(t, TYPE_UNKNOWN)) {
    Diag *d =
        diag_new(k->c->sink, E_EFFECT_VALUE, value->span, "`unknown` is no value that something can be made");
    if (e->mode != EFFECT_IS)
      diag_note(k->c->sink, d, "it is always possible: after a failure nothing is known until it is read");
    return;
  }
  if (!type_compatible(fact, t)) report_type(k, value, type_text(k->c, fact));
}

void check_fact_target(Checker *k, Node *target) {
  TypeId t = check_expr(k, target, 0);
  if (type_silent(t)) return;
  if (target->kind == AST_OF && of_meaning((Of *)target) == OF_FACT) return;
  diag_new(k->c->sink, E_EFFECT_TARGET, target->span, "this is no fact: only facts change");
  target->type = type_plain(TYPE_POISON);
}

static void check_effect(Checker *k, Effect *e) {
  ScopeMark mark = enter_names(k);
  if (e->over) open_binder(k, ast_cast(Binder, BINDER, e->over), TYPE_NO_KIND);
  check_fact_target(k, e->target);
  if (!type_silent(e->target->type))
    for (uint32_t i = 0; i < e->values.len; i++)
      check_effect_value(k, e, e->values.items[i], e->target->type);
  if (e->mode == EFFECT_IS && e->values.len > 1)
    diag_new(k->c->sink, E_EFFECT_VALUE, e->values.items[1]->span,
             "an action makes one value true, not one of several");
  leave_names(k, mark);
}

void check_effects(Checker *k, NodeList *effects) {
  for (uint32_t i = 0; i < effects->len; i++) check_effect(k, ast_cast(Effect, EFFECT, effects->items[i]));
}

static bool effects_write(const NodeList *effects, Atom fact) {
  for (uint32_t i = 0; i < effects->len; i++) {
    const Effect *e = (const Effect *)effects->items[i];
    if (e->target->kind == AST_OF && ((const Of *)e->target)->name.atom == fact) return true;
  }
  return false;
}

/* ---- two effects on the same fact of the same thing ---- */

static bool same_target(const Effect *a, const Effect *b) {
  if (a->target->kind != AST_OF || b->target->kind != AST_OF) return false;
  if (((const Of *)a->target)->name.symbol != ((const Of *)b->target)->name.symbol) return false;
  if ((a->over == NULL) != (b->over == NULL)) return false;
  if (a->over && !ast_equal(a->over, b->over)) return false;
  return ast_equal(a->target, b->target);
}

static void check_contradictions(Checker *k, const NodeList *clauses) {
  const Effect *seen[COMPARED];
  uint32_t len = 0;
  for (uint32_t i = 0; i < clauses->len; i++) {
    if (clauses->items[i]->kind != AST_MAKES) continue;
    const NodeList *effects = &((const Makes *)clauses->items[i])->effects;
    for (uint32_t j = 0; j < effects->len && len < COMPARED; j++) {
      const Effect *e = (const Effect *)effects->items[j];
      for (uint32_t f = 0; f < len; f++) {
        if (e->node.poison || type_silent(e->target->type) || !same_target(seen[f], e)) continue;
        Diag *d = diag_new(k->c->sink, E_EFFECT_CLASH, e->node.span,
                           "the action makes two things of the same fact");
        diag_label(k->c->sink, d, seen[f]->node.span, "the first one");
      }
      seen[len++] = e;
    }
  }
}

/* ---- the other clauses ---- */

static void check_undo(Checker *k, const Symbol *action, Undo *u) {
  if (!u->call || u->call->kind != AST_CALL) return;
  Call *call = (Call *)u->call;
  Symbol *s = resolve_global(k, &call->name, NS_ACTION, "the action");
  if (!s) return;
  if (s->kind != SYM_ACTION || s == action) {
    diag_new(k->c->sink, E_UNDO, call->name.span,
             s == action ? "an action does not undo itself" : "a procedure undoes no action");
    return;
  }
  check_arguments(k, call->node.span, &call->args, &((ActionDecl *)s->decl)->params, s);
}

static void check_repeat(Checker *k, Repeat *r) {
  if (r->mode != REPEAT_CHECK || !r->condition) return;
  if (check_condition_facts(k, r->condition) || r->condition->poison) return;
  Diag *d = diag_new(k->c->sink, E_REPEAT, r->condition->span,
                     "this reads no fact: it says nothing of what was done before the crash");
  diag_note(k->c->sink, d, "after a crash the condition is read; where it holds the action was done");
}

static bool constant_count(Checker *k, Node *e, const char *what, int64_t *ret) {
  if (!check_value(k, e, type_plain(TYPE_INT), what)) return false;
  if (!constant_value(e, ret)) {
    diag_new(k->c->sink, E_CONSTANT_NEEDED, e->span, "%s is the same for every run", what);
    return false;
  }
  if (*ret > 0) return true;
  diag_new(k->c->sink, E_LIMIT_ZERO, e->span, "%s is at least 1", what);
  return false;
}

static void report_service(Checker *k, const Node *now, const Node *first, const Symbol *service) {
  Diag *d = diag_new(k->c->sink, E_SERVICE_CLASH, now->span, "service `%s` is given two different limits",
                     name_text(k, service->name));
  diag_label(k->c->sink, d, first->span, "the other one");
  diag_note(k->c->sink, d, "a service is shared by every action that goes through it: it has one limit");
}

static void check_overdue(Checker *k, ServiceInfo *s, Node *clause, Node *most) {
  int64_t count;
  if (!most || !constant_count(k, most, "what may be overdue", &count)) return;
  if (!s->late) {
    s->late = clause;
    s->overdue = count;
  } else if (s->overdue != count) {
    report_service(k, clause, s->late, s->symbol);
  }
}

/* So many at once: said by `through` or by `in flight`. */
static void check_flying(Checker *k, const Name *service, Node *clause, Node *amount, const Symbol *group, Node *overdue) {
  int64_t count;
  if (!service->symbol || !constant_count(k, amount, "what may be in flight", &count)) return;
  ServiceInfo *s = &k->c->services.items[service->symbol->index];
  if (!s->flight) {
    s->flight = clause;
    s->in_flight = count;
    s->group = group;
  } else if (s->in_flight != count || s->group != group) {
    report_service(k, clause, s->flight, s->symbol);
    return;
  }
  check_overdue(k, s, clause, overdue);
}

/* `4 at once per node`: places of their own for each node that the action's first parameter is, or is in. */
static void check_places(Checker *k, const Symbol *action, Through *t) {
  Limit *l = (Limit *)t->limit;
  const NodeList *params = &((const ActionDecl *)action->decl)->params;
  const ParamDecl *first = params->len > 0 ? (const ParamDecl *)params->items[0] : NULL;
  bool entity = first && first->type && type_is(first->type->type, TYPE_ENTITY);
  if (l->group.atom && !entity) {
    diag_new(k->c->sink, E_LIMIT_UNIT, l->group.span, "the first parameter of `%s` is no member of a kind: nothing says whose places are meant",
             name_text(k, action->name));
    return;
  }
  check_group(k, l, entity ? type_ref(first->type->type) : TYPE_NO_KIND);
  if (l->group.atom && !l->group.symbol) return;
  check_flying(k, &t->service, &t->node, l->amount, l->group.symbol, t->overdue);
}

static void check_through(Checker *k, const Symbol *action, Through *t) {
  Node *amount = NULL, *per = NULL;
  if (!t->limit || !t->service.symbol) return;
  if (t->limit->kind == AST_LIMIT && ((Limit *)t->limit)->mode == LIMIT_AT_ONCE) {
    check_places(k, action, t);
    return;
  }
  if (t->limit->kind == AST_RATE) amount = ((Rate *)t->limit)->amount, per = ((Rate *)t->limit)->per;
  else if (t->limit->kind == AST_LIMIT) amount = ((Limit *)t->limit)->amount, per = ((Limit *)t->limit)->per;
  int64_t count, ms;
  if (!amount || !per || !constant_count(k, amount, "what a service takes", &count)) return;
  if (!check_duration(k, per, "what a rate is per", false) || !constant_value(per, &ms)) return;
  ServiceInfo *s = &k->c->services.items[t->service.symbol->index];
  if (!s->through) {
    s->through = &t->node;
    s->amount = count;
    s->per = ms;
  } else if (s->amount != count || s->per != ms) {
    report_service(k, &t->node, s->through, s->symbol);
  }
}

static void check_one_service(Checker *k, const NodeList *clauses) {
  const Name *first = NULL;
  for (uint32_t i = 0; i < clauses->len; i++) {
    const Node *n = clauses->items[i];
    const Name *name = n->kind == AST_THROUGH     ? &((const Through *)n)->service
                       : n->kind == AST_IN_FLIGHT ? &((const InFlight *)n)->per
                                                  : NULL;
    if (!name || !name->symbol) continue;
    if (!first) first = name;
    if (first->symbol == name->symbol) continue;
    Diag *d = diag_new(k->c->sink, E_SERVICE_CLASH, name->span, "an action goes through one service");
    diag_label(k->c->sink, d, first->span, "the other one");
  }
}

static void check_learns(Checker *k, Learns *l) {
  for (uint32_t i = 0; i < l->targets.len; i++) check_fact_target(k, l->targets.items[i]);
}

static bool mentions_gate(const Node *e) {
  if (e->kind == AST_GATE_REF) return true;
  if (e->kind != AST_BINARY) return false;
  return mentions_gate(((const Binary *)e)->left) || mentions_gate(((const Binary *)e)->right);
}

static void check_clause(Checker *k, Symbol *s, Node *n) {
  switch (n->kind) {
  case AST_NEEDS: {
    Node *condition = ((Needs *)n)->condition;
    check_condition(k, condition);
    s->needs_gate |= condition && mentions_gate(condition);
    break;
  }
  case AST_MAKES:
    check_effects(k, &((Makes *)n)->effects);
    s->writes_power |= effects_write(&((Makes *)n)->effects, k->power);
    break;
  case AST_ON_FAILURE:
    check_effects(k, &((OnFailure *)n)->effects);
    s->writes_power |= effects_write(&((OnFailure *)n)->effects, k->power);
    break;
  case AST_MAY_LAND: check_duration(k, ((MayLand *)n)->until, "how late an effect may land", false); break;
  case AST_TAKES:
    s->takes = n;
    check_takes(k, (Takes *)n);
    break;
  case AST_UNDO: check_undo(k, s, (Undo *)n); break;
  case AST_REPEAT: check_repeat(k, (Repeat *)n); break;
  case AST_THROUGH: check_through(k, s, (Through *)n); break;
  case AST_IN_FLIGHT: {
    InFlight *f = (InFlight *)n;
    check_flying(k, &f->per, n, f->count, NULL, f->overdue);
    break;
  }
  case AST_LEARNS: check_learns(k, (Learns *)n); break;
  default: break; /* the parser said what was wrong with it */
  }
}

static bool has_clause(const NodeList *clauses, AstKind a, AstKind b) {
  for (uint32_t i = 0; i < clauses->len; i++)
    if (clauses->items[i]->kind == a || clauses->items[i]->kind == b) return true;
  return false;
}

void check_action(Checker *k, Symbol *s) {
  ActionDecl *a = (ActionDecl *)s->decl;
  ScopeMark mark = enter_names(k);
  declare_params(k, &a->params, LIMIT_ACTION_PARAMS, NULL);
  for (uint32_t i = 0; i < a->clauses.len; i++) check_clause(k, s, a->clauses.items[i]);
  leave_names(k, mark);
  check_contradictions(k, &a->clauses);
  check_one_service(k, &a->clauses);
  if (incomplete(k, &a->node)) return;
  if (!s->takes) {
    Diag *d = diag_new(k->c->sink, E_NO_DEADLINE, s->span, "the action `%s` has no deadline",
                       name_text(k, s->name));
    diag_note(k->c->sink, d, "say how long it takes: `takes 1min to 5min, at most 15min`");
  }
  if (!has_clause(&a->clauses, AST_MAKES, AST_LEARNS) && !s->module->source->library)
    diag_new(k->c->sink, W_NO_EFFECT, s->span, "the action `%s` makes nothing true and learns nothing",
             name_text(k, s->name));
}
