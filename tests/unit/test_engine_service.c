/* Services with so many places: members that do not answer give theirs up and count apart, so that a few dead ones starve
 * nobody; neither count is ever exceeded, also not after a crash. */
#include <config.h>

#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ORDINARY (2 * SEC)  /* the longest that the lab's actions ordinarily take */
#define DEADLINE (5 * MIN)
#define GIVEN_UP (DEADLINE + 30 * SEC)

/* Every node of 13 racks goes through a service of 4 at once; of those that do not answer there may be `overdue`. */
static Lab *through(uint32_t action, uint32_t overdue, LabRule *rule) {
  Lab *lab = lab_new(13, 8);
  lab_limit(lab, LIMIT_RULE_ALL, 0, 0, NONE_INDEX);
  uint32_t fan = lab_fan(lab, NODE, 0, lab_set(lab, NODES, 0), (Slice){0, 1}, (Slice){0, 0}, true);
  lab_call(lab, action);
  build_program(lab->build)->services[0].in_flight = 4;
  build_program(lab->build)->services[0].overdue = overdue;
  build_program(lab->build)->actions[action].services = build_list(lab->build, &(uint32_t){0}, 1);
  lab_code(lab, "FAN 0\n HALT\n body: SLOT 0\n ACT 0\n MEMBER_DONE");
  build_program(lab->build)->fans[fan].body = lab_place(lab, "body");
  lab->rule = rule;
  return lab;
}

/* knob 0: nodes below it are dead; knob 1: what is sent from then on is answered all the same */
static void some_are_dead(Lab *lab, const Command *c, Fate *f) {
  if (c->kind != COMMAND_ACT || c->entity >= (uint32_t)lab->knob[0] || (lab->knob[1] && c->issued >= lab->knob[1])) return;
  f->answers = false;
  f->lands = false;
}

static uint32_t sent(const Lab *lab) { return lab_commands(lab, COMMAND_ACT, NONE_INDEX, NONE_INDEX); }

static uint32_t ended(const Lab *lab, Outcome outcome) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < lab->notes.len; i++) n += lab->notes.items[i].kind == NOTE_ACTION_END && lab->notes.items[i].value == outcome;
  return n;
}

/* 4 dead nodes in a service of 4 at once: without a bound of its own for them nobody else gets in before their deadline. */
static void four_dead_nodes_starve_a_service_that_counts_them(void **state) {
  (void)state;
  Lab *lab = through(DRAIN, 0, some_are_dead);
  lab->knob[0] = 4;
  lab_start(lab);
  lab_until(lab, T0 + GIVEN_UP - 1);
  assert_int_equal(sent(lab), 4);
  assert_int_equal(ended(lab, OUT_OK), 0);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(ended(lab, OUT_OK), 100);
  lab_free(lab);
}

static void four_dead_nodes_do_not_starve_a_hundred_healthy_ones(void **state) {
  (void)state;
  Lab *lab = through(DRAIN, 5, some_are_dead);
  lab->knob[0] = 4;
  lab_start(lab);
  lab_until(lab, T0 + ORDINARY - 1);
  assert_int_equal(sent(lab), 4);
  lab_until(lab, T0 + ORDINARY);
  assert_int_equal(sent(lab), 8);
  assert_int_equal(lab_notes(lab, NOTE_WAITING, DRAIN, NONE_INDEX), 4); /* each is told of */
  lab_until(lab, T0 + ORDINARY + 25 * ORDINARY); /* 100 nodes in 25 rounds */
  assert_int_equal(ended(lab, OUT_OK), 100);
  assert_int_equal(ended(lab, OUT_UNKNOWN), 0);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(ended(lab, OUT_UNKNOWN), 4);
  assert_true(lab->now >= T0 + GIVEN_UP);
  lab_free(lab);
}

/* The bound: as many as are overdue when it is reached, and then nobody until one of them is answered or given up. */
static void beyond_the_bound_nothing_starts(void **state) {
  (void)state;
  Lab *lab = through(DRAIN, 6, some_are_dead);
  lab->knob[0] = 104;
  lab_start(lab);
  lab_until(lab, T0 + ORDINARY);
  assert_int_equal(sent(lab), 8);
  lab_until(lab, T0 + GIVEN_UP - 1);
  assert_int_equal(sent(lab), 9); /* five were overdue when the last one started, and with it four were at work */
  lab_until(lab, T0 + GIVEN_UP);
  assert_int_equal(sent(lab), 13); /* 4 were given up, 5 are overdue: 4 places */
  lab_free(lab);
}

/* A late answer is an answer, and makes room. */
static void late(Lab *lab, const Command *c, Fate *f) {
  (void)lab;
  if (c->kind == COMMAND_ACT) f->delay = 10 * ORDINARY;
}

