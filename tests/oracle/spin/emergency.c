/* emergency: each of the runbook on each thing of its kind is a process: it fires once, at any moment of the run, takes the thing out for
 * good with all that is in it, and runs its block, which nobody and nothing diverts. What it has hit is with people from then on: any reading
 * of it says anything, both yes and no. With --taken the emergency of another run may do the same to anything, without a block. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

#include <string.h>

static const EmergencyClause *clause_at(const World *w, uint32_t i) {
  const Node *n = w->runbook->clauses.items[i];
  return n->kind == AST_EMERGENCY_CLAUSE ? (const EmergencyClause *)n : NULL;
}

void find_strikes(World *w) {
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) w->strikes |= clause_at(w, i) != NULL;
  w->strikes |= w->taken;
}

/* ---- what is not waited for ---- */

static const MaySkip *skips_of(const EmergencyClause *e) {
  NodeList stmts = ((const Block *)e->body)->stmts;
  for (uint32_t i = 0; i < stmts.len; i++)
    if (stmts.items[i]->kind == AST_MAY_SKIP) return (const MaySkip *)stmts.items[i];
  return NULL;
}

bool is_skipped(const EmergencyClause *e, const Symbol *action) {
  const MaySkip *m = skips_of(e);
  for (uint32_t i = 0; m && i < m->names.len; i++)
    if (((const Word *)m->names.items[i])->name.symbol == action) return true;
  return false;
}

static bool surely_makes(const Symbol *action, uint32_t fact) {
  const ActionDecl *a = (const ActionDecl *)action->decl;
  for (uint32_t i = 0; i < a->clauses.len; i++) {
    const Makes *m = (const Makes *)a->clauses.items[i];
    for (uint32_t j = 0; m->node.kind == AST_MAKES && j < m->effects.len; j++) {
      const Effect *x = (const Effect *)m->effects.items[j];
      if (x->mode != EFFECT_MAY && ((const Of *)x->target)->name.symbol->index == fact) return true;
    }
  }
  return false;
}

static bool block_makes(const Node *n, uint32_t fact) {
  if (!n) return false;
  if (n->kind == AST_CALL) {
    const Call *c = (const Call *)n;
    bool makes = c->name.symbol->kind == SYM_ACTION && surely_makes(c->name.symbol, fact);
    for (uint32_t i = 0; i < c->handlers.len; i++) makes |= block_makes(((const Handler *)c->handlers.items[i])->stmt, fact);
    return makes;
  }
  if (n->kind == AST_EACH) return block_makes(((const Each *)n)->body, fact);
  if (n->kind == AST_WHEN) {
    const When *x = (const When *)n;
    return block_makes(x->then, fact) || block_makes(x->otherwise, fact) || block_makes(x->unknown, fact);
  }
  bool makes = false;
  for (uint32_t i = 0; n->kind == AST_BLOCK && i < ((const Block *)n)->stmts.len; i++) makes |= block_makes(((const Block *)n)->stmts.items[i], fact);
  return makes;
}

static bool left_to_skipped(const EmergencyClause *e, uint32_t fact) {
  const MaySkip *m = skips_of(e);
  bool skipped = false;
  for (uint32_t i = 0; m && i < m->names.len; i++) skipped |= surely_makes(((const Word *)m->names.items[i])->name.symbol, fact);
  return skipped && !block_makes(e->body, fact);
}

/* A need that asks for nothing else than what skipped actions would have done. *ret_asks: it asks for anything. */
static bool asks_only_that(const EmergencyClause *e, const Node *n, bool *ret_asks) {
  switch (n->kind) {
  case AST_BOOL: case AST_EMERGENCY: return true;
  case AST_UNARY: return asks_only_that(e, ((const Unary *)n)->operand, ret_asks);
  case AST_BINARY: return asks_only_that(e, ((const Binary *)n)->left, ret_asks) && asks_only_that(e, ((const Binary *)n)->right, ret_asks);
  case AST_QUANTIFIED: {
    const Quantified *q = (const Quantified *)n;
    const Node *where = ((const Binder *)q->binder)->where;
    return (!where || asks_only_that(e, where, ret_asks)) && asks_only_that(e, q->condition, ret_asks);
  }
  case AST_TRIED: return *ret_asks = true, is_skipped(e, ((const Call *)((const Tried *)n)->call)->name.symbol);
  case AST_IS: {
    const Node *s = ((const Is *)n)->subject;
    if (s->kind != AST_OF || of_meaning((const Of *)s) != OF_FACT) return s->kind == AST_MEMBER;
    return *ret_asks = true, left_to_skipped(e, ((const Of *)s)->name.symbol->index);
  }
  default: return false;
  }
}

bool is_waived(const EmergencyClause *e, const Node *need) {
  bool asks = false;
  return asks_only_that(e, need, &asks) && asks;
}

/* ---- whom it hits ---- */

typedef const char *PerThing(World *w, Thing t);

static void write_all_in(World *w, Thing t, PerThing *name, const bool *asked, uint32_t value) {
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    for (uint32_t i = 0; i < w->count[k] && (asked[k] || w->pass == 0); i++)
      if (thing_same(t, (Thing){k, i}) || thing_in(w, (Thing){k, i}, t)) buf_printf(w->out, "%s = %u;\n", name(w, (Thing){k, i}), value);
}

