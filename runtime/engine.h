/* engine: moves a fleet through a program. Events in, commands out: no I/O, no clock, no randomness, no threads. Law 1:
 * the same program, fleet, targets and events give the same commands and notes, byte for byte; replaying a journal
 * rebuilds the state exactly. Time is what the last event said.
 *
 * One strand per member of a fan-out (plus the main one); a strand is small and plain (engine_strand_bytes; printed by
 * --version). Scopes (lockout, attempt, fan, setting, guard) form a tree; every exit walks it outwards, so a lockout is
 * passed on every way out. A member is a claim of this run until it is done, or is handed over by name. */
#ifndef TAGOUT_RUNTIME_ENGINE_H
#define TAGOUT_RUNTIME_ENGINE_H

#include "lang/program.h"
#include "runtime/calendar.h"
#include "runtime/fleet.h"
#include "runtime/world.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct Members { const uint32_t *items; uint32_t count; } Members;


/* For a dry run: what other runs have lost before it, by the ledger. tolerance: row; entity: of its unit, ENTITY_NONE one that the inventory
 * does not have; at: ms UTC, in order. */
typedef struct FrozenLoss { uint32_t tolerance, entity; int64_t at; } FrozenLoss;

/* What a plan froze. The engine borrows all of it until engine_free. */
typedef struct Frozen {
  const int64_t *params;      /* one per program param; texts are string ids of the program or >= string_count: `texts` */
  const char *const *texts;   /* run-time texts of params: id string_count + i is texts[i]; intern them first, in order */
  uint32_t text_count;
  const Members *sets;        /* one per program set; those with after_step are empty */
  const Members *left_out;    /* one per leave-out rule: found out when the plan was made */
  const Opening *openings;    /* of the window, in order; count 0: no window declared, always open */
  uint32_t opening_count;
  uint8_t window_hard;
  const int64_t *embargo_every; /* ms, per `while ... start no member`; NULL: a minute each */
  const FrozenLoss *losses;   /* a run that shares the ledger has none: it asks */
  uint32_t loss_count;
} Frozen;

typedef enum MemberState { MEMBER_FREE, MEMBER_IN, MEMBER_LEFT_OUT, MEMBER_SET_ASIDE, MEMBER_KEPT_OUT, MEMBER_DONE, MEMBER_ROLLED_BACK } MemberState;

typedef enum RunOutcome {
  RUN_GOING,
  RUN_COMPLETED,    /* through, nothing set aside beyond its tolerances */
  RUN_ROLLED_BACK,  /* an attempt failed and its roll back is through */
  RUN_FAILED,       /* failed outside any attempt, or the roll back itself could not be finished */
  RUN_REFUSED,      /* a requirement did not hold: nothing was changed */
  RUN_STALE,        /* more members out than may be left out: nothing was changed */
  RUN_ENDED,        /* `end` outside a fan */
  RUN_CANCELLED     /* by a person, and no attempt was open */
} RunOutcome;

/* What an observer may want to know: derived from events, so never fed back. */
typedef enum NoteKind {
  NOTE_RUN, NOTE_STEP_BEGIN, NOTE_STEP_END, NOTE_MEMBER_BEGIN, NOTE_MEMBER_END, NOTE_ACTION_BEGIN, NOTE_ACTION_END,
  NOTE_LOCKED, NOTE_RELEASED, NOTE_HANDED_OVER, NOTE_GATE_OPEN, NOTE_GATE_CLOSED, NOTE_SET_ASIDE, NOTE_KEPT_OUT,
  NOTE_LEFT_OUT, NOTE_ROLL_BACK, NOTE_WAITING, NOTE_SURPRISE, NOTE_ALARM, NOTE_END,
  NOTE_REFUSED,   /* what a person asked was not done, and why */
  NOTE_HELD_BACK, /* `while ... start no member`: it stands from now on, or nobody can read it; value: since when */
  NOTE_GOES_ON,   /* it has ended; value: ms that it stood */
  NOTE_UNTOLD,    /* a notice, subject: its channel, or a ticket, subject: its role, has not come, or may not have; value: outcome */
  NOTE_KIND_COUNT
} NoteKind;
typedef struct Note {
  NoteKind kind; int64_t at;
  uint32_t subject;             /* step, action, automation, gate, role: by kind; NONE_INDEX none */
  uint32_t kind_of_entity, entity;
  int64_t value;                /* outcome, MemberState, RunOutcome ...; of LOCKED: LOCKED_AGAIN; of WAITING: until when */
  uint32_t line;                /* of the runbook, 0 none */
  const char *text;             /* owned by the engine */
} Note;
#define LOCKED_AGAIN 2          /* it had come back by itself */

