/* path: events into the engine, what it says into the truth. */
#include <config.h>

#include "tests/oracle/path.h"

#include "tests/oracle/view.h"

#include <string.h>

/* ---- life ---- */

void path_begin(Path *p, Ground *g) {
  *p = (Path){.ground = g, .truth = g->start, .now = g->begin};
  p->engine = engine_new(g->program, g->fleet, g->frozen);
  g->engine = p->engine;
  g->truth = &p->truth;
}

void path_done(Path *p) {
  engine_free(p->engine);
  vec_done(&p->hits);
}

static uint64_t hash_bytes(uint64_t h, const void *bytes, size_t len) {
  const uint8_t *b = bytes;
  for (size_t i = 0; i < len; i++) h = (h ^ b[i]) * UINT64_C(0x100000001b3);
  return h;
}

uint64_t path_shape(const Path *p) {
  const Ground *g = p->ground;
  const Truth *t = &p->truth;
  uint64_t h = g->exact ? engine_digest(p->engine) : view_shape(p->engine);
  h = hash_bytes(h, t->fact, g->cell_count * sizeof *t->fact);
  h = hash_bytes(h, t->mute, g->cell_count);
  h = hash_bytes(h, t->wrote, g->cell_count);
  h = hash_bytes(h, t->lock, g->lock_count);
  h = hash_bytes(h, t->setting, g->setting_count * sizeof *t->setting);
  if (g->abandons && !p->ended) h = hash_bytes(h, t->hurt, g->entity_count);
  h = hash_bytes(h, t->handed, g->entity_count);
  if (g->tries) h = hash_bytes(h, t->tried, sizeof t->tried[0] * g->program->actions_count);
  for (uint32_t i = 0; i < MAX_LATES; i++) {
    if (!t->lates[i].used) continue;
    uint64_t late[] = {t->lates[i].action, (uint64_t)t->lates[i].args[0], (uint64_t)(t->lates[i].until - p->now)};
    h += hash_bytes(7, late, sizeof late);
  }
  uint8_t flags[] = {(uint8_t)p->delays, p->begun, p->cancelled, p->ended, p->silent};
  return hash_bytes(h, flags, sizeof flags);
}

/* ---- what it says ---- */

void path_hit(Path *p, RuleCode code, uint32_t line) {
  for (uint32_t i = 0; i < p->hits.len; i++)
    if (p->hits.items[i].code == code && p->hits.items[i].line == line) return;
  vec_push(&p->hits, ((Hit){code, line}));
}

static void hurt(Path *p, uint32_t kind, uint32_t entity) {
  if (kind < p->ground->program->kinds_count && entity < fleet_count(p->ground->fleet, kind))
    p->truth.hurt[entity_of(p->ground, kind, entity)] = 1;
}

/* Putting a container out because of something in it, or a member because of its container, is that one's failure, too. */
static void put_out(Path *p, const Note *n) {
  const Ground *g = p->ground;
  if (marked_above(g, p->truth.hurt, n->kind_of_entity, n->entity) || marked_below(g, p->truth.hurt, n->kind_of_entity, n->entity))
    hurt(p, n->kind_of_entity, n->entity);
}

static void handed_over(Path *p, const Note *n) {
  const Ground *g = p->ground;
  p->truth.handed[entity_of(g, n->kind_of_entity, n->entity)] = 1;
  if (g->abandons && !marked_above(g, p->truth.hurt, n->kind_of_entity, n->entity)) path_hit(p, RULE_ABANDON, n->line);
}

/* A canary that is not well stops the release of all the others: it is about them, too. */
static void release_stopped(Path *p) {
  for (uint32_t i = 0; i < p->ground->entity_count; i++) p->truth.hurt[i] = 1;
}

