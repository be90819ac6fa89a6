/* plan_report: what stands on the first screen, and the same as data. */
#include <config.h>

#include "runtime/plan_report.h"

#include "runtime/plan_lost.h"
#include "runtime/plan_need.h"
#include "runtime/plan_numbers.h"
#include "runtime/plan_standing.h"
#include "runtime/plan_table.h"
#include "runtime/plan_through.h"
#include "runtime/plan_urgent.h"
#include "runtime/testrun.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80u
#define LABEL 14   /* columns of the labels */
#define LIMIT_LINES 6u
#define BIND_LINES 3u

typedef struct Screen {
  const PlanReport *r;
  Buf *out;
  Buf scratch;
  const PlanNumber *numbers;
  uint32_t number_count;
} Screen;

/* ---- pieces ---- */

static int64_t rounded(int64_t ms) {
  int64_t unit = ms >= 600000 ? 60000 : 1000;
  return (ms + unit / 2) / unit * unit;
}

static const char *duration(Screen *s, int64_t ms) {
  buf_reset(&s->scratch);
  quantity_show(QUANTITY_DURATION, rounded(ms), &s->scratch);
  return s->scratch.data;
}

static const char *moment(Screen *s, int64_t at) {
  buf_reset(&s->scratch);
  zone_format_short(s->r->zone, at, &s->scratch);
  return s->scratch.data;
}

static void label(Screen *s, const char *text) { buf_printf(s->out, "  %-*s", LABEL, text); }

static int64_t goal_time(const Screen *s) {
  for (uint32_t i = 0; i < s->number_count; i++)
    if (s->numbers[i].sort == NUMBER_GOAL_TIME) return s->numbers[i].amount;
  return INT64_MAX;
}

/* Close of the window that the plan starts in, or INT64_MAX. */
static int64_t window_close(const PlanReport *r) {
  const Frozen *f = r->frozen;
  for (uint32_t i = 0; i < f->opening_count; i++)
    if (r->plan->start < f->openings[i].close) return f->openings[i].close;
  return INT64_MAX;
}

/* In more than one run of ten. */
static bool out_of_window(const Forecast *f) { return f->out_of_window * 10 > f->trials; }

static Verdict verdict(const Screen *s) {
  const Forecast *f = s->r->forecast;
  if (forecast_fails(f)) return VERDICT_FAILS;
  if (f->p90 > goal_time(s) || out_of_window(f)) return VERDICT_LATE;
  if (s->r->frozen->window_hard && f->start + f->p90 > window_close(s->r)) return VERDICT_LATE;
  return VERDICT_MEETS;
}

/* ---- lines ---- */

#define BREACH_LINES 4u

static void breach_text(const Screen *s, const Breach *b, Buf *out) {
  breach_tell(s->r->plan->program, s->r->fleet, b, out);
  if (b->line) buf_printf(out, " (line %u)", b->line);
}

/* What the dry run did that must never be done. */
static void breaches(Screen *s) {
  const Forecast *f = s->r->forecast;
  for (uint32_t i = 0; i < f->breach_count && i < BREACH_LINES; i++) {
    label(s, i ? "" : "breaks");
    buf_printf(s->out, "%s ", moment(s, f->breaches[i].at));
    breach_text(s, &f->breaches[i], s->out);
    buf_char(s->out, '\n');
  }
}

static void verdict_line(Screen *s) {
  const Forecast *f = s->r->forecast;
  int64_t goal = goal_time(s);
  switch (verdict(s)) {
  case VERDICT_FAILS:
    buf_printf(s->out, "%s: the dry run ", f->breach_count ? "UNSAFE" : "FAILS");
    forecast_failure(f, s->out);
    buf_char(s->out, '\n');
    return;
  case VERDICT_LATE: buf_printf(s->out, "MISSES: P90 %s", duration(s, f->p90)); break;
  case VERDICT_MEETS: buf_printf(s->out, "MEETS: P90 %s", duration(s, f->p90)); break;
  }
  if (goal != INT64_MAX) buf_printf(s->out, ", the goal is %s", duration(s, goal));
  int64_t close = window_close(s->r);
  if (close != INT64_MAX)
    buf_printf(s->out, "; the window closes %s%s", moment(s, close), s->r->frozen->window_hard ? " (hard)" : "");
  if (f->out_of_window) buf_printf(s->out, "; in %u of %u simulated runs members fit into no opening and are kept out", f->out_of_window, f->trials);
  buf_char(s->out, '\n');
}

