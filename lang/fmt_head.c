/* fmt_head: the lines of a runbook's head, of a site, and of a test. */
#include <config.h>

#include "lang/fmt_state.h"

/* ---- the head of a runbook ---- */

static void put_window(Fmt *f, const Window *w) {
  fmt_put(f, w->days.len ? "window %w" : "window daily", &w->days);
  fmt_put(f, " %o to %o in %o", w->from, w->to, w->zone);
  fmt_put(f, w->hard ? ",~end hard" : ",~end soft"); /* what nobody wrote is shown: it decides what runs past the end */
  if (w->except.len) fmt_put(f, ",~except %w", &w->except);
  if (w->freeze) fmt_put(f, ",~freeze from %o", w->freeze);
}

static void put_goal(Fmt *f, const Goal *g) {
  if (g->within) fmt_put(f, "goal finish within %o", g->within);
  if (g->back) fmt_put(f, g->within ? ",~at least %o back" : "goal at least %o back", g->back);
}

static void put_param(Fmt *f, const ParamDecl *p) {
  fmt_put(f, f->in_automation ? "on %n: " : f->in_incident ? "%n : " : "param %n : ", &p->name);
  fmt_type(f, p->type);
  if (p->value) fmt_put(f, " = %e", p->value);
  fmt_put(f, "%t", p->title);
}

static void put_budget(Fmt *f, const Budget *b) {
  fmt_put(f, "budget %n out: ", &b->of);
  for (uint32_t i = 0; i < b->limits.len; i++) {
    fmt_put(f, i ? ",~at most " : "at most ");
    fmt_limit(f, b->limits.items[i]);
  }
}

/* The variable is shown where it is not the first letter of its kind. */
static void put_emergency(Fmt *f, const EmergencyClause *e) {
  const Binder *b = (const Binder *)e->binder;
  const NameRef *kind = (const NameRef *)b->source;
  bool named = b->name.span.lo != kind->node.span.lo;
  fmt_put(f, "emergency %e on ", e->condition);
  if (named) fmt_put(f, "%n: ", &b->name);
  fmt_put(f, "%n%t", &kind->name, e->title);
  fmt_braces(f, e->body);
}

bool fmt_head(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_OWNER: fmt_put(f, "owner %o", ((const Owner *)n)->text); break;
  case AST_OBEY: fmt_put(f, "obey %w", &((const Obey *)n)->names); break;
  case AST_PARAM: put_param(f, (const ParamDecl *)n); break;
  case AST_SELECT: {
    const Select *s = (const Select *)n;
    fmt_put(f, "select %n = ", &s->name);
    fmt_binder(f, s->binder, LEVEL_FULL);
    if (s->after.atom) fmt_put(f, " after step %n", &s->after);
    break;
  }
  case AST_LEAVE_OUT:
    fmt_put(f, "leave out ");
    fmt_binder(f, ((const LeaveOut *)n)->binder, LEVEL_FULL);
    if (((const LeaveOut *)n)->most) fmt_put(f, ",~at most %o", ((const LeaveOut *)n)->most);
    break;
  case AST_WINDOW: put_window(f, (const Window *)n); break;
  case AST_BUDGET: put_budget(f, (const Budget *)n); break;
  case AST_GOAL: put_goal(f, (const Goal *)n); break;
  case AST_REQUIRE: fmt_put(f, "require %e%t", ((const Require *)n)->condition, ((const Require *)n)->why); break;
  case AST_EMERGENCY_CLAUSE: put_emergency(f, (const EmergencyClause *)n); break;
  case AST_PREEMPTS: fmt_put(f, "preempts runs on %n", &((const Preempts *)n)->name); break;
  case AST_MAY_SKIP: fmt_put(f, "may skip %w", &((const MaySkip *)n)->names); break;
  case AST_EMBARGO:
    fmt_put(f, "while %e start no member", ((const Embargo *)n)->condition);
    if (((const Embargo *)n)->parks) fmt_put(f, ",~others go on to a safe point");
    break;
  default: return false;
  }
  return true;
}

