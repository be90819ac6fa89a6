/* repair_order: the right things in the wrong order, in the wrong words, or too many at once. */
#include <config.h>

#include "cli/repair_state.h"

#include <string.h>

static const char *called(const Mender *m, const Node *s) {
  if (s->kind == AST_CALL) return arena_printf(m->arena, "`%s`", name_words(m, ((const Call *)s)->name));
  if (s->kind == AST_STEP) return arena_printf(m->arena, "step `%s`", name_words(m, ((const Step *)s)->name));
  return arena_printf(m->arena, "what begins at line %u", source_line_col(m->c->map, s->span.lo).line);
}

/* What the runbook does: its body, and the procedures beside it. */
static void each_done(const Mender *m, void (*see)(void *ctx, Node *n), void *ctx) {
  each_node(m->runbook->body, see, ctx);
  for (uint32_t i = 0; i < m->c->procedures.len; i++)
    if (source_of(m->c->map, m->c->procedures.items[i]->span.lo) == m->source) each_node(((ProcedureDecl *)m->c->procedures.items[i]->decl)->body, see, ctx);
}

/* ---- neighbours ---- */

static void swap(Mender *m, const Node *a, const Node *b) {
  Proposal *p = propose(m, "do %s before %s", called(m, b), called(m, a));
  edit_replace(p, a->span, source_words(m, b->span));
  edit_replace(p, b->span, source_words(m, a->span));
}

static bool has_order(const Mender *m) {
  return m->f->kind == FINDING_NEED || m->f->kind == FINDING_MAKE || m->f->kind == FINDING_CALL;
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

/* `not`, where it should not be. */
static void drop_not(void *ctx, Node *n) {
  Mender *m = ctx;
  const Unary *u = (const Unary *)n;
  if (n->kind != AST_UNARY || u->op != OP_NOT) return;
  edit_replace(propose(m, "ask for it without `not`"), n->span, source_words(m, u->operand->span));
}

/* `is not`, where it should be `is`: in what has to hold before anybody goes on. */
static void drop_is_not(void *ctx, Node *n) {
  Mender *m = ctx;
  const Is *is = (const Is *)n;
  if (n->kind != AST_IS || (is->mode != IS_NOT && is->mode != IS_NOT_IN) || is->values.len == 0) return;
  const char *values = source_words(m, (Span){is->values.items[0]->span.lo, is->values.items[is->values.len - 1]->span.hi});
  edit_replace(propose(m, "ask whether it is so, without `not`"), n->span,
               arena_printf(m->arena, is->mode == IS_NOT ? "%s is %s" : "%s in (%s)", source_words(m, is->subject->span), values));
}

static void drop_in_conditions(void *ctx, Node *n) {
  if (n->kind == AST_CONFIRM) each_node(((Confirm *)n)->condition, drop_is_not, ctx);
  if (n->kind == AST_RELEASE) each_node(((Binder *)((Release *)n)->binder)->where, drop_is_not, ctx);
}

void repair_turn(Mender *m) {
  if (m->f->kind == FINDING_NEVER_DONE) each_node(&m->runbook->node, turn_confirm, m);
  each_done(m, drop_in_conditions, m);
  for (uint32_t i = 0; i < m->runbook->clauses.len; i++) each_node(m->runbook->clauses.items[i], drop_not, m);
  each_done(m, drop_not, m);
}

/* ---- the wrong way out ---- */

typedef struct ExitSeek { Mender *m; uint32_t line; } ExitSeek;

static void leave_by(Mender *m, const Node *exit, const Node *why, const char *word) {
  edit_replace(propose(m, "leave line %u by `%s`", source_line_col(m->c->map, exit->span.lo).line, word), exit->span, arena_printf(m->arena, "%s %s", word, why ? source_words(m, why->span) : "\"it cannot go on\""));
}

/* The exits of what went otherwise than it should, on the way to the finding. */
static void other_exit(void *ctx, Node *n) {
  ExitSeek *seek = ctx;
  if (n->kind != AST_CONFIRM && n->kind != AST_GATE && n->kind != AST_CALL) return;
  if (source_line_col(seek->m->c->map, n->span.lo).line != seek->line) return;
  NodeList handlers = n->kind == AST_CONFIRM ? ((Confirm *)n)->handlers : n->kind == AST_GATE ? ((Gate *)n)->handlers : ((Call *)n)->handlers;
  for (uint32_t i = 0; i < handlers.len; i++) {
    const Node *exit = ((const Handler *)handlers.items[i])->stmt;
    const Node *why = !exit ? NULL : exit->kind == AST_END ? ((const End *)exit)->why : exit->kind == AST_FAIL ? ((const Fail *)exit)->why : NULL;
    if (!why) continue;
    leave_by(seek->m, exit, why, "roll back");
    if (n->kind == AST_GATE) leave_by(seek->m, exit, why, "keep out");
  }
}

void repair_exit(Mender *m) {
  const char *source = NULL;
  if (m->f->kind != FINDING_ABANDONED && m->f->kind != FINDING_LEFT) return;
  for (uint32_t i = m->f->len; i-- > 0;) {
    const Move *move = &m->f->path[i];
    bool bad = (move->outcome != 0 || move->fault) && (move->kind == MOVE_CONFIRM || move->kind == MOVE_GATE || move->kind == MOVE_ACT);
    ExitSeek seek = {m, bad && move->pc ? program_line(m->p, move->pc, &source) : 0};
    if (seek.line && source && strcmp(source, m->source->name) == 0) each_done(m, other_exit, &seek);
  }
}

/* ---- who stops ---- */

/* A roll back that stops because of some leaves the others where they are. */
static void go_on(Mender *m, const Fan *fan) {
  const Symbol *member = ((const Binder *)fan->binder)->name.symbol;
  if (fan->tolerances.len == 0 && member && type_is(member->type, TYPE_ENTITY)) {
    const char *plural = intern_text(m->c->names, m->c->kinds.items[type_ref(member->type)].plural);
    edit_insert(propose(m, "let the roll back go on for the others: `stop after 100%% of %s set aside`", plural), fan->node.span.hi,
                arena_printf(m->arena, ", stop after 100%% of %s set aside", plural));
  }
  for (uint32_t i = 0; i < fan->tolerances.len; i++) {
    const Tolerance *t = (const Tolerance *)fan->tolerances.items[i];
    const Symbol *kind = t->node.span.hi ? ((const Binder *)fan->binder)->name.symbol : NULL;
    if (!kind || !type_is(kind->type, TYPE_ENTITY) || strstr(source_words(m, t->node.span), "100%")) continue;
    const char *plural = intern_text(m->c->names, m->c->kinds.items[type_ref(kind->type)].plural);
    edit_replace(propose(m, "let the roll back go on for the others: `stop after 100%% of %s set aside`", plural), t->node.span,
                 arena_printf(m->arena, "stop after 100%% of %s set aside", plural));
  }
}

static void tolerate_in(void *ctx, Node *n) {
  const Fan *fan = n->kind == AST_STEP || n->kind == AST_EACH ? fan_of(n) : NULL;
  if (fan) go_on(ctx, fan);
}

static void tolerate_in_undo(void *ctx, Node *n) {
  if (n->kind == AST_ATTEMPT) each_node(((Attempt *)n)->undo, tolerate_in, ctx);
}

void repair_tolerate(Mender *m) {
  bool left = m->f->kind == FINDING_ABANDONED || m->f->kind == FINDING_LEFT;
  if (left && happened(m, MOVE_ROLL_BACK)) each_node(m->runbook->body, tolerate_in_undo, m);
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
