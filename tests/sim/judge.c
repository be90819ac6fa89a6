/* judge: what was said and sent, and the end. */
#include <config.h>

#include "tests/sim/judge.h"

#include "lang/arena.h"
#include "runtime/engine_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void judge_break(Judge *j, const char *rule, const char *format, ...) {
  va_list args;
  if (j->wrong) return;
  j->wrong = rule;
  va_start(args, format);
  vsnprintf(j->what, sizeof j->what, format, args);
  va_end(args);
}

/* ---- life ---- */

static uint32_t setting_base(const Judge *j, uint32_t setting) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < setting; i++) at += fleet_count(j->fleet, j->program->settings[i].kind);
  return at;
}

void judge_init(Judge *j, const Program *p, const Fleet *fleet, const Frozen *frozen, SimFleet *truth) {
  *j = (Judge){.program = p, .fleet = fleet, .frozen = frozen, .truth = truth};
  uint32_t most = 1;
  for (uint32_t k = 0; k < p->kinds_count; k++)
    if (fleet_count(fleet, k) > most) most = fleet_count(fleet, k);
  j->out = xcalloc(most, sizeof *j->out);
  j->settings = xcalloc(setting_base(j, p->settings_count) + 1, sizeof *j->settings);
  for (uint32_t s = 0; s < p->settings_count; s++)
    for (uint32_t e = 0; e < fleet_count(fleet, p->settings[s].kind); e++)
      j->settings[setting_base(j, s) + e] = simfleet_setting(truth, s, e);
}

void judge_done(Judge *j) {
  vec_done(&j->begun);
  vec_done(&j->tolerated);
  vec_done(&j->aside);
  vec_done(&j->handed);
  vec_done(&j->unset);
  vec_done(&j->broken);
  vec_done(&j->flying);
  vec_done(&j->cut_off);
  vec_done(&j->services);
  vec_done(&j->reads);
  vec_done(&j->sent);
  free(j->out);
  free(j->settings);
}

void judge_life(Judge *j, Engine *e) {
  j->engine = e;
  j->back = false;
  j->step = NONE_INDEX, j->broken.len = 0;
  j->begun.len = j->tolerated.len = j->aside.len = j->handed.len = j->unset.len = 0;
}

void judge_death(Judge *j) {
  j->engine = NULL;
  for (uint32_t i = 0; i < j->flying.len; i++) vec_push(&j->cut_off, j->flying.items[i]);
  j->flying.len = 0;
}

/* ---- what is said ---- */

void judge_note(Judge *j, const Note *n) {
  Note own = *n;
  own.text = NULL;
  way_note(j, n);
  switch (n->kind) {
    case NOTE_MEMBER_BEGIN: limits_begun(j, n); break;
    case NOTE_SET_ASIDE: vec_push(&j->aside, own); break;
    case NOTE_ROLL_BACK: j->back = true; break;
    case NOTE_HANDED_OVER: vec_push(&j->handed, own); break;
    case NOTE_SURPRISE: vec_push(&j->unset, own); break;
    default: break;
  }
}

static void forget_flight(Judge *j, uint64_t id) {
  for (uint32_t i = 0; i < j->flying.len; i++)
    if (j->flying.items[i].id == id) {
      j->flying.items[i] = j->flying.items[--j->flying.len];
      return;
    }
}

/* A lock that stands in the fleet is one that the run knows of. */
static void locks_known(Judge *j, int64_t now) {
  bool quiet;
  LockView v;
  for (uint32_t a = 0; a < j->program->automations_count; a++) {
    uint32_t kind = j->program->automations[a].kind;
    for (uint32_t e = 0; e < fleet_count(j->fleet, kind); e++)
      if (simfleet_locked(j->truth, a, e, now, &quiet) && !engine_lock_view(j->engine, a, e, &v))
        judge_break(j, "LOCK_LOST", "%s on %s", program_str(j->program, j->program->automations[a].name), fleet_name(j->fleet, kind, e));
  }
}

/* Read as in service by a command that was sent behind the one that took it out. */
static void read_back(Judge *j, uint64_t command) {
  for (uint32_t i = 0; i < j->reads.len; i++)
    if (j->reads.items[i].id == command && command > j->out[j->reads.items[i].entity]) j->out[j->reads.items[i].entity] = 0;
}

void judge_event(Judge *j, const Event *event, int64_t now) {
  const Budget *b = &j->engine->budget;
  if (event->command) forget_flight(j, event->command);
  if (event->kind == EVENT_READING && b->kind != NONE_INDEX && event->value == b->in_service) read_back(j, event->command);
  limits_event(j, now);
  locks_known(j, now);
}

