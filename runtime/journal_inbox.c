/* journal_inbox: `inbox.db`, the one file of a run that other processes write: a message is an event that a person causes.
 * It is durable before inbox_send returns, also while no process owns the run; the owner takes messages in order and marks
 * the last one taken in the commit of its own turn, so that none is lost and none counts twice. */
#include <config.h>

#include "runtime/journal_sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define INBOX_BUSY_MS 10000

static const char inbox_schema[] =
    "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER, value INTEGER, subject INTEGER,"
    " entity INTEGER, entity_kind INTEGER, command INTEGER, text TEXT)";

struct Inbox {
  sqlite3 *db;
  sqlite3_stmt *select;
  char *path;
  sqlite3_stmt *version; /* a number that changes when another process has written */
  int64_t seen;          /* that number when the file was last read to its end */
  VEC(char *) texts;     /* handed out since the last turn that was committed */
  bool committed;        /* that turn is over: nobody holds them any more */
  bool failed;           /* the last read did */
};

#define SELECT_MESSAGES "SELECT id,kind,value,subject,entity,entity_kind,command,text FROM message WHERE id>?1 ORDER BY id LIMIT ?2"
#define HALF "whoever said something died in the middle of it: it can be read when somebody has looked who may write the run's folder"
#define DAMAGED "damaged: move it away; what was answered and ordered and not yet taken must be said again"

static int open_file(const char *run_dir, sqlite3 **ret, Buf *path, JournalError *error) {
  buf_printf(path, "%s/inbox.db", run_dir);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(path->data, ret, flags, NULL) == SQLITE_OK) {
    sqlite3_busy_timeout(*ret, INBOX_BUSY_MS);
    if (sqlite3_exec(*ret, "PRAGMA synchronous=FULL", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(*ret, inbox_schema, NULL, NULL, NULL) == SQLITE_OK)
      return 0;
  }
  if (error) {
    error->code = -EIO;
    int code = sqlite3_errcode(*ret);
    bool damaged = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
    snprintf(error->text, sizeof error->text, "%.150s: %.200s", path->data, damaged ? DAMAGED : sqlite3_errmsg(*ret));
  }
  return -EIO;
}

int inbox_open(const char *run_dir, Inbox **ret, JournalError *error) {
  Inbox *in = xcalloc(1, sizeof *in);
  Buf path = BUF_INIT;
  int r = open_file(run_dir, &in->db, &path, error);
  in->path = path.data;
  if (r == 0 && sqlite3_prepare_v2(in->db, SELECT_MESSAGES, -1, &in->select, NULL) != SQLITE_OK)
    r = -EIO;
  if (r == 0 && sqlite3_prepare_v2(in->db, "PRAGMA data_version", -1, &in->version, NULL) != SQLITE_OK) r = -EIO;
  in->seen = -1;
  if (r < 0) {
    inbox_close(in);
    return r;
  }
  *ret = in;
  return 0;
}

static void drop_texts(Inbox *in) {
  for (uint32_t i = 0; i < in->texts.len; i++) free(in->texts.items[i]);
  in->texts.len = 0;
}

void inbox_close(Inbox *in) {
  if (!in) return;
  sqlite3_finalize(in->select);
  sqlite3_finalize(in->version);
  sqlite3_close(in->db);
  drop_texts(in);
  vec_done(&in->texts);
  free(in->path);
  free(in);
}

static Event message_of(sqlite3_stmt *s, const char *text) {
  return (Event){.kind = (EventKind)sqlite3_column_int(s, 1), .value = sqlite3_column_int64(s, 2),
                 .subject = (uint32_t)sqlite3_column_int64(s, 3), .entity = (uint32_t)sqlite3_column_int64(s, 4),
                 .kind_of_entity = (uint32_t)sqlite3_column_int64(s, 5), .command = (uint64_t)sqlite3_column_int64(s, 6), .text = text};
}

static Event read_message(Inbox *in) {
  const char *text = (const char *)sqlite3_column_text(in->select, 7);
  char *copy = text ? xstrdup(text) : NULL;
  if (copy) vec_push(&in->texts, copy);
  return message_of(in->select, copy);
}

