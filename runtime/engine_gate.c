/* engine_gate: people. A gate asks for a yes per member and waits until all have answered or its time is over; a hold asks
 * one person what to do. A yes is a token for one member and one pass: the success of the action that needs it uses it up,
 * and a roll back never inherits it. */
#include <config.h>

#include "runtime/engine_parts.h"
#include "runtime/worst.h"

#include <string.h>

enum { GATE_NEW, GATE_SENSE, GATE_OPEN };

void gates_init(Engine *e) {
  const Program *p = e->program;
  e->gates = arena_new_array(e->arena, GateTokens, p->gates_count + 1);
  for (uint32_t i = 0; i < p->gates_count; i++) {
    uint32_t kind = p->gates[i].kind;
    uint32_t count = kind == NONE_INDEX ? 1 : fleet_count(e->fleet, kind) + 1;
    e->gates[i].state = arena_new_array(e->arena, uint8_t, count);
  }
}

void gates_done(Engine *e) {
  for (uint32_t i = 0; i < e->program->gates_count; i++) {
    vec_done(&e->gates[i].asked);
    vec_done(&e->gates[i].yes);
  }
  vec_done(&e->holds);
}

void gates_void(Engine *e, uint32_t since_pass) {
  for (uint32_t i = 0; i < e->program->gates_count; i++) {
    GateTokens *g = &e->gates[i];
    uint32_t kept = 0;
    for (uint32_t j = 0; j < g->asked.len; j++)
      if (g->asked.items[j].pass >= since_pass) g->state[g->asked.items[j].entity] = TOKEN_VOID;
    for (uint32_t j = 0; j < g->yes.len; j++)
      if (g->state[g->yes.items[j]] != TOKEN_VOID) g->yes.items[kept++] = g->yes.items[j];
    g->yes.len = kept;
  }
}

/* A gate has passed the strand by: what it asked there is no longer of interest. */
static void forget_asked(GateTokens *g, uint32_t id) {
  uint32_t kept = 0;
  for (uint32_t j = 0; j < g->asked.len; j++)
    if (g->asked.items[j].strand != id) g->asked.items[kept++] = g->asked.items[j];
    else if (g->state[g->asked.items[j].entity] == TOKEN_YES || g->state[g->asked.items[j].entity] == TOKEN_USED)
      g->asked.items[kept] = g->asked.items[j], g->asked.items[kept++].strand = NONE_INDEX;
  g->asked.len = kept;
}

void strand_asked_forget(Engine *e, uint32_t id) {
  for (uint32_t i = 0; i < e->program->gates_count; i++)
    if (e->gates[i].asked.len) forget_asked(&e->gates[i], id);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < e->holds.len; i++)
    if (e->holds.items[i].strand != id) e->holds.items[kept++] = e->holds.items[i];
  e->holds.len = kept;
}

static const GateRow *gate_row(const Engine *e, const Strand *s) { return &e->program->gates[strand_op_a(e, s)]; }

/* ---- opening ---- */

static void collect_asked(Engine *e, Strand *s) {
  const GateRow *row = gate_row(e, s);
  e->scratch.len = 0;
  if (row->members) vm_collect(e->vm, row->members, s->slots, LIMIT_SLOTS, &e->scratch);
}

/* The last moment at which what follows still fits into the opening; without a window, a plain four hours. */
static int64_t last_safe_moment(Engine *e, const Strand *s) {
  const Frozen *z = e->frozen;
  window_open_at(e, 0);
  if (z->opening_count == 0 || e->opening >= z->opening_count || s->masked) return e->now + GATE_DEFAULT;
  uint32_t behind = s->pc + code_words(OPCODE_GATE);
  int64_t last = z->openings[e->opening].close - worst_time(e->vm, behind, s->slots);
  return last > e->now ? last : e->now;
}

static int64_t gate_until(Engine *e, const Strand *s) {
  const GateRow *row = gate_row(e, s);
  if (row->until_last_safe) return last_safe_moment(e, s);
  return later(e, region_value(e, s, row->within, GATE_DEFAULT));
}

static int64_t gate_text(Engine *e, const Strand *s, uint32_t member) {
  const GateRow *row = gate_row(e, s);
  int64_t slots[LIMIT_SLOTS];
  if (!row->text) return 0;
  memcpy(slots, s->slots, sizeof slots);
  if (!row->once) slots[row->slot] = member;
  int64_t text = vm_value(e->vm, row->text, slots, LIMIT_SLOTS);
  return text == VALUE_UNKNOWN ? 0 : text;
}

