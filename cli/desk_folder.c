/* desk_folder: the folder is read as a whole; inotify only says when, and which files were moved in. */
#include <config.h>

#include "cli/desk_folder.h"

#include "cli/attach.h"
#include "cli/bring.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "runtime/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define GRACE_MS 10000   /* for a file that is no whole JSON text: somebody may still write it */
#define COPIES_MOST 10000

struct DeskFolder {
  Desk *desk;
  char *path, *taken, *refused;
  int fd, lock;              /* lock: on the folder itself; -1 none */
  int64_t until;             /* ms UTC: when this turn is over */
};

int desk_folder_fd(const DeskFolder *f) { return f->fd; }

void desk_folder_close(DeskFolder *f) {
  if (!f) return;
  if (f->fd >= 0) close(f->fd);
  if (f->lock >= 0) close(f->lock);
  free(f->path);
  free(f->taken);
  free(f->refused);
  free(f);
}

static char *below(const char *path, const char *name) {
  Buf out = BUF_INIT;
  buf_printf(&out, "%s/%s", path, name);
  return out.data;
}

/* Two desks that watch one folder would refuse each other's incidents. */
static bool lock(DeskFolder *f) {
  f->lock = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (f->lock >= 0 && flock(f->lock, LOCK_EX | LOCK_NB) == 0) return true;
  fprintf(stderr, "tagout: %s: %s\n", f->path, f->lock >= 0 ? "another desk watches it: each has a folder of its own" : strerror(errno));
  return false;
}

DeskFolder *desk_folder_open(Desk *d, const char *path) {
  DeskFolder *f = xcalloc(1, sizeof *f);
  *f = (DeskFolder){.desk = d, .path = xstrdup(path), .taken = below(path, "taken"), .refused = below(path, "refused"), .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .lock = -1};
  int error = errno; /* of the inotify_init1 */
  bool made = lock(f) && rundir_make(f->taken) && rundir_make(f->refused);
  if (made && f->fd >= 0 && inotify_add_watch(f->fd, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) >= 0) return f;
  if (made) fprintf(stderr, "tagout: %s cannot be watched: %s\n", path, strerror(f->fd < 0 ? error : errno));
  desk_folder_close(f);
  return NULL;
}

/* ---- moving on ---- */

/* NAME.json, NAME.2.json ...: what was there before stays. */
static const char *free_name(const char *folder, const char *name, Arena *arena) {
  const char *to = arena_printf(arena, "%s/%s", folder, name), *dot = strrchr(name, '.');
  size_t stem = dot && dot != name ? (size_t)(dot - name) : strlen(name);
  for (int i = 2; access(to, F_OK) == 0 && i < COPIES_MOST; i++) to = arena_printf(arena, "%s/%.*s.%d%s", folder, (int)stem, name, i, name + stem);
  return to;
}

static const char *move(const DeskFolder *f, const char *folder, const char *name, Arena *arena) {
  const char *from = arena_printf(arena, "%s/%s", f->path, name), *to = free_name(folder, name, arena);
  if (rename(from, to) == 0) return to;
  fprintf(stderr, "tagout: %s: %s\n", from, strerror(errno));
  return NULL;
}

static void refuse(const DeskFolder *f, const char *name, DiagSink *sink, Arena *arena) {
  Buf why = BUF_INIT;
  diag_render_text(sink, NULL, (DiagStyle){false, 0}, &why);
  const char *to = move(f, f->refused, name, arena);
  if (to) write_file(arena_printf(arena, "%s.why", to), why.data ? why.data : "", why.len);
  desk_say("%s/%s: refused: %s", f->path, name, diag_count(sink) ? diag_get(sink, 0)->message : "");
  buf_done(&why);
}

static void move_taken(const DeskFolder *f, const char *name, const ArrivalText *a, Arena *arena) {
  move(f, f->taken, name, arena);
  for (uint32_t i = 0; i < a->attach_count; i++)
    if (!attach_is_address(a->attach[i].value)) move(f, f->taken, a->attach[i].value, arena);
}

/* ---- one file ---- */

static const char *key_of_file(const char *name, const Buf *bytes, Arena *arena) {
  char digest[DIGEST_HEX];
  digest_hex(bytes->data, bytes->len, digest);
  return arena_printf(arena, "file:%.100s:%s", name, digest);
}

/* What it attaches is in the folder, and is a file: nobody is made to read anything else for them. */
static bool evidence_beside(const DeskFolder *f, const char *file, const ArrivalText *a, ArrivalText *ret, Arena *arena, DiagSink *sink) {
  *ret = *a;
  ret->attach = arena_new_array(arena, ArrivalField, a->attach_count + 1);
  for (uint32_t i = 0; i < a->attach_count; i++) {
    const char *value = a->attach[i].value, *path = arena_printf(arena, "%s/%s", f->path, value);
    struct stat st;
    ret->attach[i] = (ArrivalField){a->attach[i].name, attach_is_address(value) ? value : path};
    if (attach_is_address(value) || (!strchr(value, '/') && lstat(path, &st) == 0 && S_ISREG(st.st_mode))) continue;
    Diag *d = diag_at(sink, E_EVIDENCE, file, 0, 0, "`%s`: there is no file `%s` beside it", a->attach[i].name, value);
    diag_note(sink, d, "move what is attached into the folder first, then the incident; or attach an address");
    return false;
  }
  return true;
}

