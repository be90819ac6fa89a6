/* diag_paint: what the files of the terminal renderer share: a painter that writes coloured pieces (diag_text.c), a
 * source line with marks below it (diag_snippet.c), the places of a record (diag_places.c). Nobody else includes it. */
#ifndef TAGOUT_LANG_DIAG_PAINT_H
#define TAGOUT_LANG_DIAG_PAINT_H

#include "lang/diag.h"

typedef enum Paint {
  PAINT_PLAIN, PAINT_BOLD, PAINT_ERROR, PAINT_WARNING, PAINT_NOTE,
  PAINT_FRAME, /* gutter, arrows, secondary marks */
  PAINT_FIX
} Paint;

typedef struct Painter {
  const SourceMap *map;
  DiagStyle style;
  unsigned gutter;  /* digits of the largest line number that the record shows */
  Paint severity;   /* colour of the record's primary marks */
  Buf *out;
} Painter;

void paint_begin(const Painter *p, Paint paint); /* SGR, when colour is on */
void paint_end(const Painter *p, Paint paint);
void paint_text(const Painter *p, Paint paint, const char *s); /* a user's text: escaped; line ends are kept out */
void paint_rule(const Painter *p, const char *sign);           /* the frame left of an empty line: "   |" */

/* One mark below a line of source. */
typedef enum SpotKind { SPOT_SECONDARY, SPOT_PRIMARY, SPOT_FIX } SpotKind; /* ---- ^^^^ ~~~~ */
typedef struct Spot {
  const Source *source;
  uint32_t line;     /* 1-based */
  uint32_t lo, hi;   /* bytes of that line */
  SpotKind kind;
  const char *label; /* NULL: none */
} Spot;

/* The line with the marks and labels of its spots, which are sorted by lo. */
void snippet_line(const Painter *p, uint32_t number, const char *text, uint32_t len, const Spot *spots, uint32_t count);
/* All places of a record, file by file, the primary's first. */
void places_draw(const Painter *p, const Diag *d);
/* The lines as they are after the fix; false, and nothing drawn, when they cannot be shown. */
bool places_draw_fix(const Painter *p, const DiagFix *fix);
uint32_t places_last_line(const SourceMap *map, const Diag *d); /* largest line number that will be shown */

#endif
