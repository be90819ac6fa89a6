/* diag: the registry of codes and the sink. A record that is a repetition, or past the limit, is counted or
 * forgotten but never NULL: its builder gets a record that no renderer sees, and goes on as if it were kept. */
#include <config.h>

#include "lang/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lang/embedded.h"
#include "lang/limits.h"

struct DiagSink {
  Arena *arena;
  const SourceMap *map;
  Diag *kept[LIMIT_DIAGNOSTICS];
  uint32_t count;
  uint32_t errors, warnings, dropped;
  bool sorted;
  Diag discard; /* what the builder of a repeated or dropped record writes to */
};

typedef struct CodeInfo {
  const char *code, *title;
  Severity severity;
} CodeInfo;

static const CodeInfo codes[] = {
#define DIAG(name, code, severity, title) {code, title, severity},
#include "lang/diag.def"
#undef DIAG
};

const char *diag_code_text(DiagCode code) { return codes[code].code; }
const char *diag_code_title(DiagCode code) { return codes[code].title; }
Severity diag_code_severity(DiagCode code) { return codes[code].severity; }

bool diag_code_find(const char *text, DiagCode *ret_code) {
  for (uint32_t i = 0; i < DIAG_COUNT; i++) {
    if (strcasecmp(codes[i].code, text) != 0) continue;
    *ret_code = (DiagCode)i;
    return true;
  }
  return false;
}

const char *diag_explain(DiagCode code) {
  const char *name = codes[code].code;
  const EmbeddedFile *file = embedded_find(&explain_files, name, strlen(name));
  return file ? file->text : ""; /* a test sees to it that there is one for every code */
}

Arena *diag_sink_arena(const DiagSink *sink) { return sink->arena; }

DiagSink *diag_sink_new(Arena *arena, const SourceMap *map) {
  DiagSink *sink = arena_new_object(arena, DiagSink);
  sink->arena = arena;
  sink->map = map;
  return sink;
}

static const char *format_text(DiagSink *sink, const char *format, va_list ap) {
  Buf b = BUF_INIT;
  buf_vprintf(&b, format, ap);
  const char *text = arena_string(sink->arena, b.data, b.len);
  buf_done(&b);
  return text;
}

/* ---- records ---- */

static bool same_file(const Diag *a, const Diag *b) {
  if (!a->file || !b->file) return a->file == b->file;
  return strcmp(a->file, b->file) == 0;
}

static bool same_record(const Diag *a, const Diag *b) {
  return a->code == b->code && a->span.lo == b->span.lo && a->span.hi == b->span.hi && a->line == b->line &&
         a->column == b->column && same_file(a, b) && strcmp(a->message, b->message) == 0;
}

static void count(DiagSink *sink, Severity severity) {
  switch (severity) {
  case SEV_ERROR: sink->errors++; break;
  case SEV_WARNING: sink->warnings++; break;
  case SEV_NOTE: break;
  }
}

/* Keeps the record made of these fields, or hands out the one that nobody sees. */
static Diag *keep(DiagSink *sink, const Diag *fields) {
  sink->discard = *fields;
  for (uint32_t i = 0; i < sink->count; i++) {
    if (same_record(sink->kept[i], fields)) return &sink->discard;
  }
  count(sink, fields->severity);
  if (sink->count == LIMIT_DIAGNOSTICS) {
    sink->dropped++;
    return &sink->discard;
  }
  Diag *d = arena_copy(sink->arena, fields, sizeof *fields);
  d->order = sink->count;
  sink->kept[sink->count++] = d;
  sink->sorted = false;
  return d;
}

/* Past the limit a record is only counted, so that its text need not be made. */
static Diag *only_count(DiagSink *sink, DiagCode code) {
  count(sink, codes[code].severity);
  sink->dropped++;
  sink->discard = (Diag){.code = code, .severity = codes[code].severity, .message = ""};
  return &sink->discard;
}

Diag *diag_new(DiagSink *sink, DiagCode code, Span span, const char *format, ...) {
  if (sink->count == LIMIT_DIAGNOSTICS) return only_count(sink, code);
  assert(span.lo <= span.hi);
  va_list ap;
  va_start(ap, format);
  const char *message = format_text(sink, format, ap);
  va_end(ap);
  return keep(sink, &(Diag){.code = code, .severity = codes[code].severity, .message = message, .span = span});
}

Diag *diag_at(DiagSink *sink, DiagCode code, const char *file, uint32_t line, uint32_t column, const char *format,
              ...) {
  if (sink->count == LIMIT_DIAGNOSTICS) return only_count(sink, code);
  va_list ap;
  va_start(ap, format);
  const char *message = format_text(sink, format, ap);
  va_end(ap);
  return keep(sink, &(Diag){.code = code,
                            .severity = codes[code].severity,
                            .message = message,
                            .file = arena_string(sink->arena, file, strlen(file)),
                            .line = line,
                            .column = column});
}

