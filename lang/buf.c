/* buf: see buf.h. Grows by doubling; a size that overflows aborts like any other lack of memory. */
#include <config.h>

#include "lang/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arena.h"

void buf_done(Buf *b) {
  free(b->data);
  *b = (Buf)BUF_INIT;
}

void buf_reset(Buf *b) {
  b->len = 0;
  if (b->data) b->data[0] = '\0';
}

void buf_reserve(Buf *b, size_t extra) {
  if (extra < b->cap - b->len) return; /* cap 0, len 0: never true; else one byte stays for the NUL */
  size_t need;
  if (__builtin_add_overflow(b->len, extra, &need) || __builtin_add_overflow(need, 1, &need))
    size_product(SIZE_MAX, 2);
  size_t cap = b->cap ? b->cap : 64;
  while (cap < need) cap = cap > SIZE_MAX / 2 ? need : cap * 2;
  b->data = xrealloc(b->data, cap);
  b->cap = cap;
  b->data[b->len] = '\0';
}

void buf_add(Buf *b, const void *bytes, size_t len) {
  buf_reserve(b, len);
  if (len) memcpy(b->data + b->len, bytes, len);
  b->len += len;
  b->data[b->len] = '\0';
}

void buf_str(Buf *b, const char *s) { buf_add(b, s, strlen(s)); }

void buf_char(Buf *b, char c) {
  buf_reserve(b, 1);
  b->data[b->len++] = c;
  b->data[b->len] = '\0';
}

void buf_fill(Buf *b, char c, size_t n) {
  buf_reserve(b, n);
  memset(b->data + b->len, c, n);
  b->len += n;
  b->data[b->len] = '\0';
}

void buf_printf(Buf *b, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  buf_vprintf(b, format, ap);
  va_end(ap);
}

void buf_vprintf(Buf *b, const char *format, va_list ap) {
  va_list again;
  va_copy(again, ap);
  buf_reserve(b, 80);
  int n = vsnprintf(b->data + b->len, b->cap - b->len, format, ap);
  if (n > 0 && (size_t)n >= b->cap - b->len) {
    buf_reserve(b, (size_t)n);
    vsnprintf(b->data + b->len, b->cap - b->len, format, again);
  }
  va_end(again);
  if (n > 0) b->len += (size_t)n;
  b->data[b->len] = '\0';
}

static void add_little_endian(Buf *b, uint64_t v, unsigned bytes) {
  uint8_t le[8];
  for (unsigned i = 0; i < bytes; i++) le[i] = (uint8_t)(v >> (8 * i));
  buf_add(b, le, bytes);
}

void buf_u8(Buf *b, uint8_t v) { add_little_endian(b, v, 1); }
void buf_u16(Buf *b, uint16_t v) { add_little_endian(b, v, 2); }
void buf_u32(Buf *b, uint32_t v) { add_little_endian(b, v, 4); }
void buf_u64(Buf *b, uint64_t v) { add_little_endian(b, v, 8); }

void hex_digits(const uint8_t *bytes, size_t len, char *ret) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < len; i++) {
    *ret++ = digits[bytes[i] >> 4];
    *ret++ = digits[bytes[i] & 15];
  }
  *ret = '\0';
}

void buf_hex(Buf *b, const uint8_t *bytes, size_t len) {
  buf_reserve(b, size_product(len, 2));
  hex_digits(bytes, len, b->data + b->len);
  b->len += 2 * len;
}

static void add_json_escape(Buf *b, unsigned char c) {
  switch (c) {
  case '"': buf_str(b, "\\\""); break;
  case '\\': buf_str(b, "\\\\"); break;
  case '\n': buf_str(b, "\\n"); break;
  case '\t': buf_str(b, "\\t"); break;
  case '\r': buf_str(b, "\\r"); break;
  default: buf_printf(b, "\\u%04x", c); break;
  }
}

void buf_json(Buf *b, const char *s, size_t len) {
  if (!len) s = ""; /* the data of an empty Buf is NULL */
  buf_char(b, '"');
  size_t plain = 0; /* start of the bytes not yet copied */
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)s[i];
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    buf_add(b, s + plain, i - plain);
    add_json_escape(b, c);
    plain = i + 1;
  }
  buf_add(b, s + plain, len - plain);
  buf_char(b, '"');
}

void vec_grow(void **items, uint32_t len, uint32_t *cap, size_t size) {
  if (len < *cap) return;
  uint32_t bigger = *cap ? *cap : 4;
  if (__builtin_mul_overflow(bigger, 2u, &bigger)) size_product(SIZE_MAX, 2); /* 2^32 items: abort */
  *items = xrealloc(*items, size_product(bigger, size));
  *cap = bigger;
}

void vec_release(void **items) {
  free(*items);
  *items = NULL;
}
