/* lab: an engine on the bench, its world, and the replay of what was recorded. */
#include <config.h>

#include "tests/unit/lab.h"

#include "runtime/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the run ---- */

static void make_fleet(Lab *lab) {
  Buf csv = BUF_INIT;
  buf_str(&csv, "name,rack,row,power,service\n");
  for (uint32_t i = 0; i < lab->nodes; i++) {
    uint32_t rack = i / (lab->nodes / lab->racks);
    buf_printf(&csv, "n%03u,r%02u,w%u,on,in_service\n", i, rack, rack / 4);
  }
  DiagSink *sink = diag_sink_new(lab->arena, NULL);
  lab->fleet = fleet_load_text(&schema_of_program(lab->program, lab->arena)->fleet, "lab.csv", FLEET_CSV, csv.data, csv.len, sink);
  if (!lab->fleet) fail_msg("%s", diag_get(sink, 0)->message);
  buf_done(&csv);
}

static Members everything(Lab *lab, uint32_t count) {
  uint32_t *items = arena_new_array(lab->arena, uint32_t, count);
  for (uint32_t i = 0; i < count; i++) items[i] = i;
  return (Members){items, count};
}

void lab_prepare(Lab *lab) {
  DiagSink *sink = diag_sink_new(lab->arena, NULL);
  for (uint32_t i = 0; i < lab->wanted.len; i++)
    if (lab->wanted.items[i].name) fail_msg("no label %s", lab->wanted.items[i].name);
  lab->program = build_finish(lab->build, 0, sink);
  assert_non_null(lab->program);
  if (!verify_code(lab->program, "lab", sink)) {
    const Diag *d = diag_get(sink, 0);
    fail_msg("%s: %s", d->message, d->notes ? d->notes->text : "");
  }
  make_fleet(lab);
  lab->sets[NODES] = everything(lab, lab->nodes);
  lab->sets[RACKS] = everything(lab, lab->racks);
  lab->frozen.sets = lab->sets;
  lab->frozen.left_out = lab->left_out;
  lab->frozen.embargo_every = freeze_looks(&lab->frozen, lab->program, lab->site, lab->arena)->embargo_every;
  lab->engine = engine_new(lab->program, lab->fleet, &lab->frozen);
  if (lab->shared) engine_share_budget(lab->engine);
  for (uint32_t i = 0; i < 256; i++) {
    lab->truth[POWER][NODE][i] = ON;
    lab->truth[SERVICE][NODE][i] = IN_SERVICE;
    lab->truth[CONTROLLER][NODE][i] = ANSWERING;
    lab->truth[FEED][ROW][i] = CLOSED;
    lab->setting[i] = 5;
  }
}

/* How the world answers when no rule of the test says otherwise. */
static Fate contract_fate(Lab *lab, const Command *c) {
  Fate f = {.answers = true, .delay = 100, .outcome = OUT_OK, .value = VALUE_UNKNOWN};
  switch (c->kind) {
    case COMMAND_ACT: f.delay = SEC, f.lands = true; break;
    case COMMAND_READ: f.value = lab->truth[c->subject][c->kind_of_entity][c->entity]; break;
    case COMMAND_METER: f.value = 0; break;
    case COMMAND_LOCK: case COMMAND_UNLOCK: f.delay = SEC; break;
    case COMMAND_INSPECT: f.value = lab->locked[c->subject][c->entity]; break;
    case COMMAND_GET: f.value = lab->setting[c->entity]; break;
    case COMMAND_SET: case COMMAND_PERMIT: case COMMAND_RISK: case COMMAND_TALLY: break;
    case COMMAND_ASK: f.answers = false; break;
    case COMMAND_WITHDRAW: case COMMAND_STOP: case COMMAND_NOTIFY: case COMMAND_TICKET: case COMMAND_REFUND: case COMMAND_KIND_COUNT: f.answers = false; break;
  }
  return f;
}

static EventKind answer_kind(CommandKind k) {
  if (k == COMMAND_ASK) return EVENT_ANSWER;
  return k == COMMAND_READ || k == COMMAND_METER || k == COMMAND_INSPECT || k == COMMAND_GET ? EVENT_READING : EVENT_OUTCOME;
}

static void plan(Lab *lab, Planned p) {
  p.seq = lab->seq++;
  vec_push(&lab->planned, p);
}

