/* check_lasts: what a runbook takes at the very least, when nothing fails and every action is as quick as its contract says;
 * and what that says of its window, its goal and the rates in it. Never too long: a set that may be empty takes no time, of
 * several arms the quickest counts, and an arm that leaves says nothing about the work. */
#include <config.h>

#include "lang/check.h"

#define SHOWN 6u /* the longest parts that a message names */

typedef struct Stretch { const Node *node; int64_t ms; } Stretch;
typedef VEC(Stretch) Stretches;

static int64_t lasts(const Node *s, Stretches *parts);

static int64_t constant_or_none(const Node *e) {
  int64_t v;
  return e && constant_value(e, &v) && v > 0 ? v : 0;
}

static int64_t part(Stretches *parts, const Node *node, int64_t ms) {
  if (ms > 0) vec_push(parts, ((Stretch){node, ms}));
  return ms;
}

static int64_t call_lasts(const Call *call) {
  const Symbol *action = call->name.symbol;
  return action && action->kind == SYM_ACTION && action->takes ? constant_or_none(((const Takes *)action->takes)->low) : 0;
}

/* Worked out once; one that runs itself was reported, and takes nothing here. */
static int64_t procedure_lasts(const Symbol *procedure) {
  Body *b = procedure && procedure->kind == SYM_PROCEDURE ? procedure->body : NULL;
  if (!b) return 0;
  if (b->least == 0) {
    Stretches parts = {0};
    b->least = 1;
    int64_t ms = lasts(((const ProcedureDecl *)procedure->decl)->body, &parts);
    b->least = ms < INT64_MAX ? ms + 1 : ms;
    vec_done(&parts);
  }
  return b->least - 1;
}

static int64_t sum(int64_t a, int64_t b) {
  int64_t s;
  return __builtin_add_overflow(a, b, &s) ? INT64_MAX : s;
}

static int64_t list_lasts(const NodeList *stmts, Stretches *parts) {
  int64_t ms = 0;
  for (uint32_t i = 0; i < stmts->len; i++) ms = sum(ms, lasts(stmts->items[i], parts));
  return ms;
}

/* Its last statement takes the run elsewhere: it is not the way on which the work is done. */
static bool leaves(const Node *block) {
  if (!block || block->kind != AST_BLOCK) return block && is_exit(block);
  const NodeList *stmts = &((const Block *)block)->stmts;
  return stmts->len > 0 && is_exit(stmts->items[stmts->len - 1]);
}

/* The quickest of the arms that stay; NULL is an arm that does nothing. */
static int64_t quickest(const Node *const *arms, uint32_t count, Stretches *parts) {
  int64_t least = INT64_MAX;
  uint32_t mark = parts->len, from = mark;
  for (uint32_t i = 0; i < count; i++) {
    if (leaves(arms[i])) continue;
    uint32_t begin = parts->len;
    int64_t ms = arms[i] ? lasts(arms[i], parts) : 0;
    if (ms < least) least = ms, from = begin;
    else parts->len = begin;
  }
  uint32_t kept = parts->len - from;
  for (uint32_t i = 0; i < kept; i++) parts->items[mark + i] = parts->items[from + i];
  parts->len = mark + kept;
  return least == INT64_MAX ? 0 : least;
}

static int64_t decide_lasts(const Decide *d, Stretches *parts) {
  const Node *arms[COMPARED];
  uint32_t n = d->arms.len < COMPARED ? d->arms.len : COMPARED;
  if (d->arms.len > COMPARED) return 0;
  for (uint32_t i = 0; i < n; i++) arms[i] = ((const Arm *)d->arms.items[i])->body;
  return quickest(arms, n, parts);
}

/* A set that the runbook selects has a member, or there is no plan. What a filter leaves of it, or a gate, nobody knows. */
static bool has_members(const Fan *fan) {
  const Binder *b = (const Binder *)fan->binder;
  if (!b || fan->given.atom || b->where || !b->source || b->source->kind != AST_NAME_REF) return false;
  const Symbol *set = ((const NameRef *)b->source)->name.symbol;
  return set && set->kind == SYM_SET && ((const Select *)set->decl)->after.atom == 0;
}

static int64_t fan_lasts(const Node *fan, const Node *body, Stretches *parts) {
  return !fan || has_members((const Fan *)fan) ? lasts(body, parts) : 0;
}

