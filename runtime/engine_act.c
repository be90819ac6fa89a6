/* engine_act: one action from its contract to its outcome: needs, admission, command, read-back, what it taught, retries.
 * The contract is believed by those who wrote the runbook and checked here: what it needs before it is sent, what it makes
 * true after it is said to be done. What the policies say of it is checked with its needs (engine_policy.c).
 *
 * Needs are judged on what is known; once the action has its place in every line, whatever of it is not fresh
 * (engine_fresh.c) is read again, and nothing comes between that reading and the command. When it no longer holds, the
 * place is given back, the rest is read too, and only then it is refused. */
#include <config.h>

#include "lang/waiver.h"
#include "runtime/engine_emergency.h"
#include "runtime/engine_policy.h"
#include "runtime/engine_parts.h"

static const CallRow *call_row(const Engine *e, const Strand *s) { return &e->program->calls[strand_op_a(e, s)]; }
static const ActionRow *action_row(const Engine *e, const Strand *s) { return &e->program->actions[call_row(e, s)->action]; }

static void subject_of(const Engine *e, const Strand *s, uint32_t *ret_kind, uint32_t *ret_entity) {
  const ActionRow *a = action_row(e, s);
  bool entity = a->params.count > 0 && e->program->param_types[a->params.first].klass == VALUE_ENTITY;
  *ret_kind = entity ? e->program->param_types[a->params.first].ref : NONE_INDEX;
  *ret_entity = entity && s->args[0] != VALUE_UNKNOWN ? (uint32_t)s->args[0] : NONE_INDEX;
}

void act_note(Engine *e, const Strand *s, NoteKind kind, int64_t value, TextId text) {
  uint32_t entity_kind, entity;
  subject_of(e, s, &entity_kind, &entity);
  note(e, kind, call_row(e, s)->action, entity_kind, entity, value, call_row(e, s)->line, text);
}

static void take_arguments(Engine *e, Strand *s) {
  uint32_t n = action_row(e, s)->params.count;
  e->vm->sp -= n;
  for (uint32_t i = 0; i < n && i < EVENT_ARGS; i++) s->args[i] = e->vm->stack[e->vm->sp + i];
  s->attempt = 1;
  s->until = 0;
}

/* ---- needs ---- */

/* What an emergency skips it does not need. */
static bool is_waived(const Engine *e, const Strand *s, const NeedRow *need) {
  return s->emergency && emergency_waives(e->program, s->emergency - 1u, need->condition);
}

static void judge_for(Engine *e, uint16_t emergency) {
  e->urgent->judging = emergency;
  e->vm->emergency = emergency != 0;
}

static const NeedRow *unmet_need(Engine *e, const Strand *s) {
  const ActionRow *a = action_row(e, s);
  for (uint32_t i = 0; i < a->needs.count; i++) {
    const NeedRow *need = &e->program->need_rows[a->needs.first + i];
    if (!is_waived(e, s, need) && vm_value(e->vm, need->condition, s->args, a->params.count) != 1) return need;
  }
  return NULL;
}

/* Of its needs, or of what the policies say. */
static bool is_unmet(Engine *e, const Strand *s) {
  judge_for(e, s->emergency);
  bool unmet = unmet_need(e, s) || (e->program->policies_count && policy_against(e, s, call_row(e, s)->action));
  judge_for(e, 0);
  return unmet;
}

static void ask_needs(Engine *e, Strand *s) {
  const ActionRow *a = action_row(e, s);
  judge_for(e, s->emergency);
  for (uint32_t i = 0; i < a->needs.count; i++) {
    const NeedRow *need = &e->program->need_rows[a->needs.first + i];
    if (!is_waived(e, s, need)) vm_value(e->vm, need->condition, s->args, a->params.count);
  }
  if (e->program->policies_count) policies_ask(e, s, call_row(e, s)->action);
  judge_for(e, 0);
}

static Flow act_over(Engine *e, Strand *s, Outcome outcome) {
  s->outcome = (uint8_t)outcome;
  return flow_next(e, s);
}

static TextId why_unmet(Engine *e, const Strand *s) {
  uint32_t action = call_row(e, s)->action;
  judge_for(e, s->emergency);
  const NeedRow *need = unmet_need(e, s);
  const Ban *ban = need ? NULL : policy_against(e, s, action);
  judge_for(e, 0);
  if (!need) return policy_refusal(e, action, ban);
  return text_printf(e, "%s is not sent: it needs %s", program_str(e->program, action_row(e, s)->name),
                     program_str(e->program, need->text));
}

static Flow refuse(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  TextId text = why_unmet(e, s);
  act_note(e, s, NOTE_SURPRISE, OUT_FAILED, text);
  bucket_leave(e, id);
  s->detail = text;
  return act_over(e, s, OUT_FAILED);
}

