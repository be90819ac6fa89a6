/* buf: growable bytes. Invariant: data is NULL with cap 0, or data[len] is NUL, so that a buffer can be
 * handed to a function that wants a C string; the bytes themselves may hold NULs. */
#ifndef TAGOUT_LANG_BUF_H
#define TAGOUT_LANG_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Buf {
  char *data; /* owned; NULL while empty */
  size_t len; /* bytes in use, without the final NUL */
  size_t cap; /* bytes allocated */
} Buf;

#define BUF_INIT {NULL, 0, 0}

void buf_done(Buf *b);                       /* frees; b is empty and usable afterwards */
void buf_reset(Buf *b);                      /* len = 0, keeps the memory */
void buf_reserve(Buf *b, size_t extra);
void buf_add(Buf *b, const void *bytes, size_t len);
void buf_str(Buf *b, const char *s);
void buf_char(Buf *b, char c);
void buf_fill(Buf *b, char c, size_t n);     /* n times c */
void buf_printf(Buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(Buf *b, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_u8(Buf *b, uint8_t v);              /* little-endian integers, for file formats */
void buf_u16(Buf *b, uint16_t v);
void buf_u32(Buf *b, uint32_t v);
void buf_u64(Buf *b, uint64_t v);
void buf_hex(Buf *b, const uint8_t *bytes, size_t len); /* two digits a byte */
void buf_json(Buf *b, const char *s, size_t len); /* a JSON string with its quotes; s is valid UTF-8 */

/* Two digits a byte and a NUL: 2 * len + 1 chars of ret. */
void hex_digits(const uint8_t *bytes, size_t len, char *ret);

/* Typed growable array: VEC(Type) name = {0}; the items are owned by the vector. */
#define VEC(Type) struct { Type *items; uint32_t len, cap; }
#define vec_push(v, item) \
  ((v)->len < (v)->cap ? (void)0 : vec_grow((void **)&(v)->items, (v)->len, &(v)->cap, sizeof *(v)->items), \
   (v)->items[(v)->len++] = (item))
#define vec_done(v) (vec_release((void **)&(v)->items), (v)->len = (v)->cap = 0)
void vec_grow(void **items, uint32_t len, uint32_t *cap, size_t size); /* room for one more, or abort */
void vec_release(void **items);

#endif
