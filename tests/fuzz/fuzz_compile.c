/* Fuzz target: source texts. What the checker accepts compiles to a program that its own verifier passes and that comes
 * back from its file, or passes a limit of the machine; the verifier never refuses what the compiler wrote. */
#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lang/compile.h"
#include "lang/utf8.h"

const char *const fuzz_corpora[] = {"tests/conformance/code", NULL};
const char *const fuzz_suffix = ".runbook";

static void must(bool holds) {
  if (!holds) abort();
}

static void check_round_trip(const Program *p, Compilation *c) {
  Buf image = BUF_INIT, again = BUF_INIT;
  program_write(p, &image);
  const Program *read = program_read("fuzz.program", (const uint8_t *)image.data, image.len, c->arena, c->sink);
  must(read != NULL);
  program_write(read, &again);
  must(again.len == image.len && memcmp(again.data, image.data, image.len) == 0);
  buf_reset(&again);
  disasm(read, &again);
  must(again.len > 0);
  buf_done(&image);
  buf_done(&again);
}

static bool has_code(DiagSink *sink, DiagCode code) {
  for (uint32_t i = 0; i < diag_count(sink); i++)
    if (diag_get(sink, i)->code == code) return true;
  return false;
}

static void compile_one(Compilation *c, const Symbol *s) {
  uint32_t errors = diag_errors(c->sink);
  const Program *p = compile_runbook(c, (RunbookDecl *)s->decl, c->arena);
  if (p) check_round_trip(p, c);
  else must(diag_errors(c->sink) > errors && (has_code(c->sink, E_CODE_LIMIT) || has_code(c->sink, E_PROGRAM_LIMIT)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Compilation *c = compilation_new(NULL);
  char *text = arena_alloc(c->arena, size + 2);
  if (size) memcpy(text, data, size);
  bool plain = utf8_first_invalid(text, size) == size && !memchr(text, 0, size);
  if (plain) compilation_add(c, source_add(c->map, "fuzz.runbook", text, size));
  if (plain && compilation_check(c)) {
    for (uint32_t i = 0; i < c->runbooks.len; i++) compile_one(c, c->runbooks.items[i]);
    for (uint32_t i = 0; i < c->sites.len; i++) compile_site(c, (SiteDecl *)c->sites.items[i]->decl, c->arena);
    for (uint32_t i = 0; i < c->tests.len; i++) compile_test(c, c->tests.items[i], c->arena);
  }
  compilation_free(c);
  return 0;
}
