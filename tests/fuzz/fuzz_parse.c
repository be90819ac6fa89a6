/* Fuzz target: text to syntax tree. Every text gives a tree that can be dumped, and mistakes whose places are in it. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "lang/parse.h"
#include "lang/source_load.h"

const char *const fuzz_corpora[] = {"tests/fuzz/corpus/parse", "stdlib", "runbooks", NULL};
const char *const fuzz_suffix = ".runbook";

static void must(bool holds) {
  if (!holds) abort();
}

static void must_be_in(const Source *s, Span span) {
  must(span.lo <= span.hi);
  must(span.hi == 0 || (span.lo >= s->base && span.hi <= s->base + s->len));
}

static void check_mistakes(DiagSink *sink, const SourceMap *map, const Source *s) {
  for (uint32_t i = 0; i < diag_count(sink); i++) {
    const Diag *d = diag_get(sink, i);
    must_be_in(s, d->span);
    for (const DiagLabel *l = d->labels; l; l = l->next) must_be_in(s, l->span);
    for (const DiagFix *f = d->fixes; f; f = f->next) must_be_in(s, f->span);
  }
  Buf out = BUF_INIT;
  diag_render_text(sink, map, (DiagStyle){.color = false, .width = 80}, &out);
  must((out.len > 0) == (diag_count(sink) > 0));
  buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Arena *arena = arena_new();
  Intern *names = intern_new();
  SourceMap *map = source_map_new(arena);
  DiagSink *sink = diag_sink_new(arena, map);
  Source *s = source_load_bytes(map, arena, sink, "fuzz.runbook", (const char *)data, size);
  must(s != NULL || diag_errors(sink) > 0);
  if (s) {
    Buf dump = BUF_INIT;
    File *file = parse_source(s, arena, names, sink);
    must(file != NULL);
    ast_dump(&file->node, names, true, &dump);
    must(dump.len > 0);
    check_mistakes(sink, map, s);
    buf_done(&dump);
  }
  intern_free(names);
  arena_free(arena);
  return 0;
}
