/* journal: one run's durable record, a SQLite file `journal.db` in WAL mode with synchronous=FULL.
 *
 * Format 1
 *   meta(key, value)      "format" 1; "version" of the program that made it; "owner" pid and host of who wrote last; "inbox" id of the last message taken
 *   plan(bytes)           one row: the plan file as it was approved
 *   event(seq, ...)       every event, in the order in which the engine took it; seq counts from 1 without a gap
 *   command(n, seq, ...)  every command the engine issued, n counts from 1; seq is the event that caused it. A command that
 *                         is issued again after a crash is a second row with the same id and again = 1
 *   process(command, pid) operating-system processes started for a command, best effort
 *   note(n, seq, ...)     what an observer was told; derived, for people and SQL
 *   views `events`, `commands` spell kinds and outcomes out
 *
 * Order of writes (law 2). A turn of the loop opens a transaction with its first row and ends in journal_commit; the
 * commands of the turn are sent only after that commit returned, that is after the WAL was synced. So:
 *   (1) a command that anybody has seen is in the journal, and so is the event that caused it;
 *   (2) an event whose turn was not committed has had no consequence, and the world will say it again or be asked again.
 *
 * Recovery. SQLite rolls an unfinished transaction back. Resuming feeds all events to a fresh engine, which must issue the
 * same commands (checked by the caller), and then a RESUMED event: the engine looks into every command without an answer.
 *
 * Ownership. The writer holds flock(2) on `owner.lock` for its whole life; the kernel drops it with the process, so a dead
 * owner never blocks anyone and a living one cannot be robbed. */
#include <config.h>

#include "runtime/journal.h"

#include "runtime/journal_sql.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_FORMAT 1
#define BUSY_MS 5000
#define OWN_TRIES 10
#define OWN_AGAIN_MS 20

typedef enum Statement { SQL_EVENT, SQL_COMMAND, SQL_NOTE, SQL_PROCESS, SQL_INBOX_MARK, SQL_BEGIN, SQL_COMMIT, SQL_COUNT } Statement;

static const char *const statement_text[SQL_COUNT] = {
    [SQL_EVENT] = "INSERT INTO event VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
    [SQL_COMMAND] = "INSERT INTO command VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
    [SQL_NOTE] = "INSERT INTO note VALUES (NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9)",
    [SQL_PROCESS] = "INSERT INTO process VALUES (?1,?2)",
    [SQL_INBOX_MARK] = "INSERT OR REPLACE INTO meta VALUES ('inbox',?1)",
    [SQL_BEGIN] = "BEGIN",
    [SQL_COMMIT] = "COMMIT"};

struct Journal {
  sqlite3 *db;
  char *dir, *path;
  sqlite3_stmt *statements[SQL_COUNT];
  int owner_fd;             /* -1 for readers */
  uint64_t seq;             /* of the last event written */
  bool open_turn;           /* a transaction is open */
  Inbox *inbox;             /* NULL for readers */
  int64_t inbox_taken, inbox_marked;
  int error;                /* first failure of a write: nothing is accepted after it */
  char *version;            /* of the program that made it; NULL: an earlier one, which did not say */
  char *plan;
  size_t plan_len;
};

static int fail(JournalError *error, int code, const char *path, const char *what) {
  if (error) {
    error->code = code;
    snprintf(error->text, sizeof error->text, "%.150s: %.200s", path, what);
  }
  return code;
}

/* SQLite's code as a negative errno that a caller can act on. */
static int sql_errno(int code) {
  switch (code & 0xff) {
  case SQLITE_FULL: return -ENOSPC;
  case SQLITE_BUSY:
  case SQLITE_LOCKED: return -EBUSY;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return -EBADMSG;
  case SQLITE_READONLY: return -EROFS;
  case SQLITE_CANTOPEN: return -ENOENT;
  case SQLITE_NOMEM: return -ENOMEM;
  default: return -EIO;
  }
}

#define GONE "the run's journal is gone: restore it from a copy; until then what the run locked stays locked"
#define DAMAGED \
  "not a journal, or damaged beyond reading: restore it from a copy; until then what the run locked stays locked"
