/* standing: a run, replayed for its locks. */
#include <config.h>

#include "cli/standing.h"

#include "cli/output.h"
#include "cli/planning.h"

#include <stdio.h>

/* Only what is about locks: the rest of the mail is the run's own to take. */
static void hear(void *ctx, const Event *e) {
  RunState *r = ctx;
  if (e->kind != EVENT_CONTROL || (e->value != CONTROL_BREAK && e->value != CONTROL_BROKEN)) return;
  Event now = *e;
  now.at = r->tally.latest;
  engine_feed(r->engine, &now);
}

bool standing_hear(RunState *r) {
  JournalError error = {0};
  if (inbox_left(r->journal, hear, r, &error) == 0) return true;
  print_journal_error(&error);
  return false;
}

static void collect(Standing *s) {
  const Program *p = s->run.program;
  LockView view;
  for (uint32_t a = 0; a < p->automations_count; a++)
    for (uint32_t i = 0; i < fleet_count(s->run.fleet, p->automations[a].kind); i++)
      if (engine_lock_view(s->run.engine, a, i, &view)) vec_push(&s->locks, view);
}

ExitCode standing_open(const char *dir, Standing *ret) {
  *ret = (Standing){.owner = ""};
  ExitCode code = run_open(dir, JOURNAL_READ, &ret->run);
  if (code != EXIT_DONE || ret->run.program->lockouts_count == 0) return code;
  if (!journal_owned(dir, ret->owner, sizeof ret->owner)) ret->owner[0] = '\0';
  if (!run_replay(&ret->run, NULL)) return EXIT_USAGE;
  if (!standing_hear(&ret->run)) return EXIT_USAGE;
  collect(ret);
  return EXIT_DONE;
}

void standing_close(Standing *s) {
  vec_done(&s->locks);
  run_close(&s->run);
}

int64_t standing_age(const Standing *s, const LockView *lock) {
  int64_t now = s->run.record.world == WORLD_LIVE ? wall_clock() : s->run.now;
  return now > lock->since ? now - lock->since : 0;
}

const char *standing_word(const LockView *lock) {
  switch (lock->stand) {
    case STAND_TAKING: return "being taken";
    case STAND_HELD: return "held";
    case STAND_LOOSE: return "came back";
    case STAND_RELEASING: return "being released";
    case STAND_HANDED_OVER: return "handed over";
  }
  return "?";
}

const char *standing_run(const Standing *s) {
  RunOutcome o = engine_outcome(s->run.engine);
  if (o != RUN_GOING) return run_outcome_sentence(o);
  return *s->owner ? arena_printf(s->run.arena, "going, in hand of %s", s->owner) : "going, its process is gone";
}
