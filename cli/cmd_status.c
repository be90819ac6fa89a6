/* status: how a run stands. */
#include <config.h>

#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "cli/status.h"

#include <stdio.h>

enum { OPT_FORMAT, OPT_STATE };
static const Option options[] = {{"format", "FORMAT", "text (default) or json"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"}, {NULL, NULL, NULL}};

static ExitCode show(const char *dir, Format format) {
  RunState r;
  char owner[160];
  Buf out = BUF_INIT;
  ExitCode code = run_open(dir, JOURNAL_READ, &r);
  if (code == EXIT_DONE && !run_replay(&r, NULL)) code = EXIT_USAGE;
  if (code == EXIT_DONE) {
    bool goes_on = engine_outcome(r.engine) == RUN_GOING && r.tally.events > 0 && r.record.world == WORLD_LIVE;
    if (goes_on) r.now = wall_clock();
    const char *who = journal_owned(dir, owner, sizeof owner) ? owner : NULL;
    if (format == FORMAT_JSON) status_json(&r, who, &out);
    else status_text(&r, who, &out);
    fputs(out.data, stdout);
  }
  buf_done(&out);
  run_close(&r);
  return code;
}

static ExitCode run(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], &format)) return EXIT_USAGE;
  if (format == FORMAT_SARIF) return fprintf(stderr, "tagout status: --format is text or json\n"), EXIT_USAGE;
  Arena *arena = arena_new();
  const char *dir = rundir_find(arena, state_folder(arena, args->values[OPT_STATE]), args->word_count ? args->words[0] : NULL);
  ExitCode code = dir ? show(dir, format) : EXIT_USAGE;
  arena_free(arena);
  return code;
}

const Verb verb_status = {.name = "status", .usage = "[options] [RUN]", .summary = "show how a run stands: done, out, locks, gates, what it waits for",
                          .help = "From the journal, so it works on a run that goes on, that has ended, or whose process is dead.",
                          .options = options, .least = 0, .most = 1, .run = run};
