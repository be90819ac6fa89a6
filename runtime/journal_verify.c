/* journal_verify: every row of a journal under the hash again, in the order in which it was written, and against what the
 * journal says it was. An edit shows at the next link; whether the link itself was edited shows at the one after it. */
#include <config.h>

#include "runtime/journal_sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CHANGED "event %lld, or what came of it, was changed"

typedef struct Cursor { sqlite3_stmt *s; bool row; int code; } Cursor; /* one table; row: it stands on one */

typedef struct Walk {
  Journal *journal;
  JournalCheck *check;
  const char *noted;
  Cursor event, command, note, turn;
  Chain chain;
  TurnRow at;              /* rows taken so far; n: turns that are whole */
  bool suspect;            /* the last link or head did not fit; the next one says whether it or what it covers was changed */
  int64_t suspect_event;
  bool bad;
} Walk;

/* ---- what is wrong ---- */

static int64_t first_number(Walk *w, const char *sql, int64_t seq) {
  sqlite3_stmt *s;
  int64_t n = 0;
  if (sqlite3_prepare_v2(w->journal->db, sql, -1, &s, NULL) != SQLITE_OK) return 0;
  sqlite3_bind_int64(s, 1, seq);
  if (sqlite3_step(s) == SQLITE_ROW) n = sqlite3_column_int64(s, 0);
  sqlite3_finalize(s);
  return n;
}

