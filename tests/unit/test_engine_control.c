/* What people do to a run: hold a member, set one aside, stop after a step, try again, take it over; at the right moment, at the
 * wrong one, and in the middle of a crash. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A step `down` that powers every node off, and a step `up` that powers it on, both one by one; locked. */
static Lab *two_steps(uint32_t racks, uint32_t per_rack, int64_t tolerated, uint32_t unit) {
  Lab *lab = lab_new(racks, per_rack);
  lab_step(lab, "down");
  lab_step(lab, "up");
  for (uint32_t i = 0; i < 2; i++) {
    lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, tolerated, unit), 1}, false);
    build_program(lab->build)->fans[i].step = i;
    build_program(lab->build)->steps[i].fan = i;
  }
  lab_lockout(lab, (const uint32_t[]){NSD}, 1, lab_fact_is(lab, POWER, NODE, 4, ON));
  lab_call(lab, POWER_OFF);
  lab_call(lab, POWER_ON);
  lab_code(lab, "LOCK 0\n ON_OK @held\n STR \"no locks\"\n FAIL\n"
                "held: STEP_BEGIN 0\n FAN 0\n STEP_END 0\n STEP_BEGIN 1\n FAN 1\n STEP_END 1\n JUMP @end\n"
                "down: SLOT 0\n ACT 0\n MEMBER_DONE\n"
                "up: SLOT 0\n ACT 1\n MEMBER_DONE\n"

                "end: UNLOCK 0\n FAN 2\n HALT\n rack: MEMBER_DONE");
  lab_fan(lab, RACK, 1, lab_set(lab, RACKS, 1), (Slice){0, 0}, (Slice){0, 0}, true); /* that one goes over racks, too */
  build_program(lab->build)->fans[2].body = lab_place(lab, "rack");
  build_program(lab->build)->fans[0].body = lab_place(lab, "down");
  build_program(lab->build)->fans[1].body = lab_place(lab, "up");
  return lab;
}

static void people(Lab *lab, ControlKind what, uint32_t kind, uint32_t entity) {
  lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = what, .subject = entity, .kind_of_entity = kind, .entity = entity, .text = "by ann: so"});
}

static const char *refused(Lab *lab, ControlKind what, uint32_t kind, uint32_t entity) {
  Event e = {.kind = EVENT_CONTROL, .value = what, .subject = entity, .kind_of_entity = kind, .entity = entity};
  return engine_refuses(lab->engine, &e);
}

static uint32_t acts(const Lab *lab, uint32_t action) { return lab_commands(lab, COMMAND_ACT, action, NONE_INDEX); }

/* Until the first member of the first step is under way. */
static Lab *under_way(uint32_t racks, uint32_t per_rack, int64_t tolerated, uint32_t unit) {
  Lab *lab = two_steps(racks, per_rack, tolerated, unit);
  lab_start(lab);
  while (acts(lab, POWER_OFF) == 0) lab_until(lab, lab->now + 100);
  return lab;
}

static void every_lock_ends(Lab *lab) {
  for (uint32_t n = 0; n < lab->nodes; n++)
    assert_true(lab_notes(lab, NOTE_RELEASED, NSD, n) == 1 || lab_notes(lab, NOTE_HANDED_OVER, NONE_INDEX, n) >= 1);
}

/* ---- hold ---- */

static void a_held_member_lets_the_others_go_first(void **state) {
  (void)state;
  Lab *lab = under_way(1, 4, 0, NODE);
  people(lab, CONTROL_HOLD, NODE, 1);
  people(lab, CONTROL_HOLD, NODE, 2);
  assert_true(engine_holds_back(lab->engine, NODE, 1));
  lab_until(lab, T0 + 5 * 60 * MIN);
  assert_int_equal(acts(lab, POWER_OFF), 2);
  assert_int_equal(lab_command(lab, COMMAND_ACT, POWER_OFF, NONE_INDEX)->entity, 3);
  assert_true(engine_parked(lab->engine));
  HeldMember held;
  assert_true(engine_held(lab->engine, 1, &held));
  assert_int_equal(held.entity, 2);
  assert_string_equal(held.by, "ann: so");
  people(lab, CONTROL_UNHOLD, NODE, 2);
  lab_until(lab, lab->now + 60 * MIN);
  assert_int_equal(acts(lab, POWER_OFF), 3);
  people(lab, CONTROL_UNHOLD, NODE, 1);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(acts(lab, POWER_OFF), 4);
  assert_int_equal(lab_notes(lab, NOTE_RELEASED, NSD, NONE_INDEX), 4);
  lab_free(lab);
}

