/* engine_state: the inside of the engine, for engine*.c only. All state is plain and reached by index; nothing depends on
 * addresses or on the order of a hash table, so that a replay rebuilds it exactly.
 *
 * A strand runs until its instruction blocks. A blocking instruction is a function that is called again whenever something
 * it waits for has happened; `phase` says how far it is. While it waits it has commands in flight (`outstanding` of them),
 * a timer, or a place in a queue; the last answer, the timer or the queue puts it back into the queue of ready strands.
 *
 * Invariants
 * 1 A strand that is not ready has an outstanding command, a timer, a place in a queue, or work of its own (a fan, a
 *   release) that will make it ready.
 * 2 Every command that has an answer is in `flights` until it is answered, or given up with STOP; each has a timer.
 * 3 A scope is closed by the strand that opened it, innermost first; whichever way the strand leaves, it passes it.
 * 4 Nothing walks over all strands when an event arrives. */
#ifndef TAGOUT_RUNTIME_ENGINE_STATE_H
#define TAGOUT_RUNTIME_ENGINE_STATE_H

#include "lang/limits.h"
#include "runtime/engine.h"
#include "runtime/id_map.h"
#include "runtime/limits.h"
#include "runtime/schema.h"
#include "runtime/timers.h"
#include "runtime/vm_core.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

#define LONGEST (100 * 366 * 24 * HOUR) /* no wait is longer */
#define READ_MOST (2 * MINUTE)      /* a reading that takes longer is no reading */
#define READ_FRESH (2 * MINUTE)     /* a fact that nobody is known to write is believed for so long */
#define GRACE (30 * SECOND)         /* the deadline belongs to the world; this long after it the engine gives up by itself */
#define CONFIRM_EVERY (10 * SECOND)
#define INSPECT_EVERY (15 * SECOND) /* while a lock is taken */
#define SWEEP_EVERY (10 * MINUTE)   /* while a lock is held */
#define GUARD_EVERY MINUTE
#define WATCH_EVERY MINUTE          /* a canary between its release and the others' */
#define LOCKS_AT_ONCE 128u          /* lock and unlock commands in flight, where the lockout says nothing */
#define ADJUST_AT_ONCE 32u          /* settings in flight */
#define UNLOCK_TRIES 3u
#define UNLOCK_AGAIN MINUTE
#define GATE_DEFAULT (4 * HOUR)     /* `until last safe moment` without a window */
#define RESUME_ASK HOUR             /* a person is asked what became of an action */
#define BUDGET_WAIT (24 * HOUR)     /* capacity that does not come back by then will not */
#define PERMIT_MOST MINUTE          /* an answer of the ledger */
#define LEDGER_EVERY (5 * SECOND)   /* room that other runs have taken is asked for again */
#define REGAIN_WAIT HOUR            /* an automation that was lost is back by then, or the action fails */

typedef uint32_t TextId;            /* text of the VM; 0 none */

/* ---- strands ---- */

typedef enum Task { TASK_FREE, TASK_CODE, TASK_RELEASE, TASK_SWEEP, TASK_GUARD, TASK_WATCH, TASK_EMBARGO } Task;
typedef enum ExitKind {
  EXIT_NONE,
  EXIT_DONE,         /* end of the body */
  EXIT_OUT,          /* the member is set aside or kept out */
  EXIT_END,          /* `end` */
  EXIT_GUARD,        /* a guard tripped: out to its scope, then on in its handler */
  EXIT_FAIL, EXIT_CANCEL, EXIT_REFUSED, EXIT_STALE,
  EXIT_ROLLED_BACK   /* a roll back is through: on outwards */
} ExitKind;
typedef enum Place {
  PLACE_HELD,        /* or none: until it is answered */
  PLACE_WATCHED,     /* sent; the strand's timer says when it is overdue */
  PLACE_OVERDUE      /* given to another; it counts as silent */
} Place;
typedef enum WaitKind {
  WAIT_NOTHING, WAIT_PAUSE, WAIT_SERVICE, WAIT_BUDGET, WAIT_LATE, WAIT_REGAIN, WAIT_HELD, WAIT_WINDOW, WAIT_LEDGER, WAIT_EMBARGO
} WaitKind;

