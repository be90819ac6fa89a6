/* flow: strands as processes, statements as their text. In a process `o` is the outcome of the last step (0 ok, 1 failed,
 * 2 unknown), `t` counts retries, `x` says on what way out it is; a scope's way out is a label. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

#include <string.h>

uint32_t new_label(World *w) { return ++w->next_label; }

void write_leave(World *w, const Strand *s, uint32_t how) { buf_printf(w->out, "o = 0; x = %u; goto L%u;\n", how, s->leave); }

/* Whose strand this is, or one around it, is out: then it leaves. A cancel is for the main strand. */
void write_diverted(World *w, const Strand *s) {
  const char *out = "0";
  if (w->urgent) return;
  for (const Strand *x = s; x->fan; x = x->outer) {
    w->out_read[x->member.kind] = true;
    out = either(w, out, TEXT(w, "%s != 0", out_name(w, x->member)));
  }
  const char *away = s->fan ? out : s->masked ? "0" : "cancelled"; /* one way out, or the other, or a guard may trip */
  if (strcmp(away, "0") == 0 && !s->guard) return;
  buf_printf(w->out, "if\n:: !(%s) -> skip\n:: %s -> o = 0; t = 0; x = %d; goto L%u\n", away, away, s->fan ? EXIT_OUT : EXIT_CANCEL, s->leave);
  if (s->guard) buf_printf(w->out, ":: faults < MAXF -> faults++; o = 0; t = 0; x = %d; goto L%u\n", EXIT_GUARD, s->leave);
  buf_str(w->out, "fi;\n");
}

void write_hurt(World *w, Thing t) {
  if (w->abandons) buf_printf(w->out, " %s = 1;", hurt_name(w, t));
}

/* ---- handlers ---- */

static const Handler *handler_on(const NodeList *handlers, HandlerOn a, HandlerOn b) {
  for (uint32_t i = 0; i < handlers->len; i++) {
    const Handler *h = (const Handler *)handlers->items[i];
    if (h->on == (uint32_t)a || h->on == (uint32_t)b) return h;
  }
  return NULL;
}

/* Unhandled, the member is set aside; outside of a fan-out the scope fails. */
static void handled(World *w, Strand *s, const Handler *h, uint32_t done) {
  if (!h && s->fan) {
    write_put_out(w, s, s->member, true);
    write_leave(w, s, EXIT_OUT);
  } else if (!h) {
    write_leave(w, s, EXIT_FAIL);
  } else if (h->stmt->kind == AST_CALL) {
    buf_str(w->out, "o = 0;\n");
    write_call(w, s, (const Call *)h->stmt, done);
  } else {
    buf_str(w->out, "o = 0;\n");
    write_statement(w, s, h->stmt);
    buf_printf(w->out, "goto L%u;\n", done);
  }
}

void write_handlers(World *w, Strand *s, const NodeList *handlers, uint32_t done) {
  const Handler *any = handler_on(handlers, ON_ELSE, ON_ELSE);
  const Handler *failed = handler_on(handlers, ON_FAILED, ON_NO), *unknown = handler_on(handlers, ON_UNKNOWN, ON_SILENCE);
  if (!failed && !unknown) {
    handled(w, s, any, done);
    return;
  }
  buf_str(w->out, "if\n:: o == 1 ->\n");
  handled(w, s, failed ? failed : any, done);
  buf_str(w->out, ":: o == 2 ->\n");
  handled(w, s, unknown ? unknown : any, done);
  buf_str(w->out, "fi;\n");
}

/* ---- statements ---- */

