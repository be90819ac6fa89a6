/* desk: what a standing runbook does with an incident. Pure: what is known is an argument, and so is the time. One run per member:
 * a repeat joins it or waits; limits bound how many runs go on at once and how many begin for a member. */
#ifndef TAGOUT_RUNTIME_DESK_H
#define TAGOUT_RUNTIME_DESK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct DeskLimits {
  uint32_t at_once;        /* runs of the runbook that go on; 0: no such limit */
  uint32_t per_member;     /* runs that begin for a member in any span of `per` ms; 0: no such limit */
  int64_t per;
  int64_t join;            /* ms: a repeat that comes within it after the run began joins the run, also one that has completed: the
                              alarm comes late. A run that ended otherwise is joined by nobody. 0: none joins */
  bool otherwise;          /* what is above per_member has a way of its own */
} DeskLimits;

/* Of the member's earlier incidents the last that has a run, or waits for one; and the counts. */
typedef struct DeskView {
  bool before;             /* there is such an incident */
  bool waits;              /* it has no run yet */
  bool going;              /* some run about the member goes on */
  bool vain;               /* its run has ended, and not completed */
  int64_t begun;           /* ms UTC: when its run began; 0: it waits */
  uint32_t open;           /* runs of the runbook that go on, about whomever */
  uint32_t lately;         /* runs about the member that began in the last `per` ms, but for those that ended and did nothing */
} DeskView;

typedef enum DeskVerdict {
  DESK_START,
  DESK_OTHERWISE,          /* start, and tell the runbook that the limit per member is passed */
  DESK_JOIN,               /* it belongs to the run that is there, or is about to be */
  DESK_WAIT_MEMBER,        /* a run about the member goes on, or is before it in line, and it is too late to join */
  DESK_WAIT_ROOM,          /* at_once */
  DESK_REFUSE              /* per_member, and there is no other way */
} DeskVerdict;

/* at: ms UTC, when the incident came. */
DeskVerdict desk_decide(const DeskLimits *limits, const DeskView *view, int64_t at);

#endif
