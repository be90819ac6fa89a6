/* journal_owner: the writer of a journal owns `owner.lock` in the run's folder. */
#include <config.h>

#include "runtime/journal_sql.h"
#include "runtime/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool journal_owned(const char *run_dir, char *ret_who, size_t size) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/owner.lock", run_dir);
  bool owned = owner_look(path.data, ret_who, size);
  buf_done(&path);
  return owned;
}

int journal_own(Journal *j, JournalError *error) {
  char who[120], what[200];
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/owner.lock", j->dir);
  j->owner_fd = owner_take(path.data, who, sizeof who);
  int failed = j->owner_fd >= 0 ? 0 : j->owner_fd != -EBUSY ? journal_fail(error, j->owner_fd, path.data, strerror(-j->owner_fd)) : -EBUSY;
  buf_done(&path);
  if (failed != -EBUSY) return failed;
  snprintf(what, sizeof what, "the run is in the hands of %s", who[0] ? who : "another process");
  return journal_fail(error, -EBUSY, j->dir, what);
}
