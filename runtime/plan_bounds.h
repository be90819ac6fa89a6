/* plan_bounds: what a plan can say for sure, beside what its simulated runs show: the most that can be out of service, how long
 * each step may take, when to turn back at the latest. */
#ifndef TAGOUT_RUNTIME_PLAN_BOUNDS_H
#define TAGOUT_RUNTIME_PLAN_BOUNDS_H

#include "runtime/engine.h"
#include "runtime/peak.h"
#include "runtime/worst.h"

typedef struct PlanBounds {
  Peak peak;
  const WorstStep *steps;  /* one per step of the program */
  int64_t budget;          /* how many may be out at once; INT64_MAX: no such limit */
  uint32_t budget_line;
} PlanBounds;

/* In the arena. start: ms UTC, for what must be through before the window closes; what cannot be is in the sink, as warnings.
 * sink: NULL: nothing is said. */
PlanBounds plan_bounds(const Program *p, const Fleet *fleet, const Frozen *frozen, int64_t start, Arena *arena, DiagSink *sink);
/* E_STARVES where members would wait for a budget that never has room for them. True: nothing is wrong. */
bool plan_bounds_check(const Program *p, const Fleet *fleet, const PlanBounds *b, DiagSink *sink);

#endif
