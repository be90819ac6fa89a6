/* launch: the checks, the person's word, the folder. */
#include <config.h>

#include "cli/launch.h"

#include "cli/certified.h"
#include "cli/claims.h"
#include "cli/consent.h"
#include "cli/output.h"
#include "cli/plan_use.h"
#include "cli/planning.h"
#include "cli/reserve.h"
#include "cli/rundir.h"
#include "runtime/approval.h"
#include "runtime/forecast.h"
#include "runtime/journal.h"
#include "runtime/live_bind.h"
#include "runtime/schema.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Pad {         /* what a launch stands on */
  const Launch *l;
  Arena *arena;
  DiagSink *sink;
  Plan *plan;
  Fleet *fleet;
  const Frozen *frozen;
  const Forecast *rehearsal; /* of the inventory as it is now, from its start on */
  RunRecord record;
  PlanUse use;
} Pad;

/* ---- checks ---- */

/* Each of its runs is about an incident, and nobody has said which. */
static ExitCode refuse_standing(Pad *p) {
  Diag *d = diag_at(p->sink, E_PLAN_STANDS, p->l->file, 0, 0, "this plan stands, and is not run: it names no incident");
  diag_note(p->sink, d, "`tagout stand %s` serves each `%s` that is brought; with its fields `tagout plan` makes a plan of one run", p->l->file,
            program_str(p->plan->program, p->plan->program->incidents[0].name));
  return EXIT_USAGE;
}

static ExitCode read_plan(Pad *p) {
  p->plan = plan_read(p->l->file, p->l->plan, p->l->plan_len, p->arena, p->sink);
  if (!p->plan) return EXIT_USAGE;
  if (plan_stands(p->plan)) return refuse_standing(p);
  p->record.world = p->l->world_by_plan ? p->plan->site ? WORLD_LIVE : WORLD_DRILL : p->l->world;
  p->fleet = fleet_load(&schema_of_program(p->plan->program, p->arena)->fleet, p->plan->fleet_path, FLEET_BY_NAME, p->sink);
  return p->fleet ? EXIT_DONE : EXIT_USAGE;
}

/* Frozen again on the day of the run: the inventory as it is now, and live, the time as it is now. */
static ExitCode check_fresh(Pad *p) {
  p->record.start = p->record.world == WORLD_LIVE ? wall_clock() : p->plan->start;
  p->frozen = freeze(p->plan->program, p->fleet, p->plan->params, p->plan->param_count, p->record.start, p->arena, p->sink);
  if (!p->frozen) return EXIT_STALE;
  bool fresh = plan_is_fresh(p->plan, p->fleet, p->frozen, wall_clock(), p->sink);
  if (p->record.world == WORLD_LIVE && !p->l->incident) fresh &= sources_fresh(p->plan, p->sink); /* nobody is misled by a drill */
  return fresh ? EXIT_DONE : EXIT_STALE;
}

static ExitCode check_window(Pad *p) {
  const Frozen *f = p->frozen;
  if (p->record.world != WORLD_LIVE || p->l->wait || f->opening_count == 0 || f->openings[0].open <= p->record.start) return EXIT_DONE;
  Buf opens = BUF_INIT;
  zone_format(freeze_zone(p->plan->program, p->fleet, f, p->arena), f->openings[0].open, &opens);
  fprintf(stderr, "tagout: the window is closed until %s; --wait starts the run and waits\n", opens.data);
  buf_done(&opens);
  return EXIT_WINDOW;
}

static ExitCode check_site(Pad *p) {
  if (p->record.world != WORLD_LIVE) return EXIT_DONE;
  if (!p->plan->site) {
    fprintf(stderr, "tagout: %s names no site, so it can be drilled only: plan it with --site\n", p->l->file);
    return EXIT_USAGE;
  }
  const LiveBind *b = live_bind(p->plan->site, p->plan->program, p->fleet, p->record.site_dir, p->arena, p->sink);
  return b && live_programs(b, p->sink) ? EXIT_DONE : EXIT_CHECK;
}

static ExitCode check_proof(Pad *p) {
  p->record.unproved = p->l->unproved;
  if (p->record.world != WORLD_LIVE || p->l->unproved) return EXIT_DONE;
  return certificate_holds(p->plan, p->l->file, p->sink) ? EXIT_DONE : EXIT_CHECK;
}

