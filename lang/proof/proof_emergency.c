/* proof_emergency: an emergency may come at any moment behind its WATCH, also again. What it is about leaves the run for good; its block
 * is a strand above all others, which is gone through before they go on, for what they do to the witness meanwhile they may as well do
 * before or behind it: it is out. Only an action that was under way may take effect in between (FrameCell.during). */
#include <config.h>

#include "lang/proof/prover.h"
#include "lang/waiver.h"

#include <string.h>

bool emergency_is_watched(const Prover *v, const PState *s, uint32_t row) {
  return s->frame_count > 0 && s->frames[0].pc > v->m.watches[row] && !s->frames[s->frame_count - 1].emergency;
}

static bool within(const Prover *v, uint32_t kind, uint32_t bits) {
  for (uint32_t i = 0; i < v->p->emergencies_count && bits; i++)
    if ((bits >> i & 1) && leads(v, kind, v->p->emergencies[i].kind)) return true;
  return false;
}

bool is_taken(const Prover *v, uint32_t kind) {
  for (uint32_t k = 0; k < v->p->kinds_count && v->now.taken; k++)
    if ((v->now.taken >> k & 1) && leads(v, kind, k)) return true;
  return false;
}

bool struck_within(const Prover *v, uint32_t kind) { return within(v, kind, v->now.struck) || is_taken(v, kind); }
bool is_settled(const Prover *v, uint32_t kind) { return within(v, kind, v->now.settled) || is_taken(v, kind); }

bool is_struck_action(const Prover *v, uint32_t action) {
  for (uint32_t i = 0; i < v->p->emergencies_count; i++)
    if ((v->now.struck >> i & 1) && emergency_calls(v->p, i, action)) return true;
  return false;
}

/* No roll back takes it in again: it is as if it had left before any attempt. */
void put_out_for_good(Prover *v, uint32_t kind) {
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (leads(v, k, kind) && v->now.out[k] != OUT_LEFT) v->now.out[k] = OUT_ASIDE, v->now.out_depth[k] = 0;
}

/* Of the sets of its kind, where there are any; else whatever has to do with a member may be watched. */
static bool is_concerned(Prover *v, uint32_t kind) {
  bool any = false;
  for (uint32_t i = 0; i < v->p->sets_count; i++) {
    if (v->p->sets[i].kind != kind) continue;
    any = true;
    if (set_has(v, i)) return true;
  }
  return !any;
}

void emergency_strikes(Prover *v, uint32_t row, uint32_t during) {
  const EmergencyRow *r = &v->p->emergencies[row];
  uint8_t slots[LIMIT_SLOTS] = {0};
  Eval e = {.sight = SIGHT_READ, .collects = NONE_INDEX};
  slots[r->slot] = (uint8_t)(1 + 2 * r->kind);
  if (!is_concerned(v, r->kind)) v->dead = true;
  if (v->dead || value_truth(v, &e, value_region(v, &e, r->condition, slots), true) != 1) v->dead = true;
  if (v->dead) return;
  v->move = (Move){.kind = MOVE_EMERGENCY, .subject = row, .value = during};
  if (v->faults == 0) fault(v); /* that it reads so is one already */
  v->move.fault = 1;
  hurt(v, r->kind);
  put_out_for_good(v, r->kind);
  v->now.struck |= (uint8_t)(1u << row);
  FrameCell *f = &v->now.frames[v->now.frame_count++];
  memset(f, 0, sizeof *f);
  f->pc = r->body, f->emergency = (uint8_t)(row + 1), f->masked = 1;
  f->during = (uint16_t)(during == NONE_INDEX ? 0 : during + 1);
  memcpy(f->slots, slots, sizeof f->slots);
  v->strike = v->move;
  memcpy(v->struck_as, v->now.mask, sizeof v->struck_as);
  emergency_goes_on(v);
  v->move = v->strike;
}

void emergency_goes_on(Prover *v) {
  v->acted = false;
  do step(v);
  while (emergency_of(v) && !v->acted && !v->dead);
}

static bool lands_on_settled(const Prover *v, const ActionRow *a) {
  for (uint32_t i = 0; i < a->makes.count; i++)
    if (!is_settled(v, v->p->effects[a->makes.first + i].kind)) return false;
  return true;
}

/* People are with it. Whatever is asked of it from here on may be answered in any way, and what it was is forgotten. */
void settle(Prover *v) {
  for (uint32_t i = 0; i < v->m.var_count; i++)
    if (v->m.vars[i].kind == VAR_FACT && is_settled(v, v->m.vars[i].entity_kind)) v->now.mask[i] = v->m.vars[i].ordinary, v->now.ghost[i] = FOUND;
  for (uint32_t i = 0; i < v->m.late_count; i++)
    if (lands_on_settled(v, &v->p->actions[v->m.late_actions[i]])) v->now.late[i] = 0;
  for (uint32_t i = 0; i < v->m.tried_count; i++) {
    ValueType t = v->p->param_types[v->p->actions[v->m.tried[i].action].params.first];
    if (t.klass == VALUE_ENTITY && is_settled(v, t.ref)) v->now.tried[i] = 0;
  }
  for (uint32_t g = 0; g < v->p->gates_count; g++)
    if (v->p->gates[g].kind != NONE_INDEX && is_settled(v, v->p->gates[g].kind)) v->now.yes[g] = YES_NONE, v->now.yes_depth[g] = 0;
}

void emergency_ends(Prover *v) {
  v->now.settled |= (uint8_t)(1u << (top(v)->emergency - 1));
  settle(v);
  memset(top(v), 0, sizeof(FrameCell));
  v->now.frame_count--;
  v->move.kind = MOVE_SILENT;
  v->stops_here = true;
}

/* It may have taken effect behind what the emergency has just done. */
void redo_what_was_under_way(Prover *v) {
  if (top(v)->during == 0) return;
  const ActionRow *a = &v->p->actions[top(v)->during - 1];
  uint8_t slots[LIMIT_SLOTS];
  witness_slots(v, a->params, slots);
  for (uint32_t pass = 0; pass < 2; pass++) {
    Slice rows = pass ? a->on_failure : a->makes;
    for (uint32_t i = 0; i < rows.count; i++) {
      EffectRow row = v->p->effects[rows.first + i];
      row.may = 1;
      apply_effect(v, &row, slots, OURS, false);
    }
  }
}
