/* tally: what has really come to pass in the runs of one command. A fault that is drawn and never comes, and a part of the language that
 * no run ever enters, would be tested by nobody: total.sh adds up what each command prints, and wants some of each. */
#ifndef TAGOUT_TESTS_SIM_TALLY_H
#define TAGOUT_TESTS_SIM_TALLY_H

#include "runtime/engine.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum Happening {
#define HAPPENING(name, text) HAPPENED_##name,
#include "tests/sim/tally.def"
#undef HAPPENING
  HAPPENING_COUNT
} Happening;

typedef struct Tally { uint64_t times[HAPPENING_COUNT]; } Tally;

static inline void happened(Tally *t, Happening what) { t->times[what]++; }
void tally_event(Tally *t, const Event *e);
void tally_note(Tally *t, const Note *n);
void tally_command(Tally *t, const Command *c);
void tally_print(const Tally *t); /* one line, `happened: TEXT N, TEXT N, ...` */

#endif
