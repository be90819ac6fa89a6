/* dump-ast: the syntax tree as text, for the conformance tests. */
#include <config.h>

#include "cli/project.h"
#include "lang/parse.h"
#include "lang/source_load.h"

#include <stdio.h>

enum { OPT_SPANS };
static const Option options[] = {{"spans", NULL, "with byte spans"}, {NULL, NULL, NULL}};

static ExitCode run(const Args *args) {
  Arena *arena = arena_new();
  Intern *names = intern_new();
  SourceMap *map = source_map_new(arena);
  DiagSink *sink = diag_sink_new(arena, map);
  Source *source = source_load(map, arena, sink, args->words[0], (Span){0, 0});
  if (source) {
    Buf out = BUF_INIT;
    File *file = parse_source(source, arena, names, sink);
    ast_dump(&file->node, names, args->values[OPT_SPANS] != NULL, &out);
    if (out.len) fwrite(out.data, 1, out.len, stdout);
    buf_done(&out);
  }
  print_diagnostics(sink, map, FORMAT_TEXT);
  ExitCode code = !source ? EXIT_USAGE : diag_errors(sink) ? EXIT_CHECK : EXIT_DONE;
  intern_free(names);
  arena_free(arena);
  return code;
}

const Verb verb_dump_ast = {.name = "dump_ast", .usage = "[options] FILE", .summary = "print the syntax tree", .help = NULL,
                            .options = options, .least = 1, .most = 1, .run = run, .hidden = true};
