/* plan_example: the dry run of a plan that stands, for an incident that could be: about some thing of the inventory for which there
 * is a run. Texts say something, attachments came with it. There is none where the incident has further fields that somebody has to say. */
#ifndef TAGOUT_CLI_PLAN_EXAMPLE_H
#define TAGOUT_CLI_PLAN_EXAMPLE_H

#include "cli/planning.h"
#include "runtime/plan_standing.h"

/* Sets example, within and beyond, or none, in the arena of the planning. */
void plan_example(Planning *p, uint32_t trials, bool watched, PlanStanding *ret);
/* Of a plan that was read: how the dry run of an example fails, "node=n1: ends failed: ...", in the arena; NULL: it does not, or there
 * is no example. */
const char *plan_example_fails(Plan *plan, Fleet *fleet, Arena *arena);

#endif
