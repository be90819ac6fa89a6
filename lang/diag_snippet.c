/* diag_snippet: one source line with marks below it. The spots of a line share a row of marks. The label of the last
 * mark stands beside it, the others hang below:
 *
 *    9 |   shut_down(n) within 5kW
 *      |   ------------        ^^^ a duration is wanted
 *      |   |
 *      |   of this call
 *
 * All measures are terminal cells of the line as it is shown, with tabs expanded and invisible characters escaped;
 * a line wider than the terminal is cut around its first primary mark. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "lang/diag_paint.h"
#include "lang/utf8.h"

#define LINE_CELLS_LEAST 20u  /* a narrower terminal wraps */
#define LINE_CELLS_MOST 240u  /* even when the width has no limit */
#define EXCERPT_BEFORE 1024u  /* bytes of a line that are looked at around a mark */
#define EXCERPT_BYTES 4096u

/* A mark as it will stand on the screen. */
typedef struct Mark {
  size_t lo, hi; /* cells behind the frame */
  SpotKind kind;
  const char *label; /* NULL once it is written */
} Mark;

static char mark_char(SpotKind kind) {
  switch (kind) {
  case SPOT_SECONDARY: return '-';
  case SPOT_PRIMARY: return '^';
  case SPOT_FIX: return '~';
  }
  return ' ';
}

static Paint mark_paint(const Painter *p, SpotKind kind) {
  switch (kind) {
  case SPOT_SECONDARY: return PAINT_FRAME;
  case SPOT_PRIMARY: return p->severity;
  case SPOT_FIX: return PAINT_FIX;
  }
  return PAINT_PLAIN;
}

static void start_row(const Painter *p) {
  paint_rule(p, "|");
  buf_char(p->out, ' ');
}

/* The row of ---- and ^^^^; where they meet, the later kind wins. */
static size_t draw_marks(const Painter *p, const Mark *marks, uint32_t count) {
  size_t width = 0;
  for (uint32_t i = 0; i < count; i++) width = marks[i].hi > width ? marks[i].hi : width;
  uint8_t *row = xcalloc(width, 1); /* 1 + SpotKind; 0: blank */
  for (uint32_t i = 0; i < count; i++) {
    for (size_t c = marks[i].lo; c < marks[i].hi; c++) {
      if (row[c] < marks[i].kind + 1u) row[c] = (uint8_t)(marks[i].kind + 1u);
    }
  }
  for (size_t c = 0; c < width;) {
    size_t run = 1;
    while (c + run < width && row[c + run] == row[c]) run++;
    SpotKind kind = row[c] ? (SpotKind)(row[c] - 1) : SPOT_SECONDARY;
    if (row[c]) paint_begin(p, mark_paint(p, kind));
    buf_fill(p->out, row[c] ? mark_char(kind) : ' ', run);
    if (row[c]) paint_end(p, mark_paint(p, kind));
    c += run;
  }
  free(row);
  return width;
}

static void draw_label(const Painter *p, Mark *m) {
  paint_text(p, mark_paint(p, m->kind), m->label);
  m->label = NULL;
}

/* Bars below the marks left of `end` whose labels are still to be written; the cell that was reached. */
static size_t draw_bars(const Painter *p, const Mark *marks, uint32_t count, size_t end) {
  size_t cell = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (!marks[i].label || marks[i].lo >= end || marks[i].lo < cell) continue;
    buf_fill(p->out, ' ', marks[i].lo - cell);
    paint_text(p, mark_paint(p, marks[i].kind), "|");
    cell = marks[i].lo + 1;
  }
  return cell;
}

static Mark *last_labelled(Mark *marks, uint32_t count) {
  for (uint32_t i = count; i-- > 0;) {
    if (marks[i].label) return &marks[i];
  }
  return NULL;
}

static size_t label_cells(const Mark *m) { return utf8_cells(m->label, strlen(m->label), 0); }

/* Where a label hangs: below its mark, or farther left when it would not fit there. */
static size_t hanging_cell(const Mark *m, size_t room) {
  size_t cells = label_cells(m), rightmost = cells < room ? room - cells : 0;
  return m->lo < rightmost ? m->lo : rightmost;
}

/* Marks sorted by lo, their labels right to left, in a terminal that has room for that many cells. */
static void draw_below(const Painter *p, Mark *marks, uint32_t count, size_t room) {
  start_row(p);
  size_t width = draw_marks(p, marks, count);
  Mark *m = last_labelled(marks, count);
  if (m && m->hi == width && width + 1 + label_cells(m) <= room) {
    buf_char(p->out, ' ');
    draw_label(p, m);
  }
  buf_char(p->out, '\n');
  m = last_labelled(marks, count);
  if (!m) return;
  start_row(p);
  draw_bars(p, marks, count, SIZE_MAX);
  buf_char(p->out, '\n');
  for (; m; m = last_labelled(marks, count)) {
    start_row(p);
    size_t hangs = hanging_cell(m, room), cell = draw_bars(p, marks, count, hangs);
    buf_fill(p->out, ' ', hangs - cell);
    draw_label(p, m);
    buf_char(p->out, '\n');
  }
}

