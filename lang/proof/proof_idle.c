/* proof_idle: policies that a runbook obeys and that protect nothing in it, for it does nothing that they speak of: most often the
 * wrong one was named. What is held against them is what is called and what automations may make, not what is reached. */
#include <config.h>

#include "lang/proof/prover.h"

static bool may_make(const Prover *v, Slice effects, const RuleRow *r) {
  for (uint32_t i = 0; i < effects.count; i++) {
    const EffectRow *row = &v->p->effects[effects.first + i];
    if (row->fact == r->fact && row->kind == r->kind && values_meet(v, row->values, r->values)) return true;
  }
  return false;
}

static bool automations_make(const Prover *v, const RuleRow *r) {
  for (uint32_t i = 0; i < v->p->triggers_count; i++)
    if (may_make(v, v->p->triggers[i].effects, r)) return true;
  return false;
}

static bool calls_make(const Prover *v, const RuleRow *r) {
  for (uint32_t i = 0; i < v->p->calls_count; i++) {
    uint32_t action = v->p->calls[i].action;
    if (r->form == RULE_FORM_CALL ? action == r->action : may_make(v, v->p->actions[action].makes, r)) return true;
  }
  return false;
}

static bool speaks(const Prover *v, const RuleRow *r) {
  switch ((RuleForm)r->form) {
    case RULE_FORM_LET: return automations_make(v, r);
    case RULE_FORM_RELEASED:
    case RULE_FORM_NOT_ABANDONED: return v->p->lockouts_count > 0;
    case RULE_FORM_MAKE:
    case RULE_FORM_CALL: return calls_make(v, r);
    case RULE_FORM_COUNT: break;
  }
  return false;
}

void find_idle(Prover *v) {
  for (uint32_t i = 0; i < v->p->policies_count; i++) {
    Slice rules = v->p->policies[i].rules;
    bool any = rules.count == 0; /* that is E0491 */
    for (uint32_t j = 0; j < rules.count && !any; j++) any = speaks(v, &v->p->rules[rules.first + j]);
    if (!any) find(v, FINDING_IDLE, i, i, NONE_INDEX, NONE_INDEX, NONE_INDEX);
  }
}
