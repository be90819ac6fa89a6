/* ledger: what all runs of a fleet share: which members a run works on, and what is out of service. A SQLite file
 * `fleets/SITE.db` in the state folder; every change is one transaction, synced before the call returns. A dead run keeps what
 * it has: nothing here expires.
 *
 * Claims are exclusive: two runs never work on one member. They end with the run. Charges are made when a member is about to
 * leave service and end when some run has verified it back, or when a person says so by name. */
#ifndef TAGOUT_RUNTIME_LEDGER_H
#define TAGOUT_RUNTIME_LEDGER_H

#include "lang/arena.h"
#include "lang/buf.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct Ledger Ledger;

/* 0, or a negative errno with what is wrong in ret_why. Makes the file and its folder when they are missing. */
int ledger_open(const char *path, Ledger **ret, Buf *ret_why);
void ledger_close(Ledger *l); /* accepts NULL */
const char *ledger_why(const Ledger *l); /* what went wrong in the last call that returned a negative errno */

typedef struct Member { const char *kind, *name; } Member;

/* ---- claims ---- */

typedef struct Conflict { const char *run, *dir; Member first; uint32_t count; } Conflict; /* dir: the folder of that run */
/* All of them for the run, or none. 1: claimed; 0: other runs have some, *ret_conflict names the one that has most, texts in the
 * arena. A member that the run has already is no conflict. */
int ledger_claim(Ledger *l, const char *run, const char *dir, const Member *members, uint32_t count, int64_t now, Arena *arena,
                 Conflict *ret_conflict);
/* An emergency of the run has hit them: what nobody has is the run's from now on, and each(other run, its folder, member) is told what
 * others have. take: that is the run's from now on, too, and the others have lost it. */
typedef void EachClaim(void *ctx, const char *run, const char *dir, Member m);
int ledger_preempt(Ledger *l, const char *run, const char *dir, const Member *members, uint32_t count, bool take, int64_t now, EachClaim *each, void *ctx);
/* Has an emergency of another run taken it from this one? 1, or 0: it has not, or the run never had it. */
int ledger_lost(Ledger *l, const char *run, Member m);
/* The run has ended, or its folder is gone: its members are free. What it has charged stays charged. */
int ledger_end(Ledger *l, const char *run);

/* ---- the budget ---- */

typedef struct BudgetLimits {
  uint32_t at_once;       /* 0: no such limit */
  uint32_t per_day;       /* 0: no such limit */
  const char *zone;       /* whose local day is meant */
} BudgetLimits;
/* 1: the member may leave service, and is counted from now on; 0: no room, *ret_why says how many are out and for whom. The same
 * question again is answered 1 and counts once. Over a day counts who left in it, back or not. */
int ledger_permit(Ledger *l, const char *run, Member member, const BudgetLimits *limits, int64_t now, Buf *ret_why);
/* 1: it was out, or lost (ledger_losses.h), and is back. */
int ledger_refund(Ledger *l, Member member, int64_t now, const char *by);
/* The run was permitted and the member did not leave: its charge never was. Another run's stays. */
int ledger_undo(Ledger *l, const char *run, Member member);
/* The run has given these back, or undone them, and it may not have been written down. Of those that it has claimed, so that nobody
 * else can have taken them out since: how many were still charged. */
int ledger_refund_again(Ledger *l, const char *run, const Member *members, uint32_t count, int64_t now);
int ledger_undo_again(Ledger *l, const char *run, const Member *members, uint32_t count);

/* ---- reservations ---- */

/* What a run may have out at most, per local day, is set apart when its plan is approved, or when it starts: nobody else takes it.
 * The members that then leave are charged as ever, within it. It ends with the run, or when somebody releases it; a day that
 * is over is over for it, too. */
typedef struct ReserveDay { int64_t from, to; uint32_t out, leaves; } ReserveDay; /* ms UTC; out: at once; leaves: may leave in it */
typedef struct Reservation {
  const char *plan;       /* digest */
  const char *title;      /* for people */
  const char *run;        /* "": none has begun */
  const char *kind;
  const ReserveDay *days; uint32_t count;
  BudgetLimits limits;    /* zone: whose local days they are */
} Reservation;
typedef struct ReserveHolder { const char *plan, *title, *run, *dir; int64_t amount; } ReserveHolder; /* plan "": of runs that have ended */
#define RESERVE_HOLDERS 8u
typedef struct ReserveRefusal {
  ReserveDay day;
  bool at_once;           /* it is the limit at once that has no room, else the one per day */
  int64_t taken;          /* by the holders and those that are not named */
  ReserveHolder holders[RESERVE_HOLDERS]; uint32_t holder_count;
  int64_t next;           /* begin of the first day from which on all would fit; INT64_MAX: none within a year */
} ReserveRefusal;
/* In the place of what the plan has reserved before for nobody yet, or for this run. 1: reserved; 0: no room, nothing has changed, the texts are in the arena. */
int ledger_reserve(Ledger *l, const Reservation *r, int64_t now, Arena *arena, ReserveRefusal *ret);
/* Of plans whose digest begins so and that no run has begun: how many days were given up. */
int ledger_release(Ledger *l, const char *plan);

/* ---- to look at ---- */

typedef struct Reserved { const char *plan, *title, *run, *dir, *kind; ReserveDay most; uint32_t days; int64_t at; } Reserved; /* most: from the first day to the last, with the most of any */
typedef void EachReserved(void *ctx, const Reserved *r);
int ledger_reserved(Ledger *l, int64_t now, EachReserved *each, void *ctx); /* of days that are not over */

typedef struct Holding { const char *run, *dir; uint32_t claims, out; int64_t since; } Holding; /* out: charged and not back */
typedef void EachHolding(void *ctx, const Holding *h);
typedef void EachOut(void *ctx, Member m, const char *run, int64_t since);
int ledger_runs(Ledger *l, EachHolding *each, void *ctx);
int ledger_out(Ledger *l, EachOut *each, void *ctx);

#endif
