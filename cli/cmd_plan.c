/* plan: the dry run. */
#include <config.h>

#include "cli/claims.h"
#include "cli/planning.h"
#include "cli/plan_example.h"
#include "cli/rundir.h"
#include "runtime/plan_lost.h"
#include "runtime/plan_report.h"
#include "runtime/plan_standing.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRIALS_MAX 100000u

enum { OPT_SITE, OPT_FLEET, OPT_RUNBOOK, OPT_START, OPT_FAULTS, OPT_SEED, OPT_TRIALS, OPT_FORMAT, OPT_OUTPUT, OPT_UNPROVED };
static const Option options[] = {
    {"site", "NAME", "the site whose bindings and inventory are meant"},
    {"fleet", "PATH", "the inventory (default: the site's)"},
    {"runbook", "NAME", "which runbook, when the files have several"},
    {"start", "TIME", "planned start (default: when the window opens next)"},
    {"faults", "FILE", "what shall go wrong in the dry run"},
    {"seed", "N", "seed of the simulated durations"},
    {"trials", "N", "simulated runs behind P50 and P90 (default 21)"},
    {"format", "FORMAT", "text (default) or json"},
    {"output", "FILE", "freeze the plan into FILE (-o)"},
    {"unproved", NULL, "plan it though it is not proved safe"},
    {NULL, NULL, NULL}};

static bool asks_approval(const Plan *plan) {
  bool asks = false;
  for (uint32_t i = 0; plan->site && i < plan->site->role_count; i++) asks |= plan->site->roles[i].approves;
  return asks;
}

static const char *next_step(const char *path, Planning *p, bool fails) {
  const Program *prog = p->program;
  if (fails) return "mend what fails, and plan it again";
  if (plan_stands(p->plan) && path && p->plan->site) return arena_printf(p->arena, "tagout stand %s", path);
  if (plan_stands(p->plan))
    return arena_printf(p->arena, "tagout plan ... %s=NAME for one run of it", program_str(prog, prog->params[prog->incidents[0].key].name));
  if (!path) return "tagout plan ... -o FILE.plan";
  return arena_printf(p->arena, asks_approval(p->plan) ? "tagout approve %s, then tagout run %s" : "tagout run %s", path, path);
}

static Verdict write_standing(const Args *args, Planning *p, Format format, uint32_t trials, Buf *out) {
  PlanStanding s = {.plan = p->plan, .fleet = p->fleet, .proof = p->proof};
  plan_example(p, trials, args->values[OPT_UNPROVED] != NULL, &s);
  s.next = next_step(args->values[OPT_OUTPUT], p, !plan_standing_meets(&s));
  if (format == FORMAT_JSON) plan_standing_json(&s, out);
  else plan_standing_text(&s, out);
  return plan_standing_meets(&s) ? VERDICT_MEETS : VERDICT_FAILS;
}

/* What the runs of the site have set aside by now, where they have a ledger here. */
static Frozen with_losses(const Planning *p) {
  Frozen frozen = *p->frozen;
  const char *path = p->plan->site ? ledger_path(p->arena, state_folder(p->arena, NULL), p->plan->site->name) : "";
  Ledger *l = *path && access(path, F_OK) == 0 ? claims_open(path) : NULL;
  if (l && plan_lost_read(l, p->program, p->fleet, p->plan->start, p->arena, &frozen) < 0) fprintf(stderr, "tagout: %s\n", ledger_why(l));
  ledger_close(l);
  return frozen;
}

static Verdict write_report(const Args *args, Planning *p, Format format, uint32_t trials, Buf *out) {
  bool watched = args->values[OPT_UNPROVED] != NULL; /* what is proved breaks nothing */
  const Frozen frozen = with_losses(p);
  const Forecast *f = forecast(p->program, p->fleet, &frozen, p->faults, p->plan->start, trials, watched, p->arena);
  PlanReport report = {.plan = p->plan, .fleet = p->fleet, .frozen = &frozen, .forecast = f, .bounds = &p->bounds, .zone = p->zone, .proof = p->proof};
  report.next = next_step(args->values[OPT_OUTPUT], p, forecast_fails(f));
  if (format == FORMAT_JSON) plan_report_json(&report, out);
  else plan_report_text(&report, out);
  return plan_verdict(&report);
}

static ExitCode show(const Args *args, Planning *p, Format format, uint32_t trials) {
  Buf file = BUF_INIT, out = BUF_INIT;
  plan_write(p->plan, &file);
  const char *path = args->values[OPT_OUTPUT];
  bool written = !path || write_file(path, file.data, file.len);
  Verdict verdict = (plan_stands(p->plan) ? write_standing : write_report)(args, p, format, trials, &out);
  if (!(path && strcmp(path, "-") == 0)) fwrite(out.data, 1, out.len, stdout);
  buf_done(&file);
  buf_done(&out);
  return !written ? EXIT_USAGE : verdict == VERDICT_MEETS ? EXIT_DONE : EXIT_INFEASIBLE;
}

static ExitCode run(const Args *args) {
  Format format;
  uint64_t trials = FORECAST_TRIALS, seed;
  const char *trials_text = args->values[OPT_TRIALS], *seed_text = args->values[OPT_SEED];
  if (!format_parse(args->values[OPT_FORMAT], false, &format)) return EXIT_USAGE;
  if (trials_text && !number_parse("trials", trials_text, 1, TRIALS_MAX, &trials)) return EXIT_USAGE;
  if (seed_text && !number_parse("seed", seed_text, 0, INT64_MAX, &seed)) return EXIT_USAGE;
  PlanningOptions o = {.words = args->words, .word_count = args->word_count, .site = args->values[OPT_SITE],
                       .fleet = args->values[OPT_FLEET], .runbook = args->values[OPT_RUNBOOK], .start = args->values[OPT_START],
                       .faults = args->values[OPT_FAULTS], .seed = seed_text, .unproved = args->values[OPT_UNPROVED] != NULL, .may_stand = true};
  Planning p;
  ExitCode code = planning_open(&o, &p);
  if (code == EXIT_DONE) code = show(args, &p, format, (uint32_t)trials);
  planning_done(&p);
  return code;
}

const Verb verb_plan = {
    .name = "plan", .usage = "[options] FILE... [name=value ...]", .summary = "dry run: what a runbook will do, how long, what is out",
    .help = "Runs the bytecode of the runbook in a simulated world and shows the verdict first. FILE is a runbook; a site may stand in\n"
            "a second file. Exit code 0: meets its goal and window, 3: misses or fails, 1: the runbook has errors.",
    .options = options, .least = 1, .most = -1, .run = run};
