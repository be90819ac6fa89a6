/* turn: one turn of the loop that every mode shares: events from the world, through the journal and the engine, and only
 * then commands to the world (law 2). The journal may be absent: then nothing is durable, as in a dry run. */
#ifndef TAGOUT_RUNTIME_TURN_H
#define TAGOUT_RUNTIME_TURN_H

#include "runtime/engine.h"
#include "runtime/journal.h"
#include "runtime/world.h"

/* Told what happened in a turn, after it is durable. Observers see, nothing else knows them. */
typedef struct TurnObserver {
  void *ctx;
  void (*event)(void *ctx, Engine *e, const Event *event);
  void (*note)(void *ctx, Engine *e, const Note *note);
} TurnObserver;

typedef struct Turn {
  Engine *engine;
  World *world;
  Journal *journal;        /* may be NULL */
  TurnObserver observer;
  void *screen_ctx;
  void (*screen)(void *ctx, Event *e); /* looks at what came by mail before it counts; may be NULL */
  bool mail;               /* there may be messages in the inbox; set by whoever hears of them, cleared when all were taken */
  int64_t deaf_most;       /* ms: who has not looked into the inbox for so long does that before anything else, told or not; 0: never */
  int64_t heard;           /* when it was looked into last */
  int64_t latest;          /* time of the last event: time never goes back within a run */
  VEC(Command) outgoing;   /* of this turn */
  VEC(Note) notes;
  VEC(Event) letters;      /* what people sent, of this turn */
} Turn;

typedef enum TurnResult {
  TURN_GOING, TURN_ENDED,
  TURN_IDLE,               /* woken without an event (a signal, a message in the inbox that was none) */
  TURN_STUCK,              /* nothing will ever happen again, and the run has not ended: a bug, reported as one */
  TURN_JOURNAL_FAILED      /* what is durable is consistent; nothing was sent after it */
} TurnResult;

void turn_init(Turn *t, Engine *engine, World *world, Journal *journal, TurnObserver observer);
void turn_done(Turn *t);
/* Feeds one event of our own making (BEGIN, RESUMED, CONTROL) at the world's time. */
TurnResult turn_feed(Turn *t, Event event, JournalError *error);
/* Takes what is in the inbox, without a look at the world: right behind a RESUMED with RESUMED_MAIL, and before the TICK that ends it. */
TurnResult turn_mail(Turn *t, JournalError *error);
/* Waits for the world, at most until `until` besides the engine's own timers, and goes through one turn. */
TurnResult turn_wait(Turn *t, int64_t until, JournalError *error);

#endif
