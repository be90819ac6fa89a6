/* desk: the standing process. It takes incidents from wherever they come, decides one after the other what is done with each, starts a
 * process for each run that may begin, tells runs who joined them, and writes down how they ended. Everything that it knows is in the
 * queue: it may be killed at any moment, and the next one goes on where it was. */
#ifndef TAGOUT_CLI_DESK_H
#define TAGOUT_CLI_DESK_H

#include "cli/desk_home.h"
#include "runtime/intake.h"
#include "runtime/ledger.h"

#include <sys/types.h>

/* An incident whose run goes on, as far as this process knows: its process, or one that another desk started. */
typedef struct DeskRun {
  uint64_t id;
  pid_t child;               /* 0: another's */
  int64_t look, begun;       /* ms UTC: when it is looked at again, when we started its process last */
  bool left;                 /* a person left it: told so */
} DeskRun;
/* An incident that is not tried before, because it could not begin a while ago. */
typedef struct DeskPause { uint64_t id; int64_t until; uint32_t tries; bool over; } DeskPause; /* over: it is tried again */

typedef struct Desk {
  Arena *arena;              /* as long as the desk */
  const char *state;
  DeskHome home;
  Intake *intake;
  Ledger *ledger;
  VEC(DeskRun) runs;
  VEC(DeskPause) pauses;
  bool freed;                /* a place or a member is free since those that wait were looked at last */
  int64_t sweep;             /* ms UTC: when they are looked at all the same */
  uint64_t swept;            /* those that wait are looked at up to this one; UINT64_MAX: all of them */
  bool more;                 /* there is more to do at once, when others have had their turn */
  int64_t next_keep;         /* ms UTC: when what is kept too long is looked for again */
  uint32_t forgotten;        /* incidents that were removed since that look began */
  bool stopping;
} Desk;

/* A line of what happens, with the time, on stdout. */
void desk_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ms for one kind of work in a turn, so that a flood of one way in costs the others nothing. */
#define DESK_TURN_MS 100

/* What is due now: decisions, news for runs, ends. False when the queue cannot be used any more, which is said. */
bool desk_turn(Desk *d);
/* Once, before the first turn: runs that go on are found again, those whose process is gone are gone on with. */
bool desk_adopt(Desk *d);
/* A child has ended. */
void desk_reap(Desk *d);
void desk_done(Desk *d);

#endif
