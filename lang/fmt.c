/* fmt: see fmt.h. This file owns the page: logical lines that are broken where they are too long, blank lines, and
 * comments. A comment belongs to what it stands before (on a line of its own) or behind (on its line); one in the
 * middle of a statement goes behind the line that it is in. Items are printed in the order of the tree, and each takes
 * its comments along. */
#include <config.h>

#include "lang/fmt.h"

#include "lang/fmt_state.h"
#include "lang/parse.h"
#include "lang/utf8.h"
#include <assert.h>
#include <string.h>

#define WIDTH 100u      /* cells of a line */
#define STEP 2u         /* blanks per block, and before the rest of a broken line */
#define ALIGNED 80u     /* a line longer than that does not move the comments of its neighbours */

static const char *text_at(const Fmt *f, SrcPos pos) { return f->source->text + (pos - f->source->base); }
static bool same_line(const Fmt *f, SrcPos lo, SrcPos hi) { return !memchr(text_at(f, lo), '\n', hi - lo); }

/* ---- lines ---- */

void fmt_break(Fmt *f, Strength strength) {
  Break b = {(uint32_t)f->line.len, strength};
  vec_push(&f->breaks, b);
  buf_char(&f->line, ' ');
}

static void add_line(Fmt *f, const char *text, size_t len, uint32_t indent) {
  bool blank = f->blank && f->lines.len && !f->opened;
  OutLine line = {.text = (uint32_t)f->text.len, .len = (uint32_t)len, .indent = indent, .blank_before = blank};
  buf_add(&f->text, text, len);
  vec_push(&f->lines, line);
  f->blank = f->opened = false;
}

static uint32_t strongest(const uint32_t *last) {
  for (uint32_t s = BREAK_STRENGTHS; s > 0; s--) {
    if (last[s - 1]) return last[s - 1];
  }
  return 0;
}

/* The last of the strongest breaks that leave a line of at most WIDTH cells, else the first of all; the end of the
 * line when it fits or cannot be broken. */
static uint32_t find_break(const Fmt *f, uint32_t from, uint32_t indent) {
  uint32_t end = (uint32_t)f->line.len, last[BREAK_STRENGTHS] = {0};
  if (indent + utf8_cells(f->line.data + from, end - from, 0) <= WIDTH) return end;
  for (uint32_t i = 0; i < f->breaks.len; i++) {
    Break b = f->breaks.items[i];
    if (b.at <= from) continue;
    bool fits = indent + utf8_cells(f->line.data + from, b.at - from, 0) <= WIDTH;
    if (!fits) return strongest(last) ? strongest(last) : b.at;
    last[b.strength] = b.at;
  }
  return strongest(last) ? strongest(last) : end;
}

static void flush_line(Fmt *f) {
  uint32_t indent = f->indent;
  bool opens = f->line.len && f->line.data[f->line.len - 1] == '{';
  for (uint32_t from = 0; from < f->line.len;) {
    uint32_t to = find_break(f, from, indent);
    add_line(f, f->line.data + from, to - from, indent);
    from = to + 1;
    indent = f->indent + (opens ? 2 * STEP : STEP); /* deeper than the block that follows */
  }
  buf_reset(&f->line);
  f->breaks.len = 0;
}

/* ---- comments ---- */

static bool blank_line_before(const Fmt *f, SrcPos pos) {
  uint32_t newlines = 0;
  const char *at = text_at(f, pos);
  for (; at > f->source->text && strchr(" \t\r\n", at[-1]); at--) newlines += at[-1] == '\n';
  return newlines > 1;
}

static void print_comment(Fmt *f, Comment *c) {
  if (blank_line_before(f, c->span.lo)) f->blank = true;
  size_t len = c->span.hi - c->span.lo;
  const char *text = text_at(f, c->span.lo);
  while (len && strchr(" \t\r", text[len - 1])) len--;
  add_line(f, text, len, f->indent);
  c->done = true;
}

