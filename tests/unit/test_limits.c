/* Ceilings: never exceeded in any span, never stricter than they say; which one binds; how long a body may take. */
#include <config.h>

#include "lang/limits.h"
#include "runtime/limits.h"
#include "runtime/worst.h"
#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 33;
}

static void so_many_starts_in_any_span(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (uint32_t round = 0; round < 50; round++) {
    Throttle t = {.amount = 1 + (uint32_t)(next_random(&seed) % 7), .per = 1 + (int64_t)(next_random(&seed) % 1000)};
    int64_t starts[300], now = 0;
    uint32_t n = 0;
    while (n < 300) {
      now += (int64_t)(next_random(&seed) % 100);
      int64_t when = throttle_when(&t, now);
      uint32_t recent = 0; /* starts in the span that ends now */
      for (uint32_t i = 0; i < n; i++) recent += starts[i] > now - t.per;
      assert_int_equal(when <= now, recent < t.amount); /* neither more nor less than the rule */
      if (when > now) {
        assert_true(throttle_when(&t, when) == when && throttle_when(&t, when - 1) > when - 1);
        continue;
      }
      throttle_start(&t, now);
      throttle_end(&t, false);
      starts[n++] = now;
    }
    throttle_done(&t);
  }
}

static void so_many_at_once(void **state) {
  (void)state;
  Throttle t = {.at_once = 2};
  throttle_start(&t, 0);
  assert_true(throttle_when(&t, 5) == 5);
  throttle_start(&t, 5);
  assert_true(throttle_when(&t, 5) == INT64_MAX);
  throttle_end(&t, false);
  assert_true(throttle_when(&t, 6) == 6);
  throttle_done(&t);
  Throttle none = {0};
  assert_true(throttle_when(&none, 9) == 9);
}

static void what_did_not_start_does_not_count(void **state) {
  (void)state;
  Throttle t = {.amount = 3, .per = 100};
  for (int64_t now = 10; now <= 30; now += 10) throttle_start(&t, now);
  assert_true(throttle_when(&t, 31) == 110);
  throttle_undo(&t, 20);
  assert_true(throttle_when(&t, 31) == 31);
  throttle_start(&t, 31);
  assert_true(throttle_when(&t, 32) == 110); /* 10, 30, 31: the oldest is still there */
  throttle_undo(&t, 31);
  throttle_undo(&t, 10);
  throttle_start(&t, 40), throttle_start(&t, 41);
  assert_true(throttle_when(&t, 42) == 130); /* 30, 40, 41 */
  assert_int_equal(t.running, 3);
  throttle_done(&t);
  t = (Throttle){.amount = 2, .per = 100};   /* before it is a ring */
  throttle_start(&t, 10);
  throttle_undo(&t, 10);
  throttle_start(&t, 20), throttle_start(&t, 30);
  assert_true(throttle_when(&t, 31) == 120);
  throttle_done(&t);
}

/* In any span there are as many as were sent in it, however long each took from its admission to that. */
static void what_was_taken_counts_from_when_it_is_sent(void **state) {
  (void)state;
  Throttle t = {.amount = 2, .per = 100};
  throttle_take(&t, 10), throttle_take(&t, 10);
  assert_true(throttle_when(&t, 500) == INT64_MAX);  /* neither was sent: there is no knowing */
  throttle_sent(&t, 60);
  assert_true(throttle_when(&t, 159) == 160);        /* beside the one that was not sent there is room for one */
  throttle_drop(&t);                                 /* the other one is not */
  assert_true(throttle_when(&t, 61) == 61);
  assert_int_equal(t.running, 1);
  throttle_take(&t, 61), throttle_sent(&t, 70);
  assert_true(throttle_when(&t, 111) == 160);        /* of 60 and 70 the first leaves the span */
  throttle_take(&t, 160);
  assert_true(throttle_when(&t, 165) == 170);        /* beside it one more, when 70 has left */
  throttle_sent(&t, 169);
  assert_true(throttle_when(&t, 169) == 170);
  throttle_done(&t);
}

static void the_last_of_a_fan_waits_for_every_ceiling(void **state) {
  (void)state;
  const Ceiling eight = {.at_once = 8}, two_per = {.amount = 2, .per = 10 * MIN};
  assert_true(limits_last(&eight, 1, 48, 60 * MIN) == 360 * MIN); /* 6 rounds of an hour */
  assert_true(limits_last(&eight, 1, 49, 60 * MIN) == 420 * MIN);
  assert_true(limits_last(&two_per, 1, 48, MIN) == 231 * MIN); /* the last starts after 23 of them */
  assert_true(limits_last((Ceiling[]){eight, two_per}, 2, 48, MIN) == 231 * MIN);
  assert_true(limits_last((Ceiling[]){{.at_once = 4}, {.amount = 2, .per = 10 * MIN}}, 2, 8, 25 * MIN) == 60 * MIN);
  assert_true(limits_last(NULL, 0, 5, MIN) == MIN);
  assert_true(limits_last(&eight, 1, 0, MIN) == 0);
}

