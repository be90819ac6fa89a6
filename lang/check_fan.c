/* check_fan: fan-outs: who the members are, in what order and how many at once, when they stop. What a limit
 * or a tolerance counts must be the members, or for a tolerance what contains them. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

bool enter_scope(Checker *k, Span span) {
  k->scopes++;
  if (k->body && k->scopes > k->body->scope_depth) k->body->scope_depth = k->scopes;
  if (k->scopes != LIMIT_SCOPES + 1) return true;
  diag_new(k->c->sink, E_LIMIT, span, "more than %u blocks within each other", LIMIT_SCOPES);
  return false;
}

void leave_scope(Checker *k) { k->scopes--; }

/* ---- amounts ---- */

static bool amount_type(Checker *k, Node *amount, uint32_t kind, TypeId *ret) {
  if (amount->kind == AST_SHARE && !amount->poison)
    amount->type = *ret = check_share(k, (Share *)amount, kind);
  else *ret = check_expr(k, amount, 0);
  return !type_silent(*ret);
}

static void report_bare_fraction(Checker *k, const Node *amount, uint32_t kind) {
  Diag *d = diag_new(k->c->sink, E_FRACTION_OF, amount->span, "a percentage says of what");
  if (kind == TYPE_NO_KIND) return;
  const char *plural = plural_text(k, kind), *behind = k->module->source->text + (amount->span.hi - k->module->source->base);
  bool said = *behind == ' ' && strncmp(behind + 1, plural, strlen(plural)) == 0; /* 100% racks */
  const char *text = said ? " of" : arena_printf(k->c->arena, " of %s", plural);
  diag_fix(k->c->sink, d, (Span){amount->span.hi, amount->span.hi}, false, text, "of the %s", plural);
}

/* A number of members: plain, with its unit, or a share. *ret_unit: what it counts; kind where it does not
 * say. */
static bool check_number(Checker *k, Node *amount, uint32_t kind, uint32_t *ret_unit) {
  TypeId t;
  if (!amount || !amount_type(k, amount, kind, &t)) return false;
  *ret_unit = type_is(t, TYPE_COUNT) ? type_ref(t) : kind;
  if (type_is(t, TYPE_COUNT) || type_is(t, TYPE_INT)) return true;
  if (type_is(t, TYPE_FRACTION)) report_bare_fraction(k, amount, kind);
  else report_type(k, amount, "a number of members");
  return false;
}

static void report_unit(Checker *k, const Node *amount, uint32_t unit, uint32_t kind, const char *what) {
  Diag *d = diag_new(k->c->sink, E_LIMIT_UNIT, amount->span, "this counts %s, and %s %s",
                     plural_text(k, unit), what, plural_text(k, kind));
  if (k->fan && k->fan->var)
    diag_label(k->c->sink, d, k->fan->var->span, "each is one %s", kind_text(k, kind));
}

bool check_amount(Checker *k, Node *amount, uint32_t kind, const char *what) {
  uint32_t unit;
  if (!check_number(k, amount, kind, &unit)) return false;
  if (unit == kind || kind == TYPE_NO_KIND) return true;
  report_unit(k, amount, unit, kind, what);
  return false;
}

static void check_above_zero(Checker *k, const Node *amount, const char *what) {
  int64_t value;
  if (constant_value(amount, &value) && value <= 0)
    diag_new(k->c->sink, E_LIMIT_ZERO, amount->span, "%s", what);
}

/* ---- limits ---- */

static bool same_period(const Limit *a, const Limit *b) {
  int64_t x, y;
  return constant_value(a->per, &x) && constant_value(b->per, &y) && x == y;
}

/* Two limits of which only one can mean something. */
static bool limits_clash(const Limit *a, const Limit *b) {
  if (a->group.symbol != b->group.symbol) return false;
  if (a->mode == LIMIT_PER_TIME || b->mode == LIMIT_PER_TIME) return a->mode == b->mode && same_period(a, b);
  return true; /* `8 at once` and `all at once`, or one of them twice */
}

static void check_clashes(Checker *k, const NodeList *limits, uint32_t i) {
  const Limit *l = (const Limit *)limits->items[i];
  for (uint32_t j = 0; j < i && j < COMPARED; j++) {
    const Limit *other = (const Limit *)limits->items[j];
    if (!limits_clash(other, l)) continue;
    Diag *d = diag_new(k->c->sink, E_LIMIT_CLASH, l->node.span, "two limits of the same sort");
    diag_label(k->c->sink, d, other->node.span, "the other one");
    return;
  }
}

