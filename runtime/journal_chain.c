/* journal_chain: rows into the hash. */
#include <config.h>

#include "runtime/journal_chain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static uint8_t *put(uint8_t *out, int64_t number) {
  uint64_t bits = (uint64_t)number;
  for (int i = 0; i < 8; i++) *out++ = (uint8_t)(bits >> 8 * i);
  return out;
}

void chain_row(Chain *c, ChainTag tag, const int64_t *numbers, int count, const char *text, size_t text_len) {
  uint8_t row[1 + 8 * (CHAIN_NUMBERS + 1)], *end = row;
  assert(count <= CHAIN_NUMBERS);
  if (!c->open) {
    sha256_init(&c->ctx);
    sha256_update(&c->ctx, sizeof c->value, c->value);
    c->open = true;
  }
  *end++ = (uint8_t)tag;
  for (int i = 0; i < count; i++) end = put(end, numbers[i]);
  end = put(end, text ? (int64_t)text_len : -1);
  sha256_update(&c->ctx, (size_t)(end - row), row);
  if (text) sha256_update(&c->ctx, text_len, (const uint8_t *)text);
}

void chain_close(Chain *c) {
  if (c->open) sha256_digest(&c->ctx, sizeof c->value, c->value);
  c->open = false;
}

int64_t chain_link(const Chain *c) {
  uint64_t bits = 0;
  assert(!c->open);
  for (int i = 0; i < 8; i++) bits |= (uint64_t)c->value[i] << 8 * i;
  return (int64_t)bits;
}
