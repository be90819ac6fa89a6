/* plan_table: the steps of a plan: what each took in the dry run, and what holds of it whatever happens. For plan_report. */
#ifndef TAGOUT_RUNTIME_PLAN_TABLE_H
#define TAGOUT_RUNTIME_PLAN_TABLE_H

#include "runtime/plan_report.h"

#include <jansson.h>

void plan_table_text(const PlanReport *r, Buf *out); /* r->bounds is not NULL */
json_t *plan_table_json(const PlanReport *r);        /* one object per step of the program, roll backs included */

#endif
