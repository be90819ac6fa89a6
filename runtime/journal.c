/* journal: one run's durable record, a SQLite file `journal.db` in WAL mode with synchronous=FULL.
 *
 * Format 2
 *   meta(key, value)      "format" 2; "version" of the program that made it; "record" what the run's record.json says
 *   plan(bytes)           one row: the plan file as it was approved
 *   event(seq, ...)       every event, in the order in which the engine took it; seq counts from 1 without a gap; link is of
 *                         the chain
 *   command(n, seq, ...)  every command the engine issued, n counts from 1; seq is the event that caused it. A command that
 *                         is issued again after a crash is a second row with the same id and again = 1
 *   note(n, seq, ...)     what an observer was told; derived, for people and SQL
 *   turn(n, ...)          one row per commit, n counts from 1; row 0 is the making of the journal: the last event, command,
 *                         note and message of the inbox that the commit holds, and the value of the hash chain after it
 *   views `events`, `commands` spell kinds and outcomes out
 *
 * The chain (journal_chain.h) makes the journal a record: every value in every table is under the hash of the last turn, so
 * that who knows that hash knows whether anything was changed, left out, put in, moved or cut off. Commands of an event come
 * before its notes.
 *
 * Order of writes (law 2). A turn of the loop opens a transaction with its first row and ends in journal_commit; the
 * commands of the turn are sent only after that commit returned, that is after the WAL was synced. So:
 *   (1) a command that anybody has seen is in the journal, and so is the event that caused it;
 *   (2) an event whose turn was not committed has had no consequence, and the world will say it again or be asked again.
 *
 * journal.head (journal_head.c) names the last turn beside it: an end that is gone is found out.
 *
 * Recovery. SQLite rolls an unfinished transaction back. Resuming feeds all events to a fresh engine, which must issue the
 * same commands (checked by the caller), and then a RESUMED event: the engine looks into every command without an answer. A
 * run is only resumed from a journal whose chain is whole (journal_verify.c). */
#include <config.h>

#include "runtime/journal_sql.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int journal_fail(JournalError *error, int code, const char *path, const char *what) {
  if (error) {
    error->code = code;
    snprintf(error->text, sizeof error->text, "%.150s: %.200s", path, what);
  }
  return code;
}