static void take_note(Path *p, const Note *n) {
  if (n->line) p->line = n->line;
  switch (n->kind) {
    case NOTE_ALARM:
      if (n->subject == NONE_INDEX) release_stopped(p);
      break;
    case NOTE_SURPRISE:
      if (n->text && strstr(n->text, "is not sent: it needs")) rules_refused(p, n);
      if (n->text && strstr(n->text, "is not sent: policy ")) rules_forbidden(p, n);
      break;
    case NOTE_ACTION_END: /* also where it was said to be done and does not read so */
      if (n->value != OUT_OK) hurt(p, n->kind_of_entity, n->entity);
      break;
    case NOTE_SET_ASIDE: case NOTE_KEPT_OUT: put_out(p, n); break;
    case NOTE_HANDED_OVER: handed_over(p, n); break;
    default: break;
  }
}

static uint32_t line_of_act(const Note *notes, uint32_t count, const Command *c) {
  uint32_t line = 0;
  for (uint32_t i = 0; i < count; i++)
    if (notes[i].kind == NOTE_ACTION_BEGIN && notes[i].subject == c->subject && notes[i].entity == c->entity) line = notes[i].line;
  return line;
}

static void try_action(Path *p, const Command *c) {
  if (c->kind_of_entity != NONE_INDEX) p->truth.tried[c->subject][entity_of(p->ground, c->kind_of_entity, c->entity)] = UINT32_MAX;
}

static void listen(Path *p) {
  const Note *notes;
  const Command *commands;
  uint32_t note_count = engine_notes(p->engine, &notes), command_count = engine_commands(p->engine, &commands);
  for (uint32_t i = 0; i < command_count; i++) {
    if (commands[i].kind != COMMAND_ACT) continue;
    uint32_t line = line_of_act(notes, note_count, &commands[i]);
    if (line) p->act_line[commands[i].subject] = line;
    rules_sent(p, &commands[i], line ? line : p->act_line[commands[i].subject]);
    try_action(p, &commands[i]);
  }
  for (uint32_t i = 0; i < note_count; i++) take_note(p, &notes[i]);
  if (p->ended || engine_outcome(p->engine) == RUN_GOING) return;
  p->ended = true;
  rules_ended(p);
}

/* ---- what happens ---- */

static void confirm_misses(void *ctx, CodeRef condition, const int64_t *slots, uint32_t slot_count, uint32_t kind, uint32_t entity) {
  Path *p = ctx;
  if (vm_value(p->ground->vm, condition, slots, slot_count) != 1) hurt(p, kind, entity);
}

static bool asks(const Path *p) {
  const Command *flying;
  uint64_t n = engine_in_flight(p->engine, &flying);
  for (uint64_t i = 0; i < n; i++)
    if (flying[i].kind == COMMAND_ASK) return true;
  return false;
}

void path_feed(Path *p, Event e) {
  e.at = p->now;
  if (p->tape) p->tape(p->tape_ctx, &e);
  if (p->ground->abandons) view_confirms(p->engine, p->now, confirm_misses, p);
  truth_note_yeses(p->ground);
  engine_feed(p->engine, &e);
  listen(p);
  p->silent = p->silent && asks(p);
}

static bool is_for(const Command *c, Choice choice) {
  return c->kind == choice.command && (uint16_t)c->subject == choice.subject && (uint8_t)c->kind_of_entity == choice.kind_of_entity &&
         (uint8_t)c->entity == choice.entity;
}

static bool find_command(const Path *p, Choice choice, Command *ret) {
  const Command *flying;
  uint64_t n = engine_in_flight(p->engine, &flying);
  for (uint64_t i = 0; i < n; i++)
    if (is_for(&flying[i], choice)) return *ret = flying[i], true;
  return false;
}

static void succeed(Path *p, const Command *c) {
  if (c->kind_of_entity == NONE_INDEX) return;
  uint32_t e = entity_of(p->ground, c->kind_of_entity, c->entity);
  for (uint32_t a = 0; a < p->ground->program->actions_count; a++)
    if (a != c->subject) p->truth.tried[a][e] &= ~(UINT32_C(1) << c->subject);
}

