/* engine_adjust: settings that are changed for a while. Each member's old value is read first and put back on every exit; a
 * value that cannot be read is not changed. What was set is read back.
 *
 * Before it is put back it is read once more. One that is as it was needs nothing; one that is neither what it was nor what the
 * run made it was changed by somebody else meanwhile: whoever did that knows better, and it is left so. What does not go back
 * is tried again, three times in all; a setting that is left is told with what it was, and goes to whoever takes over the
 * lockout around it. */
#include <config.h>

#include "runtime/engine_parts.h"

#include <string.h>

#define BACK_TRIES 3u
#define BACK_AGAIN MINUTE

enum { ADJUST_NEW, ADJUST_SENSE, ADJUST_SET, ADJUST_RESTORE };

/* Of one member: its old value is read, the new one set, and read back; then the same the other way. */
enum { ITEM_IDLE, ITEM_GET_OLD, ITEM_SET, ITEM_CHECK, ITEM_LOOK, ITEM_PUT_BACK, ITEM_CHECK_BACK, ITEM_AGAIN, ITEM_DONE };

static const AdjustRow *adjust_row(const Engine *e, const Adjust *a) { return &e->program->adjusts[a->row]; }

static void send_adjust(Engine *e, uint32_t id, uint32_t item, uint8_t phase, CommandKind kind, int64_t value) {
  Adjust *a = &e->adjusts.items[strand_at(e, id)->job];
  const AdjustRow *row = adjust_row(e, a);
  a->items.items[item].phase = phase;
  a->flying++;
  Command c = {.kind = kind, .subject = row->setting, .entity = a->items.items[item].entity, .kind_of_entity = row->kind,
               .deadline = e->now + READ_MOST, .arg_count = kind == COMMAND_SET, .args = {value}};
  if (kind == COMMAND_SET && e->program->settings[row->setting].type.klass == VALUE_TEXT) {
    c.args[0] = VALUE_UNKNOWN;
    c.text = vm_text(e->vm, value);
  }
  issue(e, id, c, item);
}

static const char *shown(Engine *e, const AdjustRow *row, int64_t value) {
  if (value == VALUE_UNKNOWN) return "nothing that can be read";
  return vm_text(e->vm, vm_show(e->vm, e->program->settings[row->setting].type, value));
}

static void tell_item(Engine *e, const AdjustRow *row, const AdjustItem *item, const char *what) {
  note(e, NOTE_SURPRISE, row->setting, row->kind, item->entity, OUT_UNKNOWN, row->line,
       text_printf(e, "setting %s of %s %s", program_str(e->program, e->program->settings[row->setting].name),
                   entity_name(e, row->kind, item->entity), what));
}

static void item_failed(Engine *e, Adjust *a, AdjustItem *item, const char *what) {
  item->failed = 1;
  item->phase = ITEM_DONE;
  a->failed = 1;
  tell_item(e, adjust_row(e, a), item, what);
}

/* It stays as it is: told, and given to whoever takes over the lockout around it. */
static void item_left(Engine *e, uint32_t id, Adjust *a, AdjustItem *item, TextId what) {
  const AdjustRow *row = adjust_row(e, a);
  uint32_t lockout = strand_lockout(e, strand_at(e, id));
  item->phase = ITEM_DONE;
  tell_item(e, row, item, text_of(e, what));
  if (lockout == NONE_INDEX) return;
  uint32_t role = e->program->lockouts[e->lockouts.items[lockout].row].hand_over;
  TextId text = text_printf(e, "setting %s %s", program_str(e->program, e->program->settings[row->setting].name), text_of(e, what));
  tell(e, (Command){.kind = COMMAND_TICKET, .subject = role, .kind_of_entity = row->kind, .entity = item->entity, .text = text_of(e, text)});
}

