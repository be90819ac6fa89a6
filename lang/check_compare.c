/* check_compare: operators with two sides. Both sides must be of one type and unit; where they are not, both
 * are labelled with what they are. A plain number takes the unit of a count. */
#include <config.h>

#include "lang/check.h"

static TypeId poison(void) { return type_plain(TYPE_POISON); }
static TypeId truth(void) { return type_plain(TYPE_TRUTH); }

bool type_compatible(TypeId a, TypeId b) {
  if (a == b || type_silent(a) || type_silent(b) || type_is(a, TYPE_UNKNOWN) || type_is(b, TYPE_UNKNOWN))
    return true;
  return (type_is(a, TYPE_COUNT) && type_is(b, TYPE_INT)) || (type_is(a, TYPE_INT) && type_is(b, TYPE_COUNT));
}

static bool numeric(TypeId t) {
  QuantityKind q;
  return type_quantity(t, &q);
}

/* ---- two sides that do not fit ---- */

static void percent_of_what(Checker *k, Diag *d, const Node *percent, TypeId other) {
  if (!type_is(other, TYPE_COUNT)) return;
  const char *plural = plural_text(k, type_ref(other));
  Span end = {percent->span.hi, percent->span.hi};
  diag_fix(k->c->sink, d, end, false, arena_printf(k->c->arena, " of %s", plural), "say of what");
}

static void report_sides(Checker *k, const Node *left, const Node *right, const char *verb) {
  TypeId l = left->type, r = right->type;
  Compilation *c = k->c;
  bool percent = (type_is(l, TYPE_FRACTION) && type_is(r, TYPE_COUNT)) ||
                 (type_is(l, TYPE_COUNT) && type_is(r, TYPE_FRACTION));
  DiagCode code = percent ? E_FRACTION_OF : numeric(l) && numeric(r) ? E_UNIT_MISMATCH : E_TYPE_MISMATCH;
  Diag *d =
      diag_new(c->sink, code, right->span, "%s cannot be %s %s", type_text(c, l), verb, type_text(c, r));
  diag_primary_label(c->sink, d, "this is %s", type_text(c, r));
  diag_label(c->sink, d, left->span, "this is %s", type_text(c, l));
  if (percent)
    percent_of_what(k, d, type_is(l, TYPE_FRACTION) ? left : right, type_is(l, TYPE_FRACTION) ? r : l);
}

static void report_operator(Checker *k, const Node *operand, const char *what) {
  diag_new(k->c->sink, E_OPERATOR, operand->span, "%s cannot be %s", type_text(k->c, operand->type), what);
}

/* ---- conditions that no run can change ---- */

static void check_constant(Checker *k, const Node *e) {
  int64_t value;
  if (!constant_value(e, &value)) return;
  diag_new(k->c->sink, E_CONSTANT_CONDITION, e->span, "this is always %s", value ? "true" : "false");
}

static void check_same_sides(Checker *k, const Node *e, const Node *left, const Node *right) {
  if (left->kind != right->kind || left->kind == AST_LITERAL || !ast_equal(left, right)) return;
  diag_new(k->c->sink, E_CONSTANT_CONDITION, e->span, "both sides are the same");
}

/* ---- and, or ---- */

/* `power of n is on or off` was read as `(power of n is on) or (off)`: gives the lone word its subject back.
 */
