/* plan_lost: what the runs of the fleet have set aside when a plan is made, as far as its tolerances count it: the dry run begins with it,
 * and the plan shows it. A live run asks the ledger itself, and again before each member. */
#ifndef TAGOUT_RUNTIME_PLAN_LOST_H
#define TAGOUT_RUNTIME_PLAN_LOST_H

#include "runtime/engine.h"
#include "runtime/ledger_losses.h"

/* Into ret: losses and loss_count, in the arena. start: when the run would begin, ms UTC. A negative errno: the ledger cannot be read. */
int plan_lost_read(Ledger *l, const Program *p, const Fleet *fleet, int64_t start, Arena *arena, Frozen *ret);
void plan_lost_text(const Program *p, const Frozen *frozen, int label, Buf *out);
struct json_t *plan_lost_json(const Program *p, const Frozen *frozen);

#endif
