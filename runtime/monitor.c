/* monitor: what the engine sends and says, held against the truth. */
#include <config.h>

#include "lang/waiver.h"
#include "runtime/monitor_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- the surroundings of code ---- */

static int64_t *as_found(const Monitor *m, uint32_t fact, uint32_t kind) { return m->found[fact * m->program->kinds_count + kind]; }

static int64_t host_fact(void *ctx, uint32_t fact, uint32_t kind, uint32_t entity) {
  const Monitor *m = ctx;
  const int64_t *found = as_found(m, fact, kind);
  return m->look_as_found && found ? found[entity] : simfleet_fact(m->truth, fact, kind, entity);
}

static int64_t host_metric(void *ctx, uint32_t metric, uint32_t kind, uint32_t entity) {
  (void)ctx, (void)metric, (void)kind, (void)entity;
  return 0;
}

bool monitor_locked(const Monitor *m, uint32_t automation, uint32_t kind, uint32_t entity) {
  uint32_t to = m->program->automations[automation].kind;
  Entity up = fleet_up(m->fleet, kind, entity, to);
  bool quiet;
  if (up != ENTITY_NONE) return simfleet_locked(m->truth, automation, up, 0, &quiet);
  FleetMembers below = fleet_members(m->fleet, kind, entity, to);
  for (uint32_t i = 0; i < below.count; i++)
    if (!simfleet_locked(m->truth, automation, fleet_member(below, i), 0, &quiet)) return false;
  return below.count > 0;
}

/* Locked by this run, and true. */
static int64_t host_locked(void *ctx, uint32_t automation, uint32_t kind, uint32_t entity) {
  const Monitor *m = ctx;
  return m->engine && engine_locked(m->engine, automation, kind, entity) && monitor_locked(m, automation, kind, entity);
}

static int64_t host_tried(void *ctx, uint32_t action, uint32_t since, uint32_t entity) {
  const Monitor *m = ctx;
  if (m->urgent && emergency_skips(m->program, m->urgent - 1, action)) return 1;
  for (uint32_t i = m->done.len; i-- > 0;) {
    const Done *d = &m->done.items[i];
    if (d->entity != entity) continue;
    if (d->action == action) return 1;
    if (d->action == since && d->ended_ok && since != action) return 0;
  }
  return 0;
}

/* Whether a yes was there the engine has judged. */
static int64_t host_yes(void *ctx, uint32_t gate, uint32_t entity) {
  (void)ctx, (void)gate, (void)entity;
  return 1;
}

static bool host_still_in(void *ctx, uint32_t kind, uint32_t entity) {
  const Monitor *m = ctx;
  MemberState s = m->engine ? engine_member(m->engine, kind, entity, NULL) : MEMBER_IN;
  return s != MEMBER_LEFT_OUT && s != MEMBER_SET_ASIDE && s != MEMBER_KEPT_OUT;
}

static const uint32_t *host_set(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Monitor *m = ctx;
  *ret_count = m->frozen->sets[set].count;
  return m->frozen->sets[set].items;
}

/* ---- life ---- */

Monitor *monitor_new(const Program *p, const Fleet *fleet, const Frozen *frozen) {
  Monitor *m = xcalloc(1, sizeof *m);
  *m = (Monitor){.program = p, .fleet = fleet, .frozen = frozen, .arena = arena_new(), .service = NONE_INDEX};
  VmHost host = {.ctx = m, .fact = host_fact, .metric = host_metric, .locked = host_locked, .tried = host_tried, .yes = host_yes,
                 .still_in = host_still_in, .set = host_set, .params = frozen->params};
  m->vm = vm_new(p, fleet, &host);
  m->hurt = arena_new_array(m->arena, uint8_t *, p->kinds_count + 1);
  m->handed = arena_new_array(m->arena, uint8_t *, p->kinds_count + 1);
  m->took_out = arena_new_array(m->arena, uint8_t *, p->kinds_count + 1);
  m->struck = arena_new_array(m->arena, uint8_t *, p->kinds_count + 1);
  for (uint32_t k = 0; k < p->kinds_count; k++) {
    m->hurt[k] = arena_new_array(m->arena, uint8_t, fleet_count(fleet, k) + 1);
    m->handed[k] = arena_new_array(m->arena, uint8_t, fleet_count(fleet, k) + 1);
    m->struck[k] = arena_new_array(m->arena, uint8_t, fleet_count(fleet, k) + 1);
    m->took_out[k] = arena_new_array(m->arena, uint8_t, fleet_count(fleet, k) + 1);
  }
  for (uint32_t f = p->facts_count; f-- > 0;)
    if (strcmp(program_str(p, p->facts[f].name), "service") == 0) m->service = f;
  return m;
}

void monitor_free(Monitor *m) {
  if (!m) return;
  vm_free(m->vm);
  vec_done(&m->breaches);
  vec_done(&m->sent);
  vec_done(&m->done);
  vec_done(&m->scratch);
  arena_free(m->arena);
  free(m);
}

