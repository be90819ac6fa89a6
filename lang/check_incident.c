/* check_incident: incidents and the runbooks that stand for them. The fields of an incident are parameters of the runbook,
 * known in all of it behind the name that `on incident NAME as i` gives; its block is all that such a runbook does. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

/* The parameter of a run that says that its limit per member is passed. */
#define OVER_LIMIT "over_limit"

/* ---- declarations ---- */

static bool is_attachment(const Checker *k, const Node *type) {
  return type && type->kind == AST_TYPE_NAME && !((const TypeName *)type)->is_list && ((const TypeName *)type)->name.atom &&
         strcmp(name_text(k, ((const TypeName *)type)->name.atom), "attachment") == 0;
}

bool field_is_attachment(const Checker *k, const Node *field) {
  return field && field->kind == AST_PARAM && is_attachment(k, ((const ParamDecl *)field)->type);
}

static void check_field_name(Checker *k, const NodeList *fields, uint32_t at) {
  const Name *name = &((const ParamDecl *)fields->items[at])->name;
  for (uint32_t i = 0; i < at && i < COMPARED; i++) {
    const Name *first = &((const ParamDecl *)fields->items[i])->name;
    if (name->atom == 0 || first->atom != name->atom) continue;
    Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, name->span, "the field `%s` is declared twice", name_text(k, name->atom));
    diag_label(k->c->sink, d, first->span, "declared here first");
    return;
  }
  if (name->atom == 0 || strcmp(name_text(k, name->atom), OVER_LIMIT) != 0) return;
  Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, name->span, "`" OVER_LIMIT "` is a parameter of every run for an incident");
  diag_note(k->c->sink, d, "it says that the limit per member is passed; call the field otherwise");
}

static void check_incident(Checker *k, Symbol *s) {
  const NodeList *fields = &((IncidentDecl *)s->decl)->fields;
  check_text(k, ((IncidentDecl *)s->decl)->title);
  for (uint32_t i = 0; i < fields->len; i++) {
    ParamDecl *f = ast_cast(ParamDecl, PARAM, fields->items[i]);
    if (i == LIMIT_PARAMS) diag_new(k->c->sink, E_LIMIT, f->name.span, "more than %u fields", LIMIT_PARAMS);
    check_field_name(k, fields, i);
    if (f->type && is_attachment(k, f->type)) f->type->type = type_plain(TYPE_TEXT);
    else if (f->type) f->type->type = check_type(k, f->type, NULL, false);
    check_text(k, f->title);
  }
}

void check_incidents(Checker *k) {
  for (uint32_t i = 0; i < k->c->incidents.len; i++) {
    k->module = k->c->incidents.items[i]->module;
    check_incident(k, k->c->incidents.items[i]);
  }
}

/* ---- what a runbook has of it ---- */

static OnIncident *first_incident(const RunbookDecl *r) {
  const NodeList *stmts = &((const Block *)r->body)->stmts;
  for (uint32_t i = 0; i < stmts->len; i++)
    if (stmts->items[i]->kind == AST_ON_INCIDENT) return (OnIncident *)stmts->items[i];
  return NULL;
}

static void add_field(Checker *k, ParamDecl *decl, TypeId type) {
  for (uint32_t i = 0; i < k->body->first_field; i++) {
    const Symbol *own = k->body->params.items[i];
    if (own->name != decl->name.atom) continue;
    Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, own->span, "the parameter `%s` has the name of a field of the incident",
                       name_text(k, own->name));
    diag_label(k->c->sink, d, decl->name.span, "the field");
    diag_note(k->c->sink, d, "both are given by their name when a run is planned");
  }
  if (k->body->params.len == LIMIT_PARAMS)
    diag_new(k->c->sink, E_LIMIT, k->body->alias->span, "more than %u parameters, with the fields of the incident", LIMIT_PARAMS);
  Symbol *s = symbol_new(k, SYM_PARAM, NS_VALUE, &decl->name, &decl->node);
  s->type = type;
  if (type_is(type, TYPE_ENTITY)) s->entity_kind = type_ref(type);
  symbol_used(s);
  symbols_add(&k->body->params, s);
}

static bool has_limit(const OnIncident *o) {
  for (uint32_t i = 0; i < o->runs.len; i++)
    if (((const OnePer *)o->runs.items[i])->most) return true;
  return false;
}

/* What the desk sets and nobody declares: false in a run that is within its limit. */
static ParamDecl *over_limit(Checker *k, Span span) {
  ParamDecl *p = (ParamDecl *)ast_new(k->c->arena, AST_PARAM, span);
  p->name = (Name){.atom = intern_str(k->c->names, OVER_LIMIT), .span = span};
  p->value = ast_new(k->c->arena, AST_BOOL, span);
  return p;
}

