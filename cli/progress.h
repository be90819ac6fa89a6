/* progress: how a run is shown while it goes, on the standard error. On a terminal a view that is drawn in place; elsewhere one
 * line per important event and a heartbeat. Members are counted, never listed: lines are for steps, gates, people, trouble. */
#ifndef TAGOUT_CLI_PROGRESS_H
#define TAGOUT_CLI_PROGRESS_H

#include "cli/run_state.h"
#include "cli/status.h"

typedef enum ProgressMode { PROGRESS_AUTO, PROGRESS_TTY, PROGRESS_PLAIN, PROGRESS_NONE } ProgressMode;

typedef struct Progress Progress;
typedef struct ProgressOps {
  int64_t period;                                          /* ms of real time between ticks */
  /* What is no detail, in sentences. NULL: the view tells none. */
  void (*told)(Progress *p, Loudness loudness, NoteKind kind, int64_t at, uint32_t line, const char *text);
  void (*tick)(Progress *p);                               /* a period has passed */
  void (*say)(Progress *p, const char *text);              /* lines for the person in front, whatever else is shown */
  void (*resized)(Progress *p);
  void (*free)(Progress *p);
} ProgressOps;
struct Progress {
  const ProgressOps *ops;
  RunState *run;
  Story story;
};

bool progress_parse(const char *text, ProgressMode *ret);  /* NULL is auto; false after saying what is wrong */
/* auto: a terminal that can move its cursor gets the view. Borrows run. */
Progress *progress_new(ProgressMode mode, RunState *run);
void progress_free(Progress *p);
void progress_event(Progress *p, const Event *e);
void progress_note(Progress *p, const Note *n);

Progress *progress_tty_new(RunState *run);
Progress *progress_plain_new(RunState *run);
Progress *progress_none_new(RunState *run);

#endif
