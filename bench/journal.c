/* journal: what a durable event costs, with the real schema, the commits synced, and what reading all of it again does. Not
 * installed and not a test: `make bench/journal && bench/journal [FOLDER]`; the folder's disk is the one that is measured.
 *   write    events in groups of 64, one commit each
 *   floor    64 rows of the size of an event, appended and synced by one write and one fdatasync; in turn with the former, since
 *            a disk that others use is not the same a minute later; the best round of each is compared
 *   with     write, every event with a command and a note
 *   replay   every event read and handed over
 *   verify   the hash chain gone through */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lang/arena.h"
#include "runtime/journal.h"

enum { EVENTS = 1000000, GROUP = 64, ROW = 96, ROUNDS = 5, ROUND_EVENTS = 128000 };

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct Lap { double wall, cpu; } Lap;
static Lap begin(void) { return (Lap){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)}; }
static double report(const char *what, Lap from, double n) {
  double wall = seconds(CLOCK_MONOTONIC) - from.wall, cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - from.cpu;
  printf("%-28s %9.0f events/s, %5.2f us of CPU each, %5.2f s\n", what, n / wall, 1e6 * cpu / n, wall);
  return n / wall;
}

static void must(int r, const JournalError *error) {
  if (r >= 0) return;
  fprintf(stderr, "%s\n", error->text);
  exit(1);
}

/* The folder of a journal that is not there yet. */
static char *folder(Arena *arena, const char *top, const char *name) {
  char *dir = arena_printf(arena, "%s/tagout-bench-%ld-%s", top, (long)getpid(), name);
  mkdir(dir, 0777);
  return dir;
}

static void empty(Arena *arena, const char *dir) {
  static const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm", "inbox.db", "owner.lock"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(arena_printf(arena, "%s/%s", dir, files[i]));
  rmdir(dir);
}

static double write_events(const char *dir, bool with, uint32_t count) {
  static const JournalBirth birth = {.plan = "{}", .plan_len = 2, .record = "{}", .version = PACKAGE_VERSION};
  JournalError error = {0};
  Journal *j;
  must(journal_open(dir, JOURNAL_CREATE, &birth, &j, &error), &error);
  Lap from = begin();
  for (uint32_t i = 0; i < count; i++) {
    Event e = {.kind = EVENT_OUTCOME, .at = 1767639600000 + i, .command = i, .value = INT64_MIN, .subject = 3, .entity = i % 18500, .kind_of_entity = 5};
    must(journal_event(j, &e), &error);
    if (with) {
      Command c = {.id = i, .kind = COMMAND_ACT, .subject = 3, .entity = i % 18500, .kind_of_entity = 5, .arg_count = 1, .issued = e.at, .deadline = e.at + 600000, .attempt = 1};
      Note n = {.kind = NOTE_ACTION_BEGIN, .at = e.at, .subject = 3, .kind_of_entity = 5, .entity = i % 18500, .line = 40};
      must(journal_command(j, &c), &error);
      must(journal_note(j, &n), &error);
    }
    if (i % GROUP == GROUP - 1) must(journal_commit(j, &error), &error);
  }
  must(journal_commit(j, &error), &error);
  double rate = report(with ? "with a command and a note" : "write, groups of 64", from, count);
  journal_close(j);
  return rate;
}

static double write_floor(const char *path) {
  static char rows[GROUP * ROW];
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  Lap from = begin();
  for (int i = 0; fd >= 0 && i < ROUND_EVENTS / GROUP; i++)
    if (write(fd, rows, sizeof rows) != (ssize_t)sizeof rows || fdatasync(fd) < 0) exit(1);
  double rate = report("floor: append and fdatasync", from, ROUND_EVENTS);
  close(fd);
  unlink(path);
  return rate;
}

static void count_event(void *ctx, const Event *e, uint64_t seq) {
  (void)e;
  *(uint64_t *)ctx = seq;
}

static void read_events(const char *dir) {
  JournalError error = {0};
  Journal *j;
  JournalCheck check;
  uint64_t last = 0;
  must(journal_open(dir, JOURNAL_READ, NULL, &j, &error), &error);
  Lap from = begin();
  must(journal_replay(j, count_event, &last, &error), &error);
  report("replay", from, (double)last);
  from = begin();
  must(journal_verify(j, NULL, &check, &error), &error);
  report(check.whole ? "verify" : "verify: NOT WHOLE", from, (double)last);
  journal_close(j);
}

int main(int argc, char **argv) {
  const char *top = argc > 1 ? argv[1] : "/var/tmp";
  struct stat st = {0};
  Arena *arena = arena_new();
  char *plain = folder(arena, top, "plain"), *with = folder(arena, top, "with");
  double ours = 0, floor = 0;
  for (int i = 0; i < ROUNDS; i++) {
    char *round = folder(arena, top, "round");
    double rate = write_events(round, false, ROUND_EVENTS), append = write_floor(arena_printf(arena, "%s/floor", round));
    if (rate > ours) ours = rate;
    if (append > floor) floor = append;
    empty(arena, round);
  }
  printf("%-28s %9.2f of the floor's events/s\n", "best of each", ours / floor);
  write_events(plain, false, EVENTS);
  if (stat(arena_printf(arena, "%s/journal.db", plain), &st) == 0) printf("%-28s %9.1f bytes per event\n", "size", (double)st.st_size / EVENTS);
  read_events(plain);
  write_events(with, true, EVENTS);
  if (stat(arena_printf(arena, "%s/journal.db", with), &st) == 0) printf("%-28s %9.1f bytes per event\n", "size with both", (double)st.st_size / EVENTS);
  read_events(with);
  empty(arena, plain);
  empty(arena, with);
  arena_free(arena);
  return 0;
}
