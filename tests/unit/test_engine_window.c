/* The window is over: once members were kept out, only a roll back starts anybody. And a run is parked at the end of an opening
 * and goes on with the next, whatever the clock of its zone does meanwhile. */
#include <config.h>

#include "lang/quantity.h"
#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Nodes go down, one every 4 minutes, and may take 5; then the shelves of each rack, which may take 1. */
static Lab *nodes_then_racks(bool in_roll_back) {
  Lab *lab = lab_new(4, 1);
  uint32_t slow = lab_limit(lab, LIMIT_RULE_PER_TIME, 1, 4 * MIN, NONE_INDEX);
  uint32_t all = lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){slow, 1}, (Slice){0, 0}, false);
  lab_fan(lab, RACK, 0, lab_set(lab, RACKS, 0), (Slice){all, 1}, (Slice){0, 0}, false);
  lab_call(lab, SHUT_DOWN);
  lab_call(lab, SHELVES_OFF);
  build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, "ATTEMPT 0\n FAN 0");
  lab_code(lab, in_roll_back ? "STR \"back\"\n FAIL\n ATTEMPT_END 0\n undo: FAN 1\n UNDO_END 0" : "FAN 1\n ATTEMPT_END 0\n undo: UNDO_END 0");
  lab_code(lab, "behind: HALT\n down: SLOT 0\n ACT 0\n MEMBER_DONE\n rack: SLOT 0\n ACT 1\n MEMBER_DONE");
  Program *p = build_program(lab->build);
  p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind"), .line = 7};
  p->fans[0].body = lab_place(lab, "down");
  p->fans[1].body = lab_place(lab, "rack");
  p->fans[0].fits = p->fans[1].fits = 1;
  p->actions[SHELVES_OFF].takes_most = MIN;
  return lab;
}

static void when_some_were_kept_out_nothing_shorter_begins(void **state) {
  (void)state;
  for (uint32_t minutes = 12; minutes <= 60; minutes += 48) {
    Lab *lab = nodes_then_racks(false);
    Opening open = {.open = T0, .close = T0 + minutes * MIN};
    lab->frozen.openings = &open;
    lab->frozen.opening_count = 1;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    bool kept_out = minutes == 12;
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), kept_out ? 2 : 4);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, NONE_INDEX), kept_out ? 0 : 4);
    for (uint32_t i = 0; i < 4; i++) {
      assert_int_equal(lab_member(lab, RACK, i), kept_out ? MEMBER_KEPT_OUT : MEMBER_DONE);
      assert_int_equal(lab_notes(lab, NOTE_KEPT_OUT, NONE_INDEX, i), kept_out ? 1 + (i >= 2) : 0);
    }
    lab_free(lab);
  }
}

static void the_way_back_begins_whoever_was_kept_out(void **state) {
  (void)state;
  Lab *lab = nodes_then_racks(true);
  Opening open = {.open = T0, .close = T0 + 12 * MIN};
  lab->frozen.openings = &open;
  lab->frozen.opening_count = 1;
  lab_start(lab);
  lab_ends(lab, RUN_ROLLED_BACK);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), 2);
  assert_int_equal(lab_commands(lab, COMMAND_ACT, SHELVES_OFF, NONE_INDEX), 4);
  lab_free(lab);
}

/* ---- the way there and the way back ---- */

typedef struct Trip { bool attempt, hard, fits; uint32_t at_once, tolerated, starts; } Trip;

/* Nodes go down, one every 4 minutes, and may take 5; on the way back they come up one after the other, and take 2 seconds, or 5
 * minutes when they are slow. The window is open for 12 minutes and 10 seconds. */
