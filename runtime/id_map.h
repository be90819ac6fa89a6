/* id_map: 64-bit keys to 32-bit values, open addressing. Key 0 is never used. */
#ifndef TAGOUT_RUNTIME_ID_MAP_H
#define TAGOUT_RUNTIME_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct IdMap {
  uint64_t *keys;    /* 0: free */
  uint32_t *values;
  uint32_t count, cap; /* cap is 0 or a power of two */
} IdMap;

void id_map_done(IdMap *m);
void id_map_put(IdMap *m, uint64_t key, uint32_t value);   /* replaces */
bool id_map_get(const IdMap *m, uint64_t key, uint32_t *ret);
void id_map_remove(IdMap *m, uint64_t key);
size_t id_map_bytes(const IdMap *m);

#endif
