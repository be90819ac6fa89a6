/* limits: a ring of start times answers "how many in any span" without a clock of its own. */
#include <config.h>

#include "runtime/limits.h"

#include "lang/arena.h"
#include <assert.h>
#include <stdlib.h>

void throttle_done(Throttle *t) {
  free(t->starts);
  t->starts = NULL;
}

int64_t throttle_when(const Throttle *t, int64_t now) {
  if (t->at_once && t->running >= t->at_once) return INT64_MAX;
  if (!t->amount || t->count < t->amount) return now;
  int64_t free_at = t->starts[t->head] + t->per; /* the oldest of the last `amount` leaves the span */
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

void throttle_end(Throttle *t) {
  assert(t->running > 0);
  t->running--;
}

static int64_t rounds(uint32_t total, uint64_t step) { return (int64_t)((total + step - 1) / step); }

static int64_t times(int64_t n, int64_t each) {
  int64_t t;
  return __builtin_mul_overflow(n, each, &t) || t > INT64_MAX / 2 ? INT64_MAX / 2 : t;
}

uint32_t limits_binding(const Ceiling *ceilings, uint32_t count, uint32_t total, int64_t each, int64_t *ret_lasts) {
  uint32_t binding = UINT32_MAX;
  int64_t longest = -1;
  for (uint32_t i = 0; i < count; i++) {
    const Ceiling *c = &ceilings[i];
    uint64_t groups = c->groups ? c->groups : 1;
    int64_t lasts = each;
    if (total && c->at_once) lasts = times(rounds(total, c->at_once * groups), each);
    if (total && c->amount) lasts = times(rounds(total, c->amount * groups) - 1, c->per) + each;
    if (lasts <= longest) continue;
    longest = lasts;
    binding = i;
  }
  if (ret_lasts) *ret_lasts = longest < 0 ? times(total, each) : longest;
  return binding;
}
