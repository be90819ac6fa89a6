/* rundir: the state folder, new runs, and the search for old ones. */
#include <config.h>

#include "cli/rundir.h"

#include "cli/run_record.h"
#include "lang/buf.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STAMP_LENGTH 15u /* 20260105-190000 */
#define SUFFIX_LENGTH 4u
#define NAMES_SHOWN 8u
#define TRIES 100

typedef VEC(const char *) Names;

/* ---- the state folder ---- */

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

const char *state_folder(Arena *arena, const char *given) {
  const struct passwd *user;
  const char *home;
  if (given && *given) return given;
  if ((given = variable("TAGOUT_STATE"))) return given;
  if ((given = variable("XDG_STATE_HOME"))) return arena_printf(arena, "%s/tagout", given);
  if (!(home = variable("HOME"))) home = (user = getpwuid(getuid())) ? user->pw_dir : ".";
  return arena_printf(arena, "%s/.local/state/tagout", home);
}

static bool complain(const char *path, int error) {
  fprintf(stderr, "tagout: %s: %s\n", path, strerror(error));
  return false;
}

/* The folder and those above it. */
bool rundir_make(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    bool ok = mkdir(path, 0777) == 0 || errno == EEXIST;
    if (!ok) complain(path, errno);
    *slash = '/';
    if (!ok) return false;
  }
  return mkdir(path, 0777) == 0 || errno == EEXIST || complain(path, errno);
}

/* ---- a new run ---- */

/* Two characters of the millisecond, so that runs of one second sort by age, and two by chance. */
static void suffix(int64_t now, char out[SUFFIX_LENGTH + 1]) {
  static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  unsigned char chance[2];
  unsigned ms = (unsigned)(now % 1000);
  if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance) chance[0] = chance[1] = (unsigned char)getpid();
  out[0] = letters[ms / 36];
  out[1] = letters[ms % 36];
  for (int i = 0; i < 2; i++) out[2 + i] = letters[chance[i] % 36];
  out[SUFFIX_LENGTH] = '\0';
}

const char *rundir_name(Arena *arena, const char *runbook, int64_t now) {
  char stamp[32] = "", end[SUFFIX_LENGTH + 1];
  struct tm tm;
  time_t seconds = (time_t)(now / 1000);
  if (gmtime_r(&seconds, &tm)) strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &tm);
  suffix(now, end);
  return arena_printf(arena, "%s-%s-%s", stamp, runbook, end);
}

const char *rundir_create(Arena *arena, const char *state, const char *runbook, int64_t now) {
  char *runs = arena_printf(arena, "%s/runs", state);
  if (!rundir_make(runs)) return NULL;
  for (int i = 0; i < TRIES; i++) {
    const char *dir = arena_printf(arena, "%s/%s", runs, rundir_name(arena, runbook, now));
    if (mkdir(dir, 0777) == 0) return dir;
    if (errno != EEXIST) break;
  }
  complain(runs, errno);
  return NULL;
}