typedef struct Engine Engine;
Engine *engine_new(const Program *p, const Fleet *fleet, const Frozen *frozen);
void engine_free(Engine *e);

/* Before the first event: what leaves service takes room in a ledger that all runs of the fleet share (PERMIT, REFUND), and tolerances
 * beyond a step count what all of them have lost (RISK, TALLY). */
void engine_share_budget(Engine *e);
/* From this entity on, the next whose room in that ledger the run has given back so, and has not asked for since; NONE_INDEX: no more. */
uint32_t engine_given_back(const Engine *e, GivenBack how, uint32_t from, uint32_t *ret_kind);

/* Takes one event to its end: afterwards every strand is blocked or gone. A stale answer (its command is unknown or
 * already answered) is counted and otherwise ignored. */
void engine_feed(Engine *e, const Event *event);
/* Commands and notes since the last call; valid until the next engine_feed. */
uint32_t engine_commands(Engine *e, const Command **ret);
uint32_t engine_notes(Engine *e, const Note **ret);
int64_t engine_next_timer(const Engine *e);            /* ms UTC; INT64_MAX: none */
RunOutcome engine_outcome(const Engine *e);            /* RUN_GOING until the last command is answered */
uint32_t engine_untold(const Engine *e);               /* notices and tickets that went out and whose end is not known; also behind the run's */
const char *engine_reason(const Engine *e);            /* why it ended like that, for people */

/* What people do to a run (EVENT_CONTROL). Why the engine would not do it at this moment, for people; NULL: it would. The same
 * question is asked when the event is taken: what no longer fits by then changes nothing and is noted (NOTE_REFUSED). */
const char *engine_refuses(Engine *e, const Event *control);
typedef struct HeldMember { uint32_t kind, entity; int64_t since; const char *by; } HeldMember; /* by: "alice: on the ladder" */
bool engine_held(const Engine *e, uint32_t i, HeldMember *ret);  /* the i-th that is held back, false: there are no more */
bool engine_holds_back(const Engine *e, uint32_t kind, uint32_t entity); /* it, or what it is in, is held */
bool engine_ran_out_of_window(const Engine *e); /* members were kept out: no opening was left in which they fit */
bool engine_paused(const Engine *e, int64_t *ret_since, const char **ret_by);
uint32_t engine_stops_after(const Engine *e, const char **ret_by); /* step, NONE_INDEX none */
uint32_t engine_attempt(const Engine *e);              /* the innermost attempt that is open, an abort rolls it back; NONE_INDEX none is */
bool engine_parked(const Engine *e);                   /* people keep something from starting: nothing else need be waited for */
const char *engine_duty(const Engine *e, int64_t *ret_since); /* who took the run, "": nobody but who started it */
uint32_t engine_duty_mark(const Engine *e); /* stands for that person: a CONTROL_TAKE says in `entity` from whom, NONE_INDEX: from anybody */
/* `while CONDITION start no member`: the i-th that stands, false: there are no more. */
typedef struct EmbargoView { uint32_t row; int64_t since; const char *why; bool unknown, parks; } EmbargoView; /* why: "storm_hold of PHX is standing" */
bool engine_embargo(Engine *e, uint32_t i, EmbargoView *ret);
/* Of the fan-outs of the run itself, members of one kind: those at a safe point, those on their way, those that wait to start. */
typedef struct EmbargoCount { uint32_t kind, parked, going, waiting; } EmbargoCount;
EmbargoCount engine_embargo_count(Engine *e);
/* The question of a `hold` of the runbook about the member, 0 none: yes to it is "try again". */
uint64_t engine_hold_question(const Engine *e, uint32_t kind, uint32_t entity);
typedef struct EmergencyView { uint32_t row, entity; int64_t since; bool acts; } EmergencyView; /* since: when its block was begun last; acts: it runs */
bool engine_emergency(Engine *e, uint32_t i, EmergencyView *ret); /* the i-th whose condition reads true, false: there are no more */
/* What setting a member aside comes to now: the tolerance that it is counted in, and how much of it is used up. */
typedef struct AsideCount { uint32_t step, unit, amount, before, after; bool stops, counted; } AsideCount;
AsideCount engine_aside_count(Engine *e, uint32_t kind, uint32_t entity);
/* Behind the last statement that the main strand has done: nothing before this address is to come. 0 before the begin. */
uint32_t engine_place(const Engine *e);

