/* spawner: a few threads that start programs. The kernel holds whoever starts a program until the program's file is loaded,
 * about half of what a short program costs; meanwhile the loop goes on with what has ended and with the journal's sync. The
 * threads touch nothing but the Start they hold; what became of it is told on the loop's thread. */
#ifndef TAGOUT_RUNTIME_DRIVERS_SPAWNER_H
#define TAGOUT_RUNTIME_DRIVERS_SPAWNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

typedef struct Spawner Spawner;

/* One program to start. Owned by the caller, and the spawner's own from spawner_start until it is told of. */
typedef struct Start {
  struct Start *next;      /* the spawner's */
  char *const *argv, *const *env;
  int error;               /* errno; 0: it runs, the leader of its own group, and the three below are the caller's */
  pid_t pid;
  int pidfd, out;          /* out: all that it writes; does not block */
} Start;

/* told: called on the loop's thread, from the loop, once for each start. While one is under way the loop is kept alive. */
Spawner *spawner_new(uv_loop_t *loop, void (*told)(void *ctx, Start *s), void *ctx);
void spawner_start(Spawner *p, Start *s);
bool spawner_behind(Spawner *p); /* so many wait that the threads have work for longer than a sync of the journal takes */
/* Waits for the starts that are under way and tells of them; gives those that no thread has begun back with ECANCELED. */
void spawner_stop(Spawner *p);
void spawner_free(Spawner *p); /* after spawner_stop; the loop must run once more for its close callback, which frees it */

#endif
