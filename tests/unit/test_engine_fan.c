/* Fans: order, every limit, the window, tolerance, inner fans, guards, pause. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* A step that powers every node off, under the limits from..count. */
static Lab *limited(uint32_t racks, uint32_t nodes_per_rack) {
  Lab *lab = lab_new(racks, nodes_per_rack);
  lab_step(lab, "down");
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, false);
  build_program(lab->build)->fans[fan].step = 0;
  build_program(lab->build)->steps[0].fan = fan;
  lab_call(lab, SHUT_DOWN);
  lab_code(lab, "STEP_BEGIN 0\n FAN 0\n JUMP @behind\n"
                "body: SLOT 0\n ACT 0\n ON_OK @done\n STR \"it stays on\"\n SLOT 0\n SET_ASIDE 2\n done: MEMBER_DONE\n"
                "stopped: STR \"stopped\"\n NOTIFY 0\n STR \"too many\"\n FAIL\n"
                "behind: STEP_END 0\n HALT");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  return lab;
}

static void limit(Lab *lab, LimitRule rule, int64_t amount, int64_t per, uint32_t group) {
  uint32_t row = lab_limit(lab, rule, amount, per, group);
  Slice *limits = &build_program(lab->build)->fans[0].limits;
  if (limits->count == 0) limits->first = row;
  limits->count++;
}

static void tolerate(Lab *lab, int64_t amount, uint32_t unit) {
  build_program(lab->build)->fans[0].tolerances = (Slice){lab_tolerance(lab, amount, unit), 1};
}

/* ---- what the limits promise, measured on the commands and answers ---- */

typedef struct Busy { int64_t from, to; uint32_t entity; } Busy;

static uint32_t spans(const Lab *lab, Busy *out) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->notes.len; i++) {
    const Note *x = &lab->notes.items[i];
    if (x->kind == NOTE_MEMBER_BEGIN) out[n++] = (Busy){x->at, INT64_MAX, x->entity};
    for (uint32_t j = 0; j < n && x->kind == NOTE_MEMBER_END; j++)
      if (out[j].entity == x->entity) out[j].to = x->at;
  }
  return n;
}

static uint32_t rack_of(const Lab *lab, uint32_t node) { return node / (lab->nodes / lab->racks); }

/* Most members under way at once, in one group. One that ends frees its place at that instant. */
static uint32_t peak(const Lab *lab, bool by_rack) {
  Busy all[256];
  uint32_t n = spans(lab, all), most = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t now = 0;
    for (uint32_t j = 0; j < n; j++) {
      if (by_rack && rack_of(lab, all[i].entity) != rack_of(lab, all[j].entity)) continue;
      now += all[j].from <= all[i].from && (all[j].to > all[i].from || j == i);
    }
    if (now > most) most = now;
  }
  return most;
}

/* Most starts in any span of time. */
static uint32_t most_starts(const Lab *lab, int64_t per, bool by_rack) {
  Busy all[256];
  uint32_t n = spans(lab, all), most = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t now = 0;
    for (uint32_t j = 0; j < n; j++)
      now += (!by_rack || rack_of(lab, all[i].entity) == rack_of(lab, all[j].entity)) && all[j].from >= all[i].from &&
             all[j].from < all[i].from + per;
    if (now > most) most = now;
  }
  return most;
}

static void no_limit_is_one_at_a_time(void **state) {
  (void)state;
  Lab *lab = limited(2, 4);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(peak(lab, false), 1);
  StepCount c = engine_step_count(lab->engine, 0);
  assert_true(c.total == 8 && c.done == 8 && c.waiting == 0 && c.busy == 0 && c.aside == 0 && c.begun && c.ended);
  lab_free(lab);
}

static void so_many_at_once(void **state) {
  (void)state;
  Lab *lab = limited(2, 8);
  limit(lab, LIMIT_RULE_AT_ONCE, 5, 0, NONE_INDEX);
  lab_start(lab);
  StepCount c = engine_step_count(lab->engine, 0);
  assert_true(c.total == 16 && c.busy == 5 && c.waiting == 11);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(peak(lab, false), 5);
  lab_free(lab);
}

