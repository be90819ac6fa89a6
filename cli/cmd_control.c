/* pause, stop-after, go-on, abort: control of a whole run from another process. Each says first what it will do, and asks. */
#include <config.h>

#include "cli/output.h"
#include "cli/stake.h"
#include "cli/steer.h"
#include "lang/utf8.h"
#include "runtime/plan_bounds.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {STEER_OPTIONS, {NULL, NULL, NULL}};

/* ---- what it will do ---- */

/* The step that is open, else the last that began; NONE_INDEX: none has. */
static uint32_t step_now(const RunState *r) {
  uint32_t last = NONE_INDEX;
  for (uint32_t i = 0; i < r->program->steps_count; i++) {
    StepCount c = engine_step_count(r->engine, i);
    if (c.begun && !c.ended) return i;
    if (c.begun) last = i;
  }
  return last;
}

/* The plan's sum, from now: every try at its deadline, every tolerance used up. Nothing is added where people must answer in between. */
static void say_back(RunState *r) {
  Buf text = BUF_INIT;
  uint32_t step = step_now(r);
  const WorstStep *worst = plan_bounds(r->program, r->fleet, r->frozen, r->record.start, r->arena, NULL).steps;
  if (step == NONE_INDEX || worst[step].back < 0) return;
  zone_format_short(r->zone, r->now + worst[step].back, &text);
  printf("  through by %s at the latest: ", text.data);
  printf("%s for what is in flight", show_duration(worst[step].finish, &text));
  printf(", %s for the roll back", show_duration(worst[step].undo, &text));
  printf(", %s to let the locks go\n", show_duration(worst[step].release, &text));
  buf_done(&text);
}

static void say_pause(Steer *s) {
  printf("%s: nothing new is started\n", s->run.id);
  stake_members(&s->run);
  stake_in_flight(&s->run, "in flight, and going on to their end");
  stake_locks(&s->run, " and go on standing");
  printf("  `tagout go-on %s` ends the pause\n", run_short(&s->run));
}

/* Whoever ends a pause is told whose it was and why: it may have been somebody's safety. */
static void say_pause_ends(const RunState *r, const char *by, int64_t since) {
  Buf who = BUF_INIT, at = BUF_INIT;
  zone_format_short(r->zone, since, &at);
  utf8_show(by, strlen(by), 0, &who);
  printf("%s: the pause ends, work goes on where it stopped\n  paused by %s, since %s\n", r->id, who.len ? who.data : "nobody named", at.data);
  buf_done(&who);
  buf_done(&at);
}

static void say_go_on(Steer *s) {
  RunState *r = &s->run;
  HeldMember held;
  const char *by;
  uint32_t n = 0, step = engine_stops_after(r->engine, &by);
  while (engine_held(r->engine, n, &held)) n++;
  int64_t since;
  if (engine_paused(r->engine, &since, &by)) say_pause_ends(r, by, since);
  else printf("%s: it does not stop after step %s\n", r->id, program_str(r->program, r->program->steps[step].name));
  if (n) printf("  %u member%s held: `tagout unhold` ends that\n", n, n == 1 ? " stays" : "s stay");
}

static void say_abort(Steer *s) {
  RunState *r = &s->run;
  printf("%s: nothing new is started, gates are closed; members for whom nothing was sent yet are left as they are\n", r->id);
  stake_members(r);
  stake_in_flight(r, "in flight, and going on to their end");
  uint32_t attempt = engine_attempt(r->engine);
  if (attempt != NONE_INDEX) printf("  then the roll back of the open attempt runs, as the runbook declares it (line %u)\n", r->program->attempts[attempt].line);
  else printf("  no attempt is open: nothing is rolled back, members stay as they are\n");
  if (attempt != NONE_INDEX) say_back(r);
  stake_locks(r, "");
  printf("  every lock is released where its condition holds, and handed over by name where not\n");
}

