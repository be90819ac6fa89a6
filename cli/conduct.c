/* conduct: the loop around the turns: world and journal opened, the past replayed, signals and mail attended to, the end told. */
#include <config.h>

#include "cli/conduct.h"

#include "cli/admission.h"
#include "cli/asking.h"
#include "cli/certified.h"
#include "cli/claims.h"
#include "cli/kept.h"
#include "cli/output.h"
#include "cli/preempt.h"
#include "cli/run_report.h"
#include "cli/wake.h"
#include "runtime/turn.h"
#include "runtime/world_live.h"
#include "runtime/world_sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEAF_MOST 10000 /* ms; far less than others wait before they take what is this run's (cli/preempt.c) */

typedef struct Conductor {
  const ConductOptions *options;
  RunState run;
  Wake wake;
  bool awake;                /* wake is open */
  World *world;
  Ledger *ledger;            /* of a live run */
  Preempt *preempt;
  Progress *progress;
  Turn turn;
  Admission *admission;      /* of a live run */
  uint32_t interrupts;
  bool leave, deaf;          /* deaf: the inbox could not be read the last time */
  JournalError error;
  Buf kept;                  /* what is kept of a run that has ended */
} Conductor;

/* ---- what is seen ---- */

static void tell_duty(Conductor *c) {
  int64_t since;
  if (c->run.record.world == WORLD_LIVE) world_live_duty(c->world, status_duty(&c->run, &since));
}

static void on_event(void *ctx, Engine *e, const Event *event) {
  Conductor *c = ctx;
  (void)e;
  tally_event(&c->run.tally, event);
  c->run.now = event->at;
  if (event->kind == EVENT_CONTROL && event->value == CONTROL_TAKE) tell_duty(c);
  progress_event(c->progress, event);
}

static void on_note(void *ctx, Engine *e, const Note *note) {
  Conductor *c = ctx;
  tally_note(&c->run.tally, e, note);
  if (c->run.record.world == WORLD_DRILL) world_sim_told(c->world, note);
  progress_note(c->progress, note);
}

/* ---- opening ---- */

/* What this process has looked at in launching the run it need not look at again, where the journal has the same bytes. */
static bool just_launched(const Conductor *c) {
  size_t len;
  const char *bytes = journal_plan(c->run.journal, &len);
  return c->options->plan && c->run.tally.events == 0 && len == c->options->plan_len && memcmp(bytes, c->options->plan, len) == 0;
}

static ExitCode open_live(Conductor *c) {
  RunState *r = &c->run;
  DiagSink *sink = diag_sink_new(r->arena, NULL);
  bool launched = just_launched(c);
  bool believed = r->record.unproved || launched || certificate_holds(r->plan, r->id, sink); /* the plan may have met a newer checker */
  const LiveBind *bind = believed && r->plan->site ? live_bind(r->plan->site, r->program, r->fleet, r->record.site_dir, r->arena, sink) : NULL;
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  if (!bind) return EXIT_CHECK;
  if (*r->record.ledger && !(c->ledger = claims_open(r->record.ledger))) return EXIT_USAGE;
  LiveConfig config = {.bind = bind, .run = r->id, .ledger = c->ledger, .program = r->program, .fleet = r->fleet, .wake_fd = c->wake.fd};
  if (!(c->world = world_live_new(&config))) {
    fprintf(stderr, "tagout: cannot wait for programs: %s; raise the limit of open files (`ulimit -n`)\n", strerror(errno));
    return EXIT_USAGE;
  }
  if (!run_replay(r, NULL) || !(c->admission = admission_new(r))) return EXIT_USAGE;
  if (c->ledger && r->tally.events && !claims_settle(c->ledger, r)) return EXIT_USAGE;
  tell_duty(c);
  bool begins = c->ledger && r->tally.events == 0 && !launched; /* who made the run may have been killed before it had its members */
  return begins ? claims_take(c->ledger, r->dir, r->program, r->fleet, r->frozen, r->record.start, NULL) : EXIT_DONE;
}

static ExitCode open_drill(Conductor *c) {
  RunState *r = &c->run;
  SimConfig config = {.program = r->program, .fleet = r->fleet, .params = r->frozen->params, .texts = r->frozen->texts,
                      .text_count = r->frozen->text_count, .faults = r->faults,
                      .start = r->record.start, .wake_fd = -1};
  c->world = world_sim_new(&config);
  journal_relax(r->journal);
  return run_replay(r, c->world) ? EXIT_DONE : EXIT_USAGE;
}