static void all_at_once(void **state) {
  (void)state;
  Lab *lab = limited(2, 8);
  limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  lab_start(lab);
  assert_int_equal(engine_step_count(lab->engine, 0).busy, 16);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void so_many_per_time(void **state) {
  (void)state;
  Lab *lab = limited(1, 5);
  limit(lab, LIMIT_RULE_PER_TIME, 2, 10 * MIN, NONE_INDEX);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(most_starts(lab, 10 * MIN, false), 2);
  assert_true(lab_note(lab, NOTE_MEMBER_BEGIN, 0, 4)->at == T0 + 20 * MIN);
  lab_free(lab);
}

static void so_many_per_group_hold_up_no_other_group(void **state) {
  (void)state;
  Lab *lab = limited(4, 4);
  limit(lab, LIMIT_RULE_AT_ONCE, 1, 0, RACK);
  lab_start(lab);
  for (uint32_t i = 0; i < 16; i++) assert_int_equal(lab_notes(lab, NOTE_MEMBER_BEGIN, 0, i), i % 4 == 0);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(peak(lab, true), 1);
  assert_int_equal(peak(lab, false), 4);
  lab_free(lab);
}

/* ---- any limits, any durations: never exceeded, nobody forgotten ---- */

static uint64_t next_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 33;
}

static void random_durations(Lab *lab, const Command *c, Fate *f) {
  (void)c;
  uint64_t seed = (uint64_t)lab->knob[0];
  f->delay = (int64_t)(next_random(&seed) % 100000);
  lab->knob[0] = (int64_t)seed;
}

static void any_limits(uint64_t seed) {
  uint32_t racks = 1 + (uint32_t)(next_random(&seed) % 6), per_rack = 1 + (uint32_t)(next_random(&seed) % 6);
  Lab *lab = limited(racks, per_rack);
  int64_t at_once = 1 + (int64_t)(next_random(&seed) % 8), rack = 1 + (int64_t)(next_random(&seed) % 3);
  int64_t starts = 1 + (int64_t)(next_random(&seed) % 5), in_rack = 1 + (int64_t)(next_random(&seed) % 3);
  uint64_t which = next_random(&seed) % 16;
  if (which & 1) limit(lab, LIMIT_RULE_AT_ONCE, at_once, 0, NONE_INDEX);
  if (which & 2) limit(lab, LIMIT_RULE_AT_ONCE, rack, 0, RACK);
  if (which & 4) limit(lab, LIMIT_RULE_PER_TIME, starts, 3 * MIN, NONE_INDEX);
  if (which & 8) limit(lab, LIMIT_RULE_PER_TIME, in_rack, 5 * MIN, RACK);
  lab->rule = random_durations;
  lab->knob[0] = (int64_t)seed;
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  if (which & 1) assert_true(peak(lab, false) <= at_once);
  if (which & 2) assert_true(peak(lab, true) <= rack);
  if (which & 4) assert_true(most_starts(lab, 3 * MIN, false) <= starts);
  if (which & 8) assert_true(most_starts(lab, 5 * MIN, true) <= in_rack);
  if (which == 0) assert_int_equal(peak(lab, false), 1);
  assert_int_equal(engine_step_count(lab->engine, 0).done, racks * per_rack);
  lab_free(lab);
}

static void no_limit_is_ever_exceeded(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 60; seed++) any_limits(seed * 7919);
}

/* ---- order ---- */

static void members_go_in_their_order(void **state) {
  (void)state;
  Lab *lab = limited(2, 3);
  build_region_begin(lab->build); /* by rack, the last one first; then by the name */
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_ATTR, 4);
  CodeRef rack = build_region_end(lab->build);
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op(lab->build, OPCODE_ATTR, 3);
  CodeRef name = build_region_end(lab->build);
  uint32_t first = build_row(lab->build, orders, (&(OrderRow){.key = rack, .descending = 1}));
  build_row(lab->build, orders, (&(OrderRow){.key = name, .descending = 1}));
  build_program(lab->build)->fans[0].order = (Slice){first, 2};
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  Busy all[256];
  spans(lab, all);
  for (uint32_t i = 0; i < 6; i++) assert_int_equal(all[i].entity, 5 - i);
  lab_free(lab);
}

static void words_have_the_order_that_is_written(void **state) {
  (void)state;
  Lab *lab = limited(1, 4);
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_FACT, SERVICE, NODE);
  CodeRef key = build_region_end(lab->build);
  uint32_t words[] = {DRAINED, IN_SERVICE};
  uint32_t row = build_row(lab->build, orders, (&(OrderRow){.key = key, .words = build_list(lab->build, words, 2)}));
  build_program(lab->build)->fans[0].order = (Slice){row, 1};
  lab_prepare(lab);
  lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_FACT, .subject = SERVICE, .kind_of_entity = NODE, .entity = 0}); /* unknown: last */
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_ends(lab, RUN_COMPLETED);
  Busy all[256];
  spans(lab, all);
  assert_int_equal(all[0].entity, 1);
  assert_int_equal(all[3].entity, 0);
  lab_free(lab);
}