typedef struct Strand {
  int64_t slots[LIMIT_SLOTS];
  int64_t args[EVENT_ARGS];  /* of the call in progress */
  int64_t since, until;      /* of the instruction in progress */
  uint64_t command;          /* the one that the instruction waits for, 0 none or many */
  uint64_t sense_from;       /* readings of commands from this one on are fresh */
  uint32_t pc;
  uint32_t fan, member, ordinal; /* the fan it belongs to, NONE_INDEX: none; its entity; its place in the fan's order */
  uint32_t scope, base;      /* innermost open scope; that at its start */
  uint32_t timer;
  uint32_t outstanding;
  uint32_t attempt;          /* of a call, from 1 */
  uint32_t job;              /* of the instruction in progress: fan, lockout, adjust; of a task: what it works for */
  uint32_t queue_next;       /* in a Queue */
  uint32_t bucket;           /* service in whose line it stands, or that let it out; NONE_INDEX none */
  TextId why;                /* of the exit */
  TextId detail;             /* what the last command said */
  uint8_t task, phase, outcome, exit;
  uint8_t wait;              /* WaitKind: what an admission waits for */
  uint8_t ready;             /* in the ready queue */
  uint8_t queued;            /* in the line that `wait` names */
  uint8_t masked;            /* inside a roll back: cannot be cancelled */
  uint8_t answer;            /* Outcome of the last command, or what a person said */
  uint8_t tripped;           /* a guard of its own tripped: look at the scopes at the next step */
  uint8_t read;              /* of two things that it does in turn, reading and waiting, reading comes next */
  uint8_t stage;             /* of a release */
  uint8_t place;             /* Place: of the call in progress in the services that it goes through */
  uint8_t begun;             /* of a member of the main strand's fan: something that changes the world was sent for it */
  uint16_t emergency;        /* row + 1 of the one whose block this is: nothing holds it back; 0 none */
} Strand;

typedef struct Queue { uint32_t head, tail; } Queue; /* of strands, linked by queue_next */
#define QUEUE_EMPTY ((Queue){NONE_INDEX, NONE_INDEX})

/* ---- scopes ---- */

typedef enum ScopeKind { SCOPE_LOCKOUT, SCOPE_ATTEMPT, SCOPE_ADJUST, SCOPE_GUARD } ScopeKind;
typedef struct Scope {
  uint32_t outer, row, strand;
  uint32_t data;             /* lockout, adjust, or the strand that watches a guard */
  uint32_t marks;            /* attempt: length of the log of marks when it was opened */
  uint32_t pass;             /* attempt: gates passed when it was opened */
  uint32_t steps;            /* attempt: steps begun when it was opened */
  TextId why;                /* attempt: why it is rolled back; guard: why it tripped */
  uint8_t kind;
  uint8_t undoing;           /* attempt: in its roll back */
  int64_t *since;            /* guard: per condition, 1 + when it began to fail, 0: it holds; in the engine's arena */
  uint8_t tripped;           /* guard */
  uint8_t outcome;           /* guard: failed or unknown, for its handler */
  uint8_t cancelled;         /* attempt: rolled back because a person cancelled */
} Scope;

/* ---- fans ---- */

typedef enum StopKind { STOP_NOT, STOP_TOLERANCE, STOP_FAIL, STOP_CANCEL, STOP_GUARD } StopKind;
typedef struct FanLimit {
  uint32_t group;            /* kind, or NONE_INDEX */
  Throttle *throttles;       /* one, or one per entity of the group's kind and one for members without */
  uint32_t count;
} FanLimit;
typedef struct FanTolerance {
  uint32_t row, unit, amount, each;
  uint32_t *counts;          /* one; per batch of `each`; or per entity of the group's kind, and one for those in none */
  uint32_t count_len;
  uint32_t group;            /* kind, NONE_INDEX none */
  int64_t span;              /* ms: only what left so lately counts; -1: in the same day of UTC; 0: ever */
  VEC(int64_t) times;        /* with a span: when each unit left, in order */
} FanTolerance;
typedef struct Fan {
  uint32_t row, strand;
  EntityVec members;         /* in their order */
  uint32_t next;             /* first member that was not looked at; without groups */
  uint32_t *link, *head;     /* with groups: chains of members per entity of the group, NONE_INDEX ends */
  uint32_t *groups;          /* groups that have members left, in the order of their first member */
  uint32_t group_count, group_kind;
  uint32_t left;             /* members not started and not passed over */
  uint32_t running, done, aside;
  FanLimit *limits;
  FanTolerance *tolerances;
  uint32_t limit_count, tolerance_count;
  uint32_t timer;
  TextId why;
  int64_t needs, parked;     /* ms that a member must have before the window closes, -1: not asked yet; until when it waits for it, as was said */
  uint8_t stop, ready, used;
} Fan;

