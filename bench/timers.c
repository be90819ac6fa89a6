/* timers: 1,800 members that are due in one second, in the live world, with the durable journal: how late each is served. Late
 * is the time from its due moment, a whole millisecond, to the moment at which what came of it is durable and told. Not
 * installed and not a test: `make bench/timers && bench/timers [FOLDER]`. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench/engine_case.h"
#include "runtime/turn.h"
#include "runtime/world_live.h"

enum { MEMBERS = 1800 };

typedef struct Lateness { World *world; int64_t began; int64_t late[MEMBERS]; uint32_t served; } Lateness;

static void on_note(void *ctx, Engine *e, const Note *n) {
  Lateness *l = ctx;
  (void)e;
  if (n->kind == NOTE_MEMBER_BEGIN) l->began = n->at; /* all begin with the first event */
  if (n->kind != NOTE_MEMBER_END) return;
  l->late[l->served++] = l->world->ops->now(l->world) - (l->began + bench_wait(n->entity));
}

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static void empty(Arena *arena, const char *dir) {
  static const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm", "inbox.db", "owner.lock"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(arena_printf(arena, "%s/%s", dir, files[i]));
  rmdir(dir);
}

int main(int argc, char **argv) {
  static const JournalBirth birth = {.plan = "{}", .plan_len = 2, .record = "{}", .version = PACKAGE_VERSION};
  Bench b;
  Journal *journal;
  JournalError error = {0};
  Lateness l = {0};
  Turn turn;
  bench_open(&b, MEMBERS, MEMBERS, 0, BODY_WAITS_ITS_SCORE);
  char *dir = arena_printf(b.arena, "%s/tagout-bench-%ld", argc > 1 ? argv[1] : "/var/tmp", (long)getpid());
  if (journal_open(dir, JOURNAL_CREATE, &birth, &journal, &error) < 0) return fprintf(stderr, "%s\n", error.text), 1;
  LiveConfig config = {.run = "bench", .program = b.program, .fleet = b.fleet, .wake_fd = -1};
  Engine *engine = engine_new(b.program, b.fleet, &b.frozen);
  l.world = world_live_new(&config);
  turn_init(&turn, engine, l.world, journal, (TurnObserver){.ctx = &l, .note = on_note});
  clock_t cpu = clock();
  TurnResult result = turn_feed(&turn, (Event){.kind = EVENT_BEGIN}, &error);
  while (result == TURN_GOING || result == TURN_IDLE) result = turn_wait(&turn, INT64_MAX, &error);
  double spent = (double)(clock() - cpu) / CLOCKS_PER_SEC;
  if (result != TURN_ENDED || l.served != MEMBERS) return fprintf(stderr, "%u of %u served\n", l.served, (unsigned)MEMBERS), 1;
  qsort(l.late, MEMBERS, sizeof *l.late, compare);
  printf("  %u due in one second: late by %lld ms at the median, %lld ms at most; %.1f us of CPU each\n", (unsigned)MEMBERS,
         (long long)l.late[MEMBERS / 2], (long long)l.late[MEMBERS - 1], spent * 1e6 / MEMBERS);
  turn_done(&turn);
  engine_free(engine);
  l.world->ops->free(l.world);
  journal_close(journal);
  empty(b.arena, dir);
  bench_close(&b);
  return l.late[0] < 0; /* before its time: never */
}