static void ask_member(Engine *e, uint32_t id, uint32_t member) {
  Strand *s = strand_at(e, id);
  const GateRow *row = gate_row(e, s);
  uint32_t gate = strand_op_a(e, s);
  GateTokens *g = &e->gates[gate];
  Command c = {.kind = COMMAND_ASK, .subject = gate, .entity = member, .kind_of_entity = row->kind, .arg_count = 1,
               .args = {row->role}, .deadline = s->until, .text = vm_text(e->vm, gate_text(e, s, member))};
  uint64_t command = issue(e, id, c, gate);
  g->state[member] = TOKEN_ASKED;
  uint32_t kept = 0; /* an earlier yes was for an earlier pass */
  for (uint32_t i = 0; i < g->yes.len; i++)
    if (g->yes.items[i] != member) g->yes.items[kept++] = g->yes.items[i];
  g->yes.len = kept;
  vec_push(&g->asked, ((GateMember){member, id, command, e->passes}));
}

static void open_gate(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  const GateRow *row = gate_row(e, s);
  uint32_t gate = strand_op_a(e, s);
  forget_asked(&e->gates[gate], id);
  collect_asked(e, s);
  s->until = gate_until(e, s);
  s->phase = GATE_OPEN;
  note(e, NOTE_GATE_OPEN, gate, NONE_INDEX, NONE_INDEX, e->scratch.len, row->line, row->name);
  if (row->once) ask_member(e, id, 0);
  EntityVec members = e->scratch;
  e->scratch = (EntityVec){0};
  for (uint32_t i = 0; i < members.len && !row->once; i++)
    if (!member_out(e, row->kind, members.items[i])) ask_member(e, id, members.items[i]);
  vec_done(&e->scratch);
  e->scratch = members;
  e->passes++;
  strand_timer(e, id, s->until);
}

/* ---- closing ---- */

static void withdraw(Engine *e, uint64_t command) {
  Flight f;
  if (!flight_take(e, command, &f)) return;
  strand_at(e, f.strand)->outstanding--;
  tell(e, (Command){.kind = COMMAND_WITHDRAW, .subject = f.command.subject, .entity = f.command.entity,
                    .kind_of_entity = f.command.kind_of_entity, .arg_count = 1, .args = {(int64_t)command}});
}

/* No more answers: what is open becomes silence. */
static void gate_close(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t gate = strand_op_a(e, s);
  GateTokens *g = &e->gates[gate];
  bool no = false, silent = false;
  for (uint32_t i = 0; i < g->asked.len; i++) {
    if (g->asked.items[i].strand != id) continue;
    uint8_t *state = &g->state[g->asked.items[i].entity];
    if (*state == TOKEN_ASKED) {
      withdraw(e, g->asked.items[i].command);
      *state = TOKEN_SILENT;
    }
    no = no || *state == TOKEN_NO;
    silent = silent || *state == TOKEN_SILENT;
    if (*state == TOKEN_YES) vec_push(&g->yes, g->asked.items[i].entity);
  }
  strand_no_timer(e, id);
  s->outcome = no ? OUT_FAILED : silent ? OUT_UNKNOWN : OUT_OK;
  note(e, NOTE_GATE_CLOSED, gate, NONE_INDEX, NONE_INDEX, s->outcome, gate_row(e, s)->line, gate_row(e, s)->name);
}

/* Whoever asks has a reason to leave: an answer no longer matters. */
static bool asks_no_more(Engine *e, uint32_t id) {
  const Strand *s = strand_at(e, id);
  return (e->cancelled && !s->masked) || tripped_guard(e, s) != NONE_INDEX || strand_left(e, id);
}

/* Of a member that has left while it was asked about nobody wants to know any more: no yes of it is missing. */
static void drop_out(Engine *e, uint32_t gate) {
  GateTokens *g = &e->gates[gate];
  uint32_t kind = e->program->gates[gate].kind, kept = 0;
  for (uint32_t i = 0; i < g->asked.len; i++) {
    GateMember m = g->asked.items[i];
    if (g->state[m.entity] != TOKEN_ASKED || m.strand == NONE_INDEX || !member_out(e, kind, m.entity)) {
      g->asked.items[kept++] = m;
      continue;
    }
    withdraw(e, m.command);
    g->state[m.entity] = TOKEN_NONE;
    if (strand_at(e, m.strand)->outstanding == 0) ready_strand(e, m.strand);
  }
  g->asked.len = kept;
}

