/* diag_text: diagnostics for a terminal. A record is a header, the places with their marks (diag_places.c),
 * notes, and for every fix the line as it should be:
 *
 *   error[E0300]: there is no unit `hors`
 *     --> night.runbook:12:13
 *      |
 *   12 |   wait 2hors
 *      |         ^^^^
 *      = note: the units are ...
 *   help: write `h`
 *      |
 *   12 |   wait 2h
 *      |         ~
 */
#include <config.h>

#include <string.h>

#include "lang/diag.h"
#include "lang/diag_paint.h"
#include "lang/utf8.h"

static const char *sgr(Paint paint) {
  switch (paint) {
  case PAINT_PLAIN: return "";
  case PAINT_BOLD: return "\033[1m";
  case PAINT_ERROR: return "\033[1;31m";
  case PAINT_WARNING: return "\033[1;33m";
  case PAINT_NOTE: return "\033[1;36m";
  case PAINT_FRAME: return "\033[1;34m";
  case PAINT_FIX: return "\033[1;32m";
  }
  return "";
}

void paint_begin(const Painter *p, Paint paint) {
  if (p->style.color) buf_str(p->out, sgr(paint));
}

void paint_end(const Painter *p, Paint paint) {
  if (p->style.color && paint != PAINT_PLAIN) buf_str(p->out, "\033[0m");
}

void paint_text(const Painter *p, Paint paint, const char *s) {
  paint_begin(p, paint);
  utf8_show(s, strlen(s), 0, p->out);
  paint_end(p, paint);
}

void paint_rule(const Painter *p, const char *sign) {
  buf_fill(p->out, ' ', p->gutter + 1);
  paint_text(p, PAINT_FRAME, sign);
}

/* A text of one or more lines; the second and further are indented below the first. */
static void show_lines(const Painter *p, Paint paint, const char *s, unsigned indent) {
  for (;;) {
    size_t len = strcspn(s, "\n");
    paint_begin(p, paint);
    utf8_show(s, len, 0, p->out);
    paint_end(p, paint);
    buf_char(p->out, '\n');
    if (s[len] == '\0' || s[len + 1] == '\0') return;
    s += len + 1;
    buf_fill(p->out, ' ', indent);
  }
}

static const char *severity_word(Severity severity) {
  switch (severity) {
  case SEV_ERROR: return "error";
  case SEV_WARNING: return "warning";
  case SEV_NOTE: return "note";
  }
  return "";
}

static Paint severity_paint(Severity severity) {
  switch (severity) {
  case SEV_ERROR: return PAINT_ERROR;
  case SEV_WARNING: return PAINT_WARNING;
  case SEV_NOTE: return PAINT_NOTE;
  }
  return PAINT_PLAIN;
}

static void show_header(const Painter *p, const Diag *d) {
  paint_begin(p, p->severity);
  buf_printf(p->out, "%s[%s]", severity_word(d->severity), diag_code_text(d->code));
  paint_end(p, p->severity);
  paint_begin(p, PAINT_BOLD);
  buf_str(p->out, ": ");
  paint_end(p, PAINT_BOLD);
  show_lines(p, PAINT_BOLD, d->message, p->gutter + 2);
}

/* "--> fleet.csv:12:3" for a place that is no source text. */
static void show_data_place(const Painter *p, const Diag *d) {
  buf_fill(p->out, ' ', p->gutter);
  paint_text(p, PAINT_FRAME, "-->");
  buf_char(p->out, ' ');
  paint_text(p, PAINT_PLAIN, d->file);
  if (d->line) buf_printf(p->out, ":%u", d->line);
  if (d->line && d->column) buf_printf(p->out, ":%u", d->column);
  buf_char(p->out, '\n');
}

static void show_notes(const Painter *p, const Diag *d) {
  for (const DiagNote *note = d->notes; note; note = note->next) {
    paint_rule(p, "=");
    paint_text(p, PAINT_BOLD, " note: ");
    show_lines(p, PAINT_PLAIN, note->text, p->gutter + 9);
  }
}

static void show_fixes(const Painter *p, const Diag *d) {
  for (const DiagFix *fix = d->fixes; fix; fix = fix->next) {
    paint_text(p, PAINT_NOTE, "help");
    buf_str(p->out, ": ");
    show_lines(p, PAINT_PLAIN, fix->help, 6);
    if (p->map) places_draw_fix(p, fix);
  }
}

static unsigned digits(uint32_t n) {
  unsigned count = 1;
  while (n >= 10) n /= 10, count++;
  return count;
}

static void show_record(const SourceMap *map, DiagStyle style, const Diag *d, Buf *out) {
  Painter p = {.map = map, .style = style, .severity = severity_paint(d->severity), .out = out};
  p.gutter = digits(map ? places_last_line(map, d) : 0);
  show_header(&p, d);
  if (d->file) show_data_place(&p, d);
  else if (map) places_draw(&p, d);
  show_notes(&p, d);
  show_fixes(&p, d);
}

static void show_count(Buf *out, uint32_t n, const char *word, const char *before) {
  if (n) buf_printf(out, "%s%u %s%s", before, n, word, n == 1 ? "" : "s");
}

/* How many there are, and where to read more. */
static void show_summary(DiagSink *sink, Buf *out) {
  uint32_t errors = diag_errors(sink), warnings = diag_warnings(sink);
  size_t before = out->len;
  show_count(out, errors, "error", "");
  show_count(out, warnings, "warning", errors ? ", " : "");
  if (diag_dropped(sink)) buf_printf(out, "; %u not shown", diag_dropped(sink));
  if (out->len == before) return;
  buf_printf(out, "; `tagout explain %s` tells more\n", diag_code_text(diag_get(sink, 0)->code));
}

void diag_render_text(DiagSink *sink, const SourceMap *map, DiagStyle style, Buf *out) {
  for (uint32_t i = 0; i < diag_count(sink); i++) {
    show_record(map, style, diag_get(sink, i), out);
    buf_char(out, '\n');
  }
  if (diag_count(sink)) show_summary(sink, out);
}
