/* timers: what is due when. A heap with removal; equal times fire in the order in which they were set, so that a replay
 * fires them alike. An id is valid until its timer fires or is removed. */
#ifndef TAGOUT_RUNTIME_TIMERS_H
#define TAGOUT_RUNTIME_TIMERS_H

#include "lang/buf.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct TimerEntry { int64_t at; uint64_t seq; uint32_t id; } TimerEntry;
typedef struct TimerSlot { uint64_t ref; uint32_t kind, pos; } TimerSlot; /* pos: place in the heap */
typedef struct Timers {
  VEC(TimerEntry) heap;
  VEC(TimerSlot) slots;  /* by id */
  VEC(uint32_t) spare;   /* ids free for use */
  uint64_t seq;
} Timers;

#define TIMER_NONE UINT32_MAX

void timers_done(Timers *t);
uint32_t timers_add(Timers *t, int64_t at, uint32_t kind, uint64_t ref);
void timers_remove(Timers *t, uint32_t *id);   /* *id becomes TIMER_NONE; accepts TIMER_NONE */
int64_t timers_next(const Timers *t);          /* INT64_MAX: none */
/* Takes the earliest timer that is due before or at now. */
bool timers_take(Timers *t, int64_t now, TimerSlot *ret);

#endif