void open_incident(Checker *k, RunbookDecl *r) {
  OnIncident *o = first_incident(r);
  k->body->first_field = k->body->params.len;
  if (!o) return;
  Symbol *incident = resolve_global(k, &o->incident, NS_INCIDENT, "the incident");
  Symbol *alias = symbol_new(k, SYM_ALIAS, NS_VALUE, &o->alias, &o->node);
  o->alias.symbol = k->body->alias = alias;
  alias->type = type_plain(TYPE_POISON);
  declare_local(k, alias, "the incident");
  if (!incident) return;
  const NodeList *fields = &((const IncidentDecl *)incident->decl)->fields;
  for (uint32_t i = 0; i < fields->len; i++) {
    ParamDecl *f = (ParamDecl *)fields->items[i];
    if (f->name.atom) add_field(k, f, f->type ? f->type->type : type_plain(TYPE_POISON));
  }
  if (has_limit(o)) add_field(k, over_limit(k, o->incident.span), type_plain(TYPE_TRUTH));
}

/* ---- i.node, i.logs attached ---- */

static Symbol *body_field(const Body *b, Atom name) {
  for (uint32_t i = b->first_field; i < b->params.len; i++)
    if (b->params.items[i]->name == name) return b->params.items[i];
  return NULL;
}

TypeId check_field(Checker *k, Member *m, const Symbol *alias) {
  NameRef *ref = (NameRef *)m->object;
  const OnIncident *o = (const OnIncident *)alias->decl;
  ref->name.symbol = (Symbol *)alias;
  ref->node.meaning = REF_ALIAS;
  if (!o->incident.symbol || m->name.atom == 0) return type_plain(TYPE_POISON);
  Symbol *s = body_field(k->body, m->name.atom);
  if (s && ((const ParamDecl *)s->decl)->type) {
    m->name.symbol = s;
    m->node.meaning = MEMBER_FIELD;
    return s->type;
  }
  if (maybe_dropped(k, m->name.atom) || incomplete(k, o->incident.symbol->decl)) return type_plain(TYPE_POISON);
  const char *text = name_text(k, m->name.atom);
  Diag *d = diag_new(k->c->sink, E_INCIDENT_FIELD, m->name.span, "the incident `%s` has no field `%s`",
                     name_text(k, o->incident.atom), text);
  diag_label(k->c->sink, d, o->incident.symbol->span, "declared here");
  Suggest g = suggest_begin(text, strlen(text));
  for (uint32_t i = k->body->first_field; i < k->body->params.len; i++)
    suggest_offer(&g, name_text(k, k->body->params.items[i]->name));
  suggest_fix(k, d, m->name.span, &g);
  return type_plain(TYPE_POISON);
}

TypeId check_attached(Checker *k, Attached *a) {
  TypeId t = check_expr(k, a->object, 0);
  if (type_silent(t)) return t;
  const Member *m = (const Member *)a->object;
  bool field = m->node.kind == AST_MEMBER && member_meaning(m) == MEMBER_FIELD;
  if (field && field_is_attachment(k, m->name.symbol->decl)) return type_plain(TYPE_TRUTH);
  Diag *d = diag_new(k->c->sink, E_ATTACHED, a->node.span, "%s is never attached", field ? "this field" : "this");
  if (field) diag_label(k->c->sink, d, m->name.symbol->span, "it is %s", type_text(k->c, t));
  diag_note(k->c->sink, d, "an incident declares what may come with it: `logs : attachment`");
  return type_plain(TYPE_POISON);
}

/* ---- one run per ---- */

void report_one_per(Checker *k, const OnePer *o) {
  Diag *d = diag_new(k->c->sink, E_ONE_RUN, o->node.span, "`one run per` stands in the block of `on incident`");
  diag_note(k->c->sink, d, "it says how the runs of a standing runbook are limited, and is no step of them");
}

/* A number of runs that is the same for every incident. */
static void check_runs(Checker *k, Node *n) {
  int64_t v;
  if (!n || !check_value(k, n, type_plain(TYPE_INT), "the number of runs")) return;
  if (!constant_value(n, &v)) diag_new(k->c->sink, E_CONSTANT_NEEDED, n->span, "the number of runs is the same for every incident");
  else if (v < 1) diag_new(k->c->sink, E_LIMIT_ZERO, n->span, "with %lld, no incident would ever be run", (long long)v);
}

static void check_span(Checker *k, Node *n, const char *what) {
  int64_t v;
  if (n && check_duration(k, n, what, false) && !constant_value(n, &v))
    diag_new(k->c->sink, E_CONSTANT_NEEDED, n->span, "%s is the same for every incident", what);
}

