/* worst: how long code of a strand may take when it is slow but succeeds: the longest way through it on which everything
 * ends ok, every action at its deadline, every wait and every person's answer at the last moment. Retries and what follows a
 * failure are not counted: how many members may fail is what tolerances say. Nor are readings. For starts near the end of a
 * window, and for gates that wait until the last safe moment.
 *
 * Never too short. A fan counts every member that it may have by then (possible.h) and takes as long as if each were its
 * slowest; calls through a service count as if they stood in one line; a duration that cannot be known yet has no bound. */
#ifndef TAGOUT_RUNTIME_WORST_H
#define TAGOUT_RUNTIME_WORST_H

#include "runtime/vm.h"

#define WORST_CAP (INT64_C(366) * 24 * 3600 * 1000) /* longer is not told apart */

/* ms from the instruction at pc to the end of the strand (HALT, MEMBER_DONE, UNDO_END, an exit). slots: LIMIT_SLOTS. */
int64_t worst_time(Vm *vm, uint32_t pc, const int64_t *slots);
/* ms that any of these members of the fan may need from its start to its end; back: an attempt in it rolls back at its very end.
 * slots: of the strand that opens the fan. */
int64_t worst_member(Vm *vm, const FanRow *fan, const uint32_t *members, uint32_t count, const int64_t *slots, bool back);

/* ms that the window must stay open when any of these members starts. hard: for the way back, too, unless the fan starts only
 * while it fits: that one is on the way back itself, as its runbook says. */
int64_t worst_start(Vm *vm, uint32_t pc, const uint32_t *members, uint32_t count, const int64_t *slots, bool hard);

/* The same for a statement of the main strand at pc, an action, a lockout or a setting: every try at its deadline. Of fan-outs before it in the
 * attempts around it as many members count as those have at work together; where there is none, all for whom the way back asks. */
int64_t worst_alone(Vm *vm, uint32_t pc, const int64_t *slots, bool hard);

/* A step whatever happens: every try at its deadline, whichever way its handlers go, late effects waited for. Not counted:
 * readings, waits for the budget or for the next opening of the window, a pause, and a person who tries again. */
typedef struct WorstStep {
  int64_t lasts;                 /* ms from its begin to its end; -1: it is not in the code */
  int64_t back;                  /* from the moment at which it is turned back to the end of the run: finish, undo and release together;
                                    -1: there is no roll back around it */
  int64_t starts;                /* the window must be open for so long when a member starts; -1: not asked for */
  int64_t finish, undo, release; /* who is at work finishes; the roll back; lockouts are released */
} WorstStep;

void worst_steps(Vm *vm, bool hard, WorstStep *out); /* out: one per step of the program */

#endif
