/* owner: the lock and the name in it. */
#include <config.h>

#include "runtime/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
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

static int leave(int fd, int error) {
  close(fd);
  return -error;
}

int owner_take(const char *path, char *ret_who, size_t size) {
  char text[200], host[64] = "";
  *ret_who = '\0';
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return -errno;
  if (take_lock(fd) < 0) {
    read_owner(fd, ret_who, size);
    return leave(fd, EBUSY);
  }
  gethostname(host, sizeof host - 1);
  const struct passwd *user = getpwuid(getuid());
  int n = snprintf(text, sizeof text, "process %ld on %s, of %.60s", (long)getpid(), host, user && *user->pw_name ? user->pw_name : "nobody known");
  errno = ENOSPC; /* of a write that is only short */
  return ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n ? leave(fd, errno) : fd;
}

bool owner_look(const char *path, char *ret_who, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool owned = flock(fd, LOCK_SH | LOCK_NB) < 0;
  if (owned && ret_who) read_owner(fd, ret_who, size);
  close(fd);
  return owned;
}
