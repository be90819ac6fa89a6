/* check_move: what the run does not decide and that may come between any two steps. A runtime that is down takes no step, which it may do
 * anyway: a crash is no move of its own. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <string.h>

/* ---- automations ---- */

typedef enum Triggered { NO, PERHAPS /* up to what is not followed */, YES } Triggered;

static Triggered triggered(Checker *k, const TriggerRow *t, const uint8_t *slots, Sight sight) {
  Look l = {.sight = sight, .wanted = NONE_INDEX};
  if (!t->condition) return sight == WHAT_IS ? YES : NO; /* whatever it does, it does not do it by itself */
  Value x = cert_condition(k, &l, t->condition, slots);
  if (x.tag == V_EITHER || x.tag == V_BLUR) return PERHAPS;
  return cert_truth(k, &l, x, false) == 1 ? YES : NO;
}

/* What it would do as well had the run left everything as it was, is no doing of the run: it stands in what a reading may find. */
static bool is_our_doing(Checker *k, const TriggerRow *t, const uint8_t *slots, Triggered now) {
  CertState before = k->s;
  bool fault = k->fault;
  Triggered without = triggered(k, t, slots, WITHOUT_US);
  k->s = before, k->fault = fault;
  return now > without;
}

/* `emergency` asks whether one has hit what the automation acts on. */
static bool is_allowed(Checker *k, uint32_t rule) {
  const Program *p = k->p;
  const RuleRow *r = &p->rules[rule];
  uint8_t slots[LIMIT_SLOTS];
  Look l = {.sight = WHAT_IS, .wanted = NONE_INDEX};
  uint32_t i = 0;
  if (!r->unless) return false;
  while (i < p->policies_count && !(rule >= p->policies[i].rules.first && rule - p->policies[i].rules.first < p->policies[i].rules.count)) i++;
  if (i == p->policies_count) return false;
  cert_argument_slots(k, p->policies[i].params, slots);
  k->let = r->kind;
  Value x = cert_condition(k, &l, r->unless, slots);
  k->let = NONE_INDEX;
  if (x.tag == V_EITHER) return true;
  return (x.tag == V_NUMBER || x.tag == V_FACT) && cert_truth(k, &l, x, false) == 1;
}

static void hold_let(Checker *k, uint32_t automation, const EffectRow *e) {
  for (uint32_t i = 0; i < k->p->rules_count; i++) {
    const RuleRow *r = &k->p->rules[i];
    if (r->form != RULE_FORM_LET || r->fact != e->fact || r->kind != e->kind) continue;
    for (uint32_t a = 0; a < e->values.count; a++)
      for (uint32_t b = 0; b < r->values.count; b++)
        if (k->p->index_list[e->values.first + a] == k->p->index_list[r->values.first + b] && !is_allowed(k, i))
          cert_refuse(k, "an automation does what a policy forbids it", k->p->automations[automation].name);
  }
}

void cert_automation_writes(Checker *k, uint32_t automation, uint32_t trigger) {
  const TriggerRow *t = &k->p->triggers[trigger];
  uint8_t slots[LIMIT_SLOTS] = {(uint8_t)(2 * k->p->automations[automation].kind + 1)};
  k->after = "an automation acts", k->subject = k->p->automations[automation].name;
  bool queued = k->s.queued >> automation & 1; /* whatever is true by now */
  Triggered now = queued ? YES : triggered(k, t, slots, WHAT_IS);
  if (over(k) || now == NO || (!queued && !is_our_doing(k, t, slots, now))) {
    k->impossible = true;
    return;
  }
  k->s.queued &= (uint16_t)~(1u << automation);
  for (uint32_t i = 0; i < t->effects.count && !over(k); i++) {
    const EffectRow *e = &k->p->effects[t->effects.first + i];
    cert_write_effect(k, e, slots, ORIGIN_OURS | ORIGIN_THEIRS, WRITE_SURE);
    hold_let(k, automation, e);
  }
}

static void automation_acts(Checker *k, uint32_t automation, uint32_t trigger) { cert_automation_writes(k, automation, trigger); }