static void an_answer_that_comes_late_counts(void **state) {
  (void)state;
  Lab *lab = through(DRAIN, 1, late);
  lab_start(lab);
  lab_until(lab, T0 + 10 * ORDINARY - 1);
  assert_int_equal(sent(lab), 4); /* the bound is reached at once */
  lab_until(lab, T0 + 10 * ORDINARY);
  assert_int_equal(sent(lab), 8);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(ended(lab, OUT_OK), 104);
  lab_free(lab);
}

/* No call is overdue that has no time beyond the ordinary. */
static void a_deadline_within_the_ordinary_time_holds_its_place(void **state) {
  (void)state;
  Lab *lab = through(DRAIN, 4, some_are_dead);
  CodeRef within = lab_number(lab, ORDINARY);
  build_program(lab->build)->calls[0].within = within;
  lab->knob[0] = 4;
  lab_start(lab);
  lab_until(lab, T0 + ORDINARY + 30 * SEC - 1);
  assert_int_equal(sent(lab), 4);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(ended(lab, OUT_OK), 100);
  lab_free(lab);
}

/* ---- after a crash ---- */

/* What worked is sent again and works again: its place is not given to another before its time has run anew. */
static void resumed(uint32_t action) {
  Lab *lab = through(action, 50, some_are_dead);
  lab->knob[0] = 4;
  lab_start(lab);
  lab_until(lab, T0 + SEC / 2);
  assert_int_equal(sent(lab), 4);
  lab_resume(lab, 20 * MIN);
  int64_t again = lab->now;
  lab_until(lab, again + ORDINARY - 1);
  assert_int_equal(sent(lab), 8); /* the same four once more */
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(lab_command(lab, COMMAND_ACT, action, i)->again, 1);
  lab_until(lab, again + MIN);
  assert_true(sent(lab) >= 8 + 100);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}
static void what_is_sent_again_holds_its_place_anew(void **state) {
  (void)state;
  resumed(DRAIN);
}
static void what_was_looked_at_and_sent_again_holds_its_place_anew(void **state) {
  (void)state;
  resumed(SHUT_DOWN);
}

static void what_was_overdue_stays_so_after_a_crash(void **state) {
  (void)state;
  Lab *lab = through(DRAIN, 1, some_are_dead);
  lab->knob[0] = 104;
  lab_start(lab);
  lab_until(lab, T0 + MIN);
  assert_int_equal(sent(lab), 4);
  lab->knob[1] = lab->now + 1; /* what is sent from now on is answered */
  lab_resume(lab, MIN);
  assert_int_equal(sent(lab), 8); /* sent again, and nobody beside them */
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(ended(lab, OUT_OK), 104);
  lab_free(lab);
}

/* A person who is asked what became of it does not hold the others up. */
static void a_question_holds_nobody_up(void **state) {
  (void)state;
  Lab *lab = through(POWER_OFF, 50, some_are_dead);
  lab->knob[0] = 4;
  lab_start(lab);
  lab_until(lab, T0 + SEC / 2);
  lab->rule = some_are_dead;
  lab_resume(lab, 20 * MIN);
  int64_t again = lab->now;
  lab_until(lab, again + 5 * MIN);
  assert_true(sent(lab) >= 104);
  lab_ends(lab, RUN_COMPLETED);
  lab_free(lab);
}

/* ---- whatever happens ---- */

static void random_fate(Lab *lab, const Command *c, Fate *f) {
  if (c->kind != COMMAND_ACT) return;
  uint64_t h = ((uint64_t)c->entity + 1) * ((uint64_t)lab->knob[0] * 2 + 1) * UINT64_C(6364136223846793005);
  h ^= h >> 29;
  f->delay = (int64_t)(h % 7) * SEC;
  f->answers = h % 5 != 0;
  f->outcome = h % 11 == 0 ? OUT_FAILED : OUT_OK;
}

static int64_t closed_at(const Lab *lab, const Command *c) {
  for (uint32_t i = 0; i < lab->fed.len; i++)
    if (lab->fed.items[i].kind == EVENT_OUTCOME && lab->fed.items[i].command == c->id) return lab->fed.items[i].at;
  return c->deadline + 30 * SEC;
}

/* Counted from what went out and came back, not from the engine's own numbers: beside what is overdue at most 4 are at work,
 * and nothing starts while as many as there may be are overdue. What happens in the same instant may be before or after. */
static void assert_counts(const Lab *lab, uint32_t most) {
  for (uint32_t i = 0; i < lab->commands.len; i++) {
    const Command *start = &lab->commands.items[i];
    uint32_t working = 0, overdue = 0;
    if (start->kind != COMMAND_ACT) continue;
    for (uint32_t k = 0; k < i; k++) {
      const Command *c = &lab->commands.items[k];
      if (c->kind != COMMAND_ACT || closed_at(lab, c) <= start->issued) continue;
      overdue += start->issued - c->issued > ORDINARY;
      working += start->issued - c->issued < ORDINARY;
    }
    assert_true(working < 4);
    assert_true(overdue < most);
  }
}

