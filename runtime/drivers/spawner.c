/* spawner: two lists under one lock: what is to be started, what has been. A program is started by clone(2) as vfork(2) would:
 * the child runs in our memory, on a stack of its own, until it becomes the program, and the thread waits for that. It is what
 * posix_spawn does, without what that asks of the system for each one: a stack, the limits of files, each signal there is, and
 * the program in every folder of PATH (a tenth of what a short program costs). A pidfd, made with the process, tells its end
 * without SIGCHLD. The threads take no signals, which the child would take in their stead, and no memory. */
#include <config.h>

#include "runtime/drivers/spawner.h"

#include "lang/arena.h"
#include "runtime/drivers/program_path.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS_MOST 4 /* more only contend for the process's table of files */
#define BEHIND 8       /* starts that wait: 2 ms of work and more */
#define CHILD_STACK 65536u
#define EXIT_NOT_STARTED 127

typedef struct List { Start *first, **end; } List;

typedef struct Starter { /* a thread, and what it needs to start one program after the other */
  Spawner *pool;
  uv_thread_t thread;
  LastProgram last;
  int nothing;                     /* /dev/null, what programs read; negative: not open */
  _Alignas(16) char stack[CHILD_STACK]; /* of the child, until it is the program */
} Starter;

struct Spawner {
  void (*told)(void *ctx, Start *s);
  void *ctx;
  uv_async_t news;
  uint32_t under_way;              /* loop's thread only */
  Starter *starters[THREADS_MOST]; /* the first stands in for a thread where there is none */
  unsigned thread_count, most;     /* loop's thread only */
  int changed[NSIG];               /* signals that are not at their default: what this process ignores, its programs do not */
  unsigned changed_count;
  uv_mutex_t lock;                 /* of all below */
  uv_cond_t work;
  List todo, done;
  unsigned waiting, idle;          /* starts in todo; threads that wait for one */
  bool stop;
};

static void append(List *l, Start *s) {
  s->next = NULL;
  if (!l->first) l->end = &l->first;
  *l->end = s;
  l->end = &s->next;
}

static Start *take_first(List *l) {
  Start *s = l->first;
  if (s) l->first = s->next;
  return s;
}

static Start *take_all(List *l) {
  Start *s = l->first;
  l->first = NULL;
  return s;
}

/* ---- one program ---- */

/* What a child is told, and what it says when it becomes no program: it writes into our memory. */
typedef struct Child { const Spawner *spawner; const Start *start; const char *path; int in, out; volatile int error; } Child;

/* In our memory, on another stack: nothing but system calls. Ignored signals would stay ignored in the program; nobody else's
 * are changed, the table of them is the child's own. */
static int become(void *told) {
  Child *c = told;
  const Spawner *p = c->spawner;
  static const struct sigaction ordinary = {.sa_handler = SIG_DFL};
  sigset_t none;
  sigemptyset(&none);
  for (unsigned i = 0; i < p->changed_count; i++) sigaction(p->changed[i], &ordinary, NULL);
  if (setpgid(0, 0) == 0 && dup2(c->in, STDIN_FILENO) >= 0 && dup2(c->out, STDOUT_FILENO) >= 0 && dup2(c->out, STDERR_FILENO) >= 0 &&
      sigprocmask(SIG_SETMASK, &none, NULL) == 0)
    execve(c->path, c->start->argv, c->start->env);
  c->error = errno;
  return EXIT_NOT_STARTED;
}

/* CLONE_VFORK: we go on when the child has become the program, or has ended. */
static int spawn(Spawner *p, Starter *on, Start *s, int out) {
  Child c = {.spawner = p, .start = s, .in = on->nothing, .out = out};
  int r = program_find_again(&on->last, s->argv[0], &c.path);
  if (r != 0) return r;
  s->pid = clone(become, on->stack + sizeof on->stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &c, &s->pidfd);
  if (s->pid < 0) return errno;
  if (c.error == 0) return 0;
  close(s->pidfd);
  waitpid(s->pid, NULL, 0);
  return c.error;
}

static void start(Spawner *p, Starter *on, Start *s) {
  int ends[2];
  if (on->nothing < 0) on->nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  s->error = on->nothing < 0 || pipe2(ends, O_CLOEXEC) < 0 ? errno : 0;
  if (s->error) return;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  s->out = ends[0];
  s->error = spawn(p, on, s, ends[1]);
  close(ends[1]);
  if (s->error) close(ends[0]);
}

/* ---- the threads ---- */

/* Whoever ends a list that was empty calls the loop: one call for all that ends before it comes. */
static void add_done(Spawner *p, Start *s) {
  bool call = !p->done.first;
  append(&p->done, s);
  if (call) uv_async_send(&p->news);
}

