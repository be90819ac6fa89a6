/* Lockouts: taken whole and read back, held against automations that come back, released or handed over on every way out. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t two[] = {NSD, ANVIL};

/* LOCK; when it cannot be had, say so; the body; UNLOCK. Released: whose power is on. */
static Lab *locked(uint32_t racks, uint32_t per_rack, const uint32_t *automations, uint32_t count, const char *body) {
  Lab *lab = lab_new(racks, per_rack);
  lab_lockout(lab, automations, count, lab_fact_is(lab, POWER, NODE, 4, ON));
  lab_code(lab, "LOCK 0\n ON_OK @held\n ON_FAILED @failed\n STR \"lock unknown\"\n FAIL\n failed: STR \"lock failed\"\n FAIL\n held: STR \"held\"\n NOTIFY 0");
  lab_code(lab, body);
  lab_code(lab, "out: UNLOCK 0\n STR \"out\"\n NOTIFY 0\n HALT");
  return lab;
}

static bool said(const Lab *lab, const char *text) {
  for (uint32_t i = 0; i < lab->commands.len; i++)
    if (lab->commands.items[i].kind == COMMAND_NOTIFY && strcmp(lab->commands.items[i].text, text) == 0) return true;
  return false;
}

static bool all_free(const Lab *lab) {
  for (uint32_t a = 0; a < 3; a++)
    for (uint32_t i = 0; i < 256; i++)
      if (lab->locked[a][i]) return false;
  return true;
}

static void every_automation_is_locked_read_back_and_released(void **state) {
  (void)state;
  Lab *lab = locked(1, 4, two, 2, "");
  lab_start(lab);
  lab_until(lab, T0 + SEC);
  assert_false(engine_locked(lab->engine, NSD, NODE, 0)); /* asked for, not yet read back */
  lab_until(lab, T0 + SEC + 50);
  assert_int_equal(lab_commands(lab, COMMAND_INSPECT, NONE_INDEX, NONE_INDEX), 8);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 8);
  assert_null(lab_command(lab, COMMAND_LOCK, ANVIL, 3)->text);
  assert_string_equal(lab_note(lab, NOTE_LOCKED, ANVIL, 3)->text, "work");
  assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NONE_INDEX, NONE_INDEX), 8);
  assert_int_equal(lab_notes(lab, NOTE_LOCKED, NONE_INDEX, NONE_INDEX), 8);
  assert_int_equal(lab_notes(lab, NOTE_RELEASED, NONE_INDEX, NONE_INDEX), 8);
  assert_true(said(lab, "held") && said(lab, "out") && all_free(lab));
  lab_free(lab);
}

/* Whatever the lockout's own order and that of its set: by name (anvil, nsd), then as in the inventory. */
static void locks_are_asked_for_in_the_order_of_all_runs(void **state) {
  (void)state;
  static const uint32_t backwards[] = {3, 1, 2, 0};
  Lab *lab = locked(1, 4, two, 2, "");
  lab->sets[NODES] = (Members){backwards, 4};
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->commands.len; i++) {
    const Command *c = &lab->commands.items[i];
    if (c->kind != COMMAND_LOCK) continue;
    assert_int_equal(c->subject, n < 4 ? ANVIL : NSD);
    assert_int_equal(c->entity, n % 4);
    n++;
  }
  assert_int_equal(n, 8);
  lab_free(lab);
}

/* knob 0: automation, knob 1: entity, knob 2: what becomes of its LOCK, knob 3: ms until it is quiet */
static void one_is_difficult(Lab *lab, const Command *c, Fate *f) {
  bool it = c->subject == (uint32_t)lab->knob[0] && c->entity == (uint32_t)lab->knob[1];
  if (!it) return;
  if (c->kind == COMMAND_LOCK) {
    f->outcome = (Outcome)lab->knob[2];
    if (f->outcome != OUT_OK) lab->locked[c->subject][c->entity] = 0;
  }
  if (c->kind == COMMAND_INSPECT) f->value = lab->knob[2] != OUT_OK ? 0 : lab->now < T0 + lab->knob[3] ? 2 : 1;
}