/* ---- tolerance ---- */

static void some_fail(Lab *lab, const Command *c, Fate *f) {
  if (c->kind != COMMAND_ACT) return;
  f->delay = SEC * (1 + c->entity);
  if (!(lab->knob[0] >> c->entity & 1)) return;
  f->outcome = OUT_FAILED;
  f->lands = false;
}

static void exactly_so_many_are_tolerated(void **state) {
  (void)state;
  for (int64_t tolerance = 0; tolerance <= 3; tolerance++) {
    for (int64_t failures = tolerance; failures <= tolerance + 1; failures++) {
      Lab *lab = limited(1, 8);
      if (tolerance) tolerate(lab, tolerance, NODE);
      lab->rule = some_fail;
      lab->knob[0] = (1 << failures) - 1;
      lab_start(lab);
      lab_ends(lab, failures > tolerance ? RUN_FAILED : RUN_COMPLETED);
      assert_int_equal(lab_notes(lab, NOTE_SET_ASIDE, 0, NONE_INDEX), failures);
      assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), failures > tolerance ? failures : 8);
      assert_int_equal(lab_member(lab, NODE, 0), failures ? MEMBER_SET_ASIDE : MEMBER_DONE);
      lab_free(lab);
    }
  }
}

static void members_under_way_finish_when_a_fan_stops(void **state) {
  (void)state;
  Lab *lab = limited(1, 8);
  limit(lab, LIMIT_RULE_AT_ONCE, 4, 0, NONE_INDEX);
  lab->rule = some_fail;
  lab->knob[0] = 1;
  build_program(lab->build)->fans[0].on_stop = lab_place(lab, "stopped");
  lab_start(lab);
  lab_ends(lab, RUN_FAILED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 4);
  assert_int_equal(lab_commands(lab, COMMAND_NOTIFY, NONE_INDEX, NONE_INDEX), 1);
  assert_true(lab_command(lab, COMMAND_NOTIFY, NONE_INDEX, NONE_INDEX)->issued >= T0 + 4 * SEC);
  assert_string_equal(engine_reason(lab->engine), "too many");
  StepCount c = engine_step_count(lab->engine, 0);
  assert_true(c.done == 3 && c.aside == 1 && c.waiting == 4 && c.busy == 0);
  lab_free(lab);
}

/* A rack takes its nodes along: counted once as a rack, and as so many nodes. */
static void so_many_are_tolerated_in_each_container(void **state) {
  (void)state;
  static const struct { int64_t fails; bool stops; uint32_t sent; } all[] = {
      {0x111, false, 12}, {0x888, false, 12}, {0x030, true, 6}, {0xc21, true, 12}, {0x421, false, 12}, {0x003, true, 2},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) { /* 3 racks of 4 */
    Lab *lab = limited(3, 4);
    tolerate(lab, 1, NODE);
    build_program(lab->build)->tolerances[0].group = RACK;
    lab->rule = some_fail;
    lab->knob[0] = all[i].fails;
    lab_start(lab);
    lab_ends(lab, all[i].stops ? RUN_FAILED : RUN_COMPLETED);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), all[i].sent);
    lab_free(lab);
  }
}

/* One every 4 hours, from midnight of UTC on: 6 in a day, and 2 of these may fail. */
static void so_many_are_tolerated_in_a_day(void **state) {
  (void)state;
  static const struct { const char *zone; int64_t fails; bool stops; } all[] = {
      {"UTC", 0x0c3, false}, {"UTC", 0x007, true}, {"UTC", 0x1c0, true}, {"UTC", 0x0f0, false}, {"UTC", 0xc30, false},
      {"America/Phoenix", 0x070, true}, {"America/Phoenix", 0x0c1, false}, {"America/Phoenix", 0x183, false}, {"America/Phoenix", 0x0c2, true},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    Lab *lab = limited(3, 4);
    limit(lab, LIMIT_RULE_PER_TIME, 1, 240 * MIN, NONE_INDEX);
    tolerate(lab, 2, NODE);
    build_program(lab->build)->tolerances[0].reach = REACH_DAY;
    build_program(lab->build)->tolerances[0].zone = build_str(lab->build, all[i].zone);
    lab->rule = some_fail;
    lab->knob[0] = all[i].fails;
    lab->now = INT64_C(1767571200000); /* 2026-01-05 00:00 UTC */
    lab_start(lab);
    lab_ends(lab, all[i].stops ? RUN_FAILED : RUN_COMPLETED);
    lab_free(lab);
  }
}

