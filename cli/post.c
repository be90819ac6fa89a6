/* post: the run that is written to, and its letter box. */
#include <config.h>

#include "cli/post.h"

#include "cli/output.h"
#include "cli/rundir.h"

#include <stdio.h>
#include <string.h>

ExitCode post_open(const char *word, const char *state, RunState *ret) {
  Arena *arena = arena_new();
  const char *dir = rundir_find(arena, state_folder(arena, state), word);
  ExitCode code = EXIT_USAGE;
  *ret = (RunState){0};
  if (dir) {
    code = run_open(dir, JOURNAL_READ, ret);
    if (code == EXIT_DONE && !run_replay(ret, NULL)) code = EXIT_USAGE;
    if (code == EXIT_DONE && engine_outcome(ret->engine) != RUN_GOING) {
      fprintf(stderr, "tagout: %s has ended: %s\n", ret->id, run_outcome_sentence(engine_outcome(ret->engine)));
      code = EXIT_USAGE;
    }
  }
  arena_free(arena);
  return code;
}

bool post_may_say_yes(const RunState *r, const char *who, const char *verb) {
  int64_t since;
  bool started = strcmp(who, r->record.by) == 0;
  if (!started && strcmp(who, status_duty(r, &since)) != 0) return true;
  fprintf(stderr, "tagout %s: %s %s this run: the yes must be somebody else's (--as WHO)\n", verb, who, started ? "started" : "has taken");
  return false;
}

bool post_send(const RunState *r, const Event *e) {
  JournalError error = {0};
  if (inbox_send(r->dir, e, &error) == 0) return true;
  print_journal_error(&error);
  return false;
}

void post_say_when(const RunState *r) {
  char who[160];
  if (journal_owned(r->dir, who, sizeof who)) printf("  taken at once by %s\n", who);
  else printf("  its process is gone: taken by `tagout resume %s`\n", run_short(r));
}