/* No roll back takes it in: it is as if it had left before any attempt. */
static void write_struck(World *w, Thing t) {
  write_hurt(w, t);
  buf_char(w->out, '\n');
  write_all_in(w, t, out_name, w->out_read, 1);
  write_all_in(w, t, struck_name, w->struck_read, 1);
}

static bool only_within(World *w, const LateUse *l, Thing t) {
  const ActionDecl *a = (const ActionDecl *)l->action->decl;
  Changes made = {0};
  bool within = true;
  for (uint32_t i = 0; i < a->clauses.len; i++)
    if (a->clauses.items[i]->kind == AST_MAKES) changes_of(w, late_env(w, l), &((const Makes *)a->clauses.items[i])->effects, &made);
  for (uint32_t i = 0; i < made.len; i++) within &= thing_same(made.items[i].thing, t) || thing_in(w, made.items[i].thing, t);
  vec_done(&made);
  return within;
}

/* by: 1 an emergency of this run; 2 another run's: what automations do to it is that one's matter. */
static void write_gone(World *w, Thing t, uint32_t by) {
  write_all_in(w, t, gone_name, w->gone_read, by);
  for (uint32_t i = 0; i < w->lates.len; i++)
    if (only_within(w, &w->lates.items[i], t)) buf_printf(w->out, "%s = 0;\n", late_name(w, i));
}

/* Of its kind's sets, where there are any. */
static const char *concerned(World *w, Thing t) {
  const char *any = "0";
  bool sets = false;
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) {
    const Select *s = (const Select *)w->runbook->clauses.items[i];
    if (s->node.kind != AST_SELECT || s->name.symbol->entity_kind != t.kind) continue;
    sets = true;
    if (s->after.atom) any = either(w, any, set_name(w, s->name.symbol, t));
    else if (w->selected[s->name.symbol->index][t.at]) any = "1";
  }
  return sets ? any : "1";
}

/* ---- when ---- */

static bool somebody_makes(const World *w, uint32_t fact) {
  for (uint32_t i = 0; i < w->c->actions.len; i++)
    if (w->c->actions.items[i]->kind == SYM_ACTION && surely_makes(w->c->actions.items[i], fact)) return true;
  return false;
}

/* A fact that nobody writes is found so. */
static void write_found_so(World *w, const Env *env, const Node *condition) {
  const Is *is = (const Is *)condition;
  Thing t;
  if (is->node.kind != AST_IS || is->subject->kind != AST_OF || of_meaning((const Of *)is->subject) != OF_FACT) return;
  const Of *of = (const Of *)is->subject;
  const NameRef *word = (const NameRef *)is->values.items[0];
  if (is->mode == IS_NOT || is->mode == IS_NOT_IN || word->node.kind != AST_NAME_REF || ref_meaning(word) != REF_WORD) return;
  if (!thing_of(w, env, of->object, &t) || somebody_makes(w, of->name.symbol->index)) return;
  buf_printf(w->out, ":: %s = %u;\n", cell_name(w, of->name.symbol->index, t), word->name.symbol->index);
}

static void write_process(World *w, const EmergencyClause *e, uint32_t row, Thing t) {
  Env env = bound(NULL, (const Binder *)e->binder, t);
  Strand s = {.env = &env, .masked = true, .leave = new_label(w)};
  Buf text = BUF_INIT, *before = w->out;
  const char *who = concerned(w, t);
  if (strcmp(who, "0") == 0) return;
  w->out = &text;
  buf_printf(w->out, "active proctype emergency_%u_%u() {\nbyte o, t, x;\nend: atomic {\nbegun && !ended && urgent == 0 && faults < MAXF && %s -> skip;\n", row, t.at, who);
  asking(w);
  buf_printf(w->out, "if\n:: %s -> skip\n", truth_of(w, &env, e->condition, SIGHT_TRUTH).yes);
  write_found_so(w, &env, e->condition);
  buf_str(w->out, "fi;\nfaults++; urgent = 1;\n");
  write_struck(w, t);
  buf_str(w->out, "}\n");
  w->urgent = e;
  write_block(w, &s, e->body);
  w->urgent = NULL;
  buf_printf(w->out, "L%u: skip;\natomic {\n", s.leave);
  write_gone(w, t, 1);
  buf_str(w->out, "urgent = 0; o = 0; t = 0; x = 0 }\n}\n\n");
  w->out = before;
  buf_add(&w->processes, text.data, text.len);
  buf_done(&text);
}

static void write_takings(World *w) {
  buf_str(&w->processes, "active proctype taken() {\nend: atomic { begun && !ended && urgent == 0 && faults < MAXF -> faults++;\nif\n");
  Buf *before = w->out;
  w->out = &w->processes;
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    for (uint32_t i = 0; i < w->count[k] && w->out_read[k]; i++) {
      buf_str(w->out, ":: true ->\n");
      write_struck(w, (Thing){k, i});
      write_gone(w, (Thing){k, i}, 2);
    }
  buf_str(w->out, ":: true -> skip\nfi }\n}\n\n");
  w->out = before;
}

void write_emergencies(World *w) {
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) {
    const EmergencyClause *e = clause_at(w, i);
    uint32_t kind = e ? ((const Binder *)e->binder)->name.symbol->entity_kind : 0;
    for (uint32_t t = 0; e && t < w->count[kind]; t++) write_process(w, e, i, (Thing){kind, t});
  }
  if (w->taken) write_takings(w);
}
