/* approve: a person's signature under a plan, and who has signed. */
#include <config.h>

#include "cli/ack_sign.h"
#include "cli/certified.h"
#include "cli/claims.h"
#include "cli/consent.h"
#include "cli/output.h"
#include "cli/plan_example.h"
#include "cli/planning.h"
#include "cli/reserve.h"
#include "cli/run_record.h"
#include "cli/rundir.h"
#include "runtime/approval.h"
#include "runtime/plan_report.h"
#include "runtime/plan_standing.h"
#include "runtime/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LABEL 13

enum { OPT_KEY, OPT_AS, OPT_ROLE, OPT_LIST, OPT_VERIFY, OPT_YES, OPT_STATE };
static const Option options[] = {{"key", "FILE", "the SSH key to sign with (default: ~/.ssh/id_ed25519)"},
                                 {"as", "PERSON", "who signs, as the role's signers list them (default: the user)"},
                                 {"role", "ROLE", "for which role, when the site asks several"},
                                 {"list", NULL, "sign nothing: who has signed, and what each is worth"},
                                 {"verify", NULL, "as --list, and exit 1 unless a live run would be let in"},
                                 {"yes", NULL, "sign without being asked"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {NULL, NULL, NULL}};

typedef struct Desk {        /* what lies there to be signed */
  const Args *args;
  const char *file;
  Arena *arena;
  DiagSink *sink;
  Plan *plan;
  Fleet *fleet;
  const Frozen *frozen;
  const Forecast *dry_run;   /* NULL: of a plan that stands */
  bool fails;                /* it, or that of an example */
  PlanNeed need;             /* of the fleet's budget */
} Desk;

static bool read_plan(Desk *d) {
  Buf bytes = BUF_INIT;
  bool read = read_file(d->file, &bytes);
  if (read) d->plan = plan_read(d->file, bytes.data, bytes.len, d->arena, d->sink);
  buf_done(&bytes);
  return d->plan != NULL;
}

static bool asks_anybody(const Desk *d) {
  const SiteImage *site = d->plan->site;
  for (uint32_t i = 0; site && i < site->role_count; i++)
    if (site->roles[i].approves) return true;
  if (!site) fprintf(stderr, "tagout approve: %s names no site: it can be drilled only, and a drill needs no approval\n", d->file);
  else fprintf(stderr, "tagout approve: site %s asks nobody to approve plans: no role in it says `approves plans`\n", site->name);
  return false;
}

/* ---- who has signed ---- */

static void list_role(const Desk *d, const SiteSigners *role, Approvals all, Buf *out) {
  buf_printf(out, "%s: %u of %u\n", role->name, approvals_count(all, role->name), role->quorum);
  for (uint32_t i = 0; i < all.count; i++) {
    const Approval *a = &all.items[i];
    if (strcmp(a->role, role->name) != 0) continue;
    buf_printf(out, "  %-*s %-20s  %s", LABEL, a->person, a->at, a->wrong == DIAG_COUNT ? "valid" : "NOT valid: ");
    buf_printf(out, "%s%s%s%s\n", a->wrong == DIAG_COUNT ? "" : a->why, *a->key ? "  " : "", a->key, "");
  }
  (void)d;
}

static ExitCode list(Desk *d) {
  Approvals all = approvals_read(d->plan, approvals_folder(d->file, d->arena), d->plan->site_dir, NULL, d->arena);
  bool enough = approvals_suffice(d->plan, all, d->file, d->sink);
  Buf out = BUF_INIT;
  buf_printf(&out, "plan %s\n", d->plan->digest);
  for (uint32_t i = 0; i < d->plan->site->role_count; i++)
    if (d->plan->site->roles[i].approves) list_role(d, &d->plan->site->roles[i], all, &out);
  for (uint32_t i = 0; i < all.count; i++) {
    const SiteSigners *role = site_role(d->plan->site, all.items[i].role);
    if (!role || !role->approves) buf_printf(&out, "%s: NOT valid: %s\n", all.items[i].file, all.items[i].why);
  }
  fputs(out.data, stdout);
  buf_done(&out);
  if (d->args->values[OPT_VERIFY]) print_diagnostics(d->sink, NULL, FORMAT_TEXT);
  return !enough && d->args->values[OPT_VERIFY] ? EXIT_CHECK : EXIT_DONE;
}

/* ---- what is signed ---- */

static bool open_fleet(Desk *d) {
  const Plan *plan = d->plan;
  d->fleet = fleet_load(&schema_of_program(plan->program, d->arena)->fleet, plan->fleet_path, FLEET_BY_NAME, d->sink);
  if (!d->fleet) return false;
  d->frozen = freeze_open(plan->program, d->fleet, plan->params, plan->param_count, plan->start, d->arena, d->sink);
  return d->frozen && plan_is_fresh(plan, d->fleet, d->frozen, wall_clock(), d->sink) & sources_fresh(plan, d->sink);
}

static void label(const char *text) { printf("  %-*s", LABEL, text); }

static void show_window(const Desk *d) {
  Buf text = BUF_INIT;
  const Zone *zone = freeze_zone(d->plan->program, d->fleet, d->frozen, d->arena);
  label("start");
  zone_format(zone, d->plan->start, &text);
  printf("%s (%s)\n", text.data, zone_name(zone));
  label("window");
  buf_reset(&text);
  if (d->frozen->opening_count) {
    zone_format(zone, d->frozen->openings[0].open, &text);
    buf_str(&text, " to ");
    zone_format(zone, d->frozen->openings[0].close, &text);
    buf_str(&text, d->frozen->window_hard ? ", hard, and the openings behind it" : ", and the openings behind it");
  } else buf_str(&text, "none: it may start at any time");
  printf("%s\n", text.data);
  buf_done(&text);
}

/* Nothing is proved again: what the proof left in the plan is checked, as a live run does before it begins. */
static void show_proof(const Desk *d) {
  DiagSink *sink = diag_sink_new(d->arena, NULL);
  uint32_t line = certified_no_way_back(d->plan->program);
  label("proof");
  if (!certificate_holds(d->plan, d->file, sink)) {
    printf("NOT PROVED: a live run of it needs --unproved\n");
    print_diagnostics(sink, NULL, FORMAT_TEXT);
  } else {
    printf("holds on every path: its certificate was checked\n");
  }
  label("no way back");
  if (line) printf("from line %u on: the first step without undo\n", line);
  else printf("every step can be undone\n");
}

/* A start that was planned for and is over is today. */
static void find_need(Desk *d, int64_t took) {
  int64_t now = wall_clock(), start = d->plan->start > now ? d->plan->start : now;
  PlanBounds bounds = plan_bounds(d->plan->program, d->fleet, d->frozen, start, d->arena, NULL);
  d->need = plan_need(d->plan->program, d->fleet, d->frozen, &bounds, start, took, d->arena);
}

static void show_need(const Desk *d) {
  Buf text = BUF_INIT;
  if (d->need.kind == NONE_INDEX) return;
  plan_need_text(&d->need, d->plan->program, &text);
  label("reserves");
  printf("%s\n", text.data);
  buf_done(&text);
}

/* As `tagout plan` says it: whoever signs should not have to ask. */
static void show_verdict(Desk *d) {
  const Plan *plan = d->plan;
  Buf text = BUF_INIT;
  PlanBounds bounds = plan_bounds(plan->program, d->fleet, d->frozen, plan->start, d->arena, NULL);
  d->dry_run = forecast(plan->program, d->fleet, d->frozen, NULL, plan->start, FORECAST_TRIALS, plan->certificate_len == 0, d->arena);
  PlanReport report = {.plan = plan, .fleet = d->fleet, .frozen = d->frozen, .forecast = d->dry_run, .bounds = &bounds,
                       .zone = freeze_zone(plan->program, d->fleet, d->frozen, d->arena)};
  plan_verdict_text(&report, &text);
  d->fails = forecast_fails(d->dry_run);
  if (d->fails) buf_str(&text, "a live run of it needs --despite-dry-run=WHY\n");
  fputs(text.data, stdout);
  buf_done(&text);
}

static void show_members(Desk *d) {
  const Plan *plan = d->plan;
  const Forecast *f = d->dry_run;
  label("members");
  for (uint32_t i = 0; i < plan->target_count; i++) printf("%s%u %s", i ? ", " : "", plan->targets[i].count, plan->targets[i].name);
  printf("%s\n", plan->target_count ? "" : "none are named");
  label("peak out");
  printf("%u nodes\n", f->peak);
  find_need(d, f->longest);
  show_need(d);
}

/* Who signs it signs every run for an incident. */
static void show_stands(Desk *d) {
  Buf text = BUF_INIT;
  const char *how = plan_example_fails(d->plan, d->fleet, d->arena);
  d->fails = how != NULL;
  if (how) printf("FAILS: the dry run of an example, %s\n", how);
  plan_stands_text(d->plan->program, &text);
  label("stands");
  printf("%s; the members of each run are those of its incident\n", text.data);
  buf_done(&text);
}

static void show(Desk *d) {
  const Plan *plan = d->plan;
  const Program *p = plan->program;
  printf("%s: %s\n", program_str(p, p->name), program_str(p, p->title));
  if (!plan_stands(plan)) show_verdict(d);
  if (plan_stands(plan)) show_stands(d);
  else show_members(d);
  for (uint32_t i = 0; i < plan->param_count; i++) {
    label(i ? "" : "parameters");
    printf("%s=%s\n", plan->params[i].name, plan->params[i].value);
  }
  show_window(d);
  show_proof(d);
  label("made by");
  printf("%s; runbook of %s; site %s\n", plan->made_by, program_str(p, p->owner), plan->site->name);
  label("plan");
  printf("%s\n", plan->digest);
}

/* ---- signing ---- */

static const SiteSigners *choose_role(const Desk *d) {
  const SiteImage *site = d->plan->site;
  const char *wanted = d->args->values[OPT_ROLE];
  const SiteSigners *only = NULL;
  uint32_t n = 0;
  for (uint32_t i = 0; i < site->role_count; i++) {
    if (!site->roles[i].approves || (wanted && strcmp(site->roles[i].name, wanted) != 0)) continue;
    only = &site->roles[i];
    n++;
  }
  if (n == 1) return only;
  fprintf(stderr, "tagout approve: %s; say --role with one of:", n ? "site asks several roles" : "no such role approves plans");
  for (uint32_t i = 0; i < site->role_count; i++)
    if (site->roles[i].approves) fprintf(stderr, " %s", site->roles[i].name);
  fputc('\n', stderr);
  return NULL;
}

/* A name that stands on a line of its own. */
static bool is_person(const char *text) {
  for (const char *c = text; *c; c++)
    if ((unsigned char)*c <= ' ' || *c == 0x7f) {
      fprintf(stderr, "tagout approve: `%s` is no person of a list of signers: a name there has no blanks\n", text);
      return false;
    }
  return *text != '\0';
}

static bool is_enough(const Desk *d) {
  Approvals all = approvals_read(d->plan, approvals_folder(d->file, d->arena), d->plan->site_dir, NULL, d->arena);
  return approvals_suffice(d->plan, all, d->file, diag_sink_new(d->arena, NULL));
}

/* The last signature that is asked for sets the room apart that the run may need; of a plan that stands each run does. Where there is
 * none, it is not kept. */
static ExitCode reserve(Desk *d, const char *file) {
  if (d->need.kind == NONE_INDEX || !is_enough(d)) return EXIT_DONE;
  char *state = arena_printf(d->arena, "%s", state_folder(d->arena, d->args->values[OPT_STATE]));
  Ledger *l = rundir_make(state) ? claims_open(ledger_path(d->arena, state, d->plan->site->name)) : NULL;
  ExitCode code = l ? reserve_take(l, d->plan, d->file, "", &d->need, d->arena, d->sink) : EXIT_USAGE;
  ledger_close(l);
  if (code != EXIT_DONE) unlink(file);
  return code;
}

/* Signed, and held against the site's signers before it is kept: a signature that would not count is not left lying about. */
static ExitCode sign(Desk *d, const SiteSigners *role, const char *person, const char *key) {
  char why[SIGNATURE_WHY];
  Buf text = BUF_INIT;
  char *folder = arena_printf(d->arena, "%s", approvals_folder(d->file, d->arena));
  const char *file = approval_file(folder, role->name, person, d->arena);
  approval_text(d->plan, role->name, person, wall_clock(), &text);
  ExitCode code = EXIT_CHECK;
  if (!signature_make(SIGNATURE_PLAN, key, text.data, &text, why)) fprintf(stderr, "tagout approve: %s: %s\n", key, why);
  else {
    Approval a = approval_judge(d->plan, file, text.data, d->plan->site_dir, NULL, d->arena);
    if (a.wrong != DIAG_COUNT) approval_report(&a, d->sink);
    else code = rundir_make(folder) && write_file(file, text.data, text.len) ? EXIT_DONE : EXIT_USAGE;
    if (code == EXIT_DONE) code = reserve(d, file);
    if (code == EXIT_DONE) printf("%s approves it for %s: %s\n", person, role->name, file);
  }
  buf_done(&text);
  return code;
}

static ExitCode approve(Desk *d) {
  const char *person = d->args->values[OPT_AS] ? d->args->values[OPT_AS] : user_name(d->arena);
  const SiteSigners *role = choose_role(d);
  const char *key = role ? signing_key(d->args->values[OPT_KEY], "approve", d->arena) : NULL;
  if (!key || !is_person(person)) return EXIT_USAGE;
  if (!open_fleet(d)) return d->frozen ? EXIT_STALE : EXIT_USAGE;
  show(d);
  ExitCode code = consent("approve", d->args->values[OPT_YES] != NULL, "approve", "Type approve to sign it%s as %s, for %s",
                          d->fails ? ", though its dry run fails," : "", person, role->name);
  return code == EXIT_DONE ? sign(d, role, person, key) : code;
}

static ExitCode run(const Args *args) {
  Arena *arena = arena_new();
  Desk d = {.args = args, .file = args->words[0], .arena = arena, .sink = diag_sink_new(arena, NULL), .need = {.kind = NONE_INDEX}};
  bool lists = args->values[OPT_LIST] || args->values[OPT_VERIFY];
  ExitCode code = EXIT_USAGE;
  if (read_plan(&d) && asks_anybody(&d)) code = lists ? list(&d) : approve(&d);
  if (!lists || !d.plan) print_diagnostics(d.sink, NULL, FORMAT_TEXT);
  fleet_free(d.fleet);
  arena_free(arena);
  return code;
}

const Verb verb_approve = {
    .name = "approve", .usage = "[options] PLAN", .summary = "sign a plan, or see who has",
    .help = "Shows what is signed, asks, and signs the plan's digest with an SSH key, by ssh-keygen. The signature is a file in\n"
            "PLAN.approvals/, beside the plan. Who may sign for which role is said by the site. Exit code 1: the signature would not\n"
            "count (nothing is kept), or with --verify there are too few; 6: the plan is stale. The last signature that is asked for\n"
            "reserves in the fleet's ledger what the run may have out at most; 3: its budget has no room (nothing is kept).",
    .options = options, .least = 1, .most = 1, .run = run};