static void some_fail_in_each(Lab *lab, const Command *c, Fate *f) {
  if (c->kind == COMMAND_ACT && (lab->knob[c->subject == POWER_ON] >> c->entity & 1)) f->outcome = OUT_FAILED, f->lands = false;
}

/* Two steps over 3 racks of 4, each of which tolerates one: the second goes on counting, but where a tolerance is of the step alone. */
static void beyond_a_step_a_tolerance_goes_on_counting(void **state) {
  (void)state;
  static const struct { uint32_t group; ToleranceReach reach; int64_t down, up; bool stops; } all[] = {
      {NONE_INDEX, REACH_STEP, 0x001, 0x010, false}, {NONE_INDEX, REACH_FLEET, 0x001, 0x010, true}, {NONE_INDEX, REACH_FLEET, 0x001, 0, false},
      {RACK, REACH_STEP, 0x001, 0x010, false},       {RACK, REACH_STEP, 0x001, 0x008, true},        {NONE_INDEX, REACH_DAY, 0x001, 0x100, true},
      {RACK, REACH_FLEET, 0x001, 0x001, false}, /* it is out: the second step has nothing to do with it */
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    Lab *lab = lab_new(3, 4);
    for (uint32_t t = 0; t < 2; t++) {
      uint32_t index = lab_tolerance(lab, 1, NODE);
      ToleranceRow *row = &build_program(lab->build)->tolerances[index];
      row->group = all[i].group;
      row->reach = (uint8_t)all[i].reach;
      if (all[i].reach == REACH_DAY) row->zone = build_str(lab->build, "UTC");
      lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){t, 1}, false);
    }
    lab_call(lab, SHUT_DOWN);
    lab_call(lab, POWER_ON);
    lab_code(lab, "FAN 0\n FAN 1\n HALT\n"
                  "down: SLOT 0\n ACT 0\n ON_OK @off\n STR \"bad\"\n SLOT 0\n SET_ASIDE 2\n off: MEMBER_DONE\n"
                  "up: SLOT 0\n ACT 1\n ON_OK @on\n STR \"bad\"\n SLOT 0\n SET_ASIDE 2\n on: MEMBER_DONE");
    build_program(lab->build)->fans[0].body = lab_place(lab, "down");
    build_program(lab->build)->fans[1].body = lab_place(lab, "up");
    lab->rule = some_fail_in_each;
    lab->knob[0] = all[i].down;
    lab->knob[1] = all[i].up;
    lab_start(lab);
    lab_ends(lab, all[i].stops ? RUN_FAILED : RUN_COMPLETED);
    lab_free(lab);
  }
}

static void a_container_counts_in_the_unit_of_the_tolerance(void **state) {
  (void)state;
  for (int64_t by_rack = 0; by_rack <= 1; by_rack++) {
    Lab *lab = lab_new(4, 4);
    uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){lab_tolerance(lab, by_rack ? 1 : 4, by_rack ? RACK : NODE), 1}, false);
    lab_call(lab, SHUT_DOWN);
    lab_code(lab, "FAN 0\n HALT\n"
                  "body: SLOT 0\n ACT 0\n ON_OK @done\n STR \"rack out\"\n SLOT 0\n UP 1 2\n SET_ASIDE 1\n done: MEMBER_DONE");
    build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
    lab->rule = some_fail;
    lab->knob[0] = 2;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_notes(lab, NOTE_SET_ASIDE, NONE_INDEX, NONE_INDEX), 1);
    for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab_member(lab, NODE, i), MEMBER_SET_ASIDE);
    assert_int_equal(lab_member(lab, NODE, 4), MEMBER_DONE);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 2 + 12); /* two of rack 0 had been reached */
    lab_free(lab);
  }
}

