/* A whole procedure under random trouble: failures, silence, lies, late effects, loose automations, crashes, pauses, cancels,
 * refusals, members that people hold, set aside and try again. Whatever happens it ends, no tray is cut without its locks, every lock is released or handed over, tolerances are
 * kept exactly, and a replay of what was recorded comes to the same commands and the same digest. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { RACK_COUNT = 6, PER_RACK = 4, TOLERATED = 2 };

static uint64_t next_random(Lab *lab) {
  uint64_t seed = (uint64_t)lab->knob[0];
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  lab->knob[0] = (int64_t)seed;
  return seed >> 33;
}

static bool chance(Lab *lab, uint64_t in_thousand) { return next_random(lab) % 1000 < in_thousand; }

/* knob 1: how much trouble, in thousandths */
static void trouble(Lab *lab, const Command *c, Fate *f) {
  uint64_t bad = (uint64_t)lab->knob[1];
  f->delay = 1 + (int64_t)(next_random(lab) % 60000);
  switch (c->kind) {
    case COMMAND_ACT:
      if (c->subject == SHUT_DOWN || c->subject == POWER_OFF) {
        assert_int_equal(lab->truth[SERVICE][NODE][c->entity], DRAINED);
        for (uint32_t a = NSD; a <= ANVIL; a++) assert_true(engine_locked(lab->engine, a, NODE, c->entity));
      }
      if (chance(lab, bad)) f->outcome = OUT_FAILED, f->lands = chance(lab, 300);
      else if (chance(lab, bad)) f->outcome = OUT_UNKNOWN, f->lands = chance(lab, 500), f->lands_after = (int64_t)(next_random(lab) % (14 * 60000));
      else if (chance(lab, bad / 4)) f->answers = false;
      else if (chance(lab, bad / 4)) f->lands = false;
      break;
    case COMMAND_READ: if (chance(lab, bad / 2)) f->value = VALUE_UNKNOWN; break;
    case COMMAND_INSPECT: if (chance(lab, bad / 8)) f->value = (int64_t)(next_random(lab) % 3); break;
    case COMMAND_LOCK: case COMMAND_UNLOCK:
      if (!chance(lab, bad / 8)) break;
      f->outcome = chance(lab, 500) ? OUT_FAILED : OUT_UNKNOWN; /* failed: it is as it was; unknown: it may be */
      if (f->outcome == OUT_FAILED || chance(lab, 500)) lab->locked[c->subject][c->entity] = c->kind == COMMAND_UNLOCK;
      break;
    case COMMAND_ASK: f->answers = !chance(lab, bad), f->value = !chance(lab, bad); break;
    default: break;
  }
}

static CodeRef yes(Lab *lab) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_EACH_YES, 0);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 0, 0);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

static void need(Lab *lab, uint32_t action, uint32_t first, uint32_t count) { build_program(lab->build)->actions[action].needs = (Slice){first, count}; }

static CodeRef is_locked(Lab *lab, uint32_t automation) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_LOCKED, automation, NODE);
  return build_region_end(lab->build);
}

static void add_needs(Lab *lab) {
  StrId text = build_str(lab->build, "it");
  uint32_t first = build_row(lab->build, need_rows, (&(NeedRow){.condition = is_locked(lab, NSD), .text = text}));
  build_row(lab->build, need_rows, (&(NeedRow){.condition = is_locked(lab, ANVIL), .text = text}));
  build_row(lab->build, need_rows, (&(NeedRow){.condition = lab_fact_is(lab, SERVICE, NODE, 0, DRAINED), .text = text}));
  need(lab, SHUT_DOWN, first, 3);
  need(lab, POWER_OFF, first, 3);
}

enum { FAN_DRAIN, FAN_DOWN, FAN_DOWN_NODES, FAN_OPEN, FAN_UP, FAN_UNDO };

