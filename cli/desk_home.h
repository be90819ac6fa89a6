/* desk_home: what a standing runbook has in the state folder. desks/INCIDENT/ holds the plan that stands (standing.plan, with its
 * approvals beside it), desk.json, desk.lock, which the process that serves it holds, token for callers over HTTP, said/ with what the
 * runs said that could not begin. It stays when the desk is stopped: what comes meanwhile can be held against the plan. */
#ifndef TAGOUT_CLI_DESK_HOME_H
#define TAGOUT_CLI_DESK_HOME_H

#include "cli/verb.h"
#include "runtime/arrival_form.h"
#include "runtime/plan.h"

#define DESK_KEEP_DAYS 90    /* where nobody says otherwise */
#define DESK_KEEP_DAYS_MOST 36500

/* desk.json. Paths are absolute. */
typedef struct DeskRecord {
  const char *plan_file;     /* from which the plan was read */
  const char *fleet;         /* the inventory */
  const char *by;            /* who made it stand */
  const char *listen;        /* "127.0.0.1:8123", "" nobody listens */
  const char *folder;        /* that is watched, "" none */
  int64_t since;             /* ms UTC */
  uint32_t keep_days;        /* what is over is kept for so long */
  bool unproved;             /* somebody insisted */
} DeskRecord;

typedef struct DeskHome {
  Arena *arena;
  const char *state, *name, *dir;
  DeskRecord record;
  Plan *plan;
  const IncidentRow *form;
  Fleet *fleet;              /* as it was when it was asked for last; NULL not yet */
  int64_t stamp;             /* of its files then */
} DeskHome;

/* Could an incident be called so? A name of the language, so also one of a folder. */
bool desk_name_fits(const char *name);
const char *desk_dir(Arena *arena, const char *state, const char *name);
bool desk_exists(const char *state, const char *name);

/* Takes the desk: its lock is held until the descriptor is closed. Negative: another process has it, *ret_who says which, or the
 * folder cannot be written, which is said. Makes the folder. */
int desk_take(const char *dir, char *ret_who, size_t size);
/* Is it held by a living process? Then who. */
bool desk_served(const char *dir, char *ret_who, size_t size);

/* Puts the plan and the record there; desk_open reads them back. False after saying why not. */
bool desk_put(const char *dir, const char *plan, size_t len, const DeskRecord *record);
bool desk_note(const char *dir, const DeskRecord *record); /* the record alone */
/* EXIT_DONE, or the exit code after a diagnostic in the sink. In both cases desk_close. */
ExitCode desk_open(const char *state, const char *name, DiagSink *sink, DeskHome *ret);
void desk_close(DeskHome *h);
/* The inventory as it is now, read again when its files have changed. NULL after a diagnostic; the one before stays then. */
const Fleet *desk_fleet(DeskHome *h, DiagSink *sink);

#endif
