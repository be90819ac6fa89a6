/* mutate_stmt: mistakes in what a body does and in which order: statements dropped, swapped, taken out of what encloses
 * them; locks that are not taken; roll backs that do less. */
#include <config.h>

#include "lang/mutate_state.h"

static Span between(const Node *first, const Node *last) { return (Span){first->span.lo, last->span.hi}; }

/* What a sentence calls a statement. */
static const char *called(Mutator *m, Node *s) {
  switch ((AstKind)s->kind) {
  case AST_CALL: {
    Call *call = (Call *)s;
    const char *name = name_of(m, call->name);
    if (!call->args.len) return words_of(m, "`%s`", name);
    Span args = between(call->args.items[0], call->args.items[call->args.len - 1]);
    return words_of(m, "`%s(%s)`", name, brief_at(m, args));
  }
  case AST_RUN: return words_of(m, "`run %s`", name_of(m, ((Run *)s)->name));
  case AST_CONFIRM: return "the confirm";
  case AST_WAIT: return "the wait";
  case AST_GATE: return words_of(m, "the gate %s", name_of(m, ((Gate *)s)->name));
  case AST_STEP: return words_of(m, "the step %s", name_of(m, ((Step *)s)->name));
  case AST_EACH: return "the fan-out";
  case AST_WHEN: return "the when";
  case AST_DECIDE: return "the decide";
  case AST_THROUGHOUT: return "the throughout";
  case AST_LOCKOUT: return "the lockout";
  case AST_ATTEMPT: return "the attempt";
  case AST_WITH_SETTING: return words_of(m, "the setting of %s", name_of(m, ((WithSetting *)s)->name));
  case AST_REMEMBER: return words_of(m, "the remember of %s", name_of(m, ((Remember *)s)->name));
  case AST_SAFE_POINT: return "the safe point";
  default: return words_of(m, "`%s`", brief_at(m, s->span));
  }
}

static const char *called_of(Mutator *m, Node *s) {
  return words_of(m, "%s of line %u", called(m, s), line_at(m, s->span));
}

/* ---- one statement less ---- */

/* What a block encloses is left out as a whole only where little stands in it; a notify touches nothing. */
static bool droppable(const Node *s) {
  switch ((AstKind)s->kind) {
  case AST_NOTIFY:
  case AST_LOCKOUT:
  case AST_ATTEMPT:
  case AST_ON_INCIDENT:
  case AST_CAMPAIGN:
  case AST_WITH_SETTING: return false;
  default: return true;
  }
}

static void drop(Mutator *m, MutantKind kind, Node *s, const char *from) {
  Mutant *mutant = mutant_new(m, kind, s->span, "drop %s%s", called_of(m, s), from);
  mutant_remove(m, mutant, s->span);
}

static void swap(Mutator *m, Node *a, Node *b) {
  uint32_t la = line_at(m, a->span), lb = line_at(m, b->span);
  Mutant *mutant = mutant_new(m, MUTANT_SWAP, a->span, "swap %s of line %u with %s of line %u", called(m, a), la,
                              called(m, b), lb);
  mutant_replace(mutant, a->span, text_at(m, b->span));
  mutant_replace(mutant, b->span, text_at(m, a->span));
}

/* Behind an exit nothing is reached, so a swap with it is another way to drop its neighbour. */
static bool swappable(const Node *s) { return s->kind != AST_NOTIFY && !stmt_is_exit(s); }

/* ---- what encloses ---- */

static void unwrap(Mutator *m, Node *s, const Node *block, const char *what) {
  if (!block || !((const Block *)block)->stmts.len) return;
  NodeList inner = ((const Block *)block)->stmts;
  Mutant *mutant = mutant_new(m, MUTANT_UNWRAP, s->span, "%s of line %u", what, line_at(m, s->span));
  mutant_remove(m, mutant, (Span){s->span.lo, inner.items[0]->span.lo});
  mutant_remove(m, mutant, (Span){inner.items[inner.len - 1]->span.hi, s->span.hi});
}

/* Item i of a list with commas, with one of the commas. */
static Span item_with_comma(NodeList list, uint32_t i) {
  if (i) return (Span){list.items[i - 1]->span.hi, list.items[i]->span.hi};
  return (Span){list.items[0]->span.lo, list.items[1]->span.lo};
}

static Release *release_of(const Lockout *l) {
  for (uint32_t i = 0; i < l->release.len; i++)
    if (l->release.items[i]->kind == AST_RELEASE) return (Release *)l->release.items[i];
  return NULL;
}

static void drop_lock(Mutator *m, Lockout *l, uint32_t i) {
  const Word *word = (const Word *)l->automations.items[i];
  const Release *r = release_of(l);
  Mutant *mutant = mutant_new(m, MUTANT_DROP_LOCK, word->node.span, "drop %s from the lockout of line %u",
                              name_of(m, word->name), line_at(m, l->node.span));
  mutant_remove(m, mutant, item_with_comma(l->automations, i));
  for (uint32_t j = 0; r && r->order.len > 1 && j < r->order.len; j++)
    if (((const Word *)r->order.items[j])->name.atom == word->name.atom)
      mutant_remove(m, mutant, item_with_comma(r->order, j));
}

