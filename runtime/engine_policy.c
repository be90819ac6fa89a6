/* engine_policy: what the policies that the runbook obeys forbid is not sent. A rule says of an action, or of a value that an action
 * makes, `never ... unless`: for everything that the call is about, or makes so, `unless` has to be known to hold. It is judged like a
 * need, on the same readings and at the same moments (engine_act.c).
 *
 * Which rules can concern an action, the contracts tell: that is worked out once. What else the rule's parameters stand for is what
 * contains the entity that it is about, or is in it; no fleet is walked over, but for kinds that nothing links. */
#include <config.h>

#include "runtime/engine_policy.h"

#include <stdlib.h>

#include "runtime/possible.h"

struct Policies {
  VEC(Ban) bans;             /* by action, in the order of the policies */
  Slice *of;                 /* per action, in bans */
  bool *yes;                 /* per action: some rule rests on an answer */
  EntityVec made;            /* scratch: what an effect is about */
  uint32_t collected;        /* the effect whose targets these are, of the call that is judged; NONE_INDEX none */
};

/* ---- once: which rules concern which action ---- */

static uint32_t used_slots(const Program *p, CodeRef region) {
  uint32_t used = 0;
  for (uint32_t pc = region, end = possible_region_end(p, region); pc < end; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_SLOT && code_a(p->code[pc]) < LIMIT_ACTION_PARAMS) used |= 1u << code_a(p->code[pc]);
  return used;
}

/* The parameter that is what the rule is about; NONE_INDEX: it is about something that is reached from one. */
static uint32_t bare_slot(const Program *p, CodeRef target) {
  bool bare = code_op(p->code[target]) == OPCODE_SLOT && code_op(p->code[target + code_words(OPCODE_SLOT)]) == OPCODE_RETURN;
  return bare ? code_a(p->code[target]) : NONE_INDEX;
}

static bool has(const Program *p, CodeRef region, Opcode op) {
  for (uint32_t pc = region, end = possible_region_end(p, region); pc < end; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == op) return true;
  return false;
}

static bool asks(const Program *p, CodeRef region) {
  return region && (has(p, region, OPCODE_FACT) || has(p, region, OPCODE_METRIC) || has(p, region, OPCODE_YES));
}

/* The argument that the effect is about; NONE_INDEX: it is not just that. */
static uint32_t made_slot(const Program *p, uint32_t effect) {
  const uint32_t *at = p->code + p->effects[effect].targets;
  bool bare = code_op(at[0]) == OPCODE_SLOT && code_op(at[1]) == OPCODE_COLLECT && code_op(at[2]) == OPCODE_RETURN;
  return bare && code_a(*at) < EVENT_ARGS ? code_a(*at) : NONE_INDEX;
}

static void add_ban(Engine *e, uint32_t policy, uint32_t rule, uint32_t effect) {
  const Program *p = e->program;
  const RuleRow *r = &p->rules[rule];
  uint32_t used = used_slots(p, r->target) | (r->unless ? used_slots(p, r->unless) : 0);
  vec_push(&e->policies->bans, ((Ban){.policy = policy, .rule = rule, .effect = effect, .used = used, .about = bare_slot(p, r->target),
                                 .made = effect == NONE_INDEX ? NONE_INDEX : made_slot(p, effect), .asks = asks(p, r->target) || asks(p, r->unless)}));
}

static bool makes_forbidden(const Engine *e, const EffectRow *row, const RuleRow *r) {
  if (row->fact != r->fact || row->kind != r->kind) return false;
  for (uint32_t i = 0; i < row->values.count; i++)
    if (effect_has(e, r->values, e->program->index_list[row->values.first + i])) return true;
  return false;
}

static bool is_about(const Program *p, const ActionRow *a, uint32_t kind) {
  return a->params.count && p->param_types[a->params.first].klass == VALUE_ENTITY && p->param_types[a->params.first].ref == kind;
}

static void rule_bans(Engine *e, uint32_t action, uint32_t policy, uint32_t rule) {
  const RuleRow *r = &e->program->rules[rule];
  const ActionRow *a = &e->program->actions[action];
  Slice makes = a->makes;
  if (r->form == RULE_FORM_CALL && r->action == action && is_about(e->program, a, r->kind)) add_ban(e, policy, rule, NONE_INDEX);
  for (uint32_t i = 0; i < makes.count && r->form == RULE_FORM_MAKE; i++)
    if (makes_forbidden(e, &e->program->effects[makes.first + i], r)) add_ban(e, policy, rule, makes.first + i);
}

void policies_init(Engine *e) {
  const Program *p = e->program;
  struct Policies *all = e->policies = xcalloc(1, sizeof *all);
  all->of = arena_new_array(e->arena, Slice, p->actions_count + 1);
  all->yes = arena_new_array(e->arena, bool, p->actions_count + 1);
  for (uint32_t a = 0; a < p->actions_count; a++) {
    all->of[a].first = all->bans.len;
    for (uint32_t i = 0; i < p->policies_count; i++)
      for (uint32_t j = 0; j < p->policies[i].rules.count; j++) rule_bans(e, a, i, p->policies[i].rules.first + j);
    all->of[a].count = all->bans.len - all->of[a].first;
    for (uint32_t i = all->of[a].first; i < all->bans.len; i++) {
      CodeRef unless = p->rules[all->bans.items[i].rule].unless;
      all->yes[a] |= unless && has(p, unless, OPCODE_YES);
    }
  }
}

