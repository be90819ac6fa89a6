/* peak: how many may be out of service at once in a run, in any order of things and whatever fails: found ahead, for one
 * inventory. What is counted is what the budget counts (engine_budget.c): from an action that takes it out of service until one
 * that brings it back has been read back.
 *
 * Of a fan-out of N members, k at once, m of which may be set aside and stay out, that is min(N, k + m); those set aside are
 * still out in the next; members that are done and still out count, all of them. Members that contain several are counted by
 * what is in them. Never too low. Exact where members are alike and nothing else keeps them apart; rates, windows and the
 * budget itself are not counted in. */
#ifndef TAGOUT_RUNTIME_PEAK_H
#define TAGOUT_RUNTIME_PEAK_H

#include "runtime/vm.h"

/* How a fan-out comes to its peak; the sum is not below it. */
typedef struct PeakParts {
  uint32_t line, step;  /* of the fan-out; step: NONE_INDEX none */
  int64_t before;       /* out already, and not of its members or not yet its turn */
  int64_t at_once;      /* at work */
  int64_t aside;        /* set aside by it */
  int64_t done;         /* through with it, and out still */
} PeakParts;

typedef struct Peak {
  uint32_t kind;        /* what is counted; NONE_INDEX: nothing is ever out of service */
  int64_t most;         /* out at once */
  PeakParts most_of;
  int64_t need;         /* with a budget of so many nobody waits for what does not come back; 0: nothing is taken out */
  PeakParts need_of;    /* at_once: held by others that wait too, and what one more takes */
  const int64_t *steps; /* per step: the most that are out while it goes on; -1: not reached */
} Peak;

/* vm: with the sets of the plan and its parameters; nothing of a run. In the arena. */
Peak peak_find(Vm *vm, Arena *arena);

#endif