static void a_hold_of_a_container_holds_what_is_in_it(void **state) {
  (void)state;
  Lab *lab = under_way(2, 2, 0, NODE);
  people(lab, CONTROL_HOLD, RACK, 0);
  lab_until(lab, T0 + 5 * 60 * MIN);
  assert_int_equal(acts(lab, POWER_OFF), 3); /* n000 was under way, n001 is held, n002 and n003 are elsewhere */
  assert_true(engine_holds_back(lab->engine, NODE, 1));
  assert_false(engine_holds_back(lab->engine, NODE, 2));
  people(lab, CONTROL_UNHOLD, RACK, 0);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* In groups each chain has a head of its own. */
static void a_held_member_holds_up_nobody_of_its_group(void **state) {
  (void)state;
  Lab *lab = two_steps(2, 3, 0, NODE);
  uint32_t one = lab_limit(lab, LIMIT_RULE_AT_ONCE, 1, 0, RACK);
  build_program(lab->build)->fans[0].limits = (Slice){one, 1};
  lab_prepare(lab);
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  people(lab, CONTROL_HOLD, NODE, 0);
  people(lab, CONTROL_HOLD, NODE, 4);
  lab_until(lab, T0 + 5 * 60 * MIN);
  assert_int_equal(acts(lab, POWER_OFF), 4);
  people(lab, CONTROL_UNHOLD, NODE, 4);
  people(lab, CONTROL_UNHOLD, NODE, 0);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(acts(lab, POWER_OFF), 6);
  lab_free(lab);
}

/* It is under way: what is in flight ends, what would follow is not sent. */
static void who_is_under_way_stops_before_its_next_action(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 2);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), 1}, (Slice){0, 0}, false);
  lab_call(lab, POWER_OFF);
  lab_call(lab, POWER_ON);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n SLOT 0\n ACT 1\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_start(lab);
  people(lab, CONTROL_HOLD, NODE, 0);
  lab_until(lab, T0 + 60 * MIN);
  assert_int_equal(acts(lab, POWER_OFF), 2);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 0), 0);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 1), 1);
  Buf text = BUF_INIT;
  assert_string_equal(engine_waiting_for(lab->engine, 0, &text), "a person, who holds it back (1), for 1s");
  buf_done(&text);
  lab_resume(lab, 10 * MIN);
  lab_until(lab, lab->now + 60 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 0), 0);
  people(lab, CONTROL_SET_ASIDE, NODE, 0); /* who is held may still leave */
  lab_go(lab);
  assert_int_equal(engine_outcome(lab->engine), RUN_FAILED); /* nothing may be set aside in that step */
  lab_free(lab);
}

static void an_action_on_what_contains_a_held_member_waits(void **state) {
  (void)state;
  Lab *lab = lab_new(2, 2);
  lab_fan(lab, RACK, 1, lab_set(lab, RACKS, 1), (Slice){lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), 1}, (Slice){0, 0}, false);
  lab_call(lab, SHELVES_OFF);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 1\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_prepare(lab);
  lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = CONTROL_HOLD, .kind_of_entity = NODE, .entity = 3, .text = "by ann"});
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_until(lab, T0 + 60 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, 0), 1);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, 1), 0);
  people(lab, CONTROL_UNHOLD, NODE, 3);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, 1), 1);
  lab_free(lab);
}

static void a_cancel_passes_a_hold_by(void **state) {
  (void)state;
  Lab *lab = under_way(1, 4, 0, NODE);
  people(lab, CONTROL_HOLD, NODE, 0);
  people(lab, CONTROL_HOLD, NODE, 1);
  lab_until(lab, T0 + 60 * MIN);
  people(lab, CONTROL_CANCEL, NONE_INDEX, NONE_INDEX);
  lab_ends(lab, RUN_CANCELLED);
  every_lock_ends(lab);
  lab_free(lab);
}

/* ---- set aside ---- */

