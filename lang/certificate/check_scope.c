/* check_scope: lockouts, attempts, settings and guards; gates; and the ways out, which pass every scope from the inside outwards. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <string.h>

void cert_enter(Checker *k, uint8_t kind, uint32_t row) {
  CertFrame *f = strand(k);
  if (f->scope_count >= CERT_SCOPES) cert_refuse(k, "a strand has more scopes than a certificate can say", 0);
  else f->scopes[f->scope_count++] = (CertScope){.kind = kind, .row = (uint16_t)row};
}

static void drop_scope(CertFrame *f) { f->scopes[--f->scope_count] = (CertScope){0}; }

static uint32_t attempts_open(const CertState *s) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->frame_count; i++)
    for (uint32_t j = 0; j < s->frames[i].scope_count; j++) n += s->frames[i].scopes[j].kind == CERT_ATTEMPT && !s->frames[i].scopes[j].on;
  return n;
}

/* ---- lockouts ---- */

static bool is_locked_by(Checker *k, const LockoutRow *row) {
  if (k->s.out[row->kind] != CERT_STAYS || strand(k)->sibling) return false;
  if (row->members) return cert_collects(k, row->members, strand(k)->slots, row->kind, WHAT_IS_READ);
  return row->set != NONE_INDEX && cert_in_set(k, row->set);
}

void cert_lock(Checker *k, uint32_t lockout) {
  const LockoutRow *row = &k->p->lockouts[lockout];
  CertFrame *f = strand(k);
  bool ours = is_locked_by(k, row);
  uint8_t outcome = (uint8_t)cert_pick(k, cert_distinguished(k, f->pc) ? 3 : 2);
  k->goes_on = false;
  k->after = "a lockout is asked for";
  f->outcome = outcome;
  k->fault |= outcome != 0;
  if (outcome && ours) cert_has_failed(k, row->kind);
  if (!outcome) {
    cert_enter(k, CERT_LOCKOUT, lockout);
    if (over(k)) return;
    CertScope *scope = &f->scopes[f->scope_count - 1];
    scope->on = ours;
    for (uint32_t i = 0; ours && i < row->automations.count; i++) {
      uint32_t a = k->p->index_list[row->automations.first + i], kind = k->p->automations[a].kind;
      if ((!k->holds[row->kind][kind] && !k->holds[kind][row->kind]) || k->s.lock[a] != CERT_FREE) continue; /* what was handed over is with people */
      k->s.lock[a] = CERT_HELD;
      scope->owns |= (uint16_t)(1u << a);
    }
  }
  cert_go_behind(k);
}

/* To people, though nothing of it failed: does a policy forbid it? */
static void hand_over(Checker *k, const LockoutRow *row) {
  k->after = "a lockout is handed over";
  for (uint32_t i = 0; i < k->p->rules_count && !(k->s.hurt[row->kind] & CERT_FAILED); i++)
    if (k->p->rules[i].form == RULE_FORM_NOT_ABANDONED) cert_refuse(k, "something is handed to people though nothing of it failed", 0);
}

static bool may_be_released(Checker *k, const LockoutRow *row, const uint8_t *strand_slots) {
  uint8_t slots[LIMIT_SLOTS];
  Look l = {.sight = WHAT_IS_READ, .wanted = NONE_INDEX};
  if (k->s.out[row->kind] != CERT_STAYS) return false;
  if (!row->release) return true;
  memcpy(slots, strand_slots, sizeof slots);
  slots[row->release_slot] = (uint8_t)(2 * row->kind + 1);
  int t = cert_truth(k, &l, cert_condition(k, &l, row->release, slots), true);
  if (t == -1) cert_has_failed(k, row->kind);
  return t == 1;
}

static void release(Checker *k, const CertScope *scope) {
  const LockoutRow *row = &k->p->lockouts[scope->row];
  bool free = may_be_released(k, row, strand(k)->slots);
  k->goes_on = false;
  k->after = "a lockout is released";
  if (free && cert_pick(k, 2)) { /* the automation does not let itself be unlocked */
    k->fault = true;
    cert_has_failed(k, row->kind);
    free = false;
  }
  if (over(k)) return;
  for (uint32_t a = 0; a < k->p->automations_count; a++)
    if (scope->owns >> a & 1) k->s.lock[a] = free ? CERT_FREE : CERT_HANDED;
  if (!free) hand_over(k, row);
}

void cert_close(Checker *k, uint8_t kind, uint32_t row) {
  CertFrame *f = strand(k);
  CertScope *scope = f->scope_count ? &f->scopes[f->scope_count - 1] : NULL;
  if (scope && scope->kind == kind && scope->row == row) {
    if (kind == CERT_LOCKOUT && scope->on) release(k, scope);
    drop_scope(f);
  }
  cert_go_behind(k);
}

/* ---- gates ---- */

void cert_gate(Checker *k, uint32_t gate) {
  const GateRow *row = &k->p->gates[gate];
  CertFrame *f = strand(k);
  uint32_t outcomes = cert_distinguished(k, f->pc) ? 3 : 2, answer = 0;
  k->goes_on = false;
  k->after = "people are asked", k->subject = row->name;
  bool asked = row->once || (k->s.out[row->kind] == CERT_STAYS && cert_collects(k, row->members, f->slots, row->kind, WHAT_IS_READ));
  if (over(k)) return;
  if (asked) {
    answer = cert_pick(k, outcomes);
    k->s.yes[gate] = answer ? CERT_REFUSED : CERT_YES;
    k->s.yes_depth[gate] = (uint8_t)attempts_open(&k->s);
  }
  if (answer && !row->once) cert_has_failed(k, row->kind);
  if (row->once) f->outcome = (uint8_t)answer;
  else if (!answer) f->outcome = (uint8_t)cert_pick(k, outcomes); /* others may have said otherwise */
  else f->outcome = answer == 1 ? 1 : (uint8_t)(1 + cert_pick(k, 2));
  k->fault |= answer || f->outcome;
  cert_go_behind(k);
}

