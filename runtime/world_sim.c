/* world_sim: a heap of things that will happen, a clock that jumps to the next of them, and the draw of how long and how well
 * each command goes. What is true lives in simfleet; which faults strike, in fault_draw. */
#include <config.h>

#include "runtime/world_sim.h"

#include "runtime/fault_draw.h"
#include "runtime/id_map.h"
#include "runtime/moment.h"
#include "runtime/pace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef enum PendingKind {
  PENDING_ANSWER, /* the event for a command */
  PENDING_LAND,   /* the effect of an action takes place, whatever its answer was or will be */
  PENDING_ACT,    /* an automation has seen something and acts on it */
  PENDING_FAULT,  /* what a fault file says, behind its moment */
  PENDING_PASSED  /* a fact that was another for a time is as before */
} PendingKind;

typedef struct Pending {
  int64_t at;
  uint64_t seq;        /* order among equal times */
  PendingKind kind;
  Outcome outcome;     /* ANSWER */
  uint64_t command;    /* ANSWER, LAND */
  uint32_t automation, trigger; /* ACT */
  Entity entity;       /* ACT, PASSED */
  uint32_t kind_of_entity; /* PASSED */
  int64_t value;       /* PASSED: what it was */
  const Fault *fault;  /* FAULT */
} Pending;

/* A command that something is still pending for. It is forgotten when its last thing has happened, so that a world of many days
 * holds what is in flight and not what it was ever asked. */
typedef struct Submitted {
  Command command;     /* text dropped: it belongs to the engine */
  uint8_t open;        /* only an open one is answered */
  uint32_t pending;    /* how many things in the heap mean it */
} Submitted;

typedef struct SimWorld {
  World world;
  const Program *program;
  const Fleet *fleet;
  SimFleet *truth;
  FaultDraw *draw;
  Moments moments;
  bool as_written;             /* automations act where a fault says so, only */
  SimWatch watch;
  Pace pace;
  int64_t now;
  uint64_t next_seq;
  VEC(Pending) heap;           /* smallest (at, seq) first */
  VEC(Submitted) submitted;    /* in places of `spare` that are not free */
  VEC(uint32_t) spare;
  IdMap place_of;              /* command id -> place in submitted */
  bool keeps_acts;             /* a fault may strike what has ended long ago */
  VEC(Command) acts;           /* if so: the actions that have ended, by id */
  char text[160];              /* of the last event */
} SimWorld;

/* ---- the heap ---- */

static bool before(const Pending *a, const Pending *b) { return a->at != b->at ? a->at < b->at : a->seq < b->seq; }

static void heap_push(SimWorld *w, Pending p) {
  p.seq = w->next_seq++;
  vec_push(&w->heap, p);
  uint32_t i = w->heap.len - 1;
  while (i > 0 && before(&w->heap.items[i], &w->heap.items[(i - 1) / 2])) {
    Pending t = w->heap.items[i];
    w->heap.items[i] = w->heap.items[(i - 1) / 2];
    w->heap.items[(i - 1) / 2] = t;
    i = (i - 1) / 2;
  }
}

static Pending heap_pop(SimWorld *w) {
  Pending top = w->heap.items[0];
  w->heap.items[0] = w->heap.items[--w->heap.len];
  for (uint32_t i = 0;;) {
    uint32_t least = i, l = 2 * i + 1, r = l + 1;
    if (l < w->heap.len && before(&w->heap.items[l], &w->heap.items[least])) least = l;
    if (r < w->heap.len && before(&w->heap.items[r], &w->heap.items[least])) least = r;
    if (least == i) return top;
    Pending t = w->heap.items[i];
    w->heap.items[i] = w->heap.items[least];
    w->heap.items[least] = t;
    i = least;
  }
}

/* ---- commands ---- */

static Submitted *submitted_of(SimWorld *w, uint64_t id) {
  uint32_t place;
  return id && id_map_get(&w->place_of, id, &place) ? &w->submitted.items[place] : NULL;
}