static void it_waits_until_the_last_one_is_quiet(void **state) {
  (void)state;
  Lab *lab = locked(1, 4, two, 2, "");
  lab->rule = one_is_difficult;
  lab->knob[0] = ANVIL;
  lab->knob[1] = 2;
  lab->knob[3] = 7 * MIN;
  lab_start(lab);
  lab_until(lab, T0 + 7 * MIN - SEC);
  assert_false(said(lab, "held"));
  lab_until(lab, T0 + 7 * MIN + 17 * SEC);
  assert_true(said(lab, "held"));
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void what_cannot_be_locked_whole_is_given_back(void **state) {
  (void)state;
  static const struct { Outcome lock; int64_t quiet; const char *reason; } all[] = {
      {OUT_FAILED, 0, "lock failed"}, {OUT_UNKNOWN, 0, "lock failed"}, {OUT_OK, 60 * MIN, "lock unknown"}};
  for (uint32_t i = 0; i < 3; i++) {
    Lab *lab = locked(1, 4, two, 2, "");
    lab->rule = one_is_difficult;
    lab->knob[0] = ANVIL;
    lab->knob[1] = 2;
    lab->knob[2] = all[i].lock;
    lab->knob[3] = all[i].quiet;
    lab_start(lab);
    lab_ends(lab, RUN_FAILED);
    assert_string_equal(engine_reason(lab->engine), all[i].reason);
    assert_true(lab->now <= T0 + 17 * MIN); /* bounded by the time to lock and to become quiet */
    assert_true(all_free(lab) && !said(lab, "held"));
    assert_int_equal(lab_commands(lab, COMMAND_TICKET, NONE_INDEX, NONE_INDEX), 0);
    lab_free(lab);
  }
}

static void no_more_are_locked_at_once_than_the_limit_says(void **state) {
  (void)state;
  Lab *lab = locked(1, 8, two, 2, "");
  build_program(lab->build)->lockouts[0].limits = (Slice){lab_limit(lab, LIMIT_RULE_AT_ONCE, 3, 0, NONE_INDEX), 1};
  lab_start(lab);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 3);
  lab_until(lab, T0 + SEC + 200);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 6);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 16);
  lab_free(lab);
}

/* ---- release or hand over ---- */

static void whose_condition_does_not_hold_stays_locked_and_is_handed_over(void **state) {
  (void)state;
  Lab *lab = locked(1, 4, two, 2, "");
  lab_prepare(lab);
  lab->truth[POWER][NODE][1] = OFF;
  lab->truth[POWER][NODE][2] = VALUE_UNKNOWN;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  for (uint32_t i = 0; i < 4; i++) {
    bool kept = i == 1 || i == 2;
    assert_int_equal(lab->locked[ANVIL][i], kept);
    assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, i), kept);
    assert_int_equal(lab_notes(lab, NOTE_HANDED_OVER, REPAIR, i), kept);
  }
  lab_free(lab);
}

static void drain_fails(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_ACT && c->entity == 2) f->outcome = OUT_FAILED;
}

static void who_was_set_aside_is_handed_over_with_its_container(void **state) {
  (void)state;
  Lab *lab = locked(2, 4, two, 2, "FAN 0\n JUMP @out\n"
                                  "body: SLOT 0\n ACT 0\n ON_OK @ok\n STR \"bad rack\"\n SLOT 0\n UP 1 2\n SET_ASIDE 1\n ok: MEMBER_DONE");
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, 1, RACK), 1}, false);
  lab_call(lab, DRAIN);
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab->rule = drain_fails;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, NONE_INDEX), 1); /* one, for the rack */
  const Command *ticket = lab_command(lab, COMMAND_TICKET, REPAIR, 0);
  assert_int_equal(ticket->kind_of_entity, RACK);
  assert_string_equal(ticket->text, "bad rack");
  assert_int_equal(lab_notes(lab, NOTE_HANDED_OVER, REPAIR, NONE_INDEX), 1 + 4);
  for (uint32_t i = 0; i < 8; i++) assert_int_equal(lab->locked[NSD][i], i < 4);
  lab_free(lab);
}

static void two_drains_fail(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_ACT && (c->entity == 1 || c->entity == 2)) f->outcome = OUT_FAILED;
}

