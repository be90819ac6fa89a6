/* resolve: from a name to what it means here, and what to say when it means nothing: the nearest name, the
 * missing `use`, the two modules that both declare it. Who may see what: a module sees its own declarations
 * and those of the modules that it uses itself. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

const char *name_text(const Checker *k, Atom a) { return intern_text(k->c->names, a); }

bool checker_quiet(const Checker *k) { return diag_count(k->c->sink) >= LIMIT_DIAGNOSTICS; }

void symbols_add(SymbolList *list, Symbol *s) {
  s->index = list->len;
  vec_push(list, s);
}

Symbol *symbol_new(Checker *k, SymbolKind kind, Namespace space, const Name *name, Node *decl) {
  Symbol *s = arena_new_object(k->c->arena, Symbol);
  s->kind = (uint8_t)kind;
  s->space = (uint8_t)space;
  s->name = name->atom;
  s->span = name->span;
  s->decl = decl;
  s->module = k->module;
  s->body = k->body;
  s->entity_kind = TYPE_NO_KIND;
  return s;
}

/* ---- who sees what ---- */

static bool sees(const Checker *k, const Module *m) {
  if (!m || m == k->module) return true;
  uint32_t i = m->symbol->index;
  if (i < k->module->visible_len && k->module->visible[i]) return true;
  return k->extra && k->extra[i];
}

void symbol_used(Symbol *s) {
  if (s->uses < UINT16_MAX) s->uses++;
}

static Symbol *next_visible(const Checker *k, Symbol *from, Namespace space) {
  for (Symbol *s = scope_next(from, space); s; s = scope_next(s->outer, space))
    if (sees(k, s->module)) return s;
  return NULL;
}

Symbol *find_global(Checker *k, Atom name, Namespace space) {
  Symbol *s = next_visible(k, scope_head(k->scope, name), space);
  if (s) symbol_used(s);
  return s;
}

Symbol *find_local(const Checker *k, Atom name, Namespace space) { return scope_find(k->scope, name, space); }

/* ---- the nearest name ---- */

void offer_globals(Checker *k, Suggest *s, Namespace space) {
  for (uint32_t i = 0; i < k->scope->globals.len; i++) {
    const Symbol *g = k->scope->globals.items[i];
    if (g->space == space && sees(k, g->module)) suggest_offer(s, name_text(k, g->name));
  }
}

void offer_locals(Checker *k, Suggest *s, Namespace space) {
  for (uint32_t i = k->scope->locals.len; i-- > 0;) {
    const Symbol *l = k->scope->locals.items[i];
    if (l->space == space) suggest_offer(s, name_text(k, l->name));
  }
}

void offer_words(Checker *k, Suggest *s, uint32_t enumeration) {
  const EnumInfo *e = &k->c->enums.items[enumeration];
  for (uint32_t i = 0; i < e->word_len; i++) suggest_offer(s, name_text(k, e->words[i]->name));
}

void suggest_fix(Checker *k, Diag *d, Span span, const Suggest *s) {
  const char *best = suggest_best(s);
  if (best) diag_fix(k->c->sink, d, span, false, best, "did you mean `%s`?", best);
}

/* ---- the missing `use` ---- */

/* Where a module's name can be added: behind the last name of the first `use`, or on a line of its own at the
 * top. */
static void use_fix(Checker *k, Diag *d, const char *module) {
  DiagSink *sink = k->c->sink;
  const NodeList *decls = &k->module->file->decls;
  for (uint32_t i = 0; i < decls->len; i++) {
    if (decls->items[i]->kind != AST_USE) continue;
    const Use *use = (const Use *)decls->items[i];
    if (use->names.len == 0) continue;
    SrcPos end = use->names.items[use->names.len - 1]->span.hi;
    diag_fix(sink, d, (Span){end, end}, false, arena_printf(k->c->arena, ", %s", module), "add `use %s`",
             module);
    return;
  }
  SrcPos at = decls->len > 0 ? decls->items[0]->span.lo : k->module->source->base;
  diag_fix(sink, d, (Span){at, at}, false, arena_printf(k->c->arena, "use %s\n", module), "add `use %s`",
           module);
}

/* One `use` is missing, however many names it would have brought: said once. */
static bool is_first(Checker *k, const char *module) {
  for (const MissingUse *m = k->module->missing; m; m = m->next)
    if (strcmp(m->module, module) == 0) return false;
  MissingUse *m = arena_new_object(k->c->arena, MissingUse);
  *m = (MissingUse){k->module->missing, module};
  k->module->missing = m;
  return true;
}

bool report_missing_use(Checker *k, const Name *name, Namespace space, const char *what) {
  Symbol *s = scope_find(k->scope, name->atom, space);
  const char *module = s && s->module ? name_text(k, s->module->symbol->name) : NULL;
  if (!module || !module[0]) module = module_that_declares(k->c, k->module->source, name->atom, space);
  if (!module || !module[0]) return false;
  if (lost_line(k, "use") || !is_first(k, module)) return true;
  Diag *d = diag_new(k->c->sink, E_MISSING_USE, name->span,
                     "%s `%s` is declared in module %s, which is not used here", what,
                     name_text(k, name->atom), module);
  if (s && s->span.hi) diag_label(k->c->sink, d, s->span, "declared here");
  use_fix(k, d, module);
  return true;
}

