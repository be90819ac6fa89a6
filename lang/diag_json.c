/* diag_json: diagnostics as JSON for programs. One object, keys always in this order, one diagnostic per line:
 *
 *   {"format": "tagout-diagnostics", "version": 1, "errors": 2, "warnings": 0, "dropped": 0, "diagnostics": [
 *   {"code": "E0300", "severity": "error" | "warning" | "note", "title": rule, "message": text,
 *    "place": PLACE | null, "label": text | null, "related": [{"place": PLACE, "message": text}...],
 *    "notes": [text...],
 *    "path": [{"number": N, "text": text, "file": name | null, "line": N | null, "fault": bool}...],   of a proof only
 *    "replay": {"reproduced": bool, "kind": text, "member": name, "faults": file, "command": text},   of a proof; without what is not known
 *    "fixes": [{"message": text, "safe": bool, "place": PLACE, "text": text}...]}...]}
 *
 *   PLACE of a source text   {"file": name, "start": POINT, "end": POINT}      end is behind the last byte
 *   POINT                    {"offset": bytes from the start of the text, 0-based (a byte order mark not counted),
 *                             "line": 1-based, "column": characters, 1-based,
 *                             "utf16": {"line": 0-based, "unit": 0-based UTF-16 code units}}
 *   PLACE of a data file     {"file": name, "line": 1-based or null, "column": 1-based or null}
 *
 * "dropped" counts diagnostics past the limit. A fix replaces its place by "text"; "safe" means that a machine may
 * do so unasked, "part" that it is one edit with the fix before it. version changes only when a reader of this version would misread the output; new keys may come at
 * any time. */
#include <config.h>

#include <string.h>

#include "lang/diag.h"
#include "lang/diag_machine.h"
#include "lang/utf8.h"

const char *machine_severity(Severity severity) {
  switch (severity) {
  case SEV_ERROR: return "error";
  case SEV_WARNING: return "warning";
  case SEV_NOTE: return "note";
  }
  return "none";
}

void machine_bytes(Buf *out, const char *s, size_t len) {
  Buf valid = BUF_INIT;
  while (utf8_first_invalid(s, len) < len) {
    size_t good = utf8_first_invalid(s, len);
    buf_add(&valid, s, good);
    buf_str(&valid, "\xEF\xBF\xBD");
    s += good + 1;
    len -= good + 1;
  }
  buf_add(&valid, s, len);
  buf_json(out, valid.data, valid.len);
  buf_done(&valid);
}

void machine_string(Buf *out, const char *s) { machine_bytes(out, s, strlen(s)); }

static void key(Buf *out, const char *name) { buf_printf(out, ", \"%s\": ", name); }

static void write_point(const SourceMap *map, const Source *s, SrcPos pos, Buf *out) {
  LineCol place = source_line_col(map, pos);
  Utf16Pos utf16 = source_utf16(map, pos);
  buf_printf(out, "{\"offset\": %u, \"line\": %u, \"column\": %u, \"utf16\": {\"line\": %u, \"unit\": %u}}",
             pos - s->base, place.line, place.column, utf16.line, utf16.unit);
}

static void write_span(const SourceMap *map, Span span, Buf *out) {
  const Source *s = map ? source_of(map, span.lo) : NULL;
  if (!s) {
    buf_str(out, "null");
    return;
  }
  SrcPos end = s->base + s->len;
  buf_str(out, "{\"file\": ");
  machine_string(out, s->name);
  key(out, "start");
  write_point(map, s, span.lo, out);
  key(out, "end");
  write_point(map, s, span.hi < end ? span.hi : end, out);
  buf_char(out, '}');
}

static void write_number_or_null(Buf *out, uint32_t n) {
  if (n) buf_printf(out, "%u", n);
  else buf_str(out, "null");
}

static void write_place(const SourceMap *map, const Diag *d, Buf *out) {
  if (!d->file) {
    write_span(map, d->span, out);
    return;
  }
  buf_str(out, "{\"file\": ");
  machine_string(out, d->file);
  key(out, "line");
  write_number_or_null(out, d->line);
  key(out, "column");
  write_number_or_null(out, d->line ? d->column : 0);
  buf_char(out, '}');
}