static void take_command(Lab *lab, const Command *c) {
  vec_push(&lab->commands, *c);
  Fate f = contract_fate(lab, c);
  if (c->kind == COMMAND_LOCK) lab->locked[c->subject][c->entity] = 1;
  if (c->kind == COMMAND_UNLOCK) lab->locked[c->subject][c->entity] = 0;
  if (c->kind == COMMAND_SET) lab->setting[c->entity] = c->args[0];
  if (lab->rule) lab->rule(lab, c, &f);
  Event e = {.kind = answer_kind(c->kind), .command = c->id, .outcome = f.outcome, .value = f.value, .subject = c->subject,
             .entity = c->entity, .kind_of_entity = c->kind_of_entity};
  if (f.lands) plan(lab, (Planned){.at = lab->now + f.delay + f.lands_after, .effect = *c, .lands = true});
  if (f.answers) plan(lab, (Planned){.at = lab->now + f.delay, .event = e, .answers = true});
}

static void set_truth(Lab *lab, uint32_t fact, uint32_t kind, uint32_t e, int64_t value) { lab->truth[fact][kind][e] = value; }

static void take_effect(Lab *lab, const Command *c) {
  uint32_t e = (uint32_t)c->args[0], per_rack = lab->nodes / lab->racks;
  switch (c->subject) {
    case DRAIN: set_truth(lab, SERVICE, NODE, e, DRAINED); break;
    case GIVE_BACK: set_truth(lab, SERVICE, NODE, e, IN_SERVICE); break;
    case SHUT_DOWN: case POWER_OFF: set_truth(lab, POWER, NODE, e, OFF); break;
    case POWER_ON: set_truth(lab, POWER, NODE, e, ON); break;
    case OPEN_BREAKERS: set_truth(lab, FEED, ROW, e, OPEN); break;
    case SHELVES_OFF:
      for (uint32_t i = 0; i < per_rack; i++) set_truth(lab, POWER, NODE, e * per_rack + i, VALUE_UNKNOWN);
      for (uint32_t i = 0; i < per_rack; i++) set_truth(lab, CONTROLLER, NODE, e * per_rack + i, VALUE_UNKNOWN);
      break;
    default: break;
  }
}

void lab_feed(Lab *lab, Event event) {
  event.at = lab->now;
  vec_push(&lab->fed, event);
  engine_feed(lab->engine, &event);
  const Command *c;
  const Note *n;
  uint32_t count = engine_notes(lab->engine, &n);
  for (uint32_t i = 0; i < count; i++) vec_push(&lab->notes, n[i]);
  count = engine_commands(lab->engine, &c);
  for (uint32_t i = 0; i < count; i++) take_command(lab, &c[i]);
}

void lab_start(Lab *lab) {
  lab_prepare(lab);
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
}

void lab_control(Lab *lab, ControlKind kind) { lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = kind}); }

static uint32_t earliest(const Lab *lab) {
  uint32_t best = NONE_INDEX;
  for (uint32_t i = 0; i < lab->planned.len; i++) {
    const Planned *p = &lab->planned.items[i];
    if (best == NONE_INDEX || p->at < lab->planned.items[best].at ||
        (p->at == lab->planned.items[best].at && p->seq < lab->planned.items[best].seq))
      best = i;
  }
  return best;
}

/* One thing happens, not later than `until`. */
static bool one(Lab *lab, int64_t until) {
  uint32_t i = earliest(lab);
  int64_t timer = engine_next_timer(lab->engine);
  int64_t at = i == NONE_INDEX ? INT64_MAX : lab->planned.items[i].at;
  if (timer < at && timer <= until) {
    lab->now = timer;
    lab_feed(lab, (Event){.kind = EVENT_TICK});
    return true;
  }
  if (at > until || at == INT64_MAX) return false;
  Planned p = lab->planned.items[i];
  lab->planned.items[i] = lab->planned.items[--lab->planned.len];
  lab->now = at;
  if (p.lands) take_effect(lab, &p.effect);
  if (p.answers) {
    lab->answered++;
    lab_feed(lab, p.event);
  }
  return true;
}

void lab_until(Lab *lab, int64_t at) {
  while (one(lab, at)) continue;
  if (at > lab->now) lab->now = at;
}

void lab_go(Lab *lab) {
  uint32_t steps = 0;
  while (one(lab, INT64_MAX - 1) && engine_outcome(lab->engine) == RUN_GOING)
    if (++steps > 1000000) fail_msg("it does not end");
}

