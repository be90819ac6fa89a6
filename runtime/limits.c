/* limits: a ring of start times answers "how many in any span" without a clock of its own. */
#include <config.h>

#include "runtime/limits.h"

#include "lang/arena.h"
#include <assert.h>
#include <stdlib.h>

#define LONG_AGO (INT64_MIN / 4)
#define LASTS_MOST (INT64_MAX / 4) /* ms; longer is not told apart, and two of them can be added */

void throttle_done(Throttle *t) {
  free(t->starts);
  t->starts = NULL;
}

int64_t throttle_when(const Throttle *t, int64_t now) {
  if (t->at_once && t->running >= t->at_once) return INT64_MAX;
  if (t->overdue_most && t->overdue >= t->overdue_most) return INT64_MAX;
  if (!t->amount) return now;
  if (t->taken >= t->amount) return INT64_MAX;
  uint32_t most = t->amount - t->taken;
  if (t->count < most) return now;
  int64_t free_at = t->starts[(t->head + t->count - most) % t->amount] + t->per; /* the oldest of the last `most` leaves the span */
  return free_at > now ? free_at : now;
}

static void remember_start(Throttle *t, int64_t now) {
  if (t->count < t->amount) { /* not yet a ring: head is 0 */
    if (t->count == t->cap) {
      t->cap = t->cap ? t->cap * 2 : 8;
      t->starts = xrealloc(t->starts, size_product(t->cap, sizeof *t->starts));
    }
    t->starts[t->count++] = now;
    return;
  }
  t->starts[t->head] = now;
  t->head = (t->head + 1) % t->amount;
}

void throttle_start(Throttle *t, int64_t now) {
  assert(throttle_when(t, now) <= now);
  t->running++;
  if (t->amount) remember_start(t, now);
}

void throttle_take_beyond(Throttle *t) {
  t->running++;
  t->taken += t->amount > 0;
}

void throttle_take(Throttle *t, int64_t now) {
  assert(throttle_when(t, now) <= now);
  (void)now;
  throttle_take_beyond(t);
}

void throttle_sent(Throttle *t, int64_t now) {
  if (!t->amount) return;
  assert(t->taken > 0);
  t->taken--;
  remember_start(t, now);
}

void throttle_drop(Throttle *t) {
  throttle_end(t, false); /* it was not sent: it cannot be overdue */
  t->taken -= t->amount > 0;
}

void throttle_overdue(Throttle *t) {
  assert(t->running > 0);
  t->running--;
  t->overdue++;
}

void throttle_end(Throttle *t, bool overdue) {
  uint32_t *count = overdue ? &t->overdue : &t->running;
  assert(*count > 0);
  --*count;
}

static int64_t *start_at(Throttle *t, uint32_t i) { return &t->starts[(t->head + i) % t->amount]; } /* the i-th oldest */

/* Those before it move up, and the oldest place is given to a start so long ago that no span has it. */
void throttle_undo(Throttle *t, int64_t at) {
  throttle_end(t, false); /* it was not sent: it cannot be overdue */
  uint32_t i = t->amount ? t->count : 0;
  while (i > 0 && *start_at(t, i - 1) != at) i--;
  if (i == 0) return;
  for (i--; i > 0; i--) *start_at(t, i) = *start_at(t, i - 1);
  *start_at(t, 0) = LONG_AGO;
}

static int64_t times(int64_t n, int64_t each) {
  int64_t t;
  return __builtin_mul_overflow(n, each, &t) || t > LASTS_MOST ? LASTS_MOST : t;
}

static int64_t sum(int64_t a, int64_t b) { return a + b > LASTS_MOST ? LASTS_MOST : a + b; } /* both are at most LASTS_MOST */

/* One member after the other: none waits longer than for the one that is `amount` places before it, to end or to be `per`
 * ago. */
static int64_t last_in_line(const Ceiling *ceilings, uint32_t count, uint32_t total, int64_t each) {
  int64_t *starts = xcalloc(total, sizeof *starts);
  for (uint32_t k = 0; k < total; k++) {
    int64_t start = k ? starts[k - 1] : 0;
    for (uint32_t i = 0; i < count; i++) {
      const Ceiling *c = &ceilings[i];
      int64_t t = 0;
      if (c->at_once && k >= c->at_once) t = sum(starts[k - c->at_once], each);
      if (t > start) start = t;
      if (c->amount && k >= c->amount) t = sum(starts[k - c->amount], c->per);
      if (t > start) start = t;
    }
    starts[k] = start;
  }
  int64_t last = starts[total - 1];
  free(starts);
  return sum(last, each);
}

/* Whoever starts last has waited only while some ceiling that it is under was full; and one of m members and so much room
 * cannot be full for longer than its other m - 1 fill it. */
static int64_t last_of_groups(const Ceiling *ceilings, uint32_t count, uint32_t total, int64_t each) {
  int64_t last = 0;
  for (uint32_t i = 0; i < count; i++) {
    const Ceiling *c = &ceilings[i];
    int64_t before = (c->most ? c->most : total) - (int64_t)1;
    if (c->at_once) last = sum(last, (times(before, each) + c->at_once - 1) / c->at_once);
    if (c->amount) last = sum(last, (times(before, c->per) + c->amount - 1) / c->amount);
  }
  return sum(last, each);
}

int64_t limits_last(const Ceiling *ceilings, uint32_t count, uint32_t total, int64_t each) {
  bool groups = false;
  if (total == 0) return 0;
  if (each > LASTS_MOST) each = LASTS_MOST;
  for (uint32_t i = 0; i < count; i++) groups = groups || ceilings[i].most != 0;
  return groups ? last_of_groups(ceilings, count, total, each) : last_in_line(ceilings, count, total, each);
}
