/* fail_at: a library to preload. It counts the calls of one kind that tagout makes, not those of the programs it starts, and
 * lets the one with the number $FAIL_AT fail, and with $FAIL_TIMES as many from there on. Not one line of the program under test
 * knows of it.
 *   FAIL_KIND   open read write sync truncate rename unlink mkdir mmap lock handle spawn memory: see `kinds`
 *   FAIL_AT     the number of the call that fails, from 1
 *   FAIL_TIMES  how many fail one after the other (1)
 *   FAIL_WHEN   nothing counts before this file is there
 *   FAIL_FILE   only calls on files with this in their path count
 *   FAIL_COUNT  a file that gets the number of calls of each kind, one line `KIND NUMBER` each, when the process exits
 *   FAIL_SAID   a file that gets what failed: the call and its file
 * Reads, writes and syncs count on regular files only: those on pipes and terminals are of people and of programs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef enum Kind { OPEN, READ, WRITE, SYNC, TRUNCATE, RENAME, UNLINK, MKDIR, MMAP, LOCK, HANDLE, SPAWN, MEMORY, KINDS } Kind;

/* What each says when it fails. HANDLE: pipes and whatever else takes a descriptor without a name. */
static const struct { const char *name; int error; } kinds[KINDS] = {
    [OPEN] = {"open", EMFILE}, [READ] = {"read", EIO}, [WRITE] = {"write", ENOSPC}, [SYNC] = {"sync", EIO},
    [TRUNCATE] = {"truncate", EIO}, [RENAME] = {"rename", EIO}, [UNLINK] = {"unlink", EIO}, [MKDIR] = {"mkdir", ENOSPC},
    [MMAP] = {"mmap", ENOMEM}, [LOCK] = {"lock", ENOLCK}, [HANDLE] = {"handle", EMFILE}, [SPAWN] = {"spawn", EAGAIN},
    [MEMORY] = {"memory", ENOMEM}};

static long calls[KINDS], fail_at, fail_times;
static Kind fail_kind = KINDS;
static const char *said, *count_to, *only, *when;
static int on; /* in tagout, once its own code runs */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

#define NEXT(name, type, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  char exe[4096];
  ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  exe[n > 0 ? n : 0] = '\0';
  const char *slash = strrchr(exe, '/'), *kind = getenv("FAIL_KIND"), *at = getenv("FAIL_AT");
  for (int k = 0; kind && k < KINDS; k++)
    if (strcmp(kind, kinds[k].name) == 0) fail_kind = (Kind)k;
  fail_at = at ? strtol(at, NULL, 10) : 0;
  fail_times = getenv("FAIL_TIMES") ? strtol(getenv("FAIL_TIMES"), NULL, 10) : 1;
  only = getenv("FAIL_FILE");
  when = getenv("FAIL_WHEN");
  said = getenv("FAIL_SAID");
  count_to = getenv("FAIL_COUNT");
  on = slash && strcmp(slash + 1, "tagout") == 0;
}

__attribute__((destructor)) static void end(void) {
  int counts = on && count_to;
  on = 0; /* what is written here is not tagout's */
  FILE *f = counts ? fopen(count_to, "w") : NULL;
  for (int k = 0; f && k < KINDS; k++) fprintf(f, "%s %ld\n", kinds[k].name, calls[k]);
  if (f) fclose(f);
}

/* No memory is asked for here: it may be what fails. */
static void say(const char *call, const char *path) {
  char line[4400];
  if (!said) return;
  int n = snprintf(line, sizeof line, "%s %s\n", call, path);
  int fd = NEXT(open, int, const char *, int, ...)(said, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd >= 0 && n > 0 && NEXT(write, ssize_t, int, const void *, size_t)(fd, line, (size_t)n) == n) close(fd);
}

/* Does this call fail? */
static int fails(Kind kind, const char *call, const char *path) {
  if (!on || (only && !(path && strstr(path, only)))) return 0;
  if (when && access(when, F_OK) < 0) return 0;
  when = NULL;
  long n = ++calls[kind];
  if (kind != fail_kind || n < fail_at || n >= fail_at + fail_times) return 0;
  on = 0; /* what is written here is not tagout's */
  say(call, path ? path : "");
  on = 1;
  errno = kinds[kind].error;
  return 1;
}

