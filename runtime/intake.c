/* intake: arrivals and decisions. */
#include <config.h>

#include "runtime/intake_sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTAKE_FORMAT "1"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);"
    "INSERT OR IGNORE INTO meta VALUES ('format', '" INTAKE_FORMAT "');"
    "CREATE TABLE IF NOT EXISTS incident (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE,"
    " content TEXT NOT NULL, way TEXT NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL, member TEXT, leader INTEGER, run TEXT,"
    " over INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0,"
    " acted INTEGER NOT NULL DEFAULT 1, told INTEGER NOT NULL DEFAULT 0, begun INTEGER, ended INTEGER, why TEXT, blocker TEXT);"
    "CREATE INDEX IF NOT EXISTS incident_open ON incident (state, name) WHERE state < 3;"
    "CREATE INDEX IF NOT EXISTS incident_member ON incident (name, member);"
    "CREATE INDEX IF NOT EXISTS incident_untold ON incident (name) WHERE state = 3 AND told = 0;"
    "CREATE INDEX IF NOT EXISTS incident_leader ON incident (leader) WHERE leader IS NOT NULL;";

const char *incident_state_text(IncidentState s) {
  static const char *const texts[] = {"received", "waiting", "started", "joined", "refused", "ended"};
  return (unsigned)s < INCIDENT_STATE_COUNT ? texts[s] : "?";
}

const char *intake_why(const Intake *in) { return in->store.why; }

int intake_open(const char *path, Intake **ret, Buf *ret_why) {
  Intake *in = xcalloc(1, sizeof *in);
  int r = store_open(&in->store, path, "queue of incidents", schema, INTAKE_FORMAT);
  if (r < 0) {
    buf_str(ret_why, in->store.why);
    intake_close(in);
    return r;
  }
  *ret = in;
  return 0;
}

void intake_close(Intake *in) {
  if (!in) return;
  store_close(&in->store);
  free(in);
}

/* ---- arrivals ---- */

static int known(Intake *in, const Arrival *a, uint64_t *ret_id) {
  const char *text[] = {a->key, a->name, a->content};
  int64_t id = store_ask(&in->store, "SELECT id FROM incident WHERE key = ?1", 1, text, 0, NULL);
  if (id < 0) return 1;
  *ret_id = (uint64_t)id;
  if (store_ask(&in->store, "SELECT id FROM incident WHERE key = ?1 AND name = ?2 AND content = ?3", 3, text, 0, NULL) == id) return 0;
  return store_fail(&in->store, EEXIST, "the key belongs to another incident");
}

int intake_receive(Intake *in, const Arrival *a, uint64_t *ret_id) {
  const char *text[] = {a->name, a->key, a->content, a->way};
  const int64_t number[] = {a->at, INCIDENT_RECEIVED};
  if (!store_begin(&in->store)) return store_fail_sql(&in->store);
  int r = known(in, a, ret_id);
  if (r <= 0) return store_finish(&in->store, true, false, r);
  bool ok = store_change(&in->store, "INSERT INTO incident (name, key, content, way, at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", 4, text, 2, number);
  *ret_id = (uint64_t)sqlite3_last_insert_rowid(in->store.db);
  return store_finish(&in->store, ok, true, 1);
}

/* ---- decisions ---- */

static bool to_decide(const Incident *i) { return i->state == INCIDENT_RECEIVED || i->state == INCIDENT_WAITING; }

