/* owner: who has something in hands. A process holds flock(2) on a file for its whole life; the kernel drops it with the process, so
 * a dead owner never blocks anyone and a living one cannot be robbed. The file says who it is: "process 12 on host". */
#ifndef TAGOUT_RUNTIME_OWNER_H
#define TAGOUT_RUNTIME_OWNER_H

#include <stdbool.h>
#include <stddef.h>

/* The descriptor that holds it, close-on-exec. -EBUSY: another process has it, *ret_who says which ("" unknown); any other negative
 * errno: the file cannot be made or written. */
int owner_take(const char *path, char *ret_who, size_t size);
/* Has a living process it? Then who, also when it cannot be found out; ret_who may be NULL. */
bool owner_look(const char *path, char *ret_who, size_t size);

#endif
