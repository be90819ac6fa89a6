/* live_ledger: what the engine asks of the fleet's ledger, in the ledger's terms: names instead of numbers. */
#ifndef TAGOUT_RUNTIME_LIVE_LEDGER_H
#define TAGOUT_RUNTIME_LIVE_LEDGER_H

#include "runtime/world_live.h"

/* OUT_OK: granted; OUT_FAILED: no room, OUT_UNKNOWN: the ledger could not be asked; both with the reason. */
Outcome live_permit(const LiveConfig *config, const Command *c, int64_t now, Buf *ret_why);
/* Whom the command is about is another run's by now, or nobody can tell: why, in ret_why. */
bool live_lost(const LiveConfig *config, const Command *c, Buf *ret_why);
/* OUT_OK: it may start, or nothing is passed; OUT_FAILED: more is lost than is tolerated; OUT_UNKNOWN: others have too many at work, or the
 * ledger could not be asked; both with the reason. */
Outcome live_risk(const LiveConfig *config, const Command *c, int64_t now, Buf *ret_why);
Outcome live_tally(const LiveConfig *config, const Command *c, int64_t now, Buf *ret_why); /* OUT_OK: it is written */
void live_refund(const LiveConfig *config, const Command *c, int64_t now);

#endif