#define LOG_OPEN "its write-ahead log can be read only by who may write the run's folder"

/* The cause and the way on; what SQLite says alone tells neither a missing file nor a foreign one. */
static const char *why(const Journal *j, int code) {
  switch (code & 0xff) {
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_ERROR: return DAMAGED; /* ERROR: a table of ours is not there */
  case SQLITE_CANTOPEN: break;
  default: return sqlite3_errmsg(j->db);
  }
  if (access(j->path, R_OK) == 0) return LOG_OPEN;
  return errno == ENOENT ? GONE : strerror(errno);
}

static int fail_sql(Journal *j, JournalError *error) {
  int code = sqlite3_extended_errcode(j->db);
  j->error = (code & 0xff) == SQLITE_ERROR ? -EBADMSG : sql_errno(code);
  return fail(error, j->error, j->path, why(j, code));
}

/* ---- owner ---- */

static void read_owner(int fd, char *out, size_t size) {
  ssize_t n = pread(fd, out, size - 1, 0);
  out[n > 0 ? n : 0] = '\0';
}

/* Whoever only asks holds the lock for a moment, so that one refusal means nothing yet. */
static int take_lock(int fd) {
  for (int i = 0; i < OWN_TRIES; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
    poll(NULL, 0, OWN_AGAIN_MS);
  }
  return -1;
}

bool journal_owned(const char *run_dir, char *ret_who, size_t size) {
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/owner.lock", run_dir);
  int fd = open(path.data, O_RDONLY | O_CLOEXEC);
  buf_done(&path);
  if (fd < 0) return false;
  bool owned = flock(fd, LOCK_SH | LOCK_NB) < 0;
  if (owned) read_owner(fd, ret_who, size);
  close(fd);
  return owned;
}

static int own(Journal *j, JournalError *error) {
  char text[200], host[64] = "";
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/owner.lock", j->dir);
  j->owner_fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  int opened = j->owner_fd < 0 ? fail(error, -errno, path.data, strerror(errno)) : 0;
  buf_done(&path);
  if (opened < 0) return opened;
  if (take_lock(j->owner_fd) < 0) {
    char who[120], what[200];
    read_owner(j->owner_fd, who, sizeof who);
    snprintf(what, sizeof what, "the run is in the hands of %s", who[0] ? who : "another process");
    return fail(error, -EBUSY, j->dir, what);
  }
  gethostname(host, sizeof host - 1);
  int n = snprintf(text, sizeof text, "process %ld on %s", (long)getpid(), host);
  if (ftruncate(j->owner_fd, 0) < 0 || pwrite(j->owner_fd, text, (size_t)n, 0) != n)
    return fail(error, -errno, j->dir, strerror(errno));
  return 0;
}

/* ---- opening ---- */

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

static bool create_schema(Journal *j, const char *plan, size_t plan_len) {
  sqlite3_stmt *s;
  if (!exec(j, "BEGIN") || !exec(j, journal_schema) || !create_names(j)) return false;
  if (sqlite3_prepare_v2(j->db, "INSERT INTO plan VALUES (?1)", -1, &s, NULL) != SQLITE_OK) return false;
  sqlite3_bind_blob64(s, 1, plan ? plan : "", plan_len, SQLITE_STATIC);
  int r = sqlite3_step(s);
  sqlite3_finalize(s);
  return r == SQLITE_DONE && exec(j, "COMMIT");
}

static int64_t ask_number(Journal *j, const char *sql, int64_t otherwise) {
  sqlite3_stmt *s;
  int64_t n = otherwise;
  if (sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) != SQLITE_OK) return otherwise;
  if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL) n = sqlite3_column_int64(s, 0);
  sqlite3_finalize(s);
  return n;
}