static void regroup_or(Checker *k, Binary *b) {
  if (b->op != OP_OR || b->right->kind != AST_NAME_REF) return;
  Node *left = b->left;
  while (left->kind == AST_BINARY && ((Binary *)left)->op == OP_OR) left = ((Binary *)left)->right;
  if (left->kind != AST_IS) return;
  Is *is = (Is *)left;
  NameRef *word = (NameRef *)b->right;
  if (!type_is(is->subject->type, TYPE_ENUM) || find_local(k, word->name.atom, NS_VALUE)) return;
  if (!enum_word(k->c, type_ref(is->subject->type), word->name.atom) && word->name.atom != k->unknown) return;
  if (is->mode == IS_NOT || is->mode == IS_NOT_IN) {
    Diag *d = diag_new(k->c->sink, E_CONSTANT_CONDITION, b->node.span,
                       "`is not A or B` is always true: it cannot be both");
    Span from = {is->subject->span.hi, b->node.span.hi};
    const Node *first = is->values.items[0];
    if (first->kind == AST_NAME_REF)
      diag_fix(k->c->sink, d, from, false,
               arena_printf(k->c->arena, " not in (%s, %s)",
                            name_text(k, ((const NameRef *)first)->name.atom), name_text(k, word->name.atom)),
               "say that it is neither");
    b->right->poison = 1;
    return;
  }
  Is *again = (Is *)ast_new(k->c->arena, AST_IS, b->right->span);
  again->subject = is->subject;
  again->mode = is->mode;
  again->values.items = arena_copy(k->c->arena, &b->right, sizeof b->right);
  again->values.len = 1;
  b->right = &again->node;
}

static TypeId check_logic(Checker *k, Binary *b) {
  check_condition(k, b->left);
  regroup_or(k, b);
  if (!b->right->poison) check_condition(k, b->right);
  return truth();
}

/* ---- comparisons ---- */

static TypeId check_order(Checker *k, Binary *b) {
  TypeId l = check_expr(k, b->left, 0);
  TypeId r = check_expr(k, b->right, l);
  if (type_silent(l) || type_silent(r)) return truth();
  if (!numeric(l)) {
    Diag *d = diag_new(k->c->sink, E_OPERATOR, b->left->span, "%s has no order", type_text(k->c, l));
    diag_note(k->c->sink, d, "it is compared with `is` and `in`");
    return truth();
  }
  if (!type_compatible(l, r) || type_is(r, TYPE_UNKNOWN)) {
    report_sides(k, b->left, b->right, "compared with");
    return truth();
  }
  check_constant(k, &b->node);
  check_same_sides(k, &b->node, b->left, b->right);
  return truth();
}

/* ---- arithmetic ---- */

/* Counts: with counts of the same kind or plain numbers. */
static bool count_result(BinaryOp op, TypeId l, TypeId r, TypeId *ret) {
  bool both = type_is(l, TYPE_COUNT) && type_is(r, TYPE_COUNT);
  TypeId count = type_is(l, TYPE_COUNT) ? l : r;
  if (both && l != r) return false;
  if (!both && !type_is(l, TYPE_INT) && !type_is(r, TYPE_INT)) return false;
  if (op == OP_ADD || op == OP_SUB) *ret = count;
  else if (op == OP_MUL && !both) *ret = count;
  else if (op == OP_DIV && both) *ret = type_plain(TYPE_FRACTION);
  else if (op == OP_DIV && type_is(l, TYPE_COUNT)) *ret = count;
  else return false;
  return true;
}

/* Kinds of quantity decide; a count may multiply and divide one: 125kW * count of racks. */
static bool quantity_result(BinaryOp op, TypeId l, TypeId r, TypeId *ret) {
  QuantityKind a, b, q = QUANTITY_NUMBER;
  if (!type_quantity(l, &a) || !type_quantity(r, &b)) return false;
  bool ok = false;
  if (op == OP_ADD) ok = quantity_kinds_add(a, b, &q);
  else if (op == OP_SUB) ok = quantity_kinds_sub(a, b, &q);
  else if (op == OP_MUL) ok = quantity_kinds_mul(a, b, &q);
  else if (op == OP_DIV) ok = quantity_kinds_div(a, b, &q);
  *ret = type_of_quantity(q);
  return ok;
}

static void check_overflow(Checker *k, const Binary *b) {
  int64_t left, right, value;
  if (!constant_value(b->right, &right)) return;
  if (b->op == OP_DIV && right == 0) diag_new(k->c->sink, E_ARITHMETIC, b->right->span, "division by zero");
  else if (constant_value(b->left, &left) && !constant_value(&b->node, &value))
    diag_new(k->c->sink, E_ARITHMETIC, b->node.span, "the result is out of range");
}