void monitor_begin(Monitor *m, SimFleet *truth) {
  const Program *p = m->program;
  m->truth = truth;
  m->found = arena_new_array(m->arena, int64_t *, (size_t)(p->facts_count + 1) * p->kinds_count);
  for (uint32_t f = 0; f < p->facts_count; f++)
    for (uint32_t i = 0; i < p->facts[f].kinds.count; i++) {
      uint32_t kind = p->index_list[p->facts[f].kinds.first + i];
      int64_t *values = arena_new_array(m->arena, int64_t, fleet_count(m->fleet, kind) + 1);
      for (Entity e = 0; e < fleet_count(m->fleet, kind); e++) values[e] = simfleet_fact(truth, f, kind, e);
      m->found[f * p->kinds_count + kind] = values;
    }
}

const Breach *monitor_breaches(const Monitor *m, uint32_t *ret_count) {
  *ret_count = m->breaches.len;
  return m->breaches.items;
}

void monitor_breach(Monitor *m, Breach b) {
  b.at = m->now;
  for (uint32_t i = 0; i < m->breaches.len; i++) {
    const Breach *k = &m->breaches.items[i];
    if (k->kind == b.kind && k->row == b.row && k->subject == b.subject && k->line == b.line && k->entity == b.entity) return;
  }
  vec_push(&m->breaches, b);
}

/* ---- what it hears ---- */

static void hurt(Monitor *m, uint32_t kind, uint32_t entity) {
  if (kind < m->program->kinds_count && entity < fleet_count(m->fleet, kind)) m->hurt[kind][entity] = 1;
}

static const Command *sent(const Monitor *m, uint64_t id) {
  for (uint32_t i = m->sent.len; i-- > 0;)
    if (m->sent.items[i].id == id) return &m->sent.items[i];
  return NULL;
}

/* The answer is not what was hoped for. */
static bool is_bad(const Event *event) {
  switch (event->kind) {
    case EVENT_OUTCOME: return event->outcome != OUT_OK;
    case EVENT_READING: return event->value == VALUE_UNKNOWN;
    case EVENT_ANSWER: return event->value != 1;
    default: return false;
  }
}

static void take_answer(Monitor *m, const Event *event) {
  const Command *c = event->command ? sent(m, event->command) : NULL;
  if (!c) return;
  if (is_bad(event)) hurt(m, c->kind_of_entity, c->entity);
  if (c->kind != COMMAND_ACT) return;
  for (uint32_t i = 0; i < m->done.len; i++)
    if (m->done.items[i].command == c->id) m->done.items[i].in_flight = false, m->done.items[i].ended_ok = event->outcome == OUT_OK;
}

/* Putting a container out because of something in it, or a member because of its container, is that one's failure, too. */
static void put_out(Monitor *m, const Note *n) {
  if (monitor_marked(m, m->hurt, n->kind_of_entity, n->entity)) hurt(m, n->kind_of_entity, n->entity);
}

static void take_note(Monitor *m, const Note *n) {
  if (n->line) m->line = n->line;
  switch (n->kind) {
    case NOTE_ALARM: /* an emergency is its failure; a canary that is not well stops the release of all the others: it is about them, too */
      for (uint32_t k = 0; k < m->program->kinds_count && n->subject == NONE_INDEX; k++) memset(m->hurt[k], 1, fleet_count(m->fleet, k));
      if (n->subject != NONE_INDEX && n->value == ALARM_EMERGENCY) hurt(m, n->kind_of_entity, n->entity);
      break;
    case NOTE_SURPRISE: rules_refused(m, n); break;
    case NOTE_ACTION_END: /* also where it was said to be done and does not read so */
      if (n->value != OUT_OK) hurt(m, n->kind_of_entity, n->entity);
      break;
    case NOTE_SET_ASIDE: case NOTE_KEPT_OUT: put_out(m, n); break;
    case NOTE_HANDED_OVER:
      if (n->kind_of_entity != NONE_INDEX) m->handed[n->kind_of_entity][n->entity] = 1, rules_handed(m, n);
      break;
    default: break;
  }
}

static uint32_t line_of_act(const Note *notes, uint32_t count, const Command *c) {
  for (uint32_t i = count; i-- > 0;)
    if (notes[i].kind == NOTE_ACTION_BEGIN && notes[i].subject == c->subject && notes[i].entity == c->entity) return notes[i].line;
  return 0;
}

static void take_command(Monitor *m, const Command *c, uint32_t line) {
  vec_push(&m->sent, *c);
  if (c->kind != COMMAND_ACT) return;
  rules_sent(m, c, line ? line : m->line);
  Done d = {.command = c->id, .action = c->subject, .kind = c->kind_of_entity, .entity = c->entity, .in_flight = true, .urgent = c->emergency != 0};
  vec_push(&m->done, d);
}

void monitor_event(Monitor *m, Engine *e, const Event *event) {
  const Note *notes;
  const Command *commands;
  m->engine = e;
  m->now = event->at;
  take_answer(m, event);
  uint32_t note_count = engine_notes(e, &notes), command_count = engine_commands(e, &commands);
  for (uint32_t i = 0; i < command_count; i++) take_command(m, &commands[i], line_of_act(notes, note_count, &commands[i]));
  for (uint32_t i = 0; i < note_count; i++) take_note(m, &notes[i]);
}

void monitor_ended(Monitor *m, Engine *e) {
  m->engine = e;
  rules_ended(m);
}
