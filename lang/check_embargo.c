/* check_embargo: `while CONDITION start no member`. The condition must be able to end, and by others: a run that waits until
 * a fact changes which its own actions write may wait for itself, and nothing bounds that wait. */
#include <config.h>

#include "lang/check.h"

#define DEEP 16u /* procedures within procedures; more is refused elsewhere */

typedef struct Seek {
  const Node *body;    /* of the runbook */
  const Symbol *fact;  /* written by some action that is called */
  const Call *call;    /* the first that does */
  const Of *read;      /* where the condition asks */
  uint32_t depth;
} Seek;

/* Every node below one, its fields in order, until the visitor says that it has found what it looks for. */
typedef bool Visit(Seek *s, const Node *n);

static bool visit(Seek *s, const Node *n, Visit *each) {
  if (!n || n->poison) return false;
  if (each(s, n)) return true;
  const AstInfo *info = ast_info((AstKind)n->kind);
  for (uint32_t i = 0; i < info->field_count; i++) {
    const char *at = (const char *)n + info->fields[i].offset;
    if (info->fields[i].kind == FIELD_NODE && visit(s, *(Node *const *)(const void *)at, each)) return true;
    const NodeList *list = (const NodeList *)(const void *)at;
    for (uint32_t j = 0; info->fields[i].kind == FIELD_LIST && j < list->len; j++)
      if (visit(s, list->items[j], each)) return true;
  }
  return false;
}

static bool asks(Seek *s, const Node *n) {
  (void)s;
  return n->kind == AST_OF && (of_meaning((const Of *)n) == OF_FACT || of_meaning((const Of *)n) == OF_METRIC);
}

static bool is_of_fact(const Node *n, const Symbol *fact) { return n && n->kind == AST_OF && ((const Of *)n)->name.symbol == fact; }

/* Does the contract say that it may write the fact? */
static bool writes(const ActionDecl *a, const Symbol *fact) {
  for (uint32_t i = 0; i < a->clauses.len; i++) {
    const Node *c = a->clauses.items[i];
    const NodeList *effects = c->kind == AST_MAKES ? &((const Makes *)c)->effects
                            : c->kind == AST_ON_FAILURE ? &((const OnFailure *)c)->effects : NULL;
    for (uint32_t j = 0; effects && j < effects->len; j++)
      if (effects->items[j]->kind == AST_EFFECT && is_of_fact(((const Effect *)effects->items[j])->target, fact)) return true;
  }
  return false;
}

static bool calls_writer(Seek *s, const Node *n) {
  if (n->kind == AST_RUN) {
    const Symbol *p = ((const Run *)n)->name.symbol;
    if (!p || p->decl->kind != AST_PROCEDURE || s->depth >= DEEP) return false;
    s->depth++;
    bool found = visit(s, ((const ProcedureDecl *)p->decl)->body, calls_writer);
    s->depth--;
    return found;
  }
  if (n->kind != AST_CALL) return false;
  const Symbol *a = ((const Call *)n)->name.symbol;
  if (!a || a->kind != SYM_ACTION || a->decl->kind != AST_ACTION || !writes((const ActionDecl *)a->decl, s->fact)) return false;
  s->call = (const Call *)n;
  return true;
}

static bool reads_own(Seek *s, const Node *n) {
  if (n->kind != AST_OF || of_meaning((const Of *)n) != OF_FACT) return false;
  s->fact = ((const Of *)n)->name.symbol;
  s->read = (const Of *)n;
  return s->fact && visit(s, s->body, calls_writer);
}

static void check_embargo(Checker *k, const RunbookDecl *r, const Embargo *w) {
  Seek s = {.body = r->body};
  if (!w->condition || w->condition->poison || type_silent(w->condition->type)) return;
  if (!visit(&s, w->condition, asks)) {
    Diag *d = diag_new(k->c->sink, E_EMBARGO_FIXED, w->condition->span, "nothing that this condition asks for can change while the run goes on");
    diag_note(k->c->sink, d, "it is read again and again: name a fact or a metric. What is known before the run is a `require`");
    return;
  }
  if (!visit(&s, w->condition, reads_own)) return;
  const char *fact = name_text(k, s.fact->name);
  Diag *d = diag_new(k->c->sink, E_EMBARGO_OWN, s.read->node.span, "the run itself changes %s: it could wait for itself, without an end", fact);
  diag_label(k->c->sink, d, s.call->node.span, "this action writes it");
  diag_note(k->c->sink, d, "a hold is set and released by others. What the run's own work may bring about stands in `throughout`");
}

void check_embargoes(Checker *k, const RunbookDecl *r) {
  for (uint32_t i = 0; i < r->clauses.len; i++)
    if (r->clauses.items[i]->kind == AST_EMBARGO) check_embargo(k, r, (const Embargo *)r->clauses.items[i]);
}
