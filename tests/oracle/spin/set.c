/* set: who a source of members names, each with the expression that says whether it belongs to them now. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

Env bound(const Env *env, const Binder *b, Thing t) { return (Env){env, b->name.symbol, t}; }

static void take(Entries *ret, Thing t, const char *in) { vec_push(ret, ((Entry){t, in})); }

static const Select *select_of(const World *w, const Symbol *set) {
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) {
    const Select *s = (const Select *)w->runbook->clauses.items[i];
    if (s->node.kind == AST_SELECT && s->name.symbol == set) return s;
  }
  return NULL;
}

static const char *still_in(World *w, Thing t) {
  w->out_read[t.kind] = true;
  return negated(w, out_name(w, t));
}

/* A set of the runbook: members still in; for the plan, members. */
static const char *in_set(World *w, const Symbol *set, Thing t, Sight sight) {
  const Select *s = select_of(w, set);
  if (s && s->after.atom) return both(w, set_name(w, set, t), still_in(w, t));
  if (!w->selected[set->index][t.at]) return "0";
  return sight == SIGHT_PLAN ? "1" : still_in(w, t);
}

static void members_of_set(World *w, const Symbol *set, const Thing *below, Sight sight, Entries *ret) {
  for (uint32_t i = 0; i < w->count[set->entity_kind]; i++) {
    Thing t = {set->entity_kind, i};
    if (!below || thing_in(w, t, *below)) take(ret, t, in_set(w, set, t, sight));
  }
}

static void all_of_kind(World *w, uint32_t kind, const Thing *below, bool in_only, Entries *ret) {
  for (uint32_t i = 0; i < w->count[kind]; i++) {
    Thing t = {kind, i};
    if (!below || thing_in(w, t, *below)) take(ret, t, in_only ? still_in(w, t) : "1");
  }
}

/* The distinct containers of a set's members. */
static void above(World *w, const Env *env, const Of *of, Sight sight, Entries *ret) {
  uint32_t kind = of->name.symbol->index;
  Entries m = {0};
  among(w, env, of->object, sight, &m);
  for (uint32_t i = 0; i < w->count[kind]; i++) {
    const char *any = "0";
    for (uint32_t j = 0; j < m.len; j++)
      if (thing_in(w, m.items[j].thing, (Thing){kind, i})) any = either(w, any, m.items[j].in);
    take(ret, (Thing){kind, i}, any);
  }
  vec_done(&m);
}

static void source_of_of(World *w, const Env *env, const Of *of, Sight sight, Entries *ret) {
  Thing t;
  if (of_meaning(of) == OF_ABOVE) {
    above(w, env, of, sight, ret);
    return;
  }
  if (!thing_of(w, env, of->object, &t)) return;
  const Symbol *set = of_meaning(of) == OF_SET_BELOW ? of->name.symbol : NULL;
  if (of_meaning(of) == OF_RUN_BELOW && !of->all) set = body_set(w->c, w->symbol->body, of->name.symbol->index);
  if (set) members_of_set(w, set, &t, sight, ret);
  else if (of_meaning(of) == OF_BELOW || of_meaning(of) == OF_RUN_BELOW)
    all_of_kind(w, of->name.symbol->index, &t, of_meaning(of) == OF_RUN_BELOW && !of->all, ret);
}

static void source_of_ref(World *w, const Env *env, const NameRef *r, Sight sight, Entries *ret) {
  Thing t;
  switch (ref_meaning(r)) {
  case REF_SET: members_of_set(w, r->name.symbol, NULL, sight, ret); return;
  case REF_RUN_SET: {
    const Symbol *set = body_set(w->c, w->symbol->body, r->name.symbol->index);
    if (set) members_of_set(w, set, NULL, sight, ret);
    return;
  }
  case REF_KIND: all_of_kind(w, r->name.symbol->index, NULL, false, ret); return;
  default:
    if (thing_of(w, env, &r->node, &t)) take(ret, t, "1");
  }
}