static void take_file(DeskFolder *f, const char *name, const Buf *bytes, const ArrivalText *parsed, Arena *arena, DiagSink *sink) {
  const char *file = arena_printf(arena, "%s/%s", f->path, name);
  uint64_t id = 0;
  ArrivalText a;
  Bringing b = {f->desk->state, f->desk->intake, &f->desk->home, arena_printf(arena, "from %s", file), wall_clock()};
  Brought brought = BROUGHT_WRONG;
  if (evidence_beside(f, file, parsed, &a, arena, sink)) {
    if (!*a.key) a.key = key_of_file(name, bytes, arena);
    brought = bring(&b, &a, arena, sink, &id);
  }
  switch (brought) {
    case BROUGHT_NEW: case BROUGHT_BEFORE:
      move_taken(f, name, parsed, arena);
      desk_say("%s: incident %llu%s", file, (unsigned long long)id, brought == BROUGHT_NEW ? "" : ", brought before");
      break;
    case BROUGHT_WRONG: case BROUGHT_NOBODY: case BROUGHT_CLASH: refuse(f, name, sink, arena); break;
    case BROUGHT_NOT_KEPT: print_diagnostics(sink, NULL, FORMAT_TEXT); break; /* it stays, and is tried again */
  }
}

/* At most a byte more than an incident may have. False: it cannot be read; *ret_never: nor will it ever. */
static bool read_some(const char *path, Buf *out, struct stat *ret, bool *ret_never) {
  char bytes[4096];
  ssize_t n;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  int error = errno;
  bool ok = fd >= 0 && fstat(fd, ret) == 0 && S_ISREG(ret->st_mode);
  *ret_never = fd >= 0 ? !ok : error == ELOOP || error == EACCES || error == ENXIO;
  while (ok && out->len <= ARRIVAL_BYTES && (n = read(fd, bytes, sizeof bytes)) > 0) buf_add(out, bytes, (size_t)n);
  if (fd >= 0) close(fd);
  return ok;
}

static bool is_settled(const struct stat *st) {
  int64_t changed = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000, age = wall_clock() - changed;
  return age > GRACE_MS || age < -GRACE_MS;
}

static void look_at_file(DeskFolder *f, const char *name, bool moved) {
  Arena *arena = arena_new();
  DiagSink *sink = diag_sink_new(arena, NULL);
  Buf bytes = BUF_INIT;
  struct stat st;
  ArrivalText a;
  bool never = false;
  const char *file = arena_printf(arena, "%s/%s", f->path, name);
  if (!arrival_plain(name)) {
    diag_at(sink, E_ARRIVAL_FORM, f->path, 0, 0, "a file's name is not UTF-8 of one line");
    refuse(f, name, sink, arena);
  } else if (read_some(file, &bytes, &st, &never)) {
    if (arrival_parse(file, bytes.data ? bytes.data : "", bytes.len, arena, sink, &a)) take_file(f, name, &bytes, &a, arena, sink);
    else if (moved || is_settled(&st)) refuse(f, name, sink, arena);
  } else if (never) {
    diag_at(sink, E_ARRIVAL_FORM, file, 0, 0, "it is no file that can be read: a link, a folder, a pipe, or somebody else's");
    refuse(f, name, sink, arena);
  }
  buf_done(&bytes);
  arena_free(arena);
}

/* ---- the folder ---- */

static bool is_incident(const char *name) {
  size_t n = strlen(name);
  return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".json") == 0;
}

static int wanted(const struct dirent *entry) { return is_incident(entry->d_name); }
static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void take_moved(DeskFolder *f) {
  _Alignas(struct inotify_event) char events[sizeof(struct inotify_event) + NAME_MAX + 1];
  for (ssize_t n; wall_clock() < f->until && (n = read(f->fd, events, sizeof events)) > 0;)
    for (char *at = events; at < events + n;) {
      const struct inotify_event *e = (const struct inotify_event *)(const void *)at;
      if (e->len && (e->mask & IN_MOVED_TO) && is_incident(e->name)) look_at_file(f, e->name, true);
      at += sizeof *e + e->len;
    }
}

bool desk_folder_take(DeskFolder *f) {
  struct dirent **names;
  bool more = false;
  f->until = wall_clock() + DESK_TURN_MS;
  take_moved(f);
  if (wall_clock() >= f->until) return true;
  int n = scandir(f->path, &names, wanted, by_name);
  for (int i = 0; i < n; i++) {
    more = more || wall_clock() >= f->until;
    if (!more) look_at_file(f, names[i]->d_name, false);
    free(names[i]);
  }
  if (n >= 0) free(names);
  return more;
}
