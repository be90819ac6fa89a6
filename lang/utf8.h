/* utf8: the only room that knows utf8proc. Text is UTF-8 everywhere; this measures and checks it. */
#ifndef TAGOUT_LANG_UTF8_H
#define TAGOUT_LANG_UTF8_H

#include "lang/buf.h"
#include <stdbool.h>
#include <stddef.h>

/* Offset of the first byte that is not valid UTF-8, or len when all of it is valid. */
size_t utf8_first_invalid(const char *s, size_t len);
/* The code point at s and its byte length; -1 and 1 for an invalid byte. */
int utf8_decode(const char *s, size_t len, size_t *ret_bytes);
/* True for bidirectional controls (U+202A-E, U+2066-9, U+200E/F, U+061C), which can hide code from a reader. */
bool utf8_is_bidi_control(int code_point);
/* May the code point start / continue a name? (XID-like: letters, marks, digits, connector punctuation.) */
bool utf8_is_name_start(int code_point);
bool utf8_is_name_continue(int code_point);
/* NFC of s appended to out; false when s is not valid UTF-8. ASCII is copied as it is. */
bool utf8_nfc(const char *s, size_t len, Buf *out);
/* Terminal cells of s: wide characters 2, combining 0, a cluster counts once, a tab goes to the next stop of 8
 * as counted from start_cell. Invalid bytes and controls count as the width of their escaped form. */
size_t utf8_cells(const char *s, size_t len, size_t start_cell);
/* Offset of the first cluster that begins at or behind the cell, and its cell; len and the width when none does. */
size_t utf8_at_cell(const char *s, size_t len, size_t cell, size_t *ret_cell);
size_t utf8_clusters(const char *s, size_t len); /* grapheme clusters */
size_t utf8_utf16_units(const char *s, size_t len);
/* s appended to out as it may be shown on a terminal: controls and bidi controls escaped, tabs expanded. */
void utf8_show(const char *s, size_t len, size_t start_cell, Buf *out);
/* As utf8_show, cut to at most cells terminal cells with a final "…" when it was longer. */
void utf8_show_cut(const char *s, size_t len, size_t cells, Buf *out);

#endif
