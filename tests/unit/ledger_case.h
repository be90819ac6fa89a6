/* ledger_case: the ledger in the folder of a test. */
#ifndef TAGOUT_TESTS_LEDGER_CASE_H
#define TAGOUT_TESTS_LEDGER_CASE_H

#include "runtime/ledger.h"
#include "tests/unit/folder.h"

const char *ledger_case_path(void);
Ledger *opened(void); /* each time another handle; fails the test with what is wrong */

#endif
