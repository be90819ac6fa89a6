/* check_site: a site binds what the library declares to what is there: actions, facts, automations, settings,
 * metrics, roles, channels. Each once, with the parameters of the contract, by a driver that exists. Which
 * drivers this version can carry out is the runtime's to say. */
#include <config.h>

#include "lang/check.h"
#include "lang/site_role.h"

#include <stdlib.h>
#include <string.h>

static const char *const drivers[] = {"exec",       "ssh",   "redfish", "ipmi",  "http",
                                      "prometheus", "slurm", "webhook", "native"};
static const char *const automation_verbs[] = {"lock", "unlock", "state"};
static const char *const setting_verbs[] = {"set", "get"};
#define LEN(array) (sizeof(array) / sizeof *(array))

/* What the site has bound so far, by index of the table that the symbol stands in; a NULL is not bound. */
typedef struct Bound {
  Node **actions, **facts, **automations, **settings, **metrics, **roles, **channels;
  uint32_t *fact_first; /* facts are bound per kind: facts[fact_first[fact] + position of the kind] */
} Bound;

static uint32_t index_of(const char *word, const char *const *words, size_t len) {
  uint32_t i = 0;
  while (i < len && strcmp(word, words[i]) != 0) i++;
  return i;
}

/* ---- what is wrong with one binding ---- */

static void once(Checker *k, Node **slot, Node *now, const Name *name) {
  if (!*slot) {
    *slot = now;
    return;
  }
  Diag *d = diag_new(k->c->sink, E_BIND_TWICE, now->span, "`%s` is bound twice", name_text(k, name->atom));
  diag_label(k->c->sink, d, (*slot)->span, "the first one");
}

static void check_driver(Checker *k, const Name *driver, const NodeList *args) {
  if (driver->atom == 0) return;
  const char *text = name_text(k, driver->atom);
  if (index_of(text, drivers, LEN(drivers)) == LEN(drivers)) {
    Diag *d = diag_new(k->c->sink, E_DRIVER, driver->span, "no driver is called `%s`", text);
    Suggest s = suggest_begin(text, strlen(text));
    for (size_t i = 0; i < LEN(drivers); i++) suggest_offer(&s, drivers[i]);
    suggest_fix(k, d, driver->span, &s);
    return;
  }
  bool program = args->len > 0 && args->items[0]->kind == AST_TEXT && ((const Text *)args->items[0])->parts.len > 0;
  if (strcmp(text, "exec") == 0 && !program)
    diag_new(k->c->sink, E_DRIVER, driver->span, "`exec` wants a program: `by exec \"path/of/program\" ...`");
}

static void check_driver_args(Checker *k, const NodeList *args) {
  for (uint32_t i = 0; i < args->len; i++) {
    Node *arg = args->items[i];
    if (arg->kind == AST_TYPE_NAME || arg->kind == AST_TYPE_ENUM) {
      check_type(k, arg, NULL, false);
      continue;
    }
    if (arg->kind == AST_NAME_REF && !find_local(k, ((NameRef *)arg)->name.atom, NS_VALUE))
      continue; /* a word of the driver's own */
    TypeId t = check_expr(k, arg, 0);
    if (type_silent(t) || type_is_value(t) || type_is(t, TYPE_TRUTH) || type_is(t, TYPE_LIST)) continue;
    diag_new(k->c->sink, E_NOT_SHOWABLE, arg->span, "%s cannot be handed to a driver", type_text(k->c, t));
  }
}

static void bind_var(Checker *k, Node *param, TypeId type) {
  ParamDecl *p = ast_cast(ParamDecl, PARAM, param);
  Symbol *s = symbol_new(k, SYM_VAR, NS_VALUE, &p->name, &p->node);
  s->index = k->slots++;
  s->type = type;
  if (type_is(type, TYPE_ENTITY)) s->entity_kind = type_ref(type);
  p->name.symbol = s;
  declare_local(k, s, "the parameter");
}

static void check_bind_params(Checker *k, const Bind *b, const TypeId *types, uint32_t len,
                              const Symbol *of) {
  if (b->params.len != len) {
    Diag *d = diag_new(k->c->sink, E_BIND_PARAMS, b->name.span, "`%s` has %u parameter%s, and %u %s bound",
                       name_text(k, b->name.atom), len, len == 1 ? "" : "s", b->params.len,
                       b->params.len == 1 ? "is" : "are");
    if (of) diag_label(k->c->sink, d, of->span, "declared here");
  }
  for (uint32_t i = 0; i < b->params.len; i++)
    bind_var(k, b->params.items[i], i < len ? types[i] : type_plain(TYPE_POISON));
}

