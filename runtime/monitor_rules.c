/* monitor_rules: what must never be, judged over the truth. */
#include <config.h>

#include "lang/waiver.h"
#include "runtime/monitor_state.h"

#include "runtime/possible.h"

#include <string.h>

enum { PARAMS = 4 };

/* ---- contained in each other ---- */

static bool within(const Monitor *m, uint32_t kind, uint32_t entity, uint32_t to, uint32_t container) {
  FleetMembers below = fleet_members(m->fleet, to, container, kind);
  for (uint32_t i = 0; i < below.count; i++)
    if (fleet_member(below, i) == entity) return true;
  return false;
}

static bool marked(const Monitor *m, uint8_t *const *bytes, uint32_t kind, uint32_t entity, bool below) {
  if (bytes[kind][entity]) return true;
  for (uint32_t k = 0; k < m->program->kinds_count; k++)
    for (uint32_t e = 0; e < fleet_count(m->fleet, k); e++)
      if (bytes[k][e] && (within(m, kind, entity, k, e) || (below && within(m, k, e, kind, entity)))) return true;
  return false;
}

bool monitor_marked(const Monitor *m, uint8_t *const *bytes, uint32_t kind, uint32_t entity) { return marked(m, bytes, kind, entity, true); }
bool monitor_marked_above(const Monitor *m, uint8_t *const *bytes, uint32_t kind, uint32_t entity) {
  return marked(m, bytes, kind, entity, false);
}

/* ---- policies ---- */

static bool uses_slot(const Program *p, CodeRef region, uint32_t slot) {
  for (uint32_t pc = region, end = possible_region_end(p, region); pc < end; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_SLOT && code_a(p->code[pc]) == slot) return true;
  return false;
}

/* Is some assignment of entities to the policy's parameters about this one, and `unless` is not true of it? */
static bool broken_for(Monitor *m, const PolicyRow *policy, const RuleRow *rule, uint32_t entity) {
  int64_t slots[PARAMS] = {0};
  uint32_t n = policy->params.count < PARAMS ? policy->params.count : PARAMS;
  for (;;) {
    bool about = vm_value(m->vm, rule->target, slots, n) == (int64_t)entity;
    if (about && (!rule->unless || vm_value(m->vm, rule->unless, slots, n) != 1)) return true;
    uint32_t i = 0;
    for (; i < n; i++) {
      ValueType t = m->program->param_types[policy->params.first + i];
      bool counts = uses_slot(m->program, rule->target, i) || (rule->unless && uses_slot(m->program, rule->unless, i));
      if (counts && t.klass == VALUE_ENTITY && ++slots[i] < (int64_t)fleet_count(m->fleet, t.ref)) break;
      slots[i] = 0;
    }
    if (i == n) return false;
  }
}

static bool forbids(const Program *p, const RuleRow *rule, int64_t value) {
  for (uint32_t i = 0; i < rule->values.count; i++)
    if (p->index_list[rule->values.first + i] == value) return true;
  return false;
}

/* What is written, or called. */
typedef struct Deed {
  RuleForm form; BreachKind breach; uint32_t fact, action, kind, entity; int64_t value; uint32_t subject, line;
  const char *refused;       /* what the engine said of it, which did not send it; else NULL */
} Deed;

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), e = strlen(end);
  return n >= e && strcmp(text + n - e, end) == 0;
}

/* Only of what the engine keeps itself: locks that it holds, answers that it was given, what it has tried. */
static bool is_own(const Program *p, CodeRef region) {
  for (uint32_t pc = region, end = possible_region_end(p, region); pc < end; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_FACT || code_op(p->code[pc]) == OPCODE_METRIC) return false;
  return true;
}

/* Of what it refused the engine names one rule; what it keeps itself is judged by that alone. */
static bool is_broken(Monitor *m, const PolicyRow *policy, const RuleRow *rule, const Deed *d) {
  if (d->refused && !ends_with(d->refused, program_str(m->program, rule->text))) return false;
  if (d->refused && rule->unless && is_own(m->program, rule->unless)) return true;
  bool let = d->form == RULE_FORM_LET; /* of what an automation does, `emergency` asks whether one has hit it */
  if (let) vm_emergency(m->vm, monitor_marked_above(m, m->struck, d->kind, d->entity));
  bool broken = broken_for(m, policy, rule, d->entity);
  if (let) vm_emergency(m->vm, false);
  return broken;
}

