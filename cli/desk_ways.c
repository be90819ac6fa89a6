/* desk_ways: one thread, one poll. */
#include <config.h>

#include "cli/desk_ways.h"

#include "cli/desk_folder.h"
#include "cli/desk_http.h"
#include "cli/desk_keep.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS 1000

typedef struct Ways {
  Desk *desk;
  DeskFolder *folder;        /* NULL: none is watched */
  DeskHttp *http;            /* NULL: nobody listens */
  int signals, queue;
  sigset_t before;
} Ways;

/* ---- opening ---- */

/* The folder of the queue: SQLite writes beside the file that it names. */
static int watch_queue(Arena *arena, const char *state) {
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd >= 0) inotify_add_watch(fd, arena_printf(arena, "%s/incidents", state), IN_MODIFY | IN_CREATE);
  return fd; /* without it the clock finds what has come */
}

static bool open_ways(Ways *w) {
  const DeskRecord *r = &w->desk->home.record;
  sigset_t taken;
  sigemptyset(&taken);
  static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
  for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++) sigaddset(&taken, wanted[i]);
  sigprocmask(SIG_BLOCK, &taken, &w->before);
  signal(SIGPIPE, SIG_IGN);
  w->signals = signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
  w->queue = watch_queue(w->desk->arena, w->desk->state);
  if (w->signals < 0) return fprintf(stderr, "tagout: cannot wait for signals: %s\n", strerror(errno)), false;
  if (*r->folder && !(w->folder = desk_folder_open(w->desk, r->folder))) return false;
  return !*r->listen || (w->http = desk_http_open(w->desk, r->listen)) != NULL;
}

static void close_ways(Ways *w) {
  desk_http_close(w->http);
  desk_folder_close(w->folder);
  if (w->queue >= 0) close(w->queue);
  if (w->signals >= 0) close(w->signals);
  sigprocmask(SIG_SETMASK, &w->before, NULL);
}

/* ---- the loop ---- */

static void wait_for_news(Ways *w) {
  struct pollfd any[] = {{w->signals, POLLIN, 0}, {w->queue, POLLIN, 0}, {w->folder ? desk_folder_fd(w->folder) : -1, POLLIN, 0},
                         {w->http ? desk_http_fd(w->http) : -1, POLLIN, 0}};
  char seen[4096];
  int most = w->desk->more ? 0 : TICK_MS;
  poll(any, sizeof any / sizeof *any, w->http ? desk_http_timeout(w->http, most) : most);
  while (w->queue >= 0 && read(w->queue, seen, sizeof seen) > 0) {}
}

static void take_signals(Ways *w) {
  struct signalfd_siginfo info;
  while (read(w->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGCHLD) continue;
    w->desk->stopping = true;
  }
  desk_reap(w->desk);
}

static bool loop(Ways *w) {
  bool ok = desk_adopt(w->desk);
  while (ok && !w->desk->stopping) {
    w->desk->more = w->folder && desk_folder_take(w->folder);
    if (w->http) desk_http_serve(w->http);
    ok = desk_turn(w->desk) && desk_keep(w->desk);
    if (ok) wait_for_news(w);
    take_signals(w);
  }
  return ok;
}

ExitCode desk_ways_serve(Desk *d) {
  Ways w = {.desk = d, .signals = -1, .queue = -1};
  bool ok = open_ways(&w);
  if (ok) {
    desk_say("%s stands, process %ld", d->home.name, (long)getpid());
    ok = loop(&w);
    if (d->stopping) desk_say("stopped; %u run%s", d->runs.len, d->runs.len == 1 ? " goes on" : "s go on");
  }
  close_ways(&w);
  return ok ? EXIT_DONE : EXIT_USAGE;
}
