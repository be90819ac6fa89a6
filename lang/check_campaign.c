/* check_campaign: what is wrong in a campaign before any inventory is known: whom it is for, what its budget counts, days that do
 * not follow each other, shares of nothing, clauses that mean nothing here. The variable of its one selection is known in all of
 * it: a clause speaks of one member. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)

static const RunbookDecl *declaration(const Checker *k) { return (const RunbookDecl *)k->body->symbol->decl; }

/* ---- the member ---- */

static void note_member(Checker *k, Diag *d) {
  diag_note(k->c->sink, d, "one `select`, whose variable the other lines speak of: `select clusters = c in Cluster where ...`");
}

static Select *one_select(Checker *k, const RunbookDecl *r) {
  Select *first = NULL;
  for (uint32_t i = 0; i < r->clauses.len; i++) {
    if (r->clauses.items[i]->kind != AST_SELECT) continue;
    Select *s = (Select *)r->clauses.items[i];
    if (s->after.atom) return NULL; /* reported */
    if (first) {
      Diag *d = diag_new(k->c->sink, E_CAMPAIGN_SELECT, s->node.span, "a second selection in a campaign");
      diag_label(k->c->sink, d, first->node.span, "the first one");
      note_member(k, d);
      return NULL;
    }
    first = s;
  }
  if (first || incomplete(k, &r->node)) return first;
  note_member(k, diag_new(k->c->sink, E_CAMPAIGN_SELECT, r->name.span, "the campaign `%s` does not say for whom it is",
                          name_text(k, r->name.atom)));
  return NULL;
}

void open_campaign(Checker *k, RunbookDecl *r) {
  k->campaign = NULL;
  Select *s = campaign_of(r) ? one_select(k, r) : NULL;
  if (!s || !s->name.symbol || !s->binder || s->binder->kind != AST_BINDER) return;
  symbol_used(s->name.symbol);
  k->campaign = reopen_binder(k, (Binder *)s->binder);
  if (k->campaign->entity_kind == TYPE_NO_KIND) k->campaign = NULL; /* whose they are was reported */
}

/* ---- the head ---- */

static const char *clause_word(const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_OBEY: return "obey";
  case AST_LEAVE_OUT: return "leave out";
  case AST_GOAL: return "goal";
  case AST_REQUIRE: return "require";
  case AST_EMERGENCY_CLAUSE: return "emergency";
  case AST_EMBARGO: return "while";
  default: return NULL;
  }
}

bool campaign_refuses(Checker *k, const Node *n) {
  const char *word = clause_word(n);
  if (n->kind == AST_SELECT && ((const Select *)n)->after.atom) {
    diag_new(k->c->sink, E_CAMPAIGN_SELECT, ((const Select *)n)->after.span, "a campaign has no steps: it selects when it is planned");
    return true;
  }
  if (!word) return !k->campaign && (n->kind == AST_WINDOW || n->kind == AST_BUDGET); /* of a member that is not known */
  Diag *d = diag_new(k->c->sink, E_CAMPAIGN_CLAUSE, n->span, "`%s` means nothing in a campaign", word);
  diag_note(k->c->sink, d, n->kind == AST_LEAVE_OUT ? "who is not in it is said in the `where` of its `select`"
            : n->kind == AST_GOAL                   ? "a campaign's deadline is the last day of `from DAY by DAY`"
                                                    : "it stands in the runbook of a visit, which `run` names");
  return true;
}

/* ---- the budget ---- */

static void check_budget_limit(Checker *k, const Limit *l) {
  if (l->mode == LIMIT_ALL_AT_ONCE || l->group.atom)
    diag_new(k->c->sink, E_CAMPAIGN_BUDGET, l->node.span, "a campaign's budget is so many at once, or so many per day, over all of it");
}

