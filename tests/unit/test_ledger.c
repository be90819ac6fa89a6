/* The ledger: claims are exclusive, room is taken and given back, nothing expires, and processes that ask at once never get more
 * than there is. */
#include <config.h>

#include "tests/unit/ledger_case.h"

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

static const Member n1 = {"Node", "n1"}, n2 = {"Node", "n2"}, n3 = {"Node", "n3"};

static int permit(Ledger *l, const char *run, Member m, uint32_t at_once, uint32_t per_day, int64_t now) {
  BudgetLimits limits = {at_once, per_day, "America/Phoenix"};
  Buf why = BUF_INIT;
  int r = ledger_permit(l, run, m, &limits, now, &why);
  assert_true(r != 0 || why.len > 0); /* who refuses says why */
  buf_done(&why);
  return r;
}

static void a_member_is_claimed_once(void **state) {
  (void)state;
  Ledger *l = opened(), *other = opened();
  Arena *arena = arena_new();
  Conflict c = {0};
  assert_int_equal(ledger_claim(l, "a", "/runs/a", (Member[]){n1, n2, n1}, 3, NOW, arena, &c), 1);
  assert_int_equal(ledger_claim(l, "a", "/runs/a", (Member[]){n2, n3}, 2, NOW, arena, &c), 1); /* its own, and one more */
  assert_int_equal(ledger_claim(other, "b", "/runs/b", (Member[]){{"Node", "n0"}, n2, n3}, 3, NOW, arena, &c), 0);
  assert_string_equal(c.run, "a");
  assert_string_equal(c.dir, "/runs/a");
  assert_int_equal(c.count, 2);
  assert_int_equal(ledger_claim(other, "c", "/runs/c", (Member[]){{"Node", "n0"}}, 1, NOW, arena, &c), 1); /* b took nothing */
  assert_int_equal(ledger_claim(other, "b", "/runs/b", (Member[]){{"Rack", "n1"}}, 1, NOW, arena, &c), 1); /* a rack of that name */
  assert_int_equal(ledger_end(l, "a"), 0);
  assert_int_equal(ledger_claim(other, "b", "/runs/b", (Member[]){n1, n2, n3}, 3, NOW, arena, &c), 1);
  arena_free(arena);
  ledger_close(l);
  ledger_close(other);
}

static void room_is_for_all_runs_together(void **state) {
  (void)state;
  Ledger *l = opened(), *other = opened();
  assert_int_equal(permit(l, "a", n1, 2, 0, NOW), 1);
  assert_int_equal(permit(l, "a", n1, 2, 0, NOW), 1); /* asked again after a crash: it is one */
  assert_int_equal(permit(other, "b", n2, 2, 0, NOW), 1);
  assert_int_equal(permit(other, "b", n3, 2, 0, NOW), 0);
  assert_int_equal(permit(other, "b", n3, 3, 0, NOW), 1); /* a runbook with a larger budget */
  assert_int_equal(ledger_end(l, "a"), 0);
  assert_int_equal(permit(other, "b", (Member){"Node", "n4"}, 3, 0, NOW + 1000 * HOUR), 0); /* an end and time give nothing back */
  assert_int_equal(ledger_refund(other, n1, NOW, "b"), 1); /* whoever brings it back */
  assert_int_equal(ledger_refund(other, n1, NOW, "b"), 0);
  assert_int_equal(permit(other, "b", (Member){"Node", "n4"}, 3, 0, NOW), 1);
  ledger_close(l);
  ledger_close(other);
}

/* A day is the local one of the zone that the runbook names. Who left and is back has left all the same. */
/* Asked for together with others that found no room: none of it leaves, however often they ask. */
static void what_did_not_leave_is_not_counted(void **state) {
  (void)state;
  Ledger *l = opened();
  for (int i = 0; i < 3; i++) {
    assert_int_equal(permit(l, "one", n1, 0, 2, NOW), 1);
    assert_int_equal(ledger_undo(l, "one", n1), 1);
    assert_int_equal(ledger_undo(l, "one", n1), 0);
  }
  assert_int_equal(permit(l, "one", n1, 0, 2, NOW), 1); /* it is in the day once */
  assert_int_equal(permit(l, "one", n2, 0, 2, NOW), 1);
  assert_int_equal(permit(l, "two", n1, 0, 2, NOW), 1); /* out already: it takes no room */
  assert_int_equal(ledger_undo(l, "two", n1), 0);       /* and is still out for the other */
  assert_int_equal(permit(l, "two", n3, 2, 0, NOW), 0);
  ledger_close(l);
}

