/* check: everything that can be said about sources without an inventory. */
#include <config.h>

#include "cli/project.h"

#include <stdio.h>

enum { OPT_FORMAT, OPT_QUIET, OPT_NO_PROOF, OPT_PEOPLE };
static const Option options[] = {{"format", "FORMAT", "text (default), json or sarif"},
                                 {"quiet", NULL, "say nothing when nothing is wrong"},
                                 {"no-proof", NULL, "syntax, names, types and units only"},
                                 {"people", NULL, "prove also against people who set members aside"}, {NULL, NULL, NULL}};

static ExitCode run(const Args *args) {
  Format format;
  if (!format_parse(args->values[OPT_FORMAT], true, &format)) return EXIT_USAGE;
  Project *p = project_new();
  ExitCode code = project_open(p, args->words, args->word_count);
  if (code == EXIT_DONE && !args->values[OPT_NO_PROOF]) code = project_prove(p, args->values[OPT_PEOPLE] != NULL);
  project_print(p, format);
  uint32_t runbooks = project_runbook_count(p), tests = project_test_count(p);
  if (format == FORMAT_TEXT && code == EXIT_DONE && !diag_warnings(project_sink(p)) && !args->values[OPT_QUIET])
    printf("%u runbook%s, %u test%s: no mistakes found\n", runbooks,
           runbooks == 1 ? "" : "s", tests, tests == 1 ? "" : "s");
  project_free(p);
  return code;
}

const Verb verb_check = {.name = "check", .usage = "[options] FILE...", .summary = "check runbooks: syntax, names, types, units, rules",
                         .help = "Reports every mistake of every file, with its place, cause and fix. Exit code 0: no errors (there may be\n"
                                 "warnings), 1: errors, 2: a file cannot be read. `-` reads the standard input.",
                         .options = options, .least = 1, .most = -1, .run = run};
