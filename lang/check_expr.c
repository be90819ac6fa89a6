/* check_expr: the type of an expression, and what a place may ask of one: a condition, a value of a type, a
 * duration. */
#include <config.h>

#include "lang/check.h"

static TypeId poison(void) { return type_plain(TYPE_POISON); }

/* ---- texts ---- */

static void check_part(Checker *k, Node *part) {
  if (part->kind == AST_TEXT_PART) return;
  TypeId t = check_expr(k, part, 0);
  if (type_silent(t) || type_is_value(t) || type_is(t, TYPE_TRUTH)) return;
  Diag *d = diag_new(k->c->sink, E_NOT_SHOWABLE, part->span, "%s cannot stand in a text", type_text(k->c, t));
  if (type_is(t, TYPE_SET))
    diag_fix(k->c->sink, d, (Span){part->span.lo, part->span.lo}, false, "count of ",
             "say how many they are");
}

void check_text(Checker *k, Node *text) {
  if (!text || text->kind != AST_TEXT) return;
  Text *t = (Text *)text;
  t->node.type = type_plain(TYPE_TEXT);
  for (uint32_t i = 0; i < t->parts.len; i++) check_part(k, t->parts.items[i]);
}

/* ---- zones ---- */

void check_zone_name(Checker *k, const Node *zone) {
  if (zone->kind != AST_TEXT || !k->c->loader.check_zone || checker_quiet(k)) return;
  const NodeList *parts = &((const Text *)zone)->parts;
  if (parts->len > 1 || (parts->len && parts->items[0]->kind != AST_TEXT_PART)) return; /* known when the run begins */
  const char *name = parts->len ? name_text(k, ((const TextPart *)parts->items[0])->bytes.atom) : "";
  k->c->loader.check_zone(k->c->loader.ctx, k->c->arena, k->c->sink, name, zone->span);
}

void check_zone(Checker *k, Node *zone, const char *what) {
  if (zone && check_value(k, zone, type_plain(TYPE_TEXT), what)) check_zone_name(k, zone);
}

/* ---- counts and shares ---- */

static TypeId check_units(Checker *k, Units *u) {
  TypeId amount = check_expr(k, u->amount, 0);
  uint32_t kind;
  if (type_silent(amount) || u->kind.atom == 0) return poison();
  if (!type_is(amount, TYPE_INT)) {
    Diag *d = report_type(k, u->amount, "a plain number");
    if (type_is(amount, TYPE_FRACTION))
      diag_fix(k->c->sink, d, (Span){u->amount->span.hi, u->kind.span.lo}, true, " of ",
               "a percentage is of something");
    return poison();
  }
  Symbol *set = find_local(k, u->kind.atom, NS_VALUE);
  if (find_plural(k, u->kind.atom, &kind)) {
    u->kind.symbol = k->c->kinds.items[kind].symbol;
    return type_of(TYPE_COUNT, kind);
  }
  if (set && set->kind == SYM_SET) {
    symbol_used(set);
    if (set->entity_kind == TYPE_NO_KIND)
      return poison(); /* what it is a set of was reported where it is selected */
    u->kind.symbol = k->c->kinds.items[set->entity_kind].symbol;
    return type_of(TYPE_COUNT, set->entity_kind);
  }
  resolve_global(k, &u->kind, NS_MEMBER, "the kind"); /* says what is wrong */
  return poison();
}

static void check_fraction_range(Checker *k, const Node *amount) {
  int64_t value;
  if (!constant_value(amount, &value) || (value >= 0 && value <= 1000000)) return;
  diag_new(k->c->sink, E_FRACTION_RANGE, amount->span, "a part of a whole is between 0%% and 100%%");
}