static void hold_rules(Monitor *m, const Deed *d) {
  const Program *p = m->program;
  for (uint32_t i = 0; i < p->policies_count; i++)
    for (uint32_t j = 0; j < p->policies[i].rules.count; j++) {
      uint32_t row = p->policies[i].rules.first + j;
      const RuleRow *rule = &p->rules[row];
      if (rule->form != (uint32_t)d->form || rule->kind != d->kind) continue;
      bool meant = d->form == RULE_FORM_CALL ? rule->action == d->action : rule->fact == d->fact && forbids(p, rule, d->value);
      if (!meant || !is_broken(m, &p->policies[i], rule, d)) continue;
      monitor_breach(m, (Breach){.kind = d->breach, .row = row, .subject = d->subject, .line = d->line, .kind_of_entity = d->kind, .entity = d->entity});
    }
}

/* ---- an action ---- */

static void made(Monitor *m, uint32_t action, const int64_t *args, uint32_t line, const char *refused) {
  const ActionRow *a = &m->program->actions[action];
  for (uint32_t i = 0; i < a->makes.count; i++) {
    const EffectRow *row = &m->program->effects[a->makes.first + i];
    m->scratch.len = 0;
    vm_collect(m->vm, row->targets, args, a->params.count, &m->scratch);
    for (uint32_t k = 0; k < m->scratch.len; k++) {
      if (!refused && row->fact == m->service && row->values.count && m->program->index_list[row->values.first] != 1)
        m->took_out[row->kind][m->scratch.items[k]] = 1;
      for (uint32_t v = 0; v < row->values.count; v++)
        hold_rules(m, &(Deed){.form = RULE_FORM_MAKE, .breach = BREACH_MAKE, .fact = row->fact, .kind = row->kind, .entity = m->scratch.items[k],
                              .value = m->program->index_list[row->values.first + v], .subject = action, .line = line, .refused = refused});
    }
  }
}

static void clash(Monitor *m, const Command *c, uint32_t line) {
  for (uint32_t i = 0; i < m->done.len; i++) {
    const Done *d = &m->done.items[i];
    if (d->in_flight && d->urgent == (c->emergency != 0) && d->action == c->subject && d->kind == c->kind_of_entity && d->entity == c->entity)
      monitor_breach(m, (Breach){.kind = BREACH_CLASH, .row = NONE_INDEX, .subject = c->subject, .line = line,
                                 .kind_of_entity = c->kind_of_entity, .entity = c->entity});
  }
}

/* What is in the thing that the emergency is about, or is that. */
static void strike(Monitor *m, const Command *c) {
  uint32_t kind = m->program->emergencies[c->emergency - 1u].kind;
  Entity up = c->kind_of_entity == kind ? c->entity : fleet_up(m->fleet, c->kind_of_entity, c->entity, kind);
  if (up != ENTITY_NONE) m->struck[kind][up] = 1;
}

static void judge_for(Monitor *m, uint32_t emergency) {
  m->urgent = emergency;
  vm_emergency(m->vm, emergency != 0);
}

static void hold_all(Monitor *m, const Command *c, uint32_t line);

void rules_sent(Monitor *m, const Command *c, uint32_t line) {
  if (c->emergency && c->kind_of_entity != NONE_INDEX) strike(m, c);
  judge_for(m, c->emergency);
  hold_all(m, c, line);
  judge_for(m, 0);
}

static bool is_waived(const Monitor *m, const Command *c, uint32_t need) {
  return c->emergency && emergency_waives(m->program, c->emergency - 1u, m->program->need_rows[need].condition);
}

static void hold_all(Monitor *m, const Command *c, uint32_t line) {
  const ActionRow *a = &m->program->actions[c->subject];
  for (uint32_t i = 0; i < a->needs.count; i++)
    if (!is_waived(m, c, a->needs.first + i) && vm_value(m->vm, m->program->need_rows[a->needs.first + i].condition, c->args, a->params.count) != 1)
      monitor_breach(m, (Breach){.kind = BREACH_NEED, .row = a->needs.first + i, .subject = c->subject, .line = line,
                                 .kind_of_entity = c->kind_of_entity, .entity = c->entity});
  if (c->kind_of_entity == NONE_INDEX) return;
  made(m, c->subject, c->args, line, NULL);
  hold_rules(m, &(Deed){.form = RULE_FORM_CALL, .breach = BREACH_CALL, .action = c->subject, .kind = c->kind_of_entity, .entity = c->entity,
                        .subject = c->subject, .line = line});
  clash(m, c, line);
}

