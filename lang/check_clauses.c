/* check_clauses: what all blocks of clauses have in common: each clause once, parameters, durations of
 * `takes`. */
#include <config.h>

#include "lang/check.h"

/* Clauses that the grammar takes as lines of a block and that stand once. */
static const char *const clause_words[AST_KIND_COUNT] = {
    [AST_RELEASE] = "release",
    [AST_HAND_OVER] = "otherwise hand over",
    [AST_GIVEN_FLEET] = "given fleet",
    [AST_GIVEN_START] = "given start",
    [AST_GIVEN_SEED] = "given seed",
    [AST_EXPECT_OUTCOME] = "expect outcome",
    [AST_EXPECT_OUT] = "expect nodes out",
    [AST_EXPECT_FINISH] = "expect finish within",
};

void check_once(Checker *k, const NodeList *clauses, const char *owner) {
  const Node *first[AST_KIND_COUNT] = {0};
  for (uint32_t i = 0; i < clauses->len; i++) {
    const Node *n = clauses->items[i];
    if (!clause_words[n->kind]) continue;
    if (!first[n->kind]) {
      first[n->kind] = n;
      continue;
    }
    Diag *d =
        diag_new(k->c->sink, E_CLAUSE_TWICE, n->span, "%s has `%s` twice", owner, clause_words[n->kind]);
    diag_label(k->c->sink, d, first[n->kind]->span, "the first one");
  }
}

void declare_params(Checker *k, NodeList *params, uint32_t limit, SymbolList *into) {
  for (uint32_t i = 0; i < params->len; i++) {
    ParamDecl *p = ast_cast(ParamDecl, PARAM, params->items[i]);
    if (i == limit) diag_new(k->c->sink, E_LIMIT, p->name.span, "more than %u parameters", limit);
    Symbol *s = symbol_new(k, SYM_VAR, NS_VALUE, &p->name, &p->node);
    s->index = k->slots++;
    s->type = p->type ? p->type->type : type_plain(TYPE_POISON);
    if (type_is(s->type, TYPE_ENTITY)) s->entity_kind = type_ref(s->type);
    p->name.symbol = s;
    declare_local(k, s, "the parameter");
    if (into) vec_push(into, s);
  }
}

/* ---- takes 2min to 8min, at most 15min ---- */

static bool constant_duration(Checker *k, Node *e, const char *what, int64_t *ret) {
  if (!check_duration(k, e, what, false)) return false;
  if (constant_value(e, ret)) return true;
  diag_new(k->c->sink, E_CONSTANT_NEEDED, e->span, "%s is the same for every run", what);
  return false;
}

static bool check_takes_order(Checker *k, const Node *low, int64_t a, const Node *high, int64_t b,
                              const char *what) {
  if (a <= b) return true;
  Diag *d = diag_new(k->c->sink, E_TAKES_ORDER, high->span, "%s", what);
  diag_label(k->c->sink, d, low->span, "this is longer");
  return false;
}

bool check_takes(Checker *k, Takes *t) {
  int64_t low, high, most;
  bool ok = constant_duration(k, t->low, "how long it takes", &low);
  if (!ok) return false;
  high = low;
  Node *high_at = t->low;
  if (t->high) {
    ok = constant_duration(k, t->high, "how long it takes at most as a rule", &high) &&
         check_takes_order(k, t->low, low, t->high, high, "a range begins with its lesser end");
    high_at = t->high;
  }
  if (ok && t->most)
    ok = constant_duration(k, t->most, "the deadline", &most) &&
         check_takes_order(k, high_at, high, t->most, most, "the deadline is shorter than the work may take");
  return ok;
}
