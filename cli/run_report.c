/* run_report: outcome, duration against the plan, goal, steps, members that are out, locks that stand, what comes next, the story. */
#include <config.h>

#include "cli/run_report.h"

#include "cli/chronicle.h"
#include "cli/crowd.h"
#include "cli/locked.h"
#include "cli/output.h"
#include "runtime/plan_numbers.h"

#include <stdio.h>

#define LABEL 12
#define NAME_CELLS 14

ExitCode run_exit(const RunState *r) {
  switch (engine_outcome(r->engine)) {
  case RUN_COMPLETED:
  case RUN_ENDED: return EXIT_DONE;
  case RUN_ROLLED_BACK:
  case RUN_FAILED: return r->tally.cancelled ? EXIT_STOPPED : EXIT_TOLERANCE;
  case RUN_REFUSED: return EXIT_INFEASIBLE;
  case RUN_STALE: return EXIT_STALE;
  case RUN_CANCELLED: return EXIT_STOPPED;
  case RUN_GOING: return EXIT_PARTLY;
  }
  return EXIT_PARTLY;
}

typedef struct Page { RunState *r; Story story; Buf *out; Buf scratch; } Page;

static void label(Page *p, const char *text) { buf_printf(p->out, "  %-*s", LABEL, text); }
static const char *duration(Page *p, int64_t ms) { return show_duration(ms, &p->scratch); }

static void moment(Page *p, int64_t at) { zone_format(p->r->zone, at, p->out); }

/* ---- the summary ---- */

/* Were as many back as the runbook promised, and in time? Nodes are counted as the budget counts them. False: not. */
static bool goals(const RunState *r, Buf *out) {
  uint32_t count, out_now = engine_nodes_out(r->engine, NULL), all = 0;
  const PlanNumber *numbers = plan_numbers(r->program, r->fleet, r->frozen, &count, r->arena);
  int64_t took = r->tally.latest - r->tally.began;
  bool all_met = true;
  if (r->tally.actions == 0) return true; /* nothing was begun */
  for (uint32_t i = 0; i < r->plan->target_count; i++)
    if (r->plan->targets[i].count > all) all = r->plan->targets[i].count; /* nodes: no set is larger */
  for (uint32_t i = 0; i < count; i++) {
    const PlanNumber *n = &numbers[i];
    Buf most = BUF_INIT;
    bool back = n->sort == NUMBER_GOAL_BACK && n->amount <= all, in_time = n->sort == NUMBER_GOAL_TIME && n->amount != INT64_MAX;
    if (!back && !in_time) continue;
    bool met = back ? out_now <= all && all - out_now >= n->amount : took <= n->amount;
    all_met &= met;
    buf_printf(out, "  %-*s%s", LABEL, "goal", met ? "met: " : "MISSED: ");
    if (back) buf_printf(out, "%u of %u nodes are back, at least %lld were to be\n", all - (out_now < all ? out_now : all), all, (long long)n->amount);
    else buf_printf(out, "it was to take at most %s\n", show_duration(n->amount, &most));
    buf_done(&most);
  }
  return all_met;
}

static void outcome(Page *p) {
  RunState *r = p->r;
  int64_t took = r->tally.latest - r->tally.began;
  const char *reason = engine_reason(r->engine);
  Buf goal = BUF_INIT;
  bool met = goals(r, &goal);
  buf_printf(p->out, "%s: %s\n", program_str(r->program, r->program->name), program_str(r->program, r->program->title));
  label(p, run_outcome_sentence(engine_outcome(r->engine)));
  if (reason && *reason) buf_printf(p->out, "%s\n", reason);
  else buf_printf(p->out, "%s%s\n", r->tally.incidents.len ? "within its tolerances" : "without trouble", met ? "" : ", and short of its goal");
  label(p, "took");
  buf_printf(p->out, "%s; ", duration(p, took));
  buf_printf(p->out, "the plan said %s", duration(p, r->record.expected_took));
  if (r->tally.resumes) buf_printf(p->out, "; resumed %u time%s", r->tally.resumes, r->tally.resumes == 1 ? "" : "s");
  buf_printf(p->out, "\n%s", goal.data ? goal.data : "");
  buf_done(&goal);
}

/* Those that the plan had found out, and those that were found out since. */
static uint32_t left_out(const RunState *r) {
  uint32_t n = tally_incidents(&r->tally, NOTE_LEFT_OUT);
  for (uint32_t i = 0; i < r->program->leave_outs_count; i++) n += r->frozen->left_out[i].count;
  return n;
}

