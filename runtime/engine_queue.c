/* engine_queue: who runs next, who stands in line, who waits for the clock. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_emergency.h"

#include <assert.h>

enum { READY_STRAND, READY_FAN };

static void ready_push(Engine *e, uint64_t kind, uint32_t id) {
  uint64_t entry = kind << 32 | id;
  vec_push(&e->ready, entry);
}

void ready_strand(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->ready || s->task == TASK_FREE) return;
  s->ready = 1;
  ready_push(e, READY_STRAND, id);
}

void ready_fan(Engine *e, uint32_t id) {
  Fan *f = &e->fans.items[id];
  if (f->ready || !f->used) return;
  f->ready = 1;
  ready_push(e, READY_FAN, id);
}

static void run_strand(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  s->ready = 0;
  switch ((Task)s->task) {
    case TASK_FREE: break;
    case TASK_CODE: strand_run(e, id); break;
    case TASK_RELEASE: release_run(e, id); break;
    case TASK_SWEEP: sweep_run(e, id); break;
    case TASK_GUARD: guard_run(e, id); break;
    case TASK_WATCH: watch_run(e, id); break;
    case TASK_EMBARGO: embargo_run(e, id); break;
    case TASK_LEDGER: ledger_run(e, id); break;
  }
}

static void run_fan(Engine *e, uint32_t id) {
  e->fans.items[id].ready = 0;
  if (e->fans.items[id].used) fan_pump(e, id);
}

void ready_run(Engine *e) {
  while (e->ready_head < e->ready.len) {
    uint64_t entry = e->ready.items[e->ready_head++];
    if (entry >> 32 == READY_STRAND) run_strand(e, (uint32_t)entry);
    else run_fan(e, (uint32_t)entry);
  }
  e->ready.len = e->ready_head = 0;
}

/* ---- queues ---- */

void queue_add(Engine *e, Queue *q, uint32_t id) {
  strand_at(e, id)->queued = 1;
  strand_at(e, id)->queue_next = NONE_INDEX;
  if (q->tail == NONE_INDEX) q->head = id;
  else strand_at(e, q->tail)->queue_next = id;
  q->tail = id;
}

void queue_add_first(Engine *e, Queue *q, uint32_t id) {
  strand_at(e, id)->queued = 1;
  strand_at(e, id)->queue_next = q->head;
  q->head = id;
  if (q->tail == NONE_INDEX) q->tail = id;
}

uint32_t queue_take(Engine *e, Queue *q) {
  uint32_t id = q->head;
  if (id == NONE_INDEX) return id;
  strand_at(e, id)->queued = 0;
  q->head = strand_at(e, id)->queue_next;
  if (q->head == NONE_INDEX) q->tail = NONE_INDEX;
  return id;
}

void queue_drop(Engine *e, Queue *q, uint32_t id) {
  uint32_t before = NONE_INDEX;
  for (uint32_t i = q->head; i != NONE_INDEX; before = i, i = strand_at(e, i)->queue_next) {
    if (i != id) continue;
    uint32_t after = strand_at(e, i)->queue_next;
    if (before == NONE_INDEX) q->head = after;
    else strand_at(e, before)->queue_next = after;
    if (q->tail == id) q->tail = before;
    strand_at(e, id)->queued = 0;
    return;
  }
}

void queue_wake_all(Engine *e, Queue *q) {
  for (uint32_t id; (id = queue_take(e, q)) != NONE_INDEX;) ready_strand(e, id);
}

/* ---- timers of strands ---- */

void strand_timer(Engine *e, uint32_t id, int64_t at) {
  Strand *s = strand_at(e, id);
  timers_remove(&e->timers, &s->timer);
  s->timer = timers_add(&e->timers, at, TIMER_STRAND, id);
}

void strand_no_timer(Engine *e, uint32_t id) { timers_remove(&e->timers, &strand_at(e, id)->timer); }
