/* proof_preempt: the emergency of another run may take something of this one at any moment (CONTROL_PREEMPT): it leaves for good with all
 * that is in it, nobody can refuse that, and from then on that run and people do with it what they like. To this run it is an emergency of
 * its own whose block is through already. */
#include <config.h>

#include "lang/proof/prover.h"

#include <string.h>

static bool is_written(const Program *p, uint32_t fact, uint32_t kind) {
  for (uint32_t i = 0; i < p->effects_count; i++)
    if (p->effects[i].fact == fact && p->effects[i].kind == kind) return true;
  return false;
}

/* Does it matter whether the one of this kind is out, or what becomes of it? */
static bool matters_to_run(const Prover *v, uint32_t kind) {
  const Program *p = v->p;
  bool concerned = v->m.gone_over[kind];
  for (uint32_t i = 0; i < p->lockouts_count; i++) concerned |= p->lockouts[i].kind == kind;
  for (uint32_t i = 0; i < p->gates_count; i++) concerned |= p->gates[i].kind == kind;
  for (uint32_t i = 0; i < v->m.var_count; i++) {
    const Var *d = &v->m.vars[i];
    concerned |= d->kind == VAR_FACT && d->entity_kind == kind && is_written(p, d->row, kind);
  }
  return concerned;
}

static uint32_t takes_along(const Prover *v, uint32_t kind) {
  uint32_t kinds = 0;
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (leads(v, k, kind) && matters_to_run(v, k)) kinds |= 1u << k;
  return kinds;
}

/* Of kinds that take the same along one is enough, the innermost; who takes nothing along that anybody asks for, is nobody's loss. */
void preempts_scan(Prover *v) {
  uint32_t taken[KINDS_MAX];
  for (uint32_t k = v->p->kinds_count; k-- > 0;) {
    bool known = (taken[k] = takes_along(v, k)) == 0;
    for (uint32_t i = k + 1; i < v->p->kinds_count && !known; i++) known = taken[i] == taken[k];
    if (!known) v->m.preempts |= 1u << k;
  }
}

static bool may_be_preempted(const Prover *v, const PState *s, uint32_t kind) {
  if (!(v->m.preempts >> kind & 1) || s->frame_count == 0 || s->frames[s->frame_count - 1].emergency) return false;
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if ((s->taken >> k & 1) && leads(v, kind, k)) return false; /* it is gone: told again, it changes nothing */
  return true;
}

void preempt(Prover *v, uint32_t kind) {
  v->move = (Move){.kind = MOVE_PREEMPT, .subject = kind};
  fault(v);
  hurt(v, kind);
  put_out_for_good(v, kind);
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (leads(v, k, kind)) v->now.taken &= ~(1u << k); /* in what is taken now */
  v->now.taken |= 1u << kind;
  settle(v);
}

uint32_t preempts_now(const Prover *v, const PState *s) {
  uint32_t kinds = 0;
  for (uint32_t k = 0; k < v->p->kinds_count && v->m.preempts; k++)
    if (may_be_preempted(v, s, k)) kinds |= 1u << k;
  return kinds;
}

/* While an action was under way: who has left by the time it ends does not go on behind it. */
void preempt_under_way(Prover *v) {
  uint32_t kinds = preempts_now(v, &v->now), count = 0, rows[KINDS_MAX];
  for (uint32_t k = 0; k < v->p->kinds_count; k++)
    if (kinds >> k & 1) rows[count++] = k;
  uint32_t which = count ? choose(v, count + 1) : 0;
  if (!which) return;
  Move act = v->move;
  preempt(v, rows[which - 1]);
  act.fault = 1;
  v->move = act;
}
