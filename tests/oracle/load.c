/* load: the compiler, with modules from beside the file or from the library. */
#include <config.h>

#include "tests/oracle/load.h"

#include "lang/compilation.h"
#include "lang/compile.h"
#include "lang/source_load.h"
#include "stdlib/stdlib.h"

#include <string.h>
#include <unistd.h>

static Source *load_module(void *ctx, SourceMap *map, Arena *arena, DiagSink *sink, const Source *from, const char *module) {
  (void)ctx;
  const char *slash = strrchr(from->name, '/');
  const char *path = arena_printf(arena, "%.*s%s.runbook", slash ? (int)(slash - from->name + 1) : 0, from->name, module);
  if (!from->library && access(path, R_OK) == 0) return source_load(map, arena, sink, path, (Span){0, 0});
  const EmbeddedFile *file = embedded_find(&stdlib_files, module, strlen(module));
  if (!file) return NULL;
  Source *s = source_add(map, module, file->text, file->len);
  if (s) s->library = true;
  return s;
}

Loaded load_file(const char *file) {
  ModuleLoader loader = {.ctx = NULL, .load = load_module, .offer = NULL};
  Compilation *c = compilation_new(&loader);
  Loaded l = {.compilation = c, .arena = c->arena};
  Source *s = source_load(c->map, c->arena, c->sink, file, (Span){0, 0});
  if (s) compilation_add(c, s);
  if (s && compilation_check(c) && c->runbooks.len > 0)
    l.program = compile_runbook(c, ast_cast(RunbookDecl, RUNBOOK, c->runbooks.items[0]->decl), c->arena);
  if (!l.program) l.why = diag_errors(c->sink) ? diag_get(c->sink, 0)->message : "there is no runbook in it";
  return l;
}

void load_done(Loaded *l) { compilation_free(l->compilation); }
