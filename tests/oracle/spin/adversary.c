/* adversary: what nobody in the run decides. Each automation on each entity acts when it is free and its condition is possible,
 * for ever; late effects land; a person cancels; a hazard strikes. And the rules on the end of a run. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

/* ---- automations ---- */

static bool wanted(World *w, const Symbol *a, const Change *c, uint32_t value) {
  (void)a;
  return w->pass == 0 || w->fact_read[c->fact] || forbidden_to_automations(w, c->fact, c->thing.kind, value);
}

static void write_act(World *w, const Symbol *a, Thing e, const char *may, const Change *c, uint32_t value) {
  const char *cell = cell_name(w, c->fact, c->thing), *free = TEXT(w, "%s == 0", lock_name(w, a, e.at));
  if (!wanted(w, a, c, value)) return;
  buf_printf(w->out, ":: atomic { %s && %s != %u -> %s = %u;", both(w, both(w, free, may), c->in), cell, value, cell, value);
  write_hurt(w, c->thing);
  if (w->lates.len) buf_str(w->out, " meddled = 1;");
  if (c->fact == w->service)
    buf_printf(w->out, " %s = 0;", ours_name(w, c->thing));
  buf_char(w->out, '\n');
  write_let(w, c, value);
  buf_str(w->out, "skip");
  buf_str(w->out, " }\n");
}

static void write_when(World *w, const Symbol *a, const Env *env, const AutoWhen *n) {
  Changes c = {0};
  bool any = false;
  changes_of(w, env, &n->effects, &c);
  for (uint32_t i = 0; i < c.len; i++)
    for (uint32_t v = 0; v < c.items[i].count; v++) any |= wanted(w, a, &c.items[i], c.items[i].values[v]);
  Truth asked = any && n->condition ? truth_of(w, env, n->condition, SIGHT_TRUTH) : (Truth){"1", "0"};
  const char *may = either(w, asked.yes, negated(w, asked.no));
  for (uint32_t i = 0; i < c.len; i++)
    for (uint32_t v = 0; v < c.items[i].count; v++) write_act(w, a, env->thing, may, &c.items[i], c.items[i].values[v]);
  vec_done(&c);
}

static void write_automation(World *w, const Symbol *a, uint32_t e) {
  const AutomationDecl *d = (const AutomationDecl *)a->decl;
  Env env = {NULL, ((const ParamDecl *)d->on)->name.symbol, {a->entity_kind, e}};
  Buf text = BUF_INIT, *before = w->out;
  w->out = &text;
  for (uint32_t i = 0; i < d->clauses.len; i++)
    if (d->clauses.items[i]->kind == AST_AUTO_WHEN) write_when(w, a, &env, (const AutoWhen *)d->clauses.items[i]);
  w->out = before;
  if (text.len) buf_printf(&w->processes, "active proctype auto_%s_%u() {\nend: do\n%sod\n}\n\n", word_of(w, a->name), e, text.data);
  buf_done(&text);
}

/* ---- who else can change a fact ---- */

static bool changes_it(World *w, const Env *env, const NodeList *clauses, uint32_t fact, Thing t) {
  Changes c = {0};
  bool found = false;
  for (uint32_t i = 0; i < clauses->len; i++)
    if (clauses->items[i]->kind == AST_AUTO_WHEN) changes_of(w, env, &((const AutoWhen *)clauses->items[i])->effects, &c);
  for (uint32_t i = 0; i < c.len; i++) found |= c.items[i].fact == fact && thing_same(c.items[i].thing, t);
  vec_done(&c);
  return found;
}

const char *unwatched(World *w, uint32_t fact, Thing t) {
  const char *all = "1";
  for (uint32_t i = 0; i < w->c->hazards.len; i++) {
    const HazardDecl *d = (const HazardDecl *)w->c->hazards.items[i]->decl;
    uint32_t kind = w->c->hazards.items[i]->entity_kind;
    for (uint32_t e = 0; e < w->count[kind]; e++) {
      Env env = {NULL, ((const ParamDecl *)d->on)->name.symbol, {kind, e}};
      if (changes_it(w, &env, &d->clauses, fact, t)) return "0";
    }
  }
  for (uint32_t i = 0; i < w->c->automations.len; i++) {
    const Symbol *a = w->c->automations.items[i];
    const AutomationDecl *d = (const AutomationDecl *)a->decl;
    for (uint32_t e = 0; e < w->count[a->entity_kind]; e++) {
      Env env = {NULL, ((const ParamDecl *)d->on)->name.symbol, {a->entity_kind, e}};
      if (changes_it(w, &env, &d->clauses, fact, t)) all = both(w, all, TEXT(w, "%s != 0", lock_name(w, a, e)));
    }
  }
  return all;
}

