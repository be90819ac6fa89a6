/* check_body: runbooks and procedures as wholes. What a body declares is collected first, so that steps and
 * remembered values may be named anywhere; procedures are walked before those who run them, so that at a
 * `run` it is known what the procedure wants of the place. */
#include <config.h>

#include "lang/check.h"

#include <stdlib.h>

/* ---- collecting ---- */

static void collect_node(Checker *k, Body *b, Node *n);

static void collect_list(Checker *k, Body *b, NodeList *list) {
  for (uint32_t i = 0; i < list->len; i++) collect_node(k, b, list->items[i]);
}

static Symbol *collect_symbol(Checker *k, Body *b, SymbolKind kind, Namespace space, SymbolList *list,
                              Name *name, Node *n) {
  k->body = b;
  Symbol *s = symbol_new(k, kind, space, name, n);
  symbols_add(list, s);
  name->symbol = s;
  return s;
}

static void collect_run(Checker *k, Body *b, Run *run) {
  vec_grow((void **)&b->runs, b->run_len, &b->run_cap, sizeof *b->runs);
  b->runs[b->run_len++] = run;
  Symbol *s = find_global(k, run->name.atom, NS_ACTION);
  if (s && s->kind == SYM_PROCEDURE) run->name.symbol = s;
}

static void collect_handlers(Checker *k, Body *b, NodeList *handlers) {
  for (uint32_t i = 0; i < handlers->len; i++) collect_node(k, b, ((Handler *)handlers->items[i])->stmt);
}

static void collect_fan(Checker *k, Body *b, Node *fan) {
  if (fan) collect_node(k, b, ((Fan *)fan)->on_stop);
}

static void collect_node(Checker *k, Body *b, Node *n) {
  if (!n) return;
  switch (n->kind) {
  case AST_BLOCK: collect_list(k, b, &((Block *)n)->stmts); break;
  case AST_LOCKOUT:
    collect_handlers(k, b, &((Lockout *)n)->handlers);
    collect_node(k, b, ((Lockout *)n)->body);
    break;
  case AST_ATTEMPT:
    collect_node(k, b, ((Attempt *)n)->body);
    collect_node(k, b, ((Attempt *)n)->undo);
    break;
  case AST_STEP:
    collect_symbol(k, b, SYM_STEP, NS_STEP, &b->steps, &((Step *)n)->name, n);
    collect_fan(k, b, ((Step *)n)->fan);
    collect_node(k, b, ((Step *)n)->body);
    break;
  case AST_EACH:
    collect_fan(k, b, ((Each *)n)->fan);
    collect_node(k, b, ((Each *)n)->body);
    break;
  case AST_GATE:
    collect_symbol(k, b, SYM_GATE, NS_GATE, &b->gates, &((Gate *)n)->name, n);
    collect_handlers(k, b, &((Gate *)n)->handlers);
    break;
  case AST_CALL: collect_handlers(k, b, &((Call *)n)->handlers); break;
  case AST_CONFIRM: collect_handlers(k, b, &((Confirm *)n)->handlers); break;
  case AST_WHEN:
    collect_node(k, b, ((When *)n)->then);
    collect_node(k, b, ((When *)n)->otherwise);
    collect_node(k, b, ((When *)n)->unknown);
    break;
  case AST_DECIDE: collect_list(k, b, &((Decide *)n)->arms); break;
  case AST_ARM: collect_node(k, b, ((Arm *)n)->body); break;
  case AST_THROUGHOUT:
    collect_handlers(k, b, &((Throughout *)n)->handlers);
    collect_node(k, b, ((Throughout *)n)->body);
    break;
  case AST_WITH_SETTING:
    collect_handlers(k, b, &((WithSetting *)n)->handlers);
    collect_node(k, b, ((WithSetting *)n)->body);
    break;
  case AST_REMEMBER:
    collect_symbol(k, b, SYM_REMEMBER, NS_VALUE, &b->remembers, &((Remember *)n)->name, n);
    break;
  case AST_RUN: collect_run(k, b, (Run *)n); break;
  case AST_ON_INCIDENT:
    for (uint32_t i = 0; i < ((OnIncident *)n)->runs.len; i++) collect_node(k, b, ((OnePer *)((OnIncident *)n)->runs.items[i])->otherwise);
    collect_node(k, b, ((OnIncident *)n)->body);
    break;
  default: break; /* declares nothing, holds no statement */
  }
}

