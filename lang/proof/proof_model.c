/* proof_model: what of a program the proof looks at: the facts, attributes and parameters that its code asks for and that have
 * few values; and how kinds contain each other. */
#include <config.h>

#include "lang/proof/prover.h"

#include <string.h>

/* ---- variables ---- */

static uint32_t words_of(const Prover *v, ValueType t) {
  if (t.klass == VALUE_BOOL || t.klass == VALUE_ENTITY) return 2; /* of an entity: whether it is the witness */
  if (t.klass != VALUE_ENUM) return 0;
  uint32_t n = v->p->enums[t.ref].words.count;
  return n <= WORDS_MAX ? n : 0;
}

/* NONE_INDEX: its values are too many to follow. */
static uint32_t new_var(Prover *v, VarKind kind, uint32_t row, uint32_t entity_kind, ValueType type) {
  uint32_t words = words_of(v, type);
  if (words == 0) return NONE_INDEX;
  if (v->m.var_count == VARS_MAX) {
    v->m.too_much = "facts";
    return NONE_INDEX;
  }
  Var *d = &v->m.vars[v->m.var_count];
  d->kind = kind, d->row = row, d->entity_kind = entity_kind;
  d->all = (uint16_t)((1u << words) - 1);
  d->ordinary = kind == VAR_FACT ? 1 : d->all;
  return v->m.var_count++;
}

static void want_fact(Prover *v, uint32_t row, uint32_t kind) {
  uint32_t *at = &v->m.fact_var[row * v->p->kinds_count + kind];
  if (*at == NONE_INDEX) *at = new_var(v, VAR_FACT, row, kind, v->p->facts[row].type);
}

static void want_tried(Prover *v, uint32_t action, uint32_t since) {
  if (model_tried(v, action, since) != NONE_INDEX) return;
  if (v->m.tried_count == TRIED_MAX) v->m.too_much = "conditions on what was tried";
  else v->m.tried[v->m.tried_count++] = (TriedPair){action, since};
}

uint32_t model_tried(const Prover *v, uint32_t action, uint32_t since) {
  for (uint32_t i = 0; i < v->m.tried_count; i++)
    if (v->m.tried[i].action == action && v->m.tried[i].since == since) return i;
  return NONE_INDEX;
}

uint32_t model_late(const Prover *v, uint32_t action) {
  for (uint32_t i = 0; i < v->m.late_count; i++)
    if (v->m.late_actions[i] == action) return i;
  return NONE_INDEX;
}

static void scan_code(Prover *v) {
  const Program *p = v->p;
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    uint32_t a = code_a(p->code[pc]);
    switch ((int)code_op(p->code[pc])) {
      case OPCODE_FACT: want_fact(v, a, p->code[pc + 1]); break;
      case OPCODE_TRIED: want_tried(v, a, p->code[pc + 1]); break;
      case OPCODE_ATTR:
        if (v->m.attr_var[a] == NONE_INDEX && p->attrs[a].type.klass != VALUE_ENTITY) v->m.attr_var[a] = new_var(v, VAR_ATTR, a, p->attrs[a].kind, p->attrs[a].type);
        break;
      case OPCODE_PARAM:
        if (v->m.param_var[a] == NONE_INDEX) v->m.param_var[a] = new_var(v, VAR_PARAM, a, NONE_INDEX, p->params[a].type);
        break;
      case OPCODE_ACT: {
        uint32_t action = p->calls[a].action;
        if (p->actions[action].may_land == 0 || model_late(v, action) != NONE_INDEX) break;
        if (v->m.late_count == LATES_MAX) v->m.too_much = "actions that may land late";
        else v->m.late_actions[v->m.late_count++] = action;
        break;
      }
      default: break;
    }
  }
}

/* A policy on an automation's effect asks for the fact even where no code reads it. */
static void scan_rules(Prover *v) {
  for (uint32_t i = 0; i < v->p->rules_count; i++)
    if (v->p->rules[i].fact != NONE_INDEX) want_fact(v, v->p->rules[i].fact, v->p->rules[i].kind);
  for (uint32_t i = 0; v->m.service != NONE_INDEX && i < v->p->facts[v->m.service].kinds.count; i++)
    want_fact(v, v->m.service, v->p->index_list[v->p->facts[v->m.service].kinds.first + i]);
}

/* What triggers may write of the witness: those of a hazard at any time, those of an automation unless it is locked. */
static void scan_triggers(Prover *v, Slice triggers, uint32_t automation) {
  for (uint32_t t = 0; t < triggers.count; t++) {
    Slice effects = v->p->triggers[triggers.first + t].effects;
    for (uint32_t i = 0; i < effects.count; i++) {
      const EffectRow *row = &v->p->effects[effects.first + i];
      uint32_t var = v->m.fact_var[row->fact * v->p->kinds_count + row->kind];
      if (var == NONE_INDEX) continue;
      if (automation == NONE_INDEX) v->m.vars[var].befalls |= codes_mask(v, row->values);
      else v->m.vars[var].writers |= (uint16_t)(1u << automation);
    }
  }
}

