/* plan_use: the mark of a plan. Its text is the run's name, and behind it ` begun` once the run has its record; between the two
 * only a run whose record is there counts, so that a crash in the middle costs nobody the plan. */
#include <config.h>

#include "cli/plan_use.h"

#include "cli/run_record.h"
#include "cli/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MARK_MOST 300u
#define BEGUN " begun"

static bool complain(const char *path) {
  fprintf(stderr, "tagout: %s: %s\n", path, strerror(errno));
  return false;
}

static ExitCode cannot(const char *path) {
  complain(path);
  return EXIT_USAGE;
}

static ExitCode refuse(DiagSink *sink, const char *file, const char *what, const char *run) {
  Diag *d = diag_at(sink, E_PLAN_USED, file, 0, 0, "this plan %s%s%s", what, *run ? " " : "", run);
  diag_note(sink, d, "a plan is carried out once, as it was approved; `tagout resume` goes on with its run, and `tagout plan` makes a new one");
  return EXIT_STALE;
}

static ExitCode is_free(const PlanUse *u, const char *state, const char *file, Arena *arena, DiagSink *sink) {
  char mark[MARK_MOST] = "";
  if (flock(u->fd, LOCK_EX | LOCK_NB) < 0)
    return errno == EWOULDBLOCK ? refuse(sink, file, "is being started by another process", "") : cannot(u->path);
  ssize_t n = pread(u->fd, mark, sizeof mark - 1, 0);
  if (n < 0) return cannot(u->path);
  char *begun = strstr(mark, BEGUN);
  if (begun) *begun = '\0';
  if (begun || (*mark && record_exists(arena_printf(arena, "%s/runs/%s", state, mark)))) return refuse(sink, file, "ran already, as", mark);
  return EXIT_DONE;
}

ExitCode plan_use_claim(const char *state, const char *digest, const char *file, Arena *arena, DiagSink *sink, PlanUse *ret) {
  char *folder = arena_printf(arena, "%s/plans", state);
  *ret = (PlanUse){.fd = -1, .path = arena_printf(arena, "%s/%s", folder, digest)};
  if (!rundir_make(folder)) return EXIT_USAGE;
  ret->fd = open(ret->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  return ret->fd < 0 ? cannot(ret->path) : is_free(ret, state, file, arena, sink);
}

static bool mark(const PlanUse *u, const char *run_id, const char *end) {
  char text[MARK_MOST];
  if (u->fd < 0) return true;
  int n = snprintf(text, sizeof text, "%s%s", run_id, end);
  if (n < 0 || (size_t)n >= sizeof text) return false;
  if (ftruncate(u->fd, 0) < 0 || pwrite(u->fd, text, (size_t)n, 0) != n || fsync(u->fd) < 0) return complain(u->path);
  return true;
}

bool plan_use_by(const PlanUse *u, const char *run_id) { return mark(u, run_id, ""); }
bool plan_use_begun(const PlanUse *u, const char *run_id) { return mark(u, run_id, BEGUN); }

void plan_use_done(PlanUse *u) {
  if (u->fd >= 0) close(u->fd);
  u->fd = -1;
}
