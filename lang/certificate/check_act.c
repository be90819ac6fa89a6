/* check_act: one action on the witness, on what it is in, or by another member. What it needs is held against what is. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <string.h>

void cert_has_failed(Checker *k, uint32_t kind) {
  for (uint32_t i = 0; i < k->p->kinds_count && kind != NONE_INDEX; i++)
    if (k->counts[i] && k->holds[i][kind]) k->s.hurt[i] |= CERT_FAILED;
}

void cert_argument_slots(const Checker *k, Slice params, uint8_t slots[LIMIT_SLOTS]) {
  memset(slots, 0, LIMIT_SLOTS);
  for (uint32_t i = 0; i < params.count && i < LIMIT_SLOTS; i++) {
    ValueType t = k->p->param_types[params.first + i];
    slots[i] = t.klass == VALUE_ENTITY ? (uint8_t)(2 * t.ref + 1) : 255;
  }
}

/* ---- needs and policies ---- */

typedef enum Met { MET, NOT_OURS /* it does not hold, which is no doing of the run: its reading keeps it from acting */, BROKEN, UNDECIDED } Met;

static bool is_fact(const Checker *k, const Look *l, uint32_t f) {
  return (l->facts >> f & 1) && k->c.tables.facts[f].klass == CERT_FACT;
}

static bool no_doing_of_ours(const Checker *k, const Look *l) {
  bool found = false, ours = false, left_out = false;
  for (uint32_t f = 0; f < k->c.tables.fact_count; f++) {
    if (!is_fact(k, l, f)) continue;
    found |= (k->s.origin[f] & ORIGIN_FOUND) && !(k->s.values[f] & 1);
    ours |= (k->s.origin[f] & ORIGIN_OURS) != 0;
    left_out |= k->s.out[k->c.tables.facts[f].kind] == CERT_LEFT_OUT;
  }
  for (uint32_t f = 0; f < k->c.tables.fact_count && (k->s.struck || k->s.taken) && !cert_urgent(k); f++)
    found |= is_fact(k, l, f) && cert_was_hit(k, k->c.tables.facts[f].kind); /* as the emergency has left it: it is read */
  return found || (l->locks && left_out && !ours); /* left out as unreadable, hence not locked, and not touched */
}

static Met met(Checker *k, CodeRef region, const uint8_t *slots, Look *l) {
  *l = (Look){.sight = WHAT_IS, .wanted = NONE_INDEX};
  Value x = cert_condition(k, l, region, slots);
  if (x.tag == V_BLUR) return UNDECIDED;
  if (x.tag == V_EITHER || (x.tag != V_UNKNOWN && cert_truth(k, l, x, false))) return MET;
  return no_doing_of_ours(k, l) ? NOT_OURS : BROKEN;
}

/* Does the run read it again before it acts? What it made and read back, and nobody else can have changed, it knows. */
static bool is_read_again(const Checker *k, const Look *l) {
  for (uint32_t f = 0; f < k->c.tables.fact_count; f++) {
    uint16_t before = k->base.values[f];
    if (!is_fact(k, l, f)) continue;
    if ((k->s.origin[f] & ORIGIN_FOUND) || k->befalls[f] || (before & (before - 1)) ||
        (k->base.origin[f] & (ORIGIN_UNSURE | ORIGIN_EXPOSED))) return true;
  }
  return false;
}

/* What decides whether the run sends it. */
typedef struct Before {
  Look all;      /* what was looked at */
  bool holds;
  bool others;   /* more than the witness is judged, each for itself */
} Before;

static void hold_needs(Checker *k, const ActionRow *a, const uint8_t *slots, Before *b) {
  for (uint32_t i = 0; i < a->needs.count && !over(k); i++) {
    const NeedRow *need = &k->p->need_rows[a->needs.first + i];
    Look l;
    if (cert_urgent(k) && cert_is_waived(k->p, cert_urgent(k) - 1, need->condition)) continue;
    Met m = met(k, need->condition, slots, &l);
    if (k->impossible) return;
    if (m == BROKEN) cert_refuse(k, "is reached while this does not hold that it needs", need->text);
    if (m == UNDECIDED) cert_refuse(k, "is reached and needs what cannot be decided", need->text);
    b->holds &= m == MET;
    b->all.yes |= l.yes;
    b->all.facts |= l.facts;
  }
}

static bool meet(const Checker *k, Slice a, Slice b) {
  for (uint32_t i = 0; i < a.count; i++)
    for (uint32_t j = 0; j < b.count; j++)
      if (k->p->index_list[a.first + i] == k->p->index_list[b.first + j]) return true;
  return false;
}

