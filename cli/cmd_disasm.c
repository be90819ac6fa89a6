/* disasm: what a program does, instruction by instruction; of a program file or of a runbook. */
#include <config.h>

#include "cli/project.h"

#include <stdio.h>
#include <string.h>

enum { OPT_RUNBOOK, OPT_BRIEF };
static const Option options[] = {{"runbook", "NAME", "which runbook, when the file has several"},
                                 {"brief", NULL, "leave out what the modules declare, and digests"}, {NULL, NULL, NULL}};

static void print_program(const Program *program, bool brief) {
  Buf out = BUF_INIT;
  if (brief) disasm_runbook(program, &out);
  else disasm(program, &out);
  if (out.len) fwrite(out.data, 1, out.len, stdout);
  buf_done(&out);
}

static ExitCode disasm_source(const Args *args) {
  Project *p = project_new();
  ExitCode code = project_open(p, args->words, 1);
  project_print_errors(p);
  const Program *program = code == EXIT_DONE ? project_compile(p, args->values[OPT_RUNBOOK]) : NULL;
  if (program) print_program(program, args->values[OPT_BRIEF] != NULL);
  else if (code == EXIT_DONE) code = EXIT_USAGE;
  project_free(p);
  return code;
}

static ExitCode disasm_program(const char *path, bool brief) {
  Buf bytes = BUF_INIT;
  if (!read_file(path, &bytes)) return EXIT_USAGE;
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  const Program *program = program_read(path, (const uint8_t *)bytes.data, bytes.len, arena, sink);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (program) print_program(program, brief);
  buf_done(&bytes);
  arena_free(arena);
  return program ? EXIT_DONE : EXIT_CHECK;
}

static ExitCode run(const Args *args) {
  const char *dot = strrchr(args->words[0], '.');
  return dot && strcmp(dot, ".runbook") == 0 ? disasm_source(args) : disasm_program(args->words[0], args->values[OPT_BRIEF] != NULL);
}

const Verb verb_disasm = {.name = "disasm", .usage = "[options] FILE", .summary = "print the bytecode of a program file or a runbook",
                          .help = "A program file is verified first; one that does not pass is never shown as if it could run (exit code 1).",
                          .options = options, .least = 1, .most = 1, .run = run};
