/* bring: every way in ends here: an incident is held against the plan that stands for it, its evidence is kept, then the incident
 * itself. Only what is on the disk is acknowledged. */
#ifndef TAGOUT_CLI_BRING_H
#define TAGOUT_CLI_BRING_H

#include "cli/desk_home.h"
#include "runtime/intake.h"

typedef enum Brought {
  BROUGHT_NEW,
  BROUGHT_BEFORE,   /* the same key, the same content: it is one incident */
  BROUGHT_WRONG,    /* a field, the form, its evidence: the sink says what */
  BROUGHT_NOBODY,   /* the sink says which name is meant */
  BROUGHT_CLASH,    /* its key is that of another incident: the sink says which */
  BROUGHT_NOT_KEPT  /* this machine cannot keep it now: the sink says why. Nothing is wrong with the incident */
} Brought;

typedef struct Bringing {
  const char *state;
  Intake *intake;
  DeskHome *home;   /* the desk that serves it; NULL: no plan has stood for it yet, and it is kept unseen */
  const char *way;  /* for people: "by ann", "from /spool/x.json", "by HTTP" */
  int64_t now;
} Bringing;

/* Attachments that are no addresses are paths of files. *ret_id: of the incident, also in a CLASH. */
Brought bring(const Bringing *b, const ArrivalText *a, Arena *arena, DiagSink *sink, uint64_t *ret_id);

/* incidents/queue.db of the state folder. NULL after saying why not. */
Intake *bring_queue(const char *state);

#endif
