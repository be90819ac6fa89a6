/* bind_tally: which limits held a dry run up, and for how much of its time; and how a limit is called. */
#ifndef TAGOUT_RUNTIME_BIND_TALLY_H
#define TAGOUT_RUNTIME_BIND_TALLY_H

#include "runtime/engine.h"

#define BINDS_MOST 16u

typedef struct BindShare { Binding binding; int64_t ms; uint32_t most; } BindShare; /* ms for which it held somebody up; most: who waited at once */
typedef struct BindTally {
  BindShare shares[BINDS_MOST];
  uint32_t count;
  Binding now[BINDS_MOST];  /* what binds since `since` */
  uint32_t now_count;
  int64_t since, every;     /* ms */
  uint32_t looks;
} BindTally;

/* Behind an event. Looks once a minute of the run's time, and more rarely the longer the run has lasted: its times are right to the
 * minute, or to a five-hundredth of a run of many days. */
void bind_tally_look(BindTally *t, Engine *e, int64_t at);
void bind_tally_end(BindTally *t, int64_t at); /* longest first */

/* "600 at once", "2 at once per Row", "300 per 1h", "at most 4 overdue", "the window is closed". */
void bind_limit(const Program *p, const Binding *b, Buf *out);
/* "step drain", "step drain, inside (line 41)", "through nsd". */
void bind_name(const Program *p, const Binding *b, Buf *out);

#endif
