/* One turn: a process that stood still hears what it was told meanwhile before it takes what happened; else the world comes first. */
#include <config.h>

#include "runtime/turn.h"
#include "tests/unit/folder.h"
#include "tests/unit/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A world in which something happens each time it is waited for, after `pause` ms. */
typedef struct Busy { World world; int64_t now, pause; } Busy;

static int64_t busy_now(World *w) { return ((Busy *)w)->now; }
static void busy_submit(World *w, const Command *c) { (void)w, (void)c; }
static uint32_t busy_wait(World *w, int64_t until, Event *ret, uint32_t max) {
  Busy *b = (Busy *)w;
  (void)until;
  assert_true(max > 0);
  b->now += b->pause;
  *ret = (Event){.kind = EVENT_TICK, .at = b->now, .value = VALUE_UNKNOWN};
  return 1;
}
static void busy_free(World *w) { (void)w; }

static const WorldOps busy = {"busy", busy_now, busy_submit, busy_wait, busy_free};

static void see(void *ctx, Engine *e, const Event *event) {
  (void)e;
  buf_str(ctx, event->kind == EVENT_CONTROL ? "told " : event->kind == EVENT_TICK ? "happened " : "begun ");
}

/* What a turn took, in its order, when a message lies in the inbox that nobody has heard of. */
static void takes(int64_t pause, int64_t deaf_most, const char *want) {
  static const JournalBirth birth = {.plan = "p", .plan_len = 1, .record = "r", .version = "1"};
  Lab *lab = lab_new(1, 1);
  Busy world = {{&busy}, T0, pause};
  Buf seen = BUF_INIT;
  Journal *j = NULL;
  Turn t;
  lab_code(lab, "HALT");
  lab_prepare(lab);
  assert_int_equal(journal_open(folder, JOURNAL_CREATE, &birth, &j, NULL), 0);
  turn_init(&t, lab->engine, &world.world, j, (TurnObserver){.ctx = &seen, .event = see});
  t.deaf_most = deaf_most;
  assert_int_equal(turn_mail(&t, NULL), TURN_GOING);
  t.mail = false;
  assert_int_equal(inbox_send(folder, &(Event){.kind = EVENT_CONTROL, .value = CONTROL_PAUSE, .subject = NONE_INDEX, .text = "by ann"}, NULL), 0);
  turn_wait(&t, T0 + 10 * MIN, NULL);
  assert_string_equal(seen.data, want);
  turn_done(&t);
  journal_close(j);
  buf_done(&seen);
  lab->no_replay = true;
  lab_free(lab);
}

static void who_stood_still_hears_first(void **state) {
  (void)state;
  takes(6 * MIN, 10 * SEC, "told happened ");
}

static void who_was_there_is_told_when_the_mail_comes(void **state) {
  (void)state;
  takes(5 * SEC, 10 * SEC, "happened ");
}

static void a_world_whose_time_is_made_never_stands_still(void **state) {
  (void)state;
  takes(6 * MIN, 0, "happened ");
}

int main(void) {
  const struct CMUnitTest tests[] = {folder_test(who_stood_still_hears_first), folder_test(who_was_there_is_told_when_the_mail_comes),
                                     folder_test(a_world_whose_time_is_made_never_stands_still)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
