/* desk_run: a plan of one run from a plan that stands, and the run. */
#include <config.h>

#include "cli/desk_run.h"

#include "cli/attach.h"
#include "cli/bring.h"
#include "cli/conduct.h"
#include "cli/desk_tell.h"
#include "cli/launch.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "lang/utf8.h"
#include "runtime/approval.h"
#include "runtime/owner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAID_SHOWN 300u

const char *desk_run_dir(Arena *arena, const char *state, const Incident *i) { return arena_printf(arena, "%s/runs/%s", state, i->run); }

const char *desk_run_said(Arena *arena, const char *desk_dir, uint64_t id) {
  return arena_printf(arena, "%s/said/%llu.txt", desk_dir, (unsigned long long)id);
}

const char *desk_run_lock(Arena *arena, const char *desk_dir, uint64_t id) {
  return arena_printf(arena, "%s/said/%llu.lock", desk_dir, (unsigned long long)id);
}

typedef struct Runner {
  Arena *arena;
  DiagSink *sink;
  Intake *intake;
  DeskHome home;
  Incident incident;
  const char *dir;           /* of the run */
  Buf plan;                  /* of this run */
  bool never;                /* it can never begin: its incident is not as it must be */
} Runner;

/* ---- the plan of this run ---- */

/* Evidence lies in the folder of the run before the run is made, so that its parameters can say where. */
static bool bring_evidence(Runner *r, ArrivalText *a) {
  for (uint32_t i = 0; i < a->attach_count; i++) {
    if (attach_is_address(a->attach[i].value)) continue;
    a->attach[i].value = attach_bring(a->attach[i].value, r->dir, r->incident.id, r->arena);
    if (!a->attach[i].value) return false;
  }
  return true;
}

/* What was given to the plan that stands, and the fields. */
static const ParamText *all_params(Runner *r, const ArrivalText *a, uint32_t *ret_count) {
  const Plan *standing = r->home.plan;
  uint32_t own;
  const ParamText *fields = arrival_params(a, standing->program, r->incident.over, r->arena, &own);
  ParamText *all = arena_new_array(r->arena, ParamText, standing->param_count + own);
  for (uint32_t i = 0; i < standing->param_count; i++) all[i] = standing->params[i];
  for (uint32_t i = 0; i < own; i++) all[standing->param_count + i] = fields[i];
  *ret_count = standing->param_count + own;
  return all;
}

/* Nothing that waits makes a wrong field right, or fills a selection that the fields leave empty. */
static bool can_never_begin(DiagSink *sink) {
  DiagCode first = diag_count(sink) ? diag_get(sink, 0)->code : DIAG_COUNT;
  return first == E_PARAM_MISSING || first == E_PARAM_UNKNOWN || first == E_PARAM_VALUE || first == E_EMPTY_SELECTION || first == E_ARRIVAL_FIELD;
}

static bool make_plan(Runner *r, const ArrivalText *a) {
  const Plan *standing = r->home.plan;
  uint32_t count;
  const ParamText *params = all_params(r, a, &count);
  int64_t now = wall_clock();
  const Fleet *fleet = desk_fleet(&r->home, r->sink);
  const Frozen *frozen = fleet && arrival_fits(a, standing->program, fleet, r->sink) ? freeze(standing->program, fleet, params, count, now, r->arena, r->sink) : NULL;
  r->never = !frozen && can_never_begin(r->sink);
  if (!frozen) return false;
  Plan *plan = plan_make(standing->program, fleet, frozen, r->home.record.fleet, standing->site, standing->site_dir, params, count, now, r->arena);
  plan->certificate = standing->certificate, plan->certificate_len = standing->certificate_len;
  plan->made_at = now;
  plan->made_by = standing->made_by;
  plan->sources = standing->sources;
  plan_write(plan, &r->plan);
  return true;
}

/* The approval of the plan that stands holds for its runs, as long as it would let the plan stand now. */
static const char *approved(Runner *r) {
  char *file = arena_printf(r->arena, "%s/standing.plan", r->home.dir);
  char *site = realpath(r->home.plan->site_dir, NULL);
  Approvals all = approvals_read(r->home.plan, approvals_folder(file, r->arena), site ? site : "", r->home.record.by, r->arena);
  free(site);
  return approvals_suffice(r->home.plan, all, r->home.record.plan_file, r->sink) ? approvals_sentence(r->home.plan, all, r->arena) : NULL;
}

/* ---- why not ---- */

