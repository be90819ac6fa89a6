/* act: an action from its needs to its outcome. Needs and policies are held against what is; what a reading does not show is
 * refused without a finding. In flight it ends ok, failed or unknown, or the runtime dies over it and comes back. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

const Env *bind_args(World *w, const Env *env, const NodeList *params, const NodeList *args) {
  const Env *inner = NULL;
  for (uint32_t i = 0; i < params->len && i < args->len; i++) {
    const Symbol *var = ((const ParamDecl *)params->items[i])->name.symbol;
    Thing t;
    if (!type_is(var->type, TYPE_ENTITY) || !thing_of(w, env, args->items[i], &t)) continue;
    Env *b = arena_new_object(w->arena, Env);
    *b = (Env){inner, var, t};
    inner = b;
  }
  return inner;
}

static const Node *clause(const ActionDecl *a, AstKind kind) {
  for (uint32_t i = 0; i < a->clauses.len; i++)
    if (a->clauses.items[i]->kind == kind) return a->clauses.items[i];
  return NULL;
}

int64_t may_land_of(const ActionDecl *a) {
  const MayLand *m = (const MayLand *)clause(a, AST_MAY_LAND);
  int64_t until = 0;
  return m && constant_value(m->until, &until) ? until : 0;
}

/* ---- what a call is about ---- */

typedef struct About {
  const Symbol *action;
  const ActionDecl *decl;
  const Env *env;      /* its parameters */
  Thing thing;          /* the first of them that is an entity */
  bool has_thing;
  Changes makes;
  uint32_t late;        /* UINT32_MAX: it lands at once or never */
  uint32_t line;
} About;

static uint32_t late_of(World *w, const About *a) {
  LateUse use = {.action = a->action};
  if (may_land_of(a->decl) <= 0) return UINT32_MAX;
  for (const Env *b = a->env; b && use.count < 4; b = b->outer) use.args[use.count++] = b->thing;
  for (uint32_t i = 0; i < w->lates.len; i++) {
    const LateUse *l = &w->lates.items[i];
    bool same = l->action == use.action && l->count == use.count;
    for (uint32_t j = 0; same && j < use.count; j++) same = thing_same(l->args[j], use.args[j]);
    if (same) return i;
  }
  vec_push(&w->lates, use);
  return w->lates.len - 1;
}

static About about(World *w, const Strand *s, const Call *call) {
  About a = {.action = call->name.symbol, .decl = (const ActionDecl *)call->name.symbol->decl, .line = line_of(w, &call->node)};
  a.env = bind_args(w, s->env, &a.decl->params, &call->args);
  for (const Env *b = a.env; b; b = b->outer) a.thing = b->thing, a.has_thing = true;
  for (uint32_t i = 0; i < a.decl->clauses.len; i++)
    if (a.decl->clauses.items[i]->kind == AST_MAKES) changes_of(w, a.env, &((const Makes *)a.decl->clauses.items[i])->effects, &a.makes);
  a.late = late_of(w, &a);
  return a;
}

static Truth needs_of(World *w, const About *a, Sight sight) {
  Truth all = {"1", "0"};
  for (uint32_t i = 0; i < a->decl->clauses.len; i++) {
    const Needs *n = (const Needs *)a->decl->clauses.items[i];
    if (n->node.kind != AST_NEEDS || (w->urgent && is_waived(w->urgent, n->condition))) continue;
    Truth t = truth_of(w, a->env, n->condition, sight);
    all = (Truth){both(w, all.yes, t.yes), either(w, all.no, t.no)};
  }
  return all;
}

static void write_all_hurt(World *w, const About *a) {
  for (const Env *b = a->env; b; b = b->outer) write_hurt(w, b->thing);
}

/* ---- late effects ---- */

const Env *late_env(World *w, const LateUse *l) {
  const ActionDecl *a = (const ActionDecl *)l->action->decl;
  const Env *env = NULL;
  for (uint32_t i = 0; i < a->params.len && i < l->count; i++) {
    Env *b = arena_new_object(w->arena, Env);
    *b = (Env){env, ((const ParamDecl *)a->params.items[i])->name.symbol, l->args[l->count - 1 - i]};
    env = b;
  }
  return env;
}

