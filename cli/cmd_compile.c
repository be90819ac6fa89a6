/* compile: a runbook to a program file. */
#include <config.h>

#include "cli/project.h"

#include <stdio.h>

enum { OPT_OUTPUT, OPT_RUNBOOK };
static const Option options[] = {{"output", "FILE", "where to write (-o; default: NAME.program)"},
                                 {"runbook", "NAME", "which runbook, when the file has several"}, {NULL, NULL, NULL}};

static bool write_program(Project *p, const Program *program, const char *path) {
  Buf image = BUF_INIT;
  program_write(program, &image);
  const char *name = path ? path : arena_printf(project_arena(p), "%s.program", program_str(program, program->name));
  bool ok = write_file(name, image.data, image.len);
  buf_done(&image);
  return ok;
}

static ExitCode run(const Args *args) {
  Project *p = project_new();
  ExitCode code = project_open(p, args->words, 1);
  project_print_errors(p);
  const Program *program = code == EXIT_DONE ? project_compile(p, args->values[OPT_RUNBOOK]) : NULL;
  if (code == EXIT_DONE && (!program || !write_program(p, program, args->values[OPT_OUTPUT]))) code = EXIT_USAGE;
  project_free(p);
  return code;
}

const Verb verb_compile = {.name = "compile", .usage = "[options] FILE", .summary = "compile a runbook to a program file",
                           .help = NULL, .options = options, .least = 1, .most = 1, .run = run};
