/* What all runs have lost: counted in the fleet, in one of a kind, on a day; who is at work counts for the others; nothing is counted twice,
 * nothing expires; processes that ask at once never start more than is tolerated. */
#include <config.h>

#include "runtime/ledger_losses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1767639600000) /* 2026-01-05 19:00 UTC, noon in Phoenix */
#define HOUR INT64_C(3600000)

static char folder[64], path[96];

static int set_up(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/tagout-losses.XXXXXX");
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/fleets/phx.db", folder);
  return 0;
}

static int tear_down(void **state) {
  char command[128];
  (void)state;
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command);
}

static Ledger *opened(void) {
  Buf why = BUF_INIT;
  Ledger *l = NULL;
  if (ledger_open(path, &l, &why) < 0) fail_msg("%s", why.data);
  buf_done(&why);
  return l;
}

/* Nodes 0 to 3 are in cluster A, the others in B. */
static LossUnit unit(uint32_t n) {
  static char names[8][8];
  static const Member within[2] = {{"Cluster", "A"}, {"Cluster", "B"}};
  snprintf(names[n], sizeof names[n], "n%u", n);
  return (LossUnit){{"Node", names[n]}, &within[n / 4], 1};
}

typedef struct Ask { const char *run; uint32_t node; int64_t amount, own; const char *cluster, *zone; bool look; int64_t at; uint64_t seq; } Ask;

static int ask(Ledger *l, Ask a) {
  char member[16];
  Buf why = BUF_INIT;
  snprintf(member, sizeof member, "Node:n%u", a.node);
  RiskQuestion q = {.run = a.run, .member = member, .unit = unit(a.node), .amount = a.amount, .own = a.own, .only_look = a.look, .seq = a.seq ? a.seq : 1,
                    .scope = {.kind = "Node", .plural = "nodes", .within = {a.cluster ? "Cluster" : "", a.cluster ? a.cluster : ""}, .day_zone = a.zone}};
  int r = ledger_risk(l, &q, a.at ? a.at : NOW, &why);
  assert_true(r >= 0);
  assert_true((r == RISK_MAY_START) == (why.len == 0)); /* who is refused hears why */
  buf_done(&why);
  return r;
}

static void lose(Ledger *l, const char *run, uint32_t node, uint64_t seq, int64_t at) {
  LossUnit u = unit(node);
  assert_int_equal(ledger_set_aside(l, run, seq, &u, 1, true, at), 0);
}

static void others_count_in_their_scope(void **state) {
  (void)state;
  Ledger *l = opened();
  assert_int_equal(ask(l, (Ask){"one", 0, .amount = 0}), RISK_MAY_START);
  lose(l, "two", 4, 5, NOW - 2 * HOUR);
  lose(l, "two", 5, 6, NOW - 13 * HOUR); /* yesterday in Phoenix, today in UTC */
  assert_int_equal(ask(l, (Ask){"one", 1, .amount = 1, .look = true}), RISK_PASSED);
  assert_int_equal(ask(l, (Ask){"one", 1, .amount = 2, .look = true}), RISK_MAY_START);
  assert_int_equal(ask(l, (Ask){"one", 1, .amount = 2, .own = 1, .look = true}), RISK_PASSED);
  assert_int_equal(ask(l, (Ask){"one", 1, .amount = 0, .cluster = "A", .look = true}), RISK_MAY_START);
  assert_int_equal(ask(l, (Ask){"one", 4, .amount = 1, .cluster = "B", .look = true}), RISK_PASSED);
  assert_int_equal(ask(l, (Ask){"one", 1, .amount = 1, .zone = "UTC", .look = true}), RISK_PASSED);
  assert_int_equal(ask(l, (Ask){"one", 1, .amount = 1, .zone = "America/Phoenix", .look = true}), RISK_MAY_START);
  assert_int_equal(ask(l, (Ask){"two", 4, .amount = 0, .look = true}), RISK_MAY_START); /* its own it counts itself */
  ledger_close(l);
}

