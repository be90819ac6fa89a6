/* check_call: an action is called with what it wants, in time, and what may come of it is handled. */
#include <config.h>

#include "lang/check.h"

/* A deadline beyond the contract's own says nothing. */
static void check_within(Checker *k, const Call *call, const Symbol *action) {
  const Takes *t = (const Takes *)action->takes;
  const Node *deadline = !t ? NULL : t->most ? t->most : t->high ? t->high : t->low;
  int64_t within, most;
  if (!deadline || !constant_value(call->within, &within) || !constant_value(deadline, &most) ||
      within <= most)
    return;
  Diag *d = diag_new(k->c->sink, W_WITHIN, call->within->span,
                     "this is longer than the action's own deadline, which holds");
  diag_label(k->c->sink, d, deadline->span, "the deadline of `%s`", name_text(k, call->name.atom));
}

static void check_retries(Checker *k, Call *call) {
  int64_t n;
  if (call->retries) {
    if (check_value(k, call->retries, type_plain(TYPE_INT), "the number of retries")) {
      if (!constant_value(call->retries, &n))
        diag_new(k->c->sink, E_CONSTANT_NEEDED, call->retries->span,
                 "the number of retries is the same for every run");
      else if (n < 1 || n > LIMIT_RETRIES)
        diag_new(k->c->sink, E_LIMIT, call->retries->span, "between 1 and %u retries", LIMIT_RETRIES);
    }
  }
  if (call->retry_after) check_duration(k, call->retry_after, "the pause before a retry", true);
}

/* ---- gates that the contract names ---- */

static const Symbol *gate_of_need(Checker *k, Atom name) {
  Symbol *s = find_local(k, name, NS_GATE);
  if (s) symbol_used(s);
  return s && gate_in_force(k, s) ? s : NULL;
}

static void check_needed_gate(Checker *k, const Call *call, const Symbol *action, const GateRef *need) {
  if (gate_of_need(k, need->name.atom)) return;
  if (k->fan && k->fan->given == need->name.atom) return; /* reported where the fan-out names it */
  Diag *d = diag_new(k->c->sink, E_GATE_MISSING, call->name.span,
                     "`%s` needs a yes of gate `%s`, and none can be here", name_text(k, action->name),
                     name_text(k, need->name.atom));
  diag_label(k->c->sink, d, need->node.span, "it says so here");
  for (uint32_t i = 0; i < k->body->gates.len; i++) {
    const Symbol *g = k->body->gates.items[i];
    if (g->name != need->name.atom) continue;
    diag_label(k->c->sink, d, g->span, "asked here, on another way or later");
    break;
  }
}

static void check_needed_gates(Checker *k, const Call *call, const Symbol *action, const Node *condition) {
  if (condition->kind == AST_GATE_REF) check_needed_gate(k, call, action, (const GateRef *)condition);
  if (condition->kind != AST_BINARY || ((const Binary *)condition)->op != OP_AND) return;
  check_needed_gates(k, call, action, ((const Binary *)condition)->left);
  check_needed_gates(k, call, action, ((const Binary *)condition)->right);
}

void check_call_needs(Checker *k, const Call *call, const Symbol *action) {
  if (!action->needs_gate || k->where != WHERE_RUNBOOK)
    return; /* a procedure is run behind gates that it cannot see */
  const NodeList *clauses = &((const ActionDecl *)action->decl)->clauses;
  for (uint32_t i = 0; i < clauses->len; i++)
    if (clauses->items[i]->kind == AST_NEEDS && ((const Needs *)clauses->items[i])->condition)
      check_needed_gates(k, call, action, ((const Needs *)clauses->items[i])->condition);
}

/* ---- the call ---- */

static void check_outcomes(Checker *k, const Call *call, const Symbol *action, uint32_t handled) {
  bool failed = handled & (1u << ON_ELSE | 1u << ON_FAILED),
       unknown = handled & (1u << ON_ELSE | 1u << ON_UNKNOWN);
  if (!action->writes_power || (failed && unknown) || k->emergency) return; /* an emergency that fails is told as such */
  Diag *d = diag_new(k->c->sink, E_UNHANDLED, call->node.span, "`%s` changes power, and %s is not handled",
                     name_text(k, action->name),
                     failed    ? "that its outcome is unknown"
                     : unknown ? "that it fails"
                               : "what may go wrong");
  Span end = {call->node.span.hi, call->node.span.hi};
  if (!failed && !unknown && k->fan && k->fan->var)
    diag_fix(k->c->sink, d, end, false,
             arena_printf(k->c->arena, " else set aside %s \"%s\"", name_text(k, k->fan->var->name),
                          name_text(k, action->name)),
             "take the member out");
}

static void check_nameless_call(Checker *k, Call *call) {
  for (uint32_t i = 0; i < call->args.len; i++) check_expr(k, call->args.items[i], 0);
}

static Symbol *called_action(Checker *k, Call *call) {
  Symbol *s = resolve_global(k, &call->name, NS_ACTION, "the action");
  if (!s || s->kind == SYM_ACTION) return s;
  Diag *d = diag_new(k->c->sink, E_WRONG_NAME, call->name.span, "`%s` is a procedure: it is run, not called",
                     name_text(k, call->name.atom));
  diag_fix(k->c->sink, d, (Span){call->name.span.lo, call->name.span.lo}, true, "run ", "run it");
  return NULL;
}

void check_call(Checker *k, Call *call, NodeList handlers) {
  Symbol *s = called_action(k, call);
  if (s) check_arguments(k, call->node.span, &call->args, &((ActionDecl *)s->decl)->params, s);
  else check_nameless_call(k, call);
  if (call->within && check_duration(k, call->within, "a deadline", false) && s) check_within(k, call, s);
  check_retries(k, call);
  if (s) check_call_needs(k, call, s);
  uint32_t handled = check_handlers(k, &handlers, HANDLERS_ACTION, "an action");
  if (s && !incomplete(k, &call->node)) check_outcomes(k, call, s, handled);
}
