/* sim: one run of a whole runbook by the real loop (runtime/turn.h), the real engine and the real journal, in a rough world, on a
 * rough disk, among people who change their minds; judged after every event. A seed is the same run on every machine. */
#ifndef TAGOUT_TESTS_SIM_SIM_H
#define TAGOUT_TESTS_SIM_SIM_H

#include "lang/buf.h"
#include "runtime/faults.h"
#include "runtime/journal.h"
#include "runtime/ledger.h"
#include "runtime/turn.h"
#include "tests/sim/judge.h"
#include "tests/sim/rough.h"
#include "tests/sim/tally.h"

/* How often, in ten thousand turns; of the disk: which fault. */
typedef struct Day {
  Weather weather;
  uint32_t crash, disk, people;
  bool quiet;                /* nothing but deaths, and those are short: it ends as it would have without */
  uint32_t failed, unknown, silent; /* ppm of actions, and of entities whose readings stay away */
} Day;

typedef struct SimGround {
  const Program *program;    /* as it was written: the judge's */
  const Program *obeyed;     /* the engine's: the same, but where a test breaks it */
  const Fleet *fleet;
  const Frozen *frozen;
  int64_t start;
  const char *dir;           /* a real folder: of the owner's lock */
  bool lies;                 /* the disk does, about syncs */
  bool forgets;              /* a resumed run is not told of one thing that happened */
  bool sticks;               /* what is unlocked says so, and stays locked */
  bool alone;                /* the engine does not know that others share its ledger */
  const Frozen *obeyed_frozen; /* the engine's: without the window where a test takes it away */
} SimGround;

typedef struct Said { uint32_t tag; bool sent; } Said;   /* sent: it is durable, whoever sent it was told so */

typedef struct Sim {
  const SimGround *ground;
  Day day;
  uint64_t seed, random;
  Faults faults;
  World *world;
  Engine *engine;
  Journal *journal;
  Ledger *ledger;
  Turn turn;
  Judge judge;
  VEC(uint64_t) digests;     /* of the engine after the event with that number - 1; 0 not taken */
  int64_t latest;            /* of the last event that this life has taken */
  uint64_t seq;              /* events that this life has taken, those of the journal included */
  VEC(Said) said;
  uint32_t tags;
  CommandCursor issued;      /* while a resume replays */
  uint64_t turns, lives;
  Tally tally;
  bool acts;                 /* it has sent an action */
  bool calm;                 /* enough: nothing goes wrong any more */
  bool traces;
} Sim;

void sim_begin(Sim *s, const SimGround *g, uint64_t seed, const Day *day, bool traces);
bool sim_run(Sim *s);        /* false: a rule was broken: s->judge */
void sim_done(Sim *s);
/* Of the fleet, the locks and the members, one per line: no times, no numbers of commands. */
void sim_end_state(Sim *s, Buf *out);
uint32_t sim_below(Sim *s, uint32_t n);
bool sim_chance(Sim *s, uint32_t in_ten_thousand);
void sim_trace(Sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* people.c */
void people_speak(Sim *s);   /* one of them says something, or not */
void people_let_go(Sim *s);  /* nobody keeps anything back */
void people_heard(Sim *s);   /* at the end: what was said was heard once */

/* lives.c: processes that come and go */
bool life_begins(Sim *s, bool first);
void life_ends(Sim *s, bool power);

#endif
