/* check_emergency: `emergency CONDITION on KIND { preempts runs on r  may skip A, B  STATEMENTS }` in the head of a runbook. What it does
 * begins at any moment, beside whatever the runbook does then: so it holds no step, no lockout, and no exit of a member, which has left
 * already. An action on all things of a kind below the one at hand is carried out on each of them at once, and the tree says so from
 * here on: `power_off(nodes of r)` is `for each n in all nodes of r, all at once { power_off(n) }`. */
#include <config.h>

#include "lang/check.h"

/* ---- what may stand in it ---- */

static bool may_stand(const Node *s) {
  switch (s->kind) {
  case AST_CALL: case AST_NOTIFY: case AST_CONFIRM: case AST_WAIT: case AST_WHEN: case AST_DECIDE: case AST_BLOCK:
  case AST_END: case AST_FAIL: case AST_HOLD: case AST_PREEMPTS: case AST_MAY_SKIP: return true;
  default: return false;
  }
}

static void look_at(Checker *k, Node *s);

static void look_at_all(Checker *k, const NodeList *list) {
  for (uint32_t i = 0; i < list->len; i++) look_at(k, list->items[i]);
}

static void look_at_handlers(Checker *k, const NodeList *handlers) {
  for (uint32_t i = 0; i < handlers->len; i++) look_at(k, ((const Handler *)handlers->items[i])->stmt);
}

static void look_inside(Checker *k, const Node *s) {
  switch (s->kind) {
  case AST_BLOCK: look_at_all(k, &((const Block *)s)->stmts); break;
  case AST_CALL: look_at_handlers(k, &((const Call *)s)->handlers); break;
  case AST_CONFIRM: look_at_handlers(k, &((const Confirm *)s)->handlers); break;
  case AST_DECIDE:
    for (uint32_t i = 0; i < ((const Decide *)s)->arms.len; i++) look_at(k, ((const Arm *)((const Decide *)s)->arms.items[i])->body);
    break;
  case AST_WHEN:
    look_at(k, ((const When *)s)->then);
    look_at(k, ((const When *)s)->otherwise);
    look_at(k, ((const When *)s)->unknown);
    break;
  case AST_HOLD: look_at(k, ((const Hold *)s)->then); break;
  default: break;
  }
}

static void look_at(Checker *k, Node *s) {
  if (!s || s->poison) return;
  if (may_stand(s)) {
    look_inside(k, s);
    return;
  }
  Diag *d = diag_new(k->c->sink, E_EMERGENCY, s->span, "this cannot stand in an emergency");
  diag_note(k->c->sink, d,
            "it acts, beside whatever else goes on: actions, `notify`, `confirm`, `wait`, `when`, `decide`, and `end`, `fail`, `hold`. "
            "What it is about has left the run already");
  s->poison = 1;
}

/* ---- an action on all nodes of r ---- */

static Of *all_below(Checker *k, const Call *call, uint32_t *ret_kind) {
  if (call->args.len == 0 || call->args.items[0]->kind != AST_OF) return NULL;
  Of *of = (Of *)call->args.items[0];
  return find_plural(k, of->name.atom, ret_kind) && k->c->kinds.items[*ret_kind].plural == of->name.atom ? of : NULL;
}

/* It is about all that are there: those that the run selected have left with what contains them. */
static Node *on_each(Checker *k, Call *call, Of *of, uint32_t kind) {
  Span span = call->node.span;
  Arena *a = k->c->arena;
  const char *word = arena_printf(a, "each %s", name_text(k, k->c->kinds.items[kind].singular));
  Name var = {.atom = intern_str(k->c->names, word), .span = of->node.span};
  Binder *binder = (Binder *)ast_new(a, AST_BINDER, of->node.span);
  NameRef *member = (NameRef *)ast_new(a, AST_NAME_REF, of->node.span);
  Limit *limit = (Limit *)ast_new(a, AST_LIMIT, span);
  Fan *fan = (Fan *)ast_new(a, AST_FAN, span);
  Each *each = (Each *)ast_new(a, AST_EACH, span);
  Block *body = (Block *)ast_new(a, AST_BLOCK, span);
  of->all = 1;
  member->name = var;
  binder->name = var, binder->source = &of->node;
  limit->mode = LIMIT_ALL_AT_ONCE;
  fan->binder = &binder->node;
  fan->limits = (NodeList){arena_copy(a, &(Node *){&limit->node}, sizeof(Node *)), 1};
  call->args.items[0] = &member->node;
  body->stmts = (NodeList){arena_copy(a, &(Node *){&call->node}, sizeof(Node *)), 1};
  each->fan = &fan->node, each->body = &body->node;
  return &each->node;
}

static void spread_calls(Checker *k, NodeList *stmts) {
  for (uint32_t i = 0; i < stmts->len; i++) {
    Call *call = stmts->items[i]->kind == AST_CALL ? (Call *)stmts->items[i] : NULL;
    uint32_t kind;
    Of *of = call ? all_below(k, call, &kind) : NULL;
    if (of) stmts->items[i] = on_each(k, call, of, kind);
    if (stmts->items[i]->kind == AST_BLOCK) spread_calls(k, &((Block *)stmts->items[i])->stmts);
    if (stmts->items[i]->kind != AST_WHEN) continue;
    When *w = (When *)stmts->items[i];
    if (w->then) spread_calls(k, &((Block *)w->then)->stmts);
    if (w->otherwise) spread_calls(k, &((Block *)w->otherwise)->stmts);
    if (w->unknown) spread_calls(k, &((Block *)w->unknown)->stmts);
  }
}

