/* engine_admit: when an action may be sent: not while the run is paused, not against a late effect, not where an automation
 * is loose, not beyond the budget, not faster than the services it goes through. Everything is looked at before anything is
 * taken. Who waits in line is let out one at a time, in order. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <assert.h>

#define LATE_EVERY MINUTE   /* a late effect is looked for while it is waited for */

void act_wait(Engine *e, uint32_t id, WaitKind wait) {
  Strand *s = strand_at(e, id);
  if (s->wait == (uint8_t)wait) return;
  s->wait = (uint8_t)wait;
  s->since = e->now;
  s->read = 0;
}

/* What an observer should hear of: that an action waits for something which is not simply its turn. */
void act_note_waiting(Engine *e, const Strand *s, const ActionRow *action, const char *what) {
  Command c = act_command(e, s);
  note(e, NOTE_WAITING, c.subject, c.kind_of_entity, c.entity, 0, program_line(e->program, s->pc, NULL),
       text_printf(e, "%s waits %s", program_str(e->program, action->name), what));
}

/* ---- services ---- */

/* A service has one bucket for all its calls, and where its places are per group, one more for each group: of the entities that
 * are in none there is one, too. */
#define BUCKETS_PER_SERVICE 2u

static uint32_t bucket_of(Engine *e, uint32_t service, uint32_t entity) {
  const ServiceRow *row = &e->program->services[service];
  uint64_t key = ((uint64_t)entity + 1) << 32 | (service + 1);
  uint32_t found;
  bool whole = entity == NONE_INDEX, places = whole == (row->group == NONE_INDEX);
  if (whole) key = service + 1;
  if (id_map_get(&e->bucket_of, key, &found)) return found;
  Bucket b = {.service = service, .group = whole ? NONE_INDEX : row->group, .queue = QUEUE_EMPTY, .waking = NONE_INDEX, .timer = TIMER_NONE};
  if (places) b.rate.at_once = row->in_flight, b.rate.overdue_most = row->overdue;
  if (whole && row->per > 0) b.rate.amount = row->amount, b.rate.per = row->per;
  vec_push(&e->buckets, b);
  id_map_put(&e->bucket_of, key, e->buckets.len - 1);
  return e->buckets.len - 1;
}

/* Of the call in progress; NONE_INDEX: there is no such bucket. */
static uint32_t bucket_at(Engine *e, uint32_t id, const ActionRow *action, uint32_t i) {
  uint32_t service = e->program->index_list[action->services.first + i / BUCKETS_PER_SERVICE];
  const ServiceRow *row = &e->program->services[service];
  if (i % BUCKETS_PER_SERVICE == 0) return row->group == NONE_INDEX || row->per > 0 ? bucket_of(e, service, NONE_INDEX) : NONE_INDEX;
  if (row->group == NONE_INDEX) return NONE_INDEX;
  Command c = act_command(e, strand_at(e, id));
  Entity up = c.entity == NONE_INDEX ? ENTITY_NONE : fleet_up(e->fleet, c.kind_of_entity, c.entity, row->group);
  return bucket_of(e, service, up == ENTITY_NONE ? fleet_count(e->fleet, row->group) : up);
}

/* All of them, one after the other; *at begins at 0. NONE_INDEX: that was the last. */
static uint32_t next_bucket(Engine *e, uint32_t id, const ActionRow *action, uint32_t *at) {
  while (*at < action->services.count * BUCKETS_PER_SERVICE) {
    uint32_t bucket = bucket_at(e, id, action, (*at)++);
    if (bucket != NONE_INDEX) return bucket;
  }
  return NONE_INDEX;
}

void bucket_pump(Engine *e, uint32_t bucket) {
  Bucket *b = &e->buckets.items[bucket];
  if (b->waking != NONE_INDEX || b->queue.head == NONE_INDEX) return;
  int64_t when = throttle_when(&b->rate, e->now);
  if (when > e->now) {
    timers_remove(&e->timers, &b->timer);
    if (when != INT64_MAX) b->timer = timers_add(&e->timers, when, TIMER_BUCKET, bucket);
    return;
  }
  b->waking = queue_take(e, &b->queue);
  strand_at(e, b->waking)->bucket = bucket;
  ready_strand(e, b->waking);
}

