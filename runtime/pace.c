/* pace: real waiting on behalf of a simulated clock. */
#include <config.h>

#include "runtime/pace.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#define WAIT_MAX_MS 60000 /* one poll; longer waits are several */

static int64_t monotonic_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void pace_init(Pace *p, double speed, int64_t sim_start, int wake_fd) {
  *p = (Pace){.speed = speed, .sim_start = sim_start, .wake_fd = wake_fd, .real_start = speed > 0 ? monotonic_us() : 0};
}

static int64_t simulated_now(const Pace *p) {
  return p->sim_start + (int64_t)((double)(monotonic_us() - p->real_start) / 1000.0 * p->speed);
}

bool pace_until(const Pace *p, int64_t until, int64_t *now) {
  if (p->speed <= 0) return true;
  for (;;) {
    int64_t sim = simulated_now(p);
    if (sim >= until) return true;
    double ms = (double)(until - sim) / p->speed + 1;
    struct pollfd fd = {.fd = p->wake_fd, .events = POLLIN};
    int ready = poll(&fd, p->wake_fd >= 0 ? 1 : 0, ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)ms);
    if (ready > 0 || (ready < 0 && errno == EINTR)) {
      sim = simulated_now(p);
      if (sim > *now) *now = sim < until ? sim : until;
      return false;
    }
  }
}
