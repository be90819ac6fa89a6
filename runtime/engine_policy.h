/* engine_policy: the policies that the runbook obeys, held against the call in progress of a strand. For engine*.c only. */
#ifndef TAGOUT_RUNTIME_ENGINE_POLICY_H
#define TAGOUT_RUNTIME_ENGINE_POLICY_H

#include "runtime/engine_parts.h"

/* A rule of a policy that can concern an action: the call itself, or one of its effects. */
typedef struct Ban {
  uint32_t policy, rule;
  uint32_t effect;           /* NONE_INDEX: the call */
  uint32_t about;            /* parameter of the policy that is the entity, or NONE_INDEX: it is reached from one */
  uint32_t used;             /* bit per parameter that the rule speaks of */
  uint32_t made;             /* argument of the call that the effect is about, by itself; NONE_INDEX: it takes code to tell */
  bool asks;                 /* of facts or answers */
} Ban;

void policies_init(Engine *e);
void policies_done(Engine *e);
const Ban *policy_against(Engine *e, const Strand *s, uint32_t action); /* what is not known to allow it, or NULL */
void policies_ask(Engine *e, const Strand *s, uint32_t action);         /* runs all of it, for what it asks of facts and answers */
TextId policy_refusal(Engine *e, uint32_t action, const Ban *ban);

#endif