/* One that is asked again keeps what is pending: the answer to the first may come to the second. */
static Submitted *new_submitted(SimWorld *w, Command c) {
  Submitted *s = submitted_of(w, c.id);
  if (!s) {
    uint32_t place = w->spare.len ? w->spare.items[--w->spare.len] : w->submitted.len;
    if (place == w->submitted.len) vec_push(&w->submitted, (Submitted){.open = false});
    id_map_put(&w->place_of, c.id, place);
    s = &w->submitted.items[place];
    s->pending = 0;
  }
  s->command = c;
  s->open = true;
  return s;
}

static void drop_submitted(SimWorld *w, Submitted *s) {
  if (s->open || s->pending > 0) return;
  id_map_remove(&w->place_of, s->command.id);
  vec_push(&w->spare, (uint32_t)(s - w->submitted.items));
}

/* In the order of their ids, each once. */
static void keep_act(SimWorld *w, const Command *c) {
  uint32_t at = w->acts.len;
  while (at > 0 && w->acts.items[at - 1].id > c->id) at--;
  if (at > 0 && w->acts.items[at - 1].id == c->id) {
    w->acts.items[at - 1] = *c;
    return;
  }
  vec_push(&w->acts, *c);
  for (uint32_t i = w->acts.len - 1; i > at; i--) w->acts.items[i] = w->acts.items[i - 1];
  w->acts.items[at] = *c;
}

static void end_submitted(SimWorld *w, Submitted *s) {
  if (s->open && w->keeps_acts && s->command.kind == COMMAND_ACT) keep_act(w, &s->command);
  s->open = false;
}

static void answer_at(SimWorld *w, const Command *c, int64_t at, Outcome outcome) {
  submitted_of(w, c->id)->pending++;
  heap_push(w, (Pending){.at = at, .kind = PENDING_ANSWER, .command = c->id, .outcome = outcome});
}

static void land_at(SimWorld *w, const Command *c, int64_t at) {
  submitted_of(w, c->id)->pending++;
  heap_push(w, (Pending){.at = at, .kind = PENDING_LAND, .command = c->id});
}

/* An action: refused by the truth, struck by a fault, late, or as its contract says. */
static void submit_act(SimWorld *w, const Command *c) {
  const ActionRow *row = &w->program->actions[c->subject];
  Drawn drawn = fault_draw_action(w->draw, c, row);
  int64_t done = w->now + drawn.duration;
  if (drawn.outcome == OUT_OK && simfleet_refuses(w->truth, c->subject, c->args, c->arg_count, c->emergency) != NONE_INDEX) {
    answer_at(w, c, w->now + row->takes_low, OUT_FAILED);
    return;
  }
  if (drawn.outcome == OUT_OK) {
    land_at(w, c, done);
    bool late = c->deadline != 0 && done > c->deadline;
    answer_at(w, c, late ? c->deadline : done, late ? OUT_UNKNOWN : OUT_OK);
    return;
  }
  int64_t end = drawn.outcome == OUT_UNKNOWN ? (c->deadline ? c->deadline : w->now + row->takes_most) : done;
  if (c->deadline && end > c->deadline) end = c->deadline;
  answer_at(w, c, end, drawn.outcome);
  if (drawn.landing > 0) land_at(w, c, end + drawn.landing);
}

static void submit_lock(SimWorld *w, const Command *c) {
  const AutomationRow *row = &w->program->automations[c->subject];
  Drawn drawn = fault_draw_lock(w->draw, c, row);
  answer_at(w, c, w->now + drawn.duration, drawn.outcome);
}

static void submit_ask(SimWorld *w, const Command *c) {
  int64_t answer, delay = fault_draw_answer(w->draw, c, &answer);
  if (answer == VALUE_UNKNOWN) return; /* nobody answers; the engine's deadline ends the question */
  answer_at(w, c, w->now + delay, answer == 1 ? OUT_OK : OUT_FAILED);
}

static void forget(SimWorld *w, uint64_t id) {
  Submitted *s = submitted_of(w, id);
  if (!s) return;
  end_submitted(w, s);
  drop_submitted(w, s);
}

