/* plan_need: what a run of a plan may have out at most on each local day: what is reserved for it in the fleet's ledger before it
 * begins. On each day from its start to the end of its dry run as many may leave as there are, or as its budget lets, and
 * as many may be out together as its bounds say. */
#ifndef TAGOUT_RUNTIME_PLAN_NEED_H
#define TAGOUT_RUNTIME_PLAN_NEED_H

#include "runtime/ledger.h"
#include "runtime/plan_bounds.h"

typedef struct PlanNeed {
  uint32_t kind;            /* what is counted; NONE_INDEX: nothing ever leaves service, and nothing is reserved */
  const Zone *zone;         /* whose days they are: of the budget's limit per day, else UTC */
  const ReserveDay *days;
  uint32_t count;
  BudgetLimits limits;      /* zone: the zone's name */
} PlanNeed;

/* start: ms UTC; took: ms that its dry run took. In the arena. */
PlanNeed plan_need(const Program *p, const Fleet *fleet, const Frozen *frozen, const PlanBounds *bounds, int64_t start, int64_t took, Arena *arena);
/* "859 nodes out at once, 859 leaving, on 2026-01-05 (UTC)" */
void plan_need_date(const Zone *zone, int64_t at, Buf *out); /* 2026-01-05 */
void plan_need_text(const PlanNeed *need, const Program *p, Buf *out);

#endif