static void mutate_lockout(Mutator *m, Lockout *l) {
  const char *of = called_of(m, &l->node);
  Release *r = release_of(l);
  unwrap(m, &l->node, l->body, "drop the lockout");
  for (uint32_t i = 0; l->automations.len > 1 && i < l->automations.len; i++) drop_lock(m, l, i);
  mutate_limits(m, l->limits, true, of);
  mutate_handlers(m, l->handlers, of, false);
  if (r) {
    const char *release = words_of(m, "the release condition of line %u", line_at(m, r->node.span));
    mutate_condition(m, ((Binder *)r->binder)->where, MUTANT_DROP_RELEASE, release);
  }
  mutate_block(m, l->body);
}

static void keep_one(Mutator *m, NodeList stmts, uint32_t i) {
  Node *kept = stmts.items[i], *first = stmts.items[0], *last = stmts.items[stmts.len - 1];
  Mutant *mutant = mutant_new(m, MUTANT_KEEP_ONE, kept->span, "keep of the roll back only %s", called_of(m, kept));
  if (i) mutant_remove(m, mutant, (Span){first->span.lo, kept->span.lo});
  if (kept != last) mutant_remove(m, mutant, (Span){kept->span.hi, last->span.hi});
}

static void mutate_list(Mutator *m, NodeList stmts, MutantKind kind, const char *from);

static void mutate_attempt(Mutator *m, Attempt *a) {
  unwrap(m, &a->node, a->body, "drop the roll back of the attempt");
  mutate_block(m, a->body);
  NodeList undo = ((Block *)a->undo)->stmts;
  mutate_list(m, undo, MUTANT_DROP_ROLL_BACK, " from the roll back");
  for (uint32_t i = 0; undo.len > 2 && i < undo.len; i++)
    if (undo.items[i]->kind != AST_NOTIFY) keep_one(m, undo, i);
}

/* ---- branches ---- */

static void mutate_when(Mutator *m, When *w) {
  const char *of = called_of(m, &w->node);
  mutate_condition(m, w->condition, MUTANT_DROP_CONDITION, of);
  unwrap(m, &w->node, w->then, "do without asking what stands in the when");
  mutate_block(m, w->then);
  mutate_block(m, w->otherwise);
  mutate_block(m, w->unknown);
}

static void mutate_arm(Mutator *m, Arm *arm) {
  const char *of = words_of(m, "the arm of line %u", line_at(m, arm->node.span));
  mutant_remove(m, mutant_new(m, MUTANT_DROP_STATEMENT, arm->node.span, "drop %s", of), arm->node.span);
  if (arm->mode == ARM_AT_LEAST || arm->mode == ARM_AT_MOST) mutate_threshold(m, arm->values.items[0], of);
  mutate_block(m, arm->body);
}

static void mutate_decide(Mutator *m, Decide *d) {
  mutate_condition(m, d->on, MUTANT_DROP_CONDITION, called_of(m, &d->node));
  for (uint32_t i = 0; i < d->arms.len; i++) mutate_arm(m, (Arm *)d->arms.items[i]);
}

static void mutate_throughout(Mutator *m, Throughout *t) {
  const char *of = called_of(m, &t->node);
  for (uint32_t i = 0; i < t->conditions.len; i++) {
    Node *guard = t->conditions.items[i], *condition = guard->kind == AST_OVER ? ((Over *)guard)->condition : guard;
    if (t->conditions.len > 1) drop(m, MUTANT_DROP_STATEMENT, guard, " from the guards");
    mutate_condition(m, condition, MUTANT_DROP_CONDITION, of);
  }
  mutate_handlers(m, t->handlers, of, false);
  mutate_block(m, t->body);
}

/* ---- actions, confirms, gates ---- */

static void mutate_call(Mutator *m, Call *call) {
  const char *of = called_of(m, &call->node);
  if (call->retries) {
    mutate_threshold(m, call->retries, of);
    SrcPos word = word_before(m, call->retries->span.lo, "retry"), lo = word ? word_before(m, word, ",") : 0;
    if (word && call->retry_after) {
      Mutant *mutant = mutant_new(m, MUTANT_DROP_RETRY, call->retries->span, "drop the retry of %s", of);
      mutant_remove(m, mutant, (Span){lo ? lo : word, call->retry_after->span.hi});
    }
  }
  mutate_handlers(m, call->handlers, of, false);
}

