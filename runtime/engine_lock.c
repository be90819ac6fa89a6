/* engine_lock: taking a lockout. Every automation is locked on every entity that covers a member, then looked at until it is
 * locked and quiet; a lock counts only when it has been read back. When one cannot be had, what was taken is released.
 *
 * Locks are asked for in one order, the same in every run: automations by name, of each its entities in the order of the
 * inventory. No wait for a lock is longer than the automation says, and nothing is kept while it is given up: so no two runs
 * hold what the other waits for, whatever the tools behind the locks make of two owners.
 *
 * An item is one automation on one entity. Lockouts of one run nest: an automation that an outer one holds already is only
 * counted, and acts again when the last of them lets it go. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <stdlib.h>
#include <string.h>

enum { LOCK_NEW, LOCK_SENSE, LOCK_TAKE, LOCK_GIVE_BACK };

LockCell *lock_cell(Engine *e, uint32_t automation, uint32_t entity) {
  LockCell **column = &e->locks[automation];
  if (!*column) *column = arena_new_array(e->arena, LockCell, fleet_count(e->fleet, e->program->automations[automation].kind) + 1);
  return &(*column)[entity];
}

void lockout_close(Engine *e, uint32_t lockout) {
  Lockout *l = &e->lockouts.items[lockout];
  l->open = 0;
  vec_done(&l->members);
  vec_done(&l->items);
  vec_done(&l->waiting);
  vec_done(&l->tickets);
  id_map_done(&l->item_of);
  id_map_done(&l->index_of);
  free(l->member_state);
  l->member_state = NULL;
}

void locks_done(Engine *e) {
  for (uint32_t i = 0; i < e->lockouts.len; i++) lockout_close(e, i);
  vec_done(&e->lockouts);
  vec_done(&e->lost);
}

/* handed: one that was handed over counts too; command: held since before that one. */
static bool cell_says(const LockCell *cell, bool handed, uint32_t command) {
  return (cell->state == LOCK_HELD && cell->since <= command) || (handed && cell->state == LOCK_HANDED);
}

static bool column_says(const Engine *e, uint32_t automation, uint32_t kind, uint32_t entity, bool handed, uint32_t command) {
  const LockCell *column = e->locks[automation];
  uint32_t to = e->program->automations[automation].kind;
  if (!column) return false;
  Entity up = fleet_up(e->fleet, kind, entity, to);
  if (up != ENTITY_NONE) return cell_says(&column[up], handed, command);
  FleetMembers below = fleet_members(e->fleet, kind, entity, to); /* the automation works on smaller things: on all of them */
  bool all = below.count > 0;
  for (uint32_t i = 0; i < below.count && all; i++) all = cell_says(&column[fleet_member(below, i)], handed, command);
  return all;
}

bool lock_held(const Engine *e, uint32_t automation, uint32_t kind, uint32_t entity) {
  return column_says(e, automation, kind, entity, false, UINT32_MAX);
}

bool lock_held_since(const Engine *e, uint32_t automation, uint32_t kind, uint32_t entity, uint32_t command) {
  return column_says(e, automation, kind, entity, false, command);
}

bool engine_locked(const Engine *e, uint32_t automation, uint32_t kind, uint32_t entity) {
  return column_says(e, automation, kind, entity, true, UINT32_MAX);
}

uint32_t strand_lockout(const Engine *e, const Strand *s) {
  for (uint32_t i = s->scope; i != NONE_INDEX; i = e->scopes.items[i].outer)
    if (e->scopes.items[i].kind == SCOPE_LOCKOUT) return e->scopes.items[i].data;
  return NONE_INDEX;
}

static const LockoutRow *lock_row(const Engine *e, const Strand *s) { return &e->program->lockouts[strand_op_a(e, s)]; }

/* ---- what is to be locked ---- */

static void collect_locked(Engine *e, Strand *s) {
  const LockoutRow *row = lock_row(e, s);
  e->scratch.len = 0;
  if (row->members) {
    vm_collect(e->vm, row->members, s->slots, LIMIT_SLOTS, &e->scratch);
    return;
  }
  for (uint32_t i = 0; row->set != NONE_INDEX && i < e->sets[row->set].count; i++)
    vec_push(&e->scratch, e->sets[row->set].items[i]);
}