static void set_aside_it_leaves_and_keeps_its_lock(void **state) {
  (void)state;
  Lab *lab = under_way(1, 4, 2, NODE);
  AsideCount c = engine_aside_count(lab->engine, NODE, 0);
  assert_true(c.counted && !c.stops && c.before == 0 && c.after == 1 && c.amount == 2 && c.step == 0);
  people(lab, CONTROL_SET_ASIDE, NODE, 0); /* it is under way */
  people(lab, CONTROL_SET_ASIDE, NODE, 2); /* it waits */
  lab_ends(lab, RUN_COMPLETED);
  const char *why;
  assert_int_equal(engine_member(lab->engine, NODE, 0, &why), MEMBER_SET_ASIDE);
  assert_string_equal(why, "set aside by ann: so");
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 0), 0);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_OFF, 2), 0);
  assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, 0), 1);
  assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, 2), 1);
  assert_int_equal(lab->locked[NSD][0], 1);
  assert_int_equal(lab->locked[NSD][1], 0);
  every_lock_ends(lab);
  lab_free(lab);
}

static void one_too_many_stops_the_step(void **state) {
  (void)state;
  Lab *lab = under_way(1, 4, 1, NODE);
  people(lab, CONTROL_SET_ASIDE, NODE, 3);
  AsideCount c = engine_aside_count(lab->engine, NODE, 2);
  assert_true(c.stops && c.before == 1 && c.after == 2 && c.amount == 1);
  people(lab, CONTROL_SET_ASIDE, NODE, 2);
  lab_ends(lab, RUN_FAILED);
  assert_int_equal(acts(lab, POWER_OFF), 1);
  every_lock_ends(lab);
  lab_free(lab);
}

/* Whoever left before its locks are taken would go without them. */
static void before_its_lockout_nobody_leaves(void **state) {
  (void)state;
  Lab *lab = two_steps(1, 4, 1, NODE);
  lab_start(lab);
  assert_non_null(strstr(refused(lab, CONTROL_SET_ASIDE, NODE, 2), "a lockout is still to be taken"));
  people(lab, CONTROL_SET_ASIDE, NODE, 2);
  people(lab, CONTROL_HOLD, NODE, 2);
  people(lab, CONTROL_UNHOLD, NODE, 2);
  lab_ends(lab, RUN_COMPLETED);
  every_lock_ends(lab);
  lab_free(lab);
}

/* Between two steps no fan is open: the next one over the members counts. */
static void between_steps_the_next_one_counts(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, 1, NODE), 1}, false);
  lab_call(lab, POWER_OFF);
  lab_code(lab, "INT 3600\n WAIT\n FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_start(lab);
  assert_false(engine_aside_count(lab->engine, NODE, 2).counted);
  people(lab, CONTROL_SET_ASIDE, NODE, 2);
  people(lab, CONTROL_SET_ASIDE, NODE, 3);
  lab_ends(lab, RUN_FAILED);
  assert_int_equal(acts(lab, POWER_OFF), 0);
  lab_free(lab);
}

static void a_container_takes_along_what_is_in_it(void **state) {
  (void)state;
  Lab *lab = two_steps(2, 2, 1, RACK);
  lab_start(lab);
  while (acts(lab, POWER_OFF) == 0) lab_until(lab, lab->now + 100);
  people(lab, CONTROL_SET_ASIDE, RACK, 1);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(acts(lab, POWER_OFF), 2);
  assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, NONE_INDEX), 1);
  every_lock_ends(lab);
  lab_free(lab);
}

/* A slip of the tongue: it waits for its turn, and is in again as if nothing had been said. */
static void who_still_waits_may_be_taken_in_again(void **state) {
  (void)state;
  for (uint32_t grouped = 0; grouped < 2; grouped++) {
    Lab *lab = two_steps(2, 2, 1, NODE);
    if (grouped) build_program(lab->build)->fans[0].limits = (Slice){lab_limit(lab, LIMIT_RULE_AT_ONCE, 1, 0, RACK), 1};
    lab_start(lab);
    while (acts(lab, POWER_OFF) == 0) lab_until(lab, lab->now + 100);
    people(lab, CONTROL_SET_ASIDE, NODE, 3);
    assert_null(refused(lab, CONTROL_RETRY, NODE, 3));
    people(lab, CONTROL_RETRY, NODE, 3);
    assert_int_equal(lab_member(lab, NODE, 3), MEMBER_IN);
    people(lab, CONTROL_SET_ASIDE, NODE, 1); /* the tolerance is as it was */
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_member(lab, NODE, 3), MEMBER_DONE);
    assert_int_equal(acts(lab, POWER_OFF), 3);
    every_lock_ends(lab);
    lab_free(lab);
  }
}

