/* check_emergency: an emergency comes at any moment behind its WATCH. What it is about is out for good, and what it does is a strand above
 * all others, gone through before they go on; what was under way when it came may take effect before or behind that. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <string.h>

/* Behind the code of its block. */
static uint32_t block_end(const Program *p, uint32_t row) {
  return row + 1 == p->emergencies_count ? p->code_count : p->emergencies[row + 1].body;
}

uint32_t cert_urgent(const Checker *k) { return k->s.frame_count ? k->s.frames[k->s.frame_count - 1].emergency : 0; }

static bool carries_out(const Program *p, uint32_t row, uint32_t action) {
  for (uint32_t pc = p->emergencies[row].body, end = block_end(p, row); pc < end; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_ACT && p->calls[code_a(p->code[pc])].action == action) return true;
  return false;
}

bool cert_skips(const Program *p, uint32_t row, uint32_t action) {
  bool skips = false;
  for (uint32_t i = 0; i < p->emergencies[row].skips.count; i++) skips |= p->index_list[p->emergencies[row].skips.first + i] == action;
  return skips;
}

static bool surely_makes(const Program *p, const ActionRow *a, uint32_t fact) {
  bool makes = false;
  for (uint32_t i = 0; i < a->makes.count; i++) makes |= p->effects[a->makes.first + i].fact == fact && !p->effects[a->makes.first + i].may;
  return makes;
}

/* A fact that is so only because of what is skipped: what the emergency does itself makes it not. */
static bool is_left_to_skipped(const Program *p, uint32_t row, uint32_t fact) {
  bool skipped = false, done = false;
  for (uint32_t a = 0; a < p->actions_count; a++) {
    bool makes = surely_makes(p, &p->actions[a], fact);
    skipped |= makes && cert_skips(p, row, a);
    done |= makes && carries_out(p, row, a);
  }
  return skipped && !done;
}

/* `may skip`: a need that asks for nothing else. */
bool cert_is_waived(const Program *p, uint32_t row, CodeRef need) {
  bool asks = false, waived = true;
  for (uint32_t pc = need; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    uint32_t a = code_a(p->code[pc]);
    asks |= op == OPCODE_FACT || op == OPCODE_TRIED;
    if (op == OPCODE_FACT) waived &= is_left_to_skipped(p, row, a);
    if (op == OPCODE_TRIED) waived &= cert_skips(p, row, a);
    if (op == OPCODE_METRIC || op == OPCODE_LOCKED || op == OPCODE_YES || op == OPCODE_RECALL) waived = false;
  }
  return asks && waived;
}

static bool is_in_any(const Checker *k, uint32_t kind, uint32_t emergencies) {
  bool in = false;
  for (uint32_t i = 0; i < k->p->emergencies_count; i++) in |= (emergencies >> i & 1) && k->holds[kind][k->p->emergencies[i].kind];
  return in;
}

bool cert_was_hit(const Checker *k, uint32_t kind) { return (k->s.struck && is_in_any(k, kind, k->s.struck)) || cert_is_anothers(k, kind); }
bool cert_is_with_people(const Checker *k, uint32_t kind) { return (k->s.settled && is_in_any(k, kind, k->s.settled)) || cert_is_anothers(k, kind); }

/* Nothing is known from here on of what is with people, what may land on it only is of no interest, and neither is what was tried on it,
 * or who said yes to it. */
void cert_forget_what_is_with_people(Checker *k) {
  const Program *p = k->p;
  CertState *s = &k->s;
  for (uint32_t i = 0; i < k->c.tables.fact_count; i++) {
    const CertFact *fact = &k->c.tables.facts[i];
    if (fact->klass == CERT_FACT && s->values[i] && cert_is_with_people(k, fact->kind)) s->values[i] = 1, s->origin[i] = ORIGIN_FOUND;
  }
  for (uint32_t i = 0; i < k->c.tables.late_count; i++) {
    const ActionRow *a = &p->actions[k->c.tables.lates[i]];
    bool elsewhere = false;
    for (uint32_t m = 0; m < a->makes.count; m++) elsewhere |= !cert_is_with_people(k, p->effects[a->makes.first + m].kind);
    if (!elsewhere) s->late[i] = 0;
  }
  for (uint32_t i = 0; i < k->c.tables.tried_count; i++) {
    ValueType t = p->param_types[p->actions[k->c.tables.tried[i].action].params.first];
    if (t.klass == VALUE_ENTITY && cert_is_with_people(k, t.ref)) s->tried[i] = 0;
  }
  for (uint32_t g = 0; g < p->gates_count; g++)
    if (p->gates[g].kind != NONE_INDEX && cert_is_with_people(k, p->gates[g].kind)) s->yes[g] = s->yes_depth[g] = 0;
}