/* One that writes what already is does nothing. */
static bool changes_anything(const Checker *k, Slice effects) {
  for (uint32_t i = 0; i < effects.count; i++) {
    const EffectRow *e = &k->p->effects[effects.first + i];
    uint32_t f = cert_followed(k, CERT_FACT, e->fact, e->kind);
    uint16_t values = cert_word_bits(k, e->values);
    if (f != NONE_INDEX && (k->base.values[f] != (values ? values : k->all[f]) || cert_is_with_people(k, e->kind))) return true;
  }
  return false;
}

bool cert_anybody_watches(const Checker *k, const CertState *s) {
  for (uint32_t a = 0; a < k->p->automations_count; a++)
    if (s->lock[a] == CERT_FREE && k->p->automations[a].triggers.count) return true;
  return false;
}

/* ---- late effects, other members, people, time ---- */

static void lands(Checker *k, uint32_t late, uint32_t b) {
  const ActionRow *a = &k->p->actions[k->c.tables.lates[late]];
  uint8_t slots[LIMIT_SLOTS];
  (void)b;
  cert_argument_slots(k, a->params, slots);
  k->after = "takes effect late", k->subject = a->name;
  k->fault = true;
  if (!cert_is_urgent_action(k, k->c.tables.lates[late])) cert_obeyed_late(k, k->c.tables.lates[late], slots);
  for (uint32_t i = 0; i < a->makes.count; i++) cert_write_effect(k, &k->p->effects[a->makes.first + i], slots, ORIGIN_OURS, 0);
  k->s.late[late] = 0;
}

static void other_takes_out(Checker *k, uint32_t fan, uint32_t kind) {
  k->after = "another member sets a container aside";
  k->fault = true;
  cert_has_failed(k, kind);
  cert_take_out(k, kind, k->fans[fan].takes[kind]);
}

static void fan_stops(Checker *k, uint32_t frame, uint32_t how) {
  CertFrame *f = &k->s.frames[frame];
  k->after = "a fan-out is stopped by others";
  k->fault = true;
  f->stopped = (uint8_t)how;
  if (f->fan > 0 && !f->sibling) cert_has_failed(k, k->p->fans[f->fan - 1].kind);
}

static void window_closes(Checker *k, uint32_t fan, uint32_t b) {
  (void)b;
  k->after = "the window closes";
  k->fault = true;
  k->s.window_over = 1;
  cert_has_failed(k, k->p->fans[fan].kind);
  cert_take_out(k, k->p->fans[fan].kind, CERT_KEPT);
}

static void person_cancels(Checker *k, uint32_t a, uint32_t b) {
  (void)a, (void)b;
  k->after = "a person cancels";
  k->fault = true;
  k->s.cancelled = 1;
  if (k->s.frames[0].open && !k->s.frames[0].stopped) k->s.frames[0].stopped = CERT_BY_CANCEL;
}

static void guard_trips(Checker *k, uint32_t frame, uint32_t scope) {
  CertFrame *f = &k->s.frames[frame];
  k->after = "a guard does not hold any more";
  k->fault = true;
  f->tripped = (uint8_t)(scope + 1);
  if (f->open && !f->stopped) f->stopped = CERT_BY_GUARD;
}

/* ---- which may come now ---- */

typedef void Each(Checker *k, Happens *happens, uint32_t a, uint32_t b);

static void automations(Checker *k, Each *each) {
  for (uint32_t a = 0; a < k->p->automations_count; a++) {
    Slice triggers = k->p->automations[a].triggers;
    for (uint32_t t = triggers.first; t < triggers.first + triggers.count && k->base.lock[a] == CERT_FREE; t++)
      if (changes_anything(k, k->p->triggers[t].effects)) each(k, automation_acts, a, t);
  }
}

