/* engine_case: one kind, one fan-out over all of its members, and what each of them does. */
#ifndef TAGOUT_BENCH_ENGINE_CASE_H
#define TAGOUT_BENCH_ENGINE_CASE_H

#include "lang/program_build.h"
#include "runtime/engine.h"

enum { ACTIONS = 20 };
typedef enum BenchBody {
  BODY_ACTS,           /* ACTIONS actions, each read back */
  BODY_OBEYS,          /* the same under a policy of five rules: two rest on an attribute, three on a fact */
  BODY_WAITS,          /* an hour */
  BODY_WAITS_ITS_SCORE /* bench_wait of the member */
} BenchBody;

/* ms: due at every ms of one second, in an order that is not that of the members */
static inline uint32_t bench_wait(uint32_t member) { return 1000 + member * 7919 % 1000; }

typedef struct Bench {
  Arena *arena;
  ProgramBuild *build;
  const Program *program;
  Fleet *fleet;
  Members all;
  Frozen frozen;
  CodeRef predicate; /* sku is GB200 and site is PHX62 and score > 97 */
} Bench;

/* service: how many of an action go through a service in an hour, 0: through none. */
void bench_open(Bench *ret, uint32_t nodes, uint32_t at_once, uint32_t service, BenchBody body);
void bench_close(Bench *b);

#endif
