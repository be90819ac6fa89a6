/* check_all: the first state is in the certificate, and whatever may follow one that is in it is in it too, and is not bad. That is all
 * that there is to an inductive invariant; what may follow and what is bad stand in the files beside this. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <stdlib.h>
#include <string.h>

/* The first reason is the one that is told. */
void cert_refuse(Checker *k, const char *reason, StrId name) {
  if (over(k)) return;
  uint32_t line = k->pc < k->p->code_count ? program_line(k->p, k->pc, NULL) : 0;
  buf_printf(k->why, "state %u", k->from);
  if (line) buf_printf(k->why, ", line %u", line);
  buf_str(k->why, ": ");
  if (k->subject) buf_printf(k->why, "`%s` ", program_str(k->p, k->subject));
  if (k->after) buf_printf(k->why, "(%s) ", k->after);
  buf_str(k->why, reason);
  if (name) buf_printf(k->why, ": %s", program_str(k->p, name));
}

/* ---- picks ---- */

uint32_t cert_pick(Checker *k, uint32_t n) {
  if (k->pick_at == k->picks) {
    if (k->picks == PICKS_MAX) {
      cert_refuse(k, "one step has more ways to go than are looked at", 0);
      return 0;
    }
    k->picked[k->picks] = 0;
    k->of[k->picks++] = (uint8_t)n;
  }
  return k->picked[k->pick_at++];
}

/* The next sequence, as a number whose digits count to what was asked for. */
static bool other_picks(Checker *k) {
  while (k->picks > 0 && ++k->picked[k->picks - 1] >= k->of[k->picks - 1]) k->picks--;
  return k->picks > 0;
}

/* ---- the certificate's states ---- */

static uint32_t hash(const uint8_t *row, uint32_t width) {
  uint64_t h = width, word;
  for (; width >= sizeof word; row += sizeof word, width -= (uint32_t)sizeof word) {
    memcpy(&word, row, sizeof word);
    h = (h ^ word) * UINT64_C(0x9fb21c651e98df25);
    h ^= h >> 29;
  }
  for (; width > 0; row++, width--) h = (h ^ *row) * UINT64_C(0x9fb21c651e98df25);
  return (uint32_t)(h ^ h >> 32);
}

static void fill_table(Checker *k) {
  k->mask = 1023;
  while (k->mask / 2 < k->c.count) k->mask = k->mask * 2 + 1;
  k->table = xcalloc((size_t)k->mask + 1, sizeof *k->table);
  for (uint32_t i = 0; i < k->c.count; i++) {
    uint32_t at = hash(k->c.rows + (size_t)i * k->c.width, k->c.width) & k->mask;
    while (k->table[at]) at = (at + 1) & k->mask;
    k->table[at] = i + 1;
  }
}

static uint32_t number_of(const Checker *k, const uint8_t *row) {
  for (uint32_t at = hash(row, k->c.width) & k->mask; k->table[at]; at = (at + 1) & k->mask)
    if (memcmp(k->c.rows + (size_t)(k->table[at] - 1) * k->c.width, row, k->c.width) == 0) return k->table[at] - 1;
  return NONE_INDEX;
}

/* Facts that are not followed any more say nothing; that something has a way back matters only of what is out of service. */
static void forget(const Checker *k, CertState *s) {
  uint32_t pc = s->frame_count ? s->frames[0].pc : UINT32_MAX;
  for (uint32_t f = 0; f < k->c.tables.fact_count; f++) {
    const CertFact *row = &k->c.tables.facts[f];
    if (row->klass != CERT_FACT || row->row != k->service || s->values[f] == 1) s->origin[f] &= (uint8_t)~ORIGIN_WAY_BACK;
    if (row->until < pc) s->values[f] = s->origin[f] = 0;
  }
}

bool cert_is_listed(Checker *k) {
  CertState s = k->s;
  forget(k, &s);
  cert_pack(k->p, &k->c.tables, &s, k->row);
  return number_of(k, k->row) != NONE_INDEX;
}