static void head(Screen *s) {
  const Program *p = s->r->plan->program;
  buf_printf(s->out, "%s: %s\n", program_str(p, p->name), program_str(p, p->title));
  verdict_line(s);
}

static void times(Screen *s) {
  const Forecast *f = s->r->forecast;
  label(s, "start");
  buf_reset(&s->scratch);
  zone_format(s->r->zone, f->start, &s->scratch);
  buf_printf(s->out, "%s (%s)\n", s->scratch.data, zone_name(s->r->zone));
  label(s, "finish");
  buf_printf(s->out, "P50 %s", moment(s, f->start + f->p50));
  buf_printf(s->out, " (%s)", duration(s, f->p50));
  buf_printf(s->out, ", P90 %s", moment(s, f->start + f->p90));
  buf_printf(s->out, " (%s), of %u simulated runs\n", duration(s, f->p90), f->trials);
}

static void targets(Screen *s) {
  const Plan *plan = s->r->plan;
  label(s, "targets");
  uint32_t out = 0;
  for (uint32_t i = 0; i < plan->target_count; i++)
    buf_printf(s->out, "%s%u %s", i ? ", " : "", plan->targets[i].count, plan->targets[i].name);
  for (uint32_t i = 0; i < plan->left_out_count; i++) out += plan->left_out[i].count;
  if (plan->left_out_count) buf_printf(s->out, "; left out as found: %u", out);
  buf_char(s->out, '\n');
}

/* In any run of this plan. What would be more is held back by the budget. */
static void never_above(Screen *s) {
  const PlanBounds *b = s->r->bounds;
  if (b->peak.most == 0) return;
  if (b->peak.most <= b->budget) buf_printf(s->out, "; never above %lld", (long long)b->peak.most);
  else buf_printf(s->out, "; the budget holds back %lld", (long long)(b->peak.most - b->budget));
}

/* Members of what is counted out of service, by name: "1 Node", "12 nodes". */
static const char *counted(const Screen *s, uint32_t n) {
  const Program *p = s->r->plan->program;
  const KindRow *kind = &p->kinds[s->r->bounds->peak.kind];
  return program_str(p, n == 1 ? kind->name : kind->plural);
}

static bool nothing_leaves(const Screen *s) {
  const Peak *peak = &s->r->bounds->peak;
  return peak->kind == NONE_INDEX || (peak->most == 0 && s->r->forecast->peak == 0);
}

static void peak(Screen *s) {
  const Forecast *f = s->r->forecast;
  label(s, "peak out");
  if (nothing_leaves(s)) {
    buf_str(s->out, "nothing leaves service\n");
    return;
  }
  buf_printf(s->out, "%u %s", f->peak, counted(s, f->peak));
  for (uint32_t i = 0; i < s->number_count; i++)
    if (s->numbers[i].sort == NUMBER_BUDGET && s->numbers[i].per == 0 && s->numbers[i].amount != VALUE_UNKNOWN)
      buf_printf(s->out, " of at most %lld", (long long)s->numbers[i].amount);
  if (f->peak) buf_printf(s->out, ", first at %s", moment(s, f->peak_at));
  never_above(s);
  buf_char(s->out, '\n');
}

/* What a live run sets apart in the fleet's budget. */
static void reserves(Screen *s, Arena *arena) {
  const PlanReport *r = s->r;
  if (!r->plan->site) return;
  PlanNeed need = plan_need(r->plan->program, r->fleet, r->frozen, r->bounds, r->plan->start, r->forecast->longest, arena);
  if (need.kind == NONE_INDEX) return;
  label(s, "reserves");
  plan_need_text(&need, r->plan->program, s->out);
  buf_char(s->out, '\n');
}

static void curve(Screen *s, Arena *arena) {
  static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const Forecast *f = s->r->forecast;
  uint32_t most = 0;
  for (uint32_t i = 0; i < FORECAST_CURVE; i++)
    if (f->curve[i] > most) most = f->curve[i];
  if (most == 0 || s->r->bounds->peak.kind == NONE_INDEX) return;
  label(s, arena_printf(arena, "%s out", counted(s, 0)));
  for (uint32_t i = 0; i < FORECAST_CURVE; i++) buf_str(s->out, bars[(f->curve[i] * 8 + most - 1) / most]);
  buf_char(s->out, '\n');
}

