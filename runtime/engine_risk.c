/* engine_risk: tolerances per KIND, per day and per fleet over all runs of the fleet, through its ledger. Before a member starts under such a
 * tolerance the ledger is asked (RISK): it counts what all runs have lost, and whom the others have at work, for each of them may be lost
 * as well. Where that is more than is tolerated the member waits; where more is lost already, the step stops. Whoever leaves is written there at
 * once (TALLY), and the fans that count it look again; nothing is done until that is answered, so that a run which dies
 * in between sends it again when it is resumed, and it counts once. No roll back and no emergency asks. */
#include <config.h>

#include "runtime/engine_parts.h"

#define LOSS_WAIT HOUR /* a ledger that cannot be written by then does not hold the run up any more */

enum { FAN_ASKS_NOT, FAN_ASKED, FAN_MAY_START, FAN_WAITS }; /* Fan.risk */

static bool asks(const Engine *e, const Fan *f) {
  if (!e->budget.shared) return false;
  for (uint32_t i = 0; i < f->tolerance_count; i++)
    if (f->tolerances[i].tally != NONE_INDEX) return true;
  return false;
}

/* Of all that is asked and written: it owns the commands, so that nobody who leaves takes them along. */
static uint32_t keeper(Engine *e) {
  if (e->keeper == NONE_INDEX) e->keeper = strand_new(e, TASK_LEDGER);
  return e->keeper;
}

/* ---- written ---- */

static void send(Engine *e, Loss *l) {
  if (l->seq == 0) l->seq = e->next_command;
  l->again = false;
  issue(e, keeper(e), (Command){.kind = COMMAND_TALLY, .subject = NONE_INDEX, .kind_of_entity = l->kind, .entity = l->entity, .arg_count = 3,
                                .args = {l->what, l->at, (int64_t)l->seq}, .deadline = later(e, PERMIT_MOST)}, NONE_INDEX);
}

void loss_tell(Engine *e, TallyKind what, uint32_t kind, uint32_t entity) {
  if (!e->budget.shared || e->outcome != RUN_GOING) return;
  vec_push(&e->losses, ((Loss){.kind = kind, .entity = entity, .at = e->now, .what = (uint8_t)what}));
  send(e, &e->losses.items[e->losses.len - 1]);
}

bool losses_open(const Engine *e) {
  for (uint32_t i = 0; i < e->losses.len; i++)
    if (e->losses.items[i].what != TALLY_THROUGH) return true;
  return false;
}

static uint32_t loss_of(const Engine *e, uint64_t seq) {
  for (uint32_t i = 0; i < e->losses.len; i++)
    if (e->losses.items[i].seq == seq) return i;
  return NONE_INDEX;
}

static void wake_all(Engine *e) {
  for (uint32_t i = 0; i < e->fans.len; i++)
    if (e->fans.items[i].used) ready_strand(e, e->fans.items[i].strand);
  if (e->main != NONE_INDEX) ready_strand(e, e->main);
}

static void forget(Engine *e, uint32_t at) {
  for (uint32_t i = at + 1; i < e->losses.len; i++) e->losses.items[i - 1] = e->losses.items[i];
  e->losses.len--;
  if (!losses_open(e)) wake_all(e);
}

/* ---- asked ---- */

static void ask(Engine *e, uint32_t fan, const FanTolerance *t, uint32_t kind, uint32_t entity, uint32_t own, bool look) {
  e->fans.items[fan].asked++;
  issue(e, keeper(e), (Command){.kind = COMMAND_RISK, .subject = NONE_INDEX, .kind_of_entity = kind, .entity = entity, .arg_count = 4,
                                .args = {t->row, t->amount, own, look}, .deadline = later(e, PERMIT_MOST)}, fan);
}

static void look(Engine *e, uint32_t kind, uint32_t entity) {
  for (uint32_t i = 0; i < e->fans.len; i++) {
    const Fan *f = &e->fans.items[i];
    if (!f->used || f->stop || !asks(e, f) || strand_at(e, f->strand)->masked) continue;
    for (uint32_t j = 0; j < f->tolerance_count; j++) {
      const FanTolerance *t = &f->tolerances[j];
      if (t->tally == NONE_INDEX || tolerance_units(e, t->unit, kind, entity, NONE_INDEX) == 0) continue;
      ask(e, i, t, kind, entity, tally_most(e, t->tally, kind, entity, NONE_INDEX), true);
    }
  }
}

static uint32_t member_of(const Fan *f) { return f->members.items[f->risky]; }

/* What was granted for a member that does not start after all. */
static void give_up(Engine *e, uint32_t fan) { loss_tell(e, TALLY_THROUGH, e->program->fans[e->fans.items[fan].row].kind, member_of(&e->fans.items[fan])); }