static uint64_t item_key(uint32_t automation, uint32_t entity) { return ((uint64_t)automation + 1) << 32 | entity; }

LockItem *lock_item(Lockout *l, uint32_t automation, uint32_t entity) {
  uint32_t i;
  return id_map_get(&l->item_of, item_key(automation, entity), &i) ? &l->items.items[i] : NULL;
}

/* A member is covered by the automation on this entity. */
static void add_item(Engine *e, Lockout *l, uint32_t lockout, uint32_t automation, uint32_t kind, uint32_t entity) {
  LockItem *known = lock_item(l, automation, entity);
  if (known) {
    known->covers++;
    return;
  }
  LockCell *cell = lock_cell(e, automation, entity);
  LockItem item = {.automation = automation, .kind = kind, .entity = entity, .covers = 1, .own = cell->refs == 0};
  cell->refs++;
  if (item.own) {
    cell->state = LOCK_WANTED;
    cell->lockout = lockout;
    cell->item = l->items.len;
  } else {
    l->held++;
  }
  id_map_put(&l->item_of, item_key(automation, entity), l->items.len);
  vec_push(&l->items, item);
}

static int by_number(const void *l, const void *r) {
  const uint32_t *a = l, *b = r;
  return (*a > *b) - (*a < *b);
}

/* One item per entity; a set names members in an order of its own. */
static void add_items(Engine *e, Lockout *l, uint32_t lockout, uint32_t automation, uint32_t member_kind) {
  uint32_t kind = e->program->automations[automation].kind;
  EntityVec all = {0};
  for (uint32_t i = 0; i < l->members.len; i++) {
    Entity up = fleet_up(e->fleet, member_kind, l->members.items[i], kind);
    if (up != ENTITY_NONE) {
      vec_push(&all, up);
      continue;
    }
    FleetMembers below = fleet_members(e->fleet, member_kind, l->members.items[i], kind);
    for (uint32_t j = 0; j < below.count; j++) vec_push(&all, fleet_member(below, j));
  }
  if (all.len) qsort(all.items, all.len, sizeof *all.items, by_number);
  for (uint32_t i = 0; i < all.len; i++) add_item(e, l, lockout, automation, kind, all.items[i]);
  vec_done(&all);
}

static const char *automation_name(const Engine *e, const LockoutRow *row, uint32_t i) {
  return program_str(e->program, e->program->automations[e->program->index_list[row->automations.first + i]].name);
}

/* By name: the order in which a program declares them differs from runbook to runbook. They are few. */
static void add_automations(Engine *e, Lockout *l, uint32_t lockout, const LockoutRow *row) {
  const char *last = NULL;
  for (;;) {
    uint32_t next = NONE_INDEX;
    for (uint32_t i = 0; i < row->automations.count; i++) {
      const char *name = automation_name(e, row, i);
      if (last && strcmp(name, last) <= 0) continue;
      if (next == NONE_INDEX || strcmp(name, automation_name(e, row, next)) < 0) next = i;
    }
    if (next == NONE_INDEX) return;
    add_items(e, l, lockout, e->program->index_list[row->automations.first + next], row->kind);
    last = automation_name(e, row, next);
  }
}

static uint32_t limit_at_once(Engine *e, const Strand *s, Slice limits) {
  uint32_t least = LOCKS_AT_ONCE;
  for (uint32_t i = 0; i < limits.count; i++) {
    const LimitRow *row = &e->program->limits[limits.first + i];
    int64_t n = row->rule == LIMIT_RULE_AT_ONCE ? region_value(e, s, row->amount, 1) : INT64_MAX;
    if (row->rule == LIMIT_RULE_ALL) n = INT32_MAX;
    if (i == 0 && n != INT64_MAX) least = INT32_MAX;
    if (n < 1) n = 1;
    if (n < least) least = (uint32_t)n;
  }
  return least;
}