static bool is_about(const Checker *k, const ActionRow *a, uint32_t kind) {
  ValueType t = a->params.count ? k->p->param_types[a->params.first] : (ValueType){0};
  return a->params.count && t.klass == VALUE_ENTITY && t.ref == kind;
}

/* The effect by which it does; NULL: it does not. */
static const EffectRow *makes_what_is_ruled(Checker *k, const ActionRow *a, const RuleRow *r, const uint8_t *slots) {
  for (uint32_t i = 0; i < a->makes.count; i++) {
    const EffectRow *e = &k->p->effects[a->makes.first + i];
    if (e->fact == r->fact && e->kind == r->kind && meet(k, e->values, r->values) && cert_collects(k, e->targets, slots, e->kind, WHAT_IS)) return e;
  }
  return NULL;
}

static bool looks_at_facts(const Checker *k, CodeRef region) {
  bool looks = false;
  for (uint32_t pc = region; region && code_op(k->p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(k->p->code[pc])))
    looks |= code_op(k->p->code[pc]) == OPCODE_FACT || code_op(k->p->code[pc]) == OPCODE_METRIC;
  return looks;
}

static void hold_policy(Checker *k, uint32_t action, const PolicyRow *policy, const uint8_t *slots, Before *b) {
  const ActionRow *a = &k->p->actions[action];
  for (uint32_t i = 0; i < policy->rules.count && !over(k); i++) {
    const RuleRow *r = &k->p->rules[policy->rules.first + i];
    const EffectRow *made = r->form == RULE_FORM_MAKE ? makes_what_is_ruled(k, a, r, slots) : NULL;
    bool ruled = r->form == RULE_FORM_CALL ? r->action == action && (slots[0] & 1) : made != NULL;
    uint8_t own[LIMIT_SLOTS];
    Look l = {0};
    if (!ruled || over(k)) continue;
    cert_argument_slots(k, policy->params, own);
    Met m = r->unless ? met(k, r->unless, own, &l) : BROKEN;
    if (!k->impossible && (m == BROKEN || m == UNDECIDED)) cert_refuse(k, "breaks the policy", policy->name);
    b->holds &= m == MET;
    b->all.yes |= l.yes;
    b->all.facts |= l.facts;
    if (made && looks_at_facts(k, r->unless)) b->others |= !is_about(k, a, made->kind);
  }
}

/* False: the run does not send it. */
static bool is_sent(Checker *k, uint32_t action, const uint8_t *slots, uint32_t *ret_yes) {
  Before b = {.holds = true};
  hold_needs(k, &k->p->actions[action], slots, &b);
  for (uint32_t i = 0; i < k->p->policies_count && b.holds && !over(k); i++) hold_policy(k, action, &k->p->policies[i], slots, &b);
  *ret_yes = b.all.yes;
  if (over(k) || !b.holds) return false;
  if ((b.others || is_read_again(k, &b.all)) && cert_pick(k, 2)) {
    k->fault = true;
    return false;
  }
  return true;
}

static bool an_automation_wrote(const Checker *k, const Look *l) {
  for (uint32_t f = 0; f < k->c.tables.fact_count; f++)
    if ((l->facts >> f & 1) && (k->s.origin[f] & ORIGIN_THEIRS)) return true;
  return false;
}

/* Its locks and its yes it had when it was sent. Only what the run has made so for certain counts. */
void cert_obeyed_late(Checker *k, uint32_t action, const uint8_t *slots) {
  Slice needs = k->p->actions[action].needs;
  for (uint32_t i = 0; i < needs.count && !over(k); i++) {
    const NeedRow *need = &k->p->need_rows[needs.first + i];
    Look l;
    uint32_t picks = k->pick_at;
    Met m = met(k, need->condition, slots, &l);
    bool certain = k->pick_at == picks && l.facts && !l.locks && !l.yes && !an_automation_wrote(k, &l);
    if (m == BROKEN && certain) cert_refuse(k, "is obeyed while this does not hold that it needs", need->text);
  }
}

/* ---- what is written ---- */

