/* journal_open: a journal made, taken over, or looked into. */
#include <config.h>

#include "runtime/journal_sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 5000
#define ONE_THREAD SQLITE_OPEN_NOMUTEX /* a journal is of the thread that opened it: a fifth of the cost of a row saved */
#define ENDLESS "damaged: its end is gone, or another one was put in: turns that journal.head knows are not there; restore the folder from a copy"
#define TURNLESS "damaged: its last turn is missing; restore it from a copy"

static const char *const statement_text[SQL_COUNT] = {
    [SQL_EVENT] = "INSERT INTO event VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [SQL_COMMAND] = "INSERT INTO command VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)",
    [SQL_NOTE] = "INSERT INTO note VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
    [SQL_TURN] = "INSERT INTO turn VALUES (?1,?2,?3,?4,?5,?6)",
    [SQL_BEGIN] = "BEGIN",
    [SQL_COMMIT] = "COMMIT"};

static const char journal_schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value);"
    "CREATE TABLE plan (bytes BLOB NOT NULL);"
    "CREATE TABLE event_kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE command_kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE outcome (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, at INTEGER, kind INTEGER, command INTEGER, outcome INTEGER, value INTEGER,"
    " subject INTEGER, entity INTEGER, entity_kind INTEGER, text TEXT, link INTEGER);"
    "CREATE TABLE command (n INTEGER PRIMARY KEY, seq INTEGER, id INTEGER, kind INTEGER, subject INTEGER, entity INTEGER,"
    " entity_kind INTEGER, arg_count INTEGER, arg0 INTEGER, arg1 INTEGER, arg2 INTEGER, arg3 INTEGER, issued INTEGER,"
    " deadline INTEGER, attempt INTEGER, again INTEGER, text TEXT);"
    "CREATE TABLE turn (n INTEGER PRIMARY KEY, seq INTEGER, command INTEGER, note INTEGER, inbox INTEGER, digest BLOB);"
    "CREATE TABLE note (n INTEGER PRIMARY KEY, seq INTEGER, at INTEGER, kind INTEGER, subject INTEGER, entity_kind INTEGER,"
    " entity INTEGER, value INTEGER, line INTEGER, text TEXT);"
    "CREATE VIEW events AS SELECT e.seq, datetime(e.at/1000,'unixepoch') AS utc, k.name AS kind, e.command,"
    " CASE WHEN k.name='outcome' THEN o.name END AS outcome, e.value, e.subject, e.entity, e.text"
    " FROM event e JOIN event_kind k ON k.id=e.kind LEFT JOIN outcome o ON o.id=e.outcome;"
    "CREATE VIEW commands AS SELECT c.id, c.seq, k.name AS kind, c.subject, c.entity, c.attempt, c.again,"
    " datetime(c.issued/1000,'unixepoch') AS utc, c.text FROM command c JOIN command_kind k ON k.id=c.kind;";


static bool exec(Journal *j, const char *sql) { return sqlite3_exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK; }

/* Names of kinds and outcomes, for people who read the file with a SQL client. */
static bool create_names(Journal *j) {
  Buf sql = BUF_INIT;
  for (uint32_t k = 0; k < EVENT_KIND_COUNT; k++)
    buf_printf(&sql, "INSERT INTO event_kind VALUES (%u,'%s');", k, event_kind_text((EventKind)k));
  for (uint32_t k = 0; k < COMMAND_KIND_COUNT; k++)
    buf_printf(&sql, "INSERT INTO command_kind VALUES (%u,'%s');", k, command_kind_text((CommandKind)k));
  for (uint32_t k = 0; k <= OUT_UNKNOWN; k++)
    buf_printf(&sql, "INSERT INTO outcome VALUES (%u,'%s');", k, outcome_text((Outcome)k));
  bool ok = exec(j, sql.data);
  buf_done(&sql);
  return ok;
}

/* One row of the values given, in their order; NULL text is a NULL. */
static bool insert(Journal *j, const char *sql, const char *key, const void *value, size_t len, bool text) {
  sqlite3_stmt *s;
  if (sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) != SQLITE_OK) return false;
  int at = key ? 2 : 1;
  if (key) sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
  if (text) sqlite3_bind_text64(s, at, value, len, SQLITE_STATIC, SQLITE_UTF8);
  else sqlite3_bind_blob64(s, at, len ? value : "", len, SQLITE_STATIC);
  int r = sqlite3_step(s);
  sqlite3_finalize(s);
  return r == SQLITE_DONE;
}

static bool insert_meta(Journal *j, const char *key, const char *value) {
  return insert(j, "INSERT INTO meta VALUES (?1,?2)", key, value ? value : "", value ? strlen(value) : 0, true);
}

/* Row 0: the chain begins with all that the making of the journal wrote. */
static bool first_turn(Journal *j) {
  return journal_genesis(j->db, &j->chain) &&
         insert(j, "INSERT INTO turn VALUES (0,0,0,0,0,?1)", NULL, j->chain.value, sizeof j->chain.value, false);
}