static void counts(Page *p) {
  const Tally *t = &p->r->tally;
  uint32_t peak;
  engine_nodes_out(p->r->engine, &peak);
  label(p, "members");
  uint32_t tickets = 0, along = 0;
  for (uint32_t i = 0; i < t->incidents.len; i++) {
    const Note *n = &t->incidents.items[i];
    tickets += n->kind == NOTE_HANDED_OVER && n->value != 0;
    along += n->kind == NOTE_HANDED_OVER && n->value == 0;
  }
  buf_printf(p->out, "%u set aside, %u kept out, %u handed over", tally_incidents(t, NOTE_SET_ASIDE), tally_incidents(t, NOTE_KEPT_OUT), tickets);
  if (along) buf_printf(p->out, " with %u in them", along);
  buf_printf(p->out, ", %u left out as found\n", left_out(p->r));
  label(p, "actions");
  buf_printf(p->out, "%llu, of which %llu failed and %llu had no answer", (unsigned long long)t->actions, (unsigned long long)t->failed,
             (unsigned long long)t->unknown);
  uint32_t kind = engine_out_kind(p->r->engine);
  if (kind != NONE_INDEX) buf_printf(p->out, "; at most %u %s out", peak, program_str(p->r->program, p->r->program->kinds[kind].plural));
  buf_char(p->out, '\n');
}

/* What stands for all of the record: noted elsewhere, it tells later whether anything was changed. */
static void record(Page *p) {
  char head[JOURNAL_HEAD];
  journal_head(p->r->journal, head);
  label(p, "record");
  buf_printf(p->out, "%s\n", head);
}

/* ---- the page ---- */

static void head(Page *p) {
  RunState *r = p->r;
  label(p, "run");
  buf_printf(p->out, "%s, %s, started by %s\n", r->id, r->record.world == WORLD_LIVE ? "live" : "drill: a simulated fleet", r->record.by);
  if (r->record.incident) {
    label(p, "incident");
    buf_printf(p->out, "%llu: %s\n", (unsigned long long)r->record.incident, r->record.incident_text);
  }
  if (*r->record.approved) {
    label(p, "approved");
    buf_printf(p->out, "%s\n", r->record.approved);
  }
  if (*r->record.fails) {
    label(p, "dry run");
    buf_printf(p->out, "%s\n", record_dry_run(&r->record, &p->scratch));
  }
  label(p, "plan");
  buf_printf(p->out, "%s\n", r->plan->digest);
  label(p, "from");
  moment(p, r->tally.began);
  buf_str(p->out, " to ");
  moment(p, r->tally.latest);
  buf_char(p->out, '\n');
}

static void steps(Page *p) {
  const RunState *r = p->r;
  buf_printf(p->out, "\nSteps\n  %-*s %8s %8s %8s  %-10s %s\n", NAME_CELLS, "step", "members", "done", "out", "took", "planned");
  for (uint32_t i = 0; i < r->program->steps_count; i++) {
    const StepTally *t = &r->tally.steps[i];
    ExpectedStep plan = i < r->record.expected_step_count ? r->record.expected_steps[i] : (ExpectedStep){-1, -1};
    if (!t->begun) continue;
    StepCount c = engine_step_count(r->engine, i);
    buf_printf(p->out, "  %-*s %8u %8u %8u  ", NAME_CELLS, program_str(r->program, r->program->steps[i].name), c.total, c.done, c.aside);
    buf_printf(p->out, "%-10s ", duration(p, (t->ended ? t->end : r->tally.latest) - t->begin));
    buf_printf(p->out, "%s\n", plan.begin < 0 ? "not at all" : duration(p, plan.end - plan.begin));
  }
}

static void incidents(Page *p) {
  const Incidents *all = &p->r->tally.incidents;
  CrowdLines lines;
  if (all->len) buf_str(p->out, "\nMembers that are out, and other trouble\n");
  crowd_lines(&p->story, all->items, all->len, &lines);
  for (uint32_t i = 0; i < lines.lines.len; i++) {
    buf_str(p->out, "  ");
    crowd_line(&p->story, &lines, i, p->out);
  }
  crowd_lines_done(&lines);
}

static void summary(Page *p) {
  outcome(p);
  counts(p);
  locked_aftermath(p->r, NULL, LABEL, p->out);
  record(p);
}

bool run_report(RunState *r) {
  Buf out = BUF_INIT, path = BUF_INIT;
  Page p = {.r = r, .story = run_story(r), .out = &out};
  summary(&p);
  head(&p);
  steps(&p);
  incidents(&p);
  buf_str(&out, "\nStory\n");
  bool ok = chronicle_text(r, false, &out);
  buf_printf(&path, "%s/report.txt", r->dir);
  ok = ok && write_file(path.data, out.data, out.len);
  buf_reset(&out);
  summary(&p);
  label(&p, "report");
  buf_printf(&out, "%s\n", ok ? path.data : "could not be written");
  fputs(out.data, stdout);
  buf_done(&out);
  buf_done(&path);
  buf_done(&p.scratch);
  return ok;
}