/* When the step was to end by the plan, moved by as much as the run is late. */
static void say_step_end(RunState *r, uint32_t step) {
  Buf at = BUF_INIT;
  StepCount c = engine_step_count(r->engine, step);
  if (!c.begun) printf("  it has not begun\n");
  else if (c.total) printf("  %u of its %u members are done, %u are under way\n", c.done + c.aside, c.total, c.busy);
  int64_t late = status_expected_end(r) - r->tally.began - r->record.expected_took;
  if (step >= r->record.expected_step_count || r->record.expected_steps[step].end < 0 || r->tally.began == 0) return;
  zone_format_short(r->zone, r->tally.began + r->record.expected_steps[step].end + late, &at);
  printf("  its end is expected about %s\n", at.data);
  buf_done(&at);
}

static void say_stop_after(Steer *s, uint32_t step) {
  RunState *r = &s->run;
  printf("%s: step %s goes on to its end, then nothing new is started\n", r->id, program_str(r->program, r->program->steps[step].name));
  say_step_end(r, step);
  stake_locks(r, "; those that stand then go on standing");
  printf("  a failure on the way goes its way: a roll back does not stop there\n");
  printf("  `tagout go-on %s` goes on from there, and takes this back before\n", run_short(r));
}

/* ---- the verbs ---- */

static bool idle(const Steer *s, ControlKind what) {
  const Engine *e = s->run.engine;
  bool paused = engine_paused(e, NULL, NULL);
  if (what == CONTROL_PAUSE && paused) printf("%s is paused already\n", s->run.id);
  else if (what == CONTROL_GO_ON && !paused && engine_stops_after(e, NULL) == NONE_INDEX) printf("%s is not paused\n", s->run.id);
  else return false;
  return true;
}

static ExitCode control(const Args *args, const char *verb, ControlKind what, void (*say)(Steer *)) {
  Steer s;
  ExitCode code = steer_open(&s, verb, args, args->word_count ? args->words[0] : NULL);
  if (code == EXIT_DONE && !idle(&s, what)) {
    code = steer_add(&s, steer_event(&s, what));
    if (code == EXIT_DONE) say(&s);
    if (code == EXIT_DONE) code = steer_send(&s);
  }
  steer_close(&s);
  return code;
}

static ExitCode run_pause(const Args *args) { return control(args, "pause", CONTROL_PAUSE, say_pause); }
static ExitCode run_go_on(const Args *args) { return control(args, "go-on", CONTROL_GO_ON, say_go_on); }
static ExitCode run_abort(const Args *args) { return control(args, "abort", CONTROL_CANCEL, say_abort); }

static ExitCode run_stop_after(const Args *args) {
  Steer s;
  int first;
  const char *word = steer_run_word(args, &first);
  ExitCode code = steer_open(&s, "stop-after", args, word);
  if (code == EXIT_DONE) {
    Event e = steer_event(&s, CONTROL_STOP_AFTER);
    code = steer_step(&s, args->words[first], &e.subject) ? steer_add(&s, e) : EXIT_USAGE;
    if (code == EXIT_DONE) {
      say_stop_after(&s, e.subject);
      code = steer_send(&s);
    }
  }
  steer_close(&s);
  return code;
}

const Verb verb_pause = {.name = "pause", .usage = "[options] [RUN]", .summary = "let a run start nothing new",
                         .help = "What is in flight goes on to its end; every lock stands.", .options = options, .least = 0, .most = 1, .run = run_pause};
const Verb verb_stop_after = {.name = "stop_after", .usage = "[options] [RUN] STEP", .summary = "let a run finish a step and start nothing behind it",
                              .help = "The step goes on to its end with all of its members; then the run is paused, and `tagout go-on` goes on from\n"
                                      "there. A step that has ended is refused (exit code 1). Without RUN the latest is meant.",
                              .options = options, .least = 1, .most = 2, .run = run_stop_after};
const Verb verb_go_on = {.name = "go_on", .usage = "[options] [RUN]", .summary = "end a pause, or take a stop-after back", .help = NULL,
                         .options = options, .least = 0, .most = 1, .run = run_go_on};
const Verb verb_abort = {.name = "abort", .usage = "[options] [RUN]", .summary = "give a run up: its roll back, then its end",
                         .help = "What is in flight ends, nothing new starts, the roll back that the runbook declares runs over all members.\n"
                                 "A member that was worked on goes through the rest of its step first; one that only waits is left as it is.",
                         .options = options, .least = 0, .most = 1, .run = run_abort};
