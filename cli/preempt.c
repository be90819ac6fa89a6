/* preempt: told through the letter box of the other run, so that it counts also when nobody has that run in hands; whoever resumes it
 * takes the message before anything else. The power is cut without waiting for any of this. */
#include <config.h>

#include "cli/preempt.h"

#include "cli/claims.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

#define KEPT_MOST (5 * 60 * 1000) /* ms that a run which goes on keeps its claims */
#define AGAIN_AFTER (30 * 1000)   /* ms, where the ledger or a letter box could not be written */

typedef struct Hit { uint32_t row, entity; int64_t first, next; bool told, done, seen; } Hit; /* first, next: of the run's clock, which nobody sets */
struct Preempt { VEC(Hit) hits; };

Preempt *preempt_new(void) { return xcalloc(1, sizeof(Preempt)); }

void preempt_free(Preempt *p) {
  if (!p) return;
  vec_done(&p->hits);
  free(p);
}

/* ---- the others ---- */

typedef struct Other { const char *run, *dir; Member member; } Other;
typedef struct Others { Arena *arena; VEC(Other) list; } Others;

static void keep(void *ctx, const char *run, const char *dir, Member m) {
  Others *o = ctx;
  Other one = {arena_printf(o->arena, "%s", run), arena_printf(o->arena, "%s", dir), {arena_printf(o->arena, "%s", m.kind), arena_printf(o->arena, "%s", m.name)}};
  vec_push(&o->list, one);
}

/* By its names: the other run may have another inventory. */
static bool find(const RunState *r, Member m, Event *ret) {
  for (uint32_t k = 0; k < r->program->kinds_count; k++) {
    if (strcmp(program_str(r->program, r->program->kinds[k].name), m.kind) != 0) continue;
    ret->kind_of_entity = k;
    ret->entity = fleet_find(r->fleet, k, m.name, strlen(m.name));
    return ret->entity != ENTITY_NONE;
  }
  return false;
}

static bool send_to(const RunState *other, Event *e) {
  JournalError error = {0};
  if (inbox_send(other->dir, e, &error) == 0) return true;
  print_journal_error(&error);
  return false;
}

/* The thing itself; where the other run knows no such thing, what it has claimed of it. members: of one run. */
static bool tell(const Other *members, uint32_t count, Member thing, const char *text) {
  RunState r;
  Event e = {.kind = EVENT_CONTROL, .value = CONTROL_PREEMPT, .subject = NONE_INDEX, .text = text};
  if (!*members->dir || !record_exists(members->dir)) return true;
  bool ok = run_open(members->dir, JOURNAL_READ, &r) == EXIT_DONE;
  if (ok && find(&r, thing, &e)) ok = send_to(&r, &e);
  else
    for (uint32_t i = 0; ok && i < count; i++) ok = !find(&r, members[i].member, &e) || send_to(&r, &e);
  run_close(&r);
  return ok;
}

static bool tell_all(const Others *o, Member thing, const char *text, bool *ret_owned) {
  bool ok = true;
  for (uint32_t i = 0, n; i < o->list.len; i += n) {
    for (n = 1; i + n < o->list.len && strcmp(o->list.items[i + n].run, o->list.items[i].run) == 0;) n++;
    ok &= tell(&o->list.items[i], n, thing, text);
    *ret_owned |= journal_owned(o->list.items[i].dir, NULL, 0);
    fprintf(stderr, "tagout: run %s is pre-empted at %s: %s\n", o->list.items[i].run, thing.name, text);
  }
  return ok;
}

/* ---- one hit ---- */

static const char *why(const RunState *r, const EmergencyRow *row, Arena *arena) {
  const char *title = program_str(r->program, row->title);
  return arena_printf(arena, "by run %s: emergency%s%s: %s", r->id, *title ? ", " : "", title, program_str(r->program, row->text));
}

static bool still_owned(const Others *o) {
  for (uint32_t i = 0; i < o->list.len; i++)
    if (journal_owned(o->list.items[i].dir, NULL, 0)) return true;
  return false;
}

/* First they are told, then they lose their claims: never the other way round. */
static void pursue(Hit *h, const RunState *r, Ledger *l, int64_t now) {
  Arena *arena = arena_new();
  Others others = {.arena = arena}, taken = {.arena = arena};
  const EmergencyRow *row = &r->program->emergencies[h->row];
  uint32_t count;
  const Member *members = claims_within(r->program, r->fleet, row->kind, h->entity, arena, &count);
  bool going = false, ok = ledger_preempt(l, r->id, r->dir, members, count, false, now, keep, &others) == 0;
  if (!ok) fprintf(stderr, "tagout: %s: other runs are not told of the emergency yet\n", ledger_why(l));
  if (ok && !h->told) h->told = ok = tell_all(&others, members[0], why(r, row, arena), &going);
  else going = still_owned(&others);
  if (ok && h->told && (!going || now - h->first >= KEPT_MOST))
    h->done = ledger_preempt(l, r->id, r->dir, members, count, true, now, keep, &taken) == 0;
  h->next = now < h->first + KEPT_MOST && now + AGAIN_AFTER > h->first + KEPT_MOST ? h->first + KEPT_MOST : now + AGAIN_AFTER;
  vec_done(&others.list);
  vec_done(&taken.list);
  arena_free(arena);
}

static Hit *hit_of(Preempt *p, uint32_t row, uint32_t entity, int64_t now) {
  for (uint32_t i = 0; i < p->hits.len; i++)
    if (p->hits.items[i].row == row && p->hits.items[i].entity == entity) return &p->hits.items[i];
  vec_push(&p->hits, ((Hit){.row = row, .entity = entity, .first = now, .next = now}));
  return &p->hits.items[p->hits.len - 1];
}

/* What is over is forgotten: when it comes again, the others are told again. */
static void forget_over(Preempt *p) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < p->hits.len; i++) {
    if (!p->hits.items[i].seen) continue;
    p->hits.items[kept] = p->hits.items[i];
    p->hits.items[kept++].seen = false;
  }
  p->hits.len = kept;
}

void preempt_look(Preempt *p, const RunState *r, Ledger *l, int64_t now) {
  EmergencyView view;
  for (uint32_t i = 0; engine_emergency(r->engine, i, &view); i++) {
    Hit *h = hit_of(p, view.row, view.entity, now);
    h->seen = true;
    if (!h->done && now >= h->next) pursue(h, r, l, now);
  }
  forget_over(p);
}

int64_t preempt_next(const Preempt *p) {
  int64_t next = INT64_MAX;
  for (uint32_t i = 0; i < p->hits.len; i++)
    if (!p->hits.items[i].done && p->hits.items[i].next < next) next = p->hits.items[i].next;
  return next;
}
