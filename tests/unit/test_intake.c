/* The queue of incidents: one per key, decided once, whoever asks; what is counted over a rolling day; and a process that is
 * killed between any two steps. The clock is an argument, the processes are real. */
#include <config.h>

#include "runtime/intake.h"
#include "tests/unit/folder.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1767639600000)
#define HOUR INT64_C(3600000)

#define QUEUE "incidents/queue.db"

static Intake *opened(void) {
  Buf why = BUF_INIT;
  Intake *in = NULL;
  if (intake_open(folder_path(QUEUE), &in, &why) < 0) fail_msg("%s", why.data);
  buf_done(&why);
  return in;
}

/* Brings an incident; its id. */
static uint64_t bring(Intake *in, const char *key, int64_t at) {
  Arrival a = {.name = "nvlink", .key = key, .content = "{}", .way = "by ann", .at = at};
  uint64_t id = 0;
  assert_int_equal(intake_receive(in, &a, &id), 1);
  return id;
}

static const DeskLimits limits = {.at_once = 2, .per_member = 2, .per = 24 * HOUR, .join = 2 * HOUR, .otherwise = true};
static const DeskLimits no_joining = {.at_once = 2, .per_member = 2, .per = 24 * HOUR, .otherwise = true};

static Incident decided(Intake *in, uint64_t id, const char *member, const DeskLimits *l, int64_t now) {
  Incident i = {0};
  assert_true(intake_decide(in, id, member, l, now, arena_printf(folder_arena, "run-%llu", (unsigned long long)id), folder_arena, &i) >= 0);
  return i;
}

static int ended(Intake *in, uint64_t id, int64_t now, bool done, bool acted) {
  return intake_end(in, id, &(IncidentEnd){now, done, acted, done ? "completed" : "ended: no logs attached"});
}

static Incident now_is(Intake *in, uint64_t id) {
  Incident i = {0};
  assert_int_equal(intake_get(in, id, folder_arena, &i), 1);
  return i;
}

static uint32_t count(Intake *in, IncidentsWanted wanted) {
  IncidentList all;
  assert_int_equal(intake_list(in, "nvlink", wanted, 0, folder_arena, &all), 0);
  return all.count;
}

static void a_key_stands_for_one_incident(void **state) {
  (void)state;
  Intake *in = opened(), *other = opened();
  Arrival a = {.name = "nvlink", .key = "T-1", .content = "{\"node\":\"b1\"}", .way = "by ann", .at = NOW};
  uint64_t id = 0, again = 0;
  assert_int_equal(intake_receive(in, &a, &id), 1);
  a.at++, a.way = "by bob";
  assert_int_equal(intake_receive(other, &a, &again), 0);
  assert_int_equal(again, id);
  a.content = "{\"node\":\"b2\"}";
  again = 0;
  assert_int_equal(intake_receive(other, &a, &again), -EEXIST);
  assert_int_equal(again, id);
  a.content = "{\"node\":\"b1\"}", a.name = "leak";
  assert_int_equal(intake_receive(other, &a, &again), -EEXIST);
  Incident i = now_is(other, id);
  assert_string_equal(i.way, "by ann");
  assert_int_equal(i.state, INCIDENT_RECEIVED);
  assert_int_equal(count(in, INCIDENTS_ALL), 1);
  intake_close(in);
  intake_close(other);
}

static void two_of_one_node_at_once_are_one_run(void **state) {
  (void)state;
  Intake *in = opened();
  uint64_t a = bring(in, "a", NOW), b = bring(in, "b", NOW);
  Incident first = decided(in, a, "n1", &limits, NOW), second = decided(in, b, "n1", &limits, NOW);
  assert_int_equal(first.state, INCIDENT_STARTED);
  assert_string_equal(first.run, "run-1");
  assert_int_equal(second.state, INCIDENT_JOINED);
  assert_int_equal(second.leader, a);
  assert_string_equal(second.run, "run-1");
  assert_int_equal(count(in, INCIDENTS_UNTOLD), 1); /* its run has begun, and is to hear of it */
  assert_int_equal(decided(in, a, "n1", &limits, NOW + HOUR).begun, NOW); /* what is decided stays so */
  intake_close(in);
}