void policies_done(Engine *e) {
  vec_done(&e->policies->bans);
  vec_done(&e->policies->made);
  free(e->policies);
}

/* ---- what the parameters stand for ---- */

static FleetMembers one(Entity x) { return (FleetMembers){.first = x, .count = 1}; }

/* What contains x and is of that kind: by a link, or by a list of references. */
static FleetMembers containers(const Engine *e, uint32_t kind, Entity x, uint32_t of) {
  const FleetKind *k = &fleet_schema(e->fleet)->kinds[kind];
  Entity up = fleet_up(e->fleet, kind, x, of);
  for (uint32_t i = 0; i < k->attr_count && up == ENTITY_NONE; i++)
    if (k->attrs[i].type == FLEET_REFS && k->attrs[i].kind == of) return fleet_refs(e->fleet, kind, i, x);
  return one(up);
}

static FleetMembers candidates(const Engine *e, const Ban *ban, uint32_t slot, Entity x) {
  const RuleRow *r = &e->program->rules[ban->rule];
  ValueType t = e->program->param_types[e->program->policies[ban->policy].params.first + slot];
  if (slot == ban->about) return one(x);
  if (t.klass != VALUE_ENTITY || !(ban->used >> slot & 1)) return one(ENTITY_NONE);
  if (t.ref == r->kind && ban->about != NONE_INDEX) return one(x);
  if (t.ref != r->kind && fleet_leads_up(fleet_schema(e->fleet), t.ref, r->kind)) return fleet_members(e->fleet, r->kind, x, t.ref);
  if (t.ref != r->kind && fleet_leads_up(fleet_schema(e->fleet), r->kind, t.ref)) return containers(e, r->kind, x, t.ref);
  return (FleetMembers){.count = fleet_count(e->fleet, t.ref)};
}

/* ---- judged ---- */

static bool allows(Engine *e, const Ban *ban, const int64_t *slots, uint32_t count, Entity x) {
  const RuleRow *r = &e->program->rules[ban->rule];
  if (ban->about == NONE_INDEX && vm_value(e->vm, r->target, slots, count) != (int64_t)x) return true;
  return r->unless && vm_value(e->vm, r->unless, slots, count) == 1;
}

/* With `asking`, goes on behind what does not hold: everything that the rule asks of facts is wanted. */
static bool allowed_of(Engine *e, const Ban *ban, Entity x, bool asking) {
  uint32_t count = e->program->policies[ban->policy].params.count, at[LIMIT_ACTION_PARAMS] = {0};
  if (count == 1 && ban->about == 0) return allows(e, ban, &(int64_t){x}, 1, x);
  FleetMembers choice[LIMIT_ACTION_PARAMS];
  bool allowed = true;
  for (uint32_t i = 0; i < count; i++) {
    choice[i] = candidates(e, ban, i, x);
    if (choice[i].count == 0) return true;
  }
  for (uint32_t turn = 0; turn < count;) {
    int64_t slots[LIMIT_ACTION_PARAMS];
    for (uint32_t i = 0; i < count; i++) {
      Entity c = fleet_member(choice[i], at[i]);
      slots[i] = c == ENTITY_NONE ? VALUE_UNKNOWN : (int64_t)c;
    }
    allowed &= allows(e, ban, slots, count, x);
    if (!allowed && !asking) return false;
    for (turn = 0; turn < count && ++at[turn] == choice[turn].count; turn++) at[turn] = 0;
  }
  return allowed;
}

static bool allowed(Engine *e, const Strand *s, uint32_t action, const Ban *ban, bool asking) {
  const ActionRow *a = &e->program->actions[action];
  if (ban->effect == NONE_INDEX) return s->args[0] == VALUE_UNKNOWN || allowed_of(e, ban, (Entity)s->args[0], asking);
  if (ban->made != NONE_INDEX) return s->args[ban->made] == VALUE_UNKNOWN || allowed_of(e, ban, (Entity)s->args[ban->made], asking);
  EntityVec *made = &e->policies->made;
  if (e->policies->collected != ban->effect) {
    made->len = 0;
    vm_collect(e->vm, e->program->effects[ban->effect].targets, s->args, a->params.count, made);
    e->policies->collected = ban->effect;
  }
  bool all = true;
  for (uint32_t i = 0; i < made->len && (all || asking); i++) all &= allowed_of(e, ban, made->items[i], asking);
  return all;
}

const Ban *policy_against(Engine *e, const Strand *s, uint32_t action) {
  Slice bans = e->policies->of[action];
  e->policies->collected = NONE_INDEX;
  for (uint32_t i = 0; i < bans.count; i++) {
    const Ban *ban = &e->policies->bans.items[bans.first + i];
    if (!allowed(e, s, action, ban, false)) return ban;
  }
  return NULL;
}

void policies_ask(Engine *e, const Strand *s, uint32_t action) {
  Slice bans = e->policies->of[action];
  if (e->using_yes && !e->policies->yes[action]) return;
  e->policies->collected = NONE_INDEX;
  for (uint32_t i = 0; i < bans.count; i++) {
    const Ban *ban = &e->policies->bans.items[bans.first + i];
    if (ban->asks) allowed(e, s, action, ban, true);
  }
}

TextId policy_refusal(Engine *e, uint32_t action, const Ban *ban) {
  const Program *p = e->program;
  return text_printf(e, "%s is not sent: policy %s forbids it: %s", program_str(p, p->actions[action].name),
                     program_str(p, p->policies[ban->policy].name), program_str(p, p->rules[ban->rule].text));
}