/* The kind that it counts, or TYPE_NO_KIND. */
static uint32_t check_campaign_budget(Checker *k) {
  const RunbookDecl *r = declaration(k);
  const Budget *first = NULL;
  for (uint32_t i = 0; i < r->clauses.len; i++) {
    if (r->clauses.items[i]->kind != AST_BUDGET) continue;
    const Budget *b = (const Budget *)r->clauses.items[i];
    if (first) {
      Diag *d = diag_new(k->c->sink, E_CAMPAIGN_BUDGET, b->node.span, "a second budget in a campaign");
      diag_label(k->c->sink, d, first->node.span, "the first one");
      return TYPE_NO_KIND;
    }
    first = b;
  }
  if (!first && !incomplete(k, &r->node)) {
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_BUDGET, r->name.span, "the campaign `%s` has no budget", name_text(k, r->name.atom));
    diag_note(k->c->sink, d, "`budget nodes out: at most 1800 per day in \"UTC\"` says how much may be out on a day");
  }
  if (!first || !first->of.symbol) return TYPE_NO_KIND;
  uint32_t unit = first->of.symbol->index, member = k->campaign->entity_kind;
  for (uint32_t i = 0; i < first->limits.len; i++) check_budget_limit(k, (const Limit *)first->limits.items[i]);
  if (kind_holds(k->c, member, unit)) return unit;
  diag_new(k->c->sink, E_CAMPAIGN_BUDGET, first->of.span, "the budget counts %s, and a %s holds none", plural_text(k, unit),
           kind_text(k, member));
  return TYPE_NO_KIND;
}

/* ---- days ---- */

static bool check_date(Checker *k, Node *n, const char *what, int64_t *ret) {
  return check_value(k, n, type_of(TYPE_QUANTITY, QUANTITY_DATE), what) && constant_value(n, ret);
}

static void check_term(Checker *k, const Term *t) {
  int64_t from, by;
  bool known = check_date(k, t->from, "the first day", &from);
  if (!t->by || !check_date(k, t->by, "the deadline", &by) || !known || from <= by) return;
  Diag *d = diag_new(k->c->sink, E_CAMPAIGN_DAYS, t->by->span, "the deadline lies before the first day");
  diag_label(k->c->sink, d, t->from->span, "the first day");
}

static void check_until(Checker *k, const Term *t, const Places *p) {
  int64_t until, from, by;
  if (!p->until || !check_date(k, p->until, "the last day of a limit", &until) || !t) return;
  bool early = t->from && constant_value(t->from, &from) && until < from;
  bool late = t->by && constant_value(t->by, &by) && until > by;
  if (!early && !late) return;
  Diag *d = diag_new(k->c->sink, E_CAMPAIGN_DAYS, p->until->span, "the limit ends %s", early ? "before the campaign begins" : "behind the deadline");
  diag_label(k->c->sink, d, early ? t->from->span : t->by->span, early ? "the first day" : "the deadline");
}

/* ---- shares: 6% of nodes, share of nodes, 6% ---- */

/* `share of nodes` reads like a fact of nodes: a parameter that is a fraction is meant. */
static bool is_param_share(Checker *k, const Of *of) {
  Symbol *s = of->all ? NULL : find_local(k, of->name.atom, NS_VALUE);
  return s && s->kind == SYM_PARAM && type_is(s->type, TYPE_FRACTION);
}

static bool check_whole(Checker *k, Node *whole, uint32_t unit) {
  uint32_t kind;
  if (whole->kind == AST_NAME_REF && find_plural(k, ((const NameRef *)whole)->name.atom, &kind) && kind == unit) return true;
  diag_new(k->c->sink, E_CAMPAIGN_SHARE, whole->span, "a share of a day is of the %s, which the budget counts", plural_text(k, unit));
  return false;
}

