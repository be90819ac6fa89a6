/* progress: the choice of a view, what it is told, and the view that says nothing by itself. */
#include <config.h>

#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool progress_parse(const char *text, ProgressMode *ret) {
  static const char *const names[] = {"auto", "tty", "plain", "none"};
  *ret = PROGRESS_AUTO;
  if (!text) return true;
  for (int i = 0; i <= PROGRESS_NONE; i++)
    if (strcmp(text, names[i]) == 0) return *ret = (ProgressMode)i, true;
  fprintf(stderr, "tagout: progress `%s` is not known: auto, tty, plain or none\n", text);
  return false;
}

static bool can_draw(void) {
  const char *term = getenv("TERM");
  return term && *term && strcmp(term, "dumb") != 0;
}

Progress *progress_new(ProgressMode mode, RunState *run) {
  if (mode == PROGRESS_AUTO) mode = isatty(STDERR_FILENO) ? PROGRESS_TTY : PROGRESS_PLAIN;
  if (mode == PROGRESS_TTY && !can_draw()) mode = PROGRESS_PLAIN;
  if (mode == PROGRESS_NONE) return progress_none_new(run);
  return mode == PROGRESS_TTY ? progress_tty_new(run) : progress_plain_new(run);
}

void progress_free(Progress *p) {
  if (p) p->ops->free(p);
}

void progress_event(Progress *p, const Event *e) {
  Buf text = BUF_INIT;
  if (p->ops->told && story_event(&p->story, e, &text)) p->ops->told(p, STORY_EVENT, NOTE_RUN, e->at, 0, text.data);
  buf_done(&text);
}

void progress_note(Progress *p, const Note *n) {
  Loudness loudness = story_loudness(n);
  Buf text = BUF_INIT;
  if (!p->ops->told || loudness == STORY_DETAIL) return; /* there are thousands of these: no view tells them */
  story_note(&p->story, n, &text);
  p->ops->told(p, loudness, n->kind, n->at, n->line, text.data ? text.data : "");
  buf_done(&text);
}

/* ---- none ---- */

static void pass(Progress *p) { (void)p; }
static void say(Progress *p, const char *text) {
  (void)p;
  fputs(text, stderr);
}
static void drop(Progress *p) { free(p); }

Progress *progress_none_new(RunState *run) {
  static const ProgressOps ops = {.tick = pass, .say = say, .resized = pass, .free = drop};
  Progress *p = xcalloc(1, sizeof *p);
  *p = (Progress){.ops = &ops, .run = run, .story = run_story(run)};
  return p;
}
