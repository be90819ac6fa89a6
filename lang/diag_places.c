/* diag_places: the places of a record, file by file and line by line, and the lines as a fix would make them.
 *
 * A span becomes one Spot, or two when it runs over several lines: its first line to the end, and its last line,
 * which gets the label. Spots of one line are drawn together (diag_snippet.c). */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "lang/diag_paint.h"

#define FIX_LINES_MOST 8u   /* of an edited text */
#define FIX_BYTES_MOST 4096u /* a fix in a longer line is only said, not shown */

typedef VEC(Spot) Spots;

/* ---- the places of a record ---- */

static uint32_t indent_of(const char *text, uint32_t len) {
  uint32_t i = 0;
  while (i < len && (text[i] == ' ' || text[i] == '\t')) i++;
  return i;
}

/* First and last line of a span of one file. */
static void span_lines(const SourceMap *map, const Source *s, Span span, uint32_t *ret_first, uint32_t *ret_last) {
  SrcPos end = s->base + s->len, hi = span.hi < end ? span.hi : end;
  *ret_first = source_line_col(map, span.lo).line;
  *ret_last = hi > span.lo ? source_line_col(map, hi - 1).line : *ret_first;
}

static void add_span(const SourceMap *map, Span span, SpotKind kind, const char *label, Spots *spots) {
  const Source *s = source_of(map, span.lo);
  if (!s) return;
  uint32_t first, last, len;
  SrcPos start;
  span_lines(map, s, span, &first, &last);
  source_line(map, s, first, &len, &start);
  Spot spot = {.source = s, .line = first, .lo = span.lo - start, .hi = span.hi - start, .kind = kind};
  spot.label = label;
  if (first == last) {
    if (spot.hi > len) spot.hi = len > spot.lo ? len : spot.lo;
    vec_push(spots, spot);
    return;
  }
  spot.hi = len > spot.lo ? len : spot.lo;
  spot.label = NULL;
  vec_push(spots, spot);
  const char *text = source_line(map, s, last, &len, &start);
  uint32_t hi = span.hi - start < len ? span.hi - start : len, indent = indent_of(text, len);
  spot = (Spot){.source = s, .line = last, .lo = indent < hi ? indent : 0, .hi = hi, .kind = kind, .label = label};
  vec_push(spots, spot);
}

/* The primary's file first, then in the order of the map; in a file by place. */
static int compare_spots(const void *left, const void *right, void *primary) {
  const Spot *a = left, *b = right;
  if (a->source != b->source) {
    if (a->source == primary || b->source == primary) return a->source == primary ? -1 : 1;
    return a->source->base < b->source->base ? -1 : 1;
  }
  if (a->line != b->line) return a->line < b->line ? -1 : 1;
  if (a->lo != b->lo) return a->lo < b->lo ? -1 : 1;
  return (int)b->kind - (int)a->kind;
}

static Spots collect_spots(const SourceMap *map, const Diag *d) {
  Spots spots = {0};
  add_span(map, d->span, SPOT_PRIMARY, d->label && *d->label ? d->label : NULL, &spots);
  for (const DiagLabel *l = d->labels; l; l = l->next)
    add_span(map, l->span, SPOT_SECONDARY, *l->text ? l->text : NULL, &spots);
  if (spots.len) {
    const Source *primary = source_of(map, d->span.lo);
    if (!primary) primary = spots.items[0].source;
    qsort_r(spots.items, spots.len, sizeof *spots.items, compare_spots, (void *)(uintptr_t)primary);
  }
  return spots;
}

static void draw_place(const Painter *p, const char *arrow, const Source *s, SrcPos pos) {
  LineCol place = source_line_col(p->map, pos);
  buf_fill(p->out, ' ', p->gutter);
  paint_text(p, PAINT_FRAME, arrow);
  buf_char(p->out, ' ');
  paint_text(p, PAINT_PLAIN, s->name);
  buf_printf(p->out, ":%u:%u\n", place.line, place.column);
  paint_rule(p, "|");
  buf_char(p->out, '\n');
}

/* What lies between two lines with marks: nothing, the one line, or dots. */
static void draw_gap(const Painter *p, const Source *s, uint32_t above, uint32_t line) {
  uint32_t len;
  SrcPos start;
  if (line <= above + 1) return;
  if (line == above + 2) {
    const char *text = source_line(p->map, s, above + 1, &len, &start);
    snippet_line(p, above + 1, text, len, NULL, 0);
    return;
  }
  paint_text(p, PAINT_FRAME, "...");
  buf_char(p->out, '\n');
}