static bool check_fraction(Checker *k, Node *share, uint32_t unit, Node **ret_amount) {
  *ret_amount = share;
  if (share->kind == AST_OF && is_param_share(k, (const Of *)share)) {
    Of *of = (Of *)share;
    of->name.symbol = find_local(k, of->name.atom, NS_VALUE);
    symbol_used(of->name.symbol);
    share->type = type_plain(TYPE_FRACTION);
    return check_whole(k, of->object, unit);
  }
  if (share->kind == AST_SHARE && !((const Share *)share)->each) {
    *ret_amount = ((Share *)share)->amount;
    if (!check_whole(k, ((Share *)share)->whole, unit)) return false;
  }
  return check_value(k, *ret_amount, type_plain(TYPE_FRACTION), "a share of a day");
}

static void check_per_day(Checker *k, Node *per) {
  int64_t ms;
  if (check_duration(k, per, "what a share is per", false) && (!constant_value(per, &ms) || ms != DAY_MS))
    diag_new(k->c->sink, E_CAMPAIGN_SHARE, per->span, "a share of a campaign is per day");
}

static void check_day_share(Checker *k, Node *share, Node *per, uint32_t unit) {
  Node *amount;
  int64_t value;
  check_per_day(k, per);
  if (unit == TYPE_NO_KIND || !check_fraction(k, share, unit, &amount) || !constant_value(amount, &value)) return;
  if (value <= 0) diag_new(k->c->sink, E_CAMPAIGN_SHARE, amount->span, "a share of nothing: no day would do any of it");
  else if (value > 1000000) diag_new(k->c->sink, E_CAMPAIGN_SHARE, amount->span, "more than all of it in one day");
}

static void check_where(Checker *k, Node *where) {
  if (where) check_condition(k, where);
}

static void check_spread(Checker *k, Spread *s, uint32_t unit) {
  TypeId t = check_expr(k, s->over, 0);
  if (!type_silent(t) && !type_is_value(t)) report_type(k, s->over, "a region, a tier: something that members have in common");
  check_where(k, s->where);
  check_day_share(k, s->share, s->per, unit);
}

/* ---- limits on members ---- */

static void check_places(Checker *k, Places *p, const Term *term) {
  Limit *l = ast_cast(Limit, LIMIT, p->limit);
  uint32_t member = k->campaign->entity_kind;
  int64_t per;
  NodeList one = {&p->limit, 1};
  check_limits(k, &one, member, "a limit of a campaign counts");
  bool day = l->mode == LIMIT_PER_TIME && l->per && constant_value(l->per, &per) && per == DAY_MS && !l->zone;
  if (!day && (l->mode != LIMIT_AT_ONCE || l->group.atom))
    diag_new(k->c->sink, E_CAMPAIGN_LIMIT, l->node.span, "a limit of a campaign is so many per day, or so many at once");
  check_where(k, p->where);
  check_until(k, term, p);
  if (p->then) check_amount(k, p->then, member, "a limit of a campaign counts");
}

/* ---- pace ---- */

static void check_visit_takes(Checker *k, Takes *t) {
  if (t->high) diag_new(k->c->sink, E_CAMPAIGN_PACE, t->high->span, "in a campaign a visit takes one time, the longest");
  int64_t takes, from, to;
  const Window *w = (const Window *)k->window;
  if (!check_duration(k, t->low, "how long a visit takes", false) || !w || !w->hard || !constant_value(t->low, &takes)) return;
  if (!constant_value(w->from, &from) || !constant_value(w->to, &to)) return;
  int64_t open = to > from ? to - from : to - from + DAY_MS;
  if (takes <= open) return;
  Diag *d = diag_new(k->c->sink, E_CAMPAIGN_PACE, t->low->span, "this takes %s, and the window is open for %s: no visit fits",
                     duration_text(k, takes), duration_text(k, open));
  diag_label(k->c->sink, d, w->node.span, "nothing runs past its end");
}

