/* world_live: the real world. A libuv loop, drivers, the real clock; gates are answered through the run's inbox. */
#ifndef TAGOUT_RUNTIME_WORLD_LIVE_H
#define TAGOUT_RUNTIME_WORLD_LIVE_H

#include "runtime/ledger.h"
#include "runtime/live_bind.h"
#include "runtime/world.h"

typedef struct LiveConfig {
  const LiveBind *bind;
  const char *run;   /* id of the run, for tags on the systems' side */
  Ledger *ledger;    /* of the fleet; NULL: none is shared */
  const Program *program;
  const Fleet *fleet; /* whose names stand in the ledger */
  int wake_fd;       /* wait() ends early when it is readable; -1 none */
} LiveConfig;

World *world_live_new(const LiveConfig *config); /* NULL: the system gives no loop, errno says why */
void world_live_duty(World *world, const char *who); /* who is on duty from now on: programs are told (TAGOUT_DUTY); copied */

/* How long those who are told something last are waited for, ms: once, by whoever hears of their answers, or by free. */
#define WORLD_LAST_WORD 10000
int64_t world_live_answers(const World *world); /* value of the run's BEGIN */
uint32_t world_live_telling(const World *world); /* messages that are under way */
void world_live_waited(World *world);

/* Processes that a dead runtime of this run left behind: their groups are ended (SIGTERM, then SIGKILL) and waited for, so
 * that no action runs twice at once. Returns how many there were; at most ten seconds. */
uint32_t orphans_end(const char *run);

#endif
