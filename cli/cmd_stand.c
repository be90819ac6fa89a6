/* stand: a plan of a standing runbook is made to stand, and its incidents are served until the process is stopped. */
#include <config.h>

#include "cli/certified.h"
#include "cli/claims.h"
#include "cli/consent.h"
#include "cli/desk.h"
#include "cli/desk_report.h"
#include "cli/desk_run.h"
#include "cli/desk_ways.h"
#include "cli/output.h"
#include "cli/plan_example.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "cli/run_record.h"
#include "cli/bring.h"
#include "runtime/approval.h"
#include "runtime/live_bind.h"
#include "runtime/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_FOLDER, OPT_LISTEN, OPT_KEEP, OPT_STATUS, OPT_FORMAT, OPT_UNPROVED, OPT_YES, OPT_STATE };
static const Option options[] = {{"folder", "FOLDER", "take incidents from files that are moved into it"},
                                 {"listen", "PORT", "take incidents by HTTP, on the loopback interface"},
                                 {"keep", "DAYS", "remove what is over after so many days (default: 90)"},
                                 {"status", NULL, "show what stands: who serves it, what waits, which runs go on"},
                                 {"format", "FORMAT", "with --status: text (default) or json"},
                                 {"unproved", NULL, "let it stand though it is not proved safe"},
                                 {"yes", NULL, "without being asked"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {NULL, NULL, NULL}};

/* What is to stand. */
typedef struct Stand {
  const Args *args;
  Arena *arena;
  DiagSink *sink;
  const char *file, *state, *name, *dir, *site_dir;
  Buf bytes;
  Plan *plan;
  const char *fails;         /* how the dry run of an example does; NULL: it does not */
  DeskRecord record;
} Stand;

/* ---- checks, as of a run ---- */

static ExitCode cannot(Stand *s, const char *what, const char *fix) {
  Diag *d = diag_at(s->sink, E_NOT_STANDING, s->file, 0, 0, "%s", what);
  diag_note(s->sink, d, "%s", fix);
  return EXIT_USAGE;
}

static ExitCode read_plan(Stand *s) {
  if (!read_file(s->file, &s->bytes)) return EXIT_USAGE;
  s->plan = plan_read(s->file, s->bytes.data, s->bytes.len, s->arena, s->sink);
  if (!s->plan) return EXIT_USAGE;
  if (!arrival_form(s->plan->program)) return cannot(s, "its runbook serves no incident", "only a runbook with `on incident` stands; `tagout run` carries this plan out");
  if (!plan_stands(s->plan)) return cannot(s, "it is the plan of one run", "leave the fields of the incident out when it is planned; `tagout run` carries this plan out");
  if (!s->plan->site) return cannot(s, "it names no site, so nothing could be done for real", "plan it with --site");
  s->name = program_str(s->plan->program, arrival_form(s->plan->program)->name);
  s->site_dir = absolute(s->arena, s->plan->site_dir);
  return EXIT_DONE;
}

static ExitCode check(Stand *s) {
  Fleet *fleet = fleet_load(&schema_of_program(s->plan->program, s->arena)->fleet, s->plan->fleet_path, FLEET_BY_NAME, s->sink);
  if (!fleet) return EXIT_USAGE;
  const LiveBind *b = live_bind(s->plan->site, s->plan->program, fleet, s->site_dir, s->arena, s->sink);
  ExitCode code = b && live_programs(b, s->sink) ? EXIT_DONE : EXIT_CHECK;
  s->fails = plan_example_fails(s->plan, fleet, s->arena);
  fleet_free(fleet);
  if (code == EXIT_DONE && !s->record.unproved && !certificate_holds(s->plan, s->file, s->sink)) code = EXIT_CHECK;
  if (code == EXIT_DONE && !sources_fresh(s->plan, s->sink)) code = EXIT_STALE;
  return code;
}

static ExitCode check_approved(Stand *s) {
  Approvals all = approvals_read(s->plan, approvals_folder(s->file, s->arena), s->site_dir, s->record.by, s->arena);
  return approvals_suffice(s->plan, all, s->file, s->sink) ? EXIT_DONE : EXIT_CHECK;
}

static ExitCode confirm(const Stand *s) {
  bool given = s->args->values[OPT_YES] != NULL;
  if (!given) fprintf(stderr, "%s: %s\nFrom now on each incident `%s` starts a live run. Site %s.\n", program_str(s->plan->program, s->plan->program->name),
                      program_str(s->plan->program, s->plan->program->title), s->name, s->plan->site->name);
  if (s->fails) fprintf(stderr, "The dry run of an example fails: %s.\n", s->fails);
  return consent("stand", given, s->name, "Type %s to let it stand", s->name);
}

/* ---- the desk ---- */

static ExitCode refuse_taken(Stand *s, const char *who) {
  Diag *d = diag_at(s->sink, E_DESK_TAKEN, s->file, 0, 0, "incident `%s` is served by %s already", s->name, *who ? who : "another process");
  diag_note(s->sink, d, "one desk serves an incident: stop that one first; its runs go on, and its incidents wait");
  print_diagnostics(s->sink, NULL, FORMAT_TEXT);
  return EXIT_STALE;
}

/* The approvals are copied with the plan: they are judged again before each run begins. */
static bool copy_approvals(const Stand *s) {
  char *to = arena_printf(s->arena, "%s/standing.plan.approvals", s->dir);
  rundir_remove(to);
  return record_copy_folder(s->arena, approvals_folder(s->file, s->arena), to);
}

static ExitCode serve(Stand *s) {
  Desk d = {.arena = arena_new(), .state = s->state, .swept = UINT64_MAX};
  DiagSink *sink = diag_sink_new(d.arena, NULL);
  ExitCode code = desk_open(s->state, s->name, sink, &d.home);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (code == EXIT_DONE && (!(d.intake = bring_queue(s->state)) || !(d.ledger = claims_open(ledger_path(d.arena, s->state, d.home.plan->site->name))))) code = EXIT_USAGE;
  if (code == EXIT_DONE) code = desk_ways_serve(&d);
  desk_done(&d);
  return code;
}

static ExitCode take_and_serve(Stand *s) {
  char who[160];
  int lock = desk_take(s->dir, who, sizeof who);
  if (lock == -EBUSY) return refuse_taken(s, who);
  if (lock < 0) return EXIT_USAGE;
  ExitCode code = copy_approvals(s) && desk_put(s->dir, s->bytes.data, s->bytes.len, &s->record) ? serve(s) : EXIT_USAGE;
  close(lock);
  return code;
}

static bool read_ways(Stand *s) {
  const char *port = s->args->values[OPT_LISTEN], *folder = s->args->values[OPT_FOLDER];
  uint64_t number, days = DESK_KEEP_DAYS;
  if (s->args->values[OPT_KEEP] && !number_parse("keep", s->args->values[OPT_KEEP], 1, DESK_KEEP_DAYS_MOST, &days)) return false;
  s->record.keep_days = (uint32_t)days;
  s->record.listen = s->record.folder = "";
  if (port && !number_parse("listen", port, 0, 65535, &number)) return false;
  if (port) s->record.listen = arena_printf(s->arena, "127.0.0.1:%s", port);
  if (folder && !arrival_plain(folder)) return fprintf(stderr, "tagout stand: the path of --folder is not UTF-8 of one line\n"), false;
  if (folder && !*(s->record.folder = absolute(s->arena, folder))) return fprintf(stderr, "tagout: %s: %s\n", folder, strerror(errno)), false;
  return true;
}

static ExitCode stand(Stand *s) {
  char *state = arena_printf(s->arena, "%s", state_folder(s->arena, s->args->values[OPT_STATE]));
  s->record.by = user_name(s->arena);
  s->record.since = wall_clock();
  s->record.unproved = s->args->values[OPT_UNPROVED] != NULL;
  s->record.plan_file = absolute(s->arena, s->file);
  if (!read_ways(s) || !rundir_make(state)) return EXIT_USAGE;
  s->state = absolute(s->arena, state);
  ExitCode code = read_plan(s);
  if (code == EXIT_DONE) code = check(s);
  if (code == EXIT_DONE) code = check_approved(s);
  print_diagnostics(s->sink, NULL, FORMAT_TEXT);
  if (code == EXIT_DONE) code = confirm(s);
  if (code != EXIT_DONE) return code;
  s->record.fleet = absolute(s->arena, s->plan->fleet_path);
  s->dir = desk_dir(s->arena, s->state, s->name);
  return take_and_serve(s);
}

static ExitCode show(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], false, &format)) return EXIT_USAGE;
  Arena *arena = arena_new();
  ExitCode code = desk_report(state_folder(arena, args->values[OPT_STATE]), args->word_count ? args->words[0] : NULL, format);
  arena_free(arena);
  return code;
}

