/* locked: grouping, and the words for it. */
#include <config.h>

#include "cli/locked.h"

#include "cli/crowd.h"
#include "lang/utf8.h"

#include <string.h>

#define GROUPS_SHOWN 8u

/* ---- groups ---- */

static bool alike(const LockView *a, const LockView *b) {
  return a->kind == b->kind && a->stand == b->stand && a->role == b->role && a->line == b->line && strcmp(a->because, b->because) == 0 &&
         strcmp(a->why, b->why) == 0 && strcmp(a->asked_by, b->asked_by) == 0;
}

static void add_lock(LockGroups *g, uint32_t from, const LockView *v) {
  for (uint32_t i = from; i < g->items.len; i++) {
    LockGroup *group = &g->items.items[i];
    if (!alike(&group->one, v)) continue;
    vec_push(&group->members, v->entity);
    if (v->since < group->oldest) group->oldest = v->since;
    return;
  }
  LockGroup fresh = {.one = *v, .oldest = v->since};
  vec_push(&fresh.automations, v->automation);
  vec_push(&fresh.members, v->entity);
  vec_push(&g->items, fresh);
}

static bool same_members(const LockGroup *a, const LockGroup *b) {
  return a->members.len == b->members.len && memcmp(a->members.items, b->members.items, a->members.len * sizeof *a->members.items) == 0;
}

static void drop(LockGroup *g) {
  vec_done(&g->automations);
  vec_done(&g->members);
}

/* Several automations on the same members for the same reason. */
static void merge(LockGroups *g) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < g->items.len; i++) {
    LockGroup *one = &g->items.items[i], *into = NULL;
    for (uint32_t k = 0; k < kept && !into; k++)
      if (alike(&g->items.items[k].one, &one->one) && same_members(&g->items.items[k], one)) into = &g->items.items[k];
    if (into) {
      vec_push(&into->automations, one->automations.items[0]);
      if (one->oldest < into->oldest) into->oldest = one->oldest;
      drop(one);
    } else {
      g->items.items[kept++] = *one;
    }
  }
  g->items.len = kept;
}

void locked_groups(const LockView *locks, uint32_t count, LockGroups *ret) {
  uint32_t from = 0;
  *ret = (LockGroups){0};
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0 && locks[i].automation != locks[i - 1].automation) from = ret->items.len; /* they come by automation, then by entity */
    add_lock(ret, from, &locks[i]);
  }
  merge(ret);
}

void locked_groups_done(LockGroups *g) {
  for (uint32_t i = 0; i < g->items.len; i++) drop(&g->items.items[i]);
  vec_done(&g->items);
}

void locked_names(const RunState *r, const LockGroup *g, Buf *out) {
  Story story = run_story(r);
  for (uint32_t i = 0; i < g->automations.len; i++)
    buf_printf(out, "%s%s", i ? ", " : "", program_str(r->program, r->program->automations[g->automations.items[i]].name));
  buf_str(out, " on ");
  crowd_names(&story, g->one.kind, g->members.items, g->members.len, out);
}

/* ---- what stays ---- */

static void label(unsigned cells, const char *text, Buf *out) { buf_printf(out, "  %-*s", (int)cells, text); }

static const char *state_of(const LockView *v) {
  switch (v->stand) {
    case STAND_TAKING: return "being locked";
    case STAND_HELD: return "locked";
    case STAND_LOOSE: return "came back by itself, being locked again";
    case STAND_RELEASING: return "being released";
    case STAND_HANDED_OVER: return "handed over";
  }
  return "?";
}

static void group_line(const RunState *r, const LockGroup *g, Buf *out) {
  const LockView *v = &g->one;
  locked_names(r, g, out);
  buf_printf(out, ": %s", state_of(v));
  if (v->stand == STAND_HANDED_OVER && v->role < r->program->roles_count)
    buf_printf(out, " to %s", program_str(r->program, r->program->roles[v->role].name));
  buf_str(out, ", since ");
  zone_format_short(r->zone, g->oldest, out);
  if (!*v->why) return;
  buf_str(out, ": ");
  utf8_show(v->why, strlen(v->why), 0, out);
}

static uint32_t stays(const RunState *r, unsigned cells, Buf *out) {
  LockGroups groups;
  VEC(LockView) locks = {0};
  LockView view;
  for (uint32_t a = 0; a < r->program->automations_count; a++)
    for (uint32_t e = 0; e < fleet_count(r->fleet, r->program->automations[a].kind); e++)
      if (engine_lock_view(r->engine, a, e, &view)) vec_push(&locks, view);
  locked_groups(locks.items, locks.len, &groups);
  for (uint32_t i = 0; i < groups.items.len && i < GROUPS_SHOWN; i++) {
    label(cells, i ? "" : "stays", out);
    group_line(r, &groups.items.items[i], out);
    buf_char(out, '\n');
  }
  if (groups.items.len > GROUPS_SHOWN) {
    label(cells, "", out);
    buf_printf(out, "and %u more: `tagout locks %s`\n", groups.items.len - GROUPS_SHOWN, run_short(r));
  }
  uint32_t n = locks.len;
  locked_groups_done(&groups);
  vec_done(&locks);
  if (n > 0) return n;
  label(cells, "stays", out);
  buf_str(out, "nothing: no lock stands\n");
  return 0;
}

/* ---- what comes next ---- */

static void next_of_ended(const RunState *r, uint32_t locks, unsigned cells, Buf *out) {
  uint32_t out_now = engine_nodes_out(r->engine, NULL);
  const char *word = "next";
  if (locks > 0) {
    label(cells, word, out);
    buf_str(out, "what was handed over is repaired and taken in again by a run of its own, or by hand; then two people say\n");
    label(cells, word = "", out);
    buf_printf(out, "`tagout unlock --break --because=TEXT %s [MEMBER...]`\n", run_short(r));
  }
  if (*r->record.ledger && out_now > 0 && r->plan->site) {
    label(cells, word, out);
    buf_printf(out, "%u %s as out of service until a run reads otherwise, or a person says so: `tagout ledger %s`\n", out_now,
               out_now == 1 ? "counts" : "count", r->plan->site->name);
  }
}

static void next_of_going(RunState *r, const char *owner, unsigned cells, Buf *out) {
  Buf waits = BUF_INIT;
  OpenGate gates[4];
  uint32_t n = status_gates(r, gates, 4);
  label(cells, "next", out);
  if (!owner) buf_printf(out, "its process is gone: `tagout resume %s` goes on\n", run_short(r));
  else if (engine_paused(r->engine, NULL, NULL)) buf_printf(out, "it is paused: `tagout go-on %s`\n", run_short(r));
  else buf_printf(out, "it waits for %s; `tagout status %s`\n", r->tally.events ? engine_waiting_for(r->engine, r->now, &waits) : "its first event", run_short(r));
  for (uint32_t i = 0; i < n; i++) {
    label(cells, "", out);
    gate_command(r, &gates[i], out);
    buf_char(out, '\n');
  }
  buf_done(&waits);
}

void locked_aftermath(RunState *r, const char *owner, unsigned label_cells, Buf *out) {
  uint32_t locks = stays(r, label_cells, out);
  if (engine_outcome(r->engine) == RUN_GOING) next_of_going(r, owner, label_cells, out);
  else next_of_ended(r, locks, label_cells, out);
}