void gates_drop_out(Engine *e) {
  for (uint32_t i = 0; i < e->program->gates_count; i++)
    if (e->program->gates[i].kind != NONE_INDEX) drop_out(e, i);
  for (uint32_t i = 0; i < e->flights.len; i++) {
    const Flight *f = &e->flights.items[i];
    if (f->command.kind == COMMAND_ASK && strand_left(e, f->strand)) ready_strand(e, f->strand);
  }
}

Flow op_gate(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == GATE_NEW) {
    sense_begin(e, s);
    s->phase = GATE_SENSE;
  }
  if (s->phase == GATE_SENSE) {
    if (s->outstanding > 0 || !sense_round(e, id, collect_asked)) return FLOW_WAIT;
    open_gate(e, id);
  }
  if (s->outstanding > 0 && s->timer != TIMER_NONE && !asks_no_more(e, id)) return FLOW_WAIT;
  gate_close(e, id);
  if (strand_diverted(e, id)) return FLOW_EXIT;
  return flow_next(e, s);
}

/* ---- answers ---- */

bool gate_of(Engine *e, uint32_t gate, uint32_t entity, uint64_t *ret_command) {
  if (gate >= e->program->gates_count) return false;
  GateTokens *g = &e->gates[gate];
  for (uint32_t i = g->asked.len; i-- > 0;) {
    GateMember m = g->asked.items[i];
    if (m.entity != entity || g->state[entity] != TOKEN_ASKED || m.strand == NONE_INDEX) continue;
    *ret_command = m.command;
    return true;
  }
  return false;
}

void ask_answer(Engine *e, const Flight *f, int64_t value, TextId text) {
  Strand *s = strand_at(e, f->strand);
  s->detail = text;
  if (f->command.subject != NONE_INDEX)
    e->gates[f->command.subject].state[f->command.entity] = value == 1 ? TOKEN_YES : value == 0 ? TOKEN_NO : TOKEN_SILENT;
  s->answer = value == 1 ? OUT_OK : value == 0 ? OUT_FAILED : OUT_UNKNOWN;
  s->command = 0;
  if (s->outstanding == 0) ready_strand(e, f->strand);
}

/* ---- holds ---- */

static int64_t held_since(Engine *e, uint32_t id, uint32_t row) {
  for (uint32_t i = 0; i < e->holds.len; i++)
    if (e->holds.items[i].strand == id && e->holds.items[i].row == row) return e->holds.items[i].since;
  vec_push(&e->holds, ((HoldMemory){id, row, e->now}));
  return e->now;
}

static void ask_hold(Engine *e, uint32_t id, int64_t why) {
  Strand *s = strand_at(e, id);
  const HoldRow *row = &e->program->holds[strand_op_a(e, s)];
  int64_t since = held_since(e, id, strand_op_a(e, s));
  s->until = since + (later(e, region_value(e, s, row->duration, 0)) - e->now);
  s->answer = OUT_UNKNOWN;
  s->phase = 1;
  if (s->until <= e->now) return;
  uint32_t kind = s->fan == NONE_INDEX ? NONE_INDEX : e->program->fans[e->fans.items[s->fan].row].kind;
  Command c = {.kind = COMMAND_ASK, .subject = NONE_INDEX, .entity = s->member, .kind_of_entity = kind, .arg_count = 1,
               .args = {row->role}, .deadline = s->until, .text = vm_text(e->vm, why)};
  note(e, NOTE_WAITING, row->role, kind, s->member, s->until, row->line, why == VALUE_UNKNOWN ? 0 : (TextId)why);
  s->command = issue(e, id, c, NONE_INDEX);
  strand_timer(e, id, s->until);
}

Flow op_hold(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == 0) ask_hold(e, id, vm_pop(e->vm));
  if (s->outstanding > 0 && s->timer != TIMER_NONE && !asks_no_more(e, id)) return FLOW_WAIT;
  if (s->outstanding > 0) withdraw(e, s->command);
  s->command = 0;
  strand_no_timer(e, id);
  if (strand_diverted(e, id)) return FLOW_EXIT;
  s->outcome = s->answer;
  return flow_next(e, s);
}
