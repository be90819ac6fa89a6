/* driver: one way to reach a system. A driver is one file and one row of the table in driver.c. It takes a job (arguments as
 * texts, a deadline), begins it without blocking on the live world's loop, and reports its end exactly once: ok, failed or
 * unknown, with what the system said. It bounds everything: time, output, how much at once. */
#ifndef TAGOUT_RUNTIME_DRIVERS_DRIVER_H
#define TAGOUT_RUNTIME_DRIVERS_DRIVER_H

#include "runtime/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct uv_loop_s DriverLoop; /* libuv's loop */

typedef struct DriverJob {
  uint64_t id;               /* the command's: the idempotency key, handed to the system where it can take one */
  const char *const *args;   /* NULL-terminated; owned by the caller until start returns */
  int64_t timeout;           /* ms from now; > 0 */
  const char *run;           /* id of the run, for tags on the system's side */
  const char *duty;          /* who is on duty, for those who are told; NULL: nobody is named */
} DriverJob;

typedef struct DriverResult {
  Outcome outcome;
  const char *output;        /* what the system said: valid UTF-8, bounded, NUL-terminated; lives until the callback returns */
  const char *why;           /* one line for people when the outcome is not ok; else NULL */
} DriverResult;

typedef void (*DriverDone)(void *ctx, uint64_t id, const DriverResult *result);

typedef struct Driver {
  const char *name;
  const char *sentence;      /* what it does, for `tagout drivers` */
  const char *missing;       /* NULL: works in this build; else why it does not */
  void *(*open)(DriverLoop *loop, DriverDone done, void *ctx); /* one instance per live world */
  void (*start)(void *driver, const DriverJob *job);           /* may call done before it returns */
  void (*cancel)(void *driver, uint64_t id);                   /* give up; done is still called, once */
  bool (*behind)(void *driver);                                /* a job more would only wait to be started; NULL: never */
  void (*close)(void *driver);                                 /* kills what is left; done is not called any more */
} Driver;

extern const Driver driver_exec;
extern const Driver *const drivers[]; /* NULL-terminated */
const Driver *driver_find(const char *name);

#endif
