/* check: everything that can be said about sources without an inventory. */
#include <config.h>

#include "cli/project.h"

#include <stdio.h>
#include <string.h>

enum { OPT_FLEET, OPT_FORMAT, OPT_NO_PROOF, OPT_PEOPLE, OPT_QUIET, OPT_SAVE };
static const Option options[] = {{"fleet", "PATH", "an inventory: what is found is shown with one of its members"},
                                 {"format", "FORMAT", "text (default), json or sarif"},
                                 {"no-proof", NULL, "syntax, names, types and units only"},
                                 {"people", NULL, "prove also against people who set members aside"},
                                 {"quiet", NULL, "say nothing when nothing is wrong"},
                                 {"save-faults", "DIR", "keep the way to each finding in DIR, as faults for `tagout plan --faults`"},
                                 {NULL, NULL, NULL}};

/* Files are what is no name=value. */
static int files_of(const Args *args, const char **files) {
  int n = 0;
  for (int i = 0; i < args->word_count; i++) {
    const char *equals = strchr(args->words[i], '=');
    if (!equals || equals == args->words[i]) files[n++] = args->words[i];
  }
  return n;
}

static ExitCode prove_all(Project *p, const Args *args) {
  Replay *replay = replay_new(&(ReplayOptions){.fleet = args->values[OPT_FLEET], .words = args->words, .word_count = args->word_count,
                                               .save = args->values[OPT_SAVE]});
  ExitCode code = project_prove(p, args->values[OPT_PEOPLE] != NULL, replay);
  replay_free(replay);
  return code;
}

static ExitCode run(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], true, &format)) return EXIT_USAGE;
  Project *p = project_new();
  const char **files = arena_new_array(project_arena(p), const char *, (size_t)args->word_count + 1);
  ExitCode code = project_open(p, files, files_of(args, files));
  if (code == EXIT_DONE && !args->values[OPT_NO_PROOF]) code = prove_all(p, args);
  project_print(p, format);
  uint32_t runbooks = project_runbook_count(p), tests = project_test_count(p);
  if (format == FORMAT_TEXT && code == EXIT_DONE && !diag_warnings(project_sink(p)) && !args->values[OPT_QUIET])
    printf("%u runbook%s, %u test%s: no mistakes found\n", runbooks,
           runbooks == 1 ? "" : "s", tests, tests == 1 ? "" : "s");
  project_free(p);
  return code;
}

const Verb verb_check = {.name = "check", .usage = "[options] FILE... [name=value ...]", .summary = "check runbooks: syntax, names, types, units, rules",
                         .help = "Reports every mistake of every file, with its place, cause and fix. Exit code 0: no errors (there may be\n"
                                 "warnings), 1: errors, 2: a file cannot be read. `-` reads the standard input.",
                         .options = options, .least = 1, .most = -1, .run = run};