static void write_confirm(World *w, Strand *s, const Confirm *c) {
  uint32_t done = new_label(w), again = new_label(w), outer = s->again;
  buf_printf(w->out, "L%u: skip;\n", again);
  write_diverted(w, s);
  asking(w);
  Truth t = truth_of(w, s->env, c->condition, SIGHT_READ);
  buf_str(w->out, "atomic {\n");
  write_reading(w);
  buf_printf(w->out, "if\n:: %s -> o = 0\n:: %s -> o = 1;", t.yes, t.no);
  if (s->fan) write_hurt(w, s->member);
  buf_printf(w->out, "\n:: else -> o = 2;");
  if (s->fan) write_hurt(w, s->member);
  buf_str(w->out, "\nfi;\n");
  write_read_over(w);
  buf_str(w->out, "if\n:: o == 0 ->\n");
  write_time(w, c->held);
  buf_printf(w->out, "goto L%u\n:: else -> skip\nfi;\n}\n", done);
  s->again = again;
  write_handlers(w, s, &c->handlers, done);
  s->again = outer;
  buf_printf(w->out, "L%u: skip;\n", done);
}

static void write_when(World *w, Strand *s, const When *c) {
  asking(w);
  Truth t = truth_of(w, s->env, c->condition, SIGHT_READ);
  write_diverted(w, s);
  buf_str(w->out, "atomic {\n");
  write_reading(w);
  buf_printf(w->out, "if :: %s -> o = 0 :: %s -> o = 1 :: else -> o = %d fi;\n", t.yes, t.no, c->unknown ? 2 : 1);
  write_read_over(w);
  buf_str(w->out, "}\nif\n:: o == 0 ->\n");
  write_block(w, s, c->then);
  buf_str(w->out, ":: o == 1 -> o = 0;\n");
  if (c->otherwise) write_block(w, s, c->otherwise);
  buf_str(w->out, ":: o == 2 -> o = 0;\n");
  if (c->unknown) write_block(w, s, c->unknown);
  buf_str(w->out, "fi;\n");
}

/* An arm that asks for words of a fact is followed; of counts and numbers any arm may be the one. */
static const char *arm_taken(World *w, const Arm *a, const char *cell, const char *known) {
  const char *any = "0";
  if (a->mode == ARM_OTHERWISE) return "1";
  if (!cell) return a->mode == ARM_UNKNOWN ? "faults < MAXF" : "1";
  if (a->mode == ARM_UNKNOWN) return negated(w, known);
  for (uint32_t i = 0; i < a->values.len; i++) {
    int64_t v = 0;
    if (constant_value(a->values.items[i], &v)) any = either(w, any, TEXT(w, "%s == %d", cell, (int)v));
  }
  return both(w, known, any);
}

static void write_decide(World *w, Strand *s, const Decide *d) {
  const Of *of = (const Of *)d->on;
  const char *cell = NULL, *known = "1", *before = "0";
  Thing t;
  asking(w);
  if (of->node.kind == AST_OF && of_meaning(of) == OF_FACT && type_is(of->node.type, TYPE_ENUM) && thing_of(w, s->env, of->object, &t)) {
    cell = cell_name(w, of->name.symbol->index, t);
    w->fact_read[of->name.symbol->index] = true;
    vec_push(&w->asked, ((Asked){cell_number(w, of->name.symbol->index, t), "1"}));
    known = TEXT(w, "mute != %u", w->asked.items[0].cell);
  }
  write_diverted(w, s);
  buf_str(w->out, "atomic {\n");
  write_reading(w);
  buf_str(w->out, "if\n");
  for (uint32_t i = 0; i < d->arms.len; i++) {
    const char *taken = arm_taken(w, (const Arm *)d->arms.items[i], cell, known);
    buf_printf(w->out, ":: %s -> o = %u\n", both(w, taken, cell ? negated(w, before) : "1"), i);
    before = either(w, before, taken);
  }
  if (cell) buf_printf(w->out, ":: else -> o = %u\n", d->arms.len);
  buf_str(w->out, "fi;\n}\nif\n");
  for (uint32_t i = 0; i < d->arms.len; i++) {
    buf_printf(w->out, ":: o == %u -> o = 0;\n", i);
    write_block(w, s, ((const Arm *)d->arms.items[i])->body);
  }
  buf_printf(w->out, ":: o == %u -> o = 0\nfi;\n", d->arms.len);
}