/* ---- global names ---- */

/* A name of another namespace: what it is instead. */
static const char *other_meaning(Checker *k, Atom name, Symbol **ret) {
  static const char *const words[] = {
      [SYM_KIND] = "a kind",
      [SYM_TYPE] = "a type",
      [SYM_FACT] = "a fact",
      [SYM_METRIC] = "a metric",
      [SYM_SETTING] = "a setting",
      [SYM_ROLE] = "a role",
      [SYM_CHANNEL] = "a channel",
      [SYM_ACTION] = "an action",
      [SYM_AUTOMATION] = "an automation",
      [SYM_HAZARD] = "a hazard",
      [SYM_POLICY] = "a policy",
      [SYM_SITE] = "a site",
      [SYM_RUNBOOK] = "a runbook",
      [SYM_PROCEDURE] = "a procedure",
      [SYM_PARAM] = "a parameter",
      [SYM_SET] = "a set",
      [SYM_STEP] = "a step",
      [SYM_GATE] = "a gate",
      [SYM_REMEMBER] = "a remembered value",
      [SYM_VAR] = "a variable",
      [SYM_BUILTIN] = NULL,
      [SYM_INCIDENT] = "an incident",
      [SYM_ALIAS] = "the incident at hand",
  };
  for (Symbol *s = scope_head(k->scope, name); s; s = s->outer) {
    if (!sees(k, s->module) || !words[s->kind]) continue;
    *ret = s;
    return words[s->kind];
  }
  return NULL;
}

/* "the action": "action", "an action". */
static const char *bare(const char *what) { return strncmp(what, "the ", 4) == 0 ? what + 4 : what; }
static const char *article(const char *what) { return strchr("aeiou", bare(what)[0]) ? "an" : "a"; }

static void report_unknown(Checker *k, const Name *name, Namespace space, const char *what) {
  if (checker_quiet(k)) {
    diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "%s", what);
    return;
  }
  if (space == NS_RUNBOOK && lost_declaration(k)) return; /* most likely that one */
  if (maybe_dropped(k, name->atom) || report_missing_use(k, name, space, what)) return;
  const char *text = name_text(k, name->atom);
  Symbol *other = NULL;
  const char *is = other_meaning(k, name->atom, &other);
  if (is) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, name->span, "`%s` is %s, where %s %s is wanted", text, is,
                       article(what), bare(what));
    if (other->span.hi) diag_label(k->c->sink, d, other->span, "declared here");
    return;
  }
  Diag *d = diag_new(k->c->sink, E_UNKNOWN_NAME, name->span, "no %s is called `%s`", bare(what), text);
  Suggest s = suggest_begin(text, strlen(text));
  offer_globals(k, &s, space);
  suggest_fix(k, d, name->span, &s);
}

static void report_ambiguous(Checker *k, const Name *name, const Symbol *a, const Symbol *b) {
  const char *text = name_text(k, name->atom);
  Diag *d =
      diag_new(k->c->sink, E_AMBIGUOUS_NAME, name->span, "`%s` is declared in module %s and in module %s",
               text, name_text(k, b->module->symbol->name), name_text(k, a->module->symbol->name));
  diag_label(k->c->sink, d, b->span, "declared here");
  diag_label(k->c->sink, d, a->span, "and here");
  diag_note(k->c->sink, d, "a module that is not used is not seen: use only one of the two");
}

Symbol *resolve_global(Checker *k, Name *name, Namespace space, const char *what) {
  if (name->atom == 0) return NULL;
  Symbol *s = next_visible(k, scope_head(k->scope, name->atom), space);
  if (!s) {
    report_unknown(k, name, space, what);
    return NULL;
  }
  Symbol *second = next_visible(k, s->outer, space);
  if (second && second->module != s->module && s->module != k->module) {
    report_ambiguous(k, name, s, second);
    return NULL;
  }
  symbol_used(s);
  name->symbol = s;
  return s;
}

/* ---- local names ---- */

void declare_local(Checker *k, Symbol *s, const char *what) {
  Symbol *hidden = scope_find(k->scope, s->name, (Namespace)s->space);
  if (hidden && !hidden->module) hidden = NULL;
  if (hidden && s->name != 0) {
    Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, s->span, "%s `%s` has a name that is taken", what,
                       name_text(k, s->name));
    diag_label(k->c->sink, d, hidden->span, "declared here first");
    diag_note(k->c->sink, d,
              "one name, one meaning: whoever reads a line need not look for the nearest declaration");
    if (s->decl->kind == hidden->decl->kind && s->decl->kind != AST_BINDER)
      return; /* of two in one row the first counts */
  }
  scope_push(k->scope, s);
}

ScopeMark enter_names(const Checker *k) { return (ScopeMark){scope_mark(k->scope), k->slots}; }

void leave_names(Checker *k, ScopeMark mark) {
  scope_pop(k->scope, mark.locals);
  k->slots = mark.slots;
}
