/* plan_urgent: the emergencies of a runbook, as a plan shows them: when they come, what they take out of the run, what they do and skip. */
#ifndef TAGOUT_RUNTIME_PLAN_URGENT_H
#define TAGOUT_RUNTIME_PLAN_URGENT_H

#include "lang/buf.h"
#include "lang/program.h"

struct json_t;

/* Two lines each; label: columns in front of their texts. */
void plan_urgent(const Program *p, int label, Buf *out);
struct json_t *plan_urgent_json(const Program *p);

#endif
