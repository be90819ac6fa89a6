/* id_map: linear probing, removal by moving entries back. */
#include <config.h>

#include "runtime/id_map.h"

#include "lang/arena.h"
#include <stdlib.h>

static uint32_t home(const IdMap *m, uint64_t key) {
  return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (m->cap - 1);
}

static uint32_t find(const IdMap *m, uint64_t key) {
  uint32_t i = home(m, key);
  while (m->keys[i] && m->keys[i] != key) i = (i + 1) & (m->cap - 1);
  return i;
}

void id_map_done(IdMap *m) {
  free(m->keys);
  free(m->values);
  *m = (IdMap){0};
}

static void grow(IdMap *m) {
  IdMap old = *m;
  m->cap = old.cap ? old.cap * 2 : 64;
  m->keys = xcalloc(m->cap, sizeof *m->keys);
  m->values = xcalloc(m->cap, sizeof *m->values);
  for (uint32_t i = 0; i < old.cap; i++) {
    if (!old.keys[i]) continue;
    uint32_t at = find(m, old.keys[i]);
    m->keys[at] = old.keys[i];
    m->values[at] = old.values[i];
  }
  free(old.keys);
  free(old.values);
}

void id_map_put(IdMap *m, uint64_t key, uint32_t value) {
  if ((m->count + 1) * 2 > m->cap) grow(m);
  uint32_t i = find(m, key);
  if (!m->keys[i]) m->count++;
  m->keys[i] = key;
  m->values[i] = value;
}

bool id_map_get(const IdMap *m, uint64_t key, uint32_t *ret) {
  if (!m->cap) return false;
  uint32_t i = find(m, key);
  if (!m->keys[i]) return false;
  *ret = m->values[i];
  return true;
}

void id_map_remove(IdMap *m, uint64_t key) {
  if (!m->cap) return;
  uint32_t hole = find(m, key), mask = m->cap - 1;
  if (!m->keys[hole]) return;
  m->count--;
  for (uint32_t i = (hole + 1) & mask; m->keys[i]; i = (i + 1) & mask) {
    if (((i - home(m, m->keys[i])) & mask) < ((i - hole) & mask)) continue;
    m->keys[hole] = m->keys[i];
    m->values[hole] = m->values[i];
    hole = i;
  }
  m->keys[hole] = 0;
}

size_t id_map_bytes(const IdMap *m) { return m->cap * (sizeof *m->keys + sizeof *m->values); }