/* What is known of the member before this incident. False: the file cannot be read. */
static bool look(Intake *in, const Incident *i, const char *member, const DeskLimits *limits, int64_t now, DeskView *ret, uint64_t *ret_leader) {
  static const char before[] = "SELECT id, state, ifnull(begun, 0), done FROM incident WHERE name = ?1 AND member = ?2 AND id < ?3 AND state IN (1, 2, 5)"
                               " ORDER BY id DESC LIMIT 1";
  const char *who[] = {i->name, member};
  const int64_t id = (int64_t)i->id, since = now - limits->per;
  sqlite3_stmt *s = store_prepare(&in->store, before, 2, who, 1, &id);
  int code = s ? sqlite3_step(s) : SQLITE_ERROR;
  *ret = (DeskView){.before = code == SQLITE_ROW};
  if (ret->before) {
    *ret_leader = (uint64_t)sqlite3_column_int64(s, 0);
    ret->waits = sqlite3_column_int(s, 1) == INCIDENT_WAITING;
    ret->begun = sqlite3_column_int64(s, 2);
    ret->vain = sqlite3_column_int(s, 1) == INCIDENT_ENDED && !sqlite3_column_int(s, 3);
  }
  sqlite3_finalize(s);
  int64_t going = store_ask(&in->store, "SELECT count(*) FROM incident WHERE name = ?1 AND member = ?2 AND state = 2", 2, who, 0, NULL);
  int64_t open = store_ask(&in->store, "SELECT count(*) FROM incident WHERE state = 2 AND name = ?1", 1, who, 0, NULL);
  int64_t lately = store_ask(&in->store, "SELECT count(*) FROM incident WHERE name = ?1 AND member = ?2 AND begun > ?3 AND acted", 2, who, 1, &since);
  ret->going = going > 0;
  ret->open = (uint32_t)open;
  ret->lately = (uint32_t)lately;
  return (code == SQLITE_ROW || code == SQLITE_DONE) && going >= 0 && open >= 0 && lately >= 0;
}

static const char *waits_for(const DeskView *v, const DeskLimits *limits, DeskVerdict verdict, const char *member, Arena *arena) {
  if (verdict == DESK_WAIT_ROOM) return arena_printf(arena, "%u of at most %u runs go on", v->open, limits->at_once);
  if (v->going) return arena_printf(arena, "another run about %s goes on", member);
  return arena_printf(arena, "an earlier incident of %s is before it", member);
}

static bool set(Intake *in, uint64_t id, IncidentState state, const char *member, const char *why) {
  static const char sql[] = "UPDATE incident SET member = ?1, why = ?2, blocker = NULL, state = ?3 WHERE id = ?4";
  const char *text[] = {member, why};
  const int64_t number[] = {state, (int64_t)id};
  return store_change(&in->store, sql, 2, text, 2, number);
}

static bool start(Intake *in, uint64_t id, const char *member, bool over, int64_t now, const char *run) {
  static const char sql[] = "UPDATE incident SET member = ?1, run = ?2, why = NULL, blocker = NULL, state = ?3, over = ?4, begun = ?5 WHERE id = ?6";
  const char *text[] = {member, run};
  const int64_t number[] = {INCIDENT_STARTED, over, now, (int64_t)id};
  return store_change(&in->store, sql, 2, text, 4, number);
}

static bool join(Intake *in, uint64_t id, const char *member, uint64_t leader) {
  static const char sql[] = "UPDATE incident SET member = ?1, why = NULL, blocker = NULL, state = ?2, leader = ?3 WHERE id = ?4";
  const int64_t number[] = {INCIDENT_JOINED, (int64_t)leader, (int64_t)id};
  return store_change(&in->store, sql, 1, &member, 3, number);
}

/* 1: it was changed, 0: it waits as before; or a negative errno. Inside a transaction. */
static int decide(Intake *in, const Incident *i, const char *member, const DeskLimits *limits, int64_t now, const char *run, Arena *arena) {
  DeskView view;
  uint64_t leader = 0;
  bool ok = look(in, i, member, limits, now, &view, &leader);
  if (!ok) return store_fail_sql(&in->store);
  DeskVerdict verdict = desk_decide(limits, &view, i->at);
  const char *why;
  switch (verdict) {
    case DESK_START: case DESK_OTHERWISE: ok = start(in, i->id, member, verdict == DESK_OTHERWISE, now, run); break;
    case DESK_JOIN: ok = join(in, i->id, member, leader); break;
    case DESK_REFUSE:
      why = arena_printf(arena, "%u runs about %s began lately, the most that may: a person must look into it", view.lately, member);
      ok = set(in, i->id, INCIDENT_REFUSED, member, why);
      break;
    case DESK_WAIT_MEMBER: case DESK_WAIT_ROOM:
      why = waits_for(&view, limits, verdict, member, arena);
      if (i->state == INCIDENT_WAITING && strcmp(i->why, why) == 0 && strcmp(i->member, member) == 0) return 0;
      ok = set(in, i->id, INCIDENT_WAITING, member, why);
      break;
  }
  return ok ? 1 : store_fail_sql(&in->store);
}