static uint32_t longest_step(const PlanReport *r) {
  uint32_t best = NONE_INDEX;
  for (uint32_t i = 0; i < r->plan->program->steps_count; i++) {
    const StepTime *t = &r->forecast->steps[i];
    if (!t->seen || (best != NONE_INDEX && t->end - t->begin <= r->forecast->steps[best].end - r->forecast->steps[best].begin)) continue;
    if (r->plan->program->steps[i].fan != NONE_INDEX) best = i;
  }
  return best;
}

static void steps(Screen *s) {
  const Program *p = s->r->plan->program;
  const Forecast *f = s->r->forecast;
  uint32_t longest = longest_step(s->r);
  if (longest != NONE_INDEX && f->first_took > 0) {
    int64_t took = f->steps[longest].end - f->steps[longest].begin;
    label(s, "long pole");
    buf_printf(s->out, "step %s: %s, %lld%% of the time\n", program_str(p, p->steps[longest].name), duration(s, took),
               (long long)(took * 100 / f->first_took));
  }
  plan_table_text(s->r, s->out);
}

static void number(Screen *s, const PlanNumber *n, Buf *out) {
  if (n->amount == INT64_MAX) buf_str(out, "all at once");
  else if (n->amount == VALUE_UNKNOWN) buf_str(out, n->written); /* rests on what the run will know */
  else if (n->sort == NUMBER_TOLERANCE && n->whole == 0 && *n->written) buf_str(out, n->written); /* of members known later */
  else if (n->sort == NUMBER_TOLERANCE) {
    buf_printf(out, "stops after %lld", (long long)n->amount);
    if (n->whole) buf_printf(out, " of %lld", (long long)n->whole);
    buf_str(out, " aside");
    const char *scope = strstr(n->written, " per ");
    if (scope) buf_str(out, scope);
  } else {
    buf_printf(out, "%lld", (long long)n->amount);
    if (n->per) buf_printf(out, " per %s", duration(s, n->per));
    else buf_str(out, " at once");
  }
}

/* One line per step: its limits and tolerance as integers. */
static void limits(Screen *s) {
  uint32_t step = NONE_INDEX;
  uint32_t lines = 0;
  for (uint32_t i = 0; i < s->number_count; i++) {
    const PlanNumber *n = &s->numbers[i];
    if ((n->sort != NUMBER_LIMIT && n->sort != NUMBER_TOLERANCE) || !*n->where) continue;
    if (s->r->forecast->outcome == RUN_COMPLETED && !s->r->forecast->steps[n->step].seen) continue; /* of a roll back */
    bool same = n->step == step;
    if (!same && ++lines > LIMIT_LINES) break;
    if (!same) {
      if (step != NONE_INDEX) buf_char(s->out, '\n');
      label(s, lines == 1 ? "limits" : "");
    }
    buf_printf(s->out, "%s%s", same ? ", " : n->where, same ? "" : ": ");
    number(s, n, s->out);
    step = n->step;
  }
  if (step != NONE_INDEX) buf_char(s->out, '\n');
  if (lines > LIMIT_LINES) {
    label(s, "");
    buf_str(s->out, "... the rest with --format json\n");
  }
}

/* The limits that held the dry run up, longest first. */
static void binds(Screen *s) {
  const Forecast *f = s->r->forecast;
  for (uint32_t i = 0; i < f->binds.count && i < BIND_LINES; i++) {
    const BindShare *b = &f->binds.shares[i];
    if (f->first_took <= 0 || b->ms * 100 < f->first_took) continue;
    label(s, i ? "" : "binds");
    bind_name(s->r->plan->program, &b->binding, s->out);
    buf_str(s->out, ": ");
    bind_limit(s->r->plan->program, &b->binding, s->out);
    buf_printf(s->out, " for %s of the dry run, up to %u wait\n", duration(s, b->ms), b->most);
  }
}

/* What keeps members from starting while it stands. The dry run takes it that none does. */
static void embargoes(Screen *s) {
  const Program *p = s->r->plan->program;
  for (uint32_t i = 0; i < p->embargoes_count; i++) {
    label(s, i ? "" : "held while");
    buf_printf(s->out, "%s: no member starts%s\n", program_str(p, p->embargoes[i].text),
               p->embargoes[i].parks ? ", others go on to a safe point" : "; who has started finishes");
  }
}

static void footer(Screen *s) {
  const Plan *plan = s->r->plan;
  if (s->r->proof) {
    label(s, "proof");
    buf_printf(s->out, "%s\n", s->r->proof);
  }
  label(s, "not verified");
  buf_str(s->out, plan->site ? "that the site's systems answer\n" : "a site's bindings: none was named, so it can only be drilled\n");
  label(s, "plan");
  buf_printf(s->out, "%.16s\n", plan->digest);
  label(s, "next");
  buf_printf(s->out, "%s\n", s->r->next);
}