static void add_fans(Lab *lab) {
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), six = lab_limit(lab, LIMIT_RULE_AT_ONCE, 6, 0, NONE_INDEX);
  uint32_t two = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX), paced = lab_limit(lab, LIMIT_RULE_PER_TIME, 3, 10 * MIN, RACK);
  Slice racks = {lab_tolerance(lab, TOLERATED, RACK), 1}, every = {lab_tolerance(lab, 1000, NODE), 1};
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){six, 1}, racks, false);
  lab_fan(lab, RACK, 1, lab_set(lab, RACKS, 1), (Slice){two, 1}, racks, false);
  lab_fan(lab, NODE, 0, lab_below(lab, NODES, RACK, 1, 0), (Slice){all, 1}, (Slice){0, 0}, true);
  lab_fan(lab, ROW, 0, yes(lab), (Slice){all, 1}, (Slice){0, 0}, true);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){paced, 1}, racks, false);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){six, 1}, every, false);
}

static Lab *procedure(uint64_t seed, int64_t bad) {
  Lab *lab = lab_new(RACK_COUNT, PER_RACK);
  CodeRef within = lab_number(lab, 2 * MIN), hour = lab_number(lab, 60 * MIN), text = lab_text(lab, "go?"), rows_of = lab_above(lab, RACKS, ROW, 0);
  lab_lockout(lab, (const uint32_t[]){NSD, ANVIL}, 2, lab_fact_is(lab, SERVICE, NODE, 4, IN_SERVICE));
  add_needs(lab);
  add_fans(lab);
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "go"), .role = FACILITY, .kind = ROW, .slot = 0, .text = text,
                                           .members = rows_of, .within = hour, .line = 7}));
  CodeRef off = lab_fact_is(lab, POWER, NODE, 0, OFF);
  build_row(lab->build, confirms, (&(ConfirmRow){.condition = off, .within = within, .line = 7}));
  static const uint32_t actions[] = {DRAIN, SHUT_DOWN, POWER_OFF, OPEN_BREAKERS, POWER_ON, GIVE_BACK, POWER_ON, GIVE_BACK};
  for (uint32_t i = 0; i < 8; i++) lab_call(lab, actions[i]);
  build_program(lab->build)->calls[1].within = within;
  build_program(lab->build)->calls[4].retries = 1;
  build_program(lab->build)->calls[4].retry_after = within;
  lab_step(lab, "drain");
  lab_step(lab, "down");
  build_row(lab->build, holds, (&(HoldRow){.role = REPAIR, .duration = hour, .line = 7}));
  lab_code(lab, "LOCK 0\n ON_OK @held\n STR \"no locks\"\n FAIL\n"
                "held: ATTEMPT 0\n STEP_BEGIN 0\n FAN 0\n STEP_END 0\n STEP_BEGIN 1\n FAN 1\n STEP_END 1\n"
                "GATE 0\n ON_OK @go\n ON_UNKNOWN @go\n STR \"refused\"\n ROLL_BACK\n"
                "go: FAN 3\n FAN 4\n ATTEMPT_END 0\n"
                "b0: SLOT 0\n ACT 0\n ON_OK @d0\n STR \"does not drain\"\n SLOT 0\n UP 1 2\n SET_ASIDE 1\n d0: MEMBER_DONE\n"
                "b1: FAN 2\n MEMBER_DONE\n"
                "b2: SLOT 0\n ACT 1\n ON_OK @off\n SLOT 0\n ACT 2\n ON_OK @off\n STR \"stays on\"\n SLOT 1\n SET_ASIDE 1\n"
                "off: CONFIRM 0\n ON_OK @d2\n STR \"does not read off\"\n SLOT 1\n SET_ASIDE 1\n d2: MEMBER_DONE\n"
                "b3: SLOT 0\n ACT 3\n ON_OK @d3\n STR \"breakers\"\n FAIL\n d3: MEMBER_DONE\n"
                "b4: SLOT 0\n ACT 4\n ON_OK @on\n STR \"no power\"\n HOLD 0\n ON_OK @b4\n STR \"does not power on\"\n SLOT 0\n SET_ASIDE 2\n"
                "on: SLOT 0\n ACT 5\n ON_OK @d4\n STR \"not accepted\"\n SLOT 0\n SET_ASIDE 2\n d4: MEMBER_DONE\n"
                "undo: FAN 5\n UNDO_END 0\n"
                "b5: SLOT 0\n ACT 6\n ON_OK @on5\n STR \"lost\"\n SLOT 0\n SET_ASIDE 2\n"
                "on5: SLOT 0\n ACT 7\n ON_OK @d5\n STR \"lost\"\n SLOT 0\n SET_ASIDE 2\n d5: MEMBER_DONE\n"
                "end: UNLOCK 0\n HALT");
  static const char *const bodies[] = {"b0", "b1", "b2", "b3", "b4", "b5"};
  for (uint32_t i = 0; i < 6; i++) build_program(lab->build)->fans[i].body = lab_place(lab, bodies[i]);
  build_row(lab->build, attempts, (&(AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "end"), .line = 7}));
  lab->rule = trouble;
  lab->knob[0] = (int64_t)seed;
  lab->knob[1] = bad;
  return lab;
}