/* The whole of a percentage where it is a number: 2% of each 600, 16 of 32. */
static TypeId share_of_number(Checker *k, Share *s, bool fraction) {
  int64_t amount, whole;
  if (!check_value(k, s->whole, type_plain(TYPE_INT), "the whole")) return poison();
  if (!constant_value(s->whole, &whole) || !constant_value(s->amount, &amount)) return type_plain(TYPE_INT);
  if (whole <= 0) diag_new(k->c->sink, E_LIMIT_ZERO, s->whole->span, "the whole has at least one member");
  else if (fraction && amount >= 0 && whole < 1000000000 && amount * whole < 1000000)
    diag_new(k->c->sink, W_FRACTION_ZERO, s->node.span, "rounded down, this is none at all");
  else if (!fraction && amount > whole)
    diag_new(k->c->sink, E_FRACTION_RANGE, s->node.span, "the part is larger than the whole");
  return type_plain(TYPE_INT);
}

/* `100% of rows` where no set is called rows, but rows are what is fanned out over. */
static bool whole_is_fan(Checker *k, Share *s, uint32_t fan_kind) {
  uint32_t kind;
  NameRef *r = (NameRef *)s->whole;
  if (fan_kind == TYPE_NO_KIND || s->whole->kind != AST_NAME_REF || find_local(k, r->name.atom, NS_VALUE))
    return false;
  if (!find_plural(k, r->name.atom, &kind) || kind != fan_kind) return false;
  r->name.symbol = k->c->kinds.items[kind].symbol;
  r->node.meaning = REF_FAN;
  r->node.type = type_of(TYPE_SET, kind);
  return true;
}

TypeId check_share(Checker *k, Share *s, uint32_t fan_kind) {
  TypeId amount = check_expr(k, s->amount, 0);
  uint32_t kind = fan_kind;
  bool fraction = type_is(amount, TYPE_FRACTION);
  if (type_silent(amount)) return poison();
  if (!fraction && !type_is(amount, TYPE_INT)) {
    report_type(k, s->amount, "a percentage or a number");
    return poison();
  }
  if (fraction) check_fraction_range(k, s->amount);
  if (s->each || s->whole->kind == AST_LITERAL) return share_of_number(k, s, fraction);
  if (!whole_is_fan(k, s, fan_kind) && !check_source(k, s->whole, &kind)) return poison();
  int64_t value;
  if (fraction && constant_value(s->amount, &value) && value == 0)
    diag_new(k->c->sink, W_FRACTION_ZERO, s->node.span, "this is none at all");
  return type_of(TYPE_COUNT, kind);
}

TypeId check_rate(Checker *k, Rate *r) {
  TypeId amount = check_expr(k, r->amount, 0);
  bool per = check_duration(k, r->per, "what a rate is per", false);
  if (type_silent(amount) || !per) return poison();
  if (type_is(amount, TYPE_COUNT)) return type_of(TYPE_RATE, type_ref(amount));
  if (type_is(amount, TYPE_INT)) return type_of(TYPE_RATE, TYPE_NO_KIND);
  report_type(k, r->amount, "a number");
  return poison();
}

/* ---- one side ---- */

static TypeId check_unary(Checker *k, Unary *u) {
  if (u->op == OP_NOT) {
    check_condition(k, u->operand);
    return type_plain(TYPE_TRUTH);
  }
  TypeId t = check_expr(k, u->operand, 0);
  QuantityKind q;
  if (type_silent(t)) return t;
  if (type_quantity(t, &q) && q != QUANTITY_TIME && q != QUANTITY_DATE && q != QUANTITY_DATETIME) return t;
  diag_new(k->c->sink, E_OPERATOR, u->node.span, "%s has no negative", type_text(k->c, t));
  return poison();
}

static TypeId check_emergency(Checker *k, const Node *e) {
  if (k->where == WHERE_CONTRACT) return type_plain(TYPE_TRUTH);
  diag_new(k->c->sink, E_OPERATOR, e->span, "`emergency` is for policies and contracts");
  return poison();
}

