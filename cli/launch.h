/* launch: from a plan to the folder of a run that nothing has been done of yet. Everything that may be refused is refused here,
 * before there is a run: a damaged or stale plan, a closed window, a site that cannot do it, no word from the person. */
#ifndef TAGOUT_CLI_LAUNCH_H
#define TAGOUT_CLI_LAUNCH_H

#include "cli/run_record.h"
#include "cli/verb.h"

/* A run of a standing runbook: its plan was made a moment ago from one that stands, is approved, and is not used up by it. */
typedef struct LaunchIncident {
  uint64_t id;
  const char *text;          /* for the record */
  const char *dir;           /* the folder that the run is to have */
  const char *approved;      /* by whom the plan that stands is approved */
  Buf *ret_blocker;          /* EXIT_INFEASIBLE: the run that has its member */
} LaunchIncident;

typedef struct Launch {
  const char *file;          /* its name, for messages */
  const char *plan;          /* the bytes of the plan */
  size_t plan_len;
  RunWorld world;
  bool world_by_plan;        /* nobody said: live when the plan names a site */
  double speed;
  const char *faults, *seed; /* of a drill; NULL none */
  const char *state;         /* the state folder */
  const char *by;
  bool yes;                  /* the person has agreed on the command line */
  bool unproved;             /* somebody insists on running what is not proved safe */
  const char *despite;       /* why somebody insists on running what fails in its dry run; NULL: nobody does */
  bool wait;                 /* a closed window is waited for */
  const LaunchIncident *incident; /* NULL: it serves none */
} Launch;

/* The folder of the new run in *ret_dir, in the arena; or the exit code after saying why there is none. */
ExitCode launch(const Launch *l, Arena *arena, const char **ret_dir);

#endif
