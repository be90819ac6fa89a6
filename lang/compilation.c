/* compilation: see compilation.h. Owns what a compilation holds, and the order of the checker's work. */
#include <config.h>

#include "lang/check.h"

#include <assert.h>
#include <stdlib.h>

Compilation *compilation_new(const ModuleLoader *loader) {
  Compilation *c = xcalloc(1, sizeof *c);
  c->arena = arena_new();
  c->map = source_map_new(c->arena);
  c->names = intern_new();
  c->sink = diag_sink_new(c->arena, c->map);
  if (loader) c->loader = *loader;
  c->scope = xcalloc(1, sizeof *c->scope);
  scope_init(c->scope);
  return c;
}

static void body_done(Body *b) {
  vec_done(&b->params);
  vec_done(&b->sets);
  vec_done(&b->steps);
  vec_done(&b->gates);
  vec_done(&b->remembers);
  free(b->runs);
  free(b->run_sets);
}

void compilation_free(Compilation *c) {
  if (!c) return;
  for (uint32_t i = 0; i < c->bodies.len; i++) body_done(c->bodies.items[i]);
  SymbolList *const lists[] = {&c->attrs,    &c->facts,    &c->metrics,     &c->settings, &c->roles,
                               &c->channels, &c->actions,  &c->automations, &c->hazards,  &c->policies,
                               &c->sites,    &c->runbooks, &c->procedures, &c->incidents};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) vec_done(lists[i]);
  vec_done(&c->modules);
  vec_done(&c->calendars);
  vec_done(&c->kinds);
  vec_done(&c->enums);
  vec_done(&c->services);
  vec_done(&c->tests);
  vec_done(&c->bodies);
  free(c->reach);
  modules_done(c);
  scope_done(c->scope);
  free(c->scope);
  intern_free(c->names);
  arena_free(c->arena); /* the map and the sink live in it */
  free(c);
}

/* ---- the order of work ---- */

static Symbol *builtin(Compilation *c, Builtin which, const char *name) {
  Symbol *s = arena_new_object(c->arena, Symbol);
  *s = (Symbol){.kind = SYM_BUILTIN,
                .space = NS_VALUE,
                .name = intern_str(c->names, name),
                .index = which,
                .entity_kind = TYPE_NO_KIND};
  return s;
}

static void checker_init(Checker *k, Compilation *c) {
  *k = (Checker){.c = c, .scope = c->scope, .stamp = 16};
  k->builtin[BUILTIN_UNKNOWN] = builtin(c, BUILTIN_UNKNOWN, "unknown");
  k->builtin[BUILTIN_COUNT] = builtin(c, BUILTIN_COUNT, "count");
  k->builtin[BUILTIN_NAME] = builtin(c, BUILTIN_NAME, "name");
  k->builtin[BUILTIN_NAME]->type = type_plain(TYPE_TEXT);
  k->unknown = k->builtin[BUILTIN_UNKNOWN]->name;
  k->count = k->builtin[BUILTIN_COUNT]->name;
  k->name = k->builtin[BUILTIN_NAME]->name;
  k->power = intern_str(c->names, "power");
}

/* Calls check for each symbol, seen from its own module. */
static void each_symbol(Checker *k, const SymbolList *list, Where where, void (*check)(Checker *, Symbol *)) {
  for (uint32_t i = 0; i < list->len; i++) {
    k->module = list->items[i]->module;
    k->where = where;
    check(k, list->items[i]);
  }
}

static void check_contracts(Checker *k) {
  each_symbol(k, &k->c->settings, WHERE_CONTRACT, check_setting);
  each_symbol(k, &k->c->actions, WHERE_CONTRACT, check_action);
  each_symbol(k, &k->c->automations, WHERE_CONTRACT, check_automation);
  each_symbol(k, &k->c->hazards, WHERE_CONTRACT, check_hazard);
  each_symbol(k, &k->c->policies, WHERE_CONTRACT, check_policy);
}

