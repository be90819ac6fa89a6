/* decode: from the spelling of a token to its value. Texts lose their escapes, names become NFC, numbers become
 * quantities. Each reports what is wrong and gives something usable, so that parsing goes on. */
#include <config.h>

#include "lang/build.h"
#include "lang/utf8.h"
#include <string.h>

/* ---- texts ---- */

static void report_escape(Parse *p, SrcPos lo, size_t len, const char *message) {
  Diag *d = diag_new(p->sink, E_BAD_ESCAPE, (Span){lo, lo + (SrcPos)len}, "%s", message);
  diag_note(p->sink, d, "the escapes are \\\" \\\\ \\n \\t \\$ and \\u{1F600}");
}

static void add_code_point(Buf *out, uint32_t c) {
  if (c < 0x80) {
    buf_char(out, (char)c);
  } else if (c < 0x800) {
    buf_char(out, (char)(0xC0 | c >> 6));
    buf_char(out, (char)(0x80 | (c & 0x3F)));
  } else {
    if (c < 0x10000) {
      buf_char(out, (char)(0xE0 | c >> 12));
    } else {
      buf_char(out, (char)(0xF0 | c >> 18));
      buf_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
    }
    buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
    buf_char(out, (char)(0x80 | (c & 0x3F)));
  }
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The u{...} behind a backslash: bytes read. */
static size_t decode_code_point(Parse *p, const char *s, size_t len, SrcPos lo) {
  uint32_t c = 0;
  size_t i = 2, digits = 0;
  for (; i < len && hex_digit(s[i]) >= 0 && digits < 7; i++, digits++) c = c * 16 + (uint32_t)hex_digit(s[i]);
  bool whole = len > 2 && s[1] == '{' && digits && i < len && s[i] == '}';
  if (!whole) {
    report_escape(p, lo - 1, 2, "`\\u` wants a code point in braces");
    return 1;
  }
  bool scalar = c && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF) && !utf8_is_bidi_control((int)c);
  if (scalar) add_code_point(&p->scratch, c);
  else report_escape(p, lo - 1, i + 2, "a text cannot hold this code point");
  return i + 1;
}

/* The escape whose backslash is behind us: bytes read. */
static size_t decode_escape(Parse *p, const char *s, size_t len, SrcPos lo) {
  switch (len ? s[0] : '\0') {
  case '"': case '\\': case '$': buf_char(&p->scratch, s[0]); return 1;
  case 'n': buf_char(&p->scratch, '\n'); return 1;
  case 't': buf_char(&p->scratch, '\t'); return 1;
  case 'u': return decode_code_point(p, s, len, lo);
  default: break;
  }
  size_t bytes = 0;
  if (len) utf8_decode(s, len, &bytes);
  report_escape(p, lo - 1, bytes + 1, "there is no such escape");
  buf_add(&p->scratch, s, bytes);
  return bytes;
}

Atom decode_string(Parse *p, const char *bytes, size_t len, SrcPos lo) {
  if (len > LIMIT_STRING_BYTES) {
    diag_new(p->sink, E_TEXT_TOO_LONG, (Span){lo, lo + (SrcPos)len},
             "a text of %zu bytes; at most %u are allowed", len,
             LIMIT_STRING_BYTES);
    return intern_add(p->names, "", 0);
  }
  const char *escape = len ? memchr(bytes, '\\', len) : NULL;
  if (!escape) return intern_add(p->names, bytes, len);
  buf_reset(&p->scratch);
  size_t i = 0;
  for (; escape; escape = i < len ? memchr(bytes + i, '\\', len - i) : NULL) {
    size_t at = (size_t)(escape - bytes);
    buf_add(&p->scratch, bytes + i, at - i);
    i = at + 1 + decode_escape(p, escape + 1, len - at - 1, lo + (SrcPos)at + 1);
  }
  buf_add(&p->scratch, bytes + i, len - i);
  return intern_add(p->names, p->scratch.data ? p->scratch.data : "", p->scratch.len);
}

/* ---- names ---- */

Atom decode_name(Parse *p, const char *bytes, size_t len, Span span) {
  buf_reset(&p->scratch);
  if (len <= LIMIT_STRING_BYTES && !utf8_nfc(bytes, len, &p->scratch)) buf_add(&p->scratch, bytes, len);
  if (len > LIMIT_NAME_BYTES || p->scratch.len > LIMIT_NAME_BYTES) {
    diag_new(p->sink, E_NAME_TOO_LONG, span, "a name of %zu bytes; at most %u are allowed", len, LIMIT_NAME_BYTES);
    len = LIMIT_NAME_BYTES;
    while (len && ((unsigned char)bytes[len] & 0xC0) == 0x80) len--;
    return intern_add(p->names, bytes, len);
  }
  return intern_add(p->names, p->scratch.data, p->scratch.len);
}

/* ---- numbers ---- */

Node *decode_literal(Parse *p, Span span) {
  Literal *l = (Literal *)NEW(Literal, LITERAL, span, .value = {0});
  QuantityFault fault;
  if (!quantity_parse(parse_text(p, span.lo), span_length(span), &l->value, &fault)) {
    quantity_diagnose(p->sink, span, &fault);
    l->node.poison = 1;
  }
  return &l->node;
}