bool risk_taken(Engine *e, uint32_t fan, uint32_t ordinal) {
  Fan *f = &e->fans.items[fan];
  const FanRow *row = &e->program->fans[f->row];
  if (!asks(e, f) || strand_at(e, f->strand)->masked) return true;
  if (f->risk == FAN_ASKED || f->asked > 0) return false;
  bool granted = f->risk == FAN_MAY_START;
  if (granted && f->risky == ordinal) {
    f->risk = FAN_ASKS_NOT;
    return true;
  }
  if (granted) give_up(e, fan);
  if (f->risk == FAN_WAITS && e->now < f->ask_at) {
    f->timer = timers_add(&e->timers, f->ask_at, TIMER_FAN, fan);
    return false;
  }
  f->refused = f->risk == FAN_WAITS ? 2 : 0; /* it has been told */
  f->risk = FAN_ASKED;
  f->risky = ordinal;
  for (uint32_t i = 0; i < f->tolerance_count; i++) {
    const FanTolerance *t = &f->tolerances[i];
    if (t->tally != NONE_INDEX) ask(e, fan, t, row->kind, member_of(f), tally_at(e, t->tally, row->kind, member_of(f)), false);
  }
  return false;
}

/* Once, however often it asks. */
static void say_waits(Engine *e, const Fan *f, TextId why) {
  const FanRow *row = &e->program->fans[f->row];
  const char *step = row->step == NONE_INDEX ? "" : program_str(e->program, e->program->steps[row->step].name);
  note(e, NOTE_WAITING, NONE_INDEX, NONE_INDEX, NONE_INDEX, e->now, row->line,
       text_printf(e, "%s%s%sstarts nobody: %s", *step ? "step " : "", step, *step ? " " : "", text_of(e, why)));
}

static void settle(Engine *e, uint32_t fan) {
  Fan *f = &e->fans.items[fan];
  if (f->risk != FAN_ASKED) return;
  f->risk = FAN_MAY_START;
  if (!f->stop && (f->refused & 1) == 0) return;
  give_up(e, fan);
  f = &e->fans.items[fan];
  f->risk = f->stop ? FAN_ASKS_NOT : FAN_WAITS;
  f->ask_at = later(e, LEDGER_EVERY);
}

bool risk_waits(const Fan *f) { return f->risk == FAN_WAITS || (f->risk == FAN_ASKED && f->refused); }

/* ---- answers ---- */

static void risk_answered(Engine *e, const Flight *flight, Outcome outcome, TextId why) {
  uint32_t fan = flight->item;
  Fan *f = &e->fans.items[fan];
  bool only_look = flight->command.args[3] != 0;
  f->asked--;
  if (outcome == OUT_FAILED) fan_stop(e, fan, STOP_TOLERANCE, why);
  else if (outcome != OUT_OK && !only_look) {
    if (!f->refused) say_waits(e, f, why);
    f->refused |= 1;
  }
  if (f->asked == 0) settle(e, fan);
  ready_fan(e, fan);
  ready_strand(e, e->fans.items[fan].strand);
}

static void tally_answered(Engine *e, const Flight *flight, Outcome outcome) {
  uint32_t at = loss_of(e, (uint64_t)flight->command.args[2]);
  if (at == NONE_INDEX) return;
  Loss l = e->losses.items[at];
  if (outcome != OUT_OK && e->now - l.at < LOSS_WAIT) {
    e->losses.items[at].again = true;
    if (strand_at(e, e->keeper)->timer == TIMER_NONE) strand_timer(e, e->keeper, later(e, LEDGER_EVERY));
    return;
  }
  if (outcome != OUT_OK)
    note(e, NOTE_SURPRISE, NONE_INDEX, l.kind, l.entity, OUT_FAILED, 0,
         text_printf(e, "the fleet's ledger could not be told what became of %s: other runs do not count it", entity_name(e, l.kind, l.entity)));
  if (outcome == OUT_OK && (l.what == TALLY_LOST || l.what == TALLY_ROLLED_BACK)) look(e, l.kind, l.entity);
  forget(e, at);
}

void ledger_answered(Engine *e, const Flight *flight, Outcome outcome, TextId why) {
  strand_at(e, flight->strand)->outstanding--;
  if (flight->command.kind == COMMAND_RISK) risk_answered(e, flight, outcome, why);
  else tally_answered(e, flight, outcome);
}

void ledger_run(Engine *e, uint32_t id) {
  if (strand_at(e, id)->timer != TIMER_NONE) return;
  for (uint32_t i = 0; i < e->losses.len; i++)
    if (e->losses.items[i].again) send(e, &e->losses.items[i]);
}

/* ---- who waits for them ---- */

bool risks_open(Engine *e, const Fan *f) {
  if (!asks(e, f)) return false;
  return f->asked > 0 || (!f->stop && !e->cancelled && !strand_at(e, f->strand)->masked && losses_open(e));
}

void risks_close(Engine *e, uint32_t fan) {
  if (e->fans.items[fan].risk == FAN_MAY_START) give_up(e, fan);
}

void risk_over(Engine *e, const Fan *f, uint32_t member) {
  if (asks(e, f)) loss_tell(e, TALLY_THROUGH, e->program->fans[f->row].kind, member);
}

void risks_stop(Engine *e) {
  if (e->keeper != NONE_INDEX) strand_free(e, e->keeper);
  e->keeper = NONE_INDEX;
}
