/* engine_emergency: what is done at once when a condition reads true of something that the run has to do with.
 *
 * For each emergency each such thing has a strand of its own that reads the condition again and again, whatever the run does meanwhile:
 * paused, held, parked, past the end of its window, rolling back. What cannot be read is no emergency, and is told. When it reads true,
 * the thing leaves the run with all that is in it, for good: no roll back takes it in again. The block runs in a strand of its own, which
 * nothing holds back (Strand.emergency). As long as the condition reads true, what the block makes is read as well: where an answer that
 * came late, an automation or a person has undone it, the block runs once more. It fires again when the condition has read false
 * meanwhile. The run does not end while a block runs. */
#include <config.h>

#include "lang/waiver.h"
#include "runtime/engine_emergency.h"

#define EMERGENCY_EVERY (30 * SECOND) /* between two readings; an alarm of the world asks at once */
#define AGAIN_EVERY MINUTE            /* between two runs of a block, while it reads true and what the block makes does not */

enum { WATCH_NEW, WATCH_SENSE, WATCH_EFFECT, WATCH_WAIT };

static const EmergencyRow *row_of(const Engine *e, const Strand *s) { return &e->program->emergencies[s->job]; }

void emergencies_init(Engine *e) {
  e->urgent = arena_new_object(e->arena, struct Emergencies);
  e->urgent->watched = arena_new_array(e->arena, uint8_t *, e->program->emergencies_count + 1);
}

void emergencies_done(Engine *e) {
  vec_done(&e->urgent->watches);
  vec_done(&e->urgent->fired);
}

/* ---- whom it is about ---- */

static void watch_one(Engine *e, uint32_t row, uint32_t entity) {
  const EmergencyRow *r = &e->program->emergencies[row];
  uint8_t *watched = e->urgent->watched[row];
  if (watched[entity]) return;
  watched[entity] = 1;
  uint32_t id = strand_new(e, TASK_WATCH);
  Strand *s = strand_at(e, id);
  s->job = row;
  s->member = entity;
  s->slots[r->slot] = entity;
  vec_push(&e->urgent->watches, id);
  ready_strand(e, id);
}

/* It, what contains it, and what is in it. */
static void watch_around(Engine *e, uint32_t row, uint32_t kind, uint32_t entity) {
  uint32_t wanted = e->program->emergencies[row].kind;
  if (kind == wanted) {
    watch_one(e, row, entity);
    return;
  }
  Entity up = fleet_up(e->fleet, kind, entity, wanted);
  if (up != ENTITY_NONE) watch_one(e, row, up);
  if (!fleet_leads_up(fleet_schema(e->fleet), wanted, kind)) return;
  FleetMembers below = fleet_members(e->fleet, kind, entity, wanted);
  for (uint32_t i = 0; i < below.count; i++) watch_one(e, row, fleet_member(below, i));
}

/* The members of its sets of that kind. Where it selects none of the kind: what contains its members, and what is in them; without any
 * set, the same of what its parameters name. */
static void emergency_watch(Engine *e, uint32_t row) {
  const Program *p = e->program;
  if (!e->urgent->watched[row]) e->urgent->watched[row] = arena_new_array(e->arena, uint8_t, fleet_count(e->fleet, p->emergencies[row].kind) + 1);
  bool selects = false;
  for (uint32_t i = 0; i < p->sets_count; i++) selects |= p->sets[i].kind == p->emergencies[row].kind;
  for (uint32_t i = 0; i < p->sets_count; i++)
    for (uint32_t j = 0; j < e->sets[i].count && (!selects || p->sets[i].kind == p->emergencies[row].kind); j++) watch_around(e, row, p->sets[i].kind, e->sets[i].items[j]);
  for (uint32_t i = 0; i < p->params_count && p->sets_count == 0; i++)
    if (p->params[i].type.klass == VALUE_ENTITY && e->params[i] != VALUE_UNKNOWN) watch_around(e, row, p->params[i].type.ref, (uint32_t)e->params[i]);
}

/* A set was frozen. */
void emergencies_watch_more(Engine *e) {
  for (uint32_t i = 0; i < e->program->emergencies_count; i++)
    if (e->urgent->watched[i]) emergency_watch(e, i);
}

void emergencies_stop(Engine *e) {
  for (uint32_t i = 0; i < e->urgent->watches.len; i++) strand_free(e, e->urgent->watches.items[i]);
  e->urgent->watches.len = e->urgent->fired.len = 0;
}

Flow op_watch(Engine *e, uint32_t id) {
  emergency_watch(e, strand_op_a(e, strand_at(e, id)));
  return flow_next(e, strand_at(e, id));
}

/* The world says that something has changed: whoever watches looks now. */
void emergencies_look(Engine *e) {
  for (uint32_t i = 0; i < e->urgent->watches.len; i++) {
    Strand *s = strand_at(e, e->urgent->watches.items[i]);
    if (s->phase != WATCH_WAIT) continue;
    strand_no_timer(e, e->urgent->watches.items[i]);
    ready_strand(e, e->urgent->watches.items[i]);
  }
}

