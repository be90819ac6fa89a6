/* desk: decisions and the processes that follow from them. */
#include <config.h>

#include "cli/desk.h"

#include "cli/desk_run.h"
#include "cli/desk_tell.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "cli/rundir.h"
#include "cli/run_state.h"
#include "cli/story.h"
#include "runtime/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AGAIN_MOST 10u         /* times that, at the most */
#define AGAIN_MS 60000         /* what could not begin for a reason that this process cannot see go away */
#define LOOK_MS 1000           /* at a run that is another's child */
#define LEFT_MS 10000          /* at a run that somebody left */
#define SWEEP_MS 30000         /* over all that wait; */
#define TRY_MS 1000            /* while some of them wait for what other runs have */
#define BREATH_MS 5000         /* between two processes for one run */
#define SOME 64u               /* incidents that are read at a time */

void desk_say(const char *format, ...) {
  char when[40];
  va_list ap;
  struct tm tm;
  time_t now = time(NULL);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
  printf("%s  ", when);
  va_start(ap, format);
  vprintf(format, ap);
  va_end(ap);
  putchar('\n');
  fflush(stdout);
}

static bool broken(Desk *d) {
  fprintf(stderr, "tagout: %s\n", intake_why(d->intake));
  return false;
}

/* ---- processes ---- */

/* Its errors go to a file, its signals are its own: it lives on when the desk is stopped or killed. */
static void become_run(const char *said, char *const *argv) {
  sigset_t none;
  closefrom(3); /* first of all the desk's lock: nobody shall find it held by who only begins to be a run */
  int null = open("/dev/null", O_RDWR), out = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  dup2(null, 0);
  dup2(null, 1);
  dup2(out < 0 ? null : out, 2);
  closefrom(3);
  execv("/proc/self/exe", argv);
  _exit(127);
}

static DeskRun *run_of(Desk *d, uint64_t id) {
  for (uint32_t i = 0; i < d->runs.len; i++)
    if (d->runs.items[i].id == id) return &d->runs.items[i];
  vec_push(&d->runs, ((DeskRun){.id = id}));
  return &d->runs.items[d->runs.len - 1];
}

/* It has no process and no place any more. */
static void forget(Desk *d, uint64_t id) {
  d->freed = true;
  for (uint32_t i = 0; i < d->runs.len; i++)
    if (d->runs.items[i].id == id) d->runs.items[i] = d->runs.items[--d->runs.len];
}

static void spawn(Desk *d, uint64_t id) {
  Arena *arena = arena_new();
  char *argv[] = {(char *)"tagout", (char *)"serve-incident", (char *)"--state", (char *)d->state, (char *)d->home.name,
                  arena_printf(arena, "%llu", (unsigned long long)id), NULL};
  const char *said = desk_run_said(arena, d->home.dir, id);
  DeskRun *r = run_of(d, id);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) become_run(said, argv);
  if (child < 0) desk_say("incident %llu: no process can be started: %s", (unsigned long long)id, strerror(errno));
  r->child = child < 0 ? 0 : child;
  r->begun = wall_clock();
  r->look = r->begun + LOOK_MS;
  arena_free(arena);
}

/* ---- how a run stands ---- */

typedef enum RunStanding {
  NOT_MADE, GOING,
  LEFT,                      /* a person stopped it at its terminal, and nobody else is to go on with it */
  HAS_ENDED, UNREADABLE
} RunStanding;

static RunStanding look_at_run(const Desk *d, const Incident *i, Arena *arena, IncidentEnd *ret) {
  RunState r;
  const char *dir = desk_run_dir(arena, d->state, i);
  if (!record_exists(dir)) return NOT_MADE;
  RunStanding standing = UNREADABLE;
  if (run_open(dir, JOURNAL_READ, &r) == EXIT_DONE && run_replay(&r, NULL)) {
    RunOutcome o = engine_outcome(r.engine);
    bool left = r.tally.paused_since && r.tally.paused_here;
    standing = o != RUN_GOING ? HAS_ENDED : left ? LEFT : GOING;
    const char *why = engine_reason(r.engine), *sentence = run_outcome_sentence(o);
    *ret = (IncidentEnd){wall_clock(), o == RUN_COMPLETED, r.tally.actions > 0, sentence};
    if (why && *why) ret->how = arena_printf(arena, "%s: %s", sentence, why);
  }
  run_close(&r);
  return standing;
}

static bool has_process(const Desk *d, uint64_t id, Arena *arena) {
  return owner_look(desk_run_lock(arena, d->home.dir, id), NULL, 0);
}

static bool run_owned(const Desk *d, const Incident *i, Arena *arena) {
  return journal_owned(desk_run_dir(arena, d->state, i), NULL, 0);
}

/* ---- trying again ---- */