/* ---- what is known ---- */

/* A fact or a metric of an entity. */
typedef struct Cell {
  int64_t value;
  uint32_t stamp;            /* command that read it last, 0: never in this run */
  uint32_t mark : 30;        /* last sensing round that asked for it */
  uint32_t written : 1;      /* an action of this run wrote it, it was read back, and has read the same ever since */
  uint32_t late : 1;         /* a late effect may still write it */
} Cell;

typedef struct Asked { uint32_t fact, kind, entity; bool metric; } Asked;

/* What may write a fact of a kind, other than this run: an effect of an automation, or of what no lock holds. */
typedef struct Writer { uint32_t effect, automation, next; } Writer; /* automation: NONE_INDEX none that can be locked; next: 1 + index, 0 ends */
typedef struct Age { int64_t at; uint64_t from; } Age; /* commands from this one on were issued at that time or later */

/* An action whose outcome is unknown and that may still take effect. */
typedef struct Late { int64_t until, value; uint32_t fact, kind, entity; Slice values; bool masked; } Late; /* values of a fact with words, else value */

/* ---- members ---- */

typedef struct Mark {
  uint32_t kind, entity;
  TextId why;
  uint8_t state, for_good;   /* for_good: an emergency: no roll back takes it in again */
  uint8_t lifted;            /* it is in again: a roll back began, or a person took back what a person had said */
  uint8_t unmissed;          /* set aside by a person, and nothing has passed it by yet: it may be taken back */
} Mark;
typedef struct Held { uint32_t kind, entity; int64_t since; TextId by; } Held; /* by a person */
typedef struct MemberColumn { uint8_t *state; uint32_t *mark; } MemberColumn; /* mark: 1 + index of the mark that put it out */

/* ---- gates ---- */

typedef enum Token { TOKEN_NONE, TOKEN_ASKED, TOKEN_NO, TOKEN_SILENT, TOKEN_YES, TOKEN_USED, TOKEN_VOID } Token;
typedef struct GateMember { uint32_t entity, strand; uint64_t command; uint32_t pass; } GateMember;
typedef struct GateTokens {
  uint8_t *state;            /* Token per entity of the gate's kind; one for a gate without members */
  VEC(GateMember) asked;     /* of the passes so far */
  EntityVec yes;             /* in the order of asking */
} GateTokens;

/* ---- lockouts ---- */

typedef enum LockState {
  LOCK_FREE, LOCK_WANTED, LOCK_LOCKING, LOCK_LOOKING /* locked, not yet seen quiet */, LOCK_HELD, LOCK_LOST, LOCK_FREEING, LOCK_HANDED
} LockState;
typedef struct LockCell {
  uint32_t refs, lockout, item, state; /* lockout, item: who took it */
  uint32_t since;            /* while held: the first command after it was */
  int64_t at;                /* when it was read back as locked, or asked for */
} LockCell;
typedef struct Break { uint32_t automation, entity; TextId by; } Break; /* a person wants the lock to be taken off */
typedef struct Lost { uint32_t automation, kind, entity; } Lost;
typedef struct LockItem {
  uint32_t automation, kind, entity;
  uint32_t covers, free;     /* members of the lockout that it covers; of these, how many may be released */
  int64_t until;             /* locked and quiet by then */
  uint8_t own;               /* this lockout took it; else an outer one had it already */
  uint8_t tries;             /* unlocks that did not succeed */
  uint8_t done;              /* passed: released or handed over */
  uint8_t locking;           /* it came back by itself and is being locked anew: it is not unlocked before that has an answer */
} LockItem;
typedef enum MemberLock { MEMBER_LOCKED, MEMBER_TO_RELEASE, MEMBER_RELEASING, MEMBER_TO_HAND_OVER, MEMBER_PASSED } MemberLock;
typedef struct Lockout {
  uint32_t row, scope, strand;
  EntityVec members;
  IdMap index_of;            /* 1 + entity of the members' kind -> index in members */
  uint8_t *member_state;     /* MemberLock */
  VEC(LockItem) items;       /* by automation in the lockout's order, then by member */
  IdMap item_of;             /* automation, entity -> item */
  VEC(uint32_t) waiting;     /* items to be looked at again: locked, not yet seen quiet */
  uint32_t at_once, next, flying, held;
  uint32_t sweeper;          /* strand that re-reads it, NONE_INDEX none */
  uint32_t locking;          /* items that the sweeper locks anew */
  uint32_t releasers;        /* strands that release members early */
  VEC(uint32_t) tickets;     /* marks handed over, each once */
  uint32_t early_fan;        /* row of the fan whose members are released as soon as they are done */
  TextId because;            /* what it is for */
  TextId why;                /* it could not be taken, or its release was stopped */
  uint8_t open;
  uint8_t failed;            /* 1 + Outcome of what could not be locked */
  uint8_t exit;              /* ExitKind of the strand that left while it was taken */
  uint8_t giving_back;
} Lockout;

