/* run: carries out a plan, or drills a runbook. */
#include <config.h>

#include "cli/conduct.h"
#include "cli/launch.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "runtime/arrival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRILL_SPEED 600.0
#define SPEED_MOST 1e6

enum { OPT_SITE, OPT_FLEET, OPT_RUNBOOK, OPT_START, OPT_WORLD, OPT_SPEED, OPT_FAULTS, OPT_SEED, OPT_PROGRESS, OPT_YES, OPT_WAIT, OPT_UNPROVED, OPT_DESPITE, OPT_STATE };
static const Option options[] = {
    {"site", "NAME", "FILE is a runbook: the site whose inventory is meant"},
    {"fleet", "PATH", "FILE is a runbook: the inventory (default: the site's)"},
    {"runbook", "NAME", "FILE is a runbook: which one, when it has several"},
    {"start", "TIME", "FILE is a runbook: when the drill begins, in its own time"},
    {"world", "WORLD", "live, or drill: a simulated fleet (default: live for a plan with a site)"},
    {"speed", "N", "drill: how many times as fast as real time (600; 0: at once)"},
    {"faults", "FILE", "drill: what shall go wrong"},
    {"seed", "N", "drill: seed of the simulated durations"},
    {"progress", "VIEW", "auto (default), tty, plain or none"},
    {"yes", NULL, "live: start without being asked"},
    {"wait", NULL, "live: start outside the window, and wait for it"},
    {"unproved", NULL, "live: run it though it is not proved safe"},
    {"despite-dry-run", "WHY", "live: run it though its dry run fails; why stays in its record"},
    {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
    {NULL, NULL, NULL}};

static bool ends_in(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

static bool any_runbook(const Args *args) {
  for (int i = 0; i < args->word_count; i++)
    if (ends_in(args->words[i], ".runbook")) return true;
  return false;
}

static bool usage(const char *what) {
  fprintf(stderr, "tagout run: %s\n", what);
  return false;
}

static bool parse_speed(const char *text, double *ret) {
  char *end;
  *ret = DRILL_SPEED;
  if (!text) return true;
  *ret = strtod(text, &end);
  return (*text && *end == '\0' && *ret >= 0 && *ret <= SPEED_MOST) || usage("--speed is a number from 0 to 1000000");
}

/* A runbook is drilled. A plan is run live when it names a site, unless something was said that only a drill knows. */
static bool parse_world(const Args *args, bool runbook, Launch *l) {
  const char *text = args->values[OPT_WORLD];
  bool drills = args->values[OPT_FAULTS] || args->values[OPT_SEED] || args->values[OPT_SPEED];
  l->world = WORLD_DRILL;
  l->world_by_plan = !text && !runbook && !drills;
  if (text && strcmp(text, "live") == 0) l->world = WORLD_LIVE;
  else if (text && strcmp(text, "drill") != 0) return usage("--world is live or drill");
  if (l->world == WORLD_LIVE && runbook) return usage("a live run needs a plan: `tagout plan ... --site NAME -o FILE.plan`");
  if (l->world == WORLD_LIVE && drills) return usage("--faults, --seed and --speed are for drills");
  return true;
}

static ExitCode plan_of_runbook(const Args *args, Buf *out) {
  PlanningOptions o = {.words = args->words, .word_count = args->word_count, .site = args->values[OPT_SITE],
                       .fleet = args->values[OPT_FLEET], .runbook = args->values[OPT_RUNBOOK], .start = args->values[OPT_START],
                       .unproved = true}; /* nobody is hurt in a drill */
  Planning p;
  ExitCode code = planning_open(&o, &p);
  if (code == EXIT_DONE) plan_write(p.plan, out);
  planning_done(&p);
  return code;
}

static ExitCode plan_of_file(const Args *args, Buf *out) {
  if (args->word_count != 1 || args->values[OPT_SITE] || args->values[OPT_FLEET] || args->values[OPT_RUNBOOK] || args->values[OPT_START])
    return usage("a plan is complete: it takes no parameters, site, fleet, runbook or start"), EXIT_USAGE;
  return read_file(args->words[0], out) ? EXIT_DONE : EXIT_USAGE;
}

static ExitCode start(const Args *args, Launch *l, ProgressMode view, bool runbook) {
  Buf plan = BUF_INIT;
  Arena *arena = arena_new();
  const char *dir;
  l->state = state_folder(arena, args->values[OPT_STATE]);
  l->by = user_name(arena);
  ExitCode code = runbook ? plan_of_runbook(args, &plan) : plan_of_file(args, &plan);
  if (code == EXIT_DONE) {
    l->plan = plan.data;
    l->plan_len = plan.len;
    code = launch(l, arena, &dir);
  }
  if (code == EXIT_DONE) {
    ConductOptions o = {.progress = view, .by = l->by, .plan = plan.data, .plan_len = plan.len};
    code = conduct(dir, &o);
  }
  buf_done(&plan);
  arena_free(arena);
  return code;
}

static ExitCode run(const Args *args) {
  bool runbook = any_runbook(args);
  ProgressMode view;
  uint64_t seed;
  Launch l = {.file = args->words[0], .faults = args->values[OPT_FAULTS], .seed = args->values[OPT_SEED],
              .yes = args->values[OPT_YES] != NULL, .wait = args->values[OPT_WAIT] != NULL, .unproved = args->values[OPT_UNPROVED] != NULL,
              .despite = args->values[OPT_DESPITE]};
  if (l.despite && (!*l.despite || !arrival_plain(l.despite))) return usage("--despite-dry-run=WHY: why, in one line of UTF-8"), EXIT_USAGE;
  if (!progress_parse(args->values[OPT_PROGRESS], &view) || !parse_world(args, runbook, &l) ||
      !parse_speed(args->values[OPT_SPEED], &l.speed) || (l.seed && !number_parse("seed", l.seed, 0, INT64_MAX, &seed)))
    return EXIT_USAGE;
  return start(args, &l, view, runbook);
}

const Verb verb_run = {
    .name = "run", .usage = "[options] FILE.plan | FILE.runbook... [name=value ...]", .summary = "carry out a plan, or drill a runbook",
    .help = "A plan is run exactly as it was reviewed; when what it relies on has changed, it is refused and the change is named. A\n"
            "runbook is planned on the spot and drilled: the fleet is simulated, time runs faster. Ctrl-C once starts nothing new,\n"
            "twice leaves; a run that was left, or killed, goes on with `tagout resume`.\n"
            "Exit code 0: completed, 1: the runbook or the site has errors, 3: a requirement does not hold, 4: rolled back or failed,\n"
            "5: stopped by a person, 6: stale plan, 7: outside the window, 8: cut off, resumable.",
    .options = options, .least = 1, .most = -1, .run = run};