/* It had its turn in some line and does not use it, or has used it: the next one. */
static void give_up_turn(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t bucket = s->bucket;
  s->bucket = NONE_INDEX;
  if (e->budget.waking == id) {
    e->budget.waking = NONE_INDEX;
    budget_pump(e);
  }
  if (bucket == NONE_INDEX || e->buckets.items[bucket].waking != id) return;
  e->buckets.items[bucket].waking = NONE_INDEX;
  bucket_pump(e, bucket);
}

void queue_leave(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (!s->queued) return;
  switch ((WaitKind)s->wait) {
    case WAIT_PAUSE: case WAIT_HELD: case WAIT_EMBARGO: queue_drop(e, &e->paused_queue, id); break;
    case WAIT_SERVICE: queue_drop(e, &e->buckets.items[s->bucket].queue, id); break;
    case WAIT_BUDGET: queue_drop(e, &e->budget.queue, id); break;
    case WAIT_NOTHING: case WAIT_LATE: case WAIT_REGAIN: case WAIT_WINDOW: case WAIT_LEDGER: break;
  }
}

void bucket_leave(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  queue_leave(e, id);
  s->wait = WAIT_NOTHING;
  strand_no_timer(e, id);
  give_up_turn(e, id);
}

void buckets_stop(Engine *e) {
  for (uint32_t i = 0; i < e->buckets.len; i++) timers_remove(&e->timers, &e->buckets.items[i].timer);
  timers_remove(&e->timers, &e->budget.timer);
}

void buckets_done(Engine *e) {
  for (uint32_t i = 0; i < e->buckets.len; i++) throttle_done(&e->buckets.items[i].rate);
  vec_done(&e->buckets);
  id_map_done(&e->bucket_of);
}

/* All services admit, or the strand stands in the line of the first that does not. Who has had its turn in one line does not stand
 * behind others in the next: else two lines could send each other's first ones back for ever. */
static bool services_admit(Engine *e, uint32_t id, const ActionRow *action) {
  const Strand *self = strand_at(e, id);
  bool turn = self->bucket != NONE_INDEX && e->buckets.items[self->bucket].waking == id;
  for (uint32_t at = 0, bucket; (bucket = next_bucket(e, id, action, &at)) != NONE_INDEX;) {
    Strand *s = strand_at(e, id);
    Bucket *b = &e->buckets.items[bucket];
    bool first = b->queue.head == NONE_INDEX && b->waking == NONE_INDEX;
    if ((first || turn) && throttle_when(&b->rate, e->now) <= e->now) continue;
    bucket_leave(e, id);
    act_wait(e, id, WAIT_SERVICE);
    s->bucket = bucket;
    (turn ? queue_add_first : queue_add)(e, &e->buckets.items[bucket].queue, id);
    bucket_pump(e, bucket);
    return false;
  }
  return true;
}

/* beyond: it takes its places also where there are none. */
static void take_services(Engine *e, uint32_t id, const ActionRow *action, bool beyond) {
  for (uint32_t at = 0, bucket; (bucket = next_bucket(e, id, action, &at)) != NONE_INDEX;) {
    if (beyond) throttle_take_beyond(&e->buckets.items[bucket].rate);
    else throttle_take(&e->buckets.items[bucket].rate, e->now);
  }
}

/* ---- members that do not answer ----
 * A service has so many workers, and one that waits for a dead member does nothing. So a call counts as working for as long
 * as it ordinarily takes at most; then its place goes to the next in line, and the service has one call more that is overdue.
 * Of these, too, there are only so many. What was overdue stays so until it is answered, also when it is sent once more. */

static bool gives_up_places(const Bucket *b) { return b->rate.at_once > 0 && b->rate.overdue_most > 0; }

void act_sent(Engine *e, uint32_t id, const ActionRow *action, int64_t deadline) {
  Strand *s = strand_at(e, id);
  if (s->place == PLACE_OVERDUE) return;
  bool watched = false;
  for (uint32_t i = 0; i < action->services.count; i++) {
    const ServiceRow *row = &e->program->services[e->program->index_list[action->services.first + i]];
    watched = watched || (row->in_flight > 0 && row->overdue > 0);
  }
  int64_t overdue_at = later(e, action->takes_high);
  if (!watched || action->takes_high <= 0 || overdue_at >= deadline) return;
  s->place = PLACE_WATCHED;
  strand_timer(e, id, overdue_at);
}