/* What a run says again of its past is believed as long as nobody else can have had the member since. */
static void what_was_given_back_is_given_back_later(void **state) {
  (void)state;
  Ledger *l = opened();
  Conflict c;
  Arena *arena = arena_new();
  const Member both[] = {n1, n2};
  assert_int_equal(ledger_claim(l, "one", "/runs/one", both, 1, NOW, arena, &c), 1);
  for (int i = 0; i < 2; i++) assert_int_equal(permit(l, "one", both[i], 0, 0, NOW), 1);
  assert_int_equal(ledger_refund_again(l, "one", both, 2, NOW + HOUR), 1); /* n2 is not claimed */
  assert_int_equal(ledger_refund_again(l, "one", both, 2, NOW + HOUR), 0);
  assert_int_equal(permit(l, "one", n1, 0, 0, NOW), 1);
  assert_int_equal(ledger_undo_again(l, "one", both, 2), 1);
  assert_int_equal(permit(l, "one", n1, 0, 3, NOW), 1);
  ledger_close(l);
  arena_free(arena);
}

static void a_day_is_a_local_day(void **state) {
  (void)state;
  Ledger *l = opened();
  assert_int_equal(permit(l, "a", n1, 0, 2, NOW), 1);
  assert_int_equal(ledger_refund(l, n1, NOW + HOUR, "a"), 1);
  assert_int_equal(permit(l, "a", n2, 0, 2, NOW + HOUR), 1);
  assert_int_equal(permit(l, "b", n3, 0, 2, NOW + 11 * HOUR), 0); /* 23:00 in Phoenix; in UTC it is the next day */
  assert_int_equal(permit(l, "b", n3, 0, 2, NOW + 12 * HOUR), 1); /* midnight there */
  ledger_close(l);
}

static void count_out(void *ctx, Member m, const char *run, int64_t since) {
  (void)m, (void)run, (void)since;
  ++*(uint32_t *)ctx;
}

static void see_claim(void *ctx, const char *run, const char *dir, Member m) {
  Buf *out = ctx;
  buf_printf(out, "%s %s %s %s\n", run, dir, m.kind, m.name);
}

/* Whoever had it is told apart from whoever never had it: it may not have heard of it yet. */
static void what_an_emergency_takes_is_lost_to_others(void **state) {
  (void)state;
  Ledger *l = opened(), *other = opened();
  Conflict c = {0};
  Buf seen = BUF_INIT;
  assert_int_equal(ledger_claim(l, "a", "/runs/a", (Member[]){n1, n2}, 2, NOW, folder_arena, &c), 1);
  assert_int_equal(ledger_preempt(other, "b", "/runs/b", (Member[]){n2, n3}, 2, false, NOW, see_claim, &seen), 0);
  assert_string_equal(seen.data, "a /runs/a Node n2\n");
  assert_int_equal(ledger_lost(l, "a", n2), 0); /* it keeps it for the moment */
  assert_int_equal(ledger_claim(l, "a", "/runs/a", (Member[]){n3}, 1, NOW, folder_arena, &c), 0);
  assert_int_equal(ledger_preempt(other, "b", "/runs/b", (Member[]){n2, n3}, 2, true, NOW, see_claim, &seen), 0);
  assert_int_equal(ledger_lost(l, "a", n2), 1);
  assert_int_equal(ledger_lost(l, "a", n1), 0);
  assert_int_equal(ledger_lost(l, "b", n2), 0);
  assert_int_equal(ledger_lost(l, "c", n2), 0); /* never had it */
  assert_int_equal(ledger_end(other, "b"), 0);
  assert_int_equal(ledger_claim(l, "d", "/runs/d", (Member[]){n2}, 1, NOW, folder_arena, &c), 1);
  assert_int_equal(ledger_lost(l, "a", n2), 1); /* whoever has it now, or nobody */
  assert_int_equal(ledger_end(l, "a"), 0);
  assert_int_equal(ledger_lost(l, "a", n2), 0);
  buf_done(&seen);
  ledger_close(l);
  ledger_close(other);
}

