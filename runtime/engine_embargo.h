/* engine_embargo: what `while CONDITION start no member` keeps from starting, for engine*.c only. */
#ifndef TAGOUT_RUNTIME_ENGINE_EMBARGO_H
#define TAGOUT_RUNTIME_ENGINE_EMBARGO_H

#include "runtime/engine_parts.h"

#define EMBARGO_EVERY MINUTE /* it is read again, where nothing says how often */

/* CLEAR keeps nothing back; UNREAD: not read yet, or not since the run was resumed. */
typedef enum EmbargoState { EMBARGO_UNREAD, EMBARGO_CLEAR, EMBARGO_STANDS, EMBARGO_UNKNOWN } EmbargoState;
typedef struct Embargo {
  EmbargoState state;
  int64_t since;             /* from when on it has stood without a break */
  TextId why;                /* what was read, while it stands */
  Asked asked;               /* of the last reading, when it was one */
  uint32_t asked_count;
  uint32_t strand;           /* that reads it, NONE_INDEX none */
} Embargo;

void embargoes_init(Engine *e);
void embargoes_begin(Engine *e, int64_t from);   /* read from then on */
void embargoes_resumed(Engine *e);
void embargoes_end(Engine *e);
void embargo_run(Engine *e, uint32_t id);
bool embargo_keeps(Engine *e, const Fan *f);     /* no member of it starts now */
bool embargo_waits(Engine *e, uint32_t id, bool parks_only); /* then it stands in the line of the paused */

#endif
