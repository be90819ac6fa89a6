/* check_exit: how a member or a run leaves: exits, and the branches of what did not succeed. A branch ends in
 * an exit or in another action with branches of its own; else control would fall through to the next line
 * without a yes. */
#include <config.h>

#include "lang/check.h"

bool is_exit(const Node *s) {
  return s->kind == AST_SET_ASIDE || s->kind == AST_KEEP_OUT || s->kind == AST_ROLL_BACK ||
         s->kind == AST_END || s->kind == AST_FAIL || s->kind == AST_HOLD;
}

/* In a procedure a missing surrounding is asked of whoever runs it. True: no report needed. */
static bool want(Checker *k, BodyWant want, Span span) {
  if (k->where != WHERE_PROCEDURE) return false;
  if (k->body->wants[want].hi == 0) k->body->wants[want] = span;
  return true;
}

/* ---- exits ---- */

/* Does the strand of the innermost fan end when a member of that kind leaves? */
static bool takes_along(const Checker *k, uint32_t kind) {
  for (const FanContext *f = k->fan; f; f = f->outer)
    if (f->kind == TYPE_NO_KIND || f->kind == kind || kind_leads_up(k->c, f->kind, kind)) return true;
  return false;
}

static void check_refused(Checker *k, const Node *target) {
  if (target->kind == AST_NAME_REF && ((const NameRef *)target)->name.symbol == k->gate->var) return;
  Diag *d = diag_new(k->c->sink, E_EXIT_MEMBER, target->span,
                     "a gate's branch takes out the members that got no yes");
  if (k->gate->var) diag_label(k->c->sink, d, k->gate->var->span, "the member");
}

static void check_target(Checker *k, Node *exit, Node *target) {
  uint32_t kind;
  if (!check_entity(k, target, &kind)) return;
  if (k->gate) check_refused(k, target);
  else if (k->fan && !takes_along(k, kind) && k->where != WHERE_PROCEDURE) {
    Diag *d = diag_new(k->c->sink, E_EXIT_MEMBER, target->span, "this %s does not contain the member at hand",
                       kind_text(k, kind));
    if (k->fan->var) diag_label(k->c->sink, d, k->fan->var->span, "the member");
  } else if (!k->fan && !want(k, WANT_MEMBER, exit->span)) {
    Diag *d =
        diag_new(k->c->sink, E_EXIT_MEMBER, exit->span, "there is no member to take out: this is no fan-out");
    diag_note(k->c->sink, d, "`fail`, `end` and `roll back` are for the run as a whole");
  }
}

static void check_keep_out(Checker *k, KeepOut *s) {
  if (!k->lockout && !want(k, WANT_LOCKOUT, s->node.span)) {
    Diag *d = diag_new(k->c->sink, E_KEEP_OUT, s->node.span, "`keep out` where no lockout stands");
    diag_note(
        k->c->sink, d,
        "a member that is kept out stays locked, under the name of an owner: `lockout ... on SET { ... }`");
  }
  if (s->target) check_target(k, &s->node, s->target);
  else if (!k->fan && !k->gate && !want(k, WANT_MEMBER, s->node.span))
    diag_new(k->c->sink, E_EXIT_MEMBER, s->node.span, "there is no member to keep out: this is no fan-out");
}

static void check_roll_back(Checker *k, const Node *s) {
  if (k->undo) {
    Diag *d = diag_new(k->c->sink, E_UNDO_BLOCK, s->span, "`roll back` in a roll back");
    diag_note(k->c->sink, d, "what fails on the way back is set aside, or fails the run");
  } else if (!k->attempt && !want(k, WANT_ATTEMPT, s->span) && !lost_line(k, "attempt")) {
    Diag *d = diag_new(k->c->sink, E_ROLL_BACK, s->span, "`roll back` outside an attempt");
    diag_note(k->c->sink, d, "`attempt { ... } roll back { ... }` says what is gone back to, and how");
  }
}

static void check_hold(Checker *k, Hold *h) {
  check_text(k, h->why);
  resolve_global(k, &h->role, NS_ROLE, "the role");
  if (h->duration) check_duration(k, h->duration, "a hold", false);
  else if (!incomplete(k, &h->node))
    diag_new(k->c->sink, E_UNBOUNDED, h->node.span, "a hold without a duration could last for ever");
  if (h->then && is_exit(h->then)) check_exit(k, h->then);
  else if (!incomplete(k, &h->node))
    diag_new(k->c->sink, E_NO_EXIT, h->node.span,
             "a hold says what happens at its end: `hold \"...\" for ROLE 2h, then fail \"...\"`");
}

