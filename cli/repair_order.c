/* repair_order: the right things in the wrong order, in the wrong words, or too many at once. */
#include <config.h>

#include "cli/repair_state.h"

#include <string.h>

static const char *called(const Mender *m, const Node *s) {
  if (s->kind == AST_CALL) return arena_printf(m->arena, "`%s`", name_words(m, ((const Call *)s)->name));
  if (s->kind == AST_STEP) return arena_printf(m->arena, "step `%s`", name_words(m, ((const Step *)s)->name));
  return arena_printf(m->arena, "what begins at line %u", source_line_col(m->c->map, s->span.lo).line);
}

/* ---- neighbours ---- */

static void swap(Mender *m, const Node *a, const Node *b) {
  Proposal *p = propose(m, "do %s before %s", called(m, b), called(m, a));
  edit_replace(p, a->span, source_words(m, b->span));
  edit_replace(p, b->span, source_words(m, a->span));
}

static bool has_order(const Mender *m) {
  return m->f->kind != FINDING_CONFLICT && m->f->kind != FINDING_LET && m->f->kind != FINDING_UNREACHED && m->f->kind != FINDING_TOO_LARGE;
}

void repair_swap(Mender *m) {
  for (uint32_t i = m->depth; i-- > 0 && has_order(m);) {
    const Frame *f = &m->frames[i];
    if (f->at > 0) swap(m, f->list.items[f->at - 1], f->node);
    if (f->at + 1 < f->list.len) swap(m, f->node, f->list.items[f->at + 1]);
  }
}

/* ---- further away ---- */

void move_before(Mender *m, const Node *s, const Node *to) {
  Proposal *p = propose(m, "do %s before %s", called(m, s), called(m, to));
  remove_lines(m, p, s->span);
  insert_before(m, p, to, source_words(m, s->span));
}

static void move_behind(Mender *m, const Node *s, const Node *to) {
  Proposal *p = propose(m, "do %s behind %s", called(m, s), called(m, to));
  remove_lines(m, p, s->span);
  insert_behind(m, p, to, source_words(m, s->span));
}

/* Into the lockout that ends before it. */
static void move_into(Mender *m, const Frame *f, const Lockout *l) {
  const Block *body = (const Block *)l->body;
  if (body->stmts.len == 0) return;
  Proposal *p = propose(m, "move what stands behind the lockout of line %u into it", source_line_col(m->c->map, l->node.span.lo).line);
  const char *moved = source_words(m, (Span){f->node->span.lo, f->list.items[f->list.len - 1]->span.hi});
  remove_lines(m, p, (Span){f->node->span.lo, f->list.items[f->list.len - 1]->span.hi});
  insert_behind(m, p, body->stmts.items[body->stmts.len - 1], moved);
}

void repair_join(Mender *m) {
  for (uint32_t i = m->depth; i-- > 0 && m->f->kind != FINDING_CONFLICT;)
    if (m->frames[i].at > 0 && m->frames[i].list.items[m->frames[i].at - 1]->kind == AST_LOCKOUT)
      move_into(m, &m->frames[i], (const Lockout *)m->frames[i].list.items[m->frames[i].at - 1]);
}

void repair_move(Mender *m) {
  for (uint32_t i = m->depth; i-- > 0 && has_order(m);) {
    const Frame *f = &m->frames[i];
    for (uint32_t to = f->at; to > 1; to--) move_before(m, f->node, f->list.items[to - 2]);
    for (uint32_t to = f->at + 2; to < f->list.len; to++) move_behind(m, f->node, f->list.items[to]);
  }
}

/* ---- one word ---- */

typedef struct Words { Mender *m; const char *fact; } Words;

static void every_one(Mender *m, const Quantified *q) {
  Proposal *p = propose(m, "ask for `every %s`", name_words(m, ((const Binder *)q->binder)->name));
  edit_replace(p, (Span){q->node.span.lo, q->node.span.lo + (SrcPos)strlen("some")}, "every");
}

static void all_below(Mender *m, const Of *of) {
  const char *plural = intern_text(m->c->names, m->c->kinds.items[of->name.symbol->entity_kind].plural);
  Proposal *p = propose(m, "ask for `all %s of`, also those that are not selected or no longer in", plural);
  edit_replace(p, (Span){of->node.span.lo, of->name.span.hi}, arena_printf(m->arena, "all %s", plural));
}