static int fails_on(Kind kind, const char *call, int fd) {
  struct stat st;
  char link[64], path[4096];
  if (!on || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  return fails(kind, call, path);
}

/* ---- files by name ---- */

#define OPENER(name)                                                                                \
  int name(const char *path, int flags, ...) {                                                      \
    va_list more;                                                                                   \
    va_start(more, flags);                                                                          \
    unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, unsigned) : 0;                     \
    va_end(more);                                                                                   \
    return fails(OPEN, #name, path) ? -1 : NEXT(name, int, const char *, int, ...)(path, flags, mode); \
  }
OPENER(open)
OPENER(open64)

#define STREAM(name)                                                                                      \
  FILE *name(const char *path, const char *mode) {                                                        \
    return fails(OPEN, #name, path) ? NULL : NEXT(name, FILE *, const char *, const char *)(path, mode); \
  }
STREAM(fopen)
STREAM(fopen64)

int rename(const char *from, const char *to) {
  return fails(RENAME, "rename", to) ? -1 : NEXT(rename, int, const char *, const char *)(from, to);
}

int unlink(const char *path) { return fails(UNLINK, "unlink", path) ? -1 : NEXT(unlink, int, const char *)(path); }

int mkdir(const char *path, mode_t mode) {
  return fails(MKDIR, "mkdir", path) ? -1 : NEXT(mkdir, int, const char *, mode_t)(path, mode);
}

/* ---- files by descriptor ---- */

ssize_t read(int fd, void *to, size_t n) {
  return fails_on(READ, "read", fd) ? -1 : NEXT(read, ssize_t, int, void *, size_t)(fd, to, n);
}

ssize_t write(int fd, const void *from, size_t n) {
  return fails_on(WRITE, "write", fd) ? -1 : NEXT(write, ssize_t, int, const void *, size_t)(fd, from, n);
}

#define AT_OFFSET(name, kind, pointer, offset)                                                       \
  ssize_t name(int fd, pointer bytes, size_t n, offset at) {                                         \
    return fails_on(kind, #name, fd) ? -1 : NEXT(name, ssize_t, int, pointer, size_t, offset)(fd, bytes, n, at); \
  }
AT_OFFSET(pread, READ, void *, off_t)
AT_OFFSET(pread64, READ, void *, off64_t)
AT_OFFSET(pwrite, WRITE, const void *, off_t)
AT_OFFSET(pwrite64, WRITE, const void *, off64_t)

int fsync(int fd) { return fails_on(SYNC, "fsync", fd) ? -1 : NEXT(fsync, int, int)(fd); }
int fdatasync(int fd) { return fails_on(SYNC, "fdatasync", fd) ? -1 : NEXT(fdatasync, int, int)(fd); }

int ftruncate(int fd, off_t n) { return fails_on(TRUNCATE, "ftruncate", fd) ? -1 : NEXT(ftruncate, int, int, off_t)(fd, n); }
int ftruncate64(int fd, off64_t n) { return fails_on(TRUNCATE, "ftruncate64", fd) ? -1 : NEXT(ftruncate64, int, int, off64_t)(fd, n); }

int flock(int fd, int operation) { return fails_on(LOCK, "flock", fd) ? -1 : NEXT(flock, int, int, int)(fd, operation); }

/* ---- memory ---- */

#define MAPPER(name, offset)                                                                                       \
  void *name(void *to, size_t n, int protection, int flags, int fd, offset at) {                                   \
    if (fails(MMAP, #name, "")) return MAP_FAILED;                                                                 \
    return NEXT(name, void *, void *, size_t, int, int, int, offset)(to, n, protection, flags, fd, at);            \
  }
MAPPER(mmap, off_t)
MAPPER(mmap64, off64_t)

void *malloc(size_t n) { return fails(MEMORY, "malloc", "") ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return fails(MEMORY, "calloc", "") ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return fails(MEMORY, "realloc", "") ? NULL : __libc_realloc(p, n); }

/* ---- descriptors without a name, and programs ---- */

/* libuv ends the process by itself when some of its own fail, and nobody can answer that: those of tagout count. */
static int ours(const void *caller) {
  Dl_info info;
  const char *slash = on && dladdr(caller, &info) && info.dli_fname ? strrchr(info.dli_fname, '/') : NULL;
  return slash && strcmp(slash + 1, "tagout") == 0;
}
#define HANDLE_FAILS(call, path) (ours(__builtin_return_address(0)) && fails(HANDLE, call, path))


int pipe2(int ends[2], int flags) { return HANDLE_FAILS("pipe2", "") ? -1 : NEXT(pipe2, int, int *, int)(ends, flags); }
int epoll_create1(int flags) { return HANDLE_FAILS("epoll_create1", "") ? -1 : NEXT(epoll_create1, int, int)(flags); }
int eventfd(unsigned value, int flags) { return HANDLE_FAILS("eventfd", "") ? -1 : NEXT(eventfd, int, unsigned, int)(value, flags); }
int inotify_init1(int flags) { return HANDLE_FAILS("inotify_init1", "") ? -1 : NEXT(inotify_init1, int, int)(flags); }

int inotify_add_watch(int fd, const char *path, uint32_t mask) {
  return HANDLE_FAILS("inotify_add_watch", path) ? -1 : NEXT(inotify_add_watch, int, int, const char *, uint32_t)(fd, path, mask);
}

int signalfd(int fd, const sigset_t *mask, int flags) {
  return HANDLE_FAILS("signalfd", "") ? -1 : NEXT(signalfd, int, int, const sigset_t *, int)(fd, mask, flags);
}

int timerfd_create(int clock, int flags) { return HANDLE_FAILS("timerfd_create", "") ? -1 : NEXT(timerfd_create, int, int, int)(clock, flags); }

int clone(int (*child)(void *), void *stack, int flags, void *told, ...) {
  va_list rest;
  va_start(rest, told);
  int *pidfd = va_arg(rest, int *); /* ours are all asked for one */
  va_end(rest);
  if (fails(SPAWN, "clone", "")) return -1;
  return NEXT(clone, int, int (*)(void *), void *, int, void *, ...)(child, stack, flags, told, pidfd);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *files, const posix_spawnattr_t *attributes,
                 char *const arguments[], char *const environment[]) {
  if (fails(SPAWN, "posix_spawnp", file)) return EAGAIN;
  return NEXT(posix_spawnp, int, pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
              char *const[])(pid, file, files, attributes, arguments, environment);
}