static void breach_of_need(Monitor *m, const Note *n, uint32_t row) {
  monitor_breach(m, (Breach){.kind = BREACH_NEED, .row = row, .subject = n->subject, .line = n->line, .kind_of_entity = n->kind_of_entity,
                             .entity = n->entity});
}

static void forbidden(Monitor *m, const Note *n, const int64_t *args) {
  made(m, n->subject, args, n->line, n->text);
  hold_rules(m, &(Deed){.form = RULE_FORM_CALL, .breach = BREACH_CALL, .action = n->subject, .kind = n->kind_of_entity, .entity = n->entity,
                        .subject = n->subject, .line = n->line, .refused = n->text});
}

/* Refused because of what could not be read is no breach: the runbook was right to come here. The engine names one need; what it keeps
 * itself is judged by that alone, for what followed the refusal may have given it up. */
void rules_refused(Monitor *m, const Note *n) {
  int64_t args[EVENT_ARGS] = {n->entity, VALUE_UNKNOWN, VALUE_UNKNOWN, VALUE_UNKNOWN};
  const Program *p = m->program;
  if (n->kind_of_entity != NONE_INDEX && n->text && strstr(n->text, "is not sent: policy ")) forbidden(m, n, args);
  if (n->kind_of_entity == NONE_INDEX || !n->text || !strstr(n->text, "is not sent: it needs")) return;
  const ActionRow *a = &p->actions[n->subject];
  for (uint32_t i = 0; i < a->needs.count; i++) {
    const NeedRow *need = &p->need_rows[a->needs.first + i];
    bool named = ends_with(n->text, program_str(p, need->text));
    if (is_own(p, need->condition) ? named : vm_value(m->vm, need->condition, args, a->params.count) != 1)
      breach_of_need(m, n, a->needs.first + i);
  }
}

void monitor_landed(void *monitor, const Command *c, int64_t at) {
  Monitor *m = monitor;
  const ActionRow *a = &m->program->actions[c->subject];
  m->now = at;
  if (c->emergency || (c->kind_of_entity != NONE_INDEX && monitor_marked_above(m, m->struck, c->kind_of_entity, c->entity))) return;
  for (uint32_t i = 0; i < a->needs.count; i++)
    if (vm_value(m->vm, m->program->need_rows[a->needs.first + i].condition, c->args, a->params.count) != 1)
      monitor_breach(m, (Breach){.kind = BREACH_NEED, .row = a->needs.first + i, .subject = c->subject, .kind_of_entity = c->kind_of_entity,
                                 .entity = c->entity});
}

/* ---- an automation ---- */

/* It would not have acted had the run left everything as it was. */
static bool provoked_by_us(Monitor *m, uint32_t trigger, Entity e) {
  int64_t self = e;
  m->look_as_found = true;
  bool anyway = vm_value(m->vm, m->program->triggers[trigger].condition, &self, 1) == 1;
  m->look_as_found = false;
  return !anyway;
}

void monitor_acted(void *monitor, uint32_t automation, uint32_t trigger, Entity e, int64_t at) {
  Monitor *m = monitor;
  const TriggerRow *t = &m->program->triggers[trigger];
  int64_t self = e;
  m->now = at;
  bool ours = provoked_by_us(m, trigger, e);
  for (uint32_t i = 0; i < t->effects.count; i++) {
    const EffectRow *row = &m->program->effects[t->effects.first + i];
    m->scratch.len = 0;
    vm_collect(m->vm, row->targets, &self, 1, &m->scratch);
    for (uint32_t k = 0; k < m->scratch.len; k++) {
      m->hurt[row->kind][m->scratch.items[k]] = 1;
      for (uint32_t v = 0; v < row->values.count && ours; v++)
        hold_rules(m, &(Deed){.form = RULE_FORM_LET, .breach = BREACH_LET, .fact = row->fact, .kind = row->kind, .entity = m->scratch.items[k],
                              .value = m->program->index_list[row->values.first + v], .subject = automation, .line = m->line});
    }
  }
}

