/* preempt: what an emergency of a live run has hit is nobody else's any more: the other runs of the fleet that have claimed it are told
 * so, and their claims pass over. */
#ifndef TAGOUT_CLI_PREEMPT_H
#define TAGOUT_CLI_PREEMPT_H

#include "cli/run_state.h"
#include "runtime/ledger.h"

typedef struct Preempt Preempt;

Preempt *preempt_new(void);
void preempt_free(Preempt *p); /* accepts NULL */
/* Behind every turn, with the run's time: of whatever emergency has fired since, the others are told; at once when a run was resumed. A run that a process
 * has in its hands keeps its claims for a few minutes, to see to what it has in flight; any other loses them at once. One whose process
 * stands still meanwhile and goes on later hears of it before it does anything (runtime/turn.h, runtime/world_live.c). */
void preempt_look(Preempt *p, const RunState *r, Ledger *l, int64_t now);
int64_t preempt_next(const Preempt *p); /* when it must be called again at the latest; INT64_MAX: whenever */

#endif
