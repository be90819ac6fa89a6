/* proof_act: one action on the witness, on what contains it, or by another member: needs and policies are held against what is
 * true, then every outcome that its contract allows. */
#include <config.h>

#include "lang/proof/prover.h"
#include "lang/waiver.h"

#include <string.h>

static const CallRow *call_at(const Prover *v, uint32_t pc) { return &v->p->calls[code_a(v->p->code[pc])]; }

void hurt(Prover *v, uint32_t kind) {
  for (uint32_t k = 0; k < v->p->kinds_count && kind != NONE_INDEX; k++)
    if (v->m.owned[k] && leads(v, k, kind)) v->now.hurt[k] |= HURT;
}

/* ---- needs, policies ---- */

typedef enum Met { MET, BROKEN, REFUSED, UNDECIDED } Met;

/* Left out because it could not be read, hence not locked, and not touched since. */
static bool left_as_found(const Prover *v, const Eval *e) {
  bool left = false;
  for (uint32_t i = 0; i < v->m.var_count && e->locks_read; i++) {
    if (!(e->read >> i & 1) || v->m.vars[i].kind != VAR_FACT) continue;
    if (v->now.ghost[i] & OURS) return false;
    left |= v->now.out[v->m.vars[i].entity_kind] == OUT_LEFT;
  }
  return left;
}

/* A reading has found one of them otherwise than it ordinarily is. */
static bool found_so(const Prover *v, uint64_t read) {
  for (uint32_t i = 0; i < v->m.var_count; i++)
    if ((read >> i & 1) && v->m.vars[i].kind == VAR_FACT && (v->now.ghost[i] & FOUND) && !(v->now.mask[i] & v->m.vars[i].ordinary)) return true;
  return false;
}

/* What an emergency has hit is as that has left it, whatever the runbook does: the run reads it before it acts on others. */
static bool is_left_by_emergency(const Prover *v, uint64_t read) {
  if ((v->now.struck == 0 && v->now.taken == 0) || emergency_of(v)) return false;
  for (uint32_t i = 0; i < v->m.var_count; i++)
    if ((read >> i & 1) && v->m.vars[i].kind == VAR_FACT && struck_within(v, v->m.vars[i].entity_kind)) return true;
  return false;
}

/* REFUSED: what does not hold is no doing of ours: the run reads it and does not send the action. */
static Met condition_met(Prover *v, CodeRef condition, const uint8_t *slots, Eval *e) {
  *e = (Eval){.sight = SIGHT_TRUTH, .collects = NONE_INDEX};
  Val x = value_region(v, e, condition, slots);
  if (x.tag == T_VAR) x = (Val){.tag = T_INT, .v = value_truth(v, e, x, false)};
  if (x.tag == T_OPAQUE) return UNDECIDED;
  if (x.tag == T_OTHERS || (x.tag == T_INT && x.v != 0)) return MET;
  return found_so(v, e->read) || left_as_found(v, e) || is_left_by_emergency(v, e->read) ? REFUSED : BROKEN;
}

/* The fact that the condition was about, for the message: the last one that was read. */
static uint32_t told_var(const Eval *e) { return e->read ? 63u - (uint32_t)__builtin_clzll(e->read) : NONE_INDEX; }

static void find_about(Prover *v, FindingKind kind, uint32_t row, uint32_t subject, uint32_t pc, const Eval *e) {
  uint32_t var = told_var(e);
  find(v, kind, row, subject, pc, var == NONE_INDEX ? NONE_INDEX : v->m.vars[var].row, var == NONE_INDEX ? NONE_INDEX : v->m.vars[var].entity_kind);
}

static bool by_an_automation(const Prover *v, uint64_t read) {
  for (uint32_t i = 0; i < v->m.var_count; i++)
    if ((read >> i & 1) && (v->now.ghost[i] & THEIRS)) return true;
  return false;
}

/* What the action needs of facts, while it is obeyed late: its locks and its yes it had. Only what the run has made so for certain:
 * what failures and automations leave behind is told where they do. */
void late_needs_hold(Prover *v, uint32_t action, const uint8_t *slots) {
  Slice needs = v->p->actions[action].needs;
  for (uint32_t i = 0; i < needs.count && !v->dead; i++) {
    Eval e;
    uint32_t choices = v->choice_at;
    Met met = condition_met(v, v->p->need_rows[needs.first + i].condition, slots, &e);
    bool certain = v->choice_at == choices && e.read && !e.locks_read && !e.yes_read && !by_an_automation(v, e.read);
    if (met == BROKEN && certain) find_about(v, FINDING_NEED, needs.first + i, action, NONE_INDEX, &e);
  }
}

