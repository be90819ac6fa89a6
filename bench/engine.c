/* engine: what an event, a strand and a predicate cost. Not installed and not a test: `make bench/engine && bench/engine`.
 *   run       18,500 nodes x 20 actions, each read back, at most 1,800 at once, in a world that answers at once
 *   same, through a service of 18,000 per hour; under a policy of five rules
 *   curve     the same for fleets of 1,000 to 1,000,000, 1,800 at once and all at once; per event, the best of some rounds
 *   waiting   18,500 strands that wait at the same time, and the memory of the process for them
 *   predicate, the best of many rounds: `sku is GB200 and site is PHX62 and score > 97` over the columns of 18,500 nodes */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/engine_case.h"
#include "runtime/vm.h"

enum { NODES = 18500, AT_ONCE = 1800, ROUNDS = 200, CURVE_EVENTS = 4000000 };

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- a world that costs next to nothing: every command is answered in its turn, a little later each ---- */

/* As many answers come in a millisecond as let nobody wait for minutes, however many ask. */
typedef struct World1 { VEC(Event) events; uint32_t head; uint8_t *power; int64_t now; uint64_t fed, answers; uint32_t per_ms; } World1;

static void take_commands(World1 *w, Engine *e) {
  const Command *c;
  uint32_t n = engine_commands(e, &c);
  for (uint32_t i = 0; i < n; i++) {
    if (c[i].kind != COMMAND_ACT && c[i].kind != COMMAND_READ) continue;
    if (c[i].kind == COMMAND_ACT) w->power[c[i].entity] = (uint8_t)(c[i].subject + 1);
    Event ev = {.kind = c[i].kind == COMMAND_ACT ? EVENT_OUTCOME : EVENT_READING, .command = c[i].id, .outcome = OUT_OK, .value = w->power[c[i].entity]};
    vec_push(&w->events, ev);
  }
}

static void feed(World1 *w, Engine *e, Event ev) {
  ev.at = w->now;
  engine_feed(e, &ev);
  w->fed++;
  take_commands(w, e);
}

typedef struct Figures { double seconds; uint64_t events; uint32_t strands; size_t strand_bytes, memory; } Figures;

static Figures run_once(uint32_t nodes, uint32_t at_once, uint32_t service, BenchBody body) {
  Bench b;
  bench_open(&b, nodes, at_once, service, body);
  World1 w = {.power = calloc(nodes, 1), .per_ms = 1 + at_once / 10000};
  memset(w.power, 1, nodes);
  double t0 = cpu_seconds();
  Engine *e = engine_new(b.program, b.fleet, &b.frozen);
  feed(&w, e, (Event){.kind = EVENT_BEGIN});
  while (engine_outcome(e) == RUN_GOING) {
    if (w.head < w.events.len) {
      if (++w.answers % w.per_ms == 0) w.now++;
      feed(&w, e, w.events.items[w.head++]);
    } else {
      w.now = engine_next_timer(e);
      feed(&w, e, (Event){.kind = EVENT_TICK});
    }
    if (w.head == w.events.len) w.head = w.events.len = 0;
    if (w.head > 2 * AT_ONCE && w.head > w.events.len / 2) {
      memmove(w.events.items, w.events.items + w.head, (w.events.len -= w.head) * sizeof *w.events.items);
      w.head = 0;
    }
  }
  Figures f = {.seconds = cpu_seconds() - t0, .events = w.fed};
  f.memory = engine_memory(e, &f.strands, &f.strand_bytes);
  if (engine_outcome(e) != RUN_COMPLETED) printf("  it ended otherwise: %s\n", engine_reason(e));
  engine_free(e);
  vec_done(&w.events);
  free(w.power);
  bench_close(&b);
  return f;
}

static void run(const char *name, uint32_t at_once, uint32_t service, BenchBody body) {
  Figures f = run_once(NODES, at_once, service, body);
  printf("  %-26s %7.1f ms  %8llu events  %5.2f M events/s  %6u strands of %zu bytes  %5.1f MiB\n", name, f.seconds * 1e3,
         (unsigned long long)f.events, (double)f.events / f.seconds / 1e6, f.strands, f.strand_bytes, (double)f.memory / 1048576);
}

/* The fastest of as many rounds as make a measurable time. */
static double event_ns(uint32_t nodes, uint32_t at_once) {
  uint32_t rounds = CURVE_EVENTS / (nodes * 2 * ACTIONS);
  double best = 0;
  for (uint32_t i = 0; i <= rounds && i < 20; i++) {
    Figures f = run_once(nodes, at_once, 0, BODY_ACTS);
    double ns = f.seconds * 1e9 / (double)f.events;
    if (i == 0 || ns < best) best = ns;
  }
  return best;
}

static void curve(void) {
  static const uint32_t fleets[] = {1000, 3000, 10000, 18500, 30000, 100000, 300000, 1000000};
  for (size_t i = 0; i < sizeof fleets / sizeof *fleets; i++)
    printf("  fleet of %9u   %6.0f ns per event, %u at once   %6.0f ns per event, all at once\n", fleets[i],
           event_ns(fleets[i], AT_ONCE), (unsigned)AT_ONCE, event_ns(fleets[i], fleets[i]));
}

static void predicate(void) {
  Bench b;
  bench_open(&b, NODES, 1, 0, BODY_WAITS);
  VmHost host = {0};
  Vm *vm = vm_new(b.program, b.fleet, &host);
  EntityVec found = {0};
  double seconds = 1;
  for (int i = 0; i < ROUNDS; i++) {
    double t0 = cpu_seconds();
    found.len = 0;
    vm_collect(vm, b.predicate, NULL, 0, &found);
    if (cpu_seconds() - t0 < seconds) seconds = cpu_seconds() - t0;
  }
  printf("  %-26s %7.3f ms  %5.1f ns per node, %u of %u found\n", "predicate", seconds * 1e3, seconds * 1e9 / NODES, found.len, (unsigned)NODES);
  vec_done(&found);
  vm_free(vm);
  bench_close(&b);
}

int main(void) {
  run("run", AT_ONCE, 0, BODY_ACTS);
  run("run through a service", AT_ONCE, 18000, BODY_ACTS);
  run("run under five rules", AT_ONCE, 0, BODY_OBEYS);
  run("waiting", NODES, 0, BODY_WAITS);
  predicate();
  curve();
  return 0;
}