static void two_handles_decide_once(void **state) {
  (void)state;
  Intake *in = opened(), *other = opened();
  uint64_t a = bring(in, "a", NOW);
  Incident i;
  assert_int_equal(intake_decide(in, a, "n1", &limits, NOW, "one", folder_arena, &i), 1);
  assert_int_equal(intake_decide(other, a, "n1", &limits, NOW, "two", folder_arena, &i), 0);
  assert_string_equal(i.run, "one");
  intake_close(in);
  intake_close(other);
}

static bool count_told(void *ctx) { return ++*(uint32_t *)ctx > 0; }
static bool not_now(void *ctx) { return (void)ctx, false; }

static void room_that_is_freed_goes_to_who_waits_longest(void **state) {
  (void)state;
  Intake *in = opened();
  uint64_t a = bring(in, "a", NOW), b = bring(in, "b", NOW), c = bring(in, "c", NOW), d = bring(in, "d", NOW);
  assert_int_equal(decided(in, a, "n1", &limits, NOW).state, INCIDENT_STARTED);
  assert_int_equal(decided(in, b, "n2", &limits, NOW).state, INCIDENT_STARTED);
  Incident i = decided(in, c, "n3", &limits, NOW);
  assert_int_equal(i.state, INCIDENT_WAITING);
  assert_string_equal(i.why, "2 of at most 2 runs go on");
  assert_int_equal(decided(in, d, "n3", &limits, NOW).state, INCIDENT_JOINED); /* of one that waits itself */
  assert_string_equal(now_is(in, d).run, "");
  assert_int_equal(count(in, INCIDENTS_UNTOLD), 0); /* there is nobody to tell yet */
  assert_int_equal(intake_decide(in, c, "n3", &limits, NOW, "x", folder_arena, &i), 0); /* nothing has changed */
  assert_int_equal(ended(in, a, NOW + 1, true, true), 1);
  assert_int_equal(ended(in, a, NOW + 2, true, true), 0);
  i = decided(in, c, "n3", &limits, NOW + 1);
  assert_int_equal(i.state, INCIDENT_STARTED);
  assert_int_equal(i.begun, NOW + 1);
  assert_string_equal(now_is(in, d).run, "run-3");
  assert_int_equal(count(in, INCIDENTS_UNTOLD), 1);
  uint32_t told = 0;
  assert_int_equal(intake_tell(in, d, not_now, &told), 0);
  assert_int_equal(intake_tell(in, d, count_told, &told), 1);
  assert_int_equal(intake_tell(in, d, count_told, &told), 0);
  assert_int_equal(told, 1);
  assert_int_equal(count(in, INCIDENTS_UNTOLD), 0);
  assert_int_equal(count(in, INCIDENTS_GOING), 2);
  assert_int_equal(count(in, INCIDENTS_TO_DECIDE), 0);
  intake_close(in);
}

/* A run of the node, from its incident to its end. */
static Incident one_run(Intake *in, const char *key, int64_t now, const DeskLimits *l) {
  Incident i = decided(in, bring(in, key, now), "n1", l, now);
  if (i.state == INCIDENT_STARTED) assert_int_equal(ended(in, i.id, now + 1, true, true), 1);
  return i;
}

