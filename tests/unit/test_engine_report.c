/* What an observer sees: notes of every kind with their lines, the sentence about what a run waits for, commands in flight,
 * digests, and that no world can hand the engine a number that it would take for something else. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* leave out; lockout { attempt { step { drain } gate } roll back {} }: node 0 is left out, 1 cannot be drained, 2 is kept out. */
static Lab *everything(void) {
  Lab *lab = lab_new(1, 4);
  build_region_begin(lab->build);
  build_op(lab->build, OPCODE_SLOT, 0);
  build_op2(lab->build, OPCODE_FACT, SERVICE, NODE);
  build_int(lab->build, INVESTIGATE);
  build_op(lab->build, OPCODE_EQ, 0);
  CodeRef condition = build_region_end(lab->build), most = lab_number(lab, 1), text = lab_text(lab, "go?"), minute = lab_number(lab, MIN);
  build_row(lab->build, leave_outs, (&(LeaveOutRow){.set = NODES, .slot = 0, .condition = condition, .most = most, .text = build_str(lab->build, "out"), .line = 11}));
  lab_lockout(lab, (const uint32_t[]){ANVIL}, 1, lab_fact_is(lab, SERVICE, NODE, 4, DRAINED));
  lab_step(lab, "drain");
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){all, 1}, (Slice){lab_tolerance(lab, 1, NODE), 1}, false);
  build_program(lab->build)->fans[0].step = 0;
  build_program(lab->build)->steps[0].fan = 0;
  lab_call(lab, DRAIN);
  CodeRef members = lab_set(lab, NODES, 0);
  build_row(lab->build, gates, (&(GateRow){.name = build_str(lab->build, "go"), .role = FACILITY, .kind = NODE, .slot = 0, .text = text, .members = members, .within = minute, .line = 12}));
  build_line(lab->build, 0, 21);
  lab_code(lab, "LEAVE_OUT 0\n LOCK 0\n ON_OK @held\n STR \"no\"\n FAIL\n held: ATTEMPT 0\n STEP_BEGIN 0\n FAN 0\n STEP_END 0\n GATE 0\n STR \"no go\"\n ROLL_BACK");
  build_line(lab->build, 0, 22);
  lab_code(lab, "body: SLOT 0\n ACT 0\n ON_OK @ok\n ON_UNKNOWN @keep\n STR \"no drain\"\n SLOT 0\n SET_ASIDE 2\n keep: STR \"not now\"\n SLOT 0\n KEEP_OUT 2\n ok: MEMBER_DONE\n"
                "undo: UNDO_END 0\n end: UNLOCK 0\n HALT");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  build_row(lab->build, attempts, (&(AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "end"), .line = 13}));
  return lab;
}

static void some_drain(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind != COMMAND_ACT) return;
  if (c->entity == 1) f->outcome = OUT_FAILED, f->lands = false;
  if (c->entity == 2) f->lands = false; /* it lies */
}