int intake_decide(Intake *in, uint64_t id, const char *member, const DeskLimits *limits, int64_t now, const char *run, Arena *arena, Incident *ret) {
  if (!store_begin(&in->store)) return store_fail_sql(&in->store);
  int r = intake_get(in, id, arena, ret);
  if (r == 1) r = to_decide(ret) ? decide(in, ret, member, limits, now, run, arena) : 0;
  if (r == 1) r = intake_get(in, id, arena, ret);
  return store_finish(&in->store, true, r > 0, r);
}

/* One change of one incident that is in one of the states. */
static int change(Intake *in, const char *sql, uint32_t texts, const char *const *text, uint32_t numbers, const int64_t *number) {
  if (!store_change(&in->store, sql, texts, text, numbers, number)) return store_fail_sql(&in->store);
  return sqlite3_changes(in->store.db) > 0;
}

int intake_refuse(Intake *in, uint64_t id, const char *why) {
  const int64_t number[] = {INCIDENT_REFUSED, (int64_t)id};
  return change(in, "UPDATE incident SET why = ?1, run = NULL, begun = NULL, blocker = NULL, state = ?2 WHERE id = ?3 AND state < 3", 1, &why, 2, number);
}

int intake_wait(Intake *in, uint64_t id, const char *blocker, const char *why) {
  const char *text[] = {why, blocker};
  const int64_t number[] = {INCIDENT_WAITING, (int64_t)id};
  return change(in, "UPDATE incident SET why = ?1, blocker = nullif(?2, ''), run = NULL, begun = NULL, over = 0, state = ?3 WHERE id = ?4 AND state = 2", 2,
                text, 2, number);
}

int intake_end(Intake *in, uint64_t id, const IncidentEnd *end) {
  const int64_t number[] = {INCIDENT_ENDED, end->at, end->done, end->acted, (int64_t)id};
  return change(in, "UPDATE incident SET why = ?1, state = ?2, ended = ?3, done = ?4, acted = ?5 WHERE id = ?6 AND state = 2", 1, &end->how, 5, number);
}

int intake_tell(Intake *in, uint64_t id, bool (*tell)(void *ctx), void *ctx) {
  const int64_t number = (int64_t)id;
  if (!store_begin(&in->store)) return store_fail_sql(&in->store);
  int64_t open = store_ask(&in->store, "SELECT count(*) FROM incident WHERE id = ?1 AND state = 3 AND told = 0", 0, NULL, 1, &number);
  if (open != 1 || !tell(ctx)) return store_finish(&in->store, open >= 0, false, 0);
  return store_finish(&in->store, store_change(&in->store, "UPDATE incident SET told = 1 WHERE id = ?1", 0, NULL, 1, &number), true, 1);
}

int intake_forget(Intake *in, const char *name, int64_t before, uint32_t most) {
  static const char sql[] =
      "DELETE FROM incident WHERE id IN (SELECT i.id FROM incident i LEFT JOIN incident l ON l.id = i.leader WHERE i.name = ?1 AND i.at < ?2"
      " AND (i.state = 4 OR (i.state = 5 AND i.ended < ?2 AND NOT EXISTS (SELECT 1 FROM incident j WHERE j.leader = i.id AND j.at >= ?2))"
      " OR (i.state = 3 AND (l.id IS NULL OR l.state = 4 OR (l.state = 5 AND l.ended < ?2)))) ORDER BY i.id LIMIT ?3)";
  const int64_t number[] = {before, most};
  if (!store_change(&in->store, sql, 1, &name, 2, number)) return store_fail_sql(&in->store);
  return sqlite3_changes(in->store.db);
}
