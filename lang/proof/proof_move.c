/* proof_move: what the run does not decide and that may come between any two steps: automations that are not locked, hazards, late
 * effects, the other members of an open fan-out, a person who cancels or sets a member aside, a window
 * that closes, a guard that trips. A runtime that is down takes no step meanwhile, which is always possible, so a crash is no
 * move of its own. */
#include <config.h>

#include "lang/proof/prover.h"

#include <string.h>

/* ---- automations ---- */

static bool changes(const Prover *v, Slice effects) {
  for (uint32_t i = 0; i < effects.count; i++) {
    const EffectRow *row = &v->p->effects[effects.first + i];
    uint32_t var = v->m.fact_var[row->fact * v->p->kinds_count + row->kind];
    if (var != NONE_INDEX && (v->now.mask[var] != codes_mask(v, row->values) || is_settled(v, row->kind))) return true;
  }
  return false;
}

typedef enum Holds { HOLDS_NOT, HOLDS_PERHAPS /* up to others, or to what is not followed */, HOLDS } Holds;

static Holds trigger_holds(Prover *v, const TriggerRow *t, const uint8_t *slots, Sight sight) {
  if (!t->condition) return sight == SIGHT_TRUTH ? HOLDS : HOLDS_NOT;
  Eval e = {.sight = sight, .collects = NONE_INDEX};
  Val x = value_region(v, &e, t->condition, slots);
  if (x.tag == T_OTHERS || x.tag == T_OPAQUE) return HOLDS_PERHAPS;
  return value_truth(v, &e, x, false) == 1 ? HOLDS : HOLDS_NOT;
}

/* Ours when the trigger would hold less had the run left everything as it was. */
static bool caused_by_us(Prover *v, const TriggerRow *t, const uint8_t *slots, Holds now) {
  PState saved = v->now;
  uint32_t faults = v->faults;
  Holds would = trigger_holds(v, t, slots, SIGHT_AS_FOUND);
  v->now = saved;
  v->faults = faults;
  return would < now;
}

static const PolicyRow *policy_of(const Program *p, uint32_t rule) {
  for (uint32_t i = 0; i < p->policies_count; i++)
    if (rule >= p->policies[i].rules.first && rule < p->policies[i].rules.first + p->policies[i].rules.count) return &p->policies[i];
  return NULL;
}

/* `emergency` asks whether one has hit what the automation acts on. What is up to others counts as met, as it does before an action. */
static bool is_let(Prover *v, uint32_t rule) {
  const RuleRow *r = &v->p->rules[rule];
  uint8_t own[LIMIT_SLOTS];
  Eval e = {.sight = SIGHT_TRUTH, .collects = NONE_INDEX};
  if (!r->unless) return false;
  witness_slots(v, policy_of(v->p, rule)->params, own);
  v->let_kind = r->kind;
  Val x = value_region(v, &e, r->unless, own);
  v->let_kind = NONE_INDEX;
  if (x.tag == T_VAR) return value_truth(v, &e, x, false) == 1;
  return x.tag == T_OTHERS || (x.tag == T_INT && x.v != 0);
}

static void hold_let(Prover *v, uint32_t automation, const EffectRow *row) {
  for (uint32_t i = 0; i < v->p->rules_count; i++) {
    const RuleRow *r = &v->p->rules[i];
    if (r->form != RULE_FORM_LET || r->fact != row->fact || r->kind != row->kind) continue;
    if (values_meet(v, row->values, r->values) && !is_let(v, i) && !v->dead) find(v, FINDING_LET, i, automation, NONE_INDEX, row->fact, row->kind);
  }
}

void automation_acts(Prover *v, uint32_t automation, uint32_t trigger, uint32_t under_way) {
  const TriggerRow *t = &v->p->triggers[trigger];
  uint8_t slots[LIMIT_SLOTS] = {(uint8_t)(1 + 2 * v->p->automations[automation].kind)};
  v->move = (Move){.kind = MOVE_AUTOMATION, .subject = automation, .value = t->effects.first, .pc = under_way};
  bool late = v->now.queued >> automation & 1; /* from its queue: whatever is true by now */
  Holds now = late ? HOLDS : trigger_holds(v, t, slots, SIGHT_TRUTH);
  if (now == HOLDS_NOT || v->dead) { v->dead = true; return; }
  if (!late && !caused_by_us(v, t, slots, now)) { v->dead = true; return; } /* what they do anyway is in what may be read */
  v->now.queued &= (uint16_t)~(1u << automation);
  for (uint32_t i = 0; i < t->effects.count && !v->dead; i++) {
    const EffectRow *row = &v->p->effects[t->effects.first + i];
    EffectRow sure = *row;
    sure.may = 0;
    apply_effect(v, &sure, slots, OURS | THEIRS, false);
    hold_let(v, automation, row);
  }
}