/* ---- late effects ---- */

static void write_landing(World *w, uint32_t late) {
  const LateUse *l = &w->lates.items[late];
  const ActionDecl *a = (const ActionDecl *)l->action->decl;
  Changes made = {0};
  const Env *env = late_env(w, l);
  for (uint32_t i = 0; i < a->clauses.len; i++)
    if (a->clauses.items[i]->kind == AST_MAKES) changes_of(w, env, &((const Makes *)a->clauses.items[i])->effects, &made);
  buf_printf(w->out, ":: atomic { %s != 0 -> %s = 0;\n", late_name(w, late), late_name(w, late));
  write_late_needs(w, l);
  write_changes(w, &made, true);
  buf_str(w->out, "skip }\n");
  vec_done(&made);
}

void write_adversaries(World *w) {
  for (uint32_t i = 0; i < w->c->automations.len; i++)
    for (uint32_t e = 0; e < w->count[w->c->automations.items[i]->entity_kind]; e++) write_automation(w, w->c->automations.items[i], e);
  Buf *before = w->out;
  w->out = &w->processes;
  if (w->lates.len) {
    buf_str(w->out, "active proctype lands_late() {\nend: do\n");
    for (uint32_t i = 0; i < w->lates.len; i++) write_landing(w, i);
    buf_str(w->out, "od\n}\n\n");
  }
  buf_str(w->out, "active proctype person() {\nend: atomic { faults < MAXF && !ended && !cancelled -> faults++; cancelled = 1 }\n}\n\n");
  w->out = before;
}

/* ---- the end ---- */

/* Taken out of service by the run, and nobody knows: not put out by name, not handed over, not locked. */
static void write_left(World *w, Thing t) {
  const char *known = either(w, TEXT(w, "%s != 0", out_name(w, t)),
                             either(w, near_name(w, handed_name, t, false), near_name(w, handed_name, t, true)));
  for (uint32_t i = 0; i < w->locked.len; i++) {
    Entries locks = {0};
    Thing up;
    if (thing_up(w, t, w->locked.items[i]->entity_kind, &up)) known = either(w, known, lock_name(w, w->locked.items[i], up.at));
    vec_done(&locks);
  }
  w->out_read[t.kind] = true;
  buf_printf(w->out, "if :: %s && %s != 1 && !(%s) -> c_code { hit(\"LEFT\", 0); } :: else -> skip fi;\n",
             ours_name(w, t), cell_name(w, w->service, t), known);
}

/* Through, with nothing going wrong and nobody lost. */
static void write_completed(World *w) {
  const char *all = "x == 0 && faults == 0";
  for (uint32_t k = 0; k < w->c->kinds.len; k++)
    for (uint32_t e = 0; e < w->count[k] && w->out_read[k]; e++)
      if (!thing_is_outsider(w, (Thing){k, e})) all = both(w, all, TEXT(w, "%s == 0", out_name(w, (Thing){k, e})));
  buf_printf(w->out, "if :: %s -> c_code { hit(\"DONE\", 0); } :: else -> skip fi;\n", all);
}

void write_ends(World *w) {
  write_completed(w);
  if (w->service == UINT32_MAX) return;
  w->fact_read[w->service] = true;
  const FactDecl *f = (const FactDecl *)w->c->facts.items[w->service]->decl;
  for (uint32_t i = 0; i < f->kinds.len; i++) {
    uint32_t kind = ((const Word *)f->kinds.items[i])->name.symbol->index;
    for (uint32_t e = 0; e < w->count[kind]; e++) write_left(w, (Thing){kind, e});
  }
}
