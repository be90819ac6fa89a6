/* moment: notes compared with what was written. */
#include <config.h>

#include "runtime/moment.h"

#include <stdlib.h>
#include <string.h>

/* Procedures are inlined, and a roll back may ask again by the same name: all steps and gates of a name are meant. */
static bool same_step(const Program *p, uint32_t a, uint32_t b) {
  return b < p->steps_count && strcmp(program_str(p, p->steps[a].name), program_str(p, p->steps[b].name)) == 0;
}
static bool same_gate(const Program *p, uint32_t a, uint32_t b) {
  return b < p->gates_count && strcmp(program_str(p, p->gates[a].name), program_str(p, p->gates[b].name)) == 0;
}

static bool of_kind(const Program *p, const Moment *m, const Note *n) {
  bool member = m->on_kind != NONE_INDEX;
  switch (m->kind) {
  case MOMENT_NONE: return false;
  case MOMENT_ACTION_BEGINS: return n->kind == NOTE_ACTION_BEGIN && n->subject == m->subject;
  case MOMENT_ACTION_ENDS: return n->kind == NOTE_ACTION_END && n->subject == m->subject;
  case MOMENT_STEP_BEGINS: return n->kind == (member ? NOTE_MEMBER_BEGIN : NOTE_STEP_BEGIN) && same_step(p, m->subject, n->subject);
  case MOMENT_STEP_ENDS: return n->kind == (member ? NOTE_MEMBER_END : NOTE_STEP_END) && same_step(p, m->subject, n->subject);
  case MOMENT_GATE_BEGINS: return n->kind == NOTE_GATE_OPEN && same_gate(p, m->subject, n->subject);
  case MOMENT_GATE_ENDS: return n->kind == NOTE_GATE_CLOSED && same_gate(p, m->subject, n->subject);
  case MOMENT_LOCKED: return n->kind == NOTE_LOCKED && n->subject == m->subject;
  case MOMENT_UNLOCKED: return n->kind == NOTE_RELEASED && n->subject == m->subject;
  case MOMENT_ROLL_BACK: return n->kind == NOTE_ROLL_BACK;
  case MOMENT_RUN_ENDS: return n->kind == NOTE_END;
  }
  return false;
}

bool moment_is(const Program *p, const Fleet *fleet, const Moment *m, const Note *n) {
  if (!of_kind(p, m, n)) return false;
  if (m->on_kind == NONE_INDEX || n->kind_of_entity == NONE_INDEX) return true;
  return fleet_up(fleet, n->kind_of_entity, n->entity, m->on_kind) == m->on;
}

void moments_init(Moments *m, const Faults *faults) {
  *m = (Moments){faults, xcalloc(faults ? faults->count + 1 : 1, sizeof *m->came)};
}

void moments_done(Moments *m) { free(m->came); }

const Fault *moments_come(Moments *m, const Program *p, const Fleet *fleet, const Note *note, uint32_t *iterator) {
  while (m->faults && *iterator < m->faults->count) {
    uint32_t i = (*iterator)++;
    const Fault *f = &m->faults->items[i];
    if (!moment_is(p, fleet, &f->at, note)) continue;
    m->came[i]++;
    if (f->at.nth == 0 || m->came[i] == f->at.nth) return f;
  }
  return NULL;
}
