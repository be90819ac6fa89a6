/* moves: what may happen next. What is quick (readings, locks) is answered in its order, one by one, with room for the
 * automations in between; of actions and questions in flight the oldest is answered, and another one, or the passing of time,
 * comes first at the price of a delay. */
#include <config.h>

#include "tests/oracle/path.h"

#include "runtime/engine_state.h"

static void add(ChoiceVec *v, Choice c) { vec_push(v, c); }

static Choice about(const Command *c) {
  return (Choice){.kind = CHOICE_ANSWER, .command = (uint8_t)c->kind, .subject = (uint16_t)c->subject,
                  .kind_of_entity = (uint8_t)c->kind_of_entity, .entity = (uint8_t)c->entity};
}

static void with(ChoiceVec *v, Choice c, Outcome outcome, uint32_t variant, uint32_t faults, uint32_t delays) {
  c.outcome = (uint8_t)outcome;
  c.variant = (uint8_t)variant;
  c.faults = (uint8_t)faults;
  c.delays = (uint8_t)delays;
  add(v, c);
}

static bool is_quick(CommandKind k) { return k != COMMAND_ACT && k != COMMAND_ASK; }

/* A hold that nobody can ever read again keeps the run waiting without an end: one reading that stays away tells as much. */
static bool of_hold(const Path *p, const Command *c) {
  for (uint32_t i = 0; i < p->engine->flights.len; i++)
    if (p->engine->flights.items[i].command.id == c->id) return strand_at(p->engine, p->engine->flights.items[i].strand)->task == TASK_EMBARGO;
  return false;
}

static void quick_choices(Path *p, const Command *c, ChoiceVec *v) {
  Choice answer = about(c);
  bool lock = c->kind == COMMAND_LOCK || c->kind == COMMAND_UNLOCK || c->kind == COMMAND_SET;
  bool mute = c->kind == COMMAND_READ && p->truth.mute[cell_of(p->ground, c->subject, c->kind_of_entity, c->entity)];
  with(v, answer, OUT_OK, 0, 0, 0);
  if (lock) with(v, answer, OUT_FAILED, 0, 1, 0);
  if (!mute && c->kind != COMMAND_METER) with(v, answer, OUT_UNKNOWN, 0, 1, 0);
  if (!mute && (lock || (c->kind == COMMAND_READ && !of_hold(p, c)))) with(v, answer, OUT_UNKNOWN, 1, 1, 0);
}

static void act_choices(Path *p, const Command *c, uint32_t delays, ChoiceVec *v) {
  Choice answer = about(c);
  Effects e;
  effects_of_action(p->ground, c->subject, c->args, EFFECT_DONE, &e);
  for (uint32_t i = 0, n = effects_variants(&e); i < n; i++) with(v, answer, OUT_OK, i, 0, delays);
  effects_of_action(p->ground, c->subject, c->args, EFFECT_FAILED, &e);
  for (uint32_t i = 0, n = effects_variants(&e); i < n; i++) with(v, answer, OUT_FAILED, i, 1, delays);
  for (uint32_t i = 0, n = effects_variants(&e); i < n; i++) with(v, answer, OUT_UNKNOWN, i, 1, delays);
}

/* A gate: yes is ordinary. A hold: that nobody wants to try again. */
static void ask_choices(const Command *c, uint32_t delays, ChoiceVec *v) {
  bool hold = c->subject == NONE_INDEX;
  with(v, about(c), hold ? OUT_FAILED : OUT_OK, 0, 0, delays);
  with(v, about(c), hold ? OUT_OK : OUT_FAILED, 0, 1, delays);
}

/* Time passes while nothing is answered, but no action is left without its answer before its deadline. Over an open question
 * it passes in earnest, until nobody has answered (variant 1, a fault), or for a while only, at the price of a delay. */
static void time_choice(const Path *p, const Command *flying, uint64_t n, ChoiceVec *v) {
  int64_t next = engine_next_timer(p->engine);
  uint32_t acts = 0, asks = 0, silent = 0;
  for (uint64_t i = 0; i < n; i++) {
    acts += flying[i].kind == COMMAND_ACT;
    if (flying[i].kind == COMMAND_ACT && flying[i].deadline <= next) return;
    asks += flying[i].kind == COMMAND_ASK;
    silent += flying[i].kind == COMMAND_ASK && flying[i].deadline <= next;
  }
  if (next == INT64_MAX) return;
  bool open = asks > 0 && !p->silent;
  if (open) add(v, (Choice){.kind = CHOICE_TICK, .variant = 1, .faults = 1, .delays = acts > 0});
  if (!open || silent == 0) add(v, (Choice){.kind = CHOICE_TICK, .delays = acts > 0 || open});
}

/* What the action has left behind counts as a choice only where it makes a difference. */
static void crash_choices(Path *p, ChoiceVec *v) {
  Command act;
  Effects e;
  if (!path_oldest_act(p, &act)) return;
  Choice crash = {.kind = CHOICE_CRASH, .faults = 1};
  effects_of_action(p->ground, act.subject, act.args, EFFECT_FAILED, &e);
  uint32_t failures = effects_variants(&e);
  for (uint32_t i = 0; i < failures; i++, crash.variant++) add(v, crash);
  effects_of_action(p->ground, act.subject, act.args, EFFECT_DONE, &e);
  for (uint32_t i = 0, n = effects_variants(&e); i < n; i++, crash.variant++)
    if (effects_change(p->ground, &e, i)) add(v, crash);
}

