/* plan_report: a plan for people (at most 24 lines of 80 columns) and for programs (JSON). Verdict first. */
#ifndef TAGOUT_RUNTIME_PLAN_REPORT_H
#define TAGOUT_RUNTIME_PLAN_REPORT_H

#include "runtime/forecast.h"
#include "runtime/plan.h"
#include "runtime/plan_bounds.h"

typedef enum Verdict { VERDICT_MEETS, VERDICT_LATE, VERDICT_FAILS } Verdict;

typedef struct PlanReport {
  const Plan *plan;
  const Fleet *fleet;
  const Frozen *frozen;
  const Forecast *forecast;
  const PlanBounds *bounds;
  const Zone *zone;          /* in which times are shown */
  const char *proof;         /* what the proof says, NULL: nothing is said of it */
  const char *next;          /* the command to type next */
} PlanReport;

Verdict plan_verdict(const PlanReport *r);
void plan_verdict_text(const PlanReport *r, Buf *out); /* the line that says it, and what the dry run breaks */
void plan_report_text(const PlanReport *r, Buf *out);
void plan_report_json(const PlanReport *r, Buf *out);

#endif
