/* load: a runbook's text to its program; apart from the rest because the names of the compiler and of the runtime clash. */
#ifndef TAGOUT_TESTS_ORACLE_LOAD_H
#define TAGOUT_TESTS_ORACLE_LOAD_H

#include "lang/arena.h"
#include "lang/program.h"

typedef struct Loaded {
  struct Compilation *compilation;
  Arena *arena;             /* the compilation's: lives until load_done */
  const Program *program;   /* of the first runbook in the file; NULL: see why */
  const char *why;
} Loaded;

Loaded load_file(const char *file);
void load_done(Loaded *l);

#endif
