/* mutate_cond: mistakes in what is asked: conditions dropped, turned round, taken for certain or for possible, asked of
 * some instead of every one; and in which set is meant. */
#include <config.h>

#include "lang/mutate_state.h"

#include <string.h>

/* ---- sets ---- */

static void mean(Mutator *m, Span span, const char *other, const char *of) {
  Mutant *mutant = mutant_new(m, MUTANT_OTHER_SET, span, "%s instead of %s in %s", other, brief_at(m, span), of);
  mutant_replace(mutant, span, other);
}

/* The other sets of that kind that the runbook selects. */
static void other_sets(Mutator *m, const Name *name, const char *of) {
  for (uint32_t i = 0; i < m->body->sets.len; i++) {
    const Symbol *s = m->body->sets.items[i];
    if (s != name->symbol && s->entity_kind == name->symbol->entity_kind)
      mean(m, name->span, intern_text(m->c->names, s->name), of);
  }
}

static const char *plural(const Mutator *m, uint32_t kind) {
  return intern_text(m->c->names, m->c->kinds.items[kind].plural);
}

static void mutate_of(Mutator *m, const Of *of, const char *where) {
  const Symbol *s = of->name.symbol;
  Span words = {of->node.span.lo, of->name.span.hi};
  switch (of_meaning(of)) {
  case OF_SET_BELOW: other_sets(m, &of->name, where); /* fall through */
  case OF_RUN_BELOW: mean(m, words, words_of(m, "all %s", plural(m, s->entity_kind)), where); break;
  case OF_BELOW:
    if (of->all) mean(m, words, name_of(m, of->name), where);
    break;
  default: break;
  }
}

static void mutate_set(Mutator *m, Node *source, const char *of) {
  if (source->kind == AST_OF) {
    const Of *o = (const Of *)source;
    mutate_of(m, o, of);
    if (of_meaning(o) == OF_ABOVE) mutate_set(m, o->object, of);
  } else if (source->kind == AST_NAME_REF && ref_meaning((const NameRef *)source) == REF_SET) {
    const Name *name = &((const NameRef *)source)->name;
    other_sets(m, name, of);
    mean(m, source->span, name_of(m, m->c->kinds.items[name->symbol->entity_kind].decl->name), of);
  }
}

void mutate_binder(Mutator *m, Node *node, const char *of) {
  if (!node) return;
  Binder *b = (Binder *)node;
  if (b->source) mutate_set(m, b->source, of);
  if (!b->where) return;
  SrcPos lo = word_before(m, b->where->span.lo, "where");
  if (lo) { /* not before a condition in parentheses: there each of its parts is dropped */
    Mutant *mutant = mutant_new(m, MUTANT_DROP_CONDITION, b->where->span, "drop `where %s` from %s",
                                brief_at(m, b->where->span), of);
    mutant_remove(m, mutant, (Span){lo, b->where->span.hi});
  }
  mutate_condition(m, b->where, MUTANT_DROP_CONDITION, of);
}

/* ---- conditions ---- */

/* The text of an operand that takes the place of the whole: what binds less than its surroundings goes in parentheses. */
static const char *as_operand(Mutator *m, const Node *n) {
  bool loose = n->kind == AST_QUANTIFIED || (n->kind == AST_BINARY && ((const Binary *)n)->op == OP_OR);
  return words_of(m, loose ? "(%s)" : "%s", text_at(m, n->span));
}

static void keep_side(Mutator *m, MutantKind kind, const Binary *b, const Node *dropped, const Node *kept, const char *of) {
  Mutant *mutant = mutant_new(m, kind, dropped->span, "drop `%s` from %s", brief_at(m, dropped->span), of);
  mutant_replace(mutant, b->node.span, as_operand(m, kept));
}

/* Of `a and b and c`, a tree of two nodes, each of the three is dropped once. */
static void mutate_sides(Mutator *m, Binary *b, MutantKind drop, const char *of) {
  bool chained = b->left->kind == AST_BINARY && ((Binary *)b->left)->op == b->op;
  keep_side(m, drop, b, b->right, b->left, of);
  if (!chained) keep_side(m, drop, b, b->left, b->right, of);
  mutate_condition(m, b->left, drop, of);
  mutate_condition(m, b->right, drop, of);
}

