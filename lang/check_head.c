/* check_head: what stands at the top of a runbook: parameters, sets, who is left out, when and how much at
 * once, what must hold. A set is known from its line on; one that is frozen after a step, from the end of
 * that step on. */
#include <config.h>

#include "lang/check.h"

#include <string.h>
#include <strings.h>

/* ---- parameters ---- */

static void check_param(Checker *k, ParamDecl *p) {
  if (k->body->params.len == LIMIT_PARAMS)
    diag_new(k->c->sink, E_LIMIT, p->name.span, "more than %u parameters", LIMIT_PARAMS);
  Symbol *s = symbol_new(k, SYM_PARAM, NS_VALUE, &p->name, &p->node);
  symbols_add(&k->body->params, s);
  p->name.symbol = s;
  s->type = check_type(k, p->type, s, false);
  if (type_is(s->type, TYPE_ENTITY)) s->entity_kind = type_ref(s->type);
  check_text(k, p->title);
  if (p->value && type_is(s->type, TYPE_ENTITY)) {
    Diag *d =
        diag_new(k->c->sink, E_CONSTANT_NEEDED, p->value->span,
                 "a %s is known only to an inventory: it has no default", kind_text(k, type_ref(s->type)));
    diag_note(k->c->sink, d, "it is given by its name when the plan is made");
  } else if (p->value && !type_silent(s->type) && check_value(k, p->value, s->type, "the parameter")) {
    int64_t value;
    if (p->value->kind != AST_TEXT && !constant_value(p->value, &value))
      diag_new(k->c->sink, E_CONSTANT_NEEDED, p->value->span, "a default is known before the run");
  }
  declare_local(k, s, "the parameter");
}

/* ---- sets ---- */

static void check_set_name(Checker *k, const Symbol *s) {
  uint32_t kind;
  if (s->entity_kind == TYPE_NO_KIND || !find_plural(k, s->name, &kind) || kind == s->entity_kind) return;
  Diag *d = diag_new(k->c->sink, E_SET_NAME, s->span, "a set of %s is called `%s`",
                     plural_text(k, s->entity_kind), name_text(k, s->name));
  diag_note(k->c->sink, d, "everywhere else that word means members of %s", kind_text(k, kind));
}

static void check_select(Checker *k, Symbol *s) {
  Select *sel = (Select *)s->decl;
  ScopeMark mark = enter_names(k);
  Symbol *var = open_binder(k, ast_cast(Binder, BINDER, sel->binder), TYPE_NO_KIND);
  s->entity_kind = var->entity_kind;
  s->type = var->entity_kind == TYPE_NO_KIND ? type_plain(TYPE_POISON) : type_of(TYPE_SET, var->entity_kind);
  leave_names(k, mark);
  check_set_name(k, s);
  declare_local(k, s, "the set");
}

static void declare_set(Checker *k, Select *sel) {
  if (k->body->sets.len == LIMIT_SETS)
    diag_new(k->c->sink, E_LIMIT, sel->name.span, "more than %u sets", LIMIT_SETS);
  Symbol *s = symbol_new(k, SYM_SET, NS_VALUE, &sel->name, &sel->node);
  symbols_add(&k->body->sets, s);
  sel->name.symbol = s;
  if (!sel->after.atom) {
    check_select(k, s);
    return;
  }
  s->type = type_plain(TYPE_POISON);
  Symbol *step = find_local(k, sel->after.atom, NS_STEP);
  sel->after.symbol = step;
  if (step) {
    symbol_used(step);
    return;
  }
  const char *text = name_text(k, sel->after.atom);
  scope_push(k->scope, s); /* silent from here on */
  if (maybe_dropped(k, sel->after.atom)) return;
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, sel->after.span, "no step is called `%s`", text);
  Suggest g = suggest_begin(text, strlen(text));
  offer_locals(k, &g, NS_STEP);
  suggest_fix(k, d, sel->after.span, &g);
}

void freeze_sets_after(Checker *k, const Symbol *step) {
  if (k->where != WHERE_RUNBOOK || !step->uses) return;
  for (uint32_t i = 0; i < k->body->sets.len; i++) {
    Symbol *s = k->body->sets.items[i];
    if (((Select *)s->decl)->after.symbol == step) check_select(k, s);
  }
}

const Select *later_set(const Checker *k, Atom name) {
  if (k->where != WHERE_RUNBOOK || !k->body) return NULL;
  const NodeList *clauses = &((const RunbookDecl *)k->body->symbol->decl)->clauses;
  for (uint32_t i = 0; i < clauses->len; i++)
    if (clauses->items[i]->kind == AST_SELECT && ((const Select *)clauses->items[i])->name.atom == name)
      return (const Select *)clauses->items[i];
  return NULL;
}

/* ---- leave out ---- */