/* Of 12 members 8 are in one group, which takes 2 at once. */
static void a_limit_per_group_counts_the_fullest_group(void **state) {
  (void)state;
  assert_true(limits_last((Ceiling[]){{.at_once = 2, .most = 8}}, 1, 12, 60 * MIN) >= 4 * 60 * MIN);
  assert_true(limits_last((Ceiling[]){{.at_once = 2, .most = 8}}, 1, 12, 60 * MIN) < 5 * 60 * MIN);
  assert_true(limits_last((Ceiling[]){{.at_once = 2, .most = 8}, {.at_once = 3}}, 2, 12, 60 * MIN) >= 5 * 60 * MIN);
}

static const uint32_t *set_of(void *ctx, uint32_t set, uint32_t *ret_count) {
  const Members *m = (const Members *)ctx + set;
  *ret_count = m->count;
  return m->items;
}

/* ---- the slow way on which everything succeeds ---- */

/* Of the whole program, in minutes; ends the lab. Without the first knob[0] nodes. */
static int64_t worst_of_program(Lab *lab) {
  lab_start(lab);
  int64_t slots[LIMIT_SLOTS], t;
  for (uint32_t i = 0; i < LIMIT_SLOTS; i++) slots[i] = VALUE_UNKNOWN;
  Members sets[2] = {[NODES] = lab->sets[NODES], [RACKS] = lab->sets[RACKS]};
  sets[NODES] = (Members){sets[NODES].items + lab->knob[0], sets[NODES].count - (uint32_t)lab->knob[0]};
  VmHost host = {.ctx = sets, .set = set_of};
  Vm *vm = vm_new(lab->program, lab->fleet, &host);
  t = worst_time(vm, lab->program->entry, slots);
  vm_free(vm);
  lab->no_replay = true;
  lab_free(lab);
  return t / MIN;
}

/* The code runs for each of `nodes` nodes in slot 0; the worst time is asked of the whole program: FAN, HALT. */
static int64_t worst(const char *code, uint32_t nodes, int64_t at_once) {
  Lab *lab = lab_new(1, nodes);
  CodeRef within = lab_number(lab, MIN), confirmed = lab_number(lab, 7 * MIN), condition = lab_number(lab, 1), held = lab_number(lab, 40 * MIN);
  if (strstr(code, "ACT 0")) lab_call(lab, DRAIN); /* at most 5min */
  if (strstr(code, "ACT 1")) {
    uint32_t call = lab_call(lab, DRAIN);
    build_program(lab->build)->calls[call].within = within;
    build_program(lab->build)->calls[call].retries = 3;
    build_program(lab->build)->calls[call].retry_after = confirmed;
  }
  if (strstr(code, "CONFIRM")) build_row(lab->build, confirms, (&(ConfirmRow){.condition = condition, .within = confirmed, .line = 7}));
  if (strstr(code, "HOLD")) build_row(lab->build, holds, (&(HoldRow){REPAIR, held, 7}));
  uint32_t limit = lab_limit(lab, LIMIT_RULE_AT_ONCE, at_once, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){limit, 1}, (Slice){0, 0}, true);
  lab_code(lab, "FAN 0\n HALT\n body:");
  lab_code(lab, code);
  lab_code(lab, "MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  return worst_of_program(lab);
}

static void the_slow_way_counts_deadlines_once(void **state) {
  (void)state;
  assert_int_equal(worst("SLOT 0\n ACT 0\n ON_OK @ok\n STR \"x\"\n FAIL\n ok:", 1, 1), 5);
  assert_int_equal(worst("SLOT 0\n ACT 0\n SLOT 0\n ACT 1\n CONFIRM 0", 1, 1), 5 + 1 + 7);
  assert_int_equal(worst("CONST 600000\n WAIT\n CONST 300000\n INT 2\n MUL\n WAIT", 1, 1), 20);
}

static void what_follows_a_failure_is_not_counted(void **state) {
  (void)state;
  assert_int_equal(worst("SLOT 0\n ACT 0\n ON_OK @ok\n STR \"x\"\n HOLD 0\n CONST 6000000\n WAIT\n ok:", 1, 1), 5);
  assert_int_equal(worst("SLOT 0\n ACT 0\n ON_FAILED @bad\n JUMP @ok\n bad: CONST 6000000\n WAIT\n ok:", 1, 1), 5);
}

