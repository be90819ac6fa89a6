/* check_test: tests of runbooks: what is given and what is expected exist, in the runbook and in the modules
 * that it uses. Whether members of these names are in the fleet is known when the test runs. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

static const char *const outcomes[] = {"completed", "rolled_back", "failed",    "refused",
                                       "stale",     "ended",       "cancelled", "held"};

static void check_outcome(Checker *k, const ExpectOutcome *e) {
  const char *text = name_text(k, e->outcome.atom);
  for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
    if (strcmp(outcomes[i], text) == 0) return;
  Diag *d = diag_new(k->c->sink, E_NO_SUCH_VALUE, e->outcome.span, "no run ends `%s`", text);
  diag_note(k->c->sink, d,
            "a run is completed, rolled_back, failed, refused, stale, ended, cancelled or held");
  Suggest s = suggest_begin(text, strlen(text));
  for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) suggest_offer(&s, outcomes[i]);
  suggest_fix(k, d, e->outcome.span, &s);
}

/* ---- members by name ---- */

static bool test_kind(Checker *k, Name *name, uint32_t *ret_kind) {
  if (name->atom == 0) return false;
  if (!find_plural(k, name->atom, ret_kind)) {
    Symbol *s = find_global(k, name->atom, NS_TYPE);
    if (!s || s->kind != SYM_KIND) {
      resolve_global(k, name, NS_MEMBER, "the kind"); /* says what is wrong */
      return false;
    }
    *ret_kind = s->index;
  }
  name->symbol = k->c->kinds.items[*ret_kind].symbol;
  return true;
}

/* A name in a test is written out. */
static void check_plain_text(Checker *k, Node *text) {
  if (!text || text->kind != AST_TEXT) return;
  const Text *t = (const Text *)text;
  for (uint32_t i = 0; i < t->parts.len; i++) {
    if (t->parts.items[i]->kind == AST_TEXT_PART) continue;
    diag_new(k->c->sink, E_CONSTANT_NEEDED, t->parts.items[i]->span,
             "a test names its members as they are: there is no `${}` here");
    return;
  }
  text->type = type_plain(TYPE_TEXT);
}

static void check_member_of(Checker *k, Name *kind_name, Node *member, uint32_t wanted, const Symbol *of) {
  uint32_t kind;
  check_plain_text(k, member);
  if (!test_kind(k, kind_name, &kind) || wanted == TYPE_NO_KIND || kind == wanted) return;
  if (kind_leads_up(k->c, wanted, kind)) return; /* every node of that rack */
  Diag *d = diag_new(k->c->sink, E_WRONG_KIND, kind_name->span, "`%s` is of a %s, and this is a %s",
                     name_text(k, of->name), kind_text(k, wanted), kind_text(k, kind));
  diag_label(k->c->sink, d, of->span, "declared here");
}

/* ---- what is given ---- */

static uint32_t first_kind(const ActionDecl *a) {
  if (a->params.len == 0) return TYPE_NO_KIND;
  const ParamDecl *p = (const ParamDecl *)a->params.items[0];
  return p->type && type_is(p->type->type, TYPE_ENTITY) ? type_ref(p->type->type) : TYPE_NO_KIND;
}

static void check_given_action(Checker *k, GivenAction *g) {
  bool lock = g->verb.atom != 0;
  Symbol *s =
      resolve_global(k, &g->name, lock ? NS_AUTOMATION : NS_ACTION, lock ? "the automation" : "the action");
  if (s && !lock && s->kind != SYM_ACTION) {
    diag_new(k->c->sink, E_WRONG_NAME, g->name.span, "`%s` is a procedure: its actions fail, not it",
             name_text(k, g->name.atom));
    s = NULL;
  }
  uint32_t wanted = !s ? TYPE_NO_KIND : lock ? s->entity_kind : first_kind((const ActionDecl *)s->decl);
  if (g->kind.atom) check_member_of(k, &g->kind, g->member, wanted, s);
  if (g->count && check_value(k, g->count, type_plain(TYPE_INT), "how often")) {
    int64_t n;
    if (constant_value(g->count, &n) && n < 1)
      diag_new(k->c->sink, E_LIMIT_ZERO, g->count->span, "at least once");
  }
  if (g->landing) check_duration(k, g->landing, "how late an effect lands", false);
}

/* given: a container stands for everything in it. */
static bool is_of_kind(const Checker *k, const NodeList *kinds, uint32_t kind, bool given) {
  for (uint32_t i = 0; i < kinds->len; i++) {
    const Symbol *s = ((const Word *)kinds->items[i])->name.symbol;
    if (!s || s->index == kind || (given && kind_leads_up(k->c, s->index, kind))) return true;
  }
  return false;
}

