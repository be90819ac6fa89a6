/* missed: see missed.h. */
#include <config.h>

#include "cli/missed.h"

#include "cli/crowd.h"

static Missed *missed_of(MissedList *l, const Note *n) {
  for (uint32_t i = 0; i < l->len; i++) {
    Missed *m = &l->items[i];
    if (m->action == n->subject && m->kind == n->kind_of_entity && m->outcome == n->value) return m;
  }
  vec_push(l, ((Missed){.action = n->subject, .kind = n->kind_of_entity, .outcome = n->value, .at = n->at}));
  return &l->items[l->len - 1];
}

void missed_add(MissedList *l, const Note *end) {
  Missed *m = missed_of(l, end);
  for (uint32_t i = 0; i < m->members.len; i++)
    if (m->members.items[i] == end->entity) return;
  if (!missed_untold(m)) m->at = end->at;
  vec_push(&m->members, end->entity);
}

bool missed_untold(const Missed *m) { return m->told < m->members.len; }

void missed_told_by_leaving(MissedList *l, const Note *n) {
  uint32_t untold = 0;
  for (uint32_t i = 0; i < l->len; i++) untold += l->items[i].members.len - l->items[i].told;
  for (uint32_t i = 0; i < l->len && untold == 1; i++) {
    Missed *m = &l->items[i];
    if (m->outcome != OUT_OK && missed_untold(m) && m->kind == n->kind_of_entity && m->members.items[m->told] == n->entity) m->told = m->members.len;
  }
}

void missed_tell(Missed *m, const Story *s, Buf *out) {
  const Program *p = s->program;
  buf_printf(out, "%s %s ", program_str(p, p->actions[m->action].name),
             m->outcome == OUT_OK ? "is done by the emergency on" : m->outcome == OUT_FAILED ? "failed on" : "ended unknown on");
  crowd_names(s, m->kind, m->members.items + m->told, m->members.len - m->told, out);
  m->told = m->members.len;
}

void missed_forget(MissedList *l) {
  for (uint32_t i = 0; i < l->len; i++) vec_done(&l->items[i].members);
  l->len = 0;
}

void missed_done(MissedList *l) {
  missed_forget(l);
  vec_done(l);
}
