/* cert_file: a certificate as a file, written and read. The reader believes nothing: every number is held against the bytes that are there,
 * and what it made is compared with what the writer would have written only in so far as that matters: the order and the sum. */
#include <config.h>

#include "lang/certificate/cert_sort.h"
#include "lang/certificate/certificate.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

enum { SUM_BYTES = 32 };

static void sum(const void *data, size_t len, uint8_t ret[SUM_BYTES]) {
  struct sha256_ctx sha;
  sha256_init(&sha);
  sha256_update(&sha, len, data);
  sha256_digest(&sha, SUM_BYTES, ret);
}

/* ---- writing ---- */

static void write_var(Buf *out, uint32_t v) {
  for (; v >= 0x80; v >>= 7) buf_u8(out, (uint8_t)(v | 0x80));
  buf_u8(out, (uint8_t)v);
}

static void write_row(Buf *out, const uint8_t *row, const uint8_t *before, uint32_t width) {
  uint32_t last = 0;
  for (uint32_t i = 0; i < width; i++) {
    while (i + 8 <= width && memcmp(row + i, before + i, 8) == 0) i += 8; /* neighbours differ in little */
    if (i == width || row[i] == before[i]) continue;
    write_var(out, i + 1 - last);
    buf_u8(out, row[i]);
    last = i + 1;
  }
  buf_u8(out, 0);
}

static void write_tables(Buf *out, const CertTables *t) {
  buf_u32(out, t->fact_count);
  for (uint32_t i = 0; i < t->fact_count; i++) {
    buf_u8(out, (uint8_t)t->facts[i].klass);
    buf_u32(out, t->facts[i].row), buf_u32(out, t->facts[i].kind), buf_u32(out, t->facts[i].until);
  }
  buf_u32(out, t->tried_count);
  for (uint32_t i = 0; i < t->tried_count; i++) buf_u32(out, t->tried[i].action), buf_u32(out, t->tried[i].since);
  buf_u32(out, t->late_count);
  for (uint32_t i = 0; i < t->late_count; i++) buf_u32(out, t->lates[i]);
}

void cert_write(const Program *p, const CertTables *t, const uint8_t *rows, uint32_t count, Buf *out) {
  uint32_t width = cert_width(p, t), kept = 0;
  uint8_t *zeros = xcalloc(width + 1, 1), digest[SUM_BYTES];
  const uint8_t **order = cert_sorted(rows, count, width), *before = zeros;
  size_t begin = out->len;
  for (uint32_t i = 0; i < count; i++)
    if (i == 0 || memcmp(order[i], order[kept - 1], width) != 0) order[kept++] = order[i];
  buf_add(out, CERT_MAGIC, 8);
  buf_u32(out, CERT_VERSION);
  buf_add(out, p->digest, sizeof p->digest);
  write_tables(out, t);
  buf_u32(out, kept);
  for (uint32_t i = 0; i < kept; before = order[i++]) write_row(out, order[i], before, width);
  sum(out->data + begin, out->len - begin, digest);
  buf_add(out, digest, sizeof digest);
  free(order);
  free(zeros);
}

/* ---- reading ---- */

typedef struct Reader { const uint8_t *at, *end; bool bad; } Reader;

static uint32_t read_bytes(Reader *r, uint32_t n) {
  uint32_t v = 0;
  if ((size_t)(r->end - r->at) < n) r->bad = true;
  if (r->bad) return 0;
  for (uint32_t i = 0; i < n; i++) v |= (uint32_t)r->at[i] << 8 * i;
  r->at += n;
  return v;
}

static uint32_t read_var(Reader *r) {
  uint32_t v = 0, byte = 0x80;
  for (uint32_t shift = 0; byte & 0x80 && !r->bad; shift += 7) {
    byte = read_bytes(r, 1);
    if (shift > 21) r->bad = true;
    else v |= (byte & 0x7f) << shift;
  }
  return r->bad ? 0 : v;
}

static uint32_t read_count(Reader *r, uint32_t most) {
  uint32_t n = read_bytes(r, 4);
  if (n > most) r->bad = true;
  return r->bad ? 0 : n;
}

static void read_tables(Reader *r, CertTables *t) {
  t->fact_count = read_count(r, CERT_FACTS);
  for (uint32_t i = 0; i < t->fact_count; i++) {
    t->facts[i].klass = read_bytes(r, 1);
    t->facts[i].row = read_bytes(r, 4), t->facts[i].kind = read_bytes(r, 4), t->facts[i].until = read_bytes(r, 4);
  }
  t->tried_count = read_count(r, CERT_TRIED);
  for (uint32_t i = 0; i < t->tried_count; i++) t->tried[i].action = read_bytes(r, 4), t->tried[i].since = read_bytes(r, 4);
  t->late_count = read_count(r, CERT_LATES);
  for (uint32_t i = 0; i < t->late_count; i++) t->lates[i] = read_bytes(r, 4);
}

static void read_row(Reader *r, uint8_t *row, uint32_t width) {
  uint32_t at = 0, step;
  while ((step = read_var(r)) != 0) {
    if (step > width - at) r->bad = true;
    if (r->bad) return;
    at += step;
    row[at - 1] = (uint8_t)read_bytes(r, 1);
  }
}

static void read_rows(Reader *r, Certificate *c) {
  c->count = read_count(r, CERT_STATES);
  size_t cap = 0;
  for (uint32_t i = 0; i < c->count && !r->bad; i++) {
    if (i == cap) c->rows = xrealloc(c->rows, size_product(cap = cap ? cap * 2 : 256, c->width)); /* a count alone gets no memory */
    uint8_t *row = c->rows + (size_t)i * c->width;
    if (i == 0) memset(row, 0, c->width);
    else memcpy(row, row - c->width, c->width);
    read_row(r, row, c->width);
    if (i > 0 && memcmp(row - c->width, row, c->width) >= 0) r->bad = true;
  }
}

static bool refuse(Buf *why, const char *what) {
  buf_str(why, what);
  return false;
}

bool cert_read(const Program *p, const uint8_t *bytes, size_t len, Certificate *ret, Buf *ret_why) {
  uint8_t digest[SUM_BYTES];
  *ret = (Certificate){.rows = NULL};
  if (len < 8 || memcmp(bytes, CERT_MAGIC, 8) != 0) return refuse(ret_why, "this is no certificate");
  if (len < 8 + 4 + 32 + SUM_BYTES) return refuse(ret_why, "the certificate ends too early");
  Reader r = {bytes + 8, bytes + len - SUM_BYTES, false};
  if (read_bytes(&r, 4) != CERT_VERSION) return refuse(ret_why, "the certificate has a format that this version does not know");
  sum(bytes, len - SUM_BYTES, digest);
  if (memcmp(digest, r.end, SUM_BYTES) != 0) return refuse(ret_why, "the certificate is damaged: its sum does not fit");
  if (memcmp(r.at, p->digest, sizeof p->digest) != 0) return refuse(ret_why, "the certificate is that of another program");
  r.at += sizeof p->digest;
  read_tables(&r, &ret->tables);
  ret->width = r.bad ? 0 : cert_width(p, &ret->tables);
  if (ret->width) read_rows(&r, ret);
  if (ret->width && !r.bad && r.at == r.end) return true;
  free(ret->rows);
  ret->rows = NULL;
  return refuse(ret_why, "the certificate is not well formed");
}
