/* locked: the locks of a run in few words: those that stand for one reason, in one state, on the same members are one line. And what stays
 * of a run, with what is to be done next, in the words that are typed for it. */
#ifndef TAGOUT_CLI_LOCKED_H
#define TAGOUT_CLI_LOCKED_H

#include "cli/status.h"

typedef struct LockGroup {
  LockView one;              /* any of them: what is the same of all */
  int64_t oldest;            /* ms UTC: since when the first of them stands */
  VEC(uint32_t) automations, members;
} LockGroup;

typedef struct LockGroups { VEC(LockGroup) items; } LockGroups;

/* They come by automation, then by entity. */
void locked_groups(const LockView *locks, uint32_t count, LockGroups *ret);
void locked_groups_done(LockGroups *g);
/* "nsd, anvil on 72 nodes (all of row w1)" */
void locked_names(const RunState *r, const LockGroup *g, Buf *out);

/* "stays" and "next": what stands, for whom it waits, and the command that comes next. owner: who has the run in hands, NULL nobody. */
void locked_aftermath(RunState *r, const char *owner, unsigned label_cells, Buf *out);

#endif