/* ---- out ---- */

/* The command of the call in progress, without id and times. A number of ours means nothing to a world as a text: the text
 * itself goes along. */
Command act_command(Engine *e, const Strand *s) {
  const ActionRow *a = action_row(e, s);
  Command c = {.kind = COMMAND_ACT, .subject = call_row(e, s)->action, .arg_count = a->params.count, .attempt = s->attempt,
               .emergency = s->emergency};
  subject_of(e, s, &c.kind_of_entity, &c.entity);
  for (uint32_t i = 0; i < a->params.count && i < EVENT_ARGS; i++) {
    bool text = e->program->param_types[a->params.first + i].klass == VALUE_TEXT;
    c.args[i] = text ? VALUE_UNKNOWN : s->args[i];
    if (text) c.text = vm_text(e->vm, s->args[i]);
  }
  return c;
}

static void send_act(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const CallRow *call = call_row(e, s);
  const ActionRow *a = action_row(e, s);
  int64_t most = region_value(e, s, call->within, a->takes_most);
  if (most <= 0) most = a->takes_most > 0 ? a->takes_most : READ_MOST;
  Command c = act_command(e, s);
  c.deadline = later(e, most);
  act_note(e, s, NOTE_ACTION_BEGIN, s->attempt, 0);
  s->detail = 0;
  s->command = issue(e, id, c, 0);
  act_goes(e, id, a);
  act_sent(e, id, a, c.deadline);
  if (e->asks_tried[call->action] && c.entity != NONE_INDEX)
    ids_of(e, &e->tried[call->action], c.kind_of_entity)[c.entity] = (uint32_t)s->command;
}

/* ---- what it wrote ---- */

static void collect_targets(Engine *e, const Strand *s, CodeRef targets) {
  e->scratch.len = 0;
  vm_collect(e->vm, targets, s->args, action_row(e, s)->params.count, &e->scratch);
}

bool effect_has(const Engine *e, Slice values, int64_t value) {
  for (uint32_t i = 0; i < values.count; i++)
    if (e->program->index_list[values.first + i] == value) return true;
  return false;
}

int64_t effect_value(Engine *e, const EffectRow *row, const ActionRow *action, const Strand *s) {
  return row->value ? vm_value(e->vm, row->value, s->args, action->params.count) : VALUE_UNKNOWN;
}

/* Does a reading agree with what the contract makes true? An effect that names no value allows any. */
static bool effect_allows(Engine *e, const EffectRow *row, const Strand *s, int64_t value) {
  if (row->values.count) return effect_has(e, row->values, value);
  int64_t wanted = effect_value(e, row, action_row(e, s), s);
  return wanted == VALUE_UNKNOWN || wanted == value;
}

/* What the action declares of entities that it makes silent is believed: nobody can read it. */
static void believe_silent(Engine *e, const Strand *s) {
  const ActionRow *a = action_row(e, s);
  for (uint32_t pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < a->makes.count; i++) {
      const EffectRow *row = &e->program->effects[a->makes.first + i];
      if (row->may || row->values.count != 1) continue;
      int64_t value = e->program->index_list[row->values.first];
      bool silences = e->silent[row->fact] == value && value != VALUE_UNKNOWN;
      if (pass == 0 && !silences) continue;
      collect_targets(e, s, row->targets);
      for (uint32_t j = 0; j < e->scratch.len; j++)
        if (pass == 0 || fact_silent(e, row->kind, e->scratch.items[j]))
          fact_cell(e, row->fact, row->kind, e->scratch.items[j])->value = value;
    }
  }
}

/* What it makes besides is not read back: whatever was known of it is old. */
static void doubt_also(Engine *e, const Strand *s, Slice makes) {
  for (uint32_t i = 0; i < makes.count; i++) {
    const EffectRow *row = &e->program->effects[makes.first + i];
    if (!row->may) continue;
    collect_targets(e, s, row->targets);
    for (uint32_t j = 0; j < e->scratch.len; j++) {
      Cell *cell = fact_cell(e, row->fact, row->kind, e->scratch.items[j]);
      cell->stamp = 0;
      cell->written = 0;
    }
  }
}

static void read_effects(Engine *e, uint32_t id, Slice makes) {
  const Strand *s = strand_at(e, id);
  for (uint32_t i = 0; i < makes.count; i++) {
    const EffectRow *row = &e->program->effects[makes.first + i];
    if (row->may) continue;
    collect_targets(e, s, row->targets);
    for (uint32_t j = 0; j < e->scratch.len; j++) read_fact(e, id, row->fact, row->kind, e->scratch.items[j]);
  }
}