void among(World *w, const Env *env, const Node *source, Sight sight, Entries *ret) {
  Thing t;
  if (source->kind == AST_OF) source_of_of(w, env, (const Of *)source, sight, ret);
  else if (source->kind == AST_NAME_REF) source_of_ref(w, env, (const NameRef *)source, sight, ret);
  else if (type_is(source->type, TYPE_LIST)) all_of_kind(w, type_ref(source->type), NULL, false, ret);
  else if (thing_of(w, env, source, &t)) take(ret, t, "1");
}

void binder_of(World *w, const Env *env, const Binder *b, Sight sight, Entries *ret) {
  uint32_t first = ret->len;
  among(w, env, b->source, sight, ret);
  for (uint32_t i = first; i < ret->len && b->where; i++) {
    Env in = bound(env, b, ret->items[i].thing);
    ret->items[i].in = both(w, ret->items[i].in, truth_of(w, &in, b->where, sight).yes);
  }
}

/* The plan takes whom it can: conditions on attributes are taken as met, but not for outsiders. */
void sets_make(World *w) {
  w->selected = arena_new_array(w->arena, bool *, w->symbol->body->sets.len + 1);
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) {
    const Select *s = (const Select *)w->runbook->clauses.items[i];
    if (s->node.kind != AST_SELECT) continue;
    uint32_t set = s->name.symbol->index, kind = s->name.symbol->entity_kind;
    w->selected[set] = arena_new_array(w->arena, bool, w->count[kind] + 1);
    Entries m = {0};
    w->assumed = false;
    if (!s->after.atom) binder_of(w, NULL, (const Binder *)s->binder, SIGHT_PLAN, &m);
    for (uint32_t j = 0; j < m.len; j++) {
      bool kept_out = w->assumed && !w->left_out && thing_is_outsider(w, m.items[j].thing);
      w->selected[set][m.items[j].thing.at] = m.items[j].in[0] == '1' && !kept_out;
    }
    vec_done(&m);
  }
}

/* Whatever else is the case with it, a fact that somebody asks for may be anything. */
static void write_found(World *w, Thing t) {
  for (uint32_t f = 0; f < w->c->facts.len; f++) {
    const FactDecl *d = (const FactDecl *)w->c->facts.items[f]->decl;
    bool has = false;
    for (uint32_t i = 0; i < d->kinds.len; i++) has |= ((const Word *)d->kinds.items[i])->name.symbol->index == t.kind;
    if (!has || f == w->service || !w->fact_read[f] || !type_is(w->c->facts.items[f]->type, TYPE_ENUM)) continue;
    buf_str(w->out, "if ");
    for (uint32_t v = 1; v <= w->c->enums.items[type_ref(w->c->facts.items[f]->type)].word_len; v++)
      buf_printf(w->out, ":: %s = %u ", cell_name(w, f, t), v);
    buf_str(w->out, "fi;\n");
  }
}

/* Outsiders that are found out of service: left as found. */
void write_left_out(World *w) {
  for (uint32_t i = 0; i < w->runbook->clauses.len && w->left_out; i++) {
    const LeaveOut *l = (const LeaveOut *)w->runbook->clauses.items[i];
    if (l->node.kind != AST_LEAVE_OUT) continue;
    uint32_t kind = ((const Binder *)l->binder)->name.symbol->entity_kind;
    for (uint32_t e = 0; e < w->count[kind]; e++) {
      Thing t = {kind, e};
      if (!thing_is_outsider(w, t)) continue;
      w->out_read[kind] = true;
      buf_printf(w->out, "%s = 1;\n", out_name(w, t));
      write_found(w, t);
      if (w->service == UINT32_MAX) continue;
      TypeId type = w->c->facts.items[w->service]->type;
      buf_printf(w->out, "%s = %u;\n", cell_name(w, w->service, t), w->c->enums.items[type_ref(type)].word_len);
    }
  }
}
