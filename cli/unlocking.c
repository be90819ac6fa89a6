/* unlocking: two rounds through the live world: unlock each, then read each. */
#include <config.h>

#include "cli/unlocking.h"

#include "cli/output.h"
#include "cli/planning.h"
#include "runtime/world_live.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define AT_ONCE 32u
#define READ_MOST_MS 120000
#define NOT_LOCKED 0 /* what an inspection reads */

typedef struct Round {
  const Standing *s;
  const LockView *locks;
  uint32_t count;
  CommandKind kind;
  World *world;
  uint64_t first_id;
  bool *ok;
} Round;

static void say_wrong(const Round *r, uint32_t i, const char *what, const char *detail) {
  const Program *p = r->s->run.program;
  const LockView *v = &r->locks[i];
  fprintf(stderr, "tagout unlock: %s on %s %s%s%s\n", program_str(p, p->automations[v->automation].name),
          fleet_name(r->s->run.fleet, v->kind, v->entity), what, detail && *detail ? ": " : "", detail ? detail : "");
}

static void answered(Round *r, const Event *e) {
  uint32_t i = (uint32_t)(e->command - r->first_id - 1) % r->count;
  bool unlock = r->kind == COMMAND_UNLOCK;
  r->ok[i] = unlock ? e->kind == EVENT_OUTCOME && e->outcome == OUT_OK : e->kind == EVENT_READING && e->value == NOT_LOCKED;
  if (!r->ok[i]) say_wrong(r, i, unlock ? "could not be unlocked" : "does not read as unlocked", e->text);
}

static void submit(const Round *r, uint32_t i, uint64_t offset) {
  const LockView *v = &r->locks[i];
  const AutomationRow *a = &r->s->run.program->automations[v->automation];
  int64_t now = r->world->ops->now(r->world), most = r->kind == COMMAND_INSPECT || a->lock_most <= 0 ? READ_MOST_MS : a->lock_most;
  Command c = {.id = r->first_id + offset + i + 1, .kind = r->kind, .subject = v->automation, .entity = v->entity, .kind_of_entity = v->kind,
               .issued = now, .deadline = now + most, .attempt = 1};
  r->world->ops->submit(r->world, &c);
}

/* Every command is answered by its deadline: the drivers see to that. */
static void go_round(Round *r, uint64_t offset) {
  Event events[AT_ONCE];
  uint32_t next = 0, flying = 0;
  while (next < r->count || flying > 0) {
    for (; next < r->count && flying < AT_ONCE; next++) {
      if (r->kind == COMMAND_INSPECT && !r->ok[next]) continue; /* it could not be unlocked */
      submit(r, next, offset);
      flying++;
    }
    uint32_t n = flying ? r->world->ops->wait(r->world, INT64_MAX, events, AT_ONCE) : 0;
    for (uint32_t i = 0; i < n; i++, flying--) answered(r, &events[i]);
  }
}

static const LiveBind *bind(const Standing *s) {
  const RunState *r = &s->run;
  DiagSink *sink = diag_sink_new(r->arena, NULL);
  const LiveBind *b = r->plan->site ? live_bind(r->plan->site, r->program, r->fleet, r->record.site_dir, r->arena, sink) : NULL;
  bool there = b && live_programs(b, sink);
  print_diagnostics(sink, NULL, FORMAT_TEXT);
  return there ? b : NULL;
}

ExitCode unlocking(const Standing *s, const LockView *locks, uint32_t count, bool *off) {
  memset(off, 1, count * sizeof *off);
  if (s->run.record.world != WORLD_LIVE) return EXIT_DONE;
  const LiveBind *b = bind(s);
  if (!b) return EXIT_CHECK;
  int64_t since;
  /* Its commands have ids that no run has: a key that was used is never used for something else. */
  LiveConfig config = {.bind = b, .run = s->run.id, .wake_fd = -1};
  Round r = {.s = s, .locks = locks, .count = count, .kind = COMMAND_UNLOCK, .world = world_live_new(&config), .first_id = (uint64_t)wall_clock() << 16, .ok = off};
  if (!r.world) {
    fprintf(stderr, "tagout: cannot wait for programs: %s; raise the limit of open files (`ulimit -n`)\n", strerror(errno));
    return EXIT_USAGE;
  }
  world_live_duty(r.world, status_duty(&s->run, &since));
  go_round(&r, 0);
  r.kind = COMMAND_INSPECT;
  go_round(&r, count);
  r.world->ops->free(r.world);
  for (uint32_t i = 0; i < count; i++)
    if (!off[i]) return EXIT_TOLERANCE;
  return EXIT_DONE;
}
