/* The journal as a record: whatever is changed, left out, put in or moved in any table is found, and the first event that is not
 * as it was written is named; an end that was cut off is found by a head that was noted. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lang/buf.h"
#include "runtime/journal.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVENTS = 6, TURNS = 4 };
static const int turn_ends[TURNS] = {1, 3, 4, 6};  /* events that end a turn */

static char good[200], bad[220];                   /* folders */
static char heads[TURNS][JOURNAL_HEAD];            /* after each turn */
static Buf bytes = BUF_INIT;                       /* of the good journal */

/* ---- a journal ---- */

static void write_one(Journal *j, int64_t n) {
  Event e = {.kind = EVENT_READING, .at = 1000 * n, .command = (uint64_t)n, .value = 10 * n, .subject = 1, .entity = 2, .kind_of_entity = 3,
             .text = n % 2 ? "said" : NULL};
  Command c = {.id = (uint64_t)n, .kind = COMMAND_ACT, .subject = 4, .entity = 5, .kind_of_entity = 6, .arg_count = 2,
               .args = {5, -7, INT64_MIN, INT64_MAX}, .issued = 8, .deadline = 9, .attempt = 2, .text = "asked"};
  Note note = {.kind = NOTE_WAITING, .at = 1000 * n, .subject = 1, .kind_of_entity = 2, .entity = 3, .value = 4, .line = (uint32_t)(40 + n),
               .text = "told"};
  assert_int_equal(journal_event(j, &e), 0);
  if (n % 3 == 0) return; /* some events have no consequence */
  assert_int_equal(journal_command(j, &c), 0);
  c.text = NULL;
  assert_int_equal(journal_command(j, &c), 0);
  assert_int_equal(journal_note(j, &note), 0);
}

static void read_bytes(void) {
  char path[300], chunk[4096];
  snprintf(path, sizeof path, "%s/journal.db", good);
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) buf_add(&bytes, chunk, n);
  fclose(f);
}

static int make(void **state) {
  (void)state;
  static const JournalBirth birth = {.plan = "the plan", .plan_len = 8, .record = "the record", .version = "1.2.3"};
  Journal *j = NULL;
  snprintf(good, sizeof good, "/tmp/tagout-chain-XXXXXX");
  if (!mkdtemp(good)) return -1;
  snprintf(bad, sizeof bad, "%s/bad", good);
  if (mkdir(bad, 0777) < 0 || journal_open(good, JOURNAL_CREATE, &birth, &j, NULL) < 0) return -1;
  int n = 0;
  for (int t = 0; t < TURNS; t++) {
    while (n < turn_ends[t]) write_one(j, ++n);
    assert_int_equal(journal_commit(j, NULL), 0);
    journal_head(j, heads[t]);
  }
  journal_close(j);
  read_bytes();
  return 0;
}

static int drop(void **state) {
  (void)state;
  char command[300];
  buf_done(&bytes);
  snprintf(command, sizeof command, "rm -rf '%s'", good);
  return system(command) == 0 ? 0 : -1;
}

/* ---- edits ---- */

/* What noted the end of the one before says nothing of this one. */
static void forget_head(void) {
  char path[300];
  snprintf(path, sizeof path, "%s/journal.head", bad);
  unlink(path);
}

static sqlite3 *fresh_copy(void) {
  char path[300];
  forget_head();
  snprintf(path, sizeof path, "%s/journal.db", bad);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes.data, 1, bytes.len, f), bytes.len);
  fclose(f);
  sqlite3 *db;
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  sqlite3_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY", NULL, NULL, NULL);
  return db;
}

/* A copy of the journal, changed. False: the change changed nothing. */
static bool edit(const char *sql) {
  sqlite3 *db = fresh_copy();
  bool ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, changed = sqlite3_total_changes(db) > 0;
  sqlite3_close(db);
  return ok && changed;
}

static void verify(const char *noted, JournalCheck *ret) {
  Journal *j = NULL;
  assert_int_equal(journal_open(bad, JOURNAL_READ, NULL, &j, NULL), 0);
  assert_int_equal(journal_verify(j, noted, ret, NULL), 0);
  journal_close(j);
}