static void remove_below(const char *dir, int depth) {
  DIR *d = opendir(dir);
  struct dirent *entry;
  while (d && (entry = readdir(d)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    Buf path = BUF_INIT;
    buf_printf(&path, "%s/%s", dir, entry->d_name);
    if (unlink(path.data) < 0 && depth > 0) remove_below(path.data, depth - 1);
    buf_done(&path);
  }
  if (d) closedir(d);
  rmdir(dir);
}

void rundir_remove(const char *dir) { remove_below(dir, 2); } /* inventory/tables/ is the deepest */

/* ---- the search ---- */

const char *rundir_id(const char *dir) {
  const char *slash = strrchr(dir, '/');
  return slash ? slash + 1 : dir;
}

/* By age: the second, then what stands for the millisecond. */
static int by_age(const void *a, const void *b) {
  const char *x = *(const char *const *)a, *y = *(const char *const *)b;
  int order = strncmp(x, y, STAMP_LENGTH);
  return order ? order : strcmp(x + strlen(x) - SUFFIX_LENGTH, y + strlen(y) - SUFFIX_LENGTH);
}

static Names all_runs(Arena *arena, const char *runs) {
  Names out = {0};
  DIR *d = opendir(runs);
  struct dirent *entry;
  while (d && (entry = readdir(d)) != NULL) {
    if (strlen(entry->d_name) <= STAMP_LENGTH + SUFFIX_LENGTH) continue;
    if (!record_exists(arena_printf(arena, "%s/%s", runs, entry->d_name))) continue;
    vec_push(&out, arena_string(arena, entry->d_name, strlen(entry->d_name)));
  }
  if (d) closedir(d);
  if (out.len) qsort(out.items, out.len, sizeof *out.items, by_age);
  return out;
}

/* Is the run called so, or does its name begin or end so? */
static bool is_called(const char *id, const char *word, bool *ret_exact) {
  size_t n = strlen(id), m = strlen(word);
  *ret_exact = strcmp(id, word) == 0;
  if (m == SUFFIX_LENGTH && strcmp(id + n - SUFFIX_LENGTH, word) == 0) return true;
  return m > 0 && strncmp(id, word, m) == 0;
}

static const char *pick(const Names *all, const char *word, Names *ret_fits) {
  if (!word) return all->len ? all->items[all->len - 1] : NULL;
  for (uint32_t i = 0; i < all->len; i++) {
    bool exact;
    if (!is_called(all->items[i], word, &exact)) continue;
    if (exact) return all->items[i];
    vec_push(ret_fits, all->items[i]);
  }
  return ret_fits->len == 1 ? ret_fits->items[0] : NULL;
}

static void list(const Names *names, const char *head) {
  if (names->len) fprintf(stderr, "%s\n", head);
  uint32_t from = names->len > NAMES_SHOWN ? names->len - NAMES_SHOWN : 0;
  for (uint32_t i = names->len; i > from; i--) fprintf(stderr, "  %s\n", names->items[i - 1]);
  if (from) fprintf(stderr, "  and %u older ones\n", from);
}

static void say_none(const char *runs, const char *word, const Names *all, const Names *fits) {
  if (all->len == 0) fprintf(stderr, "tagout: there is no run in %s; `tagout run` starts one\n", runs);
  else if (fits->len > 1) {
    fprintf(stderr, "tagout: `%s` may be one of %u runs; ", word, fits->len);
    list(fits, "say more of its name:");
  } else {
    fprintf(stderr, "tagout: no run is called `%s`; ", word);
    list(all, "there are, the latest first:");
  }
}

const char *const *rundir_all(Arena *arena, const char *state, uint32_t *ret_count) {
  const char *runs = arena_printf(arena, "%s/runs", state);
  Names all = all_runs(arena, runs);
  const char **out = arena_new_array(arena, const char *, all.len + 1);
  for (uint32_t i = 0; i < all.len; i++) out[i] = arena_printf(arena, "%s/%s", runs, all.items[i]);
  *ret_count = all.len;
  vec_done(&all);
  return out;
}

const char *rundir_find(Arena *arena, const char *state, const char *word) {
  if (word && strchr(word, '/')) {
    size_t len = strlen(word);
    while (len > 1 && word[len - 1] == '/') len--;
    const char *dir = arena_string(arena, word, len);
    if (record_exists(dir)) return dir;
    fprintf(stderr, "tagout: %s is not the folder of a run\n", word);
    return NULL;
  }
  const char *runs = arena_printf(arena, "%s/runs", state);
  Names all = all_runs(arena, runs), fits = {0};
  const char *id = pick(&all, word, &fits);
  if (!id) say_none(runs, word, &all, &fits);
  const char *dir = id ? arena_printf(arena, "%s/%s", runs, id) : NULL;
  vec_done(&all);
  vec_done(&fits);
  return dir;
}