/* ---- settings ---- */

typedef struct AdjustItem { uint32_t entity; int64_t old, again; uint8_t changed, failed, phase, tries; } AdjustItem; /* again: when it is tried again */
typedef struct Adjust { uint32_t row; int64_t value; VEC(AdjustItem) items; uint32_t next, flying; int64_t since; uint8_t failed, back; } Adjust; /* back: its values are being put back */

/* ---- commands in flight ---- */

typedef struct Flight {
  Command command;
  uint32_t strand, timer;
  uint32_t item;             /* of a lockout, an adjust or a gate */
  uint8_t held;              /* after a resume: its fate is being looked into */
} Flight;

typedef enum TimerKind { TIMER_STRAND, TIMER_FLIGHT, TIMER_FAN, TIMER_BUCKET, TIMER_BUDGET } TimerKind;

/* ---- services and the budget ---- */

typedef enum Charge { CHARGE_NONE, CHARGE_ASKED /* a permit is asked for, or granted beside others that are */, CHARGE_OUT } Charge;
typedef struct Bucket { uint32_t service, group; Throttle rate; Queue queue; uint32_t waking, timer; } Bucket; /* group: kind whose places these are, NONE_INDEX: of all */
typedef struct Budget {
  uint32_t kind;             /* NONE_INDEX: none declared */
  uint32_t service;          /* the fact that says whether an entity is in service */
  int64_t in_service;
  uint8_t *charged;          /* Charge per entity */
  bool shared;               /* room is taken in the fleet's ledger too */
  uint32_t count, peak;
  uint32_t at_once;          /* 0 none */
  Throttle *days;            /* per limit in time; those of UTC days count by day */
  const LimitRow **day_rows;
  uint32_t *day_counts;
  int64_t *day_now;
  uint32_t day_count;
  Queue queue;
  uint32_t waking, timer;
} Budget;

typedef struct HoldMemory { uint32_t strand, row; int64_t since; } HoldMemory;

/* ---- the engine ---- */

#define STRAND_CHUNK 256u

struct Engine {
  const Program *program;
  const Fleet *fleet;
  const Frozen *frozen;
  Arena *arena;              /* what is sized once */
  const Schema *schema;
  Vm *vm;
  int64_t *params;           /* texts are ids of the VM */
  int64_t now;
  uint64_t next_command;     /* the next id */
  uint64_t stale;            /* answers that nobody waited for */

  VEC(Strand *) chunks;      /* strands never move */
  uint32_t strand_count;
  VEC(uint32_t) spare_strands;
  uint32_t strands_used, strands_peak;
  uint32_t main;
  VEC(Scope) scopes;
  VEC(uint32_t) spare_scopes;
  VEC(Fan) fans;
  VEC(uint32_t) spare_fans;
  VEC(Lockout) lockouts;     /* never reused; one that is through keeps nothing of its members */
  VEC(Adjust) adjusts;
  VEC(uint64_t) ready;       /* READY_ kind << 32 | index; a queue from ready_head on */
  uint32_t ready_head;
  Timers timers;

  VEC(Flight) flights;
  IdMap flight_of;           /* command id -> index */
  VEC(Command) commands;     /* since the last call */
  VEC(Note) notes;
  VEC(Command) flying;       /* scratch of engine_in_flight */

