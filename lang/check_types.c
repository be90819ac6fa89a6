/* check_types: what a declaration says that something is: names of types, enumerations, and the kinds that
 * facts, metrics and settings are of. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

/* ---- enumerations ---- */

static bool word_is_new(Checker *k, const EnumInfo *e, const Name *word) {
  if (word->atom == k->unknown) {
    Diag *d = diag_new(k->c->sink, E_ENUM_WORD, word->span, "`unknown` cannot be declared as a value");
    diag_note(k->c->sink, d, "everything that is read can be unknown besides the values that are listed");
    return false;
  }
  for (uint32_t i = 0; i < e->word_len; i++) {
    if (e->words[i]->name != word->atom) continue;
    Diag *d = diag_new(k->c->sink, E_ENUM_WORD, word->span, "the value `%s` is listed twice",
                       name_text(k, word->atom));
    diag_label(k->c->sink, d, e->words[i]->span, "listed here first");
    return false;
  }
  return true;
}

static TypeId check_enum(Checker *k, TypeEnum *t, Symbol *owner) {
  uint32_t index = k->c->enums.len;
  TypeId type = type_of(TYPE_ENUM, index);
  EnumInfo e = {.owner = owner,
                .name = owner ? owner->name : 0,
                .words = arena_new_array(k->c->arena, Symbol *, t->values.len + 1)};
  for (uint32_t i = 0; i < t->values.len; i++) {
    Name *name = &ast_cast(Word, WORD, t->values.items[i])->name;
    if (e.word_len == LIMIT_ENUM_WORDS) {
      diag_new(k->c->sink, E_LIMIT, name->span, "more than %u values", LIMIT_ENUM_WORDS);
      break;
    }
    if (name->atom == 0 || !word_is_new(k, &e, name)) continue;
    Symbol *s = symbol_new(k, SYM_WORD, NS_VALUE, name, &t->node);
    s->type = type;
    e.words[e.word_len++] = s;
    s->index = e.word_len; /* code = 1 + position */
    name->symbol = s;
  }
  vec_push(&k->c->enums, e);
  return type;
}

/* ---- names of types ---- */

static TypeId named_type(Checker *k, Symbol *s) {
  if (s->kind != SYM_TYPE) return s->type;
  if (s->type == TYPE_NONE) {
    s->type = type_plain(TYPE_POISON); /* while it is looked at: a type that stands for itself */
    Module *here = k->module;
    k->module = s->module;
    s->type = check_type(k, ((TypeDecl *)s->decl)->type, s, false);
    k->module = here;
  }
  return s->type;
}

static bool plain_type(const char *word, size_t len, TypeId *ret) {
  QuantityKind q;
  if (strcmp(word, "text") == 0) *ret = type_plain(TYPE_TEXT);
  else if (strcmp(word, "bool") == 0) *ret = type_plain(TYPE_TRUTH);
  else if (strcmp(word, "count") == 0) *ret = type_plain(TYPE_INT);
  else if (quantity_kind_find(word, len, &q)) *ret = type_of_quantity(q);
  else return false;
  return true;
}

static void offer_types(Checker *k, Suggest *s) {
  suggest_offer(s, "text");
  suggest_offer(s, "bool");
  for (uint32_t i = 0; i < QUANTITY_KIND_COUNT; i++) suggest_offer(s, quantity_kind_word((QuantityKind)i));
  offer_globals(k, s, NS_TYPE);
}

static void report_no_type(Checker *k, const Name *name) {
  const char *text = name_text(k, name->atom);
  uint32_t kind;
  if (maybe_dropped(k, name->atom)) return;
  if (strcmp(text, "attachment") == 0) {
    Diag *d = diag_new(k->c->sink, E_TYPE_PLACE, name->span, "an attachment comes with an incident: it is the type of one of its fields");
    diag_note(k->c->sink, d, "elsewhere it is a path or an address, `text`");
    return;
  }
  if (find_plural(k, name->atom, &kind)) {
    Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "no type is called `%s`", text);
    diag_fix(k->c->sink, d, name->span, true, kind_text(k, kind), "a kind is written `%s`",
             kind_text(k, kind));
    return;
  }
  if (report_missing_use(k, name, NS_TYPE, "the type")) return;
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "no type is called `%s`", text);
  Suggest s = suggest_begin(text, strlen(text));
  offer_types(k, &s);
  suggest_fix(k, d, name->span, &s);
}