/* What was planned may have gone well on that day, or ill: this is from today on. A desk asks nobody, and says it in the record. */
static ExitCode check_rehearsal(Pad *p) {
  bool live = p->record.world == WORLD_LIVE;
  Buf how = BUF_INIT;
  p->rehearsal = forecast(p->plan->program, p->fleet, p->frozen, NULL, p->record.start, 1, live && p->l->unproved, p->arena);
  record_expect(&p->record, p->plan->program, p->rehearsal, p->arena);
  if (!live || !forecast_fails(p->rehearsal)) return EXIT_DONE;
  forecast_failure(p->rehearsal, &how);
  p->record.fails = arena_string(p->arena, how.data, how.len);
  buf_done(&how);
  if (p->l->despite) p->record.despite = arena_printf(p->arena, "%s: %s", p->l->by, p->l->despite);
  if (p->l->despite || p->l->incident) return EXIT_DONE;
  Diag *d = diag_at(p->sink, E_DRY_RUN, p->l->file, 0, 0, "begun now, its dry run %s", p->record.fails);
  diag_note(p->sink, d, "`tagout run %s --world drill` shows where; mend the runbook or its inventory, and plan it again", p->l->file);
  diag_note(p->sink, d, "--despite-dry-run=WHY starts it all the same: who said so and why stays in its record");
  return EXIT_INFEASIBLE;
}

/* Whoever the site asks has signed this plan, and it has not run yet. Drills need neither. */
static ExitCode check_approved(Pad *p) {
  if (p->record.world != WORLD_LIVE) return EXIT_DONE;
  if (p->l->incident) return p->record.approved = p->l->incident->approved, EXIT_DONE;
  const char *folder = approvals_folder(p->l->file, p->arena);
  Approvals all = approvals_read(p->plan, folder, p->record.site_dir, p->l->by, p->arena);
  if (!approvals_suffice(p->plan, all, p->l->file, p->sink)) return EXIT_CHECK;
  p->record.approved = approvals_sentence(p->plan, all, p->arena);
  return plan_use_claim(p->l->state, p->plan->digest, p->l->file, p->arena, p->sink, &p->use);
}

static ExitCode check_all(Pad *p) {
  ExitCode code = read_plan(p);
  if (code == EXIT_DONE) code = check_proof(p);
  if (code == EXIT_DONE) code = check_fresh(p);
  if (code == EXIT_DONE) {
    p->record.site_dir = absolute(p->arena, p->plan->site_dir);
    code = check_site(p);
  }
  if (code == EXIT_DONE) code = check_rehearsal(p);
  if (code == EXIT_DONE) code = check_approved(p);
  print_diagnostics(p->sink, NULL, FORMAT_TEXT);
  return code == EXIT_DONE ? check_window(p) : code;
}

/* ---- the person's word ---- */

/* The largest set stands for the size of the thing. */
static const PlanSet *largest(const Plan *plan) {
  const PlanSet *best = NULL;
  for (uint32_t i = 0; i < plan->target_count; i++)
    if (!best || plan->targets[i].count > best->count) best = &plan->targets[i];
  return best;
}

static ExitCode confirm(Pad *p) {
  const PlanSet *set = largest(p->plan);
  const char *count = arena_printf(p->arena, "%u", set ? set->count : 0);
  if (p->record.world != WORLD_LIVE || p->l->yes) return EXIT_DONE;
  fprintf(stderr, "%s: %s\nThis is a live run. Site %s, ", program_str(p->plan->program, p->plan->program->name),
          program_str(p->plan->program, p->plan->program->title), p->plan->site->name);
  for (uint32_t i = 0; i < p->plan->target_count; i++)
    fprintf(stderr, "%s%u %s", i ? ", " : "", p->plan->targets[i].count, p->plan->targets[i].name);
  fprintf(stderr, ".\n");
  if (*p->record.fails) fprintf(stderr, "Its dry run %s.\n", p->record.fails);
  return consent("run", false, count, "Type the number of %s to start it", set ? set->name : "members");
}

/* ---- the folder ---- */

static bool keep_faults(const Pad *p, const char *dir) {
  Buf bytes = BUF_INIT;
  if (!p->l->faults) return true;
  bool ok = read_file(p->l->faults, &bytes) && write_file(arena_printf(p->arena, "%s/faults.json", dir), bytes.data, bytes.len);
  buf_done(&bytes);
  return ok;
}

/* The copy is what the run is about: it must be the inventory that was just looked at. */
static bool same_inventory(const Pad *p, const char *dir) {
  const char *path = record_inventory(dir, p->arena);
  Fleet *copy = path ? fleet_load(&schema_of_program(p->plan->program, p->arena)->fleet, path, FLEET_BY_NAME, p->sink) : NULL;
  bool same = copy && fleet_digest(copy) == fleet_digest(p->fleet);
  fleet_free(copy);
  if (!copy) print_diagnostics(p->sink, NULL, FORMAT_TEXT);
  if (copy && !same) fprintf(stderr, "tagout: %s changed while it was read; start again\n", p->plan->fleet_path);
  return same;
}

