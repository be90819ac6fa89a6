/* engine_flight: commands from their issue to their answer, and what observers are told. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#define DETAIL_BYTES 240u /* kept of what a system said */

/* ---- texts ---- */

TextId text_printf(Engine *e, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  buf_reset(&e->text);
  buf_vprintf(&e->text, format, ap);
  va_end(ap);
  return (TextId)vm_intern(e->vm, e->text.data ? e->text.data : "");
}

const char *text_of(const Engine *e, TextId text) { return vm_text(e->vm, text); }

const char *entity_name(const Engine *e, uint32_t kind, uint32_t entity) {
  if (kind == NONE_INDEX || entity >= fleet_count(e->fleet, kind)) return "";
  return fleet_name(e->fleet, kind, entity);
}

void note(Engine *e, NoteKind kind, uint32_t subject, uint32_t entity_kind, uint32_t entity, int64_t value, uint32_t line,
          TextId text) {
  Note n = {.kind = kind, .at = e->now, .subject = subject, .kind_of_entity = entity_kind, .entity = entity,
            .value = value, .line = line, .text = text_of(e, text)};
  vec_push(&e->notes, n);
}

/* ---- out ---- */

static bool changes_the_world(CommandKind kind) {
  return kind == COMMAND_ACT || kind == COMMAND_LOCK || kind == COMMAND_UNLOCK || kind == COMMAND_SET;
}

uint64_t issue(Engine *e, uint32_t strand, Command c, uint32_t item) {
  if (changes_the_world(c.kind)) strand_begins(e, strand);
  c.id = e->next_command++;
  c.issued = e->now;
  if (c.attempt == 0) c.attempt = 1;
  assert(c.deadline > 0);
  Flight f = {.command = c, .strand = strand, .item = item};
  f.timer = timers_add(&e->timers, c.deadline + GRACE, TIMER_FLIGHT, c.id);
  id_map_put(&e->flight_of, c.id, e->flights.len);
  vec_push(&e->flights, f);
  vec_push(&e->commands, c);
  strand_at(e, strand)->outstanding++;
  return c.id;
}

void tell(Engine *e, Command c) {
  c.id = e->next_command++;
  c.issued = e->now;
  c.attempt = 1;
  message_sent(e, &c);
  vec_push(&e->commands, c);
}

/* ---- in ---- */

Flight *flight_find(Engine *e, uint64_t command) {
  uint32_t i;
  return id_map_get(&e->flight_of, command, &i) ? &e->flights.items[i] : NULL;
}

bool flight_take(Engine *e, uint64_t command, Flight *ret) {
  uint32_t i;
  if (!id_map_get(&e->flight_of, command, &i)) return false;
  *ret = e->flights.items[i];
  timers_remove(&e->timers, &e->flights.items[i].timer);
  id_map_remove(&e->flight_of, command);
  Flight last = e->flights.items[--e->flights.len];
  if (i < e->flights.len) {
    e->flights.items[i] = last;
    id_map_put(&e->flight_of, last.command.id, i);
  }
  return true;
}

/* Nobody waits for its answer any more: the world is told. */
static void tell_off(Engine *e, const Command *c) {
  tell(e, (Command){.kind = c->kind == COMMAND_ASK ? COMMAND_WITHDRAW : COMMAND_STOP, .subject = NONE_INDEX, .entity = c->entity,
                    .kind_of_entity = c->kind_of_entity, .arg_count = 1, .args = {(int64_t)c->id}});
}

void flights_drop(Engine *e, uint32_t strand) {
  for (uint32_t i = 0; i < e->flights.len;) {
    Flight f;
    if (e->flights.items[i].strand != strand) {
      i++;
      continue;
    }
    flight_take(e, e->flights.items[i].command.id, &f);
    tell_off(e, &f.command);
  }
  strand_at(e, strand)->outstanding = 0;
}

TextId event_detail(Engine *e, const char *text) {
  if (!text || !*text) return 0;
  size_t len = strlen(text);
  if (len > DETAIL_BYTES)
    for (len = DETAIL_BYTES; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;) len--; /* whole characters */
  return text_printf(e, "%.*s", (int)len, text);
}