static void made_by_late(World *w, const LateUse *l, Changes *ret) {
  const ActionDecl *a = (const ActionDecl *)l->action->decl;
  for (uint32_t i = 0; i < a->clauses.len; i++)
    if (a->clauses.items[i]->kind == AST_MAKES) changes_of(w, late_env(w, l), &((const Makes *)a->clauses.items[i])->effects, ret);
}

/* What it is carried out on late has to be fit for it still, unless that is an automation's doing; locks and gates it had when it
 * was sent. */
void write_late_needs(World *w, const LateUse *l) {
  About a = {.action = l->action, .decl = (const ActionDecl *)l->action->decl, .env = late_env(w, l)};
  w->granted = true;
  const char *holds = needs_of(w, &a, SIGHT_TRUTH).yes;
  w->granted = false;
  buf_printf(w->out, "if :: !meddled && !(%s) -> c_code { hit(\"NEED\", %u); } :: else -> skip fi;\n", holds, line_of(w, &a.decl->node));
}

/* What takes as long by itself as a late effect may, ends it. */
void write_time(World *w, const Node *duration) {
  int64_t passed = 0;
  if (!duration || !constant_value(duration, &passed)) return;
  for (uint32_t i = 0; i < w->lates.len; i++)
    if (may_land_of((const ActionDecl *)w->lates.items[i].action->decl) <= passed) buf_printf(w->out, "%s = 0;\n", late_name(w, i));
}

static bool contradict(const Changes *a, const Changes *b) {
  for (uint32_t i = 0; i < a->len; i++)
    for (uint32_t j = 0; j < b->len; j++)
      if (a->items[i].fact == b->items[j].fact && thing_same(a->items[i].thing, b->items[j].thing) &&
          a->items[i].values[0] != b->items[j].values[0])
        return true;
  return false;
}

/* Nothing is sent that a late effect would contradict: it waits until that has landed (before) or cannot any more. */
static void write_wait_for_lates(World *w, const About *a) {
  for (uint32_t i = 0; i < w->lates.len; i++) {
    Changes made = {0};
    made_by_late(w, &w->lates.items[i], &made);
    if (i != a->late && contradict(&a->makes, &made)) buf_printf(w->out, "%s = 0;\n", late_name(w, i));
    vec_done(&made);
  }
}

/* ---- outcomes ---- */

static void write_tried(World *w, const About *a, bool succeeded) {
  for (uint32_t i = 0; i < w->tried.len && a->has_thing; i++) {
    TriedPair p = w->tried.items[i];
    bool sent = !succeeded && p.action == a->action, done = succeeded && p.since == a->action && p.action != a->action;
    if (sent || done) buf_printf(w->out, "%s = %d;\n", tried_name(w, p.action, p.since, a->thing), sent);
  }
}

static void write_yes_used(World *w, const About *a) {
  asking(w);
  needs_of(w, a, SIGHT_TRUTH);
  for (uint32_t i = 0; i < w->needed.len; i++) {
    const GateUse *n = &w->needed.items[i];
    for (uint32_t g = 0; g < w->gates.len; g++)
      if (w->gates.items[g].id == n->id) buf_printf(w->out, "%s = 2;\n", gate_name(w, n->id, w->gates.items[g].kind, n->kind));
  }
}

static void write_done(World *w, const About *a) {
  write_fresh(w, &a->makes, true);
  write_yes_used(w, a);
  write_tried(w, a, true);
  buf_str(w->out, "o = 0;\n");
}

/* Everything that it makes is there. */
static const char *reads_as_made(World *w, const About *a) {
  const char *all = "1";
  for (uint32_t i = 0; i < a->makes.len; i++) {
    const Change *c = &a->makes.items[i];
    const char *any = c->may || !w->fact_read[c->fact] ? "1" : negated(w, c->in);
    for (uint32_t v = 0; v < c->count; v++) any = either(w, any, TEXT(w, "%s == %u", cell_name(w, c->fact, c->thing), c->values[v]));
    all = both(w, all, any);
  }
  return all;
}

