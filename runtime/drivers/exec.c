/* exec: runs a program of the site. Exit status 0 is ok; 75 (EX_TEMPFAIL of sysexits.h), a signal or the deadline are
 * unknown; everything else is failed, a program that cannot be started too.
 *
 * Each program is the leader of a process group of its own. Its standard input is empty, its output and errors come through
 * one pipe. At the deadline the group gets SIGTERM, and SIGKILL_AFTER_MS later SIGKILL. When the leader is gone, whatever is
 * left of its group is killed, so that nothing of a step outlives its answer. TAGOUT_RUN and TAGOUT_COMMAND in its
 * environment say whose it is: a resume finds what a dead runtime left behind (orphans.c).
 *
 * Threads start them (spawner.h), everything else happens on the loop. As many programs run beside each other as this process
 * may have files open for (ulimit -n); more wait in order of arrival. A shortage of files, processes or memory is of this
 * machine and not of the program: the start is tried again until the deadline. */
#include <config.h>

#include "runtime/drivers/driver.h"

#include "runtime/drivers/exec_output.h"
#include "runtime/drivers/spawner.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#define FILES_PER_JOB 2u /* its end, its output */
#define FILES_OF_OURS 96u /* journal, inbox, loop, what a site's other drivers have open */
#define AT_ONCE_LEAST 16u
#define AT_ONCE_MOST 8192u
#define SIGKILL_AFTER_MS 5000
#define START_AGAIN_MS 100 /* after a shortage */
#define EXIT_TEMPFAIL 75

extern char **environ;

typedef enum JobState { JOB_QUEUED, JOB_STARTING, JOB_RUNNING, JOB_TERMINATED, JOB_KILLED } JobState;

typedef struct Exec Exec;
typedef struct Job {
  Exec *exec;
  struct Job *next, *prev;    /* in exec->all */
  uint64_t id;
  char **argv;                /* owned */
  char *run, *command, *duty; /* owned; what it is told in its environment; duty: NULL nobody */
  int64_t due;                /* loop time, ms */
  JobState state;
  bool timed_out, cancelled;
  Start start;                /* env owned; the spawner's while STARTING */
  int status;                 /* of waitpid */
  uv_poll_t exit_poll, out_poll;
  uv_timer_t timer;
  unsigned open_handles;      /* the job is freed when the last close callback ran */
  ExecOutput output;
} Job;

struct Exec {
  uv_loop_t *loop;
  DriverDone done;
  void *ctx;
  Job *all, *last;            /* running, then queued: in order of arrival */
  Job *queued;                /* first that is not handed to the spawner */
  Spawner *spawner;
  uint32_t running, at_once;  /* running: starting ones too */
  uv_timer_t again;           /* after a shortage */
  bool closing;
};

/* ---- the end of a job ---- */

static void free_job(Job *j) {
  for (char **a = j->argv; *a; a++) free(*a);
  free(j->argv);
  free((void *)j->start.env);
  free(j->run);
  free(j->command);
  free(j->duty);
  exec_output_done(&j->output);
  free(j);
}

static void on_handle_closed(uv_handle_t *h) {
  Job *j = h->data;
  if (--j->open_handles > 0) return;
  close(j->start.out);
  close(j->start.pidfd);
  free_job(j);
}

/* From j on; one that is put back may have those behind it that were started meanwhile. */
static Job *next_queued(Job *j) {
  while (j && j->state != JOB_QUEUED) j = j->next;
  return j;
}

static void unlink_job(Job *j) {
  Exec *x = j->exec;
  if (x->queued == j) x->queued = next_queued(j->next);
  *(j->prev ? &j->prev->next : &x->all) = j->next;
  *(j->next ? &j->next->prev : &x->last) = j->prev;
}

static void release(Job *j) {
  unlink_job(j);
  if (j->state != JOB_QUEUED) j->exec->running--;
  if (j->state <= JOB_STARTING) {
    free_job(j);
    return;
  }
  uv_close((uv_handle_t *)&j->timer, on_handle_closed);
  uv_close((uv_handle_t *)&j->exit_poll, on_handle_closed);
  uv_close((uv_handle_t *)&j->out_poll, on_handle_closed);
}