/* A world is not trusted with numbers that would pass for an entity or a word. */
int64_t flight_reading(Engine *e, ValueType type, const Event *event) {
  int64_t v = event->kind == EVENT_READING ? event->value : VALUE_UNKNOWN;
  switch ((ValueClass)type.klass) {
    case VALUE_INT: case VALUE_QUANTITY: return v;
    case VALUE_BOOL: return v == 0 || v == 1 ? v : VALUE_UNKNOWN;
    case VALUE_ENUM: return v >= 1 && v <= e->program->enums[type.ref].words.count ? v : VALUE_UNKNOWN;
    case VALUE_ENTITY: return v >= 0 && v < fleet_count(e->fleet, type.ref) ? v : VALUE_UNKNOWN;
    case VALUE_TEXT: return v != VALUE_UNKNOWN && event->text ? vm_intern(e->vm, event->text) : VALUE_UNKNOWN;
    case VALUE_LIST: break;
  }
  return VALUE_UNKNOWN;
}

static void strand_answered(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  assert(s->outstanding > 0);
  if (--s->outstanding == 0) ready_strand(e, id);
}

static void read_answered(Engine *e, const Flight *f, const Event *event) {
  const Command *c = &f->command;
  if (c->kind == COMMAND_READ) {
    fact_read(e, c->subject, c->kind_of_entity, c->entity, flight_reading(e, e->program->facts[c->subject].type, event), c->id);
  } else {
    Cell *cell = metric_cell(e, c->subject, c->kind_of_entity, c->entity);
    cell->value = flight_reading(e, e->program->metrics[c->subject].type, event);
    cell->stamp = (uint32_t)c->id;
  }
  strand_answered(e, f->strand);
}

static void act_answered(Engine *e, const Flight *f, const Event *event) {
  Strand *s = strand_at(e, f->strand);
  s->answer = (uint8_t)event->outcome;
  s->detail = event->outcome == OUT_OK ? 0 : event_detail(e, event->text);
  s->command = 0;
  strand_answered(e, f->strand);
}

/* One that is not granted is enough. */
static void permit_answered(Engine *e, const Flight *f, const Event *event) {
  Strand *s = strand_at(e, f->strand);
  if (event->outcome != OUT_OK) s->answer = (uint8_t)event->outcome;
  if (event->outcome != OUT_OK) s->detail = event_detail(e, event->text);
  strand_answered(e, f->strand);
}

static void deliver(Engine *e, const Flight *f, const Event *event) {
  switch (f->command.kind) {
    case COMMAND_READ:
    case COMMAND_METER: read_answered(e, f, event); break;
    case COMMAND_ACT: act_answered(e, f, event); break;
    case COMMAND_PERMIT: permit_answered(e, f, event); break;
    case COMMAND_RISK:
    case COMMAND_TALLY: ledger_answered(e, f, event->outcome, event_detail(e, event->text)); break;
    case COMMAND_LOCK:
    case COMMAND_INSPECT:
    case COMMAND_UNLOCK: strand_at(e, f->strand)->outstanding--; lock_answer(e, f, event); break;
    case COMMAND_SET:
    case COMMAND_GET: strand_at(e, f->strand)->outstanding--; adjust_answer(e, f, event); break;
    case COMMAND_ASK: strand_at(e, f->strand)->outstanding--; ask_answer(e, f, event->value, event_detail(e, event->text)); break;
    case COMMAND_WITHDRAW:
    case COMMAND_STOP:
    case COMMAND_NOTIFY:
    case COMMAND_TICKET:
    case COMMAND_REFUND:
    case COMMAND_KIND_COUNT: break;
  }
}

void flight_answer(Engine *e, const Event *event) {
  Flight f;
  const Flight *open = flight_find(e, event->command);
  bool fits = open && (event->kind == EVENT_ANSWER) == (open->command.kind == COMMAND_ASK);
  if (!fits || !flight_take(e, event->command, &f)) {
    e->stale++;
    return;
  }
  deliver(e, &f, event);
}

void flight_expired(Engine *e, uint64_t command) {
  Flight f;
  Flight *open = flight_find(e, command);
  if (!open) return;
  open->timer = TIMER_NONE;
  flight_take(e, command, &f);
  tell_off(e, &f.command);
  Event silence = {.kind = EVENT_OUTCOME, .at = e->now, .command = command, .outcome = OUT_UNKNOWN, .value = VALUE_UNKNOWN,
                   .text = "no answer"};
  deliver(e, &f, &silence);
}
