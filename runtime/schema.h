/* schema: what a program says of kinds, attributes and facts, in the shape that the fleet's loaders want, and the
 * translation between the two numberings: a program has one table of attributes and one of facts, a fleet's kind
 * has short ones of its own. Codes of words are the same in both: counted from 1, 0 is never a word. */
#ifndef TAGOUT_RUNTIME_SCHEMA_H
#define TAGOUT_RUNTIME_SCHEMA_H

#include "lang/arena.h"
#include "lang/program.h"
#include "runtime/fleet.h"

typedef struct Schema {
  FleetSchema fleet;         /* for fleet_load */
  const uint32_t *attr_kind; /* per program attribute: its kind */
  const uint32_t *attr_local; /* per program attribute: its index within the kind */
  const uint32_t *fact_local; /* per program kind * fact_count + fact: index within the kind, or NONE_INDEX */
  uint32_t fact_count;
} Schema;

/* In the arena; refers to the program's strings, so the program must outlive it. */
const Schema *schema_of_program(const Program *p, Arena *arena);

/* Program attribute attr of entity e as a program value: codes from 1, texts as fleet text ids, VALUE_UNKNOWN. */
int64_t schema_value(const Schema *s, const Program *p, const Fleet *f, uint32_t attr, Entity e);
/* Program fact of entity e as the inventory gives it: a code from 1, or VALUE_UNKNOWN. */
int64_t schema_fact(const Schema *s, const Fleet *f, uint32_t fact, uint32_t kind, Entity e);

#endif