/* SQLite's code as a negative errno that a caller can act on. */
int journal_sql_errno(int code) {
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
#define LOG_OPEN "its write-ahead log can be read only by who may write the run's folder"

/* The cause and the way on; what SQLite says alone tells neither a missing file nor a foreign one. */
static const char *why(const Journal *j, int code) {
  switch (code & 0xff) {
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_ERROR: return JOURNAL_DAMAGED; /* ERROR: a table of ours is not there */
  case SQLITE_CANTOPEN: break;
  default: return sqlite3_extended_errcode(j->db) == code ? sqlite3_errmsg(j->db) : sqlite3_errstr(code);
  }
  int error = sqlite3_system_errno(j->db);
  if (error != 0 && error != ENOENT && error != EACCES && error != EROFS) return strerror(error);
  if (access(j->path, R_OK) == 0) return access(j->dir, W_OK) < 0 ? LOG_OPEN : JOURNAL_NOT_OPENED;
  return errno == ENOENT ? GONE : strerror(errno);
}

int journal_fail_sql(Journal *j, JournalError *error) { return journal_fail_code(j, sqlite3_extended_errcode(j->db), error); }

int journal_fail_code(Journal *j, int code, JournalError *error) {
  j->error = (code & 0xff) == SQLITE_ERROR ? -EBADMSG : journal_sql_errno(code);
  return journal_fail(error, j->error, j->path, why(j, code));
}

/* ---- one turn ---- */

static int run(Journal *j, Statement which) {
  sqlite3_stmt *s = j->statements[which];
  int r = sqlite3_step(s);
  sqlite3_reset(s);
  if (r == SQLITE_DONE) return 0;
  journal_fail_sql(j, &j->first);
  return j->error;
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

/* A row to its table and under the hash: `first` numbers that only the table has, those under the hash, the text. */
static int write_row(Journal *j, Statement which, ChainTag tag, int64_t first, const int64_t *row, int count, const char *text) {
  sqlite3_stmt *s = j->statements[which];
  int at = which == SQL_EVENT ? 1 : 2;
  if (which != SQL_EVENT) sqlite3_bind_int64(s, 1, first);
  bind_numbers(s, at, row, count);
  bind_text(s, at + count, text);
  if (which == SQL_EVENT) sqlite3_bind_int64(s, at + count + 1, first);
  chain_row(&j->chain, tag, row, count, text, text ? strlen(text) : 0);
  return run(j, which);
}

int journal_event(Journal *j, const Event *e) {
  int r = begin(j);
  if (r < 0) return r;
  int64_t row[] = {++j->at.seq, e->at, e->kind, (int64_t)e->command, e->outcome, e->value, e->subject, e->entity, e->kind_of_entity};
  chain_close(&j->chain);
  j->noted = false;
  return write_row(j, SQL_EVENT, CHAIN_EVENT, chain_link(&j->chain), row, 9, e->text);
}

int journal_command(Journal *j, const Command *c) {
  int r = begin(j);
  if (r < 0) return r;
  assert(!j->noted);
  int64_t row[] = {j->at.seq, (int64_t)c->id, c->kind, c->subject, c->entity, c->kind_of_entity, c->arg_count, c->args[0],
                   c->args[1], c->args[2], c->args[3], c->issued, c->deadline, c->attempt, c->again};
  return write_row(j, SQL_COMMAND, CHAIN_COMMAND, ++j->at.command, row, 15, c->text);
}

int journal_note(Journal *j, const Note *n) {
  int r = begin(j);
  if (r < 0) return r;
  j->noted = true;
  int64_t row[] = {j->at.seq, n->at, n->kind, n->subject, n->kind_of_entity, n->entity, n->value, n->line};
  return write_row(j, SQL_NOTE, CHAIN_NOTE, ++j->at.note, row, 8, n->text);
}

/* The value of the chain after the turn, in the same commit as its rows. */
static int end_turn(Journal *j) {
  sqlite3_stmt *s = j->statements[SQL_TURN];
  j->at.n++;
  j->at.inbox = j->inbox_taken;
  journal_chain_turn(&j->chain, &j->at);
  bind_numbers(s, 1, (int64_t[]){j->at.n, j->at.seq, j->at.command, j->at.note, j->at.inbox}, 5);
  sqlite3_bind_blob(s, 6, j->chain.value, CHAIN_BYTES, SQLITE_STATIC);
  int r = run(j, SQL_TURN);
  return r < 0 ? r : run(j, SQL_COMMIT);
}

/* What the first write that failed said: those after it were not tried. */
static int not_accepted(const Journal *j, JournalError *error) {
  if (error) *error = j->first;
  return j->error;
}

int journal_commit(Journal *j, JournalError *error) {
  if (j->error) return not_accepted(j, error);
  if (j->inbox_taken != j->at.inbox) begin(j);
  if (!j->open_turn) return 0;
  if (j->error || end_turn(j) < 0) return not_accepted(j, error);
  j->open_turn = false;
  inbox_committed(j->inbox);
  head_write(j);
  return 0;
}

void journal_head(const Journal *j, char ret[JOURNAL_HEAD]) {
  hex_digits(j->chain.value, CHAIN_BYTES, ret);
}

int inbox_left(Journal *j, void (*each)(void *ctx, const Event *e), void *ctx, JournalError *error) {
  return inbox_look(j->dir, j->inbox_taken, each, ctx, error);
}

uint32_t inbox_take(Journal *j, Event *ret, uint32_t max) {
  return j->inbox ? inbox_read(j->inbox, &j->inbox_taken, ret, max) : 0;
}

bool inbox_failed(const Journal *j) { return j->inbox && inbox_broken(j->inbox); }
