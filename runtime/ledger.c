/* ledger: SQLite does the locking; IMMEDIATE transactions make look-and-take one step over all processes. */
#include <config.h>

#include "runtime/ledger_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEDGER_FORMAT "1"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);"
    "INSERT OR IGNORE INTO meta VALUES ('format', '" LEDGER_FORMAT "');"
    "CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, dir TEXT NOT NULL, since INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS claim (kind TEXT, name TEXT, run TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lost (kind TEXT, name TEXT, run TEXT, PRIMARY KEY (kind, name, run)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS charge (kind TEXT, name TEXT, run TEXT NOT NULL, at INTEGER NOT NULL, back INTEGER, by TEXT);"
    "CREATE UNIQUE INDEX IF NOT EXISTS open_charge ON charge (kind, name) WHERE back IS NULL;"
    "CREATE INDEX IF NOT EXISTS charge_at ON charge (kind, at);"
    "CREATE TABLE IF NOT EXISTS reserve (plan TEXT NOT NULL, title TEXT NOT NULL, run TEXT NOT NULL, kind TEXT NOT NULL, day INTEGER NOT NULL,"
    " day_end INTEGER NOT NULL, out INTEGER NOT NULL, leaves INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (plan, run, kind, day)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS aside (kind TEXT NOT NULL, name TEXT NOT NULL, run TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
    " back INTEGER, by TEXT, PRIMARY KEY (kind, name, run, seq)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS work (run TEXT NOT NULL, member TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY (kind, run, member, name)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS part (kind TEXT NOT NULL, name TEXT NOT NULL, up_kind TEXT NOT NULL, up TEXT NOT NULL,"
    " PRIMARY KEY (kind, name, up_kind)) WITHOUT ROWID;";

const char *ledger_why(const Ledger *l) { return l->store.why; }

int ledger_open(const char *path, Ledger **ret, Buf *ret_why) {
  Ledger *l = xcalloc(1, sizeof *l);
  int r = store_open(&l->store, path, "ledger", schema, LEDGER_FORMAT);
  if (r < 0) {
    buf_str(ret_why, l->store.why);
    ledger_close(l);
    return r;
  }
  *ret = l;
  return 0;
}

static void forget_zone(Ledger *l) {
  if (l->arena) arena_free(l->arena);
  free(l->zone_name);
  l->arena = NULL, l->zone_name = NULL;
}

void ledger_close(Ledger *l) {
  if (!l) return;
  forget_zone(l);
  store_close(&l->store);
  free(l);
}

/* ---- claims ---- */

static bool find_conflict(Ledger *l, const char *run, Arena *arena, Conflict *ret) {
  static const char sql[] = "SELECT c.run, r.dir, c.kind, c.name, count(*) AS n FROM wanted w JOIN claim c USING (kind, name)"
                            " LEFT JOIN run r ON r.id = c.run WHERE c.run <> ?1 GROUP BY c.run ORDER BY n DESC LIMIT 1";
  sqlite3_stmt *s = store_prepare(&l->store, sql, 1, &run, 0, NULL);
  bool found = s && sqlite3_step(s) == SQLITE_ROW;
  if (found)
    *ret = (Conflict){store_text(s, 0, arena), store_text(s, 1, arena), {store_text(s, 2, arena), store_text(s, 3, arena)}, (uint32_t)sqlite3_column_int64(s, 4)};
  sqlite3_finalize(s);
  return found;
}

/* A row for each member: its kind, its name, and the run where the table has one. */
static bool fill(Ledger *l, const char *sql, const char *run, const Member *members, uint32_t count) {
  sqlite3_stmt *s;
  if (sqlite3_prepare_v2(l->store.db, sql, -1, &s, NULL) != SQLITE_OK) return false;
  bool ok = true;
  if (run) sqlite3_bind_text(s, 3, run, -1, SQLITE_STATIC);
  for (uint32_t i = 0; i < count && ok; i++) {
    sqlite3_bind_text(s, 1, members[i].kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, members[i].name, -1, SQLITE_STATIC);
    ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
  }
  sqlite3_finalize(s);
  return ok;
}

static bool want(Ledger *l, const Member *members, uint32_t count) {
  return store_exec(&l->store, "CREATE TEMP TABLE IF NOT EXISTS wanted (kind TEXT, name TEXT, PRIMARY KEY (kind, name)) WITHOUT ROWID; DELETE FROM wanted") &&
         fill(l, "INSERT OR IGNORE INTO wanted VALUES (?1, ?2)", NULL, members, count);
}

/* Where no other run claims anything, and that is most of the time, there is no conflict to look for. */
int ledger_claim(Ledger *l, const char *run, const char *dir, const Member *members, uint32_t count, int64_t now, Arena *arena,
                 Conflict *ret_conflict) {
  const char *who[] = {run, dir};
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  int64_t others = store_ask(&l->store, "SELECT EXISTS (SELECT 1 FROM claim WHERE run <> ?1)", 1, &run, 0, NULL);
  bool ok = others == 0 || (others > 0 && want(l, members, count));
  if (ok && others && find_conflict(l, run, arena, ret_conflict)) return store_finish(&l->store, true, false, 0);
  ok = ok && store_change(&l->store, "INSERT OR REPLACE INTO run VALUES (?1, ?2, ?3)", 2, who, 1, &now) &&
       fill(l, "INSERT OR IGNORE INTO claim VALUES (?1, ?2, ?3)", run, members, count);
  return store_finish(&l->store, ok, true, 1);
}