/* The kind that runs are about; TYPE_NO_KIND: reported. */
static uint32_t check_run_member(Checker *k, OnePer *o) {
  TypeId t = check_expr(k, o->member, 0);
  if (type_silent(t)) return TYPE_NO_KIND;
  bool field = o->member->kind == AST_MEMBER && member_meaning((const Member *)o->member) == MEMBER_FIELD;
  if (field && type_is(t, TYPE_ENTITY)) return type_ref(t);
  const char *wanted = field ? "a thing of the inventory" : "what a field of the incident names";
  Diag *d = diag_new(k->c->sink, E_RUN_KEY, o->member->span, "a run is for %s, and this is %s", wanted, type_text(k->c, t));
  diag_note(k->c->sink, d, "`one run per %s.node`, where the incident has a field `node : Node`",
            name_text(k, k->body->alias->name));
  return TYPE_NO_KIND;
}

static void check_most(Checker *k, OnePer *o, uint32_t kind) {
  uint32_t group;
  check_runs(k, o->most);
  check_span(k, o->period, "the time of a limit");
  if (!find_plural(k, o->group.atom, &group)) {
    resolve_global(k, &o->group, NS_MEMBER, "the kind"); /* says what is wrong */
    return;
  }
  o->group.symbol = k->c->kinds.items[group].symbol;
  if (kind == TYPE_NO_KIND || group == kind) return;
  Diag *d = diag_new(k->c->sink, E_RUN_LIMIT, o->group.span, "runs are counted per %s here, and there is one per %s",
                     name_text(k, o->group.atom), name_text(k, k->c->kinds.items[kind].singular));
  diag_label(k->c->sink, d, o->member->span, "a run is for this");
}

static void check_otherwise(Checker *k, OnePer *o) {
  if (o->otherwise && o->otherwise->kind == AST_RUN) check_run(k, (Run *)o->otherwise);
  else if (o->otherwise) check_exit(k, o->otherwise);
  if (!o->most == !o->otherwise || incomplete(k, &o->node)) return;
  Diag *d = diag_new(k->c->sink, E_RUN_LIMIT, (o->most ? o->most : o->otherwise)->span, "%s",
                     o->most ? "it is not said what happens to an incident beyond this limit"
                             : "nothing leads here: there is no limit per member");
  diag_note(k->c->sink, d, "`at most 2 per node per 24h else run to_repair(%s.node)`, or an exit behind `else`",
            name_text(k, k->body->alias->name));
}

static void check_one_per(Checker *k, OnePer *o) {
  uint32_t kind = check_run_member(k, o);
  check_span(k, o->join, "the time in which repeats join");
  check_runs(k, o->at_once);
  if (o->most) check_most(k, o, kind);
  check_otherwise(k, o);
}

static void check_only_run(Checker *k, const OnIncident *o) {
  if (o->runs.len == 0 && !incomplete(k, &o->node)) {
    Diag *d = diag_new(k->c->sink, E_ONE_RUN, o->incident.span, "it is not said what there is one run for");
    diag_note(k->c->sink, d, "`one run per %s.node, repeats within 2h join it, at most 5 at once`", name_text(k, o->alias.atom));
  }
  if (o->runs.len < 2) return;
  Diag *d = diag_new(k->c->sink, E_ONE_RUN, o->runs.items[1]->span, "a second `one run per`");
  diag_label(k->c->sink, d, o->runs.items[0]->span, "the first one");
}

/* ---- the block ---- */

/* A second incident, or a statement that belongs to none. */
static void check_alone(Checker *k, const OnIncident *o) {
  const NodeList *stmts = &((const Block *)((const RunbookDecl *)k->body->symbol->decl)->body)->stmts;
  for (uint32_t i = 0; i < stmts->len; i++) {
    const Node *s = stmts->items[i];
    if (s == &o->node || s->poison) continue;
    bool second = s->kind == AST_ON_INCIDENT;
    Diag *d = diag_new(k->c->sink, E_STANDING_ALONE, s->span, "%s",
                       second ? "a second incident: a runbook stands for one" : "this would be done for no incident");
    diag_label(k->c->sink, d, o->incident.span, "the runbook stands for this");
    diag_note(k->c->sink, d, "%s",
              second ? "write another runbook; what both do is a procedure" : "put it into the block of `on incident`");
    return;
  }
}

bool check_on_incident(Checker *k, OnIncident *o) {
  if (!k->body->alias || k->body->alias->decl != &o->node) return false; /* a second one: reported */
  check_alone(k, o);
  check_only_run(k, o);
  for (uint32_t i = 0; i < o->runs.len; i++) check_one_per(k, (OnePer *)o->runs.items[i]);
  check_block(k, o->body);
  return false;
}