static DeskPause *pause_of(Desk *d, uint64_t id) {
  for (uint32_t i = 0; i < d->pauses.len; i++)
    if (d->pauses.items[i].id == id) return &d->pauses.items[i];
  return NULL;
}

/* Each time it is left alone for longer. */
static void pause_one(Desk *d, uint64_t id) {
  DeskPause *p = pause_of(d, id);
  if (!p) {
    vec_push(&d->pauses, ((DeskPause){.id = id}));
    p = &d->pauses.items[d->pauses.len - 1];
  }
  if (p->tries < AGAIN_MOST) p->tries++;
  p->until = wall_clock() + (int64_t)AGAIN_MS * p->tries;
  p->over = false;
}

static void end_pause(Desk *d, uint64_t id) {
  DeskPause *p = pause_of(d, id);
  if (p) *p = d->pauses.items[--d->pauses.len];
}

/* ---- ends ---- */

static bool note_end(Desk *d, const Incident *i, const IncidentEnd *end, Arena *arena) {
  if (intake_end(d->intake, i->id, end) < 0) return broken(d);
  desk_say("incident %llu of %s: run %s: %s", (unsigned long long)i->id, i->member, i->run, end->how);
  unlink(desk_run_said(arena, d->home.dir, i->id));
  unlink(desk_run_lock(arena, d->home.dir, i->id));
  end_pause(d, i->id);
  forget(d, i->id);
  return true;
}

/* Its process put it back: why, and it is tried again later. */
static bool put_back(Desk *d, const Incident *i) {
  desk_say("incident %llu of %s: %s: %s", (unsigned long long)i->id, i->member, incident_state_text(i->state), i->why);
  if (i->state == INCIDENT_WAITING) pause_one(d, i->id);
  else end_pause(d, i->id);
  forget(d, i->id);
  return true;
}

static void say_left(DeskRun *r, const Incident *i) {
  if (!r->left) desk_say("incident %llu of %s: run %s has no process: `tagout resume %s` goes on", (unsigned long long)i->id, i->member, i->run, i->run);
  r->left = true;
}

/* No process leads it: it has ended, was left, was put back, or was killed and is gone on with. */
static bool settle(Desk *d, uint64_t id) {
  Arena *arena = arena_new();
  Incident i;
  IncidentEnd end = {0};
  bool ok = true;
  int found = intake_get(d->intake, id, arena, &i);
  if (found < 0) ok = broken(d);
  else if (i.state != INCIDENT_STARTED) ok = put_back(d, &i);
  else {
    RunStanding standing = look_at_run(d, &i, arena, &end);
    DeskRun *r = run_of(d, id);
    int64_t now = wall_clock();
    r->child = 0;
    r->look = now + LEFT_MS;
    if (standing == HAS_ENDED) ok = note_end(d, &i, &end, arena);
    else if (standing == LEFT || standing == UNREADABLE) say_left(r, &i);
    else if (now < r->begun + BREATH_MS) r->look = r->begun + BREATH_MS;
    else spawn(d, id);
  }
  arena_free(arena);
  return ok;
}

void desk_reap(Desk *d) {
  int status;
  for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;)
    for (uint32_t i = 0; i < d->runs.len; i++)
      if (d->runs.items[i].child == child) {
        settle(d, d->runs.items[i].id);
        break;
      }
}

bool desk_adopt(Desk *d) {
  Arena *arena = arena_new();
  IncidentList going;
  bool ok = intake_list(d->intake, d->home.name, INCIDENTS_GOING, 0, arena, &going) == 0 || broken(d);
  for (uint32_t i = 0; ok && i < going.count; i++) {
    const Incident *one = &going.items[i];
    bool alive = has_process(d, one->id, arena) || run_owned(d, one, arena);
    if (alive) desk_say("incident %llu of %s: run %s goes on", (unsigned long long)one->id, one->member, one->run);
    if (alive) run_of(d, one->id)->look = wall_clock() + LOOK_MS;
    else ok = settle(d, one->id);
  }
  arena_free(arena);
  return ok;
}

/* Runs that are not our children say nothing when they end. */
static bool look_after(Desk *d, Arena *arena) {
  int64_t now = wall_clock();
  for (uint32_t i = d->runs.len; i-- > 0;) {
    DeskRun *r = &d->runs.items[i];
    Incident incident;
    if (r->child || now < r->look) continue;
    r->look = now + LOOK_MS;
    if (intake_get(d->intake, r->id, arena, &incident) < 0) return broken(d);
    if (has_process(d, r->id, arena) || (incident.state == INCIDENT_STARTED && run_owned(d, &incident, arena))) r->left = false;
    else if (!settle(d, r->id)) return false;
  }
  return true;
}

/* ---- decisions ---- */

typedef struct Sought { const char *run; bool found; } Sought;

