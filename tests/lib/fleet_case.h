/* fleet_case: a small inventory in a test, and what is said about it. */
#ifndef TAGOUT_TESTS_FLEET_CASE_H
#define TAGOUT_TESTS_FLEET_CASE_H

#include "tests/lib/fleet_schema.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct FleetCase {
  Arena *arena;
  DiagSink *sink;
  Fleet *fleet; /* NULL: refused */
} FleetCase;

static inline FleetCase case_begin(void) {
  Arena *arena = arena_new();
  return (FleetCase){arena, diag_sink_new(arena, NULL), NULL};
}

static inline FleetCase case_bytes(FleetFormat format, const char *bytes, size_t len) {
  FleetCase c = case_begin();
  c.fleet = fleet_load_text(&library_schema, "fleet", format, bytes, len, c.sink);
  assert_int_equal(c.fleet == NULL, diag_errors(c.sink) > 0); /* refused whole, or good */
  return c;
}

static inline FleetCase case_csv(const char *text) { return case_bytes(FLEET_CSV, text, strlen(text)); }
static inline FleetCase case_json(const char *text) { return case_bytes(FLEET_JSON, text, strlen(text)); }

static inline FleetCase case_path(const char *path) {
  FleetCase c = case_begin();
  c.fleet = fleet_load(&library_schema, path, FLEET_BY_NAME, c.sink);
  assert_int_equal(c.fleet == NULL, diag_errors(c.sink) > 0);
  return c;
}

static inline void case_end(FleetCase c) {
  fleet_free(c.fleet);
  arena_free(c.arena);
}

/* All that is said, one diagnostic per line: "E0821 3:1 second Node ..." (message cut at 40 characters). */
static inline const char *case_said(FleetCase c) {
  const char *said = "";
  for (uint32_t i = 0; i < diag_count(c.sink); i++) {
    const Diag *d = diag_get(c.sink, i);
    said = arena_printf(c.arena, "%s%s%s %u:%u", said, i ? "\n" : "", diag_code_text(d->code), d->line,
                        d->column);
  }
  return said;
}

/* The only diagnostic, with its notes. */
static inline void case_only(FleetCase c, DiagCode code, uint32_t line, uint32_t column) {
  const char *wanted = arena_printf(c.arena, "%s %u:%u", diag_code_text(code), line, column);
  assert_string_equal(case_said(c), wanted);
  assert_string_not_equal(diag_get(c.sink, 0)->message, "");
  assert_non_null(diag_get(c.sink, 0)->notes); /* what to do about it */
}

static inline Entity case_find(const Fleet *f, uint32_t kind, const char *name) {
  Entity e = fleet_find(f, kind, name, strlen(name));
  assert_int_not_equal(e, ENTITY_NONE);
  return e;
}

/* Names of the members, with blanks between them. */
static inline const char *case_members(FleetCase c, uint32_t kind, const char *name, uint32_t member) {
  FleetMembers m = fleet_members(c.fleet, kind, case_find(c.fleet, kind, name), member);
  const char *said = "";
  for (uint32_t i = 0; i < m.count; i++)
    said =
        arena_printf(c.arena, "%s%s%s", said, i ? " " : "", fleet_name(c.fleet, member, fleet_member(m, i)));
  return said;
}

#endif