/* The first comment at or behind pos. */
static uint32_t first_comment(const Fmt *f, SrcPos pos) {
  uint32_t lo = 0, hi = f->comment_count;
  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (f->comments[mid].span.lo < pos) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/* Comments on lines of their own in [lo, hi); one on the line of lo belongs to what ends there. */
static void print_comments(Fmt *f, SrcPos lo, SrcPos hi) {
  for (uint32_t i = first_comment(f, lo); i < f->comment_count && f->comments[i].span.lo < hi; i++) {
    Comment *c = &f->comments[i];
    if (!c->done && !same_line(f, lo, c->span.lo)) print_comment(f, c);
  }
}

/* Where the line of pos ends for its comment: behind that, or pos when there is none before limit. */
static SrcPos line_end(const Fmt *f, SrcPos pos, SrcPos limit) {
  uint32_t i = first_comment(f, pos);
  SrcPos lo = i < f->comment_count ? f->comments[i].span.lo : limit;
  return lo < limit && same_line(f, pos, lo) ? lo + 1 : pos;
}

void fmt_end_line(Fmt *f, SrcPos to) {
  uint32_t last = 0, indent = f->indent;
  if (f->line.len && f->line.data[0] == '}') f->indent += STEP; /* what stands before it is still in the block */
  for (uint32_t i = first_comment(f, f->header); i < f->comment_count && f->comments[i].span.lo < to; i++) {
    if (f->comments[i].done) continue;
    if (last) print_comment(f, &f->comments[last - 1]);
    last = i + 1;
  }
  f->indent = indent;
  flush_line(f);
  f->header = to;
  if (!last) return;
  f->lines.items[f->lines.len - 1].comment = last;
  f->comments[last - 1].done = true;
}

/* ---- blocks ---- */

typedef struct Item {
  const Node *node;
  SrcPos from;  /* end of what stands before it in the source */
  SrcPos limit; /* begin of what stands behind it */
} Item;

/* The neighbours of each item in the source. Items are in the order of the result, nearly always the same. */
static void find_neighbours(Item *items, uint32_t n, SrcPos from, SrcPos to) {
  for (uint32_t i = 0; i < n; i++) {
    items[i].from = from;
    items[i].limit = to;
    for (uint32_t j = 0; j < n; j++) {
      Span other = items[j].node->span;
      if (other.hi <= items[i].node->span.lo && other.hi > items[i].from) items[i].from = other.hi;
      if (other.lo >= items[i].node->span.hi && other.lo < items[i].limit) items[i].limit = other.lo;
    }
  }
}

static bool in_source_order(const NodeList *list) {
  for (uint32_t i = 1; i < list->len; i++) {
    if (list->items[i]->span.lo < list->items[i - 1]->span.lo) return false;
  }
  return true;
}

/* The word before an expectation is not its own: several may follow one `expect`. */
static SrcPos begin_of_line(const Fmt *f, SrcPos pos) {
  const char *start = f->source->text, *at = text_at(f, pos);
  while (at > start && (at[-1] == ' ' || at[-1] == '\t')) at--;
  bool expect = at - start >= 6 && memcmp(at - 6, "expect", 6) == 0;
  return expect ? pos - (SrcPos)(text_at(f, pos) - at) - 6 : pos;
}

static void print_item(Fmt *f, const Item *item, uint32_t pad) {
  const Node *n = item->node;
  print_comments(f, item->from, n->span.lo);
  if (blank_line_before(f, begin_of_line(f, n->span.lo))) f->blank = true;
  f->header = n->span.lo;
  fmt_clause(f, n, pad);
  fmt_end_line(f, line_end(f, n->span.hi, item->limit));
}

static void print_items(Fmt *f, const NodeList *list, SrcPos from, SrcPos to, uint32_t pad) {
  Item *items = arena_new_array(f->arena, Item, list->len);
  SrcPos end = from;
  for (uint32_t i = 0; i < list->len; i++) {
    items[i] = (Item){list->items[i], end, i + 1 < list->len ? list->items[i + 1]->span.lo : to};
    end = list->items[i]->span.hi;
  }
  if (!in_source_order(list)) find_neighbours(items, list->len, from, to);
  f->blank = false;
  for (uint32_t i = 0; i < list->len; i++) {
    print_item(f, &items[i], pad);
    if (items[i].node->span.hi > end) end = items[i].node->span.hi;
  }
  print_comments(f, end, to);
  f->blank = false;
}

static bool has_block(const Node *n) {
  const AstInfo *info = ast_info((AstKind)n->kind);
  for (uint32_t i = 0; i < info->field_count; i++) {
    const char *at = (const char *)n + info->fields[i].offset;
    const Node *child = info->fields[i].kind == FIELD_NODE ? *(Node *const *)at : NULL;
    if (child && child->kind == AST_BLOCK) return true;
    if (info->fields[i].kind != FIELD_LIST) continue;
    const NodeList *list = (const NodeList *)at;
    for (uint32_t j = 0; j < list->len; j++) {
      if (list->items[j]->kind == AST_HANDLER && ((Handler *)list->items[j])->stmt->kind == AST_BLOCK) return true;
    }
  }
  return n->kind == AST_DECIDE || n->kind == AST_THROUGHOUT;
}

/* { one statement } stays on its line if it stood on one and fits. */
static bool block_on_line(Fmt *f, const NodeList *items, SrcPos from, SrcPos to) {
  bool empty = !items->len && line_end(f, from, to) == from && first_comment(f, from) == first_comment(f, to);
  if (!empty && (!same_line(f, from, to) || items->len != 1 || has_block(items->items[0]))) return false;
  size_t len = f->line.len;
  uint32_t breaks = f->breaks.len;
  buf_str(&f->line, " {");
  if (items->len) {
    buf_char(&f->line, ' ');
    fmt_clause(f, items->items[0], 0);
  }
  buf_str(&f->line, " }");
  if (f->indent + utf8_cells(f->line.data, f->line.len, 0) <= WIDTH) return true;
  f->line.len = len;
  f->line.data[len] = '\0';
  f->breaks.len = breaks;
  return false;
}

static SrcPos first_item(const NodeList *items, SrcPos to) {
  SrcPos first = to;
  for (uint32_t i = 0; i < items->len; i++) {
    if (items->items[i]->span.lo < first) first = items->items[i]->span.lo;
  }
  return first;
}

void fmt_block(Fmt *f, const NodeList *items, SrcPos from, SrcPos to, uint32_t pad) {
  if (block_on_line(f, items, from, to)) return;
  buf_str(&f->line, " {");
  fmt_end_line(f, line_end(f, from, first_item(items, to)));
  f->indent += STEP;
  f->opened = true;
  print_items(f, items, from, to, pad);
  f->indent -= STEP;
  f->opened = false;
  f->header = to;
  buf_char(&f->line, '}');
}

void fmt_braces(Fmt *f, const Node *block) {
  fmt_block(f, &((const Block *)block)->stmts, block->span.lo, block->span.hi - 1, 0);
}

/* ---- the page ---- */

/* Comments of lines that follow each other in one block form a column. */
static bool in_column(const Fmt *f, const OutLine *a, const OutLine *b) {
  if (!a->comment || !b->comment || b->blank_before || a->indent != b->indent) return false;
  return f->text.data[a->text] != '}' && f->text.data[b->text] != '}';
}

static void align_comments(size_t *columns, uint32_t first, uint32_t end) {
  size_t column = 0;
  for (uint32_t i = first; i < end; i++) {
    if (columns[i] > column && columns[i] <= ALIGNED) column = columns[i];
  }
  for (uint32_t i = first; i < end; i++) {
    if (columns[i] <= ALIGNED) columns[i] = column;
  }
}

static void write_page(const Fmt *f, Buf *out) {
  size_t *columns = arena_new_array(f->arena, size_t, f->lines.len);
  for (uint32_t i = 0, first = 0; i < f->lines.len; i++) {
    const OutLine *l = &f->lines.items[i];
    columns[i] = l->indent + utf8_cells(f->text.data + l->text, l->len, 0);
    if (i && !in_column(f, l - 1, l)) first = i;
    bool last = i + 1 == f->lines.len || !in_column(f, l, l + 1);
    if (l->comment && last) align_comments(columns, first, i + 1);
  }
  for (uint32_t i = 0; i < f->lines.len; i++) {
    const OutLine *l = &f->lines.items[i];
    if (l->blank_before) buf_char(out, '\n');
    buf_fill(out, ' ', l->indent);
    buf_add(out, f->text.data + l->text, l->len);
    if (l->comment) {
      Span c = f->comments[l->comment - 1].span;
      buf_fill(out, ' ', columns[i] - l->indent - utf8_cells(f->text.data + l->text, l->len, 0) + 2);
      const char *text = text_at(f, c.lo);
      size_t len = c.hi - c.lo;
      while (len && strchr(" \t\r", text[len - 1])) len--;
      buf_add(out, text, len);
    }
    buf_char(out, '\n');
  }
}

static void print_file(Fmt *f, const File *file) {
  SrcPos lo = f->source->base, hi = lo + f->source->len;
  NodeList decls = file->decls;
  if (file->module.atom) {
    Word *w = (Word *)ast_new(f->arena, AST_WORD, file->module.span);
    while (strchr(" \t", text_at(f, w->node.span.lo)[-1])) w->node.span.lo--;
    w->node.span.lo -= (SrcPos)sizeof "module" - 1;
    w->name = file->module;
    Node **items = arena_new_array(f->arena, Node *, decls.len + 1);
    items[0] = &w->node;
    for (uint32_t i = 0; i < decls.len; i++) items[i + 1] = decls.items[i];
    decls = (NodeList){items, decls.len + 1};
  }
  /* A comment on the very first line stands on its own: nothing ends there. */
  SrcPos first = first_item(&decls, hi);
  if (f->comment_count && f->comments[0].span.lo < first && same_line(f, lo, f->comments[0].span.lo))
    print_comment(f, &f->comments[0]);
  print_items(f, &decls, lo, hi, 0);
}

bool fmt_source(const Source *s, Arena *a, Intern *names, DiagSink *sink, Buf *out) {
  uint32_t errors = diag_errors(sink);
  SpanList spans = {0};
  File *file = parse_with_comments(s, a, names, sink, &spans);
  Fmt f = {.source = s, .names = names, .arena = a, .comments = arena_new_array(a, Comment, spans.len),
           .comment_count = spans.len};
  for (uint32_t i = 0; i < spans.len; i++) f.comments[i].span = spans.items[i];
  vec_done(&spans);
  bool good = diag_errors(sink) == errors;
  if (good) {
    print_file(&f, file);
    for (uint32_t i = 0; i < f.comment_count; i++) assert(f.comments[i].done);
    write_page(&f, out);
  }
  buf_done(&f.line);
  buf_done(&f.text);
  vec_done(&f.breaks);
  vec_done(&f.lines);
  return good;
}