/* What an automation that replays its backlog looks at. */
static void scan_backlog(Prover *v, uint32_t automation) {
  const AutomationRow *row = &v->p->automations[automation];
  for (uint32_t t = 0; t < row->triggers.count; t++) {
    uint32_t pc = v->p->triggers[row->triggers.first + t].condition;
    for (; pc && code_op(v->p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(v->p->code[pc]))) {
      if (code_op(v->p->code[pc]) != OPCODE_FACT) continue;
      uint32_t var = v->m.fact_var[code_a(v->p->code[pc]) * v->p->kinds_count + v->p->code[pc + 1]];
      if (var != NONE_INDEX) v->m.vars[var].queuers |= (uint16_t)(1u << automation);
    }
  }
}

static void scan_adversaries(Prover *v) {
  for (uint32_t h = 0; h < v->p->hazards_count; h++) scan_triggers(v, v->p->hazards[h].triggers, NONE_INDEX);
  for (uint32_t a = 0; a < v->p->automations_count; a++) {
    scan_triggers(v, v->p->automations[a].triggers, a);
    if (v->p->automations[a].backlog_replay) scan_backlog(v, a);
  }
}

/* ---- where what is asked for the last time ---- */

static void use(Prover *v, uint32_t var, uint32_t pc) {
  if (var != NONE_INDEX && v->m.vars[var].last_use < pc) v->m.vars[var].last_use = pc;
}

static void use_code(Prover *v, uint32_t at, uint32_t pc) {
  const Program *p = v->p;
  for (;; at += code_words(code_op(p->code[at]))) {
    uint32_t a = code_a(p->code[at]);
    Opcode op = code_op(p->code[at]);
    if (op == OPCODE_FACT) use(v, v->m.fact_var[a * p->kinds_count + p->code[at + 1]], pc);
    if (op == OPCODE_ATTR) use(v, v->m.attr_var[a], pc);
    if (op == OPCODE_PARAM) use(v, v->m.param_var[a], pc);
    if (op == OPCODE_RETURN || op >= OPCODE_SENSE) return;
  }
}

static void use_effects(Prover *v, Slice effects, uint32_t pc) {
  for (uint32_t i = 0; i < effects.count; i++) use_code(v, v->p->effects[effects.first + i].targets, pc);
}

static void use_action(Prover *v, uint32_t action, uint32_t pc) {
  const ActionRow *a = &v->p->actions[action];
  for (uint32_t i = 0; i < a->needs.count; i++) use_code(v, v->p->need_rows[a->needs.first + i].condition, pc);
  use_effects(v, a->makes, pc);
  use_effects(v, a->on_failure, pc);
  for (uint32_t i = 0; i < v->p->rules_count; i++) use_code(v, v->p->rules[i].unless, pc);
}

static void use_row(Prover *v, Opcode op, uint32_t a, uint32_t pc) {
  const Program *p = v->p;
  switch ((int)op) {
    case OPCODE_ACT: use_action(v, p->calls[a].action, pc); break;
    case OPCODE_CONFIRM: use_code(v, p->confirms[a].condition, pc); break;
    case OPCODE_GATE: use_code(v, p->gates[a].members, pc); break;
    case OPCODE_FAN: use_code(v, p->fans[a].members, pc); break;
    case OPCODE_LOCK: use_code(v, p->lockouts[a].members, pc); break;
    case OPCODE_UNLOCK: use_code(v, p->lockouts[a].release, pc); break;
    case OPCODE_REQUIRE: use_code(v, p->requires[a].condition, pc); break;
    case OPCODE_LEAVE_OUT: use_code(v, p->leave_outs[a].condition, pc); break;
    case OPCODE_SELECT: use_code(v, p->sets[a].members, pc); break;
    default: break;
  }
}

/* What may be obeyed late is held against its needs whenever that happens. */
static void use_late(Prover *v) {
  for (uint32_t i = 0; i < v->m.late_count; i++) {
    Slice needs = v->p->actions[v->m.late_actions[i]].needs;
    for (uint32_t n = 0; n < needs.count; n++) use_code(v, v->p->need_rows[needs.first + n].condition, UINT32_MAX);
  }
}

/* What a person's retry leads back to may ask once more for all that is asked for from there on. */
static void use_again(Prover *v) {
  const Program *p = v->p;
  for (uint32_t pc = p->entry; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) != OPCODE_ON_OK || code_a(p->code[pc]) > pc) continue;
    for (uint32_t i = 0; i < v->m.var_count; i++)
      if (v->m.vars[i].last_use >= code_a(p->code[pc])) use(v, i, pc);
  }
}

