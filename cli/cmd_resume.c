/* resume: goes on with a run that was left or killed. */
#include <config.h>

#include "cli/conduct.h"
#include "cli/consent.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "cli/stake.h"
#include "cli/status.h"

#include <stdio.h>

enum { OPT_PROGRESS, OPT_STATE, OPT_YES };
static const Option options[] = {{"progress", "VIEW", "auto (default), tty, plain or none"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {"yes", NULL, "live: without being asked"},
                                 {NULL, NULL, NULL}};

static void count_letter(void *ctx, const Event *e) {
  (void)e;
  ++*(uint32_t *)ctx;
}

static void say_letters(RunState *r) {
  JournalError error = {0};
  uint32_t letters = 0;
  if (inbox_left(r->journal, count_letter, &letters, &error) < 0) print_journal_error(&error);
  if (letters) printf("  %u message%s in its inbox, taken first: `tagout status %s`\n", letters, letters == 1 ? "" : "s", run_short(r));
}

static void say_resume(RunState *r) {
  Buf idle = BUF_INIT;
  int64_t since = wall_clock() - r->tally.latest;
  printf("%s: goes on live where it stopped", r->id);
  if (r->tally.events && since > 0) printf(", %s ago", show_duration(since / 1000 * 1000, &idle));
  printf("\n");
  stake_members(r);
  stake_in_flight(r, "in flight when it stopped");
  printf("  each of them is read back, sent again or asked about, as its contract says; no step that finished runs again\n");
  stake_locks(r, " and go on standing until they are released");
  say_letters(r);
  buf_done(&idle);
}

/* A live run that nobody has: what will go on is said before it does. Everything else is conduct's to tell. */
static ExitCode agreed(const char *dir, bool yes) {
  RunState r = {0};
  if (yes || journal_owned(dir, NULL, 0)) return EXIT_DONE;
  ExitCode code = run_open(dir, JOURNAL_READ, &r);
  if (code == EXIT_DONE && r.record.world == WORLD_LIVE) {
    if (!run_replay(&r, NULL)) code = EXIT_USAGE;
    bool goes_on = code == EXIT_DONE && engine_outcome(r.engine) == RUN_GOING;
    if (goes_on) say_resume(&r);
    if (goes_on) code = consent("resume", false, "resume", "Type resume to do it");
  }
  run_close(&r);
  return code;
}

static ExitCode run(const Args *args) {
  ConductOptions o;
  if (!progress_parse(args->values[OPT_PROGRESS], &o.progress)) return EXIT_USAGE;
  Arena *arena = arena_new();
  const char *dir = rundir_find(arena, state_folder(arena, args->values[OPT_STATE]), args->word_count ? args->words[0] : NULL);
  o.by = user_name(arena);
  ExitCode code = dir ? agreed(dir, args->values[OPT_YES] != NULL) : EXIT_USAGE;
  if (code == EXIT_DONE) code = conduct(dir, &o);
  arena_free(arena);
  return code;
}

const Verb verb_resume = {
    .name = "resume", .usage = "[options] [RUN]", .summary = "go on with a run that was left or killed",
    .help = "Replays the journal, ends programs that the dead run left behind, reads back what was in flight (or asks, where the\n"
            "contract says so), and goes on. No step that finished runs again. Of a live run it says first what will go on, and\n"
            "asks. RUN is the name of a run, its last four characters, the beginning of its name, or its folder; without it the\n"
            "latest. Exit codes as of `tagout run`; 6: another process has it.",
    .options = options, .least = 0, .most = 1, .run = run};