/* The journal is not opened, or not found whole. */
static bool is_found(void) {
  Journal *j = NULL;
  JournalCheck check = {0};
  if (journal_open(bad, JOURNAL_READ, NULL, &j, NULL) < 0) return true;
  bool hides = journal_verify(j, NULL, &check, NULL) == 0 && check.whole;
  journal_close(j);
  return !hides;
}

static uint32_t must_find(const char *sql) {
  if (!edit(sql)) return 0;
  if (is_found()) return 1;
  fail_msg("not found: %s", sql);
  return 0;
}

static const char *const tables[] = {"meta", "plan", "event_kind", "command_kind", "outcome", "event", "command", "note", "turn"};
#define TABLE_COUNT (sizeof tables / sizeof *tables)

/* Asks the good journal; the answers are rows of one text. */
static char **ask(const char *sql, int *ret_rows) {
  char path[300], **out;
  int columns;
  sqlite3 *db;
  snprintf(path, sizeof path, "%s/journal.db", good);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_get_table(db, sql, &out, ret_rows, &columns, NULL), SQLITE_OK);
  sqlite3_close(db);
  return out;
}

static void test_untouched_is_whole(void **state) {
  (void)state;
  JournalCheck check;
  edit("SELECT 1");
  verify(heads[TURNS - 1], &check);
  assert_true(check.whole);
  assert_int_equal(check.events, EVENTS);
  assert_int_equal(check.turns, TURNS);
  assert_string_equal(check.head, heads[TURNS - 1]);
  assert_true(check.noted_found);
  assert_int_equal(check.noted_events, EVENTS);
}

/* What a cell holds, with its type. */
static void cell(sqlite3 *db, const char *table, const char *column, const char *id, char ret[400]) {
  char sql[400];
  char **row;
  int rows;
  snprintf(sql, sizeof sql, "SELECT typeof(%s)||hex(%s) FROM %s WHERE rowid=%s", column, column, table, id);
  assert_int_equal(sqlite3_get_table(db, sql, &row, &rows, NULL, NULL), SQLITE_OK);
  snprintf(ret, 400, "%s", rows && row[1] ? row[1] : "");
  sqlite3_free_table(row);
}

/* True when another value or type stands there now. */
static bool edit_cell(const char *table, const char *column, const char *id, const char *other) {
  char sql[1100], before[400], after[400];
  sqlite3 *db = fresh_copy();
  snprintf(sql, sizeof sql, "UPDATE %s SET %s=%s WHERE rowid=%s", table, column, other, id);
  cell(db, table, column, id, before);
  bool ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
  cell(db, table, column, id, after);
  sqlite3_close(db);
  return ok && strcmp(before, after) != 0;
}

/* In every way in which a cell can be another one. */
static uint32_t each_edit(const char *table, const char *column, const char *id) {
  char others[9][100];
  uint32_t edits = 0;
  snprintf(others[0], 100, "%s+1", column);
  snprintf(others[1], 100, "%s-1", column);
  snprintf(others[2], 100, "%s||'x'", column);
  snprintf(others[3], 100, "%s||char(0)", column);
  snprintf(others[4], 100, "CAST(%s AS BLOB)", column);
  snprintf(others[5], 100, "%s+0.5", column);
  snprintf(others[6], 100, "NULL");
  snprintf(others[7], 100, "''");
  snprintf(others[8], 100, "zeroblob(32)");
  for (int o = 0; o < 9; o++) {
    if (!edit_cell(table, column, id, others[o])) continue;
    edits++;
    if (!is_found()) fail_msg("not found: %s of row %s of %s is %s", column, id, table, others[o]);
  }
  return edits;
}

static void test_every_cell(void **state) {
  (void)state;
  uint32_t edits = 0;
  for (size_t t = 0; t < TABLE_COUNT; t++) {
    int rows, columns;
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s')", tables[t]);
    char **columns_of = ask(sql, &columns);
    snprintf(sql, sizeof sql, "SELECT rowid FROM %s", tables[t]);
    char **ids = ask(sql, &rows);
    for (int c = 1; c <= columns; c++)
      for (int r = 1; r <= rows; r++) edits += each_edit(tables[t], columns_of[c], ids[r]);
    sqlite3_free_table(columns_of);
    sqlite3_free_table(ids);
  }
  assert_true(edits > 1000);
}

