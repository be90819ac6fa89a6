/* engine_sense: conditions are read before they are believed. Code that asks for facts is run to find out which ones; these
 * are read; and again, until it asks for nothing new. Only then it runs on the answers. */
#include <config.h>

#include "runtime/engine_emergency.h"

void sense_begin(Engine *e, Strand *s) { s->sense_from = e->next_command; }

static void read_asked(Engine *e, uint32_t strand, Asked a) {
  Command c = {.kind = a.metric ? COMMAND_METER : COMMAND_READ, .subject = a.fact, .entity = a.entity,
               .kind_of_entity = a.kind, .deadline = e->now + READ_MOST};
  issue(e, strand, c, 0);
}

void read_fact(Engine *e, uint32_t strand, uint32_t fact, uint32_t kind, uint32_t entity) {
  read_asked(e, strand, (Asked){fact, kind, entity, false});
}

bool sense_round(Engine *e, uint32_t id, SenseCode *code) {
  Strand *s = strand_at(e, id);
  e->sensing = s;
  e->round++;
  e->asked.len = 0;
  code(e, s);
  e->sensing = NULL;
  for (uint32_t i = 0; i < e->asked.len; i++) read_asked(e, id, e->asked.items[i]);
  return e->asked.len == 0;
}

/* The pattern of every instruction that senses: begin, rounds, done. */
static bool sensed(Engine *e, uint32_t id, SenseCode *code) {
  Strand *s = strand_at(e, id);
  if (s->phase == 0) {
    sense_begin(e, s);
    s->phase = 1;
  }
  return s->outstanding == 0 && sense_round(e, id, code);
}

/* ---- SENSE: code of the strand itself ---- */

static void ask_ahead(Engine *e, Strand *s) {
  int64_t slots[LIMIT_SLOTS];
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) slots[i] = s->slots[i];
  uint32_t sp = e->vm->sp, open = e->vm->open;
  vm_run(e->vm, s->pc + 1, strand_op_a(e, s), slots);
  e->vm->sp = sp;
  e->vm->open = open;
}

Flow op_sense(Engine *e, uint32_t id) {
  if (!sensed(e, id, ask_ahead)) return FLOW_WAIT;
  return flow_next(e, strand_at(e, id));
}

/* ---- CONFIRM ---- */

static const ConfirmRow *confirm_row(const Engine *e, const Strand *s) { return &e->program->confirms[strand_op_a(e, s)]; }

static void ask_confirm(Engine *e, Strand *s) { vm_value(e->vm, confirm_row(e, s)->condition, s->slots, LIMIT_SLOTS); }

static Flow confirm_ends(Engine *e, Strand *s, Outcome outcome) {
  s->outcome = (uint8_t)outcome;
  return flow_next(e, s);
}

/* One reading is complete. since: from when on the condition has held without a break, INT64_MAX not at all. */
static Flow confirm_judge(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const ConfirmRow *row = confirm_row(e, s);
  int64_t holds = vm_value(e->vm, row->condition, s->slots, LIMIT_SLOTS);
  int64_t held = region_value(e, s, row->held, 0);
  if (holds != 1) s->since = INT64_MAX;
  else if (s->since == INT64_MAX) s->since = e->now;
  if (holds == 1 && e->now - s->since >= held) return confirm_ends(e, s, OUT_OK);
  if (e->now >= s->until) return confirm_ends(e, s, holds == VALUE_UNKNOWN || holds == 1 ? OUT_UNKNOWN : OUT_FAILED);
  int64_t next = e->now + CONFIRM_EVERY;
  if (holds == 1 && held < CONFIRM_EVERY + (e->now - s->since)) next = s->since + held;
  strand_timer(e, id, next < s->until ? next : s->until);
  s->phase = 2;
  return FLOW_WAIT;
}

Flow op_confirm(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == 0) {
    s->until = later(e, region_value(e, s, confirm_row(e, s)->within, 0));
    s->since = INT64_MAX;
  }
  if (s->outstanding > 0) return FLOW_WAIT;
  if (s->phase != 0 && strand_diverted(e, id)) return FLOW_EXIT;
  if (s->phase == 2 && s->timer != TIMER_NONE) return FLOW_WAIT;
  if (s->phase == 2) s->phase = 0;
  if (!sensed(e, id, ask_confirm)) return FLOW_WAIT;
  return confirm_judge(e, id);
}