void lab_ends(Lab *lab, RunOutcome outcome) {
  lab_go(lab);
  if (engine_outcome(lab->engine) != outcome) {
    Buf text = BUF_INIT;
    fail_msg("outcome %d instead of %d: %s; it waits for %s", engine_outcome(lab->engine), outcome, engine_reason(lab->engine),
             engine_waiting_for(lab->engine, 0, &text));
  }
  const Command *c;
  assert_int_equal(engine_in_flight(lab->engine, &c), 0);
  assert_true(engine_next_timer(lab->engine) == INT64_MAX);
}

void lab_crash(Lab *lab, int64_t down) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < lab->planned.len; i++) {
    Planned p = lab->planned.items[i];
    p.answers = false;
    if (p.lands) lab->planned.items[kept++] = p;
  }
  lab->planned.len = kept;
  for (int64_t until = lab->now + down;;) { /* effects land while nobody looks */
    uint32_t i = earliest(lab);
    if (i == NONE_INDEX || lab->planned.items[i].at > until) break;
    take_effect(lab, &lab->planned.items[i].effect);
    lab->planned.items[i] = lab->planned.items[--lab->planned.len];
  }
  lab->now += down;
}

void lab_resume(Lab *lab, int64_t down) {
  lab_crash(lab, down);
  lab_feed(lab, (Event){.kind = EVENT_RESUMED});
}

/* ---- the replay ---- */

static void same_command(const Command *a, const Command *b) {
  assert_true(a->id == b->id && a->kind == b->kind && a->subject == b->subject && a->entity == b->entity);
  assert_true(a->kind_of_entity == b->kind_of_entity && a->arg_count == b->arg_count && a->issued == b->issued);
  assert_true(a->deadline == b->deadline && a->attempt == b->attempt && a->again == b->again);
  for (uint32_t i = 0; i < a->arg_count; i++) assert_true(a->args[i] == b->args[i]);
  assert_true(!a->text == !b->text);
  if (a->text) assert_string_equal(a->text, b->text);
}

static void check_replay(Lab *lab) {
  Engine *again = engine_new(lab->program, lab->fleet, &lab->frozen);
  if (lab->shared) engine_share_budget(again);
  uint32_t at = 0;
  for (uint32_t i = 0; i < lab->fed.len; i++) {
    const Command *c;
    engine_feed(again, &lab->fed.items[i]);
    uint32_t n = engine_commands(again, &c);
    for (uint32_t j = 0; j < n; j++, at++) same_command(&c[j], &lab->commands.items[at]);
  }
  assert_int_equal(at, lab->commands.len);
  assert_true(engine_digest(again) == engine_digest(lab->engine));
  engine_free(again);
}

void lab_free(Lab *lab) {
  if (lab->engine && !lab->no_replay) check_replay(lab);
  engine_free(lab->engine);
  fleet_free(lab->fleet);
  build_free(lab->build);
  vec_done(&lab->planned);
  vec_done(&lab->fed);
  vec_done(&lab->commands);
  vec_done(&lab->notes);
  vec_done(&lab->labels);
  vec_done(&lab->wanted);
  arena_free(lab->arena);
  free(lab);
}

/* ---- questions ---- */

static bool fits(uint32_t have, uint32_t want_one) { return want_one == NONE_INDEX || have == want_one; }

uint32_t lab_commands(const Lab *lab, CommandKind kind, uint32_t subject, uint32_t entity) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->commands.len; i++) {
    const Command *c = &lab->commands.items[i];
    n += c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity);
  }
  return n;
}

const Command *lab_command(const Lab *lab, CommandKind kind, uint32_t subject, uint32_t entity) {
  for (uint32_t i = lab->commands.len; i-- > 0;) {
    const Command *c = &lab->commands.items[i];
    if (c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity)) return c;
  }
  fail_msg("no such command");
  return NULL;
}

uint32_t lab_notes(const Lab *lab, NoteKind kind, uint32_t subject, uint32_t entity) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->notes.len; i++) {
    const Note *c = &lab->notes.items[i];
    n += c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity);
  }
  return n;
}

const Note *lab_note(const Lab *lab, NoteKind kind, uint32_t subject, uint32_t entity) {
  for (uint32_t i = lab->notes.len; i-- > 0;) {
    const Note *c = &lab->notes.items[i];
    if (c->kind == kind && fits(c->subject, subject) && fits(c->entity, entity)) return c;
  }
  fail_msg("no such note");
  return NULL;
}

MemberState lab_member(const Lab *lab, uint32_t kind, uint32_t entity) { return engine_member(lab->engine, kind, entity, NULL); }
