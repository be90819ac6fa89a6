/* compile: a runbook to a program file, and what its proof leaves behind to a certificate beside it. */
#include <config.h>

#include "cli/project.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OPT_OUTPUT, OPT_RUNBOOK };
static const Option options[] = {{"output", "FILE", "where to write (-o; default: NAME.program)"},
                                 {"runbook", "NAME", "which runbook, when the file has several"}, {NULL, NULL, NULL}};

/* x.program: x.proof. A name that ends otherwise gets it added. */
static const char *beside(Arena *arena, const char *program) {
  size_t len = strlen(program), end = strlen(".program");
  if (len > end && strcmp(program + len - end, ".program") == 0) len -= end;
  return arena_printf(arena, "%.*s.proof", (int)len, program);
}

/* A certificate of what the file held before would be that of another program: none is left beside it. */
static bool write_certificate(const Program *program, const char *path) {
  Buf bytes = BUF_INIT;
  bool ok = true;
  if (project_certify(program, &bytes)) {
    ok = write_file(path, bytes.data, bytes.len);
  } else {
    unlink(path);
    fprintf(stderr, "tagout: %s is not proved safe, so it has no certificate; `tagout check` says why\n", program_str(program, program->name));
  }
  buf_done(&bytes);
  return ok;
}

static bool write_program(Project *p, const Program *program, const char *path) {
  Buf image = BUF_INIT;
  program_write(program, &image);
  const char *name = path ? path : arena_printf(project_arena(p), "%s.program", program_str(program, program->name));
  bool ok = write_file(name, image.data, image.len);
  buf_done(&image);
  return ok && write_certificate(program, beside(project_arena(p), name));
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
                           .help = "Beside the program it writes what its proof leaves behind, NAME.proof: `tagout check-proof` checks it without proving anything\n"
                                    "again. A runbook that is not proved has none.", .options = options, .least = 1, .most = 1, .run = run};