  Cell **facts, **metrics;   /* fact * kinds + kind; NULL: nothing was asked yet */
  int64_t *silent;           /* per fact: the code of its word `silent`, or VALUE_UNKNOWN */
  VEC(Late) lates;
  Strand *sensing;           /* while code runs to find out what it asks for */
  uint32_t round;
  VEC(Asked) asked;
  bool only_stale;           /* while sensing: what is fresh is not read again */
  uint32_t *writer_of;       /* fact * kinds + kind: 1 + index, 0 none */
  VEC(Writer) writers;
  Age ages[2];               /* the younger first */
  struct Policies *policies; struct Emergencies *urgent; struct Embargo *embargoes; /* engine_policy.h, engine_emergency.h; engine_embargo.h, per row */
  bool using_yes;            /* while needs run: every yes that they rest on is used up */

  MemberColumn *members;     /* per kind */
  VEC(Mark) marks;
  Members *sets;
  GateTokens *gates;         /* per row */
  uint32_t passes;           /* gates passed so far */
  LockCell **locks;          /* per automation, NULL: never asked for */
  VEC(Lost) lost;            /* locks in LOCK_LOST: actions on these entities wait */
  int64_t **recalls;         /* per remember row */
  uint32_t **tried, **succeeded; /* per action that code asks about: command ids by entity */
  uint8_t *asks_tried;
  VEC(HoldMemory) holds;
  VEC(Bucket) buckets;
  IdMap bucket_of;
  Budget budget;
  Queue paused_queue;        /* strands that a pause or a hold keeps from starting something */
  bool paused, cancelled, begun;
  int64_t paused_since;
  TextId paused_by;
  VEC(Held) held;            /* in the order in which people said so */
  uint32_t people_aside;     /* marks that are unmissed */
  VEC(uint32_t) uncounted;   /* marks of people while no fan was open that counts them: the next one does */
  VEC(Break) breaks;
  uint32_t stop_after;       /* step, NONE_INDEX none */
  uint32_t last_lock;        /* address of the last LOCK of the code, 0 none */
  TextId stop_by, duty;      /* duty: who took the run, 0 nobody */
  int64_t duty_since;
  bool mail;                 /* it was taken over, and what people left for it comes first */
  bool window_over;          /* some were kept out for want of time: the main strand starts nobody any more */
  uint32_t opening;          /* of the window: the current or the next */
  uint8_t *ended;            /* per code address: the outcomes with which its instruction has ended, bit 1 << Outcome */
  StepCount *steps;
  uint32_t *step_begun;      /* per step: its number in the order of beginnings, from 1 */
  uint32_t steps_begun;

  RunOutcome outcome;
  TextId reason;
  EntityVec scratch;
  Buf text;
};

static inline Strand *strand_at(Engine *e, uint32_t id) {
  return &e->chunks.items[id / STRAND_CHUNK][id % STRAND_CHUNK];
}
/* The time in so many ms, whatever code may have computed. */
static inline int64_t later(const Engine *e, int64_t ms) { return e->now + (ms < 0 ? 0 : ms > LONGEST ? LONGEST : ms); }
static inline uint32_t strand_op_a(const Engine *e, const Strand *s) { return code_a(e->program->code[s->pc]); }

/* What an instruction did: FLOW_ON: s->pc is where to go on. FLOW_WAIT: it will be called again. FLOW_EXIT: s->exit is
 * set, unwind. FLOW_GONE: the strand has ended. */
typedef enum Flow { FLOW_ON, FLOW_WAIT, FLOW_EXIT, FLOW_GONE } Flow;

/* ---- engine_strand.c ---- */
uint32_t strand_new(Engine *e, Task task);
void strand_free(Engine *e, uint32_t id);
void strand_run(Engine *e, uint32_t id);
Flow flow_next(Engine *e, Strand *s);               /* on behind the instruction, which has ended */
Flow flow_exit(Strand *s, ExitKind exit, TextId why);
bool strand_diverted(Engine *e, uint32_t id);       /* at a step: is there a reason to leave? then s->exit is set */
void strand_begins(Engine *e, uint32_t id);         /* something that changes the world is sent for it */
bool strand_given_up(Engine *e, uint32_t id);       /* the run is cancelled before anything was sent for its member */
bool strand_left(Engine *e, uint32_t id);           /* its member, or that of a strand around it, is no longer in */
uint32_t tripped_guard(const Engine *e, const Strand *s); /* a scope of its own, NONE_INDEX none */
int64_t region_value(Engine *e, const Strand *s, CodeRef region, int64_t none);

