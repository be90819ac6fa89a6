/* planning: from a command line to a plan in memory: sources compiled, inventory loaded, targets frozen. What `plan` shows
 * and writes, and what `run` makes on the spot for a drill. */
#ifndef TAGOUT_CLI_PLANNING_H
#define TAGOUT_CLI_PLANNING_H

#include "cli/project.h"
#include "runtime/faults.h"
#include "runtime/plan.h"
#include "runtime/plan_bounds.h"

typedef struct PlanningOptions {
  const char *const *words;   /* FILE..., then name=value ...; a word with `=` is a parameter */
  int word_count;
  const char *site, *fleet, *runbook, *start, *faults, *seed; /* as given, or NULL */
  bool unproved;              /* not asked for: a drill, or somebody insists */
  bool may_stand;             /* without the fields of an incident it is a plan that stands */
} PlanningOptions;

typedef struct Planning {
  Project *project;
  Arena *arena;
  Fleet *fleet;
  const Program *program;
  const Frozen *frozen;
  const ParamText *params; uint32_t param_count; /* as given */
  PlanBounds bounds;
  const Faults *faults;       /* NULL: none asked for */
  const Zone *zone;           /* of the window, else UTC */
  const char *proof;          /* what is to be said of it */
  const uint8_t *certificate; /* what it leaves behind; NULL: it was not asked for */
  size_t certificate_len;
  Plan *plan;                 /* not written yet: digest empty */
} Planning;

/* EXIT_DONE and a plan, or the exit code after everything that is wrong was said. In both cases planning_done. */
ExitCode planning_open(const PlanningOptions *options, Planning *ret);
void planning_done(Planning *p);

/* "2026-01-05T18:00Z", "2026-01-05 11:00" in the zone, "now". False after saying what is wrong. */
bool parse_start(const char *text, const Zone *zone, int64_t *ret);
int64_t wall_clock(void);     /* ms UTC */

/* The inventory that a site names, seen from its file; NULL: it names none. */
const char *site_fleet_path(const SiteImage *site, Arena *arena);

/* The texts that a plan was compiled from against what stands there now: files that are here, and the program's own library.
 * E_PLAN_STALE for each that has changed. */
bool sources_fresh(const Plan *plan, DiagSink *sink);

#endif
