/* live_pace: the time of the last reading per fact and entity, and the readings that wait. */
#include <config.h>

#include "runtime/live_pace.h"

void live_pace_done(LivePace *p) {
  id_map_done(&p->index);
  vec_done(&p->last);
  vec_done(&p->waiting);
}

/* 0 is no key of a map. */
static uint64_t key_of(const Command *c) { return ((uint64_t)c->subject << 40 | (uint64_t)c->kind_of_entity << 32 | c->entity) + 1; }

static PaceLast *last_of(LivePace *p, const Command *c) {
  uint32_t i;
  if (id_map_get(&p->index, key_of(c), &i)) return &p->last.items[i];
  id_map_put(&p->index, key_of(c), p->last.len);
  vec_push(&p->last, ((PaceLast){c->subject, c->kind_of_entity, c->entity, INT64_MIN}));
  return &p->last.items[p->last.len - 1];
}

bool live_pace_waits(LivePace *p, const Command *c, int64_t every, int64_t now) {
  if (every <= 0 || c->kind != COMMAND_READ) return false;
  PaceLast *last = last_of(p, c);
  int64_t due = last->at == INT64_MIN ? now : last->at > now ? last->at : last->at + every;
  int64_t latest = c->deadline > now ? now + (c->deadline - now) / 2 : now;
  if (due > latest) due = latest;
  if (due <= now) {
    last->at = now;
    return false;
  }
  last->at = due;
  PaceWaiting w = {due, *c};
  w.command.text = NULL;
  vec_push(&p->waiting, w);
  return true;
}

int64_t live_pace_next(const LivePace *p) {
  int64_t next = INT64_MAX;
  for (uint32_t i = 0; i < p->waiting.len; i++)
    if (p->waiting.items[i].due < next) next = p->waiting.items[i].due;
  return next;
}

static void remove_at(LivePace *p, uint32_t i) {
  for (; i + 1 < p->waiting.len; i++) p->waiting.items[i] = p->waiting.items[i + 1];
  p->waiting.len--;
}

bool live_pace_take(LivePace *p, int64_t now, Command *ret) {
  for (uint32_t i = 0; i < p->waiting.len; i++) {
    if (p->waiting.items[i].due > now) continue;
    *ret = p->waiting.items[i].command;
    remove_at(p, i);
    return true;
  }
  return false;
}

bool live_pace_drop(LivePace *p, uint64_t command) {
  for (uint32_t i = 0; i < p->waiting.len; i++) {
    if (p->waiting.items[i].command.id != command) continue;
    remove_at(p, i);
    return true;
  }
  return false;
}
