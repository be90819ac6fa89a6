/* peak_set: merges of sorted lists. */
#include <config.h>

#include "runtime/peak_set.h"

#include <stdlib.h>

static int by_number(const void *l, const void *r) {
  const uint32_t *a = l, *b = r;
  return (*a > *b) - (*a < *b);
}

Set set_of(Arena *arena, const EntityVec *any) {
  if (any->len == 0) return (Set){0};
  uint32_t *items = arena_copy(arena, any->items, size_product(any->len, sizeof *items)), len = 0;
  qsort(items, any->len, sizeof *items, by_number);
  for (uint32_t i = 0; i < any->len; i++)
    if (len == 0 || items[len - 1] != items[i]) items[len++] = items[i];
  return (Set){items, len};
}

typedef enum Keep { KEEP_LEFT = 1, KEEP_RIGHT = 2, KEEP_BOTH = 4 } Keep;

static Set merged(Arena *arena, Set a, Set b, unsigned keep) {
  uint32_t *items = arena_new_array(arena, uint32_t, (size_t)a.len + b.len), len = 0, i = 0, j = 0;
  while (i < a.len || j < b.len) {
    bool left = j == b.len || (i < a.len && a.items[i] <= b.items[j]);
    bool right = i == a.len || (j < b.len && b.items[j] <= a.items[i]);
    unsigned where = left && right ? KEEP_BOTH : left ? KEEP_LEFT : KEEP_RIGHT;
    if (keep & where) items[len++] = left ? a.items[i] : b.items[j];
    i += left;
    j += right;
  }
  return (Set){items, len};
}

Set set_union(Arena *arena, Set a, Set b) {
  if (a.len == 0 || a.items == b.items) return b;
  return b.len == 0 ? a : merged(arena, a, b, KEEP_LEFT | KEEP_RIGHT | KEEP_BOTH);
}

Set set_minus(Arena *arena, Set a, Set b) { return a.len == 0 || b.len == 0 ? a : merged(arena, a, b, KEEP_LEFT); }

Set set_common(Arena *arena, Set a, Set b) { return a.len == 0 ? a : b.len == 0 ? b : merged(arena, a, b, KEEP_BOTH); }

Set out_all(Arena *arena, const Out *o) { return set_union(arena, o->in, o->aside); }

int64_t out_total(Arena *arena, const Out *o) {
  int64_t sum = o->in_most + o->aside_most, all = out_all(arena, o).len;
  return sum < all ? sum : all;
}

void out_join(Arena *arena, Out *into, const Out *o) {
  if (!o->live) return;
  if (!into->live) {
    *into = *o;
    return;
  }
  into->in = set_union(arena, into->in, o->in);
  into->aside = set_union(arena, into->aside, o->aside);
  if (o->in_most > into->in_most) into->in_most = o->in_most;
  if (o->aside_most > into->aside_most) into->aside_most = o->aside_most;
}