/* ---- the sorts of bindings ---- */

static void bind_action(Checker *k, Bind *b, Bound *bound) {
  Symbol *s = resolve_global(k, &b->name, NS_ACTION, "the action");
  TypeId types[LIMIT_PARAMS] = {0};
  uint32_t len = b->params.len;
  if (s && s->kind == SYM_ACTION) {
    const NodeList *params = &((ActionDecl *)s->decl)->params;
    len = params->len;
    for (uint32_t i = 0; i < len && i < LIMIT_PARAMS; i++) {
      const ParamDecl *p = (const ParamDecl *)params->items[i];
      types[i] = p->type ? p->type->type : type_plain(TYPE_POISON);
    }
    once(k, &bound->actions[s->index], &b->node, &b->name);
  } else if (s) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, b->name.span,
                       "`%s` is a procedure: its actions are bound, not it", name_text(k, b->name.atom));
    diag_label(k->c->sink, d, s->span, "declared here");
  }
  check_bind_params(k, b, types, len < LIMIT_PARAMS ? len : LIMIT_PARAMS, s);
}

static void bind_native(Checker *k, Bind *b) {
  check_type(k, b->type, NULL, false);
  for (uint32_t i = 0; i < b->params.len; i++) bind_var(k, b->params.items[i], type_plain(TYPE_POISON));
}

static bool kind_place(const FactDecl *f, uint32_t kind, uint32_t *ret) {
  for (*ret = 0; *ret < f->kinds.len; ++*ret) {
    const Symbol *s = ((const Word *)f->kinds.items[*ret])->name.symbol;
    if (s && s->index == kind) return true;
  }
  return false;
}

static void bind_fact(Checker *k, Bind *b, Bound *bound) {
  Symbol *s = resolve_global(k, &b->name, NS_PROPERTY, "the fact");
  ParamDecl *p = b->params.len ? ast_cast(ParamDecl, PARAM, b->params.items[0]) : NULL;
  TypeId t = p ? check_type(k, p->type, NULL, false) : type_plain(TYPE_POISON);
  uint32_t place;
  if (s && s->kind != SYM_FACT) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, b->name.span, "`%s` is no fact", name_text(k, b->name.atom));
    diag_label(k->c->sink, d, s->span, "declared here");
  } else if (s && type_is(t, TYPE_ENTITY)) {
    if (kind_place((FactDecl *)s->decl, type_ref(t), &place)) {
      once(k, &bound->facts[bound->fact_first[s->index] + place], &b->node, &b->name);
    } else {
      report_no_fact(k, p->type->span, s, type_ref(t));
    }
  } else if (s && !type_silent(t)) {
    diag_new(k->c->sink, E_TYPE_PLACE, p->type->span, "a fact is of a kind, not of %s", type_text(k->c, t));
  }
  if (p) bind_var(k, &p->node, t);
  if (b->every) check_duration(k, b->every, "how often it is read", false);
}

static void report_verb(Checker *k, const Bind *b, const char *const *verbs, size_t len) {
  const char *text = name_text(k, b->verb.atom);
  Diag *d = diag_new(k->c->sink, E_BIND_VERB, b->verb.span, "`%s` cannot be bound to do `%s`",
                     name_text(k, b->name.atom), text);
  Suggest s = suggest_begin(text, strlen(text));
  for (size_t i = 0; i < len; i++) suggest_offer(&s, verbs[i]);
  suggest_fix(k, d, b->verb.span, &s);
  if (len == LEN(automation_verbs))
    diag_note(k->c->sink, d, "an automation is bound to `lock`, `unlock` and `state`");
  else diag_note(k->c->sink, d, "a setting is bound to `set` and `get`");
}

static TypeId entity_of(uint32_t kind) {
  return kind == TYPE_NO_KIND ? type_plain(TYPE_POISON) : type_of(TYPE_ENTITY, kind);
}

static void bind_setting(Checker *k, Bind *b, Symbol *s, Bound *bound) {
  const SettingDecl *d = (const SettingDecl *)s->decl;
  const Symbol *kind = d->kinds.len ? ((const Word *)d->kinds.items[0])->name.symbol : NULL;
  TypeId types[2] = {entity_of(kind ? kind->index : TYPE_NO_KIND), s->type};
  uint32_t verb = index_of(name_text(k, b->verb.atom), setting_verbs, LEN(setting_verbs));
  b->what = BIND_SETTING;
  if (verb == LEN(setting_verbs)) report_verb(k, b, setting_verbs, LEN(setting_verbs));
  else once(k, &bound->settings[s->index * LEN(setting_verbs) + verb], &b->node, &b->name);
  check_bind_params(k, b, types, verb == 1 ? 1 : 2, s);
}