static void check_visit_through(Checker *k, Through *t) {
  Limit *l = t->limit ? ast_cast(Limit, LIMIT, t->limit) : NULL;
  int64_t amount;
  if (!l || l->mode != LIMIT_PER_TIME) {
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_PACE, t->node.span, "what goes through `%s` has no rate", name_text(k, t->service.atom));
    diag_note(k->c->sink, d, "`through nsd 300 per hour`: with the window, it says how much a day can do");
    return;
  }
  int64_t per;
  if (check_duration(k, l->per, "what a rate is per", false) && !constant_value(l->per, &per))
    diag_new(k->c->sink, E_CAMPAIGN_PACE, l->per->span, "what a rate is per is the same for every plan");
  if (constant_value(l->amount, &amount) && amount == 0)
    diag_new(k->c->sink, E_CAMPAIGN_PACE, l->amount->span, "with a rate of none, no day does anything");
}

static void check_size(Checker *k, VisitSize *s) {
  TypeId t = check_expr(k, s->amount, 0);
  if (!type_silent(t) && !type_is(t, TYPE_INT) && !type_is(t, TYPE_COUNT)) report_type(k, s->amount, "a number");
}

/* ---- order ---- */

static void check_phases(Checker *k, Phases *p) {
  FanContext member = {.outer = k->fan, .node = &p->node, .var = k->campaign, .kind = k->campaign->entity_kind};
  k->fan = &member;
  check_order_keys(k, &p->keys);
  k->fan = member.outer;
  for (uint32_t i = 0; i < p->keys.len; i++) {
    const OrderKey *o = (const OrderKey *)p->keys.items[i];
    if (o->first || !type_is(o->key->type, TYPE_TEXT)) continue;
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_WORD, o->key->span, "texts have no order that means something");
    diag_note(k->c->sink, d, "phases are in the order of a number or of words: `c.owner as research, applied`");
  }
}

static void check_next_phase(Checker *k, const NextPhase *n) {
  const char *text = name_text(k, n->when.atom);
  if (strcmp(text, "started") == 0 || strcmp(text, "done") == 0) return;
  Diag *d = diag_new(k->c->sink, E_CAMPAIGN_WORD, n->when.span, "the next phase begins when the one before is `started`, or when it is `done`");
  Suggest s = suggest_begin(text, strlen(text));
  suggest_offer(&s, "started");
  suggest_offer(&s, "done");
  suggest_fix(k, d, n->when.span, &s);
}

/* ---- a failed day ---- */

static void check_failed_day(Checker *k, FailedDay *s) {
  uint32_t kind, member = k->campaign->entity_kind;
  int64_t stop;
  if (s->last.atom && (!find_plural(k, s->last.atom, &kind) || kind != member)) {
    const char *word = name_text(k, k->c->kinds.items[member].singular);
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_WORD, s->last.span, "the campaign's members are called `%s`", word);
    diag_fix(k->c->sink, d, s->last.span, false, word, "`that %s last`", word);
  }
  if (s->stop && check_value(k, s->stop, type_plain(TYPE_INT), "the number of failed days") && constant_value(s->stop, &stop) && stop <= 0)
    diag_new(k->c->sink, E_CAMPAIGN_WORD, s->stop->span, "it would stop before its first day");
}

/* ---- the runbook of a visit ---- */

static bool may_be_left_out(const Symbol *param) { return ((const ParamDecl *)param->decl)->value != NULL; }