/* ---- it happens ---- */

/* Of the strand that watches, behind a firing. */
#define FIRED read       /* it has read true, and not false since */
#define ACTING tripped   /* the block runs */
#define UNREADABLE stage /* that it cannot be read was told */

static void run_block(Engine *e, uint32_t watch) {
  Strand *watcher = strand_at(e, watch);
  uint32_t row = watcher->job, entity = watcher->member;
  watcher->ACTING = 1;
  watcher->since = e->now;
  watcher->attempt++;
  uint32_t id = strand_new(e, TASK_CODE);
  Strand *s = strand_at(e, id);
  s->pc = e->program->emergencies[row].body;
  s->slots[e->program->emergencies[row].slot] = entity;
  s->emergency = (uint16_t)(row + 1);
  s->masked = 1;
  e->urgent->blocks++;
  ready_strand(e, id);
}

static void tell_of(Engine *e, const Strand *watcher, const char *what) {
  const EmergencyRow *r = row_of(e, watcher);
  const char *title = program_str(e->program, r->title);
  note(e, NOTE_ALARM, watcher->job, r->kind, watcher->member, ALARM_EMERGENCY, r->line,
       text_printf(e, "%s%s%s%s, at %s", what, title, *title ? ": " : "", program_str(e->program, r->text), entity_name(e, r->kind, watcher->member)));
}

static void take_out(Engine *e, uint32_t kind, uint32_t entity, TextId why) {
  if (!member_out(e, kind, entity)) aside_put(e, kind, entity, why);
  member_strike(e, kind, entity, why);
}

static void fire(Engine *e, uint32_t watch) {
  const Strand *s = strand_at(e, watch);
  uint32_t kind = row_of(e, s)->kind, entity = s->member;
  const char *title = program_str(e->program, row_of(e, s)->title);
  tell_of(e, s, "emergency: ");
  take_out(e, kind, entity, text_printf(e, "emergency%s%s: %s", *title ? ", " : "", title, program_str(e->program, row_of(e, s)->text)));
  strand_at(e, watch)->attempt = 0;
  run_block(e, watch);
}

/* ---- an emergency of another run ---- */

TextId preempt_refused(Engine *e, const Event *event) {
  bool exists = event->kind_of_entity < e->program->kinds_count && event->entity < fleet_count(e->fleet, event->kind_of_entity);
  return exists ? 0 : text_printf(e, "there is no such member");
}

/* Told again, as by a run that was resumed, it changes nothing. */
void preempt_take(Engine *e, const Event *event, TextId by) {
  uint32_t mark = member_mark(e, event->kind_of_entity, event->entity);
  if (mark != NONE_INDEX && e->marks.items[mark].for_good) return;
  take_out(e, event->kind_of_entity, event->entity, text_printf(e, "pre-empted by %s", by ? text_of(e, by) : "another run"));
}

/* ---- what it makes ---- */

typedef void EachMade(Engine *e, uint32_t watch, const EffectRow *row, uint32_t entity);

/* What its actions surely make, of everything in it that they can be about. */
static void each_made(Engine *e, uint32_t watch, EachMade *visit) {
  const Program *p = e->program;
  uint32_t row = strand_at(e, watch)->job, outer = p->emergencies[row].kind, entity = strand_at(e, watch)->member;
  for (uint32_t a = 0; a < p->actions_count; a++) {
    ValueType t = p->actions[a].params.count ? p->param_types[p->actions[a].params.first] : (ValueType){0};
    if (t.klass != VALUE_ENTITY || p->actions[a].params.count != 1 || !emergency_calls(p, row, a)) continue;
    FleetMembers in = t.ref == outer ? (FleetMembers){.first = entity, .count = 1} : fleet_members(e->fleet, outer, entity, t.ref);
    for (uint32_t i = 0; i < in.count; i++) {
      int64_t arg = fleet_member(in, i);
      for (uint32_t m = 0; m < p->actions[a].makes.count; m++) {
        const EffectRow *made = &p->effects[p->actions[a].makes.first + m];
        e->scratch.len = 0;
        if (!made->may && made->values.count) vm_collect(e->vm, made->targets, &arg, 1, &e->scratch);
        for (uint32_t k = 0; k < e->scratch.len; k++) visit(e, watch, made, e->scratch.items[k]);
      }
    }
  }
}

static void read_made(Engine *e, uint32_t watch, const EffectRow *row, uint32_t entity) { read_fact(e, watch, row->fact, row->kind, entity); }

static void judge_made(Engine *e, uint32_t watch, const EffectRow *row, uint32_t entity) {
  int64_t value = fact_cell(e, row->fact, row->kind, entity)->value;
  if (value != VALUE_UNKNOWN && !effect_has(e, row->values, value)) strand_at(e, watch)->outcome = OUT_FAILED;
}