static void read_learns(Engine *e, uint32_t id) {
  const Strand *s = strand_at(e, id);
  const ActionRow *a = action_row(e, s);
  for (uint32_t i = 0; i < a->learns.count; i++) {
    const LearnRow *row = &e->program->learns[a->learns.first + i];
    collect_targets(e, s, row->targets);
    for (uint32_t j = 0; j < e->scratch.len; j++) read_fact(e, id, row->fact, row->kind, e->scratch.items[j]);
  }
}

static void surprise(Engine *e, const Strand *s, const EffectRow *row, uint32_t entity, int64_t value) {
  const char *fact = program_str(e->program, e->program->facts[row->fact].name);
  int64_t read = vm_show(e->vm, e->program->facts[row->fact].type, value);
  act_note(e, s, NOTE_SURPRISE, OUT_UNKNOWN,
              text_printf(e, "%s said it was done, but %s of %s reads %s", program_str(e->program, action_row(e, s)->name), fact,
                          entity_name(e, row->kind, entity), vm_text(e->vm, read)));
}

/* Ok only when every fact that it makes reads as declared. */
static Outcome verdict(Engine *e, Strand *s) {
  const ActionRow *a = action_row(e, s);
  Outcome outcome = OUT_OK;
  for (uint32_t i = 0; i < a->makes.count; i++) {
    const EffectRow *row = &e->program->effects[a->makes.first + i];
    if (row->may) continue;
    collect_targets(e, s, row->targets);
    for (uint32_t j = 0; j < e->scratch.len; j++) {
      Cell *cell = fact_cell(e, row->fact, row->kind, e->scratch.items[j]);
      int64_t value = cell->value;
      cell->written = effect_allows(e, row, s, value);
      if (cell->written) continue;
      outcome = OUT_UNKNOWN;
      if (value != VALUE_UNKNOWN) surprise(e, s, row, e->scratch.items[j], value);
      else s->detail = text_printf(e, "%s of %s could not be read back", program_str(e->program, e->program->facts[row->fact].name),
                                   entity_name(e, row->kind, e->scratch.items[j]));
    }
  }
  return outcome;
}

static void forget_effects(Engine *e, const Strand *s, Slice effects) {
  for (uint32_t i = 0; i < effects.count; i++) {
    const EffectRow *row = &e->program->effects[effects.first + i];
    collect_targets(e, s, row->targets);
    for (uint32_t j = 0; j < e->scratch.len; j++)
      fact_cell(e, row->fact, row->kind, e->scratch.items[j])->value = VALUE_UNKNOWN;
  }
}

/* ---- ends of a try ---- */

static void note_succeeded(Engine *e, const Strand *s) {
  uint32_t action = call_row(e, s)->action, kind, entity;
  subject_of(e, s, &kind, &entity);
  if (e->asks_tried[action] && entity != NONE_INDEX)
    ids_of(e, &e->succeeded[action], kind)[entity] = (uint32_t)(e->next_command - 1);
}

static void refund(Engine *e, const Strand *s) {
  const ActionRow *a = action_row(e, s);
  for (uint32_t i = 0; i < a->makes.count && e->budget.kind != NONE_INDEX; i++) {
    const EffectRow *row = &e->program->effects[a->makes.first + i];
    if (row->fact != e->budget.service || row->kind != e->budget.kind) continue;
    collect_targets(e, s, row->targets);
    for (uint32_t j = 0; j < e->scratch.len; j++) budget_refund(e, e->scratch.items[j]);
  }
}

static Flow succeed(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  e->using_yes = true;
  ask_needs(e, s);
  e->using_yes = false;
  note_succeeded(e, s);
  refund(e, s);
  act_note(e, s, NOTE_ACTION_END, OUT_OK, 0);
  return act_over(e, s, OUT_OK);
}

static Flow fall_short(Engine *e, uint32_t id, Outcome outcome) {
  Strand *s = strand_at(e, id);
  const CallRow *call = call_row(e, s);
  act_note(e, s, NOTE_ACTION_END, outcome, s->detail);
  if (s->attempt > call->retries) return act_over(e, s, outcome);
  s->attempt++;
  s->phase = ACT_PAUSE;
  strand_timer(e, id, later(e, region_value(e, s, call->retry_after, 0)));
  return FLOW_WAIT;
}

static Flow answered(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const ActionRow *a = action_row(e, s);
  Outcome outcome = (Outcome)s->answer;
  act_ended(e, id, a);
  if (outcome != OUT_OK) {
    if (outcome == OUT_UNKNOWN) late_record(e, a, s); /* before what was known is forgotten */
    forget_effects(e, s, a->makes);
    forget_effects(e, s, a->on_failure);
    return fall_short(e, id, outcome);
  }
  doubt_also(e, s, a->makes);
  believe_silent(e, s);
  read_effects(e, id, a->makes);
  s->phase = ACT_BACK;
  return FLOW_ON;
}

