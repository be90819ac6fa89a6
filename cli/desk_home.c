/* desk_home: the plan and the record of a desk, written whole or not. */
#include <config.h>

#include "cli/desk_home.h"

#include "cli/output.h"
#include "cli/rundir.h"
#include "runtime/owner.h"
#include "runtime/schema.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MOST 100u

/* ---- where ---- */

bool desk_name_fits(const char *name) {
  size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  return len > 0 && len <= NAME_MOST && name[len] == '\0';
}

const char *desk_dir(Arena *arena, const char *state, const char *name) { return arena_printf(arena, "%s/desks/%s", state, name); }

static bool with_path(const char *dir, const char *file, bool (*use)(const char *path, void *ctx), void *ctx) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/%s", dir, file);
  bool ok = use(path.data, ctx);
  buf_done(&path);
  return ok;
}

static bool there(const char *path, void *ctx) {
  (void)ctx;
  return access(path, R_OK) == 0;
}

bool desk_exists(const char *state, const char *name) {
  Arena *arena = arena_new();
  bool found = desk_name_fits(name) && with_path(desk_dir(arena, state, name), "desk.json", there, NULL);
  arena_free(arena);
  return found;
}

/* ---- who ---- */

int desk_take(const char *dir, char *ret_who, size_t size) {
  Arena *arena = arena_new();
  *ret_who = '\0';
  int fd = -EIO;
  if (rundir_make(arena_printf(arena, "%s/said", dir))) {
    const char *path = arena_printf(arena, "%s/desk.lock", dir);
    fd = owner_take(path, ret_who, size);
    if (fd < 0 && fd != -EBUSY) fprintf(stderr, "tagout: %s: %s\n", path, strerror(-fd));
  }
  arena_free(arena);
  return fd;
}

typedef struct Who { char *text; size_t size; } Who;
static bool look(const char *path, void *ctx) {
  Who *who = ctx;
  return owner_look(path, who->text, who->size);
}
bool desk_served(const char *dir, char *ret_who, size_t size) { return with_path(dir, "desk.lock", look, &(Who){ret_who, size}); }

/* ---- the record ---- */

typedef struct Bytes { const char *text; size_t len; } Bytes;
static bool write_bytes(const char *path, void *ctx) {
  const Bytes *b = ctx;
  return write_file(path, b->text, b->len);
}

bool desk_note(const char *dir, const DeskRecord *r) {
  json_t *root = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:b,s:I}", "plan", r->plan_file, "fleet", r->fleet, "by", r->by, "listen", r->listen, "folder", r->folder,
                           "since", (json_int_t)r->since, "unproved", r->unproved, "keep_days", (json_int_t)r->keep_days);
  char *text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
  bool ok = with_path(dir, "desk.json", write_bytes, &(Bytes){text, strlen(text)});
  free(text);
  json_decref(root);
  return ok;
}

bool desk_put(const char *dir, const char *plan, size_t len, const DeskRecord *r) {
  return with_path(dir, "standing.plan", write_bytes, &(Bytes){plan, len}) && desk_note(dir, r);
}

static bool read_record(const char *path, void *ctx) {
  DeskHome *h = ctx;
  DeskRecord r = {0};
  json_error_t error;
  json_int_t since, keep_days = DESK_KEEP_DAYS;
  int unproved = 0;
  Buf bytes = BUF_INIT;
  if (!read_file(path, &bytes)) return buf_done(&bytes), false;
  json_t *root = json_loadb(bytes.data, bytes.len, 0, &error);
  buf_done(&bytes);
  bool ok = root && json_unpack(root, "{s:s,s:s,s:s,s:s,s:s,s:I,s:b,s?I}", "plan", &r.plan_file, "fleet", &r.fleet, "by", &r.by, "listen", &r.listen, "folder",
                                &r.folder, "since", &since, "unproved", &unproved, "keep_days", &keep_days) == 0;
  const char **texts[] = {&r.plan_file, &r.fleet, &r.by, &r.listen, &r.folder};
  for (unsigned i = 0; ok && i < sizeof texts / sizeof *texts; i++) *texts[i] = arena_string(h->arena, *texts[i], strlen(*texts[i]));
  if (ok) r.since = since, r.keep_days = (uint32_t)keep_days, r.unproved = unproved != 0, h->record = r;
  else fprintf(stderr, "tagout: %s: damaged: let the plan stand again\n", path);
  json_decref(root);
  return ok;
}

/* ---- opening ---- */

static bool read_plan(const char *path, void *ctx) { return read_file(path, ctx); }

ExitCode desk_open(const char *state, const char *name, DiagSink *sink, DeskHome *ret) {
  *ret = (DeskHome){.arena = arena_new()};
  ret->state = arena_string(ret->arena, state, strlen(state));
  ret->name = arena_string(ret->arena, name, strlen(name));
  ret->dir = desk_dir(ret->arena, state, name);
  if (!with_path(ret->dir, "desk.json", read_record, ret)) return EXIT_USAGE;
  Buf bytes = BUF_INIT;
  if (with_path(ret->dir, "standing.plan", read_plan, &bytes)) ret->plan = plan_read(ret->record.plan_file, bytes.data, bytes.len, ret->arena, sink);
  buf_done(&bytes);
  ret->form = ret->plan ? arrival_form(ret->plan->program) : NULL;
  return ret->form ? EXIT_DONE : EXIT_USAGE;
}

void desk_close(DeskHome *h) {
  fleet_free(h->fleet);
  arena_free(h->arena);
}

/* ---- the inventory ---- */

static int64_t stamp_of(const struct stat *st) {
  return (int64_t)st->st_mtim.tv_sec * 1000003 + st->st_mtim.tv_nsec * 31 + (int64_t)st->st_size * 7 + (int64_t)st->st_ino;
}

/* A number that differs when a file of the inventory does: of a folder, over its files. */
static int64_t stamp(const char *path, Arena *arena) {
  struct stat st;
  if (stat(path, &st) < 0) return -1;
  int64_t sum = stamp_of(&st);
  DIR *d = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
  struct dirent *entry;
  while (d && (entry = readdir(d)) != NULL)
    if (stat(arena_printf(arena, "%s/%s", path, entry->d_name), &st) == 0 && S_ISREG(st.st_mode)) sum += stamp_of(&st);
  if (d) closedir(d);
  return sum;
}

const Fleet *desk_fleet(DeskHome *h, DiagSink *sink) {
  Arena *arena = arena_new();
  int64_t now = stamp(h->record.fleet, arena);
  arena_free(arena);
  if (h->fleet && now == h->stamp) return h->fleet;
  Fleet *read = fleet_load(&schema_of_program(h->plan->program, h->arena)->fleet, h->record.fleet, FLEET_BY_NAME, sink);
  if (!read) return NULL;
  fleet_free(h->fleet);
  h->fleet = read;
  h->stamp = now;
  return read;
}
