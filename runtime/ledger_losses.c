/* ledger_losses: see ledger_losses.h. The containers of what is counted stand beside it, so that a count needs no fleet. */
#include <config.h>

#include "runtime/ledger_core.h"
#include "runtime/ledger_losses.h"

#include <string.h>

#define IN_SCOPE " AND (?3 = '' OR EXISTS (SELECT 1 FROM part p WHERE p.kind = x.kind AND p.name = x.name AND p.up_kind = ?3 AND p.up = ?4))"

static const char lost_today[] = "SELECT count(*) FROM aside x WHERE x.kind = ?1 AND x.run <> ?2" IN_SCOPE " AND x.at >= ?5";
/* What the run has lost too counts with the run. */
static const char lost_still[] = "SELECT count(DISTINCT x.name) FROM aside x WHERE x.kind = ?1 AND x.run <> ?2" IN_SCOPE " AND x.back IS NULL"
                                 " AND NOT EXISTS (SELECT 1 FROM aside o WHERE o.kind = x.kind AND o.name = x.name AND o.run = ?2 AND o.back IS NULL)";
static const char work_of_others[] = "SELECT count(DISTINCT x.name) FROM work x WHERE x.kind = ?1 AND x.run <> ?2" IN_SCOPE;

/* ---- counting ---- */

static int64_t count(Ledger *l, const char *sql, const RiskQuestion *q, int64_t from) {
  const char *text[] = {q->scope.kind, q->run, q->scope.within.kind, q->scope.within.name};
  return store_ask(&l->store, sql, 4, text, from != INT64_MIN, &from);
}

/* One of the others, by name: who is asked about it. */
static void name_other(Ledger *l, const char *table, const RiskQuestion *q, Buf *out) {
  Buf sql = BUF_INIT;
  buf_printf(&sql, "SELECT x.run FROM %s x WHERE x.kind = ?1 AND x.run <> ?2" IN_SCOPE " ORDER BY x.seq DESC LIMIT 1", table);
  const char *text[] = {q->scope.kind, q->run, q->scope.within.kind, q->scope.within.name};
  sqlite3_stmt *s = store_prepare(&l->store, sql.data, 4, text, 0, NULL);
  if (s && sqlite3_step(s) == SQLITE_ROW) buf_printf(out, ", as by run %s", (const char *)sqlite3_column_text(s, 0));
  sqlite3_finalize(s);
  buf_done(&sql);
}

static void say(const RiskQuestion *q, int64_t lost, int64_t others, int64_t at_work, Buf *out) {
  buf_printf(out, "%lld %s set aside", (long long)(lost + others), lost + others == 1 ? q->scope.kind : q->scope.plural);
  if (q->scope.day_zone) buf_str(out, " today");
  if (*q->scope.within.kind) buf_printf(out, " in %s %s", q->scope.within.kind, q->scope.within.name);
  if (others > 0) buf_printf(out, ", %lld of them by other runs", (long long)others);
  if (at_work > 0) buf_printf(out, ", and other runs have %lld at work there", (long long)at_work);
  buf_printf(out, "; of all runs at most %lld may be lost", (long long)q->amount);
}

/* ---- at work ---- */

static bool keep_parts(Ledger *l, const LossUnit *u) {
  bool ok = true;
  for (uint32_t i = 0; i < u->within_count && ok; i++)
    ok = store_change(&l->store, "INSERT OR REPLACE INTO part VALUES (?1, ?2, ?3, ?4)", 4,
                      (const char *[]){u->member.kind, u->member.name, u->within[i].kind, u->within[i].name}, 0, NULL);
  return ok;
}

static bool begin_work(Ledger *l, const RiskQuestion *q) {
  const char *row[] = {q->run, q->member, q->unit.member.kind, q->unit.member.name};
  return keep_parts(l, &q->unit) &&
         store_change(&l->store, "INSERT OR REPLACE INTO work (run, member, kind, name, seq) VALUES (?1, ?2, ?3, ?4, ?5)", 4, row, 1, (int64_t[]){(int64_t)q->seq});
}