static void for_sure(Mender *m, const Is *is) {
  const char *fact = source_words(m, is->subject->span), *values = source_words(m, (Span){is->subject->span.hi, is->node.span.hi});
  const char *at = strstr(values, "may be");
  if (!at) return;
  Proposal *p = propose(m, "ask for what is certain about `%s`", fact);
  SrcPos lo = is->subject->span.hi + (SrcPos)(at - values);
  edit_replace(p, (Span){lo, lo + (SrcPos)strlen("may be")}, is->values.len > 1 ? "in" : "is");
}

/* Only where the fact is asked for that the need is about. */
static void other_word(void *ctx, Node *n) {
  Words *w = ctx;
  if (n->kind == AST_IS && ((const Is *)n)->mode == IS_MAY_BE && strstr(source_words(w->m, n->span), w->fact)) for_sure(w->m, (const Is *)n);
  if (n->kind != AST_QUANTIFIED || !strstr(source_words(w->m, n->span), w->fact)) return;
  const Quantified *q = (const Quantified *)n;
  const Node *source = ((const Binder *)q->binder)->source;
  if (q->quantifier == QUANT_SOME) every_one(w->m, q);
  if (q->quantifier == QUANT_EVERY && source && source->kind == AST_OF && of_meaning((const Of *)source) == OF_SET_BELOW) all_below(w->m, (const Of *)source);
}

void repair_words(Mender *m) {
  for (uint32_t i = 0; i < m->leaf_count; i++) {
    const Node *leaf = m->leaves[i]->kind == AST_QUANTIFIED ? ((const Quantified *)m->leaves[i])->condition : m->leaves[i];
    if (leaf->kind != AST_IS || ((const Is *)leaf)->subject->kind != AST_OF) continue;
    Words w = {m, arena_printf(m->arena, "%s of", name_words(m, ((const Of *)((const Is *)leaf)->subject)->name))};
    each_node(m->runbook->body, other_word, &w);
  }
}

/* ---- the wrong value ---- */

/* What an action of the runbook makes of the fact that a confirm asks for. */
static void turn(Mender *m, const Is *is, const ActionDecl *a) {
  const Symbol *fact = ((const Of *)is->subject)->name.symbol;
  for (uint32_t i = 0; i < a->clauses.len; i++) {
    const Makes *makes = (const Makes *)a->clauses.items[i];
    for (uint32_t j = 0; makes->node.kind == AST_MAKES && j < makes->effects.len; j++) {
      const Effect *e = (const Effect *)makes->effects.items[j];
      if (e->target->kind != AST_OF || ((const Of *)e->target)->name.symbol != fact || e->values.len != 1 || e->mode != EFFECT_IS) continue;
      const char *said = arena_printf(m->arena, "%s is %s", source_words(m, is->subject->span), source_words(m, e->values.items[0]->span));
      if (strcmp(said, source_words(m, is->node.span)) == 0) continue;
      edit_replace(propose(m, "ask for what `%s` makes true: `%s`", name_words(m, a->name), said), is->node.span, said);
    }
  }
}

static void turn_confirm(void *ctx, Node *n) {
  Mender *m = ctx;
  const Is *is = n->kind == AST_CONFIRM ? (const Is *)((const Confirm *)n)->condition : NULL;
  if (!is || is->node.kind != AST_IS || is->subject->kind != AST_OF) return;
  for (uint32_t i = 0; i < m->p->calls_count; i++) {
    const ActionDecl *a = called_action(m, i);
    if (a) turn(m, is, a);
  }
}

void repair_turn(Mender *m) {
  if (m->f->kind == FINDING_NEVER_DONE) each_node(m->runbook->body, turn_confirm, m);
}

/* ---- one at a time ---- */

/* A fan-out without `at once` takes one after the other. */
static void alone(Mender *m, const Fan *fan) {
  Proposal *p = propose(m, "one at a time");
  for (uint32_t i = 0; i < fan->limits.len && p->count < PROPOSAL_EDITS; i++) {
    const Limit *l = (const Limit *)fan->limits.items[i];
    if (l->mode == LIMIT_PER_TIME) continue;
    SrcPos lo = l->node.span.lo;
    while (lo > m->source->base && m->source->text[lo - m->source->base] != ',') lo--;
    edit_replace(p, (Span){lo, l->node.span.hi}, "");
  }
}

void repair_alone(Mender *m) {
  for (uint32_t depth = m->depth; depth > 0 && m->f->kind == FINDING_CONFLICT; depth--) {
    const Fan *fan = fan_of(m->frames[depth - 1].node);
    if (fan && fan->limits.len) alone(m, fan);
  }
}
