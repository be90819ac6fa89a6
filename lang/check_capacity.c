/* check_capacity: the peak of a fan-out against the budget, where both are in the text. A member that is set aside frees its
 * place and stays out, so a fan-out of N at once that tolerates M has N + M out, and M of them still when the next one
 * begins. What rests on how many members there are, or on what they contain, is worked out by the plan.
 *
 * Only fan-outs over what the budget counts, in the order in which they are met, up to the first that leaves its members out:
 * behind it the same ones may be meant again. A sum too small is said nothing of; none is too large. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

typedef struct Capacity {
  Checker *k;
  const Budget *budget;
  uint32_t kind;
  const Limit *limit;          /* of the budget */
  int64_t most;                /* what it allows */
  const Tolerance *before[COMPARED]; /* of fan-outs that are over */
  uint32_t before_len;
  int64_t aside;               /* their sum */
  bool over;                   /* nothing more is said */
} Capacity;

/* ---- what an action does to the budget ---- */

static bool is_service(const Capacity *c, const Of *of) {
  const Symbol *fact = of->name.symbol;
  return fact && fact->kind == SYM_FACT && strcmp(name_text(c->k, fact->name), "service") == 0;
}

static bool says_in_service(const Capacity *c, const Effect *e) {
  for (uint32_t i = 0; i < e->values.len; i++)
    if (e->values.items[i]->kind == AST_NAME_REF &&
        strcmp(name_text(c->k, ((const NameRef *)e->values.items[i])->name.atom), "in_service") == 0)
      return true;
  return false;
}

static bool names(const Node *e, const Symbol *s) { return e && e->kind == AST_NAME_REF && ((const NameRef *)e)->name.symbol == s; }

/* The effect of `action` on the service of the thing that stands for its parameter number `param`. */
static const Effect *service_effect(const Capacity *c, const ActionDecl *action, uint32_t param) {
  if (param >= action->params.len) return NULL;
  const Symbol *s = ((const ParamDecl *)action->params.items[param])->name.symbol;
  for (uint32_t i = 0; i < action->clauses.len; i++) {
    if (action->clauses.items[i]->kind != AST_MAKES) continue;
    const NodeList *effects = &((const Makes *)action->clauses.items[i])->effects;
    for (uint32_t j = 0; j < effects->len; j++) {
      const Effect *e = (const Effect *)effects->items[j];
      const Of *of = e->target && e->target->kind == AST_OF ? (const Of *)e->target : NULL;
      if (!e->over && of && is_service(c, of) && names(of->object, s)) return e;
    }
  }
  return NULL;
}

typedef enum Turn { TURN_NONE, TURN_OUT, TURN_BACK } Turn;

static Turn call_turn(const Capacity *c, const Call *call, const Symbol *var) {
  const Symbol *action = call->name.symbol;
  if (!action || action->kind != SYM_ACTION || action->decl->kind != AST_ACTION) return TURN_NONE;
  for (uint32_t i = 0; i < call->args.len; i++) {
    const Effect *e = names(call->args.items[i], var) ? service_effect(c, (const ActionDecl *)action->decl, i) : NULL;
    if (e) return says_in_service(c, e) ? TURN_BACK : TURN_OUT;
  }
  return TURN_NONE;
}

/* ---- a fan-out ---- */

static int64_t at_once(const Fan *fan, const Limit **ret) {
  int64_t least = fan->limits.len ? INT64_MAX : 1, n;
  for (uint32_t i = 0; i < fan->limits.len; i++) {
    const Limit *l = (const Limit *)fan->limits.items[i];
    if (l->mode != LIMIT_AT_ONCE) continue;
    if (!constant_value(l->amount, &n)) return INT64_MAX; /* it may be anything */
    if (l->group.atom == 0 && n < least) least = n, *ret = l;
    if (l->group.atom != 0) return INT64_MAX; /* rests on how many groups there are */
  }
  return least;
}

/* Members that may be set aside for sure: 0 where it rests on how many there are. */
static int64_t tolerated(const Capacity *c, const Fan *fan, const Tolerance **ret) {
  int64_t least = INT64_MAX, n;
  for (uint32_t i = 0; i < fan->tolerances.len; i++) {
    const Tolerance *t = (const Tolerance *)fan->tolerances.items[i];
    uint32_t unit = t->unit.symbol                        ? t->unit.symbol->index
                    : type_is(t->amount->type, TYPE_COUNT) ? type_ref(t->amount->type)
                                                           : c->kind;
    if (unit != c->kind || t->scope.atom || !constant_value(t->amount, &n)) return 0;
    if (n < least) least = n, *ret = t;
  }
  return least == INT64_MAX || least < 0 ? 0 : least;
}

static const char *plus(const Capacity *c, const char *text, int64_t n, const char *what) {
  return n ? arena_printf(c->k->c->arena, "%s + %lld %s", text, (long long)n, what) : text;
}

