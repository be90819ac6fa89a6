/* stand_still: a library to preload. Time goes on for the process as if it, or the machine, had stood still: not one line of the program
 * under test knows of it.
 *   CLOCK_AHEAD  a file with the milliseconds by which the monotonic clock is ahead; missing: none
 *   DATE_AHEAD   the same for the clock that people read
 *   STOP_AT      a file with a number: the process stops itself (SIGSTOP) behind so many syncs of its journal from then on, once
 * Only tagout is concerned, not the programs that it starts. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *ahead, *date_ahead, *stop_at;

__attribute__((constructor)) static void begin(void) {
  char exe[4096];
  ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  exe[n > 0 ? n : 0] = '\0';
  const char *slash = strrchr(exe, '/');
  if (!slash || strcmp(slash + 1, "tagout") != 0) return;
  ahead = getenv("CLOCK_AHEAD");
  date_ahead = getenv("DATE_AHEAD");
  stop_at = getenv("STOP_AT");
}

static long number_in(const char *path) {
  char text[32] = "";
  FILE *f = path ? fopen(path, "r") : NULL;
  if (!f) return 0;
  if (!fgets(text, sizeof text, f)) *text = '\0';
  fclose(f);
  return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *ret) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int r = real(clock, ret);
  if (r == 0 && (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE)) ret->tv_sec += number_in(ahead) / 1000;
  if (r == 0 && clock == CLOCK_REALTIME) ret->tv_sec += number_in(date_ahead) / 1000;
  return r;
}

static int is_journal(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  return strstr(path, "/journal.db") != NULL;
}

static void synced(int fd) {
  static long left;
  if (!stop_at || !is_journal(fd)) return;
  long asked = number_in(stop_at);
  if (asked > 0) {
    left = asked;
    unlink(stop_at);
  }
  if (left > 0 && --left == 0) raise(SIGSTOP);
}

int fsync(int fd) {
  int r = ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
  synced(fd);
  return r;
}

int fdatasync(int fd) {
  int r = ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
  synced(fd);
  return r;
}