/* Nothing has changed, so the request may still be under way; also one for what is true already. */
static void expect_late(Path *p, const Command *c) {
  const ActionRow *a = &p->ground->program->actions[c->subject];
  if (a->may_land <= 0) return;
  for (uint32_t i = 0; i < MAX_LATES; i++) {
    LateEffect *l = &p->truth.lates[i];
    if (l->used) continue;
    *l = (LateEffect){.action = c->subject, .used = 1, .until = p->now + a->may_land};
    memcpy(l->args, c->args, sizeof l->args);
    return;
  }
}

static void act_ends(Path *p, const Command *c, Choice choice) {
  const ActionRow *a = &p->ground->program->actions[c->subject];
  Effects effects;
  effects_of_action(p->ground, c->subject, c->args, choice.outcome == OUT_OK ? EFFECT_DONE : EFFECT_FAILED, &effects);
  bool changes = effects_change(p->ground, &effects, choice.variant);
  effects_apply(p->ground, &effects, choice.variant, true);
  if (choice.outcome == OUT_OK) succeed(p, c);
  if (choice.outcome == OUT_UNKNOWN && !changes) expect_late(p, c);
  for (uint32_t i = 0; i < a->params.count && choice.outcome != OUT_OK; i++) {
    ValueType t = p->ground->program->param_types[a->params.first + i];
    if (t.klass == VALUE_ENTITY && c->args[i] != VALUE_UNKNOWN) hurt(p, t.ref, (uint32_t)c->args[i]);
  }
}

static void lock_ends(Path *p, const Command *c, Choice choice) {
  uint8_t *lock = &p->truth.lock[lock_of(p->ground, c->subject, c->entity)];
  if (choice.outcome == OUT_OK || (choice.outcome == OUT_UNKNOWN && choice.variant == 1)) *lock = c->kind == COMMAND_LOCK;
}

static void set_ends(Path *p, const Command *c, Choice choice) {
  int16_t *setting = &p->truth.setting[p->ground->settings[c->subject] + c->entity];
  if (choice.outcome == OUT_OK || (choice.outcome == OUT_UNKNOWN && choice.variant == 1)) *setting = (int16_t)c->args[0];
}

static int64_t reading(Path *p, const Command *c, Choice choice) {
  if (c->kind == COMMAND_INSPECT)
    return choice.outcome == OUT_OK ? (int64_t)p->truth.lock[lock_of(p->ground, c->subject, c->entity)] : VALUE_UNKNOWN;
  if (c->kind == COMMAND_GET)
    return choice.outcome == OUT_OK ? (int64_t)p->truth.setting[p->ground->settings[c->subject] + c->entity] : VALUE_UNKNOWN;
  if (c->kind != COMMAND_READ) return 0;
  uint32_t cell = cell_of(p->ground, c->subject, c->kind_of_entity, c->entity);
  if (choice.outcome != OUT_OK && choice.variant == 1) p->truth.mute[cell] = 1;
  if (choice.outcome != OUT_OK || p->truth.mute[cell]) return VALUE_UNKNOWN;
  return truth_fact(p->ground, c->subject, c->kind_of_entity, c->entity);
}

static bool answer(Path *p, Choice choice) {
  Command c;
  if (!find_command(p, choice, &c)) return false;
  Event e = {.kind = EVENT_OUTCOME, .command = c.id, .outcome = (Outcome)choice.outcome, .value = VALUE_UNKNOWN,
             .subject = c.subject, .entity = c.entity, .kind_of_entity = c.kind_of_entity};
  if (choice.outcome != OUT_OK) hurt(p, c.kind_of_entity, c.entity);
  switch (c.kind) {
    case COMMAND_ACT: act_ends(p, &c, choice); break;
    case COMMAND_LOCK: case COMMAND_UNLOCK: lock_ends(p, &c, choice); break;
    case COMMAND_SET: set_ends(p, &c, choice); break;
    case COMMAND_ASK: e.kind = EVENT_ANSWER; e.value = choice.outcome == OUT_OK; break;
    default: e.kind = EVENT_READING; e.value = reading(p, &c, choice); break;
  }
  path_feed(p, e);
  return true;
}

