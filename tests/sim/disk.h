/* disk: a disk that exists in memory, under the journal, the inbox and the ledger. SQLite reads and writes through it (a VFS, the
 * default one once it is mounted), so that what is tested is the code that runs on a real disk. It knows for every sector whether it
 * was synced: when the power fails, what was not synced is gone, or some of it is. It fills up, fails a sync, or stops in the
 * middle of a write, when it is told to. Nothing in it depends on anything but the seed. */
#ifndef TAGOUT_TESTS_SIM_DISK_H
#define TAGOUT_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum DiskFault {
  DISK_WELL,
  DISK_FULL,    /* from then on every write fails for want of room, until it is mended */
  DISK_SYNC,    /* one sync fails; what it was for may be lost, or not */
  DISK_WRITE,   /* one write fails, and half of it is there */
  DISK_DEAD     /* the process, or the machine, stops in the middle of that call: nothing reaches the disk any more */
} DiskFault;

void disk_mount(void);               /* once: from now on SQLite has no other disk */
void disk_wipe(uint64_t seed);       /* no file is left */
void disk_break(DiskFault fault, uint32_t calls); /* after so many more writes or syncs */
DiskFault disk_struck(void);         /* what has come to pass since it was mended, DISK_WELL: nothing */
void disk_stop(void);                /* it is dead now */
void disk_mend(void);                /* there is room again, it lives again */
void disk_power_fails(void);         /* every file is as it was synced, but for some of the sectors that were written since */
bool disk_synced(const char *name);  /* nothing of the files whose path ends so waits for a sync */
void disk_lie(bool lies);            /* syncs say that they were done, and were not: what must be found out */
uint64_t disk_calls(void);           /* writes and syncs so far */

#endif
