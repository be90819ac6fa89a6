/* intern: see intern.h. An open-addressing table of atom numbers over a dense array of names; the names live in
 * an arena, mostly of the table, so their addresses never change. The table is a power of two and at most half full. A slot
 * keeps the hash beside the number, so that a probe that misses does not touch the name. */
#include <config.h>

#include "lang/intern.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arena.h"

typedef struct Entry {
  const char *text; /* NUL-terminated, in the arena */
  uint32_t len;
} Entry;

typedef struct Slot {
  uint32_t hash;
  Atom atom; /* 0 is empty */
} Slot;

struct Intern {
  Arena *names;
  bool owns_names;
  Entry *entries;  /* entries[0] is "no name" */
  uint32_t count;  /* highest atom given out */
  uint32_t room;   /* entries allocated */
  Slot *slots;
  uint32_t mask;   /* slots - 1 */
};

#define FIRST_SLOTS 1024u

static inline uint64_t load8(const char *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

static inline uint32_t load4(const char *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}

/* At most eight bytes as one number; names of one length differ when these do. */
static inline uint64_t load_short(const char *p, size_t len) {
  if (len == 8) return load8(p);
  if (len >= 4) return load4(p) | (uint64_t)load4(p + len - 4) << 32;
  if (!len) return 0;
  return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[len / 2] << 8 | (uint64_t)(unsigned char)p[len - 1] << 16;
}

/* Multiply and fold, eight bytes at a time. Names are short; nobody gains by making them collide. */
static inline uint32_t hash_bytes(const char *bytes, size_t len) {
  uint64_t h = 0x9e3779b97f4a7c15u ^ len;
  for (; len > 8; bytes += 8, len -= 8) {
    h = (h ^ load8(bytes)) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  h = (h ^ load_short(bytes, len)) * 0xc4ceb9fe1a85ec53u;
  return (uint32_t)(h ^ h >> 32);
}

/* Without a call for the names that a runbook has. */
static inline bool same_bytes(const char *a, const char *b, size_t len) {
  if (len <= 8) return load_short(a, len) == load_short(b, len);
  if (len <= 16) return load8(a) == load8(b) && load8(a + len - 8) == load8(b + len - 8);
  return memcmp(a, b, len) == 0;
}

Intern *intern_new(void) {
  Intern *in = intern_new_in(arena_new());
  in->owns_names = true;
  return in;
}

Intern *intern_new_in(Arena *names) {
  Intern *in = xcalloc(1, sizeof *in);
  in->names = names;
  in->room = FIRST_SLOTS / 2;
  in->entries = xcalloc(in->room, sizeof *in->entries);
  in->entries[0].text = "";
  in->slots = xcalloc(FIRST_SLOTS, sizeof *in->slots);
  in->mask = FIRST_SLOTS - 1;
  return in;
}

void intern_free(Intern *in) {
  if (!in) return;
  if (in->owns_names) arena_free(in->names);
  free(in->entries);
  free(in->slots);
  free(in);
}

/* The slot that holds the name, or the empty one where it belongs. */
static inline uint32_t find_slot(const Intern *in, const char *bytes, size_t len, uint32_t hash) {
  for (uint32_t i = hash & in->mask;; i = (i + 1) & in->mask) {
    Slot s = in->slots[i];
    if (!s.atom) return i;
    if (s.hash != hash) continue;
    const Entry *e = &in->entries[s.atom];
    if (e->len == len && same_bytes(e->text, bytes, len)) return i;
  }
}

static void grow_slots(Intern *in) {
  Slot *old = in->slots;
  uint32_t slots = in->mask + 1;
  in->slots = xcalloc(slots, 2 * sizeof *in->slots);
  in->mask = slots * 2 - 1;
  for (uint32_t o = 0; o < slots; o++) {
    if (!old[o].atom) continue;
    uint32_t i = old[o].hash & in->mask;
    while (in->slots[i].atom) i = (i + 1) & in->mask;
    in->slots[i] = old[o];
  }
  free(old);
}

Atom intern_add(Intern *in, const char *bytes, size_t len) {
  assert(len < UINT32_MAX); /* a source is smaller than that */
  if (!len) bytes = "";
  uint32_t hash = hash_bytes(bytes, len);
  uint32_t slot = find_slot(in, bytes, len, hash);
  if (in->slots[slot].atom) return in->slots[slot].atom;
  if (in->count + 1 == in->room) {
    in->entries = xrealloc(in->entries, size_product(in->room, 2 * sizeof *in->entries));
    in->room *= 2;
  }
  Atom a = ++in->count;
  in->entries[a] = (Entry){.text = arena_string(in->names, bytes, len), .len = (uint32_t)len};
  in->slots[slot] = (Slot){.hash = hash, .atom = a};
  if (in->count > in->mask / 2) grow_slots(in);
  return a;
}

Atom intern_str(Intern *in, const char *s) { return intern_add(in, s, strlen(s)); }

Atom intern_find(const Intern *in, const char *bytes, size_t len) {
  if (!len) bytes = "";
  return in->slots[find_slot(in, bytes, len, hash_bytes(bytes, len))].atom;
}

const char *intern_text(const Intern *in, Atom a) {
  assert(a <= in->count);
  return in->entries[a].text;
}

size_t intern_length(const Intern *in, Atom a) {
  assert(a <= in->count);
  return in->entries[a].len;
}

uint32_t intern_count(const Intern *in) { return in->count; }
