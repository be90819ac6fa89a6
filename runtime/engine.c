/* engine: one run from its first event to its last. An event is taken to its end: what was due before it fires first, then
 * the event itself, then what is due now, and every strand that is ready runs until it blocks. */
#include <config.h>

#include "runtime/engine_embargo.h"
#include "runtime/engine_emergency.h"
#include "runtime/engine_policy.h"
#include "runtime/engine_parts.h"

#include <stdlib.h>

/* ---- life ---- */

static void take_params(Engine *e) {
  const Program *p = e->program;
  const Frozen *z = e->frozen;
  for (uint32_t i = 0; i < p->params_count; i++) {
    int64_t v = z->params[i];
    e->params[i] = v;
    if (p->params[i].type.klass != VALUE_TEXT || v == VALUE_UNKNOWN) continue;
    bool of_program = v >= 0 && v < p->string_count;
    e->params[i] = vm_intern(e->vm, of_program ? p->strings[v] : z->texts[v - p->string_count]);
  }
}

static void find_tried(Engine *e) {
  const Program *p = e->program;
  e->tried = arena_new_array(e->arena, uint32_t *, p->actions_count + 1);
  e->succeeded = arena_new_array(e->arena, uint32_t *, p->actions_count + 1);
  e->asks_tried = arena_new_array(e->arena, uint8_t, p->actions_count + 1);
  for (uint32_t pc = 0; pc < p->code_count; pc += code_words(code_op(p->code[pc]))) {
    if (code_op(p->code[pc]) != OPCODE_TRIED) continue;
    e->asks_tried[code_a(p->code[pc])] = 1;
    e->asks_tried[p->code[pc + 1]] = 1;
  }
}

uint32_t *ids_of(Engine *e, uint32_t **column, uint32_t kind) {
  if (!*column) *column = arena_new_array(e->arena, uint32_t, fleet_count(e->fleet, kind) + 1);
  return *column;
}

Engine *engine_new(const Program *p, const Fleet *fleet, const Frozen *frozen) {
  Engine *e = xcalloc(1, sizeof *e);
  e->program = p;
  e->fleet = fleet;
  e->frozen = frozen;
  e->arena = arena_new();
  e->schema = schema_of_program(p, e->arena);
  e->now = INT64_MIN;
  e->next_command = 1;
  e->main = NONE_INDEX;
  e->keeper = NONE_INDEX;
  e->alone_pc = NONE_INDEX;
  e->paused_queue = QUEUE_EMPTY;
  control_init(e);
  embargoes_init(e);
  e->params = arena_new_array(e->arena, int64_t, p->params_count + 1);
  e->steps = arena_new_array(e->arena, StepCount, p->steps_count + 1);
  e->ended = arena_new_array(e->arena, uint8_t, p->code_count);
  e->step_begun = arena_new_array(e->arena, uint32_t, p->steps_count + 1);
  e->locks = arena_new_array(e->arena, LockCell *, p->automations_count + 1);
  e->recalls = arena_new_array(e->arena, int64_t *, p->remembers_count + 1);
  VmHost host;
  host_init(e, &host);
  e->vm = vm_new(p, fleet, &host);
  take_params(e);
  facts_init(e);
  find_tried(e);
  emergencies_init(e);
  gates_init(e);
  tallies_init(e);
  members_init(e);
  budget_init(e);
  policies_init(e);
  return e;
}

static void free_fans(Engine *e) {
  for (uint32_t i = 0; i < e->fans.len; i++)
    if (e->fans.items[i].used) fan_free(e, i);
  vec_done(&e->fans);
  vec_done(&e->spare_fans);
}

void engine_free(Engine *e) {
  if (!e) return;
  free_fans(e);
  for (uint32_t i = 0; i < e->adjusts.len; i++) vec_done(&e->adjusts.items[i].items);
  vec_done(&e->adjusts);
  locks_done(e);
  budget_done(e);
  members_done(e);
  tallies_done(e);
  vec_done(&e->losses);
  gates_done(e);
  control_done(e);
  facts_done(e);
  policies_done(e);
  buckets_done(e);
  for (uint32_t i = 0; i < e->chunks.len; i++) free(e->chunks.items[i]);
  vec_done(&e->chunks);
  vec_done(&e->spare_strands);
  vec_done(&e->scopes);
  vec_done(&e->spare_scopes);
  vec_done(&e->ready);
  vec_done(&e->flights);
  id_map_done(&e->flight_of);
  messages_done(e);
  vec_done(&e->commands);
  vec_done(&e->notes);
  emergencies_done(e);
  vec_done(&e->flying);
  vec_done(&e->scratch);
  buf_done(&e->text);
  timers_done(&e->timers);
  vm_free(e->vm);
  arena_free(e->arena);
  free(e);
}

