/* check_lock_order: lockouts within each other take automations in the one order in which every run asks for its locks: by
 * name. Otherwise two runs could each hold what the other waits for. The engine bounds such a wait and gives back what it
 * has, so this is a warning; but the two would hinder each other for nothing. An automation that an outer lockout holds is only
 * counted. */
#include <config.h>

#include "lang/check.h"

#include <string.h>

/* Bit i: automation i of the compilation. Beyond what the proof follows nothing is said. */
uint64_t lock_bits(const NodeList *automations) {
  uint64_t bits = 0;
  for (uint32_t i = 0; i < automations->len; i++) {
    const Symbol *s = automations->items[i]->kind == AST_WORD ? ((const Word *)automations->items[i])->name.symbol : NULL;
    if (s && s->kind == SYM_AUTOMATION && s->index < 64) bits |= UINT64_C(1) << s->index;
  }
  return bits;
}

/* The one of `bits` that comes last, or first. */
static const Symbol *outermost(const Checker *k, uint64_t bits, bool last) {
  const Symbol *found = NULL;
  for (uint32_t i = 0; i < k->c->automations.len && i < 64; i++) {
    const Symbol *s = k->c->automations.items[i];
    if (!(bits >> i & 1)) continue;
    if (!found || (strcmp(name_text(k, s->name), name_text(k, found->name)) > 0) == last) found = s;
  }
  return found;
}

void check_lock_order(Checker *k, Span span, uint64_t locks) {
  const Symbol *held = outermost(k, k->held, true), *least = outermost(k, locks & ~k->held, false);
  if (k->body) k->body->locks |= locks;
  if (!held || !least || strcmp(name_text(k, least->name), name_text(k, held->name)) > 0) return;
  Diag *d = diag_new(k->c->sink, W_LOCK_ORDER, span, "`%s` is taken while `%s` is held", name_text(k, least->name),
                     name_text(k, held->name));
  diag_note(k->c->sink, d, "every run takes its locks by name, `%s` before `%s`: two that do not would wait for each other",
            name_text(k, least->name), name_text(k, held->name));
  diag_note(k->c->sink, d, "name `%s` in the outer lockout too; the inner one then only counts it", name_text(k, least->name));
}