static void every_kind_of_note_is_made_with_its_line(void **state) {
  (void)state;
  Lab *lab = everything();
  lab->rule = some_drain;
  lab_prepare(lab);
  lab->truth[SERVICE][NODE][0] = INVESTIGATE;
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_control(lab, CONTROL_PAUSE);
  lab_control(lab, CONTROL_GO_ON);
  lab_until(lab, T0 + 30 * SEC);
  lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_FACT, .subject = POWER, .kind_of_entity = NODE, .entity = 3});
  lab_ends(lab, RUN_ROLLED_BACK);
  static const struct { NoteKind kind; uint32_t count, line; } want[] = {
      {NOTE_RUN, 1, 0}, {NOTE_STEP_BEGIN, 1, 7}, {NOTE_STEP_END, 1, 7}, {NOTE_MEMBER_BEGIN, 3, 7}, {NOTE_MEMBER_END, 3, 7},
      {NOTE_ACTION_BEGIN, 3, 7}, {NOTE_ACTION_END, 3, 7}, {NOTE_LOCKED, 3, 7}, {NOTE_RELEASED, 1, 7}, {NOTE_HANDED_OVER, 2, 7},
      {NOTE_GATE_OPEN, 1, 12}, {NOTE_GATE_CLOSED, 1, 12}, {NOTE_SET_ASIDE, 1, 22}, {NOTE_KEPT_OUT, 1, 22}, {NOTE_LEFT_OUT, 1, 11},
      {NOTE_ROLL_BACK, 1, 13}, {NOTE_WAITING, 1, 0}, {NOTE_SURPRISE, 1, 7}, {NOTE_ALARM, 1, 0}, {NOTE_END, 1, 0}};
  assert_int_equal(sizeof want / sizeof *want, NOTE_END + 1);
  for (uint32_t i = 0; i <= NOTE_END; i++) {
    if (lab_notes(lab, want[i].kind, NONE_INDEX, NONE_INDEX) != want[i].count) fail_msg("note %u: %u", i, lab_notes(lab, want[i].kind, NONE_INDEX, NONE_INDEX));
    const Note *n = lab_note(lab, want[i].kind, NONE_INDEX, NONE_INDEX);
    if (n->line != want[i].line) fail_msg("note %u: line %u", i, n->line);
    assert_non_null(n->text);
  }
  lab_free(lab);
}

static void a_step_that_is_broken_off_ends_as_failed(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 1);
  lab_step(lab, "around");
  lab_step(lab, "inside");
  lab_code(lab, "STEP_BEGIN 0\n ATTEMPT 0\n STEP_BEGIN 1\n STR \"broken\"\n FAIL\n undo: CONST 60000\n WAIT\n UNDO_END 0\n end: STEP_END 0\n HALT");
  build_row(lab->build, attempts, (&(AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "end")}));
  lab_start(lab);
  assert_true(engine_step_count(lab->engine, 1).ended && !engine_step_count(lab->engine, 0).ended);
  assert_int_equal(lab_note(lab, NOTE_STEP_END, 1, NONE_INDEX)->value, OUT_FAILED);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_true(engine_step_count(lab->engine, 0).ended);
  assert_int_equal(lab_notes(lab, NOTE_STEP_END, NONE_INDEX, NONE_INDEX), 2);
  lab_free(lab);
}

/* ---- what it waits for ---- */

static void waits_for(Lab *lab, const char *want) {
  Buf text = BUF_INIT;
  assert_string_equal(engine_waiting_for(lab->engine, 0, &text), want);
  buf_done(&text);
}

static void one_sentence_says_what_it_waits_for(void **state) {
  (void)state;
  Lab *lab = everything();
  build_program(lab->build)->services[0].in_flight = 2;
  build_program(lab->build)->actions[DRAIN].services = build_list(lab->build, &(uint32_t){0}, 1);
  lab_prepare(lab);
  waits_for(lab, "its start");
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  waits_for(lab, "4 readings");
  lab_until(lab, T0 + 600);
  waits_for(lab, "4 automations to be locked (anvil of n000)");
  lab_until(lab, T0 + 1500);
  waits_for(lab, "2 actions (drain of n000)");
  lab_until(lab, T0 + 10 * SEC);
  lab_feed(lab, (Event){.kind = EVENT_TICK}); /* the engine knows no later time than that of the last event */
  waits_for(lab, "4 answers of people (facility of n000), for 6s");
  lab_ends(lab, RUN_ROLLED_BACK);
  waits_for(lab, "nothing: the run has ended");
  lab_free(lab);
}

