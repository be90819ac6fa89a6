/* engine_embargo: `while CONDITION start no member`: a storm hold and its like. Each clause has a strand of its own that reads the
 * condition again and again while the run goes on. The embargo stands while the condition is not surely false: what nobody
 * can read keeps things from starting, too. While it stands no member of the run's own fan-outs starts, and the run begins no step,
 * lockout or setting; with `others go on to a safe point` who has started waits at the next one. It is a delay like a pause,
 * so it leads nowhere that the proof has not been. A cancel goes before it, no roll back waits for it, and who is under
 * way in a fan-out that stops finishes: the way back is the safe direction. Deadlines and windows go on counting. */
#include <config.h>

#include "runtime/engine_embargo.h"

#include <stdlib.h>

enum { EMBARGO_NEW, EMBARGO_SENSE, EMBARGO_WAIT };

/* ---- questions of the engine ---- */

static bool stands(const Engine *e, bool parks_only) {
  for (uint32_t i = 0; i < e->program->embargoes_count; i++)
    if (e->embargoes[i].state != EMBARGO_CLEAR && (!parks_only || e->program->embargoes[i].parks)) return true;
  return false;
}

/* Is the fan, or one around it, stopping? Then whoever is at work finishes. */
static bool stopping(Engine *e, uint32_t fan) {
  for (; fan != NONE_INDEX; fan = strand_at(e, e->fans.items[fan].strand)->fan)
    if (e->fans.items[fan].stop) return true;
  return false;
}

bool embargo_keeps(Engine *e, const Fan *f) {
  const Strand *owner = strand_at(e, f->strand);
  return owner->fan == NONE_INDEX && !e->cancelled && !owner->masked && stands(e, false);
}

bool embargo_waits(Engine *e, uint32_t id, bool parks_only) {
  Strand *s = strand_at(e, id);
  if (e->cancelled || s->masked || !stands(e, parks_only) || stopping(e, s->fan)) return false;
  act_wait(e, id, WAIT_EMBARGO);
  queue_add(e, &e->paused_queue, id);
  return true;
}

/* ---- beginning and end ---- */

static void look_again(Engine *e) {
  queue_wake_all(e, &e->paused_queue);
  for (uint32_t i = 0; i < e->fans.len; i++) ready_fan(e, i);
  bool locks = e->main != NONE_INDEX && code_op(e->program->code[strand_at(e, e->main)->pc]) == OPCODE_LOCK;
  if (locks) ready_strand(e, e->main);
}

void embargoes_init(Engine *e) {
  e->embargoes = arena_new_array(e->arena, Embargo, e->program->embargoes_count + 1);
  for (uint32_t i = 0; i < e->program->embargoes_count; i++) e->embargoes[i].strand = NONE_INDEX;
}

void embargoes_begin(Engine *e, int64_t from) {
  for (uint32_t i = 0; i < e->program->embargoes_count; i++) {
    uint32_t id = strand_new(e, TASK_EMBARGO);
    e->embargoes[i].strand = id;
    strand_at(e, id)->job = i;
    if (from > e->now) strand_timer(e, id, from);
    else ready_strand(e, id);
  }
}

/* Nobody read anything while no process had the run: what was clear then need not be now. */
void embargoes_resumed(Engine *e) {
  for (uint32_t i = 0; e->begun && e->main != NONE_INDEX && i < e->program->embargoes_count; i++) {
    Embargo *w = &e->embargoes[i];
    Strand *s = strand_at(e, w->strand);
    if (w->state == EMBARGO_CLEAR) w->state = EMBARGO_UNREAD;
    if (s->phase != EMBARGO_WAIT) continue;
    strand_no_timer(e, w->strand);
    ready_strand(e, w->strand);
  }
}

void embargoes_end(Engine *e) {
  for (uint32_t i = 0; i < e->program->embargoes_count; i++)
    if (e->embargoes[i].strand != NONE_INDEX) strand_free(e, e->embargoes[i].strand);
  for (uint32_t i = 0; i < e->program->embargoes_count; i++) e->embargoes[i].strand = NONE_INDEX;
}

/* ---- reading ---- */

static void ask_condition(Engine *e, Strand *s) { vm_value(e->vm, e->program->embargoes[s->job].condition, s->slots, LIMIT_SLOTS); }

/* What is asked in the rounds of one reading: for the sentence about it, where it is one fact. */
static void keep_asked(Engine *e, Embargo *w) {
  w->asked_count += e->asked.len;
  if (e->asked.len == 1) w->asked = e->asked.items[0];
}