static void act_alone(Prover *v, uint32_t automation, uint32_t trigger) { automation_acts(v, automation, trigger, 0); }

static void land(Prover *v, uint32_t late, uint32_t b) {
  const ActionRow *a = &v->p->actions[v->m.late_actions[late]];
  uint8_t slots[LIMIT_SLOTS];
  (void)b;
  witness_slots(v, a->params, slots);
  v->move = (Move){.kind = MOVE_LATE, .subject = v->m.late_actions[late]};
  fault(v);
  if (!is_struck_action(v, v->m.late_actions[late])) late_needs_hold(v, v->m.late_actions[late], slots);
  for (uint32_t i = 0; i < a->makes.count; i++) apply_effect(v, &v->p->effects[a->makes.first + i], slots, OURS, false);
  v->now.late[late] = 0;
}

/* ---- others, people, time ---- */

static void other_leaves(Prover *v, uint32_t fan, uint32_t kind) {
  v->move = (Move){.kind = MOVE_OTHER_OUT, .subject = kind, .value = fan};
  fault(v);
  hurt(v, kind);
  put_out(v, kind, v->m.fans[fan].aside[kind] == 1 ? OUT_ASIDE : OUT_KEPT);
}

static void stop_fan(Prover *v, uint32_t frame, uint32_t how) {
  v->move = (Move){.kind = MOVE_OTHER_STOP, .subject = v->now.frames[frame].fan, .value = how, .pc = v->now.frames[frame].pc};
  fault(v);
  v->now.frames[frame].stopped = (uint8_t)how;
  if (v->now.frames[frame].fan > 0 && !v->now.frames[frame].sibling) hurt(v, v->p->fans[v->now.frames[frame].fan - 1].kind); /* what holds those that failed */
}

static void cancel(Prover *v, uint32_t a, uint32_t b) {
  (void)a, (void)b;
  v->move = (Move){.kind = MOVE_CANCEL};
  fault(v);
  v->now.cancelled = 1;
  FrameCell *f = &v->now.frames[0];
  if (f->open && !f->stopped) f->stopped = STOPPED_CANCEL;
}

/* `tagout set-aside`: of whatever some fan-out goes over, at any moment behind the last lockout; the runtime refuses it before.
 * A hold and a pause only make the run slow, which it may be anyway. */
static void person_aside(Prover *v, uint32_t kind, uint32_t b) {
  (void)b;
  v->move = (Move){.kind = MOVE_PERSON_OUT, .subject = kind};
  fault(v);
  hurt(v, kind);
  put_out(v, kind, OUT_ASIDE);
}

static void close_window(Prover *v, uint32_t fan, uint32_t b) {
  (void)b;
  uint32_t kind = v->p->fans[fan].kind;
  v->move = (Move){.kind = MOVE_WINDOW, .subject = kind};
  fault(v);
  v->now.window_over = 1;
  hurt(v, kind);
  put_out(v, kind, OUT_KEPT);
}

static void trip(Prover *v, uint32_t frame, uint32_t scope) {
  FrameCell *f = &v->now.frames[frame];
  v->move = (Move){.kind = MOVE_TRIP, .subject = f->scopes[scope].row};
  fault(v);
  f->tripped = (uint8_t)(scope + 1);
  if (f->open && !f->stopped) f->stopped = STOPPED_GUARD;
}

/* ---- which may come now ---- */

static void automations(Prover *v, void (*each)(Prover *, Make *, uint32_t, uint32_t)) {
  for (uint32_t a = 0; a < v->p->automations_count; a++) {
    const AutomationRow *row = &v->p->automations[a];
    if (v->base.lock[a] != LOCK_IS_FREE) continue;
    for (uint32_t t = 0; t < row->triggers.count; t++) {
      v->now = v->base;
      if (changes(v, v->p->triggers[row->triggers.first + t].effects)) each(v, act_alone, a, row->triggers.first + t);
    }
  }
}

static void open_fans(Prover *v, void (*each)(Prover *, Make *, uint32_t, uint32_t)) {
  for (uint32_t i = 0; i < v->base.frame_count; i++) {
    const FrameCell *f = &v->base.frames[i];
    if (!f->open || f->stopped) continue;
    uint32_t fan = code_a(v->p->code[f->pc]);
    const FanInfo *info = &v->m.fans[fan];
    for (uint32_t k = 0; k < v->p->kinds_count; k++)
      if (info->aside[k] && v->base.out[k] == OUT_NOT) each(v, other_leaves, fan, k);
    bool here = i + 1 == v->base.frame_count && !(info->together && f->member == FAN_MEMBER_WAITS); /* who is under way finishes: no earlier */
    if (here && info->stops && info->outs) each(v, stop_fan, i, STOPPED_TOLERANCE);
    if (here && info->fails) each(v, stop_fan, i, STOPPED_FAIL);
    if (here && info->stops && !info->outs) each(v, stop_fan, i, STOPPED_TOLERANCE);
    bool window = v->p->windows_count > 0 && !f->masked && (i == 0 || v->p->fans[fan].fits);
    if (window && f->member == FAN_MEMBER_WAITS) each(v, close_window, fan, 0);
  }
}

