/* plan: what a run will be, frozen: the program itself, parameters, targets by name, the integers of every limit, the site's
 * bindings, the inventory it was made on. A plan is one JSON file; its digest covers everything else in it, so what was
 * reviewed is what is run. A plan is not stale because something changed, but because something that it relies on did: its
 * targets and who is left out are frozen again on the day of the run and compared by name.
 *
 * File (format 2), keys sorted: certificate (base64; "" when it was planned unproved), digest (hex SHA-256 over the rest, compact, keys sorted), fleet {digest, path}, format,
 * left_out {set: [names]}, made {at (ms UTC), by}, params {name: text}, program (base64), rows {Kind.attribute: {name: value}}, runbook, site
 * (null or an image), sources [{name, digest, library}], start (ms UTC), targets {set: [names]}, title. Unknown keys are an error: the digest would cover what nobody reads. */
#ifndef TAGOUT_RUNTIME_PLAN_H
#define TAGOUT_RUNTIME_PLAN_H

#include "lang/site.h"
#include "runtime/engine.h"
#include "runtime/freeze.h"
#include "runtime/plan_rows.h"

typedef struct PlanSet { const char *name; const char *const *members; uint32_t count; } PlanSet;

typedef struct Plan {
  const Program *program;
  const ParamText *params; uint32_t param_count; /* as they were given; defaults are the program's */
  const SiteImage *site;                         /* NULL: can be drilled, not run */
  const char *site_dir;                          /* where relative program paths start */
  const char *fleet_path;
  char fleet_digest[17];                         /* hex of fleet_digest */
  int64_t start;                                 /* ms UTC: the start that was planned for */
  int64_t made_at;                               /* ms UTC */
  const char *made_by;                           /* the person who planned; NULL: nobody is named */
  const PlanSet *targets; uint32_t target_count; /* one per program set that the plan froze */
  const uint8_t *certificate; size_t certificate_len; /* what the proof of the program left behind; 0 bytes: it was not proved */
  const PlanSet *left_out; uint32_t left_out_count; /* one per leave-out rule */
  PlanColumns columns;                           /* values that the site's programs are handed */
  PlanSources sources;                           /* what it was compiled from */
  char digest[DIGEST_HEX];                       /* hex */
} Plan;

/* From what was compiled, loaded and frozen. In the arena; borrows the rest. */
Plan *plan_make(const Program *p, const Fleet *fleet, const Frozen *frozen, const char *fleet_path, const SiteImage *site,
                const char *site_dir, const ParamText *params, uint32_t param_count, int64_t start, Arena *arena);
void plan_write(Plan *plan, Buf *out); /* also sets plan->digest */
/* NULL when anything is wrong: the sink says what. The program in it has passed verify_code. */
Plan *plan_read(const char *file, const char *bytes, size_t len, Arena *arena, DiagSink *sink);

/* It stands for incidents that come: none is here yet, no field has a value and no set a member. It is served, not run; a run for an
 * incident is planned of it with the fields given. */
bool plan_stands(const Plan *plan);

/* ", 3h ago", for who tells what has changed since. In the arena. */
const char *plan_age(const Plan *plan, int64_t at, Arena *arena);
/* What has changed in the inventory since the plan was made: one diagnostic (E_PLAN_STALE) per set that differs, naming the members,
 * and per attribute, with values then and now. True when nothing that the plan relies on has. at: ms UTC, today. */
bool plan_is_fresh(const Plan *plan, const Fleet *fleet, const Frozen *now, int64_t at, DiagSink *sink);

#endif
