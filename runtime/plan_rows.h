/* plan_rows: what a plan relies on besides who is in it: the attributes of its members that the site's bindings hand to programs
 * (a controller's address), and the texts that it was compiled from. Kept in the plan with their values, so that a change can be
 * told with the old one and the new one. */
#ifndef TAGOUT_RUNTIME_PLAN_ROWS_H
#define TAGOUT_RUNTIME_PLAN_ROWS_H

#include "lang/arena.h"
#include "lang/diag.h"
#include "runtime/digest.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct Plan;
struct Fleet;

/* One attribute of one kind, of every member of the sets of that kind. */
typedef struct PlanColumn { const char *kind, *attr; const char *const *members, *const *values; uint32_t count; } PlanColumn;
typedef struct PlanColumns { const PlanColumn *items; uint32_t count; } PlanColumns;
/* A file that the plan was compiled from; library: part of the program. */
typedef struct PlanSource { const char *name; char digest[DIGEST_HEX]; bool library; } PlanSource;
typedef struct PlanSources { const PlanSource *items; uint32_t count; } PlanSources;

PlanColumns plan_columns(const struct Plan *plan, const struct Fleet *fleet, Arena *arena);

json_t *plan_columns_to_json(PlanColumns columns);
bool plan_columns_from_json(const json_t *json, Arena *arena, PlanColumns *ret);
json_t *plan_sources_to_json(PlanSources sources);
bool plan_sources_from_json(const json_t *json, Arena *arena, PlanSources *ret);

/* One diagnostic (E_PLAN_STALE) per attribute of which a member has another value now. ago: how old the plan is. */
bool plan_columns_fresh(const struct Plan *plan, const struct Fleet *fleet, const char *ago, DiagSink *sink);
/* The same for texts: now: what stands there today, by index; NULL: it is not there, and nothing is said. */
bool plan_sources_fresh(PlanSources sources, const char (*now)[DIGEST_HEX], const char *ago, DiagSink *sink);

#endif