/* Node 1 is out for itself, node 2 then takes its rack along: one ticket, which tells of both. */
static void a_container_has_one_ticket_for_all_that_is_in_it(void **state) {
  (void)state;
  Lab *lab = locked(2, 4, two, 2, "FAN 0\n JUMP @out\n"
                                  "body: SLOT 0\n ACT 0\n ON_OK @ok\n SLOT 0\n NAME 2\n STR \"n001\"\n EQ\n JUMP_TRUE @tray\n"
                                  "STR \"bad rack\"\n SLOT 0\n UP 1 2\n SET_ASIDE 1\n JUMP @ok\n"
                                  "tray: STR \"bad tray\"\n SLOT 0\n SET_ASIDE 2\n ok: MEMBER_DONE");
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, 4, NODE), 1}, false);
  lab_call(lab, DRAIN);
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab->rule = two_drains_fail;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, NONE_INDEX), 1);
  const Command *ticket = lab_command(lab, COMMAND_TICKET, REPAIR, 0);
  assert_int_equal(ticket->kind_of_entity, RACK);
  assert_string_equal(ticket->text, "bad rack; in it n001: bad tray");
  assert_int_equal(lab_notes(lab, NOTE_HANDED_OVER, REPAIR, NONE_INDEX), 1 + 4);
  for (uint32_t i = 0; i < 8; i++) assert_int_equal(lab->locked[NSD][i], i < 4);
  lab_free(lab);
}

static void paused_it_takes_no_more_locks(void **state) {
  (void)state;
  Lab *lab = locked(1, 8, two, 2, "");
  build_program(lab->build)->lockouts[0].limits = (Slice){lab_limit(lab, LIMIT_RULE_AT_ONCE, 3, 0, NONE_INDEX), 1};
  lab_start(lab);
  lab_control(lab, CONTROL_PAUSE);
  lab_go(lab);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 3); /* those that were under way */
  assert_int_equal(lab_notes(lab, NOTE_LOCKED, NONE_INDEX, NONE_INDEX), 3);
  assert_false(said(lab, "held"));
  lab_control(lab, CONTROL_GO_ON);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 16);
  assert_true(all_free(lab));
  lab_free(lab);
}

static void cancelled_while_paused_it_gives_its_locks_back(void **state) {
  (void)state;
  Lab *lab = locked(1, 8, two, 2, "");
  build_program(lab->build)->lockouts[0].limits = (Slice){lab_limit(lab, LIMIT_RULE_AT_ONCE, 3, 0, NONE_INDEX), 1};
  lab_start(lab);
  lab_control(lab, CONTROL_PAUSE);
  lab_go(lab);
  lab_control(lab, CONTROL_CANCEL);
  lab_ends(lab, RUN_CANCELLED);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 3);
  assert_true(all_free(lab));
  lab_free(lab);
}

static void the_order_of_release_is_kept(void **state) {
  (void)state;
  Lab *lab = locked(1, 4, two, 2, "");
  uint32_t order[] = {ANVIL, NSD};
  build_program(lab->build)->lockouts[0].release_order = build_list(lab->build, order, 2);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  int64_t last_anvil = 0, first_nsd = INT64_MAX;
  for (uint32_t i = 0; i < lab->notes.len; i++) {
    const Note *n = &lab->notes.items[i];
    if (n->kind == NOTE_RELEASED && n->subject == ANVIL && n->at > last_anvil) last_anvil = n->at;
  }
  for (uint32_t i = 0; i < lab->commands.len; i++) {
    const Command *c = &lab->commands.items[i];
    if (c->kind == COMMAND_UNLOCK && c->subject == NSD && c->issued < first_nsd) first_nsd = c->issued;
  }
  assert_true(first_nsd >= last_anvil);
  lab_free(lab);
}

static Lab *with_canary(void) {
  Lab *lab = locked(4, 2, two, 2, "");
  LockoutRow *row = &build_program(lab->build)->lockouts[0];
  row->canary_kind = RACK;
  row->canary_count = 1;
  row->watch = 15 * MIN;
  return lab;
}

static void canaries_are_released_first_and_watched(void **state) {
  (void)state;
  Lab *lab = with_canary();
  lab_start(lab);
  lab_until(lab, T0 + 15 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NONE_INDEX, NONE_INDEX), 4); /* two automations on the two nodes of a rack */
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NONE_INDEX, NONE_INDEX), 16);
  assert_true(lab->now >= T0 + 15 * MIN);
  lab_free(lab);
}

static void canary_falls_ill(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_READ && c->entity == 1 && lab->now > T0 + 5 * MIN) {
    if (lab->knob[0] && c->subject == SERVICE) f->value = INVESTIGATE;
    if (!lab->knob[0] && c->subject == POWER) f->value = OFF;
  }
}