void cert_write_effect(Checker *k, const EffectRow *e, const uint8_t *slots, uint8_t origin, int how) {
  uint32_t f = cert_followed(k, CERT_FACT, e->fact, e->kind);
  uint16_t watching = k->queuers[e->fact * k->p->kinds_count + e->kind];
  if ((f == NONE_INDEX && !watching) || !cert_collects(k, e->targets, slots, e->kind, WHAT_IS)) return;
  for (uint32_t a = 0; a < k->p->automations_count; a++)
    if ((watching >> a & 1) && k->s.lock[a] != CERT_FREE) k->s.queued |= (uint16_t)(1u << a);
  if (f == NONE_INDEX || k->s.values[f] == 0) return; /* 0: not followed any more */
  if (cert_is_with_people(k, e->kind)) return;
  uint16_t values = how & WRITE_ANY ? 0 : cert_word_bits(k, e->values);
  if (values == 0) values = k->all[f];
  k->s.values[f] = e->may && !(how & (WRITE_SURE | WRITE_ANY)) ? k->s.values[f] | values : values;
  k->s.origin[f] = origin;
  for (uint32_t a = 0; a < k->p->automations_count; a++)
    if ((k->writers[f] >> a & 1) && k->s.lock[a] == CERT_FREE) k->s.origin[f] |= ORIGIN_EXPOSED;
}

static uint8_t origin_of(const ActionRow *a) { return a->undo == NONE_INDEX ? ORIGIN_OURS : ORIGIN_OURS | ORIGIN_WAY_BACK; }

static bool declares_failure(const Checker *k, const ActionRow *a, const EffectRow *made) {
  for (uint32_t i = 0; i < a->on_failure.count; i++) {
    const EffectRow *e = &k->p->effects[a->on_failure.first + i];
    if (e->fact == made->fact && e->kind == made->kind) return true;
  }
  return false;
}

/* Of what it declares for its failure, that; of all else that it writes, old or new. */
static void write_failure(Checker *k, const ActionRow *a, const uint8_t *slots) {
  for (uint32_t i = 0; i < a->on_failure.count; i++) cert_write_effect(k, &k->p->effects[a->on_failure.first + i], slots, origin_of(a), WRITE_SURE);
  for (uint32_t i = 0; i < a->makes.count; i++) {
    EffectRow e = k->p->effects[a->makes.first + i];
    if (declares_failure(k, a, &e)) continue;
    e.may = 1;
    cert_write_effect(k, &e, slots, origin_of(a), 0);
  }
}

/* ---- late effects ---- */

static uint32_t late_number(const Checker *k, uint32_t action) {
  for (uint32_t i = 0; i < k->c.tables.late_count; i++)
    if (k->c.tables.lates[i] == action) return i;
  return NONE_INDEX;
}

/* Would it undo what a makes? Then the run waits until it cannot come any more. */
static bool would_undo(const Checker *k, const ActionRow *late, const ActionRow *a) {
  for (uint32_t i = 0; i < late->makes.count; i++)
    for (uint32_t j = 0; j < a->makes.count; j++) {
      const EffectRow *x = &k->p->effects[late->makes.first + i], *y = &k->p->effects[a->makes.first + j];
      if (x->fact == y->fact && x->kind == y->kind && (cert_word_bits(k, x->values) & ~cert_word_bits(k, y->values))) return true;
    }
  return false;
}

static void wait_for_late(Checker *k, const ActionRow *a) {
  for (uint32_t i = 0; i < k->c.tables.late_count; i++)
    if (k->s.late[i] && would_undo(k, &k->p->actions[k->c.tables.lates[i]], a)) k->s.late[i] = 0;
}

/* ---- the action ---- */

/* While it goes on, what it writes may be anything, and be seen as that. Only what an automation does then is held against the policies:
 * what comes of it is what comes of the action's failure. */
static void seen_under_way(Checker *k, const ActionRow *a, const uint8_t *slots) {
  for (uint32_t i = 0; i < a->makes.count; i++) cert_write_effect(k, &k->p->effects[a->makes.first + i], slots, ORIGIN_OURS, WRITE_ANY);
  for (uint32_t i = 0; i < a->on_failure.count; i++) cert_write_effect(k, &k->p->effects[a->on_failure.first + i], slots, ORIGIN_OURS, WRITE_ANY);
  uint32_t automation = cert_pick(k, k->p->automations_count);
  Slice triggers = k->p->automations[automation].triggers;
  if (k->s.lock[automation] == CERT_FREE && triggers.count) cert_automation_writes(k, automation, triggers.first + cert_pick(k, triggers.count));
  k->impossible = true;
}

static void note_try(Checker *k, uint32_t action, bool succeeded) {
  for (uint32_t i = 0; i < k->c.tables.tried_count; i++) {
    const CertTried *t = &k->c.tables.tried[i];
    if (!succeeded && t->action == action) k->s.tried[i] = 1;
    if (succeeded && t->since == action && t->action != action) k->s.tried[i] = 0;
  }
}

static void ends(Checker *k, uint8_t outcome) {
  CertFrame *f = strand(k);
  f->outcome = outcome, f->tries = 0;
  memset(f->args, 0, sizeof f->args);
  cert_go_behind(k);
}