/* Who made it; before versions were kept nobody said. */
static void load_version(Journal *j) {
  sqlite3_stmt *s;
  if (sqlite3_prepare_v2(j->db, "SELECT value FROM meta WHERE key='version'", -1, &s, NULL) != SQLITE_OK) return;
  if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_TEXT)
    j->version = xstrdup((const char *)sqlite3_column_text(s, 0));
  sqlite3_finalize(s);
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

static int check_existing(Journal *j, JournalMode mode, JournalError *error) {
  int64_t format = ask_number(j, "SELECT value FROM meta WHERE key='format'", 0);
  if (format == 0) return sqlite3_errcode(j->db) == SQLITE_OK ? fail(error, -EBADMSG, j->path, DAMAGED) : fail_sql(j, error);
  load_version(j);
  if (format != JOURNAL_FORMAT) return fail(error, -EPROTO, j->path, "written by a version of another journal format");
  if (mode == JOURNAL_RESUME && ask_number(j, "SELECT quick_check='ok' FROM pragma_quick_check", 0) != 1)
    return fail(error, -EBADMSG, j->path, "damaged: the database does not pass its own check; restore it from a copy");
  j->seq = (uint64_t)ask_number(j, "SELECT max(seq) FROM event", 0);
  if (ask_number(j, "SELECT count(*) FROM event", 0) != (int64_t)j->seq)
    return fail(error, -EBADMSG, j->path, "damaged: events are missing");
  j->inbox_taken = j->inbox_marked = ask_number(j, "SELECT value FROM meta WHERE key='inbox'", 0);
  return load_plan(j) ? 0 : fail(error, -EBADMSG, j->path, "damaged: the plan is missing");
}

