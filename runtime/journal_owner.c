/* journal_owner: who has a run. The writer holds flock(2) on `owner.lock` for its whole life; the kernel drops it with the
 * process, so a dead owner never blocks anyone and a living one cannot be robbed. */
#include <config.h>

#include "runtime/journal_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define OWN_TRIES 10
#define OWN_AGAIN_MS 20

static void read_owner(int fd, char *out, size_t size) {
  ssize_t n = pread(fd, out, size - 1, 0);
  out[n > 0 ? n : 0] = '\0';
}

/* Whoever only asks holds the lock for a moment, so that one refusal means nothing yet. */
static int take_lock(int fd) {
  for (int i = 0; i < OWN_TRIES; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
    poll(NULL, 0, OWN_AGAIN_MS);
  }
  return -1;
}

bool journal_owned(const char *run_dir, char *ret_who, size_t size) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/owner.lock", run_dir);
  int fd = open(path.data, O_RDONLY | O_CLOEXEC);
  buf_done(&path);
  if (fd < 0) return false;
  bool owned = flock(fd, LOCK_SH | LOCK_NB) < 0;
  if (owned) read_owner(fd, ret_who, size);
  close(fd);
  return owned;
}

int journal_own(Journal *j, JournalError *error) {
  char text[200], host[64] = "";
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/owner.lock", j->dir);
  j->owner_fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  int opened = j->owner_fd < 0 ? journal_fail(error, -errno, path.data, strerror(errno)) : 0;
  buf_done(&path);
  if (opened < 0) return opened;
  if (take_lock(j->owner_fd) < 0) {
    char who[120], what[200];
    read_owner(j->owner_fd, who, sizeof who);
    snprintf(what, sizeof what, "the run is in the hands of %s", who[0] ? who : "another process");
    return journal_fail(error, -EBUSY, j->dir, what);
  }
  gethostname(host, sizeof host - 1);
  int n = snprintf(text, sizeof text, "process %ld on %s", (long)getpid(), host);
  if (ftruncate(j->owner_fd, 0) < 0 || pwrite(j->owner_fd, text, (size_t)n, 0) != n)
    return journal_fail(error, -errno, j->dir, strerror(errno));
  return 0;
}