/* "storm_hold of PHX is standing", or the condition as it is written. */
static TextId sentence(Engine *e, const EmbargoRow *row, const Embargo *w, int64_t value) {
  const Program *p = e->program;
  bool one = w->asked_count == 1 && !w->asked.metric;
  if (!one && value == 0) return text_printf(e, "no longer: %s", program_str(p, row->text));
  if (!one && value == 1) return text_printf(e, "%s", program_str(p, row->text));
  if (!one) return text_printf(e, "not all could be read of: %s", program_str(p, row->text));
  const FactRow *fact = &p->facts[w->asked.fact];
  int64_t v = engine_fact(e, w->asked.fact, w->asked.kind, w->asked.entity);
  const char *name = entity_name(e, w->asked.kind, w->asked.entity);
  if (v == VALUE_UNKNOWN) return text_printf(e, "%s of %s could not be read", program_str(p, fact->name), name);
  if (fact->type.klass != VALUE_ENUM) return text_printf(e, "%s, of %s", program_str(p, row->text), name);
  const EnumRow *words = &p->enums[fact->type.ref];
  return text_printf(e, "%s of %s is %s", program_str(p, fact->name), name, program_str(p, p->enum_words[words->words.first + (uint32_t)v - 1]));
}

static void judge(Engine *e, uint32_t id) {
  uint32_t i = strand_at(e, id)->job;
  const EmbargoRow *row = &e->program->embargoes[i];
  Embargo *w = &e->embargoes[i];
  int64_t value = vm_value(e->vm, row->condition, strand_at(e, id)->slots, LIMIT_SLOTS);
  EmbargoState before = w->state;
  w->state = value == 0 ? EMBARGO_CLEAR : value == VALUE_UNKNOWN ? EMBARGO_UNKNOWN : EMBARGO_STANDS;
  bool stood = before == EMBARGO_STANDS || before == EMBARGO_UNKNOWN;
  if (w->state == EMBARGO_CLEAR) {
    if (stood) note(e, NOTE_GOES_ON, i, NONE_INDEX, NONE_INDEX, e->now - w->since, row->line, sentence(e, row, w, 0));
    if (before != EMBARGO_CLEAR) look_again(e);
    return;
  }
  if (!stood) w->since = e->now;
  w->why = sentence(e, row, w, value);
  if (before != w->state) note(e, NOTE_HELD_BACK, i, NONE_INDEX, NONE_INDEX, w->since, row->line, w->why);
  for (uint32_t f = 0; f < e->fans.len; f++) ready_fan(e, f); /* their window may have closed meanwhile */
}

void embargo_run(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == EMBARGO_WAIT && s->timer != TIMER_NONE) return;
  if (s->phase != EMBARGO_SENSE) {
    if (s->timer != TIMER_NONE) return; /* the window has yet to open */
    sense_begin(e, s);
    s->phase = EMBARGO_SENSE;
    e->embargoes[s->job].asked_count = 0;
  }
  if (s->outstanding > 0) return;
  bool complete = sense_round(e, id, ask_condition);
  keep_asked(e, &e->embargoes[s->job]);
  if (!complete) return;
  judge(e, id);
  s = strand_at(e, id);
  s->phase = EMBARGO_WAIT;
  const int64_t *every = e->frozen->embargo_every;
  strand_timer(e, id, later(e, every ? every[s->job] : EMBARGO_EVERY));
}

/* ---- questions of others ---- */

/* A strand of which something can still go on before it is at a safe point, and nothing of it waits for another. */
static bool goes_on(Engine *e, const Strand *s) {
  if (s->task != TASK_CODE || s->fan == NONE_INDEX || s->wait == WAIT_EMBARGO) return false;
  bool inner = s->phase > 0 && s->exit == EXIT_NONE && code_op(e->program->code[s->pc]) == OPCODE_FAN && s->job != NONE_INDEX;
  return !inner || e->fans.items[s->job].running == 0;
}

/* Of the members of the run's own fan-outs: those with a strand that goes on, each once. */
static uint32_t count_going(Engine *e) {
  uint32_t n = 0;
  uint8_t *seen = xcalloc(e->strand_count + 1, 1);
  for (uint32_t i = 0; i < e->strand_count; i++) {
    if (!goes_on(e, strand_at(e, i))) continue;
    uint32_t top = i;
    for (uint32_t up; strand_at(e, up = e->fans.items[strand_at(e, top)->fan].strand)->fan != NONE_INDEX;) top = up;
    n += !seen[top];
    seen[top] = 1;
  }
  free(seen);
  return n;
}

bool engine_embargo(Engine *e, uint32_t i, EmbargoView *ret) {
  for (uint32_t row = 0; row < e->program->embargoes_count; row++) {
    const Embargo *w = &e->embargoes[row];
    if ((w->state != EMBARGO_STANDS && w->state != EMBARGO_UNKNOWN) || i-- > 0) continue;
    *ret = (EmbargoView){.row = row, .since = w->since, .why = text_of(e, w->why), .unknown = w->state == EMBARGO_UNKNOWN,
                         .parks = e->program->embargoes[row].parks};
    return true;
  }
  return false;
}

EmbargoCount engine_embargo_count(Engine *e) {
  EmbargoCount out = {.kind = NONE_INDEX, .going = count_going(e)};
  uint32_t running = 0;
  for (uint32_t i = 0; i < e->fans.len; i++) {
    const Fan *f = &e->fans.items[i];
    if (!f->used || strand_at(e, f->strand)->fan != NONE_INDEX) continue;
    out.kind = e->program->fans[f->row].kind;
    out.waiting += f->stop ? 0 : f->left;
    running += f->running;
  }
  out.parked = running > out.going ? running - out.going : 0;
  return out;
}