/* ---- the clause ---- */

static void check_preempts(Checker *k, const Preempts *p, const Symbol *var) {
  if (p->name.atom == var->name) return;
  Diag *d = diag_new(k->c->sink, E_EMERGENCY, p->name.span, "an emergency pre-empts the runs on what it is about: `%s`",
                     name_text(k, var->name));
  diag_fix(k->c->sink, d, p->name.span, true, name_text(k, var->name), "name it");
}

static void check_skips(Checker *k, const MaySkip *m) {
  for (uint32_t i = 0; i < m->names.len; i++) {
    Name *name = &ast_cast(Word, WORD, m->names.items[i])->name;
    Symbol *s = resolve_global(k, name, NS_ACTION, "the action");
    if (!s || s->kind == SYM_ACTION) continue;
    diag_new(k->c->sink, E_WRONG_NAME, name->span, "`%s` is a procedure: what an emergency skips are actions", name_text(k, name->atom));
    name->symbol = NULL;
  }
}

static bool acts(const NodeList *stmts) {
  for (uint32_t i = 0; i < stmts->len; i++)
    if (stmts->items[i]->kind != AST_PREEMPTS && stmts->items[i]->kind != AST_MAY_SKIP) return true;
  return false;
}

static void check_emergency_body(Checker *k, EmergencyClause *e, const Symbol *var) {
  NodeList *stmts = &((Block *)e->body)->stmts;
  for (uint32_t i = 0; i < stmts->len; i++) {
    if (stmts->items[i]->kind == AST_PREEMPTS) check_preempts(k, (const Preempts *)stmts->items[i], var);
    if (stmts->items[i]->kind == AST_MAY_SKIP) check_skips(k, (const MaySkip *)stmts->items[i]);
  }
  if (!acts(stmts) && !incomplete(k, &e->node)) diag_new(k->c->sink, E_EMERGENCY, e->node.span, "this emergency does nothing");
  look_at_all(k, stmts);
  spread_calls(k, stmts);
  k->emergency = &e->node;
  check_block(k, e->body);
  k->emergency = NULL;
}

void check_emergency_clause(Checker *k, EmergencyClause *e) {
  ScopeMark mark = enter_names(k);
  Binder *b = ast_cast(Binder, BINDER, e->binder);
  Symbol *var = open_binder(k, b, TYPE_NO_KIND);
  if (var->entity_kind != TYPE_NO_KIND && (b->source->kind != AST_NAME_REF || ref_meaning((const NameRef *)b->source) != REF_KIND))
    diag_new(k->c->sink, E_EMERGENCY, b->source->span, "an emergency is about things of a kind, wherever the run has to do with one");
  uint32_t before = k->facts_seen;
  check_condition(k, e->condition);
  int64_t constant; /* that one was told of */
  if (k->facts_seen == before && !e->condition->poison && !constant_value(e->condition, &constant))
    diag_new(k->c->sink, E_ALWAYS_KNOWN, e->condition->span, "this reads nothing: it never becomes true");
  check_text(k, e->title);
  check_emergency_body(k, e, var);
  leave_names(k, mark);
}

/* ---- the runbook around them ---- */

/* The set of a runbook whose kind it is about is what it watches; where there is none, all are. */
static void use_watched(Checker *k, const RunbookDecl *r, uint32_t kind) {
  bool any = false;
  for (uint32_t pass = 0; pass < 2 && !any; pass++)
    for (uint32_t i = 0; i < r->clauses.len; i++) {
      if (r->clauses.items[i]->kind != AST_SELECT) continue;
      Symbol *set = find_local(k, ((const Select *)r->clauses.items[i])->name.atom, NS_VALUE);
      if (!set || (pass == 0 && set->entity_kind != kind)) continue;
      symbol_used(set);
      any = true;
    }
}

/* Emergencies are watched as long as the run lives: what is over at once watches nothing. */
void check_emergencies(Checker *k, RunbookDecl *r) {
  const NodeList *stmts = &((const Block *)r->body)->stmts;
  const Node *first = NULL;
  for (uint32_t i = 0; i < r->clauses.len; i++) {
    const Node *n = r->clauses.items[i];
    if (n->kind != AST_EMERGENCY_CLAUSE) continue;
    if (!first) first = n;
    const Symbol *kind = ((const Binder *)((const EmergencyClause *)n)->binder)->name.symbol;
    if (kind && kind->entity_kind != TYPE_NO_KIND) use_watched(k, r, kind->entity_kind);
  }
  bool lasts = false;
  for (uint32_t i = 0; i < stmts->len; i++) lasts |= stmts->items[i]->kind != AST_NOTIFY && stmts->items[i]->kind != AST_SAFE_POINT;
  if (!first || lasts || incomplete(k, &r->node)) return;
  Diag *d = diag_new(k->c->sink, E_EMERGENCY_ALONE, r->name.span, "`%s` has nothing to do beside its emergencies: its run ends at once, and nobody watches",
                     name_text(k, r->name.atom));
  diag_label(k->c->sink, d, first->span, "read only as long as the run lives");
  uint32_t end = r->node.span.hi - 1;
  diag_fix(k->c->sink, d, (Span){end, end}, false, "  wait 7d\n", "say how long it stands");
}