/* ---- out of the procedure, with all that belongs to it ---- */

void cert_take_out(Checker *k, uint32_t kind, uint8_t how) {
  if (k->s.out[kind] != CERT_STAYS) return;
  uint8_t depth = how == CERT_LEFT_OUT ? 0 : (uint8_t)attempts_open(&k->s);
  for (uint32_t i = 0; i < k->p->kinds_count; i++)
    if (k->holds[i][kind] && k->s.out[i] == CERT_STAYS) k->s.out[i] = how, k->s.out_depth[i] = depth;
}

/* A roll back is for those too who left within its attempt, and a yes of before is none. */
static void take_in_again(Checker *k, uint32_t depth) {
  for (uint32_t i = 0; i < k->p->kinds_count; i++)
    if ((k->s.out[i] == CERT_ASIDE || k->s.out[i] == CERT_KEPT) && k->s.out_depth[i] >= depth) k->s.out[i] = k->s.out_depth[i] = 0;
  for (uint32_t g = 0; g < k->p->gates_count; g++)
    if (k->s.yes[g] && k->s.yes_depth[g] >= depth) k->s.yes[g] = k->s.yes_depth[g] = 0;
}

/* ---- ways out ---- */

static void roll_back(Checker *k, CertScope *scope) {
  CertFrame *f = strand(k);
  uint32_t depth = attempts_open(&k->s);
  scope->on = 1;
  take_in_again(k, depth);
  f->masked = 1, f->leaving = CERT_GOES_ON, f->tripped = f->outcome = 0;
  if (k->s.frame_count == 1) k->s.cancelled = 1, k->s.window_over = 0; /* neither matters any more */
  f->pc = k->p->attempts[scope->row].undo;
  k->goes_on = false;
  k->after = "a roll back begins";
}

static void handle_guard(Checker *k, CertFrame *f) {
  f->pc = k->p->guards[f->scopes[f->scope_count - 1].row].handler;
  f->outcome = (uint8_t)(1 + cert_pick(k, 2));
  f->leaving = CERT_GOES_ON, f->tripped = 0;
  drop_scope(f);
}

/* A lockout that lets go of each member as soon as it is through does so, or hands it over. */
static void let_go(Checker *k, CertFrame *f, uint32_t fan) {
  uint32_t i = f->scope_count;
  while (i > 0 && f->scopes[i - 1].kind != CERT_LOCKOUT) i--;
  CertScope *scope = i ? &f->scopes[i - 1] : NULL;
  if (!scope || !scope->on || k->fans[fan].lets_go != scope->row + 1u) return;
  release(k, scope);
  scope->on = 0, scope->owns = 0;
}

static void end_member(Checker *k) {
  CertFrame f = *strand(k);
  memset(strand(k), 0, sizeof f);
  k->s.frame_count--;
  CertFrame *outer = strand(k);
  if (f.sibling) outer->others = 2;
  else outer->member = CERT_THROUGH;
  if (f.leaving == CERT_FAILS || f.leaving == CERT_REQUIREMENT) outer->stopped = CERT_BY_FAILURE;
  if (f.leaving == CERT_ROLLED_BACK && cert_pick(k, 2)) outer->stopped = CERT_BY_TOLERANCE;
  k->goes_on = false;
  k->after = "a member is through";
  if (!f.sibling) let_go(k, outer, f.fan - 1u);
}

/* Out of service by an action that has a way back, and nobody's. */
static void end_run(Checker *k) {
  CertState *s = &k->s;
  uint8_t how = strand(k)->leaving;
  bool handed = false, calm = how == CERT_DONE && (k->seen[k->from] & 1) && !k->fault;
  s->ended = (uint8_t)(1 + how);
  memset(s->frames, 0, sizeof s->frames);
  s->frame_count = 0;
  k->goes_on = false;
  k->after = "the run ends";
  for (uint32_t a = 0; a < k->p->automations_count; a++) handed |= s->lock[a] == CERT_HANDED;
  for (uint32_t i = 0; i < k->p->kinds_count && k->service != NONE_INDEX; i++) {
    uint32_t f = cert_followed(k, CERT_FACT, k->service, i);
    if (f == NONE_INDEX || s->out[i] != CERT_STAYS) continue;
    bool away = s->values[f] & ~1;
    if (calm && (s->origin[f] & ORIGIN_OURS)) *(away && !handed ? &k->stays_out[i] : &k->comes_back[i]) = true;
    k->left[i] |= away && (s->origin[f] & ORIGIN_WAY_BACK) && !handed;
  }
}

void cert_leave(Checker *k) {
  CertFrame *f = strand(k);
  bool failing = f->leaving == CERT_FAILS || f->leaving == CERT_CANCELS || f->leaving == CERT_TRIPS || f->leaving == CERT_ROLLED_BACK;
  if (f->scope_count == 0) {
    if (f->emergency && f->fan == 0) cert_emergency_is_through(k);
    else if (k->s.frame_count > 1) end_member(k);
    else end_run(k);
    return;
  }
  CertScope *scope = &f->scopes[f->scope_count - 1];
  if (scope->kind == CERT_LOCKOUT && scope->on) release(k, scope);
  if (scope->kind == CERT_ATTEMPT && failing && !scope->on) { roll_back(k, scope); return; }
  if (scope->kind == CERT_ATTEMPT && failing) f->leaving = CERT_FAILS;
  if (scope->kind == CERT_GUARD && f->leaving == CERT_TRIPS && f->tripped == f->scope_count) { handle_guard(k, f); return; }
  drop_scope(f);
}