/* The picture's clock is only known once the view is chosen, and the view only once there is a run to show. */
static bool open_wake(Conductor *c) {
  c->progress = progress_new(c->options->progress, &c->run);
  c->awake = true;
  asking_open(c->run.dir);
  return wake_open(&c->wake, c->run.dir, c->progress->ops->period);
}

static ExitCode open_all(Conductor *c, const char *dir) {
  ExitCode code = run_open(dir, JOURNAL_RESUME, &c->run);
  if (code != EXIT_DONE) return code;
  if (!open_wake(c)) return EXIT_USAGE;
  return c->run.record.world == WORLD_LIVE ? open_live(c) : open_drill(c);
}

static void close_all(Conductor *c) {
  turn_done(&c->turn);
  progress_free(c->progress);
  if (c->world) c->world->ops->free(c->world);
  preempt_free(c->preempt);
  ledger_close(c->ledger);
  if (c->awake) {
    wake_close(&c->wake);
    asking_close(c->run.dir);
  }
  admission_free(c->admission);
  run_close(&c->run);
}

/* ---- what a person is told ---- */

static void say(Conductor *c, Buf *text) {
  if (c->progress) c->progress->ops->say(c->progress, text->data);
  else fputs(text->data, stderr);
  buf_done(text);
}

/* Which run this is, and that a drill is one. */
static void say_name(Conductor *c) {
  const RunRecord *record = &c->run.record;
  if (c->options->progress == PROGRESS_NONE) return;
  Buf text = BUF_INIT;
  buf_printf(&text, "run %s", c->run.id);
  if (record->world == WORLD_DRILL) buf_str(&text, ", a drill: the fleet is simulated, ");
  if (record->world == WORLD_DRILL && record->speed > 0) buf_printf(&text, "time runs %g times as fast", record->speed);
  else if (record->world == WORLD_DRILL) buf_str(&text, "time does not count");
  buf_char(&text, '\n');
  say(c, &text);
}

static void say_status(Conductor *c) {
  Buf text = BUF_INIT;
  status_text(&c->run, "this process", &text);
  say(c, &text);
}

static void say_paused(Conductor *c) {
  Buf text = BUF_INIT;
  buf_str(&text, "\nNothing new is started. In flight: ");
  status_in_flight(&c->run, &text);
  buf_printf(&text, ".\nThe same again leaves; the run can be resumed. `tagout go-on %s` in another terminal goes on.\n", run_short(&c->run));
  say(c, &text);
}

static void say_left(Conductor *c) {
  Buf text = BUF_INIT;
  buf_str(&text, "\nLeft. In flight: ");
  status_in_flight(&c->run, &text);
  buf_printf(&text, ".\nNothing is lost, every lock still stands. `tagout resume %s` looks into what was in flight and goes on.\n", run_short(&c->run));
  say(c, &text);
}

/* ---- signals ---- */

static TurnResult control(Conductor *c, ControlKind what) {
  const char *who = arena_printf(c->run.arena, "by %s", c->options->by);
  Event e = {.kind = EVENT_CONTROL, .value = what, .subject = CONTROL_HERE, .entity = NONE_INDEX, .kind_of_entity = NONE_INDEX, .text = who};
  return turn_feed(&c->turn, e, &c->error);
}

static TurnResult interrupted(Conductor *c, uint32_t times) {
  uint32_t before = c->interrupts;
  c->interrupts += times;
  if (c->interrupts > 1) {
    c->leave = true;
    return TURN_GOING;
  }
  if (before > 0 || engine_paused(c->run.engine, NULL, NULL)) {
    say_paused(c);
    return TURN_GOING;
  }
  TurnResult result = control(c, CONTROL_PAUSE);
  if (result == TURN_GOING) say_paused(c);
  return result;
}

