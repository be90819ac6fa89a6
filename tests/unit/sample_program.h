/* sample_program: a small program with a row in every table, for the tests of program files and of the verifier. */
#ifndef TAGOUT_TESTS_SAMPLE_PROGRAM_H
#define TAGOUT_TESTS_SAMPLE_PROGRAM_H

#include "lang/program_build.h"

enum { SAMPLE_RACK, SAMPLE_NODE }; /* kinds */

/* Tables of a fleet of racks and nodes, with an action, an automation and so on; no step yet. */
ProgramBuild *sample_library(Arena *arena);
/* A whole runbook on it. */
Program *sample_program(Arena *arena);
/* A region that leaves a number. */
CodeRef sample_number(ProgramBuild *b, int64_t value);
CodeRef sample_text(ProgramBuild *b, const char *text);
/* A region that collects the members of set 0 (nodes). */
CodeRef sample_nodes(ProgramBuild *b);

#endif