static void check_container(Checker *k, Name *name, uint32_t kind, const char *what) {
  uint32_t group;
  if (name->atom == 0) return;
  if (!find_plural(k, name->atom, &group)) {
    resolve_global(k, name, NS_MEMBER, "the kind"); /* says what is wrong */
    return;
  }
  name->symbol = k->c->kinds.items[group].symbol;
  if (kind == TYPE_NO_KIND || kind_leads_up(k->c, kind, group)) return;
  Diag *d = diag_new(k->c->sink, E_LIMIT_UNIT, name->span, "no %s contains a %s", kind_text(k, group),
                     kind_text(k, kind));
  diag_note(k->c->sink, d, "`%s per X` counts the members within each X", what);
}

void check_group(Checker *k, Limit *l, uint32_t kind) { check_container(k, &l->group, kind, "N at once"); }

static void check_limit(Checker *k, Limit *l, uint32_t kind, const char *what) {
  if (l->amount && check_amount(k, l->amount, kind, what))
    check_above_zero(k, l->amount, "with a limit of none, nothing ever starts");
  if (l->per) check_duration(k, l->per, "what a limit is per", false);
  check_group(k, l, kind);
  check_zone(k, l->zone, "a zone");
}

void check_limits(Checker *k, NodeList *limits, uint32_t kind, const char *what) {
  for (uint32_t i = 0; i < limits->len; i++) {
    check_limit(k, ast_cast(Limit, LIMIT, limits->items[i]), kind, what);
    check_clashes(k, limits, i);
  }
  check_void_limits(k, limits);
}

/* ---- tolerances ---- */

static bool unit_name(Checker *k, Tolerance *t, uint32_t *ret_unit) {
  Symbol *set = find_local(k, t->unit.atom, NS_VALUE);
  if (set && set->kind == SYM_SET) {
    symbol_used(set);
    *ret_unit = set->entity_kind;
    if (*ret_unit == TYPE_NO_KIND) return false; /* the set was reported */
  } else if (!find_plural(k, t->unit.atom, ret_unit)) {
    resolve_global(k, &t->unit, NS_MEMBER, "the kind"); /* says what is wrong */
    return false;
  }
  t->unit.symbol = k->c->kinds.items[*ret_unit].symbol;
  return true;
}

static bool is_day(Checker *k, const Name *name) { return strcmp(name_text(k, name->atom), "day") == 0; }
static bool is_fleet(Checker *k, const Name *name) { return strcmp(name_text(k, name->atom), "fleet") == 0; }

/* So many in each of a kind, in a day, or in all that is there: a number, for what each of them has differs. */
static void check_scope(Checker *k, Tolerance *t, uint32_t unit) {
  if (!t->scope.atom) return;
  if (t->amount->kind == AST_SHARE)
    diag_new(k->c->sink, E_LIMIT_UNIT, t->amount->span, "a tolerance per %s is a number of members, not a share", name_text(k, t->scope.atom));
  if (!is_day(k, &t->scope)) {
    if (!is_fleet(k, &t->scope)) check_container(k, &t->scope, unit, "N set aside");
    if (t->zone) diag_new(k->c->sink, E_LIMIT_UNIT, t->zone->span, "only a day has a zone");
    return;
  }
  if (t->zone) {
    check_zone(k, t->zone, "a zone");
    return;
  }
  Diag *d = diag_new(k->c->sink, E_LIMIT_UNIT, t->scope.span, "a tolerance per day says whose day is meant");
  diag_fix(k->c->sink, d, (Span){t->scope.span.hi, t->scope.span.hi}, false, " in \"UTC\"", "the day of a zone");
}

/* The unit of a tolerance is the fan's, or contains it: a node that is set aside may take its rack along. */
static void check_tolerance(Checker *k, Tolerance *t, uint32_t kind) {
  uint32_t unit = kind;
  if (kind == TYPE_NO_KIND) return; /* whose they are was reported */
  if (t->unit.atom && !unit_name(k, t, &unit)) return;
  if (!check_number(k, t->amount, unit, &unit)) return;
  check_scope(k, t, unit);
  int64_t value;
  if (constant_value(t->amount, &value) && value < 0) {
    diag_new(k->c->sink, E_LIMIT_ZERO, t->amount->span, "fewer than none cannot be set aside");
    return;
  }
  if (kind == TYPE_NO_KIND || unit == kind || kind_leads_up(k->c, kind, unit)) return;
  report_unit(k, t->amount, unit, kind, "what is set aside here are");
}

