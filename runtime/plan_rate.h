/* plan_rate: rates that cannot bring all members through before a hard window closes. */
#ifndef TAGOUT_RUNTIME_PLAN_RATE_H
#define TAGOUT_RUNTIME_PLAN_RATE_H

#include "runtime/engine.h"
#include "runtime/vm.h"

/* W_RATE_WINDOW per rate of a fan-out, or of a service that each of its members goes through, with the product. Says nothing
 * where it is not known before the run who the members are. vm: as of plan_bounds. start: of the plan, ms UTC. */
void plan_rate_check(Vm *vm, const Frozen *frozen, int64_t start, DiagSink *sink);

#endif
