/* check_decide: conditions with arms. What is read from the fleet can be unknown, and then the arm `unknown`
 * says what happens; arms cover every value once, in an order in which the first that matches is also the one
 * that is meant. */
#include <config.h>

#include "lang/check.h"

static void report_unknown_arm(Checker *k, Span at, const char *what) {
  Diag *d =
      diag_new(k->c->sink, E_UNKNOWN_ARM, at, "%s may be unknown, and no arm says what happens then", what);
  diag_note(k->c->sink, d, "add `unknown { ... }`: no answer is neither yes nor no");
}

bool check_when(Checker *k, When *w) {
  bool reads = check_condition_facts(k, w->condition);
  bool ends = check_block(k, w->then);
  ends = check_block(k, w->otherwise) && ends;
  bool unknown = check_block(k, w->unknown);
  if (reads && !w->unknown && !w->condition->poison && !incomplete(k, &w->node))
    report_unknown_arm(k, w->condition->span, "this condition");
  return ends && (unknown || !reads);
}

/* ---- decide ---- */

typedef struct Arms {
  TypeId type;
  const Node **by_word;          /* ENUM: the arm that took the word, by code - 1 */
  const Arm *at_least, *at_most; /* the last of each */
  int64_t low, high;             /* their values, where they are known */
  bool low_known, high_known;
  const Arm *unknown, *otherwise;
  uint32_t words;
} Arms;

static void report_twice(Checker *k, const Node *now, const Node *first, const char *what) {
  Diag *d = diag_new(k->c->sink, E_ARM_OVERLAP, now->span, "%s", what);
  diag_label(k->c->sink, d, first->span, "the first one");
}

static void check_bound(Checker *k, Arms *a, Arm *arm) {
  Node *bound = arm->values.items[0];
  bool least = arm->mode == ARM_AT_LEAST;
  if (!check_value(k, bound, a->type, "what is decided on")) return;
  QuantityKind q;
  if (!type_quantity(a->type, &q)) {
    diag_new(k->c->sink, E_OPERATOR, arm->node.span, "%s has no order: write `is VALUE`",
             type_text(k->c, a->type));
    return;
  }
  int64_t value;
  bool known = constant_value(bound, &value);
  if (!known)
    diag_new(k->c->sink, E_CONSTANT_NEEDED, bound->span, "the bound of an arm is the same for every run");
  if (known && least && a->low_known && value >= a->low) {
    Diag *d = diag_new(k->c->sink, E_ARM_ORDER, arm->node.span,
                       "this arm is never reached: the one before takes everything from there on");
    diag_label(k->c->sink, d, a->at_least->node.span, "the arm before");
  } else if (known && !least && a->high_known && value <= a->high) {
    Diag *d = diag_new(k->c->sink, E_ARM_ORDER, arm->node.span,
                       "this arm is never reached: the one before takes everything up to there");
    diag_label(k->c->sink, d, a->at_most->node.span, "the arm before");
  }
  if (least) a->at_least = arm, a->low = value, a->low_known = known;
  else a->at_most = arm, a->high = value, a->high_known = known;
}

static void check_arm_value(Checker *k, Arms *a, Node *value) {
  TypeId t = check_expr(k, value, a->type);
  if (type_silent(t) || type_silent(a->type)) return;
  if (!type_compatible(a->type, t) || type_is(t, TYPE_UNKNOWN)) {
    if (type_is(t, TYPE_UNKNOWN))
      diag_new(k->c->sink, E_ARM_ORDER, value->span, "`unknown` has an arm of its own: `unknown { ... }`");
    else report_type(k, value, type_text(k->c, a->type));
    return;
  }
  int64_t code;
  if (!type_is(a->type, TYPE_ENUM) || !constant_value(value, &code)) return;
  const Node **slot = &a->by_word[code - 1];
  if (*slot) report_twice(k, value, *slot, "this value has an arm already");
  else {
    *slot = value;
    a->words++;
  }
}