static TypeId expr_type(Checker *k, Node *e, TypeId wanted) {
  switch (e->kind) {
  case AST_TEXT: check_text(k, e); return type_plain(TYPE_TEXT);
  case AST_LITERAL: return type_of_quantity((QuantityKind)((Literal *)e)->value.kind);
  case AST_BOOL: return type_plain(TYPE_TRUTH);
  case AST_NAME_REF: return check_name_ref(k, (NameRef *)e, wanted);
  case AST_MEMBER: return check_member(k, (Member *)e);
  case AST_OF: return check_of(k, (Of *)e);
  case AST_BINARY: return check_binary(k, (Binary *)e);
  case AST_UNARY: return check_unary(k, (Unary *)e);
  case AST_IS: return check_is(k, (Is *)e);
  case AST_QUANTIFIED: return check_quantified(k, (Quantified *)e);
  case AST_LOCKED: return check_locked(k, (Locked *)e);
  case AST_TRIED: return check_tried(k, (Tried *)e);
  case AST_GATE_REF: return check_gate_ref(k, (GateRef *)e);
  case AST_EMERGENCY: return check_emergency(k, e);
  case AST_ATTACHED: return check_attached(k, (Attached *)e);
  case AST_RATE: return check_rate(k, (Rate *)e);
  case AST_UNITS: return check_units(k, (Units *)e);
  case AST_SHARE: return check_share(k, (Share *)e, TYPE_NO_KIND);
  default: return poison(); /* the parser said what was wrong with it */
  }
}

TypeId check_expr(Checker *k, Node *e, TypeId wanted) {
  if (!e || e->poison) return poison();
  TypeId t = expr_type(k, e, wanted);
  e->type = t;
  if (type_silent(t)) e->poison = 1;
  return t;
}

/* ---- what a place asks for ---- */

Diag *report_type(Checker *k, Node *e, const char *wanted) {
  return diag_new(k->c->sink, E_WRONG_TYPE, e->span, "this is %s, where %s is wanted",
                  type_text(k->c, e->type), wanted);
}

void check_condition(Checker *k, Node *e) {
  TypeId t = check_expr(k, e, type_plain(TYPE_TRUTH));
  if (type_silent(t)) return;
  if (e->kind == AST_BOOL) {
    diag_new(k->c->sink, E_CONSTANT_CONDITION, e->span, "this is always %s",
             ((Bool *)e)->value ? "true" : "false");
    return;
  }
  if (type_is(t, TYPE_TRUTH)) return;
  Diag *d = diag_new(k->c->sink, E_NOT_CONDITION, e->span, "this is %s, where a condition is wanted",
                     type_text(k->c, t));
  if (type_is(t, TYPE_ENUM) && e->kind != AST_NAME_REF)
    diag_note(k->c->sink, d, "say what it should be: `... is VALUE`");
  e->poison = 1;
}

bool check_condition_facts(Checker *k, Node *e) {
  uint32_t before = k->fact_reads;
  check_condition(k, e);
  return k->fact_reads != before;
}

bool check_value(Checker *k, Node *e, TypeId wanted, const char *what) {
  TypeId t = check_expr(k, e, wanted);
  if (type_silent(t) || type_silent(wanted)) return false;
  if (t == wanted || (type_is(wanted, TYPE_INT) && type_is(t, TYPE_COUNT)) ||
      (type_is(wanted, TYPE_COUNT) && type_is(t, TYPE_INT)))
    return true;
  Diag *d = diag_new(k->c->sink, E_WRONG_TYPE, e->span, "%s is %s, and this is %s", what, type_text(k->c, wanted),
           type_text(k->c, t));
  bool number = e->kind == AST_LITERAL && type_is(t, TYPE_INT);
  if (number && wanted == type_of(TYPE_QUANTITY, QUANTITY_DURATION))
    diag_note(k->c->sink, d, "say the unit: `30s`, `10min`, `2h`");
  return false;
}

bool check_duration(Checker *k, Node *e, const char *what, bool zero) {
  int64_t value;
  if (!check_value(k, e, type_of(TYPE_QUANTITY, QUANTITY_DURATION), what)) return false;
  if (!constant_value(e, &value) || value > 0 || (zero && value == 0)) return true;
  diag_new(k->c->sink, E_DURATION, e->span, "%s is %s", what, zero ? "not negative" : "longer than nothing");
  return false;
}