static void each_row(const char *format, uint32_t least) {
  uint32_t edits = 0;
  for (size_t t = 0; t < TABLE_COUNT; t++) {
    int rows;
    char sql[400];
    snprintf(sql, sizeof sql, "SELECT rowid FROM %s", tables[t]);
    char **ids = ask(sql, &rows);
    for (int r = 1; r <= rows; r++) {
      snprintf(sql, sizeof sql, format, tables[t], ids[r], tables[t]);
      edits += must_find(sql);
    }
    sqlite3_free_table(ids);
  }
  assert_true(edits >= least);
}

static void test_every_row_left_out(void **state) {
  (void)state;
  each_row("DELETE FROM %s WHERE rowid=%s", 40);
}

/* Moved behind all others; for the tables whose key is the row's number, that is a new number. */
static void test_every_row_moved(void **state) {
  (void)state;
  each_row("UPDATE %1$s SET rowid=(SELECT max(rowid)+1 FROM %3$s) WHERE rowid=%2$s AND '%1$s' NOT IN ('meta','plan')", 40);
}

static void test_rows_put_in(void **state) {
  (void)state;
  static const char *const edits[] = {
      "INSERT INTO event SELECT seq+6,at,kind,command,outcome,value,subject,entity,entity_kind,text,link FROM event",
      "INSERT INTO event SELECT -seq,at,kind,command,outcome,value,subject,entity,entity_kind,text,link FROM event",
      "INSERT INTO command SELECT n+100,seq,id,kind,subject,entity,entity_kind,arg_count,arg0,arg1,arg2,arg3,issued,deadline,attempt,again,text FROM command",
      "INSERT INTO note SELECT n+100,seq,at,kind,subject,entity_kind,entity,value,line,text FROM note",
      "INSERT INTO note SELECT -n,seq,at,kind,subject,entity_kind,entity,value,line,text FROM note",
      "INSERT INTO turn SELECT n+100,seq,command,note,inbox,digest FROM turn",
      "INSERT INTO turn SELECT -1-n,seq,command,note,inbox,digest FROM turn",
      "INSERT INTO meta VALUES ('a','b')",
      "INSERT INTO plan VALUES ('another')",
      "INSERT INTO outcome VALUES (77,'well')",
      "CREATE TABLE more (a); INSERT INTO more VALUES (1)",
      "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END; UPDATE meta SET key=key",
      "DROP VIEW events; CREATE VIEW events AS SELECT 1; UPDATE meta SET key=key"};
  for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) assert_int_equal(must_find(edits[i]), 1);
}

static void test_two_rows_swapped(void **state) {
  (void)state;
  for (int n = 1; n < EVENTS; n++) {
    char sql[300];
    snprintf(sql, sizeof sql, "UPDATE event SET seq=-1 WHERE seq=%d; UPDATE event SET seq=%d WHERE seq=%d; UPDATE event SET seq=%d WHERE seq=-1",
             n, n, n + 1, n + 1);
    assert_int_equal(must_find(sql), 1);
  }
}

/* ---- the first is named ---- */

static void names(const char *format, int n, uint64_t event) {
  char sql[200];
  JournalCheck check;
  snprintf(sql, sizeof sql, format, n);
  assert_true(edit(sql));
  verify(NULL, &check);
  assert_false(check.whole);
  if (check.bad_event != event) fail_msg("%s: event %llu is named: %s", sql, (unsigned long long)check.bad_event, check.what);
  if (event > 0 && event <= EVENTS && !strstr(sql, "DELETE FROM event") && !strstr(sql, "at=") && !strstr(sql, "seq=-seq")) assert_int_equal(check.bad_at, 1000 * (int64_t)event);
  if (event > 0 && event <= EVENTS && event % 3 && !strstr(sql, "note")) assert_int_equal(check.bad_line, 40 + event);
}