/* FACT of KIND "member": the fact, or NULL and reported. At the end a setting may be asked for, too. */
static Symbol *test_fact(Checker *k, Name *fact, Name *kind_name, Node *member, bool given) {
  uint32_t kind;
  Symbol *s = resolve_global(k, fact, NS_PROPERTY, "the fact");
  check_plain_text(k, member);
  bool known = test_kind(k, kind_name, &kind);
  if (!s) return NULL;
  bool setting = s->kind == SYM_SETTING && !given, metric = s->kind == SYM_METRIC && given;
  if (s->kind != SYM_FACT && !setting && !metric) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, fact->span, "`%s` is no fact", name_text(k, fact->atom));
    diag_label(k->c->sink, d, s->span, "declared here");
    return NULL;
  }
  const NodeList *kinds = setting  ? &((const SettingDecl *)s->decl)->kinds
                          : metric ? &((const MetricDecl *)s->decl)->kinds
                                   : &((const FactDecl *)s->decl)->kinds;
  if (!known || is_of_kind(k, kinds, kind, given)) return s;
  report_no_fact(k, kind_name->span, s, kind);
  return NULL;
}

/* What a metric reads is a number, or nothing. */
static void check_given_metric(Checker *k, const GivenFact *g, const Symbol *s) {
  if (s->kind != SYM_METRIC) {
    Diag *d = diag_new(k->c->sink, E_WRONG_TYPE, g->number->span, "`%s` is a fact: it is one of its words", name_text(k, s->name));
    diag_label(k->c->sink, d, s->span, "declared here");
  } else if (g->number) {
    check_value(k, g->number, s->type, "the metric");
  } else if (g->value.atom != k->unknown) {
    diag_new(k->c->sink, E_WRONG_TYPE, g->value.span, "`%s` is %s", name_text(k, s->name), type_text(k->c, s->type));
  }
}

static void check_given_fact(Checker *k, GivenFact *g) {
  Symbol *s = test_fact(k, &g->fact, &g->kind, g->member, true);
  if (s && (g->number || s->kind == SYM_METRIC)) {
    check_given_metric(k, g, s);
    return;
  }
  if (!s || g->value.atom == k->unknown || type_silent(s->type)) return;
  NameRef probe = {.node = {.kind = AST_NAME_REF, .span = g->value.span}, .name = g->value};
  if (!type_is(s->type, TYPE_ENUM))
    diag_new(k->c->sink, E_WRONG_TYPE, g->value.span, "`%s` is %s", name_text(k, s->name),
             type_text(k->c, s->type));
  else if (check_expr(k, &probe.node, s->type)) g->value.symbol = probe.name.symbol;
}

typedef enum BodyPart { PART_PARAMS, PART_STEPS, PART_GATES } BodyPart;

static const SymbolList *part_of(const Body *b, BodyPart part) {
  return part == PART_PARAMS ? &b->params : part == PART_STEPS ? &b->steps : &b->gates;
}

/* Steps and gates may stand in procedures that the runbook runs; each is looked at once. */
static Symbol *body_symbol(Checker *k, Body *b, BodyPart part, Atom name) {
  const SymbolList *list = part_of(b, part);
  b->mark = k->stamp;
  for (uint32_t i = 0; i < list->len; i++)
    if (list->items[i]->name == name) return list->items[i];
  for (uint32_t i = 0; part != PART_PARAMS && i < b->run_len; i++) {
    Body *callee = b->runs[i]->name.symbol ? b->runs[i]->name.symbol->body : NULL;
    if (!callee || callee->mark == k->stamp || callee->inline_depth > LIMIT_INLINE) continue;
    Symbol *s = body_symbol(k, callee, part, name);
    if (s) return s;
  }
  return NULL;
}

/* A step, gate or parameter of the runbook. */
static Symbol *find_in_body(Checker *k, Body *body, BodyPart part, Name *name, const char *what) {
  if (name->atom == 0) return NULL;
  const char *text = name_text(k, name->atom);
  k->stamp++;
  name->symbol = body_symbol(k, body, part, name->atom);
  if (name->symbol || maybe_dropped(k, name->atom)) return name->symbol;
  if (body->symbol && incomplete(k, body->symbol->decl)) return NULL; /* most likely in what could not be read */
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "the runbook has no %s `%s`", what, text);
  if (checker_quiet(k)) return NULL;
  Suggest near = suggest_begin(text, strlen(text));
  const SymbolList *list = part_of(body, part);
  for (uint32_t i = 0; i < list->len; i++) suggest_offer(&near, name_text(k, list->items[i]->name));
  suggest_fix(k, d, name->span, &near);
  return NULL;
}