static Lab *there_and_back(const Trip *t, const Opening *open) {
  Lab *lab = lab_new(4, 1);
  uint32_t slow = lab_limit(lab, LIMIT_RULE_PER_TIME, 1, 4 * MIN, NONE_INDEX);
  lab_limit(lab, LIMIT_RULE_AT_ONCE, t->at_once, 0, NONE_INDEX);
  lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){slow, 2}, (Slice){lab_tolerance(lab, t->tolerated, NODE), 1}, false);
  if (t->attempt) lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 0}, (Slice){0, 0}, false);
  lab_call(lab, SHUT_DOWN);
  if (t->attempt) lab_call(lab, POWER_ON);
  if (t->attempt) build_row(lab->build, attempts, (&(AttemptRow){.line = 7}));
  lab_code(lab, t->attempt ? "ATTEMPT 0\n FAN 0\n ATTEMPT_END 0\n undo: FAN 1\n UNDO_END 0" : "FAN 0");
  lab_code(lab, "behind: HALT\n down: SLOT 0\n ACT 0\n MEMBER_DONE");
  if (t->attempt) lab_code(lab, "up: SLOT 0\n ACT 1\n MEMBER_DONE");
  Program *p = build_program(lab->build);
  if (t->attempt) p->attempts[0] = (AttemptRow){.undo = lab_place(lab, "undo"), .end = lab_place(lab, "behind"), .line = 7};
  p->fans[0].body = lab_place(lab, "down");
  if (t->attempt) p->fans[1].body = lab_place(lab, "up");
  p->fans[0].fits = t->fits;
  lab->frozen.window_hard = t->hard;
  lab->frozen.openings = open;
  lab->frozen.opening_count = 1;
  return lab;
}

static void a_hard_end_leaves_room_for_the_way_back(void **state) {
  (void)state;
  static const Trip trips[] = {
      {.attempt = false, .hard = true, .at_once = 1, .starts = 2}, /* until 7:10 */
      {.attempt = true, .hard = true, .at_once = 1, .starts = 1},  /* until 2:10 */
      {.attempt = true, .hard = true, .at_once = 2, .starts = 1},  /* two may be on the way, and one of them is slow: until 2:08 */
      {.attempt = true, .hard = true, .at_once = 2, .tolerated = 1, .starts = 1},
      {.attempt = true, .hard = true, .at_once = 2, .tolerated = 2, .starts = 0}, /* both are: 5 there and 2 x 5 back */
      {.attempt = true, .hard = false, .at_once = 2, .starts = 4},
      {.attempt = true, .hard = true, .fits = true, .at_once = 2, .starts = 2}, /* says by itself what has to fit */
  };
  Opening open = {.open = T0, .close = T0 + 12 * MIN + 10 * SEC};
  for (size_t i = 0; i < sizeof trips / sizeof *trips; i++) {
    Lab *lab = there_and_back(&trips[i], &open);
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, SHUT_DOWN, NONE_INDEX), trips[i].starts);
    for (uint32_t n = 0; n < 4; n++) assert_int_equal(lab_member(lab, NODE, n), n < trips[i].starts ? MEMBER_DONE : MEMBER_KEPT_OUT);
    lab_free(lab);
  }
}

/* ---- clocks that jump ---- */

#define HOUR (60 * MIN)
#define DAILY 0x7f

typedef struct Night {
  const char *zone;
  uint8_t days;
  int32_t from, to;      /* of the window, ms of the local day */
  int year, month, day;  /* UTC midnight at which the run begins */
  uint32_t starts;       /* of its first opening: one every 10 minutes, and the last with 5 minutes left */
  const char *open, *close, *next;
} Night;

