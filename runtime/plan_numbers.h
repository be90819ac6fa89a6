/* plan_numbers: the integers of a plan: every limit, tolerance, budget and goal as it will be counted, with the words it was
 * written in (law 8). Made by the very code that the engine runs. */
#ifndef TAGOUT_RUNTIME_PLAN_NUMBERS_H
#define TAGOUT_RUNTIME_PLAN_NUMBERS_H

#include "runtime/engine.h"

typedef enum NumberSort { NUMBER_LIMIT, NUMBER_TOLERANCE, NUMBER_BUDGET, NUMBER_LEAVE_OUT, NUMBER_GOAL_TIME, NUMBER_GOAL_BACK } NumberSort;

typedef struct PlanNumber {
  NumberSort sort;
  uint32_t step;        /* NONE_INDEX: of the run, or of a fan within a step */
  const char *where;    /* the step's name, or "" */
  const char *written;  /* "stop after 2% of racks set aside" */
  int64_t amount;       /* members, or ms; INT64_MAX: no bound; VALUE_UNKNOWN: known when it runs */
  int64_t whole;        /* its denominator: members of the set, 0 none */
  int64_t per;          /* ms; 0: at once */
  uint32_t line;
} PlanNumber;

/* In the arena. */
const PlanNumber *plan_numbers(const Program *p, const Fleet *fleet, const Frozen *frozen, uint32_t *ret_count, Arena *arena);

#endif
