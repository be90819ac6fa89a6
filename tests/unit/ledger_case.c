/* ledger_case: opened, or the test fails. */
#include <config.h>

#include "tests/unit/ledger_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

const char *ledger_case_path(void) { return folder_path("fleets/phx.db"); }

Ledger *opened(void) {
  Buf why = BUF_INIT;
  Ledger *l = NULL;
  if (ledger_open(ledger_case_path(), &l, &why) < 0) fail_msg("%s", why.data);
  buf_done(&why);
  return l;
}
