/* status: how a run stands. */
#include <config.h>

#include "cli/asking.h"
#include "cli/kept.h"
#include "cli/look.h"
#include "cli/planning.h"
#include "cli/standing.h"
#include "cli/status.h"

enum { OPT_FORMAT, OPT_STATE };
static const Option options[] = {{"format", "FORMAT", "text (default) or json"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {NULL, NULL, NULL}};

static bool tell(RunState *r, const char *dir, Format format, const Args *args, Buf *out) {
  char owner[160];
  (void)args;
  if (!run_replay(r, NULL) || !standing_hear(r)) return false;
  bool goes_on = engine_outcome(r->engine) == RUN_GOING && r->tally.events > 0 && r->record.world == WORLD_LIVE;
  if (goes_on) r->now = wall_clock();
  const char *who = journal_owned(dir, owner, sizeof owner) ? owner : NULL;
  if (format == FORMAT_JSON) status_json(r, who, out);
  else status_text(r, who, out);
  return true;
}

static bool glance(const char *dir, Format format, Buf *out) { return asking_status(dir, format, out) || kept_status(dir, format, out); }

static ExitCode run(const Args *args) { return look_at(args, OPT_FORMAT, OPT_STATE, glance, tell); }

const Verb verb_status = {.name = "status", .usage = "[options] [RUN]",
                          .summary = "show how a run stands: done, out, locks, gates, what it waits for",
                          .help = "The process that has the run in hands is asked; else it is told from the journal, so it works on a run that has\n"
                                  "ended, or whose process is dead, too.",
                          .options = options, .least = 0, .most = 1, .run = run};