static void the_third_in_a_rolling_day_goes_the_other_way(void **state) {
  (void)state;
  Intake *in = opened();
  DeskLimits no_other = no_joining;
  no_other.otherwise = false;
  assert_false(one_run(in, "a", NOW, &no_joining).over);
  assert_false(one_run(in, "b", NOW + 20 * HOUR, &no_joining).over);
  Incident refused = one_run(in, "c", NOW + 24 * HOUR - 1, &no_other);
  assert_int_equal(refused.state, INCIDENT_REFUSED);
  assert_non_null(strstr(refused.why, "2 runs about n1"));
  assert_true(one_run(in, "d", NOW + 24 * HOUR - 1, &no_joining).over);
  assert_true(one_run(in, "e", NOW + 24 * HOUR, &no_joining).over); /* a has left the day, d counts */
  assert_false(one_run(in, "f", NOW + 72 * HOUR, &no_joining).over);
  assert_int_equal(decided(in, bring(in, "g", NOW + 72 * HOUR), "n2", &no_joining, NOW + 72 * HOUR).over, false); /* another node */
  intake_close(in);
}

static void a_run_that_could_not_begin_waits_and_does_not_count(void **state) {
  (void)state;
  Intake *in = opened();
  uint64_t a = bring(in, "a", NOW);
  decided(in, a, "n1", &limits, NOW);
  assert_int_equal(intake_wait(in, a, "other-run", "run other-run works on n1"), 1);
  assert_int_equal(intake_wait(in, a, "other-run", "again"), 0);
  Incident i = now_is(in, a);
  assert_int_equal(i.state, INCIDENT_WAITING);
  assert_string_equal(i.blocker, "other-run");
  assert_string_equal(i.run, "");
  assert_int_equal(i.begun, 0);
  i = decided(in, a, "n1", &limits, NOW + HOUR);
  assert_int_equal(i.state, INCIDENT_STARTED);
  assert_string_equal(i.blocker, "");
  assert_int_equal(intake_refuse(in, a, "the inventory has no Node of that name"), 1);
  assert_int_equal(intake_refuse(in, a, "again"), 0);
  assert_false(decided(in, bring(in, "b", NOW), "n1", &no_joining, NOW + HOUR).over);
  intake_close(in);
}

static void a_run_that_failed_is_joined_by_nobody(void **state) {
  (void)state;
  Intake *in = opened();
  uint64_t a = bring(in, "a", NOW);
  decided(in, a, "n1", &limits, NOW);
  assert_int_equal(ended(in, a, NOW + 1, false, false), 1);
  assert_int_equal(decided(in, bring(in, "b", NOW + HOUR), "n1", &limits, NOW + HOUR).state, INCIDENT_STARTED);
  intake_close(in);
}

static void a_run_that_did_nothing_does_not_count(void **state) {
  (void)state;
  Intake *in = opened();
  for (char key[] = "a"; *key < 'f'; ++*key) {
    Incident i = decided(in, bring(in, key, NOW), "n1", &no_joining, NOW);
    assert_false(i.over);
    assert_int_equal(ended(in, i.id, NOW, false, false), 1);
  }
  assert_false(one_run(in, "x", NOW, &no_joining).over);
  assert_false(one_run(in, "y", NOW, &no_joining).over);
  assert_true(one_run(in, "z", NOW, &no_joining).over);
  intake_close(in);
}

static void forget(Intake *in, int64_t before, uint32_t most, int want) { assert_int_equal(intake_forget(in, "nvlink", before, most), want); }

static void collect(void *ctx, const char *content) {
  assert_string_equal(content, "{}");
  ++*(uint32_t *)ctx;
}