/* ---- events ---- */

static void begin_main(Engine *e) {
  e->main = strand_new(e, TASK_CODE);
  strand_at(e, e->main)->pc = e->program->entry;
  ready_strand(e, e->main);
}

/* Outside its window a run does not start; it waits for the next opening. */
static void begin(Engine *e, int64_t how) {
  if (e->begun) return;
  e->begun = true;
  e->answers = how == VALUE_UNKNOWN ? 0 : (uint8_t)how;
  note(e, NOTE_RUN, NONE_INDEX, NONE_INDEX, NONE_INDEX, 0, 0, e->program->title);
  int64_t open = window_open_at(e, 0);
  if (open == INT64_MAX) {
    run_end(e, RUN_REFUSED, text_printf(e, "no opening of the window is left"));
    return;
  }
  begin_main(e);
  embargoes_begin(e, open);
  if (open <= e->now) return;
  Strand *s = strand_at(e, e->main);
  s->since = e->now;
  s->wait = WAIT_WINDOW;
  note(e, NOTE_WAITING, NONE_INDEX, NONE_INDEX, NONE_INDEX, open, 0, text_printf(e, "the window is closed"));
  strand_timer(e, e->main, open);
}

static void alarm_rang(Engine *e, const Event *event) {
  const Program *p = e->program;
  if (event->value == ALARM_LOCK_LOST && event->subject < p->automations_count) lock_lost(e, event->subject, event->entity);
  if (event->value != ALARM_FACT || event->subject >= p->facts_count || event->kind_of_entity >= p->kinds_count) return;
  if (event->entity >= fleet_count(e->fleet, event->kind_of_entity)) return;
  TextId text = text_printf(e, "%s of %s is said to have changed", program_str(p, p->facts[event->subject].name),
                            entity_name(e, event->kind_of_entity, event->entity));
  fact_cell(e, event->subject, event->kind_of_entity, event->entity)->value = VALUE_UNKNOWN;
  note(e, NOTE_ALARM, event->subject, event->kind_of_entity, event->entity, ALARM_FACT, 0, text);
  emergencies_look(e);
}

static void person_answers(Engine *e, const Event *event) {
  Event found = *event;
  if (event->value == ANSWER_VOICE || event->value == ANSWER_VOID) return; /* for the journal and its readers */
  if (found.command == 0 && !gate_of(e, event->subject, event->entity, &found.command)) {
    e->stale++;
    return;
  }
  flight_answer(e, &found);
}

static void take_event(Engine *e, const Event *event) {
  switch (event->kind) {
    case EVENT_BEGIN: begin(e, event->value); break;
    case EVENT_TICK: break;
    case EVENT_OUTCOME:
    case EVENT_READING:
      if (!message_answered(e, event)) flight_answer(e, event);
      break;
    case EVENT_ANSWER: person_answers(e, event); break;
    case EVENT_CONTROL: control(e, event); break;
    case EVENT_ALARM: alarm_rang(e, event); break;
    case EVENT_RESUMED: run_resumed(e); break;
    case EVENT_KIND_COUNT: break;
  }
}

static void fire(Engine *e, TimerSlot t) {
  switch ((TimerKind)t.kind) {
    case TIMER_STRAND:
      strand_at(e, (uint32_t)t.ref)->timer = TIMER_NONE;
      if (strand_at(e, (uint32_t)t.ref)->wait == WAIT_WINDOW) strand_at(e, (uint32_t)t.ref)->wait = WAIT_NOTHING; /* it is open */
      ready_strand(e, (uint32_t)t.ref);
      break;
    case TIMER_FLIGHT: flight_expired(e, t.ref); break;
    case TIMER_FAN:
      e->fans.items[t.ref].timer = TIMER_NONE;
      ready_fan(e, (uint32_t)t.ref);
      break;
    case TIMER_BUCKET:
      e->buckets.items[t.ref].timer = TIMER_NONE;
      bucket_pump(e, (uint32_t)t.ref);
      break;
    case TIMER_BUDGET:
      e->budget.timer = TIMER_NONE;
      budget_pump(e);
      break;
  }
}