static bool each_conflict(Ledger *l, const char *run, EachClaim *each, void *ctx) {
  static const char sql[] = "SELECT c.run, coalesce(r.dir, ''), c.kind, c.name FROM wanted w JOIN claim c USING (kind, name)"
                            " LEFT JOIN run r ON r.id = c.run WHERE c.run <> ?1 ORDER BY c.run, c.kind, c.name";
  sqlite3_stmt *s = store_prepare(&l->store, sql, 1, &run, 0, NULL);
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW)
    each(ctx, (const char *)sqlite3_column_text(s, 0), (const char *)sqlite3_column_text(s, 1),
         (Member){(const char *)sqlite3_column_text(s, 2), (const char *)sqlite3_column_text(s, 3)});
  sqlite3_finalize(s);
  return code == SQLITE_DONE;
}

/* Whoever had them is asked for them no more, and may not have heard of it: see ledger_lost. */
static bool take_from_others(Ledger *l, const char *run) {
  static const char lose[] = "INSERT OR IGNORE INTO lost SELECT c.kind, c.name, c.run FROM wanted w JOIN claim c USING (kind, name) WHERE c.run <> ?1";
  return store_change(&l->store, lose, 1, &run, 0, NULL);
}

int ledger_preempt(Ledger *l, const char *run, const char *dir, const Member *members, uint32_t count, bool take, int64_t now, EachClaim *each, void *ctx) {
  const char *who[] = {run, dir};
  const char *claim = take ? "INSERT OR REPLACE INTO claim SELECT kind, name, ?1 FROM wanted" : "INSERT OR IGNORE INTO claim SELECT kind, name, ?1 FROM wanted";
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  bool ok = want(l, members, count) && each_conflict(l, run, each, ctx) &&
            store_change(&l->store, "INSERT OR IGNORE INTO run VALUES (?1, ?2, ?3)", 2, who, 1, &now) &&
            (!take || take_from_others(l, run)) && store_change(&l->store, claim, 1, &run, 0, NULL);
  return store_finish(&l->store, ok, true, 0);
}

int ledger_lost(Ledger *l, const char *run, Member m) {
  const char *row[] = {m.kind, m.name, run};
  int64_t rows = store_ask(&l->store, "SELECT count(*) FROM lost WHERE kind = ?1 AND name = ?2 AND run = ?3", 3, row, 0, NULL);
  return rows < 0 ? store_fail_sql(&l->store) : rows > 0;
}

int ledger_end(Ledger *l, const char *run) {
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  bool ok = store_change(&l->store, "DELETE FROM claim WHERE run = ?1", 1, &run, 0, NULL) &&
            store_change(&l->store, "DELETE FROM lost WHERE run = ?1", 1, &run, 0, NULL) &&
            store_change(&l->store, "DELETE FROM reserve WHERE run = ?1", 1, &run, 0, NULL) &&
            store_change(&l->store, "DELETE FROM work WHERE run = ?1", 1, &run, 0, NULL) &&
            store_change(&l->store, "DELETE FROM run WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM charge WHERE run = ?1 AND back IS NULL)", 1, &run, 0, NULL);
  return store_finish(&l->store, ok, true, 0);
}

/* ---- the budget ---- */

const Zone *ledger_zone(Ledger *l, const char *name) {
  if (l->zone_name && strcmp(l->zone_name, name) == 0) return l->zone;
  forget_zone(l);
  l->arena = arena_new();
  l->zone_name = xstrdup(name);
  l->zone = zone_load(l->arena, NULL, name, diag_sink_new(l->arena, NULL), (Span){0, 0});
  if (!l->zone) l->zone = zone_utc();
  return l->zone;
}

static void no_room(Buf *out, int64_t n, int64_t reserved, uint32_t most, const char *what) {
  buf_printf(out, "%lld of at most %u %s, of all runs", (long long)n, most, what);
  if (reserved > 0) buf_printf(out, ", and %lld more are reserved for others", (long long)reserved);
}

/* What is reserved for others is not there for this run, but for what it has reserved itself. */
static bool has_room(Ledger *l, const char *kind, const char *run, const BudgetLimits *limits, int64_t now, Buf *ret_why) {
  const Zone *zone = ledger_zone(l, limits->zone);
  int64_t from = zone_day_start(zone, zone_day(zone, now)), to = zone_day_start(zone, zone_day(zone, now) + 1);
  Spoken s;
  if (!ledger_spoken(l, kind, run, from, to, now, &s)) return false;
  int64_t out = store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND back IS NULL", 1, &kind, 0, NULL);
  int64_t others = s.own_out > 0 ? 0 : s.out;
  if (limits->at_once && out + others >= limits->at_once) {
    no_room(ret_why, out, others, limits->at_once, "are out");
    return false;
  }
  if (!limits->per_day) return true;
  int64_t today = store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND at >= ?2", 1, &kind, 1, &from);
  others = s.own_leaves > 0 ? 0 : s.leaves;
  if (today + others < limits->per_day) return true;
  no_room(ret_why, today, others, limits->per_day, "have left service today");
  return false;
}