/* `own` is a promise of the inventory about the one entity that an attribute names: false where it promises nothing. */
static bool check_own(Checker *k, const TypeName *t, TypeId type, bool attribute) {
  if (!t->is_own || type_silent(type)) return true;
  const char *fault = !attribute ? "`own` stands only with an attribute of a kind"
                      : t->is_list || !type_is(type, TYPE_ENTITY) ? "`own` stands only with an attribute that names one entity"
                                                                  : NULL;
  if (!fault) return true;
  Diag *d = diag_new(k->c->sink, E_TYPE_PLACE, t->node.span, "%s", fault);
  diag_note(k->c->sink, d, "a kind may say `cooling : own CoolingUnit`: no two of it have the same cooling unit");
  return false;
}

static TypeId check_type_name(Checker *k, TypeName *t, bool lists) {
  Name *name = &t->name;
  if (name->atom == 0) return type_plain(TYPE_POISON);
  TypeId type = type_plain(TYPE_POISON);
  size_t len = intern_length(k->c->names, name->atom);
  if (!plain_type(name_text(k, name->atom), len, &type)) {
    Symbol *s = find_global(k, name->atom, NS_TYPE);
    if (!s) {
      report_no_type(k, name);
      return type;
    }
    if (!resolve_global(k, name, NS_TYPE, "the type")) return type; /* two modules declare it */
    type = named_type(k, s);
  }
  bool own_fits = check_own(k, t, type, lists);
  if (!t->is_list || type_silent(type)) return type;
  if (!own_fits) return type_plain(TYPE_POISON);
  if (!lists || !type_is(type, TYPE_ENTITY)) {
    diag_new(k->c->sink, E_TYPE_PLACE, t->node.span,
             lists ? "a list is of a kind" : "a list cannot stand here");
    return type_plain(TYPE_POISON);
  }
  return type_of(TYPE_LIST, type_ref(type));
}

TypeId check_type(Checker *k, Node *type, Symbol *owner, bool lists) {
  if (!type) return type_plain(TYPE_POISON);
  TypeId t = type_plain(TYPE_POISON);
  if (type->kind == AST_TYPE_ENUM) t = check_enum(k, (TypeEnum *)type, owner);
  else if (type->kind == AST_TYPE_NAME) t = check_type_name(k, (TypeName *)type, lists);
  type->type = t;
  return t;
}

/* ---- kinds by name ---- */

bool find_named_kind(Checker *k, Name *name, uint32_t *ret_kind, const char *what) {
  if (name->atom == 0) return false;
  Symbol *s = find_global(k, name->atom, NS_TYPE);
  if (s && s->kind == SYM_KIND) {
    if (!resolve_global(k, name, NS_TYPE, "the kind")) return false; /* two modules declare it */
    *ret_kind = s->index;
    return true;
  }
  uint32_t kind;
  if (!s && find_plural(k, name->atom, &kind)) {
    Diag *d =
        diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "%s is written with the name of its kind", what);
    diag_fix(k->c->sink, d, name->span, true, kind_text(k, kind), "the kind is called `%s`",
             kind_text(k, kind));
    return false;
  }
  Symbol *found =
      resolve_global(k, name, NS_TYPE, "the kind"); /* says what is wrong, unless it is another type */
  if (!found) return false;
  name->symbol = NULL;
  Diag *d = diag_new(k->c->sink, E_WRONG_NAME, name->span, "`%s` is a type, where a kind is wanted",
                     name_text(k, name->atom));
  diag_label(k->c->sink, d, found->span, "declared here");
  return false;
}

/* ---- facts, metrics, settings ---- */

static void check_kind_list(Checker *k, NodeList *kinds, const char *what) {
  for (uint32_t i = 0; i < kinds->len; i++) {
    Name *name = &ast_cast(Word, WORD, kinds->items[i])->name;
    uint32_t kind;
    if (!find_named_kind(k, name, &kind, what)) continue;
    for (uint32_t j = 0; j < i && j < COMPARED; j++) {
      const Name *first = &((Word *)kinds->items[j])->name;
      if (first->symbol != name->symbol) continue;
      Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, name->span, "`%s` is listed twice",
                         name_text(k, name->atom));
      diag_label(k->c->sink, d, first->span, "listed here first");
      break;
    }
  }
}