static ExitCode run(const Args *args) {
  if (args->values[OPT_STATUS]) return show(args);
  if (args->word_count == 0) return fprintf(stderr, "tagout stand: which plan? `tagout stand --status` shows what stands\n"), EXIT_USAGE;
  Stand s = {.args = args, .arena = arena_new(), .file = args->words[0]};
  s.sink = diag_sink_new(s.arena, NULL);
  ExitCode code = stand(&s);
  buf_done(&s.bytes);
  arena_free(s.arena);
  return code;
}

const Verb verb_stand = {
    .name = "stand", .usage = "[options] PLAN | --status [INCIDENT]", .summary = "let a plan stand: each incident that comes starts a run of it",
    .help = "It serves incidents until it is stopped: SIGTERM starts nothing new and leaves the runs alone, and what comes meanwhile is\n"
            "kept. The next `tagout stand` goes on where this one was, also when it was killed. Exit code 1: the site or an approval is\n"
            "wrong, 6: another process serves this incident.",
    .options = options, .least = 0, .most = 1, .run = run};

/* ---- the process of one run ---- */

static const Option serve_options[] = {{"state", "FOLDER", "where runs are kept"}, {NULL, NULL, NULL}};

static ExitCode serve_one(const Args *args) {
  uint64_t id;
  Arena *arena = arena_new();
  ExitCode code = number_parse("incident", args->words[1], 1, INT64_MAX, &id) ? desk_run(state_folder(arena, args->values[0]), args->words[0], id) : EXIT_USAGE;
  arena_free(arena);
  return code;
}

const Verb verb_serve_incident = {.name = "serve_incident", .usage = "[--state FOLDER] INCIDENT ID", .summary = "lead the run of one incident",
                                  .options = serve_options, .least = 2, .most = 2, .run = serve_one, .hidden = true};