/* The lines of the spots of one file. */
static void draw_file(const Painter *p, const Spot *spots, uint32_t count) {
  const Source *s = spots[0].source;
  for (uint32_t i = 0; i < count;) {
    uint32_t n = 1, len;
    while (i + n < count && spots[i + n].line == spots[i].line) n++;
    if (i > 0) draw_gap(p, s, spots[i - 1].line, spots[i].line);
    SrcPos start;
    const char *text = source_line(p->map, s, spots[i].line, &len, &start);
    snippet_line(p, spots[i].line, text, len, spots + i, n);
    i += n;
  }
}

void places_draw(const Painter *p, const Diag *d) {
  Spots spots = collect_spots(p->map, d);
  const Source *primary = source_of(p->map, d->span.lo);
  for (uint32_t i = 0; i < spots.len;) {
    const Spot *first = &spots.items[i];
    uint32_t n = 1, len;
    while (i + n < spots.len && spots.items[i + n].source == first->source) n++;
    SrcPos start;
    source_line(p->map, first->source, first->line, &len, &start);
    if (first->source == primary) draw_place(p, "-->", primary, d->span.lo);
    else draw_place(p, i == 0 ? "-->" : ":::", first->source, start + first->lo);
    draw_file(p, first, n);
    i += n;
  }
  vec_done(&spots);
}

/* ---- a fix ---- */

/* The lines that the fix touches, as they are after it; *ret_lo, *ret_hi: the new text in them. */
static bool edit_lines(const SourceMap *map, const DiagFix *fix, Buf *edited, uint32_t *ret_lo, uint32_t *ret_hi,
                       uint32_t *ret_line) {
  const Source *s = source_of(map, fix->span.lo);
  if (!s || fix->span.hi < fix->span.lo || fix->span.hi > s->base + s->len) return false;
  uint32_t len;
  SrcPos start;
  *ret_line = source_line_col(map, fix->span.lo).line;
  const char *before = source_line(map, s, *ret_line, &len, &start);
  uint32_t prefix = fix->span.lo - start;
  const char *after = source_line(map, s, source_line_col(map, fix->span.hi).line, &len, &start);
  uint32_t cut = fix->span.hi - start < len ? fix->span.hi - start : len;
  size_t text_len = strlen(fix->text);
  if (prefix > FIX_BYTES_MOST || len - cut > FIX_BYTES_MOST || text_len > FIX_BYTES_MOST) return false;
  buf_add(edited, before, prefix);
  buf_add(edited, fix->text, text_len);
  buf_add(edited, after + cut, len - cut);
  *ret_lo = prefix;
  *ret_hi = prefix + (uint32_t)text_len;
  return true;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

bool places_draw_fix(const Painter *p, const DiagFix *fix) {
  Buf edited = BUF_INIT;
  uint32_t lo = 0, hi = 0, line = 0;
  bool shown = edit_lines(p->map, fix, &edited, &lo, &hi, &line);
  if (shown) {
    paint_rule(p, "|");
    buf_char(p->out, '\n');
  }
  uint32_t at = 0;
  for (uint32_t n = 0; shown && at <= edited.len; n++) {
    const char *text = edited.data ? edited.data + at : "";
    uint32_t len = (uint32_t)strcspn(text, "\n");
    uint32_t from = lo > at ? lo - at : indent_of(text, len); /* new blanks before a line are no news */
    Spot spot = {.kind = SPOT_FIX, .lo = from, .hi = smaller(larger(hi, at), at + len) - at};
    bool marked = spot.hi > spot.lo && spot.lo < len;
    if (n == FIX_LINES_MOST) {
      paint_text(p, PAINT_FRAME, "...");
      buf_char(p->out, '\n');
      break;
    }
    snippet_line(p, line + n, text, len, &spot, marked ? 1 : 0);
    at += len + 1;
  }
  buf_done(&edited);
  return shown;
}

/* ---- measuring ---- */

static uint32_t lines_in(const char *s) {
  uint32_t n = 0;
  for (; (s = strchr(s, '\n')); s++) n++;
  return smaller(n, FIX_LINES_MOST);
}

uint32_t places_last_line(const SourceMap *map, const Diag *d) {
  uint32_t largest = 0;
  Spots spots = collect_spots(map, d);
  for (uint32_t i = 0; i < spots.len; i++) largest = larger(largest, spots.items[i].line);
  for (const DiagFix *f = d->fixes; f; f = f->next) {
    uint32_t line = source_line_col(map, f->span.lo).line;
    if (line) largest = larger(largest, line + lines_in(f->text));
  }
  vec_done(&spots);
  return largest;
}
