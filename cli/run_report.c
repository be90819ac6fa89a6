/* run_report: outcome, duration against the plan, steps, members that are out, locks that stand, the story. */
#include <config.h>

#include "cli/run_report.h"

#include "cli/chronicle.h"
#include "cli/output.h"

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

static void outcome(Page *p) {
  RunState *r = p->r;
  int64_t took = r->tally.latest - r->tally.began;
  const char *reason = engine_reason(r->engine);
  buf_printf(p->out, "%s: %s\n", program_str(r->program, r->program->name), program_str(r->program, r->program->title));
  label(p, run_outcome_sentence(engine_outcome(r->engine)));
  if (reason && *reason) buf_printf(p->out, "%s\n", reason);
  else buf_str(p->out, r->tally.incidents.len ? "within its tolerances\n" : "without trouble\n");
  label(p, "took");
  buf_printf(p->out, "%s; ", duration(p, took));
  buf_printf(p->out, "the plan said %s", duration(p, r->record.expected_took));
  if (r->tally.resumes) buf_printf(p->out, "; resumed %u time%s", r->tally.resumes, r->tally.resumes == 1 ? "" : "s");
  buf_char(p->out, '\n');
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
  buf_printf(p->out, "%u set aside, %u kept out, %u handed over, %u left out as found\n", tally_incidents(t, NOTE_SET_ASIDE),
             tally_incidents(t, NOTE_KEPT_OUT), tally_incidents(t, NOTE_HANDED_OVER), left_out(p->r));
  label(p, "actions");
  buf_printf(p->out, "%llu, of which %llu failed and %llu had no answer; at most %u nodes out\n", (unsigned long long)t->actions,
             (unsigned long long)t->failed, (unsigned long long)t->unknown, peak);
}

static void locks(Page *p, bool names) {
  const Program *program = p->r->program;
  uint32_t standing = 0;
  for (uint32_t a = 0; a < program->automations_count; a++) {
    uint32_t n = status_locks(p->r, a), kind = program->automations[a].kind;
    if (n == 0) continue;
    label(p, standing++ ? "" : "locks");
    buf_printf(p->out, "%s still stands on %u %s", program_str(program, program->automations[a].name), n, program_str(program, program->kinds[kind].plural));
    for (uint32_t e = 0, shown = 0; names && e < fleet_count(p->r->fleet, kind); e++)
      if (engine_locked(p->r->engine, a, kind, e)) buf_printf(p->out, "%s%s", shown++ ? ", " : ": ", story_name(&p->story, kind, e));
    buf_char(p->out, '\n');
  }
  if (standing) return;
  label(p, "locks");
  buf_str(p->out, "none stand\n");
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
  if (*r->record.approved) {
    label(p, "approved");
    buf_printf(p->out, "%s\n", r->record.approved);
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
  if (all->len) buf_str(p->out, "\nMembers that are out, and other trouble\n");
  for (uint32_t i = 0; i < all->len; i++) {
    buf_str(p->out, "  ");
    story_time(&p->story, all->items[i].at, p->out);
    buf_str(p->out, "  ");
    story_note(&p->story, &all->items[i], p->out);
    if (all->items[i].line) buf_printf(p->out, " (line %u)", all->items[i].line);
    buf_char(p->out, '\n');
  }
}

static void summary(Page *p, bool names) {
  outcome(p);
  counts(p);
  locks(p, names);
  record(p);
}

bool run_report(RunState *r) {
  Buf out = BUF_INIT, path = BUF_INIT;
  Page p = {.r = r, .story = run_story(r), .out = &out};
  summary(&p, true);
  head(&p);
  steps(&p);
  incidents(&p);
  buf_str(&out, "\nStory\n");
  bool ok = chronicle_text(r, false, &out);
  buf_printf(&path, "%s/report.txt", r->dir);
  ok = ok && write_file(path.data, out.data, out.len);
  buf_reset(&out);
  summary(&p, false);
  label(&p, "report");
  buf_printf(&out, "%s\n", ok ? path.data : "could not be written");
  fputs(out.data, stdout);
  buf_done(&out);
  buf_done(&path);
  buf_done(&p.scratch);
  return ok;
}
