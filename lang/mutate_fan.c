/* mutate_fan: mistakes in who is taken, how many at once and how many may fail; and in the head of a runbook. */
#include <config.h>

#include "lang/mutate_state.h"

#define WHOLE 1000000 /* 100% in parts per million */

/* ---- thresholds ---- */

/* The literal that says how many, or NULL: a parameter, a sum. */
static Literal *literal_of(Node *amount) {
  if (amount->kind == AST_UNITS) amount = ((Units *)amount)->amount;
  if (amount->kind == AST_SHARE) amount = ((Share *)amount)->amount;
  return amount->kind == AST_LITERAL ? (Literal *)amount : NULL;
}

static void write_other(Mutator *m, const Literal *l, int64_t value, const char *of) {
  Buf b = BUF_INIT;
  quantity_show((QuantityKind)l->value.kind, value, &b);
  const char *other = arena_string(m->arena, b.data, b.len);
  buf_done(&b);
  Mutant *mutant = mutant_new(m, MUTANT_THRESHOLD, l->node.span, "%s instead of %s in %s", other,
                              brief_at(m, l->node.span), of);
  mutant_replace(mutant, l->node.span, other);
}

/* One less, one more, half, half as much again; of a fraction half and half as much again. */
void mutate_threshold(Mutator *m, Node *amount, const char *of) {
  const Literal *l = amount ? literal_of(amount) : NULL;
  if (!l || (l->value.kind != QUANTITY_NUMBER && l->value.kind != QUANTITY_FRACTION)) return;
  int64_t v = l->value.value, half = v / 2, more = v + half;
  bool number = l->value.kind == QUANTITY_NUMBER;
  if (v <= 0 || v > quantity_kind_high((QuantityKind)l->value.kind) / 2) return;
  if (number) write_other(m, l, v - 1, of);
  if (number) write_other(m, l, v + 1, of);
  if (half && (!number || half != v - 1)) write_other(m, l, half, of);
  if (number ? more > v + 1 : more <= WHOLE) write_other(m, l, more, of);
}

/* A clause behind a comma, with the comma. False: none stands there. */
static bool clause_with_comma(Mutator *m, Span clause, Span *ret) {
  SrcPos lo = word_before(m, clause.lo, ",");
  *ret = (Span){lo ? lo : clause.lo, clause.hi};
  return lo != 0;
}

static void drop_limit(Mutator *m, Span clause, const char *of) {
  Span all;
  if (!clause_with_comma(m, clause, &all)) return;
  Mutant *mutant = mutant_new(m, MUTANT_DROP_LIMIT, clause, "drop `%s` from %s", brief_at(m, clause), of);
  mutant_remove(m, mutant, all);
}

void mutate_limits(Mutator *m, NodeList limits, bool may_drop, const char *of) {
  for (uint32_t i = 0; i < limits.len; i++) {
    Limit *l = (Limit *)limits.items[i];
    mutate_threshold(m, l->amount, of);
    if (may_drop) drop_limit(m, l->node.span, of);
  }
}

/* ---- fan-outs ---- */

/* The gate of that name that is asked last before here. */
static const Gate *gate_before(const Mutator *m, Name name) {
  const Gate *last = NULL;
  for (uint32_t i = 0; i < m->body->gates.len; i++) {
    const Symbol *s = m->body->gates.items[i];
    if (s->name == name.atom && s->span.lo < name.span.lo) last = (const Gate *)s->decl;
  }
  return last;
}

static void ignore_gate(Mutator *m, const Fan *fan, const char *of) {
  const Gate *gate = fan->given.atom ? gate_before(m, fan->given) : NULL;
  const Binder *own = (const Binder *)fan->binder;
  const Binder *asked = gate && gate->fan ? (const Binder *)((const Fan *)gate->fan)->binder : NULL;
  if (!asked || !asked->source) return;
  Mutant *mutant = mutant_new(m, MUTANT_IGNORE_GATE, fan->given.span, "do not ask whether %s said yes in %s",
                              name_of(m, fan->given), of);
  mutant_replace(mutant, (Span){own->name.span.hi, fan->given.span.hi},
                 words_of(m, " in %s", text_at(m, asked->source->span)));
}

void mutate_fan(Mutator *m, Node *node, const char *of) {
  if (!node) return;
  Fan *fan = (Fan *)node;
  mutate_binder(m, fan->binder, of);
  ignore_gate(m, fan, of);
  mutate_limits(m, fan->limits, true, of);
  for (uint32_t i = 0; i < fan->tolerances.len; i++) {
    Tolerance *t = (Tolerance *)fan->tolerances.items[i];
    mutate_threshold(m, t->amount, of);
    drop_limit(m, t->node.span, of);
  }
  if (fan->on_stop) mutate_exit(m, fan->on_stop, of, false);
}

/* ---- heads ---- */

static void drop_clause(Mutator *m, MutantKind kind, Node *clause, const char *what) {
  Mutant *mutant = mutant_new(m, kind, clause->span, "drop %s of line %u", what, line_at(m, clause->span));
  mutant_remove(m, mutant, clause->span);
}

static void mutate_clause(Mutator *m, Node *clause) {
  uint32_t line = line_at(m, clause->span);
  switch ((AstKind)clause->kind) {
  case AST_REQUIRE:
    drop_clause(m, MUTANT_DROP_REQUIRE, clause, "the require");
    mutate_condition(m, ((Require *)clause)->condition, MUTANT_DROP_CONDITION, words_of(m, "the require of line %u", line));
    break;
  case AST_EMBARGO:
    drop_clause(m, MUTANT_DROP_EMBARGO, clause, "the `while`");
    mutate_condition(m, ((Embargo *)clause)->condition, MUTANT_DROP_CONDITION, words_of(m, "the `while` of line %u", line));
    break;
  case AST_LEAVE_OUT:
    drop_clause(m, MUTANT_DROP_LEAVE_OUT, clause, "the leave out");
    mutate_binder(m, ((LeaveOut *)clause)->binder, words_of(m, "the leave out of line %u", line));
    mutate_threshold(m, ((LeaveOut *)clause)->most, words_of(m, "the leave out of line %u", line));
    break;
  case AST_SELECT:
    mutate_binder(m, ((Select *)clause)->binder,
                  words_of(m, "the selection of %s of line %u", name_of(m, ((Select *)clause)->name), line));
    break;
  case AST_BUDGET:
    mutate_limits(m, ((Budget *)clause)->limits, false, words_of(m, "the budget of line %u", line));
    break;
  default: break;
  }
}

void mutate_head(Mutator *m, NodeList clauses) {
  for (uint32_t i = 0; i < clauses.len; i++) mutate_clause(m, clauses.items[i]);
}
