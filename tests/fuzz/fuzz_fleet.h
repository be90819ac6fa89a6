/* fuzz_fleet: what both readers of inventories must hold to, whatever they are given. One target includes it per format,
 * with the library's kinds. */
#ifndef TAGOUT_TESTS_FUZZ_FUZZ_FLEET_H
#define TAGOUT_TESTS_FUZZ_FUZZ_FLEET_H

#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fleet_schema.c" /* one source per target: the same link line serves every target */

static inline void must(bool holds) {
  if (!holds) abort();
}

static inline void check_members(const Fleet *f, uint32_t kind, Entity e) {
  for (uint32_t to = 0; to < KINDS; to++) {
    Entity up = fleet_up(f, kind, e, to);
    must(up == ENTITY_NONE || up < fleet_count(f, to));
    FleetMembers m = fleet_members(f, kind, e, to);
    for (uint32_t i = 0; i < m.count; i++) must(fleet_member(m, i) < fleet_count(f, to));
  }
}

static inline void check_values(const Fleet *f, uint32_t kind, Entity e) {
  const FleetKind *k = &library_schema.kinds[kind];
  for (uint32_t a = 0; a < k->attr_count; a++) {
    if (k->attrs[a].type == FLEET_REFS) {
      FleetMembers m = fleet_refs(f, kind, a, e);
      for (uint32_t i = 0; i < m.count; i++) must(fleet_member(m, i) < fleet_count(f, k->attrs[a].kind));
      continue;
    }
    int64_t v = fleet_value(f, kind, a, e);
    must(v == fleet_column_value(fleet_column(f, kind, a), e));
    if (k->attrs[a].type == FLEET_TEXT) must(strlen(fleet_text(f, v)) == fleet_text_length(f, v));
    if (k->attrs[a].type == FLEET_REF) must(v == FLEET_UNKNOWN || (uint64_t)v < fleet_count(f, k->attrs[a].kind));
  }
}

/* Every query on every entity: answers stay within the fleet, and a name leads back to its entity. */
static inline void check_fleet(const Fleet *f) {
  for (uint32_t kind = 0; kind < KINDS; kind++) {
    for (Entity e = 0; e < fleet_count(f, kind); e++) {
      uint32_t line = 0;
      must(fleet_find(f, kind, fleet_name(f, kind, e), fleet_name_length(f, kind, e)) == e);
      must(fleet_place(f, kind, e, &line) != NULL && line > 0);
      check_members(f, kind, e);
      check_values(f, kind, e);
    }
  }
}

/* Refused whole with a reason and a place, or loaded, and then the same again. */
static inline int check_inventory(FleetFormat format, const uint8_t *data, size_t size) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  Fleet *f = fleet_load_text(&library_schema, "fuzz", format, (const char *)data, size, sink);
  must((f == NULL) == (diag_errors(sink) > 0));
  for (uint32_t i = 0; i < diag_count(sink); i++) must(diag_get(sink, i)->message[0] != '\0');
  if (f) {
    check_fleet(f);
    Fleet *again = fleet_load_text(&library_schema, "again", format, (const char *)data, size, sink);
    must(again != NULL && fleet_digest(again) == fleet_digest(f));
    fleet_free(again);
  }
  fleet_free(f);
  arena_free(arena);
  return 0;
}

#endif