static void bind_automation(Checker *k, Bind *b, Bound *bound) {
  Symbol *setting = find_global(k, b->name.atom, NS_PROPERTY);
  if (setting && setting->kind == SYM_SETTING && !find_global(k, b->name.atom, NS_AUTOMATION)) {
    b->name.symbol = setting;
    bind_setting(k, b, setting, bound);
    return;
  }
  Symbol *s = resolve_global(k, &b->name, NS_AUTOMATION, "the automation");
  TypeId type = type_plain(TYPE_POISON);
  if (s && s->kind == SYM_HAZARD) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, b->name.span, "`%s` is a hazard: it cannot be locked",
                       name_text(k, b->name.atom));
    diag_label(k->c->sink, d, s->span, "declared here");
  } else if (s) {
    type = entity_of(s->entity_kind);
    uint32_t verb = index_of(name_text(k, b->verb.atom), automation_verbs, LEN(automation_verbs));
    if (verb == LEN(automation_verbs)) report_verb(k, b, automation_verbs, LEN(automation_verbs));
    else once(k, &bound->automations[s->index * LEN(automation_verbs) + verb], &b->node, &b->name);
  }
  check_bind_params(k, b, &type, 1, s);
}

static void check_bind(Checker *k, Bind *b, Bound *bound) {
  ScopeMark mark = enter_names(k);
  switch ((BindWhat)b->what) {
  case BIND_ACTION: bind_action(k, b, bound); break;
  case BIND_FACT: bind_fact(k, b, bound); break;
  case BIND_AUTOMATION:
  case BIND_SETTING: bind_automation(k, b, bound); break;
  case BIND_NATIVE: bind_native(k, b); break;
  }
  check_driver(k, &b->driver, &b->args);
  check_driver_args(k, &b->args);
  leave_names(k, mark);
}

/* ---- metrics, roles, channels, the inventory ---- */

static void check_site_metric(Checker *k, SiteMetric *m, Bound *bound) {
  Symbol *s = resolve_global(k, &m->name, NS_PROPERTY, "the metric");
  uint32_t kind;
  TypeId t = check_type(k, m->type, NULL, false);
  for (uint32_t i = 0; i < m->kinds.len; i++)
    find_named_kind(k, &ast_cast(Word, WORD, m->kinds.items[i])->name, &kind, "what a metric is of");
  if (s && s->kind != SYM_METRIC) {
    Diag *d =
        diag_new(k->c->sink, E_WRONG_NAME, m->name.span, "`%s` is no metric", name_text(k, m->name.atom));
    diag_label(k->c->sink, d, s->span, "declared here");
  } else if (s) {
    once(k, &bound->metrics[s->index], &m->node, &m->name);
    if (!type_silent(t) && !type_silent(s->type) && t != s->type && m->type->kind != AST_TYPE_ENUM) {
      Diag *d = diag_new(k->c->sink, E_WRONG_TYPE, m->type->span, "`%s` is %s, and this says %s",
                         name_text(k, s->name), type_text(k->c, s->type), type_text(k->c, t));
      diag_label(k->c->sink, d, s->span, "declared here");
    }
  }
  check_driver(k, &m->driver, &m->args);
  check_driver_args(k, &m->args);
  if (m->stale) check_duration(k, m->stale, "after which time a metric is stale", false);
}

static void check_site_fleet(Checker *k, SiteFleet *f) {
  const char *text = name_text(k, f->format.atom);
  check_text(k, f->path);
  if (f->format.atom == 0 || strcmp(text, "csv") == 0 || strcmp(text, "json") == 0) return;
  Diag *d = diag_new(k->c->sink, E_DRIVER, f->format.span, "an inventory is `csv` or `json`, not `%s`", text);
  Suggest s = suggest_begin(text, strlen(text));
  suggest_offer(&s, "csv");
  suggest_offer(&s, "json");
  suggest_fix(k, d, f->format.span, &s);
}

