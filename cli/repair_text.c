/* repair_text: the words of proposals, taken from what stands in the sources, and the edits that put them there. */
#include <config.h>

#include "cli/repair_state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *source_words(const Mender *m, Span span) {
  const Source *s = source_of(m->c->map, span.lo);
  return s ? arena_string(m->arena, s->text + (span.lo - s->base), span.hi - span.lo) : "";
}

const char *name_words(const Mender *m, Name name) { return intern_text(m->c->names, name.atom); }

const char *ordinary_word(const Mender *m, const Symbol *fact) {
  if (!fact || !type_is(fact->type, TYPE_ENUM)) return NULL;
  const EnumInfo *e = &m->c->enums.items[type_ref(fact->type)];
  return e->word_len ? intern_text(m->c->names, e->words[0]->name) : NULL;
}

/* ---- a condition of a contract, in the words of the call ---- */

typedef struct Rewrite { const Mender *m; SourceEdit edits[16]; uint32_t count; bool clash; } Rewrite;

static bool mentions(const char *text, const char *name) {
  size_t n = strlen(name);
  for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
    bool begins = at == text || !(at[-1] == '_' || at[-1] == '.' || (at[-1] >= 'a' && at[-1] <= 'z'));
    bool ends = !(at[n] == '_' || (at[n] >= 'a' && at[n] <= 'z') || (at[n] >= '0' && at[n] <= '9'));
    if (begins && ends) return true;
  }
  return false;
}

static void rewrite_name(void *ctx, Node *n) {
  Rewrite *r = ctx;
  const Terms *t = &r->m->terms;
  for (uint32_t i = 0; i < t->count; i++) {
    if (n->kind == AST_BINDER && mentions(t->to[i], name_words(r->m, ((Binder *)n)->name))) r->clash = true;
    if (n->kind != AST_NAME_REF || ((NameRef *)n)->name.symbol != t->from[i]) continue;
    if (r->count == 16) r->clash = true;
    else r->edits[r->count++] = (SourceEdit){n->span, t->to[i]};
  }
}

static int by_place(const void *a, const void *b) {
  const SourceEdit *x = a, *y = b;
  return (x->span.lo > y->span.lo) - (x->span.lo < y->span.lo);
}

/* On one line: where the contract breaks it is no matter here. */
static void add_words(Buf *b, const char *text) {
  for (; *text; text++) {
    bool blank = *text == ' ' || *text == '\n' || *text == '\r' || *text == '\t';
    if (!blank) buf_char(b, *text);
    else if (b->len && b->data[b->len - 1] != ' ') buf_char(b, ' ');
  }
}

const char *in_terms(const Mender *m, const Node *n) {
  Rewrite r = {.m = m};
  each_node((Node *)(uintptr_t)n, rewrite_name, &r);
  if (r.clash) return NULL;
  qsort(r.edits, r.count, sizeof *r.edits, by_place);
  Buf b = BUF_INIT;
  SrcPos at = n->span.lo;
  for (uint32_t i = 0; i < r.count; i++) {
    add_words(&b, source_words(m, (Span){at, r.edits[i].span.lo}));
    add_words(&b, r.edits[i].text);
    at = r.edits[i].span.hi;
  }
  add_words(&b, source_words(m, (Span){at, n->span.hi}));
  const char *text = arena_string(m->arena, b.data ? b.data : "", b.len);
  buf_done(&b);
  return text;
}

/* ---- how a member leaves ---- */

static const Node *exit_of(const Call *call) {
  const Node *exit = NULL;
  for (uint32_t i = 0; call && i < call->handlers.len; i++) {
    const Node *stmt = ((const Handler *)call->handlers.items[i])->stmt;
    if (stmt && stmt->kind == AST_CALL) return exit_of((const Call *)stmt) ? exit_of((const Call *)stmt) : exit;
    exit = stmt;
  }
  return exit;
}