static bool is_share(const Tolerance *t) { return t->amount && t->amount->kind == AST_SHARE; }

static uint32_t tolerance_unit(const Tolerance *t) {
  if (t->unit.symbol) return t->unit.symbol->index;
  return t->amount && type_is(t->amount->type, TYPE_COUNT) ? type_ref(t->amount->type) : TYPE_NO_KIND;
}

static void check_tolerances(Checker *k, NodeList *list, uint32_t kind) {
  for (uint32_t i = 0; i < list->len; i++) {
    Tolerance *t = ast_cast(Tolerance, TOLERANCE, list->items[i]);
    check_tolerance(k, t, kind);
    for (uint32_t j = 0; j < i && j < COMPARED; j++) {
      const Tolerance *other = (const Tolerance *)list->items[j];
      if (is_share(other) != is_share(t) || tolerance_unit(other) != tolerance_unit(t) || other->scope.atom != t->scope.atom) continue;
      Diag *d = diag_new(k->c->sink, E_LIMIT_CLASH, t->node.span, "two tolerances of the same sort");
      diag_label(k->c->sink, d, other->node.span, "the other one");
      break;
    }
  }
}

/* ---- order ---- */

static void check_order_words(Checker *k, OrderKey *o) {
  if (!type_is(o->key->type, TYPE_ENUM)) {
    diag_new(k->c->sink, E_OPERATOR, o->words.items[0]->span,
             "only words are put in an order of their own, and the key is %s", type_text(k->c, o->key->type));
    return;
  }
  for (uint32_t i = 0; i < o->words.len; i++) {
    Name *name = &ast_cast(Word, WORD, o->words.items[i])->name;
    name->symbol = enum_word(k->c, type_ref(o->key->type), name->atom);
    if (!name->symbol) {
      NameRef probe = {.node = {.kind = AST_NAME_REF, .span = name->span}, .name = *name};
      check_expr(k, &probe.node, o->key->type); /* says which values there are */
      continue;
    }
    for (uint32_t j = 0; j < i && j < COMPARED; j++) {
      const Name *first = &((Word *)o->words.items[j])->name;
      if (first->symbol != name->symbol) continue;
      Diag *d = diag_new(k->c->sink, E_DUPLICATE_VALUE, name->span, "the same value is listed twice");
      diag_label(k->c->sink, d, first->span, "listed here first");
      break;
    }
  }
}

/* ordered by row: an attribute or a container of the member, which is not named. */
static bool report_bare_key(Checker *k, const OrderKey *o) {
  const Symbol *var = k->fan->var;
  if (o->key->kind != AST_NAME_REF || !var) return false;
  Atom name = ((const NameRef *)o->key)->name.atom;
  if (var->entity_kind == TYPE_NO_KIND) return !find_local(k, name, NS_VALUE); /* whose it is was reported */
  bool has = kind_attr(k->c, var->entity_kind, name) != NULL;
  for (uint32_t i = 0; i < k->c->kinds.len; i++)
    has |= k->c->kinds.items[i].singular == name && kind_leads_up(k->c, var->entity_kind, i);
  if (!has || find_local(k, name, NS_VALUE)) return false;
  const char *text = name_text(k, name), *member = name_text(k, var->name);
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, o->key->span, "nothing is called `%s` here", text);
  diag_fix(k->c->sink, d, o->key->span, false, arena_printf(k->c->arena, "%s.%s", member, text),
           "say of which %s: `%s.%s`", kind_text(k, var->entity_kind), member, text);
  return true;
}

void check_order_keys(Checker *k, NodeList *order) {
  for (uint32_t i = 0; i < order->len; i++) {
    OrderKey *o = ast_cast(OrderKey, ORDER_KEY, order->items[i]);
    if (o->first) {
      check_condition(k, o->key);
      continue;
    }
    if (report_bare_key(k, o)) continue;
    TypeId t = check_expr(k, o->key, 0);
    if (type_silent(t)) continue;
    if (!type_is_value(t)) report_type(k, o->key, "something that can be put in order");
    else if (o->words.len) check_order_words(k, o);
  }
}

/* ---- the whole ---- */