static void check_leave_out(Checker *k, LeaveOut *l) {
  ScopeMark mark = enter_names(k);
  Binder *b = ast_cast(Binder, BINDER, l->binder);
  uint32_t kind;
  Symbol *var = open_binder(k, b, TYPE_NO_KIND);
  bool set = b->source && (b->source->poison ||
                           (b->source->kind == AST_NAME_REF && ref_meaning((NameRef *)b->source) == REF_SET));
  if (!set)
    diag_new(k->c->sink, E_NOT_SET, b->source ? b->source->span : l->node.span,
             "members are left out of a set that the runbook selects");
  if (!b->where && !incomplete(k, &l->node))
    diag_new(k->c->sink, E_CONSTANT_CONDITION, l->node.span,
             "this leaves everyone out: say who with `where`");
  kind = var->entity_kind;
  leave_names(k, mark);
  if (l->most) check_amount(k, l->most, kind, "what is left out are");
}

/* ---- window ---- */

static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static int day_of(const char *word) {
  for (int i = 0; i < 7; i++)
    if (strcmp(word, days[i]) == 0) return i;
  return -1;
}

static void check_days(Checker *k, const NodeList *list) {
  const Word *seen[7] = {0};
  for (uint32_t i = 0; i < list->len; i++) {
    Word *w = ast_cast(Word, WORD, list->items[i]);
    const char *text = name_text(k, w->name.atom);
    int day = day_of(text);
    if (day < 0) {
      Diag *d = diag_new(k->c->sink, E_WINDOW, w->name.span, "`%s` is no day", text);
      diag_note(k->c->sink, d, "days are Mon, Tue, Wed, Thu, Fri, Sat, Sun, or `daily`");
      Suggest s = suggest_begin(text, strlen(text));
      for (int j = 0; j < 7; j++)
        if (strlen(text) < 3 || strncasecmp(text, days[j], 3) != 0) suggest_offer(&s, days[j]);
        else s.best = days[j]; /* Monday */
      suggest_fix(k, d, w->name.span, &s);
    } else if (seen[day]) {
      Diag *d = diag_new(k->c->sink, E_WINDOW, w->name.span, "the day %s is listed twice", text);
      diag_label(k->c->sink, d, seen[day]->name.span, "listed here first");
    } else {
      seen[day] = w;
    }
  }
}

/* Read now, so that what is proved and planned is what was read; its text goes into the program. */
static void check_calendar(Checker *k, const Window *w) {
  const NodeList *parts = &((const Text *)w->freeze)->parts;
  if (w->freeze->kind != AST_TEXT || parts->len != 1 || parts->items[0]->kind != AST_TEXT_PART) {
    diag_new(k->c->sink, E_CONSTANT_NEEDED, w->freeze->span, "the calendar of a window is the name of a file, the same for every run");
    return;
  }
  if (!k->c->loader.calendar || checker_quiet(k)) return;
  const char *path = name_text(k, ((const TextPart *)parts->items[0])->bytes.atom);
  const Source *s = k->c->loader.calendar(k->c->loader.ctx, k->c->map, k->c->arena, k->c->sink, k->module->source, path, w->freeze->span);
  if (s) vec_push(&k->c->calendars, ((CalendarRef){&w->node, s}));
}

static void check_window(Checker *k, Window *w) {
  TypeId time = type_of(TYPE_QUANTITY, QUANTITY_TIME);
  int64_t from, to;
  check_days(k, &w->days);
  bool begin = check_value(k, w->from, time, "the begin of a window");
  bool end = check_value(k, w->to, time, "the end of a window");
  bool known = begin && end && constant_value(w->from, &from) && constant_value(w->to, &to);
  if (begin && end && !known)
    diag_new(k->c->sink, E_CONSTANT_NEEDED, w->from->span,
             "the times of a window are the same for every run");
  if (known && from == to) {
    Diag *d =
        diag_new(k->c->sink, E_WINDOW, w->to->span, "this window is never open: it ends when it begins");
    diag_label(k->c->sink, d, w->from->span, "it begins");
    diag_note(k->c->sink, d, "the whole day is 00:00 to 24:00");
  }
  check_zone(k, w->zone, "the zone of a window");
  for (uint32_t i = 0; i < w->except.len; i++)
    check_value(k, w->except.items[i], type_of(TYPE_QUANTITY, QUANTITY_DATE), "an exception");
  if (w->freeze && check_value(k, w->freeze, type_plain(TYPE_TEXT), "a calendar")) check_calendar(k, w);
}

/* ---- budget, goal, require ---- */

static void check_budget_zone(Checker *k, const Limit *l) {
  int64_t per;
  if (l->mode != LIMIT_PER_TIME || !l->per || !constant_value(l->per, &per)) return;
  if (per != 86400000) {
    diag_new(k->c->sink, E_BUDGET, l->per->span, "a budget is per day");
  } else if (!l->zone) {
    Diag *d =
        diag_new(k->c->sink, E_BUDGET, l->node.span, "`per day` does not say in which zone the day begins");
    diag_fix(k->c->sink, d, (Span){l->node.span.hi, l->node.span.hi}, false, " in \"UTC\"", "name the zone");
  }
}

