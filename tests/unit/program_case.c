/* program_case: the compiler on one text without modules. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <config.h>

#include "tests/unit/program_case.h"

#include "lang/compile.h"

#include <string.h>

ProgramCase program_case(const char *text, DiagCode but) {
  Compilation *c = compilation_new(NULL);
  size_t len = strlen(text);
  char *copy = arena_alloc(c->arena, len + 2); /* two NULs behind it: the scanner's */
  memcpy(copy, text, len);
  compilation_add(c, source_add(c->map, "t.runbook", copy, len));
  bool right = compilation_check(c);
  for (uint32_t i = 0; !right && i < diag_count(c->sink); i++) {
    const Diag *d = diag_get(c->sink, i);
    if (d->severity == SEV_ERROR && d->code != but) fail_msg("%s: %s", diag_code_text(d->code), d->message);
  }
  const Program *p = compile_runbook(c, (RunbookDecl *)c->runbooks.items[0]->decl, c->arena);
  assert_non_null(p);
  return (ProgramCase){c, c->arena, p};
}

void program_case_done(ProgramCase *c) { compilation_free(c->compilation); }
