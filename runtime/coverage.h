/* coverage: which outcomes of a runbook's steps its tests have met. An edge is one outcome (ok, failed, unknown) of one action,
 * confirm, gate, lockout or setting as it is written: a procedure that is run twice has its edges once. */
#ifndef TAGOUT_RUNTIME_COVERAGE_H
#define TAGOUT_RUNTIME_COVERAGE_H

#include "lang/program.h"
#include "runtime/world.h"

#define COVERAGE_OUTCOMES 3u

/* A place with outcomes. taken: bit 1 << Outcome. Names are the program's. */
typedef struct CoveragePlace {
  const char *source;
  uint32_t line;
  Opcode op;
  const char *what;   /* "action", "confirm", "gate", "lockout", "setting" */
  const char *name;
  uint8_t taken;
} CoveragePlace;

/* ended: code_count bytes, engine_ended of every test or'ed together. Sorted by source and line; in the arena. */
const CoveragePlace *coverage_places(const Program *p, const uint8_t *ended, uint32_t *ret_count, Arena *arena);
uint32_t coverage_taken(const CoveragePlace *places, uint32_t count);   /* edges; of count * COVERAGE_OUTCOMES */
const char *coverage_word(const CoveragePlace *place, Outcome outcome); /* "failed", of a gate "no" */

#endif