/* A person says something of a step, a node or a rack, fitting or not. */
static void person_says(Lab *lab) {
  static const ControlKind kinds[] = {CONTROL_HOLD, CONTROL_UNHOLD, CONTROL_SET_ASIDE, CONTROL_RETRY, CONTROL_STOP_AFTER, CONTROL_TAKE, CONTROL_PREEMPT};
  bool rack = chance(lab, 200);
  Event e = {.kind = EVENT_CONTROL, .value = kinds[next_random(lab) % (chance(lab, 100) ? 7 : 6)], .subject = (uint32_t)(next_random(lab) % 3),
             .kind_of_entity = rack ? RACK : NODE, .entity = (uint32_t)(next_random(lab) % (rack ? RACK_COUNT : RACK_COUNT * PER_RACK)),
             .text = "by ann: so"};
  if (e.value == CONTROL_RETRY) { /* somebody who looked at the questions first */
    const Command *c;
    uint64_t n = engine_in_flight(lab->engine, &c);
    for (uint32_t i = 0; i < lab->nodes; i++)
      if (lab_member(lab, NODE, i) == MEMBER_SET_ASIDE) e.kind_of_entity = NODE, e.entity = i;
    for (uint64_t i = 0; i < n && chance(lab, 700); i++)
      if (c[i].kind == COMMAND_ASK && c[i].subject == NONE_INDEX)
        e = (Event){.kind = EVENT_ANSWER, .command = c[i].id, .value = 1, .subject = NONE_INDEX, .text = "ann"};
  }
  lab_feed(lab, e);
}

/* It dies, and two people take a lock off before somebody resumes it; others leave word meanwhile. */
static void mail_while_it_is_dead(Lab *lab) {
  Event e = {.kind = EVENT_CONTROL, .value = CONTROL_BROKEN, .subject = chance(lab, 500) ? NSD : ANVIL, .kind_of_entity = NODE,
             .entity = (uint32_t)(next_random(lab) % (RACK_COUNT * PER_RACK)), .text = "by ann: so, asked by bob"};
  bool breaks = chance(lab, 500) && !engine_refuses(lab->engine, &e);
  lab_crash(lab, (int64_t)(next_random(lab) % (40 * 60000)));
  lab_feed(lab, (Event){.kind = EVENT_RESUMED, .value = RESUMED_MAIL});
  if (breaks) lab->locked[e.subject][e.entity] = 0;
  if (breaks) lab_feed(lab, e);
  while (chance(lab, 500)) person_says(lab);
  lab_feed(lab, (Event){.kind = EVENT_TICK});
}

static void let_all_go_on(Lab *lab) {
  HeldMember held;
  if (engine_outcome(lab->engine) == RUN_GOING) lab_control(lab, CONTROL_GO_ON);
  while (engine_outcome(lab->engine) == RUN_GOING && engine_held(lab->engine, 0, &held))
    lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = CONTROL_UNHOLD, .kind_of_entity = held.kind, .entity = held.entity});
}

/* What people and machines do to the run at any moment. */
static void disturb(Lab *lab) {
  switch (next_random(lab) % 12) {
    case 6: case 7: case 8: case 9: person_says(lab); break;
    case 10: case 11: mail_while_it_is_dead(lab); break;
    case 0: lab_resume(lab, (int64_t)(next_random(lab) % (40 * 60000))); break;
    case 1: lab_control(lab, CONTROL_PAUSE); break;
    case 2: lab_control(lab, CONTROL_GO_ON); break;
    case 3: if (chance(lab, 300)) lab_control(lab, CONTROL_CANCEL); break;
    case 4:
      lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_LOCK_LOST, .subject = ANVIL, .kind_of_entity = NODE,
                            .entity = (uint32_t)(next_random(lab) % (RACK_COUNT * PER_RACK))});
      break;
    default: lab_feed(lab, (Event){.kind = EVENT_OUTCOME, .command = next_random(lab) % 500, .outcome = OUT_OK}); break;
  }
}