static void follows(Checker *k) {
  forget(k, &k->s);
  cert_pack(k->p, &k->c.tables, &k->s, k->row);
  uint32_t id = number_of(k, k->row);
  if (id == NONE_INDEX) {
    cert_refuse(k, "leads to a state that is not in the certificate", 0);
    return;
  }
  if (!(k->seen[k->from] & 1) || k->fault || k->seen[id]) return;
  k->seen[id] = 1;
  vec_push(&k->calm, id);
}

static void each(Checker *k, Happens *happens, uint32_t a, uint32_t b) {
  k->picks = 0;
  do {
    k->s = k->base;
    k->pick_at = 0, k->fuel = FUEL;
    k->impossible = k->fault = false;
    k->after = NULL, k->subject = 0, k->pc = NONE_INDEX;
    happens(k, a, b);
    if (!over(k)) follows(k);
  } while (k->why->len == 0 && other_picks(k));
}

static void run_goes_on(Checker *k, uint32_t a, uint32_t b) {
  (void)a, (void)b;
  cert_run_step(k);
}

/* ---- a state, as it stands in the file ---- */

static bool slot_is_sound(const Checker *k, uint8_t slot) { return slot == 0 || slot == 255 || (slot - 1u) / 2 < k->p->kinds_count; }

static bool scope_is_sound(const Checker *k, const CertScope *s) {
  const Program *p = k->p;
  uint32_t rows = s->kind == CERT_LOCKOUT ? p->lockouts_count : s->kind == CERT_ATTEMPT ? p->attempts_count
                : s->kind == CERT_ADJUST ? p->adjusts_count : s->kind == CERT_GUARD ? p->guards_count : 0;
  return s->row < rows && s->owns >> p->automations_count == 0;
}

/* The interpreter may rely on it: an address is one, a row is one, a strand within another is that of its fan-out. */
static bool frame_is_sound(const Checker *k, const CertState *s, uint32_t at) {
  const CertFrame *f = &s->frames[at], *outer = at ? f - 1 : NULL;
  bool sound = f->pc < k->p->code_count && k->starts[f->pc] && f->scope_count <= CERT_SCOPES &&
               f->stopped <= CERT_BY_GUARD && f->leaving <= CERT_ROLLED_BACK && f->fan <= k->p->fans_count && f->emergency <= k->p->emergencies_count &&
               f->during <= k->p->actions_count && (f->emergency || f->during == 0);
  bool block = at > 0 && f->fan == 0 && f->emergency && !outer->emergency; /* the strand of an emergency: above whatever goes on */
  if (!sound || ((at > 0) != (f->fan > 0) && !block) || (outer && !block && outer->emergency != f->emergency) || (at == 0 && f->emergency)) return false;
  if (block) outer = NULL;
  if (f->open && code_op(k->p->code[f->pc]) != OPCODE_FAN) return false;
  if (outer && (!outer->open || code_a(k->p->code[outer->pc]) != f->fan - 1u)) return false;
  for (uint32_t i = 0; i < f->scope_count; i++) sound &= scope_is_sound(k, &f->scopes[i]);
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) sound &= slot_is_sound(k, f->slots[i]);
  for (uint32_t i = 0; i < LIMIT_ACTION_PARAMS; i++) sound &= slot_is_sound(k, f->args[i]);
  return sound;
}

static bool state_is_sound(const Checker *k, const CertState *s) {
  bool sound = s->frame_count <= CERT_FRAMES && (s->ended != 0) == (s->frame_count == 0);
  for (uint32_t i = 0; sound && i < s->frame_count; i++) sound = frame_is_sound(k, s, i);
  for (uint32_t f = 0; sound && f < k->c.tables.fact_count; f++) sound = (s->values[f] & ~k->all[f]) == 0;
  return sound;
}

/* ---- the check ---- */

static void expand(Checker *k, uint32_t id) {
  k->seen[id] |= 2;
  k->from = id;
  cert_unpack(k->p, &k->c.tables, k->c.rows + (size_t)id * k->c.width, &k->base);
  k->after = NULL, k->subject = 0, k->pc = NONE_INDEX, k->impossible = false;
  if (!state_is_sound(k, &k->base)) {
    cert_refuse(k, "a state stands where no run can be", 0);
    return;
  }
  cert_what_may_come(k, each);
  if (!k->base.ended && k->why->len == 0) each(k, run_goes_on, 0, 0);
}

