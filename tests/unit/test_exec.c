/* The exec driver with real processes: every way a program can end, bounded output, whole groups, what a dead runtime leaves. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lang/buf.h"
#include "lang/limits.h"
#include "runtime/drivers/driver.h"
#include "runtime/world_live.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

typedef struct Seen { unsigned count; uint64_t id; Outcome outcome; char why[200]; char *output; } Seen;

static void done(void *ctx, uint64_t id, const DriverResult *r) {
  Seen *s = ctx;
  s->count++;
  s->id = id;
  s->outcome = r->outcome;
  snprintf(s->why, sizeof s->why, "%s", r->why ? r->why : "");
  free(s->output);
  s->output = strdup(r->output);
}

/* Runs `sh -c script` to its end, cancelled at once when asked. */
static Seen run_argv(const char *const *args, int64_t timeout, bool cancel) {
  Seen s = {0};
  uv_loop_t loop;
  uv_loop_init(&loop);
  void *x = driver_exec.open(&loop, done, &s);
  DriverJob job = {.id = 7, .args = args, .timeout = timeout, .run = "test-run"};
  driver_exec.start(x, &job);
  if (cancel) driver_exec.cancel(x, 7);
  uv_run(&loop, UV_RUN_DEFAULT);
  driver_exec.close(x);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(s.count, 1);
  assert_int_equal(s.id, 7);
  return s;
}
static Seen run_script(const char *script, int64_t timeout) {
  const char *args[] = {"sh", "-c", script, NULL};
  return run_argv(args, timeout, false);
}
static void expect(Seen s, Outcome outcome, const char *why, const char *output) {
  assert_int_equal(s.outcome, outcome);
  if (!strstr(s.why, why)) fail_msg("why is `%s`, expected `%s`", s.why, why);
  if (output) assert_string_equal(s.output, output);
  free(s.output);
}

static void test_exit_statuses(void **state) {
  (void)state;
  expect(run_script("echo fine; echo really >&2", 10000), OUT_OK, "", "fine\nreally\n");
  expect(run_script("exit 1", 10000), OUT_FAILED, "exit status 1", "");
  expect(run_script("exit 75", 10000), OUT_UNKNOWN, "exit status 75", "");
  expect(run_script("kill -9 $$", 10000), OUT_UNKNOWN, "signal 9", "");
  expect(run_script("echo $TAGOUT_RUN $TAGOUT_COMMAND", 10000), OUT_OK, "", "test-run 7\n");
  const char *nowhere[] = {"/nowhere/no-such-program", NULL};
  expect(run_argv(nowhere, 10000, false), OUT_FAILED, "cannot be started", "");
}

static void test_deadline(void **state) {
  (void)state;
  expect(run_script("echo begun; exec sleep 1000", 100), OUT_UNKNOWN, "ended with SIGTERM", "begun\n");
  expect(run_script("trap '' TERM; while :; do :; done", 50), OUT_UNKNOWN, "then SIGKILL", "");
}

static void test_whole_group_ends(void **state) {
  (void)state;
  /* the leader ends, a child keeps the pipe: the answer does not wait for it, and it is killed */
  Seen s = run_script("sleep 1000 & echo $!", 10000);
  assert_int_equal(s.outcome, OUT_OK);
  pid_t child = (pid_t)atoi(s.output);
  assert_true(child > 1);
  while (kill(child, 0) == 0 && waitpid(child, NULL, WNOHANG) == 0) sched_yield(); /* it dies by the SIGKILL that was sent */
  free(s.output);
}

static void test_output_is_bounded(void **state) {
  (void)state;
  Seen s = run_script("echo first; i=0; while [ $i -lt 3000 ]; do printf '%0100d\\n' $i; i=$((i+1)); done; printf 'l\\377st'", 60000);
  assert_int_equal(s.outcome, OUT_OK);
  assert_true(strlen(s.output) <= LIMIT_OUTPUT_BYTES + 100);
  assert_memory_equal(s.output, "first\n", 6);
  assert_string_equal(s.output + strlen(s.output) - 4, "l?st");
  assert_non_null(strstr(s.output, "bytes left out"));
  free(s.output);
}