static void write_wait(World *w, const Strand *s, const Wait *n) {
  write_diverted(w, s);
  buf_str(w->out, "skip;\natomic {\n");
  write_time(w, n->duration);
  buf_str(w->out, "skip }\n");
  write_diverted(w, s);
}

static void write_run(World *w, Strand *s, const Run *r) {
  const ProcedureDecl *p = (const ProcedureDecl *)r->name.symbol->decl;
  const Env *env = s->env;
  const Env *inner = bind_args(w, env, &p->params, &r->args);
  s->env = inner;
  write_block(w, s, p->body);
  s->env = env;
}

/* What a step has learnt fills the sets that are selected behind it. */
static void write_selects_after(World *w, const Strand *s, const Symbol *step) {
  for (uint32_t i = 0; step && i < w->runbook->clauses.len; i++) {
    const Select *n = (const Select *)w->runbook->clauses.items[i];
    if (n->node.kind != AST_SELECT || n->after.symbol != step) continue;
    Entries m = {0};
    const Symbol *set = n->name.symbol;
    asking(w);
    binder_of(w, s->env, (const Binder *)n->binder, SIGHT_READ, &m);
    buf_str(w->out, "atomic {\n");
    write_reading(w);
    for (uint32_t j = 0; j < m.len; j++)
      buf_printf(w->out, "%s = (%s -> 1 : 0);\n", set_name(w, set, m.items[j].thing), m.items[j].in);
    write_read_over(w);
    buf_str(w->out, "skip }\n");
    vec_done(&m);
  }
}

static void write_step(World *w, Strand *s, const Step *n) {
  if (n->fan) write_fan(w, s, (const Fan *)n->fan, n->body, s->fan != NULL);
  else write_block(w, s, n->body);
  write_selects_after(w, s, n->name.symbol);
}

void write_statement(World *w, Strand *s, const Node *n) {
  uint32_t done;
  switch (n->kind) {
  case AST_BLOCK: write_block(w, s, n); return;
  case AST_LOCKOUT: write_lockout(w, s, (const Lockout *)n); return;
  case AST_ATTEMPT: write_attempt(w, s, (const Attempt *)n); return;
  case AST_STEP: write_step(w, s, (const Step *)n); return;
  case AST_EACH: write_fan(w, s, (const Fan *)((const Each *)n)->fan, ((const Each *)n)->body, s->fan != NULL); return;
  case AST_CALL:
    done = new_label(w);
    write_call(w, s, (const Call *)n, done);
    buf_printf(w->out, "L%u: skip;\n", done);
    return;
  case AST_CONFIRM: write_confirm(w, s, (const Confirm *)n); return;
  case AST_WAIT: write_wait(w, s, (const Wait *)n); return;
  case AST_GATE: write_gate(w, s, (const Gate *)n); return;
  case AST_WHEN: write_when(w, s, (const When *)n); return;
  case AST_DECIDE: write_decide(w, s, (const Decide *)n); return;
  case AST_THROUGHOUT: write_guarded(w, s, (const Throughout *)n, (NodeList){0}); return;
  case AST_RUN: write_run(w, s, (const Run *)n); return;
  case AST_WITH_SETTING: write_setting(w, s, (const WithSetting *)n); return;
  case AST_REMEMBER: case AST_NOTIFY: case AST_SAFE_POINT: case AST_PREEMPTS: case AST_MAY_SKIP: buf_str(w->out, "skip;\n"); return;
  default: write_exit(w, s, n); return;
  }
}

void write_block(World *w, Strand *s, const Node *block) {
  NodeList list = ((const Block *)block)->stmts;
  buf_str(w->out, "skip;\n");
  for (uint32_t i = 0; i < list.len; i++) {
    const Node *n = list.items[i];
    if (n->kind == AST_THROUGHOUT && !((const Throughout *)n)->body) {
      write_guarded(w, s, (const Throughout *)n, list_behind(list, i + 1));
      return;
    }
    write_statement(w, s, n);
    if (is_way_out(n) && !s->gate) return;
  }
}