static void mutate_confirm(Mutator *m, Confirm *c) {
  const char *of = called_of(m, &c->node);
  mutate_condition(m, c->condition, MUTANT_DROP_CONDITION, of);
  if (c->held) {
    SrcPos lo = word_before(m, c->held->span.lo, "for");
    lo = lo ? word_before(m, lo, "held") : 0;
    Mutant *mutant = mutant_new(m, MUTANT_DROP_HELD, c->held->span, "drop `held for %s` from %s",
                                brief_at(m, c->held->span), of);
    if (lo) mutant_remove(m, mutant, (Span){lo, c->held->span.hi});
    else m->out->len--;
  }
  mutate_handlers(m, c->handlers, of, false);
}

static void mutate_gate(Mutator *m, Gate *g) {
  const char *of = called_of(m, &g->node);
  mutate_fan(m, g->fan, of);
  mutate_handlers(m, g->handlers, of, true);
}

static void mutate_step(Mutator *m, Node *s, Node *fan, Node *body) {
  Atom outer = m->member;
  mutate_fan(m, fan, called_of(m, s));
  if (fan) m->member = ((const Binder *)((const Fan *)fan)->binder)->name.atom;
  mutate_block(m, body);
  m->member = outer;
}

static void mutate_setting(Mutator *m, WithSetting *s) {
  unwrap(m, &s->node, s->body, words_of(m, "drop %s", called(m, &s->node)));
  mutate_handlers(m, s->handlers, called_of(m, &s->node), false);
  mutate_block(m, s->body);
}

static void mutate_stmt(Mutator *m, Node *s) {
  switch ((AstKind)s->kind) {
  case AST_LOCKOUT: mutate_lockout(m, (Lockout *)s); break;
  case AST_ATTEMPT: mutate_attempt(m, (Attempt *)s); break;
  case AST_STEP: mutate_step(m, s, ((Step *)s)->fan, ((Step *)s)->body); break;
  case AST_EACH: mutate_step(m, s, ((Each *)s)->fan, ((Each *)s)->body); break;
  case AST_CALL: mutate_call(m, (Call *)s); break;
  case AST_CONFIRM: mutate_confirm(m, (Confirm *)s); break;
  case AST_GATE: mutate_gate(m, (Gate *)s); break;
  case AST_WHEN: mutate_when(m, (When *)s); break;
  case AST_DECIDE: mutate_decide(m, (Decide *)s); break;
  case AST_THROUGHOUT: mutate_throughout(m, (Throughout *)s); break;
  case AST_WITH_SETTING: mutate_setting(m, (WithSetting *)s); break;
  case AST_ON_INCIDENT: mutate_block(m, ((OnIncident *)s)->body); break;
  default:
    if (stmt_is_exit(s)) mutate_exit(m, s, words_of(m, "line %u", line_at(m, s->span)), false);
  }
}

static void mutate_list(Mutator *m, NodeList stmts, MutantKind kind, const char *from) {
  for (uint32_t i = 0; i < stmts.len; i++) {
    Node *s = stmts.items[i], *next = i + 1 < stmts.len ? stmts.items[i + 1] : NULL;
    if (droppable(s)) drop(m, kind, s, from);
    if (next && swappable(s) && swappable(next)) swap(m, s, next);
    mutate_stmt(m, s);
  }
}

void mutate_block(Mutator *m, Node *block) {
  if (block) mutate_list(m, ((Block *)block)->stmts, MUTANT_DROP_STATEMENT, "");
}

/* ---- branches of what did not succeed ---- */

static const char *const on_words[] = {[ON_ELSE] = "else",
                                       [ON_FAILED] = "on failed",
                                       [ON_UNKNOWN] = "on unknown",
                                       [ON_NO] = "on no",
                                       [ON_SILENCE] = "on silence"};

/* Without a branch the member at hand is set aside and, where there is none, the scope fails: saying so is no more. */
static bool is_default(const Mutator *m, const Node *branch) {
  if (branch->kind == AST_FAIL) return !m->member;
  const Node *target = branch->kind == AST_SET_ASIDE ? ((const SetAside *)branch)->target : NULL;
  return target && target->kind == AST_NAME_REF && ((const NameRef *)target)->name.atom == m->member;
}

static void drop_handler(Mutator *m, const Handler *h, const char *of) {
  Mutant *mutant = mutant_new(m, MUTANT_DROP_HANDLER, h->node.span, "drop the `%s` of %s", on_words[h->on], of);
  mutant_remove(m, mutant, h->node.span);
}

void mutate_handlers(Mutator *m, NodeList handlers, const char *of, bool gate) {
  for (uint32_t i = 0; i < handlers.len; i++) {
    Handler *h = (Handler *)handlers.items[i];
    if (!h->stmt) continue;
    if (!is_default(m, h->stmt)) drop_handler(m, h, of);
    if (stmt_is_exit(h->stmt)) mutate_exit(m, h->stmt, words_of(m, "the `%s` of %s", on_words[h->on], of), gate);
    else if (h->stmt->kind == AST_CALL) mutate_call(m, (Call *)h->stmt);
    else if (h->stmt->kind == AST_BLOCK) mutate_block(m, h->stmt);
  }
}
