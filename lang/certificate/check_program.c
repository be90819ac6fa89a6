/* check_program: what the checker needs to know of a program, worked out from its tables and code and not believed of the certificate. */
#include <config.h>

#include "lang/certificate/checker.h"

#include <stdlib.h>
#include <string.h>

/* ---- facts ---- */

uint32_t cert_followed(const Checker *k, CertClass klass, uint32_t row, uint32_t kind) {
  for (uint32_t i = 0; i < k->c.tables.fact_count; i++) {
    const CertFact *f = &k->c.tables.facts[i];
    if (f->row == row && f->klass == (uint32_t)klass && f->kind == kind) return i;
  }
  return NONE_INDEX;
}

uint16_t cert_word_bits(const Checker *k, Slice values) {
  uint16_t bits = 0;
  for (uint32_t i = 0; i < values.count; i++) {
    uint32_t code = k->p->index_list[values.first + i];
    if (code >= 1 && code <= CERT_VALUES) bits |= (uint16_t)(1u << (code - 1));
  }
  return bits;
}

static uint32_t words_of(const Program *p, ValueType t) {
  return t.klass == VALUE_BOOL ? 2 : t.klass == VALUE_ENUM ? p->enums[t.ref].words.count : 0;
}

/* Rows that there are, with few values, each once. */
static bool fact_is_sound(Checker *k, uint32_t i) {
  const Program *p = k->p;
  const CertFact *f = &k->c.tables.facts[i];
  uint32_t rows = f->klass == CERT_FACT ? p->facts_count : f->klass == CERT_ATTR ? p->attrs_count : f->klass == CERT_PARAM ? p->params_count : 0;
  if (f->row >= rows || (f->kind >= p->kinds_count && f->klass != CERT_PARAM)) return false;
  ValueType t = f->klass == CERT_FACT ? p->facts[f->row].type : f->klass == CERT_ATTR ? p->attrs[f->row].type : p->params[f->row].type;
  uint32_t words = f->klass == CERT_PARAM && t.klass == VALUE_ENTITY ? 2 : words_of(p, t); /* whether it is the witness */
  k->all[i] = (uint16_t)((1u << words) - 1);
  return words >= 1 && words <= CERT_VALUES && cert_followed(k, (CertClass)f->klass, f->row, f->kind) == i;
}

/* What is out of service has to be followed, or nobody sees that it stays so. */
static bool follows_service(const Checker *k) {
  if (k->service == NONE_INDEX) return true;
  Slice kinds = k->p->facts[k->service].kinds;
  uint32_t words = words_of(k->p, k->p->facts[k->service].type);
  for (uint32_t i = 0; i < kinds.count && words >= 1 && words <= CERT_VALUES; i++) {
    uint32_t f = cert_followed(k, CERT_FACT, k->service, k->p->index_list[kinds.first + i]);
    if (f == NONE_INDEX || k->c.tables.facts[f].until != UINT32_MAX) return false;
  }
  return true;
}

/* What a hazard may do to a fact at any time, and which automations may write it. */
static void look_at_triggers(Checker *k, Slice triggers, uint32_t automation) {
  for (uint32_t t = triggers.first; t < triggers.first + triggers.count; t++)
    for (uint32_t i = 0; i < k->p->triggers[t].effects.count; i++) {
      const EffectRow *e = &k->p->effects[k->p->triggers[t].effects.first + i];
      uint32_t f = cert_followed(k, CERT_FACT, e->fact, e->kind);
      if (f == NONE_INDEX) continue;
      if (automation == NONE_INDEX) k->befalls[f] |= cert_word_bits(k, e->values);
      else k->writers[f] |= (uint16_t)(1u << automation);
    }
}

/* An automation that replays its backlog remembers what changed of what it watches. */
static void look_at_backlog(Checker *k, uint32_t automation) {
  const Program *p = k->p;
  Slice triggers = p->automations[automation].triggers;
  for (uint32_t t = triggers.first; t < triggers.first + triggers.count && p->automations[automation].backlog_replay; t++)
    for (uint32_t pc = p->triggers[t].condition; code_op(p->code[pc]) != OPCODE_RETURN; pc += code_words(code_op(p->code[pc])))
      if (code_op(p->code[pc]) == OPCODE_FACT) k->queuers[code_a(p->code[pc]) * p->kinds_count + p->code[pc + 1]] |= (uint16_t)(1u << automation);
}