/* ---- sites ---- */

static void put_args(Fmt *f, const NodeList *args) {
  for (uint32_t i = 0; i < args->len; i++) {
    fmt_put(f, args->items[i]->kind == AST_TEXT ? "^%o" : " %o", args->items[i]);
  }
}

/* The types of a native function's parameters stand last among its arguments. */
static void put_native(Fmt *f, const Bind *b) {
  uint32_t types = 0;
  for (uint32_t i = 0; i < b->args.len; i++) {
    const Node *arg = b->args.items[i];
    if (arg->kind != AST_TYPE_NAME) {
      fmt_put(f, " %o", arg);
      continue;
    }
    fmt_put(f, types++ ? ", " : " (");
    fmt_type(f, arg);
  }
  fmt_put(f, ") : ");
  fmt_type(f, b->type);
}

static void put_bind(Fmt *f, const Bind *b) {
  fmt_put(f, "bind %n", &b->name);
  if (b->what == BIND_FACT) {
    const ParamDecl *p = (const ParamDecl *)b->params.items[0];
    fmt_put(f, " of %n: ", &p->name);
    fmt_type(f, p->type);
  } else {
    fmt_put(f, b->verb.atom ? " %n(" : "(", &b->verb);
    for (uint32_t i = 0; i < b->params.len; i++) {
      fmt_put(f, i ? ", %n" : "%n", &((const ParamDecl *)b->params.items[i])->name);
    }
    fmt_put(f, ")");
  }
  fmt_put(f, " by %n", &b->driver);
  if (b->what == BIND_NATIVE) put_native(f, b);
  else put_args(f, &b->args);
  if (b->every) fmt_put(f, " every %o", b->every);
}

bool fmt_site_clause(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_SITE_ZONE: fmt_put(f, "zone %o", ((const SiteZone *)n)->zone); break;
  case AST_SITE_FLEET: fmt_put(f, "fleet %n%t", &((const SiteFleet *)n)->format, ((const SiteFleet *)n)->path); break;
  case AST_BIND: put_bind(f, (const Bind *)n); break;
  case AST_SITE_ROLE:
    fmt_put(f, "role %n", &((const SiteRole *)n)->name);
    put_args(f, &((const SiteRole *)n)->args);
    break;
  case AST_SITE_CHANNEL:
    fmt_put(f, "channel %n %n", &((const SiteChannel *)n)->name, &((const SiteChannel *)n)->driver);
    put_args(f, &((const SiteChannel *)n)->args);
    break;
  case AST_SITE_METRIC: {
    const SiteMetric *m = (const SiteMetric *)n;
    fmt_put(f, "metric %n of %w : ", &m->name, &m->kinds);
    fmt_type(f, m->type);
    fmt_put(f, " %n", &m->driver);
    put_args(f, &m->args);
    if (m->stale) fmt_put(f, " stale after %o", m->stale);
    break;
  }
  default: return false;
  }
  return true;
}

/* ---- tests ---- */

static void put_entity(Fmt *f, const char *before, const Name *kind, const Node *member) {
  if (kind->atom) fmt_put(f, "%s%n %o", before, kind, member);
}

static void put_given_action(Fmt *f, const GivenAction *g) {
  static const char *const outcomes[] = {"succeeds", "fails", "is unknown"};
  fmt_put(f, g->verb.atom ? "given %n %n" : "given %n", &g->name, &g->verb);
  put_entity(f, " on ", &g->kind, g->member);
  fmt_put(f, " %s ", outcomes[g->outcome]);
  switch ((TimesWord)g->times) {
  case TIMES_ONCE: fmt_put(f, "once"); break;
  case TIMES_ALWAYS: fmt_put(f, "always"); break;
  case TIMES_COUNT: fmt_put(f, "%o times", g->count); break;
  }
  if (g->landing) fmt_put(f, ",~landing %o later", g->landing);
}