/* ---- ends ---- */

void rules_handed(Monitor *m, const Note *n) {
  const Program *p = m->program;
  for (uint32_t i = 0; i < p->rules_count; i++) {
    if (p->rules[i].form != RULE_FORM_NOT_ABANDONED || monitor_marked_above(m, m->hurt, n->kind_of_entity, n->entity)) continue;
    monitor_breach(m, (Breach){.kind = BREACH_ABANDONED, .row = i, .subject = NONE_INDEX, .line = n->line, .kind_of_entity = n->kind_of_entity,
                               .entity = n->entity});
  }
}

static bool is_out(const Monitor *m, uint32_t kind, uint32_t entity) {
  MemberState s = engine_member(m->engine, kind, entity, NULL);
  return s == MEMBER_SET_ASIDE || s == MEMBER_KEPT_OUT || s == MEMBER_LEFT_OUT;
}

static bool any_lock(const Monitor *m, uint32_t kind, uint32_t entity) {
  for (uint32_t a = 0; a < m->program->automations_count; a++)
    if (monitor_locked(m, a, kind, entity)) return true;
  return false;
}

/* Out of service by the run's own doing, and nobody was told. */
static void left(Monitor *m) {
  Slice kinds = m->program->facts[m->service].kinds;
  for (uint32_t i = 0; i < kinds.count; i++) {
    uint32_t kind = m->program->index_list[kinds.first + i];
    for (uint32_t e = 0; e < fleet_count(m->fleet, kind); e++) {
      if (!m->took_out[kind][e] || simfleet_fact(m->truth, m->service, kind, e) == 1) continue;
      if (is_out(m, kind, e) || monitor_marked(m, m->handed, kind, e) || any_lock(m, kind, e)) continue;
      monitor_breach(m, (Breach){.kind = BREACH_LEFT, .row = m->service, .subject = kind, .line = m->line, .kind_of_entity = kind, .entity = e});
    }
  }
}

static void not_done(Monitor *m) {
  bool done = engine_outcome(m->engine) == RUN_COMPLETED;
  for (uint32_t k = 0; k < m->program->kinds_count && done; k++)
    for (uint32_t e = 0; e < fleet_count(m->fleet, k) && done; e++) done = !is_out(m, k, e);
  if (!done) monitor_breach(m, (Breach){.kind = BREACH_NOT_DONE, .row = NONE_INDEX, .subject = NONE_INDEX, .line = m->line,
                                        .kind_of_entity = NONE_INDEX, .entity = NONE_INDEX});
}

void rules_ended(Monitor *m) {
  if (m->service != NONE_INDEX) left(m);
  not_done(m);
}

/* ---- in words ---- */

void breach_tell(const Program *p, const Fleet *fleet, const Breach *b, Buf *out) {
  const char *who = b->kind_of_entity == NONE_INDEX ? "" : fleet_name(fleet, b->kind_of_entity, b->entity);
  const char *of = *who ? " of " : "";
  switch (b->kind) {
    case BREACH_NEED:
      buf_printf(out, b->line ? "`%s`%s%s was reached though this does not hold: %s" : "`%s`%s%s was obeyed late though this does not hold: %s", program_str(p, p->actions[b->subject].name), of, who,
                 program_str(p, p->need_rows[b->row].text));
      break;
    case BREACH_MAKE: case BREACH_CALL:
      buf_printf(out, "`%s`%s%s breaks a rule: %s", program_str(p, p->actions[b->subject].name), of, who, program_str(p, p->rules[b->row].text));
      break;
    case BREACH_LET:
      buf_printf(out, "`%s` acts on %s because of what the run has done: %s", program_str(p, p->automations[b->subject].name), who,
                 program_str(p, p->rules[b->row].text));
      break;
    case BREACH_ABANDONED: buf_printf(out, "%s is handed to people though nothing of it failed", who); break;
    case BREACH_LEFT: buf_printf(out, "%s is left out of service, without a lock and without an owner", who); break;
    case BREACH_CLASH: buf_printf(out, "two members call `%s`%s%s at once", program_str(p, p->actions[b->subject].name), of, who); break;
    case BREACH_NOT_DONE: buf_str(out, "the run does not complete for everybody"); break;
  }
}