static void report(Capacity *c, const Fan *fan, const Limit *l, int64_t n, const Tolerance *t, int64_t m) {
  Checker *k = c->k;
  const char *members = plural_text(k, c->kind);
  int64_t peak = c->aside + n + m, largest = c->most - c->aside - m;
  Diag *d = diag_new(k->c->sink, E_OVER_BUDGET, l ? l->node.span : fan->node.span,
                     "%lld %s can be out of service at once, and the budget is %lld", (long long)peak, members, (long long)c->most);
  diag_label(k->c->sink, d, c->limit->node.span, "the budget");
  if (m) diag_label(k->c->sink, d, t->node.span, "%lld may be set aside: they free their place and stay out", (long long)m);
  for (uint32_t i = 0; i < c->before_len; i++) diag_label(k->c->sink, d, c->before[i]->node.span, "these may still be out");
  const char *sum = arena_printf(k->c->arena, "%lld at once", (long long)n);
  sum = plus(c, plus(c, sum, m, "set aside here"), c->aside, "set aside before");
  diag_note(k->c->sink, d, "%s = %lld, of at most %lld", sum, (long long)peak, (long long)c->most);
  if (largest < 1)
    diag_note(k->c->sink, d, "nothing fits beside those that may be set aside: tolerate fewer, or raise the budget");
  else if (l)
    diag_fix(k->c->sink, d, l->amount->span, false, arena_printf(k->c->arena, "%lld", (long long)largest), "%lld at once fits",
             (long long)largest);
}

static void fan_capacity(Capacity *c, const Fan *fan, const Node *body) {
  const Binder *b = (const Binder *)fan->binder;
  const Symbol *var = b ? b->name.symbol : NULL;
  bool out = false, back = false;
  if (!var || var->entity_kind != c->kind || !body || body->kind != AST_BLOCK) return;
  const NodeList *stmts = &((const Block *)body)->stmts;
  for (uint32_t i = 0; i < stmts->len; i++) {
    Turn t = stmts->items[i]->kind == AST_CALL ? call_turn(c, (const Call *)stmts->items[i], var) : TURN_NONE;
    if (t == TURN_OUT) out = true, back = false;
    if (t == TURN_BACK) back = true;
  }
  if (!out) return;
  const Limit *l = NULL;
  const Tolerance *t = NULL;
  int64_t n = at_once(fan, &l), m = tolerated(c, fan, &t), sum;
  bool large = n != INT64_MAX && (__builtin_add_overflow(n, m, &sum) || __builtin_add_overflow(sum, c->aside, &sum) || sum > c->most);
  if (large && n <= INT32_MAX && m <= INT32_MAX) report(c, fan, l, n, t, m);
  c->over = large || !back || m > INT32_MAX;
  if (m > 0 && !c->over && c->before_len < COMPARED) c->before[c->before_len++] = t, c->aside += m;
}

/* ---- the runbook ---- */

static void walk(Capacity *c, const Node *s) {
  if (!s || s->poison || c->over) return;
  switch (s->kind) {
  case AST_BLOCK:
    for (uint32_t i = 0; i < ((const Block *)s)->stmts.len; i++) walk(c, ((const Block *)s)->stmts.items[i]);
    return;
  case AST_STEP: {
    const Step *step = (const Step *)s;
    if (step->fan) fan_capacity(c, (const Fan *)step->fan, step->body);
    else walk(c, step->body);
    return;
  }
  case AST_LOCKOUT: walk(c, ((const Lockout *)s)->body); return;
  case AST_ATTEMPT: walk(c, ((const Attempt *)s)->body); return;
  case AST_THROUGHOUT: walk(c, ((const Throughout *)s)->body); return;
  case AST_WITH_SETTING: walk(c, ((const WithSetting *)s)->body); return;
  case AST_ON_INCIDENT: walk(c, ((const OnIncident *)s)->body); return;
  default: return;
  }
}

void check_capacity(Checker *k, const RunbookDecl *r) {
  for (uint32_t i = 0; i < r->clauses.len; i++) {
    if (r->clauses.items[i]->kind != AST_BUDGET) continue;
    const Budget *b = (const Budget *)r->clauses.items[i];
    Capacity c = {.k = k, .budget = b, .most = INT64_MAX};
    int64_t n;
    for (uint32_t j = 0; j < b->limits.len; j++) {
      const Limit *l = (const Limit *)b->limits.items[j];
      if (l->mode == LIMIT_AT_ONCE && l->group.atom == 0 && constant_value(l->amount, &n) && n < c.most) c.most = n, c.limit = l;
    }
    if (!c.limit || c.most <= 0 || !b->of.symbol || b->of.symbol->kind != SYM_KIND) continue;
    c.kind = b->of.symbol->index;
    walk(&c, r->body);
  }
}
