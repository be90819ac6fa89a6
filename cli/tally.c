/* tally: events and notes counted. */
#include <config.h>

#include "cli/tally.h"

#include <string.h>

void tally_init(Tally *t, const Program *p, Arena *arena) {
  *t = (Tally){.program = p, .arena = arena, .steps = arena_new_array(arena, StepTally, p->steps_count)};
}

void tally_done(Tally *t) {
  vec_done(&t->incidents);
  vec_done(&t->evidence);
}

static const char *keep(Tally *t, const char *text) { return text && *text ? arena_string(t->arena, text, strlen(text)) : NULL; }

static void take_control(Tally *t, const Event *e) {
  if (e->value == CONTROL_PAUSE && !t->paused_since) {
    t->paused_since = e->at;
    t->paused_by = keep(t, e->text);
    t->paused_here = e->subject == CONTROL_HERE;
  }
  if (e->value == CONTROL_GO_ON) t->paused_since = 0;
  if (e->value == CONTROL_CANCEL) t->cancelled = true;
  t->asides += e->value == CONTROL_SET_ASIDE;
  if (e->value == CONTROL_JOIN) {
    t->joined++;
    t->joined_last = keep(t, e->text && strncmp(e->text, "by ", 3) == 0 ? e->text + 3 : e->text);
  }
}

static void take_answer(Tally *t, const Event *e) {
  const Program *p = t->program;
  if (e->value != 1 || !e->text || e->subject >= p->gates_count || p->gates[e->subject].asks.count == 0) return;
  for (uint32_t i = 0; i < t->evidence.len; i++) {
    EvidenceTally *known = &t->evidence.items[i];
    if (known->gate != e->subject || strcmp(known->text, e->text) != 0) continue;
    known->members++;
    return;
  }
  vec_push(&t->evidence, ((EvidenceTally){e->subject, e->kind_of_entity, e->entity, 1, keep(t, e->text)}));
}

void tally_event(Tally *t, const Event *e) {
  if (t->events++ == 0) t->began = e->at;
  if (!t->ended) t->latest = e->at;
  if (e->kind == EVENT_RESUMED) t->resumes++;
  if (e->kind == EVENT_CONTROL) take_control(t, e);
  if (e->kind == EVENT_ANSWER) take_answer(t, e);
}

static void add_incident(Tally *t, const Note *n) {
  Note copy = *n;
  copy.text = keep(t, n->text);
  vec_push(&t->incidents, copy);
}

static void end_step(Tally *t, const Engine *engine, const Note *n) {
  StepTally *s = &t->steps[n->subject];
  s->ended = true;
  s->end = n->at;
  s->count = engine_step_count(engine, n->subject);
}

void tally_note(Tally *t, const Engine *engine, const Note *n) {
  switch (n->kind) {
  case NOTE_STEP_BEGIN:
    if (!t->steps[n->subject].begun) t->steps[n->subject] = (StepTally){.begin = n->at, .begun = true};
    t->steps[n->subject].ended = false;
    break;
  case NOTE_STEP_END: end_step(t, engine, n); break;
  case NOTE_ACTION_BEGIN: t->actions++; break;
  case NOTE_ACTION_END:
    t->failed += n->value == OUT_FAILED;
    t->unknown += n->value == OUT_UNKNOWN;
    break;
  case NOTE_HANDED_OVER:
  case NOTE_SET_ASIDE:
  case NOTE_KEPT_OUT:
  case NOTE_LEFT_OUT:
  case NOTE_ROLL_BACK:
  case NOTE_SURPRISE:
  case NOTE_REFUSED:
  case NOTE_UNTOLD:
  case NOTE_ALARM: add_incident(t, n); break;
  case NOTE_RUN:
  case NOTE_MEMBER_BEGIN:
  case NOTE_MEMBER_END:
  case NOTE_LOCKED:
  case NOTE_RELEASED:
  case NOTE_GATE_OPEN:
  case NOTE_GATE_CLOSED:
  case NOTE_WAITING:
  case NOTE_HELD_BACK:
  case NOTE_GOES_ON:
  case NOTE_KIND_COUNT:
    break;
  case NOTE_END: t->ended = true; break;
  }
}

uint32_t tally_incidents(const Tally *t, NoteKind kind) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < t->incidents.len; i++) n += t->incidents.items[i].kind == kind;
  return n;
}
