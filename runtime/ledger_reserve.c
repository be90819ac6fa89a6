/* ledger_reserve: what is set apart for runs before they take it. A plan counts, on a day, with what it has reserved for it or
 * with what its run has out by now, whichever is more; members of runs that have ended and are not back count every day. */
#include <config.h>

#include "runtime/ledger_core.h"

#include <stdio.h>
#include <string.h>

#define DAYS_AHEAD 366

/* ---- what others have ---- */

typedef struct Claimed { int64_t out, leaves; } Claimed;

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t open_of(Ledger *l, const char *kind, const char *run) {
  return store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND run = ?2 AND back IS NULL", 2, (const char *[]){kind, run}, 0, NULL);
}

static int64_t left_of(Ledger *l, const char *kind, const char *run, int64_t from, int64_t to) {
  return store_ask(&l->store, "SELECT count(*) FROM charge WHERE kind = ?1 AND run = ?2 AND at >= ?3 AND at < ?4", 2, (const char *[]){kind, run}, 2,
                    (int64_t[]){from, to});
}

/* Another plan, on this day. */
static Claimed claimed_by(Ledger *l, const char *kind, const char *plan, const char *run, const ReserveDay *day, int64_t now) {
  const char *who[] = {kind, plan, run};
  int64_t span[] = {day->from, day->to};
  bool today = day->from <= now && now < day->to;
  Claimed c = {larger(0, store_ask(&l->store, "SELECT max(out) FROM reserve WHERE kind = ?1 AND plan = ?2 AND run = ?3 AND day < ?5 AND day_end > ?4", 3, who, 2, span)),
               larger(0, store_ask(&l->store, "SELECT sum(leaves) FROM reserve WHERE kind = ?1 AND plan = ?2 AND run = ?3 AND day < ?5 AND day_end > ?4", 3, who, 2, span))};
  if (c.out > 0 || today) c.out = larger(c.out, open_of(l, kind, run));
  c.leaves = larger(c.leaves, left_of(l, kind, run, day->from, day->to));
  return c;
}

/* Of runs that have no reservation: those that have ended leave behind what is not back. */
static Claimed left_behind(Ledger *l, const char *kind, const char *own, const ReserveDay *day) {
  static const char nobody[] = " AND run <> ?2 AND run NOT IN (SELECT run FROM reserve)";
  char out[200], leaves[200];
  const char *who[] = {kind, own};
  snprintf(out, sizeof out, "SELECT count(*) FROM charge WHERE kind = ?1 AND back IS NULL%s", nobody);
  snprintf(leaves, sizeof leaves, "SELECT count(*) FROM charge WHERE kind = ?1 AND at >= ?3 AND at < ?4%s", nobody);
  return (Claimed){store_ask(&l->store, out, 2, who, 0, NULL), store_ask(&l->store, leaves, 2, who, 2, (int64_t[]){day->from, day->to})};
}

static void hold(ReserveRefusal *to, ReserveHolder h, bool at_once, Claimed c) {
  h.amount = at_once ? c.out : c.leaves;
  if (h.amount > 0 && to->holder_count < RESERVE_HOLDERS) to->holders[to->holder_count++] = h;
}

static const char others[] = "SELECT DISTINCT v.plan, v.title, v.run, coalesce(r.dir, '') FROM reserve v LEFT JOIN run r ON r.id = v.run"
                             " WHERE v.kind = ?1 AND NOT (v.plan = ?2 AND v.run IN ('', ?3)) ORDER BY v.at, v.plan";

/* The sum over all others; with a refusal, who they are. */
static bool claimed(Ledger *l, const Reservation *r, const ReserveDay *day, int64_t now, Arena *arena, ReserveRefusal *ret, Claimed *sum) {
  sqlite3_stmt *s = store_prepare(&l->store, others, 3, (const char *[]){r->kind, r->plan, r->run}, 0, NULL);
  int code = SQLITE_ERROR;
  *sum = left_behind(l, r->kind, r->run, day);
  if (ret) hold(ret, (ReserveHolder){"", "", "", "", 0}, ret->at_once, *sum);
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) {
    ReserveHolder h = {store_text(s, 0, arena), store_text(s, 1, arena), store_text(s, 2, arena), store_text(s, 3, arena), 0};
    Claimed c = claimed_by(l, r->kind, h.plan, h.run, day, now);
    if (ret) hold(ret, h, ret->at_once, c);
    sum->out += c.out, sum->leaves += c.leaves;
  }
  sqlite3_finalize(s);
  return code == SQLITE_DONE;
}

/* ---- room ---- */

typedef enum Room { ROOM, NO_ROOM_OUT, NO_ROOM_LEAVE, ROOM_ERROR } Room;

static Room room_on(Ledger *l, const Reservation *r, const ReserveDay *day, int64_t now, Arena *arena) {
  Claimed c;
  if (!claimed(l, r, day, now, arena, NULL, &c)) return ROOM_ERROR;
  if (r->limits.at_once && c.out + day->out > r->limits.at_once) return NO_ROOM_OUT;
  return r->limits.per_day && c.leaves + day->leaves > r->limits.per_day ? NO_ROOM_LEAVE : ROOM;
}

/* The same days, so many later. */
static ReserveDay shifted(const Zone *zone, const ReserveDay *day, int32_t by) {
  int32_t n = zone_day(zone, day->from) + by;
  return (ReserveDay){zone_day_start(zone, n), zone_day_start(zone, n + 1), day->out, day->leaves};
}