static void of_two_ways_the_longer_counts(void **state) {
  (void)state;
  assert_int_equal(worst("INT 1\n JUMP_FALSE @short\n CONST 1800000\n WAIT\n JUMP @end\n short: CONST 600000\n WAIT\n end:", 1, 1), 30);
}

static void a_fan_lasts_as_many_rounds_as_its_limit_wants(void **state) {
  (void)state;
  assert_int_equal(worst("SLOT 0\n ACT 0", 9, 4), 3 * 5);
  assert_int_equal(worst("SLOT 0\n ACT 0", 9, 1), 9 * 5);
  assert_int_equal(worst("SLOT 0\n ACT 0", 9, 9), 5);
}

/* ---- a service that gives the places of what is overdue to others ---- */

#define SERVED 12u

static Lab *served(uint32_t at_once, uint32_t overdue) {
  Lab *lab = lab_new(1, SERVED);
  build_program(lab->build)->services[0].in_flight = at_once;
  build_program(lab->build)->services[0].overdue = overdue;
  build_program(lab->build)->actions[DRAIN].takes_high = MIN; /* at most 5min */
  build_program(lab->build)->actions[DRAIN].services = build_list(lab->build, &(uint32_t){0}, 1);
  lab_call(lab, DRAIN);
  uint32_t limit = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){limit, 1}, (Slice){0, 0}, true);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  return lab;
}

/* Half of them take all the time that there is, the others any. */
static void slow_or_not(Lab *lab, const Command *c, Fate *f) {
  uint64_t seed = (uint64_t)lab->knob[0] * 1000 + c->entity;
  f->delay = c->kind != COMMAND_ACT ? 0 : next_random(&seed) % 2 ? 5 * MIN : (int64_t)(next_random(&seed) % (5 * MIN));
}

/* A call waits while the places are taken or too many are overdue; each of those before it takes its part of both. */
/* group: a kind, within which each has its places; NONE_INDEX: all share them. */
static Lab *served_by(uint32_t at_once, uint32_t overdue, uint32_t group) {
  Lab *lab = served(at_once, overdue);
  if (group != NONE_INDEX) build_program(lab->build)->services[0].group = group;
  return lab;
}

static void no_run_is_longer_than(int64_t bound, uint32_t at_once, uint32_t overdue, uint32_t group) {
  for (int64_t seed = 0; seed < 20; seed++) {
    Lab *lab = served_by(at_once, overdue, group);
    lab->rule = slow_or_not;
    lab->knob[0] = seed;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_true(lab->now - T0 <= (bound + 1) * MIN);
    lab_free(lab);
  }
}

static void no_run_through_a_service_is_longer_than_its_worst(void **state) {
  (void)state;
  for (uint32_t at_once = 1; at_once <= 5; at_once++)
    for (uint32_t overdue = 0; overdue <= 5; overdue++) no_run_is_longer_than(worst_of_program(served(at_once, overdue)), at_once, overdue, NONE_INDEX);
  assert_int_equal(worst_of_program(served(4, 0)), 5 + SERVED * 5 / 4);
  assert_int_equal(worst_of_program(served(4, 4)), 5 + SERVED * 5 / 4);
  assert_int_equal(worst_of_program(served(4, 2)), 5 + SERVED * (1 * 2 + 4 * 4) / 8);
}

/* Only those of the same rack wait for each other's places. */
static void places_per_group_keep_only_the_group_waiting(void **state) {
  (void)state;
  for (uint32_t at_once = 1; at_once <= 3; at_once++)
    for (uint32_t overdue = 0; overdue <= 2; overdue++) {
      Lab *first = served_by(at_once, overdue, RACK);
      int64_t per_rack = first->nodes / first->racks, bound = worst_of_program(first);
      no_run_is_longer_than(bound, at_once, overdue, RACK);
      if (overdue == 0) assert_int_equal(bound, (5 * at_once + per_rack * 5) / at_once);
    }
}

/* ---- members that are not known yet ---- */

/* Collects the nodes whose power is off, which no reading has said yet. */
static CodeRef nodes_off(Lab *lab) {
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_EACH_SET, NODES);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 1, 0);
  build_op(lab->build, OPCODE_SLOT, 1);
  build_op2(lab->build, OPCODE_FACT, POWER, NODE);
  build_int(lab->build, OFF);
  build_op(lab->build, OPCODE_EQ, 0);
  build_op(lab->build, OPCODE_JUMP_NOT, next);
  build_op(lab->build, OPCODE_SLOT, 1);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  return build_region_end(lab->build);
}