static Outcome judge(const Job *j, char *why, size_t size) {
  if (j->cancelled) {
    snprintf(why, size, "given up");
    return OUT_UNKNOWN;
  }
  if (j->timed_out) {
    const char *how = j->state == JOB_KILLED ? "SIGTERM, then SIGKILL" : "SIGTERM";
    snprintf(why, size, "no answer before its deadline: ended with %s", how);
    return OUT_UNKNOWN;
  }
  if (WIFSIGNALED(j->status)) {
    snprintf(why, size, "ended by signal %d", WTERMSIG(j->status));
    return OUT_UNKNOWN;
  }
  int code = WEXITSTATUS(j->status);
  if (code != 0) snprintf(why, size, "exit status %d", code);
  return code == 0 ? OUT_OK : code == EXIT_TEMPFAIL ? OUT_UNKNOWN : OUT_FAILED;
}

static void report(Job *j, Outcome outcome, const char *why) {
  Buf text = BUF_INIT;
  exec_output_text(&j->output, &text);
  DriverResult r = {.outcome = outcome, .output = text.data, .why = outcome == OUT_OK ? NULL : why};
  Exec *x = j->exec;
  uint64_t id = j->id;
  release(j);
  if (!x->closing) x->done(x->ctx, id, &r);
  buf_done(&text);
}

/* Everything that is in the pipe now; the pipe does not block. */
static bool read_some(Job *j) {
  char bytes[16384];
  ssize_t n = read(j->start.out, bytes, sizeof bytes);
  if (n > 0) exec_output_add(&j->output, bytes, (size_t)n);
  return n > 0 || (n < 0 && (errno == EINTR));
}

static void start_next(Exec *x);
static void on_again(uv_timer_t *timer);

static void on_exit_poll(uv_poll_t *poll, int status, int events) {
  Job *j = poll->data;
  char why[120] = "";
  (void)status, (void)events;
  if (waitpid(j->start.pid, &j->status, WNOHANG) != j->start.pid) return;
  kill(-j->start.pid, SIGKILL); /* what is left of its group; ESRCH when nothing is */
  while (read_some(j)) {}
  Exec *x = j->exec;
  Outcome outcome = judge(j, why, sizeof why);
  report(j, outcome, why);
  uv_timer_stop(&x->again);
  start_next(x);
}

static void on_output(uv_poll_t *poll, int status, int events) {
  Job *j = poll->data;
  (void)events;
  if (status == 0 && (read_some(j) || errno == EAGAIN)) return;
  uv_poll_stop(poll); /* end of output; the exit is told apart */
}

static void on_timer(uv_timer_t *timer) {
  Job *j = timer->data;
  j->timed_out = j->timed_out || !j->cancelled;
  if (j->state == JOB_RUNNING) {
    j->state = JOB_TERMINATED;
    kill(-j->start.pid, SIGTERM);
    uv_timer_start(timer, on_timer, SIGKILL_AFTER_MS, 0);
  } else {
    j->state = JOB_KILLED;
    kill(-j->start.pid, SIGKILL);
  }
}

/* ---- the start of a job ---- */

/* Our environment and what the program is told; the texts are the job's. */
static char **job_environment(const Job *j) {
  size_t n = 0;
  while (environ[n]) n++;
  char **env = xcalloc(n + 4, sizeof *env);
  memcpy(env, environ, n * sizeof *env);
  env[n] = j->run;
  env[n + 1] = j->command;
  env[n + 2] = j->duty;
  return env;
}

static void watch(Job *j) {
  Exec *x = j->exec;
  int64_t left = j->cancelled ? 0 : j->due - (int64_t)uv_now(x->loop);
  j->state = JOB_RUNNING;
  j->open_handles = 3;
  uv_poll_init(x->loop, &j->exit_poll, j->start.pidfd);
  uv_poll_init(x->loop, &j->out_poll, j->start.out);
  uv_timer_init(x->loop, &j->timer);
  j->exit_poll.data = j->out_poll.data = j->timer.data = j;
  uv_poll_start(&j->exit_poll, UV_READABLE, on_exit_poll);
  uv_poll_start(&j->out_poll, UV_READABLE, on_output);
  uv_timer_start(&j->timer, on_timer, left > 0 ? (uint64_t)left : 0, 0);
}

static bool shortage(int error) { return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE; }

/* Queued again, in its place. */
static void start_again_later(Job *j) {
  Exec *x = j->exec;
  j->state = JOB_QUEUED;
  x->running--;
  x->queued = next_queued(x->all);
  uv_timer_start(&x->again, on_again, START_AGAIN_MS, 0);
}

static void not_started(Job *j) {
  int error = j->start.error;
  char why[200];
  if (j->cancelled) {
    report(j, OUT_UNKNOWN, "given up before it was started");
  } else if (shortage(error) && j->due > (int64_t)uv_now(j->exec->loop)) {
    start_again_later(j);
  } else {
    snprintf(why, sizeof why, "`%.100s` cannot be started: %s", j->argv[0], strerror(error));
    report(j, shortage(error) ? OUT_UNKNOWN : OUT_FAILED, why);
  }
}