static void collect_all(Checker *k, const SymbolList *list) {
  for (uint32_t i = 0; i < list->len; i++) {
    Symbol *s = list->items[i];
    k->module = s->module;
    Node *body = s->kind == SYM_RUNBOOK ? ((RunbookDecl *)s->decl)->body : ((ProcedureDecl *)s->decl)->body;
    collect_node(k, s->body, body);
  }
  k->body = NULL;
}

/* ---- one body ---- */

/* Steps and remembered values are in scope in the whole body. */
static void push_collected(Checker *k, const SymbolList *list, const char *what) {
  for (uint32_t i = 0; i < list->len; i++)
    if (list->items[i]->name) declare_local(k, list->items[i], what);
}

void begin_body(Checker *k, Body *b, Where where) {
  k->body = b;
  k->where = where;
  k->slots = k->iterators = k->scopes = 0;
  k->fan = k->gate = NULL;
  k->lockout = k->attempt = k->undo = k->window = NULL;
  b->inline_depth = 1;
  push_collected(k, &b->steps, "the step");
  push_collected(k, &b->remembers, "the remembered value");
}

void end_body(Checker *k) {
  k->body = NULL;
  k->extra = NULL;
}

static void check_procedure(Checker *k, Symbol *s) {
  ProcedureDecl *p = (ProcedureDecl *)s->decl;
  ScopeMark mark = enter_names(k);
  k->module = s->module;
  begin_body(k, s->body, WHERE_PROCEDURE);
  declare_params(k, &p->params, LIMIT_PARAMS, &s->body->params);
  if (k->slots > s->body->slots) s->body->slots = k->slots;
  check_block(k, p->body);
  leave_names(k, mark);
  end_body(k);
}

/* ---- procedures, callees first ---- */

typedef enum Mark { MARK_NEW, MARK_OPEN, MARK_DONE } Mark;
typedef struct Visit {
  Body *body;
  uint32_t next;
} Visit;
typedef struct Visits {
  Visit *items;
  uint32_t len, cap;
} Visits;

#define CHAIN_SHOWN 10u /* names of a circle in a message; the last ones are shown too */

static void report_recursion(Checker *k, const Visits *path, const Body *callee, const Run *run) {
  Buf chain = BUF_INIT;
  uint32_t from = path->len;
  while (from > 0 && path->items[from - 1].body != callee) from--;
  if (from) from--;
  for (uint32_t i = from; i < path->len; i++) {
    bool shown = i < from + CHAIN_SHOWN || i + 2 >= path->len;
    if (shown) buf_printf(&chain, "%s -> ", name_text(k, path->items[i].body->symbol->name));
    else if (i == from + CHAIN_SHOWN) buf_str(&chain, "... -> ");
  }
  buf_str(&chain, name_text(k, callee->symbol->name));
  Diag *d = diag_new(k->c->sink, E_RECURSION, run->name.span, "a procedure runs itself: %s", chain.data);
  diag_label(k->c->sink, d, callee->symbol->span, "declared here");
  diag_note(k->c->sink, d, "procedures are written out where they are run: this one would never end");
  buf_done(&chain);
}

static void visit(Checker *k, Visits *path, Body *b) {
  Visit v = {b, 0};
  b->mark = MARK_OPEN;
  vec_push(path, v);
  while (path->len > 0) {
    Visit *top = &path->items[path->len - 1];
    if (top->next == top->body->run_len) {
      Body *done = top->body;
      path->len--;
      check_procedure(k, done->symbol);
      done->mark = MARK_DONE;
      continue;
    }
    Run *run = top->body->runs[top->next++];
    Body *callee = run->name.symbol ? run->name.symbol->body : NULL;
    if (!callee) continue;
    if (callee->mark == MARK_OPEN) {
      report_recursion(k, path, callee, run);
      run->node.poison = 1;
    } else if (callee->mark == MARK_NEW) {
      Visit next = {callee, 0};
      callee->mark = MARK_OPEN;
      vec_push(path, next);
    }
  }
}

void check_procedures(Checker *k) {
  Visits path = {0};
  collect_all(k, &k->c->procedures);
  collect_all(k, &k->c->runbooks);
  for (uint32_t i = 0; i < k->c->procedures.len; i++) {
    Body *b = k->c->procedures.items[i]->body;
    if (b->mark == MARK_NEW) visit(k, &path, b);
  }
  vec_done(&path);
}

/* ---- run ---- */

static void report_want(Checker *k, const Run *run, const Body *callee, BodyWant want, const char *message) {
  Diag *d = diag_new(k->c->sink, E_RUN_PLACE, run->node.span, "`%s` cannot be run here: %s",
                     name_text(k, run->name.atom), message);
  diag_label(k->c->sink, d, callee->wants[want], "because of this");
}