DiagMark diag_mark(const DiagSink *sink) {
  return (DiagMark){sink->count, sink->errors, sink->warnings, sink->dropped};
}

void diag_rewind(DiagSink *sink, DiagMark mark) {
  assert(mark.count <= sink->count);
  sink->count = mark.count;
  sink->errors = mark.errors;
  sink->warnings = mark.warnings;
  sink->dropped = mark.dropped;
}

/* ---- what belongs to a record ---- */

void diag_primary_label(DiagSink *sink, Diag *d, const char *format, ...) {
  if (d == &sink->discard) return;
  va_list ap;
  va_start(ap, format);
  d->label = format_text(sink, format, ap);
  va_end(ap);
}

void diag_label(DiagSink *sink, Diag *d, Span span, const char *format, ...) {
  if (d == &sink->discard || span.hi == 0) return; /* a place that is not known cannot be shown */
  DiagLabel *label = arena_new_object(sink->arena, DiagLabel);
  label->span = span;
  va_list ap;
  va_start(ap, format);
  label->text = format_text(sink, format, ap);
  va_end(ap);
  DiagLabel **end = &d->labels;
  while (*end) end = &(*end)->next;
  *end = label;
}

void diag_note(DiagSink *sink, Diag *d, const char *format, ...) {
  if (d == &sink->discard) return;
  DiagNote *note = arena_new_object(sink->arena, DiagNote);
  va_list ap;
  va_start(ap, format);
  note->text = format_text(sink, format, ap);
  va_end(ap);
  DiagNote **end = &d->notes;
  while (*end) end = &(*end)->next;
  *end = note;
}

void diag_step(DiagSink *sink, Diag *d, const DiagStep *step) {
  const char *fault = step->fault ? "  <-- a fault" : "";
  if (step->line) diag_note(sink, d, "%3u. %s (line %u)%s", step->number, step->text, step->line, fault);
  else diag_note(sink, d, "%3u. %s%s", step->number, step->text, fault);
  DiagNote *last = d->notes;
  while (last && last->next) last = last->next;
  if (last) last->step = arena_copy(sink->arena, step, sizeof *step);
}

static const char *own_text(DiagSink *sink, const char *text) { return arena_string(sink->arena, text ? text : "", text ? strlen(text) : 0); }

void diag_replay(DiagSink *sink, Diag *d, const DiagReplay *replay) {
  if (d == &sink->discard) return;
  DiagReplay own = {.reproduced = replay->reproduced, .kind = own_text(sink, replay->kind), .member = own_text(sink, replay->member),
                    .saved = own_text(sink, replay->saved), .command = own_text(sink, replay->command)};
  d->replay = arena_copy(sink->arena, &own, sizeof own);
}

void diag_fix(DiagSink *sink, Diag *d, Span span, bool safe, const char *text, const char *help_format, ...) {
  if (d == &sink->discard) return;
  DiagFix *fix = arena_new_object(sink->arena, DiagFix);
  fix->span = span;
  fix->safe = safe;
  fix->text = arena_string(sink->arena, text, strlen(text));
  va_list ap;
  va_start(ap, help_format);
  fix->help = format_text(sink, help_format, ap);
  va_end(ap);
  DiagFix **end = &d->fixes;
  while (*end) end = &(*end)->next;
  *end = fix;
}

void diag_fix_part(DiagSink *sink, Diag *d, Span span, const char *text, const char *help) {
  if (d == &sink->discard) return;
  diag_fix(sink, d, span, false, text, "%s", help);
  DiagFix *last = d->fixes;
  while (last->next) last = last->next;
  last->part = true;
}

/* ---- reading the sink ---- */

uint32_t diag_errors(const DiagSink *sink) { return sink->errors; }
uint32_t diag_warnings(const DiagSink *sink) { return sink->warnings; }
uint32_t diag_count(const DiagSink *sink) { return sink->count; }
uint32_t diag_dropped(const DiagSink *sink) { return sink->dropped; }

static int compare_u32(uint32_t a, uint32_t b) { return (a > b) - (a < b); }

static int compare_files(const char *a, const char *b) {
  if (!a || !b) return (a != NULL) - (b != NULL);
  return strcmp(a, b);
}

/* Records without a place come first, then data files, then sources in the order of the map. */
static int compare_records(const void *left, const void *right) {
  const Diag *a = *(Diag *const *)left, *b = *(Diag *const *)right;
  int order = compare_u32(a->span.lo, b->span.lo);
  if (!order) order = compare_files(a->file, b->file);
  if (!order) order = compare_u32(a->line, b->line);
  if (!order) order = compare_u32(a->column, b->column);
  if (!order) order = compare_u32(a->order, b->order);
  return order;
}

const Diag *diag_get(DiagSink *sink, uint32_t i) {
  assert(i < sink->count);
  if (!sink->sorted) {
    qsort(sink->kept, sink->count, sizeof *sink->kept, compare_records);
    sink->sorted = true;
  }
  return sink->kept[i];
}
