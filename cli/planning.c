/* planning: every input of a plan, in the order in which they depend on each other. */
#include <config.h>

#include "cli/planning.h"

#include "cli/run_record.h"
#include "runtime/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t wall_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* "2026-01-05 11:00" as a local time of the zone. */
static bool parse_local(const char *text, const Zone *zone, int64_t *ret) {
  Quantity day, time;
  QuantityFault fault;
  const char *space = strchr(text, ' ');
  if (!space || !quantity_parse_as(QUANTITY_DATE, text, (size_t)(space - text), &day, &fault)) return false;
  if (!quantity_parse_as(QUANTITY_TIME, space + 1, strlen(space + 1), &time, &fault)) return false;
  *ret = zone_instant(zone, (int32_t)day.value, (int32_t)time.value, false);
  return true;
}

static bool read_start(const char *text, const Zone *zone, int64_t *ret) {
  Quantity q;
  QuantityFault fault;
  if (strcmp(text, "now") == 0) return *ret = wall_clock(), true;
  if (quantity_parse_as(QUANTITY_DATETIME, text, strlen(text), &q, &fault)) return *ret = q.value, true;
  return parse_local(text, zone, ret);
}

bool parse_start(const char *text, const Zone *zone, int64_t *ret) {
  bool read = read_start(text, zone, ret);
  if (read && *ret >= 0) return true;
  if (read) fprintf(stderr, "tagout: `%s` is no start: it lies before 1970\n", text);
  else fprintf(stderr, "tagout: `%s` is not a start: write 2026-01-05T18:00Z, \"2026-01-05 11:00\" (local time of the window) or now\n", text);
  return false;
}

/* ---- sources ---- */

/* Nobody reviews a plan of what is known to hurt. */
static ExitCode prove_program(const PlanningOptions *o, Planning *p) {
  p->proof = "NOT ASKED FOR (--unproved)";
  if (o->unproved) return EXIT_DONE;
  Replay *replay = replay_new(&(ReplayOptions){.words = o->words, .word_count = o->word_count});
  Buf certificate = BUF_INIT;
  ExitCode code = project_prove_program(p->project, p->program, false, replay, &p->proof, &certificate);
  p->certificate = arena_copy(p->arena, certificate.data ? certificate.data : "", certificate.len);
  p->certificate_len = certificate.len;
  buf_done(&certificate);
  replay_free(replay);
  project_print_errors(p->project);
  if (code != EXIT_DONE) fprintf(stderr, "tagout: there is no plan of a runbook that is not proved; `tagout explain` has each code, --unproved plans it all the same\n");
  return code;
}

static ExitCode compile_sources(const PlanningOptions *o, Planning *p, ParamText *params, uint32_t *ret_params) {
  const char **files = arena_new_array(p->arena, const char *, (size_t)o->word_count);
  int count = 0;
  for (int i = 0; i < o->word_count; i++) {
    const char *equals = strchr(o->words[i], '=');
    if (equals && equals != o->words[i]) {
      params[(*ret_params)++] = (ParamText){.name = arena_string(p->arena, o->words[i], (size_t)(equals - o->words[i])), .value = equals + 1};
      continue;
    }
    files[count++] = o->words[i];
  }
  if (count == 0) {
    fprintf(stderr, "tagout: which runbook? Name its file\n");
    return EXIT_USAGE;
  }
  ExitCode code = project_open(p->project, files, count);
  project_print_errors(p->project);
  if (code != EXIT_DONE) return code;
  p->program = project_compile(p->project, o->runbook);
  if (p->program && p->program->campaigns_count) {
    fprintf(stderr, "tagout: `%s` is a campaign: `tagout calendar` plans it, and each visit is a run of its own\n",
            program_str(p->program, p->program->name));
    return EXIT_USAGE;
  }
  return p->program ? prove_program(o, p) : EXIT_USAGE;
}

static const char *site_folder(const SiteImage *site, Arena *arena) {
  for (uint32_t i = 0; i < site->binding_count; i++)
    if (*site->bindings[i].file) return folder_of(arena, site->bindings[i].file);
  return ".";
}

const char *site_fleet_path(const SiteImage *site, Arena *arena) {
  return *site->fleet_path ? path_beside(arena, arena_printf(arena, "%s/.", site_folder(site, arena)), site->fleet_path) : NULL;
}

/* ---- inventory and targets ---- */

static ExitCode load_fleet(Planning *p, const char *path, DiagSink *sink) {
  if (!path || !*path) {
    fprintf(stderr, "tagout: which inventory? Name it with --fleet, or a site that has one\n");
    return EXIT_USAGE;
  }
  p->fleet = fleet_load(&schema_of_program(p->program, p->arena)->fleet, path, FLEET_BY_NAME, sink);
  return p->fleet ? EXIT_DONE : EXIT_USAGE;
}

static bool load_faults(Planning *p, const PlanningOptions *o, DiagSink *sink) {
  Faults *own = arena_new_object(p->arena, Faults);
  if (o->faults) {
    Buf bytes = BUF_INIT;
    const Faults *read = read_file(o->faults, &bytes) ? faults_read(p->program, p->fleet, o->faults, bytes.data, bytes.len, p->arena, sink)
                                                      : NULL;
    buf_done(&bytes);
    if (!read) return false;
    *own = *read;
  }
  if (o->seed) own->seed = strtoull(o->seed, NULL, 10);
  if (o->faults || o->seed) p->faults = own;
  return true;
}

