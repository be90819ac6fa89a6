/* verify_regions: regions of code and what their owners expect of them. Rows that an instruction meets are checked where
 * it stands (verify_strands), because the strand's variables are theirs; the others here. */
#include <config.h>

#include "lang/verify.h"

#include <string.h>

static bool region_result(Verifier *v, Walk *w, Holds want) {
  if (w->now.iterators) return verify_fault(v, w->pc, RULE_ITERATORS, "the region ends with an open iterator");
  if (w->collects != HOLDS_NOTHING)
    return w->now.depth == 0 || verify_fault(v, w->pc, RULE_REGIONS, "a region that collects leaves a value");
  if (w->now.depth != 1) return verify_fault(v, w->pc, RULE_REGIONS, "the region leaves %u values, not 1", w->now.depth);
  Holds have = w->now.stack[0];
  if (have == want || have == HOLDS_UNKNOWN || (want == HOLDS_ANYTHING && have != HOLDS_NOTHING)) return true;
  return verify_fault(v, w->pc, RULE_REGIONS, "the region's value is not of the kind that its owner expects");
}

static bool region_instruction(Verifier *v, Walk *w, Holds want) {
  Opcode op = code_op(v->p->code[w->pc]);
  if (op != OPCODE_RETURN) return verify_expression(v, w);
  w->alive = false;
  return region_result(v, w, want);
}

static bool region_walk(Verifier *v, CodeRef ref, const State *entry, Holds want, Holds collects) {
  Walk *w = &v->region;
  w->pc = w->furthest = ref;
  w->alive = true;
  w->collects = collects;
  verify_walk_reset(w);
  memset(&w->now, 0, sizeof w->now);
  if (entry) memcpy(w->now.slots, entry->slots, sizeof w->now.slots);
  if (ref >= v->p->code_count || !(v->starts[ref] & START_INSTRUCTION) || ref == 0)
    return verify_fault(v, ref, RULE_TARGETS, "a region is needed and %u is not the address of one", ref);
  while (w->alive || w->furthest > w->pc) {
    if (w->pc >= v->p->code_count) return verify_fault(v, ref, RULE_REGIONS, "the region that begins here has no end");
    v->work++;
    if (!verify_arrive(v, w)) return false;
    if (w->alive && !region_instruction(v, w, want)) return false;
    if (!w->alive && w->furthest <= w->pc) return true;
    w->pc += code_words(code_op(v->p->code[w->pc]));
  }
  return true;
}

bool verify_region(Verifier *v, CodeRef ref, const State *entry, Holds want) {
  return region_walk(v, ref, entry, want, HOLDS_NOTHING);
}

bool verify_region_if(Verifier *v, CodeRef ref, const State *entry, Holds want) {
  return ref == 0 || verify_region(v, ref, entry, want);
}

bool verify_members(Verifier *v, CodeRef ref, const State *entry, uint32_t kind) {
  return region_walk(v, ref, entry, HOLDS_NOTHING, HOLDS_ENTITY + kind);
}

/* ---- rows that others own ---- */

bool verify_need_rows(Verifier *v, Slice needs, const State *entry) {
  for (uint32_t i = 0; i < needs.count; i++) {
    const NeedRow *n = &v->p->need_rows[needs.first + i];
    if (!verify_region(v, n->condition, entry, HOLDS_NUMBER) || !verify_region_if(v, n->over, entry, HOLDS_NUMBER)) return false;
  }
  return true;
}

bool verify_limit_rows(Verifier *v, Slice limits, const State *entry) {
  for (uint32_t i = 0; i < limits.count; i++) {
    const LimitRow *l = &v->p->limits[limits.first + i];
    if (l->rule == LIMIT_RULE_ALL ? l->amount != 0 : !verify_region(v, l->amount, entry, HOLDS_NUMBER))
      return l->rule != LIMIT_RULE_ALL ? false : verify_fault(v, l->amount, RULE_REGIONS, "a limit of all has no amount");
  }
  return true;
}

static bool effect_rows(Verifier *v, Slice effects, const State *entry) {
  for (uint32_t i = 0; i < effects.count; i++) {
    const EffectRow *e = &v->p->effects[effects.first + i];
    Holds value = verify_holds(v->p->facts[e->fact].type);
    if (!verify_members(v, e->targets, entry, e->kind) || !verify_region_if(v, e->value, entry, value)) return false;
  }
  return true;
}

static bool action_regions(Verifier *v, const ActionRow *a) {
  State entry = {0};
  for (uint32_t i = 0; i < a->params.count; i++) entry.slots[i] = verify_holds(v->p->param_types[a->params.first + i]);
  for (uint32_t i = 0; i < a->learns.count; i++) {
    const LearnRow *l = &v->p->learns[a->learns.first + i];
    if (!verify_members(v, l->targets, &entry, l->kind)) return false;
  }
  Holds check = HOLDS_NUMBER;
  if (a->repeat == REPEAT_RULE_CHECK ? !verify_region(v, a->check, &entry, check) : !verify_region_if(v, a->check, &entry, check))
    return false;
  return verify_need_rows(v, a->needs, &entry) && effect_rows(v, a->makes, &entry) && effect_rows(v, a->on_failure, &entry);
}

static bool trigger_regions(Verifier *v, Slice triggers, uint32_t kind) {
  State entry = {.slots = {HOLDS_ENTITY + kind}};
  for (uint32_t i = 0; i < triggers.count; i++) {
    const TriggerRow *t = &v->p->triggers[triggers.first + i];
    if (!verify_region_if(v, t->condition, &entry, HOLDS_NUMBER) || !effect_rows(v, t->effects, &entry)) return false;
  }
  return true;
}

static bool library_regions(Verifier *v) {
  const Program *p = v->p;
  for (uint32_t i = 0; i < p->actions_count; i++)
    if (!action_regions(v, &p->actions[i])) return false;
  for (uint32_t i = 0; i < p->automations_count; i++)
    if (!trigger_regions(v, p->automations[i].triggers, p->automations[i].kind)) return false;
  for (uint32_t i = 0; i < p->hazards_count; i++)
    if (!trigger_regions(v, p->hazards[i].triggers, p->hazards[i].kind)) return false;
  return true;
}

static bool head_regions(Verifier *v) {
  const Program *p = v->p;
  State none = {0};
  for (uint32_t i = 0; i < p->params_count; i++)
    if (!verify_region_if(v, p->params[i].value, &none, verify_holds(p->params[i].type))) return false;
  for (uint32_t i = 0; i < p->sets_count; i++)
    if (!verify_members(v, p->sets[i].members, &none, p->sets[i].kind)) return false;
  for (uint32_t i = 0; i < p->windows_count; i++)
    if (!verify_region(v, p->windows[i].zone, &none, HOLDS_TEXT)) return false;
  for (uint32_t i = 0; i < p->budgets_count; i++)
    if (!verify_limit_rows(v, p->budgets[i].limits, &none)) return false;
  for (uint32_t i = 0; i < p->goals_count; i++)
    if (!verify_region_if(v, p->goals[i].within, &none, HOLDS_NUMBER) || !verify_region_if(v, p->goals[i].back, &none, HOLDS_NUMBER))
      return false;
  return true;
}

bool verify_row_regions(Verifier *v) { return library_regions(v) && head_regions(v); }