static void whoever_is_at_work_counts_for_the_others(void **state) {
  (void)state;
  Ledger *l = opened();
  assert_int_equal(ask(l, (Ask){"one", 0, .amount = 1, .seq = 3}), RISK_MAY_START);
  assert_int_equal(ask(l, (Ask){"one", 1, .amount = 1, .seq = 4}), RISK_MAY_START); /* its own limits say how many it has */
  assert_int_equal(ask(l, (Ask){"two", 2, .amount = 1}), RISK_WAITS);
  assert_int_equal(ask(l, (Ask){"two", 2, .amount = 2}), RISK_MAY_START);
  assert_int_equal(ask(l, (Ask){"one", 3, .amount = 0}), RISK_WAITS);
  assert_int_equal(ask(l, (Ask){"three", 3, .amount = 0, .look = true}), RISK_MAY_START);
  assert_int_equal(ledger_through(l, "one", "Node:n0", 4), 0);
  assert_int_equal(ledger_through(l, "one", "Node:n1", 4), 0); /* said before it was asked for: of another turn */
  assert_int_equal(ask(l, (Ask){"three", 4, .amount = 1}), RISK_WAITS);
  assert_int_equal(ledger_end(l, "one"), 0);
  assert_int_equal(ask(l, (Ask){"three", 4, .amount = 1}), RISK_MAY_START);
  ledger_close(l);
}

static uint32_t lost_still;
static void count_lost(void *ctx, Member m, const char *run, int64_t at, bool still) {
  (void)ctx, (void)m, (void)run, (void)at;
  lost_still += still;
}

static uint32_t lost(Ledger *l) {
  lost_still = 0;
  assert_int_equal(ledger_aside_since(l, INT64_MIN, count_lost, NULL), 0);
  return lost_still;
}

static void a_loss_is_counted_once_and_ends_when_it_is_back(void **state) {
  (void)state;
  Ledger *l = opened();
  Member n2 = unit(2).member, n3 = unit(3).member;
  lose(l, "one", 2, 7, NOW);
  lose(l, "one", 2, 7, NOW); /* sent again by a run that was resumed */
  lose(l, "two", 2, 7, NOW);
  assert_int_equal(ask(l, (Ask){"three", 0, .amount = 1, .look = true}), RISK_MAY_START); /* one node, whoever has lost it */
  assert_int_equal(ledger_end(l, "one"), 0);
  assert_int_equal(lost(l), 2); /* an end gives nothing back */
  assert_int_equal(ledger_refund(l, n2, NOW, "three"), 1);
  assert_int_equal(ledger_refund(l, n2, NOW, "three"), 0);
  assert_int_equal(lost(l), 0);
  assert_int_equal(ask(l, (Ask){"three", 0, .amount = 1, .zone = "UTC", .look = true}), RISK_PASSED); /* on that day it was lost all the same */
  lose(l, "one", 3, 9, NOW);
  assert_int_equal(ledger_in_again(l, "one", 9, &n3, 1, false, NOW), 0);
  assert_int_equal(lost(l), 1); /* said before it was lost */
  assert_int_equal(ledger_in_again(l, "two", 10, &n3, 1, false, NOW), 0);
  assert_int_equal(lost(l), 1); /* another run's */
  assert_int_equal(ledger_in_again(l, "one", 10, &n3, 1, true, NOW), 0);
  assert_int_equal(lost(l), 0);
  ledger_close(l);
}

/* Eight processes, each of which starts one member, loses it, and asks again: the third that is lost is the last of all. */
static void processes_that_ask_at_once_lose_no_more_than_one_would(void **state) {
  (void)state;
  ledger_close(opened());
  for (uint32_t p = 0; p < 8; p++) {
    if (fork() > 0) continue;
    Ledger *l = opened();
    char run[8], member[16];
    int64_t own = 0;
    snprintf(run, sizeof run, "run%u", p);
    for (uint64_t seq = 1; seq < 2000; seq += 3) {
      int r = ask(l, (Ask){run, p, .amount = 2, .own = own, .zone = "UTC", .seq = seq});
      if (r == RISK_PASSED) _exit(0);
      if (r == RISK_WAITS) continue;
      LossUnit u = unit(p);
      snprintf(member, sizeof member, "Node:%s", u.member.name);
      if (ledger_set_aside(l, run, seq + 1, &u, 1, true, NOW) < 0 || ledger_through(l, run, member, seq + 2) < 0) _exit(1);
      own++;
    }
    _exit(2);
  }
  int status;
  while (wait(&status) > 0) assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
  Ledger *l = opened();
  assert_true(ask(l, (Ask){"judge", 0, .amount = 3, .zone = "UTC", .look = true}) == RISK_MAY_START);
  assert_true(ask(l, (Ask){"judge", 0, .amount = 2, .zone = "UTC", .look = true}) == RISK_PASSED);
  ledger_close(l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(others_count_in_their_scope, set_up, tear_down),
      cmocka_unit_test_setup_teardown(whoever_is_at_work_counts_for_the_others, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_loss_is_counted_once_and_ends_when_it_is_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown(processes_that_ask_at_once_lose_no_more_than_one_would, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("ledger_losses", tests, NULL, NULL);
}
