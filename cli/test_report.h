/* test_report: what `tagout test` says: a line per test, what no test took, the sum; as text, as TAP, or as JSON. */
#ifndef TAGOUT_CLI_TEST_REPORT_H
#define TAGOUT_CLI_TEST_REPORT_H

#include "cli/output.h"
#include "runtime/testrun.h"

typedef struct TestReport TestReport;
typedef struct TestReportConfig {
  bool tap, json;
  bool coverage;      /* list every outcome that no test took */
} TestReportConfig;

TestReport *test_report_new(TestReportConfig config, Arena *arena);
/* The test has been run on this program. Takes over what the result owns. */
void test_report_add(TestReport *t, const TestCase *test, const Program *program, TestResult *result);
/* Says the rest and frees it. True: there was a test, and every one passed. */
bool test_report_end(TestReport *t);

#endif
