/* modules: from the root files to everything that they use, each module once. A module stands in the table
 * behind those that it uses, so whatever walks the table meets a declaration before its uses. Cycles are
 * reported with the whole circle. Modules that nobody uses are read only to say which `use` is missing. */
#include <config.h>

#include "lang/check.h"
#include "lang/parse.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void follow_uses(Compilation *c, Module *m);

static Module *module_new(Compilation *c, Source *source, Module *user) {
  Module *m = arena_new_object(c->arena, Module);
  m->source = source;
  m->user = user;
  m->file = parse_source(source, c->arena, c->names, c->sink);
  m->symbol = arena_new_object(c->arena, Symbol);
  *m->symbol = (Symbol){.kind = SYM_MODULE,
                        .space = NS_MODULE,
                        .name = m->file->module.atom,
                        .span = m->file->module.span,
                        .decl = &m->file->node,
                        .module = m,
                        .entity_kind = TYPE_NO_KIND};
  return m;
}

static Module *known_module(const Compilation *c, Atom name) {
  Symbol *s = scope_find(c->scope, name, NS_MODULE);
  return s ? s->module : NULL;
}

/* ---- what is wrong with a `use` ---- */

static void report_cycle(Compilation *c, Module *from, Module *to, Span span) {
  Buf chain = BUF_INIT;
  uint32_t len = 0;
  Module *path[LIMIT_SOURCES];
  for (Module *m = from; m && len < LIMIT_SOURCES; m = m->user) {
    path[len++] = m;
    if (m == to) break;
  }
  for (uint32_t i = len; i-- > 0;) buf_printf(&chain, "%s -> ", intern_text(c->names, path[i]->symbol->name));
  buf_str(&chain, intern_text(c->names, to->symbol->name));
  Diag *d = diag_new(c->sink, E_IMPORT_CYCLE, span, "modules use each other in a circle: %s", chain.data);
  for (uint32_t i = len - 1; i-- > 0;)
    diag_label(c->sink, d, path[i]->used_at, "%s uses %s", intern_text(c->names, path[i + 1]->symbol->name),
               intern_text(c->names, path[i]->symbol->name));
  diag_note(c->sink, d, "move what both need into a module of its own");
  buf_done(&chain);
}

static void take_suggestion(void *ctx, const char *module) { suggest_offer(ctx, module); }

static void report_missing_module(Compilation *c, const Module *from, Span span, const char *name) {
  Diag *d = diag_new(c->sink, E_UNKNOWN_MODULE, span, "no module is called `%s`", name);
  Suggest s = suggest_begin(name, strlen(name));
  if (c->loader.offer) c->loader.offer(c->loader.ctx, from->source, take_suggestion, &s);
  for (uint32_t i = 0; i < c->modules.len; i++)
    suggest_offer(&s, intern_text(c->names, c->modules.items[i]->symbol->name));
  const char *best = suggest_best(&s);
  if (best) diag_fix(c->sink, d, span, false, best, "did you mean `%s`?", best);
  diag_note(c->sink, d, "a module is a file NAME.runbook of the library, or beside the file that uses it");
}

/* ---- following ---- */

static void finish_module(Compilation *c, Module *m) {
  m->done = true;
  m->symbol->index = c->modules.len;
  vec_push(&c->modules, m);
}

static Module *load_module(Compilation *c, Module *from, const Name *name) {
  const char *text = intern_text(c->names, name->atom);
  uint32_t errors = diag_errors(c->sink);
  if (c->modules.len >= LIMIT_SOURCES) {
    diag_new(c->sink, E_TOO_MANY_FILES, name->span, "more than %u files", LIMIT_SOURCES);
    return NULL;
  }
  Source *source =
      c->loader.load ? c->loader.load(c->loader.ctx, c->map, c->arena, c->sink, from->source, text) : NULL;
  if (!source) {
    if (diag_errors(c->sink) == errors) report_missing_module(c, from, name->span, text);
    return NULL;
  }
  Module *m = module_new(c, source, from);
  m->used_at = name->span;
  if (m->symbol->name != name->atom) {
    Span at = m->symbol->name ? m->symbol->span : (Span){source->base, source->base};
    Diag *d = diag_new(c->sink, E_MODULE_NAME, at, "the file of module `%s` does not begin with `module %s`",
                       text, text);
    diag_label(c->sink, d, name->span, "used here");
    m->symbol->name = name->atom;
  }
  scope_add_global(c->scope, m->symbol);
  follow_uses(c, m);
  finish_module(c, m);
  return m;
}

static void follow_name(Compilation *c, Module *m, Word *word) {
  Name *name = &word->name;
  if (name->atom == 0) return;
  Module *used = known_module(c, name->atom);
  if (used && !used->done) {
    report_cycle(c, m, used, name->span);
    m->lacks = true;
    return;
  }
  if (!used) used = load_module(c, m, name);
  if (used) name->symbol = used->symbol;
  else m->lacks = true;
}

static void follow_use(Compilation *c, Module *m, Use *use) {
  for (uint32_t i = 0; i < use->names.len; i++) follow_name(c, m, ast_cast(Word, WORD, use->names.items[i]));
}

static void mark_visible(Module *m, const Use *use) {
  for (uint32_t i = 0; i < use->names.len; i++) {
    const Symbol *s = ((const Word *)use->names.items[i])->name.symbol;
    if (s) m->visible[s->index] = 1;
  }
}