int ledger_permit(Ledger *l, const char *run, Member m, const BudgetLimits *limits, int64_t now, Buf *ret_why) {
  const char *row[] = {m.kind, m.name, run};
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  int64_t open = store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND name = ?2 AND back IS NULL", 2, row, 0, NULL);
  if (open != 0) return store_finish(&l->store, open > 0, false, 1); /* out already, whoever took it out: it takes no more room */
  if (!has_room(l, m.kind, run, limits, now, ret_why)) return store_finish(&l->store, true, false, 0);
  return store_finish(&l->store, store_change(&l->store, "INSERT INTO charge (kind, name, run, at) VALUES (?1, ?2, ?3, ?4)", 3, row, 1, &now), true, 1);
}

int ledger_refund(Ledger *l, Member m, int64_t now, const char *by) {
  const char *row[] = {m.kind, m.name, by};
  int changed = 0;
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  bool ok = store_change(&l->store, "UPDATE charge SET by = ?3, back = ?4 WHERE kind = ?1 AND name = ?2 AND back IS NULL", 3, row, 1, &now);
  changed += sqlite3_changes(l->store.db);
  ok = ok && store_change(&l->store, "UPDATE aside SET by = ?3, back = ?4 WHERE kind = ?1 AND name = ?2 AND back IS NULL", 3, row, 1, &now);
  changed += sqlite3_changes(l->store.db);
  return store_finish(&l->store, ok, true, changed > 0);
}

#define UNDO "DELETE FROM charge WHERE kind = ?1 AND name = ?2 AND run = ?3 AND back IS NULL"
#define IF_CLAIMED " AND EXISTS (SELECT 1 FROM claim WHERE kind = ?1 AND name = ?2 AND run = ?3)"

int ledger_undo(Ledger *l, const char *run, Member m) {
  const char *row[] = {m.kind, m.name, run};
  return store_change(&l->store, UNDO, 3, row, 0, NULL) ? sqlite3_changes(l->store.db) > 0 : store_fail_sql(&l->store);
}

static int change_all(Ledger *l, const char *sql, const char *run, const Member *members, uint32_t count, uint32_t numbers, int64_t now) {
  bool ok = true;
  int changed = 0;
  if (count == 0) return 0;
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  for (uint32_t i = 0; i < count && ok; i++) {
    ok = store_change(&l->store, sql, 3, (const char *[]){members[i].kind, members[i].name, run}, numbers, &now);
    changed += ok ? sqlite3_changes(l->store.db) : 0;
  }
  return store_finish(&l->store, ok, changed > 0, changed);
}

int ledger_refund_again(Ledger *l, const char *run, const Member *members, uint32_t count, int64_t now) {
  return change_all(l, "UPDATE charge SET by = ?3, back = ?4 WHERE kind = ?1 AND name = ?2 AND back IS NULL" IF_CLAIMED, run, members, count, 1, now);
}

int ledger_undo_again(Ledger *l, const char *run, const Member *members, uint32_t count) {
  return change_all(l, UNDO IF_CLAIMED, run, members, count, 0, 0);
}

/* ---- to look at ---- */

int ledger_runs(Ledger *l, EachHolding *each, void *ctx) {
  static const char sql[] = "SELECT r.id, r.dir, (SELECT count(*) FROM claim c WHERE c.run = r.id),"
                            " (SELECT count(*) FROM charge h WHERE h.run = r.id AND h.back IS NULL), r.since FROM run r ORDER BY r.since, r.id";
  sqlite3_stmt *s = store_prepare(&l->store, sql, 0, NULL, 0, NULL);
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) {
    Holding h = {(const char *)sqlite3_column_text(s, 0), (const char *)sqlite3_column_text(s, 1), (uint32_t)sqlite3_column_int64(s, 2),
                 (uint32_t)sqlite3_column_int64(s, 3), sqlite3_column_int64(s, 4)};
    each(ctx, &h);
  }
  sqlite3_finalize(s);
  return code == SQLITE_DONE ? 0 : store_fail_sql(&l->store);
}

int ledger_out(Ledger *l, EachOut *each, void *ctx) {
  sqlite3_stmt *s = store_prepare(&l->store, "SELECT kind, name, run, at FROM charge WHERE back IS NULL ORDER BY at, kind, name", 0, NULL, 0, NULL);
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) {
    Member m = {(const char *)sqlite3_column_text(s, 0), (const char *)sqlite3_column_text(s, 1)};
    each(ctx, m, (const char *)sqlite3_column_text(s, 2), sqlite3_column_int64(s, 3));
  }
  sqlite3_finalize(s);
  return code == SQLITE_DONE ? 0 : store_fail_sql(&l->store);
}
