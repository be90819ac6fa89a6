/* take: hands a run to the next person on duty. */
#include <config.h>

#include "cli/output.h"
#include "cli/steer.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {STEER_OPTIONS, {NULL, NULL, NULL}};

static void say_questions(RunState *r) {
  OpenGate open[4];
  uint32_t n = status_gates(r, open, 4);
  for (uint32_t i = 0; i < n; i++) {
    Buf text = BUF_INIT;
    gate_command(r, &open[i], &text);
    printf("  open: %s\n", text.data);
    buf_done(&text);
  }
}

static void say_take(Steer *s) {
  RunState *r = &s->run;
  Buf waits = BUF_INIT, flying = BUF_INIT;
  int64_t since;
  uint32_t held = 0, locks = 0;
  HeldMember h;
  while (engine_held(r->engine, held, &h)) held++;
  for (uint32_t a = 0; a < r->program->automations_count; a++) locks += status_locks(r, a);
  printf("%s: from %s to %s, who is on duty from then on\n", r->id, status_duty(r, &since), steer_who(s));
  status_in_flight(r, &flying);
  printf("  it goes on as it is; waits for %s; in flight: %s\n", r->tally.events ? engine_waiting_for(r->engine, r->now, &waits) : "its first event", flying.data);
  printf("  %u lock%s stand%s, %u member%s held; neither changes\n", locks, locks == 1 ? "" : "s", locks == 1 ? "s" : "", held, held == 1 ? " is" : "s are");
  say_questions(r);
  printf("  whoever is on duty cannot say yes to what the run asks\n");
  buf_done(&waits);
  buf_done(&flying);
}

static ExitCode run(const Args *args) {
  Steer s;
  int64_t since;
  ExitCode code = steer_open(&s, "take", args, args->word_count ? args->words[0] : NULL);
  if (code == EXIT_DONE && strcmp(status_duty(&s.run, &since), steer_who(&s)) == 0) {
    printf("%s is on duty for %s already\n", steer_who(&s), s.run.id);
  } else if (code == EXIT_DONE) {
    Event e = steer_event(&s, CONTROL_TAKE);
    e.entity = engine_duty_mark(s.run.engine);
    code = steer_add(&s, e);
    if (code == EXIT_DONE) say_take(&s);
    if (code == EXIT_DONE) code = steer_send(&s);
  }
  steer_close(&s);
  return code;
}

const Verb verb_take = {.name = "take", .usage = "[options] [RUN]", .summary = "take a run over from whoever is on duty",
                        .help = "From then on you are on duty: `status` says so, programs of the site are told (TAGOUT_DUTY), and the journal holds who\n"
                                "took it when. The run goes on as it is. Whoever is on duty cannot say yes to its gates.",
                        .options = options, .least = 0, .most = 1, .run = run};