static void a_sick_canary_stops_the_release(void **state) {
  (void)state;
  for (int64_t by_service = 0; by_service <= 1; by_service++) {
    Lab *lab = with_canary();
    if (by_service) { /* so that the engine knows which fact is the service */
      build_row(lab->build, budgets, (&(BudgetRow){NODE, {lab_limit(lab, LIMIT_RULE_AT_ONCE, 99, 0, NONE_INDEX), 1}, 7}));
    }
    lab->rule = canary_falls_ill;
    lab->knob[0] = by_service;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NONE_INDEX, NONE_INDEX), 4);
    assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, NONE_INDEX), 6);
    assert_int_equal(lab_notes(lab, NOTE_ALARM, NONE_INDEX, 1), 1);
    assert_true(lab->locked[ANVIL][2] && !lab->locked[ANVIL][1]);
    assert_true(lab->now < T0 + 8 * MIN);
    lab_free(lab);
  }
}

static void unlock_is_refused(Lab *lab, const Command *c, Fate *f) {
  if (c->kind != COMMAND_UNLOCK || c->entity != 1 || lab->knob[0]-- <= 0) return;
  f->outcome = OUT_FAILED;
  lab->locked[c->subject][c->entity] = 1;
}

static void an_unlock_is_tried_again_and_at_last_handed_over(void **state) {
  (void)state;
  for (int64_t refusals = 2; refusals <= 3; refusals++) {
    Lab *lab = locked(1, 2, &two[1], 1, "");
    lab->rule = unlock_is_refused;
    lab->knob[0] = refusals;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, ANVIL, 1), 3);
    assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, 1), refusals == 3);
    assert_int_equal(lab->locked[ANVIL][1], refusals == 3);
    assert_int_equal(lab->locked[ANVIL][0], 0);
    lab_free(lab);
  }
}

static void an_automation_of_containers_goes_when_all_in_it_may(void **state) {
  (void)state;
  static const uint32_t ops[] = {OPS};
  Lab *lab = locked(2, 2, ops, 1, "");
  lab_prepare(lab);
  lab->truth[POWER][NODE][3] = OFF; /* of rack 1 */
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, OPS, NONE_INDEX), 2); /* racks, not nodes */
  assert_int_equal(lab->locked[OPS][0], 0);
  assert_int_equal(lab->locked[OPS][1], 1);
  assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, 3), 1);
  lab_free(lab);
}

/* ---- nested ---- */

static void what_an_outer_lockout_holds_is_only_counted(void **state) {
  (void)state;
  Lab *lab = locked(1, 2, two, 2, "LOCK 1\n ON_OK @inner\n STR \"no\"\n FAIL\n inner: STR \"inner\"\n NOTIFY 0\n UNLOCK 1\n STR \"between\"\n NOTIFY 0");
  lab_lockout(lab, two, 2, lab_fact_is(lab, POWER, NODE, 4, ON));
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_true(said(lab, "inner") && said(lab, "between"));
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 4);
  assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NONE_INDEX, NONE_INDEX), 4);
  lab_free(lab);
}

/* ---- while it stands ---- */

static Lab *long_work(void) { return locked(1, 2, two, 2, "CONST 3600000\n WAIT\n FAN 0\n JUMP @out\n body: SLOT 0\n ACT 0\n MEMBER_DONE"); }

static void add_work(Lab *lab) {
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), 1}, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
}

static void locks_are_read_again_while_they_stand(void **state) {
  (void)state;
  Lab *lab = long_work();
  add_work(lab);
  lab_start(lab);
  lab_until(lab, T0 + 9 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_INSPECT, NONE_INDEX, NONE_INDEX), 4);
  lab_until(lab, T0 + 11 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_INSPECT, NONE_INDEX, NONE_INDEX), 8);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_INSPECT, NONE_INDEX, NONE_INDEX), 4 * 7); /* every ten minutes of the hour */
  lab_free(lab);
}

/* knob 0: anvil on node 0 is found loose at this time; knob 1: it can be locked again only from then on */
static void breaks_loose(Lab *lab, const Command *c, Fate *f) {
  if (c->subject != ANVIL || c->entity != 0) return;
  if (c->kind == COMMAND_INSPECT && lab->now - T0 >= lab->knob[0] && lab->now - T0 < lab->knob[1]) f->value = 0;
  if (c->kind == COMMAND_LOCK && lab->now - T0 > MIN && lab->now - T0 < lab->knob[1]) f->outcome = OUT_FAILED;
}