void inbox_committed(Inbox *in) {
  if (in) in->committed = true;
}

uint32_t inbox_read(Inbox *in, int64_t *taken, Event *ret, uint32_t max) {
  bool known = sqlite3_step(in->version) == SQLITE_ROW;
  int64_t version = known ? sqlite3_column_int64(in->version, 0) : -1;
  sqlite3_reset(in->version);
  in->failed = !known;
  if (!known || version == in->seen) return 0;
  if (in->committed) drop_texts(in);
  in->committed = false;
  sqlite3_bind_int64(in->select, 1, *taken);
  sqlite3_bind_int64(in->select, 2, max);
  uint32_t n = 0;
  int r = SQLITE_ROW;
  while (n < max && (r = sqlite3_step(in->select)) == SQLITE_ROW) {
    *taken = sqlite3_column_int64(in->select, 0);
    ret[n++] = read_message(in);
  }
  sqlite3_reset(in->select);
  in->failed = r != SQLITE_ROW && r != SQLITE_DONE;
  if (n == 0 && r == SQLITE_DONE) in->seen = version; /* only a read that found nothing has seen everything of that version */
  return n;
}

bool inbox_broken(const Inbox *in) { return in->failed; }

int inbox_send(const char *run_dir, const Event *e, JournalError *error) {
  sqlite3 *db = NULL;
  sqlite3_stmt *s = NULL;
  Buf path = BUF_INIT;
  int r = open_file(run_dir, &db, &path, error);
  if (r == 0 && sqlite3_prepare_v2(db, "INSERT INTO message VALUES (NULL,?1,?2,?3,?4,?5,?6,?7)", -1, &s, NULL) == SQLITE_OK) {
    int64_t row[] = {e->kind, e->value, e->subject, e->entity, e->kind_of_entity, (int64_t)e->command};
    for (int i = 0; i < 6; i++) sqlite3_bind_int64(s, i + 1, row[i]);
    if (e->text) sqlite3_bind_text(s, 7, e->text, -1, SQLITE_STATIC);
    r = sqlite3_step(s) == SQLITE_DONE ? 0 : -EIO;
    if (r < 0 && error) snprintf(error->text, sizeof error->text, "%.150s: %.200s", path.data, sqlite3_errmsg(db));
  }
  sqlite3_finalize(s);
  sqlite3_close(db);
  buf_done(&path);
  return r;
}

int inbox_look(const char *run_dir, int64_t taken, void (*each)(void *ctx, const Event *e), void *ctx, JournalError *error) {
  Buf path = BUF_INIT;
  sqlite3 *db = NULL;
  sqlite3_stmt *s = NULL;
  buf_printf(&path, "%s/inbox.db", run_dir);
  /* Who may write sets right what a sender left that died in the middle; who may not is told. */
  int r = access(path.data, F_OK) < 0 ? SQLITE_DONE : sqlite3_open_v2(path.data, &db, SQLITE_OPEN_READWRITE, NULL);
  if (r == SQLITE_OK) sqlite3_busy_timeout(db, INBOX_BUSY_MS);
  if (r == SQLITE_OK && (r = sqlite3_prepare_v2(db, SELECT_MESSAGES, -1, &s, NULL)) == SQLITE_OK) {
    sqlite3_bind_int64(s, 1, taken);
    sqlite3_bind_int64(s, 2, INT32_MAX);
    while ((r = sqlite3_step(s)) == SQLITE_ROW) {
      Event e = message_of(s, (const char *)sqlite3_column_text(s, 7));
      each(ctx, &e);
    }
  }
  if (r != SQLITE_DONE && error) {
    error->code = -EIO;
    snprintf(error->text, sizeof error->text, "%.150s: %.200s", path.data, (r & 0xff) == SQLITE_READONLY ? HALF : sqlite3_errmsg(db));
  }
  sqlite3_finalize(s);
  sqlite3_close(db);
  buf_done(&path);
  return r == SQLITE_DONE ? 0 : -EIO;
}
