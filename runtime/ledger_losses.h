/* ledger_losses: what the runs of a fleet have set aside, for tolerances that count over all of them (per KIND, per day, per fleet). What is
 * lost is written when it happens; it counts until some run has verified it back in service, a roll back of its own run has taken it in
 * again, or a person says that it is back; on its day it counts all the same. Members at work under such a tolerance are written, too:
 * each of them may still be lost. A dead run keeps both; those at work go with the end of their run.
 *
 * So two runs at once lose no more than one alone would: a member starts only while all that is lost, and all that others have at work,
 * is within the tolerance. */
#ifndef TAGOUT_RUNTIME_LEDGER_LOSSES_H
#define TAGOUT_RUNTIME_LEDGER_LOSSES_H

#include "runtime/ledger.h"

/* What is counted, with what contains it. */
typedef struct LossUnit { Member member; const Member *within; uint32_t within_count; } LossUnit;
typedef struct LossScope {
  const char *kind, *plural; /* of what is counted; for people */
  Member within;          /* only in that; kind "": in the fleet */
  const char *day_zone;   /* only of the present day there; NULL: whatever is lost still */
} LossScope;
typedef struct RiskQuestion {
  const char *run, *member; /* the member that would start, "Node:r01-n03" */
  LossUnit unit;
  LossScope scope;
  int64_t amount, own;    /* tolerated; lost by the run itself, as it counts */
  bool only_look;         /* nobody starts: is more lost than is tolerated? */
  uint64_t seq;           /* of the run's question: asked again it is the same */
} RiskQuestion;

typedef enum Risk { RISK_MAY_START, RISK_WAITS, RISK_PASSED } Risk; /* WAITS: others have too many at work; PASSED: more is lost */
/* Who may start is at work from then on. ret_why: for people, of all but MAY_START. Negative errno: it could not be asked. */
int ledger_risk(Ledger *l, const RiskQuestion *q, int64_t now, Buf *ret_why);
int ledger_through(Ledger *l, const char *run, const char *member, uint64_t seq); /* questions before that: it is at work no more */

/* still: it is set aside; else it has been rolled back, and counts on its day only. The same seq again changes nothing. */
int ledger_set_aside(Ledger *l, const char *run, uint64_t seq, const LossUnit *units, uint32_t count, bool still, int64_t at);
/* The run's own losses before that seq are none any more; never: as if they had not been. */
int ledger_in_again(Ledger *l, const char *run, uint64_t seq, const Member *units, uint32_t count, bool never, int64_t now);

typedef void EachLost(void *ctx, Member m, const char *run, int64_t at, bool still);
int ledger_aside_since(Ledger *l, int64_t since, EachLost *each, void *ctx); /* whoever is lost still, or was lost since then: in the order of time */
typedef void EachAtWork(void *ctx, const char *run, const char *dir, uint32_t count);
int ledger_at_work(Ledger *l, EachAtWork *each, void *ctx);

#endif