static bool found(Walk *w, int64_t event, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool found(Walk *w, int64_t event, const char *format, ...) {
  va_list args;
  char *what = w->check->what;
  if (w->bad) return false;
  w->bad = true;
  va_start(args, format);
  vsnprintf(what, sizeof w->check->what, format, args);
  va_end(args);
  if (w->suspect && event > w->suspect_event + 1) { /* something was amiss earlier */
    event = w->suspect_event;
    snprintf(what, sizeof w->check->what, CHANGED, (long long)event);
  }
  w->check->bad_event = event > 0 ? (uint64_t)event : 0;
  w->check->bad_at = first_number(w, "SELECT at FROM event WHERE seq=?1", event);
  w->check->bad_line = (uint32_t)first_number(w, "SELECT line FROM note WHERE seq=?1 AND line>0 ORDER BY n LIMIT 1", event);
  return false;
}

/* ---- rows ---- */

static void next(Cursor *c) {
  c->code = sqlite3_step(c->s);
  c->row = c->code == SQLITE_ROW;
}

static bool open_cursor(Walk *w, Cursor *c, const char *sql) {
  if (sqlite3_prepare_v2(w->journal->db, sql, -1, &c->s, NULL) != SQLITE_OK) return false;
  next(c);
  return true;
}

static bool numbers(const Cursor *c, int from, int count, int64_t *ret) {
  for (int i = 0; i < count; i++) {
    if (sqlite3_column_type(c->s, from + i) != SQLITE_INTEGER) return false;
    ret[i] = sqlite3_column_int64(c->s, from + i);
  }
  return true;
}

/* The row that stands at the cursor, its hashed numbers from column `from`, its text behind them. */
static bool take_row(Walk *w, Cursor *c, ChainTag tag, int from, int count) {
  int64_t row[CHAIN_NUMBERS];
  int type = sqlite3_column_type(c->s, from + count);
  if (!numbers(c, from, count, row) || (type != SQLITE_TEXT && type != SQLITE_NULL)) return false;
  const char *text = (const char *)sqlite3_column_text(c->s, from + count);
  chain_row(&w->chain, tag, row, count, text, (size_t)sqlite3_column_bytes(c->s, from + count));
  next(c);
  return true;
}

/* ---- links ---- */

/* An event whose mark stands at another one was moved there, with it. */
static bool moved(Walk *w, int64_t event) {
  int64_t now = first_number(w, "SELECT seq FROM event WHERE link=?1 ORDER BY seq LIMIT 1", chain_link(&w->chain));
  return now > 0 && now != event && !found(w, event, "event %lld has changed places: what was written there stands as event %lld", (long long)event, (long long)now);
}

/* A mark of the chain against the value that the rows give. One that does not fit is looked at again at the next one: if that
 * fits, only the mark was changed. */
static bool hold_against(Walk *w, bool fits, int64_t event) {
  if (w->suspect && fits) return found(w, w->suspect_event + 1, "the chain's own mark at event %lld was changed", (long long)w->suspect_event + 1);
  if (w->suspect) return found(w, w->suspect_event, CHANGED, (long long)w->suspect_event);
  w->suspect = !fits;
  w->suspect_event = event;
  return true;
}

/* Commands and notes of the event that was taken last, up to where the turn ends. */
static bool take_causes(Walk *w, const TurnRow *end) {
  while (w->command.row && w->at.command < end->command && sqlite3_column_int64(w->command.s, 1) == w->at.seq) {
    if (sqlite3_column_int64(w->command.s, 0) != w->at.command + 1)
      return found(w, w->at.seq, "a command of event %lld is missing or was put in", (long long)w->at.seq);
    if (!take_row(w, &w->command, CHAIN_COMMAND, 1, 15)) return found(w, w->at.seq, "a command of event %lld was changed", (long long)w->at.seq);
    w->at.command++;
  }
  while (w->note.row && w->at.note < end->note && sqlite3_column_int64(w->note.s, 1) == w->at.seq) {
    if (sqlite3_column_int64(w->note.s, 0) != w->at.note + 1)
      return found(w, w->at.seq, "a note of event %lld is missing or was put in", (long long)w->at.seq);
    if (!take_row(w, &w->note, CHAIN_NOTE, 1, 8)) return found(w, w->at.seq, "a note of event %lld was changed", (long long)w->at.seq);
    w->at.note++;
  }
  return true;
}

static bool take_event(Walk *w, const TurnRow *end) {
  int64_t link, seq = w->event.row ? sqlite3_column_int64(w->event.s, 0) : INT64_MAX, want = w->at.seq + 1;
  if (seq > want) return found(w, want, "event %lld is missing", (long long)want);
  if (seq < want) return found(w, seq, "event %lld was put in", (long long)seq);
  if (!numbers(&w->event, 10, 1, &link)) return found(w, seq, "the chain's own mark at event %lld was changed", (long long)seq);
  chain_close(&w->chain);
  bool fits = link == chain_link(&w->chain);
  if (!fits && !w->suspect && moved(w, seq)) return false;
  if (!hold_against(w, fits, seq - 1)) return false;
  if (!take_row(w, &w->event, CHAIN_EVENT, 0, 9)) return found(w, seq, "event %lld was changed", (long long)seq);
  w->at.seq = seq;
  return take_causes(w, end);
}

/* ---- turns ---- */

static void note_whole(Walk *w) {
  w->check->turns = (uint64_t)w->at.n;
  w->check->events = (uint64_t)w->at.seq;
  hex_digits(w->chain.value, CHAIN_BYTES, w->check->head);
  if (!w->noted || strcmp(w->noted, w->check->head) != 0) return;
  w->check->noted_found = true;
  w->check->noted_events = (uint64_t)w->at.seq;
}

/* The value of the chain at the turn against the one that the turn keeps. The next turn tells a changed digest from changed rows;
 * at the end nothing does, and the rows are blamed. */
static bool end_of_turn(Walk *w) {
  bool whole = sqlite3_column_type(w->turn.s, 5) == SQLITE_BLOB && sqlite3_column_bytes(w->turn.s, 5) == CHAIN_BYTES &&
               memcmp(sqlite3_column_blob(w->turn.s, 5), w->chain.value, CHAIN_BYTES) == 0;
  if (w->suspect) return hold_against(w, whole, w->at.seq);
  if (!whole) return found(w, w->at.seq, "event %lld, or what came of it, or the turn that it ends was changed", (long long)w->at.seq);
  note_whole(w);
  return true;
}

static bool take_turn(Walk *w) {
  TurnRow end;
  int64_t n[5];
  if (!numbers(&w->turn, 0, 5, n)) return found(w, w->at.seq + 1, "the turn after event %lld was changed", (long long)w->at.seq);
  end = (TurnRow){n[0], n[1], n[2], n[3], n[4]};
  if (end.n != w->at.n + 1) return found(w, w->at.seq + 1, "the turn after event %lld is missing or was put in", (long long)w->at.seq);
  if (end.seq < w->at.seq) return found(w, w->at.seq, "the turn of event %lld was changed", (long long)w->at.seq);
  if (!take_causes(w, &end)) return false;
  while (w->at.seq < end.seq)
    if (!take_event(w, &end)) return false;
  if (w->at.command != end.command || w->at.note != end.note)
    return w->suspect ? found(w, w->suspect_event, CHANGED, (long long)w->suspect_event)
                      : found(w, w->at.seq, "a command or a note up to event %lld is missing, or was put in, or moved", (long long)w->at.seq);
  chain_close(&w->chain);
  w->at = end;
  journal_chain_turn(&w->chain, &end);
  if (!end_of_turn(w)) return false;
  next(&w->turn);
  return true;
}

static bool take_first_turn(Walk *w) {
  int64_t n[5] = {0};
  if (!journal_genesis(w->journal->db, &w->chain)) return found(w, 0, "a table is missing");
  if (!w->turn.row || !numbers(&w->turn, 0, 5, n) || n[0] != 0 || n[1] || n[2] || n[3] || n[4])
    return found(w, 0, "the first turn is missing or was changed");
  if (sqlite3_column_type(w->turn.s, 5) != SQLITE_BLOB || sqlite3_column_bytes(w->turn.s, 5) != CHAIN_BYTES ||
      memcmp(sqlite3_column_blob(w->turn.s, 5), w->chain.value, CHAIN_BYTES) != 0)
    return found(w, 0, "what the run began with was changed: its plan, its record, the version, the names or a table");
  note_whole(w);
  next(&w->turn);
  return true;
}

static bool take_all(Walk *w) {
  if (!take_first_turn(w)) return false;
  while (w->turn.row)
    if (!take_turn(w)) return false;
  int64_t after = w->at.seq;
  if (w->event.row) return found(w, after + 1, "event %lld is in no turn: the end was put in or its turn is gone", (long long)after + 1);
  if (w->command.row || w->note.row) return found(w, after, "a command or a note is in no turn, behind event %lld", (long long)after);
  return true;
}

static bool open_all(Walk *w) {
  return open_cursor(w, &w->event, "SELECT seq,at,kind,command,outcome,value,subject,entity,entity_kind,text,link FROM event ORDER BY seq") &&
         open_cursor(w, &w->command, "SELECT n,seq,id,kind,subject,entity,entity_kind,arg_count,arg0,arg1,arg2,arg3,issued,deadline,"
                                     "attempt,again,text FROM command ORDER BY n") &&
         open_cursor(w, &w->note, "SELECT n,seq,at,kind,subject,entity_kind,entity,value,line,text FROM note ORDER BY n") &&
         open_cursor(w, &w->turn, "SELECT n,seq,command,note,inbox,digest FROM turn ORDER BY n");
}

static bool read_through(const Cursor *c) { return c->code == SQLITE_DONE || c->code == SQLITE_ROW; }

/* One transaction, so that a run which is written meanwhile is seen as it was at one moment. */
int journal_verify(Journal *j, const char *noted, JournalCheck *ret, JournalError *error) {
  Walk w = {.journal = j, .check = ret, .noted = noted};
  *ret = (JournalCheck){0};
  bool within = !sqlite3_get_autocommit(j->db); /* a reader may be in one already */
  bool began = !within && sqlite3_exec(j->db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, opened = (within || began) && open_all(&w);
  if (opened) ret->whole = take_all(&w);
  bool read = opened && read_through(&w.event) && read_through(&w.command) && read_through(&w.note) && read_through(&w.turn);
  int r = read ? 0 : journal_fail_sql(j, error);
  sqlite3_finalize(w.event.s);
  sqlite3_finalize(w.command.s);
  sqlite3_finalize(w.note.s);
  sqlite3_finalize(w.turn.s);
  if (began) sqlite3_exec(j->db, "COMMIT", NULL, NULL, NULL);
  return r;
}

/* ---- genesis ---- */

/* The rows of a query: integers as numbers, texts and blobs as texts, under one hash. */
static bool take_table(sqlite3 *db, const char *sql, Chain *c) {
  sqlite3_stmt *s;
  if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) return false;
  chain_row(c, CHAIN_GENESIS, NULL, 0, sql, strlen(sql)); /* a row is of its table */
  int r;
  while ((r = sqlite3_step(s)) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count(s); i++) {
      int64_t value[] = {sqlite3_column_type(s, i), sqlite3_column_type(s, i) == SQLITE_INTEGER ? sqlite3_column_int64(s, i) : 0};
      bool text = value[0] != SQLITE_INTEGER && value[0] != SQLITE_NULL;
      const char *bytes = text ? sqlite3_column_blob(s, i) : NULL;
      chain_row(c, CHAIN_GENESIS, value, 2, text && !bytes ? "" : bytes, text ? (size_t)sqlite3_column_bytes(s, i) : 0);
    }
  sqlite3_finalize(s);
  return r == SQLITE_DONE;
}

bool journal_genesis(sqlite3 *db, Chain *ret) {
  static const char label[] = "tagout journal 2";
  *ret = (Chain){0};
  chain_row(ret, CHAIN_GENESIS, NULL, 0, label, sizeof label - 1);
  bool ok = take_table(db, "SELECT type,name,tbl_name,sql FROM sqlite_master ORDER BY type,name", ret) &&
            take_table(db, "SELECT key,value FROM meta ORDER BY key", ret) && take_table(db, "SELECT bytes FROM plan", ret) &&
            take_table(db, "SELECT id,name FROM event_kind ORDER BY id", ret) &&
            take_table(db, "SELECT id,name FROM command_kind ORDER BY id", ret) &&
            take_table(db, "SELECT id,name FROM outcome ORDER BY id", ret);
  chain_close(ret);
  return ok;
}

void journal_chain_turn(Chain *c, const TurnRow *t) {
  chain_close(c);
  chain_row(c, CHAIN_TURN, (int64_t[]){t->n, t->seq, t->command, t->note, t->inbox}, 5, NULL, 0);
  chain_close(c);
}
