/* engine_state: what the engine knows, for engine*.c only; what its parts do for each other is in engine_parts.h. All state is
 * plain and reached by index; nothing depends on addresses or on the order of a hash table, so that a replay rebuilds it exactly.
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
#define LEDGER_AGAIN SECOND         /* the same when the ledger could not be asked */
#define REGAIN_WAIT HOUR            /* an automation that was lost is back by then, or the action fails */

typedef uint32_t TextId;            /* text of the VM; 0 none */

/* ---- strands ---- */

typedef enum Task { TASK_FREE, TASK_CODE, TASK_RELEASE, TASK_SWEEP, TASK_GUARD, TASK_WATCH, TASK_EMBARGO, TASK_LEDGER } Task;
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
  uint32_t tally;            /* of the run: it counts beyond this fan; NONE_INDEX: it does not */
  uint32_t *counts;          /* one, or one per batch of `each`; NULL: the tally counts */
  uint32_t count_len;
} FanTolerance;
/* What a tolerance per KIND, per day or per fleet counts, from fan to fan: one for all that say the same. */
typedef struct Tally {
  uint32_t unit, row;        /* row: the first tolerance that says so */
  uint32_t group;            /* kind, NONE_INDEX none */
  uint32_t *counts;          /* one, or one per entity of the group's kind and one for those in none */
  uint32_t count_len;
  int64_t span;              /* ms: only what left so lately counts; -1: in the same day of UTC; 0: as long as it is out */
  VEC(int64_t) times;        /* with a span: when each unit left, in order */
} Tally;
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
  uint8_t risk, refused;     /* engine_risk.c: how far the ledger was asked; it has said no, 2: and before, which was told */
  uint32_t risky, asked;     /* the member that it is asked for; questions without an answer */
  int64_t ask_at;            /* when it is asked again */
} Fan;

/* For the ledger of all runs: what became of a member, until it is written there. seq: of the first command that said so. */
typedef struct Loss { uint32_t kind, entity; uint64_t seq; int64_t at; uint8_t what; bool again; } Loss; /* what: TallyKind */

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
  uint8_t state, for_good;   /* for_good: an emergency, a broken lock: no roll back takes it in again */
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
  bool silent;               /* the ledger could not be asked, the last time */
  uint8_t *back;             /* GivenBack per entity: its room in the ledger was given back, and not asked for since; 0: not */
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
  uint8_t answers;           /* BEGIN_NOTICES, BEGIN_TICKETS */
  VEC(Command) messages;     /* whose end is not known */
  IdMap message_of;          /* command id -> index */
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
  Tally *tallies;
  uint32_t *tally_of;        /* per tolerance, NONE_INDEX none */
  uint32_t tally_count;
  uint32_t keeper;           /* strand of what is asked of the ledger about tolerances, NONE_INDEX none */
  VEC(Loss) losses;          /* that the ledger has not confirmed yet, in the order in which they happened */
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
  uint32_t alone_pc;         /* of the main strand: for which statement alone_needs says how long the window must be open */
  int64_t alone_needs;
  int64_t alone_parked;      /* the opening that it waits for, as was said; 0 none */
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

#endif