/* What the run has made and read back, and nobody else can change, it knows. All else it reads right before it sends: what it found,
 * what a hazard may have changed, what a failure has left open. */
static bool is_read_again(const Prover *v, uint64_t read) {
  for (uint32_t i = 0; i < v->m.var_count; i++) {
    uint16_t before = v->base.mask[i];
    if (!(read >> i & 1) || v->m.vars[i].kind != VAR_FACT) continue;
    if ((v->now.ghost[i] & FOUND) || v->m.vars[i].befalls || (before & (before - 1)) || (v->base.ghost[i] & (UNSURE | EXPOSED))) return true;
  }
  return false;
}

/* What an action is judged by before it is sent: does all of it hold, and what was looked at for that? */
typedef struct Judged {
  bool met;
  bool of_others;  /* things besides the witness are judged too, each as it is */
  uint64_t read;   /* variables */
  uint32_t yes;    /* gates whose yes it rests on */
} Judged;

static void judge_needs(Prover *v, uint32_t pc, uint32_t action, const uint8_t *slots, Judged *j) {
  Slice needs = v->p->actions[action].needs;
  uint32_t emergency = emergency_of(v);
  for (uint32_t i = 0; i < needs.count && !v->dead; i++) {
    Eval e;
    if (emergency && emergency_waives(v->p, emergency - 1, v->p->need_rows[needs.first + i].condition)) continue;
    switch (condition_met(v, v->p->need_rows[needs.first + i].condition, slots, &e)) {
      case BROKEN: find_about(v, FINDING_NEED, needs.first + i, action, pc, &e); j->met = false; break;
      case REFUSED: j->met = false; break;
      case UNDECIDED: find_about(v, FINDING_OPAQUE, needs.first + i, action, pc, &e); break;
      case MET: break;
    }
    j->yes |= e.yes_read;
    j->read |= e.read;
  }
}

bool values_meet(const Prover *v, Slice a, Slice b) {
  for (uint32_t i = 0; i < a.count; i++)
    for (uint32_t j = 0; j < b.count; j++)
      if (v->p->index_list[a.first + i] == v->p->index_list[b.first + j]) return true;
  return false;
}

static uint32_t subject_kind(const Prover *v, const ActionRow *a) {
  ValueType t = a->params.count ? v->p->param_types[a->params.first] : (ValueType){0};
  return a->params.count && t.klass == VALUE_ENTITY ? t.ref : NONE_INDEX;
}

/* *ret_wide: besides the witness it makes so what else is in the thing that it is about. */
static bool makes_forbidden(Prover *v, const ActionRow *a, const RuleRow *r, const uint8_t *slots, bool *ret_wide) {
  for (uint32_t i = 0; i < a->makes.count; i++) {
    const EffectRow *row = &v->p->effects[a->makes.first + i];
    if (row->fact == r->fact && row->kind == r->kind && values_meet(v, row->values, r->values) &&
        value_collects(v, row->targets, slots, row->kind, SIGHT_TRUTH)) {
      *ret_wide = subject_kind(v, a) != row->kind;
      return true;
    }
  }
  return false;
}

static bool reads_facts(const Prover *v, CodeRef region) {
  for (uint32_t pc = region; code_op(v->p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(v->p->code[pc])))
    if (code_op(v->p->code[pc]) == OPCODE_FACT || code_op(v->p->code[pc]) == OPCODE_METRIC) return true;
  return false;
}

static void hold_rule(Prover *v, uint32_t pc, uint32_t action, const PolicyRow *policy, uint32_t rule, const uint8_t *slots, Judged *j) {
  const RuleRow *r = &v->p->rules[rule];
  bool wide = false;
  bool concerned = r->form == RULE_FORM_CALL ? r->action == action && (slots[0] - 1u) % 2 == 0
                                             : r->form == RULE_FORM_MAKE && makes_forbidden(v, &v->p->actions[action], r, slots, &wide);
  if (!concerned || v->dead) return;
  Eval e = {0};
  uint8_t own[LIMIT_SLOTS];
  witness_slots(v, policy->params, own);
  Met met = r->unless ? condition_met(v, r->unless, own, &e) : BROKEN;
  if (met == BROKEN) find_about(v, r->form == RULE_FORM_CALL ? FINDING_CALL : FINDING_MAKE, rule, action, pc, &e);
  if (met == UNDECIDED) find_about(v, FINDING_OPAQUE, rule, action, pc, &e);
  j->met &= met == MET || met == UNDECIDED;
  j->of_others |= wide && r->unless && reads_facts(v, r->unless);
  j->yes |= e.yes_read;
  j->read |= e.read;
}

