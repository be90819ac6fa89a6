/* scan_report: see scan_report.h. */
#include <config.h>

#include "lang/scan_report.h"

#include "lang/grammar.h"
#include "lang/utf8.h"
#include <string.h>
#include <strings.h>

/* ---- tokens that need a look at their bytes ---- */

size_t scan_wide_name(const char *s, size_t len) {
  size_t i = 0;
  while (i < len) {
    size_t bytes;
    int c = utf8_decode(s + i, len - i, &bytes);
    if (c < 0 || !(i ? utf8_is_name_continue(c) : utf8_is_name_start(c))) break;
    i += bytes;
  }
  return i;
}

static bool is_unit(const char *word, size_t len) {
  static const struct { const char *text; size_t len; } units[] = {
#define UNIT(kind, unit, factor) {unit, sizeof unit - 1},
#define ALIAS(written, unit) {written, sizeof written - 1},
#include "lang/quantity.def"
  };
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (units[i].len == len && units[i].text[0] == word[0] && memcmp(units[i].text, word, len) == 0) return true;
  }
  return false;
}

size_t scan_unit(const char *s, size_t len) {
  size_t number = strcspn(s, " \t\r"), word = number + strspn(s + number, " \t\r");
  return is_unit(s + word, len - word) ? 0 : number;
}

/* ---- mistakes ---- */

#define LONGEST_LUMP 1024u

static void report_blank(Parse *p, Span place) {
  Diag *d = diag_new(p->sink, E_UNKNOWN_CHARACTER, place, "a blank that is not an ordinary blank");
  diag_fix(p->sink, d, place, true, " ", "write an ordinary blank");
}

static const char *straight(int c) {
  switch (c) {
  case 0x201C: case 0x201D: case 0x201E: case 0xAB: case 0xBB: return "\"";
  case 0x2013: case 0x2014: case 0x2212: return "-";
  case 0x2264: return "<=";
  case 0x2265: return ">=";
  case 0x2260: return "is not";
  default: return NULL;
  }
}

/* Bytes of the quote of another sort that begins here, 0 when none does. */
static size_t foreign_quote(const char *s) {
  static const char *const quotes[] = {"'", "`", "\u2018", "\u2019", "\u201A", "\u201C", "\u201D", "\u201E", "\u00AB", "\u00BB"};
  for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++)
    if (strncmp(s, quotes[i], strlen(quotes[i])) == 0) return strlen(quotes[i]);
  return 0;
}

/* A text in quotes of another sort, on one line: said once, at its begin. False: there is only one of them. */
static bool report_quotes(Parse *p, Span span) {
  const char *begin = parse_text(p, span.lo), *end = begin + foreign_quote(begin), *text = end;
  if (end == begin) return false;
  if (p->quoted >= span.lo) return true; /* its end */
  while (*end && *end != '\n' && *end != '"' && !foreign_quote(end)) end++;
  size_t len = (size_t)(end - text), close = foreign_quote(end);
  if (!close) return false;
  Span whole = {span.lo, span.lo + (SrcPos)(end - begin + (ptrdiff_t)close)};
  p->quoted = whole.hi;
  Diag *d = diag_new(p->sink, E_UNKNOWN_CHARACTER, whole, "a text stands in straight double quotes");
  diag_fix(p->sink, d, whole, true, arena_printf(p->arena, "\"%.*s\"", (int)len, text), "write `\"`");
  return true;
}

/* One message for a run of the same character, or for a lump so long that nobody meant it as words (and that flex
 * would match again and again). */
