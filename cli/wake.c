/* wake: signalfd, inotify and timerfd behind one epoll. Mail is not read here: its arrival only wakes. */
#include <config.h>

#include "cli/wake.h"

#include "cli/asking.h"
#include "lang/buf.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static bool add(Wake *w, int fd) {
  struct epoll_event want = {.events = EPOLLIN};
  return fd >= 0 && epoll_ctl(w->fd, EPOLL_CTL_ADD, fd, &want) == 0;
}

/* The file itself, not the folder: the journal beside it is written all the time. */
static int watch_files(const char *run_dir, int *ret_asked) {
  Buf path = BUF_INIT;
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  buf_printf(&path, "%s/inbox.db", run_dir);
  if (fd >= 0 && inotify_add_watch(fd, path.data, IN_MODIFY | IN_CLOSE_WRITE) < 0) {
    close(fd);
    fd = -1;
  }
  buf_reset(&path);
  buf_printf(&path, "%s/" ASKING_FOLDER, run_dir);
  *ret_asked = fd < 0 ? -1 : inotify_add_watch(fd, path.data, IN_CLOSE_WRITE);
  buf_done(&path);
  return fd;
}

static int start_clock(int64_t tick) {
  struct itimerspec t = {.it_interval = {.tv_sec = tick / 1000, .tv_nsec = (long)(tick % 1000) * 1000000}};
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  t.it_value = t.it_interval;
  if (fd >= 0) timerfd_settime(fd, 0, &t, NULL);
  return fd;
}

bool wake_open(Wake *w, const char *run_dir, int64_t tick) {
  sigset_t taken;
  sigemptyset(&taken);
  static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH};
  for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++) sigaddset(&taken, wanted[i]);
  *w = (Wake){.fd = epoll_create1(EPOLL_CLOEXEC), .clock = -1};
  w->files = watch_files(run_dir, &w->asked);
  sigprocmask(SIG_BLOCK, &taken, &w->before);
  signal(SIGPIPE, SIG_IGN);
  w->signals = signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
  if (tick > 0) w->clock = start_clock(tick);
  if (w->fd >= 0 && add(w, w->signals) && add(w, w->files) && (tick <= 0 || add(w, w->clock))) return true;
  fprintf(stderr, "tagout: cannot wait for signals and mail: %s\n", strerror(errno));
  return false;
}

void wake_close(Wake *w) {
  int fds[] = {w->clock, w->files, w->signals, w->fd};
  for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
    if (fds[i] >= 0) close(fds[i]);
  sigprocmask(SIG_SETMASK, &w->before, NULL);
}

static void take_signal(WakeNews *news, uint32_t signal) {
  if (signal == SIGINT || signal == SIGTERM) news->interrupts++;
  if (signal == SIGHUP) news->hangup = true;
  if (signal == SIGUSR1) news->status = true;
  if (signal == SIGWINCH) news->resized = true;
}

/* Which of the watched it was. */
static void take_files(const Wake *w, WakeNews *news) {
  _Alignas(struct inotify_event) char bytes[4096];
  ssize_t n;
  while ((n = read(w->files, bytes, sizeof bytes)) > 0)
    for (ssize_t at = 0; at < n;) {
      struct inotify_event e;
      memcpy(&e, bytes + at, sizeof e);
      *(e.wd == w->asked ? &news->asked : &news->mail) = true;
      at += (ssize_t)(sizeof e + e.len);
    }
}

WakeNews wake_take(Wake *w) {
  WakeNews news = {0};
  struct signalfd_siginfo info;
  uint64_t ticks;
  struct pollfd any = {.fd = w->fd, .events = POLLIN};
  if (poll(&any, 1, 0) <= 0) return news;
  while (read(w->signals, &info, sizeof info) == (ssize_t)sizeof info) take_signal(&news, info.ssi_signo);
  take_files(w, &news);
  if (w->clock >= 0 && read(w->clock, &ticks, sizeof ticks) > 0) news.tick = true;
  return news;
}

void wake_sleep(Wake *w) {
  struct pollfd any = {.fd = w->fd, .events = POLLIN};
  poll(&any, 1, -1);
}