/* ---- engine_queue.c: ready strands and fans, queues, timers of strands ---- */
void ready_strand(Engine *e, uint32_t id);
void ready_fan(Engine *e, uint32_t id);
void ready_run(Engine *e);
void queue_add(Engine *e, Queue *q, uint32_t id);
void queue_add_first(Engine *e, Queue *q, uint32_t id);
uint32_t queue_take(Engine *e, Queue *q);           /* NONE_INDEX: empty */
void queue_drop(Engine *e, Queue *q, uint32_t id);
void queue_wake_all(Engine *e, Queue *q);
void strand_timer(Engine *e, uint32_t id, int64_t at);
void strand_no_timer(Engine *e, uint32_t id);

/* ---- engine_flight.c ---- */
uint64_t issue(Engine *e, uint32_t strand, Command c, uint32_t item); /* fills id, issued; c.deadline as given */
void tell(Engine *e, Command c);                     /* a command without an answer */
void note(Engine *e, NoteKind kind, uint32_t subject, uint32_t entity_kind, uint32_t entity, int64_t value, uint32_t line, TextId text);
bool flight_take(Engine *e, uint64_t command, Flight *ret); /* it is answered: out of the table */
Flight *flight_find(Engine *e, uint64_t command);
void flight_expired(Engine *e, uint64_t command);    /* the engine's own timer */
void flights_drop(Engine *e, uint32_t strand);       /* nobody waits for these any more */
void flight_answer(Engine *e, const Event *event);
int64_t flight_reading(Engine *e, ValueType type, const Event *event); /* what was read, or unknown */
/* Formats into the VM's texts; an argument may be a text of the VM. */
TextId text_printf(Engine *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_of(const Engine *e, TextId text);
const char *entity_name(const Engine *e, uint32_t kind, uint32_t entity);

/* ---- engine_facts.c ---- */
void facts_init(Engine *e);
void facts_done(Engine *e);
Cell *fact_cell(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity);
Cell *metric_cell(Engine *e, uint32_t metric, uint32_t kind, uint32_t entity);
void fact_read(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity, int64_t value, uint64_t command);
bool fact_silent(Engine *e, uint32_t kind, uint32_t entity);
void host_init(Engine *e, VmHost *host);

/* ---- engine_sense.c ---- */
typedef void SenseCode(Engine *e, Strand *s);        /* runs the code whose facts are to be read */
void sense_begin(Engine *e, Strand *s);
bool sense_round(Engine *e, uint32_t id, SenseCode *code); /* true: nothing new was asked for */
void read_fact(Engine *e, uint32_t strand, uint32_t fact, uint32_t kind, uint32_t entity);
Flow op_sense(Engine *e, uint32_t id);
Flow op_confirm(Engine *e, uint32_t id);
Flow op_require(Engine *e, uint32_t id);
Flow op_leave_out(Engine *e, uint32_t id);
Flow op_select(Engine *e, uint32_t id);

/* ---- engine_fresh.c ---- */
void fresh_init(Engine *e);
void fresh_time(Engine *e);                          /* the time is another */
bool cell_fresh(const Engine *e, const Cell *cell, Asked what);

/* ---- engine_act.c, engine_admit.c, engine_budget.c, engine_late.c, engine_resume.c ---- */
enum { ACT_NEW, ACT_NEEDS, ACT_SENSE, ACT_ADMIT, ACT_PERMIT, ACT_ROOM, ACT_FRESH, ACT_FLIGHT, ACT_BACK, ACT_LEARN, ACT_PAUSE, ACT_LOOK, ACT_ASK }; /* phases */
typedef enum Admission { ADMISSION_NOW, ADMISSION_WAITS, ADMISSION_NEVER } Admission;
Flow op_act(Engine *e, uint32_t id);
Command act_command(Engine *e, const Strand *s);     /* of the call in progress, without id and times */
bool effect_has(const Engine *e, Slice values, int64_t value);
int64_t effect_value(Engine *e, const EffectRow *row, const ActionRow *action, const Strand *s); /* of a fact that has no words */
Admission act_admitted(Engine *e, uint32_t id, const ActionRow *action); /* NOW: it has taken what the call needs */
bool act_hindered(Engine *e, uint32_t id, const ActionRow *action); /* it was admitted: has something come in between? */
bool act_loose(Engine *e, uint32_t id, const ActionRow *action); /* an automation that was locked on what it is about is loose */
void act_sent(Engine *e, uint32_t id, const ActionRow *action, int64_t deadline); /* it holds its places while it may be working */
void act_silent(Engine *e, uint32_t id, const ActionRow *action); /* it is unanswered: overdue, if its time for that has come */
void act_ended(Engine *e, uint32_t id, const ActionRow *action);  /* gives back the services */
void act_goes(Engine *e, uint32_t id, const ActionRow *action);   /* what was admitted is sent now */
void act_unsent(Engine *e, uint32_t id, const ActionRow *action); /* what was admitted is not: it never counted */
void act_note(Engine *e, const Strand *s, NoteKind kind, int64_t value, TextId text); /* about the action in progress */
void act_note_waiting(Engine *e, const Strand *s, const ActionRow *action, const char *what);
void act_wait(Engine *e, uint32_t id, WaitKind wait);
void bucket_leave(Engine *e, uint32_t id);           /* it waits no more, in no line */
void queue_leave(Engine *e, uint32_t id);            /* out of the line that it stands in, if any */
void bucket_pump(Engine *e, uint32_t bucket);
void buckets_stop(Engine *e);                        /* the run has ended: nobody will stand in a line */
void buckets_done(Engine *e);
void budget_init(Engine *e);
void budget_done(Engine *e);
bool budget_admits(Engine *e, uint32_t id, const ActionRow *action, int64_t *ret_when);
void budget_charge(Engine *e, const Strand *s, const ActionRow *action);
uint32_t budget_targets(Engine *e, const Strand *s, const ActionRow *action, Charge which); /* in e->scratch: those it takes out that are so charged */
void budget_uncharge(Engine *e, uint32_t entity, int64_t at); /* it was charged at that time, and did not leave */
void budget_pump(Engine *e);
void budget_refund(Engine *e, uint32_t entity);      /* if it is verified back in service */

/* ---- engine_permit.c ---- */
bool permits_ask(Engine *e, uint32_t id, const ActionRow *action); /* true: answers are awaited, s->answer says how it went */
Flow permits_answered(Engine *e, uint32_t id, const ActionRow *action);
Flow permits_wait(Engine *e, uint32_t id, const ActionRow *action);
void permit_refund(Engine *e, uint32_t entity);
void late_record(Engine *e, const ActionRow *action, const Strand *s);
const Late *late_against(Engine *e, const ActionRow *action, const Strand *s); /* a late effect that contradicts, or NULL */
void late_masked(Engine *e, const ActionRow *action, const Strand *s);
void late_seen(Engine *e, uint32_t fact, uint32_t kind, uint32_t entity, int64_t value);
uint32_t *ids_of(Engine *e, uint32_t **column, uint32_t kind);
Flow act_looks(Engine *e, uint32_t id);              /* after a resume: what became of it */
void run_resumed(Engine *e);

/* ---- engine_fan.c, engine_order.c, engine_tolerance.c ---- */
Flow op_fan(Engine *e, uint32_t id);
void fan_pump(Engine *e, uint32_t fan);
void fan_stop(Engine *e, uint32_t fan, StopKind stop, TextId why);
void fan_free(Engine *e, uint32_t fan);
void member_end(Engine *e, uint32_t id, ExitKind how);
void fan_order(Engine *e, const FanRow *row, const Strand *s, EntityVec *members);
void tolerances_open(Engine *e, Fan *f, const FanRow *row, const Strand *s);
void tolerances_close(Fan *f);
void tolerance_count(Engine *e, uint32_t strand, uint32_t kind, uint32_t entity, uint32_t mark, TextId why);
void tolerance_count_in(Engine *e, uint32_t fan, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t mark, TextId why);
uint32_t *tolerance_at(Engine *e, FanTolerance *t, uint32_t ordinal, uint32_t kind, uint32_t entity); /* where it counts, up to date */
void tolerance_uncount(Engine *e, FanTolerance *t, uint32_t ordinal, uint32_t kind, uint32_t entity, uint32_t units);
uint32_t tolerance_units(Engine *e, uint32_t unit, uint32_t kind, uint32_t entity, uint32_t mark);
int64_t window_open_at(Engine *e, int64_t needs);    /* now, the next opening, or INT64_MAX: none is left */

/* ---- engine_members.c ---- */
void members_init(Engine *e);
void members_done(Engine *e);
MemberState member_state(const Engine *e, uint32_t kind, uint32_t entity);
bool member_out(const Engine *e, uint32_t kind, uint32_t entity);
TextId member_why(const Engine *e, uint32_t kind, uint32_t entity);
uint32_t member_mark(const Engine *e, uint32_t kind, uint32_t entity); /* NONE_INDEX none */
void member_claim(Engine *e, uint32_t kind, uint32_t entity);
uint32_t member_put_out(Engine *e, uint32_t kind, uint32_t entity, MemberState state, TextId why); /* the mark, NONE_INDEX: was out */
void marks_lift(Engine *e, uint32_t from);           /* a roll back takes them in again */
void mark_lift(Engine *e, uint32_t index);
void members_settle(Engine *e, MemberState state);   /* those still in, at the end */

/* ---- engine_exit.c ---- */
uint32_t scope_open(Engine *e, uint32_t strand, ScopeKind kind, uint32_t row, uint32_t data);
void scope_close(Engine *e, uint32_t strand);        /* its innermost */
bool scope_is(const Engine *e, const Strand *s, ScopeKind kind, uint32_t row);
Flow unwind(Engine *e, uint32_t id);
Flow op_out(Engine *e, uint32_t id, MemberState state); /* SET_ASIDE, KEEP_OUT */
Flow op_refused(Engine *e, uint32_t id, MemberState state);
Flow op_attempt_end(Engine *e, uint32_t id);
Flow op_undo_end(Engine *e, uint32_t id);
Flow op_hold(Engine *e, uint32_t id);
void steps_break_off(Engine *e, uint32_t since, TextId why); /* steps begun later than `since` end as failed */
void run_end(Engine *e, RunOutcome outcome, TextId reason);
void run_cancel(Engine *e);

/* ---- engine_control.c, engine_held.c: what people do ---- */
void control(Engine *e, const Event *event);
void control_init(Engine *e);
void control_done(Engine *e);
void control_step_ended(Engine *e, uint32_t step);
void control_pause(Engine *e, TextId by);
bool member_held(const Engine *e, uint32_t kind, uint32_t entity); /* it, or what it is in */
bool strand_held(Engine *e, uint32_t id);            /* of a member that is held, outside of any roll back */
bool action_held(Engine *e, const Strand *s, const ActionRow *action); /* an argument is held, is in what is, or contains it */
TextId held_refused(Engine *e, const Event *event);  /* 0: not */
void held_take(Engine *e, const Event *event, TextId by);
void aside_take(Engine *e, const Event *event, TextId why);
bool aside_may_end(const Engine *e, uint32_t kind, uint32_t entity); /* a person said so, and nothing has passed it by since */
void aside_end(Engine *e, uint32_t kind, uint32_t entity);
void aside_passed(Engine *e, uint32_t kind, uint32_t entity); /* it, or what it is in, had its turn; NONE_INDEX: all had */
TextId aside_refused(Engine *e, const Event *event);
void aside_put(Engine *e, uint32_t kind, uint32_t entity, TextId why); /* out, counted, and nobody waits for it */
TextId break_refused(Engine *e, const Event *event);
void break_take(Engine *e, const Event *event, TextId by);
void aside_counts(Engine *e, uint32_t fan);          /* a fan opens: whoever was set aside by people before it */

/* ---- engine_gate.c ---- */
void gates_drop_out(Engine *e);                      /* nobody is asked any more about members that are out */
void gates_init(Engine *e);
void gates_done(Engine *e);
Flow op_gate(Engine *e, uint32_t id);
void ask_answer(Engine *e, const Flight *f, int64_t value, TextId text); /* of a gate, a hold, or a resume */
bool gate_of(Engine *e, uint32_t gate, uint32_t entity, uint64_t *ret_command);
void gate_close(Engine *e, uint32_t id);             /* no more answers: what is open becomes silence */
void gates_void(Engine *e, uint32_t since_pass);
void strand_asked_forget(Engine *e, uint32_t id);

/* ---- engine_guard.c, engine_adjust.c ---- */
Flow op_guard_begin(Engine *e, uint32_t id);
Flow op_guard_end(Engine *e, uint32_t id);
void guard_run(Engine *e, uint32_t id);
void guard_close(Engine *e, uint32_t scope);
Flow op_set_begin(Engine *e, uint32_t id);
Flow op_set_end(Engine *e, uint32_t id);
Flow adjust_restore(Engine *e, uint32_t id, uint32_t adjust);
void adjust_answer(Engine *e, const Flight *f, const Event *event);
#include "runtime/engine_lock.h"
#endif
