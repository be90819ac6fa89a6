/* utf8: see utf8.h. Everything that measures or shows text walks it cluster by cluster through next_cluster, so
 * that a caret and the text above it can never disagree. ASCII takes a short way that asks no table. */
#include <config.h>

#include "lang/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define TAB_STOP 8u
#define REGIONAL_FIRST 0x1F1E6
#define REGIONAL_LAST 0x1F1FF
#define EMOJI_SELECTOR 0xFE0F

int utf8_decode(const char *s, size_t len, size_t *ret_bytes) {
  *ret_bytes = 1;
  if (len == 0) return -1;
  if ((unsigned char)s[0] < 0x80) return s[0];
  utf8proc_int32_t code_point;
  utf8proc_ssize_t most = len < 4 ? (utf8proc_ssize_t)len : 4;
  utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s, most, &code_point);
  if (n <= 0) return -1;
  *ret_bytes = (size_t)n;
  return code_point;
}

/* Length of the ASCII text at s, found eight bytes at a time. */
static size_t ascii_prefix(const char *s, size_t len) {
  size_t i = 0;
  for (; i + 8 <= len; i += 8) {
    uint64_t word;
    memcpy(&word, s + i, 8);
    if (word & 0x8080808080808080u) break;
  }
  while (i < len && (unsigned char)s[i] < 0x80) i++;
  return i;
}

size_t utf8_first_invalid(const char *s, size_t len) {
  for (size_t i = 0;;) {
    i += ascii_prefix(s + i, len - i);
    if (i == len) return len;
    size_t bytes;
    if (utf8_decode(s + i, len - i, &bytes) < 0) return i;
    i += bytes;
  }
}

bool utf8_is_bidi_control(int c) {
  bool embeds = c >= 0x202A && c <= 0x202E, isolates = c >= 0x2066 && c <= 0x2069;
  return embeds || isolates || c == 0x200E || c == 0x200F || c == 0x061C;
}

static bool is_ascii_letter(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool utf8_is_name_start(int c) {
  if (c < 0x80) return is_ascii_letter(c) || c == '_';
  utf8proc_category_t cat = utf8proc_category(c);
  return (cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) || cat == UTF8PROC_CATEGORY_NL;
}

bool utf8_is_name_continue(int c) {
  if (c < 0x80) return is_ascii_letter(c) || c == '_' || (c >= '0' && c <= '9');
  if (utf8_is_name_start(c)) return true;
  utf8proc_category_t cat = utf8proc_category(c);
  return cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_MC || cat == UTF8PROC_CATEGORY_ND ||
         cat == UTF8PROC_CATEGORY_PC;
}

bool utf8_nfc(const char *s, size_t len, Buf *out) {
  if (ascii_prefix(s, len) == len) {
    buf_add(out, s, len);
    return true;
  }
  utf8proc_uint8_t *composed = NULL;
  utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &composed, how);
  if (n == UTF8PROC_ERROR_NOMEM) abort();
  if (n < 0) return false;
  buf_add(out, composed, (size_t)n);
  free(composed);
  return true;
}

/* What a cluster looks like on a terminal. */
typedef enum ClusterForm { FORM_PLAIN, FORM_TAB, FORM_ESCAPE } ClusterForm;
typedef struct Cluster {
  size_t bytes, cells;
  int first; /* its first code point; the byte value for an invalid byte */
  ClusterForm form;
} Cluster;

/* Code points that a reader cannot see or that move the text around. The joiners U+200C and U+200D are part of
 * words and emoji and stay as they are. */
static bool must_escape(int c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || utf8_is_bidi_control(c) || c == 0x200B || c == 0x2060 ||
         c == 0xFEFF || c == 0x2028 || c == 0x2029;
}

/* \x1B for bytes and control characters, \u{202E} for the rest. */
static int escape_text(char room[16], int code_point) {
  static const char hex[] = "0123456789ABCDEF";
  int n = 0;
  room[n++] = '\\';
  room[n++] = code_point < 0x100 ? 'x' : 'u';
  if (code_point >= 0x100) room[n++] = '{';
  int digits = code_point < 0x100 ? 2 : code_point < 0x10000 ? 4 : code_point < 0x100000 ? 5 : 6;
  for (int d = digits - 1; d >= 0; d--) room[n++] = hex[(code_point >> (4 * d)) & 15];
  if (code_point >= 0x100) room[n++] = '}';
  return n;
}

static Cluster escaped_cluster(size_t bytes, int first) {
  char room[16];
  size_t cells = (size_t)escape_text(room, first);
  return (Cluster){.bytes = bytes, .cells = cells, .first = first, .form = FORM_ESCAPE};
}

