/* engine_break: locks that people look at and take off by hand. Two of them want it, somebody does it outside of the run, and reads it
 * back; the run is told what was done. It forgets the lock, and whatever it covered of a lockout that is still open leaves the
 * procedure: nothing more is done to a member that an automation may act on. */
#include <config.h>

#include "runtime/engine_emergency.h"

#include <string.h>

static const LockCell *cell_at(const Engine *e, uint32_t automation, uint32_t entity) {
  if (automation >= e->program->automations_count || !e->locks[automation]) return NULL;
  if (entity >= fleet_count(e->fleet, e->program->automations[automation].kind)) return NULL;
  const LockCell *cell = &e->locks[automation][entity];
  return cell->state == LOCK_FREE || cell->state == LOCK_WANTED ? NULL : cell;
}

/* ---- who wants it ---- */

static uint32_t wanted(const Engine *e, uint32_t automation, uint32_t entity) {
  for (uint32_t i = 0; i < e->breaks.len; i++)
    if (e->breaks.items[i].automation == automation && e->breaks.items[i].entity == entity) return i;
  return NONE_INDEX;
}

/* An action on the entity, on what it is in or on what is in it, whose end nobody has seen; NULL: none. */
static const Command *under_way(const Engine *e, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < e->flights.len; i++) {
    const Command *c = &e->flights.items[i].command;
    if (c->kind != COMMAND_ACT || c->kind_of_entity >= e->program->kinds_count || c->entity == NONE_INDEX) continue;
    if (fleet_up(e->fleet, kind, entity, c->kind_of_entity) == c->entity) return c;
    if (fleet_up(e->fleet, c->kind_of_entity, c->entity, kind) == entity) return c;
  }
  return NULL;
}

static TextId held_stays(Engine *e, uint32_t kind, uint32_t entity) {
  const Command *c = under_way(e, kind, entity);
  if (!c) return 0;
  return text_printf(e, "%s of %s was under way, and nobody knows yet what became of it: `tagout resume` looks, and then `set-aside` or `abort` hands it over",
                     program_str(e->program, e->program->actions[c->subject].name), entity_name(e, c->kind_of_entity, c->entity));
}

TextId break_refused(Engine *e, const Event *event) {
  const LockCell *cell = cell_at(e, event->subject, event->entity);
  if (!cell) return text_printf(e, "no such lock of this run stands");
  const AutomationRow *a = &e->program->automations[event->subject];
  const char *name = program_str(e->program, a->name), *on = entity_name(e, a->kind, event->entity);
  switch ((LockState)cell->state) {
    case LOCK_HELD: return held_stays(e, a->kind, event->entity);
    case LOCK_HANDED: return 0;
    case LOCK_FREEING: return text_printf(e, "%s on %s is being released", name, on);
    case LOCK_LOST: return text_printf(e, "%s on %s came back by itself, and is being locked again", name, on);
    case LOCK_LOCKING: case LOCK_LOOKING: return text_printf(e, "%s on %s is being locked: `tagout abort`, and `tagout resume` gives it back", name, on);
    case LOCK_FREE: case LOCK_WANTED: break;
  }
  return text_printf(e, "no such lock of this run stands");
}

/* ---- taken off ---- */

static bool covers(const Engine *e, uint32_t automation, uint32_t entity, uint32_t kind, uint32_t member) {
  uint32_t to = e->program->automations[automation].kind;
  return fleet_up(e->fleet, kind, member, to) == entity || fleet_up(e->fleet, to, entity, kind) == member;
}

/* For good, whether they had left already or not: an automation acts on them, and a roll back must not. */
static void members_leave(Engine *e, uint32_t lockout, uint32_t automation, uint32_t entity, TextId why) {
  uint32_t kind = e->program->lockouts[e->lockouts.items[lockout].row].kind;
  for (uint32_t i = 0; i < e->lockouts.items[lockout].members.len; i++) {
    uint32_t member = e->lockouts.items[lockout].members.items[i];
    if (!covers(e, automation, entity, kind, member)) continue;
    if (!member_out(e, kind, member)) aside_put(e, kind, member, why);
    member_strike(e, kind, member, why);
  }
}