/* After a crash: again, or first a look, or a person is asked. */
static void write_crash(World *w, const About *a, uint32_t again) {
  const Repeat *r = (const Repeat *)clause(a->decl, AST_REPEAT);
  if (!r || r->mode == REPEAT_ASK) return;
  buf_str(w->out, ":: faults < MAXF -> faults++;\n");
  buf_str(w->out, "if :: true ->\n");
  write_failure(w, a->env, a->decl);
  buf_str(w->out, ":: true ->\n");
  write_changes(w, &a->makes, true);
  buf_str(w->out, "fi;\n");
  if (r->mode == REPEAT_CHECK) {
    asking(w);
    Truth t = truth_of(w, a->env, r->condition, SIGHT_TRUTH);
    buf_printf(w->out, "if\n:: %s && %s ->\n", t.yes, reads_as_made(w, a));
    write_done(w, a);
    buf_printf(w->out, ":: %s && !(%s) -> o = 2;", t.yes, reads_as_made(w, a));
    write_all_hurt(w, a);
    buf_printf(w->out, "\n:: !(%s) -> goto L%u\nfi;\n", t.yes, again);
  } else {
    buf_printf(w->out, "goto L%u;\n", again);
  }
}

static void write_flight(World *w, const About *a, uint32_t again) {
  const Takes *takes = (const Takes *)clause(a->decl, AST_TAKES);
  buf_str(w->out, "atomic {\n");
  if (takes) write_time(w, takes->low);
  buf_str(w->out, "if\n:: true ->\n");
  write_changes(w, &a->makes, true);
  write_done(w, a);
  buf_str(w->out, ":: faults < MAXF -> faults++;\n");
  write_failure(w, a->env, a->decl);
  buf_str(w->out, "if :: o = 1 :: o = 2 fi;\n");
  write_all_hurt(w, a);
  if (a->late != UINT32_MAX) {
    buf_printf(w->out, "\n:: faults < MAXF -> faults++; %s = 1; o = 2;\n", late_name(w, a->late));
    write_fresh(w, &a->makes, false);
    write_all_hurt(w, a);
    buf_char(w->out, '\n');
  }
  write_crash(w, a, again);
  buf_str(w->out, "fi;\n}\n");
}

/* ---- a try ---- */

static void write_sent(World *w, const About *a) {
  write_made(w, &a->makes, a->line);
  if (a->has_thing) write_called(w, a->action, a->thing, a->line);
  write_tried(w, a, false);
}

static void write_try(World *w, Strand *s, const About *a, uint32_t again) {
  buf_printf(w->out, "L%u: skip;\n", again);
  write_diverted(w, s);
  write_wait_for_lates(w, a);
  buf_str(w->out, "atomic {\n");
  if (w->strikes) write_diverted(w, s); /* whom an emergency has hit meanwhile is not acted on */
  asking(w);
  const char *reads = needs_of(w, a, SIGHT_NEED).yes;
  write_reading(w);
  const char *holds = needs_of(w, a, SIGHT_TRUTH).yes;
  buf_printf(w->out, "if\n:: !(%s) -> c_code { hit(\"NEED\", %u); }; o = 1;", holds, a->line);
  write_all_hurt(w, a);
  buf_printf(w->out, "\n:: %s && !(%s) -> o = 1;", holds, reads);
  write_all_hurt(w, a);
  buf_printf(w->out, "\n:: %s -> o = 0;\n", both(w, holds, reads));
  write_sent(w, a);
  buf_str(w->out, "fi;\n");
  buf_str(w->out, "}\nif\n:: o == 0 ->\n");
  write_flight(w, a, again);
  buf_str(w->out, ":: else -> skip\nfi;\n");
}

void write_call(World *w, Strand *s, const Call *call, uint32_t done) {
  About a = about(w, s, call);
  uint32_t again = new_label(w), outer = s->again;
  int64_t retries = 0;
  if (call->retries && constant_value(call->retries, &retries) && retries > 2) retries = 2;
  buf_printf(w->out, "/* line %u */\n", a.line);
  write_try(w, s, &a, again);
  buf_printf(w->out, "if\n:: o == 0 -> t = 0; goto L%u\n", done);
  if (retries > 0) {
    buf_printf(w->out, ":: o != 0 && t < %u -> t++; o = 0;\n", (unsigned)retries);
    write_time(w, call->retry_after);
    buf_printf(w->out, "goto L%u\n", again);
  }
  buf_printf(w->out, ":: o != 0 && t >= %u -> t = 0\nfi;\n", (unsigned)retries);
  s->again = again;
  write_handlers(w, s, &call->handlers, done);
  s->again = outer;
  vec_done(&a.makes);
}