static void new_lockout(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const LockoutRow *row = lock_row(e, s);
  uint32_t lockout = e->lockouts.len;
  vec_push(&e->lockouts, ((Lockout){.row = strand_op_a(e, s), .strand = id, .scope = NONE_INDEX, .sweeper = NONE_INDEX,
                                    .early_fan = NONE_INDEX}));
  Lockout *l = &e->lockouts.items[lockout];
  l->because = (TextId)region_value(e, s, row->because, 0);
  collect_locked(e, s);
  for (uint32_t i = 0; i < e->scratch.len; i++)
    if (!member_out(e, row->kind, e->scratch.items[i])) vec_push(&l->members, e->scratch.items[i]);
  l->member_state = xcalloc(l->members.len + 1, 1);
  for (uint32_t i = 0; i < l->members.len; i++) id_map_put(&l->index_of, (uint64_t)l->members.items[i] + 1, i);
  add_automations(e, l, lockout, row);
  l->at_once = limit_at_once(e, s, row->limits);
  s->job = lockout;
  s->phase = LOCK_TAKE;
}

/* ---- taking ---- */

void lock_send(Engine *e, uint32_t strand, uint32_t lockout, uint32_t index, CommandKind kind) {
  Lockout *l = &e->lockouts.items[lockout];
  LockItem *item = &l->items.items[index];
  const AutomationRow *a = &e->program->automations[item->automation];
  int64_t most = kind == COMMAND_INSPECT || a->lock_most <= 0 ? READ_MOST : a->lock_most;
  Command c = {.kind = kind, .subject = item->automation, .entity = item->entity, .kind_of_entity = item->kind,
               .deadline = later(e, most), .attempt = item->tries + 1u};
  issue(e, strand, c, index);
}

static void send_lock(Engine *e, uint32_t id, uint32_t index, CommandKind kind) {
  uint32_t lockout = strand_at(e, id)->job;
  e->lockouts.items[lockout].flying++;
  lock_send(e, id, lockout, index, kind);
}

/* While the run is paused no lock is begun; those that are taken are looked at on. Going on makes the strand ready again. */
static void take_more(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  if (e->paused && !e->cancelled && !s->masked) return;
  while (l->next < l->items.len && l->flying < l->at_once && !l->failed) {
    uint32_t index = l->next++;
    LockItem *item = &l->items.items[index];
    if (!item->own) continue;
    const AutomationRow *a = &e->program->automations[item->automation];
    lock_cell(e, item->automation, item->entity)->state = LOCK_LOCKING;
    lock_cell(e, item->automation, item->entity)->at = e->now;
    item->until = later(e, a->lock_most + a->quiet);
    send_lock(e, id, index, COMMAND_LOCK);
  }
}

void lock_asked_again(Engine *e, const Flight *f) {
  const Strand *s = strand_at(e, f->strand);
  if (s->task != TASK_CODE) return; /* only while a lockout is taken */
  LockItem *item = &e->lockouts.items[s->job].items.items[f->item];
  const AutomationRow *a = &e->program->automations[item->automation];
  item->until = later(e, a->lock_most + a->quiet);
}

static void look_again(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  for (uint32_t i = 0; i < l->waiting.len; i++) send_lock(e, id, l->waiting.items[i], COMMAND_INSPECT);
  l->waiting.len = 0;
}

static void lock_failed(Engine *e, Lockout *l, const LockItem *item, Outcome outcome) {
  if (l->failed) return;
  l->failed = (uint8_t)(1 + outcome);
  l->why = text_printf(e, "%s could not be locked on %s", program_str(e->program, e->program->automations[item->automation].name),
                       entity_name(e, item->kind, item->entity));
}

static void item_held(Engine *e, Lockout *l, LockItem *item) {
  LockCell *cell = lock_cell(e, item->automation, item->entity);
  cell->state = LOCK_HELD;
  cell->since = (uint32_t)e->next_command;
  cell->at = e->now;
  l->held++;
  note(e, NOTE_LOCKED, item->automation, item->kind, item->entity, 1, e->program->lockouts[l->row].line, l->because);
}