static int prepare_writer(Journal *j, JournalError *error) {
  for (int i = 0; i < SQL_COUNT; i++)
    if (sqlite3_prepare_v3(j->db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT, &j->statements[i], NULL) != SQLITE_OK)
      return fail_sql(j, error);
  int r = inbox_open(j->dir, &j->inbox, error);
  return r;
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
  int r = sqlite3_open_v2(name.data, &j->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
  buf_done(&name);
  return r;
}

static int open_file(Journal *j, JournalMode mode) {
  bool looks = mode == JOURNAL_READ && (access(j->dir, W_OK) < 0 || access(j->path, W_OK) < 0);
  int flags = mode == JOURNAL_CREATE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
  return looks ? open_to_look(j) : sqlite3_open_v2(j->path, &j->db, flags, NULL);
}

static int open_database(Journal *j, JournalMode mode, const char *plan, size_t plan_len, JournalError *error) {
  if (mode == JOURNAL_CREATE && access(j->path, F_OK) == 0) return fail(error, -EEXIST, j->path, "a run is already here");
  if (open_file(j, mode) != SQLITE_OK) return fail_sql(j, error);
  sqlite3_busy_timeout(j->db, BUSY_MS);
  if (mode == JOURNAL_READ) {
    exec(j, "PRAGMA query_only=1");
    return check_existing(j, mode, error);
  }
  if (!exec(j, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")) return fail_sql(j, error);
  if (mode == JOURNAL_CREATE && !create_schema(j, plan, plan_len)) return fail_sql(j, error);
  int r = check_existing(j, mode, error);
  return r < 0 ? r : prepare_writer(j, error);
}

int journal_open(const char *run_dir, JournalMode mode, const char *plan, size_t plan_len, Journal **ret, JournalError *error) {
  Journal *j = xcalloc(1, sizeof *j);
  Buf path = BUF_INIT;
  buf_printf(&path, "%s/journal.db", run_dir);
  j->path = path.data;
  j->dir = xstrdup(run_dir);
  j->owner_fd = -1;
  int r = 0;
  if (mode == JOURNAL_CREATE && mkdir(run_dir, 0755) < 0 && errno != EEXIST) r = fail(error, -errno, run_dir, strerror(errno));
  if (r == 0 && mode != JOURNAL_READ) r = own(j, error);
  if (r == 0) r = open_database(j, mode, plan, plan_len, error);
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
  free(j->plan);
  free(j->version);
  free(j->path);
  free(j->dir);
  free(j);
}

int journal_relax(Journal *j) { return exec(j, "PRAGMA synchronous=OFF") ? 0 : sql_errno(sqlite3_extended_errcode(j->db)); }

const char *journal_version(const Journal *j) { return j->version ? j->version : ""; }

const char *journal_plan(Journal *j, size_t *ret_len) {
  *ret_len = j->plan_len;
  return j->plan;
}

/* ---- one turn ---- */

static int run(Journal *j, Statement which) {
  sqlite3_stmt *s = j->statements[which];
  int r = sqlite3_step(s);
  sqlite3_reset(s);
  if (r == SQLITE_DONE) return 0;
  return j->error = sql_errno(sqlite3_extended_errcode(j->db));
}

static int begin(Journal *j) {
  if (j->error) return j->error;
  if (j->open_turn) return 0;
  int r = run(j, SQL_BEGIN);
  if (r == 0) j->open_turn = true;
  return r;
}

static void bind_numbers(sqlite3_stmt *s, int from, const int64_t *numbers, int count) {
  for (int i = 0; i < count; i++) sqlite3_bind_int64(s, from + i, numbers[i]);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text) {
  if (text) sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
  else sqlite3_bind_null(s, at);
}

int journal_event(Journal *j, const Event *e) {
  int r = begin(j);
  if (r < 0) return r;
  sqlite3_stmt *s = j->statements[SQL_EVENT];
  int64_t row[] = {(int64_t)++j->seq, e->at, e->kind, (int64_t)e->command, e->outcome, e->value, e->subject, e->entity, e->kind_of_entity};
  bind_numbers(s, 1, row, 9);
  bind_text(s, 10, e->text);
  return run(j, SQL_EVENT);
}

int journal_command(Journal *j, const Command *c) {
  int r = begin(j);
  if (r < 0) return r;
  sqlite3_stmt *s = j->statements[SQL_COMMAND];
  int64_t row[] = {(int64_t)j->seq, (int64_t)c->id, c->kind, c->subject, c->entity, c->kind_of_entity, c->arg_count, c->args[0],
                   c->args[1], c->args[2], c->args[3], c->issued, c->deadline, c->attempt, c->again};
  bind_numbers(s, 1, row, 15);
  bind_text(s, 16, c->text);
  return run(j, SQL_COMMAND);
}

int journal_note(Journal *j, const Note *n) {
  int r = begin(j);
  if (r < 0) return r;
  sqlite3_stmt *s = j->statements[SQL_NOTE];
  int64_t row[] = {(int64_t)j->seq, n->at, n->kind, n->subject, n->kind_of_entity, n->entity, n->value, n->line};
  bind_numbers(s, 1, row, 8);
  bind_text(s, 9, n->text);
  return run(j, SQL_NOTE);
}

int journal_started(Journal *j, uint64_t command, int64_t pid) {
  int r = begin(j);
  if (r < 0) return r;
  int64_t row[] = {(int64_t)command, pid};
  bind_numbers(j->statements[SQL_PROCESS], 1, row, 2);
  return run(j, SQL_PROCESS);
}

int journal_commit(Journal *j, JournalError *error) {
  if (j->error) return fail(error, j->error, j->path, "an earlier write failed");
  if (j->inbox_taken != j->inbox_marked) {
    begin(j);
    bind_numbers(j->statements[SQL_INBOX_MARK], 1, &j->inbox_taken, 1);
    run(j, SQL_INBOX_MARK);
    j->inbox_marked = j->inbox_taken;
  }
  if (!j->open_turn) return 0;
  if (j->error || run(j, SQL_COMMIT) < 0) return fail_sql(j, error);
  j->open_turn = false;
  return 0;
}

uint32_t inbox_take(Journal *j, Event *ret, uint32_t max) {
  return j->inbox ? inbox_read(j->inbox, &j->inbox_taken, ret, max) : 0;
}

/* ---- reading ---- */

static const char *column_text(sqlite3_stmt *s, int at) { return (const char *)sqlite3_column_text(s, at); }
static uint32_t column_u32(sqlite3_stmt *s, int at) { return (uint32_t)sqlite3_column_int64(s, at); }

/* Runs a query over one table and hands each row to `row`. */
static int each_row(Journal *j, const char *sql, void (*row)(sqlite3_stmt *s, void *ctx), void *ctx, JournalError *error) {
  sqlite3_stmt *s;
  int r = sqlite3_prepare_v2(j->db, sql, -1, &s, NULL);
  if (r == SQLITE_OK)
    while ((r = sqlite3_step(s)) == SQLITE_ROW) row(s, ctx);
  int result = r == SQLITE_DONE ? 0 : fail(error, sql_errno(sqlite3_extended_errcode(j->db)), j->path, sqlite3_errmsg(j->db));
  sqlite3_finalize(s);
  return result;
}

typedef struct EachEvent { void (*each)(void *, const Event *, uint64_t); void *ctx; } EachEvent;
static void event_row(sqlite3_stmt *s, void *ctx) {
  const EachEvent *to = ctx;
  Event e = {.kind = (EventKind)column_u32(s, 2), .at = sqlite3_column_int64(s, 1), .command = (uint64_t)sqlite3_column_int64(s, 3),
             .outcome = (Outcome)column_u32(s, 4), .value = sqlite3_column_int64(s, 5), .subject = column_u32(s, 6),
             .entity = column_u32(s, 7), .kind_of_entity = column_u32(s, 8), .text = column_text(s, 9)};
  to->each(to->ctx, &e, (uint64_t)sqlite3_column_int64(s, 0));
}

int journal_replay(Journal *j, void (*each)(void *ctx, const Event *e, uint64_t seq), void *ctx, JournalError *error) {
  EachEvent to = {each, ctx};
  return each_row(j, "SELECT * FROM event ORDER BY seq", event_row, &to, error);
}

typedef struct EachCommand { void (*each)(void *, const Command *, uint64_t); void *ctx; } EachCommand;
static void command_row(sqlite3_stmt *s, void *ctx) {
  const EachCommand *to = ctx;
  Command c = {.id = (uint64_t)sqlite3_column_int64(s, 2), .kind = (CommandKind)column_u32(s, 3), .subject = column_u32(s, 4),
               .entity = column_u32(s, 5), .kind_of_entity = column_u32(s, 6), .arg_count = column_u32(s, 7),
               .issued = sqlite3_column_int64(s, 12), .deadline = sqlite3_column_int64(s, 13), .attempt = column_u32(s, 14),
               .again = (uint8_t)sqlite3_column_int(s, 15), .text = column_text(s, 16)};
  for (int i = 0; i < EVENT_ARGS; i++) c.args[i] = sqlite3_column_int64(s, 8 + i);
  to->each(to->ctx, &c, (uint64_t)sqlite3_column_int64(s, 1));
}

int journal_commands(Journal *j, void (*each)(void *ctx, const Command *c, uint64_t seq), void *ctx, JournalError *error) {
  EachCommand to = {each, ctx};
  return each_row(j, "SELECT * FROM command ORDER BY n", command_row, &to, error);
}

typedef struct EachNote { void (*each)(void *, const Note *, uint64_t); void *ctx; } EachNote;
static void note_row(sqlite3_stmt *s, void *ctx) {
  const EachNote *to = ctx;
  Note n = {.at = sqlite3_column_int64(s, 2), .kind = (NoteKind)column_u32(s, 3), .subject = column_u32(s, 4),
            .kind_of_entity = column_u32(s, 5), .entity = column_u32(s, 6), .value = sqlite3_column_int64(s, 7),
            .line = column_u32(s, 8), .text = column_text(s, 9)};
  to->each(to->ctx, &n, (uint64_t)sqlite3_column_int64(s, 1));
}

int journal_notes(Journal *j, void (*each)(void *ctx, const Note *n, uint64_t seq), void *ctx, JournalError *error) {
  EachNote to = {each, ctx};
  return each_row(j, "SELECT * FROM note ORDER BY n", note_row, &to, error);
}
