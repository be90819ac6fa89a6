/* wake: everything that may wake a run besides its world, behind one descriptor: signals, mail in its inbox, questions, a clock for
 * whoever draws. While it is open SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGWINCH are taken through it and interrupt nothing. */
#ifndef TAGOUT_CLI_WAKE_H
#define TAGOUT_CLI_WAKE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Wake {
  int fd;                    /* readable when there is news */
  int signals, files, clock;
  int asked;                 /* the watch of the folder in which questions are left; -1 none */
  sigset_t before;
} Wake;

typedef struct WakeNews {
  uint32_t interrupts;       /* SIGINT, SIGTERM */
  bool hangup;               /* the terminal is gone */
  bool mail, asked, status, resized, tick;
} WakeNews;

/* tick: ms of real time between ticks, 0 none. False after saying why. */
bool wake_open(Wake *w, const char *run_dir, int64_t tick);
void wake_close(Wake *w);
WakeNews wake_take(Wake *w);   /* what has come since the last call; never blocks */
void wake_sleep(Wake *w);      /* until there is news */

#endif