int ledger_risk(Ledger *l, const RiskQuestion *q, int64_t now, Buf *ret_why) {
  int64_t from = INT64_MIN;
  if (q->scope.day_zone) {
    const Zone *zone = ledger_zone(l, q->scope.day_zone);
    from = zone_day_start(zone, zone_day(zone, now));
  }
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  int64_t others = count(l, q->scope.day_zone ? lost_today : lost_still, q, from), at_work = count(l, work_of_others, q, INT64_MIN);
  if (others < 0 || at_work < 0) return store_finish(&l->store, false, false, 0);
  Risk risk = q->own + others > q->amount ? RISK_PASSED : !q->only_look && q->own + others + at_work > q->amount ? RISK_WAITS : RISK_MAY_START;
  if (risk != RISK_MAY_START) {
    say(q, q->own, others, risk == RISK_WAITS ? at_work : 0, ret_why);
    if (risk == RISK_WAITS || others > 0) name_other(l, risk == RISK_WAITS ? "work" : "aside", q, ret_why);
  }
  bool keep = risk == RISK_MAY_START && !q->only_look;
  return store_finish(&l->store, !keep || begin_work(l, q), keep, (int)risk);
}

int ledger_through(Ledger *l, const char *run, const char *member, uint64_t seq) {
  const char *who[] = {run, member};
  return store_change(&l->store, "DELETE FROM work WHERE run = ?1 AND member = ?2 AND seq < ?3", 2, who, 1, (int64_t[]){(int64_t)seq}) ? 0 : store_fail_sql(&l->store);
}

/* ---- lost ---- */

static bool lose(Ledger *l, const char *run, uint64_t seq, const LossUnit *u, bool still, int64_t at) {
  static const char sql[] = "INSERT OR IGNORE INTO aside (kind, name, run, seq, at, back) VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN ?6 THEN NULL ELSE ?5 END)";
  const char *row[] = {u->member.kind, u->member.name, run};
  return keep_parts(l, u) && store_change(&l->store, sql, 3, row, 3, (int64_t[]){(int64_t)seq, at, still});
}

int ledger_set_aside(Ledger *l, const char *run, uint64_t seq, const LossUnit *units, uint32_t count, bool still, int64_t at) {
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  bool ok = true;
  for (uint32_t i = 0; i < count && ok; i++) ok = lose(l, run, seq, &units[i], still, at);
  return store_finish(&l->store, ok, true, 0);
}

int ledger_in_again(Ledger *l, const char *run, uint64_t seq, const Member *units, uint32_t count, bool never, int64_t now) {
  const char *sql = never ? "DELETE FROM aside WHERE kind = ?1 AND name = ?2 AND run = ?3 AND seq < ?4 AND back IS NULL"
                          : "UPDATE aside SET back = ?5, by = ?3 WHERE kind = ?1 AND name = ?2 AND run = ?3 AND seq < ?4 AND back IS NULL";
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  bool ok = true;
  for (uint32_t i = 0; i < count && ok; i++)
    ok = store_change(&l->store, sql, 3, (const char *[]){units[i].kind, units[i].name, run}, never ? 1 : 2, (int64_t[]){(int64_t)seq, now});
  return store_finish(&l->store, ok, true, 0);
}

/* ---- to look at ---- */

int ledger_aside_since(Ledger *l, int64_t since, EachLost *each, void *ctx) {
  static const char sql[] = "SELECT kind, name, run, at, back IS NULL FROM aside WHERE back IS NULL OR at >= ?1 ORDER BY at, kind, name";
  sqlite3_stmt *s = store_prepare(&l->store, sql, 0, NULL, 1, &since);
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) {
    Member m = {(const char *)sqlite3_column_text(s, 0), (const char *)sqlite3_column_text(s, 1)};
    each(ctx, m, (const char *)sqlite3_column_text(s, 2), sqlite3_column_int64(s, 3), sqlite3_column_int(s, 4) != 0);
  }
  sqlite3_finalize(s);
  return code == SQLITE_DONE ? 0 : store_fail_sql(&l->store);
}

int ledger_at_work(Ledger *l, EachAtWork *each, void *ctx) {
  static const char sql[] = "SELECT w.run, coalesce(r.dir, ''), count(DISTINCT w.member) FROM work w LEFT JOIN run r ON r.id = w.run GROUP BY w.run ORDER BY w.run";
  sqlite3_stmt *s = store_prepare(&l->store, sql, 0, NULL, 0, NULL);
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW)
    each(ctx, (const char *)sqlite3_column_text(s, 0), (const char *)sqlite3_column_text(s, 1), (uint32_t)sqlite3_column_int64(s, 2));
  sqlite3_finalize(s);
  return code == SQLITE_DONE ? 0 : store_fail_sql(&l->store);
}
