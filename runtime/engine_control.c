/* engine_control: what people do to a run besides answering its questions: pause, go on, stop after a step, hold a member,
 * set one aside, try again, take the run over, give it up. Each is judged when it is taken, by the same rules by which it was
 * judged when a person was asked: what no longer fits changes nothing, and is noted. A pause and a hold only keep things from
 * starting, which a slow world does as well; setting aside is an exit of the language; so no control leads where the proof has
 * not been. */
#include <config.h>

#include "runtime/engine_emergency.h"

#include <string.h>

void control_init(Engine *e) {
  const Program *p = e->program;
  e->stop_after = NONE_INDEX;
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc])))
    if (code_op(p->code[pc]) == OPCODE_LOCK) e->last_lock = pc;
}

void control_done(Engine *e) {
  vec_done(&e->held);
  vec_done(&e->uncounted);
  vec_done(&e->breaks);
}

/* ---- starting nothing new ---- */

static void pause_run(Engine *e, TextId by) {
  if (e->paused) return;
  note(e, NOTE_WAITING, NONE_INDEX, NONE_INDEX, NONE_INDEX, 0, 0, text_printf(e, "paused%s%s", by ? " by " : "", text_of(e, by)));
  e->paused = true;
  e->paused_since = e->now;
  e->paused_by = by;
}

static void go_on(Engine *e) {
  e->paused = false;
  e->stop_after = NONE_INDEX;
  queue_wake_all(e, &e->paused_queue);
  for (uint32_t i = 0; i < e->fans.len; i++) ready_fan(e, i);
  bool locks = e->main != NONE_INDEX && code_op(e->program->code[strand_at(e, e->main)->pc]) == OPCODE_LOCK;
  if (locks) ready_strand(e, e->main); /* lockouts are taken by the main strand only */
}

/* Its end is reached on the way in only: a roll back goes on to the end of the run. */
void control_step_ended(Engine *e, uint32_t step) {
  if (e->stop_after != step) return;
  e->stop_after = NONE_INDEX;
  pause_run(e, e->stop_by);
}

static TextId stop_refused(Engine *e, uint32_t step) {
  if (step >= e->program->steps_count) return text_printf(e, "there is no such step");
  const char *name = program_str(e->program, e->program->steps[step].name);
  if (e->main != NONE_INDEX && strand_at(e, e->main)->masked) return text_printf(e, "it rolls back, and goes on to its end");
  if (e->cancelled) return text_printf(e, "it is being given up, and goes on to its end");
  if (e->steps[step].begun && e->steps[step].ended) return text_printf(e, "step %s has ended already; `pause` stops it now", name);
  return 0;
}

/* ---- trying again ---- */

uint64_t engine_hold_question(const Engine *engine, uint32_t kind, uint32_t entity) {
  Engine *e = (Engine *)engine; /* a strand is only looked at */
  for (uint32_t i = 0; i < e->flights.len; i++) {
    const Flight *f = &e->flights.items[i];
    if (f->command.kind != COMMAND_ASK || f->command.kind_of_entity != kind || f->command.entity != entity) continue;
    if (code_op(e->program->code[strand_at(e, f->strand)->pc]) == OPCODE_HOLD) return f->command.id;
  }
  return 0;
}

static TextId retry_refused(Engine *e, uint32_t kind, uint32_t entity) {
  if (kind >= e->program->kinds_count || entity >= fleet_count(e->fleet, kind)) return text_printf(e, "there is no such member");
  const char *name = entity_name(e, kind, entity);
  if (aside_may_end(e, kind, entity)) return 0;
  if (member_out(e, kind, entity))
    return text_printf(e, "%s has left the procedure (%s), and stays out: what it missed is not made up for in the middle of a run. "
                          "It keeps its locks until it is released or handed over; a run of its own takes it in again",
                       name, text_of(e, member_why(e, kind, entity)));
  if (member_state(e, kind, entity) == MEMBER_FREE) return text_printf(e, "%s is no member of this run", name);
  return text_printf(e, "nothing about %s waits for a person: only where its runbook says `hold` is there anything to try again", name);
}

/* ---- who is on duty ---- */

/* Of "alice: shift change" the person. */
static void take_over(Engine *e, TextId by) {
  const char *colon = strstr(text_of(e, by), ": ");
  e->duty = colon ? text_printf(e, "%.*s", (int)(colon - text_of(e, by)), text_of(e, by)) : by;
  e->duty_since = e->now;
}

uint32_t engine_duty_mark(const Engine *e) {
  const uint32_t basis = 2166136261u, prime = 16777619u; /* FNV-1a */
  uint32_t h = basis;
  for (const char *c = text_of(e, e->duty); *c; c++) h = (h ^ (unsigned char)*c) * prime;
  return h == NONE_INDEX ? 0 : h;
}

/* Of two who take a run from the same person at the same moment the first has it, and the second is told. */
static TextId take_refused(Engine *e, const Event *event) {
  if (event->entity == NONE_INDEX || event->entity == engine_duty_mark(e)) return 0;
  return text_printf(e, "%s has taken it meanwhile", e->duty ? text_of(e, e->duty) : "whoever started it");
}

/* ---- giving up ---- */