/* ---- kinds ---- */

static void look_at_kinds(Checker *k) {
  const Program *p = k->p;
  uint32_t n = p->kinds_count;
  for (uint32_t a = 0; a < n; a++) {
    k->holds[a][a] = 1;
    if (p->kinds[a].parent != NONE_INDEX) k->holds[a][p->kinds[a].parent] = 1;
    for (uint32_t i = 0; i < p->kinds[a].attrs.count; i++) {
      ValueType t = p->attrs[p->kinds[a].attrs.first + i].type;
      if (t.klass == VALUE_ENTITY || t.klass == VALUE_LIST) k->holds[a][t.ref] = 1;
      if (t.klass == VALUE_LIST) k->several[a][t.ref] = 1;
    }
  }
  for (uint32_t by = 0; by < n; by++)
    for (uint32_t a = 0; a < n; a++)
      for (uint32_t b = 0; b < n; b++) k->holds[a][b] |= k->holds[a][by] && k->holds[by][b];
  for (uint32_t i = 0; i < p->lockouts_count; i++) k->counts[p->lockouts[i].kind] = 1;
  Slice serve = k->service == NONE_INDEX ? (Slice){0, 0} : p->facts[k->service].kinds;
  for (uint32_t i = 0; i < serve.count; i++) k->counts[p->index_list[serve.first + i]] = 1;
}

/* ---- all ---- */

static bool look_at_code(Checker *k) {
  const Program *p = k->p;
  k->starts = xcalloc(p->code_count + 1, 1);
  for (uint32_t pc = 0; pc < p->code_count; pc = pc + code_words(code_op(p->code[pc]))) {
    k->starts[pc] = 1;
    if (code_op(p->code[pc]) == OPCODE_FAN && !cert_look_at_fan(k, pc)) {
      cert_refuse(k, "members of a fan-out may act on the same thing at once", 0);
      return false;
    }
    if (code_op(p->code[pc]) == OPCODE_WATCH && !cert_look_at_emergency(k, pc)) {
      cert_refuse(k, "an emergency may act on what others share with what it is about", 0);
      return false;
    }
    if (code_op(p->code[pc]) == OPCODE_LOCK) cert_look_at_lock(k, pc);
    uint32_t action = code_op(p->code[pc]) == OPCODE_ACT ? p->calls[code_a(p->code[pc])].action : NONE_INDEX, i = 0;
    if (action == NONE_INDEX || p->actions[action].may_land == 0) continue;
    while (i < k->c.tables.late_count && k->c.tables.lates[i] != action) i++;
    if (i == k->c.tables.late_count) {
      cert_refuse(k, "may land late, which the certificate does not follow", p->actions[action].name);
      return false;
    }
  }
  return true;
}

bool cert_look_at_program(Checker *k) {
  const Program *p = k->p;
  const CertTables *t = &k->c.tables;
  bool sound = true;
  k->service = k->let = NONE_INDEX;
  for (uint32_t i = p->facts_count; i-- > 0;) /* a library of one's own comes first */
    if (strcmp(program_str(p, p->facts[i].name), "service") == 0) k->service = i;
  k->queuers = xcalloc(size_product(p->facts_count, p->kinds_count) + 1, sizeof *k->queuers);
  k->fans = xcalloc(p->fans_count + 1, sizeof *k->fans);
  for (uint32_t i = 0; i < t->fact_count; i++) sound &= fact_is_sound(k, i);
  for (uint32_t i = 0; i < t->late_count; i++) sound &= t->lates[i] < p->actions_count;
  if (!sound || !follows_service(k)) {
    cert_refuse(k, "the certificate does not follow what it has to", 0);
    return false;
  }
  look_at_kinds(k);
  for (uint32_t i = 0; i < p->hazards_count; i++) look_at_triggers(k, p->hazards[i].triggers, NONE_INDEX);
  for (uint32_t i = 0; i < p->automations_count; i++) {
    look_at_triggers(k, p->automations[i].triggers, i);
    look_at_backlog(k, i);
  }
  cert_look_at_preemptions(k);
  return look_at_code(k);
}
