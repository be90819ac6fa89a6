/* turn: the order of things in one loop turn. */
#include <config.h>

#include "runtime/turn.h"

#define TURN_EVENTS 64u /* events that share one commit */
#define TURN_INBOX 16u

void turn_init(Turn *t, Engine *engine, World *world, Journal *journal, TurnObserver observer) {
  *t = (Turn){.engine = engine, .world = world, .journal = journal, .mail = journal != NULL, .observer = observer};
}

void turn_done(Turn *t) {
  vec_done(&t->outgoing);
  vec_done(&t->notes);
}

/* One event through the journal and the engine; what it causes is kept for after the commit. */
static int take(Turn *t, Event *event) {
  if (event->at < t->latest) event->at = t->latest;
  t->latest = event->at;
  int r = t->journal ? journal_event(t->journal, event) : 0;
  if (r < 0) return r;
  engine_feed(t->engine, event);
  const Command *commands;
  uint32_t n = engine_commands(t->engine, &commands);
  for (uint32_t i = 0; i < n; i++) {
    if (t->journal && (r = journal_command(t->journal, &commands[i])) < 0) return r;
    vec_push(&t->outgoing, commands[i]);
  }
  const Note *notes;
  n = engine_notes(t->engine, &notes);
  for (uint32_t i = 0; i < n; i++) {
    if (t->journal && (r = journal_note(t->journal, &notes[i])) < 0) return r;
    vec_push(&t->notes, notes[i]);
  }
  if (t->observer.event) t->observer.event(t->observer.ctx, t->engine, event);
  return 0;
}

/* The journal says at the commit why it took no more. */
static TurnResult not_written(Turn *t, JournalError *error) {
  journal_commit(t->journal, error);
  return TURN_JOURNAL_FAILED;
}

static TurnResult finish(Turn *t, JournalError *error) {
  if (t->journal && journal_commit(t->journal, error) < 0) return TURN_JOURNAL_FAILED;
  for (uint32_t i = 0; i < t->outgoing.len; i++) t->world->ops->submit(t->world, &t->outgoing.items[i]);
  t->outgoing.len = 0;
  for (uint32_t i = 0; i < t->notes.len && t->observer.note; i++)
    t->observer.note(t->observer.ctx, t->engine, &t->notes.items[i]);
  t->notes.len = 0;
  return engine_outcome(t->engine) == RUN_GOING ? TURN_GOING : TURN_ENDED;
}

TurnResult turn_feed(Turn *t, Event event, JournalError *error) {
  event.at = t->world->ops->now(t->world);
  if (take(t, &event) < 0) return not_written(t, error);
  return finish(t, error);
}

/* What people sent, with the time of its arrival and whatever the screen makes of it. */
static uint32_t take_mail(Turn *t, Event ret[TURN_INBOX]) {
  int64_t now = t->world->ops->now(t->world);
  uint32_t n = inbox_take(t->journal, ret, TURN_INBOX);
  for (uint32_t i = 0; i < n; i++) {
    ret[i].at = now;
    if (t->screen) t->screen(t->screen_ctx, &ret[i]);
  }
  return n;
}

TurnResult turn_mail(Turn *t, JournalError *error) {
  Event events[TURN_INBOX];
  TurnResult result = TURN_GOING;
  uint32_t n = TURN_INBOX;
  while (n == TURN_INBOX && result == TURN_GOING) {
    n = take_mail(t, events);
    for (uint32_t i = 0; i < n; i++)
      if (take(t, &events[i]) < 0) return not_written(t, error);
    if (n > 0) result = finish(t, error);
  }
  return result;
}

TurnResult turn_wait(Turn *t, int64_t until, JournalError *error) {
  Event events[TURN_EVENTS + TURN_INBOX];
  int64_t timer = engine_next_timer(t->engine);
  if (until > timer) until = timer;
  uint32_t n = t->world->ops->wait(t->world, until, events, TURN_EVENTS);
  int64_t now = t->world->ops->now(t->world);
  if (t->mail) {
    uint32_t mail = take_mail(t, events + n);
    n += mail;
    t->mail = mail == TURN_INBOX;
  }
  if (n == 0 && timer <= now) events[n++] = (Event){.kind = EVENT_TICK, .at = now, .value = VALUE_UNKNOWN};
  if (n == 0) return until == INT64_MAX ? TURN_STUCK : TURN_IDLE;
  for (uint32_t i = 0; i < n; i++)
    if (take(t, &events[i]) < 0) return not_written(t, error);
  return finish(t, error);
}
