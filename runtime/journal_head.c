/* journal_head: `journal.head`, one line: the last turn that was committed, and the value of the chain after it. Of a log that was
 * cut off, or of which a page is garbled, SQLite takes what is before that and says nothing: an end that is gone looks like a run
 * that never came so far, and its commands would be given a second time. The line is written behind each commit and never waited
 * for: after the power has failed it may be older than the journal, or be nothing, and it is never ahead of it. */
#include <config.h>

#include "runtime/journal_sql.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MOST 128

static int open_head(const char *dir, int flags) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/journal.head", dir);
  int fd = open(path.data, flags | O_CLOEXEC, 0644);
  buf_done(&path);
  return fd;
}

/* What is not one whole line says nothing. */
void head_read(Journal *j) {
  char line[LINE_MOST];
  long long n;
  int fd = open_head(j->dir, O_RDONLY), end = 0;
  ssize_t len = fd < 0 ? 0 : pread(fd, line, sizeof line - 1, 0);
  if (fd >= 0) close(fd);
  line[len > 0 ? len : 0] = '\0';
  bool whole = sscanf(line, "turn %20lld %64[0-9a-f]\n%n", &n, j->noted_head, &end) == 2 && end == len && strlen(j->noted_head) == JOURNAL_HEAD - 1;
  j->noted_turn = whole ? n : -1;
}

void head_write_begin(Journal *j, bool made) { j->head_fd = open_head(j->dir, O_WRONLY | O_CREAT | (made ? O_TRUNC : 0)); }

void head_write(const Journal *j) {
  char line[LINE_MOST], head[JOURNAL_HEAD];
  if (j->head_fd < 0) return;
  journal_head(j, head);
  int n = snprintf(line, sizeof line, "turn %020lld %s\n", (long long)j->at.n, head);
  if (pwrite(j->head_fd, line, (size_t)n, 0) != n) return; /* an older one is as true */
}

/* Its commits may be lost with the machine: nothing may know of them. */
void head_write_end(Journal *j) {
  if (j->head_fd < 0) return;
  if (ftruncate(j->head_fd, 0) == 0) close(j->head_fd);
  j->head_fd = -1;
}

bool head_fits(Journal *j) {
  sqlite3_stmt *s;
  bool fits = false;
  if (j->noted_turn < 0) return true;
  if (sqlite3_prepare_v2(j->db, "SELECT lower(hex(digest)) FROM turn WHERE n=?1", -1, &s, NULL) != SQLITE_OK) return false;
  sqlite3_bind_int64(s, 1, j->noted_turn);
  if (sqlite3_step(s) == SQLITE_ROW) fits = strcmp((const char *)sqlite3_column_text(s, 0), j->noted_head) == 0;
  sqlite3_finalize(s);
  return fits;
}