/* But for a retry, control flows forward, so what stands at lower addresses than the main strand is behind it. What triggers automations, and what
 * says whether a node is in service, is of interest to the end. */
static void find_last_uses(Prover *v) {
  const Program *p = v->p;
  for (uint32_t pc = p->entry; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    if (op < OPCODE_SENSE) use_code(v, pc, pc);
    else use_row(v, op, code_a(p->code[pc]), pc);
  }
  for (uint32_t i = 0; i < p->params_count; i++)
    if (p->params[i].type.klass == VALUE_ENTITY) use(v, v->m.param_var[i], UINT32_MAX); /* what it names does not change */
  use_again(v);
  use_late(v);
  for (uint32_t i = 0; i < p->emergencies_count; i++) use_code(v, p->emergencies[i].condition, UINT32_MAX);
  for (uint32_t i = 0; i < p->triggers_count; i++)
    if (p->triggers[i].condition) use_code(v, p->triggers[i].condition, UINT32_MAX);
  for (uint32_t i = 0; i < p->kinds_count && v->m.service != NONE_INDEX; i++) use(v, v->m.fact_var[v->m.service * p->kinds_count + i], UINT32_MAX);
}

/* ---- kinds ---- */

static void link_kinds(Prover *v) {
  const Program *p = v->p;
  uint32_t n = p->kinds_count;
  for (uint32_t k = 0; k < n; k++) {
    v->m.leads[k * n + k] = 1;
    if (p->kinds[k].parent != NONE_INDEX) v->m.leads[k * n + p->kinds[k].parent] = 1;
    for (uint32_t i = 0; i < p->kinds[k].attrs.count; i++) {
      ValueType t = p->attrs[p->kinds[k].attrs.first + i].type;
      if (t.klass == VALUE_ENTITY || t.klass == VALUE_LIST) v->m.leads[k * n + t.ref] = 1;
      if (t.klass == VALUE_LIST) v->m.many[k * n + t.ref] = 1;
    }
  }
  for (uint32_t via = 0; via < n; via++)
    for (uint32_t a = 0; a < n; a++)
      for (uint32_t b = 0; b < n; b++)
        if (v->m.leads[a * n + via] && v->m.leads[via * n + b]) v->m.leads[a * n + b] = 1;
}

/* ---- all ---- */

static uint32_t *table(Prover *v, uint32_t n) {
  uint32_t *t = arena_new_array(v->arena, uint32_t, n + 1);
  memset(t, 0xff, (n + 1) * sizeof *t);
  return t;
}

static void find_service(Prover *v) {
  v->m.service = NONE_INDEX;
  for (uint32_t i = v->p->facts_count; i-- > 0;) /* a library of one's own comes before ours */
    if (strcmp(program_str(v->p, v->p->facts[i].name), "service") == 0) v->m.service = i;
}

void model_make(Prover *v) {
  const Program *p = v->p;
  v->m.fact_var = table(v, p->facts_count * p->kinds_count);
  v->m.attr_var = table(v, p->attrs_count);
  v->m.param_var = table(v, p->params_count);
  v->m.leads = arena_new_array(v->arena, uint8_t, p->kinds_count * p->kinds_count + 1);
  v->m.many = arena_new_array(v->arena, uint8_t, p->kinds_count * p->kinds_count + 1);
  v->m.fans = arena_new_array(v->arena, FanInfo, p->fans_count + 1);
  v->m.step_seen = arena_new_array(v->arena, uint8_t, p->steps_count + 1);
  v->m.sent = arena_new_array(v->arena, uint8_t, p->actions_count + 1);
  if (p->kinds_count > KINDS_MAX) v->m.too_much = "kinds";
  if (p->automations_count > AUTOS_MAX) v->m.too_much = "automations";
  if (p->sets_count > SETS_MAX) v->m.too_much = "sets";
  if (p->emergencies_count > EMERGENCIES_MAX) v->m.too_much = "emergencies";
  if (p->gates_count > GATES_MAX) v->m.too_much = "gates";
  if (v->m.too_much) return;
  find_service(v);
  for (uint32_t i = 0; i < p->lockouts_count; i++) v->m.owned[p->lockouts[i].kind] = 1;
  for (uint32_t i = 0; v->m.service != NONE_INDEX && i < p->facts[v->m.service].kinds.count; i++)
    v->m.owned[p->index_list[p->facts[v->m.service].kinds.first + i]] = 1;
  link_kinds(v);
  scan_code(v);
  scan_rules(v);
  scan_adversaries(v);
  fans_scan(v);
  preempts_scan(v);
  find_last_uses(v);
}