static const Night nights[] = {
    /* 02:00 to 03:00 does not exist: an hour and a half, of what looks like two and a half */
    {"America/New_York", DAILY, (int32_t)HOUR, (int32_t)(3 * HOUR + 30 * MIN), 2026, 3, 8, 9,
     "2026-03-08 01:00:00 EST", "2026-03-08 03:30:00 EDT", "2026-03-09 01:00:00 EDT"},
    /* its begin does not exist: the first instant after the gap */
    {"America/New_York", DAILY, (int32_t)(2 * HOUR + 30 * MIN), (int32_t)(4 * HOUR), 2026, 3, 8, 6,
     "2026-03-08 03:00:00 EDT", "2026-03-08 04:00:00 EDT", "2026-03-09 02:30:00 EDT"},
    /* 01:00 to 02:00 comes twice: from the first 01:00 to the second 01:30 */
    {"America/New_York", DAILY, (int32_t)HOUR, (int32_t)(HOUR + 30 * MIN), 2026, 11, 1, 9,
     "2026-11-01 01:00:00 EDT", "2026-11-01 01:30:00 EST", "2026-11-02 01:00:00 EST"},
    /* over midnight into the day with the hour that comes twice, which ends in that hour */
    {"America/New_York", DAILY, (int32_t)(23 * HOUR), (int32_t)HOUR, 2026, 10, 31, 12,
     "2026-10-30 23:00:00 EDT", "2026-10-31 01:00:00 EDT", "2026-10-31 23:00:00 EDT"},
    {"America/New_York", 0x20, (int32_t)(23 * HOUR), (int32_t)HOUR, 2026, 10, 31, 18,
     "2026-10-31 23:00:00 EDT", "2026-11-01 01:00:00 EST", "2026-11-07 23:00:00 EST"},
    /* over midnight, from the leap day into March */
    {"Europe/Berlin", DAILY, (int32_t)(23 * HOUR), (int32_t)HOUR, 2028, 2, 29, 12,
     "2028-02-29 23:00:00 CET", "2028-03-01 01:00:00 CET", "2028-03-01 23:00:00 CET"},
    /* a zone without daylight saving time, seen from one that has it: nothing jumps */
    {"America/Phoenix", DAILY, (int32_t)(11 * HOUR), (int32_t)(12 * HOUR), 2026, 3, 8, 6,
     "2026-03-08 11:00:00 MST", "2026-03-08 12:00:00 MST", "2026-03-09 11:00:00 MST"},
};

static void shows(const Zone *z, int64_t t, const char *want) {
  Buf text = BUF_INIT;
  zone_format(z, t, &text);
  assert_string_equal(text.data, want);
  buf_done(&text);
}

/* A hard end: members that may take 5 minutes begin every 10, but none that would not be through. */
static Lab *paced(void) {
  Lab *lab = lab_new(3, 8);
  uint32_t slow = lab_limit(lab, LIMIT_RULE_PER_TIME, 1, 10 * MIN, NONE_INDEX);
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){slow, 1}, (Slice){0, 0}, false);
  lab_call(lab, SHUT_DOWN);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  lab->frozen.window_hard = 1;
  return lab;
}

static void a_run_is_parked_and_goes_on_with_the_next_opening(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof nights / sizeof *nights; i++) {
    const Night *n = &nights[i];
    Lab *lab = paced();
    const Zone *zone = zone_load(lab->arena, NULL, n->zone, diag_sink_new(lab->arena, NULL), (Span){0, 0});
    assert_non_null(zone);
    Window w = {.zone = zone, .days = n->days, .from = n->from, .to = n->to, .hard = true};
    int64_t start = date_to_days(n->year, n->month, n->day) * 24 * HOUR, t = start;
    Opening open[8];
    for (uint32_t k = 0; k < 8; t = open[k++].close) assert_true(window_next(&w, t, &open[k]));
    shows(zone, open[0].open, n->open);
    shows(zone, open[0].close, n->close);
    shows(zone, open[1].open, n->next);
    lab->frozen.openings = open;
    lab->frozen.opening_count = 8;
    lab->now = start;
    lab_start(lab);
    lab_until(lab, open[1].open - 1); /* parked: none is at work, all that began are through, the others stand where they stood */
    int64_t first = open[0].open > start ? open[0].open : start;
    uint32_t fit = (uint32_t)((open[0].close - 5 * MIN - first) / (10 * MIN)) + 1;
    if (first == open[0].open) assert_int_equal(fit, n->starts);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), fit);
    const Command *flights;
    assert_int_equal(engine_in_flight(lab->engine, &flights), 0);
    for (uint32_t m = 0; m < 24; m++) {
      assert_int_equal(lab_notes(lab, NOTE_MEMBER_END, NONE_INDEX, m), m < fit);
      assert_int_equal(lab_member(lab, NODE, m), MEMBER_IN); /* a claim of the run, also while nothing happens */
    }
    lab_until(lab, open[1].open);
    assert_int_equal(lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX), fit + 1);
    lab_ends(lab, RUN_COMPLETED);
    for (uint32_t m = 0; m < 24; m++) {
      int64_t at = lab_note(lab, NOTE_MEMBER_BEGIN, NONE_INDEX, m)->at;
      bool inside = false;
      for (uint32_t k = 0; k < 8; k++) inside = inside || (at >= open[k].open && at + 5 * MIN <= open[k].close);
      assert_true(inside);
    }
    lab_free(lab);
  }
}