static void test_cancel(void **state) {
  (void)state;
  const char *args[] = {"sleep", "1000", NULL};
  expect(run_argv(args, 100000, true), OUT_UNKNOWN, "given up", "");
}

static void test_many(void **state) {
  (void)state;
  Seen s = {0};
  uv_loop_t loop;
  uv_loop_init(&loop);
  void *x = driver_exec.open(&loop, done, &s);
  const char *args[] = {"true", NULL};
  for (uint64_t i = 1; i <= 1500; i++) { /* more than run at once */
    DriverJob job = {.id = i, .args = args, .timeout = 60000, .run = "many"};
    driver_exec.start(x, &job);
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  driver_exec.close(x);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(s.count, 1500);
  free(s.output);
}

static void count_ok(void *ctx, uint64_t id, const DriverResult *r) {
  (void)id;
  if (r->outcome == OUT_OK) ++*(unsigned *)ctx;
}

/* A shortage is of this machine: programs wait for their turn, and every one is started in the end. */
static void test_shortage_of_files(void **state) {
  (void)state;
  unsigned ok = 0;
  uv_loop_t loop;
  struct rlimit before, few;
  uv_loop_init(&loop);
  void *x = driver_exec.open(&loop, count_ok, &ok);
  int free_fd = dup(0);
  getrlimit(RLIMIT_NOFILE, &before);
  few = before;
  few.rlim_cur = (rlim_t)free_fd + 12; /* three or four programs */
  close(free_fd);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
  const char *args[] = {"true", NULL};
  for (uint64_t i = 1; i <= 60; i++) {
    DriverJob job = {.id = i, .args = args, .timeout = 60000, .run = "short"};
    driver_exec.start(x, &job);
  }
  driver_exec.cancel(x, 60);
  uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  driver_exec.close(x);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(ok, 59);
}

/* Whatever stage a program is at, close leaves none behind, and no answer comes. */
static void test_close_while_starting(void **state) {
  (void)state;
  const char *args[] = {"sleep", "1000", NULL};
  for (int turns = 0; turns < 20; turns++) {
    Seen s = {0};
    uv_loop_t loop;
    uv_loop_init(&loop);
    void *x = driver_exec.open(&loop, done, &s);
    for (uint64_t i = 1; i <= 20; i++) {
      DriverJob job = {.id = i, .args = args, .timeout = 60000, .run = "closing"};
      driver_exec.start(x, &job);
    }
    for (int i = 0; i < turns; i++) uv_run(&loop, UV_RUN_NOWAIT);
    driver_exec.close(x);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(s.count, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, ended or not */
    assert_int_equal(errno, ECHILD);
  }
}

static void test_orphans(void **state) {
  (void)state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t pid = fork();
  if (pid == 0) {
    char *args[] = {"sh", "-c", "echo; exec sleep 1000", NULL}, *env[] = {"PATH=/usr/bin:/bin", "TAGOUT_RUN=orphaned", NULL};
    dup2(ends[1], 1);
    execve("/bin/sh", args, env);
    _exit(1);
  }
  char byte;
  assert_int_equal(read(ends[0], &byte, 1), 1); /* it is there, with its environment */
  struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
  sigaction(SIGCHLD, &ignore, &before);         /* nobody waits for an orphan */
  assert_int_equal(orphans_end("another"), 0);
  assert_int_equal(orphans_end("orphaned"), 1);
  assert_int_equal(kill(pid, 0), -1);
  sigaction(SIGCHLD, &before, NULL);
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exit_statuses), cmocka_unit_test(test_deadline), cmocka_unit_test(test_whole_group_ends),
      cmocka_unit_test(test_output_is_bounded), cmocka_unit_test(test_cancel), cmocka_unit_test(test_many),
      cmocka_unit_test(test_shortage_of_files), cmocka_unit_test(test_close_while_starting), cmocka_unit_test(test_orphans)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
