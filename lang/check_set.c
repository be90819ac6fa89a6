/* check_set: members and the variables that stand for them: sources, binders, quantifiers; and the conditions
 * about automations, actions and gates. A variable's slot is the number of variables around it. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

static TypeId poison(void) { return type_plain(TYPE_POISON); }
static TypeId truth(void) { return type_plain(TYPE_TRUTH); }

/* ---- where members come from ---- */

bool check_entity(Checker *k, Node *e, uint32_t *ret_kind) {
  TypeId t = check_expr(k, e, 0);
  if (type_silent(t)) return false;
  if (type_is(t, TYPE_ENTITY)) {
    *ret_kind = type_ref(t);
    return true;
  }
  Diag *d = diag_new(k->c->sink, E_NOT_ENTITY, e->span, "this is %s, where one entity is wanted",
                     type_text(k->c, t));
  if (type_is(t, TYPE_SET))
    diag_note(k->c->sink, d, "for all of them: `every x in SET: ...`, `for each x in SET { ... }`");
  return false;
}

bool check_source(Checker *k, Node *e, uint32_t *ret_kind) {
  TypeId t = check_expr(k, e, 0);
  if (type_silent(t)) return false;
  if (type_is(t, TYPE_SET) || type_is(t, TYPE_LIST)) {
    *ret_kind = type_ref(t);
    return true;
  }
  Diag *d = diag_new(k->c->sink, E_NOT_SET, e->span, "this is %s, where a set of members is wanted",
                     type_text(k->c, t));
  if (type_is(t, TYPE_ENTITY)) diag_note(k->c->sink, d, "of one entity, say which members: `nodes of r`");
  return false;
}

static bool take_slot(Checker *k, Symbol *s) {
  s->index = k->slots++;
  if (k->body && k->slots > k->body->slots) k->body->slots = k->slots;
  if (k->slots != LIMIT_SLOTS + 1) return true;
  diag_new(k->c->sink, E_LIMIT, s->span, "more than %u variables in scope", LIMIT_SLOTS);
  return false;
}

Symbol *open_binder(Checker *k, Binder *b, uint32_t kind) {
  if (b->source && !check_source(k, b->source, &kind)) kind = TYPE_NO_KIND;
  Symbol *s = symbol_new(k, SYM_VAR, NS_VALUE, &b->name, &b->node);
  s->type = kind == TYPE_NO_KIND ? poison() : type_of(TYPE_ENTITY, kind);
  s->entity_kind = kind;
  b->name.symbol = s;
  take_slot(k, s);
  declare_local(k, s, "the variable");
  if (++k->iterators == LIMIT_ITERATORS + 1)
    diag_new(k->c->sink, E_LIMIT, b->node.span, "more than %u sets are walked within each other",
             LIMIT_ITERATORS);
  if (b->where) check_condition(k, b->where);
  k->iterators--;
  return s;
}

Symbol *reopen_binder(Checker *k, const Binder *b) {
  const Symbol *before = b->name.symbol;
  Symbol *s = symbol_new(k, SYM_VAR, NS_VALUE, &b->name, before->decl);
  s->type = before->type;
  s->entity_kind = before->entity_kind;
  take_slot(k, s);
  declare_local(k, s, "the variable");
  return s;
}

/* ---- every, some, count ---- */

TypeId check_quantified(Checker *k, Quantified *q) {
  ScopeMark mark = enter_names(k);
  Symbol *var = open_binder(k, ast_cast(Binder, BINDER, q->binder), TYPE_NO_KIND);
  k->iterators++;
  if (q->condition) check_condition(k, q->condition);
  k->iterators--;
  leave_names(k, mark);
  if (q->quantifier != QUANT_COUNT) return truth();
  return var->entity_kind == TYPE_NO_KIND ? poison() : type_of(TYPE_COUNT, var->entity_kind);
}

/* ---- lockout of nsd, anvil on n ---- */

