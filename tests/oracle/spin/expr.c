/* expr: conditions as Promela expressions. Each has two: it is known to be true, it is known to be false; what is neither is
 * unknown, by Kleene's rules. `mute` is the one fact that gives no reading just now. What is not followed (numbers, texts,
 * counts, metrics) is either: bits of `either_way`, thrown before the condition is looked at. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

#include <string.h>

static const Truth always = {"1", "0"}, never = {"0", "1"}, unknown = {"0", "0"};

static bool is_one(const char *a) { return strcmp(a, "1") == 0; }
static bool is_zero(const char *a) { return strcmp(a, "0") == 0; }

const char *both(World *w, const char *a, const char *b) {
  if (is_zero(a) || is_one(b)) return a;
  if (is_zero(b) || is_one(a)) return b;
  return strcmp(a, b) == 0 ? a : TEXT(w, "(%s && %s)", a, b);
}

const char *either(World *w, const char *a, const char *b) {
  if (is_one(a) || is_zero(b)) return a;
  if (is_one(b) || is_zero(a)) return b;
  return strcmp(a, b) == 0 ? a : TEXT(w, "(%s || %s)", a, b);
}

const char *negated(World *w, const char *a) { return is_one(a) ? "0" : is_zero(a) ? "1" : TEXT(w, "!(%s)", a); }

/* ---- a condition is begun, read, over ---- */

void asking(World *w) {
  w->asked.len = w->needed.len = 0;
  w->opaque = 0;
}

void write_reading(World *w) {
  for (uint32_t i = 0; i < w->opaque; i++) buf_printf(w->out, "if :: skip :: either_way = either_way | %u fi;\n", 1u << i);
  if (!w->asked.len) return;
  buf_str(w->out, "if\n:: skip\n");
  for (uint32_t i = 0; i < w->asked.len; i++) {
    uint32_t n = w->asked.items[i].cell;
    const char *read = both(w, "mute == 0 && faults < MAXF", w->asked.items[i].when);
    buf_printf(w->out, ":: mute == %u -> mute = 0\n:: %s -> faults++; mute = %u;", n, read, n);
    const Cell *c = &w->cells.items[n - 1];
    write_hurt(w, c->thing);
    if (w->fact_needed[c->fact]) buf_printf(w->out, " %s = 0;", fresh_name(w, c->fact, c->thing));
    buf_char(w->out, '\n');
  }
  buf_str(w->out, "fi;\n");
}

void write_read_over(World *w) {
  if (w->opaque) buf_str(w->out, "either_way = 0;\n");
}

/* Of what is so, rather than of what is read, it is taken as met: no rule is broken by what nobody follows. */
static Truth not_followed(World *w, Sight sight) {
  w->assumed = true;
  if (sight != SIGHT_READ || w->opaque >= 8) return always;
  uint32_t bit = 1u << w->opaque++;
  return (Truth){TEXT(w, "(either_way & %u)", bit), TEXT(w, "!(either_way & %u)", bit)};
}

/* ---- entities ---- */

static bool param_thing(const Symbol *s, Thing *ret) {
  if (!type_is(s->type, TYPE_ENTITY)) return false;
  *ret = (Thing){type_ref(s->type), 0};
  return true;
}

bool thing_of(World *w, const Env *env, const Node *e, Thing *ret) {
  Thing of;
  if (e->kind == AST_NAME_REF) {
    const NameRef *r = (const NameRef *)e;
    if (ref_meaning(r) == REF_PARAM) return param_thing(r->name.symbol, ret);
    for (const Env *b = env; b; b = b->outer)
      if (b->var == r->name.symbol) return *ret = b->thing, true;
    return false;
  }
  if (e->kind != AST_MEMBER) return false;
  const Member *m = (const Member *)e;
  if (!thing_of(w, env, m->object, &of)) return false;
  if (member_meaning(m) == MEMBER_UP) return thing_up(w, of, m->name.symbol->index, ret);
  return member_meaning(m) == MEMBER_ATTR && thing_link(w, of, m->name.symbol, ret);
}

/* ---- is ---- */

static const char *words_match(World *w, const char *cell, const NodeList *values, bool *ret_unknown, bool *ret_open) {
  const char *any = "0";
  for (uint32_t i = 0; i < values->len; i++) {
    const NameRef *r = (const NameRef *)values->items[i];
    bool ref = r->node.kind == AST_NAME_REF;
    if (ref && ref_meaning(r) == REF_WORD) any = either(w, any, TEXT(w, "%s == %u", cell, r->name.symbol->index));
    else if (ref && ref_meaning(r) == REF_UNKNOWN) *ret_unknown = true;
    else *ret_open = true;
  }
  return any;
}