static void fire_until(Engine *e, int64_t until) {
  TimerSlot t;
  while (timers_take(&e->timers, until, &t)) {
    fire(e, t);
    ready_run(e);
  }
}

static void look_for_mail(Engine *e, const Event *event) {
  if (event->kind == EVENT_RESUMED) e->mail = event->value == RESUMED_MAIL;
  else if (event->kind != EVENT_CONTROL && event->kind != EVENT_ANSWER) e->mail = false;
}

/* Behind the end of a run locks that it handed over stand on, and messages are still on their way. */
static bool outlives(const Engine *e, const Event *event) {
  if (event->kind == EVENT_OUTCOME) return message_known(e, event->command);
  return event->kind == EVENT_CONTROL && (event->value == CONTROL_BREAK || event->value == CONTROL_BROKEN);
}

void engine_feed(Engine *e, const Event *event) {
  e->commands.len = 0;
  e->notes.len = 0;
  if (event->at > e->now) e->now = event->at;
  fresh_time(e);
  look_for_mail(e, event);
  if (event->kind != EVENT_RESUMED && !e->mail) fire_until(e, e->now - 1);
  if (e->outcome == RUN_GOING || outlives(e, event)) take_event(e, event);
  if (event->kind == EVENT_RESUMED) messages_resumed(e);
  if (e->mail) return;
  ready_run(e);
  fire_until(e, e->now);
}

/* ---- questions ---- */

uint32_t engine_commands(Engine *e, const Command **ret) {
  *ret = e->commands.items;
  return e->commands.len;
}

uint32_t engine_notes(Engine *e, const Note **ret) {
  *ret = e->notes.items;
  return e->notes.len;
}

int64_t engine_next_timer(const Engine *e) { return timers_next(&e->timers); }
RunOutcome engine_outcome(const Engine *e) { return e->outcome; }
const char *engine_reason(const Engine *e) { return text_of(e, e->reason); }
StepCount engine_step_count(const Engine *e, uint32_t step) { return e->steps[step]; }

static int by_id(const void *l, const void *r) {
  uint64_t a = ((const Command *)l)->id, b = ((const Command *)r)->id;
  return (a > b) - (a < b);
}

uint64_t engine_in_flight(const Engine *engine, const Command **ret) {
  Engine *e = (Engine *)engine; /* the list is scratch, not state */
  e->flying.len = 0;
  for (uint32_t i = 0; i < e->flights.len; i++) vec_push(&e->flying, e->flights.items[i].command);
  if (e->flying.len) qsort(e->flying.items, e->flying.len, sizeof *e->flying.items, by_id);
  *ret = e->flying.items;
  return e->flying.len;
}

size_t engine_strand_bytes(void) { return sizeof(Strand); }

size_t engine_memory(const Engine *e, uint32_t *ret_strands, size_t *ret_bytes_per_strand) {
  const Program *p = e->program;
  size_t bytes = sizeof *e + arena_used(e->arena) + e->chunks.len * STRAND_CHUNK * sizeof(Strand);
  bytes += e->flights.cap * sizeof(Flight) + id_map_bytes(&e->flight_of) + e->timers.heap.cap * sizeof(TimerEntry);
  bytes += e->timers.slots.cap * sizeof(TimerSlot) + e->commands.cap * sizeof(Command) + e->notes.cap * sizeof(Note);
  for (uint32_t f = 0; f < p->facts_count; f++)
    for (uint32_t k = 0; k < p->kinds_count; k++)
      if (e->facts[(size_t)f * p->kinds_count + k]) bytes += fleet_count(e->fleet, k) * sizeof(Cell);
  if (ret_strands) *ret_strands = e->strands_peak;
  if (ret_bytes_per_strand) *ret_bytes_per_strand = sizeof(Strand);
  return bytes;
}