/* A lock that stands, or may stand, and whose it is. */
typedef enum LockStand { STAND_TAKING, STAND_HELD, STAND_LOOSE /* it came back by itself */, STAND_RELEASING, STAND_HANDED_OVER } LockStand;
typedef struct LockView {
  uint32_t automation, kind, entity;
  LockStand stand;
  int64_t since;                /* ms UTC: when it was read back as locked; while it is taken: when it was asked for */
  uint32_t role, line;          /* to whom it is or would be handed over; of the lockout in the runbook */
  const char *because;          /* of the lockout */
  const char *why;              /* handed over: why; else "" */
  const char *asked_by;         /* who wants it to be broken, "bob: the ticket is closed"; "" nobody */
} LockView;
bool engine_lock_view(Engine *e, uint32_t automation, uint32_t entity, LockView *ret); /* false: none stands */

/* A setting that the run has changed and not put back yet; back: it is being put back. */
typedef struct SettingView { uint32_t setting, kind, entity, line; int64_t since; bool back; const char *was, *is; } SettingView;
bool engine_setting(Engine *e, uint32_t i, SettingView *ret); /* the i-th, false: there are no more */

/* For status, reports, tests. */
typedef struct StepCount { uint32_t total, waiting, busy, done, aside; uint8_t begun, ended; } StepCount;
StepCount engine_step_count(const Engine *e, uint32_t step);
MemberState engine_member(const Engine *e, uint32_t kind, uint32_t entity, const char **ret_why);
/* Locked by this run, whoever owns the lock now: one that was handed over stands as well. */
bool engine_locked(const Engine *e, uint32_t automation, uint32_t kind, uint32_t entity);
int64_t engine_fact(const Engine *e, uint32_t fact, uint32_t kind, uint32_t entity);
uint32_t engine_out_kind(const Engine *e);                       /* the budget's, else what has a service to leave; NONE_INDEX: nothing has */
uint32_t engine_nodes_out(const Engine *e, uint32_t *ret_peak);  /* members of the budget's kind charged now */
/* What keeps members of a step, or actions through a service, from starting now: the rule that is reached, how many wait, and
 * when there is room again (ms UTC; INT64_MAX: not before something ends). Lines in a paused run: of services only. */
typedef enum BindRule { BIND_WINDOW, BIND_AT_ONCE, BIND_RATE, BIND_OVERDUE, BIND_TOLERANCE /* with what other runs have at work */ } BindRule;
typedef struct Binding {
  uint32_t step, service;       /* one of them; the other NONE_INDEX */
  uint32_t group;               /* kind of a limit per group, NONE_INDEX none */
  uint32_t line;                /* of a `for each` inside the step, 0: the step's own */
  uint32_t waiting, amount;
  BindRule rule;
  int64_t per, next;
} Binding;
uint32_t engine_bindings(Engine *e, Binding *ret, uint32_t max); /* how many */
/* One sentence: what the run waits for, and how long it has by `at`, a time not before its last event. */
const char *engine_waiting_for(Engine *e, int64_t at, Buf *out);
uint64_t engine_in_flight(const Engine *e, const Command **ret); /* commands without an answer */
/* Per address of the program's code: with which outcomes its instruction has ended so far, bit 1 << Outcome. It says something
 * of instructions that set the outcome; the engine owns it. */
const uint8_t *engine_ended(const Engine *e);
uint64_t engine_digest(const Engine *e);               /* of the whole state: for replay tests and resume checks */
size_t engine_strand_bytes(void);                        /* for --version and the manual */
size_t engine_memory(const Engine *e, uint32_t *ret_strands, size_t *ret_bytes_per_strand);

#endif