static int64_t lasts(const Node *s, Stretches *parts) {
  if (!s || s->poison) return 0;
  switch (s->kind) {
  case AST_BLOCK: return list_lasts(&((const Block *)s)->stmts, parts);
  case AST_WAIT: return part(parts, s, constant_or_none(((const Wait *)s)->duration));
  case AST_CALL: return part(parts, s, call_lasts((const Call *)s));
  case AST_CONFIRM: return part(parts, s, constant_or_none(((const Confirm *)s)->held));
  case AST_STEP: return fan_lasts(((const Step *)s)->fan, ((const Step *)s)->body, parts);
  case AST_EACH: return fan_lasts(((const Each *)s)->fan, ((const Each *)s)->body, parts);
  case AST_LOCKOUT: return lasts(((const Lockout *)s)->body, parts);
  case AST_ATTEMPT: return lasts(((const Attempt *)s)->body, parts);
  case AST_THROUGHOUT: return lasts(((const Throughout *)s)->body, parts);
  case AST_WITH_SETTING: return lasts(((const WithSetting *)s)->body, parts);
  case AST_RUN: return part(parts, s, procedure_lasts(((const Run *)s)->name.symbol));
  case AST_WHEN: {
    const When *w = (const When *)s;
    const Node *arms[] = {w->then, w->otherwise, w->unknown};
    return quickest(arms, w->unknown ? 3 : 2, parts);
  }
  case AST_ON_INCIDENT: return lasts(((const OnIncident *)s)->body, parts);
  case AST_DECIDE: return decide_lasts((const Decide *)s, parts);
  default: return 0;
  }
}

/* ---- what it says ---- */

static void name_parts(Checker *k, Diag *d, const Stretches *parts) {
  for (uint32_t i = 0; i < parts->len && i < SHOWN; i++)
    diag_label(k->c->sink, d, parts->items[i].node->span, "%s", duration_text(k, parts->items[i].ms));
  if (parts->len > SHOWN) diag_note(k->c->sink, d, "and %u more parts", parts->len - SHOWN);
}

static int64_t opening(const Window *w) {
  int64_t from, to;
  if (!constant_value(w->from, &from) || !constant_value(w->to, &to) || from == to) return INT64_MAX;
  return to > from ? to - from : to - from + 86400000;
}

static bool too_long(Checker *k, Node *clause, const char *what, int64_t ms, int64_t room, const Stretches *parts) {
  if (ms <= room) return false;
  Diag *d = diag_new(k->c->sink, E_NO_FIT, clause->span, "%s, and the work takes at least %s when nothing fails", what,
                     duration_text(k, ms));
  name_parts(k, d, parts);
  diag_note(k->c->sink, d, "%s - %s = %s too much", duration_text(k, ms), duration_text(k, room), duration_text(k, ms - room));
  return true;
}

static bool longer_than_window(Checker *k, Node *n, int64_t ms, const Stretches *parts) {
  const Window *w = (const Window *)n;
  if (n->kind != AST_WINDOW || n->poison || !w->hard) return false;
  return too_long(k, n, arena_printf(k->c->arena, "the window is open for %s", duration_text(k, opening(w))), ms, opening(w), parts);
}

static void longer_than_goal(Checker *k, Node *n, int64_t ms, const Stretches *parts) {
  int64_t goal;
  if (n->kind != AST_GOAL || !((const Goal *)n)->within || !constant_value(((const Goal *)n)->within, &goal)) return;
  too_long(k, n, arena_printf(k->c->arena, "the goal is %s", duration_text(k, goal)), ms, goal, parts);
}

/* What is longer than the window is longer than a goal in it: said once. */
void check_lasts(Checker *k, const RunbookDecl *r) {
  Stretches parts = {0};
  bool said = false;
  int64_t ms = lasts(r->body, &parts);
  for (uint32_t i = 0; i < r->clauses.len && !said; i++) said = longer_than_window(k, r->clauses.items[i], ms, &parts);
  for (uint32_t i = 0; i < r->clauses.len && !said; i++) longer_than_goal(k, r->clauses.items[i], ms, &parts);
  vec_done(&parts);
}

/* ---- rates that nobody reaches ---- */

static const Limit *at_once_of(const NodeList *limits) {
  for (uint32_t i = 0; i < limits->len; i++) {
    const Limit *l = (const Limit *)limits->items[i];
    if (l->mode == LIMIT_AT_ONCE && l->group.atom == 0) return l;
  }
  return NULL;
}

void check_void_rates(Checker *k, const Fan *fan, const Node *body) {
  const Limit *most = at_once_of(&fan->limits);
  Stretches parts = {0};
  int64_t n, amount, per, starts, each = most ? lasts(body, &parts) : 0;
  vec_done(&parts);
  if (each <= 0 || !constant_value(most->amount, &n) || n <= 0) return;
  for (uint32_t i = 0; i < fan->limits.len; i++) {
    const Limit *l = (const Limit *)fan->limits.items[i];
    if (l->mode != LIMIT_PER_TIME || !constant_value(l->amount, &amount) || !constant_value(l->per, &per) || per <= 0) continue;
    if (__builtin_mul_overflow(n, rounds_up(per, each), &starts) || starts > amount || void_beside(k, &fan->limits, l)) continue;
    report_void(k, l, most, "bind only when members fail",
                arena_printf(k->c->arena, "each takes at least %s, and %lld x %lld = %lld are begun in %s", duration_text(k, each),
                             (long long)n, (long long)rounds_up(per, each), (long long)starts, duration_text(k, per)));
  }
}
