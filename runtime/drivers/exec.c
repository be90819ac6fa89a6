/* exec: runs a program of the site. Exit status 0 is ok; 75 (EX_TEMPFAIL of sysexits.h), a signal or the deadline are
 * unknown; everything else is failed, a program that cannot be started too.
 *
 * Each program is the leader of a process group of its own. Its standard input is empty, its output and errors come through
 * one pipe. At the deadline the group gets SIGTERM, and SIGKILL_AFTER_MS later SIGKILL. When the leader is gone, whatever is
 * left of its group is killed, so that nothing of a step outlives its answer. TAGOUT_RUN and TAGOUT_COMMAND in its
 * environment say whose it is: a resume finds what a dead runtime left behind (orphans.c).
 *
 * posix_spawn does not copy our page tables, and a pidfd tells the end without SIGCHLD: the cost per program is near the
 * floor. As many programs run beside each other as this process may have files open for (ulimit -n); more wait in order of
 * arrival. A shortage of files, processes or memory is of this machine and not of the program: the start is tried again until
 * the deadline. */
#include <config.h>

#include "runtime/drivers/driver.h"

#include "runtime/drivers/exec_output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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

typedef enum JobState { JOB_QUEUED, JOB_RUNNING, JOB_TERMINATED, JOB_KILLED } JobState;

typedef struct Exec Exec;
typedef struct Job {
  Exec *exec;
  struct Job *next, *prev;    /* in exec->all */
  uint64_t id;
  char **argv, *run, *duty;   /* owned; duty: NULL nobody */
  int64_t due;                /* loop time, ms */
  JobState state;
  bool timed_out, cancelled;
  pid_t pid;
  int pidfd, out;             /* -1 when closed */
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
  Job *queued;                /* first that is not started */
  uint32_t running, at_once;
  uv_timer_t again;           /* after a shortage */
  bool closing;
};

/* ---- the end of a job ---- */

static void free_job(Job *j) {
  for (char **a = j->argv; *a; a++) free(*a);
  free(j->argv);
  free(j->run);
  free(j->duty);
  exec_output_done(&j->output);
  free(j);
}

static void on_handle_closed(uv_handle_t *h) {
  Job *j = h->data;
  if (--j->open_handles > 0) return;
  close(j->out);
  close(j->pidfd);
  free_job(j);
}

static void unlink_job(Job *j) {
  Exec *x = j->exec;
  if (x->queued == j) x->queued = j->next;
  *(j->prev ? &j->prev->next : &x->all) = j->next;
  *(j->next ? &j->next->prev : &x->last) = j->prev;
}

static void release(Job *j) {
  unlink_job(j);
  if (j->state == JOB_QUEUED) {
    free_job(j);
    return;
  }
  j->exec->running--;
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
  ssize_t n = read(j->out, bytes, sizeof bytes);
  if (n > 0) exec_output_add(&j->output, bytes, (size_t)n);
  return n > 0 || (n < 0 && (errno == EINTR));
}

static void start_next(Exec *x);

static void on_exit_poll(uv_poll_t *poll, int status, int events) {
  Job *j = poll->data;
  char why[120] = "";
  (void)status, (void)events;
  if (waitpid(j->pid, &j->status, WNOHANG) != j->pid) return;
  kill(-j->pid, SIGKILL); /* what is left of its group; ESRCH when nothing is */
  while (read_some(j)) {}
  Exec *x = j->exec;
  Outcome outcome = judge(j, why, sizeof why);
  report(j, outcome, why);
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
    kill(-j->pid, SIGTERM);
    uv_timer_start(timer, on_timer, SIGKILL_AFTER_MS, 0);
  } else {
    j->state = JOB_KILLED;
    kill(-j->pid, SIGKILL);
  }
}

/* ---- the start of a job ---- */

/* Our environment and two variables more; the caller frees the array, the two texts are its own. */
/* duty: NULL: nobody is named. */
static char **job_environment(char *run, char *command, char *duty) {
  size_t n = 0;
  while (environ[n]) n++;
  char **env = xcalloc(n + 4, sizeof *env);
  memcpy(env, environ, n * sizeof *env);
  env[n] = run;
  env[n + 1] = command;
  env[n + 2] = duty;
  return env;
}