static void check_role(Checker *k, const SiteRole *r) {
  SiteRoleWords words = site_role_words(r, k->c->names);
  if (words.signers) check_text(k, (Node *)words.signers);
  if (words.revoked) check_text(k, (Node *)words.revoked);
  if (!words.bad) return;
  Diag *d = diag_new(k->c->sink, E_SITE_ROLE, words.bad->span, words.signers ? "this does not fit behind a role" : "a role of a site names its signers");
  diag_note(k->c->sink, d, "behind the name of a role stand `signers \"FILE\"` and, if wanted, `revoked \"FILE\"`, `quorum N` (1 to %d) and "
                           "`approves plans`, each once", ROLE_QUORUM_MOST);
}

static void check_site_clause(Checker *k, Node *n, Bound *bound) {
  switch (n->kind) {
  case AST_BIND: check_bind(k, (Bind *)n, bound); break;
  case AST_SITE_ZONE: check_zone(k, ((SiteZone *)n)->zone, "the zone of a site"); break;
  case AST_SITE_FLEET: check_site_fleet(k, (SiteFleet *)n); break;
  case AST_SITE_METRIC: check_site_metric(k, (SiteMetric *)n, bound); break;
  case AST_SITE_ROLE: {
    SiteRole *r = (SiteRole *)n;
    Symbol *s = resolve_global(k, &r->name, NS_ROLE, "the role");
    if (s) once(k, &bound->roles[s->index], n, &r->name);
    check_role(k, r);
    break;
  }
  case AST_SITE_CHANNEL: {
    SiteChannel *c = (SiteChannel *)n;
    Symbol *s = resolve_global(k, &c->name, NS_CHANNEL, "the channel");
    if (s) once(k, &bound->channels[s->index], n, &c->name);
    check_driver(k, &c->driver, &c->args);
    check_driver_args(k, &c->args);
    break;
  }
  default: break; /* the parser said what was wrong with it */
  }
}

/* ---- what is missing ---- */

#define MISSING_SHOWN 6u

static bool seen_by_site(Checker *k, const Symbol *s) {
  return s->module == k->module ||
         (s->module->symbol->index < k->module->visible_len && k->module->visible[s->module->symbol->index]);
}

static void report_missing(Checker *k, const Symbol *site, const SymbolList *list, Node **bound, size_t verbs,
                           const char *what) {
  Buf names = BUF_INIT;
  uint32_t count = 0;
  for (uint32_t i = 0; i < list->len; i++) {
    bool all = true;
    for (size_t v = 0; v < verbs; v++) all = all && bound[i * verbs + v];
    if (all || !seen_by_site(k, list->items[i])) continue;
    if (count++ < MISSING_SHOWN)
      buf_printf(&names, "%s%s", names.len ? ", " : "", name_text(k, list->items[i]->name));
  }
  if (count) {
    Diag *d =
        diag_new(k->c->sink, W_BIND_MISSING, site->span, "the site binds not all of its %s: %u %s missing",
                 what, count, count == 1 ? "is" : "are");
    diag_note(k->c->sink, d, "not bound: %s%s", names.data, count > MISSING_SHOWN ? ", ..." : "");
    diag_note(k->c->sink, d, "what is not bound can be checked, planned and drilled, but not run");
  }
  buf_done(&names);
}

static Node **bound_table(Checker *k, uint32_t len, size_t each) {
  return arena_new_array(k->c->arena, Node *, size_product(len, each) + 1);
}

static void bound_init(Checker *k, Bound *b) {
  const Compilation *c = k->c;
  uint32_t places = 0;
  b->fact_first = arena_new_array(c->arena, uint32_t, c->facts.len + 1u);
  for (uint32_t i = 0; i < c->facts.len; i++) {
    b->fact_first[i] = places;
    places += ((const FactDecl *)c->facts.items[i]->decl)->kinds.len;
  }
  b->facts = bound_table(k, places, 1);
  b->actions = bound_table(k, c->actions.len, 1);
  b->automations = bound_table(k, c->automations.len, LEN(automation_verbs));
  b->settings = bound_table(k, c->settings.len, LEN(setting_verbs));
  b->metrics = bound_table(k, c->metrics.len, 1);
  b->roles = bound_table(k, c->roles.len, 1);
  b->channels = bound_table(k, c->channels.len, 1);
}

void check_site(Checker *k, Symbol *s) {
  SiteDecl *site = (SiteDecl *)s->decl;
  Bound bound;
  bound_init(k, &bound);
  for (uint32_t i = 0; i < site->clauses.len; i++) check_site_clause(k, site->clauses.items[i], &bound);
  if (diag_errors(k->c->sink) || s->module->source->library) return;
  report_missing(k, s, &k->c->actions, bound.actions, 1, "actions");
  report_missing(k, s, &k->c->automations, bound.automations, LEN(automation_verbs), "automations");
}
