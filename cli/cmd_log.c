/* log: the story of a run. */
#include <config.h>

#include "cli/chronicle.h"
#include "cli/look.h"

enum { OPT_ALL, OPT_FORMAT, OPT_STATE };
static const Option options[] = {{"all", NULL, "every member, action and lock too"},
                                 {"format", "FORMAT", "text (default), or json: everything"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {NULL, NULL, NULL}};

static bool tell(RunState *r, const char *dir, Format format, const Args *args, Buf *out) {
  (void)dir;
  return format == FORMAT_JSON ? chronicle_json(r, out) : chronicle_text(r, args->values[OPT_ALL] != NULL, out);
}

static ExitCode run(const Args *args) { return look_at(args, OPT_FORMAT, OPT_STATE, tell); }

const Verb verb_log = {.name = "log", .usage = "[options] [RUN]",
                       .summary = "tell the story of a run, with the lines of its runbook", .help = NULL,
                       .options = options, .least = 0, .most = 1, .run = run};
