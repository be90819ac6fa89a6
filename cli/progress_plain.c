/* progress_plain: lines, for logs and pipes. Nothing is drawn, nothing is repeated; of one kind of trouble the first lines
 * stand for all, the rest is counted. */
#include <config.h>

#include "cli/progress.h"

#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>

#define HEARTBEAT_MS 60000
#define LINES_PER_KIND 25u

typedef struct Plain {
  Progress progress;
  uint32_t said[NOTE_KIND_COUNT];   /* lines of trouble per kind */
  Buf line, scratch;
} Plain;

static void stamp(Plain *p, int64_t at) {
  buf_reset(&p->line);
  story_time(&p->progress.story, at, &p->line);
  buf_str(&p->line, "  ");
}

static void flush_line(Plain *p) {
  buf_char(&p->line, '\n');
  fputs(p->line.data, stderr);
}

static void told(Progress *progress, Loudness loudness, NoteKind kind, int64_t at, uint32_t line, const char *text) {
  Plain *p = (Plain *)progress;
  bool counted = loudness == STORY_TROUBLE || kind == NOTE_LEFT_OUT;
  if (counted && p->said[kind] > LINES_PER_KIND) return;
  stamp(p, at);
  if (counted && p->said[kind]++ == LINES_PER_KIND)
    buf_printf(&p->line, "more of these are only counted; `tagout log %s` has them all", run_short(progress->run));
  else
    buf_str(&p->line, text);
  if (line && p->said[kind] <= LINES_PER_KIND) buf_printf(&p->line, " (line %u)", line);
  flush_line(p);
}

/* What is under way, in one line. */
static void tick(Progress *progress) {
  Plain *p = (Plain *)progress;
  RunState *r = progress->run;
  stamp(p, r->now);
  for (uint32_t i = 0; i < r->program->steps_count; i++) {
    StepCount c = engine_step_count(r->engine, i);
    if (!r->tally.steps[i].begun || r->tally.steps[i].ended || r->program->steps[i].fan == NONE_INDEX) continue;
    buf_printf(&p->line, "%s %u of %u", program_str(r->program, r->program->steps[i].name), c.done, c.total);
    if (c.busy) buf_printf(&p->line, ", %u busy", c.busy);
    if (c.aside) buf_printf(&p->line, ", %u out", c.aside);
    buf_str(&p->line, "; ");
  }
  uint32_t kind = engine_out_kind(r->engine);
  if (kind != NONE_INDEX) buf_printf(&p->line, "%u %s out; ", engine_nodes_out(r->engine, NULL), program_str(r->program, r->program->kinds[kind].plural));
  int64_t left = status_expected_end(r) - r->now, late = r->now - r->tally.began - r->record.expected_took;
  if (left > 0 || late <= 0) buf_printf(&p->line, "about %s to go; ", show_duration(left, &p->scratch));
  else buf_printf(&p->line, "%s later than the plan said; ", show_duration(late, &p->scratch));
  buf_reset(&p->scratch);
  buf_str(&p->line, engine_waiting_for(r->engine, r->now, &p->scratch));
  flush_line(p);
}

static void say(Progress *progress, const char *text) {
  (void)progress;
  fputs(text, stderr);
}

static void resized(Progress *progress) { (void)progress; }

static void drop(Progress *progress) {
  Plain *p = (Plain *)progress;
  buf_done(&p->line);
  buf_done(&p->scratch);
  free(p);
}

Progress *progress_plain_new(RunState *run) {
  static const ProgressOps ops = {.period = HEARTBEAT_MS, .told = told, .tick = tick, .say = say, .resized = resized, .free = drop};
  Plain *p = xcalloc(1, sizeof *p);
  p->progress = (Progress){.ops = &ops, .run = run, .story = run_story(run)};
  return &p->progress;
}