static void other_members(Checker *k, Each *each) {
  for (uint32_t i = 0; i < k->base.frame_count; i++) {
    const CertFrame *f = &k->base.frames[i];
    if (!f->open || f->stopped) continue;
    uint32_t row = code_a(k->p->code[f->pc]);
    const Fan *fan = &k->fans[row];
    for (uint32_t kind = 0; kind < k->p->kinds_count; kind++)
      if (fan->takes[kind] && k->base.out[kind] == CERT_STAYS) each(k, other_takes_out, row, kind);
    bool may_stop = i + 1 == k->base.frame_count && !(fan->together && f->member == CERT_WAITS); /* who is under way finishes before it stops */
    if (may_stop && fan->stops) each(k, fan_stops, i, CERT_BY_TOLERANCE);
    if (may_stop && fan->fails) each(k, fan_stops, i, CERT_BY_FAILURE);
    bool waits = f->member == CERT_WAITS && !f->masked && (i == 0 || k->p->fans[row].fits);
    if (waits && k->p->windows_count > 0) each(k, window_closes, row, 0);
  }
}

static void guards(Checker *k, Each *each) {
  for (uint32_t i = 0; i < k->base.frame_count; i++) {
    const CertFrame *f = &k->base.frames[i];
    for (uint32_t s = f->scope_count; s-- > 0 && !f->tripped;) {
      if (f->scopes[s].kind == CERT_ATTEMPT && f->scopes[s].on) break; /* a roll back is not interrupted */
      if (f->scopes[s].kind == CERT_GUARD) each(k, guard_trips, i, s);
    }
  }
}

/* Does the next instruction look at anything? What changes before one that does not may as well change behind it. */
static bool next_one_looks(const Checker *k) {
  const CertFrame *f = &k->base.frames[k->base.frame_count - 1];
  if (f->leaving) return f->scope_count > 0 && f->scopes[f->scope_count - 1].kind == CERT_LOCKOUT;
  uint32_t pc = f->pc, op = code_op(k->p->code[pc]);
  for (; op < OPCODE_SENSE; op = code_op(k->p->code[pc])) {
    pc += code_words((Opcode)op);
    if (pc >= k->p->code_count) return true;
  }
  if (op == OPCODE_FAN) return !f->open && k->p->fans[code_a(k->p->code[pc])].sense;
  return op == OPCODE_SENSE || op == OPCODE_ACT || op == OPCODE_CONFIRM || op == OPCODE_UNLOCK || op == OPCODE_SELECT ||
         op == OPCODE_LEAVE_OUT || op == OPCODE_GATE || op == OPCODE_LOCK || op == OPCODE_REQUIRE;
}

static void emergency_comes(Checker *k, uint32_t row, uint32_t b) {
  (void)b;
  cert_emergency_comes(k, row, NONE_INDEX);
}

/* Where something is looked at; and last of all before the end. */
static void emergencies(Checker *k, Each *each) {
  const CertFrame *f = &k->base.frames[0];
  bool seen = next_one_looks(k), ends = k->base.frame_count == 1 && (f->leaving ? f->scope_count == 0 : code_op(k->p->code[f->pc]) == OPCODE_HALT);
  for (uint32_t i = 0; i < k->p->emergencies_count && (seen || ends); i++)
    if (cert_may_come(k, &k->base, i)) each(k, emergency_comes, i, 0);
}

static void is_taken(Checker *k, uint32_t kind, uint32_t b) {
  (void)b;
  cert_is_taken(k, kind);
}

/* As its own emergencies come. */
static void preemptions(Checker *k, Each *each) {
  const CertFrame *f = &k->base.frames[0];
  bool seen = next_one_looks(k), ends = k->base.frame_count == 1 && (f->leaving ? f->scope_count == 0 : code_op(k->p->code[f->pc]) == OPCODE_HALT);
  uint32_t kinds = seen || ends ? cert_what_may_be_taken(k, &k->base) : 0;
  for (uint32_t i = 0; i < k->p->kinds_count; i++)
    if (kinds >> i & 1) each(k, is_taken, i, 0);
}

void cert_what_may_come(Checker *k, Each *each) {
  const CertState *s = &k->base;
  automations(k, each);
  bool seen = s->ended || next_one_looks(k) || cert_anybody_watches(k, s);
  for (uint32_t i = 0; i < k->c.tables.late_count && seen; i++)
    if (s->late[i]) each(k, lands, i, 0);
  if (s->ended) return;
  emergencies(k, each);
  preemptions(k, each);
  other_members(k, each);
  guards(k, each);
  if (!s->cancelled && s->frame_count == 1 && !s->frames[0].masked) each(k, person_cancels, 0, 0);
}
