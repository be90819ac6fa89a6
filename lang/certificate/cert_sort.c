/* cert_sort: eight columns at a time, of those only in which the rows differ. Their bytes are one number, the numbers are sorted by
 * radix beside the rows' places, so that no pass goes through the rows themselves; then those that are equal by the next eight. */
#include <config.h>

#include "lang/certificate/cert_sort.h"

#include "lang/arena.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 8u
#define FEW 48u /* items for which moving each into its place is faster than counting them */

typedef struct Item { uint64_t key; const uint8_t *row; } Item;
typedef struct Sort { uint32_t *columns, count; Item *spare; } Sort; /* columns: those that are not the same in all rows */

static void find_columns(Sort *s, const uint8_t *rows, uint32_t count, uint32_t width) {
  uint8_t *differs = xcalloc(width + 1, 1);
  s->columns = xcalloc(width + 1, sizeof *s->columns);
  for (uint32_t i = 1; i < count; i++)
    for (uint32_t at = 0; at < width; at++) differs[at] |= rows[(size_t)i * width + at] ^ rows[at];
  for (uint32_t at = 0; at < width; at++)
    if (differs[at]) s->columns[s->count++] = at;
  free(differs);
}

static uint64_t key(const Sort *s, const uint8_t *row, uint32_t from) {
  uint64_t k = 0;
  for (uint32_t i = from; i < from + KEY_BYTES; i++) k = k << 8 | (i < s->count ? row[s->columns[i]] : 0);
  return k;
}

static void insert(Item *items, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    Item item = items[i];
    uint32_t at = i;
    for (; at > 0 && items[at - 1].key > item.key; at--) items[at] = items[at - 1];
    items[at] = item;
  }
}

/* The last byte first, each pass stable. */
static void by_radix(Item *items, uint32_t count, Item *spare) {
  for (uint32_t shift = 0; shift < 8 * KEY_BYTES; shift += 8) {
    uint32_t begin[257] = {0};
    for (uint32_t i = 0; i < count; i++) begin[(items[i].key >> shift & 0xff) + 1]++;
    for (uint32_t i = 0; i < 256; i++) begin[i + 1] += begin[i];
    for (uint32_t i = 0; i < count; i++) spare[begin[items[i].key >> shift & 0xff]++] = items[i];
    memcpy(items, spare, count * sizeof *items);
  }
}

/* Eight columns a level: the depth is bounded by the width of a row. */
static void sort(Sort *s, Item *items, uint32_t count, uint32_t from) {
  if (count < 2 || from >= s->count) return;
  for (uint32_t i = 0; i < count; i++) items[i].key = key(s, items[i].row, from);
  if (count < FEW) insert(items, count);
  else by_radix(items, count, s->spare);
  for (uint32_t i = 0, n; i < count; i += n) {
    for (n = 1; i + n < count && items[i + n].key == items[i].key;) n++;
    sort(s, items + i, n, from + KEY_BYTES);
  }
}

const uint8_t **cert_sorted(const uint8_t *rows, uint32_t count, uint32_t width) {
  const uint8_t **order = xmalloc(((size_t)count + 1) * sizeof *order);
  Item *items = xmalloc(((size_t)count + 1) * sizeof *items);
  Sort s = {.spare = xmalloc(((size_t)count + 1) * sizeof *s.spare)};
  find_columns(&s, rows, count, width);
  for (uint32_t i = 0; i < count; i++) items[i].row = rows + (size_t)i * width;
  sort(&s, items, count, 0);
  for (uint32_t i = 0; i < count; i++) order[i] = items[i].row;
  free(s.columns);
  free(s.spare);
  free(items);
  return order;
}