/* ---- reading, again and again ---- */

static void ask_condition(Engine *e, Strand *s) { vm_value(e->vm, row_of(e, s)->condition, s->slots, LIMIT_SLOTS); }

static void rest(Engine *e, uint32_t id) {
  strand_at(e, id)->phase = WATCH_WAIT;
  strand_timer(e, id, e->now + EMERGENCY_EVERY);
}

/* Who has fired is kept in a list of its own: somebody asks in every turn, and there may be a watch for each member. */
static void set_fired(Engine *e, uint32_t id, bool fired) {
  struct Emergencies *u = e->urgent;
  Strand *s = strand_at(e, id);
  if (s->FIRED == fired) return;
  s->FIRED = fired;
  if (fired) {
    vec_push(&u->fired, id);
    return;
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < u->fired.len; i++)
    if (u->fired.items[i] != id) u->fired.items[kept++] = u->fired.items[i];
  u->fired.len = kept;
}

/* True: what its block has made is to be read, too. */
static bool judge_condition(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  int64_t value = vm_value(e->vm, row_of(e, s)->condition, s->slots, LIMIT_SLOTS);
  if (value == VALUE_UNKNOWN && !s->UNREADABLE) tell_of(e, s, "whether there is an emergency cannot be read: ");
  s->UNREADABLE = value == VALUE_UNKNOWN;
  bool fires = value == 1 && !s->FIRED;
  if (value != VALUE_UNKNOWN) set_fired(e, id, value == 1);
  if (fires && !s->ACTING) fire(e, id);
  return value == 1 && !fires && !s->ACTING && e->now - s->since >= AGAIN_EVERY;
}

static void judge_effect(Engine *e, uint32_t id) {
  strand_at(e, id)->outcome = OUT_OK;
  each_made(e, id, judge_made);
  if (strand_at(e, id)->outcome == OUT_OK) return;
  tell_of(e, strand_at(e, id), "emergency, once more, for what it has made is otherwise: ");
  run_block(e, id);
}

void watch_run(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == WATCH_WAIT && s->timer != TIMER_NONE) return;
  if (s->phase == WATCH_NEW || s->phase == WATCH_WAIT) {
    sense_begin(e, s);
    s->phase = WATCH_SENSE;
  }
  if (s->outstanding > 0) return;
  if (s->phase == WATCH_SENSE) {
    if (!sense_round(e, id, ask_condition)) return;
    if (judge_condition(e, id)) {
      strand_at(e, id)->phase = WATCH_EFFECT;
      each_made(e, id, read_made);
      if (strand_at(e, id)->outstanding > 0) return;
    }
  }
  if (strand_at(e, id)->phase == WATCH_EFFECT) judge_effect(e, id);
  rest(e, id);
}

bool engine_emergency(Engine *e, uint32_t i, EmergencyView *ret) {
  if (i >= e->urgent->fired.len) return false;
  const Strand *s = strand_at(e, e->urgent->fired.items[i]);
  *ret = (EmergencyView){s->job, s->member, s->since, s->ACTING};
  return true;
}

/* ---- the end of a block ---- */

static uint32_t watcher_of(Engine *e, uint32_t row, uint32_t entity) {
  for (uint32_t i = 0; i < e->urgent->watches.len; i++) {
    const Strand *s = strand_at(e, e->urgent->watches.items[i]);
    if (s->job == row && s->member == entity) return e->urgent->watches.items[i];
  }
  return NONE_INDEX;
}

/* To whoever gets what the run hands over; once for each firing. */
static void tell_people(Engine *e, const Strand *s, uint32_t row, uint32_t entity, bool first) {
  const EmergencyRow *r = &e->program->emergencies[row];
  TextId text = text_printf(e, "emergency of %s not carried out: %s", entity_name(e, r->kind, entity), text_of(e, s->why));
  note(e, NOTE_ALARM, row, r->kind, entity, ALARM_EMERGENCY, r->line, text);
  if (e->program->lockouts_count == 0 || !first) return;
  tell(e, (Command){.kind = COMMAND_TICKET, .subject = e->program->lockouts[0].hand_over, .entity = entity, .kind_of_entity = r->kind, .text = text_of(e, text)});
}

Flow emergency_over(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t row = s->emergency - 1u, entity = (uint32_t)s->slots[e->program->emergencies[row].slot], watch = watcher_of(e, row, entity);
  if (s->exit == EXIT_FAIL) tell_people(e, s, row, entity, watch == NONE_INDEX || strand_at(e, watch)->attempt == 1);
  if (watch != NONE_INDEX) strand_at(e, watch)->ACTING = 0;
  strand_free(e, id);
  e->urgent->blocks--;
  if (e->urgent->blocks == 0 && e->main != NONE_INDEX) ready_strand(e, e->main);
  return FLOW_GONE;
}