void act_silent(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  if (s->place != PLACE_WATCHED || s->timer != TIMER_NONE) return;
  s->place = PLACE_OVERDUE;
  Command c = act_command(e, s);
  note(e, NOTE_WAITING, c.subject, c.kind_of_entity, c.entity, 0, program_line(e->program, s->pc, NULL),
       text_printf(e, "%s of %s is overdue: its place in the service goes to another", program_str(e->program, action->name),
                   entity_name(e, c.kind_of_entity, c.entity)));
  for (uint32_t at = 0, bucket; (bucket = next_bucket(e, id, action, &at)) != NONE_INDEX;) {
    if (!gives_up_places(&e->buckets.items[bucket])) continue;
    throttle_overdue(&e->buckets.items[bucket].rate);
    bucket_pump(e, bucket);
  }
}

void act_ended(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  bool overdue = s->place == PLACE_OVERDUE;
  if (s->place == PLACE_WATCHED) strand_no_timer(e, id);
  s->place = PLACE_HELD;
  for (uint32_t at = 0, bucket; (bucket = next_bucket(e, id, action, &at)) != NONE_INDEX;) {
    throttle_end(&e->buckets.items[bucket].rate, overdue && gives_up_places(&e->buckets.items[bucket]));
    bucket_pump(e, bucket);
  }
}

/* Between its admission and this, facts were read and permits were asked for: the service counts what reaches it. */
void act_goes(Engine *e, uint32_t id, const ActionRow *action) {
  for (uint32_t at = 0, bucket; (bucket = next_bucket(e, id, action, &at)) != NONE_INDEX;) {
    throttle_sent(&e->buckets.items[bucket].rate, e->now);
    bucket_pump(e, bucket);
  }
}

void act_unsent(Engine *e, uint32_t id, const ActionRow *action) {
  for (uint32_t at = 0, bucket; (bucket = next_bucket(e, id, action, &at)) != NONE_INDEX;) {
    throttle_drop(&e->buckets.items[bucket].rate);
    bucket_pump(e, bucket);
  }
}

/* ---- the other reasons ---- */

/* What people keep from starting: a cancel goes before it, and no roll back waits for it. */
static WaitKind kept_back(Engine *e, uint32_t id, const ActionRow *action) {
  const Strand *s = strand_at(e, id);
  if (e->cancelled || s->masked) return WAIT_NOTHING;
  if (e->paused) return WAIT_PAUSE;
  return e->held.len > 0 && (strand_held(e, id) || action_held(e, s, action)) ? WAIT_HELD : WAIT_NOTHING;
}

static bool paused(Engine *e, uint32_t id, const ActionRow *action) {
  WaitKind wait = kept_back(e, id, action);
  if (wait == WAIT_NOTHING) return false;
  act_wait(e, id, wait);
  queue_add(e, &e->paused_queue, id);
  return true;
}

/* Reads the fact, waits a minute, reads it again, until it has landed or no longer can. */
static bool against_late(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  const Late *l = late_against(e, action, s);
  if (!l) return false;
  if (s->wait != WAIT_LATE) act_note_waiting(e, s, action, "for an effect that may still land");
  act_wait(e, id, WAIT_LATE);
  if (s->timer != TIMER_NONE) return true;
  if (!s->read) {
    read_fact(e, id, l->fact, l->kind, l->entity);
  } else {
    int64_t next = e->now + LATE_EVERY;
    strand_timer(e, id, next < l->until ? next : l->until);
  }
  s->read = !s->read;
  return true;
}

static bool related(const Engine *e, uint32_t kind, uint32_t entity, const Lost *lost) {
  return fleet_up(e->fleet, kind, entity, lost->kind) == lost->entity || fleet_up(e->fleet, lost->kind, lost->entity, kind) == entity;
}

