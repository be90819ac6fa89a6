/* intake_read: incidents as they stand. */
#include <config.h>

#include "runtime/intake_sql.h"

#define COLUMNS \
  "SELECT i.id, i.name, i.key, i.content, i.way, i.at, i.state, i.member, i.leader, ifnull(i.run, l.run), i.over, i.done, i.begun, i.ended, i.why, i.blocker" \
  " FROM incident i LEFT JOIN incident l ON l.id = i.leader "

static Incident row(sqlite3_stmt *s, Arena *a) {
  return (Incident){.id = (uint64_t)sqlite3_column_int64(s, 0), .name = store_text(s, 1, a), .key = store_text(s, 2, a), .content = store_text(s, 3, a),
                    .way = store_text(s, 4, a), .at = sqlite3_column_int64(s, 5), .state = (IncidentState)sqlite3_column_int(s, 6),
                    .member = store_text(s, 7, a), .leader = (uint64_t)sqlite3_column_int64(s, 8), .run = store_text(s, 9, a),
                    .over = sqlite3_column_int(s, 10) != 0, .done = sqlite3_column_int(s, 11) != 0, .begun = sqlite3_column_int64(s, 12),
                    .ended = sqlite3_column_int64(s, 13), .why = store_text(s, 14, a), .blocker = store_text(s, 15, a)};
}

int intake_get(Intake *in, uint64_t id, Arena *arena, Incident *ret) {
  const int64_t number = (int64_t)id;
  sqlite3_stmt *s = store_prepare(&in->store, COLUMNS "WHERE i.id = ?1", 0, NULL, 1, &number);
  int code = s ? sqlite3_step(s) : SQLITE_ERROR;
  if (code == SQLITE_ROW) *ret = row(s, arena);
  sqlite3_finalize(s);
  return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : store_fail_sql(&in->store);
}

static int collect(Intake *in, sqlite3_stmt *s, Arena *arena, IncidentList *ret) {
  VEC(Incident) all = {0};
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) vec_push(&all, row(s, arena));
  sqlite3_finalize(s);
  *ret = (IncidentList){arena_copy(arena, all.items, all.len * sizeof *all.items), all.len};
  vec_done(&all);
  return code == SQLITE_DONE ? 0 : store_fail_sql(&in->store);
}

int intake_list(Intake *in, const char *name, IncidentsWanted wanted, uint32_t last, Arena *arena, IncidentList *ret) {
  static const char *const sql[] = {
      COLUMNS "WHERE i.state < 2 AND (?1 IS NULL OR i.name = ?1) ORDER BY i.id",
      COLUMNS "WHERE i.state = 2 AND (?1 IS NULL OR i.name = ?1) ORDER BY i.id",
      COLUMNS "WHERE i.id IN (SELECT id FROM incident WHERE ?1 IS NULL OR name = ?1 ORDER BY id DESC LIMIT ?2) ORDER BY i.id",
      COLUMNS "WHERE i.state = 3 AND i.told = 0 AND l.state IN (2, 5) AND (?1 IS NULL OR i.name = ?1) ORDER BY i.id"};
  const int64_t most = last ? (int64_t)last : -1;
  return collect(in, store_prepare(&in->store, sql[wanted], 1, &name, wanted == INCIDENTS_ALL ? 1u : 0u, &most), arena, ret);
}

int intake_next(Intake *in, const char *name, IncidentState state, uint64_t after, uint32_t most, Arena *arena, IncidentList *ret) {
  const int64_t number[] = {state, (int64_t)after, most};
  return collect(in, store_prepare(&in->store, COLUMNS "WHERE i.state = ?2 AND i.name = ?1 AND i.id > ?3 ORDER BY i.id LIMIT ?4", 1, &name, 3, number), arena, ret);
}

int intake_contents(Intake *in, void (*each)(void *ctx, const char *content), void *ctx) {
  sqlite3_stmt *s = store_prepare(&in->store, "SELECT content FROM incident", 0, NULL, 0, NULL);
  int code = SQLITE_ERROR;
  while (s && (code = sqlite3_step(s)) == SQLITE_ROW) each(ctx, (const char *)sqlite3_column_text(s, 0));
  sqlite3_finalize(s);
  return code == SQLITE_DONE ? 0 : store_fail_sql(&in->store);
}