/* The command with its text as a number of the fleet. */
static Command own_command(SimWorld *w, const Command *c) {
  Command own = *c;
  own.text = NULL;
  if (!c->text || (c->kind != COMMAND_ACT && c->kind != COMMAND_SET)) return own;
  int64_t text = simfleet_text(w->truth, c->text);
  if (c->kind == COMMAND_SET) own.args[0] = text;
  Slice params = c->kind == COMMAND_ACT ? w->program->actions[c->subject].params : (Slice){0, 0};
  for (uint32_t i = 0; i < params.count && i < EVENT_ARGS; i++)
    if (w->program->param_types[params.first + i].klass == VALUE_TEXT) own.args[i] = text;
  return own;
}

static void sim_submit(World *world, const Command *c) {
  SimWorld *w = (SimWorld *)world;
  fault_draw_time(w->draw, w->now);
  Command own = new_submitted(w, own_command(w, c))->command;
  c = &own;
  switch (c->kind) {
  case COMMAND_ACT: submit_act(w, c); break;
  case COMMAND_LOCK:
  case COMMAND_UNLOCK: submit_lock(w, c); break;
  case COMMAND_ASK: submit_ask(w, c); break;
  case COMMAND_READ:
  case COMMAND_METER:
  case COMMAND_INSPECT:
  case COMMAND_GET:
  case COMMAND_SET: answer_at(w, c, w->now + fault_draw_latency(w->draw, c), OUT_OK); break;
  case COMMAND_STOP:
  case COMMAND_WITHDRAW: forget(w, (uint64_t)c->args[0]); forget(w, c->id); break;
  case COMMAND_NOTIFY:
  case COMMAND_TICKET:
  case COMMAND_PERMIT: /* a simulated fleet has no other runs: its engine is not told to ask */
  case COMMAND_REFUND:
  case COMMAND_RISK:
  case COMMAND_TALLY:
  case COMMAND_KIND_COUNT: forget(w, c->id); break;
  }
}

/* ---- events ---- */

/* The automations look at what has changed; those that are provoked act a while later. */
static void let_automations_look(SimWorld *w) {
  const SimTouched *touched;
  uint32_t n = simfleet_touched(w->truth, &touched);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t iterator = 0, trigger, automation;
    Entity e;
    while ((automation = simfleet_provoked(w->truth, touched[i], &iterator, &e, &trigger)) != NONE_INDEX)
      if (!w->as_written) heap_push(w, (Pending){.at = w->now + fault_draw_reaction(w->draw, automation, e),
                             .kind = PENDING_ACT,
                             .automation = automation,
                             .trigger = trigger,
                             .entity = e});
  }
}

static int64_t inspect(SimWorld *w, const Command *c) {
  bool quiet;
  if (!simfleet_locked(w->truth, c->subject, c->entity, w->now, &quiet)) return 0;
  return quiet ? 1 : 2;
}

static void finish_lock(SimWorld *w, const Command *c, Outcome outcome) {
  if (outcome != OUT_OK) return;
  const AutomationRow *row = &w->program->automations[c->subject];
  if (c->kind == COMMAND_UNLOCK) {
    simfleet_unlock(w->truth, c->subject, c->entity);
    let_automations_look(w);
  } else {
    simfleet_lock(w->truth, c->subject, c->entity, w->now + fault_draw_quiet(w->draw, c, row));
  }
}

/* What was read; a text goes along as one. */
static void tell_value(const SimWorld *w, ValueType type, int64_t value, Event *e) {
  e->value = value;
  if (type.klass != VALUE_TEXT || value == VALUE_UNKNOWN) return;
  e->text = simfleet_text_of(w->truth, value);
  e->value = 1;
}