/* Extends a cluster that begins with a visible code point by all that belongs to it. Its width is that of its
 * widest member; a pair of regional indicators (a flag) and an emoji selector make it two cells wide. */
static void extend_cluster(const char *s, size_t len, Cluster *c) {
  utf8proc_int32_t state = 0;
  int before = c->first;
  while (c->bytes < len) {
    size_t bytes;
    int next = utf8_decode(s + c->bytes, len - c->bytes, &bytes);
    if (next < 0 || must_escape(next) || utf8proc_grapheme_break_stateful(before, next, &state)) return;
    int width = utf8proc_charwidth(next);
    if (width > 0 && (size_t)width > c->cells) c->cells = (size_t)width;
    bool flag = next >= REGIONAL_FIRST && next <= REGIONAL_LAST;
    if (flag || (next == EMOJI_SELECTOR && c->first >= 0x80)) c->cells = 2;
    c->bytes += bytes;
    before = next;
  }
}

static Cluster next_cluster(const char *s, size_t len, size_t cell) {
  unsigned char byte = (unsigned char)s[0];
  if (byte == '\t')
    return (Cluster){.bytes = 1, .cells = TAB_STOP - cell % TAB_STOP, .first = '\t', .form = FORM_TAB};
  if (byte >= 0x20 && byte < 0x7F && (len == 1 || (unsigned char)s[1] < 0x80))
    return (Cluster){.bytes = 1, .cells = 1, .first = byte};
  size_t bytes;
  int first = utf8_decode(s, len, &bytes);
  if (first < 0) return escaped_cluster(1, byte);
  if (must_escape(first)) return escaped_cluster(bytes, first);
  int width = utf8proc_charwidth(first);
  Cluster c = {.bytes = bytes, .cells = width > 0 ? (size_t)width : 0, .first = first};
  extend_cluster(s, len, &c);
  return c;
}

size_t utf8_cells(const char *s, size_t len, size_t start_cell) {
  size_t cell = start_cell;
  for (size_t i = 0; i < len;) {
    Cluster c = next_cluster(s + i, len - i, cell);
    cell += c.cells;
    i += c.bytes;
  }
  return cell - start_cell;
}

size_t utf8_at_cell(const char *s, size_t len, size_t cell, size_t *ret_cell) {
  size_t at = 0, i = 0;
  while (i < len && at < cell) {
    Cluster c = next_cluster(s + i, len - i, at);
    at += c.cells;
    i += c.bytes;
  }
  *ret_cell = at;
  return i;
}

size_t utf8_clusters(const char *s, size_t len) {
  size_t count = 0;
  for (size_t i = 0; i < len; count++) {
    size_t ascii = ascii_prefix(s + i, len - i); /* one cluster each, but the last may be extended */
    if (ascii > 1) count += ascii - 1, i += ascii - 1;
    i += next_cluster(s + i, len - i, 0).bytes;
  }
  return count;
}

size_t utf8_utf16_units(const char *s, size_t len) {
  size_t units = 0;
  for (size_t i = 0; i < len;) {
    size_t plain = ascii_prefix(s + i, len - i), bytes;
    units += plain;
    i += plain;
    if (i == len) break;
    units += utf8_decode(s + i, len - i, &bytes) >= 0x10000 ? 2 : 1;
    i += bytes;
  }
  return units;
}

static void show_cluster(const char *s, const Cluster *c, Buf *out) {
  char room[16];
  switch (c->form) {
  case FORM_PLAIN: buf_add(out, s, c->bytes); break;
  case FORM_TAB: buf_fill(out, ' ', c->cells); break;
  case FORM_ESCAPE: buf_add(out, room, (size_t)escape_text(room, c->first)); break;
  }
}

void utf8_show(const char *s, size_t len, size_t start_cell, Buf *out) {
  size_t cell = start_cell;
  for (size_t i = 0; i < len;) {
    Cluster c = next_cluster(s + i, len - i, cell);
    show_cluster(s + i, &c, out);
    cell += c.cells;
    i += c.bytes;
  }
}

void utf8_show_cut(const char *s, size_t len, size_t cells, Buf *out) {
  size_t cell = 0, fits = out->len; /* fits: length of the output that leaves one cell for the ellipsis */
  for (size_t i = 0; i < len;) {
    Cluster c = next_cluster(s + i, len - i, cell);
    if (cell + c.cells > cells) {
      out->len = fits;
      if (cells) buf_str(out, "…");
      return;
    }
    show_cluster(s + i, &c, out);
    cell += c.cells;
    i += c.bytes;
    if (cell < cells) fits = out->len;
  }
}