static void test_the_first_is_named(void **state) {
  (void)state;
  for (int n = 1; n <= EVENTS; n++) {
    uint64_t event = (uint64_t)n;
    names("UPDATE event SET value=value+1 WHERE seq=%d", n, event);
    names("UPDATE event SET text='no' WHERE seq>=%d", n, event);
    names("UPDATE event SET link=link+1 WHERE seq=%d", n, event);
    names("UPDATE event SET link=NULL WHERE seq=%d", n, event);
    names("DELETE FROM event WHERE seq=%d", n, event);
    if (n < EVENTS) names("UPDATE event SET seq=-seq WHERE seq=%1$d; UPDATE event SET seq=%1$d WHERE seq=%1$d+1; UPDATE event SET seq=1-seq WHERE seq<0", n, event);
    if (n % 3 == 0) continue;
    names("UPDATE command SET entity=entity+1 WHERE seq=%d", n, event);
    names("DELETE FROM note WHERE seq=%d", n, event);
    names("UPDATE note SET text='no' WHERE seq=%d", n, event);
  }
  names("UPDATE plan SET bytes='%d'", 1, 0);
}

/* ---- the end ---- */

static void cut_after(int turn) {
  char sql[400];
  snprintf(sql, sizeof sql, "DELETE FROM command WHERE n>(SELECT command FROM turn WHERE n=%d); DELETE FROM note WHERE n>(SELECT note FROM turn WHERE n=%d);"
                            "DELETE FROM event WHERE seq>(SELECT seq FROM turn WHERE n=%d); DELETE FROM turn WHERE n>%d", turn, turn, turn, turn);
  assert_true(edit(sql));
}

static void test_an_end_cut_off(void **state) {
  (void)state;
  JournalCheck check;
  for (int t = 1; t < TURNS; t++) {
    cut_after(t);
    verify(NULL, &check);
    assert_true(check.whole); /* nothing in the file can tell */
    assert_int_equal(check.events, turn_ends[t - 1]);
    verify(heads[TURNS - 1], &check);
    assert_false(check.noted_found);
    verify(heads[t - 1], &check);
    assert_true(check.noted_found);
  }
  edit("SELECT 1");
  verify(heads[1], &check); /* noted in the middle of the run */
  assert_true(check.whole && check.noted_found);
  assert_int_equal(check.noted_events, turn_ends[1]);
}

static void test_no_run_goes_on_from_an_edit(void **state) {
  (void)state;
  Journal *j = NULL;
  JournalError error = {0};
  assert_true(edit("UPDATE event SET value=0 WHERE seq=2"));
  assert_int_equal(journal_open(bad, JOURNAL_RESUME, NULL, &j, &error), -EBADMSG);
  assert_non_null(strstr(error.text, "changed since it was written: event 2"));
  edit("SELECT 1");
  assert_int_equal(journal_open(bad, JOURNAL_RESUME, NULL, &j, &error), 0);
  write_one(j, 7);
  assert_int_equal(journal_commit(j, NULL), 0);
  journal_close(j);
  JournalCheck check;
  verify(heads[TURNS - 1], &check);
  assert_true(check.whole && check.noted_found);
  assert_int_equal(check.events, EVENTS + 1);
}

/* ---- bad disks ---- */

static void write_bad(const char *data, size_t len) {
  char path[300];
  forget_head();
  snprintf(path, sizeof path, "%s/journal.db", bad);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(data, 1, len, f), len);
  fclose(f);
}

/* It is not opened, is not found whole, or holds what it held, to the last hash: then what was changed was nothing of it. */
static bool is_known(JournalMode mode) {
  Journal *j = NULL;
  JournalCheck check = {0};
  if (journal_open(bad, mode, NULL, &j, NULL) < 0) return true;
  bool whole = journal_verify(j, NULL, &check, NULL) == 0 && check.whole;
  journal_close(j);
  return !whole || (check.events == EVENTS && strcmp(check.head, heads[TURNS - 1]) == 0);
}

/* BYTES=1: every one; else one in 37, beginning with another each time round a page. */
static size_t stride(void) { return getenv("BYTES") ? 1 : 37; }

static void test_a_byte_is_another(void **state) {
  (void)state;
  static const uint8_t flips[] = {0x01, 0x80, 0xff};
  for (size_t at = 0; at < bytes.len; at += stride()) {
    char was = bytes.data[at];
    bytes.data[at] = (char)(was ^ flips[at % 3]);
    write_bad(bytes.data, bytes.len);
    bool known = is_known(JOURNAL_READ);
    if (known) { /* who looks may have left a log */
      write_bad(bytes.data, bytes.len);
      known = is_known(JOURNAL_RESUME);
    }
    bytes.data[at] = was;
    if (!known) fail_msg("byte %zu is another one, and nobody says so", at);
  }
}