static Screen screen(const PlanReport *r, Buf *out, Arena *arena) {
  Screen s = {.r = r, .out = out};
  s.numbers = plan_numbers(r->plan->program, r->fleet, r->frozen, &s.number_count, arena);
  return s;
}

void plan_report_text(const PlanReport *r, Buf *out) {
  Arena *arena = arena_new();
  Screen s = screen(r, out, arena);
  head(&s);
  breaches(&s);
  times(&s);
  plan_incident_text(r->plan, out);
  targets(&s);
  peak(&s);
  reserves(&s, arena);
  plan_lost_text(r->plan->program, r->frozen, LABEL, out);
  curve(&s, arena);
  steps(&s);
  limits(&s);
  plan_through(r->plan->program, LABEL, out);
  plan_urgent(r->plan->program, LABEL, out);
  binds(&s);
  embargoes(&s);
  footer(&s);
  buf_done(&s.scratch);
  arena_free(arena);
}

Verdict plan_verdict(const PlanReport *r) {
  Arena *arena = arena_new();
  Screen s = screen(r, NULL, arena);
  Verdict v = verdict(&s);
  arena_free(arena);
  return v;
}

void plan_verdict_text(const PlanReport *r, Buf *out) {
  Arena *arena = arena_new();
  Screen s = screen(r, out, arena);
  verdict_line(&s);
  breaches(&s);
  buf_done(&s.scratch);
  arena_free(arena);
}

/* ---- JSON ---- */

static const char *verdict_text(Verdict v) { return v == VERDICT_MEETS ? "meets" : v == VERDICT_LATE ? "misses" : "fails"; }

static json_t *numbers_json(const Screen *s) {
  static const char *const sorts[] = {"limit", "tolerance", "budget", "leave_out", "goal_time_ms", "goal_back"};
  json_t *out = json_array();
  for (uint32_t i = 0; i < s->number_count; i++) {
    const PlanNumber *n = &s->numbers[i];
    json_t *amount = n->amount == INT64_MAX || n->amount == VALUE_UNKNOWN ? json_null() : json_integer(n->amount);
    json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:o,s:I,s:I,s:i}", "sort", sorts[n->sort], "step", n->where, "written", n->written,
                                         "amount", amount, "of", (json_int_t)n->whole, "per_ms", (json_int_t)n->per, "line", (int)n->line));
    if (n->amount == VALUE_UNKNOWN) json_object_set_new(json_array_get(out, json_array_size(out) - 1), "known_when_it_runs", json_true());
  }
  return out;
}

static json_t *steps_json(const PlanReport *r) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < r->plan->program->steps_count; i++) {
    const StepTime *t = &r->forecast->steps[i];
    if (!t->seen) continue;
    json_array_append_new(out, json_pack("{s:s,s:s,s:I,s:I,s:i}", "name", program_str(r->plan->program, r->plan->program->steps[i].name),
                                         "title", program_str(r->plan->program, r->plan->program->steps[i].title), "begin_ms",
                                         (json_int_t)(t->begin - r->forecast->start), "end_ms",
                                         (json_int_t)(t->end - r->forecast->start), "members", (int)t->count.total));
  }
  return out;
}

static json_t *binds_json(const PlanReport *r) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < r->forecast->binds.count; i++) {
    const BindShare *b = &r->forecast->binds.shares[i];
    Buf of = BUF_INIT, limit = BUF_INIT;
    bind_name(r->plan->program, &b->binding, &of);
    bind_limit(r->plan->program, &b->binding, &limit);
    json_array_append_new(out, json_pack("{s:s,s:s,s:I,s:i}", "of", of.data, "limit", limit.data, "ms", (json_int_t)b->ms, "waiting", (int)b->most));
    buf_done(&of);
    buf_done(&limit);
  }
  return out;
}

static json_t *embargoes_json(const Program *p) {
  json_t *out = json_array();
  for (uint32_t i = 0; i < p->embargoes_count; i++)
    json_array_append_new(out, json_pack("{s:s,s:b,s:i}", "condition", program_str(p, p->embargoes[i].text), "parks", (int)p->embargoes[i].parks,
                                         "line", (int)p->embargoes[i].line));
  return out;
}

