/* engine_strand: a strand from instruction to instruction. Expression code runs in the virtual machine; a step is a function
 * of the table below. Before each step that is not yet begun the strand looks whether there is a reason to leave. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_emergency.h"

#include <assert.h>
#include <string.h>

/* ---- the pool ---- */

uint32_t strand_new(Engine *e, Task task) {
  uint32_t id;
  if (e->spare_strands.len) {
    id = e->spare_strands.items[--e->spare_strands.len];
  } else {
    id = e->strand_count++;
    if (id % STRAND_CHUNK == 0) vec_push(&e->chunks, xcalloc(STRAND_CHUNK, sizeof(Strand)));
  }
  Strand *s = strand_at(e, id);
  bool ready = s->ready;
  *s = (Strand){.task = (uint8_t)task, .fan = NONE_INDEX, .member = NONE_INDEX, .scope = NONE_INDEX, .base = NONE_INDEX,
                .timer = TIMER_NONE, .job = NONE_INDEX, .queue_next = NONE_INDEX, .bucket = NONE_INDEX, .ready = ready};
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) s->slots[i] = VALUE_UNKNOWN;
  if (++e->strands_used > e->strands_peak) e->strands_peak = e->strands_used;
  return id;
}

void strand_free(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  strand_no_timer(e, id);
  if (s->outstanding) flights_drop(e, id);
  strand_asked_forget(e, id);
  s->task = TASK_FREE;
  e->strands_used--;
  vec_push(&e->spare_strands, id);
}

/* ---- helpers of the instructions ---- */

Flow flow_next(Engine *e, Strand *s) {
  e->ended[s->pc] |= (uint8_t)(1u << s->outcome);
  s->pc += code_words(code_op(e->program->code[s->pc]));
  s->phase = 0;
  s->job = NONE_INDEX;
  return FLOW_ON;
}

Flow flow_exit(Strand *s, ExitKind exit, TextId why) {
  s->exit = (uint8_t)exit;
  s->why = why;
  s->phase = 0;
  s->job = NONE_INDEX;
  return FLOW_EXIT;
}

int64_t region_value(Engine *e, const Strand *s, CodeRef region, int64_t none) {
  if (!region) return none;
  int64_t v = vm_value(e->vm, region, s->slots, LIMIT_SLOTS);
  return v == VALUE_UNKNOWN ? none : v;
}

/* The strand around it, or its own, whose member is no longer in; NULL: all are. */
static const Strand *out_strand(Engine *e, uint32_t id) {
  const Strand *s = strand_at(e, id);
  for (; s->fan != NONE_INDEX; s = strand_at(e, e->fans.items[s->fan].strand))
    if (member_out(e, e->program->fans[e->fans.items[s->fan].row].kind, s->member)) return s;
  return NULL;
}

bool strand_left(Engine *e, uint32_t id) { return out_strand(e, id) != NULL; }

static bool left_the_procedure(Engine *e, uint32_t id) {
  const Strand *out = out_strand(e, id);
  if (out) flow_exit(strand_at(e, id), EXIT_OUT, member_why(e, e->program->fans[e->fans.items[out->fan].row].kind, out->member));
  return out != NULL;
}

/* The member of the main strand's fan that it works for; NULL: for none. */
static Strand *top_member(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->fan == NONE_INDEX) return NULL;
  for (Strand *up; (up = strand_at(e, e->fans.items[s->fan].strand))->fan != NONE_INDEX;) s = up;
  return s;
}

void strand_begins(Engine *e, uint32_t id) {
  Strand *top = strand_at(e, id)->task == TASK_CODE ? top_member(e, id) : NULL;
  if (top) top->begun = 1;
}

/* A member at which nothing was done is one that never began, which is what the proof knows of it; any other finishes. */
bool strand_given_up(Engine *e, uint32_t id) {
  const Strand *s = strand_at(e, id), *top;
  if (!e->cancelled || s->masked || s->task != TASK_CODE) return false;
  return (top = top_member(e, id)) && !top->begun;
}

/* A roll back is not stopped by a guard outside of it. */
uint32_t tripped_guard(const Engine *e, const Strand *s) {
  for (uint32_t i = s->scope; s->tripped && i != s->base; i = e->scopes.items[i].outer) {
    const Scope *scope = &e->scopes.items[i];
    if (scope->kind == SCOPE_GUARD && scope->tripped) return i;
    if (scope->kind == SCOPE_ATTEMPT && scope->undoing) return NONE_INDEX;
  }
  return NONE_INDEX;
}

bool strand_diverted(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->task != TASK_CODE || s->emergency) return false;
  uint32_t guard = tripped_guard(e, s);
  if (left_the_procedure(e, id)) (void)0;
  else if ((e->cancelled && !s->masked && s->fan == NONE_INDEX) || strand_given_up(e, id)) flow_exit(s, EXIT_CANCEL, e->reason);
  else if (guard != NONE_INDEX) flow_exit(s, EXIT_GUARD, e->scopes.items[guard].why);
  else return false;
  strand_no_timer(e, id);
  return true;
}