static void every_lock_is_accounted_for(Lab *lab) {
  for (uint32_t a = NSD; a <= ANVIL; a++)
    for (uint32_t n = 0; n < lab->nodes; n++) {
      bool tried = lab_commands(lab, COMMAND_LOCK, a, n) > 0;
      bool released = lab_notes(lab, NOTE_RELEASED, a, n) > 0;
      bool handed = false;
      for (uint32_t i = 0; i < lab->notes.len; i++) {
        const Note *x = &lab->notes.items[i];
        handed = handed || (x->kind == NOTE_HANDED_OVER && x->kind_of_entity == NODE && x->entity == n);
      }
      LockView v;
      assert_true(!tried || released || handed || !lab->locked[a][n]);
      bool stands = engine_lock_view(lab->engine, a, n, &v);
      assert_true(!lab->locked[a][n] || (stands && handed)); /* what stands in the fleet is known to stand, and is somebody's */
      assert_true(!stands || v.stand == STAND_HANDED_OVER);
    }
}

static uint32_t racks_aside_before(const Lab *lab, int64_t from, int64_t to) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->notes.len; i++) {
    const Note *x = &lab->notes.items[i];
    n += x->kind == NOTE_SET_ASIDE && x->kind_of_entity == RACK && x->at >= from && x->at < to;
  }
  return n;
}

/* No rack goes down once one more than is tolerated has left since the fan began. */
static void the_tolerance_was_kept(const Lab *lab) {
  int64_t began = INT64_MAX;
  for (uint32_t i = 0; i < lab->notes.len; i++) {
    const Note *x = &lab->notes.items[i];
    if (x->kind != NOTE_MEMBER_BEGIN || x->kind_of_entity != RACK) continue;
    if (began == INT64_MAX) began = x->at;
    assert_true(racks_aside_before(lab, began, x->at) <= TOLERATED);
  }
}

static void one_run(uint64_t seed, int64_t bad) {
  Lab *lab = procedure(seed, bad);
  lab_start(lab);
  for (uint32_t i = 0; i < 16 && engine_outcome(lab->engine) == RUN_GOING; i++) {
    lab_until(lab, lab->now + (int64_t)(next_random(lab) % (20 * 60000)));
    if (engine_outcome(lab->engine) == RUN_GOING) disturb(lab);
  }
  let_all_go_on(lab);
  lab_go(lab);
  RunOutcome o = engine_outcome(lab->engine);
  assert_true(o == RUN_COMPLETED || o == RUN_ROLLED_BACK || o == RUN_FAILED || o == RUN_CANCELLED);
  const Command *c;
  assert_int_equal(engine_in_flight(lab->engine, &c), 0);
  assert_true(engine_next_timer(lab->engine) == INT64_MAX);
  every_lock_is_accounted_for(lab);
  the_tolerance_was_kept(lab);
  lab_free(lab);
}

static void a_run_ends_well_whatever_happens(void **state) {
  (void)state;
  static const int64_t bad[] = {0, 5, 20, 60, 200, 500};
  for (uint64_t seed = 1; seed <= 240; seed++) one_run(seed * UINT64_C(0x9e3779b97f4a7c15), bad[seed % 6]);
}

static void without_trouble_it_completes(void **state) {
  (void)state;
  Lab *lab = procedure(1, 0);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  for (uint32_t i = 0; i < lab->nodes; i++) {
    assert_int_equal(lab_member(lab, NODE, i), MEMBER_DONE);
    assert_int_equal(lab->truth[POWER][NODE][i], ON);
    assert_int_equal(lab->locked[ANVIL][i], 0);
  }
  for (uint32_t i = 0; i < fleet_count(lab->fleet, ROW); i++) assert_int_equal(lab_member(lab, ROW, i), MEMBER_DONE); /* in no set, and in a fan */
  assert_int_equal(lab_notes(lab, NOTE_HANDED_OVER, NONE_INDEX, NONE_INDEX), 0);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_trouble_it_completes),
      cmocka_unit_test(a_run_ends_well_whatever_happens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