/* The first line of what this process has said. */
static const char *said(Runner *r) {
  char line[SAID_SHOWN] = "";
  fflush(stderr);
  FILE *f = fopen(desk_run_said(r->arena, r->home.dir, r->incident.id), "re");
  if (f && !fgets(line, sizeof line, f)) line[0] = '\0';
  if (f) fclose(f);
  line[strcspn(line, "\n")] = '\0';
  const char *text = strncmp(line, "tagout: ", 8) == 0 ? line + 8 : line;
  Buf shown = BUF_INIT;
  utf8_show(text, strlen(text), 0, &shown); /* it may have been cut in the middle of a character */
  const char *copy = arena_string(r->arena, shown.data ? shown.data : "", shown.len);
  buf_done(&shown);
  return copy;
}

static ExitCode put_back(Runner *r, ExitCode code, const char *blocker) {
  print_diagnostics(r->sink, NULL, FORMAT_TEXT);
  const char *why = blocker && *blocker ? arena_printf(r->arena, "run %s works on %s", blocker, r->incident.member) : said(r);
  if (!*why) why = "its run could not begin";
  rundir_remove(r->dir);
  int done = r->never ? intake_refuse(r->intake, r->incident.id, why) : intake_wait(r->intake, r->incident.id, blocker ? blocker : "", why);
  if (done < 0) fprintf(stderr, "tagout: %s\n", intake_why(r->intake));
  return code;
}

/* ---- the run ---- */

static const char *describe(Runner *r) {
  const Incident *i = &r->incident;
  return arena_printf(r->arena, "%s, %s, key %s", i->name, i->way, i->key);
}

static ExitCode make_run(Runner *r) {
  ArrivalText a;
  Buf blocker = BUF_INIT;
  char *dir = arena_printf(r->arena, "%s", r->dir);
  rundir_remove(r->dir); /* half of one, by a process that is gone */
  const char *by = rundir_make(dir) && arrival_of_content(r->incident.content, r->arena, &a) && bring_evidence(r, &a) && make_plan(r, &a) ? approved(r) : NULL;
  if (!by) return put_back(r, EXIT_CHECK, NULL);
  LaunchIncident incident = {.id = r->incident.id, .text = describe(r), .dir = r->dir, .approved = by, .ret_blocker = &blocker};
  Launch l = {.file = arena_printf(r->arena, "incident %llu", (unsigned long long)r->incident.id), .plan = r->plan.data, .plan_len = r->plan.len, .world = WORLD_LIVE,
              .state = r->home.state, .by = r->home.record.by, .yes = true, .unproved = r->home.record.unproved, .incident = &incident};
  const char *made;
  ExitCode code = launch(&l, r->arena, &made);
  if (code != EXIT_DONE) put_back(r, code, blocker.data);
  buf_done(&blocker);
  return code;
}

static ExitCode lead(Runner *r) {
  ConductOptions o = {.progress = PROGRESS_NONE, .by = r->home.record.by};
  ExitCode code = record_exists(r->dir) ? EXIT_DONE : make_run(r);
  if (code != EXIT_DONE) return code;
  desk_tell(r->intake, r->home.state, r->incident.name, r->incident.id, r->arena); /* who joined while it waited is heard first of all */
  return conduct(r->dir, &o);
}

/* Whoever holds the lock leads the run, or is making it: there is one such process at a time, whichever desk started it. */
static ExitCode run_alone(Runner *r, uint64_t id) {
  char who[160];
  int lock = owner_take(desk_run_lock(r->arena, r->home.dir, id), who, sizeof who);
  if (lock < 0) {
    fprintf(stderr, "tagout: incident %llu: %s\n", (unsigned long long)id, lock == -EBUSY ? who : strerror(-lock));
    return EXIT_STALE;
  }
  ExitCode code = EXIT_USAGE;
  int found = intake_get(r->intake, id, r->arena, &r->incident);
  if (found == 1 && r->incident.state == INCIDENT_STARTED) {
    r->dir = desk_run_dir(r->arena, r->home.state, &r->incident);
    code = lead(r);
  } else fprintf(stderr, "tagout: incident %llu: %s\n", (unsigned long long)id, found < 0 ? intake_why(r->intake) : "it has no run to begin");
  close(lock);
  return code;
}

ExitCode desk_run(const char *state, const char *name, uint64_t id) {
  Runner r = {.arena = arena_new()};
  r.sink = diag_sink_new(r.arena, NULL);
  ExitCode code = desk_open(state, name, r.sink, &r.home);
  if (code == EXIT_DONE) code = (r.intake = bring_queue(state)) ? run_alone(&r, id) : EXIT_USAGE;
  else print_diagnostics(r.sink, NULL, FORMAT_TEXT);
  intake_close(r.intake);
  desk_close(&r.home);
  buf_done(&r.plan);
  arena_free(r.arena);
  return code;
}