/* What the callee wants of its place: what a procedure cannot tell becomes a want of that procedure. */
static void pass_want(Checker *k, const Run *run, const Body *callee, BodyWant want, bool met,
                      const char *message) {
  bool open = k->where == WHERE_PROCEDURE && (want == WANT_NO_FAN ? met : !met);
  if (callee->wants[want].hi == 0 || (met && !open)) return;
  if (!open) report_want(k, run, callee, want, message);
  else if (k->body->wants[want].hi == 0) k->body->wants[want] = callee->wants[want];
}

static void pass_run_sets(Checker *k, const Run *run, const Body *callee) {
  for (uint32_t i = 0; i < callee->run_set_len; i++) {
    uint32_t kind = callee->run_sets[i].kind;
    want_run_set(k, kind, callee->run_sets[i].span);
    if (k->where == WHERE_PROCEDURE) continue;
    Symbol *set = find_local(k, k->c->kinds.items[kind].plural, NS_VALUE);
    if (set && set->kind == SYM_SET && (set->entity_kind == kind || set->entity_kind == TYPE_NO_KIND)) {
      symbol_used(set);
      continue;
    }
    Diag *d =
        diag_new(k->c->sink, E_RUN_SET, run->node.span, "`%s` works on a set `%s`, and there is none here",
                 name_text(k, run->name.atom), plural_text(k, kind));
    diag_label(k->c->sink, d, callee->run_sets[i].span, "named here");
    diag_note(k->c->sink, d,
              "a procedure works on the sets of the runbook that runs it: `select %s = x in %s where ...`",
              plural_text(k, kind), kind_text(k, kind));
  }
}

static void inline_body(Checker *k, const Run *run, const Body *callee) {
  Body *b = k->body;
  if (b->inline_depth <= callee->inline_depth) b->inline_depth = callee->inline_depth + 1;
  if (b->inline_depth == LIMIT_INLINE + 1)
    diag_new(k->c->sink, E_LIMIT, run->node.span, "procedures run each other more than %u deep",
             LIMIT_INLINE);
  uint32_t slots = k->slots + callee->slots;
  if (slots > LIMIT_SLOTS && callee->slots <= LIMIT_SLOTS)
    diag_new(k->c->sink, E_LIMIT, run->node.span, "more than %u variables in scope, with those of `%s`",
             LIMIT_SLOTS, name_text(k, run->name.atom));
  if (slots > b->slots) b->slots = slots;
  uint32_t scopes = k->scopes + callee->scope_depth;
  if (scopes > LIMIT_SCOPES && callee->scope_depth <= LIMIT_SCOPES)
    diag_new(k->c->sink, E_LIMIT, run->node.span, "more than %u blocks within each other, with those of `%s`",
             LIMIT_SCOPES, name_text(k, run->name.atom));
  if (scopes > b->scope_depth) b->scope_depth = scopes;
}

bool check_run(Checker *k, Run *run) {
  Symbol *s = run->name.symbol;
  if (run->node.poison) return false;
  if (!s) s = resolve_global(k, &run->name, NS_ACTION, "the procedure");
  if (!s) return false;
  if (s->kind != SYM_PROCEDURE) {
    Diag *d = diag_new(k->c->sink, E_WRONG_NAME, run->name.span, "`%s` is an action: it is called, not run",
                       name_text(k, run->name.atom));
    diag_fix(k->c->sink, d, (Span){run->node.span.lo, run->name.span.lo}, true, "", "leave out `run`");
    return false;
  }
  Body *callee = s->body;
  check_arguments(k, run->node.span, &run->args, &((ProcedureDecl *)s->decl)->params, s);
  if (callee->mark != MARK_DONE) return false; /* part of a circle that was reported */
  pass_want(k, run, callee, WANT_ATTEMPT, (k->attempt && !k->undo) || lost_line(k, "attempt"),
            k->undo ? "it rolls back, and this is a roll back" : "it rolls back, and this is no attempt");
  pass_want(k, run, callee, WANT_LOCKOUT, k->lockout, "it keeps members out, and no lockout stands");
  pass_want(k, run, callee, WANT_MEMBER, k->fan, "it takes a member out, and this is no fan-out");
  pass_want(k, run, callee, WANT_WINDOW, k->window, "it asks for the window, and there is none");
  pass_want(k, run, callee, WANT_NO_FAN, !k->fan,
            "it has a step, a lockout or an attempt, and this is a fan-out");
  pass_run_sets(k, run, callee);
  check_lock_order(k, run->node.span, callee->locks);
  inline_body(k, run, callee);
  return false;
}