static void so_many_of_each_so_many(void **state) {
  (void)state;
  Lab *lab = limited(2, 8);
  tolerate(lab, 1, NODE);
  CodeRef each = lab_number(lab, 4);
  build_program(lab->build)->tolerances[0].each = each;
  lab->rule = some_fail;
  lab->knob[0] = 0x1111; /* one in each four */
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
  lab = limited(2, 8);
  tolerate(lab, 1, NODE);
  each = lab_number(lab, 4);
  build_program(lab->build)->tolerances[0].each = each;
  lab->rule = some_fail;
  lab->knob[0] = 0x0030; /* two in the second four */
  lab_start(lab);
  lab_ends(lab, RUN_FAILED);
  lab_free(lab);
}

/* ---- inner fans ---- */

static Lab *nested(void) {
  Lab *lab = lab_new(4, 4);
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX), two = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX);
  uint32_t outer = lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){two, 1}, (Slice){lab_tolerance(lab, 1, RACK), 1}, false);
  uint32_t inner = lab_fan(lab, NODE, 1, lab_below(lab, NODES, RACK, 0, 1), (Slice){all, 1}, (Slice){0, 0}, true);
  lab_call(lab, SHUT_DOWN);
  lab_call(lab, POWER_ON);
  lab_code(lab, "FAN 0\n HALT\n"
                "racks: FAN 1\n STR \"rack done\"\n NOTIFY 0\n MEMBER_DONE\n"
                "nodes: SLOT 1\n ACT 0\n ON_OK @ok\n STR \"bad node\"\n SLOT 0\n SET_ASIDE 1\n"
                "ok: SLOT 1\n ACT 1\n MEMBER_DONE");
  build_program(lab->build)->fans[outer].body = lab_place(lab, "racks");
  build_program(lab->build)->fans[inner].body = lab_place(lab, "nodes");
  return lab;
}

static void fans_nest(void **state) {
  (void)state;
  Lab *lab = nested();
  lab_start(lab);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 8);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 32);
  assert_int_equal(lab_commands(lab, COMMAND_NOTIFY, NONE_INDEX, NONE_INDEX), 4);
  lab_free(lab);
}

/* One node sets its rack aside: its siblings end at their next step, what was in flight is answered first. */
/* Both bind: two racks at once, and of the nodes in each one after the other. */
static void limits_within_limits_hold_together_and_both_are_named(void **state) {
  (void)state;
  Lab *lab = lab_new(4, 4);
  lab_step(lab, "racks");
  uint32_t two = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX), one = lab_limit(lab, LIMIT_RULE_AT_ONCE, 1, 0, NONE_INDEX);
  lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){two, 1}, (Slice){0, 0}, false);
  lab_fan(lab, NODE, 1, lab_below(lab, NODES, RACK, 0, 1), (Slice){one, 1}, (Slice){0, 0}, true);
  build_program(lab->build)->fans[0].step = 0;
  build_program(lab->build)->steps[0].fan = 0;
  lab_call(lab, SHUT_DOWN);
  lab_code(lab, "STEP_BEGIN 0\n FAN 0\n STEP_END 0\n HALT\n rack: FAN 1\n MEMBER_DONE\n node: SLOT 1\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "rack");
  build_program(lab->build)->fans[1].body = lab_place(lab, "node");
  lab_start(lab);
  Binding b[4];
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 2);
  assert_int_equal(engine_bindings(lab->engine, b, 4), 2);
  assert_true(b[0].step == 0 && b[0].line == 0 && b[0].rule == BIND_AT_ONCE && b[0].amount == 2 && b[0].waiting == 2);
  assert_true(b[1].step == 0 && b[1].line != 0 && b[1].rule == BIND_AT_ONCE && b[1].amount == 1 && b[1].waiting == 6);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

static void a_rack_that_is_set_aside_ends_its_strands(void **state) {
  (void)state;
  Lab *lab = nested();
  lab->rule = some_fail;
  lab->knob[0] = 1; /* node 0 */
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 16);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, POWER_ON, NONE_INDEX), 12);
  assert_int_equal(lab_commands(lab, COMMAND_NOTIFY, NONE_INDEX, NONE_INDEX), 3);
  assert_int_equal(lab_notes(lab, NOTE_SET_ASIDE, NONE_INDEX, NONE_INDEX), 1);
  lab_free(lab);
}