static void follow_uses(Compilation *c, Module *m) {
  const NodeList *decls = &m->file->decls;
  for (uint32_t i = 0; i < decls->len; i++) {
    if (decls->items[i]->kind == AST_USE) follow_use(c, m, (Use *)decls->items[i]);
    if (decls->items[i]->kind != AST_RUNBOOK) continue;
    const NodeList *clauses = &((RunbookDecl *)decls->items[i])->clauses;
    for (uint32_t j = 0; j < clauses->len; j++)
      if (clauses->items[j]->kind == AST_USE) follow_use(c, m, (Use *)clauses->items[j]);
  }
  m->visible_len = c->modules.len;
  m->visible = arena_new_array(c->arena, uint8_t, m->visible_len);
  for (uint32_t i = 0; i < decls->len; i++)
    if (decls->items[i]->kind == AST_USE) mark_visible(m, (const Use *)decls->items[i]);
}

Module *compilation_add(Compilation *c, Source *source) {
  for (uint32_t i = 0; i < c->modules.len; i++)
    if (c->modules.items[i]->source == source) return NULL;
  Module *m = module_new(c, source, NULL);
  m->root = true;
  if (m->symbol->name) {
    Module *other = known_module(c, m->symbol->name);
    if (other) {
      Diag *d = diag_new(c->sink, E_DUPLICATE_NAME, m->symbol->span, "two files are module `%s`",
                         intern_text(c->names, m->symbol->name));
      diag_label(c->sink, d, other->symbol->span, "the other one");
    } else {
      scope_add_global(c->scope, m->symbol);
    }
  }
  follow_uses(c, m);
  finish_module(c, m);
  return m;
}

/* ---- modules that nobody uses ---- */

typedef struct ElsewhereName {
  Atom name;
  Namespace space;
  const char *module;
} ElsewhereName;
struct Elsewhere {
  VEC(ElsewhereName) names;
  VEC(const char *) modules;
};

/* The declarations that have a name which other modules can use, and where it is in the node. */
static const struct {
  uint16_t offset; /* 0: no such declaration */
  uint16_t space;
} named_decls[AST_KIND_COUNT] = {
    [AST_KIND] = {offsetof(KindDecl, name), NS_TYPE},
    [AST_TYPE] = {offsetof(TypeDecl, name), NS_TYPE},
    [AST_FACT] = {offsetof(FactDecl, name), NS_PROPERTY},
    [AST_METRIC] = {offsetof(MetricDecl, name), NS_PROPERTY},
    [AST_SETTING] = {offsetof(SettingDecl, name), NS_PROPERTY},
    [AST_ROLE] = {offsetof(RoleDecl, name), NS_ROLE},
    [AST_CHANNEL] = {offsetof(ChannelDecl, name), NS_CHANNEL},
    [AST_ACTION] = {offsetof(ActionDecl, name), NS_ACTION},
    [AST_PROCEDURE] = {offsetof(ProcedureDecl, name), NS_ACTION},
    [AST_AUTOMATION] = {offsetof(AutomationDecl, name), NS_AUTOMATION},
    [AST_HAZARD] = {offsetof(HazardDecl, name), NS_AUTOMATION},
    [AST_POLICY] = {offsetof(PolicyDecl, name), NS_POLICY},
    [AST_SITE] = {offsetof(SiteDecl, name), NS_SITE},
    [AST_RUNBOOK] = {offsetof(RunbookDecl, name), NS_RUNBOOK},
    [AST_INCIDENT] = {offsetof(IncidentDecl, name), NS_INCIDENT},
};

bool decl_name(Node *decl, Name **ret_name, Namespace *ret_space) {
  if (named_decls[decl->kind].offset == 0) return false;
  *ret_name = (Name *)(void *)((char *)decl + named_decls[decl->kind].offset);
  *ret_space = (Namespace)named_decls[decl->kind].space;
  return true;
}

static void take_module(void *ctx, const char *module) {
  struct Elsewhere *e = ctx;
  vec_push(&e->modules, module);
}

static void read_elsewhere(Compilation *c, const Source *from, const char *module, DiagSink *scratch) {
  if (known_module(c, intern_str(c->names, module))) return;
  Source *s = c->loader.load(c->loader.ctx, c->map, c->arena, scratch, from, module);
  if (!s) return;
  File *file = parse_source(s, c->arena, c->names, scratch);
  for (uint32_t i = 0; i < file->decls.len; i++) {
    Name *name;
    Namespace space;
    if (!decl_name(file->decls.items[i], &name, &space)) continue;
    ElsewhereName row = {name->atom, space, module};
    vec_push(&c->elsewhere->names, row);
  }
}

const char *module_that_declares(Compilation *c, const Source *from, Atom name, Namespace space) {
  if (!c->loader.offer || !c->loader.load) return NULL;
  if (!c->elsewhere) {
    c->elsewhere = xcalloc(1, sizeof *c->elsewhere);
    DiagSink *scratch = diag_sink_new(c->arena, c->map);
    c->loader.offer(c->loader.ctx, from, take_module, c->elsewhere);
    for (uint32_t i = 0; i < c->elsewhere->modules.len; i++)
      read_elsewhere(c, from, c->elsewhere->modules.items[i], scratch);
  }
  for (uint32_t i = 0; i < c->elsewhere->names.len; i++) {
    const ElsewhereName *n = &c->elsewhere->names.items[i];
    if (n->name == name && n->space == space) return n->module;
  }
  return NULL;
}

void modules_done(Compilation *c) {
  if (!c->elsewhere) return;
  vec_done(&c->elsewhere->names);
  vec_done(&c->elsewhere->modules);
  free(c->elsewhere);
}