/* ---- what the run itself does ---- */

/* Twenty minutes pass, then a lockout is taken; the window is open for ten, and again a day later. */
static void between_steps_nothing_is_locked_outside_of_it(void **state) {
  (void)state;
  static const Opening two[] = {{.open = T0, .close = T0 + 10 * MIN}, {.open = T0 + 24 * HOUR, .close = T0 + 24 * HOUR + 10 * MIN}};
  for (uint32_t openings = 0; openings <= 2; openings++) {
    Lab *lab = lab_new(1, 2);
    uint32_t nsd = NSD;
    lab_lockout(lab, &nsd, 1, lab_fact_is(lab, POWER, NODE, 4, ON));
    lab_code(lab, "INT 1200000\n WAIT\n LOCK 0\n UNLOCK 0\n HALT");
    lab->frozen.openings = two;
    lab->frozen.opening_count = openings;
    lab_start(lab);
    lab_until(lab, T0 + HOUR);
    assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), openings == 2 ? 0 : 2);
    assert_int_equal(lab_notes(lab, NOTE_WAITING, NONE_INDEX, NONE_INDEX), openings == 2);
    if (openings == 2) lab_resume(lab, MIN); /* a new process waits for the same opening */
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(lab_command(lab, COMMAND_LOCK, NONE_INDEX, 0)->issued, openings == 2 ? T0 + 24 * HOUR : T0 + 20 * MIN);
    lab_free(lab);
  }
}

static void an_abort_does_not_wait_for_it(void **state) {
  (void)state;
  static const Opening two[] = {{.open = T0, .close = T0 + 10 * MIN}, {.open = T0 + 24 * HOUR, .close = T0 + 24 * HOUR + 10 * MIN}};
  Lab *lab = lab_new(1, 2);
  uint32_t nsd = NSD;
  lab_lockout(lab, &nsd, 1, lab_fact_is(lab, POWER, NODE, 4, ON));
  lab_code(lab, "INT 1200000\n WAIT\n LOCK 0\n UNLOCK 0\n HALT");
  lab->frozen.openings = two;
  lab->frozen.opening_count = 2;
  lab_start(lab);
  lab_until(lab, T0 + HOUR);
  lab_control(lab, CONTROL_CANCEL);
  assert_int_equal(engine_outcome(lab->engine), RUN_CANCELLED);
  assert_int_equal(lab_commands(lab, COMMAND_LOCK, NONE_INDEX, NONE_INDEX), 0);
  lab_free(lab);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(when_some_were_kept_out_nothing_shorter_begins),
      cmocka_unit_test(the_way_back_begins_whoever_was_kept_out),
      cmocka_unit_test(a_hard_end_leaves_room_for_the_way_back),
      cmocka_unit_test(a_run_is_parked_and_goes_on_with_the_next_opening),
      cmocka_unit_test(between_steps_nothing_is_locked_outside_of_it),
      cmocka_unit_test(an_abort_does_not_wait_for_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
