/* plan_table: one line per step, and one about turning back when there is a step from which it is too late in the worst case. */
#include <config.h>

#include "runtime/plan_table.h"

#define STEP_LINES 7u

typedef struct Turning { int64_t by; bool safe, known; } Turning; /* by: ms UTC */

static int64_t next_close(const PlanReport *r, int64_t at) {
  const Frozen *f = r->frozen;
  for (uint32_t i = 0; i < f->opening_count && f->window_hard; i++)
    if (at < f->openings[i].close) return f->openings[i].close;
  return INT64_MAX;
}

static int64_t window_close(const PlanReport *r) { return next_close(r, r->plan->start); }

/* The last moment at which the way back still ends before the window closes. Not safe: the dry run comes to the step later. */
static Turning turning(const PlanReport *r, uint32_t step) {
  const WorstStep *w = &r->bounds->steps[step];
  const StepTime *t = &r->forecast->steps[step];
  int64_t close = window_close(r), begin = t->seen ? t->begin : r->plan->start;
  if (w->back < 0 || close == INT64_MAX) return (Turning){0};
  return (Turning){close - w->back, close - w->back >= begin, true};
}

/* The last moment at which a member of the step is still started, in the opening in which it begins. */
static Turning starting(const PlanReport *r, uint32_t step) {
  const WorstStep *w = &r->bounds->steps[step];
  const StepTime *t = &r->forecast->steps[step];
  int64_t begin = t->seen ? t->begin : r->plan->start, close = next_close(r, begin);
  if (w->starts < 0 || close == INT64_MAX) return (Turning){0};
  return (Turning){close - w->starts, close - w->starts >= begin, true};
}

static const char *name_of(const PlanReport *r, uint32_t step) { return program_str(r->plan->program, r->plan->program->steps[step].name); }

static int64_t unit_of(int64_t ms) { return ms >= 600000 ? 60000 : 1000; }

static void put_duration(Buf *out, int64_t ms) { /* never too short */
  if (ms < 0) buf_str(out, "-");
  else if (ms >= WORST_CAP) buf_str(out, "no bound");
  else quantity_show(QUANTITY_DURATION, (ms + unit_of(ms) - 1) / unit_of(ms) * unit_of(ms), out);
}

static void put_turning(const PlanReport *r, Turning t, Buf *out) {
  if (!t.known) buf_str(out, "-");
  else if (!t.safe) buf_str(out, "too late");
  else zone_format_short(r->zone, t.by, out);
}

static void put_out(const PlanReport *r, uint32_t step, Buf *out) {
  int64_t n = r->bounds->peak.steps[step];
  if (n > r->bounds->budget) n = r->bounds->budget;
  if (n < 0) buf_str(out, "-");
  else buf_printf(out, "%lld", (long long)n);
}

static void row(const PlanReport *r, uint32_t step, Buf *out) {
  Buf took = BUF_INIT, worst = BUF_INIT, start = BUF_INIT, turn = BUF_INIT, most = BUF_INIT;
  int64_t ms = r->forecast->steps[step].end - r->forecast->steps[step].begin;
  quantity_show(QUANTITY_DURATION, (ms + unit_of(ms) / 2) / unit_of(ms) * unit_of(ms), &took);
  put_duration(&worst, r->bounds->steps[step].lasts);
  put_turning(r, starting(r, step), &start);
  put_turning(r, turning(r, step), &turn);
  put_out(r, step, &most);
  buf_printf(out, "%-16.16s %10s %10s  ", name_of(r, step), took.data, worst.data);
  if (window_close(r) != INT64_MAX) buf_printf(out, "%-12s ", start.data);
  buf_printf(out, "%-12s %9s\n", turn.data, most.data);
  buf_done(&took);
  buf_done(&worst);
  buf_done(&start);
  buf_done(&turn);
  buf_done(&most);
}

static void term(Buf *out, const char *between, int64_t ms, const char *what) {
  if (ms <= 0) return;
  buf_str(out, between);
  put_duration(out, ms);
  buf_printf(out, " %s", what);
}

/* The first step from which the way back does not fit, with the sum. */
static void too_late(const PlanReport *r, Buf *out) {
  uint32_t count = 0, step = 0;
  for (uint32_t i = r->plan->program->steps_count; i-- > 0;) {
    Turning t = turning(r, i);
    if (t.known && !t.safe && r->forecast->steps[i].seen) count++, step = i;
  }
  if (count == 0) return;
  const WorstStep *w = &r->bounds->steps[step];
  int64_t begin = r->forecast->steps[step].begin;
  buf_printf(out, "  turning back  too late from step %s on: ", name_of(r, step));
  put_duration(out, window_close(r) - begin);
  buf_str(out, " left, ");
  put_duration(out, w->back);
  buf_str(out, " needed:\n                ");
  term(out, "", w->finish, "under way");
  term(out, w->finish > 0 ? " + " : "", w->undo, "roll back");
  term(out, " + ", w->release, "release");
  buf_char(out, '\n');
}

void plan_table_text(const PlanReport *r, Buf *out) {
  const Program *p = r->plan->program;
  uint32_t lines = 0;
  for (uint32_t i = 0; i < p->steps_count; i++) {
    if (!r->forecast->steps[i].seen || p->steps[i].parent != NONE_INDEX) continue;
    if (lines++ == 0) {
      buf_printf(out, "  steps         %-16s %10s %10s  ", "", "dry run", "at worst");
      if (window_close(r) != INT64_MAX) buf_printf(out, "%-12s ", "last start");
      buf_printf(out, "%-12s %9s\n", "turn back by", "most out");
    }
    if (lines > STEP_LINES) {
      buf_str(out, "                ... the rest with --format json\n");
      break;
    }
    buf_str(out, "                ");
    row(r, i, out);
  }
  too_late(r, out);
}

/* ---- JSON ---- */

static json_t *number(int64_t n) { return n < 0 ? json_null() : json_integer(n); }

json_t *plan_table_json(const PlanReport *r) {
  const Program *p = r->plan->program;
  json_t *out = json_array();
  for (uint32_t i = 0; i < p->steps_count; i++) {
    const WorstStep *w = &r->bounds->steps[i];
    if (w->lasts < 0) continue;
    Turning t = turning(r, i), start = starting(r, i);
    bool back = w->back >= 0;
    json_t *by = t.known ? json_integer(t.by - r->plan->start) : json_null(); /* from the start; below zero: before it */
    json_array_append_new(
        out, json_pack("{s:s,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "step", name_of(r, i), "line", (int)p->steps[i].line, "worst_ms",
                       number(w->lasts), "back_ms", number(w->back), "finish_ms", number(back ? w->finish : -1), "undo_ms",
                       number(back ? w->undo : -1), "release_ms", number(back ? w->release : -1), "start_needs_ms", number(w->starts), "last_start_ms",
                       start.known ? json_integer(start.by - r->plan->start) : json_null(), "turn_back_by_ms", by,
                       "turn_back_safe", t.known ? json_boolean(t.safe) : json_null(), "peak_out", number(r->bounds->peak.steps[i])));
  }
  return out;
}