static Event answer_event(SimWorld *w, const Pending *p, const Command *c) {
  Event e = {.kind = EVENT_OUTCOME, .at = w->now, .command = c->id, .outcome = p->outcome, .value = VALUE_UNKNOWN};
  switch (c->kind) {
  case COMMAND_READ:
    e.kind = EVENT_READING;
    if (!fault_draw_silent(w->draw, c, w->now))
      tell_value(w, w->program->facts[c->subject].type, simfleet_fact(w->truth, c->subject, c->kind_of_entity, c->entity), &e);
    break;
  case COMMAND_METER: e.kind = EVENT_READING; e.value = fault_draw_metric(w->draw, c); break;
  case COMMAND_INSPECT: e.kind = EVENT_READING; e.value = inspect(w, c); break;
  case COMMAND_GET:
    e.kind = EVENT_READING;
    tell_value(w, w->program->settings[c->subject].type, simfleet_setting(w->truth, c->subject, c->entity), &e);
    break;
  case COMMAND_SET: simfleet_set_setting(w->truth, c->subject, c->entity, c->args[0]); break;
  case COMMAND_LOCK:
  case COMMAND_UNLOCK: finish_lock(w, c, p->outcome); break;
  case COMMAND_ASK:
    e.kind = EVENT_ANSWER;
    e.value = p->outcome == OUT_OK ? 1 : 0;
    e.subject = c->subject;
    e.entity = c->entity;
    e.kind_of_entity = c->kind_of_entity;
    e.text = "simulated";
    break;
  case COMMAND_ACT:
    if (p->outcome == OUT_FAILED) e.text = "simulated fault: the system answered that it failed";
    if (p->outcome == OUT_UNKNOWN) e.text = "simulated fault: no answer before the deadline";
    break;
  case COMMAND_STOP:
  case COMMAND_WITHDRAW:
  case COMMAND_NOTIFY:
  case COMMAND_TICKET:
  case COMMAND_PERMIT:
  case COMMAND_REFUND:
  case COMMAND_RISK:
  case COMMAND_TALLY:
  case COMMAND_KIND_COUNT: break;
  }
  return e;
}

static void act(SimWorld *w, uint32_t automation, uint32_t trigger, Entity e) {
  if (simfleet_act(w->truth, automation, trigger, e) && w->watch.acted) w->watch.acted(w->watch.ctx, automation, trigger, e, w->now);
  let_automations_look(w);
}

/* ---- what a fault file wants to happen ---- */

static void strike_automation(SimWorld *w, const Fault *f) {
  uint32_t kind = w->program->automations[f->subject].kind;
  for (Entity e = 0; e < fleet_count(w->fleet, kind); e++) {
    uint32_t iterator = f->subject, trigger;
    Entity found;
    if (!fault_draw_strikes(w->draw, f, kind, e)) continue;
    if (simfleet_provoked(w->truth, (SimTouched){kind, e}, &iterator, &found, &trigger) == f->subject) act(w, f->subject, trigger, found);
  }
}

/* The last request of its kind for each entity. */
static void strike_late(SimWorld *w, const Fault *f) {
  for (uint32_t i = 0; i < w->acts.len; i++) {
    const Command *c = &w->acts.items[i];
    if (c->subject != f->subject) continue;
    if (!fault_draw_strikes(w->draw, f, c->kind_of_entity, c->entity)) continue;
    if (w->watch.landed) w->watch.landed(w->watch.ctx, c, w->now);
    simfleet_effect(w->truth, c->subject, c->args, c->arg_count);
  }
  let_automations_look(w);
}

/* What a fact with an end was before, for when it is over. */
static void note_before(SimWorld *w, const Fault *f, int64_t over) {
  Slice kinds = w->program->facts[f->subject].kinds;
  for (uint32_t i = 0; f->lasts > 0 && i < kinds.count; i++) {
    uint32_t kind = w->program->index_list[kinds.first + i];
    for (Entity e = 0; e < fleet_count(w->fleet, kind); e++)
      if (fault_draw_strikes(w->draw, f, kind, e))
        heap_push(w, (Pending){.at = over, .kind = PENDING_PASSED, .fault = f, .kind_of_entity = kind, .entity = e,
                               .value = simfleet_fact(w->truth, f->subject, kind, e)});
  }
}

/* Only while it is what the rule made it: who changed it since knows better. */
static void pass_over(SimWorld *w, const Pending *p) {
  uint32_t fact = p->fault->subject;
  if (simfleet_fact(w->truth, fact, p->kind_of_entity, p->entity) != p->fault->value) return;
  simfleet_set_fact(w->truth, fact, p->kind_of_entity, p->entity, p->value);
  let_automations_look(w);
}