static Flow read_back(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (verdict(e, s) == OUT_UNKNOWN) {
    late_record(e, action_row(e, s), s);
    return fall_short(e, id, OUT_UNKNOWN);
  }
  read_learns(e, id);
  s->phase = ACT_LEARN;
  return FLOW_ON;
}

/* ---- the instruction ---- */

static Flow check_needs(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  sense_begin(e, s);
  s->phase = is_unmet(e, s) ? ACT_SENSE : ACT_ADMIT;
  return FLOW_ON;
}

/* What is known does not suffice: it may have been unknown or stale, so it is read once more. */
static Flow sense_needs(Engine *e, uint32_t id) {
  if (!sense_round(e, id, ask_needs)) return FLOW_WAIT;
  Strand *s = strand_at(e, id);
  if (is_unmet(e, s) && !act_loose(e, id, action_row(e, s))) return refuse(e, id); /* what is loose is about to be locked again */
  s->phase = ACT_ADMIT;
  return FLOW_ON;
}

static Flow admit(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  bool waited = s->wait != WAIT_NOTHING;
  if (strand_diverted(e, id)) {
    bucket_leave(e, id);
    return FLOW_EXIT;
  }
  if (waited && is_unmet(e, s) && !act_loose(e, id, action_row(e, s))) {
    s->wait = WAIT_NOTHING;
    bucket_leave(e, id);
    s->phase = ACT_NEEDS;
    return FLOW_ON;
  }
  if (waited) sense_begin(e, s);
  Admission a = act_admitted(e, id, action_row(e, s));
  if (a == ADMISSION_WAITS) return FLOW_WAIT;
  if (a == ADMISSION_NEVER) {
    act_note(e, s, NOTE_SURPRISE, OUT_FAILED, s->detail);
    return act_over(e, s, OUT_FAILED);
  }
  bool asks = !s->emergency && permits_ask(e, id, action_row(e, s));
  s->phase = asks ? ACT_PERMIT : ACT_FRESH;
  return FLOW_ON;
}

static void ask_stale(Engine *e, Strand *s) {
  e->only_stale = true;
  ask_needs(e, s);
  e->only_stale = false;
}

static void give_place_back(Engine *e, uint32_t id) {
  const Strand *s = strand_at(e, id);
  act_unsent(e, id, action_row(e, s));
  refund(e, s);
}

/* It has its place in every line. Before it goes out, what others may have changed is read once more; what has come in
 * between meanwhile costs it its place. */
static Flow send_fresh(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (!s->emergency && !sense_round(e, id, ask_stale)) return FLOW_WAIT; /* an emergency waits for no reading that it can do without */
  bool out = strand_diverted(e, id), unmet = is_unmet(e, s);
  if (out || unmet || act_hindered(e, id, action_row(e, s))) {
    give_place_back(e, id);
    s->phase = unmet ? ACT_SENSE : ACT_ADMIT; /* what has just been read is not read again before it is refused */
    return out ? FLOW_EXIT : FLOW_ON;
  }
  late_masked(e, action_row(e, s), s);
  send_act(e, id);
  s->phase = ACT_FLIGHT;
  return FLOW_WAIT;
}

static Flow act_phase(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  switch (s->phase) {
    case ACT_NEW: take_arguments(e, s); s->phase = ACT_NEEDS; return FLOW_ON;
    case ACT_NEEDS: return check_needs(e, id);
    case ACT_SENSE: return sense_needs(e, id);
    case ACT_ADMIT: return admit(e, id);
    case ACT_PERMIT: return permits_answered(e, id, action_row(e, s));
    case ACT_ROOM: return permits_wait(e, id, action_row(e, s));
    case ACT_FRESH: return send_fresh(e, id);
    case ACT_FLIGHT: return answered(e, id);
    case ACT_BACK: return read_back(e, id);
    case ACT_LEARN: return succeed(e, id);
    case ACT_PAUSE:
      if (strand_diverted(e, id)) return FLOW_EXIT;
      if (s->timer != TIMER_NONE) return FLOW_WAIT;
      s->phase = ACT_NEEDS;
      return FLOW_ON;
    default: return act_looks(e, id);
  }
}

Flow op_act(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t pc = s->pc;
  for (;;) {
    if (s->outstanding > 0) {
      act_silent(e, id, action_row(e, s));
      return FLOW_WAIT;
    }
    Flow flow = act_phase(e, id);
    if (flow != FLOW_ON || s->pc != pc || s->phase == ACT_NEW) return flow;
  }
}
