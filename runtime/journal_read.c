/* journal_read: the rows of a journal, in the order in which they were written. */
#include <config.h>

#include "runtime/journal_sql.h"

#include <sqlite3.h>

static const char *column_text(sqlite3_stmt *s, int at) { return (const char *)sqlite3_column_text(s, at); }
static uint32_t column_u32(sqlite3_stmt *s, int at) { return (uint32_t)sqlite3_column_int64(s, at); }

/* Runs a query over one table and hands each row to `row`. */
static int each_row(Journal *j, const char *sql, void (*row)(sqlite3_stmt *s, void *ctx), void *ctx, JournalError *error) {
  sqlite3_stmt *s;
  int r = sqlite3_prepare_v2(j->db, sql, -1, &s, NULL);
  if (r == SQLITE_OK)
    while ((r = sqlite3_step(s)) == SQLITE_ROW) row(s, ctx);
  int result = r == SQLITE_DONE ? 0 : journal_fail(error, journal_sql_errno(sqlite3_extended_errcode(j->db)), j->path, sqlite3_errmsg(j->db));
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
  return each_row(j, "SELECT seq,at,kind,command,outcome,value,subject,entity,entity_kind,text FROM event ORDER BY seq", event_row, &to, error);
}

static Command command_of(sqlite3_stmt *s) {
  Command c = {.id = (uint64_t)sqlite3_column_int64(s, 2), .kind = (CommandKind)column_u32(s, 3), .subject = column_u32(s, 4),
               .entity = column_u32(s, 5), .kind_of_entity = column_u32(s, 6), .arg_count = column_u32(s, 7),
               .issued = sqlite3_column_int64(s, 12), .deadline = sqlite3_column_int64(s, 13), .attempt = column_u32(s, 14),
               .again = (uint8_t)sqlite3_column_int(s, 15), .text = column_text(s, 16)};
  for (int i = 0; i < EVENT_ARGS; i++) c.args[i] = sqlite3_column_int64(s, 8 + i);
  return c;
}

int journal_commands_open(Journal *j, CommandCursor *ret, JournalError *error) {
  *ret = (CommandCursor){0};
  if (sqlite3_prepare_v2(j->db, "SELECT * FROM command ORDER BY n", -1, (sqlite3_stmt **)&ret->statement, NULL) != SQLITE_OK) return journal_fail_sql(j, error);
  journal_commands_next(ret);
  return 0;
}

void journal_commands_next(CommandCursor *c) {
  int r = sqlite3_step(c->statement);
  c->more = r == SQLITE_ROW;
  c->broken = r == SQLITE_ROW || r == SQLITE_DONE ? 0 : sqlite3_extended_errcode(sqlite3_db_handle(c->statement));
  if (!c->more) return;
  c->command = command_of(c->statement);
  c->seq = (uint64_t)sqlite3_column_int64(c->statement, 1);
}

int journal_commands_close(Journal *j, CommandCursor *c, JournalError *error) {
  int r = c->broken ? journal_fail_code(j, c->broken, error) : 0;
  sqlite3_finalize(c->statement);
  *c = (CommandCursor){0};
  return r;
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
