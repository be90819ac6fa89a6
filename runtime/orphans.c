/* orphans: after kill -9 of the runtime its programs go on. They carry the run's id in their environment; before a run is
 * resumed they are ended, so that what is done again is not done twice at once. Only processes that this user may read
 * are seen, which are all that this user's runtime can have started. */
#include <config.h>

#include "runtime/world_live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENVIRONMENT_MAX (1u << 20)
#define ROUND_MS 20
#define ROUNDS 500
#define ROUNDS_TERM 150     /* before SIGKILL */

static bool read_environment(const char *pid, Buf *out) {
  char path[300], bytes[8192];
  snprintf(path, sizeof path, "/proc/%s/environ", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n;
  if (fd < 0) return false;
  while (out->len < ENVIRONMENT_MAX && (n = read(fd, bytes, sizeof bytes)) > 0) buf_add(out, bytes, (size_t)n);
  close(fd);
  return out->len > 0;
}

static bool belongs(const char *pid, const char *mark) {
  Buf env = BUF_INIT;
  bool found = false;
  size_t len = strlen(mark);
  if (read_environment(pid, &env))
    for (size_t at = 0; at < env.len && !found; at += strlen(env.data + at) + 1)
      found = strlen(env.data + at) == len && memcmp(env.data + at, mark, len) == 0;
  buf_done(&env);
  return found;
}

/* Signals every process of the run; how many there were. */
static uint32_t signal_all(const char *mark, int signal) {
  DIR *proc = opendir("/proc");
  struct dirent *entry;
  uint32_t n = 0;
  while (proc && (entry = readdir(proc)) != NULL) {
    long pid = strtol(entry->d_name, NULL, 10);
    if (pid <= 0 || pid == (long)getpid() || !belongs(entry->d_name, mark)) continue;
    if (kill((pid_t)pid, signal) == 0) n++;
  }
  if (proc) closedir(proc);
  return n;
}

uint32_t orphans_end(const char *run) {
  char mark[300];
  snprintf(mark, sizeof mark, "TAGOUT_RUN=%s", run);
  uint32_t found = signal_all(mark, SIGTERM);
  for (int round = 0; found > 0 && round < ROUNDS; round++) {
    poll(NULL, 0, ROUND_MS);
    if (signal_all(mark, round < ROUNDS_TERM ? 0 : SIGKILL) == 0) break;
  }
  return found;
}