static void negate(Mutator *m, const Node *n, const char *of) {
  Mutant *mutant = mutant_new(m, MUTANT_NEGATE, n->span, "negate `%s` in %s", brief_at(m, n->span), of);
  mutant_replace(mutant, n->span, words_of(m, "not (%s)", text_at(m, n->span)));
}

static void drop_value(Mutator *m, const Is *is, uint32_t i, const char *of) {
  NodeList v = is->values;
  Span span = i ? (Span){v.items[i - 1]->span.hi, v.items[i]->span.hi} : (Span){v.items[0]->span.lo, v.items[1]->span.lo};
  Mutant *mutant = mutant_new(m, MUTANT_DROP_VALUE, v.items[i]->span, "drop %s from `%s` in %s",
                              brief_at(m, v.items[i]->span), brief_at(m, is->node.span), of);
  mutant_remove(m, mutant, span);
}

/* `is` and `in` want to know, `may be` is true also of what cannot be read: one for the other is the mistake of a reader
 * who takes no answer for an answer. */
static void mutate_is(Mutator *m, const Is *is, const char *of) {
  static const char *const other[] = {[IS_IS] = "may be", [IS_IN] = "may be", [IS_MAY_BE] = "in"};
  NodeList v = is->values;
  for (uint32_t i = 0; v.len > 1 && i < v.len; i++) drop_value(m, is, i, of);
  if (is->mode == IS_NOT || is->mode == IS_NOT_IN || is->subject->kind != AST_OF || !v.len) return;
  Span values = {v.items[0]->span.lo, v.items[v.len - 1]->span.hi};
  Mutant *mutant = mutant_new(m, MUTANT_CERTAINTY, is->node.span, "`%s` instead of `%s` in `%s` of %s", other[is->mode],
                              is->mode == IS_MAY_BE ? "may be" : is->mode == IS_IN ? "in" : "is",
                              brief_at(m, is->node.span), of);
  mutant_replace(mutant, is->node.span, words_of(m, "%s %s (%s)", text_at(m, is->subject->span), other[is->mode],
                                                 text_at(m, values)));
}

static void mutate_quantified(Mutator *m, Quantified *q, MutantKind drop, const char *of) {
  const char *word = q->quantifier == QUANT_EVERY ? "every" : "some", *other = q->quantifier == QUANT_EVERY ? "some" : "every";
  mutate_binder(m, q->binder, of);
  if (q->quantifier != QUANT_COUNT && word_before(m, ((Binder *)q->binder)->name.span.lo, word) == q->node.span.lo) {
    Span span = {q->node.span.lo, q->node.span.lo + (SrcPos)strlen(word)};
    Mutant *mutant = mutant_new(m, MUTANT_QUANTIFIER, q->node.span, "`%s` instead of `%s` in %s", other, word, of);
    mutant_replace(mutant, span, other);
  }
  mutate_condition(m, q->condition, drop, of);
}

void mutate_condition(Mutator *m, Node *n, MutantKind drop, const char *of) {
  if (!n) return;
  if (n->kind == AST_BINARY && (((Binary *)n)->op == OP_AND || ((Binary *)n)->op == OP_OR)) {
    mutate_sides(m, (Binary *)n, drop, of);
  } else if (n->kind == AST_QUANTIFIED) {
    mutate_quantified(m, (Quantified *)n, drop, of);
  } else if (n->kind == AST_UNARY && ((Unary *)n)->op == OP_NOT) {
    Mutant *mutant = mutant_new(m, MUTANT_NEGATE, n->span, "drop the `not` of `%s` in %s", brief_at(m, n->span), of);
    mutant_replace(mutant, n->span, words_of(m, "(%s)", text_at(m, ((Unary *)n)->operand->span)));
  } else if (n->kind == AST_OF) {
    return; /* what a decide is on: no truth */
  } else {
    negate(m, n, of);
    if (n->kind == AST_BINARY) mutate_threshold(m, ((Binary *)n)->right, of);
    if (n->kind == AST_IS) mutate_is(m, (const Is *)n, of);
  }
}