static void people(Prover *v, void (*each)(Prover *, Make *, uint32_t, uint32_t)) {
  const PState *s = &v->base;
  bool may = v->people && s->frames[0].pc > v->m.last_lock && s->frames[0].pc >= v->people_from;
  for (uint32_t k = 0; may && k < v->p->kinds_count; k++)
    if (v->m.gone_over[k] && s->out[k] == OUT_NOT) each(v, person_aside, k, 0);
  if (!s->cancelled && s->frame_count == 1 && !s->frames[0].masked) each(v, cancel, 0, 0);
}

static void guards(Prover *v, void (*each)(Prover *, Make *, uint32_t, uint32_t)) {
  for (uint32_t i = 0; i < v->base.frame_count; i++) {
    const FrameCell *f = &v->base.frames[i];
    for (uint32_t s = f->scope_count; s-- > 0 && !f->tripped;) {
      if (f->scopes[s].kind == IN_ATTEMPT && f->scopes[s].undoing) break;
      if (f->scopes[s].kind == IN_GUARD) each(v, trip, i, s);
    }
  }
}

/* What nobody looks at before it changes again may as well change later: hazards and late effects come right before an
 * instruction that reads. */
static bool about_to_read(const Prover *v) {
  const FrameCell *f = &v->base.frames[v->base.frame_count - 1];
  if (f->leaving) return f->scope_count > 0 && f->scopes[f->scope_count - 1].kind == IN_LOCKOUT;
  uint32_t pc = f->pc;
  while (code_op(v->p->code[pc]) < OPCODE_SENSE) pc += code_words(code_op(v->p->code[pc]));
  switch ((int)code_op(v->p->code[pc])) {
    case OPCODE_SENSE: case OPCODE_ACT: case OPCODE_CONFIRM: case OPCODE_UNLOCK: case OPCODE_SELECT: case OPCODE_LEAVE_OUT: return true;
    case OPCODE_FAN: return !f->open && v->p->fans[code_a(v->p->code[pc])].sense;
    case OPCODE_GATE: case OPCODE_LOCK: case OPCODE_REQUIRE: return true;
    default: return false;
  }
}

/* An automation that is not locked reads at any time. */
bool somebody_watches(const Prover *v, const PState *s) {
  for (uint32_t a = 0; a < v->p->automations_count; a++)
    if (s->lock[a] == LOCK_IS_FREE && v->p->automations[a].triggers.count) return true;
  return false;
}

static void strike(Prover *v, uint32_t row, uint32_t b) {
  (void)b;
  emergency_strikes(v, row, NONE_INDEX);
}

/* The last chance is before the run ends. */
static bool about_to_end(const Prover *v) {
  const FrameCell *f = &v->base.frames[0];
  return v->base.frame_count == 1 && (f->leaving ? f->scope_count == 0 : code_op(v->p->code[f->pc]) == OPCODE_HALT);
}

/* What comes before an instruction that reads nothing may as well come behind it: what leaves is told from what stays by what is read. */
static void emergencies(Prover *v, void (*each)(Prover *, Make *, uint32_t, uint32_t)) {
  bool seen = v->p->emergencies_count && (about_to_read(v) || about_to_end(v));
  for (uint32_t i = 0; i < v->p->emergencies_count && seen; i++)
    if (emergency_is_watched(v, &v->base, i)) each(v, strike, i, 0);
}

static void take(Prover *v, uint32_t kind, uint32_t b) {
  (void)b;
  preempt(v, kind);
}

static void preemptions(Prover *v, void (*each)(Prover *, Make *, uint32_t, uint32_t)) {
  uint32_t kinds = about_to_read(v) || about_to_end(v) ? preempts_now(v, &v->base) : 0;
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (kinds >> k & 1) each(v, take, k, 0);
}

void each_move(Prover *v, void (*each)(Prover *v, Make *make, uint32_t a, uint32_t b)) {
  const PState *s = &v->base;
  automations(v, each);
  bool seen = s->ended || about_to_read(v) || somebody_watches(v, s);
  for (uint32_t i = 0; i < v->m.late_count && seen; i++)
    if (v->base.late[i]) each(v, land, i, 0);
  if (s->ended) return;
  emergencies(v, each);
  preemptions(v, each);
  open_fans(v, each);
  guards(v, each);
  people(v, each);
}