static void count_runs(void *ctx, const Holding *h) {
  ((uint32_t *)ctx)[0]++;
  ((uint32_t *)ctx)[1] += h->claims;
  ((uint32_t *)ctx)[2] += h->out;
}

static void processes_that_ask_at_once(void **state) {
  (void)state;
  enum { PROCESSES = 6, EACH = 20, ROOM = 50 };
  ledger_close(opened());
  for (int p = 0; p < PROCESSES; p++) {
    if (fork() != 0) continue;
    char run[8], name[16];
    Ledger *l = opened();
    snprintf(run, sizeof run, "r%d", p);
    int bad = 0;
    for (int i = 0; i < EACH; i++) {
      snprintf(name, sizeof name, "n%d-%d", p, i);
      bad |= permit(l, run, (Member){"Node", name}, ROOM, 0, NOW) < 0;
    }
    ledger_close(l);
    _exit(bad);
  }
  int status;
  for (int p = 0; p < PROCESSES; p++) assert_true(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  uint32_t out = 0;
  Ledger *l = opened();
  assert_int_equal(ledger_out(l, count_out, &out), 0);
  assert_int_equal(out, ROOM);
  ledger_close(l);
}

/* Many begin at once where there is none yet: all of them get it. */
static void processes_that_make_it_at_once(void **state) {
  enum { ROUNDS = 20, PROCESSES = 6 };
  (void)state;
  for (int round = 0; round < ROUNDS; round++) {
    int go[2], failed = 0, status;
    char byte;
    const char *fresh = folder_path(arena_printf(folder_arena, "round%d/fleet.db", round));
    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < PROCESSES; i++) {
      if (fork() > 0) continue;
      Buf why = BUF_INIT;
      Ledger *l = NULL;
      close(go[1]);
      ssize_t none = read(go[0], &byte, 1); /* until all are there */
      int r = ledger_open(fresh, &l, &why);
      if (r < 0) fprintf(stderr, "%s\n", why.data);
      ledger_close(l);
      _exit(none != 0 || r < 0);
    }
    close(go[0]);
    close(go[1]);
    while (wait(&status) > 0) failed += status != 0;
    assert_int_equal(failed, 0);
  }
}

static void what_it_holds_can_be_seen(void **state) {
  (void)state;
  Arena *arena = arena_new();
  Conflict c;
  uint32_t runs[3] = {0};
  Ledger *l = opened();
  ledger_claim(l, "a", "/runs/a", (Member[]){n1, n2}, 2, NOW, arena, &c);
  permit(l, "a", n1, 0, 0, NOW);
  ledger_end(l, "a");
  ledger_claim(l, "b", "/runs/b", (Member[]){n3}, 1, NOW, arena, &c);
  assert_int_equal(ledger_runs(l, count_runs, runs), 0);
  assert_true(runs[0] == 2 && runs[1] == 1 && runs[2] == 1); /* a has ended and still has a node out */
  ledger_refund(l, n1, NOW, "somebody");
  ledger_end(l, "a");
  memset(runs, 0, sizeof runs);
  ledger_runs(l, count_runs, runs);
  assert_int_equal(runs[0], 1);
  ledger_close(l);
  arena_free(arena);
}

static void what_is_no_ledger_is_refused(void **state) {
  (void)state;
  Buf why = BUF_INIT;
  Ledger *l = NULL;
  ledger_close(opened());
  FILE *f = fopen(ledger_case_path(), "w");
  for (int i = 0; i < 4096; i++) fputs("no database ", f);
  fclose(f);
  assert_true(ledger_open(ledger_case_path(), &l, &why) < 0);
  assert_non_null(strstr(why.data, "damaged"));
  buf_reset(&why);
  assert_true(ledger_open("/dev/null/fleets/x.db", &l, &why) < 0);
  assert_true(why.len > 0);
  buf_done(&why);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      folder_test(a_member_is_claimed_once),
      folder_test(what_an_emergency_takes_is_lost_to_others),
      folder_test(room_is_for_all_runs_together),
      folder_test(what_did_not_leave_is_not_counted),
      folder_test(what_was_given_back_is_given_back_later),
      folder_test(a_day_is_a_local_day),
      folder_test(processes_that_ask_at_once),
      folder_test(processes_that_make_it_at_once),
      folder_test(what_it_holds_can_be_seen),
      folder_test(what_is_no_ledger_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
