/* rules: what must never be, judged over the truth. */
#include <config.h>

#include <string.h>
#include "tests/oracle/path.h"

const char *const rule_names[RULE_CODE_COUNT] = {"NEED", "MAKE", "CALL", "LET", "LEAK", "ABANDON", "LEFT", "STUCK"};

/* ---- policies ---- */

typedef void Assigned(Path *p, const RuleRow *rule, const int64_t *slots, uint32_t count, void *ctx);

/* Every assignment of entities to the policy's parameters for which the rule is about this one. */
static void assign(Path *p, const PolicyRow *policy, const RuleRow *rule, uint32_t entity, Assigned *visit, void *ctx) {
  const Ground *g = p->ground;
  int64_t slots[4] = {0};
  uint32_t n = policy->params.count < 4 ? policy->params.count : 4;
  for (;;) {
    if (vm_value(g->vm, rule->target, slots, n) == (int64_t)entity) visit(p, rule, slots, n, ctx);
    uint32_t i = 0;
    for (; i < n; i++) {
      ValueType t = g->program->param_types[policy->params.first + i];
      if (t.klass == VALUE_ENTITY && ++slots[i] < (int64_t)fleet_count(g->fleet, t.ref)) break;
      slots[i] = 0;
    }
    if (i == n) return;
  }
}

static bool forbids(const Program *p, const RuleRow *rule, int64_t value) {
  for (uint32_t i = 0; i < rule->values.count; i++)
    if (p->index_list[rule->values.first + i] == value) return true;
  return false;
}

/* refused: the engine did not send it, and said so in these words: only the rule that they name, and what was found is no breach. */
typedef struct Breach { RuleCode code; uint32_t line; const char *refused; } Breach;