static void it_says_who_stands_in_line(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){all, 1}, (Slice){0, 0}, true);
  lab_call(lab, DRAIN);
  build_program(lab->build)->services[0].amount = 1;
  build_program(lab->build)->services[0].per = 60 * MIN;
  build_program(lab->build)->actions[DRAIN].services = build_list(lab->build, &(uint32_t){0}, 1);
  lab_code(lab, "FAN 0\n CONST 60000\n WAIT\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[0].body = lab_place(lab, "body");
  lab_start(lab);
  lab_until(lab, T0 + 10 * MIN);
  lab_feed(lab, (Event){.kind = EVENT_TICK});
  waits_for(lab, "their turn in a service (3), for 10min");
  lab_control(lab, CONTROL_PAUSE);
  waits_for(lab, "a person: it is paused");
  lab_control(lab, CONTROL_GO_ON);
  lab_until(lab, T0 + 180 * MIN + 2 * SEC);
  waits_for(lab, "time: it goes on in 1min");
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* ---- what binds ---- */

static void it_says_what_binds_and_when_there_is_room(void **state) {
  (void)state;
  Lab *lab = lab_new(1, 4);
  uint32_t two = lab_limit(lab, LIMIT_RULE_AT_ONCE, 2, 0, NONE_INDEX);
  uint32_t step = lab_step(lab, "down"), fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){two, 1}, (Slice){0, 0}, false);
  lab_call(lab, SHUT_DOWN);
  build_program(lab->build)->fans[fan].step = step;
  build_program(lab->build)->steps[step].fan = fan;
  build_program(lab->build)->services[0].amount = 1;
  build_program(lab->build)->services[0].per = 60 * MIN;
  build_program(lab->build)->actions[SHUT_DOWN].services = build_list(lab->build, &(uint32_t){0}, 1);
  lab_code(lab, "STEP_BEGIN 0\n FAN 0\n STEP_END 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  Opening open[] = {{.open = T0 + 10 * MIN, .close = T0 + 15 * MIN}, {.open = T0 + 600 * MIN, .close = T0 + 6000 * MIN}};
  lab->frozen.openings = open;
  lab->frozen.opening_count = 2;
  Binding b[4];
  lab_prepare(lab);
  assert_int_equal(engine_bindings(lab->engine, b, 4), 0); /* it has not begun */
  lab_feed(lab, (Event){.kind = EVENT_BEGIN});
  lab_until(lab, T0 + 10 * MIN);
  uint64_t before = engine_digest(lab->engine);
  assert_int_equal(engine_bindings(lab->engine, b, 4), 2);
  assert_int_equal(engine_digest(lab->engine), before); /* asking changes nothing */
  assert_true(b[0].step == step && b[0].service == NONE_INDEX && b[0].rule == BIND_AT_ONCE && b[0].amount == 2 && b[0].waiting == 2);
  assert_true(b[0].next == INT64_MAX);
  assert_true(b[1].service == 0 && b[1].step == NONE_INDEX && b[1].rule == BIND_RATE && b[1].amount == 1 && b[1].per == 60 * MIN);
  assert_true(b[1].waiting == 1 && b[1].next == T0 + 70 * MIN);
  assert_int_equal(engine_bindings(lab->engine, b, 1), 1);
  lab_until(lab, T0 + 71 * MIN); /* two are through, one began in the opening and waits for the service, one waits for the window */
  assert_int_equal(engine_bindings(lab->engine, b, 4), 2);
  assert_true(b[0].step == step && b[0].rule == BIND_WINDOW && b[0].waiting == 1 && b[0].next == T0 + 600 * MIN);
  assert_true(b[1].service == 0 && b[1].waiting == 1 && b[1].next == T0 + 130 * MIN);
  waits_for(lab, "their turn in a service (1), for 1h");
  lab_until(lab, T0 + 140 * MIN);
  lab_feed(lab, (Event){.kind = EVENT_TICK});
  waits_for(lab, "the window to open (1), in 7h 40min"); /* parked */
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(engine_bindings(lab->engine, b, 4), 0);
  lab_free(lab);
}

/* ---- in flight, digests, sizes ---- */

static void commands_in_flight_come_in_the_order_of_their_ids(void **state) {
  (void)state;
  Lab *lab = everything();
  lab_start(lab);
  lab_until(lab, T0 + 600);
  const Command *c;
  assert_int_equal(engine_in_flight(lab->engine, &c), 4);
  for (uint32_t i = 1; i < 4; i++) assert_true(c[i].id > c[i - 1].id);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_int_equal(engine_in_flight(lab->engine, &c), 0);
  lab_free(lab);
}