static void judge_policies(Prover *v, uint32_t pc, uint32_t action, const uint8_t *slots, Judged *j) {
  for (uint32_t i = 0; i < v->p->policies_count; i++) {
    const PolicyRow *policy = &v->p->policies[i];
    for (uint32_t k = 0; k < policy->rules.count && !v->dead; k++) hold_rule(v, pc, action, policy, policy->rules.first + k, slots, j);
  }
}

/* False: it is not sent. Collects the gates whose yes it rests on. */
static bool is_sent(Prover *v, uint32_t pc, uint32_t action, const uint8_t *slots, uint32_t *ret_yes) {
  Judged j = {.met = true};
  judge_needs(v, pc, action, slots, &j);
  v->move.value = j.met && !is_read_again(v, j.read); /* what keeps it from being sent is a policy */
  if (j.met) judge_policies(v, pc, action, slots, &j);
  *ret_yes = j.yes;
  if (v->dead || !j.met) return false;
  if ((j.of_others || is_read_again(v, j.read)) && choose(v, 2) == 1) { /* and cannot be read, or is otherwise through no doing of ours */
    fault(v);
    return false;
  }
  v->move.value = 0;
  return true;
}

/* ---- effects ---- */

uint16_t codes_mask(const Prover *v, Slice values) {
  uint16_t mask = 0;
  for (uint32_t i = 0; i < values.count; i++) {
    uint32_t code = v->p->index_list[values.first + i];
    if (code >= 1 && code <= WORDS_MAX) mask |= (uint16_t)(1u << (code - 1));
  }
  return mask;
}

/* After a failure what it may have written is old or new; what it declares of its failure is that. */
void apply_effect(Prover *v, const EffectRow *row, const uint8_t *slots, uint8_t ghost, bool on_failure) {
  uint32_t var = v->m.fact_var[row->fact * v->p->kinds_count + row->kind];
  if (var == NONE_INDEX || !value_collects(v, row->targets, slots, row->kind, SIGHT_TRUTH)) return;
  uint16_t mask = codes_mask(v, row->values);
  if (mask == 0) mask = v->m.vars[var].all;
  if ((v->now.settled || v->now.taken) && is_settled(v, row->kind)) return;
  v->now.mask[var] = row->may && !on_failure ? v->now.mask[var] | mask : mask;
  v->now.ghost[var] = ghost;
  for (uint32_t a = 0; a < v->p->automations_count && (ghost & OURS); a++) {
    if ((v->m.vars[var].writers >> a & 1) && v->now.lock[a] == LOCK_IS_FREE) v->now.ghost[var] |= EXPOSED;
    if ((v->m.vars[var].queuers >> a & 1) && v->now.lock[a] != LOCK_IS_FREE) v->now.queued |= (uint16_t)(1u << a);
  }
}

static uint8_t ghost_of(const ActionRow *a) { return a->undo == NONE_INDEX ? OURS : OURS | TEMPORARY; }

static void apply_makes(Prover *v, const ActionRow *a, const uint8_t *slots) {
  for (uint32_t i = 0; i < a->makes.count; i++) apply_effect(v, &v->p->effects[a->makes.first + i], slots, ghost_of(a), false);
}

static bool declared(const Prover *v, const ActionRow *a, const EffectRow *made) {
  for (uint32_t i = 0; i < a->on_failure.count; i++) {
    const EffectRow *row = &v->p->effects[a->on_failure.first + i];
    if (row->fact == made->fact && row->kind == made->kind) return true;
  }
  return false;
}

static void apply_failure(Prover *v, const ActionRow *a, const uint8_t *slots) {
  for (uint32_t i = 0; i < a->on_failure.count; i++) apply_effect(v, &v->p->effects[a->on_failure.first + i], slots, ghost_of(a), true);
  for (uint32_t i = 0; i < a->makes.count; i++) {
    EffectRow row = v->p->effects[a->makes.first + i];
    if (declared(v, a, &row)) continue;
    row.may = 1;
    apply_effect(v, &row, slots, ghost_of(a), false);
  }
}

/* ---- late effects ---- */

