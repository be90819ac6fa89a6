/* pace: ties a simulated clock to the real one by a factor. The only place of the simulated world that waits. */
#ifndef TAGOUT_RUNTIME_PACE_H
#define TAGOUT_RUNTIME_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Pace {
  double speed;        /* simulated ms per real ms; 0: no tie */
  int64_t sim_start;   /* simulated ms */
  int64_t real_start;  /* monotonic us */
  int wake_fd;         /* -1 none */
} Pace;

void pace_init(Pace *p, double speed, int64_t sim_start, int wake_fd);
/* Waits until the simulated clock reaches `until`. True when it did; false when woken early, and then *now is how far the
 * clock came. */
bool pace_until(const Pace *p, int64_t until, int64_t *now);

#endif