/* One that is still being taken as a whole cannot be had any more: it is given back. */
static void not_had(Engine *e, uint32_t lockout, TextId why) {
  Lockout *l = &e->lockouts.items[lockout];
  if (!l->failed) {
    l->failed = 1 + OUT_UNKNOWN;
    l->why = why;
  }
  ready_strand(e, l->strand);
}

static void broken(Engine *e, uint32_t automation, uint32_t entity, TextId by) {
  const AutomationRow *a = &e->program->automations[automation];
  LockCell *cell = lock_cell(e, automation, entity);
  bool held = cell->state == LOCK_HELD;
  uint32_t lockout = cell->lockout;
  TextId why = text_printf(e, "its lock of %s was broken by %s", program_str(e->program, a->name), text_of(e, by));
  cell->state = LOCK_FREE;
  note(e, NOTE_RELEASED, automation, a->kind, entity, 0, e->program->lockouts[e->lockouts.items[lockout].row].line, why);
  if (!held) return;
  lock_let_go(e, &e->lockouts.items[lockout].items.items[cell->item]);
  if (e->lockouts.items[lockout].open) members_leave(e, lockout, automation, entity, why);
  else not_had(e, lockout, why);
}

void break_take(Engine *e, const Event *event, TextId by) {
  uint32_t at = wanted(e, event->subject, event->entity);
  if (event->value == CONTROL_BREAK) {
    if (at == NONE_INDEX) vec_push(&e->breaks, ((Break){event->subject, event->entity, by}));
    else e->breaks.items[at].by = by;
    return;
  }
  if (at != NONE_INDEX) e->breaks.items[at] = e->breaks.items[--e->breaks.len];
  broken(e, event->subject, event->entity, by);
}

/* ---- what stands ---- */

static LockStand stand_of(LockState s) {
  switch (s) {
    case LOCK_FREE: case LOCK_WANTED: case LOCK_LOCKING: case LOCK_LOOKING: return STAND_TAKING;
    case LOCK_HELD: return STAND_HELD;
    case LOCK_LOST: return STAND_LOOSE;
    case LOCK_FREEING: return STAND_RELEASING;
    case LOCK_HANDED: return STAND_HANDED_OVER;
  }
  return STAND_HELD;
}

/* Why a member that it covers is out; the lockout's own reason when none is. */
static const char *why_handed(const Engine *e, const LockoutRow *row, uint32_t automation, uint32_t entity) {
  uint32_t to = e->program->automations[automation].kind;
  if (fleet_leads_up(fleet_schema(e->fleet), to, row->kind) || to == row->kind) {
    Entity up = fleet_up(e->fleet, to, entity, row->kind);
    return up == ENTITY_NONE ? "" : text_of(e, member_why(e, row->kind, up));
  }
  FleetMembers below = fleet_members(e->fleet, to, entity, row->kind);
  for (uint32_t i = 0; i < below.count; i++)
    if (member_why(e, row->kind, fleet_member(below, i))) return text_of(e, member_why(e, row->kind, fleet_member(below, i)));
  return "";
}

bool engine_lock_view(Engine *e, uint32_t automation, uint32_t entity, LockView *ret) {
  const LockCell *cell = cell_at(e, automation, entity);
  if (!cell) return false;
  const Lockout *l = &e->lockouts.items[cell->lockout];
  const LockoutRow *row = &e->program->lockouts[l->row];
  uint32_t asked = wanted(e, automation, entity);
  *ret = (LockView){.automation = automation, .kind = e->program->automations[automation].kind, .entity = entity,
                    .stand = stand_of((LockState)cell->state), .since = cell->at, .role = row->hand_over, .line = row->line,
                    .because = text_of(e, l->because), .why = cell->state == LOCK_HANDED ? why_handed(e, row, automation, entity) : "",
                    .asked_by = asked == NONE_INDEX ? "" : text_of(e, e->breaks.items[asked].by)};
  return true;
}
