/* owner: the lock and the name in it. */
#include <config.h>

#include "runtime/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
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

/* 0, or a negative errno. Whoever only asks holds the lock for a moment, so that one refusal means nothing yet. */
static int take_lock(int fd) {
  int error = EBUSY;
  for (int i = 0; i < OWN_TRIES; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
    error = errno;
    poll(NULL, 0, OWN_AGAIN_MS);
  }
  return error == EWOULDBLOCK ? -EBUSY : -error;
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
  int refused = take_lock(fd);
  if (refused == -EBUSY) read_owner(fd, ret_who, size);
  if (refused < 0) return leave(fd, -refused);
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
  if (owned && ret_who && errno == EWOULDBLOCK) read_owner(fd, ret_who, size);
  else if (owned && ret_who) snprintf(ret_who, size, "nobody can say whom: %s: %s", path, strerror(errno)); /* to be on the safe side */
  close(fd);
  return owned;
}