static void check_given_value(Checker *k, const Symbol *s, Node *value) {
  if (type_is(s->type, TYPE_ENTITY)) {
    if (value && value->kind == AST_TEXT) check_plain_text(k, value);
    else if (value)
      diag_new(k->c->sink, E_WRONG_TYPE, value->span, "a %s is given by its name, in quotes",
               kind_text(k, type_ref(s->type)));
    return;
  }
  int64_t known;
  if (check_value(k, value, s->type, "the parameter") && value->kind != AST_TEXT && !constant_value(value, &known))
    diag_new(k->c->sink, E_CONSTANT_NEEDED, value->span, "a test gives its parameters as they are");
}

static void check_given_param(Checker *k, Body *b, GivenParam *g) {
  const Symbol *s = find_in_body(k, b, PART_PARAMS, &g->name, "parameter");
  if (s) check_given_value(k, s, g->value);
}

static void check_given_field(Checker *k, Body *b, GivenField *g) {
  const Symbol *s = b->alias ? find_in_body(k, b, PART_PARAMS, &g->name, "incident field") : NULL;
  if (s && s->index >= b->first_field) {
    check_given_value(k, s, g->value);
  } else if (s || !b->alias) {
    const char *name = name_text(k, g->name.atom);
    Diag *d = b->alias ? diag_new(k->c->sink, E_TEST, g->node.span, "`%s` is no field of the incident", name)
                       : diag_new(k->c->sink, E_TEST, g->node.span, "the runbook does not run for an incident");
    diag_note(k->c->sink, d, "a parameter is given by `given param %s = ...`", name);
  }
}

static void check_given_gate(Checker *k, Body *b, GivenGate *g) {
  Symbol *s = find_in_body(k, b, PART_GATES, &g->name, "gate");
  if (g->kind.atom) check_member_of(k, &g->kind, g->member, s ? s->entity_kind : TYPE_NO_KIND, s);
  if (g->after) check_duration(k, g->after, "how long an answer takes", true);
}

static void check_given_start(Checker *k, GivenStart *g) {
  check_value(k, g->date, type_of(TYPE_QUANTITY, QUANTITY_DATE), "the day of the start");
  check_value(k, g->time, type_of(TYPE_QUANTITY, QUANTITY_TIME), "the time of the start");
  check_plain_text(k, g->zone);
  if (g->zone) check_zone_name(k, g->zone);
}

/* ---- what is expected ---- */

static void check_expect_fact(Checker *k, const ExpectFact *e) {
  if (!e->condition || e->condition->kind != AST_IS) return;
  Is *is = (Is *)e->condition;
  if (is->subject->kind != AST_OF || ((Of *)is->subject)->object->kind != AST_ENTITY) return;
  Of *of = (Of *)is->subject;
  Entity *entity = (Entity *)of->object;
  Symbol *s = test_fact(k, &of->name, &entity->kind, entity->member, false);
  if (!s) return;
  is->node.type = type_plain(TYPE_TRUTH);
  of->node.meaning = OF_FACT;
  of->node.type = s->type;
  if (entity->kind.symbol) entity->node.type = entity->kind.symbol->type;
  for (uint32_t i = 0; i < is->values.len; i++) {
    TypeId t = check_expr(k, is->values.items[i], s->type);
    if (!type_silent(t) && !type_compatible(s->type, t))
      report_type(k, is->values.items[i], type_text(k->c, s->type));
  }
}

static void check_expect_members(Checker *k, ExpectMembers *e) {
  uint32_t kind;
  if (e->kind.atom) test_kind(k, &e->kind, &kind);
  for (uint32_t i = 0; i < e->members.len; i++) check_plain_text(k, e->members.items[i]);
}

static void check_expect_unlocked(Checker *k, ExpectUnlocked *e) {
  uint32_t kind;
  if (e->automation.atom) resolve_global(k, &e->automation, NS_AUTOMATION, "the automation");
  if (e->kind.atom) test_kind(k, &e->kind, &kind);
  for (uint32_t i = 0; i < e->except.len; i++) check_plain_text(k, e->except.items[i]);
}

static void check_expect_out(Checker *k, ExpectOut *e) {
  uint32_t kind = TYPE_NO_KIND;
  if (e->of.atom && !test_kind(k, &e->of, &kind)) return;
  check_amount(k, e->most, kind, "what is out are");
}

/* ---- all ---- */