/* A late effect that would not satisfy what the new action makes true. */
static bool contradicts(const Prover *v, const ActionRow *a, const ActionRow *late) {
  for (uint32_t i = 0; i < a->makes.count; i++)
    for (uint32_t j = 0; j < late->makes.count; j++) {
      const EffectRow *x = &v->p->effects[a->makes.first + i], *y = &v->p->effects[late->makes.first + j];
      if (x->fact == y->fact && x->kind == y->kind && (codes_mask(v, y->values) & ~codes_mask(v, x->values))) return true;
    }
  return false;
}

/* The run sends nothing that a late effect would undo: it waits until that has landed or cannot any more. */
static void wait_for_late(Prover *v, const ActionRow *a) {
  for (uint32_t i = 0; i < v->m.late_count; i++)
    if (v->now.late[i] && contradicts(v, a, &v->p->actions[v->m.late_actions[i]])) v->now.late[i] = 0;
}

/* ---- under way ---- */

/* While an action is under way, what it writes may be anything, and be seen as that by an automation that is not locked. */
static void move_under_way(Prover *v, uint32_t pc, const ActionRow *a, const uint8_t *slots) {
  for (uint32_t pass = 0; pass < 2; pass++) {
    Slice effects = pass ? a->on_failure : a->makes;
    for (uint32_t i = 0; i < effects.count; i++) {
      EffectRow any = v->p->effects[effects.first + i];
      any.values.count = 0, any.may = 0;
      apply_effect(v, &any, slots, OURS, true);
    }
  }
  uint32_t automation = choose(v, v->p->automations_count);
  Slice triggers = v->p->automations[automation].triggers;
  if (v->now.lock[automation] != LOCK_IS_FREE || triggers.count == 0) return;
  automation_acts(v, automation, triggers.first + choose(v, triggers.count), pc);
}

/* ---- the instruction ---- */

/* With an order to wait for each other: tried since. */
static void remember_try(Prover *v, uint32_t action, bool succeeded) {
  for (uint32_t i = 0; i < v->m.tried_count; i++) {
    if (succeeded && v->m.tried[i].since == action && v->m.tried[i].action != action) v->now.tried[i] = 0;
    if (!succeeded && v->m.tried[i].action == action) v->now.tried[i] = 1;
  }
}

static bool is_recovery(const Prover *v, const ActionRow *a) {
  for (uint32_t i = 0; i < a->makes.count; i++)
    if (codes_mask(v, v->p->effects[a->makes.first + i].values) != 1) return false;
  return true;
}

/* The way back ends at the first success of something that has none and leaves the ordinary. */
static void note_irreversible(Prover *v, uint32_t pc, uint32_t action) {
  const ActionRow *a = &v->p->actions[action];
  if (!a->has_undo_none || a->makes.count == 0 || is_recovery(v, a) || v->irreversible) return;
  v->irreversible = pc;
}

static void end_call(Prover *v, uint8_t outcome) {
  FrameCell *f = top(v);
  f->outcome = outcome;
  f->tries = 0;
  memset(f->args, 0, sizeof f->args);
  step_next(v);
}

static void use_yes_of(Prover *v, CodeRef condition) {
  for (uint32_t pc = condition; code_op(v->p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(v->p->code[pc])))
    if (code_op(v->p->code[pc]) == OPCODE_YES && v->p->gates[code_a(v->p->code[pc])].once) v->now.yes[code_a(v->p->code[pc])] = YES_USED;
}

static bool may_concern(const Prover *v, const RuleRow *r, uint32_t action) {
  Slice makes = v->p->actions[action].makes;
  for (uint32_t i = 0; i < makes.count && r->form == RULE_FORM_MAKE; i++) {
    const EffectRow *row = &v->p->effects[makes.first + i];
    if (row->fact == r->fact && row->kind == r->kind && values_meet(v, row->values, r->values)) return true;
  }
  return r->form == RULE_FORM_CALL && r->action == action;
}

/* Another member's action uses up a yes that was one for all. */
static void use_common_yes(Prover *v, uint32_t action) {
  Slice needs = v->p->actions[action].needs;
  for (uint32_t i = 0; i < needs.count; i++) use_yes_of(v, v->p->need_rows[needs.first + i].condition);
  for (uint32_t i = 0; i < v->p->rules_count; i++)
    if (v->p->rules[i].unless && may_concern(v, &v->p->rules[i], action)) use_yes_of(v, v->p->rules[i].unless);
}