const char *exit_words(Mender *m, uint32_t depth, const char *why) {
  const Node *exit = depth == m->depth ? exit_of(m->call) : NULL;
  if (exit && exit->kind == AST_SET_ASIDE && ((const SetAside *)exit)->target)
    return arena_printf(m->arena, "set aside %s \"%s\"", source_words(m, ((const SetAside *)exit)->target->span), why);
  if (exit && exit->kind == AST_ROLL_BACK) return arena_printf(m->arena, "roll back \"%s\"", why);
  const Fan *fan = fan_around(m, depth);
  if (!fan || (exit && exit->kind == AST_FAIL)) return arena_printf(m->arena, "fail \"%s\"", why);
  return arena_printf(m->arena, "set aside %s \"%s\"", name_words(m, ((const Binder *)fan->binder)->name), why);
}

/* ---- edits ---- */

Proposal *propose(Mender *m, const char *format, ...) {
  Buf b = BUF_INIT;
  va_list ap;
  va_start(ap, format);
  buf_vprintf(&b, format, ap);
  va_end(ap);
  Proposal p = {.what = arena_string(m->arena, b.data ? b.data : "", b.len)};
  buf_done(&b);
  vec_push(&m->out, p);
  return &m->out.items[m->out.len - 1];
}

void edit_replace(Proposal *p, Span span, const char *text) {
  assert(p->count < PROPOSAL_EDITS);
  p->edits[p->count++] = (SourceEdit){span, text};
}

void edit_insert(Proposal *p, SrcPos at, const char *text) { edit_replace(p, (Span){at, at}, text); }

static SrcPos line_begin(const Source *s, SrcPos pos) {
  while (pos > s->base && s->text[pos - 1 - s->base] != '\n') pos--;
  return pos;
}

const char *indent_at(const Mender *m, SrcPos pos) {
  const Source *s = source_of(m->c->map, pos);
  SrcPos lo = line_begin(s, pos), hi = lo;
  while (hi < s->base + s->len && s->text[hi - s->base] == ' ') hi++;
  return source_words(m, (Span){lo, hi});
}

/* The lines of the text, each behind the first with the indent before it. */
static const char *indented(Mender *m, const char *text, const char *indent, bool before) {
  Buf b = BUF_INIT;
  if (!before) buf_printf(&b, "\n%s", indent);
  for (; *text; text++) {
    buf_char(&b, *text);
    if (*text == '\n') buf_str(&b, indent);
  }
  if (before) buf_printf(&b, "\n%s", indent);
  const char *all = arena_string(m->arena, b.data, b.len);
  buf_done(&b);
  return all;
}

void insert_before(Mender *m, Proposal *p, const Node *stmt, const char *text) {
  edit_insert(p, stmt->span.lo, indented(m, text, indent_at(m, stmt->span.lo), true));
}

void insert_behind(Mender *m, Proposal *p, const Node *stmt, const char *text) {
  edit_insert(p, stmt->span.hi, indented(m, text, indent_at(m, stmt->span.lo), false));
}

void use_module(Mender *m, Proposal *p, const Module *module) {
  for (uint32_t i = 0; module && i < m->c->modules.len; i++) {
    const Module *here = m->c->modules.items[i];
    uint32_t index = module->symbol->index;
    if (here->source != m->source || here == module || (index < here->visible_len && here->visible[index])) continue;
    for (uint32_t j = 0; j < here->file->decls.len; j++) {
      const Use *use = (const Use *)here->file->decls.items[j];
      if (use->node.kind != AST_USE || !use->names.len) continue;
      edit_insert(p, use->names.items[use->names.len - 1]->span.hi, arena_printf(m->arena, ", %s", intern_text(m->c->names, module->symbol->name)));
      return;
    }
  }
}

void remove_lines(Mender *m, Proposal *p, Span span) {
  const Source *s = source_of(m->c->map, span.lo);
  SrcPos lo = line_begin(s, span.lo), hi = span.hi, end = s->base + s->len;
  while (hi < end && s->text[hi - s->base] != '\n') hi++;
  bool alone = strspn(s->text + (lo - s->base), " \t") == span.lo - lo && strspn(s->text + (span.hi - s->base), " \t\r") >= hi - span.hi;
  edit_replace(p, alone ? (Span){lo, hi < end ? hi + 1 : hi} : span, "");
}
