/* text_table.c: see text_table.h. A text is known by where it lies: buffer, offset and length packed in 64
 * bits.
 *
 *     63      56 55                             16 15            0
 *     | buffer  |            offset              |    length     |
 *
 * The hash table is open addressing over ids + 1 (0 is free), at most half full; the hash of each text is
 * kept, so that growing and most comparisons touch no text. */
#include <config.h>

#include "runtime/text_table.h"

#include "lang/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BITS = 16, BUFFER_SHIFT = 56, FIRST_SLOTS = 1024, FIRST_CHUNK = 16384 };

typedef struct TextBuffer {
  char *bytes;
  size_t size;
} TextBuffer;

struct TextTable {
  TextBuffer buffers[TEXT_BUFFERS];
  uint32_t buffer_count;
  int chunk; /* buffer that copies go to, -1 before the first */
  size_t chunk_used;
  uint64_t *refs;   /* per id */
  uint32_t *hashes; /* per id */
  uint32_t count, cap;
  uint32_t *slots;
  uint32_t slot_count; /* a power of two */
};

TextTable *text_table_new(void) {
  TextTable *t = xcalloc(1, sizeof *t);
  t->chunk = -1;
  t->slot_count = FIRST_SLOTS;
  t->slots = xcalloc(t->slot_count, sizeof *t->slots);
  return t;
}

void text_table_free(TextTable *t) {
  if (!t) return;
  for (uint32_t i = 0; i < t->buffer_count; i++) free(t->buffers[i].bytes);
  free(t->refs);
  free(t->hashes);
  free(t->slots);
  free(t);
}

int text_table_adopt(TextTable *t, char *bytes, size_t size) {
  if (t->buffer_count == TEXT_BUFFERS) return -1;
  t->buffers[t->buffer_count] = (TextBuffer){bytes, size};
  return (int)t->buffer_count++;
}

static uint32_t hash_bytes(const char *s, size_t len) {
  uint64_t h = len * UINT64_C(0x9e3779b97f4a7c15);
  for (; len >= 8; s += 8, len -= 8) {
    uint64_t x;
    memcpy(&x, s, 8);
    h = (h ^ x) * UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 32;
  }
  uint64_t x = 0;
  memcpy(&x, s, len);
  h = (h ^ x) * UINT64_C(0xff51afd7ed558ccd);
  h ^= h >> 29;
  h *= UINT64_C(0xc4ceb9fe1a85ec53);
  return (uint32_t)(h >> 32);
}

const char *text_table_text(const TextTable *t, uint32_t id, size_t *ret_len) {
  assert(id < t->count);
  uint64_t ref = t->refs[id];
  if (ret_len) *ret_len = (size_t)(ref & UINT16_MAX);
  return t->buffers[ref >> BUFFER_SHIFT].bytes + (ref << 8 >> (LENGTH_BITS + 8));
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t slot_of(const TextTable *t, uint32_t hash, const char *bytes, size_t len) {
  uint32_t mask = t->slot_count - 1, i = hash & mask;
  for (; t->slots[i]; i = (i + 1) & mask) {
    uint32_t id = t->slots[i] - 1;
    if (t->hashes[id] != hash) continue;
    size_t have;
    const char *text = text_table_text(t, id, &have);
    if (have == len && memcmp(text, bytes, len) == 0) break;
  }
  return i;
}

static void grow_slots(TextTable *t, uint32_t count) {
  uint32_t mask = count - 1;
  uint32_t *slots = xcalloc(count, sizeof *slots);
  for (uint32_t id = 0; id < t->count; id++) {
    uint32_t i = t->hashes[id] & mask;
    while (slots[i]) i = (i + 1) & mask;
    slots[i] = id + 1;
  }
  free(t->slots);
  t->slots = slots;
  t->slot_count = count;
}

void text_table_reserve(TextTable *t, size_t texts) {
  size_t count = t->slot_count;
  while (count / 2 < t->count + texts && count < (size_t)1 << 30) count *= 2;
  if (count > t->slot_count) grow_slots(t, (uint32_t)count);
}

static uint32_t insert(TextTable *t, uint32_t slot, uint32_t hash, int buffer, const char *bytes,
                       size_t len) {
  size_t offset = (size_t)(bytes - t->buffers[buffer].bytes);
  assert(offset + len < t->buffers[buffer].size && bytes[len] == '\0');
  if (t->count == t->cap) {
    assert(t->cap < UINT32_MAX / 4);
    t->cap = t->cap ? t->cap + t->cap / 2 : 512;
    t->refs = xrealloc(t->refs, size_product(t->cap, sizeof *t->refs));
    t->hashes = xrealloc(t->hashes, size_product(t->cap, sizeof *t->hashes));
  }
  uint32_t id = t->count++;
  t->refs[id] = (uint64_t)buffer << BUFFER_SHIFT | (uint64_t)offset << LENGTH_BITS | (uint64_t)len;
  t->hashes[id] = hash;
  t->slots[slot] = id + 1;
  if (t->count > t->slot_count / 2) grow_slots(t, t->slot_count * 2);
  return id;
}

uint32_t text_table_add(TextTable *t, int buffer, const char *bytes, size_t len) {
  assert(len <= UINT16_MAX);
  uint32_t hash = hash_bytes(bytes, len), slot = slot_of(t, hash, bytes, len);
  if (t->slots[slot]) return t->slots[slot] - 1;
  return insert(t, slot, hash, buffer, bytes, len);
}

/* Room for len bytes and a NUL in the chunk; chunks double, so that their number stays small. */
static char *chunk_room(TextTable *t, size_t len) {
  if (t->chunk < 0 || t->buffers[t->chunk].size - t->chunk_used < len + 1) {
    size_t size = t->chunk < 0 ? FIRST_CHUNK : t->buffers[t->chunk].size * 2;
    while (size < len + 1) size *= 2;
    t->chunk = text_table_adopt(t, xmalloc(size), size);
    t->chunk_used = 0;
    assert(t->chunk >= 0);
  }
  return t->buffers[t->chunk].bytes + t->chunk_used;
}

uint32_t text_table_copy(TextTable *t, const char *bytes, size_t len) {
  assert(len <= UINT16_MAX);
  uint32_t hash = hash_bytes(bytes, len), slot = slot_of(t, hash, bytes, len);
  if (t->slots[slot]) return t->slots[slot] - 1;
  char *room = chunk_room(t, len);
  memcpy(room, bytes, len);
  room[len] = '\0';
  t->chunk_used += len + 1;
  return insert(t, slot, hash, t->chunk, room, len);
}

uint32_t text_table_find(const TextTable *t, const char *bytes, size_t len) {
  if (len > UINT16_MAX) return TEXT_NONE;
  uint32_t slot = slot_of(t, hash_bytes(bytes, len), bytes, len);
  return t->slots[slot] ? t->slots[slot] - 1 : TEXT_NONE;
}

uint32_t text_table_count(const TextTable *t) { return t->count; }

size_t text_table_bytes(const TextTable *t) {
  size_t n = sizeof *t + t->cap * (sizeof *t->refs + sizeof *t->hashes) + t->slot_count * sizeof *t->slots;
  for (uint32_t i = 0; i < t->buffer_count; i++) n += t->buffers[i].size;
  return n;
}
