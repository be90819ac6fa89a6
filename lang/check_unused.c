/* check_unused: names that nothing uses. A warning, because a runbook with one does what it says; but most
 * often the name was meant to be used, and a limit or a condition that somebody believes in is not there. The
 * library is not warned. */
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
  if (!b->alias) check_list(k, &b->sets, "the set", "its members are claimed by the run all the same"); /* what a standing run claims */
  check_list(k, &b->remembers, "the remembered value", NULL);
  if (s->kind == SYM_PROCEDURE && s->uses == 0 && s->module->root) report(k, s, "the procedure", NULL);
}