static void the_outer_fan_counts_what_the_inner_one_sets_aside(void **state) {
  (void)state;
  Lab *lab = nested();
  lab->rule = some_fail;
  lab->knob[0] = 1 | 1 << 4; /* a node of rack 0 and one of rack 1 */
  lab_start(lab);
  lab_ends(lab, RUN_FAILED);
  assert_int_equal(lab_notes(lab, NOTE_MEMBER_BEGIN, NONE_INDEX, 3), 1); /* node 3 began, rack 3 never */
  assert_string_equal(engine_reason(lab->engine), "2 racks set aside, at most 1 may be; the last: bad node");
  lab_free(lab);
}

/* ---- the window ---- */

static void outside_its_window_nobody_starts(void **state) {
  (void)state;
  Lab *lab = limited(1, 4);
  Opening open[] = {{.open = T0 + 10 * MIN, .close = T0 + 20 * MIN}, {.open = T0 + 60 * MIN, .close = T0 + 70 * MIN}};
  lab->frozen.openings = open;
  lab->frozen.opening_count = 2;
  limit(lab, LIMIT_RULE_PER_TIME, 1, 6 * MIN, NONE_INDEX);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  static const int64_t at[] = {10, 16, 60, 66};
  for (uint32_t i = 0; i < 4; i++) assert_true(lab_note(lab, NOTE_MEMBER_BEGIN, 0, i)->at == T0 + at[i] * MIN);
  lab_free(lab);
}

static void who_no_longer_fits_is_kept_out(void **state) {
  (void)state;
  Lab *lab = limited(1, 4);
  Opening open = {.open = T0, .close = T0 + 12 * MIN}; /* a member may take 5 minutes */
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  build_program(lab->build)->fans[0].fits = 1;
  limit(lab, LIMIT_RULE_PER_TIME, 1, 4 * MIN, NONE_INDEX);
  lab_start(lab);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 2);
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab_member(lab, NODE, i), i < 2 ? MEMBER_DONE : MEMBER_KEPT_OUT);
  assert_int_equal(engine_step_count(lab->engine, 0).aside, 2);
  lab_free(lab);
}

static void without_any_opening_the_run_is_refused(void **state) {
  (void)state;
  Lab *lab = limited(1, 4);
  Opening open = {.open = T0 - 20 * MIN, .close = T0};
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  lab_start(lab);
  lab_ends(lab, RUN_REFUSED);
  assert_int_equal(lab->commands.len, 0);
  lab_free(lab);
}

/* ---- pause ---- */

static void a_pause_starts_nothing_and_lets_what_is_in_flight_go_on(void **state) {
  (void)state;
  Lab *lab = nested();
  lab_start(lab);
  lab_control(lab, CONTROL_PAUSE);
  lab_until(lab, T0 + 60 * MIN);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 8);
  assert_int_equal(lab_notes(lab, NOTE_ACTION_END, NONE_INDEX, NONE_INDEX), 8); /* answered, and read back */
  lab_control(lab, CONTROL_GO_ON);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), 16);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_limit_is_one_at_a_time),
      cmocka_unit_test(so_many_at_once),
      cmocka_unit_test(all_at_once),
      cmocka_unit_test(so_many_per_time),
      cmocka_unit_test(so_many_per_group_hold_up_no_other_group),
      cmocka_unit_test(no_limit_is_ever_exceeded),
      cmocka_unit_test(members_go_in_their_order),
      cmocka_unit_test(words_have_the_order_that_is_written),
      cmocka_unit_test(exactly_so_many_are_tolerated),
      cmocka_unit_test(members_under_way_finish_when_a_fan_stops),
      cmocka_unit_test(so_many_are_tolerated_in_each_container),
      cmocka_unit_test(so_many_are_tolerated_in_a_day),
      cmocka_unit_test(limits_within_limits_hold_together_and_both_are_named),
      cmocka_unit_test(beyond_a_step_a_tolerance_goes_on_counting),
      cmocka_unit_test(a_container_counts_in_the_unit_of_the_tolerance),
      cmocka_unit_test(so_many_of_each_so_many),
      cmocka_unit_test(fans_nest),
      cmocka_unit_test(a_rack_that_is_set_aside_ends_its_strands),
      cmocka_unit_test(the_outer_fan_counts_what_the_inner_one_sets_aside),
      cmocka_unit_test(outside_its_window_nobody_starts),
      cmocka_unit_test(who_no_longer_fits_is_kept_out),
      cmocka_unit_test(without_any_opening_the_run_is_refused),
      cmocka_unit_test(a_pause_starts_nothing_and_lets_what_is_in_flight_go_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