static uint32_t given_kind(Checker *k, Fan *fan) {
  Symbol *gate = find_gate(k, &fan->given);
  if (!gate) return TYPE_NO_KIND;
  if (gate->entity_kind == TYPE_NO_KIND && !((Gate *)gate->decl)->fan) {
    Diag *d = diag_new(k->c->sink, E_NOT_SET, fan->given.span,
                       "gate `%s` says one yes for the whole run: it has no members",
                       name_text(k, fan->given.atom));
    diag_label(k->c->sink, d, gate->span, "asked here");
  }
  return gate->entity_kind;
}

static void check_given_source(Checker *k, const Fan *fan, const Symbol *var, uint32_t given) {
  if (given == TYPE_NO_KIND || var->entity_kind == TYPE_NO_KIND || var->entity_kind == given) return;
  diag_new(k->c->sink, E_WRONG_KIND, fan->given.span, "the gate said yes to %s, and these are %s",
           plural_text(k, given), plural_text(k, var->entity_kind));
}

static void check_fits(Checker *k, const Fan *fan) {
  if (!fan->fits || k->window || lost_line(k, "window")) return;
  if (k->where == WHERE_PROCEDURE) {
    if (k->body->wants[WANT_WINDOW].hi == 0) k->body->wants[WANT_WINDOW] = fan->node.span;
    return;
  }
  Diag *d = diag_new(k->c->sink, E_NO_WINDOW, fan->node.span,
                     "`starts only while it fits` where there is no window to fit in");
  diag_note(k->c->sink, d,
            "`window Mon 11:00 to 20:00 in \"America/Phoenix\", end hard` says when work may be done");
}

void open_fan(Checker *k, Fan *fan, Node *owner, FanContext *ret) {
  /* what happens when it stops is decided outside: the variable is not known there */
  if (fan->on_stop && !fan->on_stop->poison && is_exit(fan->on_stop)) check_exit(k, fan->on_stop);
  uint32_t given = fan->given.atom ? given_kind(k, fan) : TYPE_NO_KIND;
  Symbol *var = NULL;
  if (fan->binder) {
    var = open_binder(k, ast_cast(Binder, BINDER, fan->binder), given);
    if (fan->given.atom) check_given_source(k, fan, var, given);
  }
  uint32_t kind = var ? var->entity_kind : TYPE_NO_KIND;
  *ret = (FanContext){.outer = k->fan, .node = owner, .var = var, .kind = kind, .given = fan->given.atom};
  k->fan = ret;
  check_order_keys(k, &fan->order);
  check_limits(k, &fan->limits, kind, "what is started here are");
  check_tolerances(k, &fan->tolerances, kind);
  check_fits(k, fan);
}

void close_fan(Checker *k, FanContext *ctx) { k->fan = ctx->outer; }

bool refuse_in_fan(Checker *k, const Node *s, const char *what) {
  if (k->where == WHERE_PROCEDURE && k->body->wants[WANT_NO_FAN].hi == 0)
    k->body->wants[WANT_NO_FAN] = s->span;
  if (!k->fan) return false;
  Diag *d = diag_new(k->c->sink, E_IN_FAN, s->span, "%s within a fan-out", what);
  if (k->fan->var)
    diag_label(k->c->sink, d, k->fan->var->span, "this is done for each `%s`",
               name_text(k, k->fan->var->name));
  diag_note(
      k->c->sink, d,
      "it is for all members at once, and stands outside; within, `for each` goes on to what a member holds");
  return true;
}

bool check_step(Checker *k, Step *s) {
  refuse_in_fan(k, &s->node, "a step");
  FanContext ctx;
  ScopeMark mark = enter_names(k);
  enter_scope(k, s->node.span);
  check_text(k, s->title);
  bool ends;
  if (s->fan) {
    open_fan(k, ast_cast(Fan, FAN, s->fan), &s->node, &ctx);
    if (s->name.symbol) s->name.symbol->entity_kind = ctx.kind;
    check_block(k, s->body);
    close_fan(k, &ctx);
    check_void_rates(k, (const Fan *)s->fan, s->body);
    ends = false; /* the step goes on when its members are through */
  } else {
    ends = check_block(k, s->body);
  }
  leave_scope(k);
  leave_names(k, mark);
  if (s->name.symbol) freeze_sets_after(k, s->name.symbol);
  return ends;
}

bool check_each(Checker *k, Each *e) {
  FanContext ctx;
  ScopeMark mark = enter_names(k);
  open_fan(k, ast_cast(Fan, FAN, e->fan), &e->node, &ctx);
  check_block(k, e->body);
  close_fan(k, &ctx);
  check_void_rates(k, (const Fan *)e->fan, e->body);
  leave_names(k, mark);
  return false;
}