/* True when it is an event for the engine. */
static bool strike(SimWorld *w, const Fault *f, Event *ret) {
  switch (f->kind) {
  case FAULT_FACT:
    note_before(w, f, w->now + f->lasts);
    fault_draw_fact(w->draw, f, w->truth);
    let_automations_look(w);
    if (f->told && f->on != ENTITY_NONE)
      *ret = (Event){.kind = EVENT_ALARM, .at = w->now, .value = ALARM_FACT, .subject = f->subject, .kind_of_entity = f->on_kind, .entity = f->on};
    return f->told && f->on != ENTITY_NONE;
  case FAULT_AUTOMATION: strike_automation(w, f); return false;
  case FAULT_LATE: strike_late(w, f); return false;
  case FAULT_PASS: w->now += f->value; return false;
  case FAULT_CANCEL:
    *ret = (Event){.kind = EVENT_CONTROL, .at = w->now, .value = CONTROL_CANCEL, .text = "simulated operator"};
    return true;
  case FAULT_ACTION: case FAULT_LOCK: case FAULT_UNLOCK: case FAULT_ANSWER: case FAULT_READ: case FAULT_METRIC: case FAULT_CRASH: break;
  }
  return false;
}

void world_sim_told(World *world, const Note *note) {
  SimWorld *w = (SimWorld *)world;
  uint32_t iterator = 0;
  const Fault *f;
  fault_draw_time(w->draw, w->now);
  while ((f = moments_come(&w->moments, w->program, w->fleet, note, &iterator)) != NULL) {
    if (!fault_happens(f)) fault_draw_begins(w->draw, f);
    else if (f->after > 0 || f->told || f->kind == FAULT_CANCEL) heap_push(w, (Pending){.at = w->now + f->after, .kind = PENDING_FAULT, .fault = f});
    else strike(w, f, NULL);
  }
}

/* One thing happens. True when it is an event for the engine. */
static bool happen(SimWorld *w, Event *ret) {
  Pending p = heap_pop(w);
  w->now = p.at > w->now ? p.at : w->now;
  fault_draw_time(w->draw, w->now);
  if (p.kind == PENDING_FAULT) return strike(w, p.fault, ret);
  if (p.kind == PENDING_PASSED) {
    pass_over(w, &p);
    return false;
  }
  if (p.kind == PENDING_ACT) {
    act(w, p.automation, p.trigger, p.entity);
    return false;
  }
  Submitted *s = submitted_of(w, p.command);
  bool answers = p.kind == PENDING_ANSWER && s->open;
  Command c = s->command;
  s->pending--;
  if (answers) end_submitted(w, s);
  drop_submitted(w, s);
  if (p.kind == PENDING_LAND) {
    simfleet_effect(w->truth, c.subject, c.args, c.arg_count);
    let_automations_look(w);
  }
  if (answers) *ret = answer_event(w, &p, &c);
  return answers;
}

static int64_t sim_now(World *world) {
  SimWorld *w = (SimWorld *)world;
  return w->now;
}

static uint32_t sim_wait(World *world, int64_t until, Event *ret, uint32_t max) {
  SimWorld *w = (SimWorld *)world;
  uint32_t n = 0;
  while (n < max) {
    int64_t next = w->heap.len ? w->heap.items[0].at : INT64_MAX;
    if (n > 0 && next > w->now) break; /* only what happens at one moment goes into one turn */
    if (next > until || next == INT64_MAX) {
      if (n > 0 || until == INT64_MAX) break;
      if (pace_until(&w->pace, until, &w->now)) w->now = until > w->now ? until : w->now;
      break;
    }
    if (!pace_until(&w->pace, next, &w->now)) break;
    if (happen(w, &ret[n])) n++;
  }
  return n;
}

static void sim_free(World *world) {
  SimWorld *w = (SimWorld *)world;
  simfleet_free(w->truth);
  fault_draw_free(w->draw);
  moments_done(&w->moments);
  vec_done(&w->heap);
  vec_done(&w->submitted);
  vec_done(&w->spare);
  vec_done(&w->acts);
  id_map_done(&w->place_of);
  free(w);
}