static bool create_schema(Journal *j, const JournalBirth *b) {
  Buf format = BUF_INIT;
  buf_printf(&format, "INSERT INTO meta VALUES ('format', %d)", JOURNAL_FORMAT);
  bool ok = exec(j, "BEGIN") && exec(j, journal_schema) && exec(j, format.data) && insert_meta(j, "version", b->version) &&
            insert_meta(j, "record", b->record) && create_names(j) &&
            insert(j, "INSERT INTO plan VALUES (?1)", NULL, b->plan, b->plan_len, false) && first_turn(j) && exec(j, "COMMIT");
  buf_done(&format);
  return ok;
}

static int64_t ask_number(Journal *j, const char *sql, int64_t otherwise) {
  sqlite3_stmt *s;
  int64_t n = otherwise;
  if (sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) != SQLITE_OK) return otherwise;
  if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL) n = sqlite3_column_int64(s, 0);
  sqlite3_finalize(s);
  return n;
}

/* A text of the meta table; NULL: there is none. */
static char *load_meta(Journal *j, const char *key) {
  sqlite3_stmt *s;
  char *text = NULL;
  if (sqlite3_prepare_v2(j->db, "SELECT value FROM meta WHERE key=?1", -1, &s, NULL) != SQLITE_OK) return NULL;
  sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
  if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_TEXT) text = xstrdup((const char *)sqlite3_column_text(s, 0));
  sqlite3_finalize(s);
  return text;
}

static bool load_plan(Journal *j) {
  sqlite3_stmt *s;
  if (sqlite3_prepare_v2(j->db, "SELECT bytes FROM plan", -1, &s, NULL) != SQLITE_OK) return false;
  bool ok = sqlite3_step(s) == SQLITE_ROW;
  if (ok) {
    j->plan_len = (size_t)sqlite3_column_bytes(s, 0);
    j->plan = xmalloc(j->plan_len + 1);
    if (j->plan_len) memcpy(j->plan, sqlite3_column_blob(s, 0), j->plan_len);
    j->plan[j->plan_len] = '\0';
  }
  sqlite3_finalize(s);
  return ok;
}

static int refuse(Journal *j, JournalError *error, int code, const char *what) { return journal_fail(error, code, j->path, what); }

/* Where the chain stands: what comes is chained to it. */
static int load_turn(Journal *j, JournalError *error) {
  sqlite3_stmt *s;
  if (sqlite3_prepare_v2(j->db, "SELECT n,seq,command,note,inbox,digest FROM turn ORDER BY n DESC LIMIT 1", -1, &s, NULL) != SQLITE_OK)
    return journal_fail_sql(j, error);
  int r = sqlite3_step(s);
  bool there = r == SQLITE_ROW && sqlite3_column_bytes(s, 5) == CHAIN_BYTES;
  if (there) {
    j->at = (TurnRow){sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3),
                      sqlite3_column_int64(s, 4)};
    j->inbox_taken = j->at.inbox;
    memcpy(j->chain.value, sqlite3_column_blob(s, 5), CHAIN_BYTES);
  }
  r = there ? 0 : r != SQLITE_ROW && r != SQLITE_DONE ? journal_fail_sql(j, error) : refuse(j, error, -EBADMSG, TURNLESS);
  sqlite3_finalize(s);
  return r;
}

/* A run goes on only from a record that is whole: what comes after an edit would vouch for it. */
static int check_whole(Journal *j, JournalError *error) {
  JournalCheck check;
  Buf text = BUF_INIT;
  if (ask_number(j, "SELECT quick_check='ok' FROM pragma_quick_check", 0) != 1)
    return refuse(j, error, -EBADMSG, "damaged: the database does not pass its own check; restore it from a copy");
  int r = journal_verify(j, NULL, &check, error);
  if (r < 0 || check.whole) return r;
  buf_printf(&text, "changed since it was written: %.120s; restore it from a copy", check.what);
  r = refuse(j, error, -EBADMSG, text.data);
  buf_done(&text);
  return r;
}

static int other_format(Journal *j, int64_t format, JournalError *error) {
  Buf text = BUF_INIT;
  buf_printf(&text, "of journal format %lld, and this version reads format %d: look at it and bring it to its end with the version that "
             "began it%s%.20s", (long long)format, JOURNAL_FORMAT, j->version ? ", " : "", j->version ? j->version : "");
  int r = refuse(j, error, -EPROTO, text.data);
  buf_done(&text);
  return r;
}

static int check_existing(Journal *j, JournalMode mode, JournalError *error) {
  int64_t format = ask_number(j, "SELECT value FROM meta WHERE key='format'", 0);
  if (format == 0) return sqlite3_errcode(j->db) == SQLITE_OK ? refuse(j, error, -EBADMSG, JOURNAL_DAMAGED) : journal_fail_sql(j, error);
  j->version = load_meta(j, "version");
  j->record = load_meta(j, "record");
  if (format != JOURNAL_FORMAT) return other_format(j, format, error);
  int r = load_turn(j, error);
  if (r < 0) return r;
  if (!head_fits(j)) return refuse(j, error, -EBADMSG, ENDLESS);
  if (!load_plan(j)) return refuse(j, error, -EBADMSG, "damaged: the plan is missing; restore it from a copy");
  return mode == JOURNAL_RESUME ? check_whole(j, error) : 0;
}