static void see_holding(void *ctx, const Holding *h) {
  Sought *s = ctx;
  s->found = s->found || (h->claims && strcmp(h->run, s->run) == 0);
}

/* The run that has its member still has it. */
static bool blocked(Desk *d, const Incident *i) {
  Sought s = {.run = i->blocker};
  return *i->blocker && ledger_runs(d->ledger, see_holding, &s) == 0 && s.found;
}

/* Tried again when whoever had its member has let it go, or a while has passed. */
static bool may_try(Desk *d, const Incident *i) {
  DeskPause *p = pause_of(d, i->id);
  if (!p || p->over) return true;
  return p->over = wall_clock() >= p->until || (*i->blocker && !blocked(d, i));
}

static void tell_decision(const Incident *i) {
  unsigned long long id = i->id;
  if (i->state == INCIDENT_STARTED) desk_say("incident %llu of %s: started, run %s%s", id, i->member, i->run, i->over ? ", beyond the limit per member" : "");
  else if (i->state == INCIDENT_JOINED) desk_say("incident %llu of %s: joins incident %llu%s%s", id, i->member, (unsigned long long)i->leader, *i->run ? ", run " : "", i->run);
  else desk_say("incident %llu of %s: %s: %s", id, i->member, incident_state_text(i->state), i->why);
}

/* One that came while no desk could look at it may be wrong. */
static bool refuse(Desk *d, const Incident *i, DiagSink *sink) {
  const char *why = diag_count(sink) ? diag_get(sink, 0)->message : "it cannot be read";
  if (intake_refuse(d->intake, i->id, why) < 0) return broken(d);
  desk_say("incident %llu: refused: %s", (unsigned long long)i->id, why);
  return true;
}

static bool decide(Desk *d, const Incident *i, Arena *arena) {
  ArrivalText a;
  Incident now;
  DiagSink *sink = diag_sink_new(arena, NULL);
  const Program *p = d->home.plan->program;
  const Fleet *fleet = desk_fleet(&d->home, sink);
  if (!fleet) {
    print_diagnostics(sink, NULL, FORMAT_TEXT);
    pause_one(d, i->id);
    return true;
  }
  if (!arrival_of_content(i->content, arena, &a) || !arrival_fits(&a, p, fleet, sink)) return refuse(d, i, sink);
  DeskLimits limits = arrival_limits(d->home.form);
  const char *member = arrival_member(&a, p, fleet);
  int64_t at = wall_clock();
  int changed = intake_decide(d->intake, i->id, member, &limits, at, rundir_name(arena, program_str(p, p->name), at), arena, &now);
  if (changed < 0) return broken(d);
  if (changed) tell_decision(&now);
  if (changed && now.state == INCIDENT_STARTED) spawn(d, now.id);
  return true;
}

/* Some of them, in their order, from behind *after on, which moves; UINT64_MAX: none is left. False: the queue is broken. */
static bool decide_some(Desk *d, IncidentState state, uint64_t *after, Arena *arena) {
  int64_t until = wall_clock() + DESK_TURN_MS;
  IncidentList list;
  do {
    if (intake_next(d->intake, d->home.name, state, *after, SOME, arena, &list) < 0) return broken(d);
    for (uint32_t i = 0; i < list.count && wall_clock() < until; i++) {
      *after = list.items[i].id;
      if (may_try(d, &list.items[i]) && !decide(d, &list.items[i], arena)) return false;
    }
    if (list.count == 0) *after = UINT64_MAX;
  } while (list.count > 0 && wall_clock() < until);
  return true;
}

/* What waits is looked at when there is a reason, so that a flood that waits costs those that come nothing. A look that has begun goes
 * on behind those that have come. */
static bool decide_all(Desk *d, Arena *arena) {
  uint64_t came = 0;
  int64_t now = wall_clock();
  bool begin = d->swept == UINT64_MAX && (d->freed || now >= d->sweep);
  if (begin) d->freed = false, d->swept = 0, d->sweep = now + (d->pauses.len ? TRY_MS : SWEEP_MS);
  if (!decide_some(d, INCIDENT_RECEIVED, &came, arena)) return false;
  if (d->swept != UINT64_MAX && !decide_some(d, INCIDENT_WAITING, &d->swept, arena)) return false;
  d->more |= came != UINT64_MAX || d->swept != UINT64_MAX;
  return true;
}

bool desk_turn(Desk *d) {
  Arena *arena = arena_new();
  bool ok = look_after(d, arena) && decide_all(d, arena) && (desk_tell(d->intake, d->state, d->home.name, 0, arena) || broken(d));
  arena_free(arena);
  return ok;
}

void desk_done(Desk *d) {
  vec_done(&d->runs);
  vec_done(&d->pauses);
  ledger_close(d->ledger);
  intake_close(d->intake);
  desk_close(&d->home);
  arena_free(d->arena);
}