static void unless(Path *p, const RuleRow *rule, const int64_t *slots, uint32_t count, void *ctx) {
  const Breach *b = ctx;
  const Ground *g = p->ground;
  bool holds = rule->unless && (b->refused ? truth_were_it_ordinary(g, rule->unless, slots, count) : vm_value(g->vm, rule->unless, slots, count)) == 1;
  if (!holds) path_hit(p, b->code, b->line);
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

typedef struct Written { uint32_t fact, kind, entity; int64_t value; } Written;

static void each_rule(Path *p, RuleForm form, const Written *w, uint32_t action, Breach b) {
  const Program *prog = p->ground->program;
  for (uint32_t i = 0; i < prog->policies_count; i++)
    for (uint32_t j = 0; j < prog->policies[i].rules.count; j++) {
      const RuleRow *rule = &prog->rules[prog->policies[i].rules.first + j];
      if (rule->form != (uint32_t)form || rule->kind != w->kind) continue;
      if (b.refused && !ends_with(b.refused, program_str(prog, rule->text))) continue;
      bool meant = form == RULE_FORM_CALL ? rule->action == action : rule->fact == w->fact && forbids(prog, rule, w->value);
      if (meant) assign(p, &prog->policies[i], rule, w->entity, unless, &b);
    }
}

/* ---- an action ---- */

static bool needs_hold(Path *p, uint32_t action, const int64_t *args) {
  const Program *prog = p->ground->program;
  const ActionRow *a = &prog->actions[action];
  for (uint32_t i = 0; i < a->needs.count; i++)
    if (vm_value(p->ground->vm, prog->need_rows[a->needs.first + i].condition, args, a->params.count) != 1) return false;
  return true;
}

static void made(Path *p, uint32_t action, const int64_t *args, Breach b) {
  Effects e;
  effects_of_action(p->ground, action, args, EFFECT_DONE, &e);
  for (uint32_t i = 0; i < e.count; i++)
    for (uint32_t k = 0; k < e.on[i].options; k++) {
      Written w = {e.on[i].fact, e.on[i].kind, e.on[i].entity, e.on[i].option[k]};
      each_rule(p, RULE_FORM_MAKE, &w, 0, b);
    }
}

/* The engine has sent it: of its needs, the gates have been judged. */
void rules_sent(Path *p, const Command *c, uint32_t line) {
  p->ground->any_yes = true;
  if (!needs_hold(p, c->subject, c->args)) path_hit(p, RULE_NEED, line);
  made(p, c->subject, c->args, (Breach){RULE_MAKE, line, NULL});
  Written about = {0, c->kind_of_entity, c->entity, 0};
  if (c->kind_of_entity != NONE_INDEX) each_rule(p, RULE_FORM_CALL, &about, c->subject, (Breach){RULE_CALL, line, NULL});
  p->ground->any_yes = false;
}

/* Refused because of what could not be read, or was found, is no breach: the runbook was right to come here. The engine says which need it was;
 * the others are not looked at, for what followed the refusal may have taken back a yes. */
void rules_refused(Path *p, const Note *note) {
  int64_t args[EVENT_ARGS] = {note->entity, VALUE_UNKNOWN, VALUE_UNKNOWN, VALUE_UNKNOWN};
  const Program *prog = p->ground->program;
  const ActionRow *a = &prog->actions[note->subject];
  for (uint32_t i = 0; i < a->needs.count && !p->lenient && note->kind_of_entity != NONE_INDEX; i++) {
    const NeedRow *need = &prog->need_rows[a->needs.first + i];
    if (!note->text || !ends_with(note->text, program_str(prog, need->text))) continue;
    if (truth_were_it_ordinary(p->ground, need->condition, args, a->params.count) != 1) path_hit(p, RULE_NEED, note->line);
  }
}

/* Likewise by a policy. */
void rules_forbidden(Path *p, const Note *note) {
  int64_t args[EVENT_ARGS] = {note->entity, VALUE_UNKNOWN, VALUE_UNKNOWN, VALUE_UNKNOWN};
  if (p->lenient || note->kind_of_entity == NONE_INDEX) return;
  Written about = {0, note->kind_of_entity, note->entity, 0};
  made(p, note->subject, args, (Breach){RULE_MAKE, note->line, note->text});
  each_rule(p, RULE_FORM_CALL, &about, note->subject, (Breach){RULE_CALL, note->line, note->text});
}

/* ---- an automation ---- */

void rules_automation(Path *p, const Effects *e, uint32_t variant) {
  for (uint32_t i = 0; i < e->count; i++) {
    if (!e->on[i].options) continue;
    Written w = {e->on[i].fact, e->on[i].kind, e->on[i].entity, e->on[i].option[variant % e->on[i].options]};
    variant /= e->on[i].options;
    each_rule(p, RULE_FORM_LET, &w, 0, (Breach){RULE_LET, p->line, NULL});
  }
}

/* ---- the end ---- */

static bool is_handed(const Path *p, uint32_t kind, uint32_t entity) {
  return marked_above(p->ground, p->truth.handed, kind, entity) || marked_below(p->ground, p->truth.handed, kind, entity);
}

static uint32_t lockout_line(const Program *p, uint32_t automation) {
  for (uint32_t i = 0; i < p->lockouts_count; i++)
    for (uint32_t j = 0; j < p->lockouts[i].automations.count; j++)
      if (p->index_list[p->lockouts[i].automations.first + j] == automation) return p->lockouts[i].line;
  return 0;
}

static void leaks(Path *p) {
  const Program *prog = p->ground->program;
  for (uint32_t a = 0; a < prog->automations_count; a++)
    for (uint32_t e = 0; e < fleet_count(p->ground->fleet, prog->automations[a].kind); e++)
      if (p->truth.lock[lock_of(p->ground, a, e)] && !is_handed(p, prog->automations[a].kind, e)) path_hit(p, RULE_LEAK, lockout_line(prog, a));
}

static bool any_lock(const Path *p, uint32_t kind, uint32_t entity) {
  for (uint32_t a = 0; a < p->ground->program->automations_count; a++)
    if (truth_locked(p->ground, a, kind, entity)) return true;
  return false;
}

/* Out of service by the run's own doing, and nobody was told. */
static void left(Path *p) {
  const Ground *g = p->ground;
  if (g->service == NONE_INDEX) return;
  Slice kinds = g->program->facts[g->service].kinds;
  for (uint32_t i = 0; i < kinds.count; i++) {
    uint32_t kind = g->program->index_list[kinds.first + i];
    for (uint32_t e = 0; e < fleet_count(g->fleet, kind); e++) {
      uint32_t cell = cell_of(g, g->service, kind, e);
      if (!p->truth.wrote[cell] || p->truth.fact[cell] == 1) continue;
      MemberState s = engine_member(p->engine, kind, e, NULL);
      bool marked = s == MEMBER_SET_ASIDE || s == MEMBER_KEPT_OUT || s == MEMBER_LEFT_OUT;
      if (!marked && !is_handed(p, kind, e) && !any_lock(p, kind, e)) path_hit(p, RULE_LEFT, p->line);
    }
  }
}

void rules_ended(Path *p) {
  leaks(p);
  left(p);
}
