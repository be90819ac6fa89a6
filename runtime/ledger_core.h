/* ledger_core: the inside of the ledger, for ledger*.c: one database, and the days of a zone. */
#ifndef TAGOUT_RUNTIME_LEDGER_CORE_H
#define TAGOUT_RUNTIME_LEDGER_CORE_H

#include "runtime/calendar.h"
#include "runtime/ledger.h"
#include "runtime/store.h"

struct Ledger {
  Store store;
  Arena *arena;           /* of the zone */
  const Zone *zone;       /* of the last limit per day: its file is read once; NULL none yet */
  char *zone_name;
};

const Zone *ledger_zone(Ledger *l, const char *name); /* one that this machine does not know counts as UTC */

/* ledger_reserve.c: what others have reserved and not taken yet, and of the run's own what is left: at once, by now, and in the day. */
typedef struct Spoken { int64_t out, leaves, own_out, own_leaves; } Spoken;
bool ledger_spoken(Ledger *l, const char *kind, const char *run, int64_t day_from, int64_t day_to, int64_t now, Spoken *ret);

#endif