static void check_line(Checker *k, Body *b, Node *n) {
  switch (n->kind) {
  case AST_GIVEN_FLEET: check_plain_text(k, ((GivenFleet *)n)->path); break;
  case AST_GIVEN_PARAM: check_given_param(k, b, (GivenParam *)n); break;
  case AST_GIVEN_FIELD: check_given_field(k, b, (GivenField *)n); break;
  case AST_GIVEN_ACTION: check_given_action(k, (GivenAction *)n); break;
  case AST_GIVEN_FACT:
    check_given_fact(k, (GivenFact *)n);
    if (((GivenFact *)n)->at) check_duration(k, ((GivenFact *)n)->at, "when it happens", false);
    if (((GivenFact *)n)->step.atom) find_in_body(k, b, PART_STEPS, &((GivenFact *)n)->step, "step");
    if (((GivenFact *)n)->lasts) check_duration(k, ((GivenFact *)n)->lasts, "the time that it lasts", false);
    break;
  case AST_GIVEN_GATE: check_given_gate(k, b, (GivenGate *)n); break;
  case AST_GIVEN_EVENT:
    find_in_body(k, b, PART_STEPS, &((GivenEvent *)n)->step, "step");
    if (((GivenEvent *)n)->after)
      check_duration(k, ((GivenEvent *)n)->after, "the time until it is resumed", true);
    break;
  case AST_GIVEN_START: check_given_start(k, (GivenStart *)n); break;
  case AST_GIVEN_SEED: check_value(k, ((GivenSeed *)n)->value, type_plain(TYPE_INT), "the seed"); break;
  case AST_EXPECT_OUTCOME: check_outcome(k, (ExpectOutcome *)n); break;
  case AST_EXPECT_MEMBERS: check_expect_members(k, (ExpectMembers *)n); break;
  case AST_EXPECT_UNLOCKED: check_expect_unlocked(k, (ExpectUnlocked *)n); break;
  case AST_EXPECT_FACT: check_expect_fact(k, (ExpectFact *)n); break;
  case AST_EXPECT_OUT: check_expect_out(k, (ExpectOut *)n); break;
  case AST_EXPECT_FINISH: check_duration(k, ((ExpectFinish *)n)->within, "the time to finish", false); break;
  default: break; /* the parser said what was wrong with it */
  }
}

static bool is_expectation(const Node *n) {
  return n->kind >= AST_EXPECT_OUTCOME && n->kind <= AST_EXPECT_FINISH;
}

static bool gives(const Node *clause, Atom name) {
  if (clause->kind == AST_GIVEN_PARAM) return ((const GivenParam *)clause)->name.atom == name;
  return clause->kind == AST_GIVEN_FIELD && ((const GivenField *)clause)->name.atom == name;
}

/* Parameters without a default must be given, or the test cannot start. */
static void check_params_given(Checker *k, const Body *b, const TestDecl *t) {
  for (uint32_t i = 0; i < b->params.len && i < LIMIT_PARAMS; i++) {
    const Symbol *s = b->params.items[i];
    if (((const ParamDecl *)s->decl)->value || field_is_attachment(k, s->decl)) continue;
    bool given = false, field = s->index >= b->first_field;
    for (uint32_t j = 0; j < t->clauses.len; j++) given |= gives(t->clauses.items[j], s->name);
    if (given) continue;
    Diag *d = diag_new(k->c->sink, E_TEST, t->runbook.span, "the test gives no value to the %s `%s`", field ? "field" : "parameter",
                       name_text(k, s->name));
    diag_label(k->c->sink, d, s->span, "it has no default");
    diag_note(k->c->sink, d, "`given %s %s = ...`", field ? "incident" : "param", name_text(k, s->name));
  }
}

void check_test(Checker *k, TestDecl *t, Module *m) {
  bool fleet = false, expects = false;
  k->module = m;
  Symbol *s = resolve_global(k, &t->runbook, NS_RUNBOOK, "the runbook");
  check_once(k, &t->clauses, "a test");
  if (!s) return;
  if (campaign_of((const RunbookDecl *)s->decl)) {
    Diag *d = diag_new(k->c->sink, E_CAMPAIGN_TEST, t->runbook.span, "`%s` is a campaign: it is planned, not run", name_text(k, s->name));
    diag_note(k->c->sink, d, "`tagout calendar` plans it; a test is of the runbook of its visits");
    return;
  }
  k->extra = runbook_uses(k, (RunbookDecl *)s->decl);
  for (uint32_t i = 0; i < t->clauses.len; i++) {
    Node *n = t->clauses.items[i];
    fleet |= n->kind == AST_GIVEN_FLEET;
    expects |= is_expectation(n);
    if (!n->poison) check_line(k, s->body, n);
  }
  k->extra = NULL;
  if (incomplete(k, &t->node)) return;
  Span at = t->title ? t->title->span : t->node.span;
  if (!fleet) {
    Diag *d = diag_new(k->c->sink, E_TEST, at, "the test has no fleet");
    diag_note(k->c->sink, d, "`given fleet \"samples/toy-1-rack.csv\"`");
  }
  if (!expects) diag_new(k->c->sink, E_TEST, at, "the test expects nothing: it cannot fail");
  check_params_given(k, s->body, t);
}
