/* gate: people's answers, and the exits. Of a gate there is, per member, 1 a yes, 2 one that was used, 3 none. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

static const char *asked(World *w, uint32_t id, uint32_t i, uint32_t size) { return array_at(w, TEXT(w, "asked_%u", id), size, i, 0); }

static void write_answer(World *w, uint32_t id, uint32_t kind, Entry e, const char *is_asked) {
  const char *yes = gate_name(w, id, kind, kind == TYPE_NO_KIND ? 0 : e.thing.at);
  buf_printf(w->out, "atomic {\nif\n:: %s ->\nif\n:: %s = 1\n:: faults < MAXF -> faults++; %s = 3; o = 1;", is_asked, yes, yes);
  if (kind != TYPE_NO_KIND) write_hurt(w, e.thing);
  buf_printf(w->out, "\n:: faults < MAXF -> faults++; %s = 3; o = (o == 0 -> 2 : o);", yes);
  if (kind != TYPE_NO_KIND) write_hurt(w, e.thing);
  buf_str(w->out, "\nfi\n:: else -> skip\nfi;\n}\n");
}

static void write_asking(World *w, const Entries *m, uint32_t id, uint32_t kind) {
  buf_str(w->out, "atomic {\n");
  write_reading(w);
  for (uint32_t i = 0; i < m->len; i++) {
    buf_printf(w->out, "%s = (%s -> 1 : 0);\n", asked(w, id, i, m->len), m->items[i].in);
    if (kind != TYPE_NO_KIND) buf_printf(w->out, "%s = 0;\n", gate_name(w, id, kind, m->items[i].thing.at));
  }
  write_read_over(w);
  buf_str(w->out, "skip }\n");
}

void write_gate(World *w, Strand *s, const Gate *g) {
  uint32_t id = ++w->next_gate, again = new_label(w), done = new_label(w);
  Strand outer = *s;
  Entries m = {0};
  uint32_t kind = g->fan ? ((const Binder *)((const Fan *)g->fan)->binder)->name.symbol->entity_kind : TYPE_NO_KIND;
  buf_printf(w->out, "L%u: skip;\n", again);
  write_diverted(w, s);
  asking(w);
  if (g->fan) write_members(w, s->env, (const Fan *)g->fan, &m);
  else vec_push(&m, ((Entry){{0, 0}, "1"}));
  write_asking(w, &m, id, kind);
  for (uint32_t i = 0; i < m.len; i++) write_answer(w, id, kind, m.items[i], asked(w, id, i, m.len));
  vec_push(&w->gates, ((GateUse){g->name.atom, id, kind}));
  write_diverted(w, s);
  buf_printf(w->out, "if :: o == 0 -> goto L%u :: else -> skip fi;\n", done);
  s->gate = g->fan ? g : NULL;
  s->gate_id = id;
  s->asked = &m;
  s->again = again;
  write_handlers(w, s, &g->handlers, done);
  *s = outer;
  buf_printf(w->out, "L%u: skip;\n", done);
  vec_done(&m);
}

/* ---- exits ---- */

/* In the branch of a gate: all who got no yes. */
static void write_refused_out(World *w, Strand *s, bool aside) {
  for (uint32_t i = 0; i < s->asked->len; i++) {
    Thing t = s->asked->items[i].thing;
    buf_printf(w->out, "if\n:: %s && %s == 3 ->\n", asked(w, s->gate_id, i, s->asked->len), gate_name(w, s->gate_id, t.kind, t.at));
    write_put_out(w, s, t, aside);
    buf_str(w->out, ":: else -> skip\nfi;\n");
  }
  write_diverted(w, s);
}

static void write_out(World *w, Strand *s, const Node *target, bool aside) {
  Thing t = s->member;
  if (s->gate) {
    write_refused_out(w, s, aside);
    return;
  }
  if (target && !thing_of(w, s->env, target, &t)) return;
  write_put_out(w, s, t, aside);
  for (const Strand *x = s; x->fan; x = x->outer)
    if (thing_same(t, x->member) || thing_in(w, x->member, t)) {
      write_leave(w, s, EXIT_OUT);
      return;
    }
}

/* A person may let it be tried again, or go on where nothing can be. */
static void write_hold(World *w, Strand *s, const Hold *h) {
  uint32_t on = new_label(w);
  buf_printf(w->out, "if :: faults < MAXF -> faults++; o = 0; goto L%u :: true -> skip fi;\n", s->again ? s->again : on);
  write_exit(w, s, h->then);
  buf_printf(w->out, "L%u: skip;\n", on);
}

bool is_way_out(const Node *n) { return n->kind == AST_ROLL_BACK || n->kind == AST_END || n->kind == AST_FAIL; }

void write_exit(World *w, Strand *s, const Node *n) {
  switch (n->kind) {
  case AST_SET_ASIDE: write_out(w, s, ((const SetAside *)n)->target, true); return;
  case AST_KEEP_OUT: write_out(w, s, ((const KeepOut *)n)->target, false); return;
  case AST_ROLL_BACK: case AST_FAIL: write_leave(w, s, EXIT_FAIL); return;
  case AST_END: write_leave(w, s, EXIT_END); return;
  case AST_HOLD: write_hold(w, s, (const Hold *)n); return;
  default: w->refused = "a statement that is not known"; return;
  }
}
