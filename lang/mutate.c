/* mutate: see mutate.h. Owns the list of mutants, the words of their sentences and the text that comes of their edits. */
#include <config.h>

#include "lang/mutate_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BRIEF_MAX 60u /* bytes of source in a sentence */

const char *mutant_kind_word(MutantKind kind) {
  static const char *const words[] = {
#define MUTANT(kind, word) word,
#include "lang/mutate.def"
#undef MUTANT
  };
  return words[kind];
}

/* ---- text ---- */

static const char *bytes_at(const Source *s, SrcPos pos) {
  assert(pos >= s->base && pos <= s->base + s->len);
  return s->text + (pos - s->base);
}

static int by_place(const void *a, const void *b) {
  const SourceEdit *x = a, *y = b;
  return (x->span.lo > y->span.lo) - (x->span.lo < y->span.lo);
}

void source_edited(const Source *source, const SourceEdit *edits, uint32_t count, Buf *out) {
  SourceEdit sorted[16];
  SrcPos at = source->base;
  assert(count <= sizeof sorted / sizeof *sorted);
  if (count) memcpy(sorted, edits, count * sizeof *edits);
  qsort(sorted, count, sizeof *sorted, by_place);
  for (uint32_t i = 0; i < count; i++) {
    assert(sorted[i].span.lo >= at && sorted[i].span.hi >= sorted[i].span.lo);
    buf_add(out, bytes_at(source, at), sorted[i].span.lo - at);
    buf_str(out, sorted[i].text);
    at = sorted[i].span.hi;
  }
  buf_add(out, bytes_at(source, at), source->base + source->len - at);
}

void mutant_source(const Mutant *m, Buf *out) { source_edited(m->source, m->edits, m->edit_count, out); }

const char *text_at(Mutator *m, Span span) {
  return arena_string(m->arena, bytes_at(m->source, span.lo), span.hi - span.lo);
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

const char *brief_at(Mutator *m, Span span) {
  const char *s = bytes_at(m->source, span.lo);
  Buf b = BUF_INIT;
  for (uint32_t i = 0; i < span.hi - span.lo; i++) {
    if (!blank(s[i])) buf_char(&b, s[i]);
    else if (b.len && b.data[b.len - 1] != ' ') buf_char(&b, ' ');
  }
  size_t len = b.len;
  if (len > BRIEF_MAX) {
    len = BRIEF_MAX;
    while (len && (b.data[len] & 0xC0) == 0x80) len--; /* no half of a character */
  }
  const char *brief = len < b.len ? arena_printf(m->arena, "%.*s...", (int)len, b.data)
                                  : arena_string(m->arena, b.data ? b.data : "", len);
  buf_done(&b);
  return brief;
}

uint32_t line_at(Mutator *m, Span span) { return source_line_col(m->c->map, span.lo).line; }

SrcPos word_before(const Mutator *m, SrcPos pos, const char *word) {
  size_t len = strlen(word);
  while (pos > m->source->base && blank(*bytes_at(m->source, pos - 1))) pos--;
  if (pos < m->source->base + len || memcmp(bytes_at(m->source, pos - (SrcPos)len), word, len) != 0) return 0;
  return pos - (SrcPos)len;
}

const char *words_of(Mutator *m, const char *format, ...) {
  Buf b = BUF_INIT;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(&b, format, ap);
  va_end(ap);
  const char *words = arena_string(m->arena, b.data ? b.data : "", b.len);
  buf_done(&b);
  return words;
}

/* ---- mutants ---- */

Mutant *mutant_new(Mutator *m, MutantKind kind, Span place, const char *format, ...) {
  Buf b = BUF_INIT;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(&b, format, ap);
  va_end(ap);
  Mutant mutant = {.kind = kind, .source = m->source, .runbook = m->runbook, .span = place,
                   .at = source_line_col(m->c->map, place.lo), .text = arena_string(m->arena, b.data, b.len)};
  buf_done(&b);
  vec_push(m->out, mutant);
  return &m->out->items[m->out->len - 1];
}

void mutant_replace(Mutant *mutant, Span span, const char *text) {
  assert(mutant->edit_count < MUTANT_EDITS);
  mutant->edits[mutant->edit_count++] = (SourceEdit){span, text};
}

void mutant_remove(Mutator *m, Mutant *mutant, Span span) {
  const char *s = bytes_at(m->source, span.lo);
  Buf ends = BUF_INIT;
  for (uint32_t i = 0; i < span.hi - span.lo; i++)
    if (s[i] == '\n') buf_char(&ends, '\n');
  mutant_replace(mutant, span, arena_string(m->arena, ends.data ? ends.data : "", ends.len));
  buf_done(&ends);
}

/* In order of place; of those at one place, as they were found. */
static void sort_mutants(Mutant *items, uint32_t len) {
  for (uint32_t i = 1; i < len; i++) {
    Mutant one = items[i];
    uint32_t at = i;
    while (at && items[at - 1].span.lo > one.span.lo) at--;
    if (at == i) continue;
    memmove(items + at + 1, items + at, (i - at) * sizeof *items);
    items[at] = one;
  }
}

static void mutate_runbook(Mutator *m, RunbookDecl *r) {
  m->runbook = name_of(m, r->name);
  m->body = r->name.symbol->body;
  m->member = 0;
  mutate_head(m, r->clauses);
  mutate_block(m, r->body);
}

static void mutate_procedure(Mutator *m, ProcedureDecl *p) {
  m->runbook = "";
  m->body = p->name.symbol->body;
  m->member = p->params.len ? ((const ParamDecl *)p->params.items[0])->name.atom : 0; /* as if run for its first one */
  mutate_block(m, p->body);
}

static void mutate_decl(Mutator *m, Node *decl) {
  if (decl->kind == AST_RUNBOOK) mutate_runbook(m, (RunbookDecl *)decl);
  if (decl->kind == AST_PROCEDURE) mutate_procedure(m, (ProcedureDecl *)decl);
}

static const File *file_of(const Compilation *c, const Source *source) {
  for (uint32_t i = 0; i < c->modules.len; i++)
    if (c->modules.items[i]->source == source) return c->modules.items[i]->file;
  return NULL;
}

void mutants_of(const Compilation *c, const Source *source, Arena *arena, MutantList *out) {
  Mutator m = {.c = c, .source = source, .arena = arena, .out = out};
  const File *file = file_of(c, source);
  uint32_t first = out->len;
  assert(c->checked && !diag_errors(c->sink));
  for (uint32_t i = 0; file && i < file->decls.len; i++) mutate_decl(&m, file->decls.items[i]);
  if (out->len > first) sort_mutants(out->items + first, out->len - first);
  for (uint32_t i = first; i < out->len; i++) out->items[i].id = i + 1;
}
