/* effect: what actions and automations leave behind, and the policies that have a say in it. */
#include <config.h>

#include "tests/oracle/spin/promela.h"

/* ---- changes ---- */

static void add_change(World *w, const Env *env, const Effect *e, Entry over, const Binder *b, Changes *ret) {
  const Of *target = (const Of *)e->target;
  Env in = b ? bound(env, b, over.thing) : (Env){0};
  Change c = {.fact = target->name.symbol->index, .in = over.in, .may = e->mode == EFFECT_MAY};
  if (!thing_of(w, b ? &in : env, target->object, &c.thing)) return;
  for (uint32_t i = 0; i < e->values.len && c.count < 16; i++) {
    const NameRef *r = (const NameRef *)e->values.items[i];
    if (r->node.kind == AST_NAME_REF && ref_meaning(r) == REF_WORD) c.values[c.count++] = r->name.symbol->index;
    else if (r->node.kind == AST_WORD) c.values[c.count++] = ((const Word *)&r->node)->name.symbol->index;
  }
  if (c.count) vec_push(ret, c);
}

void changes_of(World *w, const Env *env, const NodeList *effects, Changes *ret) {
  for (uint32_t i = 0; i < effects->len; i++) {
    const Effect *e = (const Effect *)effects->items[i];
    const Binder *b = (const Binder *)e->over;
    Entries over = {0};
    if (b) binder_of(w, env, b, SIGHT_TRUTH, &over);
    else vec_push(&over, ((Entry){{0, 0}, "1"}));
    for (uint32_t j = 0; j < over.len; j++) add_change(w, env, e, over.items[j], b, ret);
    vec_done(&over);
  }
}

/* A fact that nobody asks for is left alone. */
static bool matters(const World *w, const Change *c) { return w->pass == 0 || w->fact_read[c->fact]; }

static void write_service_owner(World *w, const Change *c, bool by_run) {
  if (c->fact == w->service) buf_printf(w->out, " %s = %u;", ours_name(w, c->thing), by_run);
}

static void write_one(World *w, const Change *c, bool old, bool by_run) {
  const char *cell = cell_name(w, c->fact, c->thing);
  if (c->in[0] == '0' && !c->in[1]) return;
  buf_printf(w->out, "if\n");
  if (old || c->may) buf_str(w->out, ":: skip\n");
  for (uint32_t i = 0; i < c->count; i++) {
    buf_printf(w->out, ":: %s -> %s = %u;", both(w, c->in, "1"), cell, c->values[i]);
    write_service_owner(w, c, by_run);
    buf_char(w->out, '\n');
  }
  if (c->in[0] != '1' || c->in[1]) buf_printf(w->out, ":: %s -> skip\n", negated(w, c->in));
  buf_str(w->out, "fi;\n");
}

/* What the run has written and read back is fresh; what it may have written is not. */
void write_fresh(World *w, const Changes *c, bool fresh) {
  for (uint32_t i = 0; i < c->len; i++) {
    const Change *x = &c->items[i];
    if (w->fact_needed[x->fact]) buf_printf(w->out, "%s = %d;\n", fresh_name(w, x->fact, x->thing), fresh && !x->may);
  }
}

void write_changes(World *w, const Changes *c, bool by_run) {
  for (uint32_t i = 0; i < c->len; i++)
    if (matters(w, &c->items[i])) write_one(w, &c->items[i], false, by_run);
}

/* ---- a failure: what `on failure` speaks of takes its values, the rest is old or new ---- */

static void clauses_of(World *w, const Env *env, const ActionDecl *a, Changes *makes, Changes *failure) {
  for (uint32_t i = 0; i < a->clauses.len; i++) {
    const Node *n = a->clauses.items[i];
    if (n->kind == AST_MAKES) changes_of(w, env, &((const Makes *)n)->effects, makes);
    if (n->kind == AST_ON_FAILURE) changes_of(w, env, &((const OnFailure *)n)->effects, failure);
  }
}

void write_failure(World *w, const Env *env, const ActionDecl *a) {
  Changes makes = {0}, failure = {0};
  clauses_of(w, env, a, &makes, &failure);
  write_fresh(w, &makes, false);
  write_fresh(w, &failure, false);
  for (uint32_t i = 0; i < failure.len; i++)
    if (matters(w, &failure.items[i])) write_one(w, &failure.items[i], true, true);
  for (uint32_t i = 0; i < makes.len; i++) {
    const Change *c = &makes.items[i];
    bool spoken = false;
    for (uint32_t j = 0; j < failure.len; j++)
      spoken |= failure.items[j].fact == c->fact && thing_same(failure.items[j].thing, c->thing);
    if (!spoken && matters(w, c)) write_one(w, c, true, true);
  }
  vec_done(&makes);
  vec_done(&failure);
}

/* ---- policies ---- */



static void write_unless(World *w, const Env *env, const Node *unless, const char *code, const char *when, uint32_t line) {
  Truth t = unless ? truth_of(w, env, unless, SIGHT_TRUTH) : (Truth){"0", "1"};
  const char *broken = both(w, when, negated(w, t.yes));
  if (broken[0] == '0' && !broken[1]) return;
  buf_printf(w->out, "if :: %s -> c_code { hit(\"%s\", %u); } :: else -> skip fi;\n", broken, code, line);
}