static TurnResult attend(Conductor *c) {
  WakeNews news = wake_take(&c->wake);
  TurnResult result = TURN_GOING;
  if (news.mail) c->turn.mail = true;
  c->run.now = c->world->ops->now(c->world);
  if (news.hangup) c->leave = true;
  if (news.interrupts) result = interrupted(c, news.interrupts);
  if (news.status) say_status(c);
  if (news.asked) asking_answer(&c->run);
  if (news.resized) c->progress->ops->resized(c->progress);
  if (news.tick && result == TURN_GOING) c->progress->ops->tick(c->progress);
  if (!engine_paused(c->run.engine, NULL, NULL) && !news.interrupts) c->interrupts = 0; /* somebody told it to go on */
  return result;
}

/* ---- the loop ---- */

static bool nothing_under_way(Conductor *c) {
  const Command *flights;
  return engine_next_timer(c->run.engine) == INT64_MAX && engine_in_flight(c->run.engine, &flights) == 0;
}

/* One turn, or a rest when a run that people keep from starting anything has nothing else to wait for. */
static TurnResult turn(Conductor *c, int64_t until) {
  TurnResult result = turn_wait(&c->turn, until, &c->error);
  if (result != TURN_IDLE && result != TURN_STUCK) return result;
  if (!nothing_under_way(c)) return TURN_GOING;
  if (!engine_parked(c->run.engine)) return until == INT64_MAX ? TURN_STUCK : TURN_GOING;
  if (until == INT64_MAX) wake_sleep(&c->wake);
  return TURN_GOING;
}

#define MAIL_AGAIN_MS 1000

/* Nobody says a second time that there is something: an inbox that could not be read is looked into again. */
static void look_again(Conductor *c) {
  bool failed = inbox_failed(c->run.journal);
  Buf text = BUF_INIT;
  if (failed != c->deaf) {
    buf_printf(&text, failed ? "%s/inbox.db cannot be read: what people say is not heard, and it is tried again\n" : "%s/inbox.db can be read again\n", c->run.dir);
    say(c, &text);
  }
  c->deaf = failed;
  if (failed) c->turn.mail = true;
}

/* Mail is looked into without waiting for anything; first of all what was sent while nobody had the run. */
static TurnResult loop(Conductor *c) {
  TurnResult result = TURN_GOING;
  while (result == TURN_GOING) {
    look_again(c);
    result = turn(c, c->turn.mail ? c->world->ops->now(c->world) + (c->deaf ? MAIL_AGAIN_MS : 0) : preempt_next(c->preempt));
    if (result == TURN_GOING) result = attend(c);
    if (c->ledger && c->run.program->emergencies_count) preempt_look(c->preempt, &c->run, c->ledger, c->world->ops->now(c->world));
    if (c->leave) break;
  }
  return result;
}

/* What people said while nobody had the run comes before everything that has been due since. */
static TurnResult take_mail(Conductor *c) {
  TurnResult result = turn_mail(&c->turn, &c->error);
  if (result == TURN_GOING && inbox_failed(c->run.journal)) {
    c->error.code = -EIO;
    snprintf(c->error.text, sizeof c->error.text, "%.200s/inbox.db: cannot be read, and people may have said something of this run", c->run.dir);
    return TURN_JOURNAL_FAILED;
  }
  if (result == TURN_GOING) result = turn_feed(&c->turn, (Event){.kind = EVENT_TICK, .value = VALUE_UNKNOWN}, &c->error);
  return result;
}

static void admit(void *ctx, Event *e) {
  Conductor *c = ctx;
  c->run.now = e->at;
  admission_take(c->admission, e);
}

