/* run_record: to JSON and back, and the copy of the inventory. */
#include <config.h>

#include "cli/run_record.h"

#include "cli/output.h"
#include "lang/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_FORMAT 1

static bool complain(const char *path, const char *why) {
  fprintf(stderr, "tagout: %s: %s\n", path, why);
  return false;
}

const char *user_name(Arena *arena) {
  const struct passwd *user = getpwuid(getuid());
  if (user && *user->pw_name) return arena_string(arena, user->pw_name, strlen(user->pw_name));
  return arena_printf(arena, "uid %u", (unsigned)getuid());
}

/* ---- the record ---- */

bool record_exists(const char *dir) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/record.json", dir);
  bool there = access(path.data, R_OK) == 0;
  buf_done(&path);
  return there;
}

void record_text(const RunRecord *r, Buf *out) {
  json_t *steps = json_array();
  for (uint32_t i = 0; i < r->expected_step_count; i++)
    json_array_append_new(steps, json_pack("[I,I]", (json_int_t)r->expected_steps[i].begin, (json_int_t)r->expected_steps[i].end));
  json_t *root = json_pack("{s:i,s:s,s:f,s:s,s:I,s:s,s:s,s:b,s:s,s:s,s:{s:I,s:o}}", "format", RECORD_FORMAT, "world",
                           r->world == WORLD_LIVE ? "live" : "drill", "speed", r->speed, "seed", r->seed, "start",
                           (json_int_t)r->start, "by", r->by, "approved", r->approved, "unproved", r->unproved, "site_dir", r->site_dir, "ledger",
                           r->ledger ? r->ledger : "", "expected", "took", (json_int_t)r->expected_took, "steps", steps);
  if (r->incident) json_object_set_new(root, "incident", json_pack("{s:I,s:s}", "id", (json_int_t)r->incident, "text", r->incident_text));
  if (r->fails && *r->fails) json_object_set_new(root, "dry_run", json_pack("{s:s,s:s}", "fails", r->fails, "despite", r->despite));
  char *text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
  buf_str(out, text);
  free(text);
  json_decref(root);
}

static bool with_path(const char *dir, bool (*use)(const char *path, const void *what), const void *what) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/record.json", dir);
  bool ok = use(path.data, what);
  buf_done(&path);
  return ok;
}

static bool write_to(const char *path, const void *what) {
  const Buf *text = what;
  return write_file(path, text->data, text->len);
}

static bool same_as(const char *path, const void *what) {
  Buf bytes = BUF_INIT;
  const char *text = what;
  bool read = read_file(path, &bytes), same = read && bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
  buf_done(&bytes);
  return same || (read && complain(path, "changed since the run was made: restore it from a copy"));
}

bool record_write(const char *dir, const Buf *text) { return with_path(dir, write_to, text); }
bool record_is(const char *dir, const char *text) { return with_path(dir, same_as, text); }

static void read_steps(const json_t *steps, Arena *arena, RunRecord *ret) {
  ExpectedStep *out = arena_new_array(arena, ExpectedStep, json_array_size(steps));
  for (size_t i = 0; i < json_array_size(steps); i++) {
    const json_t *pair = json_array_get(steps, i);
    out[i] = (ExpectedStep){json_integer_value(json_array_get(pair, 0)), json_integer_value(json_array_get(pair, 1))};
  }
  ret->expected_steps = out;
  ret->expected_step_count = (uint32_t)json_array_size(steps);
}

static bool read_root(json_t *root, Arena *arena, RunRecord *ret) {
  const char *world, *seed, *by, *approved, *site_dir, *ledger = "", *incident = "", *fails = "", *despite = "";
  double speed;
  json_int_t start, took, incident_id = 0;
  int format, unproved = 0;
  json_t *steps;
  if (json_unpack(root, "{s:i,s:s,s:F,s:s,s:I,s:s,s:s,s?b,s:s,s?s,s?{s:I,s:s},s?{s:s,s:s},s:{s:I,s:o}}", "format", &format, "world", &world, "speed", &speed, "seed", &seed,
                  "start", &start, "by", &by, "approved", &approved, "unproved", &unproved, "site_dir", &site_dir, "ledger", &ledger, "incident", "id", &incident_id,
                  "text", &incident, "dry_run", "fails", &fails, "despite", &despite, "expected", "took", &took, "steps", &steps) < 0 ||
      format != RECORD_FORMAT || !(speed >= 0))
    return false;
  *ret = (RunRecord){.world = strcmp(world, "live") == 0 ? WORLD_LIVE : WORLD_DRILL, .speed = speed, .start = start, .unproved = unproved != 0,
                     .seed = arena_string(arena, seed, strlen(seed)), .by = arena_string(arena, by, strlen(by)),
                     .approved = arena_string(arena, approved, strlen(approved)),
                     .fails = arena_string(arena, fails, strlen(fails)), .despite = arena_string(arena, despite, strlen(despite)),
                     .site_dir = arena_string(arena, site_dir, strlen(site_dir)),
                     .ledger = arena_string(arena, ledger, strlen(ledger)),
                     .incident = (uint64_t)incident_id, .incident_text = arena_string(arena, incident, strlen(incident)), .expected_took = took};
  read_steps(steps, arena, ret);
  return true;
}