static TypeId check_arithmetic(Checker *k, Binary *b) {
  static const char *const verbs[] = {
      [OP_ADD] = "added to", [OP_SUB] = "lessened by", [OP_MUL] = "multiplied by", [OP_DIV] = "divided by"};
  TypeId l = check_expr(k, b->left, 0), r = check_expr(k, b->right, 0), result = poison();
  if (type_silent(l) || type_silent(r)) return poison();
  BinaryOp op = (BinaryOp)b->op;
  bool counts = type_is(l, TYPE_COUNT) || type_is(r, TYPE_COUNT);
  if (!numeric(l) || !numeric(r)) {
    report_operator(k, numeric(l) ? b->right : b->left, "calculated with");
    return poison();
  }
  if (op == OP_MUL && (type_is(l, TYPE_FRACTION) || type_is(r, TYPE_FRACTION))) {
    Diag *d = diag_new(k->c->sink, E_FRACTION_OF, b->node.span, "a part of something is written with `of`");
    diag_note(k->c->sink, d, "`6%% of nodes` is a count of nodes and is rounded to the safe side");
    return poison();
  }
  bool scaled = (op == OP_MUL && (type_is(l, TYPE_QUANTITY) || type_is(r, TYPE_QUANTITY))) ||
                (op == OP_DIV && type_is(l, TYPE_QUANTITY));
  if (!(counts && !scaled ? count_result(op, l, r, &result) : quantity_result(op, l, r, &result))) {
    report_sides(k, b->left, b->right, verbs[op]);
    return poison();
  }
  b->node.type = result;
  check_overflow(k, b);
  return result;
}

TypeId check_binary(Checker *k, Binary *b) {
  switch ((BinaryOp)b->op) {
  case OP_AND:
  case OP_OR: return check_logic(k, b);
  case OP_LT:
  case OP_LE:
  case OP_GT:
  case OP_GE: return check_order(k, b);
  case OP_ADD:
  case OP_SUB:
  case OP_MUL:
  case OP_DIV: return check_arithmetic(k, b);
  }
  return poison();
}

/* ---- is, is not, may be, in ---- */

/* What is read, and can therefore be unknown. */
static bool is_read(const Node *e) {
  if (e->kind == AST_OF) return of_meaning((const Of *)e) != OF_COUNT;
  return e->kind == AST_MEMBER;
}

static bool check_membership(Checker *k, Is *is, TypeId subject) {
  const Node *set = is->values.items[0];
  if (!type_is(subject, TYPE_ENTITY)) {
    report_operator(k, is->subject, "a member of a set");
    return false;
  }
  if (type_ref(set->type) == type_ref(subject)) return true;
  report_sides(k, is->subject, set, "a member of");
  return false;
}

/* is "GB200" */
static bool report_quoted_word(Checker *k, uint32_t enumeration, const Node *value) {
  if (value->kind != AST_TEXT) return false;
  const NodeList *parts = &((const Text *)value)->parts;
  if (parts->len != 1 || parts->items[0]->kind != AST_TEXT_PART) return false;
  const Atom text = ((const TextPart *)parts->items[0])->bytes.atom;
  if (!enum_word(k->c, enumeration, text)) return false;
  Diag *d = diag_new(k->c->sink, E_TYPE_MISMATCH, value->span, "a word that is a value stands without quotes");
  diag_fix(k->c->sink, d, value->span, true, name_text(k, text), "write `%s`", name_text(k, text));
  return true;
}

static void report_value(Checker *k, const Is *is, const Node *value) {
  if (type_is(value->type, TYPE_SET)) {
    Diag *d = diag_new(k->c->sink, E_OPERATOR, value->span, "%s is no value", type_text(k->c, value->type));
    Span between = {is->subject->span.hi, value->span.lo};
    diag_fix(k->c->sink, d, between, true, is->mode == IS_NOT ? " not in " : " in ",
             "whether something is a member is asked with `in`");
    return;
  }
  if (type_is(is->subject->type, TYPE_ENUM) && report_quoted_word(k, type_ref(is->subject->type), value)) return;
  report_sides(k, is->subject, value, "compared with");
}