static int prepare_writer(Journal *j, bool made, JournalError *error) {
  for (int i = 0; i < SQL_COUNT; i++)
    if (sqlite3_prepare_v3(j->db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT, &j->statements[i], NULL) != SQLITE_OK)
      return journal_fail_sql(j, error);
  head_write_begin(j, made);
  return inbox_open(j->dir, &j->inbox, error);
}

/* For who may look and not write. Beside a journal that nobody has open there is no log, and SQLite would make one: it is
 * told that the file does not change. With a log it reads along, as long as the owner's index of it is there. */
static int open_to_look(Journal *j) {
  Buf name = BUF_INIT;
  buf_printf(&name, "%s-wal", j->path);
  bool log = access(name.data, F_OK) == 0;
  buf_reset(&name);
  buf_str(&name, "file:");
  for (const char *c = j->path; *c; c++) buf_printf(&name, strchr("%?#", *c) ? "%%%02X" : "%c", (unsigned char)*c);
  buf_str(&name, log ? "?mode=ro" : "?mode=ro&immutable=1");
  int r = sqlite3_open_v2(name.data, &j->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | ONE_THREAD, NULL);
  buf_done(&name);
  return r;
}

static int open_file(Journal *j, JournalMode mode) {
  bool looks = mode == JOURNAL_READ && (access(j->dir, W_OK) < 0 || access(j->path, W_OK) < 0);
  int flags = mode == JOURNAL_CREATE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
  return looks ? open_to_look(j) : sqlite3_open_v2(j->path, &j->db, flags | ONE_THREAD, NULL);
}

static int open_database(Journal *j, JournalMode mode, const JournalBirth *birth, JournalError *error) {
  if (mode == JOURNAL_CREATE && access(j->path, F_OK) == 0) return journal_fail(error, -EEXIST, j->path, "a run is already here");
  if (open_file(j, mode) != SQLITE_OK)
    return mode == JOURNAL_CREATE ? refuse(j, error, -EIO, JOURNAL_NOT_OPENED) : journal_fail_sql(j, error);
  sqlite3_busy_timeout(j->db, BUSY_MS);
  if (mode == JOURNAL_READ) {
    exec(j, "PRAGMA query_only=1; BEGIN"); /* events, commands and notes of one moment, while the owner writes on */
    return check_existing(j, mode, error);
  }
  if (!exec(j, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")) return journal_fail_sql(j, error);
  if (mode == JOURNAL_CREATE && !create_schema(j, birth)) return journal_fail_sql(j, error);
  int r = check_existing(j, mode, error);
  return r < 0 ? r : prepare_writer(j, mode == JOURNAL_CREATE, error);
}

int journal_open(const char *run_dir, JournalMode mode, const JournalBirth *birth, Journal **ret, JournalError *error) {
  Journal *j = xcalloc(1, sizeof *j);
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/journal.db", run_dir);
  j->path = path.data;
  j->dir = xstrdup(run_dir);
  j->owner_fd = j->head_fd = -1;
  j->noted_turn = -1;
  int r = 0;
  if (mode == JOURNAL_CREATE && mkdir(run_dir, 0755) < 0 && errno != EEXIST) r = journal_fail(error, -errno, run_dir, strerror(errno));
  if (r == 0 && mode != JOURNAL_READ) r = journal_own(j, error);
  if (r == 0 && mode != JOURNAL_CREATE) head_read(j);
  if (r == 0) r = open_database(j, mode, birth, error);
  if (r < 0) {
    journal_close(j);
    return r;
  }
  *ret = j;
  return 0;
}

void journal_close(Journal *j) {
  if (!j) return;
  if (j->open_turn) exec(j, "ROLLBACK");
  for (int i = 0; i < SQL_COUNT; i++) sqlite3_finalize(j->statements[i]);
  inbox_close(j->inbox);
  sqlite3_close(j->db);
  if (j->owner_fd >= 0) close(j->owner_fd);
  if (j->head_fd >= 0) close(j->head_fd);
  free(j->plan);
  free(j->version);
  free(j->record);
  free(j->path);
  free(j->dir);
  free(j);
}

int journal_relax(Journal *j) {
  head_write_end(j);
  return exec(j, "PRAGMA synchronous=OFF") ? 0 : journal_sql_errno(sqlite3_extended_errcode(j->db));
}

const char *journal_version(const Journal *j) { return j->version ? j->version : ""; }
const char *journal_record(const Journal *j) { return j->record ? j->record : ""; }

const char *journal_plan(Journal *j, size_t *ret_len) {
  *ret_len = j->plan_len;
  return j->plan;
}
