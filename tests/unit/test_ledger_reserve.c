/* Reservations: what a run may have out is set apart per local day, nobody else takes it, it ends with the run; who is refused is
 * told who has the rest and when there is room. Whatever is asked in whatever order, no limit is ever exceeded, and a run
 * is never refused what it has reserved. */
#include <config.h>

#include "runtime/calendar.h"
#include "tests/unit/ledger_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY0 INT64_C(1767596400000) /* 2026-01-05 00:00 in Phoenix */
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define NOON (DAY0 + 12 * HOUR)

static BudgetLimits limits = {100, 150, "America/Phoenix"};

/* From that day of January 5 on, `days` days. */
static int reserve(Ledger *l, const char *plan, const char *run, int first, uint32_t days, uint32_t out, uint32_t leaves, ReserveRefusal *no) {
  ReserveDay d[8];
  ReserveRefusal mine;
  for (uint32_t i = 0; i < days; i++) d[i] = (ReserveDay){DAY0 + (first + (int)i) * DAY, DAY0 + (first + (int)i + 1) * DAY, out, leaves};
  Reservation r = {.plan = plan, .title = "work", .run = run, .kind = "Node", .days = d, .count = days, .limits = limits};
  return ledger_reserve(l, &r, NOON, folder_arena, no ? no : &mine);
}

static int permit(Ledger *l, const char *run, uint32_t node, int64_t now) {
  char name[16];
  Buf why = BUF_INIT;
  snprintf(name, sizeof name, "n%u", node);
  int r = ledger_permit(l, run, (Member){"Node", name}, &limits, now, &why);
  assert_true(r != 0 || why.len > 0);
  buf_done(&why);
  return r;
}

static void back(Ledger *l, uint32_t node) {
  char name[16];
  snprintf(name, sizeof name, "n%u", node);
  assert_true(ledger_refund(l, (Member){"Node", name}, NOON, "a test") >= 0);
}

static void begin(Ledger *l, const char *run) {
  Conflict c;
  assert_int_equal(ledger_claim(l, run, run, (Member[]){{"Rack", run}}, 1, NOON, folder_arena, &c), 1);
}

static void a_sum_beyond_the_budget_is_refused(void **state) {
  (void)state;
  Ledger *l = opened();
  ReserveRefusal no;
  assert_int_equal(reserve(l, "aa", "", 0, 1, 60, 60, NULL), 1);
  assert_int_equal(reserve(l, "bb", "", 0, 2, 40, 90, NULL), 1); /* 100 at once and 150 a day: nothing is left today */
  assert_int_equal(reserve(l, "cc", "", 0, 1, 1, 1, &no), 0);
  assert_true(no.at_once && no.taken == 100 && no.day.from == DAY0 && no.holder_count == 2);
  assert_string_equal(no.holders[0].plan, "aa");
  assert_int_equal(no.holders[0].amount, 60);
  assert_true(no.next == DAY0 + DAY); /* tomorrow there are 60 left */
  assert_int_equal(reserve(l, "cc", "", 1, 1, 60, 61, &no), 0);
  assert_true(!no.at_once && no.taken == 90 && no.next == DAY0 + 2 * DAY);
  assert_int_equal(reserve(l, "cc", "", 1, 1, 60, 60, NULL), 1);
  assert_int_equal(reserve(l, "dd", "", 1, 3, 1, 1, &no), 0); /* all of its days must have room */
  assert_true(no.day.from == DAY0 + DAY && no.next == DAY0 + 2 * DAY);
  assert_int_equal(reserve(l, "aa", "", 0, 1, 61, 60, NULL), 0); /* of its own it counts what it asks for now */
  assert_int_equal(reserve(l, "aa", "", 0, 1, 20, 20, NULL), 1);
  assert_int_equal(reserve(l, "dd", "", 0, 1, 40, 40, NULL), 1);
  ledger_close(l);
}

static void what_never_fits_has_no_next_day(void **state) {
  (void)state;
  Ledger *l = opened();
  ReserveRefusal no;
  for (uint32_t i = 0; i < 4; i++) assert_int_equal(permit(l, "old", i, NOON - 3 * DAY), 1); /* and nobody has brought them back */
  assert_int_equal(ledger_end(l, "old"), 0);
  assert_int_equal(reserve(l, "aa", "", 0, 1, 97, 97, &no), 0);
  assert_true(no.at_once && no.taken == 4 && no.holder_count == 1 && no.next == INT64_MAX);
  assert_string_equal(no.holders[0].plan, "");
  back(l, 3);
  assert_int_equal(reserve(l, "aa", "", 0, 1, 97, 97, NULL), 1);
  ledger_close(l);
}

static void nobody_takes_what_is_reserved(void **state) {
  (void)state;
  Ledger *l = opened();
  assert_int_equal(reserve(l, "aa", "a", 0, 1, 98, 98, NULL), 1);
  begin(l, "a");
  assert_int_equal(permit(l, "b", 1, NOON), 1);
  assert_int_equal(permit(l, "b", 2, NOON), 1);
  assert_int_equal(permit(l, "b", 3, NOON), 0);
  for (uint32_t i = 10; i < 108; i++) assert_int_equal(permit(l, "a", i, NOON), 1); /* all that is its own */
  assert_int_equal(permit(l, "a", 108, NOON), 0);
  back(l, 1);
  assert_int_equal(permit(l, "a", 108, NOON), 1); /* beyond it, what is there */
  assert_int_equal(permit(l, "b", 3, NOON), 0);
  ledger_close(l);
}