static void the_digest_tells_states_apart(void **state) {
  (void)state;
  Lab *lab = everything();
  lab_start(lab);
  uint64_t before = engine_digest(lab->engine);
  assert_true(engine_digest(lab->engine) == before);
  lab_until(lab, T0 + 100);
  uint64_t after = engine_digest(lab->engine);
  assert_true(after != before);
  lab_feed(lab, (Event){.kind = EVENT_ALARM, .value = ALARM_FACT, .subject = POWER, .kind_of_entity = NODE, .entity = 3});
  assert_true(engine_digest(lab->engine) != after);
  lab_ends(lab, RUN_ROLLED_BACK);
  lab_free(lab);
}

static void a_strand_is_small(void **state) {
  (void)state;
  Lab *lab = everything();
  lab_start(lab);
  lab_ends(lab, RUN_ROLLED_BACK);
  uint32_t strands;
  size_t bytes;
  assert_true(engine_memory(lab->engine, &strands, &bytes) < 256 * 1024);
  assert_true(bytes == engine_strand_bytes() && bytes <= 256);
  assert_int_equal(strands, 6); /* main, four members, the one that reads the locks again */
  lab_free(lab);
}

/* ---- a world that talks nonsense ---- */

static void nonsense(Lab *lab, const Command *c, Fate *f) {
  static const int64_t values[] = {0, 3, 99, -1, INT64_MAX, 1, 2};
  if (c->kind == COMMAND_READ && c->subject == POWER) f->value = values[lab->knob[0]];
}

static void a_reading_outside_its_words_is_unknown(void **state) {
  (void)state;
  for (int64_t i = 0; i < 7; i++) {
    Lab *lab = lab_new(1, 1);
    lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, true);
    lab_call(lab, LEARN);
    lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
    build_program(lab->build)->fans[0].body = lab_place(lab, "body");
    lab->rule = nonsense;
    lab->knob[0] = i;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_true(engine_fact(lab->engine, POWER, NODE, 0) == (i < 5 ? VALUE_UNKNOWN : i - 4));
    lab_free(lab);
  }
}

static void events_about_nobody_change_nothing(void **state) {
  (void)state;
  Lab *lab = everything();
  lab_start(lab);
  uint32_t commands = lab->commands.len;
  for (uint32_t kind = 0; kind < EVENT_KIND_COUNT; kind++) {
    if (kind == EVENT_RESUMED || kind == EVENT_CONTROL) continue;
    lab_feed(lab, (Event){.kind = (EventKind)kind, .command = 12345, .subject = 4711, .entity = 4711, .kind_of_entity = 4711, .value = 1});
    lab_feed(lab, (Event){.kind = (EventKind)kind, .subject = 0, .entity = 4711, .kind_of_entity = NODE});
  }
  assert_int_equal(lab->commands.len, commands);
  lab_ends(lab, RUN_ROLLED_BACK);
  uint32_t notes = lab->notes.len;
  lab_feed(lab, (Event){.kind = EVENT_CONTROL, .value = CONTROL_CANCEL});
  lab_feed(lab, (Event){.kind = EVENT_RESUMED});
  assert_int_equal(lab->notes.len, notes); /* it has ended */
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_of_note_is_made_with_its_line),
      cmocka_unit_test(a_step_that_is_broken_off_ends_as_failed),
      cmocka_unit_test(one_sentence_says_what_it_waits_for),
      cmocka_unit_test(it_says_who_stands_in_line),
      cmocka_unit_test(it_says_what_binds_and_when_there_is_room),
      cmocka_unit_test(commands_in_flight_come_in_the_order_of_their_ids),
      cmocka_unit_test(the_digest_tells_states_apart),
      cmocka_unit_test(a_strand_is_small),
      cmocka_unit_test(a_reading_outside_its_words_is_unknown),
      cmocka_unit_test(events_about_nobody_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
