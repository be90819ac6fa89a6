/* log: the story of a run. */
#include <config.h>

#include "cli/chronicle.h"
#include "cli/output.h"
#include "cli/rundir.h"

#include <stdio.h>

enum { OPT_ALL, OPT_FORMAT, OPT_STATE };
static const Option options[] = {{"all", NULL, "every member, action and lock too"},
                                 {"format", "FORMAT", "text (default), or json: everything"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"}, {NULL, NULL, NULL}};

static ExitCode show(const char *dir, Format format, bool all) {
  RunState r;
  Buf out = BUF_INIT;
  ExitCode code = run_open(dir, JOURNAL_READ, &r);
  if (code == EXIT_DONE && !(format == FORMAT_JSON ? chronicle_json(&r, &out) : chronicle_text(&r, all, &out))) code = EXIT_USAGE;
  if (code == EXIT_DONE && out.len) fputs(out.data, stdout);
  buf_done(&out);
  run_close(&r);
  return code;
}

static ExitCode run(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], &format)) return EXIT_USAGE;
  if (format == FORMAT_SARIF) return fprintf(stderr, "tagout log: --format is text or json\n"), EXIT_USAGE;
  Arena *arena = arena_new();
  const char *dir = rundir_find(arena, state_folder(arena, args->values[OPT_STATE]), args->word_count ? args->words[0] : NULL);
  ExitCode code = dir ? show(dir, format, args->values[OPT_ALL] != NULL) : EXIT_USAGE;
  arena_free(arena);
  return code;
}

const Verb verb_log = {.name = "log", .usage = "[options] [RUN]", .summary = "tell the story of a run, with the lines of its runbook",
                       .help = NULL, .options = options, .least = 0, .most = 1, .run = run};
