/* intern: see intern.h. An open-addressing table of atom numbers over a dense array of names; the names live in
 * an arena of the table, so their addresses never change. The table is a power of two and at most half full. */
#include <config.h>

#include "lang/intern.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arena.h"

typedef struct Entry {
  const char *text; /* NUL-terminated, in the arena */
  uint32_t len;
  uint32_t hash;
} Entry;

struct Intern {
  Arena *names;
  Entry *entries;  /* entries[0] is "no name" */
  uint32_t count;  /* highest atom given out */
  uint32_t room;   /* entries allocated */
  uint32_t *slots; /* atoms; 0 is empty */
  uint32_t mask;   /* slots - 1 */
};

#define FIRST_SLOTS 1024u

/* Multiply and fold, eight bytes at a time. Names are short; nobody gains by making them collide. */
static uint32_t hash_bytes(const char *bytes, size_t len) {
  uint64_t h = 0x9e3779b97f4a7c15u ^ len;
  for (; len >= 8; bytes += 8, len -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    h = (h ^ word) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  uint64_t rest = 0;
  if (len) memcpy(&rest, bytes, len);
  h = (h ^ rest) * 0xc4ceb9fe1a85ec53u;
  return (uint32_t)(h ^ h >> 32);
}

Intern *intern_new(void) {
  Intern *in = xcalloc(1, sizeof *in);
  in->names = arena_new();
  in->room = FIRST_SLOTS / 2;
  in->entries = xcalloc(in->room, sizeof *in->entries);
  in->entries[0].text = "";
  in->slots = xcalloc(FIRST_SLOTS, sizeof *in->slots);
  in->mask = FIRST_SLOTS - 1;
  return in;
}

void intern_free(Intern *in) {
  if (!in) return;
  arena_free(in->names);
  free(in->entries);
  free(in->slots);
  free(in);
}

/* The slot that holds the name, or the empty one where it belongs. */
static uint32_t find_slot(const Intern *in, const char *bytes, size_t len, uint32_t hash) {
  for (uint32_t i = hash & in->mask;; i = (i + 1) & in->mask) {
    Atom a = in->slots[i];
    if (!a) return i;
    const Entry *e = &in->entries[a];
    if (e->hash == hash && e->len == len && memcmp(e->text, bytes, len) == 0) return i;
  }
}

static void grow_slots(Intern *in) {
  uint32_t slots = (in->mask + 1) * 2;
  free(in->slots);
  in->slots = xcalloc(slots, sizeof *in->slots);
  in->mask = slots - 1;
  for (Atom a = 1; a <= in->count; a++) {
    uint32_t i = in->entries[a].hash & in->mask;
    while (in->slots[i]) i = (i + 1) & in->mask;
    in->slots[i] = a;
  }
}

Atom intern_add(Intern *in, const char *bytes, size_t len) {
  assert(len < UINT32_MAX); /* a source is smaller than that */
  if (!len) bytes = "";
  uint32_t hash = hash_bytes(bytes, len);
  uint32_t slot = find_slot(in, bytes, len, hash);
  if (in->slots[slot]) return in->slots[slot];
  if (in->count + 1 == in->room) {
    in->entries = xrealloc(in->entries, size_product(in->room, 2 * sizeof *in->entries));
    in->room *= 2;
  }
  Atom a = ++in->count;
  in->entries[a] = (Entry){.text = arena_string(in->names, bytes, len), .len = (uint32_t)len, .hash = hash};
  in->slots[slot] = a;
  if (in->count > in->mask / 2) grow_slots(in);
  return a;
}

Atom intern_str(Intern *in, const char *s) { return intern_add(in, s, strlen(s)); }

Atom intern_find(const Intern *in, const char *bytes, size_t len) {
  if (!len) bytes = "";
  return in->slots[find_slot(in, bytes, len, hash_bytes(bytes, len))];
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