static void work(void *starter) {
  Starter *on = starter;
  Spawner *p = on->pool;
  uv_mutex_lock(&p->lock);
  while (!p->stop) {
    Start *s = take_first(&p->todo);
    if (!s) {
      p->idle++;
      uv_cond_wait(&p->work, &p->lock);
      p->idle--;
      continue;
    }
    p->waiting--;
    uv_mutex_unlock(&p->lock);
    start(p, on, s);
    uv_mutex_lock(&p->lock);
    add_done(p, s);
  }
  uv_mutex_unlock(&p->lock);
}

static Starter *starter(Spawner *p, unsigned i) {
  if (p->starters[i]) return p->starters[i];
  p->starters[i] = xcalloc(1, sizeof *p->starters[i]);
  p->starters[i]->pool = p;
  p->starters[i]->nothing = -1;
  return p->starters[i];
}

static sigset_t block_signals(void) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  return before;
}

/* Signals are the loop's: a thread begins with all of them blocked. */
static void add_thread(Spawner *p) {
  Starter *on = starter(p, p->thread_count);
  sigset_t before = block_signals();
  if (uv_thread_create(&on->thread, work, on) == 0) p->thread_count++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Where the system gives no thread at all, programs are started here: slower, and nothing else. */
static void start_here(Spawner *p) {
  Start *s = take_first(&p->todo);
  sigset_t before = block_signals();
  start(p, starter(p, 0), s);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  p->waiting--;
  add_done(p, s);
}

/* ---- the loop's side ---- */

static void tell(Spawner *p, Start *s) {
  for (Start *next; s; s = next) {
    next = s->next;
    if (--p->under_way == 0) uv_unref((uv_handle_t *)&p->news);
    p->told(p->ctx, s);
  }
}

static void on_news(uv_async_t *news) {
  Spawner *p = news->data;
  uv_mutex_lock(&p->lock);
  Start *done = take_all(&p->done);
  uv_mutex_unlock(&p->lock);
  tell(p, done);
}

static void look_at_signals(Spawner *p) {
  struct sigaction is;
  for (int i = 1; i < NSIG; i++)
    if (sigaction(i, NULL, &is) == 0 && is.sa_handler != SIG_DFL) p->changed[p->changed_count++] = i;
}

Spawner *spawner_new(uv_loop_t *loop, void (*told)(void *ctx, Start *s), void *ctx) {
  Spawner *p = xcalloc(1, sizeof *p);
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  p->told = told;
  p->ctx = ctx;
  p->most = processors < 1 ? 1 : processors > THREADS_MOST ? THREADS_MOST : (unsigned)processors;
  look_at_signals(p);
  uv_mutex_init(&p->lock);
  uv_cond_init(&p->work);
  uv_async_init(loop, &p->news, on_news);
  p->news.data = p;
  uv_unref((uv_handle_t *)&p->news);
  return p;
}

void spawner_start(Spawner *p, Start *s) {
  if (p->under_way++ == 0) uv_ref((uv_handle_t *)&p->news);
  uv_mutex_lock(&p->lock);
  append(&p->todo, s);
  bool busy = ++p->waiting > p->idle;
  if (p->idle > 0) uv_cond_signal(&p->work);
  uv_mutex_unlock(&p->lock);
  if (busy && p->thread_count < p->most) add_thread(p);
  if (p->thread_count == 0) start_here(p);
}

bool spawner_behind(Spawner *p) {
  uv_mutex_lock(&p->lock);
  bool behind = p->waiting > BEHIND;
  uv_mutex_unlock(&p->lock);
  return behind;
}

void spawner_stop(Spawner *p) {
  uv_mutex_lock(&p->lock);
  p->stop = true;
  uv_cond_broadcast(&p->work);
  uv_mutex_unlock(&p->lock);
  while (p->thread_count > 0) uv_thread_join(&p->starters[--p->thread_count]->thread);
  for (Start *s; (s = take_first(&p->todo)) != NULL; append(&p->done, s)) s->error = ECANCELED;
  tell(p, take_all(&p->done));
}

static void on_closed(uv_handle_t *news) {
  Spawner *p = news->data;
  uv_cond_destroy(&p->work);
  uv_mutex_destroy(&p->lock);
  for (unsigned i = 0; i < THREADS_MOST && p->starters[i]; i++) {
    if (p->starters[i]->nothing >= 0) close(p->starters[i]->nothing);
    free(p->starters[i]);
  }
  free(p);
}

void spawner_free(Spawner *p) { uv_close((uv_handle_t *)&p->news, on_closed); }