static void check_lock_kind(Checker *k, const Locked *l, const Name *name, uint32_t kind) {
  const Symbol *a = name->symbol;
  if (a->kind != SYM_AUTOMATION || a->entity_kind == TYPE_NO_KIND) return;
  if (kind == a->entity_kind || kind_leads_up(k->c, kind, a->entity_kind)) return;
  Diag *d = diag_new(k->c->sink, E_WRONG_KIND, l->target->span, "`%s` is locked on a %s, and this is a %s",
                     name_text(k, name->atom), kind_text(k, a->entity_kind), kind_text(k, kind));
  diag_label(k->c->sink, d, a->span, "declared here");
}

TypeId check_locked(Checker *k, Locked *l) {
  uint32_t kind = TYPE_NO_KIND;
  bool known = check_entity(k, l->target, &kind);
  for (uint32_t i = 0; i < l->automations.len; i++) {
    Name *name = &ast_cast(Word, WORD, l->automations.items[i])->name;
    Symbol *s = resolve_global(k, name, NS_AUTOMATION, "the automation");
    if (s && s->kind == SYM_HAZARD) {
      Diag *d = diag_new(k->c->sink, E_WRONG_NAME, name->span, "`%s` is a hazard: it cannot be locked",
                         name_text(k, name->atom));
      diag_label(k->c->sink, d, s->span, "declared here");
    } else if (s && known) {
      check_lock_kind(k, l, name, kind);
    }
  }
  return truth();
}

/* ---- shut_down(n) tried since power_on(n) ---- */

static void check_tried_call(Checker *k, Node *n) {
  if (!n || n->kind != AST_CALL) return;
  Call *call = (Call *)n;
  Symbol *s = resolve_global(k, &call->name, NS_ACTION, "the action");
  if (s && s->kind != SYM_ACTION) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, call->name.span,
                       "`%s` is a procedure, where an action is wanted", name_text(k, call->name.atom));
    diag_label(k->c->sink, d, s->span, "declared here");
    s = NULL;
  }
  if (s) check_arguments(k, n->span, &call->args, &((ActionDecl *)s->decl)->params, s);
}

TypeId check_tried(Checker *k, Tried *t) {
  check_tried_call(k, t->call);
  check_tried_call(k, t->since);
  return truth();
}

/* ---- gate electrical_go ---- */

static bool has_member_of(const Checker *k, uint32_t kind) {
  for (uint32_t i = k->scope->locals.len; i-- > 0;) {
    const Symbol *s = k->scope->locals.items[i];
    if (s->kind != SYM_VAR || !type_is(s->type, TYPE_ENTITY)) continue;
    if (type_ref(s->type) == kind || kind_leads_up(k->c, type_ref(s->type), kind)) return true;
  }
  return false;
}

/* In a contract the gate is one of the runbook that calls the action; whoever calls it is checked there. */
TypeId check_gate_ref(Checker *k, GateRef *g) {
  if (k->where == WHERE_CONTRACT) return truth();
  Symbol *s = find_gate(k, &g->name);
  if (!s) return poison();
  if (s->entity_kind == TYPE_NO_KIND || has_member_of(k, s->entity_kind)) return truth();
  Diag *d = diag_new(k->c->sink, E_WRONG_KIND, g->node.span,
                     "the gate says yes per %s, and there is none here", kind_text(k, s->entity_kind));
  diag_label(k->c->sink, d, s->span, "asked here");
  return poison();
}

static Symbol *later_gate(const Checker *k, Atom name) {
  for (uint32_t i = 0; k->body && i < k->body->gates.len; i++)
    if (k->body->gates.items[i]->name == name) return k->body->gates.items[i];
  return NULL;
}

bool gate_in_force(const Checker *k, const Symbol *gate) {
  return !k->undo || gate->span.lo >= k->undo->span.lo;
}

