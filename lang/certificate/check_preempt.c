/* check_preempt: an emergency of another run takes something of this one, at any moment and for good. What becomes of it from then on is that
 * run's and people's: nothing of it is followed any more. */
#include <config.h>

#include "lang/certificate/checker.h"

/* Is there anything about one of that kind that this run could notice: that it leaves, or what is done to it? */
static bool matters(const Checker *k, uint32_t kind) {
  const Program *p = k->p;
  bool matters = false;
  for (uint32_t i = 0; i < p->fans_count; i++) matters |= p->fans[i].kind == kind;
  for (uint32_t i = 0; i < p->lockouts_count; i++) matters |= p->lockouts[i].kind == kind;
  for (uint32_t i = 0; i < p->gates_count; i++) matters |= p->gates[i].kind == kind;
  for (uint32_t i = 0; i < p->effects_count; i++)
    matters |= p->effects[i].kind == kind && cert_followed(k, CERT_FACT, p->effects[i].fact, kind) != NONE_INDEX;
  return matters;
}

static uint32_t noticed(const Checker *k, uint32_t kind) {
  uint32_t kinds = 0;
  for (uint32_t i = 0; i < k->p->kinds_count; i++) kinds |= k->holds[i][kind] && matters(k, i) ? 1u << i : 0;
  return kinds;
}

/* Where two kinds differ in nothing that is noticed, the last stands for both. */
void cert_look_at_preemptions(Checker *k) {
  for (uint32_t i = 0; i < k->p->kinds_count; i++) {
    uint32_t own = noticed(k, i), other = i + 1;
    while (other < k->p->kinds_count && noticed(k, other) != own) other++;
    if (own && other == k->p->kinds_count) k->preempts |= 1u << i;
  }
}

bool cert_is_anothers(const Checker *k, uint32_t kind) {
  bool taken = false;
  for (uint32_t i = 0; i < k->p->kinds_count && k->s.taken >> i; i++) taken |= (k->s.taken >> i & 1) && k->holds[kind][i];
  return taken;
}

uint32_t cert_what_may_be_taken(const Checker *k, const CertState *s) {
  uint32_t kinds = s->frame_count && !s->frames[s->frame_count - 1].emergency ? k->preempts : 0;
  for (uint32_t i = 0; i < k->p->kinds_count; i++)
    for (uint32_t t = 0; t < k->p->kinds_count; t++)
      if ((s->taken >> t & 1) && k->holds[i][t]) kinds &= ~(1u << i);
  return kinds;
}

void cert_is_taken(Checker *k, uint32_t kind) {
  k->after = "an emergency of another run takes it", k->subject = k->p->kinds[kind].name;
  k->fault = true;
  cert_leaves_for_good(k, kind);
  for (uint32_t i = 0; i < k->p->kinds_count; i++)
    if (k->holds[i][kind]) k->s.taken &= ~(1u << i); /* within what is taken now */
  k->s.taken |= 1u << kind;
  cert_forget_what_is_with_people(k);
}

/* At the end of an action on the witness: it may have been taken meanwhile. */
void cert_is_taken_meanwhile(Checker *k) {
  uint32_t may = cert_what_may_be_taken(k, &k->s), n = 0;
  for (uint32_t i = 0; i < k->p->kinds_count; i++) n += may >> i & 1;
  uint32_t which = n ? cert_pick(k, n + 1) : 0;
  for (uint32_t i = 0; which && i < k->p->kinds_count; i++)
    if ((may >> i & 1) && --which == 0) cert_is_taken(k, i);
}
