/* ledger: SQLite does the locking; IMMEDIATE transactions make look-and-take one step over all processes. */
#include <config.h>

#include "runtime/ledger.h"

#include "runtime/calendar.h"
#include "runtime/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEDGER_FORMAT "1"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);"
    "INSERT OR IGNORE INTO meta VALUES ('format', '" LEDGER_FORMAT "');"
    "CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, dir TEXT NOT NULL, since INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS claim (kind TEXT, name TEXT, run TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS charge (kind TEXT, name TEXT, run TEXT NOT NULL, at INTEGER NOT NULL, back INTEGER, by TEXT);"
    "CREATE UNIQUE INDEX IF NOT EXISTS open_charge ON charge (kind, name) WHERE back IS NULL;"
    "CREATE INDEX IF NOT EXISTS charge_at ON charge (kind, at);";

struct Ledger {
  Store store;
  Arena *arena;           /* of the zone */
  const Zone *zone;       /* of the last limit per day: its file is read once; NULL none yet */
  char *zone_name;
};

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

static bool want(Ledger *l, const Member *members, uint32_t count) {
  sqlite3_stmt *s;
  if (!store_exec(&l->store, "CREATE TEMP TABLE IF NOT EXISTS wanted (kind TEXT, name TEXT, PRIMARY KEY (kind, name)) WITHOUT ROWID; DELETE FROM wanted") ||
      sqlite3_prepare_v2(l->store.db, "INSERT OR IGNORE INTO wanted VALUES (?1, ?2)", -1, &s, NULL) != SQLITE_OK)
    return false;
  bool ok = true;
  for (uint32_t i = 0; i < count && ok; i++) {
    sqlite3_bind_text(s, 1, members[i].kind, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, members[i].name, -1, SQLITE_STATIC);
    ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
  }
  sqlite3_finalize(s);
  return ok;
}

int ledger_claim(Ledger *l, const char *run, const char *dir, const Member *members, uint32_t count, int64_t now, Arena *arena,
                 Conflict *ret_conflict) {
  const char *who[] = {run, dir};
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  bool ok = want(l, members, count);
  if (ok && find_conflict(l, run, arena, ret_conflict)) return store_finish(&l->store, true, false, 0);
  ok = ok && store_change(&l->store, "INSERT OR REPLACE INTO run VALUES (?1, ?2, ?3)", 2, who, 1, &now) &&
       store_change(&l->store, "INSERT OR IGNORE INTO claim SELECT kind, name, ?1 FROM wanted", 1, &run, 0, NULL);
  return store_finish(&l->store, ok, true, 1);
}

int ledger_end(Ledger *l, const char *run) {
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  bool ok = store_change(&l->store, "DELETE FROM claim WHERE run = ?1", 1, &run, 0, NULL) &&
            store_change(&l->store, "DELETE FROM run WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM charge WHERE run = ?1 AND back IS NULL)", 1, &run, 0, NULL);
  return store_finish(&l->store, ok, true, 0);
}

/* ---- the budget ---- */

/* A zone that this machine does not know counts as UTC. */
static const Zone *zone_of(Ledger *l, const char *name) {
  if (l->zone_name && strcmp(l->zone_name, name) == 0) return l->zone;
  forget_zone(l);
  l->arena = arena_new();
  l->zone_name = xstrdup(name);
  l->zone = zone_load(l->arena, NULL, name, diag_sink_new(l->arena, NULL), (Span){0, 0});
  if (!l->zone) l->zone = zone_utc();
  return l->zone;
}

/* The instant at which the local day of `now` began. */
static int64_t day_began(Ledger *l, const char *zone_name, int64_t now) {
  const Zone *zone = zone_of(l, zone_name);
  return zone_day_start(zone, zone_day(zone, now));
}

static bool has_room(Ledger *l, const char *kind, const BudgetLimits *limits, int64_t now, Buf *ret_why) {
  int64_t out = store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND back IS NULL", 1, &kind, 0, NULL);
  if (limits->at_once && out >= limits->at_once) {
    buf_printf(ret_why, "%lld of at most %u are out, of all runs", (long long)out, limits->at_once);
    return false;
  }
  if (!limits->per_day) return true;
  int64_t from = day_began(l, limits->zone, now);
  int64_t today = store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND at >= ?2", 1, &kind, 1, &from);
  if (today < limits->per_day) return true;
  buf_printf(ret_why, "%lld of at most %u have left service today, of all runs", (long long)today, limits->per_day);
  return false;
}

int ledger_permit(Ledger *l, const char *run, Member m, const BudgetLimits *limits, int64_t now, Buf *ret_why) {
  const char *row[] = {m.kind, m.name, run};
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  int64_t open = store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND name = ?2 AND back IS NULL", 2, row, 0, NULL);
  if (open != 0) return store_finish(&l->store, open > 0, false, 1); /* out already, whoever took it out: it takes no more room */
  if (!has_room(l, m.kind, limits, now, ret_why)) return store_finish(&l->store, true, false, 0);
  return store_finish(&l->store, store_change(&l->store, "INSERT INTO charge (kind, name, run, at) VALUES (?1, ?2, ?3, ?4)", 3, row, 1, &now), true, 1);
}

int ledger_refund(Ledger *l, Member m, int64_t now, const char *by) {
  const char *row[] = {m.kind, m.name, by};
  if (store_change(&l->store, "UPDATE charge SET by = ?3, back = ?4 WHERE kind = ?1 AND name = ?2 AND back IS NULL", 3, row, 1, &now))
    return sqlite3_changes(l->store.db) > 0;
  return store_fail_sql(&l->store);
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
