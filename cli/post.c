/* post: the run that is written to, and its letter box. */
#include <config.h>

#include "cli/post.h"

#include "cli/answer.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "runtime/approval.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was said while nobody has the run is taken before anything else: whoever speaks now speaks behind it. */
static void hear(void *ctx, const Event *e) {
  RunState *r = ctx;
  Event now = *e;
  now.at = r->tally.latest;
  if (e->kind == EVENT_CONTROL) engine_feed(r->engine, &now);
}

static ExitCode hear_left(RunState *r) {
  JournalError error = {0};
  if (r->tally.events == 0 || journal_owned(r->dir, NULL, 0) || inbox_left(r->journal, hear, r, &error) == 0) return EXIT_DONE;
  print_journal_error(&error);
  return EXIT_USAGE;
}

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
      code = EXIT_CHECK;
    }
    if (code == EXIT_DONE) code = hear_left(ret);
    if (ret->record.world == WORLD_LIVE && ret->tally.events > 0) ret->now = wall_clock();
  }
  arena_free(arena);
  return code;
}

bool post_may_say_yes(const RunState *r, const char *who, const char *verb) {
  int64_t since;
  bool started = same_person(who, r->record.by);
  if (!started && !same_person(who, status_duty(r, &since))) return true;
  fprintf(stderr, "tagout %s: %s %s this run: the yes must be somebody else's (--as WHO)\n", verb, who, started ? "started" : "has taken");
  return false;
}

bool post_send(const RunState *r, const Event *e) {
  JournalError error = {0};
  if (inbox_send(r->dir, e, &error) == 0) return true;
  print_journal_error(&error);
  fprintf(stderr, "tagout: so it was not said: nothing comes of it until it is said again\n");
  return false;
}

/* ---- what came of it ---- */

#define TAKEN_LOOKS 150
#define TAKEN_AGAIN_MS 20

typedef struct Fate { const Event *sent; uint64_t seq; char *against; } Fate; /* seq 0: not found yet; against: why nothing came of it */

/* Letters are taken in the order in which they were sent, so one look at each row of the journal is enough. */
typedef struct Fates {
  Fate *items;
  uint32_t count, next;      /* next: the first that has not been met */
  bool left;                 /* the last has not been taken */
  uint64_t from;             /* events up to here were there before */
} Fates;

/* The run writes behind an answer what it is worth; what a person said of a run stays as it was. */
static bool is_of(const Event *e, const Event *sent) {
  if (e->kind != sent->kind || e->kind_of_entity != sent->kind_of_entity || e->entity != sent->entity || e->command != sent->command) return false;
  const char *text = e->text ? e->text : "", *said = sent->text ? sent->text : "", *mark;
  if (e->kind == EVENT_ANSWER) return strncmp(text, said, answer_mark(said, &mark)) == 0;
  return e->value == sent->value && e->subject == sent->subject && strcmp(text, said) == 0;
}

static void still_left(void *ctx, const Event *e) {
  Fates *f = ctx;
  f->left |= is_of(e, f->items[f->count - 1].sent);
}

static void find_event(void *ctx, const Event *e, uint64_t seq) {
  Fates *f = ctx;
  const char *mark;
  Fate *fate = &f->items[f->next];
  if (seq <= f->from || f->next == f->count || !is_of(e, fate->sent)) return;
  f->next++;
  fate->seq = seq;
  if (e->kind == EVENT_ANSWER && e->value == ANSWER_VOID) fate->against = xstrdup(e->text + answer_mark(fate->sent->text, &mark));
}

static void find_refusal(void *ctx, const Note *n, uint64_t seq) {
  Fates *f = ctx;
  while (f->next < f->count && f->items[f->next].seq < seq) f->next++;
  if (n->kind != NOTE_REFUSED || f->next == f->count || f->items[f->next].seq != seq) return;
  Fate *fate = &f->items[f->next];
  if (!fate->against) fate->against = xstrdup(n->text ? n->text : "");
}

/* Has everything been taken? A journal that cannot be read at this moment says no. */
static bool look(const RunState *r, Fates *f) {
  Journal *j;
  f->left = false;
  if (journal_open(r->dir, JOURNAL_READ, NULL, &j, NULL) < 0) return false;
  bool taken = inbox_left(j, still_left, f, NULL) == 0 && !f->left;
  f->next = 0;
  if (taken) taken = journal_replay(j, find_event, f, NULL) == 0;
  f->next = 0;
  if (taken) taken = journal_notes(j, find_refusal, f, NULL) == 0;
  journal_close(j);
  return taken;
}

static ExitCode say_fates(const RunState *r, const char *verb, Fates *f) {
  Story story = run_story(r);
  ExitCode code = EXIT_DONE;
  for (uint32_t i = 0; i < f->count; i++) {
    const Event *e = f->items[i].sent;
    const char *name = story_name(&story, e->kind_of_entity, e->entity), *why = f->items[i].against;
    if (!why) continue;
    code = EXIT_CHECK;
    fprintf(stderr, "tagout %s: nothing came of it%s%s: %s\n", verb, *name ? " for " : "", name, why + (strncmp(why, ": ", 2) == 0 ? 2 : 0));
  }
  return code;
}

ExitCode post_outcome(const RunState *r, const char *verb, const Event *sent, uint32_t count) {
  char who[160];
  if (count == 0) return EXIT_DONE;
  if (!journal_owned(r->dir, who, sizeof who)) {
    printf("  its process is gone: taken by `tagout resume %s`\n", run_short(r));
    return EXIT_DONE;
  }
  Fates f = {.items = xcalloc(count + 1, sizeof *f.items), .count = count, .from = r->tally.events};
  for (uint32_t i = 0; i < count; i++) f.items[i].sent = &sent[i];
  bool taken = false;
  for (int i = 0; i < TAKEN_LOOKS && !(taken = look(r, &f)) && journal_owned(r->dir, NULL, 0); i++) poll(NULL, 0, TAKEN_AGAIN_MS);
  if (taken) printf("  taken at once by %s\n", who);
  else printf("  kept for %s, which has not taken it yet: `tagout status %s`\n", who, run_short(r));
  fflush(stdout);
  ExitCode code = taken ? say_fates(r, verb, &f) : EXIT_DONE;
  for (uint32_t i = 0; i < count; i++) free(f.items[i].against);
  free(f.items);
  return code;
}