static void test_it_is_cut_off_at_a_byte(void **state) {
  (void)state;
  for (size_t len = 0; len < bytes.len; len += stride()) {
    write_bad(bytes.data, len);
    if (!is_known(JOURNAL_READ)) fail_msg("cut off at byte %zu, and nobody says so", len);
    write_bad(bytes.data, len);
    if (!is_known(JOURNAL_RESUME)) fail_msg("cut off at byte %zu, and it is resumed", len);
  }
}

/* The journal of a process that was killed: most of it is in its log. The log cut off, or another byte in it. */
static void copy_file(const char *from_dir, const char *to_dir, const char *name) {
  char command[700];
  snprintf(command, sizeof command, "cp '%s/%s' '%s/%s'", from_dir, name, to_dir, name);
  assert_int_equal(system(command), 0);
}

static void test_the_end_of_a_log_is_gone(void **state) {
  (void)state;
  char from[300], path[400];
  Journal *j = NULL;
  Buf log = BUF_INIT;
  snprintf(from, sizeof from, "%s/killed", good);
  static const JournalBirth birth = {.plan = "the plan", .plan_len = 8, .record = "the record", .version = "1.2.3"};
  assert_int_equal(journal_open(from, JOURNAL_CREATE, &birth, &j, NULL), 0);
  for (int n = 1; n <= TURNS; n++) {
    write_one(j, n);
    assert_int_equal(journal_commit(j, NULL), 0);
  }
  copy_file(from, bad, "journal.head");
  snprintf(path, sizeof path, "%s/journal.db-wal", from);
  char chunk[4096];
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) buf_add(&log, chunk, n);
  fclose(f);
  snprintf(path, sizeof path, "%s/journal.db-wal", bad);
  for (size_t at = 32; at < log.len; at += 20 * stride()) {
    for (int cut = 0; cut < 2; cut++) {
      copy_file(from, bad, "journal.db");
      log.data[at] = (char)(log.data[at] ^ 0x10);
      f = fopen(path, "wb");
      assert_non_null(f);
      assert_int_equal(fwrite(log.data, 1, cut ? at : log.len, f), cut ? at : log.len);
      fclose(f);
      log.data[at] = (char)(log.data[at] ^ 0x10);
      Journal *again = NULL;
      JournalCheck check = {0};
      int r = journal_open(bad, JOURNAL_READ, NULL, &again, NULL);
      bool lost = r == 0 && (journal_verify(again, NULL, &check, NULL) < 0 || !check.whole || check.events == TURNS);
      journal_close(again);
      if (r == 0 && !lost) fail_msg("byte %zu of the log: %llu events of %d, and nobody says so", at, (unsigned long long)check.events, TURNS);
    }
  }
  journal_close(j);
  unlink(path);
  forget_head();
  snprintf(path, sizeof path, "%s/journal.db-shm", bad);
  unlink(path);
  buf_done(&log);
}

static void test_another_format_is_said(void **state) {
  (void)state;
  Journal *j = NULL;
  JournalError error = {0};
  assert_true(edit("UPDATE meta SET value=1 WHERE key='format'"));
  assert_int_equal(journal_open(bad, JOURNAL_RESUME, NULL, &j, &error), -EPROTO);
  assert_non_null(strstr(error.text, "of journal format 1, and this version reads format 2"));
  assert_non_null(strstr(error.text, "1.2.3"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_untouched_is_whole), cmocka_unit_test(test_every_cell),       cmocka_unit_test(test_every_row_left_out),
      cmocka_unit_test(test_every_row_moved),    cmocka_unit_test(test_rows_put_in),      cmocka_unit_test(test_two_rows_swapped),
      cmocka_unit_test(test_the_first_is_named), cmocka_unit_test(test_an_end_cut_off),   cmocka_unit_test(test_no_run_goes_on_from_an_edit),
      cmocka_unit_test(test_another_format_is_said), cmocka_unit_test(test_a_byte_is_another), cmocka_unit_test(test_it_is_cut_off_at_a_byte),
      cmocka_unit_test(test_the_end_of_a_log_is_gone),
  };
  return cmocka_run_group_tests(tests, make, drop);
}