static void who_had_its_turn_stays_out(void **state) {
  (void)state;
  Lab *lab = under_way(1, 4, 2, NODE);
  people(lab, CONTROL_SET_ASIDE, NODE, 0); /* under way */
  people(lab, CONTROL_SET_ASIDE, NODE, 1); /* waits, and is passed over */
  assert_non_null(strstr(refused(lab, CONTROL_RETRY, NODE, 0), "stays out"));
  while (acts(lab, POWER_OFF) < 2) lab_until(lab, lab->now + 100);
  assert_non_null(strstr(refused(lab, CONTROL_RETRY, NODE, 1), "stays out"));
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* ---- gates and holds of the runbook ---- */

static Lab *asked(void) {
  Lab *lab = lab_new(1, 3);
  CodeRef hour = lab_number(lab, 60 * MIN), text = lab_text(lab, "go?");
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "go"), .role = FACILITY, .kind = NODE, .slot = 0, .text = text,
                                           .members = lab_set(lab, NODES, 0), .within = hour, .line = 7}));
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, 2, NODE), 1}, false);
  lab_code(lab, "GATE 0\n ON_OK @go\n STR \"refused\"\n FAIL\n go: FAN 0\n HALT\n body: MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_start(lab);
  return lab;
}

static void nobody_waits_for_the_yes_of_who_left(void **state) {
  (void)state;
  Lab *lab = asked();
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .value = 1, .entity = 0, .kind_of_entity = NODE, .text = "bob"});
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .value = 1, .entity = 2, .kind_of_entity = NODE, .text = "bob"});
  people(lab, CONTROL_SET_ASIDE, NODE, 1);
  assert_int_equal(lab_commands(lab, COMMAND_WITHDRAW, NONE_INDEX, 1), 1);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_notes(lab, NOTE_MEMBER_BEGIN, NONE_INDEX, NONE_INDEX), 2);
  lab_free(lab);
}

static Lab *on_hold(void) {
  Lab *lab = lab_new(1, 2);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), 1},
          (Slice){lab_tolerance(lab, 2, NODE), 1}, false);
  build_row(lab->build, holds, (&(HoldRow){.role = REPAIR, .duration = lab_number(lab, 60 * MIN), .line = 7}));
  lab_code(lab, "FAN 0\n HALT\n body: again: STR \"stuck\"\n HOLD 0\n ON_OK @done\n STR \"given up\"\n SLOT 0\n SET_ASIDE 2\n done: MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_start(lab);
  return lab;
}

static void a_retry_is_the_yes_to_a_hold(void **state) {
  (void)state;
  Lab *lab = on_hold();
  uint64_t question = engine_hold_question(lab->engine, NODE, 0);
  assert_true(question > 0);
  lab_feed(lab, (Event){.kind = EVENT_ANSWER, .command = question, .value = 1, .subject = NONE_INDEX, .kind_of_entity = NODE, .text = "ann"});
  assert_true(engine_hold_question(lab->engine, NODE, 0) == 0);
  people(lab, CONTROL_SET_ASIDE, NODE, 1);
  assert_int_equal(lab_commands(lab, COMMAND_WITHDRAW, NONE_INDEX, 1), 1);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_member(lab, NODE, 0), MEMBER_DONE);
  assert_int_equal(lab_member(lab, NODE, 1), MEMBER_SET_ASIDE);
  lab_free(lab);
}

/* ---- an emergency of another run ---- */

static void who_is_pre_empted_gets_nothing_more(void **state) {
  (void)state;
  Lab *lab = two_steps(2, 3, 0, NODE);
  lab_start(lab);
  people(lab, CONTROL_PREEMPT, NODE, 1); /* no tolerance, nothing that could refuse it */
  people(lab, CONTROL_PREEMPT, NODE, 1); /* as by a run that was resumed */
  uint32_t before = lab_commands(lab, COMMAND_ACT, NONE_INDEX, 1);
  lab_go(lab);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, 1), before);
  assert_int_equal(lab_member(lab, NODE, 1), MEMBER_SET_ASIDE);
  assert_int_equal(lab_notes(lab, NOTE_SET_ASIDE, NONE_INDEX, NONE_INDEX), 1);
  assert_int_equal(lab_notes(lab, NOTE_REFUSED, NONE_INDEX, NONE_INDEX), 0);
  lab_free(lab);
}

