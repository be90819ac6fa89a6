/* cert_state: a state as a row of bytes: one list of its fields, walked to pack and to unpack. Only what the program has is in the row,
 * so its width depends on the program alone. */
#include <config.h>

#include "lang/certificate/certificate.h"

#include <string.h>

typedef struct Walk {
  uint8_t *row;
  uint32_t at;
  enum { MEASURE, PACK, UNPACK } what;
} Walk;

/* Highest byte first: states that are compared as bytes are in the order of their addresses. */
static inline uint32_t number(Walk *w, uint32_t value, uint32_t size) {
  w->at += size;
  if (w->what == MEASURE) return value;
  uint8_t *row = w->row + w->at - size;
  if (w->what == PACK)
    for (uint32_t i = size; i-- > 0; value >>= 8) row[i] = (uint8_t)value;
  else
    for (uint32_t i = value = 0; i < size; i++) value = value << 8 | row[i];
  return value;
}

static inline void half(Walk *w, uint16_t *value) { *value = (uint16_t)number(w, *value, 2); }

static inline void bytes(Walk *w, uint8_t *values, uint32_t n) {
  if (w->what == PACK) memcpy(w->row + w->at, values, n);
  if (w->what == UNPACK) memcpy(values, w->row + w->at, n);
  w->at += n;
}

/* What is behind the last one in use is zeros. */
static void unused(Walk *w, uint32_t n) {
  if (w->what == PACK) memset(w->row + w->at, 0, n);
  w->at += n;
}

enum { SCOPE_BYTES = 6, FLAG_BYTES = 13, FRAME_BYTES = 8 + FLAG_BYTES + CERT_SCOPES * SCOPE_BYTES + LIMIT_SLOTS + LIMIT_ACTION_PARAMS };
_Static_assert(offsetof(CertFrame, scope_count) == offsetof(CertFrame, sibling) + FLAG_BYTES - 1, "the flags of a strand stand together");

static void frame(Walk *w, CertFrame *f) {
  f->pc = number(w, f->pc, 4);
  half(w, &f->fan);
  half(w, &f->during);
  bytes(w, &f->sibling, FLAG_BYTES);
  uint32_t used = f->scope_count <= CERT_SCOPES ? f->scope_count : CERT_SCOPES;
  for (uint32_t i = 0; i < used; i++) {
    bytes(w, &f->scopes[i].kind, 1);
    bytes(w, &f->scopes[i].on, 1);
    half(w, &f->scopes[i].row);
    half(w, &f->scopes[i].owns);
  }
  unused(w, (CERT_SCOPES - used) * SCOPE_BYTES);
  bytes(w, f->slots, LIMIT_SLOTS);
  bytes(w, f->args, LIMIT_ACTION_PARAMS);
}

/* CERT_STATE: the order of the fields in a row. Where the run is comes first: states that differ in what is known stand together. */
static inline uint32_t state(Walk *w, const Program *p, const CertTables *t, CertState *s) {
  bytes(w, &s->ended, 1);
  bytes(w, &s->cancelled, 1);
  bytes(w, &s->window_over, 1);
  bytes(w, &s->struck, 1);
  bytes(w, &s->settled, 1);
  s->taken = number(w, s->taken, 4);
  bytes(w, &s->frame_count, 1);
  uint32_t used = s->frame_count <= CERT_FRAMES ? s->frame_count : CERT_FRAMES;
  for (uint32_t i = 0; i < used; i++) frame(w, &s->frames[i]);
  unused(w, (CERT_FRAMES - used) * FRAME_BYTES);
  bytes(w, s->set, p->sets_count);
  bytes(w, s->lock, p->automations_count);
  half(w, &s->queued);
  bytes(w, s->out, p->kinds_count);
  bytes(w, s->out_depth, p->kinds_count);
  bytes(w, s->hurt, p->kinds_count);
  bytes(w, s->yes, p->gates_count);
  bytes(w, s->yes_depth, p->gates_count);
  bytes(w, s->tried, t->tried_count);
  bytes(w, s->late, t->late_count);
  for (uint32_t i = 0; i < t->fact_count; i++) half(w, &s->values[i]);
  bytes(w, s->origin, t->fact_count);
  return w->at;
}

uint32_t cert_width(const Program *p, const CertTables *t) {
  CertState s = {.frame_count = 0};
  if (p->sets_count > CERT_SETS || p->automations_count > CERT_AUTOS || p->kinds_count > CERT_KINDS || p->gates_count > CERT_GATES ||
      p->emergencies_count > CERT_EMERGENCIES) return 0;
  return state(&(Walk){.what = MEASURE}, p, t, &s);
}

void cert_pack(const Program *p, const CertTables *t, CertState *s, uint8_t *row) {
  state(&(Walk){.row = row, .what = PACK}, p, t, s);
}

void cert_unpack(const Program *p, const CertTables *t, const uint8_t *row, CertState *s) {
  memset(s, 0, sizeof *s);
  state(&(Walk){.row = (uint8_t *)row, .what = UNPACK}, p, t, s);
}