/* Every assignment of entities to the policy's parameters for which `target` is the thing. */
static void assign(World *w, const PolicyDecl *p, uint32_t i, const Env *env, const Node *target, Thing t, const Node *unless,
                   const char *code, const char *when, uint32_t line) {
  Thing about;
  if (i == p->params.len) {
    if (thing_of(w, env, target, &about) && thing_same(about, t)) write_unless(w, env, unless, code, when, line);
    return;
  }
  const Symbol *var = ((const ParamDecl *)p->params.items[i])->name.symbol;
  for (uint32_t e = 0; type_is(var->type, TYPE_ENTITY) && e < w->count[type_ref(var->type)]; e++) {
    Env b = {env, var, {type_ref(var->type), e}};
    assign(w, p, i + 1, &b, target, t, unless, code, when, line);
  }
}

static bool has_word(const NodeList *values, uint32_t word) {
  for (uint32_t i = 0; i < values->len; i++) {
    const Node *v = values->items[i];
    const Symbol *s = v->kind == AST_WORD ? ((const Word *)v)->name.symbol : ((const NameRef *)v)->name.symbol;
    if (s && s->index == word) return true;
  }
  return false;
}

/* Calls visit for each rule of the policies that the runbook obeys. */
static void each_rule(World *w, void (*visit)(World *w, const PolicyDecl *p, const Node *rule, void *ctx), void *ctx) {
  for (uint32_t i = 0; i < w->runbook->clauses.len; i++) {
    const Obey *o = (const Obey *)w->runbook->clauses.items[i];
    for (uint32_t j = 0; o->node.kind == AST_OBEY && j < o->names.len; j++) {
      const PolicyDecl *p = (const PolicyDecl *)((const Word *)o->names.items[j])->name.symbol->decl;
      for (uint32_t r = 0; r < p->rules.len; r++) visit(w, p, p->rules.items[r], ctx);
    }
  }
}

typedef struct Made {
  const Change *change;
  const Symbol *action;
  Thing thing;
  uint32_t line, value;
  bool forbidden;
} Made;

static void rule_on_make(World *w, const PolicyDecl *p, const Node *rule, void *ctx) {
  const Made *m = ctx;
  const NeverMake *r = (const NeverMake *)rule;
  if (rule->kind != AST_NEVER_MAKE) return;
  const Of *target = (const Of *)r->target;
  if (target->name.symbol->index != m->change->fact || type_ref(target->object->type) != m->change->thing.kind) return;
  for (uint32_t i = 0; i < m->change->count; i++)
    if (has_word(&r->values, m->change->values[i]) != (r->negated != 0)) {
      assign(w, p, 0, NULL, target->object, m->change->thing, r->unless, "MAKE", m->change->in, m->line);
      return;
    }
}

void write_made(World *w, const Changes *makes, uint32_t line) {
  for (uint32_t i = 0; i < makes->len; i++) each_rule(w, rule_on_make, &(Made){.change = &makes->items[i], .line = line});
}

static void rule_on_call(World *w, const PolicyDecl *p, const Node *rule, void *ctx) {
  const Made *m = ctx;
  const NeverCall *r = (const NeverCall *)rule;
  if (rule->kind != AST_NEVER_CALL) return;
  const Call *call = (const Call *)r->call;
  if (call->name.symbol != m->action || !call->args.len) return;
  assign(w, p, 0, NULL, call->args.items[0], m->thing, r->unless, "CALL", "1", m->line);
}

void write_called(World *w, const Symbol *action, Thing t, uint32_t line) {
  each_rule(w, rule_on_call, &(Made){.action = action, .thing = t, .line = line});
}

static void rule_on_let(World *w, const PolicyDecl *p, const Node *rule, void *ctx) {
  (void)w, (void)p;
  Made *m = ctx;
  const NeverLet *r = (const NeverLet *)rule;
  if (rule->kind != AST_NEVER_LET) return;
  const Of *target = (const Of *)r->target;
  bool meant = target->name.symbol->index == m->change->fact && type_ref(target->object->type) == m->change->thing.kind;
  m->forbidden |= meant && has_word(&r->values, m->value);
}

static void rule_on_this_let(World *w, const PolicyDecl *p, const Node *rule, void *ctx) {
  Made *m = ctx;
  const NeverLet *r = (const NeverLet *)rule;
  m->forbidden = false;
  rule_on_let(w, p, rule, ctx);
  if (!m->forbidden) return;
  const char *own = w->strikes ? TEXT(w, "%s != 2", gone_name(w, m->change->thing)) : "1";
  w->let = &m->change->thing;
  assign(w, p, 0, NULL, ((const Of *)r->target)->object, m->change->thing, r->unless, "LET", own, 0);
  w->let = NULL;
}

void write_let(World *w, const Change *c, uint32_t value) {
  Made m = {.change = c, .value = value};
  each_rule(w, rule_on_this_let, &m);
}

bool forbidden_to_automations(World *w, uint32_t fact, uint32_t kind, uint32_t value) {
  Change c = {.fact = fact, .thing = {kind, 0}};
  Made m = {.change = &c, .value = value};
  each_rule(w, rule_on_let, &m);
  return m.forbidden;
}