/* Its strand is gone. What it has hit is with people. */
void cert_emergency_is_through(Checker *k) {
  CertFrame *f = strand(k);
  k->s.settled |= (uint8_t)(1u << (f->emergency - 1));
  memset(f, 0, sizeof *f);
  k->s.frame_count--;
  k->goes_on = false;
  cert_forget_what_is_with_people(k);
}

/* It has failed, and no roll back takes it in. */
void cert_leaves_for_good(Checker *k, uint32_t kind) {
  cert_has_failed(k, kind);
  for (uint32_t i = 0; i < k->p->kinds_count; i++)
    if (k->holds[i][kind] && k->s.out[i] != CERT_LEFT_OUT) k->s.out[i] = CERT_ASIDE, k->s.out_depth[i] = 0;
}

bool cert_is_urgent_action(const Checker *k, uint32_t action) {
  bool urgent = false;
  for (uint32_t i = 0; i < k->p->emergencies_count; i++) urgent |= (k->s.struck >> i & 1) && carries_out(k->p, i, action);
  return urgent;
}

/* Its WATCH is passed, and none goes on. */
bool cert_may_come(const Checker *k, const CertState *s, uint32_t row) {
  if (s->frame_count == 0 || s->frames[s->frame_count - 1].emergency) return false;
  return s->frames[0].pc > k->watched[row];
}

/* Selected, where things of its kind are. */
static bool may_be_watched(Checker *k, uint32_t kind) {
  bool any = false, in = false;
  for (uint32_t i = 0; i < k->p->sets_count && !in; i++)
    if (k->p->sets[i].kind == kind) any = true, in = cert_in_set(k, i);
  return in || !any;
}

void cert_emergency_comes(Checker *k, uint32_t row, uint32_t under_way) {
  const EmergencyRow *e = &k->p->emergencies[row];
  uint8_t slots[LIMIT_SLOTS] = {0};
  Look l = {.sight = WHAT_IS_READ, .wanted = NONE_INDEX};
  slots[e->slot] = (uint8_t)(2 * e->kind + 1);
  k->impossible |= !may_be_watched(k, e->kind);
  if (over(k)) return;
  k->impossible |= cert_truth(k, &l, cert_condition(k, &l, e->condition, slots), true) != 1;
  if (over(k)) return;
  if (k->s.frame_count >= CERT_FRAMES) {
    cert_refuse(k, "strands are deeper within each other than a certificate can say", 0);
    return;
  }
  k->after = "an emergency comes", k->subject = e->title;
  k->fault = true, k->goes_on = false;
  cert_leaves_for_good(k, e->kind);
  k->s.struck |= (uint8_t)(1u << row);
  CertFrame *f = &k->s.frames[k->s.frame_count++];
  memset(f, 0, sizeof *f);
  f->pc = e->body, f->masked = 1, f->emergency = (uint8_t)(row + 1), f->during = (uint16_t)(under_way == NONE_INDEX ? 0 : under_way + 1);
  memcpy(f->slots, slots, sizeof f->slots);
  cert_emergency_goes_on(k);
  k->after = "an emergency comes", k->subject = e->title;
}

void cert_emergency_goes_on(Checker *k) {
  k->acted = false;
  do cert_one_instruction(k);
  while (cert_urgent(k) && !k->acted && !over(k));
}

/* At the end of an action on the witness: one may have come while it was under way. */
void cert_comes_meanwhile(Checker *k, uint32_t action) {
  uint32_t rows[CERT_EMERGENCIES], n = 0;
  for (uint32_t i = 0; i < k->p->emergencies_count; i++)
    if (cert_may_come(k, &k->s, i)) rows[n++] = i;
  uint32_t which = n ? cert_pick(k, n + 1) : 0;
  if (which) cert_emergency_comes(k, rows[which - 1], action);
}

/* Behind an action of the emergency: what was under way may have come last. */
void cert_may_be_undone(Checker *k) {
  uint32_t action = strand(k)->during;
  uint8_t slots[LIMIT_SLOTS];
  if (action == 0) return;
  const ActionRow *a = &k->p->actions[action - 1];
  cert_argument_slots(k, a->params, slots);
  for (uint32_t i = 0; i < a->makes.count + a->on_failure.count; i++) {
    EffectRow e = k->p->effects[i < a->makes.count ? a->makes.first + i : a->on_failure.first + i - a->makes.count];
    e.may = 1;
    cert_write_effect(k, &e, slots, ORIGIN_OURS, 0);
  }
}

/* May it act on what others share with what it is about? */
bool cert_look_at_emergency(Checker *k, uint32_t pc) {
  uint32_t row = code_a(k->p->code[pc]);
  k->watched[row] = pc;
  return !cert_reaches_others(k, &(FanRow){.kind = k->p->emergencies[row].kind, .slot = k->p->emergencies[row].slot, .body = k->p->emergencies[row].body},
                              block_end(k->p, row));
}