/* An answer while the lockout is taken. */
static void answer_taking(Engine *e, const Flight *f, const Event *event) {
  uint32_t lockout = strand_at(e, f->strand)->job;
  Lockout *l = &e->lockouts.items[lockout];
  LockItem *item = &l->items.items[f->item];
  l->flying--;
  if (f->command.kind == COMMAND_LOCK) {
    if (event->outcome == OUT_FAILED) {
      lock_cell(e, item->automation, item->entity)->state = LOCK_WANTED;
      lock_failed(e, l, item, OUT_FAILED);
    } else if (!l->failed) {
      lock_cell(e, item->automation, item->entity)->state = LOCK_LOOKING;
      send_lock(e, f->strand, f->item, COMMAND_INSPECT);
    }
  } else if (event->kind == EVENT_READING && event->value == 1) {
    item_held(e, l, item);
  } else if (e->now >= item->until) {
    lock_failed(e, l, item, event->kind == EVENT_READING && event->value == 0 ? OUT_FAILED : OUT_UNKNOWN);
  } else {
    vec_push(&l->waiting, f->item);
  }
  ready_strand(e, f->strand);
}

void lock_answer(Engine *e, const Flight *f, const Event *event) {
  switch ((Task)strand_at(e, f->strand)->task) {
    case TASK_SWEEP: sweep_answer(e, f, event); break;
    case TASK_RELEASE: release_answer(e, f, event); break;
    case TASK_CODE:
      if (f->command.kind == COMMAND_UNLOCK) release_answer(e, f, event);
      else answer_taking(e, f, event);
      break;
    case TASK_FREE: case TASK_GUARD: case TASK_WATCH: case TASK_EMBARGO: case TASK_LEDGER: break;
  }
}

/* ---- the instruction ---- */

/* What could not be had whole is given back: nothing has been done under it, so every member may be released. */
static Flow begin_give_back(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  e->lockouts.items[s->job].giving_back = 1;
  strand_no_timer(e, id);
  release_all(e, s, s->job);
  s->phase = LOCK_GIVE_BACK;
  return FLOW_ON;
}

static Flow taken(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Lockout *l = &e->lockouts.items[s->job];
  l->scope = scope_open(e, id, SCOPE_LOCKOUT, l->row, s->job);
  l->open = 1;
  l->early_fan = early_fan_of(e, s);
  strand_no_timer(e, id);
  sweep_start(e, s->job);
  s->outcome = OUT_OK;
  s->job = NONE_INDEX;
  return flow_next(e, s);
}

static Flow take(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t lockout = s->job;
  Lockout *l = &e->lockouts.items[lockout];
  if (!l->failed && strand_diverted(e, id)) { /* first give back, then leave */
    l->exit = s->exit;
    l->why = s->why;
    l->failed = 1 + OUT_UNKNOWN;
    s->exit = EXIT_NONE;
    s->phase = LOCK_TAKE;
    s->job = lockout;
  }
  if (l->failed) return l->flying > 0 ? FLOW_WAIT : begin_give_back(e, id);
  take_more(e, id);
  if (l->held == l->items.len) return taken(e, id);
  if (s->timer == TIMER_NONE && l->waiting.len > 0) {
    if (s->read) look_again(e, id);
    else strand_timer(e, id, e->now + INSPECT_EVERY);
    s->read = !s->read;
  }
  return FLOW_WAIT;
}

static Flow give_back(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (!release_goes_on(e, id, s->job)) return FLOW_WAIT;
  const Lockout *l = &e->lockouts.items[s->job];
  lockout_close(e, s->job);
  s->detail = l->why;
  s->job = NONE_INDEX;
  s->outcome = (uint8_t)(l->failed - 1);
  if (l->exit != EXIT_NONE) return flow_exit(s, (ExitKind)l->exit, l->why);
  return flow_next(e, s);
}

Flow op_lock(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == LOCK_NEW) {
    sense_begin(e, s);
    s->read = 0;
    s->phase = LOCK_SENSE;
  }
  if (s->phase == LOCK_SENSE) {
    if (s->outstanding > 0 || !sense_round(e, id, collect_locked)) return FLOW_WAIT;
    new_lockout(e, id);
  }
  Flow flow = s->phase == LOCK_TAKE ? take(e, id) : FLOW_ON;
  if (flow == FLOW_ON && s->phase == LOCK_GIVE_BACK) return give_back(e, id);
  return flow;
}