static void outcome_ok(Prover *v, uint32_t pc, uint32_t action, const uint8_t *slots, uint32_t yes) {
  apply_makes(v, &v->p->actions[action], slots);
  if ((slots[0] - 1u) % 2 == 0) remember_try(v, action, true);
  else use_common_yes(v, action);
  for (uint32_t i = 0; i < v->p->gates_count; i++)
    if (yes >> i & 1) v->now.yes[i] = YES_USED;
  note_irreversible(v, pc, action);
  if ((slots[0] - 1u) % 2 == 0) time_passes(v, v->p->actions[action].takes_low);
  redo_what_was_under_way(v);
  end_call(v, 0);
}

/* Is it tried again no earlier than the first request can no longer be obeyed? */
static bool waits_as_long(Prover *v, uint32_t pc) {
  const CallRow *call = call_at(v, pc);
  Val d = value_of_region(v, call->retry_after, top(v)->slots);
  return d.tag == T_INT && d.v >= v->p->actions[call->action].may_land;
}

static void outcome_bad(Prover *v, uint32_t pc, uint32_t action, const uint8_t *slots, uint8_t outcome, bool sent) {
  const ActionRow *a = &v->p->actions[action];
  uint32_t late = model_late(v, action);
  bool ours = (slots[0] - 1u) % 2 == 0;
  if (sent) apply_failure(v, a, slots);
  if (sent) redo_what_was_under_way(v);
  bool again = sent && top(v)->tries < call_at(v, pc)->retries;
  if (sent && outcome == 2 && late != NONE_INDEX && ours && !(again && waits_as_long(v, pc))) v->now.late[late] = 1;
  if (ours) hurt(v, subject_kind(v, a));
  if (again) {
    top(v)->tries++;
    memcpy(top(v)->args, slots, sizeof top(v)->args);
    return;
  }
  end_call(v, outcome);
}

/* An emergency came while it was under way: what that does may be undone by it still. */
static void struck_under_way(Prover *v, uint32_t action) {
  uint32_t watched[EMERGENCIES_MAX], count = 0;
  for (uint32_t i = 0; i < v->p->emergencies_count; i++)
    if (emergency_is_watched(v, &v->now, i)) watched[count++] = i;
  uint32_t which = count ? choose(v, count + 1) : 0;
  if (which) emergency_strikes(v, watched[which - 1], action);
}

void step_act(Prover *v, uint32_t pc, const Val *args) {
  uint32_t action = call_at(v, pc)->action, yes = 0;
  const ActionRow *a = &v->p->actions[action];
  uint8_t slots[LIMIT_SLOTS] = {0};
  bool concerned = false;
  for (uint32_t i = 0; i < a->params.count; i++) {
    slots[i] = args ? slot_of(args[i]) : top(v)->args[i];
    concerned |= value_of_slot(slots[i]).tag == T_WITNESS;
  }
  v->move.kind = MOVE_ACT, v->move.subject = action, v->move.of_sibling = !concerned;
  if (concerned) {
    if (!emergency_of(v)) wait_for_late(v, a);
    bool sent = is_sent(v, pc, action, slots, &yes);
    if (v->dead) return;
    if (!sent) {
      v->move.kind = MOVE_REFUSED, v->move.outcome = 1;
      outcome_bad(v, pc, action, slots, 1, false);
      return;
    }
    v->m.sent[action] |= v->nodes[v->from].faults + v->faults ? SENT_ON_SOME_WAY : SENT_ON_SOME_WAY | SENT_ON_A_GOOD_DAY;
    remember_try(v, action, false);
  }
  if (concerned && somebody_watches(v, &v->now) && choose(v, 2) == 1) {
    move_under_way(v, pc, a, slots);
    v->dead = true; /* it is told; what comes of it, is what comes of the failure */
    return;
  }
  bool lands = concerned && model_late(v, action) != NONE_INDEX;
  uint8_t outcome = (uint8_t)choose(v, tells_apart(v, pc) ? 3 : 2);
  if (outcome == 1 && lands && !tells_apart(v, pc)) outcome = 2; /* covers failed: what may land late need not */
  v->move.outcome = outcome;
  if (outcome) fault(v);
  bool may_strike = concerned && !emergency_of(v);
  if (outcome == 0) outcome_ok(v, pc, action, slots, yes);
  else outcome_bad(v, pc, action, slots, outcome, true);
  if (may_strike) struck_under_way(v, action);
  if (may_strike && !emergency_of(v)) preempt_under_way(v);
}
