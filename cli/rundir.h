/* rundir: where runs live, what they are called, and how a person names one. The state folder is $TAGOUT_STATE, else
 * $XDG_STATE_HOME/tagout, else ~/.local/state/tagout. In it, runs/ID/ holds everything of one run; ID is the second in which
 * it was made (UTC), the runbook's name and four characters: 20260105-190000-gb200_dc_power-r4kq. A folder is a run once its
 * record is in it (run_record.h), so that what a crash left half made is never taken for one. */
#ifndef TAGOUT_CLI_RUNDIR_H
#define TAGOUT_CLI_RUNDIR_H

#include "lang/arena.h"
#include <stdbool.h>
#include <stdint.h>

/* given: the option --state, or NULL. In the arena. */
const char *state_folder(Arena *arena, const char *given);
bool rundir_make(char *path); /* the folder and those above it; false after saying why */
/* What a run that is made now could be called. In the arena. */
const char *rundir_name(Arena *arena, const char *runbook, int64_t now);
/* A new, empty folder for a run of the runbook so named. NULL after saying why. */
const char *rundir_create(Arena *arena, const char *state, const char *runbook, int64_t now);
/* The run that is meant: an ID, its last four characters, a prefix that only one ID has, a path; the latest when word is
 * NULL. NULL after saying what there is instead. */
const char *rundir_find(Arena *arena, const char *state, const char *word);
/* The folders of all runs, by age; in the arena. */
const char *const *rundir_all(Arena *arena, const char *state, uint32_t *ret_count);
const char *rundir_id(const char *dir); /* the last part of its path */
void rundir_remove(const char *dir);    /* of a run that never was: everything in it goes */

#endif
