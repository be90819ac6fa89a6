/* spawner: two lists under one lock: what is to be started, what has been. Programs are started with posix_spawn, which does not
 * copy the page tables; a pidfd tells their end without SIGCHLD. The threads take no signals, and no memory but what libc's
 * spawn takes, which may fail. */
#include <config.h>

#include "runtime/drivers/spawner.h"

#include "lang/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS_MOST 4 /* more only contend for the process's address space, which every start maps a stack into */
#define BEHIND 8       /* starts that wait: 2 ms of work and more */

typedef struct List { Start *first, **end; } List;

struct Spawner {
  void (*told)(void *ctx, Start *s);
  void *ctx;
  uv_async_t news;
  uint32_t under_way;              /* loop's thread only */
  uv_thread_t threads[THREADS_MOST];
  unsigned thread_count, most;     /* loop's thread only */
  uv_mutex_t files;                /* held by whoever opens some */
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

static int describe(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr, int out) {
  sigset_t none, all;
  int r = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
  if (r == 0) r = posix_spawn_file_actions_adddup2(files, out, 1);
  if (r == 0) r = posix_spawn_file_actions_adddup2(files, out, 2);
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(attr, 0);
  posix_spawnattr_setsigmask(attr, &none);
  posix_spawnattr_setsigdefault(attr, &all);
  return r;
}

static int spawn(Start *s, int out) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attr;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attr);
  int r = describe(&files, &attr, out);
  if (r == 0) r = posix_spawnp(&s->pid, s->argv[0], &files, &attr, s->argv, s->env);
  posix_spawnattr_destroy(&attr);
  posix_spawn_file_actions_destroy(&files);
  return r;
}

/* The pidfd takes the place of the pipe's other end, which no other thread's pipe must take meanwhile: a started process that
 * cannot be watched is not left running. */
static int open_pidfd(Spawner *p, Start *s, int other_end) {
  uv_mutex_lock(&p->files);
  close(other_end);
  s->pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0);
  int r = s->pidfd < 0 ? errno : 0;
  uv_mutex_unlock(&p->files);
  if (r == 0) return 0;
  kill(-s->pid, SIGKILL);
  waitpid(s->pid, NULL, 0);
  return r;
}

static int open_pipe(Spawner *p, int ends[2]) {
  uv_mutex_lock(&p->files);
  int r = pipe2(ends, O_CLOEXEC) < 0 ? errno : 0;
  uv_mutex_unlock(&p->files);
  if (r == 0) fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return r;
}

static void start(Spawner *p, Start *s) {
  int ends[2];
  s->ran = false;
  s->error = open_pipe(p, ends);
  if (s->error) return;
  s->out = ends[0];
  s->error = spawn(s, ends[1]);
  s->ran = s->error == 0;
  if (s->ran) s->error = open_pidfd(p, s, ends[1]);
  else close(ends[1]);
  if (s->error) close(ends[0]);
}

/* ---- the threads ---- */

/* Whoever ends a list that was empty calls the loop: one call for all that ends before it comes. */
static void add_done(Spawner *p, Start *s) {
  bool call = !p->done.first;
  append(&p->done, s);
  if (call) uv_async_send(&p->news);
}

static void work(void *pool) {
  Spawner *p = pool;
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
    start(p, s);
    uv_mutex_lock(&p->lock);
    add_done(p, s);
  }
  uv_mutex_unlock(&p->lock);
}

/* Signals are the loop's: a thread begins with all of them blocked. */
static void add_thread(Spawner *p) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (uv_thread_create(&p->threads[p->thread_count], work, p) == 0) p->thread_count++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
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

Spawner *spawner_new(uv_loop_t *loop, void (*told)(void *ctx, Start *s), void *ctx) {
  Spawner *p = xcalloc(1, sizeof *p);
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  p->told = told;
  p->ctx = ctx;
  p->most = processors < 1 ? 1 : processors > THREADS_MOST ? THREADS_MOST : (unsigned)processors;
  uv_mutex_init(&p->files);
  uv_mutex_init(&p->lock);
  uv_cond_init(&p->work);
  uv_async_init(loop, &p->news, on_news);
  p->news.data = p;
  uv_unref((uv_handle_t *)&p->news);
  return p;
}

/* Where the system gives no thread at all, programs are started here: slower, and nothing else. */
void spawner_start(Spawner *p, Start *s) {
  if (p->under_way++ == 0) uv_ref((uv_handle_t *)&p->news);
  uv_mutex_lock(&p->lock);
  append(&p->todo, s);
  bool busy = ++p->waiting > p->idle;
  if (p->idle > 0) uv_cond_signal(&p->work);
  uv_mutex_unlock(&p->lock);
  if (busy && p->thread_count < p->most) add_thread(p);
  if (p->thread_count > 0) return;
  start(p, take_first(&p->todo));
  p->waiting--;
  add_done(p, s);
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
  while (p->thread_count > 0) uv_thread_join(&p->threads[--p->thread_count]);
  for (Start *s; (s = take_first(&p->todo)) != NULL; append(&p->done, s)) s->error = ECANCELED, s->ran = false;
  tell(p, take_all(&p->done));
}

static void on_closed(uv_handle_t *news) {
  Spawner *p = news->data;
  uv_cond_destroy(&p->work);
  uv_mutex_destroy(&p->lock);
  uv_mutex_destroy(&p->files);
  free(p);
}

void spawner_free(Spawner *p) { uv_close((uv_handle_t *)&p->news, on_closed); }