static void on_started(void *ctx, Start *s) {
  Exec *x = ctx;
  Job *j = (Job *)((char *)s - offsetof(Job, start));
  if (s->error == 0) watch(j);
  else if (!x->closing) not_started(j), start_next(x);
}

static void on_again(uv_timer_t *timer) { start_next(timer->data); }

/* After a shortage nothing is started until a program has ended or some time has passed. */
static void start_next(Exec *x) {
  while (x->queued && x->running < x->at_once && !x->closing && !uv_is_active((uv_handle_t *)&x->again)) {
    Job *j = x->queued;
    x->queued = next_queued(j->next);
    j->state = JOB_STARTING;
    x->running++;
    spawner_start(x->spawner, &j->start);
  }
}

/* ---- the driver ---- */

/* The limit is not raised: programs would inherit it, and those that use select(2) cannot have it high. */
static uint32_t at_once(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur < FILES_OF_OURS) return AT_ONCE_LEAST;
  rlim_t most = (files.rlim_cur - FILES_OF_OURS) / FILES_PER_JOB;
  return most < AT_ONCE_LEAST ? AT_ONCE_LEAST : most > AT_ONCE_MOST ? AT_ONCE_MOST : (uint32_t)most;
}

static void *exec_open(DriverLoop *loop, DriverDone done, void *ctx) {
  Exec *x = xcalloc(1, sizeof *x);
  x->loop = loop;
  x->at_once = at_once();
  x->done = done;
  x->ctx = ctx;
  x->spawner = spawner_new(loop, on_started, x);
  uv_timer_init(loop, &x->again);
  x->again.data = x;
  return x;
}

static char *told(const char *name, const char *value) {
  Buf text = BUF_INIT;
  buf_printf(&text, "%s=%s", name, value);
  return text.data;
}

static Job *new_job(Exec *x, const DriverJob *job) {
  Job *j = xcalloc(1, sizeof *j);
  char id[24];
  size_t n = 0;
  while (job->args[n]) n++;
  j->argv = xcalloc(n + 1, sizeof *j->argv);
  for (size_t i = 0; i < n; i++) j->argv[i] = xstrdup(job->args[i]);
  snprintf(id, sizeof id, "%llu", (unsigned long long)job->id);
  j->run = told("TAGOUT_RUN", job->run);
  j->command = told("TAGOUT_COMMAND", id);
  j->duty = job->duty ? told("TAGOUT_DUTY", job->duty) : NULL;
  j->exec = x;
  j->id = job->id;
  j->start = (Start){.argv = j->argv, .env = job_environment(j), .pidfd = -1, .out = -1};
  return j;
}

static void exec_start(void *driver, const DriverJob *job) {
  Exec *x = driver;
  Job *j = new_job(x, job);
  uv_update_time(x->loop);
  j->due = (int64_t)uv_now(x->loop) + job->timeout;
  j->prev = x->last;
  *(x->last ? &x->last->next : &x->all) = j;
  x->last = j;
  if (!x->queued) x->queued = j;
  start_next(x);
}

static void exec_cancel(void *driver, uint64_t id) {
  Exec *x = driver;
  for (Job *j = x->all; j; j = j->next) {
    if (j->id != id) continue;
    j->cancelled = true;
    if (j->state == JOB_QUEUED) report(j, OUT_UNKNOWN, "given up before it was started");
    else if (j->state != JOB_STARTING) uv_timer_start(&j->timer, on_timer, 0, 0);
    return;
  }
}

static bool exec_behind(void *driver) { return spawner_behind(((Exec *)driver)->spawner); }

static void exec_close(void *driver) {
  Exec *x = driver;
  x->closing = true;
  uv_close((uv_handle_t *)&x->again, NULL);
  spawner_stop(x->spawner);
  for (Job *j = x->all, *next; j; j = next) {
    next = j->next;
    if (j->state > JOB_STARTING) {
      kill(-j->start.pid, SIGKILL);
      waitpid(j->start.pid, &j->status, 0);
    }
    release(j);
  }
  spawner_free(x->spawner);
  uv_run(x->loop, UV_RUN_DEFAULT); /* the close callbacks */
  free(x);
}

const Driver driver_exec = {.name = "exec", .sentence = "runs a program of the site: exit 0 ok, 75 unknown, others failed",
                            .open = exec_open, .start = exec_start,
                            .cancel = exec_cancel, .behind = exec_behind, .close = exec_close};