static void members_that_depend_on_facts_all_count(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 9);
  lab_call(lab, DRAIN);
  uint32_t limit = lab_limit(lab, LIMIT_RULE_AT_ONCE, 4, 0, NONE_INDEX);
  lab_fan(lab, NODE, 1, nodes_off(lab), (Slice){limit, 1}, (Slice){0, 0}, false);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 1\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  assert_int_equal(worst_of_program(lab), 3 * 5);
}

/* A procedure's variable holds the rack: its nodes count although nothing has run yet. */
static void members_below_a_variable_count(void **state) {
  (void)state;
  Lab *lab = lab_new(2, 6);
  lab_call(lab, DRAIN);
  uint32_t racks = lab_limit(lab, LIMIT_RULE_AT_ONCE, 1, 0, NONE_INDEX), nodes = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX);
  lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){racks, 1}, (Slice){0, 0}, false);
  lab_fan(lab, NODE, 2, lab_below(lab, NODES, RACK, 1, 2), (Slice){nodes, 1}, (Slice){0, 0}, true);
  lab_code(lab, "FAN 0\n HALT\n rack: SLOT 0\n STORE 1\n FAN 1\n MEMBER_DONE\n node: SLOT 2\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "rack");
  build_program(lab->build)->fans[1].body = lab_place(lab, "node");
  assert_int_equal(worst_of_program(lab), 2 * 3 * 5);
}

/* What a gate may say yes to is what it may ask about. */
static void members_that_people_say_yes_to_all_count(void **state) {
  (void)state;
  Lab *lab = lab_new(4, 1);
  CodeRef within = lab_number(lab, 60 * MIN), text = lab_text(lab, "may it?"), racks = lab_set(lab, RACKS, 1);
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "go"), .role = FACILITY, .kind = RACK, .slot = 1,
                                           .text = text, .members = racks, .within = within, .line = 7}));
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_EACH_YES, 0);
  uint32_t next = build_op2(lab->build, OPCODE_NEXT, 1, 0);
  build_op(lab->build, OPCODE_SLOT, 1);
  build_op(lab->build, OPCODE_COLLECT, 0);
  build_op(lab->build, OPCODE_JUMP, next);
  build_land(lab->build, next);
  CodeRef given = build_region_end(lab->build);
  lab_fan(lab, RACK, 1, given, (Slice){0, 0}, (Slice){0, 0}, false);
  lab_code(lab, "GATE 0\n FAN 0\n HALT\n body: CONST 600000\n WAIT\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  assert_int_equal(worst_of_program(lab), 60 + 4 * 10);
}

/* The first rack has no nodes to do, the second six: the fan over both is as slow as its slowest. */
static void the_slowest_member_counts(void **state) {
  (void)state;
  Lab *lab = lab_new(2, 6);
  lab->knob[0] = 6;
  lab_call(lab, DRAIN);
  uint32_t racks = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX), nodes = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX);
  lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){racks, 1}, (Slice){0, 0}, false);
  lab_fan(lab, NODE, 2, lab_below(lab, NODES, RACK, 0, 2), (Slice){nodes, 1}, (Slice){0, 0}, true);
  lab_code(lab, "FAN 0\n HALT\n rack: FAN 1\n MEMBER_DONE\n node: SLOT 2\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "rack");
  build_program(lab->build)->fans[1].body = lab_place(lab, "node");
  assert_int_equal(worst_of_program(lab), 3 * 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(so_many_starts_in_any_span),
      cmocka_unit_test(so_many_at_once),
      cmocka_unit_test(what_did_not_start_does_not_count),
      cmocka_unit_test(the_last_of_a_fan_waits_for_every_ceiling),
      cmocka_unit_test(a_limit_per_group_counts_the_fullest_group),
      cmocka_unit_test(the_slow_way_counts_deadlines_once),
      cmocka_unit_test(what_follows_a_failure_is_not_counted),
      cmocka_unit_test(of_two_ways_the_longer_counts),
      cmocka_unit_test(a_fan_lasts_as_many_rounds_as_its_limit_wants),
      cmocka_unit_test(no_run_through_a_service_is_longer_than_its_worst),
      cmocka_unit_test(places_per_group_keep_only_the_group_waiting),
      cmocka_unit_test(members_that_depend_on_facts_all_count),
      cmocka_unit_test(what_was_taken_counts_from_when_it_is_sent),
      cmocka_unit_test(members_below_a_variable_count),
      cmocka_unit_test(members_that_people_say_yes_to_all_count),
      cmocka_unit_test(the_slowest_member_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