size_t scan_unknown(Parse *p, const char *s, size_t len, Span span) {
  size_t bytes, run;
  int c = utf8_decode(s, len, &bytes);
  int before = parse_token(p, 0)->kind;
  bool within = before && before != SYN_NL && before != '{' && !p->newline;
  if (within) parse_mark_reported(p); /* what it stood for is missing now */
  if (span.lo == p->source->base && c == 0xFEFF) return bytes; /* a byte order mark */
  if (report_quotes(p, span)) return bytes;
  for (run = bytes; run + bytes <= len && memcmp(s, s + run, bytes) == 0;) run += bytes;
  if (len > LONGEST_LUMP || (c >= 0 && c < 0x80)) run = len;
  Span place = {span.lo, span.lo + (SrcPos)run};
  if (c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200B)) {
    report_blank(p, place);
    return run;
  }
  if (c < 0) {
    diag_new(p->sink, E_UNKNOWN_CHARACTER, place, "a byte that is not text: 0x%02x", (unsigned)(unsigned char)s[0]);
    return run;
  }
  Buf shown = BUF_INIT;
  utf8_show(s, bytes, 0, &shown);
  Diag *d = diag_new(p->sink, E_UNKNOWN_CHARACTER, place, "the language has no `%s` (U+%04X)", shown.data,
                     (unsigned)c);
  buf_done(&shown);
  if (straight(c)) diag_fix(p->sink, d, place, true, straight(c), "write `%s`", straight(c));
  return run;
}

/* One message per line: the end that is missing makes a second one look missing too. NULL: said already. */
static Diag *report_open_text(Parse *p, Span span) {
  SrcPos last = p->open_text;
  parse_mark_reported(p);
  p->uncertain = true;
  p->open_text = span.lo;
  if (last && !memchr(parse_text(p, last), '\n', span.lo - last)) return NULL;
  return diag_new(p->sink, E_UNTERMINATED_TEXT, span, "a text ends on the line where it begins");
}

size_t scan_open_text(Parse *p, const char *s, size_t len, Span span) {
  size_t end = len;
  while (end > 1 && strchr(" \t\r", s[end - 1])) end--;
  if (end > 2 && (s[end - 1] == '{' || s[end - 1] == '}')) end--; /* rather of a block than of the text */
  Diag *d = report_open_text(p, (Span){span.lo, span.lo + 1});
  if (!d) return end;
  diag_primary_label(p->sink, d, "this quote has no partner");
  diag_note(p->sink, d, "a line break inside a text is written `\\n`");
  return end;
}

void scan_unclosed_text(Parse *p, Span span) {
  uint32_t i = p->depth;
  while (i && p->openers[i].bracket != '$') i--;
  Diag *d = report_open_text(p, (Span){span.lo, span.lo});
  if (!d) return;
  diag_primary_label(p->sink, d, "expected `}` and the closing quote before this");
  diag_label(p->sink, d, p->openers[i].span, "the text begins here");
}

void scan_foreign(Parse *p, Span span, const char *ours) {
  Diag *d = diag_new(p->sink, E_FOREIGN_OPERATOR, span, "`%.*s` is written `%s`", (int)span_length(span),
                     parse_text(p, span.lo), ours);
  bool word_behind = !strchr(" \t\r\n(", *parse_text(p, span.hi));
  const char *fix = word_behind ? arena_printf(p->arena, "%s ", ours) : ours;
  diag_fix(p->sink, d, span, true, fix, "write `%s`", ours);
}

void scan_foreign_comment(Parse *p, Span span) {
  Span mark = {span.lo, span.lo + 2};
  Diag *d = diag_new(p->sink, E_FOREIGN_COMMENT, mark, "a comment begins with `#` and ends with its line");
  if (parse_text(p, span.lo)[1] == '/') diag_fix(p->sink, d, mark, true, "#", "write `#`");
}

void scan_semicolon(Parse *p, Span span) {
  Diag *d = diag_new(p->sink, E_SEMICOLON, span, "a statement ends with its line, not with `;`");
  const char *behind = parse_text(p, span.hi);
  behind += strspn(behind, " \t\r");
  if (!*behind || *behind == '\n' || *behind == '#') diag_fix(p->sink, d, span, true, "", "remove it");
  else diag_note(p->sink, d, "the next statement stands on a line of its own");
}