static bool repeated(const Is *is, uint32_t i, uint32_t *ret_first) {
  int64_t value, other;
  if (!constant_value(is->values.items[i], &value)) return false;
  for (*ret_first = 0; *ret_first < i && *ret_first < COMPARED; ++*ret_first)
    if (constant_value(is->values.items[*ret_first], &other) && other == value) return true;
  return false;
}

/* One value after `is`: true when it is the word `unknown`. */
static bool check_is_value(Checker *k, Is *is, uint32_t i, TypeId subject) {
  Node *value = is->values.items[i];
  if (type_silent(subject) && value->kind == AST_NAME_REF)
    return false; /* nobody knows which words there are */
  TypeId t = check_expr(k, value, subject);
  uint32_t first;
  if (type_is(t, TYPE_UNKNOWN)) {
    if (!is_read(is->subject) && !type_silent(subject))
      diag_new(k->c->sink, E_ALWAYS_KNOWN, value->span,
               "this is never unknown: it is not read from anything");
    return true;
  }
  if (type_is(t, TYPE_SET) || !type_compatible(subject, t)) {
    if (!type_silent(subject) && !type_silent(t)) report_value(k, is, value);
  } else if (repeated(is, i, &first)) {
    Diag *d = diag_new(k->c->sink, E_DUPLICATE_VALUE, value->span, "the same value is listed twice");
    diag_label(k->c->sink, d, is->values.items[first]->span, "listed here first");
  }
  return false;
}

/* Every value of the fact is listed: whatever it is, the answer is the same. */
static void check_exhaustive(Checker *k, const Is *is, TypeId subject, bool unknown) {
  if (!type_is(subject, TYPE_ENUM)) return;
  uint32_t words = k->c->enums.items[type_ref(subject)].word_len;
  if (is->values.len - (unknown ? 1 : 0) < words) return;
  bool positive = is->mode == IS_IS || is->mode == IS_IN;
  if (positive && !unknown) return; /* "it is known": true or unknown */
  diag_new(k->c->sink, E_CONSTANT_CONDITION, is->node.span, "every value is listed: this is %s true",
           is->mode == IS_NOT || is->mode == IS_NOT_IN ? "never" : "always");
}

static void check_may_be(Checker *k, const Is *is, TypeId subject) {
  bool fact = is->subject->kind == AST_OF && of_meaning((const Of *)is->subject) == OF_FACT;
  if (fact || type_silent(subject)) return;
  Diag *d = diag_new(k->c->sink, E_ALWAYS_KNOWN, is->subject->span, "`may be` is for facts");
  diag_note(k->c->sink, d, "only what is read from the fleet can be more than one thing: here it is `is`");
}

TypeId check_is(Checker *k, Is *is) {
  uint32_t before = k->fact_reads;
  TypeId subject = check_expr(k, is->subject, 0);
  if (is->values.len == 0) return truth();
  bool in = is->mode == IS_IN || is->mode == IS_NOT_IN;
  if (in && is->values.len == 1) {
    TypeId t = check_expr(k, is->values.items[0], subject);
    bool set = type_is(t, TYPE_SET) || type_is(t, TYPE_LIST);
    if (set && !type_silent(subject)) check_membership(k, is, subject);
    if (set || type_silent(t)) return truth();
  }
  if (type_is(subject, TYPE_SET) || type_is(subject, TYPE_LIST)) {
    report_operator(k, is->subject, "compared with a value");
    return truth();
  }
  bool unknown = false;
  for (uint32_t i = 0; i < is->values.len; i++) unknown |= check_is_value(k, is, i, subject);
  if (is->mode == IS_MAY_BE) check_may_be(k, is, subject);
  if (unknown || is->mode == IS_MAY_BE) k->fact_reads = before; /* the answer is yes or no, never unknown */
  check_exhaustive(k, is, subject, unknown);
  check_constant(k, &is->node);
  if (is->values.len == 1) check_same_sides(k, &is->node, is->subject, is->values.items[0]);
  return truth();
}
