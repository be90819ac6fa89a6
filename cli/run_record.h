/* run_record: what a run's folder says of it besides the journal: in which world it is, who started it when, and what was
 * expected. Written once, as the last thing of making a run; with it and the journal the run can be rebuilt on any day, from
 * any folder: the inventory and the fault plan are copied beside it.
 *
 * record.json, format 1: approved, by, dry_run {despite, fails} (where it fails), expected {steps [[begin, end]], took}, format, incident {id, text} (of a standing runbook), ledger (a path, or ""), seed (as given, or ""),
 * site_dir, speed, start (ms
 * UTC), unproved (somebody insisted), world ("drill" or "live"). Beside it: inventory/ with the files of the inventory, faults.json if there was one,
 * journal.db, inbox.db, owner.lock, report.txt once it has ended. */
#ifndef TAGOUT_CLI_RUN_RECORD_H
#define TAGOUT_CLI_RUN_RECORD_H

#include "lang/arena.h"
#include "lang/buf.h"
#include "runtime/forecast.h"
#include <stdbool.h>
#include <stdint.h>

typedef enum RunWorld { WORLD_DRILL, WORLD_LIVE } RunWorld;

typedef struct ExpectedStep { int64_t begin, end; } ExpectedStep; /* ms from the start; -1: never */

typedef struct RunRecord {
  RunWorld world;
  double speed;             /* drill: simulated ms per real ms; 0: as fast as it goes */
  const char *seed;         /* "" none */
  int64_t start;            /* ms UTC, at which targets were frozen: simulated in a drill */
  const char *by;           /* who started it */
  const char *approved;     /* live: by whom, "board: ann, bob"; "" nobody was asked */
  bool unproved;            /* live, though its program is not proved: somebody insisted */
  const char *fails;        /* how the dry run of its start fails: "ends rolled back: ..."; "" it does not */
  const char *despite;      /* live: who insisted then, and why: "ann: the spare is in"; "" nobody */
  const char *site_dir;     /* absolute: where relative paths of programs start */
  const char *ledger;       /* live: the file that it shares with the other runs of the fleet; "" none */
  uint64_t incident;        /* that it serves; 0: none */
  const char *incident_text; /* "nvlink_switch, by ann, key T-1"; "" none */
  int64_t expected_took;    /* ms by the plan's dry run */
  const ExpectedStep *expected_steps;
  uint32_t expected_step_count;
} RunRecord;

bool record_exists(const char *dir);
void record_text(const RunRecord *r, Buf *out);                        /* what is written */
bool record_write(const char *dir, const Buf *text);                   /* false after saying why */
/* Is it still what it was when the run was made? False after saying that it is not. */
bool record_is(const char *dir, const char *text);
bool record_read(const char *dir, Arena *arena, RunRecord *ret);       /* false after saying why */
void record_expect(RunRecord *r, const Program *p, const Forecast *f, Arena *arena);

/* Copies an inventory (a file, or the tables of a folder) to inventory/; false after saying why. */
bool record_keep_inventory(const char *dir, const char *path);
const char *record_inventory(const char *dir, Arena *arena);           /* what to load; NULL after saying why */

/* Copies the files of a folder, not what is in folders in it. A folder that is not there is empty. False after saying why. */
bool record_copy_folder(Arena *arena, const char *from, const char *to);

/* "ends rolled back: ...; started despite it by ann: ...": what the record says of its dry run; "" nothing. The buffer is reset first. */
const char *record_dry_run(const RunRecord *r, Buf *out);

const char *user_name(Arena *arena);                                   /* who runs this program */

#endif