bool check_exit(Checker *k, Node *s) {
  switch (s->kind) {
  case AST_SET_ASIDE:
    if (((SetAside *)s)->target) check_target(k, s, ((SetAside *)s)->target);
    check_text(k, ((SetAside *)s)->why);
    return true;
  case AST_KEEP_OUT:
    check_keep_out(k, (KeepOut *)s);
    check_text(k, ((KeepOut *)s)->why);
    return true;
  case AST_ROLL_BACK:
    check_roll_back(k, s);
    check_text(k, ((RollBack *)s)->why);
    return true;
  case AST_END: check_text(k, ((End *)s)->why); return true;
  case AST_FAIL: check_text(k, ((Fail *)s)->why); return true;
  case AST_HOLD: check_hold(k, (Hold *)s); return false; /* a person may say: go on */
  default: return false;
  }
}

/* ---- branches ---- */

static const char *const on_words[] = {[ON_ELSE] = "else",
                                       [ON_FAILED] = "on failed",
                                       [ON_UNKNOWN] = "on unknown",
                                       [ON_NO] = "on no",
                                       [ON_SILENCE] = "on silence"};

static bool belongs(HandlerOn on, HandlerSet set) {
  if (on == ON_ELSE) return true;
  return (on == ON_NO || on == ON_SILENCE) == (set == HANDLERS_GATE);
}

/* `A else B else C`: the handlers of a statement stand in one row; those behind the first `else` are for its
 * call. */
static uint32_t own_handlers(const NodeList *handlers) {
  for (uint32_t i = 0; i < handlers->len; i++)
    if (((const Handler *)handlers->items[i])->on == ON_ELSE) return i + 1;
  return handlers->len;
}

static bool check_branch(Checker *k, Node *stmt, HandlerSet set, NodeList further) {
  if (is_exit(stmt)) return check_exit(k, stmt) || stmt->kind == AST_HOLD;
  if (stmt->kind != AST_CALL) return check_statement(k, stmt) || stmt->poison;
  check_call(k, (Call *)stmt, further.len ? further : ((Call *)stmt)->handlers);
  return stmt->poison || set == HANDLERS_ACTION;
}

static void check_twice(Checker *k, const Handler *h, const Node **first) {
  const Node *earlier = first[h->on];
  for (int i = ON_FAILED; h->on == ON_ELSE && !earlier && i <= ON_SILENCE; i++) earlier = first[i];
  first[h->on] = &h->node;
  if (!earlier) return;
  Diag *d = diag_new(k->c->sink, E_HANDLER, h->node.span, "this outcome has a branch already");
  diag_label(k->c->sink, d, earlier->span, "the first one");
}

static void check_handler(Checker *k, Handler *h, const Node **first, HandlerSet set, const char *what,
                          NodeList further) {
  if (!belongs((HandlerOn)h->on, set)) {
    diag_new(k->c->sink, E_HANDLER, h->node.span, "%s has no branch `%s`", what, on_words[h->on]);
    return;
  }
  check_twice(k, h, first);
  if (!h->stmt || check_branch(k, h->stmt, set, further)) return;
  Diag *d = diag_new(k->c->sink, E_NO_EXIT, h->stmt->span,
                     "this branch does not end in an exit: control would fall through");
  diag_note(k->c->sink, d, "it ends in `set aside`, `keep out`, `roll back`, `end`, `fail` or `hold`%s",
            set == HANDLERS_ACTION ? ", or in an action to try instead" : "");
}

uint32_t check_handlers(Checker *k, NodeList *handlers, HandlerSet set, const char *what) {
  const Node *first[ON_SILENCE + 1] = {0};
  uint32_t own = own_handlers(handlers), bits = 0;
  NodeList further = list_behind(*handlers, own);
  for (uint32_t i = 0; i < own; i++) {
    Handler *h = ast_cast(Handler, HANDLER, handlers->items[i]);
    bool takes = i + 1 == own && h->stmt && h->stmt->kind == AST_CALL;
    check_handler(k, h, first, set, what, takes ? further : (NodeList){0});
    if (takes) further.len = 0;
  }
  for (uint32_t i = 0; i < further.len; i++) {
    Diag *d = diag_new(k->c->sink, E_HANDLER, further.items[i]->span, "this outcome has a branch already");
    diag_label(k->c->sink, d, handlers->items[own - 1]->span, "the first one");
  }
  for (int i = 0; i <= ON_SILENCE; i++) bits |= first[i] ? 1u << i : 0;
  return bits;
}
