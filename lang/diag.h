/* diag: what is wrong with a user's input, as data. A Diag has a stable code (diag.def), one primary and any
 * number of secondary labelled spans, notes, and fixes. A sink collects them, drops exact repetitions, sorts
 * them and caps their number; renderers (diag_text, diag_json) turn the sink into output. Library code never
 * prints. Everything is allocated in the sink's arena.
 *
 * Use:   Diag *d = diag_new(sink, E_UNKNOWN_NAME, span, "no fact is named `%s`", name);
 *        diag_label(d, other, "declared here"); diag_note(d, "..."); diag_fix(d, span, "power", true, "use ...");
 * The record is in the sink from diag_new on; there is no emit step to forget. */
#ifndef TAGOUT_LANG_DIAG_H
#define TAGOUT_LANG_DIAG_H

#include "lang/buf.h"
#include "lang/source.h"
#include <stdbool.h>

typedef enum Severity { SEV_ERROR, SEV_WARNING, SEV_NOTE } Severity;

/* enum DiagCode: one value per row DIAG(NAME, "E0101", SEV, "title") of diag.def; explanations are in
 * lang/explain/E0101.md and are embedded. A code never changes its meaning and is never reused. */
typedef enum DiagCode {
#define DIAG(name, code, severity, title) name,
#include "lang/diag.def"
#undef DIAG
  DIAG_COUNT
} DiagCode;

typedef struct DiagLabel { struct DiagLabel *next; Span span; const char *text; } DiagLabel;
/* A thing that happens on the way to what is wrong: line 0: nowhere; fault: it went wrong by itself. */
typedef struct DiagStep { uint32_t number, line; const char *file, *text; bool fault; } DiagStep;
typedef struct DiagNote { struct DiagNote *next; const char *text; const DiagStep *step; } DiagNote; /* step: as data, NULL: a plain note */
/* What came of the way when it was replayed on the engine: with whom; where it was saved, with the command that shows it: "" not. */
typedef struct DiagReplay { bool reproduced; const char *kind, *member, *saved, *command; } DiagReplay;
/* A suggested edit: replace span by text. safe: may be applied by a machine. part: one edit with the fix before it. */
typedef struct DiagFix { struct DiagFix *next; Span span; const char *text; const char *help; bool safe, part; } DiagFix;

typedef struct Diag {
  DiagCode code;
  Severity severity;
  const char *message;
  Span span;              /* primary; {0,0} when the place is no source text: then file/line/column below */
  const char *label;      /* text at the primary span, may be NULL */
  const char *file;       /* for data files (fleet rows, program and plan files): path, else NULL */
  uint32_t line, column;  /* 1-based, 0 when unknown; only with file */
  DiagLabel *labels;
  DiagNote *notes;
  DiagFix *fixes;
  const DiagReplay *replay; /* NULL: nothing was replayed */
  uint32_t order;         /* order of arrival: the last key of the sort */
} Diag;

typedef struct DiagSink DiagSink;

DiagSink *diag_sink_new(Arena *arena, const SourceMap *map);      /* map may be NULL (data files only) */
Arena *diag_sink_arena(const DiagSink *sink);
Diag *diag_new(DiagSink *sink, DiagCode code, Span span, const char *format, ...) __attribute__((format(printf, 4, 5)));
Diag *diag_at(DiagSink *sink, DiagCode code, const char *file, uint32_t line, uint32_t column, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void diag_primary_label(DiagSink *sink, Diag *d, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_label(DiagSink *sink, Diag *d, Span span, const char *format, ...) __attribute__((format(printf, 4, 5)));
void diag_note(DiagSink *sink, Diag *d, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_step(DiagSink *sink, Diag *d, const DiagStep *step);   /* a numbered note; copies *step, not its texts */
void diag_replay(DiagSink *sink, Diag *d, const DiagReplay *replay); /* copies it with its texts */
void diag_fix(DiagSink *sink, Diag *d, Span span, bool safe, const char *text, const char *help_format, ...)
    __attribute__((format(printf, 6, 7)));
void diag_fix_part(DiagSink *sink, Diag *d, Span span, const char *text, const char *help); /* goes with the last fix */

/* Takes back what was recorded since; diag_get must not have been called in between. */
typedef struct DiagMark { uint32_t count, errors, warnings, dropped; } DiagMark;
DiagMark diag_mark(const DiagSink *sink);
void diag_rewind(DiagSink *sink, DiagMark mark);

uint32_t diag_errors(const DiagSink *sink);      /* errors recorded, also those past the cap */
uint32_t diag_warnings(const DiagSink *sink);
uint32_t diag_count(const DiagSink *sink);       /* records kept */
uint32_t diag_dropped(const DiagSink *sink);     /* records past LIMIT_DIAGNOSTICS */
const Diag *diag_get(DiagSink *sink, uint32_t i); /* in order of (file, place, arrival); sorts lazily */

const char *diag_code_text(DiagCode code);        /* "E0101" */
const char *diag_code_title(DiagCode code);
Severity diag_code_severity(DiagCode code);
bool diag_code_find(const char *text, DiagCode *ret_code); /* "E0101", "e0101" */
const char *diag_explain(DiagCode code);          /* the long text, embedded */

/* Renderers. Colour writes SGR sequences; width is the terminal's (0 = no limit). */
typedef struct DiagStyle { bool color; unsigned width; } DiagStyle;
void diag_render_text(DiagSink *sink, const SourceMap *map, DiagStyle style, Buf *out);
void diag_render_json(DiagSink *sink, const SourceMap *map, Buf *out);
void diag_render_sarif(DiagSink *sink, const SourceMap *map, Buf *out);  /* SARIF 2.1.0 */

#endif