static void write_related(const SourceMap *map, const Diag *d, Buf *out) {
  key(out, "related");
  buf_char(out, '[');
  for (const DiagLabel *l = d->labels; l; l = l->next) {
    buf_str(out, l == d->labels ? "{\"place\": " : ", {\"place\": ");
    write_span(map, l->span, out);
    key(out, "message");
    machine_string(out, l->text);
    buf_char(out, '}');
  }
  buf_char(out, ']');
}

static void write_notes(const Diag *d, Buf *out) {
  key(out, "notes");
  buf_char(out, '[');
  bool first = true;
  for (const DiagNote *n = d->notes; n; n = n->next) {
    if (n->step) continue;
    if (!first) buf_str(out, ", ");
    machine_string(out, n->text);
    first = false;
  }
  buf_char(out, ']');
}

static void write_step(const DiagStep *s, Buf *out) {
  buf_printf(out, "{\"number\": %u", s->number);
  key(out, "text");
  machine_string(out, s->text);
  key(out, "file");
  if (s->file && s->line) machine_string(out, s->file);
  else buf_str(out, "null");
  key(out, "line");
  write_number_or_null(out, s->line);
  key(out, "fault");
  buf_str(out, s->fault ? "true}" : "false}");
}

static void write_replay(const DiagReplay *r, Buf *out) {
  key(out, "replay");
  buf_printf(out, "{\"reproduced\": %s", r->reproduced ? "true" : "false");
  struct { const char *key, *text; } texts[] = {{"kind", r->kind}, {"member", r->member}, {"faults", r->saved}, {"command", r->command}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (!*texts[i].text) continue;
    buf_printf(out, ", \"%s\": ", texts[i].key);
    machine_string(out, texts[i].text);
  }
  buf_char(out, '}');
}

/* What a proof found: the way there, to be stepped through. */
static void write_path(const Diag *d, Buf *out) {
  bool any = false;
  for (const DiagNote *n = d->notes; n; n = n->next) {
    if (!n->step) continue;
    if (!any) key(out, "path");
    buf_str(out, any ? ", " : "[");
    write_step(n->step, out);
    any = true;
  }
  if (any) buf_char(out, ']');
}

static void write_fixes(const SourceMap *map, const Diag *d, Buf *out) {
  key(out, "fixes");
  buf_char(out, '[');
  for (const DiagFix *f = d->fixes; f; f = f->next) {
    buf_str(out, f == d->fixes ? "{\"message\": " : ", {\"message\": ");
    machine_string(out, f->help);
    key(out, "safe");
    buf_str(out, f->safe ? "true" : "false");
    key(out, "place");
    write_span(map, f->span, out);
    key(out, "text");
    machine_string(out, f->text);
    if (f->part) buf_str(out, ", \"part\": true");
    buf_char(out, '}');
  }
  buf_char(out, ']');
}

static void write_record(const SourceMap *map, const Diag *d, Buf *out) {
  buf_printf(out, "{\"code\": \"%s\", \"severity\": \"%s\"", diag_code_text(d->code), machine_severity(d->severity));
  key(out, "title");
  machine_string(out, diag_code_title(d->code));
  key(out, "message");
  machine_string(out, d->message);
  key(out, "place");
  write_place(map, d, out);
  key(out, "label");
  if (d->label) machine_string(out, d->label);
  else buf_str(out, "null");
  write_related(map, d, out);
  write_notes(d, out);
  write_path(d, out);
  if (d->replay) write_replay(d->replay, out);
  write_fixes(map, d, out);
  buf_char(out, '}');
}

void diag_render_json(DiagSink *sink, const SourceMap *map, Buf *out) {
  buf_str(out, "{\"format\": \"tagout-diagnostics\", \"version\": 1");
  buf_printf(out, ", \"errors\": %u, \"warnings\": %u, \"dropped\": %u, \"diagnostics\": [", diag_errors(sink),
             diag_warnings(sink), diag_dropped(sink));
  for (uint32_t i = 0; i < diag_count(sink); i++) {
    buf_str(out, i ? ",\n" : "\n");
    write_record(map, diag_get(sink, i), out);
  }
  buf_str(out, diag_count(sink) ? "\n]}\n" : "]}\n");
}