static void check_ordinary(Checker *k, Symbol *s) {
  if (!campaign_of((const RunbookDecl *)s->decl)) check_runbook(k, s);
}

static void check_campaigns(Checker *k, Symbol *s) {
  if (campaign_of((const RunbookDecl *)s->decl)) check_runbook(k, s);
}

static void check_bodies(Checker *k) {
  check_procedures(k);
  each_symbol(k, &k->c->runbooks, WHERE_RUNBOOK, check_ordinary);
  each_symbol(k, &k->c->runbooks, WHERE_RUNBOOK, check_campaigns); /* the parameters of what they run are known now */
}

static void check_tests(Checker *k) {
  for (uint32_t i = 0; i < k->c->modules.len; i++) {
    Module *m = k->c->modules.items[i];
    k->module = m;
    k->where = WHERE_TEST;
    for (uint32_t j = 0; j < m->file->decls.len; j++)
      if (m->file->decls.items[j]->kind == AST_TEST) check_test(k, (TestDecl *)m->file->decls.items[j], m);
  }
}

bool compilation_check(Compilation *c) {
  assert(!c->checked);
  c->checked = true;
  Checker k;
  checker_init(&k, c);
  collect_broken(&k);
  for (uint32_t i = 0; i < c->modules.len; i++) {
    k.module = c->modules.items[i];
    declare_module(&k, k.module);
  }
  check_kinds(&k);
  check_declarations(&k);
  check_contracts(&k);
  check_bodies(&k);
  check_tests(&k);
  each_symbol(&k, &c->sites, WHERE_SITE, check_site);
  if (diag_errors(c->sink)) return false; /* what is unused may be so because of a mistake */
  for (uint32_t i = 0; i < c->bodies.len; i++) check_unused(&k, c->bodies.items[i]);
  return true;
}

/* ---- what the compiler asks ---- */

const Campaign *campaign_of(const RunbookDecl *r) {
  const NodeList *stmts = &((const Block *)r->body)->stmts;
  return stmts->len == 1 && stmts->items[0]->kind == AST_CAMPAIGN ? (const Campaign *)stmts->items[0] : NULL;
}

bool kind_leads_up(const Compilation *c, uint32_t kind, uint32_t to) {
  if (kind >= c->kinds.len || to >= c->kinds.len) return false; /* TYPE_NO_KIND: reported */
  return c->reach && c->reach[(size_t)kind * c->kinds.len + to];
}

bool kind_holds(const Compilation *c, uint32_t kind, uint32_t member) {
  if (kind >= c->kinds.len || member >= c->kinds.len) return false;
  if (kind == member || kind_leads_up(c, member, kind)) return true;
  const KindInfo *m = &c->kinds.items[member];
  for (uint32_t i = 0; i < m->attr_len; i++)
    if (c->attrs.items[m->first_attr + i]->type == type_of(TYPE_LIST, kind)) return true;
  return false;
}

Symbol *kind_attr(const Compilation *c, uint32_t kind, Atom name) {
  const KindInfo *info = &c->kinds.items[kind];
  for (uint32_t i = 0; i < info->attr_len; i++)
    if (c->attrs.items[info->first_attr + i]->name == name) return c->attrs.items[info->first_attr + i];
  return NULL;
}

bool attr_is_own(const Symbol *attr) {
  const Node *type = ((const AttrDecl *)attr->decl)->type;
  return type && type->kind == AST_TYPE_NAME && ((const TypeName *)type)->is_own;
}

Symbol *enum_word(const Compilation *c, uint32_t enumeration, Atom word) {
  const EnumInfo *e = &c->enums.items[enumeration];
  for (uint32_t i = 0; i < e->word_len; i++)
    if (e->words[i]->name == word) return e->words[i];
  return NULL;
}

Symbol *body_set(const Compilation *c, const Body *runbook, uint32_t kind) {
  for (uint32_t i = 0; i < runbook->sets.len; i++) {
    Symbol *s = runbook->sets.items[i];
    if (s->name == c->kinds.items[kind].plural && s->entity_kind == kind) return s;
  }
  return NULL;
}