static void an_automation_that_comes_back_stops_actions_until_it_is_locked(void **state) {
  (void)state;
  Lab *lab = long_work();
  add_work(lab);
  lab->rule = breaks_loose;
  lab->knob[0] = 45 * MIN;
  lab->knob[1] = 75 * MIN;
  lab_start(lab);
  lab_until(lab, T0 + 64 * MIN);
  assert_int_equal(lab_notes(lab, NOTE_ALARM, ANVIL, 0), 1);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, 0), 0);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, 1), 1); /* the other node is not concerned */
  assert_false(engine_locked(lab->engine, ANVIL, NODE, 0));
  lab_ends(lab, RUN_COMPLETED);
  int64_t sent = lab_command(lab, COMMAND_ACT, DRAIN, 0)->issued;
  assert_true(sent >= T0 + 75 * MIN && sent < T0 + 77 * MIN);
  uint32_t again = 0; /* the story tells that it was locked again, not only that it was loose */
  for (uint32_t i = 0; i < lab->notes.len; i++) again += lab->notes.items[i].kind == NOTE_LOCKED && lab->notes.items[i].value == LOCKED_AGAIN;
  assert_int_equal(again, 1);
  assert_true(all_free(lab));
  lab_free(lab);
}

/* A contract that names the lock is no reason to refuse it at once: what is loose is being locked again. */
static void what_needs_the_lock_waits_for_it(void **state) {
  (void)state;
  Lab *lab = long_work();
  add_work(lab);
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_LOCKED, ANVIL, NODE);
  NeedRow need = {.condition = build_region_end(lab->build), .text = build_str(lab->build, "lockout of anvil on n")};
  uint32_t row = build_row(lab->build, need_rows, &need);
  build_program(lab->build)->actions[DRAIN].needs = (Slice){row, 1};
  lab->rule = breaks_loose;
  lab->knob[0] = 45 * MIN;
  lab->knob[1] = 75 * MIN;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, DRAIN, NONE_INDEX), 0);
  assert_true(lab_command(lab, COMMAND_ACT, DRAIN, 0)->issued >= T0 + 75 * MIN);
  lab_free(lab);
}

static void an_alarm_from_the_world_is_taken_at_its_word(void **state) {
  (void)state;
  Lab *lab = long_work();
  add_work(lab);
  lab_start(lab);
  lab_until(lab, T0 + 20 * MIN);
  uint32_t locks = lab_commands(lab, COMMAND_LOCK, ANVIL, 0);
  lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_LOCK_LOST, .subject = ANVIL, .entity = 0, .kind_of_entity = NODE});
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, ANVIL, 0), locks + 1);
  assert_false(engine_locked(lab->engine, ANVIL, NODE, 0));
  lab_until(lab, T0 + 21 * MIN);
  assert_true(engine_locked(lab->engine, ANVIL, NODE, 0));
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void locks_slowly(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_LOCK && lab->knob[0]) f->delay = 4 * MIN;
}

/* Unlocked while it is being locked anew, it would stand behind the end of the run, and nobody would know. */
static void what_is_locked_anew_is_not_unlocked_before(void **state) {
  (void)state;
  Lab *lab = long_work();
  add_work(lab);
  lab->rule = locks_slowly;
  lab_start(lab);
  lab_until(lab, T0 + 20 * MIN);
  lab->knob[0] = 1;
  lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_LOCK_LOST, .subject = ANVIL, .entity = 0, .kind_of_entity = NODE});
  lab_control(lab, CONTROL_CANCEL);
  lab_go(lab);
  assert_true(engine_outcome(lab->engine) != RUN_GOING);
  assert_int_equal(lab->locked[ANVIL][0], 0);
  assert_true(lab_command(lab, COMMAND_UNLOCK, ANVIL, 0)->issued >= T0 + 24 * MIN);
  lab_free(lab);
}

static void an_automation_that_stays_loose_fails_the_action_in_the_end(void **state) {
  (void)state;
  Lab *lab = long_work();
  add_work(lab);
  lab->rule = breaks_loose;
  lab->knob[0] = 45 * MIN;
  lab->knob[1] = 600 * MIN;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, DRAIN, 0), 0);
  assert_int_equal(lab_notes(lab, NOTE_SURPRISE, DRAIN, 0), 1);
  lab_free(lab);
}

/* ---- every way out ---- */

