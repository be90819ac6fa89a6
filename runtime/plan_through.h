/* plan_through: the services that a runbook's calls go through, with their ceilings. They hold beside the limits of the steps, for
 * all steps together, and for every run that goes through the same service. */
#ifndef TAGOUT_RUNTIME_PLAN_THROUGH_H
#define TAGOUT_RUNTIME_PLAN_THROUGH_H

#include "lang/buf.h"
#include "lang/program.h"

struct json_t;

/* One line per service that has a ceiling and that some call goes through; label: columns in front of its text. */
void plan_through(const Program *p, int label, Buf *out);
struct json_t *plan_through_json(const Program *p);

#endif