void judge_sent(Judge *j, const Command *c, bool synced) {
  if (!synced) judge_break(j, "UNWRITTEN", "%s %llu left before the journal was synced", command_kind_text(c->kind), (unsigned long long)c->id);
  vec_push(&j->sent, ((Sent){c->id, c->again}));
  if (c->kind == COMMAND_STOP) forget_flight(j, (uint64_t)c->args[0]);
  const Budget *b = &j->engine->budget;
  if (c->kind == COMMAND_READ && c->subject == b->service && c->kind_of_entity == b->kind) vec_push(&j->reads, ((Read){c->id, c->entity}));
  if (c->kind == COMMAND_ACT) limits_sent(j, c);
}

/* ---- the end ---- */

static bool related(const Judge *j, const Note *n, uint32_t kind, uint32_t entity) {
  if (n->kind_of_entity >= j->program->kinds_count) return false;
  return fleet_up(j->fleet, kind, entity, n->kind_of_entity) == n->entity || fleet_up(j->fleet, n->kind_of_entity, n->entity, kind) == entity;
}

static bool was_handed(const Judge *j, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < j->handed.len; i++)
    if (related(j, &j->handed.items[i], kind, entity)) return true;
  return false;
}

static void locks_owned(Judge *j) {
  bool quiet;
  LockView v;
  for (uint32_t a = 0; a < j->program->automations_count; a++) {
    uint32_t kind = j->program->automations[a].kind;
    const char *name = program_str(j->program, j->program->automations[a].name);
    for (uint32_t e = 0; e < fleet_count(j->fleet, kind); e++) {
      bool stands = engine_lock_view(j->engine, a, e, &v), locked = simfleet_locked(j->truth, a, e, INT64_MAX, &quiet);
      if (locked && (!stands || !was_handed(j, kind, e)))
        judge_break(j, "LOCK_LEFT", "%s on %s is locked, and handed over to nobody", name, fleet_name(j->fleet, kind, e));
      if (stands && v.stand != STAND_HANDED_OVER)
        judge_break(j, "LOCK_LEFT", "%s on %s is said to stand, and was not handed over", name, fleet_name(j->fleet, kind, e));
    }
  }
}

static bool has_begun(const Judge *j, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < j->begun.len; i++)
    if (j->program->fans[j->begun.items[i].fan].kind == kind && j->begun.items[i].member == entity) return true;
  return false;
}

/* Of a run that did not come through, who was in is free again. */
static void members_named(Judge *j) {
  RunOutcome o = engine_outcome(j->engine);
  for (uint32_t k = 0; k < j->program->kinds_count; k++)
    for (uint32_t e = 0; e < fleet_count(j->fleet, k); e++) {
      MemberState s = engine_member(j->engine, k, e, NULL);
      if (s == MEMBER_IN || (s == MEMBER_FREE && has_begun(j, k, e) && (o == RUN_COMPLETED || o == RUN_ROLLED_BACK)))
        judge_break(j, "FORGOTTEN", "%s is %s", fleet_name(j->fleet, k, e), s == MEMBER_IN ? "still in" : "free, and began");
    }
}

static bool any_lock(const Judge *j, uint32_t kind, uint32_t entity) {
  for (uint32_t a = 0; a < j->program->automations_count; a++)
    if (engine_locked(j->engine, a, kind, entity)) return true;
  return false;
}

static void nobody_left(Judge *j) {
  const Budget *b = &j->engine->budget;
  for (uint32_t e = 0; b->kind != NONE_INDEX && e < fleet_count(j->fleet, b->kind); e++) {
    MemberState s = engine_member(j->engine, b->kind, e, NULL);
    if (!j->out[e] || simfleet_fact(j->truth, b->service, b->kind, e) == b->in_service) continue;
    if (s == MEMBER_SET_ASIDE || s == MEMBER_KEPT_OUT || s == MEMBER_LEFT_OUT || was_handed(j, b->kind, e) || any_lock(j, b->kind, e)) continue;
    judge_break(j, "LEFT_OUT", "%s is out of service, and nobody's", fleet_name(j->fleet, b->kind, e));
  }
}

static bool said_unset(const Judge *j, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < j->unset.len; i++)
    if (j->unset.items[i].kind_of_entity == kind && j->unset.items[i].entity == entity) return true;
  return was_handed(j, kind, entity);
}

static void settings_back(Judge *j) {
  for (uint32_t s = 0; s < j->program->settings_count; s++) {
    uint32_t kind = j->program->settings[s].kind;
    for (uint32_t e = 0; e < fleet_count(j->fleet, kind); e++)
      if (simfleet_setting(j->truth, s, e) != j->settings[setting_base(j, s) + e] && !said_unset(j, kind, e))
        judge_break(j, "SETTING", "%s of %s is not what it was", program_str(j->program, j->program->settings[s].name), fleet_name(j->fleet, kind, e));
  }
}

void judge_ended(Judge *j) {
  const Command *flying;
  if (engine_in_flight(j->engine, &flying) > 0) judge_break(j, "UNDER_WAY", "a command is in flight");
  if (engine_next_timer(j->engine) != INT64_MAX) judge_break(j, "UNDER_WAY", "something is due");
  locks_owned(j);
  members_named(j);
  way_ended(j);
  nobody_left(j);
  settings_back(j);
}
