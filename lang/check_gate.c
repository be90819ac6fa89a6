/* check_gate: a person's yes. A gate names a role that is declared, ends in time, and says what happens
 * without a yes; its name comes into scope behind it, so that nothing can use a yes before it was asked for.
 */
#include <config.h>

#include "lang/check.h"

static void check_end(Checker *k, const Gate *g) {
  if (g->within) check_duration(k, g->within, "the deadline of a gate", false);
  if (g->within && g->until_last_safe) {
    diag_new(k->c->sink, E_LIMIT_CLASH, g->within->span,
             "a gate ends at one time: within a duration, or at the last safe moment");
  } else if (!g->within && !g->until_last_safe && !incomplete(k, &g->node)) {
    Diag *d = diag_new(k->c->sink, E_UNBOUNDED, g->node.span, "a gate without an end could wait for ever");
    diag_note(k->c->sink, d, "`within 1h`, or `until last safe moment` of the window");
  }
  if (!g->until_last_safe || k->window) return;
  if (k->where == WHERE_PROCEDURE) {
    if (k->body->wants[WANT_WINDOW].hi == 0) k->body->wants[WANT_WINDOW] = g->node.span;
    return;
  }
  Diag *d =
      diag_new(k->c->sink, E_NO_WINDOW, g->node.span, "`until last safe moment` where there is no window");
  diag_note(k->c->sink, d, "the last safe moment is when the way back still fits into the window");
}

static void check_asks(Checker *k, NodeList *asks) {
  for (uint32_t i = 0; i < asks->len; i++) {
    Asks *a = ast_cast(Asks, ASKS, asks->items[i]);
    TypeId t = check_type(k, a->type, NULL, false);
    if (!type_silent(t) && !type_is_value(t) && !type_is(t, TYPE_TRUTH))
      diag_new(k->c->sink, E_TYPE_PLACE, a->type->span, "a gate cannot ask for %s", type_text(k->c, t));
    Symbol *s = symbol_new(k, SYM_ASK, NS_VALUE, &a->name, &a->node);
    s->index = i;
    s->type = t;
    a->name.symbol = s;
    for (uint32_t j = 0; j < i && j < COMPARED; j++) {
      const Name *first = &((Asks *)asks->items[j])->name;
      if (first->atom != a->name.atom) continue;
      Diag *d = diag_new(k->c->sink, E_DUPLICATE_NAME, a->name.span, "`%s` is asked for twice",
                         name_text(k, a->name.atom));
      diag_label(k->c->sink, d, first->span, "asked for here first");
      break;
    }
  }
}

static void check_gate_branches(Checker *k, Gate *g) {
  uint32_t handled = check_handlers(k, &g->handlers, HANDLERS_GATE, "a gate");
  bool no = handled & (1u << ON_ELSE | 1u << ON_NO), silence = handled & (1u << ON_ELSE | 1u << ON_SILENCE);
  if ((no && silence) || incomplete(k, &g->node)) return;
  Diag *d = diag_new(k->c->sink, E_UNHANDLED, g->node.span, "the gate does not say what happens %s",
                     no        ? "when nobody answers"
                     : silence ? "after a no"
                               : "without a yes");
  diag_note(k->c->sink, d, "`else roll back \"...\"` takes both, `on no` and `on silence` one each");
}

bool check_gate(Checker *k, Gate *g) {
  ScopeMark mark = enter_names(k);
  FanContext ctx = {0}, *outer_fan = k->fan, *outer_gate = k->gate;
  Symbol *s = g->name.symbol;
  resolve_global(k, &g->role, NS_ROLE, "the role");
  if (g->fan) {
    open_fan(k, ast_cast(Fan, FAN, g->fan), &g->node, &ctx);
    k->fan = outer_fan; /* a branch takes out who got no yes, it is not walked for a member */
    k->gate = &ctx;
    if (s) s->entity_kind = ctx.kind;
  }
  check_text(k, g->text);
  check_end(k, g);
  check_asks(k, &g->asks);
  check_gate_branches(k, g);
  k->gate = outer_gate;
  leave_names(k, mark);
  if (!s || !s->name) return false;
  const Symbol *hidden = find_local(k, s->name, NS_GATE);
  if (hidden && !gate_in_force(k, hidden)) scope_push(k->scope, s); /* a roll back asks the same again */
  else declare_local(k, s, "the gate");
  return false;
}