/* The journal vouches for the record, which makes the folder a run and so comes last. */
static bool make_journal(const Pad *p, const char *dir) {
  JournalError error = {0};
  Journal *journal;
  Buf record = BUF_INIT;
  record_text(&p->record, &record);
  JournalBirth birth = {.plan = p->l->plan, .plan_len = p->l->plan_len, .record = record.data, .version = PACKAGE_VERSION};
  bool ok = journal_open(dir, JOURNAL_CREATE, &birth, &journal, &error) == 0;
  if (ok) journal_close(journal);
  else print_journal_error(&error);
  ok = ok && record_write(dir, &record);
  buf_done(&record);
  return ok;
}

/* Room in the budget, for the days on which it will run: approved or not, it may begin on another day than was planned. */
static ExitCode reserve(const Pad *p, Ledger *l, const char *dir) {
  PlanBounds bounds = plan_bounds(p->plan->program, p->fleet, p->frozen, p->record.start, p->arena, NULL);
  PlanNeed need = plan_need(p->plan->program, p->fleet, p->frozen, &bounds, p->record.start, p->record.expected_took, p->arena);
  DiagSink *sink = diag_sink_new(p->arena, NULL);
  ExitCode code = reserve_take(l, p->plan, p->l->file, rundir_id(dir), &need, p->arena, sink);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (code != EXIT_DONE) claims_end(l, dir);
  return code;
}

/* The last thing before it is a run: what other runs have is not begun. A drill touches nobody. */
static ExitCode claim(const Pad *p, const char *dir) {
  if (p->record.world != WORLD_LIVE) return EXIT_DONE;
  Ledger *l = claims_open(p->record.ledger);
  ExitCode code = l ? claims_take(l, dir, p->plan->program, p->fleet, p->frozen, p->record.start, p->l->incident ? p->l->incident->ret_blocker : NULL)
                    : EXIT_USAGE;
  if (code == EXIT_DONE) code = reserve(p, l, dir);
  ledger_close(l);
  if (code != EXIT_DONE) rundir_remove(dir);
  return code;
}

static ExitCode make_folder(Pad *p, const char **ret_dir) {
  const Program *program = p->plan->program;
  const LaunchIncident *incident = p->l->incident;
  const char *dir = incident ? incident->dir : rundir_create(p->arena, p->l->state, program_str(program, program->name), wall_clock());
  if (!dir) return EXIT_USAGE;
  p->record.speed = p->l->speed;
  p->record.seed = p->l->seed ? p->l->seed : "";
  p->record.by = p->l->by;
  if (incident) p->record.incident = incident->id, p->record.incident_text = incident->text;
  p->record.ledger = p->record.world == WORLD_LIVE ? ledger_path(p->arena, absolute(p->arena, p->l->state), p->plan->site->name) : "";
  if (plan_use_by(&p->use, rundir_id(dir)) && record_keep_inventory(dir, p->plan->fleet_path) && same_inventory(p, dir) &&
      keep_faults(p, dir) && make_journal(p, dir)) {
    ExitCode code = claim(p, dir);
    if (code == EXIT_DONE) plan_use_begun(&p->use, rundir_id(dir));
    *ret_dir = dir;
    return code;
  }
  rundir_remove(dir);
  return EXIT_USAGE;
}

/* In a drill whoever wants a crash kills the process: it is the real thing. */
static bool has_crash(const Faults *faults) {
  for (uint32_t i = 0; i < faults->count; i++)
    if (faults->items[i].kind == FAULT_CRASH) return true;
  return false;
}

/* A fault file that is wrong is refused before there is a run. */
static ExitCode check_faults(Pad *p) {
  if (!p->l->faults) return EXIT_DONE;
  Buf bytes = BUF_INIT;
  DiagSink *sink = diag_sink_new(p->arena, NULL);
  const Faults *faults = read_file(p->l->faults, &bytes) ? faults_read(p->plan->program, p->fleet, p->l->faults, bytes.data, bytes.len, p->arena, sink)
                                                         : NULL;
  bool ok = faults && !has_crash(faults);
  if (faults && !ok) fprintf(stderr, "tagout: %s: a drill does not crash by a fault: kill the process, and `tagout resume`\n", p->l->faults);
  buf_done(&bytes);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  return ok ? EXIT_DONE : EXIT_USAGE;
}

ExitCode launch(const Launch *l, Arena *arena, const char **ret_dir) {
  Pad p = {.l = l, .arena = arena, .sink = diag_sink_new(arena, NULL), .record = {.approved = "", .fails = "", .despite = ""}, .use = {.fd = -1}};
  ExitCode code = check_all(&p);
  if (code == EXIT_DONE) code = check_faults(&p);
  if (code == EXIT_DONE) code = confirm(&p);
  if (code == EXIT_DONE) code = make_folder(&p, ret_dir);
  plan_use_done(&p.use);
  fleet_free(p.fleet);
  return code;
}