/* ---- REQUIRE ---- */

static const RequireRow *require_row(const Engine *e, const Strand *s) { return &e->program->requires[strand_op_a(e, s)]; }

static void ask_require(Engine *e, Strand *s) {
  vm_value(e->vm, require_row(e, s)->condition, s->slots, LIMIT_SLOTS);
}

Flow op_require(Engine *e, uint32_t id) {
  if (!sensed(e, id, ask_require)) return FLOW_WAIT;
  Strand *s = strand_at(e, id);
  const RequireRow *row = require_row(e, s);
  if (vm_value(e->vm, row->condition, s->slots, LIMIT_SLOTS) == 1) return flow_next(e, s);
  int64_t text = row->text ? region_value(e, s, row->text, 0) : row->written;
  return flow_exit(s, EXIT_REFUSED, (TextId)text);
}

/* ---- LEAVE_OUT ---- */

static const LeaveOutRow *leave_row(const Engine *e, const Strand *s) { return &e->program->leave_outs[strand_op_a(e, s)]; }

static int64_t leave_condition(Engine *e, Strand *s, const LeaveOutRow *row, uint32_t member) {
  int64_t slots[LIMIT_SLOTS];
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) slots[i] = s->slots[i];
  slots[row->slot] = member;
  return vm_value(e->vm, row->condition, slots, LIMIT_SLOTS);
}

static void ask_leave(Engine *e, Strand *s) {
  const LeaveOutRow *row = leave_row(e, s);
  Members set = e->sets[row->set];
  for (uint32_t i = 0; i < set.count; i++) leave_condition(e, s, row, set.items[i]);
}

/* What cannot be read is not worked on: only a member for which the rule is known not to hold stays. */
Flow op_leave_out(Engine *e, uint32_t id) {
  if (!sensed(e, id, ask_leave)) return FLOW_WAIT;
  Strand *s = strand_at(e, id);
  const LeaveOutRow *row = leave_row(e, s);
  Members set = e->sets[row->set];
  uint32_t kind = e->program->sets[row->set].kind, left = 0;
  for (uint32_t i = 0; i < set.count; i++) {
    if (!member_out(e, kind, set.items[i]) && leave_condition(e, s, row, set.items[i]) != 0) {
      member_put_out(e, kind, set.items[i], MEMBER_LEFT_OUT, row->text);
      note(e, NOTE_LEFT_OUT, strand_op_a(e, s), kind, set.items[i], 0, row->line, row->text);
    }
    left += member_state(e, kind, set.items[i]) == MEMBER_LEFT_OUT;
  }
  int64_t most = region_value(e, s, row->most, 0);
  if (left <= most) return flow_next(e, s);
  return flow_exit(s, EXIT_STALE, text_printf(e, "%u of %s are to be left out (%s), and at most %lld may be", left,
                                              program_str(e->program, e->program->sets[row->set].name),
                                              program_str(e->program, row->text), (long long)most));
}

/* ---- SELECT ---- */

static const SetRow *select_row(const Engine *e, const Strand *s) { return &e->program->sets[strand_op_a(e, s)]; }

static void ask_select(Engine *e, Strand *s) {
  e->scratch.len = 0;
  vm_collect(e->vm, select_row(e, s)->members, s->slots, LIMIT_SLOTS, &e->scratch);
}

Flow op_select(Engine *e, uint32_t id) {
  if (!sensed(e, id, ask_select)) return FLOW_WAIT;
  Strand *s = strand_at(e, id);
  const SetRow *row = select_row(e, s);
  ask_select(e, s);
  uint32_t *items = arena_copy(e->arena, e->scratch.items ? e->scratch.items : (uint32_t[]){0}, e->scratch.len * sizeof *items);
  e->sets[strand_op_a(e, s)] = (Members){items, e->scratch.len};
  for (uint32_t i = 0; i < e->scratch.len; i++) member_claim(e, row->kind, items[i]);
  emergencies_watch_more(e);
  return flow_next(e, strand_at(e, id));
}