/* The part of a line that is shown: bytes from..to of it, of these the cells from skip on. */
typedef struct View {
  uint32_t from, to;
  size_t skip;
  bool front; /* something is cut before: an ellipsis stands in the first cell */
  size_t room;
} View;

static const Spot *anchor_of(const Spot *spots, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (spots[i].kind != SPOT_SECONDARY) return &spots[i];
  }
  return &spots[0];
}

static bool is_continuation(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

static View view_bytes(const char *text, uint32_t len, uint32_t anchor) {
  View v = {.from = 0, .to = len};
  if (len <= EXCERPT_BYTES) return v;
  v.from = anchor > EXCERPT_BEFORE ? anchor - EXCERPT_BEFORE : 0;
  v.to = len - v.from > EXCERPT_BYTES ? v.from + EXCERPT_BYTES : len;
  while (v.from > 0 && is_continuation(text[v.from])) v.from--;
  while (v.to < len && is_continuation(text[v.to])) v.to++;
  return v;
}

static size_t room_for_text(const Painter *p) {
  if (p->style.width == 0) return LINE_CELLS_MOST;
  size_t frame = p->gutter + 4; /* "12 | ", and one cell so that the terminal does not wrap */
  size_t room = p->style.width > frame ? p->style.width - frame : 0;
  return room < LINE_CELLS_LEAST ? LINE_CELLS_LEAST : room > LINE_CELLS_MOST ? LINE_CELLS_MOST : room;
}

/* Cell of a byte of the line, from the beginning of the view. */
static size_t cell_of(const View *v, const char *text, uint32_t byte) {
  if (byte <= v->from) return 0;
  return utf8_cells(text + v->from, (byte < v->to ? byte : v->to) - v->from, 0);
}

static size_t on_screen(const View *v, size_t cell) {
  if (cell < v->skip) return 0;
  size_t column = cell - v->skip + (v->front ? 1 : 0);
  return column < v->room ? column : v->room;
}

static Mark mark_of(const View *v, const char *text, const Spot *spot) {
  size_t lo = on_screen(v, cell_of(v, text, spot->lo)), hi = on_screen(v, cell_of(v, text, spot->hi));
  if (lo == v->room) lo--;
  return (Mark){.lo = lo, .hi = hi > lo ? hi : lo + 1, .kind = spot->kind, .label = spot->label};
}

/* Decides what of a line is shown, and writes it. */
static View draw_text(const Painter *p, const char *text, uint32_t len, const Spot *spots, uint32_t count) {
  const Spot *anchor = anchor_of(spots, count);
  View v = view_bytes(text, len, anchor->lo);
  v.room = room_for_text(p);
  Buf shown = BUF_INIT;
  buf_reserve(&shown, 1); /* data is not NULL, even when the line is empty */
  utf8_show(text + v.from, v.to - v.from, 0, &shown);
  size_t last = 0; /* cell behind the last mark */
  for (uint32_t i = 0; i < count; i++) {
    size_t hi = cell_of(&v, text, spots[i].hi);
    last = hi > last ? hi : last;
  }
  size_t start = 0, lo = cell_of(&v, text, anchor->lo);
  size_t width = utf8_cells(shown.data, shown.len, 0);
  if (width > v.room && last + 1 > v.room && lo > v.room / 3) {
    size_t first = lo - v.room / 3, fills = width - v.room + 1; /* no farther than what fills the room */
    start = utf8_at_cell(shown.data, shown.len, first < fills ? first : fills, &v.skip);
  }
  v.front = v.from > 0 || v.skip > 0;
  if (v.front) buf_str(p->out, "…");
  size_t before = p->out->len;
  utf8_show_cut(shown.data + start, shown.len - start, v.room - (v.front ? 1 : 0), p->out);
  if (v.to < len && p->out->len - before == shown.len - start) buf_str(p->out, "…");
  buf_done(&shown);
  return v;
}

static void draw_number(const Painter *p, uint32_t number) {
  paint_begin(p, PAINT_FRAME);
  buf_printf(p->out, "%*u |", (int)p->gutter, number);
  paint_end(p, PAINT_FRAME);
}

void snippet_line(const Painter *p, uint32_t number, const char *text, uint32_t len, const Spot *spots,
                  uint32_t count) {
  draw_number(p, number);
  if (len) buf_char(p->out, ' ');
  static const Spot nothing = {.kind = SPOT_SECONDARY};
  View v = draw_text(p, text, len, count ? spots : &nothing, count ? count : 1);
  buf_char(p->out, '\n');
  if (!count) return;
  Mark *marks = xcalloc(count, sizeof *marks);
  for (uint32_t i = 0; i < count; i++) marks[i] = mark_of(&v, text, &spots[i]);
  draw_below(p, marks, count, p->style.width ? v.room : SIZE_MAX);
  free(marks);
}