/* Does the main strand still do something to members, or only let go of what it has locked? */
static bool something_left(const Engine *e) {
  const Program *p = e->program;
  if (e->main == NONE_INDEX) return !e->begun;
  for (uint32_t pc = strand_at((Engine *)e, e->main)->pc; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    Opcode op = code_op(p->code[pc]);
    if (op == OPCODE_HALT) return false; /* what stands behind it is no part of the main strand */
    if (op >= OPCODE_SENSE && op != OPCODE_UNLOCK) return true;
  }
  return false;
}

static TextId cancel_refused(Engine *e) {
  if (e->cancelled) return text_printf(e, "it is being given up already");
  return something_left(e) ? 0 : text_printf(e, "there is nothing left to give up: the work is done, and what was locked is being let go");
}

uint32_t engine_attempt(const Engine *engine) {
  Engine *e = (Engine *)engine; /* a strand is only looked at */
  for (uint32_t s = e->main == NONE_INDEX ? NONE_INDEX : strand_at(e, e->main)->scope; s != NONE_INDEX; s = e->scopes.items[s].outer)
    if (e->scopes.items[s].kind == SCOPE_ATTEMPT) return e->scopes.items[s].row;
  return NONE_INDEX;
}

/* ---- all of them ---- */

static TextId refusal(Engine *e, const Event *event) {
  switch ((ControlKind)event->value) {
    case CONTROL_STOP_AFTER: return stop_refused(e, event->subject);
    case CONTROL_HOLD: case CONTROL_UNHOLD: return held_refused(e, event);
    case CONTROL_SET_ASIDE: return aside_refused(e, event);
    case CONTROL_RETRY: return retry_refused(e, event->kind_of_entity, event->entity);
    case CONTROL_BREAK: case CONTROL_BROKEN: return break_refused(e, event);
    case CONTROL_TAKE: return take_refused(e, event);
    case CONTROL_CANCEL: return cancel_refused(e);
    case CONTROL_PREEMPT: return preempt_refused(e, event);
    case CONTROL_PAUSE: case CONTROL_GO_ON: case CONTROL_JOIN: case CONTROL_KIND_COUNT: break;
  }
  return 0;
}

const char *engine_refuses(Engine *e, const Event *event) {
  bool breaks = event->value == CONTROL_BREAK || event->value == CONTROL_BROKEN;
  TextId why = e->outcome == RUN_GOING || breaks ? refusal(e, event) : text_printf(e, "the run has ended");
  return why ? text_of(e, why) : NULL;
}

static const char *speaker(const Event *event) {
  const char *who = event->text ? event->text : "";
  return strncmp(who, "by ", 3) == 0 ? who + 3 : who; /* as the command line says it */
}

static void refuse(Engine *e, const Event *event, TextId why) {
  bool member = event->value != CONTROL_STOP_AFTER && event->kind_of_entity < e->program->kinds_count &&
                event->entity < fleet_count(e->fleet, event->kind_of_entity);
  note(e, NOTE_REFUSED, NONE_INDEX, member ? event->kind_of_entity : NONE_INDEX, member ? event->entity : NONE_INDEX, event->value, 0, why);
}

static void obey(Engine *e, const Event *event, TextId by) {
  switch ((ControlKind)event->value) {
    case CONTROL_PAUSE: pause_run(e, by); break;
    case CONTROL_GO_ON: go_on(e); break;
    case CONTROL_CANCEL:
      if (!e->cancelled) e->reason = text_printf(e, "cancelled%s%s", by ? " by " : "", text_of(e, by));
      run_cancel(e);
      break;
    case CONTROL_STOP_AFTER:
      e->stop_after = event->subject;
      e->stop_by = by;
      break;
    case CONTROL_HOLD: case CONTROL_UNHOLD: held_take(e, event, by); break;
    case CONTROL_SET_ASIDE: aside_take(e, event, by); break;
    case CONTROL_RETRY: aside_end(e, event->kind_of_entity, event->entity); break;
    case CONTROL_TAKE: take_over(e, by); break;
    case CONTROL_BREAK: case CONTROL_BROKEN: break_take(e, event, by); break;
    case CONTROL_PREEMPT: preempt_take(e, event, by); break;
    case CONTROL_JOIN: case CONTROL_KIND_COUNT: break;
  }
}

void control(Engine *e, const Event *event) {
  TextId why = refusal(e, event);
  const char *who = speaker(event);
  if (why) refuse(e, event, why);
  else obey(e, event, *who ? (TextId)vm_intern(e->vm, who) : 0);
}

/* ---- questions ---- */

bool engine_paused(const Engine *e, int64_t *ret_since, const char **ret_by) {
  if (ret_since) *ret_since = e->paused_since;
  if (ret_by) *ret_by = text_of(e, e->paused_by);
  return e->paused;
}

uint32_t engine_stops_after(const Engine *e, const char **ret_by) {
  if (ret_by) *ret_by = text_of(e, e->stop_by);
  return e->stop_after;
}

bool engine_parked(const Engine *e) { return e->paused || e->held.len > 0; }

const char *engine_duty(const Engine *e, int64_t *ret_since) {
  if (ret_since) *ret_since = e->duty_since;
  return text_of(e, e->duty);
}
