/* engine_permit: room for what leaves service in the ledger that all runs of the fleet share. It is asked for when the run's own
 * budget and services have admitted the action, one permit per entity; all are granted, or none is used: what was granted
 * is given back, the action has its place no more, and asks again LEDGER_EVERY later. Granted room is refunded when the
 * entity is verified back in service, by whichever run brings it back, and by nothing else. Of what did not leave only what this
 * run has been granted is taken back, as if it had not been asked for: another run may have had it out before. */
#include <config.h>

#include "runtime/engine_parts.h"

void engine_share_budget(Engine *e) { e->budget.shared = true; }

static int64_t least_per_day(const Budget *b, int64_t *ret_row, const Engine *e) {
  int64_t least = 0;
  for (uint32_t i = 0; i < b->day_count; i++) {
    if (least && b->days[i].amount >= least) continue;
    least = b->days[i].amount;
    *ret_row = b->day_rows[i] - e->program->limits;
  }
  return least;
}

static Command permit(const Engine *e, uint32_t entity) {
  const Budget *b = &e->budget;
  Command c = {.kind = COMMAND_PERMIT, .subject = b->service, .kind_of_entity = b->kind, .entity = entity, .arg_count = 3,
               .args = {b->at_once}, .deadline = later(e, PERMIT_MOST)};
  c.args[1] = least_per_day(b, &c.args[2], e);
  return c;
}

bool permits_ask(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  if (!e->budget.shared || budget_targets(e, s, action, CHARGE_ASKED) == 0) return false;
  s->answer = OUT_OK;
  for (uint32_t i = 0; i < e->scratch.len; i++) {
    e->budget.back[e->scratch.items[i]] = 0;
    issue(e, id, permit(e, e->scratch.items[i]), NONE_INDEX);
  }
  return true;
}

static void refund(Engine *e, uint32_t entity, GivenBack how) {
  if (!e->budget.shared) return;
  e->budget.back[entity] = (uint8_t)how;
  tell(e, (Command){.kind = COMMAND_REFUND, .subject = e->budget.service, .kind_of_entity = e->budget.kind, .entity = entity, .arg_count = 1, .args = {how}});
}

void permit_refund(Engine *e, uint32_t entity) { refund(e, entity, GIVEN_BACK); }

uint32_t engine_given_back(const Engine *e, GivenBack how, uint32_t from, uint32_t *ret_kind) {
  const Budget *b = &e->budget;
  *ret_kind = b->kind;
  if (!b->shared || b->kind == NONE_INDEX) return NONE_INDEX;
  while (from < fleet_count(e->fleet, b->kind) && b->back[from] != how) from++;
  return from < fleet_count(e->fleet, b->kind) ? from : NONE_INDEX;
}

/* Told when it begins and when it ends: no action that takes something out of service is sent meanwhile. */
static void silent(Engine *e, bool now, TextId why) {
  if (e->budget.silent == now) return;
  e->budget.silent = now;
  if (now)
    note(e, NOTE_ALARM, NONE_INDEX, NONE_INDEX, NONE_INDEX, ALARM_LEDGER, 0,
         text_printf(e, "the fleet's ledger cannot be asked, it is tried again, and nothing more leaves service until then: %s", text_of(e, why)));
  else note(e, NOTE_WAITING, NONE_INDEX, NONE_INDEX, NONE_INDEX, e->now, 0, text_printf(e, "the fleet's ledger answers again"));
}

static void keep(Engine *e, const Strand *s, const ActionRow *action) {
  budget_targets(e, s, action, CHARGE_ASKED);
  for (uint32_t i = 0; i < e->scratch.len; i++) e->budget.charged[e->scratch.items[i]] = CHARGE_OUT;
}

static void drop(Engine *e, const Strand *s, const ActionRow *action) {
  budget_targets(e, s, action, CHARGE_ASKED);
  for (uint32_t i = 0; i < e->scratch.len; i++) {
    refund(e, e->scratch.items[i], GIVEN_UNUSED);
    budget_uncharge(e, e->scratch.items[i], s->since);
  }
  budget_pump(e);
}

/* All that leave service are granted room, or the action waits. */
Flow permits_answered(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  bool unknown = s->answer == OUT_UNKNOWN;
  silent(e, unknown, s->detail);
  if (s->answer == OUT_OK) {
    keep(e, s, action);
    s->phase = ACT_FRESH;
    return FLOW_ON;
  }
  drop(e, s, action);
  act_unsent(e, id, action);
  if (!s->until) {
    s->until = e->now;
    act_note_waiting(e, s, action, "for room in the fleet's budget");
  }
  s->wait = WAIT_LEDGER;
  s->since = s->until;
  s->phase = ACT_ROOM;
  strand_timer(e, id, e->now + (unknown ? LEDGER_AGAIN : LEDGER_EVERY));
  return FLOW_WAIT;
}

/* What it needs may not hold any more when there is room. */
Flow permits_wait(Engine *e, uint32_t id, const ActionRow *action) {
  Strand *s = strand_at(e, id);
  bool diverted = strand_diverted(e, id), forever = e->now - s->until >= BUDGET_WAIT;
  if (!diverted && !forever && s->timer != TIMER_NONE) return FLOW_WAIT;
  bucket_leave(e, id);
  if (diverted) return FLOW_EXIT;
  s->phase = ACT_NEEDS;
  if (!forever) return FLOW_ON;
  s->outcome = OUT_FAILED;
  s->detail = text_printf(e, "%s is not sent: the fleet's budget has had no room for a day", program_str(e->program, action->name));
  act_note(e, s, NOTE_SURPRISE, OUT_FAILED, s->detail);
  return flow_next(e, s);
}