/* ---- small instructions ---- */

static Flow on_outcome(Engine *e, Strand *s, Outcome wanted) {
  if (s->outcome != (uint8_t)wanted) return flow_next(e, s);
  s->pc = strand_op_a(e, s);
  return FLOW_ON;
}
static Flow op_on_ok(Engine *e, uint32_t id) { return on_outcome(e, strand_at(e, id), OUT_OK); }
static Flow op_on_failed(Engine *e, uint32_t id) { return on_outcome(e, strand_at(e, id), OUT_FAILED); }
static Flow op_on_unknown(Engine *e, uint32_t id) { return on_outcome(e, strand_at(e, id), OUT_UNKNOWN); }

static Flow op_wait(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == 0) {
    int64_t d = vm_pop(e->vm);
    s->phase = 1;
    if (d == VALUE_UNKNOWN || d <= 0) return flow_next(e, s);
    strand_timer(e, id, later(e, d));
    return FLOW_WAIT;
  }
  if (strand_diverted(e, id)) return FLOW_EXIT;
  return s->timer == TIMER_NONE ? flow_next(e, s) : FLOW_WAIT;
}

static Flow op_step_begin(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t step = strand_op_a(e, s);
  e->steps[step].begun = 1;
  e->step_begun[step] = ++e->steps_begun;
  e->steps[step].ended = 0;
  note(e, NOTE_STEP_BEGIN, step, NONE_INDEX, NONE_INDEX, 0, e->program->steps[step].line, e->program->steps[step].title);
  return flow_next(e, s);
}

static Flow op_step_end(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t step = strand_op_a(e, s);
  e->steps[step].ended = 1;
  note(e, NOTE_STEP_END, step, NONE_INDEX, NONE_INDEX, OUT_OK, e->program->steps[step].line, e->program->steps[step].title);
  control_step_ended(e, step);
  return flow_next(e, s);
}

static Flow op_attempt(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t scope = scope_open(e, id, SCOPE_ATTEMPT, strand_op_a(e, s), NONE_INDEX);
  e->scopes.items[scope].marks = e->marks.len;
  e->scopes.items[scope].pass = e->passes;
  e->scopes.items[scope].steps = e->steps_begun;
  return flow_next(e, s);
}

static Flow op_remember(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t row = strand_op_a(e, s);
  int64_t value = vm_pop(e->vm), entity = vm_pop(e->vm);
  if (entity == VALUE_UNKNOWN) return flow_next(e, s);
  uint32_t count = fleet_count(e->fleet, e->program->remembers[row].kind);
  if (!e->recalls[row]) {
    e->recalls[row] = arena_new_array(e->arena, int64_t, count);
    for (uint32_t i = 0; i < count; i++) e->recalls[row][i] = VALUE_UNKNOWN;
  }
  e->recalls[row][entity] = value;
  return flow_next(e, s);
}

static Flow op_notify(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  int64_t text = vm_pop(e->vm);
  tell(e, (Command){.kind = COMMAND_NOTIFY, .subject = strand_op_a(e, s), .entity = NONE_INDEX, .kind_of_entity = NONE_INDEX,
                    .text = vm_text(e->vm, text)});
  return flow_next(e, s);
}

/* Parks while the run is paused, a hold stands, or its window is closed and opens again. */
static Flow op_safe_point(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == 1 && strand_diverted(e, id)) {
    bucket_leave(e, id);
    return FLOW_EXIT;
  }
  s->phase = 1;
  if (s->queued) return FLOW_WAIT;
  if (s->masked) return flow_next(e, s);
  if (e->paused && !e->cancelled) {
    act_wait(e, id, WAIT_PAUSE);
    queue_add(e, &e->paused_queue, id);
    return FLOW_WAIT;
  }
  if (strand_held(e, id)) {
    act_wait(e, id, WAIT_HELD);
    queue_add(e, &e->paused_queue, id);
    return FLOW_WAIT;
  }
  if (embargo_waits(e, id, true)) return FLOW_WAIT;
  int64_t open = window_open_at(e, 0);
  if (open <= e->now || open == INT64_MAX) {
    bucket_leave(e, id);
    return flow_next(e, s);
  }
  act_wait(e, id, WAIT_WINDOW);
  strand_timer(e, id, open);
  return FLOW_WAIT;
}

static Flow op_exit_why(Engine *e, uint32_t id, ExitKind exit) {
  int64_t why = vm_pop(e->vm);
  return flow_exit(strand_at(e, id), exit, why == VALUE_UNKNOWN ? 0 : (TextId)why);
}
static Flow op_roll_back(Engine *e, uint32_t id) { return op_exit_why(e, id, EXIT_FAIL); }
static Flow op_fail(Engine *e, uint32_t id) { return op_exit_why(e, id, EXIT_FAIL); }
static Flow op_end(Engine *e, uint32_t id) { return op_exit_why(e, id, EXIT_END); }
static Flow op_set_aside(Engine *e, uint32_t id) { return op_out(e, id, MEMBER_SET_ASIDE); }
static Flow op_keep_out(Engine *e, uint32_t id) { return op_out(e, id, MEMBER_KEPT_OUT); }
static Flow op_refused_aside(Engine *e, uint32_t id) { return op_refused(e, id, MEMBER_SET_ASIDE); }
static Flow op_refused_out(Engine *e, uint32_t id) { return op_refused(e, id, MEMBER_KEPT_OUT); }
static Flow op_done(Engine *e, uint32_t id) { return flow_exit(strand_at(e, id), EXIT_DONE, 0); }