static void engine_choices(Path *p, ChoiceVec *v) {
  const Command *flying;
  uint64_t n = engine_in_flight(p->engine, &flying);
  for (uint64_t i = 0; i < n; i++)
    if (is_quick(flying[i].kind)) {
      quick_choices(p, &flying[i], v);
      return;
    }
  for (uint64_t i = 0; i < n; i++)
    if (flying[i].kind == COMMAND_ACT) act_choices(p, &flying[i], i > 0, v);
    else if (!p->silent) ask_choices(&flying[i], i > 0, v);
  time_choice(p, flying, n, v);
  crash_choices(p, v);
  if (!p->cancelled) add(v, (Choice){.kind = CHOICE_CANCEL, .faults = 1});
}

static void automation_choices(Path *p, ChoiceVec *v) {
  const Program *prog = p->ground->program;
  Effects e;
  for (uint32_t a = 0; a < prog->automations_count; a++)
    for (uint32_t i = 0; i < fleet_count(p->ground->fleet, prog->automations[a].kind); i++) {
      if (p->truth.lock[lock_of(p->ground, a, i)]) continue;
      for (uint32_t t = 0; t < prog->automations[a].triggers.count; t++) {
        uint32_t trigger = prog->automations[a].triggers.first + t;
        int64_t self = i;
        if (vm_value(p->ground->vm, prog->triggers[trigger].condition, &self, 1) == 0) continue;
        if (truth_were_it_ordinary(p->ground, prog->triggers[trigger].condition, &self, 1) == 0) continue; /* no doing of the run */
        effects_of_trigger(p->ground, &prog->triggers[trigger], i, &e);
        for (uint32_t k = 0, n = effects_variants(&e); k < n; k++)
          if (effects_change(p->ground, &e, k))
            add(v, (Choice){.kind = CHOICE_AUTO, .command = (uint8_t)a, .subject = (uint16_t)trigger,
                            .kind_of_entity = (uint8_t)prog->automations[a].kind, .entity = (uint8_t)i, .variant = (uint8_t)k});
      }
    }
}

static void late_choices(Path *p, ChoiceVec *v) {
  Effects e;
  for (uint32_t i = 0; i < MAX_LATES; i++) {
    const LateEffect *l = &p->truth.lates[i];
    if (!l->used) continue;
    effects_of_action(p->ground, l->action, l->args, EFFECT_DONE, &e);
    for (uint32_t k = 0, n = effects_variants(&e); k < n; k++)
      add(v, (Choice){.kind = CHOICE_LAND, .subject = (uint16_t)l->action, .entity = (uint8_t)l->args[0], .variant = (uint8_t)k,
                      .kind_of_entity = (uint8_t)p->ground->program->param_types[p->ground->program->actions[l->action].params.first].ref});
  }
}

void path_choices(Path *p, ChoiceVec *ret) {
  ret->len = 0;
  p->ground->engine = p->engine;
  p->ground->truth = &p->truth;
  if (!p->begun) {
    add(ret, (Choice){.kind = CHOICE_BEGIN});
    return;
  }
  if (!p->ended) engine_choices(p, ret);
  if (!p->ended && ret->len == 0) return; /* stuck */
  automation_choices(p, ret);
  late_choices(p, ret);
}

/* ---- in words ---- */

static const char *entity_text(const Ground *g, Choice c) {
  if (c.kind_of_entity >= g->program->kinds_count || c.entity >= fleet_count(g->fleet, c.kind_of_entity)) return "the run";
  return fleet_name(g->fleet, c.kind_of_entity, c.entity);
}

static const char *subject_text(const Program *p, Choice c) {
  switch ((CommandKind)c.command) {
    case COMMAND_ACT: return program_str(p, p->actions[c.subject].name);
    case COMMAND_READ: return program_str(p, p->facts[c.subject].name);
    case COMMAND_LOCK: case COMMAND_UNLOCK: case COMMAND_INSPECT: return program_str(p, p->automations[c.subject].name);
    case COMMAND_SET: case COMMAND_GET: return program_str(p, p->settings[c.subject].name);
    case COMMAND_ASK: return c.subject < p->gates_count ? program_str(p, p->gates[c.subject].name) : "hold";
    default: return "";
  }
}

void choice_show(const Ground *g, Choice c, Buf *out) {
  static const char *const effects[] = {"", " (2nd effect)", " (3rd effect)", " (4th effect)"};
  const char *more = c.variant == 0 ? "" : c.variant < 4 ? effects[c.variant] : " (other effect)";
  switch ((ChoiceKind)c.kind) {
    case CHOICE_BEGIN: buf_str(out, "begin"); break;
    case CHOICE_TICK: buf_str(out, c.variant ? "nobody answers from here on" : "time passes"); break;
    case CHOICE_CANCEL: buf_str(out, "a person cancels"); break;
    case CHOICE_CRASH: buf_printf(out, "the runtime dies and comes back%s", more); break;
    case CHOICE_AUTO:
      buf_printf(out, "%s acts on %s%s", program_str(g->program, g->program->automations[c.command].name), entity_text(g, c), more);
      break;
    case CHOICE_LAND:
      buf_printf(out, "%s of %s lands late", program_str(g->program, g->program->actions[c.subject].name), entity_text(g, c));
      break;
    case CHOICE_ANSWER:
      buf_printf(out, "%s %s of %s: %s%s", command_kind_text((CommandKind)c.command), subject_text(g->program, c), entity_text(g, c),
                 outcome_text((Outcome)c.outcome), c.command == COMMAND_READ && c.variant ? " from now on" : more);
      break;
  }
}