/* What was typed wrong is wrong usage; a selection or a window that cannot be is a plan that cannot. */
static ExitCode why_not_frozen(DiagSink *sink) {
  DiagCode first = diag_get(sink, 0)->code;
  bool typed = first == E_PARAM_MISSING || first == E_PARAM_UNKNOWN || first == E_PARAM_VALUE;
  return typed || first == E_ZONE_UNKNOWN ? EXIT_USAGE : EXIT_INFEASIBLE;
}

static const Frozen *freeze_now(const Planning *p, const PlanningOptions *o, int64_t start, DiagSink *sink) {
  return (o->may_stand ? freeze_open : freeze)(p->program, p->fleet, p->params, p->param_count, start, p->arena, sink);
}

/* Frozen for the start that was asked for; without one, for the first moment at which the window is open. */
static ExitCode freeze_targets(Planning *p, const PlanningOptions *o, DiagSink *sink, int64_t *ret_start) {
  int64_t start = wall_clock() / 1000 * 1000;
  p->frozen = freeze_now(p, o, start, sink);
  if (!p->frozen) return why_not_frozen(sink);
  p->zone = freeze_zone(p->program, p->fleet, p->frozen, p->arena);
  if (o->start && !parse_start(o->start, p->zone, &start)) return EXIT_USAGE;
  if (!o->start && p->frozen->opening_count && p->frozen->openings[0].open > start) start = p->frozen->openings[0].open;
  p->frozen = freeze_now(p, o, start, sink);
  *ret_start = start;
  return p->frozen ? EXIT_DONE : EXIT_INFEASIBLE;
}

/* Part of the proof: that no wait is in vain. Of a plan that stands it is asked for each run. */
static ExitCode find_bounds(Planning *p, const PlanningOptions *o, int64_t start, DiagSink *sink) {
  if (o->may_stand && freeze_stands(p->program, p->params, p->param_count)) return EXIT_DONE;
  p->bounds = plan_bounds(p->program, p->fleet, p->frozen, start, p->arena, sink);
  if (o->unproved) return EXIT_DONE;
  return plan_bounds_check(p->program, p->fleet, &p->bounds, sink) ? EXIT_DONE : EXIT_INFEASIBLE;
}

static ExitCode open_all(const PlanningOptions *o, Planning *p) {
  ParamText *params = arena_new_array(p->arena, ParamText, (size_t)o->word_count);
  uint32_t param_count = 0;
  ExitCode code = compile_sources(o, p, params, &param_count);
  p->params = params, p->param_count = param_count;
  if (code != EXIT_DONE) return code;
  const SiteImage *site = project_site(p->project, o->site);
  if (o->site && !site) return EXIT_USAGE;
  const char *dir = site ? site_folder(site, p->arena) : "";
  const char *path = o->fleet ? o->fleet : site ? site_fleet_path(site, p->arena) : NULL;
  DiagSink *sink = diag_sink_new(p->arena, NULL);
  int64_t start = 0;
  code = load_fleet(p, path, sink);
  if (code == EXIT_DONE && !load_faults(p, o, sink)) code = EXIT_USAGE;
  if (code == EXIT_DONE) code = freeze_targets(p, o, sink, &start);
  if (code == EXIT_DONE) p->frozen = freeze_looks(p->frozen, p->program, site, p->arena);
  if (code == EXIT_DONE) code = find_bounds(p, o, start, sink);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (code == EXIT_DONE) {
    p->plan = plan_make(p->program, p->fleet, p->frozen, path, site, dir, params, param_count, start, p->arena);
    p->plan->certificate = p->certificate, p->plan->certificate_len = p->certificate_len;
    p->plan->made_at = wall_clock();
    p->plan->made_by = user_name(p->arena);
    p->plan->sources = project_sources(p->project, p->arena);
  }
  return code;
}

ExitCode planning_open(const PlanningOptions *options, Planning *ret) {
  *ret = (Planning){.project = project_new(), .arena = arena_new()};
  return open_all(options, ret);
}

void planning_done(Planning *p) {
  fleet_free(p->fleet);
  project_free(p->project);
  arena_free(p->arena);
}

/* What stands at a source now; "" where nothing does. */
static void digest_now(const PlanSource *s, char ret[DIGEST_HEX]) {
  ret[0] = '\0';
  if (s->library) {
    project_library_digest(s->name, ret);
    return;
  }
  Buf bytes = BUF_INIT;
  if (access(s->name, R_OK) == 0 && read_file(s->name, &bytes)) digest_hex(bytes.data, bytes.len, ret);
  buf_done(&bytes);
}

bool sources_fresh(const Plan *plan, DiagSink *sink) {
  Arena *arena = arena_new();
  char(*now)[DIGEST_HEX] = arena_alloc(arena, size_product(plan->sources.count, sizeof *now));
  for (uint32_t i = 0; i < plan->sources.count; i++) digest_now(&plan->sources.items[i], now[i]);
  bool fresh = plan_sources_fresh(plan->sources, (const char(*)[DIGEST_HEX])now, plan_age(plan, wall_clock(), arena), sink);
  arena_free(arena);
  return fresh;
}
