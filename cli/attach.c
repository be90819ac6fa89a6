/* attach: written beside its place while its digest is taken, synced, and put there by its digest. */
#include <config.h>

#include "cli/attach.h"

#include "cli/output.h"
#include "cli/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536u
#define NAME_MOST 100u

bool attach_is_address(const char *value) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-";
  size_t scheme = strspn(value, letters);
  return scheme > 0 && strchr(letters, *value) < letters + 52 && strncmp(value + scheme, "://", 3) == 0; /* a letter first */
}

static const char *refuse(DiagSink *sink, const char *path, const char *why) {
  Diag *d = diag_at(sink, E_EVIDENCE, path, 0, 0, "cannot be kept as evidence: %s", why);
  diag_note(sink, d, "the incident was not taken: nothing is acknowledged without its evidence");
  return NULL;
}

/* ---- copying ---- */

/* Copies to the end, synced. False with errno; EFBIG: more than may be. */
static bool copy(int from, int to, struct sha256_ctx *hash) {
  uint8_t bytes[CHUNK];
  ssize_t n;
  uint64_t total = 0;
  while ((n = read(from, bytes, sizeof bytes)) > 0) {
    if ((total += (uint64_t)n) > ATTACH_MOST) return errno = EFBIG, false;
    if (hash) sha256_update(hash, (size_t)n, bytes);
    if (!write_all(to, (const char *)bytes, (size_t)n)) return false;
  }
  return n == 0 && fsync(to) == 0;
}

static bool sync_folder(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  return ok;
}

/* A regular file, not one that waits for somebody to write (a pipe, a device). */
static int open_source(const char *path) {
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))) return fd;
  close(fd);
  errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
  return -1;
}

/* ---- keeping ---- */

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  size_t len = strlen(name);
  return len > NAME_MOST ? name + (len - NAME_MOST) : name;
}

static const char *hex(const uint8_t *digest, Arena *arena) {
  char *out = arena_alloc(arena, 2 * SHA256_DIGEST_SIZE + 1);
  hex_digits(digest, SHA256_DIGEST_SIZE, out);
  return out;
}

/* Both folders are synced, so that the name is as durable as the bytes. */
static const char *put(const char *folder, const char *temporary, const char *digest, const char *name, Arena *arena) {
  const char *place = arena_printf(arena, "%s/%s", folder, digest), *to = arena_printf(arena, "%s/%s", place, name);
  if (mkdir(place, 0777) < 0 && errno != EEXIST) return NULL;
  return rename(temporary, to) == 0 && sync_folder(place) && sync_folder(folder) ? to : NULL;
}

static const char *keep(const char *folder, int from, const char *name, Arena *arena) {
  char *temporary = arena_printf(arena, "%s/.new.XXXXXX", folder);
  uint8_t digest[SHA256_DIGEST_SIZE];
  struct sha256_ctx hash;
  sha256_init(&hash);
  int to = mkostemp(temporary, O_CLOEXEC);
  if (to < 0) return NULL;
  bool ok = copy(from, to, &hash) && fchmod(to, 0444) == 0;
  int error = errno;
  if (close(to) < 0 && ok) ok = false, error = errno;
  sha256_digest(&hash, sizeof digest, digest);
  const char *kept = ok ? put(folder, temporary, hex(digest, arena), name, arena) : NULL;
  if (ok && !kept) error = errno;
  if (!kept) unlink(temporary);
  errno = error;
  return kept;
}

const char *attach_keep(const char *state, const char *path, Arena *arena, DiagSink *sink) {
  char *folder = arena_printf(arena, "%s/incidents/evidence", state);
  if (!rundir_make(folder)) return refuse(sink, path, "the state folder cannot be written");
  char *real = realpath(folder, NULL);
  int from = open_source(path);
  const char *kept = real && from >= 0 ? keep(real, from, base(path), arena) : NULL;
  int error = errno;
  if (from >= 0) close(from);
  free(real);
  if (kept) return kept;
  return refuse(sink, path, error == EFBIG ? "it is larger than 256 MiB: attach an address" : error == EINVAL ? "it is no regular file" : strerror(error));
}

/* ---- sweeping ---- */

int attach_hold(const char *state) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/incidents/evidence", state);
  int fd = rundir_make(path.data) ? open(path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  buf_done(&path);
  if (fd >= 0) flock(fd, LOCK_SH);
  return fd;
}

typedef struct Digest { char text[2 * SHA256_DIGEST_SIZE + 1]; } Digest;
typedef struct Digests { VEC(Digest) list; } Digests;

/* Every run of hexadecimal digits behind the folder's name is one: too many kept are no harm. */
static void see_digests(void *ctx, const char *content) {
  static const char before[] = "/evidence/";
  Digests *d = ctx;
  for (const char *at = content; (at = strstr(at, before)) != NULL;) {
    Digest one = {{0}};
    at += sizeof before - 1;
    if (strspn(at, "0123456789abcdef") != sizeof one.text - 1) continue;
    memcpy(one.text, at, sizeof one.text - 1);
    vec_push(&d->list, one);
  }
}

static int by_text(const void *a, const void *b) { return strcmp(((const Digest *)a)->text, ((const Digest *)b)->text); }

static bool needed(const Digests *d, const char *name) {
  Digest one = {{0}};
  if (strlen(name) != sizeof one.text - 1) return false;
  memcpy(one.text, name, sizeof one.text);
  return d->list.len && bsearch(&one, d->list.items, d->list.len, sizeof one, by_text);
}

static void sweep(const char *folder, DIR *dir, const Digests *d, Arena *arena) {
  for (const struct dirent *e; (e = readdir(dir));) {
    char *path = arena_printf(arena, "%s/%s", folder, e->d_name);
    if (strncmp(e->d_name, ".new.", 5) == 0) unlink(path); /* half of one, by a process that was killed */
    else if (e->d_name[0] != '.' && !needed(d, e->d_name)) rundir_remove(path);
  }
}

int attach_sweep(const char *state, Intake *in, Arena *arena) {
  const char *folder = arena_printf(arena, "%s/incidents/evidence", state);
  Digests d = {0};
  DIR *dir = opendir(folder);
  int r = 0;
  if (dir && flock(dirfd(dir), LOCK_EX | LOCK_NB) == 0) {
    r = intake_contents(in, see_digests, &d);
    if (d.list.len) qsort(d.list.items, d.list.len, sizeof *d.list.items, by_text);
    if (r == 0) sweep(folder, dir, &d, arena);
  }
  if (dir) closedir(dir);
  vec_done(&d.list);
  return r;
}

/* ---- for a run ---- */

static bool copy_to(const char *kept, const char *to) {
  int in = open_source(kept), out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);
  bool ok = out >= 0 && copy(in, out, NULL);
  int error = errno;
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  errno = error;
  return ok;
}

const char *attach_bring(const char *kept, const char *run_dir, uint64_t incident, Arena *arena) {
  char *folder = arena_printf(arena, "%s/evidence", run_dir);
  const char *to = arena_printf(arena, "%s/%llu-%s", folder, (unsigned long long)incident, base(kept)), *half = arena_printf(arena, "%s.new", to);
  if (!rundir_make(folder)) return NULL;
  if (access(to, F_OK) == 0) return to;
  unlink(half);
  if (copy_to(kept, half) && rename(half, to) == 0) return to;
  fprintf(stderr, "tagout: %s: %s\n", to, strerror(errno));
  return NULL;
}
