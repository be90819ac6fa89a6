/* check_stmt: blocks and the statements that are not worth a file of their own. A statement's answer is
 * whether control never goes on behind it. */
#include <config.h>

#include "lang/check.h"

static bool check_wait(Checker *k, Wait *w) {
  check_duration(k, w->duration, "a wait", false);
  return false;
}

static bool check_notify(Checker *k, Notify *n) {
  resolve_global(k, &n->channel, NS_CHANNEL, "the channel");
  check_text(k, n->text);
  return false;
}

void check_remember(Checker *k, Remember *r) {
  TypeId t = check_expr(k, r->fact, 0);
  Symbol *s = r->name.symbol;
  if (type_silent(t)) {
    s->type = type_plain(TYPE_POISON);
    return;
  }
  if (r->fact->kind != AST_OF || of_meaning((Of *)r->fact) != OF_FACT) {
    diag_new(k->c->sink, E_EFFECT_TARGET, r->fact->span, "only a fact is remembered");
    s->type = type_plain(TYPE_POISON);
    return;
  }
  s->type = t;
  s->entity_kind = type_ref(((Of *)r->fact)->object->type);
}

static void check_held(Checker *k, const Confirm *c) {
  int64_t held, within;
  if (!constant_value(c->held, &held) || !constant_value(c->within, &within) || held <= within) return;
  Diag *d =
      diag_new(k->c->sink, E_TAKES_ORDER, c->held->span, "it cannot hold for longer than there is time");
  diag_label(k->c->sink, d, c->within->span, "the time that there is");
}

bool check_confirm(Checker *k, Confirm *c) {
  uint32_t before = k->facts_seen;
  check_condition(k, c->condition);
  bool reads = k->facts_seen != before;
  if (c->held) check_duration(k, c->held, "how long it must hold", false);
  if (c->within) check_duration(k, c->within, "the deadline of `confirm`", false);
  if (c->held && c->within) check_held(k, c);
  if (!c->within && !incomplete(k, &c->node)) {
    Diag *d =
        diag_new(k->c->sink, E_UNBOUNDED, c->node.span, "`confirm` without `within` could wait for ever");
    diag_note(k->c->sink, d, "everything ends: say how long it may take");
  }
  if (!reads && !c->condition->poison)
    diag_new(k->c->sink, E_ALWAYS_KNOWN, c->condition->span,
             "this reads nothing: waiting cannot make it true");
  check_handlers(k, &c->handlers, HANDLERS_CONFIRM, "`confirm`");
  return false;
}

/* What is unknown is no reason to go on. */
static bool check_unless(Checker *k, Unless *u) {
  check_condition(k, u->condition);
  check_exit(k, u->exit);
  return false;
}

bool check_statement(Checker *k, Node *s) {
  if (s->poison) return false;
  switch (s->kind) {
  case AST_BLOCK: return check_block(k, s);
  case AST_CALL: check_call(k, (Call *)s, ((Call *)s)->handlers); return false;
  case AST_RUN: return check_run(k, (Run *)s);
  case AST_CONFIRM: return check_confirm(k, (Confirm *)s);
  case AST_WAIT: return check_wait(k, (Wait *)s);
  case AST_NOTIFY: return check_notify(k, (Notify *)s);
  case AST_REMEMBER: check_remember(k, (Remember *)s); return false;
  case AST_GATE: return check_gate(k, (Gate *)s);
  case AST_STEP: return check_step(k, (Step *)s);
  case AST_EACH: return check_each(k, (Each *)s);
  case AST_LOCKOUT: return check_lockout(k, (Lockout *)s);
  case AST_ATTEMPT: return check_attempt(k, (Attempt *)s);
  case AST_WHEN: return check_when(k, (When *)s);
  case AST_DECIDE: return check_decide(k, (Decide *)s);
  case AST_THROUGHOUT: return check_throughout(k, (Throughout *)s);
  case AST_WITH_SETTING: return check_with_setting(k, (WithSetting *)s);
  case AST_UNLESS: return check_unless(k, (Unless *)s);
  case AST_ON_INCIDENT: return check_on_incident(k, (OnIncident *)s);
  case AST_CAMPAIGN: check_campaign(k, (Campaign *)s); return false;
  case AST_ONE_PER: report_one_per(k, (OnePer *)s); return false;
  default: return is_exit(s) && check_exit(k, s); /* a safe point needs no check */
  }
}

bool check_block(Checker *k, Node *block) {
  if (!block || block->kind != AST_BLOCK) return false;
  const NodeList *stmts = &((Block *)block)->stmts;
  ScopeMark mark = enter_names(k);
  const Node *last = NULL;
  bool said = false;
  for (uint32_t i = 0; i < stmts->len; i++) {
    Node *s = stmts->items[i];
    if (last && !said) {
      Diag *d = diag_new(k->c->sink, E_UNREACHABLE, s->span, "this is never reached");
      diag_label(k->c->sink, d, last->span, "nothing goes on behind this");
      said = true;
    }
    if (check_statement(k, s) && !last) last = s;
  }
  leave_names(k, mark);
  return last != NULL;
}