static bool complain_json(const char *path, const json_error_t *error) {
  bool parsed = json_error_code(error) != json_error_cannot_open_file;
  fprintf(stderr, "tagout: %s: %s%s%s\n", path, parsed ? "damaged: " : "", error->text, parsed ? ": restore it from a copy" : "");
  return false;
}

bool record_read(const char *dir, Arena *arena, RunRecord *ret) {
  json_error_t error;
  const char *path = arena_printf(arena, "%s/record.json", dir);
  json_t *root = json_load_file(path, 0, &error);
  bool ok = root ? read_root(root, arena, ret) || complain(path, "not the record of a run of this version")
                 : complain_json(path, &error);
  json_decref(root);
  return ok;
}

void record_expect(RunRecord *r, const Program *p, const Forecast *f, Arena *arena) {
  ExpectedStep *steps = arena_new_array(arena, ExpectedStep, p->steps_count);
  for (uint32_t i = 0; i < p->steps_count; i++) {
    const StepTime *t = &f->steps[i];
    steps[i] = t->seen ? (ExpectedStep){t->begin - f->start, t->end - f->start} : (ExpectedStep){-1, -1};
  }
  r->expected_steps = steps;
  r->expected_step_count = p->steps_count;
  r->expected_took = f->first_took;
}

const char *record_dry_run(const RunRecord *r, Buf *out) {
  buf_reset(out);
  utf8_show(r->fails, strlen(r->fails), 0, out);
  if (*r->despite) buf_str(out, "; started despite it by ");
  utf8_show(r->despite, strlen(r->despite), 0, out);
  return out->data ? out->data : "";
}

/* ---- the inventory ---- */

static bool copy_file(const char *from, const char *to) {
  Buf bytes = BUF_INIT;
  bool ok = read_file(from, &bytes) && write_file(to, bytes.data, bytes.len);
  buf_done(&bytes);
  return ok;
}

static bool ends_in(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

static bool copy_tables(Arena *arena, const char *from, const char *to) {
  DIR *d = opendir(from);
  struct dirent *entry;
  bool ok = d != NULL;
  while (ok && (entry = readdir(d)) != NULL)
    if (entry->d_name[0] != '.' && ends_in(entry->d_name, ".csv"))
      ok = copy_file(arena_printf(arena, "%s/%s", from, entry->d_name), arena_printf(arena, "%s/%s", to, entry->d_name));
  if (d) closedir(d);
  else complain(from, strerror(errno));
  return ok;
}

bool record_copy_folder(Arena *arena, const char *from, const char *to) {
  DIR *d = opendir(from);
  struct dirent *entry;
  if (!d) return errno == ENOENT || complain(from, strerror(errno));
  bool ok = mkdir(to, 0777) == 0 || complain(to, strerror(errno));
  while (ok && (entry = readdir(d)) != NULL)
    if (entry->d_name[0] != '.') ok = copy_file(arena_printf(arena, "%s/%s", from, entry->d_name), arena_printf(arena, "%s/%s", to, entry->d_name));
  closedir(d);
  return ok;
}

/* A single file keeps its name, which says its format; a folder's tables lie in tables/. */
bool record_keep_inventory(const char *dir, const char *path) {
  struct stat st;
  Arena *arena = arena_new();
  const char *folder = arena_printf(arena, "%s/inventory", dir), *slash = strrchr(path, '/');
  bool ok = stat(path, &st) == 0 ? mkdir(folder, 0777) == 0 || complain(folder, strerror(errno)) : complain(path, strerror(errno));
  if (ok && S_ISDIR(st.st_mode)) {
    const char *tables = arena_printf(arena, "%s/tables", folder);
    ok = mkdir(tables, 0777) == 0 ? copy_tables(arena, path, tables) : complain(tables, strerror(errno));
  } else if (ok) {
    ok = copy_file(path, arena_printf(arena, "%s/%s", folder, slash ? slash + 1 : path));
  }
  arena_free(arena);
  return ok;
}

const char *record_inventory(const char *dir, Arena *arena) {
  const char *folder = arena_printf(arena, "%s/inventory", dir), *found = NULL;
  DIR *d = opendir(folder);
  struct dirent *entry;
  while (d && (entry = readdir(d)) != NULL)
    if (entry->d_name[0] != '.') found = arena_printf(arena, "%s/%s", folder, entry->d_name);
  if (d) closedir(d);
  if (!found) complain(folder, "the run's copy of the inventory is gone");
  return found;
}