/* A run that has a past is told that it was taken over; then the engine looks into what was in flight. */
static TurnResult set_out(Conductor *c) {
  RunState *r = &c->run;
  say_name(c);
  bool fresh = r->tally.events == 0, live = r->record.world == WORLD_LIVE, over = engine_outcome(r->engine) != RUN_GOING;
  bool paused_here = r->tally.paused_since && r->tally.paused_here;
  if (!fresh && live) {
    uint32_t ended = orphans_end(r->id);
    Buf text = BUF_INIT;
    buf_printf(&text, "%u program%s of this run were still going and have been ended\n", ended, ended == 1 ? "" : "s");
    if (ended) c->progress->ops->say(c->progress, text.data);
    buf_done(&text);
  }
  if (!fresh && r->record.world == WORLD_DRILL) world_sim_crash(c->world, r->tally.latest);
  if (r->record.world == WORLD_DRILL) world_sim_pace(c->world, r->record.speed, c->wake.fd);
  turn_init(&c->turn, r->engine, c->world, r->journal, (TurnObserver){c, on_event, on_note});
  c->turn.latest = r->tally.latest;
  c->turn.deaf_most = r->record.world == WORLD_LIVE ? DEAF_MOST : 0;
  if (c->admission) {
    c->turn.screen_ctx = c;
    c->turn.screen = admit;
  }
  Event first = {.kind = fresh ? EVENT_BEGIN : EVENT_RESUMED, .value = VALUE_UNKNOWN, .entity = NONE_INDEX,
                 .kind_of_entity = NONE_INDEX, .text = c->options->by};
  if (fresh && live) first.value = world_live_answers(c->world);
  if (!fresh && !over) first.value = RESUMED_MAIL;
  TurnResult result = turn_feed(&c->turn, first, &c->error);
  if (result == TURN_GOING && !fresh) result = take_mail(c);
  return result == TURN_GOING && paused_here ? control(c, CONTROL_GO_ON) : result;
}

/* The last thing that a run does is often to tell people, and closing the world ends the programs that do it. */
static TurnResult tell_rest(Conductor *c, TurnResult result) {
  if (c->run.record.world != WORLD_LIVE) return result;
  int64_t until = c->world->ops->now(c->world) + WORLD_LAST_WORD;
  while (engine_untold(c->run.engine) > 0 || world_live_telling(c->world) > 0) {
    if (turn_wait(&c->turn, until, &c->error) == TURN_JOURNAL_FAILED) return TURN_JOURNAL_FAILED;
    WakeNews news = wake_take(&c->wake);
    if (news.interrupts || news.hangup || c->world->ops->now(c->world) >= until) break;
  }
  world_live_waited(c->world);
  return result;
}

static void say_untold(Conductor *c) {
  uint32_t n = engine_untold(c->run.engine);
  if (n == 0) return;
  fprintf(stderr, "tagout: %u message%s of the run may not have come: `tagout resume %s` sends %s again\n", n, n == 1 ? "" : "s",
          run_short(&c->run), n == 1 ? "it" : "them");
}

static ExitCode finish(Conductor *c, TurnResult result) {
  if (result == TURN_ENDED) result = tell_rest(c, result);
  progress_free(c->progress);
  c->progress = NULL;
  if (result == TURN_JOURNAL_FAILED) {
    print_journal_error(&c->error);
    fprintf(stderr, "tagout: nothing more is done; when this is mended, `tagout resume %s` goes on\n", run_short(&c->run));
    return EXIT_PARTLY;
  }
  if (result == TURN_STUCK) {
    fprintf(stderr, "tagout: %s waits for nothing and has not ended: this is a mistake in tagout, not in the runbook\n", c->run.id);
    return EXIT_PARTLY;
  }
  if (result != TURN_ENDED) {
    say_left(c);
    return EXIT_STOPPED;
  }
  say_untold(c);
  if (c->ledger && claims_settle(c->ledger, &c->run)) claims_end(c->ledger, c->run.dir);
  run_report(&c->run);
  kept_make(&c->run, &c->kept);
  return run_exit(&c->run);
}

ExitCode conduct(const char *dir, const ConductOptions *options) {
  Conductor c = {.options = options, .kept = BUF_INIT, .preempt = preempt_new()};
  ExitCode code = open_all(&c, dir);
  bool ended = code == EXIT_DONE && engine_outcome(c.run.engine) != RUN_GOING;
  if (ended) {
    uint32_t untold = engine_untold(c.run.engine);
    fprintf(stderr, "tagout: %s has ended already", c.run.id);
    if (untold) fprintf(stderr, "; what may not have come of its messages is sent again (%u)", untold);
    fputc('\n', stderr);
    code = finish(&c, untold ? set_out(&c) : TURN_ENDED);
  } else if (code == EXIT_DONE) {
    TurnResult result = set_out(&c);
    code = finish(&c, result == TURN_GOING ? loop(&c) : result);
  } else if (code == EXIT_USAGE) {
    fprintf(stderr, "tagout: when this is mended, `tagout resume %s` goes on\n", run_short(&c.run));
  }
  close_all(&c);
  if (c.kept.len) kept_write(dir, &c.kept);
  buf_done(&c.kept);
  return code;
}