static void check_run_arguments(Checker *k, Run *run, const Symbol *s) {
  const SymbolList *params = &s->body->params;
  uint32_t least = 0;
  for (uint32_t i = 0; i < params->len; i++)
    if (!may_be_left_out(params->items[i])) least = i + 1;
  if (run->args.len < least || run->args.len > params->len) {
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_RUN, run->node.span, "`%s` needs %u argument%s, and %u %s given", name_text(k, s->name),
                       run->args.len < least ? least : params->len, (run->args.len < least ? least : params->len) == 1 ? "" : "s",
                       run->args.len, run->args.len == 1 ? "is" : "are");
    diag_label(k->c->sink, d, s->span, "declared here");
  }
  for (uint32_t i = 0; i < run->args.len && i < params->len; i++) {
    const Symbol *p = params->items[i];
    TypeId t = check_expr(k, run->args.items[i], p->type);
    if (type_silent(t) || type_silent(p->type) || t == p->type || type_compatible(t, p->type)) continue;
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_RUN, run->args.items[i]->span, "`%s` wants %s, and this is %s", name_text(k, s->name),
                       type_text(k->c, p->type), type_text(k->c, t));
    diag_label(k->c->sink, d, p->span, "the parameter");
  }
}

static void check_visit_run(Checker *k, Run *run) {
  Symbol *s = find_global(k, run->name.atom, NS_RUNBOOK);
  const char *text = name_text(k, run->name.atom);
  run->name.symbol = s;
  if (!s && maybe_dropped(k, run->name.atom)) return;
  if (!s) {
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_RUN, run->name.span, "no runbook is called `%s`", text);
    Suggest g = suggest_begin(text, strlen(text));
    offer_globals(k, &g, NS_RUNBOOK);
    suggest_fix(k, d, run->name.span, &g);
    return;
  }
  bool campaign = campaign_of((const RunbookDecl *)s->decl) != NULL;
  if (!campaign && !s->body->alias) {
    check_run_arguments(k, run, s);
    return;
  }
  Diag *d = diag_new(k->c->sink, E_CAMPAIGN_RUN, run->name.span, "`%s` %s", text, campaign ? "is a campaign itself" : "stands for an incident");
  diag_label(k->c->sink, d, s->span, "declared here");
}

/* ---- all ---- */

static const Term *term_of(Checker *k, const Campaign *c) {
  for (uint32_t i = 0; i < c->clauses.len; i++)
    if (c->clauses.items[i]->kind == AST_TERM) return (const Term *)c->clauses.items[i];
  if (incomplete(k, &declaration(k)->node)) return NULL;
  Diag *d = diag_new(k->c->sink, E_CAMPAIGN_DAYS, declaration(k)->name.span, "the campaign `%s` does not say when it begins",
                     name_text(k, declaration(k)->name.atom));
  diag_note(k->c->sink, d, "`from 2026-01-05 by 2026-01-18`: the first day, and the last good one");
  return NULL;
}

static void check_campaign_clause(Checker *k, Node *n, uint32_t unit, const Term *term) {
  switch ((AstKind)n->kind) {
  case AST_TERM: check_term(k, (const Term *)n); break;
  case AST_VISIT_SIZE: check_size(k, (VisitSize *)n); break;
  case AST_TAKES: check_visit_takes(k, (Takes *)n); break;
  case AST_THROUGH: check_visit_through(k, (Through *)n); break;
  case AST_PHASES: check_phases(k, (Phases *)n); break;
  case AST_NEXT_PHASE: check_next_phase(k, (const NextPhase *)n); break;
  case AST_ROLLING:
    check_where(k, ((Rolling *)n)->where);
    check_day_share(k, ((Rolling *)n)->share, ((Rolling *)n)->per, unit);
    break;
  case AST_SPREAD: check_spread(k, (Spread *)n, unit); break;
  case AST_PLACES: check_places(k, (Places *)n, term); break;
  case AST_FAILED_DAY: check_failed_day(k, (FailedDay *)n); break;
  case AST_RUN: check_visit_run(k, (Run *)n); break;
  default: break;
  }
}

void check_campaign(Checker *k, Campaign *c) {
  const Term *term = term_of(k, c);
  if (!k->campaign) return;
  uint32_t unit = check_campaign_budget(k);
  for (uint32_t i = 0; i < c->clauses.len; i++)
    if (!c->clauses.items[i]->poison) check_campaign_clause(k, c->clauses.items[i], unit, term);
}
