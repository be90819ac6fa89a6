/* The journal: what is committed is there after a reopening, what is not is gone; one owner; the inbox loses nothing and
 * delivers nothing twice; damage is said. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/journal.h"
#include "tests/lib/each_command.h"
#include "tests/unit/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const JournalBirth birth = {.plan = "the plan", .plan_len = 8, .record = "the record", .version = "1.2.3"};

static Journal *opened(JournalMode mode) {
  Journal *j = NULL;
  JournalError error = {0};
  assert_int_equal(journal_open(folder, mode, &birth, &j, &error), 0);
  return j;
}

static void count_event(void *ctx, const Event *e, uint64_t seq) {
  uint64_t *last = ctx;
  assert_int_equal(seq, *last + 1);
  assert_int_equal(e->value, (int64_t)seq * 10);
  assert_string_equal(e->text, "said");
  *last = seq;
}
static uint64_t events_in(Journal *j) {
  uint64_t last = 0;
  assert_int_equal(journal_replay(j, count_event, &last, NULL), 0);
  return last;
}
static void write_event(Journal *j, int64_t value) {
  Event e = {.kind = EVENT_READING, .at = 5, .command = 7, .value = value, .text = "said"};
  assert_int_equal(journal_event(j, &e), 0);
}

static void test_committed_stays(void **state) {
  (void)state;
  JournalError error;
  Journal *j = opened(JOURNAL_CREATE);
  write_event(j, 10);
  write_event(j, 20);
  assert_int_equal(journal_commit(j, &error), 0);
  write_event(j, 30); /* never committed */
  journal_close(j);
  j = opened(JOURNAL_RESUME);
  assert_int_equal(events_in(j), 2);
  size_t len;
  assert_string_equal(journal_plan(j, &len), "the plan");
  assert_int_equal(len, 8);
  write_event(j, 30); /* numbered on from what is durable */
  assert_int_equal(journal_commit(j, &error), 0);
  assert_int_equal(events_in(j), 3);
  journal_close(j);
}

static void compare_command(void *ctx, const Command *c, uint64_t seq) {
  const Command *want = ctx;
  assert_int_equal(seq, 1);
  assert_int_equal(c->id, want->id);
  assert_int_equal(c->kind, want->kind);
  assert_memory_equal(c->args, want->args, sizeof c->args);
  assert_int_equal(c->deadline, want->deadline);
  assert_int_equal(c->again, want->again);
  assert_null(c->text);
}
static void test_command_round_trip(void **state) {
  (void)state;
  Journal *j = opened(JOURNAL_CREATE);
  Command c = {.id = 3, .kind = COMMAND_ACT, .subject = 4, .entity = 5, .kind_of_entity = 6, .arg_count = 2,
               .args = {5, -7, INT64_MIN, INT64_MAX}, .issued = 8, .deadline = 9, .attempt = 2, .again = 1};
  write_event(j, 10);
  assert_int_equal(journal_command(j, &c), 0);
  assert_int_equal(journal_commit(j, NULL), 0);
  assert_int_equal(each_command(j, compare_command, &c, NULL), 0);
  journal_close(j);
}

static void test_one_owner(void **state) {
  (void)state;
  Journal *j = opened(JOURNAL_CREATE), *second = NULL;
  JournalError error;
  assert_int_equal(journal_open(folder, JOURNAL_RESUME, NULL, &second, &error), -EBUSY);
  assert_non_null(strstr(error.text, "process "));
  Journal *reader = opened(JOURNAL_READ); /* readers are welcome */
  journal_close(reader);
  journal_close(j);
  assert_int_equal(journal_open(folder, JOURNAL_CREATE, NULL, &second, &error), -EEXIST);
}

/* Its owner writes on while somebody reads one table after the other. */
static void test_a_reader_sees_one_moment(void **state) {
  (void)state;
  Journal *j = opened(JOURNAL_CREATE);
  write_event(j, 10);
  assert_int_equal(journal_commit(j, NULL), 0);
  Journal *reader = opened(JOURNAL_READ);
  write_event(j, 20);
  assert_int_equal(journal_commit(j, NULL), 0);
  assert_int_equal(events_in(reader), 1);
  journal_close(reader);
  reader = opened(JOURNAL_READ);
  assert_int_equal(events_in(reader), 2);
  journal_close(reader);
  journal_close(j);
}

static void test_dead_owner_leaves_no_lock(void **state) {
  (void)state;
  pid_t child = fork();
  if (child == 0) {
    Journal *j = NULL;
    if (journal_open(folder, JOURNAL_CREATE, &birth, &j, NULL) < 0) _exit(1);
    Event e = {.kind = EVENT_READING, .value = 10, .text = "said"};
    journal_event(j, &e);
    journal_commit(j, NULL);
    e.value = 20;
    journal_event(j, &e);
    _exit(0); /* without closing: as after kill -9 */
  }
  int status;
  waitpid(child, &status, 0);
  assert_int_equal(status, 0);
  Journal *j = opened(JOURNAL_RESUME);
  assert_int_equal(events_in(j), 1);
  journal_close(j);
}

static void test_inbox(void **state) {
  (void)state;
  Journal *j = opened(JOURNAL_CREATE);
  Event got[4], pause = {.kind = EVENT_CONTROL, .value = CONTROL_PAUSE, .text = "ann"};
  Event yes = {.kind = EVENT_ANSWER, .value = 1, .subject = 2, .entity = 3, .command = 44, .text = "bob"};
  assert_int_equal(inbox_take(j, got, 4), 0);
  assert_int_equal(inbox_send(folder, &pause, NULL), 0);
  assert_int_equal(inbox_send(folder, &yes, NULL), 0);
  assert_int_equal(inbox_take(j, got, 1), 1);
  assert_int_equal(got[0].kind, EVENT_CONTROL);
  assert_string_equal(got[0].text, "ann");
  assert_int_equal(journal_commit(j, NULL), 0);
  assert_int_equal(inbox_take(j, got, 4), 1);
  assert_int_equal(got[0].command, 44);
  journal_close(j); /* the second was taken but not committed: it comes again */
  j = opened(JOURNAL_RESUME);
  assert_int_equal(inbox_take(j, got, 4), 1);
  assert_int_equal(got[0].entity, 3);
  assert_int_equal(inbox_take(j, got, 4), 0);
  journal_close(j);
}

static void test_damage_is_said(void **state) {
  (void)state;
  journal_close(opened(JOURNAL_CREATE));
  char path[300];
  snprintf(path, sizeof path, "%s/journal.db", folder);
  FILE *f = fopen(path, "r+");
  assert_non_null(f);
  for (int i = 0; i < 200; i++) fputc('x', f);
  fclose(f);
  Journal *j = NULL;
  JournalError error = {0};
  assert_int_equal(journal_open(folder, JOURNAL_RESUME, NULL, &j, &error), -EBADMSG);
  assert_non_null(strstr(error.text, "journal.db"));
  assert_int_equal(truncate(path, 0), 0);
  assert_int_equal(journal_open(folder, JOURNAL_RESUME, NULL, &j, &error), -EBADMSG);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(journal_open(folder, JOURNAL_RESUME, NULL, &j, &error), -ENOENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      folder_test(test_committed_stays),
      folder_test(test_command_round_trip),
      folder_test(test_one_owner),
      folder_test(test_a_reader_sees_one_moment),
      folder_test(test_dead_owner_leaves_no_lock),
      folder_test(test_inbox),
      folder_test(test_damage_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