/* That there is a reading. What is fresh is not read again for an action. */
static const char *read_of(World *w, uint32_t fact, Thing t, Sight sight) {
  uint32_t n = cell_number(w, fact, t);
  const char *stale = "1";
  if (sight == SIGHT_NEED) {
    w->fact_needed[fact] = true;
    stale = either(w, negated(w, fresh_name(w, fact, t)), negated(w, unwatched(w, fact, t)));
  }
  vec_push(&w->asked, ((Asked){n, stale}));
  return either(w, TEXT(w, "mute != %u", n), negated(w, stale));
}

/* With people: whatever is read of it, yes and no, each time. */
static Truth or_gone(World *w, Thing t, Truth x) {
  if (!w->strikes) return x;
  const char *gone = TEXT(w, "%s != 0", gone_name(w, t));
  return (Truth){either(w, x.yes, gone), either(w, x.no, gone)};
}

static Truth fact_is(World *w, const Env *env, const Is *is, Sight sight) {
  const Of *of = (const Of *)is->subject;
  Thing t;
  bool or_unknown = false, open = false;
  if (sight == SIGHT_PLAN) return w->assumed = true, always;
  if (!thing_of(w, env, of->object, &t)) return is->mode == IS_MAY_BE ? always : unknown;
  uint32_t fact = of->name.symbol->index;
  const char *match = words_match(w, cell_name(w, fact, t), &is->values, &or_unknown, &open);
  if (open) return not_followed(w, sight);
  w->fact_read[fact] = true;
  const char *known = sight == SIGHT_TRUTH ? "1" : read_of(w, fact, t, sight);
  const char *yes = both(w, known, match), *no = both(w, known, negated(w, match));
  switch ((IsMode)is->mode) {
  case IS_IS: case IS_IN: return or_gone(w, t, (Truth){or_unknown ? either(w, yes, negated(w, known)) : yes, no});
  case IS_NOT: case IS_NOT_IN: return or_gone(w, t, (Truth){no, yes});
  case IS_MAY_BE: return or_gone(w, t, (Truth){negated(w, no), no});
  }
  return unknown;
}

static const char *thing_among(World *w, const Env *env, Thing t, const Node *value, Sight sight) {
  Thing other;
  const char *any = "0";
  if (!type_is(value->type, TYPE_SET) && !type_is(value->type, TYPE_LIST))
    return thing_of(w, env, value, &other) && thing_same(t, other) ? "1" : "0";
  Entries m = {0};
  among(w, env, value, sight, &m);
  for (uint32_t i = 0; i < m.len; i++)
    if (thing_same(m.items[i].thing, t)) any = either(w, any, m.items[i].in);
  vec_done(&m);
  return any;
}

static Truth thing_is(World *w, const Env *env, const Is *is, Sight sight) {
  Thing t;
  const char *any = "0";
  if (!thing_of(w, env, is->subject, &t)) return unknown;
  for (uint32_t i = 0; i < is->values.len; i++) any = either(w, any, thing_among(w, env, t, is->values.items[i], sight));
  bool not = is->mode == IS_NOT || is->mode == IS_NOT_IN;
  return (Truth){not ? negated(w, any) : any, not ? any : negated(w, any)};
}

static Truth is_truth(World *w, const Env *env, const Is *is, Sight sight) {
  const Node *s = is->subject;
  if (type_is(s->type, TYPE_ENTITY)) return thing_is(w, env, is, sight);
  if (s->kind == AST_OF && of_meaning((const Of *)s) == OF_FACT && type_is(s->type, TYPE_ENUM)) return fact_is(w, env, is, sight);
  w->assumed = true;
  if (s->kind == AST_MEMBER && type_is(s->type, TYPE_ENUM)) /* an attribute is what the runbook wants it to be */
    return is->mode == IS_NOT || is->mode == IS_NOT_IN ? never : always;
  return not_followed(w, sight);
}

/* ---- the others ---- */

static Truth turned(Truth t) { return (Truth){t.no, t.yes}; }
static Truth anded(World *w, Truth a, Truth b) { return (Truth){both(w, a.yes, b.yes), either(w, a.no, b.no)}; }

static Truth quantified(World *w, const Env *env, const Quantified *q, Sight sight) {
  const Binder *b = (const Binder *)q->binder;
  Truth all = always;
  Entries m = {0};
  if (q->quantifier == QUANT_COUNT) return not_followed(w, sight);
  among(w, env, b->source, sight, &m);
  for (uint32_t i = 0; i < m.len; i++) {
    Env in = bound(env, b, m.items[i].thing);
    Truth where = b->where ? truth_of(w, &in, b->where, sight) : always, holds = truth_of(w, &in, q->condition, sight);
    const char *member = m.items[i].in;
    if (q->quantifier == QUANT_SOME) holds = turned(holds);
    Truth one = {either(w, either(w, negated(w, member), where.no), holds.yes), both(w, both(w, member, where.yes), holds.no)};
    all = anded(w, all, one);
  }
  vec_done(&m);
  return q->quantifier == QUANT_SOME ? turned(all) : all;
}