static void put_given_gate(Fmt *f, const GivenGate *g) {
  static const char *const answers[] = {"given answer yes to %n", "given answer no to %n", "given no answer to %n"};
  fmt_put(f, answers[g->answer], &g->name);
  put_entity(f, " on ", &g->kind, g->member);
  if (g->after) fmt_put(f, " after %o", g->after);
}

static bool put_given(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_GIVEN_FLEET: fmt_put(f, "given fleet %o", ((const GivenFleet *)n)->path); break;
  case AST_GIVEN_PARAM:
    fmt_put(f, "given param %n = %e", &((const GivenParam *)n)->name, ((const GivenParam *)n)->value);
    break;
  case AST_GIVEN_FIELD:
    fmt_put(f, "given incident %n = %e", &((const GivenField *)n)->name, ((const GivenField *)n)->value);
    break;
  case AST_GIVEN_ACTION: put_given_action(f, (const GivenAction *)n); break;
  case AST_GIVEN_FACT: {
    const GivenFact *g = (const GivenFact *)n;
    fmt_put(f, "given %n of %n %o is ", &g->fact, &g->kind, g->member);
    if (g->number) fmt_put(f, "%o", g->number);
    else fmt_put(f, "%n", &g->value);
    if (g->at) fmt_put(f, " at %o", g->at);
    if (g->step.atom) fmt_put(f, " during step %n", &g->step);
    if (g->lasts) fmt_put(f, " for %o", g->lasts);
    break;
  }
  case AST_GIVEN_GATE: put_given_gate(f, (const GivenGate *)n); break;
  case AST_GIVEN_EVENT: {
    const GivenEvent *e = (const GivenEvent *)n;
    fmt_put(f, "given %s during step %n", e->event == GIVEN_CRASH ? "crash" : "cancel", &e->step);
    if (e->after) fmt_put(f, ",~resume after %o", e->after);
    break;
  }
  case AST_GIVEN_START: {
    const GivenStart *s = (const GivenStart *)n;
    fmt_put(f, "given start %o %o in %o", s->date, s->time, s->zone);
    break;
  }
  case AST_GIVEN_SEED: fmt_put(f, "given seed %o", ((const GivenSeed *)n)->value); break;
  default: return false;
  }
  return true;
}

static void put_expect_members(Fmt *f, const ExpectMembers *e) {
  static const char *const states[] = {"handed over", "set aside", "kept out", "left out", "done"};
  fmt_put(f, e->members.len ? "expect %s" : "expect nothing %s", states[e->state]);
  if (e->members.len) fmt_put(f, " %n %w", &e->kind, &e->members);
}

static void put_expect_unlocked(Fmt *f, const ExpectUnlocked *e) {
  fmt_put(f, e->automation.atom ? "expect %n unlocked" : "expect every automation unlocked", &e->automation);
  if (e->except.len) fmt_put(f, e->kind.atom ? " except on %n %w" : " except on ", &e->kind, &e->except);
  if (e->except.len && !e->kind.atom) fmt_put(f, "%w", &e->except);
}

bool fmt_test_clause(Fmt *f, const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_EXPECT_OUTCOME: fmt_put(f, "expect outcome %n", &((const ExpectOutcome *)n)->outcome); break;
  case AST_EXPECT_MEMBERS: put_expect_members(f, (const ExpectMembers *)n); break;
  case AST_EXPECT_UNLOCKED: put_expect_unlocked(f, (const ExpectUnlocked *)n); break;
  case AST_EXPECT_FACT: fmt_put(f, "expect %c", ((const ExpectFact *)n)->condition); break;
  case AST_EXPECT_OUT:
    fmt_put(f, "expect %n out at most %o", &((const ExpectOut *)n)->of, ((const ExpectOut *)n)->most);
    break;
  case AST_EXPECT_FINISH: fmt_put(f, "expect finish within %o", ((const ExpectFinish *)n)->within); break;
  default: return put_given(f, n);
  }
  return true;
}
