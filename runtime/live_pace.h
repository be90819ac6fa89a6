/* live_pace: how often a system is asked. A binding with `every D` reads a fact of an entity at most once in D: a reading that
 * would come sooner waits, so that what is read is always fresh. Nothing waits for more than half of the time that it has. */
#ifndef TAGOUT_RUNTIME_LIVE_PACE_H
#define TAGOUT_RUNTIME_LIVE_PACE_H

#include "lang/buf.h"
#include "runtime/id_map.h"
#include "runtime/world.h"

typedef struct PaceLast { uint32_t fact, kind, entity; int64_t at; } PaceLast;
typedef struct PaceWaiting { int64_t due; Command command; } PaceWaiting; /* without its text: readings have none */
typedef struct LivePace {
  IdMap index;            /* fact, kind and entity -> last */
  VEC(PaceLast) last;
  VEC(PaceWaiting) waiting;
} LivePace;

void live_pace_done(LivePace *p);
/* When the reading may begin: now, or later, and then it is kept. every: ms; 0: as often as asked. */
bool live_pace_waits(LivePace *p, const Command *c, int64_t every, int64_t now);
int64_t live_pace_next(const LivePace *p);                              /* INT64_MAX: nothing waits */
bool live_pace_take(LivePace *p, int64_t now, Command *ret);            /* one that is due */
bool live_pace_drop(LivePace *p, uint64_t command);                     /* it is given up; false: it does not wait */

#endif
