/* timers: a binary heap whose entries know their ids, and ids that know their entries. */
#include <config.h>

#include "runtime/timers.h"

#include <assert.h>

void timers_done(Timers *t) {
  vec_done(&t->heap);
  vec_done(&t->slots);
  vec_done(&t->spare);
}

static bool before(const TimerEntry *a, const TimerEntry *b) { return a->at != b->at ? a->at < b->at : a->seq < b->seq; }

static void put(Timers *t, uint32_t pos, TimerEntry entry) {
  t->heap.items[pos] = entry;
  t->slots.items[entry.id].pos = pos;
}

static void rise(Timers *t, uint32_t pos, TimerEntry entry) {
  while (pos > 0 && before(&entry, &t->heap.items[(pos - 1) / 2])) {
    put(t, pos, t->heap.items[(pos - 1) / 2]);
    pos = (pos - 1) / 2;
  }
  put(t, pos, entry);
}

static void sink(Timers *t, uint32_t pos, TimerEntry entry) {
  for (;;) {
    uint32_t child = 2 * pos + 1;
    if (child >= t->heap.len) break;
    if (child + 1 < t->heap.len && before(&t->heap.items[child + 1], &t->heap.items[child])) child++;
    if (!before(&t->heap.items[child], &entry)) break;
    put(t, pos, t->heap.items[child]);
    pos = child;
  }
  put(t, pos, entry);
}

static uint32_t new_id(Timers *t) {
  if (t->spare.len) return t->spare.items[--t->spare.len];
  TimerSlot none = {0};
  vec_push(&t->slots, none);
  return t->slots.len - 1;
}

uint32_t timers_add(Timers *t, int64_t at, uint32_t kind, uint64_t ref) {
  uint32_t id = new_id(t);
  t->slots.items[id] = (TimerSlot){.ref = ref, .kind = kind};
  TimerEntry entry = {.at = at, .seq = t->seq++, .id = id};
  vec_push(&t->heap, entry);
  rise(t, t->heap.len - 1, entry);
  return id;
}

static void drop(Timers *t, uint32_t pos) {
  vec_push(&t->spare, t->heap.items[pos].id);
  TimerEntry last = t->heap.items[--t->heap.len];
  if (pos == t->heap.len) return;
  if (pos > 0 && before(&last, &t->heap.items[(pos - 1) / 2])) rise(t, pos, last);
  else sink(t, pos, last);
}

void timers_remove(Timers *t, uint32_t *id) {
  if (*id == TIMER_NONE) return;
  assert(*id < t->slots.len);
  drop(t, t->slots.items[*id].pos);
  *id = TIMER_NONE;
}

int64_t timers_next(const Timers *t) { return t->heap.len ? t->heap.items[0].at : INT64_MAX; }

bool timers_take(Timers *t, int64_t now, TimerSlot *ret) {
  if (timers_next(t) > now) return false;
  *ret = t->slots.items[t->heap.items[0].id];
  drop(t, 0);
  return true;
}