static const WorldOps sim_ops = {.name = "sim", .now = sim_now, .submit = sim_submit, .wait = sim_wait, .free = sim_free};
static const WorldOps drill_ops = {.name = "drill", .now = sim_now, .submit = sim_submit, .wait = sim_wait, .free = sim_free};

World *world_sim_new(const SimConfig *config) {
  SimWorld *w = xcalloc(1, sizeof *w);
  w->world.ops = config->speed > 0 ? &drill_ops : &sim_ops;
  w->program = config->program;
  w->fleet = config->fleet;
  w->now = config->start;
  w->truth = simfleet_new(config->program, config->fleet, config->params);
  for (uint32_t i = 0; i < config->text_count; i++) simfleet_text(w->truth, config->texts[i]);
  w->draw = fault_draw_new(config->program, config->fleet, config->faults);
  for (uint32_t i = 0; config->faults && i < config->faults->count; i++) {
    const Fault *f = &config->faults->items[i];
    if (f->kind == FAULT_FACT && f->at.kind == MOMENT_NONE && f->after == 0) note_before(w, f, config->start + f->lasts);
  }
  fault_draw_facts(w->draw, w->truth);
  moments_init(&w->moments, config->faults);
  for (uint32_t i = 0; config->faults && i < config->faults->count; i++) w->keeps_acts |= config->faults->items[i].kind == FAULT_LATE;
  w->as_written = config->faults && config->faults->as_written;
  w->watch = config->watch;
  for (uint32_t i = 0; config->faults && i < config->faults->count; i++) { /* counted from the start */
    const Fault *f = &config->faults->items[i];
    bool timed = f->at.kind == MOMENT_NONE && (f->kind == FAULT_CANCEL || f->kind == FAULT_PASS || (f->kind == FAULT_FACT && f->after > 0));
    if (timed) heap_push(w, (Pending){.at = config->start + f->after, .kind = PENDING_FAULT, .fault = f});
  }
  pace_init(&w->pace, config->speed, config->start, config->wake_fd);
  return &w->world;
}

void world_sim_pace(World *world, double speed, int wake_fd) {
  SimWorld *w = (SimWorld *)world;
  w->world.ops = speed > 0 ? &drill_ops : &sim_ops;
  pace_init(&w->pace, speed, w->now, wake_fd);
}

void world_sim_crash(World *world, int64_t until) {
  SimWorld *w = (SimWorld *)world;
  for (uint32_t i = 0; i < w->submitted.len; i++) /* nobody is there to hear the answers */
    if (w->submitted.items[i].open && w->submitted.items[i].command.kind != COMMAND_ASK) forget(w, w->submitted.items[i].command.id);
  Event lost;
  while (w->heap.len && w->heap.items[0].at <= until) happen(w, &lost);
  w->now = until > w->now ? until : w->now;
}

void world_sim_settle(World *world) {
  SimWorld *w = (SimWorld *)world;
  VEC(Pending) kept = {0};
  Event lost;
  int64_t now = w->now;
  while (w->heap.len) {
    PendingKind kind = w->heap.items[0].kind;
    const Submitted *s = kind == PENDING_ANSWER ? submitted_of(w, w->heap.items[0].command) : NULL;
    if (kind == PENDING_LAND || (s && !s->open)) happen(w, &lost);
    else vec_push(&kept, heap_pop(w));
  }
  w->now = now;
  for (uint32_t i = 0; i < kept.len; i++) heap_push(w, kept.items[i]);
  vec_done(&kept);
}

void world_sim_rest(World *world, int64_t until) {
  SimWorld *w = (SimWorld *)world;
  Event unheard;
  while (w->heap.len && w->heap.items[0].at <= until) happen(w, &unheard);
}

SimFleet *world_sim_truth(World *w) { return ((SimWorld *)w)->truth; }
const SimFleet *world_sim_fleet(const World *world) { return ((const SimWorld *)world)->truth; }
