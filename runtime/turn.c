/* turn: the order of things in one loop turn. */
#include <config.h>

#include "runtime/turn.h"

#define TURN_EVENTS 64u /* events that share one commit */
#define TURN_LETTERS 64u /* messages that are read at a time */

void turn_init(Turn *t, Engine *engine, World *world, Journal *journal, TurnObserver observer) {
  *t = (Turn){.engine = engine, .world = world, .journal = journal, .mail = journal != NULL, .observer = observer};
}

void turn_done(Turn *t) {
  vec_done(&t->outgoing);
  vec_done(&t->notes);
  vec_done(&t->letters);
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

/* ---- what people sent ---- */

static void read_letters(Turn *t) {
  Event some[TURN_LETTERS];
  uint32_t n;
  t->letters.len = 0;
  t->heard = t->world->ops->now(t->world);
  do {
    n = t->journal ? inbox_take(t->journal, some, TURN_LETTERS) : 0;
    for (uint32_t i = 0; i < n; i++) vec_push(&t->letters, some[i]);
  } while (n > 0);
}

static bool says_no(const Event *e) { return e->kind == EVENT_ANSWER && e->value == ANSWER_NO; }

/* Whoever says no before a yes was acted upon is heard: of what lies in the inbox together the noes are taken first. Everything
 * else keeps the order in which it came. */
static int take_letters(Turn *t) {
  int r = 0;
  read_letters(t);
  for (int noes = 1; noes >= 0; noes--) {
    for (uint32_t i = 0; i < t->letters.len && r == 0; i++) {
      if (says_no(&t->letters.items[i]) != (noes == 1)) continue;
      Event e = t->letters.items[i];
      e.at = t->world->ops->now(t->world);
      if (t->screen) t->screen(t->screen_ctx, &e); /* by what has come of those before */
      r = take(t, &e);
    }
  }
  return r;
}

TurnResult turn_mail(Turn *t, JournalError *error) {
  if (take_letters(t) < 0) return not_written(t, error);
  return t->letters.len > 0 ? finish(t, error) : TURN_GOING;
}

static int take_mail(Turn *t, uint32_t *n) {
  t->mail = false;
  int r = take_letters(t);
  *n += t->letters.len;
  return r;
}

/* What the world brought, then what people sent; when it is neither, the time that a timer was for. Events taken, or a negative error.
 * A process that stood still hears first what it was told meanwhile: that an emergency has taken what it is about to go on with. */
static int take_all(Turn *t, Event *events, uint32_t count, int64_t timer) {
  Event tick = {.kind = EVENT_TICK, .at = t->world->ops->now(t->world), .value = VALUE_UNKNOWN};
  uint32_t n = count;
  int r = t->deaf_most && tick.at - t->heard > t->deaf_most ? take_mail(t, &n) : 0;
  for (uint32_t i = 0; i < count && r == 0; i++) r = take(t, &events[i]);
  if (t->mail && r == 0) r = take_mail(t, &n);
  if (n == 0 && timer <= tick.at) {
    n = 1;
    r = take(t, &tick);
  }
  return r < 0 ? r : (int)n;
}

TurnResult turn_wait(Turn *t, int64_t until, JournalError *error) {
  Event events[TURN_EVENTS];
  int64_t timer = engine_next_timer(t->engine);
  if (until > timer) until = timer;
  uint32_t n = t->world->ops->wait(t->world, until, events, TURN_EVENTS);
  int taken = take_all(t, events, n, timer);
  if (taken < 0) return not_written(t, error);
  if (taken == 0) return until == INT64_MAX ? TURN_STUCK : TURN_IDLE;
  return finish(t, error);
}