static void check_budget(Checker *k, Budget *b) {
  uint32_t kind = TYPE_NO_KIND;
  Symbol *set = find_local(k, b->of.atom, NS_VALUE);
  if (set && set->kind == SYM_SET) {
    symbol_used(set);
    kind = set->entity_kind;
  } else if (!find_plural(k, b->of.atom, &kind)) {
    kind = TYPE_NO_KIND;
    resolve_global(k, &b->of, NS_MEMBER, "the kind"); /* says what is wrong */
  }
  if (kind != TYPE_NO_KIND) b->of.symbol = k->c->kinds.items[kind].symbol;
  check_limits(k, &b->limits, kind, "the budget is of");
  for (uint32_t i = 0; i < b->limits.len; i++) check_budget_zone(k, (Limit *)b->limits.items[i]);
}

/* What a goal wants back: members of one of the sets. */
static void check_goal(Checker *k, Goal *g) {
  if (g->within) check_duration(k, g->within, "a goal", false);
  if (!g->back) return;
  TypeId t = check_expr(k, g->back, 0);
  if (type_silent(t) || type_is(t, TYPE_COUNT)) return;
  if (type_is(t, TYPE_FRACTION))
    diag_new(k->c->sink, E_FRACTION_OF, g->back->span, "a percentage says of what: `98%% of nodes`");
  else report_type(k, g->back, "a number of members");
}

static void check_require(Checker *k, Require *r) {
  check_condition(k, r->condition);
  check_text(k, r->why);
}

static void check_obey(Checker *k, Obey *o) {
  for (uint32_t i = 0; i < o->names.len; i++)
    resolve_global(k, &ast_cast(Word, WORD, o->names.items[i])->name, NS_POLICY, "the policy");
}

/* ---- all ---- */

static void check_head_clause(Checker *k, Node *n) {
  switch (n->kind) {
  case AST_OWNER: check_text(k, ((Owner *)n)->text); break;
  case AST_OBEY: check_obey(k, (Obey *)n); break;
  case AST_LEAVE_OUT: check_leave_out(k, (LeaveOut *)n); break;
  case AST_WINDOW: check_window(k, (Window *)n); break;
  case AST_BUDGET: check_budget(k, (Budget *)n); break;
  case AST_GOAL: check_goal(k, (Goal *)n); break;
  case AST_REQUIRE: check_require(k, (Require *)n); break;
  case AST_EMERGENCY_CLAUSE: check_emergency_clause(k, (EmergencyClause *)n); break;
  case AST_EMBARGO: check_condition(k, ((Embargo *)n)->condition); break;
  default: break; /* parameters and sets came before */
  }
}

const uint8_t *runbook_uses(Checker *k, const RunbookDecl *r) {
  uint8_t *extra = NULL;
  for (uint32_t i = 0; i < r->clauses.len; i++) {
    if (r->clauses.items[i]->kind != AST_USE) continue;
    const Use *use = (const Use *)r->clauses.items[i];
    if (!extra) extra = arena_new_array(k->c->arena, uint8_t, k->c->modules.len);
    for (uint32_t j = 0; j < use->names.len; j++) {
      const Symbol *m = ((const Word *)use->names.items[j])->name.symbol;
      if (m) extra[m->index] = 1;
    }
  }
  return extra;
}

void check_head(Checker *k, RunbookDecl *r) {
  bool owner = false;
  for (uint32_t i = 0; i < r->clauses.len; i++) {
    Node *n = r->clauses.items[i];
    if (n->kind == AST_PARAM) check_param(k, (ParamDecl *)n);
    if (n->kind == AST_WINDOW) k->window = n;
    owner |= n->kind == AST_OWNER;
  }
  open_incident(k, r);
  bool campaign = campaign_of(r) != NULL;
  for (uint32_t i = 0; i < r->clauses.len; i++)
    if (r->clauses.items[i]->kind == AST_SELECT && !(campaign && campaign_refuses(k, r->clauses.items[i])))
      declare_set(k, (Select *)r->clauses.items[i]);
  open_campaign(k, r);
  for (uint32_t i = 0; i < r->clauses.len; i++)
    if (r->clauses.items[i]->kind != AST_SELECT && !(campaign && campaign_refuses(k, r->clauses.items[i])))
      check_head_clause(k, r->clauses.items[i]);
  if (owner || incomplete(k, &r->node)) return;
  Diag *d = diag_new(k->c->sink, E_NO_OWNER, r->name.span, "the %s `%s` has no owner", campaign ? "campaign" : "runbook",
                     name_text(k, r->name.atom));
  diag_note(k->c->sink, d, "`owner \"team\"`: who answers for it, and is asked when it does not end well");
}

void check_runbook(Checker *k, Symbol *s) {
  RunbookDecl *r = (RunbookDecl *)s->decl;
  ScopeMark mark = enter_names(k);
  k->extra = runbook_uses(k, r);
  begin_body(k, s->body, WHERE_RUNBOOK);
  check_head(k, r);
  check_block(k, r->body);
  check_embargoes(k, r);
  check_emergencies(k, r);
  check_lasts(k, r);
  check_capacity(k, r);
  leave_names(k, mark);
  end_body(k);
}
