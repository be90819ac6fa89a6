/* search: all paths, fewest faults first. A path is run again from its start to take its other turns; a state that was seen
 * before is not gone on from. What was found is reported with the path of fewest faults, then fewest steps. */
#ifndef TAGOUT_TESTS_ORACLE_SEARCH_H
#define TAGOUT_TESTS_ORACLE_SEARCH_H

#include "tests/oracle/path.h"

typedef struct Bounds { uint32_t faults, delays, states, steps; } Bounds;

typedef struct Found {
  Hit hit;
  uint32_t faults;
  ChoiceVec path;
} Found;

typedef struct Findings {
  VEC(Found) found;         /* each code and line once; by faults, then steps */
  uint32_t states, edges;
  uint64_t fed;             /* steps taken, replays included */
  bool bounded;             /* a cap on states or steps was hit */
  bool completes;           /* some path without a fault ends completed */
} Findings;

Findings search(Ground *g, Bounds bounds);
void findings_done(Findings *f);

#endif
