/* intake: the incidents of a state folder, in a SQLite file `incidents/queue.db`. An incident is kept before whoever brought it is
 * told so, and each of its changes is one synced transaction: whoever is killed between two of them finds it as it was after one.
 *
 *   received -> started RUN -> ended          waiting -> started, refused
 *            -> joined                        started -> waiting   (its run could not begin: somebody has the member)
 *            -> waiting                       started -> refused   (its run can never begin)
 *            -> refused
 *
 * A key stands for one incident, however often it is brought: the same key twice is one incident, and with another content it is a
 * mistake of whoever brought it: for as long as it is kept. What is over is removed when somebody asks for that, and not before. */
#ifndef TAGOUT_RUNTIME_INTAKE_H
#define TAGOUT_RUNTIME_INTAKE_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "runtime/desk.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct Intake Intake;

/* 0, or a negative errno with what is wrong in ret_why. Makes the file and its folder when they are missing. */
int intake_open(const char *path, Intake **ret, Buf *ret_why);
void intake_close(Intake *in); /* accepts NULL */
const char *intake_why(const Intake *in); /* what went wrong in the last call that returned a negative errno */

typedef enum IncidentState {
  INCIDENT_RECEIVED, INCIDENT_WAITING, INCIDENT_STARTED, INCIDENT_JOINED, INCIDENT_REFUSED, INCIDENT_ENDED, INCIDENT_STATE_COUNT
} IncidentState;
const char *incident_state_text(IncidentState s);

typedef struct Incident {
  uint64_t id;             /* 1, 2, 3 ... as they came */
  const char *name, *key;
  const char *content;     /* its fields, as JSON */
  const char *way;         /* how it came, for people: "by ann", "from /spool/x.json" */
  int64_t at;              /* ms UTC: when it came */
  IncidentState state;
  const char *member;      /* whom it is about; "" nobody has looked yet */
  uint64_t leader;         /* joined: the incident whose run it belongs to; 0 none */
  const char *run;         /* its run's name, of a joined one its leader's; "" none */
  bool over;               /* the limit per member is passed */
  bool done;               /* ended: its run completed */
  int64_t begun, ended;    /* ms UTC, 0 not yet */
  const char *why;         /* waiting: for what; refused: why; ended: how */
  const char *blocker;     /* waiting: the run that has its member; "" none is known */
} Incident;

/* What somebody brings. Texts are valid UTF-8. */
typedef struct Arrival { const char *name, *key, *content, *way; int64_t at; } Arrival;
/* 1: it is kept. 0: it was brought before. -EEXIST: its key belongs to another incident. *ret_id is that incident in all three;
 * any other negative errno: it is not kept. */
int intake_receive(Intake *in, const Arrival *a, uint64_t *ret_id);

/* Takes one that is received or waiting a step further. member: whom it is about. run: what its run would be called, when it begins
 * now. 1: it changed; 0: it goes on waiting, or is none of the two. *ret: as it is then; texts in the arena. */
int intake_decide(Intake *in, uint64_t id, const char *member, const DeskLimits *limits, int64_t now, const char *run, Arena *arena, Incident *ret);
/* Of one that is received, waiting or started. 1, or 0: it is none of them. */
int intake_refuse(Intake *in, uint64_t id, const char *why);
/* Its run has not begun, because another has the member (blocker; "" for another reason). 1, or 0: it is not started. */
int intake_wait(Intake *in, uint64_t id, const char *blocker, const char *why);
/* How a run ended. done: it completed. acted: it has begun an action; one that has not does not count for the limit per member. */
typedef struct IncidentEnd { int64_t at; bool done, acted; const char *how; } IncidentEnd;
/* Its run has ended. 1, or 0: it is not started. */
int intake_end(Intake *in, uint64_t id, const IncidentEnd *end);

/* Tells the run that it joined, unless that was done: `tell` is called while nobody else can, and what it returns is kept with what it
 * did. 1: told now; 0: told before, or it is not joined, or tell said false. */
int intake_tell(Intake *in, uint64_t id, bool (*tell)(void *ctx), void *ctx);

/* Removes at most so many that were over before then: ended, refused, or joined to one that is over as well. How many. A run that others
 * joined later is kept as long as the last of them. */
int intake_forget(Intake *in, const char *name, int64_t before, uint32_t most);

/* ---- to look at ---- */

/* 1, or 0: there is none. Texts in the arena. */
int intake_get(Intake *in, uint64_t id, Arena *arena, Incident *ret);
typedef struct IncidentList { Incident *items; uint32_t count; } IncidentList;
typedef enum IncidentsWanted { INCIDENTS_TO_DECIDE, INCIDENTS_GOING, INCIDENTS_ALL, INCIDENTS_UNTOLD } IncidentsWanted;
/* In the order in which they came. name: of one runbook, NULL of all. last: of ALL at most so many, the latest; 0 all. UNTOLD: joined
 * ones whose run has begun and has not been told. */
int intake_list(Intake *in, const char *name, IncidentsWanted wanted, uint32_t last, Arena *arena, IncidentList *ret);
/* Of one runbook the first `most` in that state behind the incident `after`. */
int intake_next(Intake *in, const char *name, IncidentState state, uint64_t after, uint32_t most, Arena *arena, IncidentList *ret);
/* The content of each, of whatever runbook. */
int intake_contents(Intake *in, void (*each)(void *ctx, const char *content), void *ctx);

#endif