static void neither_count_is_ever_exceeded(void **state) {
  (void)state;
  for (uint32_t seed = 1; seed <= 40; seed++) {
    uint32_t most = 1 + seed % 7;
    Lab *lab = through(LEARN, most, random_fate);
    lab->knob[0] = seed;
    lab_start(lab);
    lab_ends(lab, RUN_COMPLETED);
    assert_int_equal(sent(lab), 104);
    assert_counts(lab, most);
    lab_free(lab);
  }
}

/* ---- places of their own for each rack ---- */

/* 2 places per rack, of 8 nodes; amount: so many calls a minute in all, 0: no such rate. */
static Lab *per_rack(uint32_t overdue, uint32_t amount, LabRule *rule) {
  Lab *lab = through(LEARN, overdue, rule);
  ServiceRow *row = &build_program(lab->build)->services[0];
  row->in_flight = 2;
  row->group = RACK;
  row->amount = amount;
  row->per = amount ? MIN : 0;
  return lab;
}

static void each_rack_has_its_own_places(void **state) {
  (void)state;
  Lab *lab = per_rack(2, 0, some_are_dead);
  lab->knob[0] = 2; /* both places of the first rack */
  lab_start(lab);
  lab_until(lab, T0 + SEC / 2);
  assert_int_equal(sent(lab), 26);
  lab_until(lab, T0 + MIN);
  assert_int_equal(ended(lab, OUT_OK), 97); /* of the first rack the one that came in between its two that are silent */
  Binding b[4];
  assert_int_equal(engine_bindings(lab->engine, b, 4), 1);
  assert_true(b[0].service == 0 && b[0].group == RACK && b[0].rule == BIND_OVERDUE && b[0].waiting == 5);
  lab_ends(lab, RUN_COMPLETED);
  assert_int_equal(ended(lab, OUT_OK), 102);
  lab_free(lab);
}

/* As assert_counts, of each rack by itself; and over all so many in any minute. */
static void assert_rack_counts(const Lab *lab, uint32_t most, uint32_t amount) {
  for (uint32_t i = 0; i < lab->commands.len; i++) {
    const Command *start = &lab->commands.items[i];
    uint32_t working = 0, overdue = 0, lately = 0;
    if (start->kind != COMMAND_ACT) continue;
    for (uint32_t k = 0; k < i; k++) {
      const Command *c = &lab->commands.items[k];
      if (c->kind != COMMAND_ACT) continue;
      lately += start->issued - c->issued < MIN;
      if (c->entity / 8 != start->entity / 8 || closed_at(lab, c) <= start->issued) continue;
      overdue += start->issued - c->issued > ORDINARY;
      working += start->issued - c->issued < ORDINARY;
    }
    assert_true(working < 2);
    assert_true(overdue < most);
    assert_true(!amount || lately < amount);
  }
}

static void no_group_ever_has_more_than_its_own(void **state) {
  (void)state;
  for (uint32_t seed = 1; seed <= 24; seed++) {
    uint32_t most = 1 + seed % 3, amount = seed % 2 ? 0 : 5 + seed % 7;
    Lab *lab = per_rack(most, amount, random_fate);
    lab->knob[0] = seed;
    lab_start(lab);
    if (seed % 4 == 0) {
      lab_until(lab, T0 + 2 * MIN);
      lab_resume(lab, 3 * MIN);
    }
    lab_ends(lab, RUN_COMPLETED);
    assert_true(sent(lab) >= 104);
    if (seed % 4) assert_rack_counts(lab, most, amount);
    lab_free(lab);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(four_dead_nodes_starve_a_service_that_counts_them),
      cmocka_unit_test(four_dead_nodes_do_not_starve_a_hundred_healthy_ones),
      cmocka_unit_test(beyond_the_bound_nothing_starts),
      cmocka_unit_test(an_answer_that_comes_late_counts),
      cmocka_unit_test(a_deadline_within_the_ordinary_time_holds_its_place),
      cmocka_unit_test(what_is_sent_again_holds_its_place_anew),
      cmocka_unit_test(what_was_looked_at_and_sent_again_holds_its_place_anew),
      cmocka_unit_test(what_was_overdue_stays_so_after_a_crash),
      cmocka_unit_test(a_question_holds_nobody_up),
      cmocka_unit_test(neither_count_is_ever_exceeded),
      cmocka_unit_test(each_rack_has_its_own_places),
      cmocka_unit_test(no_group_ever_has_more_than_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