static void check_last(Checker *k, const Arms *a, const Arm *arm) {
  if (!a->otherwise || arm->mode == ARM_UNKNOWN) return;
  Diag *d = diag_new(k->c->sink, E_ARM_ORDER, arm->node.span,
                     "this arm is never reached: `otherwise` stands before it");
  diag_label(k->c->sink, d, (Span){a->otherwise->node.span.lo, a->otherwise->node.span.lo + 9},
             "it takes everything that is left");
}

static void check_arm(Checker *k, Arms *a, Arm *arm) {
  switch ((ArmMode)arm->mode) {
  case ARM_AT_LEAST:
  case ARM_AT_MOST:
    check_last(k, a, arm);
    if (arm->values.len) check_bound(k, a, arm);
    break;
  case ARM_IS:
    check_last(k, a, arm);
    for (uint32_t i = 0; i < arm->values.len; i++) check_arm_value(k, a, arm->values.items[i]);
    break;
  case ARM_UNKNOWN:
    if (a->unknown) report_twice(k, &arm->node, &a->unknown->node, "`unknown` has an arm already");
    a->unknown = arm;
    break;
  case ARM_OTHERWISE:
    if (a->otherwise) report_twice(k, &arm->node, &a->otherwise->node, "`otherwise` has an arm already");
    else a->otherwise = arm;
    break;
  }
}

static void report_gap(Checker *k, const Decide *d, const Arms *a) {
  Diag *g = diag_new(k->c->sink, E_ARM_GAP, d->on->span, "the arms do not cover everything that this may be");
  if (type_is(a->type, TYPE_ENUM)) {
    const EnumInfo *e = &k->c->enums.items[type_ref(a->type)];
    Buf b = BUF_INIT;
    for (uint32_t i = 0; i < e->word_len; i++)
      if (!a->by_word[i]) buf_printf(&b, "%s%s", b.len ? ", " : "", name_text(k, e->words[i]->name));
    diag_note(k->c->sink, g, "no arm takes %s", b.data);
    buf_done(&b);
  }
  diag_note(k->c->sink, g, "`otherwise { ... }` takes what is left");
}

static bool covered(const Checker *k, const Arms *a) {
  if (a->otherwise || type_silent(a->type)) return true;
  if (type_is(a->type, TYPE_ENUM)) return a->words == k->c->enums.items[type_ref(a->type)].word_len;
  bool counts = type_is(a->type, TYPE_COUNT);
  if (a->at_least && a->at_most && a->low_known && a->high_known)
    return a->low <= a->high + (counts || type_is(a->type, TYPE_INT) ? 1 : 0);
  return counts && a->at_least && a->low_known && a->low <= 0; /* no count is below 0 */
}

bool check_decide(Checker *k, Decide *d) {
  uint32_t before = k->fact_reads;
  Arms a = {.type = check_expr(k, d->on, 0)};
  bool reads = k->fact_reads != before;
  if (!type_silent(a.type) && !type_is_value(a.type)) {
    report_type(k, d->on, "a value to decide on");
    a.type = type_plain(TYPE_POISON);
  }
  if (type_is(a.type, TYPE_ENUM))
    a.by_word = arena_new_array(k->c->arena, const Node *, k->c->enums.items[type_ref(a.type)].word_len + 1);
  bool ends = d->arms.len > 0;
  for (uint32_t i = 0; i < d->arms.len; i++) {
    Arm *arm = ast_cast(Arm, ARM, d->arms.items[i]);
    check_arm(k, &a, arm);
    ends = check_block(k, arm->body) && ends;
  }
  if (type_silent(a.type) || incomplete(k, &d->node)) return ends;
  if (!covered(k, &a)) report_gap(k, d, &a);
  if (reads && !a.unknown) report_unknown_arm(k, d->on->span, "this");
  return ends;
}
