/* kill_at: a library to preload. It counts the calls by which a process writes to a journal (pwrite, write, fsync, fdatasync,
 * ftruncate on a file named journal.db*, or another that $KILL_FILE names), and kills the process before the one with the number $KILL_AT. With $FULL_AT the disk
 * is full from that one on. With $KILL_COUNT it leaves the number of calls in the file so named. Not one line of the program
 * under test knows of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long calls;

static int is_journal(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = '\0';
  const char *slash = strrchr(path, '/');
  const char *named = getenv("KILL_FILE");
  if (!named) named = "journal.db";
  return slash && strncmp(slash + 1, named, strlen(named)) == 0 && !strstr(slash, "-shm");
}

/* Is there room for this write? */
static int count(int fd) {
  const char *at = getenv("KILL_AT"), *full = getenv("FULL_AT"), *to = getenv("KILL_COUNT");
  if ((!at && !full && !to) || !is_journal(fd)) return 1;
  calls++;
  if (at && calls == strtol(at, NULL, 10)) kill(getpid(), SIGKILL);
  FILE *f = to ? fopen(to, "w") : NULL;
  if (f) {
    fprintf(f, "%ld\n", calls);
    fclose(f);
  }
  if (!full || calls < strtol(full, NULL, 10)) return 1;
  errno = ENOSPC;
  return 0;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  if (!count(fd)) return -1;
  return REAL(ssize_t (*)(int, const void *, size_t, off_t), "pwrite")(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
  if (!count(fd)) return -1;
  return REAL(ssize_t (*)(int, const void *, size_t, off64_t), "pwrite64")(fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n) {
  if (!count(fd)) return -1;
  return REAL(ssize_t (*)(int, const void *, size_t), "write")(fd, bytes, n);
}

int fsync(int fd) {
  if (!count(fd)) return -1;
  return REAL(int (*)(int), "fsync")(fd);
}

int fdatasync(int fd) {
  if (!count(fd)) return -1;
  return REAL(int (*)(int), "fdatasync")(fd);
}

int ftruncate(int fd, off_t n) {
  if (!count(fd)) return -1;
  return REAL(int (*)(int, off_t), "ftruncate")(fd, n);
}

int ftruncate64(int fd, off64_t n) {
  if (!count(fd)) return -1;
  return REAL(int (*)(int, off64_t), "ftruncate64")(fd, n);
}