/* Nothing has been done yet, and everything is as it ordinarily is. */
static uint32_t first_state(Checker *k) {
  CertState *s = &k->s;
  memset(s, 0, sizeof *s);
  for (uint32_t f = 0; f < k->c.tables.fact_count; f++) {
    s->values[f] = k->c.tables.facts[f].klass == CERT_FACT ? 1 : k->all[f];
    s->origin[f] = ORIGIN_FOUND;
  }
  s->frame_count = 1;
  s->frames[0].pc = k->p->entry;
  forget(k, s);
  cert_pack(k->p, &k->c.tables, s, k->row);
  return number_of(k, k->row);
}

/* Nobody has left, and the witness was one of those that it is about, where it is about a set. */
static bool took_part(const Checker *k, const CertState *s) {
  bool in = k->p->sets_count == 0, asked = false;
  for (uint32_t i = 0; i < k->p->kinds_count; i++)
    if (s->out[i] != CERT_STAYS) return false;
  for (uint32_t f = 0; f < k->c.tables.fact_count; f++) {
    const CertFact *row = &k->c.tables.facts[f];
    if (row->klass == CERT_PARAM && k->p->params[row->row].type.klass == VALUE_ENTITY && s->values[f] == 2) return false;
  }
  for (uint32_t i = 0; i < k->p->sets_count; i++) in |= s->set[i] == CERT_IN, asked |= s->set[i] != CERT_OPEN;
  return in || !asked;
}

/* It is not safe by doing nothing: without a fault a run gets to its end. */
static bool completes(Checker *k) {
  for (uint32_t i = 0; i < k->c.count; i++) {
    if (!(k->seen[i] & 1)) continue;
    cert_unpack(k->p, &k->c.tables, k->c.rows + (size_t)i * k->c.width, &k->base);
    if (k->base.ended == 1 + CERT_DONE && took_part(k, &k->base)) return true;
  }
  return false;
}

/* What can be reached without a fault comes first: it tells what the runbook is for, which may be to leave things out of service. */
static void check_states(Checker *k) {
  uint32_t first = first_state(k);
  if (first == NONE_INDEX) {
    buf_str(k->why, "the state in which every run begins is not in the certificate");
    return;
  }
  k->seen[first] = 1;
  vec_push(&k->calm, first);
  while (k->calm.len > 0 && k->why->len == 0) expand(k, k->calm.items[--k->calm.len]);
  for (uint32_t i = 0; i < k->c.count && k->why->len == 0; i++)
    if (!(k->seen[i] & 2)) expand(k, i);
  for (uint32_t i = 0; i < k->p->kinds_count && k->why->len == 0; i++)
    if (k->left[i] && !(k->stays_out[i] && !k->comes_back[i])) buf_str(k->why, "the run can end and leave something out of service without an owner");
  if (k->why->len == 0 && !completes(k)) buf_str(k->why, "no run completes, not even without a fault");
}

bool cert_check(const Program *p, const uint8_t *bytes, size_t len, Buf *ret_why) {
  Checker *k = xcalloc(1, sizeof *k);
  Buf why = BUF_INIT;
  k->p = p, k->why = &why, k->pc = NONE_INDEX;
  if (cert_read(p, bytes, len, &k->c, &why) && cert_look_at_program(k)) {
    k->seen = xcalloc(k->c.count + 1, 1);
    k->row = xcalloc(k->c.width + 1, 1);
    fill_table(k);
    check_states(k);
  }
  bool holds = why.len == 0;
  if (!holds) buf_add(ret_why, why.data, why.len);
  free(k->c.rows), free(k->starts), free(k->fans), free(k->queuers), free(k->seen), free(k->row), free(k->table);
  vec_done(&k->calm);
  buf_done(&why);
  free(k);
  return holds;
}
