/* forecast: what a plan will probably do: trials in the simulated world, each with its own seed for durations, and the numbers
 * that a reviewer decides on. The first trial has no faults; its timeline is the one that is shown. */
#ifndef TAGOUT_RUNTIME_FORECAST_H
#define TAGOUT_RUNTIME_FORECAST_H

#include "runtime/bind_tally.h"
#include "runtime/faults.h"
#include "runtime/monitor.h"

#define FORECAST_CURVE 48u  /* points of the curve of nodes out */
#define FORECAST_TRIALS 21u /* that people are shown: P50 and P90 by nearest rank */

typedef struct StepTime { int64_t begin, end; StepCount count; bool seen; } StepTime; /* ms UTC, of the first trial */

typedef struct Forecast {
  uint32_t trials;
  int64_t start;
  int64_t p50, p90, longest;        /* ms from start to end over the trials; nearest rank */
  RunOutcome outcome;               /* of the first trial */
  const char *reason;
  uint32_t completed;               /* trials that completed */
  uint32_t peak;                    /* nodes out at once, over all trials */
  int64_t peak_at;                  /* ms UTC, in the first trial */
  uint32_t curve[FORECAST_CURVE];   /* nodes out of the first trial at equal distances from start to its end */
  int64_t first_took;               /* ms of the first trial */
  const StepTime *steps;            /* per step of the program */
  BindTally binds;                  /* what held the first trial up */
  uint32_t set_aside, handed_over;  /* members, in the first trial */
  uint32_t out_of_window;           /* trials in which members were kept out because they fitted into no opening */
  uint64_t events;                  /* of the first trial */
  uint32_t actions;                 /* started in the first trial */
  const Breach *breaches;           /* what must never be and was, in the first trial, in the order of time; where it was looked for */
  uint32_t breach_count;
} Forecast;

/* faults: applied to every trial (their seed is replaced from the second trial on); may be NULL. watched: breaches are looked for. In
 * the arena. */
const Forecast *forecast(const Program *p, const Fleet *fleet, const Frozen *frozen, const Faults *faults, int64_t start,
                         uint32_t trials, bool watched, Arena *arena);

/* Does its first trial break a rule, or end as nobody wants it to? How: "ends rolled back: no answer of r03", "breaks a rule". */
bool forecast_fails(const Forecast *f);
void forecast_failure(const Forecast *f, Buf *out);

#endif