static int spawn(Job *j, int out) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attr;
  sigset_t none, all;
  char run[300], command[64], duty[300];
  snprintf(run, sizeof run, "TAGOUT_RUN=%s", j->run);
  snprintf(duty, sizeof duty, "TAGOUT_DUTY=%s", j->duty ? j->duty : "");
  snprintf(command, sizeof command, "TAGOUT_COMMAND=%llu", (unsigned long long)j->id);
  char **env = job_environment(run, command, j->duty ? duty : NULL);
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, out, 2);
  posix_spawnattr_init(&attr);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attr, 0);
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawnattr_setsigdefault(&attr, &all);
  int r = posix_spawnp(&j->pid, j->argv[0], &files, &attr, j->argv, env);
  posix_spawnattr_destroy(&attr);
  posix_spawn_file_actions_destroy(&files);
  free(env);
  return r;
}

static void watch(Job *j) {
  Exec *x = j->exec;
  int64_t left = j->due - (int64_t)uv_now(x->loop);
  j->state = JOB_RUNNING;
  j->open_handles = 3;
  x->running++;
  uv_poll_init(x->loop, &j->exit_poll, j->pidfd);
  uv_poll_init(x->loop, &j->out_poll, j->out);
  uv_timer_init(x->loop, &j->timer);
  j->exit_poll.data = j->out_poll.data = j->timer.data = j;
  uv_poll_start(&j->exit_poll, UV_READABLE, on_exit_poll);
  uv_poll_start(&j->out_poll, UV_READABLE, on_output);
  uv_timer_start(&j->timer, on_timer, left > 0 ? (uint64_t)left : 0, 0);
}

/* A started process that cannot be watched is not left running. */
static int open_pidfd(Job *j) {
  j->pidfd = (int)syscall(SYS_pidfd_open, j->pid, 0);
  if (j->pidfd >= 0) return 0;
  int r = errno;
  kill(-j->pid, SIGKILL);
  waitpid(j->pid, &j->status, 0);
  return r;
}

static bool shortage(int error) { return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE; }

/* False: it is to be tried again, for nothing of it was started. */
static bool start_job(Job *j) {
  int ends[2], r = 0;
  bool started = false;
  if (pipe2(ends, O_CLOEXEC) < 0) r = errno;
  if (r == 0) {
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    r = spawn(j, ends[1]);
    close(ends[1]);
    started = r == 0;
    if (started) r = open_pidfd(j);
    if (r != 0) close(ends[0]);
  }
  if (shortage(r) && !started && j->due > (int64_t)uv_now(j->exec->loop)) return false;
  if (r != 0) {
    char why[200];
    snprintf(why, sizeof why, "`%.100s` cannot be started: %s", j->argv[0], strerror(r));
    report(j, shortage(r) ? OUT_UNKNOWN : OUT_FAILED, why);
    return true;
  }
  j->out = ends[0];
  watch(j);
  return true;
}

static void on_again(uv_timer_t *timer) { start_next(timer->data); }

static void start_next(Exec *x) {
  while (x->queued && x->running < x->at_once && !x->closing) {
    Job *j = x->queued;
    x->queued = j->next;
    if (start_job(j)) continue;
    x->queued = j;
    uv_timer_start(&x->again, on_again, START_AGAIN_MS, 0);
    return;
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
  uv_timer_init(loop, &x->again);
  x->again.data = x;
  return x;
}

static void exec_start(void *driver, const DriverJob *job) {
  Exec *x = driver;
  Job *j = xcalloc(1, sizeof *j);
  size_t n = 0;
  while (job->args[n]) n++;
  j->argv = xcalloc(n + 1, sizeof *j->argv);
  for (size_t i = 0; i < n; i++) j->argv[i] = xstrdup(job->args[i]);
  j->run = xstrdup(job->run);
  j->duty = job->duty ? xstrdup(job->duty) : NULL;
  j->exec = x;
  j->id = job->id;
  j->pidfd = j->out = -1;
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
    else uv_timer_start(&j->timer, on_timer, 0, 0);
    return;
  }
}

static void exec_close(void *driver) {
  Exec *x = driver;
  x->closing = true;
  uv_close((uv_handle_t *)&x->again, NULL);
  for (Job *j = x->all, *next; j; j = next) {
    next = j->next;
    if (j->state != JOB_QUEUED) {
      kill(-j->pid, SIGKILL);
      waitpid(j->pid, &j->status, 0);
    }
    release(j);
  }
  uv_run(x->loop, UV_RUN_DEFAULT); /* the close callbacks */
  free(x);
}

const Driver driver_exec = {.name = "exec", .sentence = "runs a program of the site: exit 0 ok, 75 unknown, others failed",
                            .open = exec_open, .start = exec_start, .cancel = exec_cancel, .close = exec_close};