static void a_rack_that_is_pre_empted_takes_its_nodes_along(void **state) {
  (void)state;
  Lab *lab = two_steps(2, 3, 0, NODE);
  lab_start(lab);
  people(lab, CONTROL_PREEMPT, RACK, 1);
  lab_go(lab);
  for (uint32_t i = 3; i < 6; i++) assert_int_equal(lab_member(lab, NODE, i), MEMBER_SET_ASIDE);
  lab_free(lab);
}

/* ---- stop after ---- */

static void it_stops_after_the_step_and_goes_on_from_there(void **state) {
  (void)state;
  Lab *lab = under_way(1, 3, 0, NODE);
  people(lab, CONTROL_STOP_AFTER, NONE_INDEX, 0);
  lab_until(lab, T0 + 5 * 60 * MIN);
  assert_int_equal(acts(lab, POWER_OFF), 3);
  assert_int_equal(acts(lab, POWER_ON), 0);
  const char *by;
  int64_t since;
  assert_true(engine_paused(lab->engine, &since, &by));
  assert_string_equal(by, "ann: so");
  assert_int_equal(engine_stops_after(lab->engine, NULL), NONE_INDEX);
  assert_non_null(strstr(refused(lab, CONTROL_STOP_AFTER, NONE_INDEX, 0), "has ended already"));
  lab_control(lab, CONTROL_GO_ON);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(acts(lab, POWER_ON), 3);
  lab_free(lab);
}

static void to_go_on_takes_it_back(void **state) {
  (void)state;
  Lab *lab = under_way(1, 3, 0, NODE);
  people(lab, CONTROL_STOP_AFTER, NONE_INDEX, 0);
  lab_resume(lab, MIN);
  assert_int_equal(engine_stops_after(lab->engine, NULL), 0);
  lab_control(lab, CONTROL_GO_ON);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* ---- mail that was left while nobody had the run ---- */

/* Four a minute: while it is down three more become due, and may not begin before the mail has been taken. */
static void mail_comes_before_what_has_been_due(void **state) {
  (void)state;
  for (uint32_t mail = 0; mail < 2; mail++) {
    Lab *lab = two_steps(1, 4, 0, NODE);
    build_program(lab->build)->fans[0].limits = (Slice){lab_limit(lab, LIMIT_RULE_PER_TIME, 1, 10 * MIN, NONE_INDEX), 1};
    lab_start(lab);
    while (acts(lab, POWER_OFF) == 0) lab_until(lab, lab->now + 100);
    lab_until(lab, lab->now + MIN);
    lab->now += 60 * MIN;
    lab_feed(lab, (Event){.kind = EVENT_RESUMED, .value = RESUMED_MAIL});
    if (mail) people(lab, CONTROL_PAUSE, NONE_INDEX, NONE_INDEX);
    assert_int_equal(acts(lab, POWER_OFF), 1);
    lab_feed(lab, (Event){.kind = EVENT_TICK});
    lab_until(lab, lab->now + MIN);
    assert_int_equal(acts(lab, POWER_OFF), mail ? 1 : 2);
    if (mail) lab_control(lab, CONTROL_GO_ON);
    lab_ends(lab, RUN_COMPLETED);
    lab_free(lab);
  }
}

/* ---- locks that people took off ---- */

static void lock_event(Lab *lab, ControlKind what, uint32_t entity, const char *by) {
  lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = what, .subject = NSD, .kind_of_entity = NODE, .entity = entity, .text = by});
}

static void what_a_broken_lock_covered_leaves(void **state) {
  (void)state;
  Lab *lab = under_way(1, 3, 1, NODE);
  LockView v;
  lock_event(lab, CONTROL_BREAK, 0, "by bob: swap"); /* its action is under way */
  assert_int_equal(lab_notes(lab, NOTE_REFUSED, NONE_INDEX, NONE_INDEX), 1);
  lock_event(lab, CONTROL_BREAK, 2, "by bob: swap");
  assert_true(engine_lock_view(lab->engine, NSD, 2, &v));
  assert_int_equal(v.stand, STAND_HELD);
  assert_string_equal(v.asked_by, "bob: swap");
  assert_string_equal(v.because, "work");
  assert_true(v.since > T0 && v.since <= lab->now);
  lock_event(lab, CONTROL_BROKEN, 2, "by ann: swap, asked by bob: swap");
  assert_false(engine_lock_view(lab->engine, NSD, 2, &v));
  lock_event(lab, CONTROL_BROKEN, 2, "by ann"); /* once is enough */
  assert_int_equal(lab_notes(lab, NOTE_REFUSED, NONE_INDEX, NONE_INDEX), 2);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_OFF, 2), 0);
  assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NSD, 2), 0); /* nothing is left to be released */
  assert_int_equal(lab_member(lab, NODE, 2), MEMBER_SET_ASIDE);
  lab_free(lab);
}

