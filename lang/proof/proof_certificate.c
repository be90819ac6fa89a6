/* proof_certificate: the states that the search has seen, in the words of a certificate. What nothing asks for any more is left out. */
#include <config.h>

#include "lang/certificate/certificate.h"
#include "lang/proof/proof_certificate.h"

#include <stdlib.h>
#include <string.h>

static void tables_of(const Prover *v, CertTables *t) {
  static const CertClass classes[] = {[VAR_FACT] = CERT_FACT, [VAR_ATTR] = CERT_ATTR, [VAR_PARAM] = CERT_PARAM};
  memset(t, 0, sizeof *t);
  t->fact_count = v->m.var_count;
  for (uint32_t i = 0; i < v->m.var_count; i++) {
    const Var *d = &v->m.vars[i];
    t->facts[i] = (CertFact){classes[d->kind], d->row, d->entity_kind, d->last_use};
  }
  t->tried_count = v->m.tried_count;
  for (uint32_t i = 0; i < v->m.tried_count; i++) t->tried[i] = (CertTried){v->m.tried[i].action, v->m.tried[i].since};
  t->late_count = v->m.late_count;
  for (uint32_t i = 0; i < v->m.late_count; i++) t->lates[i] = v->m.late_actions[i];
}

static void frame_of(const FrameCell *f, CertFrame *c) {
  c->pc = f->pc, c->fan = f->fan, c->emergency = f->emergency, c->during = f->during, c->sibling = f->sibling;
  c->outcome = f->outcome, c->tries = f->tries, c->leaving = f->leaving, c->masked = f->masked, c->out = f->out, c->tripped = f->tripped;
  c->open = f->open, c->member = f->member, c->stopped = f->stopped, c->others = f->others;
  c->scope_count = f->scope_count;
  for (uint32_t i = 0; i < f->scope_count; i++)
    c->scopes[i] = (CertScope){.kind = f->scopes[i].kind, .on = f->scopes[i].undoing, .row = f->scopes[i].row, .owns = f->scopes[i].owns};
  memcpy(c->slots, f->slots, sizeof c->slots);
  memcpy(c->args, f->args, sizeof c->args);
}

static void facts_of(const Prover *v, const PState *s, CertState *c) {
  uint32_t pc = s->frame_count ? s->frames[0].pc : UINT32_MAX;
  for (uint32_t i = 0; i < v->m.var_count; i++) {
    if (v->m.vars[i].last_use < pc) continue;
    c->values[i] = s->mask[i];
    c->origin[i] = s->ghost[i];
  }
}

static void state_of(const Prover *v, const PState *s, CertState *c) {
  memset(c, 0, sizeof *c);
  c->ended = s->ended, c->cancelled = s->cancelled, c->window_over = s->window_over, c->frame_count = s->frame_count;
  c->queued = s->queued, c->struck = s->struck, c->settled = s->settled, c->taken = s->taken;
  for (uint32_t i = 0; i < s->frame_count; i++) frame_of(&s->frames[i], &c->frames[i]);
  memcpy(c->set, s->set, sizeof c->set);
  memcpy(c->lock, s->lock, sizeof c->lock);
  memcpy(c->out, s->out, sizeof c->out);
  memcpy(c->out_depth, s->out_depth, sizeof c->out_depth);
  memcpy(c->hurt, s->hurt, sizeof c->hurt);
  memcpy(c->yes, s->yes, sizeof c->yes);
  memcpy(c->yes_depth, s->yes_depth, sizeof c->yes_depth);
  memcpy(c->tried, s->tried, sizeof c->tried);
  memcpy(c->late, s->late, sizeof c->late);
  facts_of(v, s, c);
}

_Static_assert((int)VARS_MAX == (int)CERT_FACTS && (int)AUTOS_MAX == (int)CERT_AUTOS && (int)SETS_MAX == (int)CERT_SETS, "as many");
_Static_assert((int)KINDS_MAX == (int)CERT_KINDS && (int)GATES_MAX == (int)CERT_GATES && (int)TRIED_MAX == (int)CERT_TRIED, "as many");
_Static_assert((int)LATES_MAX == (int)CERT_LATES && (int)FRAMES_MAX == (int)CERT_FRAMES && (int)FRAME_SCOPES == (int)CERT_SCOPES, "as many");
_Static_assert((int)OURS == (int)ORIGIN_OURS && (int)TEMPORARY == (int)ORIGIN_WAY_BACK && (int)EXPOSED == (int)ORIGIN_EXPOSED && (int)THEIRS == (int)ORIGIN_THEIRS, "the same words");
_Static_assert((int)LOCK_IS_HANDED == (int)CERT_HANDED && (int)SET_NOT == (int)CERT_NOT_IN && (int)OUT_KEPT == (int)CERT_KEPT, "the same words");
_Static_assert((int)YES_REFUSED == (int)CERT_REFUSED && (int)STOPPED_GUARD == (int)CERT_BY_GUARD && (int)IN_GUARD == (int)CERT_GUARD, "the same words");
_Static_assert((int)LEAVE_ROLLED_BACK == (int)CERT_ROLLED_BACK && (int)FAN_MEMBER_DONE == (int)CERT_THROUGH && (int)HURT == (int)CERT_FAILED, "the same words");

void proof_certificate(const Prover *v, Buf *out) {
  CertTables t;
  CertState c;
  tables_of(v, &t);
  uint32_t width = cert_width(v->p, &t);
  uint8_t *rows = xmalloc(size_product(v->state_count + 1, width));
  for (uint32_t i = 0; i < v->state_count; i++) {
    state_of(v, &v->states[i], &c);
    cert_pack(v->p, &t, &c, rows + (size_t)i * width);
  }
  cert_write(v->p, &t, rows, v->state_count, out);
  free(rows);
}