static void report_inherited(Checker *k, const Name *name, const Symbol *gate) {
  Diag *d = diag_new(k->c->sink, E_GATE_BEFORE, name->span, "a roll back inherits no yes of gate `%s`",
                     name_text(k, name->atom));
  diag_label(k->c->sink, d, gate->span, "asked for another purpose");
  diag_note(k->c->sink, d, "what was agreed to was the way there: ask again for the way back");
}

Symbol *find_gate(Checker *k, Name *name) {
  if (name->atom == 0) return NULL;
  Symbol *s = find_local(k, name->atom, NS_GATE);
  if (s && !gate_in_force(k, s)) {
    symbol_used(s);
    report_inherited(k, name, s);
    return NULL;
  }
  if (s) {
    name->symbol = s;
    symbol_used(s);
    return s;
  }
  const char *text = name_text(k, name->atom);
  if (maybe_dropped(k, name->atom) || lost_line(k, "gate")) return NULL;
  if (checker_quiet(k)) {
    diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "no gate is called `%s`", text);
    return NULL;
  }
  s = later_gate(k, name->atom);
  if (s) {
    symbol_used(s);
    Diag *d = diag_new(k->c->sink, E_GATE_BEFORE, name->span, "no yes of gate `%s` can be here", text);
    diag_label(k->c->sink, d, s->span, "it is asked here, on another way or later");
    return NULL;
  }
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "no gate is called `%s`", text);
  Suggest g = suggest_begin(text, strlen(text));
  for (uint32_t i = 0; k->body && i < k->body->gates.len; i++)
    suggest_offer(&g, name_text(k, k->body->gates.items[i]->name));
  suggest_fix(k, d, name->span, &g);
  return NULL;
}

/* ---- arguments ---- */

static void report_argument_count(Checker *k, Span call, const NodeList *args, const NodeList *params,
                                  const Symbol *callee) {
  Diag *d = diag_new(k->c->sink, E_ARGUMENTS, call, "`%s` takes %u argument%s, and %u %s given",
                     name_text(k, callee->name), params->len, params->len == 1 ? "" : "s", args->len,
                     args->len == 1 ? "is" : "are");
  diag_label(k->c->sink, d, callee->span, "declared here");
}

static void check_argument(Checker *k, Node *arg, const ParamDecl *p, const Symbol *callee) {
  TypeId wanted = p->type ? p->type->type : poison();
  TypeId t = check_expr(k, arg, wanted);
  if (type_silent(t) || type_silent(wanted) || t == wanted || type_compatible(t, wanted)) return;
  bool kinds = type_is(t, TYPE_ENTITY) && type_is(wanted, TYPE_ENTITY);
  Diag *d =
      diag_new(k->c->sink, kinds ? E_WRONG_KIND : E_WRONG_TYPE, arg->span, "`%s` wants %s, and this is %s",
               name_text(k, callee->name), type_text(k->c, wanted), type_text(k->c, t));
  diag_label(k->c->sink, d, p->name.span, "the parameter");
  if (kinds && kind_leads_up(k->c, type_ref(t), type_ref(wanted))) {
    const char *word = name_text(k, k->c->kinds.items[type_ref(wanted)].singular);
    diag_fix(k->c->sink, d, (Span){arg->span.hi, arg->span.hi}, false, arena_printf(k->c->arena, ".%s", word),
             "the %s that it is in", word);
  } else if (type_is(t, TYPE_SET) && type_is(wanted, TYPE_ENTITY)) {
    diag_note(k->c->sink, d, "for each member: `for each x in SET, ... { ... }`");
  }
}

bool check_arguments(Checker *k, Span call, NodeList *args, NodeList *params, const Symbol *callee) {
  bool count = args->len == params->len;
  if (!count) report_argument_count(k, call, args, params, callee);
  for (uint32_t i = 0; i < args->len; i++) {
    if (i < params->len) check_argument(k, args->items[i], (ParamDecl *)params->items[i], callee);
    else check_expr(k, args->items[i], 0);
  }
  return count;
}