/* lockout { attempt { power off, one by one } roll back { power on } } */
static Lab *one_step_back(uint32_t racks, uint32_t per_rack) {
  Lab *lab = lab_new(racks, per_rack);
  for (uint32_t i = 0; i < 2; i++)
    lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, 3, NODE), 1}, false);
  lab_lockout(lab, (const uint32_t[]){NSD}, 1, lab_fact_is(lab, POWER, NODE, 4, ON));
  lab_call(lab, POWER_OFF);
  lab_call(lab, POWER_ON);
  build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, "LOCK 0\n ON_OK @held\n STR \"no locks\"\n FAIL\n"
                "held: ATTEMPT 0\n FAN 0\n ATTEMPT_END 0\n"
                "down: SLOT 0\n ACT 0\n MEMBER_DONE\n"
                "undo: FAN 1\n UNDO_END 0\n"
                "up: SLOT 0\n ACT 1\n MEMBER_DONE\n"
                "behind: UNLOCK 0\n HALT");
  build_program(lab->build)->fans[0].body = lab_place(lab, "down");
  build_program(lab->build)->fans[1].body = lab_place(lab, "up");
  build_program(lab->build)->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind"), .line = 7};
  return lab;
}

/* An automation acts on it: a roll back, too, leaves it to people, also one who had left before for another reason. */
static void no_roll_back_takes_in_what_a_broken_lock_covered(void **state) {
  (void)state;
  Lab *lab = one_step_back(1, 4);
  lab_start(lab);
  while (acts(lab, POWER_OFF) == 0) lab_until(lab, lab->now + 100);
  people(lab, CONTROL_SET_ASIDE, NODE, 1);
  people(lab, CONTROL_SET_ASIDE, NODE, 3);
  for (uint32_t n = 2; n < 4; n++) {
    lock_event(lab, CONTROL_BREAK, n, "by bob: swap");
    lock_event(lab, CONTROL_BROKEN, n, "by ann: swap, asked by bob: swap");
  }
  assert_non_null(refused(lab, CONTROL_RETRY, NODE, 3)); /* nor does a person */
  people(lab, CONTROL_CANCEL, NONE_INDEX, NONE_INDEX);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 0), 1);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 1), 1); /* its lock stands: it is taken in again */
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 2), 0);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, 3), 0);
  assert_int_equal(lab_member(lab, NODE, 2), MEMBER_SET_ASIDE);
  assert_int_equal(lab_member(lab, NODE, 3), MEMBER_SET_ASIDE);
  lab_free(lab);
}

static void a_lock_that_was_handed_over_is_broken_behind_the_end(void **state) {
  (void)state;
  Lab *lab = under_way(1, 3, 1, NODE);
  people(lab, CONTROL_SET_ASIDE, NODE, 2);
  lab_ends(lab, RUN_COMPLETED);
  LockView v;
  assert_true(engine_lock_view(lab->engine, NSD, 2, &v));
  assert_int_equal(v.stand, STAND_HANDED_OVER);
  assert_string_equal(v.why, "set aside by ann: so");
  lock_event(lab, CONTROL_BREAK, 2, "by bob");
  lock_event(lab, CONTROL_BROKEN, 2, "by ann");
  assert_false(engine_lock_view(lab->engine, NSD, 2, &v));
  assert_false(engine_locked(lab->engine, NSD, NODE, 2));
  lab_free(lab);
}