static json_t *counts_json(const PlanSet *sets, uint32_t n) {
  json_t *out = json_object();
  for (uint32_t i = 0; i < n; i++) json_object_set_new(out, sets[i].name, json_integer(sets[i].count));
  return out;
}

static json_t *parts_json(const PeakParts *parts) {
  return json_pack("{s:i,s:I,s:I,s:I,s:I}", "line", (int)parts->line, "before", (json_int_t)parts->before, "at_once",
                   (json_int_t)parts->at_once, "set_aside", (json_int_t)parts->aside, "done", (json_int_t)parts->done);
}

static json_t *breaches_json(const Screen *s) {
  const Forecast *f = s->r->forecast;
  json_t *out = json_array();
  for (uint32_t i = 0; i < f->breach_count; i++) {
    const Breach *b = &f->breaches[i];
    Buf text = BUF_INIT;
    breach_tell(s->r->plan->program, s->r->fleet, b, &text);
    json_array_append_new(out, json_pack("{s:I,s:i,s:s}", "at_ms", (json_int_t)(b->at - f->start), "line", (int)b->line, "text", text.data));
    buf_done(&text);
  }
  return out;
}

static json_t *reserves_json(const PlanReport *r, Arena *arena) {
  json_t *out = json_array();
  PlanNeed need = plan_need(r->plan->program, r->fleet, r->frozen, r->bounds, r->plan->start, r->forecast->longest, arena);
  for (uint32_t i = 0; i < need.count; i++)
    json_array_append_new(out, json_pack("{s:I,s:I,s:i,s:i}", "from_ms", (json_int_t)need.days[i].from, "to_ms", (json_int_t)need.days[i].to,
                                         "out", (int)need.days[i].out, "leaving", (int)need.days[i].leaves));
  return out;
}

void plan_report_json(const PlanReport *r, Buf *out) {
  Arena *arena = arena_new();
  Screen s = screen(r, out, arena);
  const Forecast *f = r->forecast;
  const Plan *plan = r->plan;
  json_t *curve_json = json_array();
  for (uint32_t i = 0; i < FORECAST_CURVE; i++) json_array_append_new(curve_json, json_integer(f->curve[i]));
  json_t *root = json_pack(
      "{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:{s:i,s:I,s:I,s:I,s:i},s:{s:i,s:I,s:I,s:o,s:o,s:o},s:i,s:i,s:o,s:o,s:o,s:o,s:o,s:o}", "format_version", 1, "runbook",
      program_str(plan->program, plan->program->name), "title", program_str(plan->program, plan->program->title), "digest", plan->digest,
      "verdict", verdict_text(verdict(&s)), "outcome", run_outcome_text(f->outcome), "reason", f->reason, "start_ms", (json_int_t)f->start,
      "finish", "trials", (int)f->trials, "p50_ms", (json_int_t)f->p50, "p90_ms", (json_int_t)f->p90, "longest_ms", (json_int_t)f->longest,
      "completed", (int)f->completed, "nodes_out", "peak", (int)f->peak, "peak_at_ms", (json_int_t)f->peak_at, "at_most",
      (json_int_t)r->bounds->peak.most, "at_most_of", parts_json(&r->bounds->peak.most_of), "budget",
      r->bounds->budget == INT64_MAX ? json_null() : json_integer(r->bounds->budget), "curve", curve_json,
      "set_aside", (int)f->set_aside, "handed_over", (int)f->handed_over, "targets", counts_json(plan->targets, plan->target_count),
      "left_out", counts_json(plan->left_out, plan->left_out_count), "steps", steps_json(r), "bounds", plan_table_json(r), "numbers", numbers_json(&s),
      "services", plan_through_json(plan->program));
  json_object_set_new(root, "binds", binds_json(r));
  json_object_set_new(root, "reserves", reserves_json(r, arena));
  json_object_set_new(root, "emergencies", plan_urgent_json(plan->program));
  if (r->frozen->loss_count) json_object_set_new(root, "set_aside_by_others", plan_lost_json(plan->program, r->frozen));
  json_object_set_new(root, "out_of_window", json_integer(f->out_of_window));
  if (plan->program->embargoes_count) json_object_set_new(root, "held_while", embargoes_json(plan->program));
  if (f->breach_count) json_object_set_new(root, "breaks", breaches_json(&s));
  char *text = json_dumps(root, JSON_INDENT(1));
  buf_str(out, text);
  buf_char(out, '\n');
  free(text);
  json_decref(root);
  buf_done(&s.scratch);
  arena_free(arena);
}