typedef Flow Step(Engine *e, uint32_t id);
static Step *const steps[OPCODE_COUNT] = {
    [OPCODE_SENSE] = op_sense, [OPCODE_ACT] = op_act, [OPCODE_CONFIRM] = op_confirm, [OPCODE_WAIT] = op_wait,
    [OPCODE_GATE] = op_gate, [OPCODE_ON_OK] = op_on_ok, [OPCODE_ON_FAILED] = op_on_failed,
    [OPCODE_ON_UNKNOWN] = op_on_unknown, [OPCODE_FAN] = op_fan, [OPCODE_MEMBER_DONE] = op_done,
    [OPCODE_STEP_BEGIN] = op_step_begin, [OPCODE_STEP_END] = op_step_end, [OPCODE_LOCK] = op_lock,
    [OPCODE_UNLOCK] = op_unlock, [OPCODE_ATTEMPT] = op_attempt, [OPCODE_ATTEMPT_END] = op_attempt_end,
    [OPCODE_UNDO_END] = op_undo_end, [OPCODE_SET_BEGIN] = op_set_begin, [OPCODE_SET_END] = op_set_end,
    [OPCODE_GUARD_BEGIN] = op_guard_begin, [OPCODE_GUARD_END] = op_guard_end, [OPCODE_REQUIRE] = op_require,
    [OPCODE_LEAVE_OUT] = op_leave_out, [OPCODE_SELECT] = op_select, [OPCODE_REMEMBER] = op_remember,
    [OPCODE_NOTIFY] = op_notify, [OPCODE_SAFE_POINT] = op_safe_point, [OPCODE_SET_ASIDE] = op_set_aside,
    [OPCODE_KEEP_OUT] = op_keep_out, [OPCODE_ASIDE_WITHOUT_YES] = op_refused_aside, [OPCODE_OUT_WITHOUT_YES] = op_refused_out,
    [OPCODE_ROLL_BACK] = op_roll_back, [OPCODE_FAIL] = op_fail, [OPCODE_END] = op_end, [OPCODE_HOLD] = op_hold,
    [OPCODE_HALT] = op_done, [OPCODE_WATCH] = op_watch,
};

/* Steps before which a strand may leave. What closes a scope, branches, or is an exit itself, is not one of them. */
static bool is_boundary(Opcode op) {
  if (op_info[op].blocks) return op != OPCODE_UNLOCK && op != OPCODE_SET_END;
  return op == OPCODE_STEP_BEGIN || op == OPCODE_NOTIFY;
}

/* What the run itself does not begin while a hold stands: between steps is its safe point. */
static bool begins_work(const Strand *s, Opcode op) {
  return s->fan == NONE_INDEX && (op == OPCODE_STEP_BEGIN || op == OPCODE_LOCK || op == OPCODE_SET_BEGIN);
}

static bool kept_by_embargo(Engine *e, uint32_t id) {
  if (strand_at(e, id)->queued || embargo_waits(e, id, false)) return true;
  if (strand_at(e, id)->wait == WAIT_EMBARGO) bucket_leave(e, id);
  return false;
}

static Flow one_step(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->exit != EXIT_NONE) return unwind(e, id);
  if (s->phase == 0) s->pc = vm_run(e->vm, s->pc, NONE_INDEX, s->slots);
  Opcode op = code_op(e->program->code[s->pc]);
  assert(steps[op]);
  if (s->phase == 0 && is_boundary(op) && strand_diverted(e, id)) {
    if (s->wait == WAIT_EMBARGO || s->wait == WAIT_WINDOW) bucket_leave(e, id);
    return FLOW_EXIT;
  }
  if (s->phase == 0 && e->program->embargoes_count > 0 && begins_work(s, op) && kept_by_embargo(e, id)) return FLOW_WAIT;
  if (s->phase == 0 && e->frozen->opening_count > 0 && (op == OPCODE_LOCK || op == OPCODE_SET_BEGIN) && window_keeps(e, id)) return FLOW_WAIT;
  return steps[op](e, id);
}

void strand_run(Engine *e, uint32_t id) {
  Flow flow;
  do {
    flow = one_step(e, id);
    if (flow == FLOW_EXIT) e->vm->sp = e->vm->open = 0;
  } while (flow == FLOW_ON || flow == FLOW_EXIT);
  assert(e->vm->sp == 0 && e->vm->open == 0);
}
