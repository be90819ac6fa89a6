/* verify_regions: regions of code and what their owners expect of them. Rows that an instruction meets are checked where
 * it stands (verify_strands), because the strand's variables are theirs; the others here. */
#include <config.h>

#include "lang/verify.h"

#include <stddef.h>
#include <stdlib.h>
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

static Proved *proved_find(const Verifier *v, CodeRef ref) {
  uint32_t at = ref * 2654435769u & v->proved_mask;
  while (v->proved[at].ref && v->proved[at].ref != ref) at = (at + 1) & v->proved_mask;
  return &v->proved[at];
}

static void proved_grow(Verifier *v) {
  Proved *old = v->proved;
  uint32_t old_size = v->proved_mask + 1;
  v->proved = xcalloc(2 * (size_t)old_size, sizeof *v->proved);
  v->proved_mask = 2 * old_size - 1;
  for (uint32_t i = 0; i < old_size; i++)
    if (old[i].ref) *proved_find(v, old[i].ref) = old[i];
  free(old);
}

static bool is_proved(const Verifier *v, const Proved *now) {
  const Proved *p = proved_find(v, now->ref);
  return p->ref && memcmp(p, now, sizeof *now) == 0;
}

static void proved_add(Verifier *v, const Proved *now) {
  if (2 * v->proved_count > v->proved_mask) proved_grow(v);
  Proved *p = proved_find(v, now->ref);
  if (!p->ref) v->proved_count++;
  *p = *now;
}

static bool region_steps(Verifier *v, Walk *w, CodeRef ref, Holds want) {
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

static bool region_walk(Verifier *v, CodeRef ref, const State *entry, Holds want, Holds collects) {
  Walk *w = &v->region;
  Proved now = {.ref = ref, .want = want, .collects = collects};
  if (entry) memcpy(now.slots, entry->slots, sizeof now.slots);
  if (ref >= v->p->code_count || !(v->starts[ref] & START_INSTRUCTION) || ref == 0)
    return verify_fault(v, ref, RULE_TARGETS, "a region is needed and %u is not the address of one", ref);
  if (is_proved(v, &now)) return true;
  w->pc = w->furthest = ref;
  w->alive = true;
  w->collects = collects;
  verify_walk_reset(w);
  memset(&w->now, 0, offsetof(State, stack));
  memcpy(w->now.slots, now.slots, sizeof w->now.slots);
  if (!region_steps(v, w, ref, want)) return false;
  proved_add(v, &now);
  return true;
}

/* A number or a text and its RETURN, as most amounts, durations and reasons are. */
static bool is_plain(const Verifier *v, CodeRef ref, Holds want) {
  if (ref == 0 || ref >= v->p->code_count - 1 || !(v->starts[ref] & START_INSTRUCTION)) return false;
  Opcode op = code_op(v->p->code[ref]);
  bool fits = want == HOLDS_TEXT ? op == OPCODE_STR : want == HOLDS_NUMBER && (op == OPCODE_INT || op == OPCODE_CONST);
  return fits && code_op(v->p->code[ref + 1]) == OPCODE_RETURN;
}

bool verify_region(Verifier *v, CodeRef ref, const State *entry, Holds want) {
  if (is_plain(v, ref, want)) return true;
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

static bool policy_regions(Verifier *v, const PolicyRow *policy) {
  State entry = {0};
  for (uint32_t i = 0; i < policy->params.count; i++) entry.slots[i] = verify_holds(v->p->param_types[policy->params.first + i]);
  for (uint32_t i = 0; i < policy->rules.count; i++) {
    const RuleRow *r = &v->p->rules[policy->rules.first + i];
    if (r->kind != NONE_INDEX && !verify_region(v, r->target, &entry, HOLDS_ENTITY + r->kind)) return false;
    if (!verify_region_if(v, r->unless, &entry, HOLDS_NUMBER)) return false;
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
  for (uint32_t i = 0; i < p->policies_count; i++)
    if (!policy_regions(v, &p->policies[i])) return false;
  return true;
}

/* A campaign's regions speak of one member; its dates and amounts are the same for all. */
static bool campaign_regions(Verifier *v, const CampaignRow *c, const State *member) {
  const Program *p = v->p;
  State none = {0};
  if (!verify_region(v, c->from, &none, HOLDS_NUMBER) || !verify_region_if(v, c->by, &none, HOLDS_NUMBER)) return false;
  if (!verify_region_if(v, c->size, member, HOLDS_NUMBER) || !verify_region_if(v, c->takes, member, HOLDS_NUMBER)) return false;
  if (!verify_region_if(v, c->rate, &none, HOLDS_NUMBER) || !verify_region_if(v, c->stop, &none, HOLDS_NUMBER)) return false;
  for (uint32_t i = 0; i < c->order.count; i++)
    if (!verify_region(v, p->orders[c->order.first + i].key, member, HOLDS_ANYTHING)) return false;
  for (uint32_t i = 0; i < c->args.count; i++) {
    const CampaignArgRow *a = &p->campaign_args[c->args.first + i];
    if (!verify_region(v, a->value, member, verify_holds(a->type))) return false;
  }
  for (uint32_t i = 0; i < c->rules.count; i++) {
    const CampaignRuleRow *r = &p->campaign_rules[c->rules.first + i];
    if (!verify_region_if(v, r->where, member, HOLDS_NUMBER) || !verify_region(v, r->amount, member, HOLDS_NUMBER)) return false;
    if (!verify_region_if(v, r->over, member, verify_holds(r->over_type))) return false;
    if (!verify_region_if(v, r->until, &none, HOLDS_NUMBER) || !verify_region_if(v, r->then, member, HOLDS_NUMBER)) return false;
  }
  return true;
}

static bool head_regions(Verifier *v) {
  const Program *p = v->p;
  State none = {0}, member = {0};
  if (p->campaigns_count) member.slots[p->campaigns[0].slot] = HOLDS_ENTITY + p->sets[p->campaigns[0].set].kind;
  for (uint32_t i = 0; i < p->campaigns_count; i++)
    if (!campaign_regions(v, &p->campaigns[i], &member)) return false;
  for (uint32_t i = 0; i < p->params_count; i++)
    if (!verify_region_if(v, p->params[i].value, &none, verify_holds(p->params[i].type))) return false;
  for (uint32_t i = 0; i < p->sets_count; i++)
    if (!verify_members(v, p->sets[i].members, &none, p->sets[i].kind)) return false;
  for (uint32_t i = 0; i < p->windows_count; i++)
    if (!verify_region(v, p->windows[i].zone, &member, HOLDS_TEXT)) return false;
  for (uint32_t i = 0; i < p->budgets_count; i++)
    if (!verify_limit_rows(v, p->budgets[i].limits, &none)) return false;
  for (uint32_t i = 0; i < p->goals_count; i++)
    if (!verify_region_if(v, p->goals[i].within, &none, HOLDS_NUMBER) || !verify_region_if(v, p->goals[i].back, &none, HOLDS_NUMBER))
      return false;
  return true;
}

bool verify_row_regions(Verifier *v) { return library_regions(v) && head_regions(v); }
