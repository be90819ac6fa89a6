/* engine_sweep: locks that stand are read again and again. An automation that came back by itself is an alarm: it is locked
 * anew, and no action is sent to what it concerns until it has been read back as locked and quiet. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <string.h>

/* Of a sweeping strand: args[0] the next item of the pass, since the next pass, until the next look at what is lost. stage: 1 once
 * the release has begun and it stays only for the answers of what it locks anew. */

static Lockout *lockout_of(Engine *e, uint32_t id) { return &e->lockouts.items[strand_at(e, id)->job]; }

void sweep_start(Engine *e, uint32_t lockout) {
  uint32_t id = strand_new(e, TASK_SWEEP), owner = e->lockouts.items[lockout].strand;
  Strand *s = strand_at(e, id);
  memcpy(s->slots, strand_at(e, owner)->slots, sizeof s->slots);
  s->job = lockout;
  s->args[0] = INT64_MAX;
  s->since = e->now + SWEEP_EVERY;
  s->until = INT64_MAX;
  e->lockouts.items[lockout].sweeper = id;
  strand_timer(e, id, s->since);
}

static void found(Engine *e, uint32_t automation, uint32_t entity) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < e->lost.len; i++)
    if (e->lost.items[i].automation != automation || e->lost.items[i].entity != entity) e->lost.items[kept++] = e->lost.items[i];
  e->lost.len = kept;
}

/* A lock that is being taken anew may land at any time until it has an answer: unlocked before, it would stand for ever, and
 * nobody would know of it. So the strand stays until then, and the release waits. */
static void stop_when_locked(Engine *e, uint32_t id) {
  Lockout *l = lockout_of(e, id);
  if (l->locking > 0) return;
  strand_free(e, id);
  ready_strand(e, l->strand);
}

static void stop(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  s->stage = 1;
  strand_no_timer(e, id);
  stop_when_locked(e, id);
}

void sweep_stop(Engine *e, uint32_t lockout) {
  Lockout *l = &e->lockouts.items[lockout];
  if (l->sweeper == NONE_INDEX) return;
  stop(e, l->sweeper);
  l->sweeper = NONE_INDEX;
  for (uint32_t i = 0; i < l->items.len && e->lost.len > 0; i++)
    if (l->items.items[i].own) found(e, l->items.items[i].automation, l->items.items[i].entity);
}

static void lock_anew(Engine *e, uint32_t id, uint32_t lockout, uint32_t index) {
  Lockout *l = &e->lockouts.items[lockout];
  if (l->items.items[index].locking) return;
  l->items.items[index].locking = 1;
  l->locking++;
  lock_send(e, id, lockout, index, COMMAND_LOCK);
}

void lock_lost(Engine *e, uint32_t automation, uint32_t entity) {
  const AutomationRow *row = &e->program->automations[automation];
  if (entity >= fleet_count(e->fleet, row->kind)) return;
  LockCell *cell = lock_cell(e, automation, entity);
  TextId text = text_printf(e, "%s came back by itself, and is being locked again", program_str(e->program, row->name));
  note(e, NOTE_ALARM, automation, row->kind, entity, ALARM_LOCK_LOST, 0, text);
  if (cell->state != LOCK_HELD) return;
  uint32_t id = e->lockouts.items[cell->lockout].sweeper;
  if (id == NONE_INDEX) return; /* it is about to be released */
  cell->state = LOCK_LOST;
  vec_push(&e->lost, ((Lost){automation, row->kind, entity}));
  lock_anew(e, id, cell->lockout, cell->item);
  strand_at(e, id)->until = e->now + INSPECT_EVERY;
  ready_strand(e, id);
}

void sweep_answer(Engine *e, const Flight *f, const Event *event) {
  Lockout *l = lockout_of(e, f->strand);
  LockItem *item = &l->items.items[f->item];
  LockCell *cell = lock_cell(e, item->automation, item->entity);
  bool read = event->kind == EVENT_READING;
  if (f->command.kind == COMMAND_LOCK) item->locking = 0, l->locking--;
  if (strand_at(e, f->strand)->stage) {
    stop_when_locked(e, f->strand);
    return;
  }
  if (f->command.kind == COMMAND_INSPECT && read && event->value == 0 && cell->state == LOCK_HELD) {
    lock_lost(e, item->automation, item->entity);
  } else if (f->command.kind == COMMAND_INSPECT && read && event->value == 0 && cell->state == LOCK_LOST) {
    lock_anew(e, f->strand, strand_at(e, f->strand)->job, f->item);
  } else if (f->command.kind == COMMAND_INSPECT && read && event->value == 1 && cell->state == LOCK_LOST) {
    cell->state = LOCK_HELD;
    cell->since = (uint32_t)e->next_command;
    found(e, item->automation, item->entity);
    note(e, NOTE_LOCKED, item->automation, item->kind, item->entity, LOCKED_AGAIN, e->program->lockouts[l->row].line, l->because);
  } else if (f->command.kind == COMMAND_LOCK && event->outcome == OUT_OK) {
    lock_send(e, f->strand, strand_at(e, f->strand)->job, f->item, COMMAND_INSPECT);
  }
  ready_strand(e, f->strand);
}

static void look_at_lost(Engine *e, uint32_t id) {
  uint32_t lockout = strand_at(e, id)->job;
  bool any = false;
  for (uint32_t i = 0; i < e->lost.len; i++) {
    const LockCell *cell = lock_cell(e, e->lost.items[i].automation, e->lost.items[i].entity);
    if (cell->lockout != lockout) continue;
    lock_send(e, id, lockout, cell->item, COMMAND_INSPECT);
    any = true;
  }
  strand_at(e, id)->until = any ? e->now + INSPECT_EVERY : INT64_MAX;
}

static void pass_on(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = lockout_of(e, id);
  while (s->args[0] < l->items.len && s->outstanding < l->at_once) {
    uint32_t i = (uint32_t)s->args[0]++;
    const LockItem *item = &l->items.items[i];
    if (item->own && lock_cell(e, item->automation, item->entity)->state == LOCK_HELD)
      lock_send(e, id, s->job, i, COMMAND_INSPECT);
  }
}

void sweep_run(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->stage) return;
  if (e->now >= s->since) {
    s->since = e->now + SWEEP_EVERY;
    s->args[0] = 0;
  }
  pass_on(e, id);
  if (e->now >= s->until && s->outstanding == 0) look_at_lost(e, id);
  strand_timer(e, id, s->since < s->until || s->outstanding > 0 ? s->since : s->until);
}
