/* log: the story of a run, and whether its record is whole. */
#include <config.h>

#include "cli/attest.h"
#include "cli/chronicle.h"
#include "cli/locked.h"
#include "cli/look.h"
#include "cli/rundir.h"
#include "cli/standing.h"

#include <stdio.h>

enum { OPT_ALL, OPT_VERIFY, OPT_HEAD, OPT_FORMAT, OPT_STATE };
static const Option options[] = {{"all", NULL, "every member, action and lock too"},
                                 {"verify", NULL, "no story: is the record as it was written?"},
                                 {"head", "HEX", "with --verify: the head that was noted elsewhere"},
                                 {"format", "FORMAT", "text (default), or json: everything"},
                                 {"state", "FOLDER", "where runs are kept (default: $TAGOUT_STATE, XDG's)"},
                                 {NULL, NULL, NULL}};

#define LABEL 12 /* the words stand under the times of the story */

static bool tell(RunState *r, const char *dir, Format format, const Args *args, Buf *out) {
  char owner[160];
  if (format == FORMAT_JSON) return chronicle_json(r, out);
  chronicle_head(r, out);
  if (!chronicle_text(r, args->values[OPT_ALL] != NULL, out)) return false;
  if (!run_replay(r, NULL) || !standing_hear(r)) return true; /* why has been said; the story is worth telling all the same */
  locked_aftermath(r, journal_owned(dir, owner, sizeof owner) ? owner : NULL, LABEL, out);
  return true;
}

/* Of a run that may be damaged in any way: only its journal is opened. */
static ExitCode verify(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], false, &format)) return EXIT_USAGE;
  Arena *arena = arena_new();
  const char *dir = rundir_find(arena, state_folder(arena, args->values[OPT_STATE]), args->word_count ? args->words[0] : NULL);
  ExitCode code = dir ? attest(dir, args->values[OPT_HEAD], format) : EXIT_USAGE;
  arena_free(arena);
  return code;
}

static ExitCode run(const Args *args) {
  if (args->values[OPT_VERIFY]) return verify(args);
  if (!args->values[OPT_HEAD]) return look_at(args, OPT_FORMAT, OPT_STATE, NULL, tell);
  fprintf(stderr, "tagout log: --head goes with --verify\n");
  return EXIT_USAGE;
}

const Verb verb_log = {.name = "log", .usage = "[options] [RUN]",
                       .summary = "tell the story of a run, or verify its record",
                       .help = "The journal of a run is a hash chain. --verify goes through it and names the first event that is not as it was\n"
                               "written; --head holds it against a head that the report printed or an earlier --verify, which also finds an\n"
                               "end that was cut off. Exit code 1: the record was changed.",
                       .options = options, .least = 0, .most = 1, .run = run};
