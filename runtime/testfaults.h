/* testfaults: the `given` lines of a test as a fault plan, names resolved against program and inventory. */
#ifndef TAGOUT_RUNTIME_TESTFAULTS_H
#define TAGOUT_RUNTIME_TESTFAULTS_H

#include "lang/testcase.h"
#include "runtime/faults.h"

/* NULL when a name is nobody's: the sink says which. */
const Faults *testfaults(const TestCase *test, const Program *p, const Fleet *fleet, Arena *arena, DiagSink *sink);

#endif
