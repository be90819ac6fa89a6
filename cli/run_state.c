/* run_state: opening a run's folder. */
#include <config.h>

#include "cli/run_state.h"

#include "cli/output.h"
#include "cli/rundir.h"
#include "runtime/plan_numbers.h"
#include "runtime/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ExitCode open_journal(RunState *r, JournalMode mode) {
  JournalError error = {0};
  int code = journal_open(r->dir, mode, NULL, &r->journal, &error);
  if (code == 0) return EXIT_DONE;
  print_journal_error(&error);
  return code == -EBUSY ? EXIT_STALE : EXIT_USAGE;
}

static bool load_faults(RunState *r, DiagSink *sink) {
  Faults *own = arena_new_object(r->arena, Faults);
  const char *path = arena_printf(r->arena, "%s/faults.json", r->dir);
  if (access(path, F_OK) == 0) {
    Buf bytes = BUF_INIT;
    const Faults *read = read_file(path, &bytes) ? faults_read(r->program, r->fleet, path, bytes.data, bytes.len, r->arena, sink) : NULL;
    buf_done(&bytes);
    if (!read) return false;
    *own = *read;
    r->faults = own;
  }
  if (*r->record.seed) {
    own->seed = strtoull(r->record.seed, NULL, 10);
    r->faults = own;
  }
  return true;
}

static int64_t cap(const RunState *r) {
  uint32_t count;
  const PlanNumber *numbers = plan_numbers(r->program, r->fleet, r->frozen, &count, r->arena);
  for (uint32_t i = 0; i < count; i++)
    if (numbers[i].sort == NUMBER_BUDGET && numbers[i].per == 0 && numbers[i].amount != INT64_MAX) return numbers[i].amount;
  return 0;
}

static bool load(RunState *r, DiagSink *sink) {
  size_t len;
  const char *bytes = journal_plan(r->journal, &len), *inventory;
  r->plan = plan_read(arena_printf(r->arena, "%s/journal.db", r->dir), bytes, len, r->arena, sink);
  if (!r->plan) r->misread = true;
  if (!r->plan || !(inventory = record_inventory(r->dir, r->arena))) return false;
  r->program = r->plan->program;
  r->fleet = fleet_load(&schema_of_program(r->program, r->arena)->fleet, inventory, FLEET_BY_NAME, sink);
  if (!r->fleet) return false;
  r->frozen = freeze(r->program, r->fleet, r->plan->params, r->plan->param_count, r->record.start, r->arena, sink);
  r->frozen = freeze_looks(r->frozen, r->program, r->plan->site, r->arena);
  if (!r->frozen || !load_faults(r, sink)) return false;
  r->zone = freeze_zone(r->program, r->fleet, r->frozen, r->arena);
  r->engine = engine_new(r->program, r->fleet, r->frozen);
  if (*r->record.ledger) engine_share_budget(r->engine);
  r->cap = cap(r);
  tally_init(&r->tally, r->program, r->arena);
  return true;
}

/* "Compile it again" is no help for a run: what began it reads it. */
static void say_misread(const RunState *r) {
  const char *by = journal_version(r->journal);
  bool same = strcmp(by, PACKAGE_VERSION) == 0;
  fprintf(stderr, "tagout: %s: the plan in its journal is not of the format that this program, version %s, reads: it was begun by %s%s. Go on with that one; "
                  "until then what the run locked stays locked\n", r->id, PACKAGE_VERSION, same ? "another build of " : "version ", by);
}

ExitCode run_open(const char *dir, JournalMode mode, RunState *ret) {
  *ret = (RunState){.arena = arena_new()};
  ret->dir = arena_string(ret->arena, dir, strlen(dir));
  ret->id = rundir_id(ret->dir);
  if (!record_read(dir, ret->arena, &ret->record)) return EXIT_USAGE;
  ExitCode code = open_journal(ret, mode);
  if (code == EXIT_DONE && mode == JOURNAL_RESUME && !record_is(dir, journal_record(ret->journal))) code = EXIT_USAGE;
  if (code != EXIT_DONE) return code;
  DiagSink *sink = diag_sink_new(ret->arena, NULL);
  bool ok = load(ret, sink);
  if (!ret->misread) print_diagnostics(sink, NULL, FORMAT_TEXT);
  else say_misread(ret);
  return ok ? EXIT_DONE : EXIT_USAGE;
}

const char *run_short(const RunState *r) {
  const char *dash = strrchr(r->id, '-');
  return dash && dash[1] ? dash + 1 : r->id;
}

void run_close(RunState *r) {
  tally_done(&r->tally);
  if (r->engine) engine_free(r->engine);
  journal_close(r->journal);
  fleet_free(r->fleet);
  arena_free(r->arena);
}