/* What stands there now, before it is put back. */
static void looked(Engine *e, const Flight *f, Adjust *a, AdjustItem *item, int64_t value) {
  if (value == item->old) item->phase = ITEM_DONE;
  else if (value == a->value || value == VALUE_UNKNOWN || item->failed) send_adjust(e, f->strand, f->item, ITEM_PUT_BACK, COMMAND_SET, item->old);
  else
    item_left(e, f->strand, a, item,
              text_printf(e, "reads %s: somebody else has changed it, and it is left so; before the run it was %s", shown(e, adjust_row(e, a), value),
                          shown(e, adjust_row(e, a), item->old)));
}

static void put_back(Engine *e, const Flight *f, Adjust *a, AdjustItem *item, int64_t value) {
  if (value == item->old) {
    item->phase = ITEM_DONE;
  } else if (++item->tries < BACK_TRIES) {
    item->phase = ITEM_AGAIN;
    item->again = e->now + BACK_AGAIN;
  } else {
    item_left(e, f->strand, a, item,
              text_printf(e, "could not be put back in %u tries: it was %s, and now reads %s", BACK_TRIES, shown(e, adjust_row(e, a), item->old),
                          shown(e, adjust_row(e, a), value)));
  }
}

void adjust_answer(Engine *e, const Flight *f, const Event *event) {
  Adjust *a = &e->adjusts.items[strand_at(e, f->strand)->job];
  AdjustItem *item = &a->items.items[f->item];
  int64_t value = flight_reading(e, e->program->settings[adjust_row(e, a)->setting].type, event);
  a->flying--;
  switch (item->phase) {
    case ITEM_GET_OLD:
      item->old = value;
      if (value == VALUE_UNKNOWN) item_failed(e, a, item, "cannot be read, and is left as it is");
      else {
        item->changed = 1;
        send_adjust(e, f->strand, f->item, ITEM_SET, COMMAND_SET, a->value);
      }
      break;
    case ITEM_SET: send_adjust(e, f->strand, f->item, ITEM_CHECK, COMMAND_GET, 0); break;
    case ITEM_CHECK:
      if (value == a->value) item->phase = ITEM_DONE;
      else item_failed(e, a, item, "does not read as it was set");
      break;
    case ITEM_LOOK: looked(e, f, a, item, value); break;
    case ITEM_PUT_BACK: send_adjust(e, f->strand, f->item, ITEM_CHECK_BACK, COMMAND_GET, 0); break;
    case ITEM_CHECK_BACK: put_back(e, f, a, item, value); break;
    default: break;
  }
  ready_strand(e, f->strand);
}

static void collect_adjusted(Engine *e, Strand *s) {
  e->scratch.len = 0;
  vm_collect(e->vm, e->program->adjusts[strand_op_a(e, s)].members, s->slots, LIMIT_SLOTS, &e->scratch);
}

static void ask_adjusted(Engine *e, Strand *s) {
  collect_adjusted(e, s);
  region_value(e, s, e->program->adjusts[strand_op_a(e, s)].value, 0);
}

static void new_adjust(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  uint32_t row = strand_op_a(e, s);
  collect_adjusted(e, s);
  vec_push(&e->adjusts, ((Adjust){.row = row, .value = region_value(e, s, e->program->adjusts[row].value, VALUE_UNKNOWN), .since = e->now}));
  Adjust *a = &e->adjusts.items[e->adjusts.len - 1];
  for (uint32_t i = 0; i < e->scratch.len; i++)
    if (!member_out(e, e->program->adjusts[row].kind, e->scratch.items[i]))
      vec_push(&a->items, ((AdjustItem){.entity = e->scratch.items[i], .old = VALUE_UNKNOWN}));
  s->job = e->adjusts.len - 1;
  s->phase = ADJUST_SET;
}

static bool setting_goes_on(Engine *e, uint32_t id) {
  Adjust *a = &e->adjusts.items[strand_at(e, id)->job];
  while (a->next < a->items.len && a->flying < ADJUST_AT_ONCE && !a->failed)
    send_adjust(e, id, a->next++, ITEM_GET_OLD, COMMAND_GET, 0);
  return a->flying == 0;
}

static void begin_restore(Adjust *a) {
  a->next = 0;
  a->back = 1;
  for (uint32_t i = 0; i < a->items.len; i++) a->items.items[i].phase = ITEM_IDLE;
}