static TypeId value_type(Checker *k, Node *type, Symbol *s, const char *what) {
  TypeId t = check_type(k, type, s, false);
  if (type_silent(t) || type_is_value(t) || type_is(t, TYPE_TRUTH)) return t;
  diag_new(k->c->sink, E_TYPE_PLACE, type->span, "%s cannot be of type %s", what, type_text(k->c, t));
  return type_plain(TYPE_POISON);
}

static void check_fact(Checker *k, Symbol *s) {
  FactDecl *f = (FactDecl *)s->decl;
  check_kind_list(k, &f->kinds, "what a fact is of");
  s->type = value_type(k, f->type, s, "a fact");
}

static void check_metric(Checker *k, Symbol *s) {
  MetricDecl *m = (MetricDecl *)s->decl;
  check_kind_list(k, &m->kinds, "what a metric is of");
  s->type = value_type(k, m->type, s, "a metric");
}

static void check_setting_type(Checker *k, Symbol *s) {
  SettingDecl *d = (SettingDecl *)s->decl;
  check_kind_list(k, &d->kinds, "what a setting is of");
  s->type = value_type(k, d->type, s, "a setting");
}

/* ---- parameters ---- */

static void check_params(Checker *k, NodeList *params, const char *what) {
  for (uint32_t i = 0; i < params->len; i++) {
    ParamDecl *p = ast_cast(ParamDecl, PARAM, params->items[i]);
    check_type(k, p->type, NULL, false);
    if (p->type && p->type->kind == AST_TYPE_ENUM)
      diag_new(k->c->sink, E_TYPE_PLACE, p->type->span, "%s is of a type with a name", what);
  }
}

static void check_action_params(Checker *k, Symbol *s) {
  check_params(k, &((ActionDecl *)s->decl)->params, "a parameter");
}
static void check_policy_params(Checker *k, Symbol *s) {
  check_params(k, &((PolicyDecl *)s->decl)->params, "a parameter");
}
static void check_procedure_params(Checker *k, Symbol *s) {
  check_params(k, &((ProcedureDecl *)s->decl)->params, "a parameter");
}

/* What an automation acts on, or a hazard strikes. */
static void check_on(Checker *k, Symbol *s, Node *on) {
  if (!on || on->kind != AST_PARAM) return;
  ParamDecl *p = (ParamDecl *)on;
  TypeId t = check_type(k, p->type, NULL, false);
  if (type_is(t, TYPE_ENTITY)) s->entity_kind = type_ref(t);
  else if (!type_silent(t))
    diag_new(k->c->sink, E_TYPE_PLACE, p->type->span, "`%s` acts on entities of a kind, not on %s",
             name_text(k, s->name), type_text(k->c, t));
}

static void check_automation_on(Checker *k, Symbol *s) { check_on(k, s, ((AutomationDecl *)s->decl)->on); }
static void check_hazard_on(Checker *k, Symbol *s) { check_on(k, s, ((HazardDecl *)s->decl)->on); }

static void each(Checker *k, SymbolList *list, void (*check)(Checker *, Symbol *)) {
  for (uint32_t i = 0; i < list->len; i++) {
    k->module = list->items[i]->module;
    check(k, list->items[i]);
  }
}

void check_declarations(Checker *k) {
  k->where = WHERE_DECL;
  for (uint32_t i = 0; i < k->scope->globals.len; i++)
    if (k->scope->globals.items[i]->kind == SYM_TYPE) named_type(k, k->scope->globals.items[i]);
  each(k, &k->c->facts, check_fact);
  each(k, &k->c->metrics, check_metric);
  each(k, &k->c->settings, check_setting_type);
  each(k, &k->c->actions, check_action_params);
  each(k, &k->c->policies, check_policy_params);
  each(k, &k->c->procedures, check_procedure_params);
  each(k, &k->c->automations, check_automation_on);
  each(k, &k->c->hazards, check_hazard_on);
  check_incidents(k);
}
