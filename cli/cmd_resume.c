/* resume: goes on with a run that was left or killed. */
#include <config.h>

#include "cli/conduct.h"
#include "cli/rundir.h"

enum { OPT_PROGRESS, OPT_STATE };
static const Option options[] = {{"progress", "VIEW", "auto (default), tty, plain or none"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"}, {NULL, NULL, NULL}};

static ExitCode run(const Args *args) {
  ConductOptions o;
  if (!progress_parse(args->values[OPT_PROGRESS], &o.progress)) return EXIT_USAGE;
  Arena *arena = arena_new();
  const char *dir = rundir_find(arena, state_folder(arena, args->values[OPT_STATE]), args->word_count ? args->words[0] : NULL);
  o.by = user_name(arena);
  ExitCode code = dir ? conduct(dir, &o) : EXIT_USAGE;
  arena_free(arena);
  return code;
}

const Verb verb_resume = {
    .name = "resume", .usage = "[options] [RUN]", .summary = "go on with a run that was left or killed",
    .help = "Replays the journal, ends programs that the dead run left behind, reads back what was in flight (or asks, where the\n"
            "contract says so), and goes on. No step that finished runs again. RUN is the name of a run, its last four characters, the\n"
            "beginning of its name, or its folder; without it the latest. Exit codes as of `tagout run`; 6: another process has it.",
    .options = options, .least = 0, .most = 1, .run = run};