static void silent_people(Path *p) {
  const Command *flying;
  uint64_t n = engine_in_flight(p->engine, &flying);
  for (uint64_t i = 0; i < n; i++)
    if (flying[i].kind == COMMAND_ASK && flying[i].deadline <= p->now) hurt(p, flying[i].kind_of_entity, flying[i].entity);
}

static bool tick(Path *p, Choice c) {
  int64_t next = engine_next_timer(p->engine);
  if (c.variant) p->silent = true;
  if (next == INT64_MAX) return false;
  if (next > p->now) p->now = next;
  for (uint32_t i = 0; i < MAX_LATES; i++)
    if (p->truth.lates[i].until <= p->now) p->truth.lates[i] = (LateEffect){0};
  silent_people(p);
  path_feed(p, (Event){.kind = EVENT_TICK});
  return true;
}

bool path_oldest_act(const Path *p, Command *ret) {
  const Command *flying;
  uint64_t n = engine_in_flight(p->engine, &flying);
  for (uint64_t i = 0; i < n; i++)
    if (flying[i].kind == COMMAND_ACT) return *ret = flying[i], true;
  return false;
}

/* The runtime dies and comes back: what an action has left behind nobody heard. */
static bool crash(Path *p, Choice c) {
  Command act;
  Effects e;
  if (!path_oldest_act(p, &act)) return false;
  effects_of_action(p->ground, act.subject, act.args, EFFECT_FAILED, &e);
  uint32_t failures = effects_variants(&e), variant = c.variant;
  if (variant >= failures) {
    variant -= failures;
    effects_of_action(p->ground, act.subject, act.args, EFFECT_DONE, &e);
  }
  effects_apply(p->ground, &e, variant, true);
  path_feed(p, (Event){.kind = EVENT_RESUMED});
  return true;
}

/* Nobody tells the engine: it will see when it looks. */
static bool automation_acts(Path *p, Choice c) {
  Ground *g = p->ground;
  Effects e;
  effects_of_trigger(g, &g->program->triggers[c.subject], c.entity, &e);
  effects_apply(g, &e, c.variant, false);
  for (uint32_t i = 0; i < e.count; i++) hurt(p, e.on[i].kind, e.on[i].entity);
  rules_automation(p, &e, c.variant);
  return true;
}

static bool late_lands(Path *p, Choice c) {
  Effects e;
  for (uint32_t i = 0; i < MAX_LATES; i++) {
    LateEffect *l = &p->truth.lates[i];
    if (!l->used || l->action != c.subject || (uint8_t)l->args[0] != c.entity) continue;
    effects_of_action(p->ground, l->action, l->args, EFFECT_DONE, &e);
    *l = (LateEffect){0};
    effects_apply(p->ground, &e, c.variant, true);
    return true;
  }
  return false;
}

bool path_step(Path *p, Choice c) {
  p->hits.len = 0;
  p->delays += c.delays;
  p->ground->engine = p->engine;
  p->ground->truth = &p->truth;
  switch ((ChoiceKind)c.kind) {
    case CHOICE_BEGIN: p->begun = true; path_feed(p, (Event){.kind = EVENT_BEGIN}); return true;
    case CHOICE_ANSWER: return answer(p, c);
    case CHOICE_TICK: return tick(p, c);
    case CHOICE_CANCEL: p->cancelled = true; path_feed(p, (Event){.kind = EVENT_CONTROL, .value = CONTROL_CANCEL}); return true;
    case CHOICE_CRASH: return crash(p, c);
    case CHOICE_AUTO: return automation_acts(p, c);
    case CHOICE_LAND: return late_lands(p, c);
  }
  return false;
}
