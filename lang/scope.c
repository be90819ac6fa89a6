/* scope: see scope.h. */
#include <config.h>

#include "lang/scope.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void scope_init(Scope *s) { *s = (Scope){0}; }

void scope_done(Scope *s) {
  free(s->heads);
  vec_done(&s->locals);
  vec_done(&s->globals);
  *s = (Scope){0};
}

static void chain(Scope *s, Symbol *symbol) {
  if (symbol->name >= s->head_len) {
    uint32_t len = symbol->name < 512 ? 1024 : symbol->name * 2;
    s->heads = xrealloc(s->heads, size_product(len, sizeof *s->heads));
    memset(s->heads + s->head_len, 0, (len - s->head_len) * sizeof *s->heads);
    s->head_len = len;
  }
  symbol->outer = s->heads[symbol->name];
  s->heads[symbol->name] = symbol;
}

void scope_add_global(Scope *s, Symbol *symbol) {
  assert(s->locals.len == 0);
  chain(s, symbol);
  vec_push(&s->globals, symbol);
}

void scope_push(Scope *s, Symbol *symbol) {
  chain(s, symbol);
  vec_push(&s->locals, symbol);
}

void scope_pop(Scope *s, uint32_t mark) {
  while (s->locals.len > mark) {
    Symbol *symbol = s->locals.items[--s->locals.len];
    assert(s->heads[symbol->name] == symbol);
    s->heads[symbol->name] = symbol->outer;
  }
}