static void every_way_out_passes_the_release(void **state) {
  (void)state;
  static const struct { const char *body; RunOutcome outcome; } all[] = {
      {"STR \"x\"\n FAIL", RUN_FAILED}, {"STR \"x\"\n END", RUN_ENDED}, {"CONST 3600000\n WAIT", RUN_CANCELLED}, {"", RUN_COMPLETED},
      {"ATTEMPT 0\n STR \"x\"\n FAIL\n undo: CONST 60000\n WAIT\n UNDO_END 0\n end: SAFE_POINT", RUN_ROLLED_BACK}};
  for (uint32_t i = 0; i < 5; i++) {
    Lab *lab = locked(1, 4, two, 2, all[i].body);
    if (all[i].outcome == RUN_ROLLED_BACK)
      build_row(lab->build, attempts, (&(AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "end")}));
    lab_prepare(lab);
    lab->truth[POWER][NODE][3] = OFF;
    lab_feed(lab, (Event){.kind = EVENT_BEGIN});
    lab_until(lab, T0 + MIN);
    if (all[i].outcome == RUN_CANCELLED) lab_control(lab, CONTROL_CANCEL);
    lab_ends(lab, all[i].outcome);
    assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NONE_INDEX, NONE_INDEX), 6);
    assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, 3), 1);
    lab_free(lab);
  }
}

static void a_cancel_while_locks_are_taken_gives_them_back(void **state) {
  (void)state;
  for (int64_t at = 0; at <= 2 * SEC; at += 100) {
    Lab *lab = locked(1, 8, two, 2, "CONST 60000\n WAIT");
    build_program(lab->build)->lockouts[0].limits = (Slice){lab_limit(lab, LIMIT_RULE_AT_ONCE, 3, 0, NONE_INDEX), 1};
    lab_start(lab);
    lab_until(lab, T0 + at);
    lab_control(lab, CONTROL_CANCEL);
    lab_ends(lab, RUN_CANCELLED);
    assert_true(all_free(lab) && !said(lab, "held"));
    assert_int_equal(lab_commands(lab, COMMAND_TICKET, NONE_INDEX, NONE_INDEX), 0);
    lab_free(lab);
  }
}

/* ---- as soon as it is done ---- */

static void members_are_released_as_soon_as_they_are_done(void **state) {
  (void)state;
  Lab *lab = locked(1, 4, two, 2, "FAN 0\n JUMP @out\n body: SLOT 0\n ACT 0\n CONST 600000\n WAIT\n MEMBER_DONE");
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, false);
  lab_call(lab, DRAIN);
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  build_program(lab->build)->lockouts[0].as_soon_as_done = 1;
  lab_prepare(lab);
  lab->truth[POWER][NODE][2] = OFF;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_until(lab, T0 + 15 * MIN);
  assert_int_equal(lab->locked[ANVIL][0], 0);
  assert_int_equal(lab->locked[ANVIL][1], 1);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_UNLOCK, NONE_INDEX, NONE_INDEX), 6);
  assert_int_equal(lab_commands(lab, COMMAND_TICKET, REPAIR, 2), 1);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_automation_is_locked_read_back_and_released),
      cmocka_unit_test(locks_are_asked_for_in_the_order_of_all_runs),
      cmocka_unit_test(it_waits_until_the_last_one_is_quiet),
      cmocka_unit_test(what_cannot_be_locked_whole_is_given_back),
      cmocka_unit_test(no_more_are_locked_at_once_than_the_limit_says),
      cmocka_unit_test(whose_condition_does_not_hold_stays_locked_and_is_handed_over),
      cmocka_unit_test(who_was_set_aside_is_handed_over_with_its_container),
      cmocka_unit_test(a_container_has_one_ticket_for_all_that_is_in_it),
      cmocka_unit_test(paused_it_takes_no_more_locks),
      cmocka_unit_test(cancelled_while_paused_it_gives_its_locks_back),
      cmocka_unit_test(the_order_of_release_is_kept),
      cmocka_unit_test(canaries_are_released_first_and_watched),
      cmocka_unit_test(a_sick_canary_stops_the_release),
      cmocka_unit_test(an_unlock_is_tried_again_and_at_last_handed_over),
      cmocka_unit_test(an_automation_of_containers_goes_when_all_in_it_may),
      cmocka_unit_test(what_an_outer_lockout_holds_is_only_counted),
      cmocka_unit_test(locks_are_read_again_while_they_stand),
      cmocka_unit_test(an_automation_that_comes_back_stops_actions_until_it_is_locked),
      cmocka_unit_test(an_alarm_from_the_world_is_taken_at_its_word),
      cmocka_unit_test(what_is_locked_anew_is_not_unlocked_before),
      cmocka_unit_test(what_needs_the_lock_waits_for_it),
      cmocka_unit_test(an_automation_that_stays_loose_fails_the_action_in_the_end),
      cmocka_unit_test(every_way_out_passes_the_release),
      cmocka_unit_test(a_cancel_while_locks_are_taken_gives_them_back),
      cmocka_unit_test(members_are_released_as_soon_as_they_are_done),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