bool all_locked(World *w, const NodeList *automations, Thing t, Entries *ret) {
  for (uint32_t i = 0; i < automations->len; i++) {
    const Symbol *a = ((const Word *)automations->items[i])->name.symbol;
    uint32_t before = ret->len;
    Thing up;
    if (thing_up(w, t, a->entity_kind, &up)) {
      vec_push(ret, ((Entry){up, lock_name(w, a, up.at)}));
      continue;
    }
    for (uint32_t e = 0; e < w->count[a->entity_kind]; e++)
      if (thing_in(w, (Thing){a->entity_kind, e}, t)) vec_push(ret, ((Entry){{a->entity_kind, e}, lock_name(w, a, e)}));
    if (ret->len == before) return false;
  }
  return true;
}

static Truth locked(World *w, const Env *env, const Locked *l) {
  Thing t;
  const char *all = "1";
  Entries m = {0};
  if (!thing_of(w, env, l->target, &t) || !all_locked(w, &l->automations, t, &m)) all = "0";
  for (uint32_t i = 0; i < m.len; i++) all = both(w, all, TEXT(w, "%s != 0 && %s != %d", m.items[i].in, m.items[i].in, LOCK_HANDED));
  vec_done(&m);
  Truth held = {all, negated(w, all)};
  return thing_of(w, env, l->target, &t) ? or_gone(w, t, held) : held;
}

static Truth tried(World *w, const Env *env, const Tried *t) {
  const Call *call = (const Call *)t->call, *since = t->since ? (const Call *)t->since : call;
  Thing about;
  if (w->urgent && !w->let && is_skipped(w->urgent, call->name.symbol)) return always;
  if (!call->args.len || !thing_of(w, env, call->args.items[0], &about)) return never;
  const char *yes = tried_name(w, call->name.symbol, since->name.symbol, about);
  return (Truth){yes, negated(w, yes)};
}

/* Whichever gate of that name was asked last before the place. */
static Truth gate_said_yes(World *w, const Env *env, const GateRef *g) {
  const GateUse *use = NULL;
  for (uint32_t i = 0; i < w->gates.len; i++)
    if (w->gates.items[i].name == g->name.atom) use = &w->gates.items[i];
  if (!use) return never;
  Thing t = {0, 0};
  bool found = use->kind == TYPE_NO_KIND;
  for (const Env *b = env; b && !found; b = b->outer) found = thing_up(w, b->thing, use->kind, &t);
  if (!found) return never;
  vec_push(&w->needed, ((GateUse){use->name, use->id, t.at}));
  const char *yes = TEXT(w, "%s == 1", gate_name(w, use->id, use->kind, t.at));
  return (Truth){yes, negated(w, yes)};
}

static Truth bool_param(World *w, const Symbol *s, Sight sight) {
  const ParamDecl *p = (const ParamDecl *)s->decl;
  const char *name = word_of(w, s->name);
  int64_t value;
  for (uint32_t i = 0; i < w->param_count; i++)
    if (strncmp(w->params[i], name, strlen(name)) == 0 && w->params[i][strlen(name)] == '=')
      return strcmp(w->params[i] + strlen(name) + 1, "true") == 0 ? always : never;
  if (p->value && constant_value(p->value, &value)) return value ? always : never;
  return not_followed(w, sight);
}

static Truth binary(World *w, const Env *env, const Binary *b, Sight sight) {
  if (b->op != OP_AND && b->op != OP_OR) return not_followed(w, sight);
  Truth left = truth_of(w, env, b->left, sight), right = truth_of(w, env, b->right, sight);
  return b->op == OP_AND ? anded(w, left, right) : turned(anded(w, turned(left), turned(right)));
}

Truth truth_of(World *w, const Env *env, const Node *e, Sight sight) {
  switch (e->kind) {
  case AST_BOOL: return ((const Bool *)e)->value ? always : never;
  case AST_BINARY: return binary(w, env, (const Binary *)e, sight);
  case AST_UNARY:
    return ((const Unary *)e)->op == OP_NOT ? turned(truth_of(w, env, ((const Unary *)e)->operand, sight)) : not_followed(w, sight);
  case AST_IS: return is_truth(w, env, (const Is *)e, sight);
  case AST_QUANTIFIED: return quantified(w, env, (const Quantified *)e, sight);
  case AST_LOCKED: return w->granted ? always : locked(w, env, (const Locked *)e);
  case AST_TRIED: return tried(w, env, (const Tried *)e);
  case AST_GATE_REF: return w->granted ? always : gate_said_yes(w, env, (const GateRef *)e);
  case AST_EMERGENCY:
    if (w->let && w->strikes) return (Truth){TEXT(w, "%s != 0", struck_name(w, *w->let)), TEXT(w, "%s == 0", struck_name(w, *w->let))};
    return w->urgent && !w->let ? always : never;
  case AST_NAME_REF:
    if (ref_meaning((const NameRef *)e) == REF_PARAM) return bool_param(w, ((const NameRef *)e)->name.symbol, sight);
    return not_followed(w, sight);
  default: return not_followed(w, sight);
  }
}
