/* look: from the words of a command line to the text about a run. */
#include <config.h>

#include "cli/look.h"

#include "cli/rundir.h"

#include <stdio.h>

static bool glanced(const char *dir, Format format, Glance glance) {
  Buf out = BUF_INIT;
  bool told = glance && glance(dir, format, &out);
  if (told) fwrite(out.data, 1, out.len, stdout);
  buf_done(&out);
  return told;
}

static ExitCode show(const char *dir, Format format, const Args *args, Glance glance, Look look) {
  RunState r;
  Buf out = BUF_INIT;
  if (glanced(dir, format, glance)) return EXIT_DONE;
  ExitCode code = run_open(dir, JOURNAL_READ, &r);
  if (code == EXIT_DONE && !look(&r, dir, format, args, &out)) code = EXIT_USAGE;
  if (code == EXIT_DONE && out.len) fwrite(out.data, 1, out.len, stdout);
  buf_done(&out);
  run_close(&r);
  return code;
}

ExitCode look_at(const Args *args, int format, int state, Glance glance, Look look) {
  Format wanted;
  if (!format_parse(args->values[format], false, &wanted)) return EXIT_USAGE;
  Arena *arena = arena_new();
  const char *word = args->word_count ? args->words[0] : NULL;
  const char *dir = rundir_find(arena, state_folder(arena, args->values[state]), word);
  ExitCode code = dir ? show(dir, wanted, args, glance, look) : EXIT_USAGE;
  arena_free(arena);
  return code;
}