/* Back in service frees a place, not the day; the end of the run frees what it has not taken. */
static void it_ends_with_the_run(void **state) {
  (void)state;
  Ledger *l = opened();
  assert_int_equal(reserve(l, "aa", "a", 0, 1, 50, 150, NULL), 1);
  begin(l, "a");
  for (uint32_t i = 0; i < 50; i++) assert_int_equal(permit(l, "a", i, NOON), 1);
  for (uint32_t i = 0; i < 49; i++) back(l, i);
  assert_int_equal(reserve(l, "bb", "", 0, 1, 1, 1, NULL), 0); /* 100 more may leave today */
  assert_int_equal(ledger_release(l, "aa"), 0);                 /* a run has it */
  assert_int_equal(ledger_end(l, "a"), 0);
  assert_int_equal(reserve(l, "bb", "", 0, 1, 99, 100, NULL), 1); /* one is out still, and 50 have left today */
  assert_int_equal(reserve(l, "cc", "", 0, 1, 1, 1, NULL), 0);
  assert_int_equal(ledger_release(l, "b"), 1);
  assert_int_equal(reserve(l, "cc", "", 0, 1, 1, 1, NULL), 1);
  ledger_close(l);
}

static void count(void *ctx, const Reserved *r) {
  assert_true(r->most.from >= DAY0 && r->days > 0);
  (*(uint32_t *)ctx)++;
}

static void a_day_that_is_over_is_over(void **state) {
  (void)state;
  Ledger *l = opened();
  uint32_t n = 0;
  assert_int_equal(reserve(l, "aa", "", 0, 2, 100, 150, NULL), 1);
  assert_int_equal(permit(l, "b", 1, NOON), 0);
  assert_int_equal(permit(l, "b", 1, NOON + DAY), 0);
  assert_int_equal(permit(l, "b", 1, NOON + 2 * DAY), 1);
  assert_int_equal(ledger_reserved(l, NOON + DAY, count, &n), 0);
  assert_int_equal(n, 1);
  assert_int_equal(ledger_reserved(l, NOON + 2 * DAY, count, &n), 0);
  assert_int_equal(n, 1);
  ledger_close(l);
}

/* ---- whatever is asked ---- */

enum { PLANS = 6, NODES = 40, STEPS = 400 };

typedef struct Random { uint64_t seed; } Random;

static uint32_t below(Random *r, uint32_t n) {
  r->seed = r->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)((r->seed >> 33) % n);
}

typedef struct Book { uint32_t out, leaves, taken, left; bool reserved; } Book; /* of a plan: what is its own, and what it has taken */

static void no_limit_is_exceeded_and_none_refused_its_own(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 12; seed++) {
    Random r = {seed * UINT64_C(0x9e3779b97f4a7c15)};
    Book books[PLANS] = {0};
    int owner[NODES];
    uint32_t out = 0, left = 0;
    char run[PLANS][8];
    char command[160];
    for (uint32_t i = 0; i < NODES; i++) owner[i] = -1;
    limits = (BudgetLimits){10, 25, "America/Phoenix"};
    Ledger *l = opened();
    for (uint32_t i = 0; i < PLANS; i++) snprintf(run[i], sizeof run[i], "r%u", i), begin(l, run[i]);
    for (uint32_t step = 0; step < STEPS; step++) {
      uint32_t p = below(&r, PLANS), node = below(&r, NODES);
      Book *b = &books[p];
      if (below(&r, 8) == 0 && !b->reserved && b->taken == 0 && b->left == 0) {
        *b = (Book){.out = 1 + below(&r, 5), .leaves = 1 + below(&r, 9)};
        b->reserved = reserve(l, run[p], run[p], 0, 1, b->out, b->leaves, NULL) == 1;
        if (!b->reserved) *b = (Book){0};
      } else if (owner[node] >= 0) {
        back(l, node);
        books[owner[node]].taken--;
        owner[node] = -1, out--;
      } else {
        bool own = b->reserved && b->taken < b->out && b->left < b->leaves;
        int got = permit(l, run[p], node, NOON);
        assert_true(got == 1 || !own);
        if (got == 1) owner[node] = (int)p, b->taken++, b->left++, out++, left++;
        assert_true(out <= limits.at_once && left <= limits.per_day);
      }
    }
    ledger_close(l);
    snprintf(command, sizeof command, "rm -rf %s/fleets", folder);
    assert_int_equal(system(command), 0);
  }
  limits = (BudgetLimits){100, 150, "America/Phoenix"};
}

int main(void) {
  const struct CMUnitTest tests[] = {
      folder_test(a_sum_beyond_the_budget_is_refused),
      folder_test(what_never_fits_has_no_next_day),
      folder_test(nobody_takes_what_is_reserved),
      folder_test(it_ends_with_the_run),
      folder_test(a_day_that_is_over_is_over),
      folder_test(no_limit_is_exceeded_and_none_refused_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