/* One that is being taken may stand or not: it is not a lock yet. */
static void a_lock_that_is_being_taken_is_not_broken(void **state) {
  (void)state;
  Lab *lab = two_steps(1, 2, 0, NODE);
  lab_start(lab);
  LockView v;
  assert_true(engine_lock_view(lab->engine, NSD, 0, &v));
  assert_int_equal(v.stand, STAND_TAKING);
  lock_event(lab, CONTROL_BROKEN, 0, "by ann");
  assert_int_equal(lab_notes(lab, NOTE_REFUSED, NONE_INDEX, NONE_INDEX), 1);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* ---- taking over, and what is refused ---- */

static void who_takes_it_is_on_duty(void **state) {
  (void)state;
  Lab *lab = under_way(1, 2, 0, NODE);
  int64_t since;
  assert_string_equal(engine_duty(lab->engine, NULL), "");
  people(lab, CONTROL_TAKE, NONE_INDEX, NONE_INDEX);
  assert_string_equal(engine_duty(lab->engine, &since), "ann");
  assert_true(since == lab->now);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void what_does_not_fit_changes_nothing_and_is_noted(void **state) {
  (void)state;
  Lab *lab = under_way(1, 4, 2, NODE);
  people(lab, CONTROL_HOLD, NODE, 3);
  people(lab, CONTROL_SET_ASIDE, NODE, 2);
  people(lab, CONTROL_SET_ASIDE, NODE, 0);
  const struct { ControlKind what; uint32_t kind, entity; const char *says; } all[] = {
      {CONTROL_HOLD, NODE, 3, "held already, by ann: so"}, {CONTROL_UNHOLD, NODE, 1, "is not held"},
      {CONTROL_HOLD, NODE, 2, "has left the procedure"}, {CONTROL_SET_ASIDE, NODE, 2, "is out already"},
      {CONTROL_SET_ASIDE, ROW, 0, "goes over no"}, {CONTROL_RETRY, NODE, 0, "stays out"},
      {CONTROL_RETRY, NODE, 1, "nothing about n001 waits"}, {CONTROL_HOLD, NODE, 77, "no such member"},
      {CONTROL_SET_ASIDE, 99, 0, "no such member"}, {CONTROL_STOP_AFTER, NONE_INDEX, 9, "no such step"}};
  for (uint32_t i = 0; i < sizeof all / sizeof *all; i++) {
    const char *why = refused(lab, all[i].what, all[i].kind, all[i].entity);
    if (!why || !strstr(why, all[i].says)) fail_msg("%u: %s", i, why ? why : "not refused");
    people(lab, all[i].what, all[i].kind, all[i].entity);
    assert_int_equal(lab_notes(lab, NOTE_REFUSED, NONE_INDEX, NONE_INDEX), i + 1);
  }
  people(lab, CONTROL_UNHOLD, NODE, 3);
  lab_ends(lab, RUN_COMPLETED);
  assert_non_null(strstr(refused(lab, CONTROL_HOLD, NODE, 1), "has ended"));
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_held_member_lets_the_others_go_first),
      cmocka_unit_test(a_hold_of_a_container_holds_what_is_in_it),
      cmocka_unit_test(a_held_member_holds_up_nobody_of_its_group),
      cmocka_unit_test(who_is_under_way_stops_before_its_next_action),
      cmocka_unit_test(an_action_on_what_contains_a_held_member_waits),
      cmocka_unit_test(a_cancel_passes_a_hold_by),
      cmocka_unit_test(set_aside_it_leaves_and_keeps_its_lock),
      cmocka_unit_test(one_too_many_stops_the_step),
      cmocka_unit_test(before_its_lockout_nobody_leaves),
      cmocka_unit_test(between_steps_the_next_one_counts),
      cmocka_unit_test(a_container_takes_along_what_is_in_it),
      cmocka_unit_test(who_still_waits_may_be_taken_in_again),
      cmocka_unit_test(who_had_its_turn_stays_out),
      cmocka_unit_test(nobody_waits_for_the_yes_of_who_left),
      cmocka_unit_test(a_retry_is_the_yes_to_a_hold),
      cmocka_unit_test(who_is_pre_empted_gets_nothing_more), cmocka_unit_test(a_rack_that_is_pre_empted_takes_its_nodes_along),
      cmocka_unit_test(it_stops_after_the_step_and_goes_on_from_there),
      cmocka_unit_test(to_go_on_takes_it_back),
      cmocka_unit_test(mail_comes_before_what_has_been_due),
      cmocka_unit_test(what_a_broken_lock_covered_leaves),
      cmocka_unit_test(no_roll_back_takes_in_what_a_broken_lock_covered),
      cmocka_unit_test(a_lock_that_was_handed_over_is_broken_behind_the_end),
      cmocka_unit_test(a_lock_that_is_being_taken_is_not_broken),
      cmocka_unit_test(who_takes_it_is_on_duty),
      cmocka_unit_test(what_does_not_fit_changes_nothing_and_is_noted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
