/* plan_standing: a plan that stands for incidents, for people and for programs: what there is one run for, its limits, and a dry run
 * of an example, within the limit per member and beyond it. */
#ifndef TAGOUT_RUNTIME_PLAN_STANDING_H
#define TAGOUT_RUNTIME_PLAN_STANDING_H

#include "runtime/forecast.h"
#include "runtime/plan.h"

typedef struct PlanStanding {
  const Plan *plan;
  const Fleet *fleet;
  const char *example;          /* "node=r01-n01", or NULL: there is none */
  const char *none;             /* why not */
  const Forecast *within, *beyond; /* of the example; beyond NULL: there is no limit per member */
  const char *proof;            /* what the proof says, NULL: nothing is said of it */
  const char *next;             /* the command to type next */
} PlanStanding;

/* Neither dry run fails. */
bool plan_standing_meets(const PlanStanding *s);
void plan_standing_text(const PlanStanding *s, Buf *out);
void plan_standing_json(const PlanStanding *s, Buf *out);
/* Of the plan of one run: for which incident, one line; of a runbook that runs for none, nothing. */
void plan_incident_text(const Plan *plan, Buf *out);
/* "one run per node, at most 5 at once" */
void plan_stands_text(const Program *p, Buf *out);

#endif
