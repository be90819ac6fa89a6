/* build_block: lines to blocks. Clauses are brought into their canonical order, which the tree keeps, and those that
 * stand twice or where they mean nothing are reported. */
#include <config.h>

#include "lang/build.h"
#include <string.h>

/* ---- clauses ---- */

/* Rank in the canonical order: that of the rows in ast.def, but for what runbooks share with files. */
static uint32_t rank(const Node *clause) {
  switch ((AstKind)clause->kind) {
  case AST_OWNER: return 0;
  case AST_USE: return 1;
  case AST_OBEY: return 2;
  case AST_PARAM: return 3;
  case AST_TERM: return 4;      /* of a campaign, whose clauses begin with when and how much */
  case AST_VISIT_SIZE: return 5;
  case AST_RUN: return UINT32_MAX;
  default: return 6u + clause->kind;
  }
}

/* Stable, and quick where the order is right already. */
static void sort_clauses(NodeList list) {
  for (uint32_t i = 1; i < list.len; i++) {
    Node *n = list.items[i];
    uint32_t at = i;
    if (rank(list.items[at - 1]) <= rank(n)) continue;
    while (at && rank(list.items[at - 1]) > rank(n)) at--;
    memmove(list.items + at + 1, list.items + at, (i - at) * sizeof *list.items);
    list.items[at] = n;
  }
}

static bool stands_once(const Node *clause) {
  switch ((AstKind)clause->kind) {
  case AST_MAY_LAND: case AST_TAKES: case AST_UNDO: case AST_REPEAT: case AST_THROUGH: case AST_IN_FLIGHT:
  case AST_AUTO_LOCK: case AST_AUTO_BACKLOG:
  case AST_SITE_ZONE: case AST_SITE_FLEET:
  case AST_OWNER: case AST_WINDOW: case AST_GOAL:
  case AST_TERM: case AST_VISIT_SIZE: case AST_PHASES: case AST_NEXT_PHASE: case AST_FAILED_DAY: case AST_RUN: return true;
  default: return false;
  }
}

/* Of sorted clauses, equal kinds stand beside each other. */
static void report_repetitions(Parse *p, NodeList list) {
  for (uint32_t i = 1; i < list.len; i++) {
    if (list.items[i]->kind != list.items[i - 1]->kind || !stands_once(list.items[i])) continue;
    Diag *d = diag_new(p->sink, E_TWICE, list.items[i]->span, "a clause that is given twice");
    diag_primary_label(p->sink, d, "again here");
    diag_label(p->sink, d, list.items[i - 1]->span, "first here");
  }
}

NodeList build_clauses(Parse *p, List clauses) {
  NodeList list = list_end(p, clauses);
  sort_clauses(list);
  report_repetitions(p, list);
  return list;
}

Node *build_automation(Parse *p, Span span, Name name, Node *title, List lines) {
  AutomationDecl *a = (AutomationDecl *)NEW(AutomationDecl, AUTOMATION, span, .name = name, .title = title);
  NodeList all = build_clauses(p, lines);
  uint32_t params = 0;
  while (params < all.len && all.items[params]->kind == AST_PARAM) params++;
  if (params) a->on = all.items[0];
  if (params > 1) {
    Diag *d = diag_new(p->sink, E_TWICE, all.items[1]->span, "a clause that is given twice");
    diag_label(p->sink, d, a->on->span, "first here");
  }
  a->clauses = list_behind(all, params);
  return &a->node;
}

/* ---- statements ---- */

static bool of_lockout(const Node *n) { return n->kind == AST_RELEASE || n->kind == AST_HAND_OVER; }

static void report_lockout_clause(Parse *p, const Node *n) {
  const char *what = n->kind == AST_RELEASE ? "release" : "otherwise hand over";
  Diag *d = diag_new(p->sink, E_MISPLACED, n->span, "`%s` stands first in the block of a lockout", what);
  diag_note(p->sink, d, "it says when the members are let go again, on every way out of the block");
}

Node *build_block(Parse *p, Span span, List statements) {
  NodeList list = list_end(p, statements);
  for (uint32_t i = 0; i < list.len; i++) {
    if (of_lockout(list.items[i])) report_lockout_clause(p, list.items[i]);
  }
  return NEW(Block, BLOCK, span, .stmts = list);
}

Node *build_emergency_binder(Parse *p, Span span, Name name, Atom kind, Span kind_span) {
  const char first = intern_text(p->names, kind)[0];
  const char small = first >= 'A' && first <= 'Z' ? (char)(first - 'A' + 'a') : first;
  if (!name.atom) name = NAME(intern_add(p->names, &small, 1), kind_span);
  return build_binder(p, span, name, build_name_ref(p, kind, kind_span), NULL);
}

