/* desk_keep: first the incidents, then what only they needed: whoever is killed in between leaves files that the next look finds. */
#include <config.h>

#include "cli/desk_keep.h"

#include "cli/attach.h"
#include "cli/planning.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR_MS (60 * 60 * 1000)
#define DAY_MS (24 * (int64_t)HOUR_MS)
#define SOME 1000u                 /* incidents at a time: nobody waits long for the queue */

/* Never less than the runbook looks back. */
static int64_t kept_for(const Desk *d) {
  DeskLimits limits = arrival_limits(d->home.form);
  int64_t kept = d->home.record.keep_days * DAY_MS;
  if (kept < limits.per) kept = limits.per;
  return kept < limits.join ? limits.join : kept;
}

/* What lies in a folder of the watched one: since when, says the change of its name. */
static void remove_old_files(const char *folder, int64_t before, Arena *arena) {
  DIR *dir = opendir(folder);
  struct stat st;
  for (const struct dirent *e; dir && (e = readdir(dir));) {
    const char *path = arena_printf(arena, "%s/%s", folder, e->d_name);
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (int64_t)st.st_ctim.tv_sec * 1000 < before) unlink(path);
  }
  if (dir) closedir(dir);
}

static void remove_files(Desk *d, int64_t before, Arena *arena) {
  const char *folder = d->home.record.folder;
  if (attach_sweep(d->state, d->intake, arena) < 0) desk_say("evidence that nobody needs cannot be removed: %s", intake_why(d->intake));
  if (!*folder) return;
  remove_old_files(arena_printf(arena, "%s/taken", folder), before, arena);
  remove_old_files(arena_printf(arena, "%s/refused", folder), before, arena);
}

bool desk_keep(Desk *d) {
  int64_t now = wall_clock(), before = now - kept_for(d);
  if (now < d->next_keep) return true;
  int removed = intake_forget(d->intake, d->home.name, before, SOME);
  if (removed < 0) return fprintf(stderr, "tagout: %s\n", intake_why(d->intake)), false;
  d->forgotten += (uint32_t)removed;
  if ((uint32_t)removed == SOME) return true; /* more of them in the next turn */
  Arena *arena = arena_new();
  remove_files(d, before, arena);
  if (d->forgotten) desk_say("%u incident%s removed: over for %u days", d->forgotten, d->forgotten == 1 ? "" : "s", d->home.record.keep_days);
  d->forgotten = 0;
  d->next_keep = now + HOUR_MS;
  arena_free(arena);
  return true;
}