bool act_loose(Engine *e, uint32_t id, const ActionRow *action) {
  const Strand *s = strand_at(e, id);
  for (uint32_t i = 0; i < action->params.count; i++) {
    ValueType t = e->program->param_types[action->params.first + i];
    if (t.klass != VALUE_ENTITY || s->args[i] == VALUE_UNKNOWN) continue;
    for (uint32_t j = 0; j < e->lost.len; j++)
      if (related(e, t.ref, (Entity)s->args[i], &e->lost.items[j])) return true;
  }
  return false;
}

static Admission regain(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  if (!act_loose(e, id, action)) return ADMISSION_NOW;
  if (s->wait != WAIT_REGAIN) act_note_waiting(e, s, action, "until an automation that broke loose is locked");
  act_wait(e, id, WAIT_REGAIN);
  if (e->now - s->since >= REGAIN_WAIT) {
    s->detail = text_printf(e, "%s is not sent: an automation that was locked is loose", program_str(e->program, action->name));
    return ADMISSION_NEVER;
  }
  if (s->timer == TIMER_NONE) strand_timer(e, id, e->now + INSPECT_EVERY);
  return ADMISSION_WAITS;
}

/* An action of the main strand. */
static Admission within_window(Engine *e, uint32_t id, const ActionRow *action) {
  int64_t open = window_for(e, id);
  if (open <= e->now) {
    window_goes_on(e, id, program_str(e->program, action->name));
    return ADMISSION_NOW;
  }
  Strand *s = strand_at(e, id);
  if (open < INT64_MAX) {
    window_wait(e, id, open, program_str(e->program, action->name));
    return ADMISSION_WAITS;
  }
  s->detail = text_printf(e, "%s is not sent: no opening of the window is left in which it fits, with its way back", program_str(e->program, action->name));
  e->window_over = true;
  return ADMISSION_NEVER;
}

static Admission within_budget(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  Budget *b = &e->budget;
  int64_t when;
  if (b->kind == NONE_INDEX) return ADMISSION_NOW;
  bool mine = b->waking == id;
  bool turn = mine || (b->queue.head == NONE_INDEX && b->waking == NONE_INDEX);
  if (budget_admits(e, id, action, &when) && (turn || when == INT64_MIN)) return ADMISSION_NOW;
  if (s->wait != WAIT_BUDGET) act_note_waiting(e, s, action, "for room in the budget");
  act_wait(e, id, WAIT_BUDGET);
  if (mine) b->waking = NONE_INDEX;
  if (e->now - s->since >= BUDGET_WAIT) {
    s->detail = text_printf(e, "%s is not sent: the budget has had no room for a day", program_str(e->program, action->name));
    return ADMISSION_NEVER;
  }
  strand_timer(e, id, s->since + BUDGET_WAIT);
  if (mine) queue_add_first(e, &b->queue, id);
  else queue_add(e, &b->queue, id);
  give_up_turn(e, id);
  return ADMISSION_WAITS;
}

bool act_hindered(Engine *e, uint32_t id, const ActionRow *action) {
  const Strand *s = strand_at(e, id);
  if (s->emergency) return false;
  return kept_back(e, id, action) != WAIT_NOTHING || window_for(e, id) > e->now || late_against(e, action, s) || act_loose(e, id, action);
}

Admission act_admitted(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  if (s->emergency) { /* it counts wherever it would wait */
    budget_charge(e, s, action);
    take_services(e, id, action, true);
    s->since = e->now;
    return ADMISSION_NOW;
  }
  if (s->queued && (s->wait != WAIT_BUDGET || s->timer != TIMER_NONE)) return ADMISSION_WAITS; /* not its turn yet */
  queue_leave(e, id);
  if (s->wait == WAIT_BUDGET) strand_no_timer(e, id);
  Admission a = ADMISSION_WAITS;
  if (!paused(e, id, action) && !against_late(e, id, action)) {
    a = within_window(e, id, action);
    if (a == ADMISSION_NOW) a = regain(e, id, action);
    if (a == ADMISSION_NOW) a = within_budget(e, id, action);
    if (a == ADMISSION_NOW && !services_admit(e, id, action)) return ADMISSION_WAITS;
  }
  if (a == ADMISSION_NOW) {
    budget_charge(e, s, action);
    take_services(e, id, action, false);
  }
  if (a == ADMISSION_WAITS) give_up_turn(e, id);
  else bucket_leave(e, id);
  if (a == ADMISSION_NOW) s->since = e->now;
  return a;
}