/* Those whose next try is due are read again; the strand wakes for the first of the others. */
static bool tries_again(Engine *e, uint32_t id) {
  Adjust *a = &e->adjusts.items[strand_at(e, id)->job];
  int64_t next = INT64_MAX;
  for (uint32_t i = 0; i < a->items.len; i++) {
    AdjustItem *item = &a->items.items[i];
    if (item->phase != ITEM_AGAIN) continue;
    if (item->again <= e->now && a->flying < ADJUST_AT_ONCE) send_adjust(e, id, i, ITEM_LOOK, COMMAND_GET, 0);
    else if (item->again < next) next = item->again;
  }
  if (next == INT64_MAX || a->flying > 0) return next != INT64_MAX;
  strand_timer(e, id, next);
  return true;
}

static bool restore_goes_on(Engine *e, uint32_t id) {
  Adjust *a = &e->adjusts.items[strand_at(e, id)->job];
  while (a->next < a->items.len && a->flying < ADJUST_AT_ONCE) {
    const AdjustItem *item = &a->items.items[a->next++];
    if (item->changed) send_adjust(e, id, a->next - 1, ITEM_LOOK, COMMAND_GET, 0);
  }
  return !tries_again(e, id) && a->flying == 0;
}

Flow op_set_begin(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (s->phase == ADJUST_NEW) {
    sense_begin(e, s);
    s->phase = ADJUST_SENSE;
  }
  if (s->phase == ADJUST_SENSE) {
    if (s->outstanding > 0 || !sense_round(e, id, ask_adjusted)) return FLOW_WAIT;
    new_adjust(e, id);
  }
  if (s->phase == ADJUST_SET) {
    if (!setting_goes_on(e, id)) return FLOW_WAIT;
    Adjust *a = &e->adjusts.items[s->job];
    if (!a->failed) {
      scope_open(e, id, SCOPE_ADJUST, a->row, s->job);
      s->outcome = OUT_OK;
      return flow_next(e, s);
    }
    begin_restore(a);
    s->phase = ADJUST_RESTORE;
  }
  if (!restore_goes_on(e, id)) return FLOW_WAIT;
  vec_done(&e->adjusts.items[s->job].items);
  s->outcome = OUT_UNKNOWN;
  return flow_next(e, s);
}

Flow adjust_restore(Engine *e, uint32_t id, uint32_t adjust) {
  Strand *s = strand_at(e, id);
  if (s->phase == 0) {
    s->job = adjust;
    s->phase = 1;
    begin_restore(&e->adjusts.items[adjust]);
  }
  if (!restore_goes_on(e, id)) return FLOW_WAIT;
  vec_done(&e->adjusts.items[adjust].items);
  return FLOW_ON;
}

Flow op_set_end(Engine *e, uint32_t id) {
  Strand *s = strand_at(e, id);
  if (!scope_is(e, s, SCOPE_ADJUST, strand_op_a(e, s))) return flow_next(e, s); /* it could not be changed */
  if (adjust_restore(e, id, e->scopes.items[s->scope].data) == FLOW_WAIT) return FLOW_WAIT;
  scope_close(e, id);
  return flow_next(e, s);
}

/* ---- questions ---- */

bool engine_setting(Engine *e, uint32_t i, SettingView *ret) {
  for (uint32_t j = 0; j < e->adjusts.len; j++) {
    const Adjust *a = &e->adjusts.items[j];
    const AdjustRow *row = adjust_row(e, a);
    for (uint32_t k = 0; k < a->items.len; k++) {
      const AdjustItem *item = &a->items.items[k];
      if (!item->changed || (a->back && item->phase == ITEM_DONE) || i-- > 0) continue;
      *ret = (SettingView){.setting = row->setting, .kind = row->kind, .entity = item->entity, .line = row->line, .since = a->since,
                           .back = a->back, .was = shown(e, row, item->old), .is = shown(e, row, a->value)};
      return true;
    }
  }
  return false;
}
