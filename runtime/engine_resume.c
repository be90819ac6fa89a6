/* engine_resume: a new process took over. What only reads or is the same when done twice is issued again; an action is
 * repeated, looked at, or asked about, as its contract says. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_parts.h"

#include <assert.h>
#include <stdlib.h>

static int by_number(const void *l, const void *r) {
  uint64_t a = *(const uint64_t *)l, b = *(const uint64_t *)r;
  return (a > b) - (a < b);
}

/* The same command once more. Its time begins anew; a question keeps its own. */
static void issue_again(Engine *e, Flight *f) {
  Command *c = &f->command;
  if (c->kind != COMMAND_ASK) c->deadline = e->now + (c->deadline - c->issued);
  if (c->kind != COMMAND_ASK) c->issued = e->now;
  c->again = 1;
  if (c->kind == COMMAND_LOCK) lock_asked_again(e, f);
  timers_remove(&e->timers, &f->timer);
  f->timer = timers_add(&e->timers, c->deadline + GRACE, TIMER_FLIGHT, c->id);
  vec_push(&e->commands, *c);
}

static const ActionRow *action_of(const Engine *e, const Strand *s) {
  return &e->program->actions[e->program->calls[strand_op_a(e, s)].action];
}

static void ask_check(Engine *e, Strand *s) {
  vm_value(e->vm, action_of(e, s)->check, s->args, action_of(e, s)->params.count);
}

/* ---- an action whose fate is looked into: its flight is kept aside in the strand ---- */

static void begin_look(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  sense_begin(e, s);
  s->phase = ACT_LOOK;
  ready_strand(e, id);
}

static void begin_ask(Engine *e, uint32_t id, const Command *act) {
  Strand *s = strand_at(e, id);
  uint32_t lockout = strand_lockout(e, s);
  uint32_t role = lockout == NONE_INDEX ? NONE_INDEX : e->program->lockouts[e->lockouts.items[lockout].row].hand_over;
  TextId text = text_printf(e, "was %s of %s done? The runtime was interrupted in the middle of it.",
                            program_str(e->program, action_of(e, s)->name), entity_name(e, act->kind_of_entity, act->entity));
  Command c = {.kind = COMMAND_ASK, .subject = NONE_INDEX, .entity = act->entity, .kind_of_entity = act->kind_of_entity,
               .arg_count = 1, .args = {role}, .deadline = e->now + RESUME_ASK, .text = text_of(e, text)};
  s->phase = ACT_ASK;
  note(e, NOTE_WAITING, role, act->kind_of_entity, act->entity, c.deadline, 0, text);
  issue(e, id, c, NONE_INDEX);
  act_sent(e, id, action_of(e, s), c.deadline);
}

static void resume_act(Engine *e, uint64_t command) {
  Flight *f = flight_find(e, command), taken;
  Strand *s = strand_at(e, f->strand);
  const ActionRow *a = action_of(e, s);
  RepeatRule rule = (RepeatRule)a->repeat;
  if (rule == REPEAT_RULE_CHECK && !a->check) rule = REPEAT_RULE_ASK;
  if (s->place == PLACE_WATCHED) { /* while it is looked into it holds its place as one that works */
    strand_no_timer(e, f->strand);
    s->place = PLACE_HELD;
  }
  if (rule == REPEAT_RULE_SAFE) {
    issue_again(e, f);
    act_sent(e, f->strand, a, f->command.deadline);
    return;
  }
  flight_take(e, command, &taken);
  s->outstanding--;
  s->until = taken.command.deadline - taken.command.issued;
  if (rule == REPEAT_RULE_CHECK) begin_look(e, taken.strand);
  else begin_ask(e, taken.strand, &taken.command);
}

/* Not done: the same command, with the same id, goes out again. */
static void act_again(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  Command c = act_command(e, s);
  c.id = s->command;
  c.issued = e->now;
  c.deadline = e->now + s->until;
  c.again = 1;
  Flight f = {.command = c, .strand = id};
  f.timer = timers_add(&e->timers, c.deadline + GRACE, TIMER_FLIGHT, c.id);
  id_map_put(&e->flight_of, c.id, e->flights.len);
  vec_push(&e->flights, f);
  vec_push(&e->commands, c);
  s->outstanding++;
  s->phase = ACT_FLIGHT;
  act_sent(e, id, action_of(e, s), c.deadline);
}

/* ACT_LOOK and ACT_ASK: the answer is as good as the action's own. */
Flow act_looks(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == ACT_ASK) {
    s->phase = ACT_FLIGHT;
    return FLOW_ON;
  }
  if (!sense_round(e, id, ask_check)) return FLOW_WAIT;
  int64_t done = vm_value(e->vm, action_of(e, s)->check, s->args, action_of(e, s)->params.count);
  if (done == 0) {
    act_again(e, id);
    return FLOW_WAIT;
  }
  s->answer = done == 1 ? OUT_OK : OUT_UNKNOWN;
  s->detail = done == 1 ? 0 : text_printf(e, "it is not known whether it was done");
  s->command = 0;
  s->phase = ACT_FLIGHT;
  return FLOW_ON;
}

void run_resumed(Engine *e) {
  uint64_t *ids = xcalloc(e->flights.len + 1, sizeof *ids);
  uint32_t count = e->flights.len;
  for (uint32_t i = 0; i < count; i++) ids[i] = e->flights.items[i].command.id;
  qsort(ids, count, sizeof *ids, by_number);
  for (uint32_t i = 0; i < count; i++) {
    Flight *f = flight_find(e, ids[i]);
    assert(f);
    if (f->command.kind == COMMAND_ACT) resume_act(e, ids[i]);
    else issue_again(e, f);
  }
  free(ids);
  embargoes_resumed(e);
}
