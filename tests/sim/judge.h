/* judge: what must hold in every run, whatever happens, looked at after every event and at the end. It goes by what left the run,
 * by what the run was told, and by what is true in the simulated fleet; of the engine's inside it looks at who is under way only.
 *
 * UNWRITTEN   a command left before it, or the event that caused it, was synced; or a resumed run does not know of it
 * AT_ONCE     more members of a fan are under way than its limits admit
 * RATE        more have begun, or were sent through a service, in a span of time than a limit admits
 * PLACES      more calls work in a service at once than it takes, or one was sent while as many were overdue as may be
 * TOLERANCE   a member began although more had been set aside before than the fan tolerates
 * BUDGET      more are out of service than the budget admits
 * WINDOW      a member of a fan began while the window was closed
 * LOCK_LOST   an automation is locked in the fleet and the run does not know that it is
 * LOCK_LEFT   the run has ended, and what it locked is locked and nobody's
 * FORGOTTEN   the run has ended, and a member is in no state that has a name
 * PASSED_BY   the run has completed, and a member that a fan of it is for never began there
 * NOT_UNDONE  the run has ended in the middle of a step that an attempt is around, and nothing was rolled back
 * LEFT_OUT    the run has ended, and a member that it took out of service is out, is not locked, not set aside, not handed over
 * SETTING     the run has ended, and a setting is neither as it was, nor did the run say that it is not
 * UNDER_WAY   the run has ended, and something is in flight or due */
#ifndef TAGOUT_TESTS_SIM_JUDGE_H
#define TAGOUT_TESTS_SIM_JUDGE_H

#include "lang/buf.h"
#include "runtime/engine.h"
#include "runtime/simfleet.h"

typedef struct Begun { uint32_t fan, member; int64_t at; } Begun;
typedef struct Flying { uint64_t id; uint32_t action, kind, entity; int64_t sent; } Flying;
typedef struct SentAt { uint32_t service, kind, entity; int64_t at; } SentAt;
typedef struct Tolerated { uint32_t tolerance; int64_t most; } Tolerated;
typedef struct Read { uint64_t id; uint32_t entity; } Read;
typedef struct Sent { uint64_t id; uint8_t again; } Sent;

typedef struct Judge {
  const Program *program;    /* as it was written: an engine that obeys another one is found out */
  const Fleet *fleet;
  const Frozen *frozen;
  SimFleet *truth;
  Engine *engine;
  /* of the run, anew in each life */
  VEC(Begun) begun;
  VEC(Tolerated) tolerated;  /* as it came to when the fan's first member began: a percentage is of those that were in then */
  VEC(Note) aside;           /* SET_ASIDE, in order; texts dropped */
  VEC(Note) handed;          /* HANDED_OVER */
  bool back;                 /* a roll back has begun: no window keeps that from anything */
  VEC(Note) unset;           /* SURPRISE about a setting */
  uint32_t step;             /* the last one that began and did not end in order; NONE_INDEX */
  VEC(uint32_t) broken;      /* steps that did not end in order */
  /* of the world */
  uint32_t others;           /* of each unit of a tolerance per fleet: what other runs have set aside */
  VEC(Flying) flying;
  VEC(Flying) cut_off;       /* in flight when a process died: sent once more, they are as old as they were */
  VEC(SentAt) services;
  VEC(Read) reads;           /* of the budget's fact, all of them */
  VEC(Sent) sent;
  uint64_t *out;             /* per entity of the budget's kind: the command that took it out, 0: it is in service, as far as the run was told */
  int64_t *settings;         /* as they were: per setting, per entity */
  const char *wrong;         /* the first rule that was broken; NULL: none */
  char what[300];
} Judge;

void judge_init(Judge *j, const Program *p, const Fleet *fleet, const Frozen *frozen, SimFleet *truth);
void judge_done(Judge *j);
void judge_life(Judge *j, Engine *e);     /* a process begins; what the journal holds is told again */
void judge_death(Judge *j);
void judge_note(Judge *j, const Note *n);
void judge_event(Judge *j, const Event *event, int64_t now); /* the engine has taken it */
void judge_sent(Judge *j, const Command *c, bool synced);
void judge_ended(Judge *j);
void judge_break(Judge *j, const char *rule, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* judge_way.c */
void way_note(Judge *j, const Note *n);
void way_ended(Judge *j);

/* judge_limits.c */
void limits_sent(Judge *j, const Command *c);
void limits_event(Judge *j, int64_t now);
void limits_begun(Judge *j, const Note *n);

#endif