static void what_is_over_is_forgotten_and_nothing_else(void **state) {
  (void)state;
  Intake *in = opened();
  uint64_t leader = bring(in, "1", NOW), early = bring(in, "2", NOW), late = bring(in, "3", NOW + HOUR), wrong = bring(in, "4", NOW), open = bring(in, "5", NOW);
  uint32_t left = 0, seen = 0;
  decided(in, leader, "n1", &limits, NOW);
  decided(in, early, "n1", &limits, NOW);
  decided(in, late, "n1", &limits, NOW + HOUR);
  decided(in, open, "n2", &limits, NOW);
  assert_int_equal(intake_refuse(in, wrong, "no such node"), 1);
  forget(in, NOW + 10 * HOUR, 100, 1); /* what was refused; the run goes on, and so do those that joined it */
  assert_int_equal(ended(in, leader, NOW + 2 * HOUR, true, true), 1);
  forget(in, NOW + HOUR, 100, 0);     /* it ended later */
  forget(in, NOW, 100, 0);
  Incident i = now_is(in, late);
  assert_string_equal(i.run, "run-1");
  assert_int_equal(intake_forget(in, "another", NOW + 10 * HOUR, 100), 0);
  forget(in, NOW + 10 * HOUR, 2, 2);
  forget(in, NOW + 10 * HOUR, 2, 1);
  forget(in, NOW + 10 * HOUR, 2, 0);
  assert_int_equal(intake_contents(in, collect, &seen), 0);
  left = count(in, INCIDENTS_ALL);
  assert_int_equal(left, 1);
  assert_int_equal(seen, 1);
  assert_int_equal(now_is(in, open).state, INCIDENT_STARTED);
  assert_true(bring(in, "1", NOW) > open); /* its key is free again, its number is not */
  intake_close(in);
}

/* ---- killed between any two steps ---- */

/* A desk of its own process: takes every step there is, and is killed after `steps` of them. */
static void desk_process(int steps) {
  Intake *in = opened();
  IncidentList all;
  for (char key[] = "a"; *key < 'g'; ++*key) {
    Arrival a = {.name = "nvlink", .key = key, .content = "{}", .way = "test", .at = NOW};
    uint64_t id;
    intake_receive(in, &a, &id);
    if (steps-- == 0) kill(getpid(), SIGKILL);
  }
  for (int round = 0; round < 4; round++) {
    intake_list(in, "nvlink", INCIDENTS_TO_DECIDE, 0, folder_arena, &all);
    for (uint32_t i = 0; i < all.count; i++) {
      decided(in, all.items[i].id, arena_printf(folder_arena, "n%llu", (unsigned long long)all.items[i].id % 3), &limits, NOW);
      if (steps-- == 0) kill(getpid(), SIGKILL);
    }
    intake_list(in, "nvlink", INCIDENTS_GOING, 0, folder_arena, &all);
    for (uint32_t i = 0; i < all.count; i++) {
      ended(in, all.items[i].id, NOW, true, true);
      if (steps-- == 0) kill(getpid(), SIGKILL);
    }
  }
  _exit(0);
}

static bool survives(int steps) {
  int status;
  pid_t child = fork();
  if (child == 0) desk_process(steps);
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status);
}

static void killed_at_each_step_nothing_is_lost_or_doubled(void **state) {
  (void)state;
  bool through = false;
  for (int steps = 0; !through; steps++) {
    assert_in_range(steps, 0, 60);
    unlink(folder_path(QUEUE));
    assert_true(steps == 0 || !survives(steps - 1) || (through = true)); /* killed once, at this step */
    assert_true(survives(1000));                                          /* and begun again */
    Intake *in = opened();
    IncidentList all;
    uint32_t runs = 0, joined = 0;
    assert_int_equal(intake_list(in, "nvlink", INCIDENTS_ALL, 0, folder_arena, &all), 0);
    for (uint32_t i = 0; i < all.count; i++) runs += all.items[i].state == INCIDENT_ENDED, joined += all.items[i].state == INCIDENT_JOINED;
    assert_int_equal(all.count, 6);
    assert_int_equal(runs, 3); /* one for each node */
    assert_int_equal(joined, 3);
    intake_close(in);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      folder_test(a_key_stands_for_one_incident),
      folder_test(two_of_one_node_at_once_are_one_run),
      folder_test(two_handles_decide_once),
      folder_test(room_that_is_freed_goes_to_who_waits_longest),
      folder_test(the_third_in_a_rolling_day_goes_the_other_way),
      folder_test(a_run_that_could_not_begin_waits_and_does_not_count),
      folder_test(a_run_that_failed_is_joined_by_nobody),
      folder_test(a_run_that_did_nothing_does_not_count),
      folder_test(what_is_over_is_forgotten_and_nothing_else),
      folder_test(killed_at_each_step_nothing_is_lost_or_doubled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
