/* spawn_floor: the least that carrying out programs can cost: spawn_floor COUNT AT_ONCE PROGRAM [ARGUMENT ...] starts COUNT
 * programs, AT_ONCE beside each other, reads what each one writes to its end, and does nothing else: no journal, no deadline,
 * no process group, and the program looked for in PATH once. posix_spawn, a pidfd and a pipe per program, one thread, epoll. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef struct Child { pid_t pid; int pidfd, out; } Child;

static void die(const char *what) {
  fprintf(stderr, "spawn_floor: %s: %s\n", what, strerror(errno));
  exit(2);
}

static void start(int epoll, Child *c, uint64_t slot, char **argv) {
  posix_spawn_file_actions_t files;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) die("pipe2");
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], 1);
  posix_spawn_file_actions_adddup2(&files, ends[1], 2);
  errno = posix_spawn(&c->pid, argv[0], &files, NULL, argv, environ);
  if (errno) die(argv[0]);
  posix_spawn_file_actions_destroy(&files);
  close(ends[1]);
  c->out = ends[0];
  c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
  struct epoll_event watched = {.events = EPOLLIN, .data.u64 = slot};
  if (c->pidfd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, c->pidfd, &watched) < 0) die("pidfd");
}

/* A child between its fork and its exec has the descriptor too, so that closing ours does not end the watch. */
static void finish(int epoll, Child *c) {
  char bytes[4096];
  int status;
  if (waitpid(c->pid, &status, 0) != c->pid) die("waitpid");
  while (read(c->out, bytes, sizeof bytes) > 0) {}
  close(c->out);
  epoll_ctl(epoll, EPOLL_CTL_DEL, c->pidfd, NULL);
  close(c->pidfd);
}

/* In PATH, if it has no slash; once for all. */
static char *find(char *name) {
  static char path[4096];
  const char *at = getenv("PATH");
  if (strchr(name, '/')) return name;
  for (size_t len; at && *at; at += len + (at[len] == ':')) {
    len = strcspn(at, ":");
    snprintf(path, sizeof path, "%.*s/%s", (int)len, at, name);
    if (access(path, X_OK) == 0) return path;
  }
  return errno = ENOENT, die(name), name;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: spawn_floor COUNT AT_ONCE PROGRAM [ARGUMENT ...]\n");
    return 2;
  }
  uint64_t count = strtoull(argv[1], NULL, 10), at_once = strtoull(argv[2], NULL, 10), started = 0, ended = 0;
  Child *children = calloc(at_once ? at_once : 1, sizeof *children);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (!children || epoll < 0) die("epoll");
  argv[3] = find(argv[3]);
  for (; started < count && started < at_once; started++) start(epoll, &children[started], started, argv + 3);
  while (ended < count) {
    struct epoll_event ready[64];
    int n = epoll_wait(epoll, ready, 64, -1);
    for (int i = 0; i < n; i++) {
      Child *c = &children[ready[i].data.u64];
      finish(epoll, c);
      if (++ended, started < count) started++, start(epoll, c, ready[i].data.u64, argv + 3);
    }
  }
  close(epoll);
  free(children);
  return 0;
}
