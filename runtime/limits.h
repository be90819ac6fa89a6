/* limits: what may start now. A Throttle holds one ceiling: so many at once, or so many in any span of time. Several
 * throttles hold together; the lesser wins. Pure: time is an argument. */
#ifndef TAGOUT_RUNTIME_LIMITS_H
#define TAGOUT_RUNTIME_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Throttle {
  uint32_t at_once;       /* 0: no such rule */
  uint32_t amount;        /* starts in any span of `per` ms; 0: no such rule */
  int64_t per;
  uint32_t overdue_most;  /* nothing starts while so many are overdue; 0: nothing is ever counted as overdue */
  uint32_t running;       /* started, not ended and not overdue: what at_once counts */
  uint32_t overdue;       /* started, not ended, and silent for longer than it ordinarily takes */
  uint32_t taken;         /* admitted and not yet started: no span is without them */
  uint32_t head, count;   /* of `starts` */
  uint32_t cap;           /* of `starts`: grows with the starts, up to `amount` */
  int64_t *starts;        /* the last `amount` starts; a ring once there are so many */
} Throttle;

void throttle_done(Throttle *t);
/* When one more may start: now, a later time, or INT64_MAX: not before something ends. */
int64_t throttle_when(const Throttle *t, int64_t now);
void throttle_start(Throttle *t, int64_t now); /* only when throttle_when said now */
/* The same in two steps, where something comes between: it runs from the first on, and its start counts from the second. */
void throttle_take(Throttle *t, int64_t now);
void throttle_take_beyond(Throttle *t);        /* whatever throttle_when said: it counts, and holds up others */
void throttle_sent(Throttle *t, int64_t now);
void throttle_drop(Throttle *t);               /* what was taken does not start */
void throttle_overdue(Throttle *t);            /* one that runs is overdue from now on: it gives its place to another */
void throttle_end(Throttle *t, bool overdue);  /* overdue: it was counted so */
void throttle_undo(Throttle *t, int64_t at); /* what started at `at` did not: it has not run, and does not count in any span */

/* A limit of a fan. most: members of its fullest group where it is per group; 0: it is over all of them. */
typedef struct Ceiling { uint32_t at_once, amount, most; int64_t per; } Ceiling;
/* ms until the last of `total` members has ended when each takes up to `each` ms: never too short, whatever the order in
 * which they end. Without a ceiling all start at once. */
int64_t limits_last(const Ceiling *ceilings, uint32_t count, uint32_t total, int64_t each);

#endif