static void use_each_yes(Checker *k, CodeRef region) {
  const Program *p = k->p;
  for (uint32_t pc = region; region && code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_YES && p->gates[code_a(p->code[pc])].once) k->s.yes[code_a(p->code[pc])] = CERT_YES_USED;
}

/* Another member's action uses up a yes that is one for all of them. */
static void use_common_yes(Checker *k, uint32_t action) {
  const ActionRow *a = &k->p->actions[action];
  for (uint32_t i = 0; i < a->needs.count; i++) use_each_yes(k, k->p->need_rows[a->needs.first + i].condition);
  for (uint32_t i = 0; i < k->p->rules_count; i++) {
    const RuleRow *r = &k->p->rules[i];
    if (r->form == RULE_FORM_CALL && r->action == action) use_each_yes(k, r->unless);
    for (uint32_t j = 0; j < a->makes.count && r->form == RULE_FORM_MAKE; j++) {
      const EffectRow *e = &k->p->effects[a->makes.first + j];
      if (e->fact == r->fact && e->kind == r->kind && meet(k, e->values, r->values)) use_each_yes(k, r->unless);
    }
  }
}

static void succeeds(Checker *k, uint32_t action, const uint8_t *slots, uint32_t yes) {
  const ActionRow *a = &k->p->actions[action];
  k->after = "succeeds";
  for (uint32_t i = 0; i < a->makes.count; i++) cert_write_effect(k, &k->p->effects[a->makes.first + i], slots, origin_of(a), 0);
  if (slots[0] & 1) note_try(k, action, true);
  else use_common_yes(k, action);
  for (uint32_t g = 0; g < k->p->gates_count; g++)
    if (yes >> g & 1) k->s.yes[g] = CERT_YES_USED;
  if (slots[0] & 1) cert_time_passes(k, a->takes_low);
  cert_may_be_undone(k);
  ends(k, 0);
}

static void fails(Checker *k, const CallRow *call, const uint8_t *slots, uint8_t outcome, bool sent) {
  const ActionRow *a = &k->p->actions[call->action];
  uint32_t late = late_number(k, call->action);
  CertFrame *f = strand(k);
  k->after = sent ? "fails" : "is refused";
  if (sent) write_failure(k, a, slots);
  if (sent) cert_may_be_undone(k);
  bool again = sent && f->tries < call->retries;
  if (sent && outcome == 2 && late != NONE_INDEX && (slots[0] & 1))
    k->s.late[late] |= !(again && cert_duration(k, call->retry_after, f->slots) >= a->may_land);
  if ((slots[0] & 1) && a->params.count && k->p->param_types[a->params.first].klass == VALUE_ENTITY)
    cert_has_failed(k, k->p->param_types[a->params.first].ref);
  if (again) {
    f->tries++;
    memcpy(f->args, slots, sizeof f->args);
    return;
  }
  ends(k, outcome);
}

void cert_act(Checker *k, uint32_t pc, const Value *args) {
  const CallRow *call = &k->p->calls[code_a(k->p->code[pc])];
  const ActionRow *a = &k->p->actions[call->action];
  uint8_t slots[LIMIT_SLOTS] = {0};
  uint32_t yes = 0;
  bool concerned = false;
  k->goes_on = false;
  k->subject = a->name;
  for (uint32_t i = 0; i < a->params.count && i < LIMIT_ACTION_PARAMS; i++) {
    slots[i] = args ? cert_slot_for(args[i]) : strand(k)->args[i];
    concerned |= cert_value_of(slots[i]).tag == V_WITNESS;
  }
  bool urgent = cert_urgent(k) != 0;
  if (concerned) {
    if (!urgent) wait_for_late(k, a);
    bool sent = is_sent(k, call->action, slots, &yes);
    if (over(k)) return;
    if (!sent) { fails(k, call, slots, 1, false); return; }
    note_try(k, call->action, false);
    if (cert_anybody_watches(k, &k->s) && cert_pick(k, 2)) { seen_under_way(k, a, slots); return; }
  }
  bool apart = cert_distinguished(k, pc), late = concerned && late_number(k, call->action) != NONE_INDEX;
  uint8_t outcome = (uint8_t)cert_pick(k, apart ? 3 : 2);
  if (outcome == 1 && late && !apart) outcome = 2; /* what may land late need not: this is failed too */
  k->fault |= outcome != 0;
  if (outcome == 0) succeeds(k, call->action, slots, yes);
  else fails(k, call, slots, outcome, true);
  if (concerned && !urgent) cert_comes_meanwhile(k, call->action);
  if (concerned && !urgent && !cert_urgent(k) && !over(k)) cert_is_taken_meanwhile(k);
}