Node *build_lockout(Parse *p, Span span, NodeList automations, Node *set, List clauses, List handlers, List body,
                    Span body_span) {
  Lockout *l = (Lockout *)NEW(Lockout, LOCKOUT, span, .automations = automations, .set = set);
  NodeList all = list_end(p, body), limits = {arena_new_array(p->arena, Node *, clauses.len), 0};
  for (uint32_t i = 0; i < clauses.len; i++) {
    Node *c = p->nodes.items[clauses.start + i];
    if (c->kind == AST_LIMIT) limits.items[limits.len++] = c;
    else if (!l->because) l->because = c;
    else build_once(p, &l->because, c);
  }
  uint32_t first = 0;
  while (first < all.len && of_lockout(all.items[first])) first++;
  l->limits = limits;
  l->handlers = list_handlers(p, handlers);
  l->release = (NodeList){all.items, first};
  NodeList rest = list_behind(all, first);
  for (uint32_t i = 0; i < rest.len; i++) {
    if (of_lockout(rest.items[i])) report_lockout_clause(p, rest.items[i]);
  }
  l->body = NEW(Block, BLOCK, body_span, .stmts = rest);
  return &l->node;
}

/* `one run per` may stand anywhere in the block: it is no statement, and comes first in the canonical text. */
Node *build_on_incident(Parse *p, Span span, Name incident, Name alias, List body, Span body_span) {
  NodeList all = list_end(p, body), runs = {arena_new_array(p->arena, Node *, all.len), 0};
  NodeList stmts = {arena_new_array(p->arena, Node *, all.len), 0};
  for (uint32_t i = 0; i < all.len; i++) {
    Node *n = all.items[i];
    if (of_lockout(n)) report_lockout_clause(p, n);
    if (n->kind == AST_ONE_PER) runs.items[runs.len++] = n;
    else stmts.items[stmts.len++] = n;
  }
  Node *block = NEW(Block, BLOCK, body_span, .stmts = stmts);
  return NEW(OnIncident, ON_INCIDENT, span, .incident = incident, .alias = alias, .runs = runs, .body = block);
}

/* ---- runbooks ---- */

static bool of_head(const Node *n) {
  switch ((AstKind)n->kind) {
  case AST_OWNER: case AST_USE: case AST_OBEY: case AST_PARAM: case AST_SELECT: case AST_LEAVE_OUT: case AST_WINDOW:
  case AST_BUDGET: case AST_GOAL: case AST_REQUIRE: case AST_EMERGENCY_CLAUSE: case AST_EMBARGO: return true;
  default: return false;
  }
}

/* A set that a step's findings select may stand behind the step. */
static bool may_follow(const Node *head) { return head->kind == AST_SELECT && ((const Select *)head)->after.atom; }

static void report_late_head(Parse *p, const Node *head, const Node *statement) {
  Diag *d = diag_new(p->sink, E_MISPLACED, head->span, "a clause of the runbook's head behind its first statement");
  diag_primary_label(p->sink, d, "this holds for the whole run, not from here on");
  diag_label(p->sink, d, (Span){statement->span.lo, statement->span.lo + 1}, "the statements begin here");
}

Node *build_runbook(Parse *p, Span span, Name name, Node *title, List items, Span body_span) {
  NodeList all = list_end(p, items);
  NodeList head = {arena_new_array(p->arena, Node *, all.len), 0};
  NodeList body = {arena_new_array(p->arena, Node *, all.len), 0};
  for (uint32_t i = 0; i < all.len; i++) {
    Node *n = all.items[i];
    if (of_head(n)) {
      if (body.len && !may_follow(n)) report_late_head(p, n, body.items[0]);
      head.items[head.len++] = n;
    } else {
      if (of_lockout(n)) report_lockout_clause(p, n);
      body.items[body.len++] = n;
    }
  }
  sort_clauses(head);
  report_repetitions(p, head);
  return NEW(RunbookDecl, RUNBOOK, span, .name = name, .title = title, .clauses = head,
             .body = NEW(Block, BLOCK, body_span, .stmts = body));
}

/* A runbook whose body is all that a campaign says beyond its head. */
Node *build_campaign(Parse *p, Span span, Name name, Node *title, List items, Span body_span) {
  NodeList all = list_end(p, items);
  NodeList head = {arena_new_array(p->arena, Node *, all.len), 0}, own = {arena_new_array(p->arena, Node *, all.len), 0};
  for (uint32_t i = 0; i < all.len; i++) {
    NodeList *to = of_head(all.items[i]) ? &head : &own;
    to->items[to->len++] = all.items[i];
  }
  sort_clauses(head);
  sort_clauses(own);
  report_repetitions(p, head);
  report_repetitions(p, own);
  Node *campaign = NEW(Campaign, CAMPAIGN, body_span, .clauses = own);
  Node *body = NEW(Block, BLOCK, body_span, .stmts = list_end(p, list_one(p, campaign)));
  return NEW(RunbookDecl, RUNBOOK, span, .name = name, .title = title, .clauses = head, .body = body);
}
