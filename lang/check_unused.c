/* check_unused: names that nothing uses. A warning, because a runbook with one does what it says; but most often the name
 * was meant to be used, and a limit or a condition that somebody believes in is not there. The library is not warned. */
#include <config.h>

#include "lang/check.h"

static void report(Checker *k, const Symbol *s, const char *what, const char *note) {
  Diag *d = diag_new(k->c->sink, W_UNUSED, s->span, "%s `%s` is never used", what, name_text(k, s->name));
  if (note) diag_note(k->c->sink, d, "%s", note);
}

static void check_list(Checker *k, const SymbolList *list, const char *what, const char *note) {
  for (uint32_t i = 0; i < list->len; i++) {
    const Symbol *s = list->items[i];
    if (s->uses == 0 && s->name && s->decl && !s->decl->poison) report(k, s, what, note);
  }
}

void check_unused(Checker *k, Body *b) {
  const Symbol *s = b->symbol;
  if (s->module->source->library || s->decl->poison) return;
  check_list(k, &b->params, "the parameter", NULL);
  check_list(k, &b->sets, "the set", "its members are claimed by the run all the same");
  check_list(k, &b->remembers, "the remembered value", NULL);
  if (s->kind == SYM_PROCEDURE && s->uses == 0 && s->module->root) report(k, s, "the procedure", NULL);
}

static void check_use(Checker *k, const Module *m, const Use *use) {
  for (uint32_t i = 0; i < use->names.len; i++) {
    const Name *name = &((const Word *)use->names.items[i])->name;
    if (!name->symbol || m->visible[name->symbol->index] != 1) continue;
    Diag *d = diag_new(k->c->sink, W_UNUSED, name->span, "module `%s` is used for nothing", name_text(k, name->atom));
    bool last = i + 1 == use->names.len;
    Span cut = last ? (Span){i ? use->names.items[i - 1]->span.hi : name->span.lo, name->span.hi}
                    : (Span){name->span.lo, use->names.items[i + 1]->span.lo};
    if (use->names.len > 1) diag_fix(k->c->sink, d, cut, true, "", "leave it out");
  }
}

void check_unused_modules(Checker *k, Module *m) {
  if (m->source->library || !m->root) return;
  for (uint32_t i = 0; i < m->file->decls.len; i++)
    if (m->file->decls.items[i]->kind == AST_USE) check_use(k, m, (const Use *)m->file->decls.items[i]);
}
