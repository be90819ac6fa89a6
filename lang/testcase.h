/* testcase: a `test` block as plain data, checked and named. The runner resolves the names of members against the
 * inventory of the test. Strings live in the arena of whoever made it. */
#ifndef TAGOUT_LANG_TESTCASE_H
#define TAGOUT_LANG_TESTCASE_H

#include "lang/arena.h"
#include <stdbool.h>
#include <stdint.h>

typedef enum GivenWhat {
  GIVEN_ACTION_GOES,   /* subject: action; outcome, times, landing */
  GIVEN_LOCK_GOES,     /* subject: automation */
  GIVEN_UNLOCK_GOES,
  GIVEN_FACT_IS,       /* subject: fact; value; after: so long behind the start, or during the step; lasts: then it is as before */
  GIVEN_METRIC_IS,     /* subject: metric; number, or value "unknown"; the rest likewise */
  GIVEN_GATE_SAYS,     /* subject: gate; answer: 1 yes, 0 no, -1 silence; after */
  GIVEN_CRASH_IN,      /* subject: step; after = resume after */
  GIVEN_CANCEL_IN      /* subject: step */
} GivenWhat;
typedef struct Given {
  GivenWhat what;
  const char *subject;
  const char *kind, *member;  /* "" and "": every one */
  int outcome;                /* 0 ok, 1 failed, 2 unknown */
  uint32_t times;             /* 0: always */
  int64_t landing, after, lasts; /* ms */
  const char *value;          /* "unknown" or a word of the fact */
  const char *step;           /* of a fact: NULL: from the start, or `after` it */
  int64_t number;
  int answer;
  uint32_t line;
} Given;

typedef enum ExpectWhat {
  EXPECT_RUN_OUTCOME,  /* value: completed, rolled_back, failed, refused, stale, ended, cancelled */
  EXPECT_HANDED, EXPECT_ASIDE, EXPECT_KEPT, EXPECT_LEFT, EXPECT_DONE, /* members of kind; none: nothing at all */
  EXPECT_ALL_UNLOCKED, /* subject: automation or "" for every; members: except these */
  EXPECT_FACT_IS,      /* subject: fact, kind, one member, value */
  EXPECT_OUT_AT_MOST,  /* number: nodes */
  EXPECT_ENDS_WITHIN   /* number: ms */
} ExpectWhat;
typedef struct Expect {
  ExpectWhat what;
  const char *subject, *kind, *value;
  bool negated;               /* fact `is not` */
  const char *const *members;
  uint32_t member_count;
  int64_t number;
  uint32_t line;
} Expect;

typedef struct TestParam { const char *name, *value; uint32_t line; } TestParam; /* value as it is written */

typedef struct TestCase {
  const char *title, *runbook, *file;
  uint32_t line;
  const char *fleet;          /* path, relative to the test's file; "" when not given */
  const TestParam *params;
  uint32_t param_count;
  const Given *given;
  uint32_t given_count;
  const Expect *expects;
  uint32_t expect_count;
  uint64_t seed;
  bool has_start;
  int64_t start_day, start_ms; /* days since 1970, ms of the local day */
  const char *start_zone;      /* "" UTC */
} TestCase;

#endif