static int64_t next_room(Ledger *l, const Reservation *r, int64_t now, Arena *arena) {
  const Zone *zone = ledger_zone(l, r->limits.zone);
  for (int32_t by = 1; by <= DAYS_AHEAD; by++) {
    Room room = ROOM;
    for (uint32_t i = 0; i < r->count && room == ROOM; i++) {
      ReserveDay day = shifted(zone, &r->days[i], by);
      room = room_on(l, r, &day, now, arena);
    }
    if (room == ROOM) return shifted(zone, &r->days[0], by).from;
    if (room == ROOM_ERROR) break;
  }
  return INT64_MAX;
}

static bool refuse(Ledger *l, const Reservation *r, const ReserveDay *day, Room room, int64_t now, Arena *arena, ReserveRefusal *ret) {
  Claimed sum;
  *ret = (ReserveRefusal){.day = *day, .at_once = room == NO_ROOM_OUT};
  if (!claimed(l, r, day, now, arena, ret, &sum)) return false;
  ret->taken = ret->at_once ? sum.out : sum.leaves;
  ret->next = next_room(l, r, now, arena);
  return true;
}

static bool insert(Ledger *l, const Reservation *r, const ReserveDay *d, int64_t now) {
  return store_change(&l->store, "INSERT INTO reserve (plan, title, run, kind, day, day_end, out, leaves, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                       4, (const char *[]){r->plan, r->title, r->run, r->kind}, 5, (int64_t[]){d->from, d->to, d->out, d->leaves, now});
}

int ledger_reserve(Ledger *l, const Reservation *r, int64_t now, Arena *arena, ReserveRefusal *ret) {
  if (!store_begin(&l->store)) return store_fail_sql(&l->store);
  for (uint32_t i = 0; i < r->count; i++) {
    Room room = room_on(l, r, &r->days[i], now, arena);
    if (room == ROOM) continue;
    bool ok = room != ROOM_ERROR && refuse(l, r, &r->days[i], room, now, arena, ret);
    return store_finish(&l->store, ok, false, 0);
  }
  bool ok = store_change(&l->store, "DELETE FROM reserve WHERE plan = ?1 AND run IN ('', ?2)", 2, (const char *[]){r->plan, r->run}, 0, NULL);
  for (uint32_t i = 0; i < r->count && ok; i++) ok = insert(l, r, &r->days[i], now);
  return store_finish(&l->store, ok, true, 1);
}

int ledger_release(Ledger *l, const char *plan) {
  if (!store_change(&l->store, "DELETE FROM reserve WHERE run = '' AND substr(plan, 1, length(?1)) = ?1", 1, &plan, 0, NULL)) return store_fail_sql(&l->store);
  return sqlite3_changes(l->store.db);
}

/* ---- for who asks for room now ---- */

bool ledger_spoken(Ledger *l, const char *kind, const char *run, int64_t day_from, int64_t day_to, int64_t now, Spoken *ret) {
  static const char sql[] = "SELECT v.run, max(CASE WHEN v.day <= ?2 AND v.day_end > ?2 THEN v.out ELSE 0 END), sum(v.leaves) FROM reserve v"
                            " WHERE v.kind = ?1 AND v.day < ?4 AND v.day_end > ?3 GROUP BY v.plan, v.run";
  sqlite3_stmt *s = store_prepare(&l->store, sql, 1, &kind, 3, (int64_t[]){now, day_from, day_to});
  int code = SQLITE_ERROR;
  *ret = (Spoken){0};
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) {
    const char *who = (const char *)sqlite3_column_text(s, 0);
    int64_t out = larger(0, sqlite3_column_int64(s, 1) - open_of(l, kind, who));
    int64_t leaves = larger(0, sqlite3_column_int64(s, 2) - left_of(l, kind, who, day_from, day_to));
    bool own = *run && strcmp(who, run) == 0;
    *(own ? &ret->own_out : &ret->out) += out;
    *(own ? &ret->own_leaves : &ret->leaves) += leaves;
  }
  sqlite3_finalize(s);
  return code == SQLITE_DONE;
}

/* ---- to look at ---- */

int ledger_reserved(Ledger *l, int64_t now, EachReserved *each, void *ctx) {
  static const char sql[] = "SELECT v.plan, v.title, v.run, coalesce(r.dir, ''), v.kind, min(v.day), max(v.day_end), count(*), max(v.out), max(v.leaves), v.at"
                            " FROM reserve v LEFT JOIN run r ON r.id = v.run WHERE v.day_end > ?1 GROUP BY v.plan, v.run, v.kind ORDER BY v.at, v.plan";
  sqlite3_stmt *s = store_prepare(&l->store, sql, 0, NULL, 1, &now);
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) {
    Reserved r = {.plan = (const char *)sqlite3_column_text(s, 0), .title = (const char *)sqlite3_column_text(s, 1),
                  .run = (const char *)sqlite3_column_text(s, 2), .dir = (const char *)sqlite3_column_text(s, 3),
                  .kind = (const char *)sqlite3_column_text(s, 4), .days = (uint32_t)sqlite3_column_int64(s, 7), .at = sqlite3_column_int64(s, 10),
                  .most = {sqlite3_column_int64(s, 5), sqlite3_column_int64(s, 6), (uint32_t)sqlite3_column_int64(s, 8), (uint32_t)sqlite3_column_int64(s, 9)}};
    each(ctx, &r);
  }
  sqlite3_finalize(s);
  return code == SQLITE_DONE ? 0 : store_fail_sql(&l->store);
}
