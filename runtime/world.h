/* world: the seam between the engine and everything that is real. The engine is a function of events; a world turns its
 * commands into deeds and brings events back. One engine, many worlds: world_sim (virtual clock, modelled fleet), the
 * drill (world_sim paced by the real clock) and world_live (libuv, drivers). Times are ms since the epoch, UTC. */
#ifndef TAGOUT_RUNTIME_WORLD_H
#define TAGOUT_RUNTIME_WORLD_H

#include "lang/program.h"
#include <stdbool.h>
#include <stdint.h>

typedef enum EventKind {
#define EVENT(name, text, sentence) EVENT_##name,
#include "runtime/event.def"
#undef EVENT
  EVENT_KIND_COUNT
} EventKind;

typedef enum CommandKind {
#define COMMAND(name, text, answered, sentence) COMMAND_##name,
#include "runtime/event.def"
#undef COMMAND
  COMMAND_KIND_COUNT
} CommandKind;

typedef enum Outcome { OUT_OK, OUT_FAILED, OUT_UNKNOWN } Outcome; /* silence is unknown, never off and never failed */
typedef enum ControlKind {
  CONTROL_PAUSE,   /* start nothing new; what is in flight goes on (first Ctrl-C) */
  CONTROL_GO_ON,   /* end of a pause */
  CONTROL_CANCEL,  /* abort: the failure edge, then the roll back that the runbook declares */
  CONTROL_STOP_AFTER, /* pause once the step `subject` has ended */
  CONTROL_HOLD,    /* start nothing new for this member, nor for what is in it; the others go on */
  CONTROL_UNHOLD,  /* end of that */
  CONTROL_SET_ASIDE, /* the member leaves the procedure, as by `set aside` */
  CONTROL_RETRY,   /* what a person set aside, and what has missed nothing yet, is in again */
  CONTROL_TAKE,    /* whoever says so is on duty from now on */
  CONTROL_BREAK,   /* a person wants the lock of automation `subject` on the entity to be taken off; it takes two */
  CONTROL_BROKEN,  /* it has been taken off, by two people, and read back as not locked; also behind the end of a run */
  CONTROL_JOIN,    /* another incident belongs to this run: nothing changes, its text says which */
  CONTROL_PREEMPT, /* an emergency of another run has the thing: it leaves with all that is in it, whenever, for good */
  CONTROL_KIND_COUNT
} ControlKind;
typedef enum GivenBack {
  GIVEN_BACK = 1,  /* the entity was read in service again: it is out for nobody */
  GIVEN_UNUSED     /* it did not leave: what this run was granted for it was not used */
} GivenBack;
typedef enum AnswerKind {
  ANSWER_NO, ANSWER_YES,
  ANSWER_VOICE,    /* one of several yeses that a question takes: kept, and nothing happens yet */
  ANSWER_VOID      /* does not count; its text says why */
} AnswerKind;
typedef enum TallyKind { TALLY_LOST, TALLY_ROLLED_BACK, TALLY_IN_AGAIN, TALLY_NEVER, TALLY_THROUGH } TallyKind; /* of a TALLY: what it says of its entity */
typedef enum AlarmKind { ALARM_LOCK_LOST, ALARM_FACT, ALARM_EMERGENCY, ALARM_LEDGER } AlarmKind; /* FACT: an unsolicited reading; EMERGENCY, LEDGER: of notes only */

/* value of a RESUMED: mail was left while nobody had the run, and is taken first of all. Nothing runs until an event that is no
 * person's: not even what has been due since. */
#define RESUMED_MAIL 1

/* value of a BEGIN, bits: which messages this world answers. Those without an answer go out again behind a RESUMED. */
#define BEGIN_NOTICES 1
#define BEGIN_TICKETS 2

#define EVENT_ARGS 4 /* LIMIT_PARAMS of one command: entities and values an action is called with */

typedef struct Event {
  EventKind kind;
  int64_t at;         /* ms UTC; never goes back within a run (the driver of the loop clamps it) */
  uint64_t command;   /* the command this answers; 0 none */
  Outcome outcome;    /* OUTCOME */
  int64_t value;      /* READING: value or code, VALUE_UNKNOWN; ANSWER: AnswerKind; CONTROL: ControlKind; ALARM: AlarmKind;
                         a text that was read stands in `text`, with a value that is known;
                         reading of INSPECT: 1 locked and quiet, 2 locked, not quiet, 0 not locked */
  uint32_t subject;   /* ANSWER: gate; ALARM: automation or fact; CONTROL: STOP_AFTER: step; BREAK,
                         BROKEN: automation */
  uint32_t entity;    /* ANSWER, ALARM, CONTROL: member */
  uint32_t kind_of_entity;
  const char *text;   /* detail, captured output's tail, who said it; CONTROL: "by WHO" or "by WHO: WHY"; may be NULL; copied by
                         whoever keeps it */
} Event;

typedef struct Command {
  uint64_t id;        /* 1, 2, 3 ... in the order of issue: the idempotency key */
  CommandKind kind;
  uint32_t subject;   /* action, fact, metric, automation, setting, gate, channel, role; STOP: unused; ASK: gate, or NONE_INDEX:
                         a hold, or what became of an action in flight when the runtime was interrupted */
  uint32_t entity;    /* READ .. TICKET: the entity; ACT: first argument (for reports) */
  uint32_t kind_of_entity;
  uint32_t arg_count;
  int64_t args[EVENT_ARGS]; /* ACT: the arguments; SET: the value; ASK: the role; STOP, WITHDRAW: the command's id in args[0];
                               PERMIT: how many may be out at once, and in a day (0: no such limit), and the limit row of the
                               latter. OUT_OK: it is granted, OUT_FAILED: there is no room now; REFUND: GivenBack;
                               RISK: tolerance, how many it lets, how many the run has lost, 1: nobody starts, only look.
                               OUT_OK: it may start, OUT_FAILED: more is lost, OUT_UNKNOWN: not now;
                               TALLY: TallyKind, when it was (ms UTC), and the id of the first command that said so */
  int64_t issued, deadline; /* ms UTC; 0 deadline: none (ASK has its gate's) */
  uint32_t attempt;   /* 1 for the first try of a call, 2 for its first retry ... */
  uint16_t emergency; /* ACT: row + 1 of the emergency that does it, 0 none */
  uint8_t again;      /* this id was issued before the crash: the world must look before it acts twice */
  const char *text;   /* NOTIFY, TICKET, ASK: the text; ACT, SET: their argument that is a text (its args are unknown), owned
                         by the engine until it is freed; else NULL */
} Command;

typedef struct World World;
typedef struct WorldOps {
  const char *name;                                           /* "sim", "drill", "live" */
  int64_t (*now)(World *w);                                   /* the world's clock */
  void (*submit)(World *w, const Command *c);                 /* begin it; never blocks; the answer is an event */
  /* Waits until something happened or the world's clock reaches `until` (INT64_MAX: no timer), and writes at most max
   * events to ret. Returns how many; 0 means the time has come (or, for a world with nothing in flight and no timer,
   * that nothing will ever happen again). Texts live until the next call. */
  uint32_t (*wait)(World *w, int64_t until, Event *ret, uint32_t max);
  void (*free)(World *w);
} WorldOps;
struct World { const WorldOps *ops; };

const char *event_kind_text(EventKind k);
const char *command_kind_text(CommandKind k);
const char *outcome_text(Outcome o);

#endif
