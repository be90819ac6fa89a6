/* testrun: runs one test of the language in the simulated world and holds what came of it against what it expects. */
#ifndef TAGOUT_RUNTIME_TESTRUN_H
#define TAGOUT_RUNTIME_TESTRUN_H

#include "lang/buf.h"
#include "lang/diag.h"
#include "lang/testcase.h"
#include "runtime/simulate.h"

typedef struct TestResult {
  bool passed;
  bool impossible;     /* it could not be run: the sink says why */
  RunOutcome outcome;
  int64_t took;        /* ms of simulated time */
  uint32_t peak_out;
  uint64_t events;
  uint8_t *ended;      /* per code address: outcomes that the run took (engine_ended); NULL when impossible; free it */
  Buf failures;        /* a line per expectation that did not hold, with the line of the test; free with buf_done */
} TestResult;

/* fleet_path: the test's inventory, resolved by the caller. observer: told of every note, for a trace; may be all NULL. */
TestResult testrun(const TestCase *test, const Program *p, const char *fleet_path, TurnObserver observer, DiagSink *sink);

const char *run_outcome_text(RunOutcome o); /* "completed", "rolled_back" ... */
const char *member_state_text(MemberState s); /* "done", "set aside" ... */

#endif
