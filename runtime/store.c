/* store: SQLite in write-ahead mode with a sync at every commit. */
#include <config.h>

#include "runtime/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 20000
#define AGAIN_MS 5

int store_fail(Store *s, int error, const char *what) {
  snprintf(s->why, sizeof s->why, "%.200s: %.180s", s->path, what);
  return -error;
}

int store_fail_sql(Store *s) {
  int code = sqlite3_errcode(s->db) & 0xff;
  int error = code == SQLITE_FULL ? ENOSPC : code == SQLITE_BUSY ? EBUSY : code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? EBADMSG : EIO;
  char damaged[100];
  snprintf(damaged, sizeof damaged, "not a %.20s, or damaged: restore it from a copy", s->what);
  return store_fail(s, error, error == EBADMSG ? damaged : sqlite3_errmsg(s->db));
}

bool store_exec(Store *s, const char *sql) { return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK; }

static bool has_format(Store *s, const char *format) {
  sqlite3_stmt *q = store_prepare(s, "SELECT value = ?1 FROM meta WHERE key = 'format'", 1, &format, 0, NULL);
  bool same = q && sqlite3_step(q) == SQLITE_ROW && sqlite3_column_int(q, 0) == 1;
  sqlite3_finalize(q);
  return same;
}

static int make_folder(Store *s) {
  char *slash = strrchr(s->path, '/');
  if (!slash) return 0;
  *slash = '\0';
  int made = mkdir(s->path, 0777), error = errno;
  *slash = '/';
  return made < 0 && error != EEXIST ? store_fail(s, error, strerror(error)) : 0;
}

/* Of two that open a new file at once SQLite lets one wait for the other everywhere but here. */
static bool write_ahead(Store *s) {
  for (int waited = 0; !store_exec(s, "PRAGMA journal_mode=WAL"); waited += AGAIN_MS) {
    if ((sqlite3_errcode(s->db) & 0xff) != SQLITE_BUSY || waited >= BUSY_MS) return false;
    sqlite3_sleep(AGAIN_MS);
  }
  return true;
}

/* A new file, with all tables; or one that is there. */
static int open_file(Store *s, const char *path, bool new, const char *schema) {
  if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | (new ? SQLITE_OPEN_CREATE : 0), NULL) != SQLITE_OK) return store_fail_sql(s);
  sqlite3_busy_timeout(s->db, BUSY_MS);
  bool mode = new ? store_exec(s, "PRAGMA journal_mode=TRUNCATE") : write_ahead(s);
  if (!mode || !store_exec(s, "PRAGMA synchronous=FULL")) return store_fail_sql(s);
  if (!new) return store_exec(s, schema) ? 0 : store_fail_sql(s);
  return store_finish(s, store_begin(s) && store_exec(s, schema), true, 0); /* with one sync, or none of it */
}

static void sync_folder(const char *path) {
  char *folder = xstrdup(path), *slash = strrchr(folder, '/');
  if (slash) *slash = '\0';
  int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd); /* as well as can be */
    close(fd);
  }
  free(folder);
}

/* Made under another name, so that one without content is one that has lost it, and without a log, which has the other name. Of two
 * who make it at once the first counts. */
static int make_file(Store *s, const char *schema) {
  Buf own = BUF_INIT;
  buf_printf(&own, "%s.new.%ld", s->path, (long)getpid());
  unlink(own.data); /* of a process of this number that died in the middle */
  int r = open_file(s, own.data, true, schema);
  sqlite3_close(s->db);
  s->db = NULL;
  if (r == 0 && link(own.data, s->path) < 0 && errno != EEXIST) r = store_fail(s, errno, strerror(errno));
  unlink(own.data);
  buf_str(&own, "-journal");
  unlink(own.data);
  buf_done(&own);
  if (r == 0) sync_folder(s->path);
  return r;
}

static bool is_empty(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && st.st_size == 0;
}

int store_open(Store *s, const char *path, const char *what, const char *schema, const char *format) {
  char other[100];
  *s = (Store){.path = xstrdup(path), .what = what};
  int r = make_folder(s);
  if (r == 0 && access(path, F_OK) < 0 && errno == ENOENT) r = make_file(s, schema);
  if (r == 0 && is_empty(path)) r = store_fail(s, EBADMSG, "damaged: it is empty: restore it from a copy");
  if (r == 0) r = open_file(s, path, false, schema);
  if (r < 0) return r;
  if (has_format(s, format)) return 0;
  snprintf(other, sizeof other, "written by a version with another %.20s format", what);
  return store_fail(s, EPROTO, other);
}

void store_close(Store *s) {
  sqlite3_close(s->db);
  free(s->path);
}

bool store_begin(Store *s) { return store_exec(s, "BEGIN IMMEDIATE"); }

int store_finish(Store *s, bool ok, bool keep, int result) {
  int r = ok ? result : store_fail_sql(s);
  if (ok && keep && !store_exec(s, "COMMIT")) r = store_fail_sql(s);
  if (r < 0 || !keep) store_exec(s, "ROLLBACK");
  return r;
}

sqlite3_stmt *store_prepare(Store *s, const char *sql, uint32_t texts, const char *const *text, uint32_t numbers, const int64_t *number) {
  sqlite3_stmt *q;
  if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) != SQLITE_OK) return NULL;
  for (uint32_t i = 0; i < texts; i++) sqlite3_bind_text(q, (int)i + 1, text[i], -1, SQLITE_STATIC);
  for (uint32_t i = 0; i < numbers; i++) sqlite3_bind_int64(q, (int)(texts + i) + 1, number[i]);
  return q;
}

bool store_change(Store *s, const char *sql, uint32_t texts, const char *const *text, uint32_t numbers, const int64_t *number) {
  sqlite3_stmt *q = store_prepare(s, sql, texts, text, numbers, number);
  bool ok = q && sqlite3_step(q) == SQLITE_DONE;
  sqlite3_finalize(q);
  return ok;
}

int64_t store_ask(Store *s, const char *sql, uint32_t texts, const char *const *text, uint32_t numbers, const int64_t *number) {
  sqlite3_stmt *q = store_prepare(s, sql, texts, text, numbers, number);
  int64_t n = q && sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
  sqlite3_finalize(q);
  return n;
}

const char *store_text(sqlite3_stmt *s, int column, Arena *arena) {
  const char *text = (const char *)sqlite3_column_text(s, column);
  return arena_string(arena, text ? text : "", text ? strlen(text) : 0);
}
