/* fmt: files in their canonical layout. */
#include <config.h>

#include "cli/output.h"
#include "lang/fmt.h"
#include "lang/source_load.h"

#include <stdio.h>
#include <string.h>

enum { OPT_CHECK, OPT_STDOUT };
static const Option options[] = {{"check", NULL, "change nothing; name the files that are not in this layout"},
                                 {"stdout", NULL, "change nothing; print the result"},
                                 {NULL, NULL, NULL}};

static ExitCode put_result(const Args *args, const char *path, const Source *s, const Buf *out) {
  bool same = out->len == s->len && memcmp(out->data, s->text, out->len) == 0;
  if (args->values[OPT_STDOUT]) return write_file("-", out->data, out->len) ? EXIT_DONE : EXIT_USAGE;
  if (same) return EXIT_DONE;
  printf("%s\n", path);
  if (args->values[OPT_CHECK]) return EXIT_CHECK;
  return write_file(path, out->data, out->len) ? EXIT_DONE : EXIT_USAGE;
}

static ExitCode format_file(const Args *args, const char *path) {
  Arena *arena = arena_new();
  Intern *names = intern_new();
  SourceMap *map = source_map_new(arena);
  DiagSink *sink = diag_sink_new(arena, map);
  Source *source = source_load(map, arena, sink, path, (Span){0, 0});
  Buf out = BUF_INIT;
  buf_reserve(&out, 1);
  ExitCode code = EXIT_USAGE;
  bool good = source && !diag_errors(sink) && fmt_source(source, arena, names, sink, &out);
  if (good) code = put_result(args, path, source, &out);
  else if (source) code = EXIT_CHECK;
  print_diagnostics(sink, map, FORMAT_TEXT);
  buf_done(&out);
  intern_free(names);
  arena_free(arena);
  return code;
}

static ExitCode run(const Args *args) {
  ExitCode worst = EXIT_DONE;
  if (args->values[OPT_CHECK] && args->values[OPT_STDOUT]) {
    fprintf(stderr, "tagout fmt: --check or --stdout, not both\n");
    return EXIT_USAGE;
  }
  for (int i = 0; i < args->word_count; i++) {
    ExitCode code = format_file(args, args->words[i]);
    if (code > worst) worst = code;
  }
  return worst;
}

const Verb verb_fmt = {.name = "fmt",
                       .usage = "[options] FILE...",
                       .summary = "bring files into the one canonical layout",
                       .help = "Files are rewritten where they differ, and their names are printed. A file with a "
                               "syntax error is left alone. Exit code 1: such a file, or with --check one that would "
                               "change.",
                       .options = options,
                       .least = 1,
                       .most = -1,
                       .run = run};
