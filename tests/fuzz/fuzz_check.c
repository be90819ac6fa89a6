/* Fuzz target: text to program. Whatever passes the checker is compiled to a program that the loader's verifier accepts
 * (or refused with a limit of the machine), the same one each time; nothing else is said without a message. The modules
 * of the library can be used. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lang/compilation.h"
#include "lang/compile.h"
#include "lang/source_load.h"
#include "stdlib/stdlib.h"

const char *const fuzz_corpora[] = {"tests/conformance", "tests/fuzz/corpus/parse", "runbooks", "stdlib", NULL};
const char *const fuzz_suffix = ".runbook";

static void must(bool holds) {
  if (!holds) abort();
}

static Source *load_module(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from, const char *module) {
  (void)ctx, (void)arena, (void)sink, (void)from;
  const EmbeddedFile *file = embedded_find(&stdlib_files, module, strlen(module));
  Source *s = file ? source_add(map, file->name, file->text, file->len) : NULL;
  if (s) s->library = true;
  return s;
}

static void check_program(Compilation *c, RunbookDecl *r) {
  const Program *p = compile_runbook(c, r, c->arena);
  must(p != NULL || diag_errors(c->sink) > 0);
  if (!p) return;
  Buf image = BUF_INIT, again = BUF_INIT;
  program_write(p, &image);
  must(program_read("fuzz.program", (const uint8_t *)image.data, image.len, c->arena, c->sink) != NULL);
  program_write(compile_runbook(c, r, c->arena), &again);
  must(again.len == image.len && memcmp(again.data, image.data, image.len) == 0);
  buf_done(&image);
  buf_done(&again);
}

static void compile_all(Compilation *c) {
  for (uint32_t i = 0; i < c->runbooks.len; i++) check_program(c, ast_cast(RunbookDecl, RUNBOOK, c->runbooks.items[i]->decl));
  for (uint32_t i = 0; i < c->sites.len; i++) must(compile_site(c, ast_cast(SiteDecl, SITE, c->sites.items[i]->decl), c->arena) != NULL);
  for (uint32_t i = 0; i < c->tests.len; i++) must(compile_test(c, c->tests.items[i], c->arena) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ModuleLoader loader = {.load = load_module};
  Compilation *c = compilation_new(&loader);
  Source *s = source_load_bytes(c->map, c->arena, c->sink, "fuzz.runbook", (const char *)data, size);
  if (s) compilation_add(c, s);
  bool good = compilation_check(c);
  must(good == (diag_errors(c->sink) == 0));
  if (s && good) compile_all(c);
  Buf out = BUF_INIT;
  diag_render_text(c->sink, c->map, (DiagStyle){.color = false, .width = 80}, &out);
  must((out.len > 0) == (diag_count(c->sink) > 0));
  buf_done(&out);
  compilation_free(c);
  return 0;
}
