/* program_case: a text as a program, for unit tests of the runtime, whose headers have other meanings for some names of the
 * compiler's. */
#ifndef TAGOUT_TESTS_PROGRAM_CASE_H
#define TAGOUT_TESTS_PROGRAM_CASE_H

#include "lang/program.h"

struct Compilation;
typedef struct ProgramCase { struct Compilation *compilation; Arena *arena; const Program *program; } ProgramCase;

/* Of its first runbook. Fails the test on a mistake in it; `but`: errors of this code are passed over. */
ProgramCase program_case(const char *text, DiagCode but);
void program_case_done(ProgramCase *c); /* the arena and the program with it */

#endif
